//! A form as the simulator sees it: names and values, believed or not. It reads and signs by the prescription itself, not
//! with the client's own types, so that a fault of theirs is not repeated here.

use std::collections::BTreeMap;

use crate::fpx::message::{Layout, MessageError, decode_form, encode_form};
use crate::fpx::sign::{KeyFault, MerchantKey, PublicKey};

/// The field that carries the signature.
const CHECKSUM: &str = "fpx_checkSum";

/// What came, by name.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Form {
    values: BTreeMap<String, String>,
}

/// What is wrong with the fields of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldFault {
    /// One is not there.
    Missing,
    /// One is too long, or holds a pipe.
    Value,
}

impl Form {
    /// Takes a body apart.
    pub(super) fn read(body: &[u8]) -> Result<Form, MessageError> {
        let mut values = BTreeMap::new();
        for (name, value) in decode_form(body)? {
            if values.insert(name.clone(), value).is_some() {
                return Err(MessageError::Repeated(name));
            }
        }
        Ok(Form { values })
    }

    /// The value of a field; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// What is wrong with its fields.
    pub(super) fn fault(&self, layout: Layout) -> Option<FieldFault> {
        let there = |name: &str| self.values.contains_key(name);
        if !there(CHECKSUM) || layout.names().any(|(name, _)| !there(name)) {
            return Some(FieldFault::Missing);
        }
        let sound = |name: &str, most: usize| self.get(name).chars().count() <= most && !self.get(name).contains('|');
        (!layout.names().all(|(name, most)| sound(name, most))).then_some(FieldFault::Value)
    }

    /// Whether the holder of the key signed it.
    pub(super) fn is_signed_by(&self, layout: Layout, key: &PublicKey) -> bool {
        let values: Vec<_> = layout.names().map(|(name, _)| self.get(name)).collect();
        key.verify(&[values.join("|").into_bytes()], self.get(CHECKSUM)).is_ok()
    }

    /// Whether both say the same but for their type and signature.
    pub(super) fn says_the_same(&self, other: &Form) -> bool {
        let mut names = Layout::Request.names().filter(|(name, _)| *name != "fpx_msgType");
        names.all(|(name, _)| self.get(name) == other.get(name))
    }
}

/// How a message leaves, rightly or not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Dress {
    /// The checksum in small letters.
    pub(super) lower_case: bool,
    /// With `fpx_xtraInfo`, which nobody signs.
    pub(super) extra_field: bool,
    /// Where the order of the fields comes from.
    pub(super) seed: u64,
}

/// Signs values in the order of their checksum and shuffles them.
pub(super) fn signed(
    values: Vec<(&'static str, String)>,
    key: &MerchantKey,
    dress: Dress,
) -> Result<Vec<(String, String)>, KeyFault> {
    let source: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
    let checksum = key.sign(source.join("|").as_bytes())?;
    let checksum = if dress.lower_case { checksum.to_lowercase() } else { checksum };
    let mut fields: Vec<_> = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    fields.push((CHECKSUM.to_owned(), checksum));
    if dress.extra_field {
        fields.push(("fpx_xtraInfo".to_owned(), "000000".to_owned()));
    }
    shuffle(&mut fields, dress.seed);
    Ok(fields)
}

/// The body of a POST.
pub(super) fn body(fields: &[(String, String)]) -> String {
    encode_form(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Another order for every seed, the same for the same one.
pub(super) fn shuffle<T>(list: &mut [T], seed: u64) {
    let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    for last in (1..list.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = usize::try_from((state >> 33) % (last as u64 + 1)).unwrap_or(0);
        list.swap(last, place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_shuffled_and_none_is_lost() {
        let mut seen: Vec<u32> = (0..22).collect();
        shuffle(&mut seen, 1);
        let first = seen.clone();
        assert_ne!(first, (0..22).collect::<Vec<_>>());
        let mut other: Vec<u32> = (0..22).collect();
        shuffle(&mut other, 2);
        assert_ne!(first, other);
        seen.sort_unstable();
        assert_eq!(seen, (0..22).collect::<Vec<_>>());
    }

    #[test]
    fn faults_of_fields_are_told_apart() {
        let whole: Vec<String> =
            Layout::BankListRequest.names().map(|(name, most)| format!("{name}={}", "1".repeat(most))).collect();
        let whole = format!("{}&fpx_checkSum=00", whole.join("&"));
        let fault = |body: &str| Form::read(body.as_bytes()).expect("a form").fault(Layout::BankListRequest);
        assert_eq!(fault(&whole), None);
        assert_eq!(fault(&whole.replace("fpx_version", "fpx_other")), Some(FieldFault::Missing));
        assert_eq!(fault(&whole.replace("fpx_checkSum", "fpx_other")), Some(FieldFault::Missing));
        assert_eq!(fault(&whole.replace("fpx_version=111", "fpx_version=1111")), Some(FieldFault::Value));
        assert_eq!(fault(&whole.replace("fpx_version=111", "fpx_version=1|1")), Some(FieldFault::Value));
        assert!(Form::read(format!("{whole}&fpx_version=7").as_bytes()).is_err());
    }
}
