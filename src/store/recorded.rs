//! What the chain of events says was made and must still be there: printed documents and settled deliveries.

use sqlx::Row;

use super::audit::{Audit, PAGE};
use super::bound::values;
use super::error::StoreError;
use super::facts::{Bound, Kind, add, fingerprint, split};
use super::number::malaysian;
use super::records::NewEvent;

/// The word of the event that a document was printed.
pub(super) const PRINTED: &str = "printed";
/// The word of the event that a delivery was settled.
const DELIVERED: &str = "delivered";

/// What was made: its name, and the digest of its bytes where they were read.
fn detail(made: &str, digest: Option<&[u8]>) -> String {
    let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    digest.map_or_else(|| made.to_owned(), |digest| format!("{made} blake3:{}", digits(digest)))
}

/// The event of a document that was printed.
pub(super) fn printed(kind: &str, number: &str, digest: &[u8], at: chrono::DateTime<chrono::FixedOffset>) -> NewEvent {
    let (who, what) = ("caruman".to_owned(), PRINTED.to_owned());
    NewEvent { at: malaysian(at), who, subject: number.to_owned(), what, detail: detail(kind, Some(digest)) }
}

/// The event of a delivery that was settled: whoever removes its row has this against him.
pub fn delivered(
    (id, outcome): (i64, &str),
    digest: Option<&[u8; 32]>,
    who: &str,
    at: chrono::DateTime<chrono::FixedOffset>,
) -> NewEvent {
    let (who, what) = (who.to_owned(), DELIVERED.to_owned());
    NewEvent { at, who, subject: format!("delivery {id}"), what, detail: detail(outcome, digest.map(|d| &d[..])) }
}

/// What stays of a delivery from the moment at which it was settled.
pub(super) static DELIVERY: Bound = Bound {
    table: "delivery",
    name: "delivery",
    keys: &[],
    many: false,
    owner: "id",
    from: "delivery",
    order: "id",
    columns: &[
        ("folder", Kind::Text),
        ("file_name", Kind::Bytes),
        ("size", Kind::Whole),
        ("arrival_id", Kind::Whole),
        ("answer_name", Kind::Text),
        ("moved_to", Kind::Text),
        ("taken_at", Kind::Text),
    ],
};

impl Audit<'_> {
    /// The first document or delivery that an event speaks of and that is not there, or is another one: table and row.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn unrecorded(&mut self) -> Result<Option<(&'static str, String)>, StoreError> {
        let mut last = 0_i64;
        loop {
            let sql = "select id, subject, what, detail from event where what in ('printed', 'delivered') and id > $1 \
                       order by id limit $2";
            let rows = self.all(sqlx::query(sql).bind(last).bind(PAGE))?;
            if rows.is_empty() {
                return Ok(None);
            }
            for row in rows {
                last = row.try_get(0)?;
                let (subject, what, said): (String, String, String) =
                    (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
                if what == PRINTED {
                    let kind = said.split(' ').next().unwrap_or_default().to_owned();
                    let sql = "select digest from document where kind = $1 and number = $2";
                    let found = self.all(sqlx::query(sql).bind(kind.clone()).bind(subject.clone()))?;
                    let kept: Option<Vec<u8>> = found.first().map(|row| row.try_get(0)).transpose()?;
                    if kept.is_none_or(|digest| detail(&kind, Some(&digest)) != said) {
                        return Ok(Some(("document", format!("{kind} {subject}"))));
                    }
                    continue;
                }
                let id = subject.strip_prefix("delivery ").unwrap_or_default().to_owned();
                let sql = "select 0, folder, file_name, size, arrival_id, answer_name, moved_to, taken_at, outcome, digest \
                           from delivery where id = $1";
                let found = self.all(sqlx::query(sql).bind(id.parse::<i64>().unwrap_or(-1)))?;
                let (told, parts) = split(&said);
                let as_told = match found.first() {
                    Some(row) => {
                        let mut hasher = blake3::Hasher::new();
                        add(&mut hasher, &values(row, &DELIVERY)?.iter().collect::<Vec<_>>());
                        let (outcome, digest): (String, Option<Vec<u8>>) = (row.try_get(8)?, row.try_get(9)?);
                        let same = parts.iter().all(|(_, digits)| *digits == fingerprint(&hasher));
                        same && detail(&outcome, digest.as_deref()) == told
                    }
                    None => false,
                };
                if !as_told {
                    return Ok(Some(("delivery", id)));
                }
            }
        }
    }

    /// The first delivery that waits since before this moment: claimed, or taken and not answered.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn stuck_delivery(
        &mut self,
        before: chrono::DateTime<chrono::FixedOffset>,
    ) -> Result<Option<String>, StoreError> {
        let sql = "select cast(id as text) from delivery where (state = 'claimed' and claimed_at < $1) \
                   or (state = 'taken' and taken_at < $1) order by delivery.id limit 1";
        let rows = self.all(sqlx::query(sql).bind(malaysian(before).to_rfc3339()))?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }
}
