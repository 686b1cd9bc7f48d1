//! From a number to a mail: the acknowledgement as it was printed, with words for the employer.

use super::print::{Form, PrintError, frozen_of, print_form};
use crate::notify::{AcknowledgementMail, Envelope, MailMonth, NotifyError, acknowledgement_mail};
use crate::store::{Store, StoreError};

/// Why a mail could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The document.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// The mail.
    #[error(transparent)]
    Notify(#[from] NotifyError),
}

impl From<StoreError> for MailError {
    fn from(error: StoreError) -> Self {
        MailError::Print(error.into())
    }
}

/// The mail that carries an acknowledgement, as an `.eml` file; the PDF is rendered and kept if it was not yet. Sends
/// nothing.
///
/// # Errors
/// [`MailError`].
pub fn mail_acknowledgement(store: &Store, number: &str, envelope: &Envelope) -> Result<Vec<u8>, MailError> {
    let record = store.acknowledgement(number)?;
    let frozen = frozen_of(&record)?;
    let pdf = print_form(store, &record.number, Form::Acknowledgement, envelope.at)?;
    let months = frozen.months.iter().map(|month| MailMonth {
        month: month.month,
        people: month.people,
        total: month.total,
        due_date: month.due_date,
    });
    let mail = AcknowledgementMail {
        months: months.collect(),
        issuer: frozen.issuer,
        number: record.number,
        scheme: frozen.scheme,
        employer_code: frozen.employer_code,
        held_lines: frozen.held_lines,
    };
    let bytes = acknowledgement_mail(&mail, envelope, pdf)?;
    tracing::info!(number = %mail.number, bytes = bytes.len(), "mail composed");
    Ok(bytes)
}
