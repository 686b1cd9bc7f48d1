//! What the simulator does wrongly on request: everything that a line, a bank or a forger can do to a merchant.

use std::str::FromStr;

use chrono::Duration;

use crate::fpx::codes::ResponseCode;

/// How often a direct message is sent when nobody answers `OK`.
const RESEND: u32 = 5;
/// How long it waits before it sends one again.
const RESEND_EVERY: Duration = Duration::seconds(60);
/// The longest wait that can be asked for, in seconds: a month.
const LONGEST_SECONDS: i64 = 31 * 86_400;

/// Which message comes first, that of the server or that of the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessageOrder {
    /// The server's, and the browser after it; as FPX has it.
    #[default]
    DirectFirst,
    /// The browser's, the server's two seconds later.
    IndirectFirst,
    /// Both at the same time.
    Together,
}

/// How questions (AE) are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EnquiryFault {
    /// Rightly.
    #[default]
    None,
    /// With the word `ERROR`.
    Error,
    /// With nothing.
    Empty,
    /// With the HTTP status 500.
    Status500,
    /// Rightly, so much later.
    Slow(Duration),
    /// Rightly, after an empty line.
    LeadingNewline,
}

/// The credit code of an approval.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CreditFault {
    /// 00 at once.
    #[default]
    None,
    /// Empty in the messages, 00 when asked.
    Later,
    /// Another code.
    Code(ResponseCode),
}

/// Every fault, all off at first. Those of content spoil the messages that FPX sends by itself; the answer to a question
/// (AE) tells the truth, so that a merchant can find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// No direct message at all.
    pub drop_direct: bool,
    /// The direct message is so much late.
    pub delay_direct: Duration,
    /// It is sent so many times, from 1 to 5.
    pub copies: u32,
    /// Which message comes first.
    pub order: MessageOrder,
    /// The browser does not come back.
    pub drop_indirect: bool,
    /// So many times it is sent again until `OK` comes.
    pub resend: u32,
    /// After so much time each.
    pub resend_every: Duration,
    /// Messages are signed by a stranger.
    pub wrong_signature: bool,
    /// Everything is signed with the next certificate.
    pub sign_with_next: bool,
    /// The amount is one sen more, and signed.
    pub changed_amount: bool,
    /// The code is `ZZ`.
    pub unknown_code: bool,
    /// Everything carries `fpx_xtraInfo`.
    pub extra_field: bool,
    /// Every checksum has small letters.
    pub lower_case: bool,
    /// The credit code of approvals.
    pub credit: CreditFault,
    /// How questions are answered.
    pub enquiry: EnquiryFault,
    /// So many questions about each payment are answered with 76 first.
    pub not_found_first: u32,
    /// A payment that failed is approved so much later.
    pub late_approval: Option<Duration>,
    /// The list of banks names one that nobody knows.
    pub unknown_bank: bool,
    /// A bank has a status that is neither A nor B.
    pub odd_status: bool,
    /// The list of banks is signed by a stranger.
    pub bank_list_signature: bool,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults {
            drop_direct: false,
            delay_direct: Duration::zero(),
            copies: 1,
            order: MessageOrder::default(),
            drop_indirect: false,
            resend: RESEND,
            resend_every: RESEND_EVERY,
            wrong_signature: false,
            sign_with_next: false,
            changed_amount: false,
            unknown_code: false,
            extra_field: false,
            lower_case: false,
            credit: CreditFault::default(),
            enquiry: EnquiryFault::default(),
            not_found_first: 0,
            late_approval: None,
            unknown_bank: false,
            odd_status: false,
            bank_list_signature: false,
        }
    }
}

/// No such fault, or not with such a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault \"{0}\"; write one of: {names}", names = NAMES.join(", "))]
pub struct NoSuchFault(pub String);

/// Names of faults as they are written, `N` a number, `S` seconds.
pub const NAMES: [&str; 24] = [
    "drop-direct",
    "delay-direct=S",
    "copies=N",
    "indirect-first",
    "together",
    "drop-indirect",
    "resend=N",
    "resend-every=S",
    "wrong-signature",
    "sign-with-next",
    "changed-amount",
    "unknown-code",
    "extra-field",
    "lower-case",
    "credit-later",
    "credit-code=CC",
    "enquiry-error",
    "enquiry-empty",
    "enquiry-500",
    "enquiry-slow=S",
    "enquiry-newline",
    "enquiry-not-found=N",
    "late-approval=S",
    "bank-list=unknown|status|signature",
];

impl Faults {
    /// Switches on the fault of one text, such as `drop-direct` or `resend=3`.
    ///
    /// # Errors
    /// [`NoSuchFault`].
    pub fn switch_on(&mut self, text: &str) -> Result<(), NoSuchFault> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let done = match value {
            None => self.without_value(name),
            Some(value) => self.with_value(name, value),
        };
        done.ok_or_else(|| NoSuchFault(text.to_owned()))
    }

    /// All of these, on top of none.
    ///
    /// # Errors
    /// [`NoSuchFault`], the first.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Faults, NoSuchFault> {
        let mut faults = Faults::default();
        texts.into_iter().try_for_each(|text| faults.switch_on(text))?;
        Ok(faults)
    }

    fn without_value(&mut self, name: &str) -> Option<()> {
        match name {
            "drop-direct" => self.drop_direct = true,
            "indirect-first" => self.order = MessageOrder::IndirectFirst,
            "together" => self.order = MessageOrder::Together,
            "drop-indirect" => self.drop_indirect = true,
            "wrong-signature" => self.wrong_signature = true,
            "sign-with-next" => self.sign_with_next = true,
            "changed-amount" => self.changed_amount = true,
            "unknown-code" => self.unknown_code = true,
            "extra-field" => self.extra_field = true,
            "lower-case" => self.lower_case = true,
            "credit-later" => self.credit = CreditFault::Later,
            "enquiry-error" => self.enquiry = EnquiryFault::Error,
            "enquiry-empty" => self.enquiry = EnquiryFault::Empty,
            "enquiry-500" => self.enquiry = EnquiryFault::Status500,
            "enquiry-newline" => self.enquiry = EnquiryFault::LeadingNewline,
            _ => return None,
        }
        Some(())
    }

    fn with_value(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "delay-direct" => self.delay_direct = seconds(value)?,
            "copies" => self.copies = number(value).filter(|count| (1..=5).contains(count))?,
            "resend" => self.resend = number(value)?,
            "resend-every" => self.resend_every = seconds(value)?,
            "credit-code" => {
                let code = ResponseCode::read(value).filter(|code| code.as_str().len() == 2)?;
                self.credit = CreditFault::Code(code);
            }
            "enquiry-slow" => self.enquiry = EnquiryFault::Slow(seconds(value)?),
            "enquiry-not-found" => self.not_found_first = number(value)?,
            "late-approval" => self.late_approval = Some(seconds(value)?),
            "bank-list" => match value {
                "unknown" => self.unknown_bank = true,
                "status" => self.odd_status = true,
                "signature" => self.bank_list_signature = true,
                _ => return None,
            },
            _ => return None,
        }
        Some(())
    }
}

impl FromStr for Faults {
    type Err = NoSuchFault;

    /// Faults separated by blanks or commas.
    fn from_str(text: &str) -> Result<Faults, NoSuchFault> {
        Faults::of(text.split([' ', ',']).filter(|one| !one.is_empty()))
    }
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number <= 1000)
}

fn seconds(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|seconds| (0..=LONGEST_SECONDS).contains(seconds)).map(Duration::seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_switches_something_on() {
        for name in NAMES {
            let texts = match name.split_once('=') {
                None => vec![name.to_owned()],
                Some((name, "S")) => vec![format!("{name}=7")],
                Some((name, "N")) => vec![format!("{name}=3")],
                Some((name, "CC")) => vec![format!("{name}=88")],
                Some((name, values)) => values.split('|').map(|value| format!("{name}={value}")).collect(),
            };
            for text in texts {
                let faults = Faults::of([text.as_str()]).expect("a fault");
                assert_ne!(faults, Faults::default(), "{text}");
            }
        }
        let faults: Faults = "drop-direct,resend=0 copies=5".parse().expect("faults");
        assert_eq!((faults.drop_direct, faults.resend, faults.copies), (true, 0, 5));
    }

    #[test]
    fn what_is_no_fault_is_said() {
        for text in [
            "",
            "drop",
            "drop-direct=1",
            "copies",
            "copies=0",
            "copies=6",
            "resend=-1",
            "resend=1001",
            "delay-direct=-1",
            "delay-direct=2678401",
            "credit-code=8",
            "bank-list=x",
        ] {
            assert_eq!(Faults::of([text]), Err(NoSuchFault(text.to_owned())), "{text}");
        }
        assert!(NoSuchFault("x".to_owned()).to_string().contains("enquiry-slow=S"));
        assert!(Faults::of(["delay-direct=2678400", "resend=1000", "copies=1"]).is_ok());
    }
}
