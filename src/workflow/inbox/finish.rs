//! After the commit: the parts of an answer that are made when it is written, answers that a crash left over, papers
//! that follow, and files that a person lets go.

use chrono::{DateTime, FixedOffset};

use super::Desk;
use super::answer::Answer;
use super::take::{Settled, answer_place};
use crate::store::delivery::Delivery;
use crate::store::{OFFICE, Store, StoreError, SubmissionNumber};
use crate::workflow::fix::{FILE, FixSheet};
use crate::workflow::mend::fix_sheet;
use crate::workflow::print::{Form, PrintError, print_form};
use crate::workflow::submit::SubmitOptions;

/// Largest answer that is opened, in bytes.
const ANSWER_LIMIT: usize = 1 << 30;

/// A file for the folder of answers.
pub struct AnswerFile {
    /// The delivery it belongs to.
    pub delivery: i64,
    /// Its name there.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Desk<'_> {
    /// Deliveries that were taken before a crash, with their kept answers; and of those that do not open, why.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn reopen(&self, taken: Vec<Delivery>) -> Result<(Vec<Settled>, Vec<String>), StoreError> {
        let (mut settled, mut failed) = (Vec::with_capacity(taken.len()), Vec::new());
        if taken.is_empty() {
            return Ok((settled, failed));
        }
        let key = self.store.data_keys(&[OFFICE], self.options.now)?.remove(0);
        for mut delivery in taken {
            let sealed = delivery.answer.take().unwrap_or_default();
            let text = key.open_compressed(&answer_place(&delivery), &sealed, ANSWER_LIMIT);
            let answer = text
                .map_err(|error| error.to_string())
                .and_then(|text| serde_json::from_slice::<Answer>(&text).map_err(|_| "it is no answer".to_owned()));
            match answer {
                Ok(answer) => settled.push(Settled { delivery, answer }),
                Err(error) => {
                    failed.push(format!("the kept answer of delivery {} does not open: {error}", delivery.id))
                }
            }
        }
        Ok((settled, failed))
    }

    /// The files of an answer, the JSON document last: page, fix sheets, document.
    pub fn files(&self, settled: &Settled) -> Vec<AnswerFile> {
        let (name, delivery) = (&settled.delivery.answer_name, settled.delivery.id);
        let mut answer = settled.answer.clone();
        let mut files = Vec::new();
        let mut add = |sheet: &FixSheet, stem: String| {
            files.push(AnswerFile { delivery, name: format!("{stem}.fix.csv"), bytes: sheet.to_csv() });
            // A sheet too long for a spreadsheet is there as CSV.
            if let Ok(bytes) = sheet.to_xlsx() {
                files.push(AnswerFile { delivery, name: format!("{stem}.fix.xlsx"), bytes });
            }
        };
        let options = SubmitOptions { language: answer.language, ..self.options.clone() };
        for number in answer.to_mend.iter().filter_map(|number| number.parse::<SubmissionNumber>().ok()) {
            // Lines that stand acknowledged already have nothing to be mended, and a file that was no contribution file has
            // nothing to be entered: the answer says what is wrong without a sheet.
            match fix_sheet(self.store, self.vault, number, &options) {
                Ok(sheet) if sheet.rows.iter().any(|row| row.field != FILE) => add(&sheet, format!("{name}.{number}")),
                Ok(_) => {}
                Err(error) => tracing::debug!(submission = %number, %error, "no fix sheet"),
            }
        }
        if let Some(sheet) = answer.sheet.as_ref().and_then(|csv| FixSheet::read(csv.as_bytes()).ok()) {
            add(&sheet, name.clone());
        }
        answer.name_sheets(&files.iter().map(|file| file.name.clone()).collect::<Vec<_>>());
        files.insert(0, AnswerFile { delivery, name: format!("{name}.txt"), bytes: answer.text.into_bytes() });
        files.push(AnswerFile { delivery, name: format!("{name}.answer.json"), bytes: answer.json.into_bytes() });
        files
    }

    /// These answers lie in the folder, flushed.
    ///
    /// # Errors
    /// [`StoreError`] of the database; then they are written once more, the same.
    pub fn answered(&self, ids: &[i64]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut group = self.store.begin_group()?;
        group.finish_deliveries(ids, self.options.now)?;
        group.commit()
    }

    /// PDFs for up to so many deliveries that wait for theirs, the oldest first. An acknowledgement that cannot be printed
    /// now (it waits for a second person, or was withdrawn) is left to `ack print`.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn papers(&self, most: u16) -> Result<(Vec<i64>, Vec<AnswerFile>), StoreError> {
        let (mut done, mut files) = (Vec::new(), Vec::new());
        for delivery in self.store.papers_wanted(self.folder, most)? {
            let numbers = match delivery.arrival {
                Some(arrival) => self.store.acknowledgements_of_arrival(arrival)?,
                None => Vec::new(),
            };
            for number in numbers {
                match print_form(self.store, &number, Form::Acknowledgement, self.options.now) {
                    Ok(bytes) => {
                        let name = format!("{}.{number}.pdf", delivery.answer_name);
                        files.push(AnswerFile { delivery: delivery.id, name, bytes });
                    }
                    Err(PrintError::Store(error)) => return Err(error),
                    Err(error) => tracing::warn!(acknowledgement = %number, %error, "not printed"),
                }
            }
            done.push(delivery.id);
        }
        Ok((done, files))
    }

    /// These papers lie in the folder.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn papers_done(&self, ids: &[i64]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut group = self.store.begin_group()?;
        group.papers_done(ids)?;
        group.commit()
    }
}

/// A person lets a held file go: the next time its bytes lie in the drop place they are taken. Gives the delivery, which
/// says where the file lies and what it was called.
///
/// # Errors
/// [`StoreError::NotFound`] where nothing of this name is held.
pub fn release(
    store: &Store,
    folder: &str,
    name: &[u8],
    by: &str,
    now: DateTime<FixedOffset>,
) -> Result<Delivery, StoreError> {
    let mut group = store.begin_group()?;
    let delivery = group.release_delivery(folder, name, by)?;
    group.event(crate::store::NewEvent {
        at: now,
        who: by.to_owned(),
        subject: format!("delivery {}", delivery.id),
        what: "released".to_owned(),
        detail: String::new(),
    })?;
    group.commit()?;
    Ok(delivery)
}
