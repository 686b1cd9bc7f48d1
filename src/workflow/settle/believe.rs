//! Is it FPX's word? Asked before the lock is taken, of many messages on all processors.

use chrono::{DateTime, FixedOffset};
use rayon::prelude::*;

use super::Incoming;
use crate::fpx::message::{BankAnswer, Layout, MessageError, Received};
use crate::fpx::sign::{FpxCertificates, SignatureError};

/// From so many messages on, threads are worth their while.
const MANY: usize = 4;

/// A message that is proven.
pub(super) struct Believed {
    /// SHA-256 of what was signed.
    pub digest: [u8; 32],
    /// What it says.
    pub answer: BankAnswer,
    /// Serial number of the certificate that proved it.
    pub certificate: String,
}

/// A message, judged.
pub(super) enum Heard {
    /// FPX said it.
    Believed(Box<Believed>),
    /// It cannot be believed: why, and whether that is our own fault.
    Stray { reason: String, alarm: bool },
}

impl Heard {
    /// The order it names, where it is proven.
    pub fn order(&self) -> Option<&str> {
        match self {
            Heard::Believed(believed) => Some(&believed.answer.exchange_order_number),
            Heard::Stray { .. } => None,
        }
    }
}

/// Judges messages; the answers are in their order.
pub(super) fn believe_all(
    certificates: &FpxCertificates,
    incoming: &[Incoming],
    now: DateTime<FixedOffset>,
) -> Vec<Heard> {
    let one = |message: &Incoming| believe(certificates, &message.body, now);
    if incoming.len() < MANY { incoming.iter().map(one).collect() } else { incoming.par_iter().map(one).collect() }
}

fn believe(certificates: &FpxCertificates, body: &[u8], now: DateTime<FixedOffset>) -> Heard {
    let faulty = |error: MessageError| Heard::Stray { reason: error.to_string(), alarm: false };
    if body.trim_ascii().is_empty() {
        return Heard::Stray { reason: "the body is empty".to_owned(), alarm: false };
    }
    let received = match Received::read(Layout::Answer, body) {
        Ok(received) => received,
        Err(error) => return faulty(error),
    };
    let digest = received.digest();
    let verified = match received.verify(certificates, now) {
        Ok(verified) => verified,
        Err(error) => {
            let alarm = matches!(error, SignatureError::NoneInForce(_) | SignatureError::OutOfDays(_));
            return Heard::Stray { reason: error.to_string(), alarm };
        }
    };
    match BankAnswer::from_verified(&verified) {
        Ok(answer) => {
            let certificate = verified.certificate().unwrap_or_default().to_owned();
            Heard::Believed(Box::new(Believed { digest, answer, certificate }))
        }
        Err(error) => faulty(error),
    }
}
