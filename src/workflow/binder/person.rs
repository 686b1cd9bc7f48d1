//! Everything of one employee in one zip: the list, a slip for each acknowledgement, the receipts that paid them. Nothing
//! in it shows a colleague.

use std::collections::BTreeSet;
use std::io::{Cursor, Seek, Write};

use chrono::{DateTime, FixedOffset};

use super::BinderError;
use super::archive::{About, Archive};
use crate::domain::{ContributionMonth, IdentityNumber, Sen};
use crate::keys::ReceiptKey;
use crate::store::Store;
use crate::workflow::contributions::{Contribution, Wanted, contributions};
use crate::workflow::receipt::{print_receipt, receipt};
use crate::workflow::slip::{SlipError, SlipOf, make_slip};

/// Whose documents, and who makes them.
pub struct PersonOf<'a> {
    /// Employer.
    pub employer_code: &'a str,
    /// Employee.
    pub id_number: &'a IdentityNumber,
    /// First month.
    pub from: ContributionMonth,
    /// Last month that is asked for, for the name of the period alone.
    pub to: ContributionMonth,
    /// Who issues it.
    pub issuer: &'a str,
    /// Signs.
    pub key: &'a ReceiptKey,
    /// The moment at which documents that were never made are kept.
    pub now: DateTime<FixedOffset>,
}

/// Writes all documents of a person. [`super::check_archive`] proves it as it proves a binder.
///
/// # Errors
/// [`BinderError`]; [`BinderError::Nobody`] where there is no line of this person.
pub fn write_person<W: Write + Seek>(store: &Store, of: &PersonOf<'_>, out: W) -> Result<W, BinderError> {
    let wanted = Wanted { employer_code: of.employer_code, id_number: of.id_number, from: of.from };
    let all = contributions(store, &wanted)?;
    if all.is_empty() {
        let (employer_code, person) = (of.employer_code.to_owned(), of.id_number.masked());
        return Err(BinderError::Nobody { employer_code, person });
    }
    let about = About {
        employer_code: of.employer_code.to_owned(),
        month: format!("{}..{}", of.from, of.to),
        issuer: of.issuer.to_owned(),
    };
    let mut archive = Archive::new(out, about);
    archive.add("contributions.csv", &table(&all)?)?;
    let mut receipts = BTreeSet::new();
    let mut done = BTreeSet::new();
    for one in all.iter().filter(|one| one.held.is_none()) {
        let Some(number) = &one.acknowledgement else { continue };
        receipts.extend(one.receipt.iter().map(|(number, _)| number.clone()));
        if done.insert(number.clone()) {
            let of_one = SlipOf { number, id_number: of.id_number, month: None, receipt: one.receipt.clone() };
            let slip = make_slip(store, of.key, &of_one, of.now)?;
            match slip.pdf(of.key) {
                Err(SlipError::TooLong) => archive.add(&format!("slips/{number}.json"), &slip.json())?,
                pdf => archive.add(&format!("slips/{number}.pdf"), &pdf?)?,
            }
        }
    }
    for number in receipts {
        let found = receipt(store, &number)?;
        archive.add(&format!("receipts/{number}.pdf"), &print_receipt(store, of.key, &found.frozen, of.now)?)?;
    }
    Ok(archive.finish(of.key)?)
}

/// The list as a table, ringgit with two decimals.
fn table(all: &[Contribution]) -> Result<Vec<u8>, BinderError> {
    let wrong = |error: csv::Error| BinderError::Archive(std::io::Error::from(error).into());
    let mut writer = csv::Writer::from_writer(Cursor::new(Vec::new()));
    let head = [
        "month",
        "scheme",
        "acknowledgement",
        "line",
        "name",
        "category",
        "status",
        "employer",
        "employee",
        "skbbk",
        "total",
        "paid",
        "receipt",
        "paid_on",
        "held",
    ];
    writer.write_record(head).map_err(wrong)?;
    let money = |amount: Option<Sen>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    for one in all {
        let category = one.second_category.map_or("", |second| if second { "second" } else { "first" });
        let (receipt, paid_on) = one.receipt.clone().map(|(number, day)| (number, day.to_string())).unwrap_or_default();
        let record = [
            one.month.to_string(),
            one.scheme.id().to_owned(),
            one.acknowledgement.clone().unwrap_or_default(),
            one.line.map(|line| line.to_string()).unwrap_or_default(),
            one.person.name.clone(),
            category.to_owned(),
            one.person.status.map(String::from).unwrap_or_default(),
            money(one.person.employer),
            money(one.person.employee),
            money(one.person.skbbk),
            one.person.total.to_string(),
            if one.is_paid() { "yes" } else { "no" }.to_owned(),
            receipt,
            paid_on,
            one.held.map(|held| held.id()).unwrap_or_default().to_owned(),
        ];
        writer.write_record(record).map_err(wrong)?;
    }
    let inner = writer.into_inner().map_err(|error| BinderError::Archive(error.into_error().into()))?;
    Ok(inner.into_inner())
}
