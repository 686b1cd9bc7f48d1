//! Acknowledgements that wait for the employer's second person: they have no number of the series until he or she agrees.

use chrono::{DateTime, FixedOffset};
use sqlx::Row;

use super::error::StoreError;
use super::group::{ACKNOWLEDGEMENTS, Group};
use super::number::{malaysian, number, period_of, series_of};
use super::records::{NewAcknowledgement, SubmissionNumber};
use super::rows::Value;
use crate::domain::Scheme;
use crate::domain::states::{AcknowledgementEvent as Event, AcknowledgementState as State};

/// What stands in the place of a number until one is given: `DRAFT-S-000123-ACT4`.
pub fn draft_number(submission: SubmissionNumber, scheme: Scheme) -> String {
    format!("DRAFT-{submission}-{}", scheme.id().to_uppercase())
}

impl Group<'_> {
    /// Keeps an acknowledgement that waits for approval; gives what stands in the place of its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn ask_approval(
        &mut self,
        new: NewAcknowledgement,
        submission: SubmissionNumber,
    ) -> Result<String, StoreError> {
        let state = State::Draft.next(Event::AskApproval).expect("a draft can wait for approval");
        let number = draft_number(submission, new.scheme);
        self.repeats.acknowledge(new.submission, new.scheme, &number);
        let row = [
            Value::Text(number.clone()),
            Value::Whole(new.submission.0),
            Value::Text(new.employer_code),
            Value::Text(new.scheme.id().to_owned()),
            Value::Text(state.id().to_owned()),
            Value::Whole(i64::try_from(new.people).unwrap_or(i64::MAX)),
            Value::Whole(new.total.0),
            Value::Text(new.frozen),
            Value::Text(malaysian(new.received_at).to_rfc3339()),
        ];
        self.push(ACKNOWLEDGEMENTS, row)?;
        Ok(number)
    }

    /// Gives a waiting acknowledgement its number and what it says for ever.
    ///
    /// # Errors
    /// [`StoreError::Step`] when it does not wait any more; [`StoreError::SeriesFull`]; or of the database.
    pub fn approve(
        &mut self,
        draft: &str,
        scheme: Scheme,
        frozen: String,
        now: DateTime<FixedOffset>,
    ) -> Result<String, StoreError> {
        let state = State::AwaitingApproval.next(Event::Submit).expect("what waits can be submitted");
        let serial = self.next_serial(series_of(scheme), &period_of(now))?;
        let given = number(scheme, now, serial);
        self.flush()?;
        let sql = "update acknowledgement set number = $1, state = $2, frozen = $3, received_at = $4 \
                   where number = $5 and state = $6 returning number";
        let query = sqlx::query(sql).bind(given.clone()).bind(state.id()).bind(frozen);
        let query = query.bind(malaysian(now).to_rfc3339()).bind(draft.to_owned()).bind(State::AwaitingApproval.id());
        let (store, transaction) = self.database();
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        let row = row.ok_or_else(|| StoreError::Step { subject: draft.to_owned(), found: "not waiting".to_owned() })?;
        self.repeats.forget();
        Ok(row.try_get(0)?)
    }
}
