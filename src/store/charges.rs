//! Charges beside contributions: late interest and compounds.

use chrono::{DateTime, FixedOffset, NaiveDate};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::Store;
use super::bound::{CHARGE, STANDS};
use super::error::StoreError;
use super::facts::maybe;
use super::group::Group;
use super::look::strange;
use super::number::{charge_number, charge_series_of, period_of};
use super::rows::Value;
use crate::domain::{ChargeEvent, ChargeKind, ChargeState, ContributionMonth, Scheme, Sen};

pub(super) const CHARGES: &str = "select number, kind, employer_code, scheme, acknowledgement, month, assessed_sen, amount_sen, state, \
     basis, assessed_on from charge where 1 = 1";

/// A charge to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCharge {
    /// Late interest or a compound.
    pub kind: ChargeKind,
    /// Who is asked.
    pub employer_code: String,
    /// Act.
    pub scheme: Scheme,
    /// For interest: the ACR or ECR that was late, where it is one of ours.
    pub acknowledgement: Option<String>,
    /// The contribution month, where it is one.
    pub month: Option<ContributionMonth>,
    /// What the law or the notice asks, sen; it stays.
    pub assessed: Sen,
    /// What is asked after a concession, sen. Nothing left: the charge is waived from the beginning.
    pub amount: Sen,
    /// How the sum came about, JSON without identities.
    pub basis: String,
    /// The day from which it is asked.
    pub assessed_on: NaiveDate,
}

/// A charge as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeRecord {
    /// `FCL…` for interest, `KMP…` for a compound.
    pub number: String,
    /// Late interest or a compound.
    pub kind: ChargeKind,
    /// Who is asked.
    pub employer_code: String,
    /// Act.
    pub scheme: Scheme,
    /// For interest: the ACR or ECR that was late.
    pub acknowledgement: Option<String>,
    /// The contribution month, where it is one.
    pub month: Option<ContributionMonth>,
    /// What was asked at first, sen.
    pub assessed: Sen,
    /// What is asked now, sen.
    pub amount: Sen,
    /// Where it stands.
    pub state: ChargeState,
    /// How the sum came about, JSON without identities.
    pub basis: String,
    /// The day from which it is asked.
    pub assessed_on: NaiveDate,
}

/// Which charges; by number.
#[derive(Debug, Clone, Default)]
pub struct ChargeFilter {
    /// Only this employer's.
    pub employer_code: Option<String>,
    /// Only of this kind.
    pub kind: Option<ChargeKind>,
    /// Only under this Act.
    pub scheme: Option<Scheme>,
    /// Only in this state.
    pub state: Option<ChargeState>,
    /// Only on this acknowledgement.
    pub acknowledgement: Option<String>,
    /// At most so many; 0 for all.
    pub limit: u32,
}

impl Group<'_> {
    /// Asks a charge; gives its number, the next `FCL…` or `KMP…` of the month of `now`.
    ///
    /// # Errors
    /// [`StoreError::SeriesFull`], or of the database.
    pub fn assess(&mut self, new: NewCharge, now: DateTime<FixedOffset>) -> Result<String, StoreError> {
        let serial = self.next_serial(charge_series_of(new.kind), &period_of(now))?;
        let number = charge_number(new.kind, now, serial);
        let waived = new.amount <= Sen::ZERO && new.assessed > Sen::ZERO;
        let state = if waived { ChargeState::Assessed.next(ChargeEvent::Waive) } else { Some(ChargeState::Assessed) };
        let state = state.expect("what is assessed can be waived");
        self.flush()?;
        let kept = ChargeRecord {
            number: number.clone(),
            kind: new.kind,
            employer_code: new.employer_code.clone(),
            scheme: new.scheme,
            acknowledgement: new.acknowledgement.clone(),
            month: new.month,
            assessed: new.assessed,
            amount: new.amount,
            state,
            basis: new.basis.clone(),
            assessed_on: new.assessed_on,
        };
        self.keep_charge(&kept, now);
        self.keep_state(&number, state, now);
        let sql = "insert into charge (number, kind, employer_code, scheme, acknowledgement, month, assessed_sen, \
                   amount_sen, state, basis, assessed_on) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let query = sqlx::query(sql).bind(number.clone()).bind(new.kind.id()).bind(new.employer_code);
        let query = query.bind(new.scheme.id()).bind(new.acknowledgement);
        let query = query.bind(new.month.map(|month| i64::from(month.index())));
        let query = query.bind(new.assessed.0).bind(new.amount.0).bind(state.id()).bind(new.basis);
        let query = query.bind(new.assessed_on.to_string());
        let (store, transaction) = self.database();
        store.wait(async { Ok::<_, StoreError>(query.execute(&mut **transaction).await?) })?;
        Ok(number)
    }

    /// Moves a charge to the state that the event leads to, if it can happen and nobody was faster. `amount`: what is
    /// asked from now on, where that changes; what was assessed stays. The next event about the charge binds its state.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Step`], or of the database.
    pub fn move_charge(
        &mut self,
        number: &str,
        event: ChargeEvent,
        amount: Option<Sen>,
        at: DateTime<FixedOffset>,
    ) -> Result<ChargeState, StoreError> {
        self.flush()?;
        let (store, transaction) = self.database();
        let next = store.wait(async {
            let query = sqlx::query("select state from charge where number = $1").bind(number);
            let row = query.fetch_optional(&mut **transaction).await?;
            let row = row.ok_or_else(|| StoreError::NotFound(format!("charge {number}")))?;
            let found: String = row.try_get(0)?;
            let state: ChargeState = found.parse().map_err(StoreError::Strange)?;
            let step = || StoreError::Step { subject: number.to_owned(), found: found.clone() };
            let next = state.next(event).ok_or_else(step)?;
            let guarded = "update charge set state = $1, amount_sen = coalesce($2, amount_sen) \
                           where number = $3 and state = $4";
            let query = sqlx::query(guarded).bind(next.id()).bind(amount.map(|sen| sen.0));
            let query = query.bind(number).bind(state.id());
            if query.execute(&mut **transaction).await?.rows_affected() != 1 {
                return Err(step());
            }
            Ok(next)
        })?;
        self.keep_state(number, next, at);
        Ok(next)
    }

    /// Where a charge stands, bound anew at each step.
    fn keep_state(&mut self, number: &str, state: ChargeState, at: DateTime<FixedOffset>) {
        let values = [number, state.id()].map(|word| Value::Text(word.to_owned()));
        self.keep_facts(&STANDS, number, &values.iter().collect::<Vec<_>>(), at);
    }

    /// What is frozen of a charge, until an appeal changes what is asked.
    pub(super) fn keep_charge(&mut self, charge: &ChargeRecord, at: DateTime<FixedOffset>) {
        let words = [charge.number.as_str(), charge.kind.id(), &charge.employer_code, charge.scheme.id()];
        let words = words.map(|word| Value::Text(word.to_owned()));
        let month = Value::MaybeWhole(charge.month.map(|month| i64::from(month.index())));
        let of = [maybe(charge.acknowledgement.clone()), month];
        let amounts = [charge.assessed.0, charge.amount.0].map(Value::Whole);
        let why = [charge.basis.clone(), charge.assessed_on.to_string()].map(Value::Text);
        let values: Vec<&Value> = words.iter().chain(&of).chain(&amounts).chain(&why).collect();
        self.keep_facts(&CHARGE, &charge.number, &values, at);
    }

    /// The charges on an acknowledgement, as this group sees them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn charges_on(&mut self, acknowledgement: &str) -> Result<Vec<ChargeRecord>, StoreError> {
        self.flush()?;
        let query = sqlx::query(AssertSqlSafe(format!("{CHARGES} and acknowledgement = $1 order by number")));
        let query = query.bind(acknowledgement.to_owned());
        let (store, transaction) = self.database();
        let rows = store.wait(async { Ok::<_, StoreError>(query.fetch_all(&mut **transaction).await?) })?;
        rows.iter().map(charge).collect()
    }
}

impl Store {
    /// Charges, by number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn charges(&self, filter: &ChargeFilter) -> Result<Vec<ChargeRecord>, StoreError> {
        let wanted: Vec<(&str, String)> = [
            ("employer_code", filter.employer_code.clone()),
            ("kind", filter.kind.map(|kind| kind.id().to_owned())),
            ("scheme", filter.scheme.map(|scheme| scheme.id().to_owned())),
            ("state", filter.state.map(|state| state.id().to_owned())),
            ("acknowledgement", filter.acknowledgement.clone()),
        ]
        .into_iter()
        .filter_map(|(column, value)| value.map(|value| (column, value)))
        .collect();
        let places = wanted.iter().zip(1..).map(|((column, _), place)| format!(" and {column} = ${place}"));
        let limit = if filter.limit == 0 { String::new() } else { format!(" limit {}", filter.limit) };
        let sql = format!("{CHARGES}{} order by number{limit}", places.collect::<String>());
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (_, value) in wanted {
            query = query.bind(value);
        }
        let rows = self.wait(async { Ok::<_, StoreError>(query.fetch_all(&self.readers).await?) })?;
        rows.iter().map(charge).collect()
    }

    /// One charge by its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or of the database.
    pub fn charge(&self, number: &str) -> Result<ChargeRecord, StoreError> {
        let query = sqlx::query(AssertSqlSafe(format!("{CHARGES} and number = $1"))).bind(number.to_owned());
        let row = self.wait(async { Ok::<_, StoreError>(query.fetch_optional(&self.readers).await?) })?;
        row.as_ref().map(charge).transpose()?.ok_or_else(|| StoreError::NotFound(format!("charge {number}")))
    }
}

/// A charge as [`CHARGES`] reads it.
pub(super) fn charge(row: &AnyRow) -> Result<ChargeRecord, StoreError> {
    let (kind, scheme, state): (String, String, String) = (row.try_get(1)?, row.try_get(3)?, row.try_get(8)?);
    let (month, day): (Option<i64>, String) = (row.try_get(5)?, row.try_get(10)?);
    let of_index = |index: i64| u16::try_from(index).ok().and_then(ContributionMonth::from_index);
    let known = |index: i64| of_index(index).ok_or_else(|| strange("charge.month", "not a month"));
    Ok(ChargeRecord {
        number: row.try_get(0)?,
        kind: kind.parse().map_err(StoreError::Strange)?,
        employer_code: row.try_get(2)?,
        scheme: scheme.parse().map_err(StoreError::Strange)?,
        acknowledgement: row.try_get(4)?,
        month: month.map(known).transpose()?,
        assessed: Sen(row.try_get(6)?),
        amount: Sen(row.try_get(7)?),
        state: state.parse().map_err(StoreError::Strange)?,
        basis: row.try_get(9)?,
        assessed_on: day.parse().map_err(|_| strange("charge.assessed_on", &day))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::AppealOutcome;

    fn at(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).expect("a moment")
    }

    fn asked(kind: ChargeKind, assessed: i64, amount: i64) -> NewCharge {
        NewCharge {
            kind,
            employer_code: "A9900000001Z".to_owned(),
            scheme: Scheme::Act4,
            acknowledgement: None,
            month: ContributionMonth::new(2026, 9),
            assessed: Sen(assessed),
            amount: Sen(amount),
            basis: "{}".to_owned(),
            assessed_on: NaiveDate::from_ymd_opt(2026, 11, 10).expect("a day"),
        }
    }

    #[test]
    fn a_charge_from_its_number_to_the_end_of_its_appeals() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(None, folder.path(), None).expect("a store");
        let now = at("2026-11-30T23:59:59+08:00");
        let mut group = store.begin_group().expect("a group");
        let mut numbers = Vec::new();
        for (kind, assessed, amount, at) in [
            (ChargeKind::Interest, 500, 500, now),
            (ChargeKind::Interest, 500, 100, now),
            (ChargeKind::Compound, 100_000, 100_000, now),
            (ChargeKind::Interest, 500, 0, at("2026-12-01T00:00:00+08:00")),
        ] {
            numbers.push(group.assess(asked(kind, assessed, amount), at).expect("a number"));
        }
        group.commit().expect("kept");
        assert_eq!(numbers, ["FCL112260000001", "FCL112260000002", "KMP112260000001", "FCL122260000001"]);
        let state = |number: &str| store.charge(number).expect("a charge").state;
        assert_eq!(state(&numbers[3]), ChargeState::Waived, "nothing left to ask");

        let mut group = store.begin_group().expect("a group");
        assert_eq!(group.appeal(&numbers[0], ("clerk", "bank was down"), now).expect("an appeal"), 1);
        assert!(group.appeal(&numbers[0], ("clerk", "again"), now).is_err(), "one at a time");
        assert!(group.move_charge(&numbers[0], ChargeEvent::AddToCart, None, now).is_err());
        let cut = group.decide_appeal(&numbers[0], AppealOutcome::Cut(Sen(250)), "officer", now);
        assert_eq!(cut.expect("decided"), ChargeState::Assessed);
        assert_eq!(group.appeal(&numbers[0], ("clerk", "still too much"), now).expect("an appeal"), 2);
        group.decide_appeal(&numbers[0], AppealOutcome::Kept, "officer", now).expect("decided");
        assert!(group.decide_appeal(&numbers[0], AppealOutcome::Kept, "officer", now).is_err(), "nothing is open");
        group.appeal(&numbers[1], ("clerk", "no debt"), now).expect("an appeal");
        group.decide_appeal(&numbers[1], AppealOutcome::Waived, "officer", now).expect("decided");
        group.commit().expect("kept");

        let first = store.charge(&numbers[0]).expect("a charge");
        assert_eq!((first.assessed, first.amount, first.state), (Sen(500), Sen(250), ChargeState::Assessed));
        let outcomes: Vec<_> = store.appeals(&numbers[0]).expect("appeals").iter().map(|a| a.outcome).collect();
        assert_eq!(outcomes, [Some(AppealOutcome::Cut(Sen(250))), Some(AppealOutcome::Kept)]);
        assert_eq!(
            (state(&numbers[1]), store.charge(&numbers[1]).expect("it").amount),
            (ChargeState::Waived, Sen::ZERO)
        );
        let only = ChargeFilter { kind: Some(ChargeKind::Interest), limit: 2, ..ChargeFilter::default() };
        let found: Vec<_> = store.charges(&only).expect("charges").into_iter().map(|c| c.number).collect();
        assert_eq!(found, numbers[..2]);
        let only = ChargeFilter { state: Some(ChargeState::Waived), scheme: Some(Scheme::Act4), ..only };
        assert_eq!(store.charges(&ChargeFilter { limit: 0, ..only }).expect("charges").len(), 2);
        assert!(matches!(store.charge("FCL112260000009"), Err(StoreError::NotFound(_))));
    }
}
