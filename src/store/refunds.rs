//! Money that goes back: what two persons say of it, and its entry in the books.

use chrono::{DateTime, FixedOffset, NaiveDate};
use sqlx::AssertSqlSafe;

use super::books::{CASES, CaseRecord, case};
use super::error::StoreError;
use super::group::Group;
use super::look::strange;
use crate::domain::{Account, Sen};

/// Money that went back to who paid it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// The day on which the bank sent it.
    pub on: NaiveDate,
    /// The reference of the bank.
    pub reference: String,
}

impl Refund {
    /// As it is kept; `None` where nothing is said.
    pub(super) fn read(on: Option<String>, reference: Option<String>) -> Result<Option<Refund>, StoreError> {
        let (Some(on), Some(reference)) = (on, reference) else { return Ok(None) };
        let day = on.parse().map_err(|_| strange("office_case.refunded_on", &on))?;
        Ok(Some(Refund { on: day, reference }))
    }
}

impl Group<'_> {
    /// A case as this group sees it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn case(&mut self, number: &str) -> Result<CaseRecord, StoreError> {
        let query = sqlx::query(AssertSqlSafe(format!("{CASES} and number = $1"))).bind(number.to_owned());
        let (store, transaction) = self.database();
        let row = store.wait(async { Ok::<_, StoreError>(query.fetch_optional(&mut **transaction).await?) })?;
        row.as_ref().map(case).transpose()?.ok_or_else(|| StoreError::NotFound(format!("case {number}")))
    }

    /// Books that the money of a case went back: it leaves suspense, and the bank that FPX pays into. The entry is about
    /// the case, not the payment, whose own entry says what came.
    ///
    /// # Errors
    /// [`StoreError::Unbalanced`] where the case is about no money; or of the database.
    pub fn book_refund(&mut self, case: &CaseRecord, now: DateTime<FixedOffset>) -> Result<i64, StoreError> {
        let amounts = [(Account::Suspense, case.amount), (Account::BankFpx, Sen(-case.amount.0))];
        self.book(&case.number, &case.employer_code, now, &amounts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_has_its_day_and_its_reference() {
        let read = |on: Option<&str>, reference: Option<&str>| {
            Refund::read(on.map(str::to_owned), reference.map(str::to_owned))
        };
        let whole = read(Some("2026-11-20"), Some("R1")).expect("read").expect("a refund");
        assert_eq!((whole.on.to_string().as_str(), whole.reference.as_str()), ("2026-11-20", "R1"));
        assert_eq!(read(None, None).expect("read"), None);
        assert!(read(Some("2026-11-31"), Some("R1")).is_err(), "no such day");
    }
}
