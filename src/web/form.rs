//! Forms and questions in addresses, taken apart. Ours are small; whatever is odd is refused.

/// The most fields that are looked at.
const MOST_FIELDS: usize = 64;

/// Names and values of a form or of the part of an address behind `?`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Takes `name=value&…` apart; `None` where it is no such text, not UTF-8, too long, or names a field twice.
    pub fn read(text: &[u8]) -> Option<Fields> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for piece in text.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
            let equals = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
            let name = decode(&piece[..equals])?;
            let value = decode(piece.get(equals + 1..).unwrap_or_default())?;
            if fields.len() == MOST_FIELDS || fields.iter().any(|(known, _)| *known == name) {
                return None;
            }
            fields.push((name, value));
        }
        Some(Fields(fields))
    }

    /// A value without blanks around it; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }
}

fn decode(coded: &[u8]) -> Option<String> {
    let mut plain = Vec::with_capacity(coded.len());
    let mut rest = coded.iter();
    while let Some(byte) = rest.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|digit| char::from(*digit).to_digit(16));
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => *other,
        });
    }
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found() {
        let fields = Fields::read(b"a=1+2%2B&b==&c&d=%C3%A9").expect("a form");
        assert_eq!([fields.get("a"), fields.get("b"), fields.get("c"), fields.get("d")], ["1 2+", "=", "", "é"]);
        assert_eq!(Fields::read(b""), Some(Fields::default()));
        for wrong in [&b"a=%"[..], b"a=%4", b"a=%4G", b"a=%FF", b"a=1&a=2"] {
            assert_eq!(Fields::read(wrong), None, "{wrong:?}");
        }
        let many = |count: usize| (0..count).map(|at| format!("f{at}=")).collect::<Vec<_>>().join("&");
        assert!(Fields::read(many(MOST_FIELDS).as_bytes()).is_some());
        assert!(Fields::read(many(MOST_FIELDS + 1).as_bytes()).is_none());
    }
}
