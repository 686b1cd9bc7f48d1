//! Appeals against charges, and how they were decided.

use chrono::{DateTime, FixedOffset};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::Store;
use super::bound::{APPEAL, values};
use super::charges::CHARGES;
use super::error::StoreError;
use super::group::Group;
use super::look::strange;
use super::number::malaysian;
use crate::domain::{ChargeEvent, ChargeState, Sen};

/// How an appeal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppealOutcome {
    /// Nothing is asked any more.
    Waived,
    /// So much is asked instead.
    Cut(Sen),
    /// It stays as it was.
    Kept,
}

impl AppealOutcome {
    /// The name kept and printed.
    pub const fn id(self) -> &'static str {
        match self {
            AppealOutcome::Waived => "waived",
            AppealOutcome::Cut(_) => "cut",
            AppealOutcome::Kept => "kept",
        }
    }
}

/// An appeal against a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppealRecord {
    /// The charge.
    pub charge: String,
    /// Counted from 1 for each charge.
    pub number: i64,
    /// When, RFC 3339.
    pub applied_at: String,
    /// Who.
    pub applied_by: String,
    /// Why.
    pub reason: String,
    /// When it was decided, RFC 3339.
    pub decided_at: Option<String>,
    /// By whom.
    pub decided_by: Option<String>,
    /// How; `None` while it is open.
    pub outcome: Option<AppealOutcome>,
}

impl Group<'_> {
    /// Records an appeal: the charge is not asked until it is decided. Gives the appeal's number.
    ///
    /// # Errors
    /// As [`Group::move_charge`].
    pub fn appeal(
        &mut self,
        charge: &str,
        (who, reason): (&str, &str),
        moment: DateTime<FixedOffset>,
    ) -> Result<i64, StoreError> {
        self.move_charge(charge, ChargeEvent::Appeal, None, moment)?;
        let (store, transaction) = self.database();
        let at = malaysian(moment).to_rfc3339();
        let number = store.wait(async {
            let sql = "select coalesce(max(number), 0) + 1 from appeal where charge = $1";
            let number: i64 = sqlx::query(sql).bind(charge).fetch_one(&mut **transaction).await?.try_get(0)?;
            let sql = "insert into appeal (charge, number, applied_at, applied_by, reason) values ($1, $2, $3, $4, $5)";
            let query = sqlx::query(sql).bind(charge).bind(number).bind(at).bind(who).bind(reason);
            query.execute(&mut **transaction).await?;
            Ok::<_, StoreError>(number)
        })?;
        self.keep_last_appeal(charge, moment)?;
        Ok(number)
    }

    /// Who lodged the open appeal against a charge, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_appeal(&mut self, charge: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query("select applied_by from appeal where charge = $1 and outcome is null").bind(charge);
        let (store, transaction) = self.database();
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Decides the open appeal against a charge.
    ///
    /// # Errors
    /// As [`Group::move_charge`]: it is not under appeal.
    pub fn decide_appeal(
        &mut self,
        charge: &str,
        outcome: AppealOutcome,
        who: &str,
        at: DateTime<FixedOffset>,
    ) -> Result<ChargeState, StoreError> {
        let (event, amount) = match outcome {
            AppealOutcome::Waived => (ChargeEvent::Waive, Some(Sen::ZERO)),
            AppealOutcome::Cut(amount) => (ChargeEvent::Cut, Some(amount)),
            AppealOutcome::Kept => (ChargeEvent::Keep, None),
        };
        let moment = at;
        let (store, transaction) = self.database();
        let at = malaysian(at).to_rfc3339();
        let decided = store.wait(async {
            let sql = "update appeal set decided_at = $1, decided_by = $2, outcome = $3, amount_sen = $4 \
                       where charge = $5 and outcome is null";
            let query = sqlx::query(sql).bind(at).bind(who).bind(outcome.id()).bind(amount.map(|sen| sen.0));
            Ok::<_, StoreError>(query.bind(charge).execute(&mut **transaction).await?.rows_affected())
        })?;
        let state = self.move_charge(charge, event, amount, moment)?;
        for row in self.rows_where(&format!("{CHARGES} and number"), "", &[charge.to_owned()])? {
            self.keep_charge(&super::charges::charge(&row)?, moment);
        }
        self.keep_last_appeal(charge, moment)?;
        // A charge under appeal has its appeal: both are written in one transaction.
        if decided == 1 { Ok(state) } else { Err(strange("appeal", charge)) }
    }

    /// What the last appeal against a charge says, as it is written: who lodged it, and who decided it how.
    fn keep_last_appeal(&mut self, charge: &str, at: DateTime<FixedOffset>) -> Result<(), StoreError> {
        let columns = APPEAL.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let sql = format!("select 0, {columns} from appeal where charge = $1 order by number desc limit 1");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(charge);
        let (store, transaction) = self.database();
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        if let Some(row) = row {
            let values = values(&row, &APPEAL)?;
            self.keep_facts(&APPEAL, charge, &values.iter().collect::<Vec<_>>(), at);
        }
        Ok(())
    }
}

impl Store {
    /// Appeals against a charge, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn appeals(&self, charge: &str) -> Result<Vec<AppealRecord>, StoreError> {
        let sql = "select charge, number, applied_at, applied_by, reason, decided_at, decided_by, outcome, amount_sen \
                   from appeal where charge = $1 order by number";
        let query = sqlx::query(sql).bind(charge.to_owned());
        let rows = self.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.readers).await?) })?;
        rows.iter().map(appeal).collect()
    }
}

fn appeal(row: &AnyRow) -> Result<AppealRecord, StoreError> {
    let (outcome, amount): (Option<String>, Option<i64>) = (row.try_get(7)?, row.try_get(8)?);
    let outcome = match (outcome.as_deref(), amount) {
        (None, _) => None,
        (Some("waived"), _) => Some(AppealOutcome::Waived),
        (Some("kept"), _) => Some(AppealOutcome::Kept),
        (Some("cut"), Some(amount)) => Some(AppealOutcome::Cut(Sen(amount))),
        (Some(other), _) => return Err(strange("appeal.outcome", other)),
    };
    Ok(AppealRecord {
        charge: row.try_get(0)?,
        number: row.try_get(1)?,
        applied_at: row.try_get(2)?,
        applied_by: row.try_get(3)?,
        reason: row.try_get(4)?,
        decided_at: row.try_get(5)?,
        decided_by: row.try_get(6)?,
        outcome,
    })
}
