//! Acknowledgements and charges on their way through a payment: read and moved many at once.

use std::collections::{HashMap, HashSet};

use sqlx::{AssertSqlSafe, Row};

use super::charges::{CHARGES, ChargeRecord, charge};
use super::dialect::placeholders;
use super::error::StoreError;
use super::group::Group;
use super::look::{ACKNOWLEDGEMENTS, acknowledgement};
use super::records::AcknowledgementRecord;
use super::rows::LADDER;
use crate::domain::states::{AcknowledgementEvent, AcknowledgementState};

impl Group<'_> {
    /// These acknowledgements, by number, as this group sees them; numbers that are not known are left out.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn acknowledgements_by_number(
        &mut self,
        numbers: &[String],
    ) -> Result<HashMap<String, AcknowledgementRecord>, StoreError> {
        self.flush()?;
        let rows = self.rows_where(&format!("{ACKNOWLEDGEMENTS} and a.number"), "", numbers)?;
        rows.iter().map(|row| acknowledgement(row).map(|record| (record.number.clone(), record))).collect()
    }

    /// These charges, by number, as this group sees them; numbers that are not known are left out.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn charges_by_number(&mut self, numbers: &[String]) -> Result<HashMap<String, ChargeRecord>, StoreError> {
        self.flush()?;
        let rows = self.rows_where(&format!("{CHARGES} and number"), "", numbers)?;
        rows.iter().map(|row| charge(row).map(|record| (record.number.clone(), record))).collect()
    }

    /// Which of these charges were ever appealed against.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn appealed(&mut self, charges: &[String]) -> Result<HashSet<String>, StoreError> {
        let rows = self.rows_where("select charge from appeal where charge", "", charges)?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Moves acknowledgements that are all in one state through the states that the events lead to, as one step. None
    /// of them may be withdrawn this way ([`Group::move_acknowledgement`] does more then).
    ///
    /// # Errors
    /// [`StoreError::Step`] when an event cannot happen or one of them was moved meanwhile; or of the database.
    pub fn walk_acknowledgements(
        &mut self,
        numbers: &[String],
        from: AcknowledgementState,
        events: &[AcknowledgementEvent],
    ) -> Result<AcknowledgementState, StoreError> {
        let step = || StoreError::Step { subject: numbers.join(", "), found: from.to_string() };
        let to = events.iter().try_fold(from, |state, event| state.next(*event)).ok_or_else(step)?;
        if to == AcknowledgementState::Removed {
            return Err(step());
        }
        self.flush()?;
        let mut rest = numbers;
        for height in LADDER {
            while let Some((these, after)) = rest.split_at_checked(height) {
                let places = placeholders(3, height);
                let sql = format!("update acknowledgement set state = $1 where state = $2 and number in ({places})");
                let query = sqlx::query(AssertSqlSafe(sql)).bind(to.id()).bind(from.id());
                let query = these.iter().fold(query, |query, number| query.bind(number.clone()));
                if self.execute(query)? != height as u64 {
                    return Err(step());
                }
                rest = after;
            }
        }
        Ok(to)
    }
}
