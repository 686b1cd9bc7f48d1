//! What becomes of claimed files. Contribution files are taken in one group, and what is to be done with each file and
//! said of it is written in that same transaction; a fix sheet or a large file has a group of its own.

use std::path::Path;

use super::answer::{Answer, Story, answer};
use super::names::{answer_name, moved_name};
use super::originals::Originals;
use super::recorder::{Recorder, bytes_of, shown_path, whole_sheet};
use super::{Content, Desk, Dropped, Outcome, Unusable, is_payment_evidence};
use crate::checks::scan::{Scan, scan};
use crate::checks::{FileCheck, Verdict};
use crate::keys::DataKey;
use crate::messages::{Language, Messages};
use crate::reader::ByteSource;
use crate::reader::identify::scheme_in_name;
use crate::store::delivery::{Delivery, DeliveryState, Papers};
use crate::store::recorded::delivered;
use crate::store::{Group, OFFICE, StoreError};
use crate::vault::VaultError;
use crate::workflow::fix::{About, FILE, FixSheet, NoSuggestions, is_fix_sheet};
use crate::workflow::intake::Office;
use crate::workflow::judging::{Incoming, judge};
use crate::workflow::known::Known;
use crate::workflow::mend::{MendError, submit_fixed_beside};
use crate::workflow::submit::{Acknowledged, SubmitError, SubmitOptions, Submitted};

/// A file whose fate is kept: to be moved and answered.
#[derive(Debug)]
pub struct Settled {
    /// With the place the file goes to.
    pub delivery: Delivery,
    /// What is said of it.
    pub answer: Answer,
}

/// What came of a number of claimed files.
#[derive(Debug, Default)]
pub struct Taken {
    /// Kept.
    pub settled: Vec<Settled>,
    /// Nothing was kept of these deliveries, and why: the file changed, or could not be read to its end.
    pub put_back: Vec<(i64, String)>,
}

/// A claimed file.
pub(super) type Claimed = (Delivery, Dropped);

/// The kind of a mail about an answer in the outbox; its subject is the delivery and the address.
pub(in crate::workflow) const ANSWER_MAIL: &str = "mail-answer";

impl Desk<'_> {
    /// Settles claimed files; those whose lease was lost meanwhile are left to the worker who has it.
    ///
    /// # Errors
    /// [`SubmitError`] of the database or the vault: the files in hand stay claimed.
    pub fn take(&self, files: Vec<Claimed>) -> Result<Taken, SubmitError> {
        let key = self.store.data_keys(&[OFFICE], self.options.now)?.remove(0);
        let mut taken = Taken::default();
        let (mut small, mut looked, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for (delivery, mut file) in files {
            whole_sheet(&mut file);
            let sheet = matches!(&file.content, Content::Small(bytes) if is_fix_sheet(bytes));
            let live = !self.rules.test && self.may_go(&file)?;
            let evidence = matches!(&file.content, Content::Small(bytes) if is_payment_evidence(bytes));
            if evidence && live {
                taken.settled.extend(self.take_evidence(&key, (delivery, file))?);
            } else if sheet && live {
                self.take_sheet(&key, (delivery, file), &mut taken)?;
            } else if sheet || evidence || matches!(&file.content, Content::Unusable(_)) {
                refused.push((delivery, file));
            } else if !live {
                looked.push((delivery, file));
            } else if matches!(&file.content, Content::Large(_)) {
                self.take_large(&key, (delivery, file), &mut taken)?;
            } else {
                small.push((delivery, file));
            }
        }
        self.refuse(&key, refused, &mut taken)?;
        self.look(&key, looked, &mut taken)?;
        // The folder's Act is for files whose names do not say theirs.
        let (named, others) = small.into_iter().partition(|(_, file)| self.name_says(&file.name));
        self.take_small(&key, named, &SubmitOptions { scheme: None, ..self.options.clone() }, &mut taken)?;
        self.take_small(&key, others, &self.options, &mut taken)?;
        Ok(taken)
    }

    /// In a folder whose files wait: did a person let these bytes go?
    fn may_go(&self, file: &Dropped) -> Result<bool, SubmitError> {
        if !self.rules.wait {
            return Ok(true);
        }
        let digest = match &file.content {
            Content::Small(bytes) => *blake3::hash(bytes).as_bytes(),
            Content::Large(source) => {
                let mut hasher = blake3::Hasher::new();
                let read = hasher.update_reader(source.reader());
                let read = read.map_err(|source| SubmitError::File { path: shown_path(&file.name), source })?;
                *read.finalize().as_bytes()
            }
            Content::Unusable(_) => return Ok(true),
        };
        Ok(self.store.was_released(self.folder, &digest)?)
    }

    fn name_says(&self, name: &[u8]) -> bool {
        self.options.scheme.is_some() && scheme_in_name(&String::from_utf8_lossy(name)).is_some()
    }

    fn take_small(
        &self,
        key: &DataKey,
        files: Vec<Claimed>,
        options: &SubmitOptions<'_>,
        taken: &mut Taken,
    ) -> Result<(), SubmitError> {
        if files.is_empty() {
            return Ok(());
        }
        let office = Office::new(self.store, self.vault, options);
        let mut recorder = Recorder::new(self, key);
        let mut bytes = Vec::with_capacity(files.len());
        for (delivery, file) in files {
            let path = shown_path(&delivery.file_name);
            recorder.files.push((delivery, file.sha256));
            let Content::Small(content) = file.content else { continue };
            bytes.push((path, content));
        }
        let read = office.parallel(|| {
            use rayon::prelude::*;
            bytes.into_par_iter().map(|(path, bytes)| Ok(Incoming::of_bytes(path, bytes, None))).collect()
        });
        office.take_group(read, &mut recorder, &mut |_| ())?;
        taken.settled.append(&mut recorder.settled);
        Ok(())
    }

    fn take_large(&self, key: &DataKey, (delivery, file): Claimed, taken: &mut Taken) -> Result<(), SubmitError> {
        let Content::Large(source) = &file.content else { return Ok(()) };
        let (id, path) = (delivery.id, shown_path(&delivery.file_name));
        let mut recorder = Recorder::new(self, key);
        recorder.files.push((delivery, file.sha256));
        let scheme = if self.name_says(&file.name) { None } else { self.options.scheme };
        let options = SubmitOptions { scheme, ..self.options.clone() };
        let office = Office::new(self.store, self.vault, &options);
        let mut said = None;
        let done = office.take_opened(&path, source, &mut recorder, &mut |submitted| said = submitted.failure);
        match done {
            Ok(()) if recorder.settled.is_empty() => taken.put_back.extend(said.map(|why| (id, why))),
            Ok(()) => taken.settled.append(&mut recorder.settled),
            Err(error @ (SubmitError::File { .. } | SubmitError::Vault(VaultError::Changed))) => {
                taken.put_back.push((id, error.to_string()));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// A fix sheet that was dropped: what it mends is handed in.
    fn take_sheet(&self, key: &DataKey, (delivery, file): Claimed, taken: &mut Taken) -> Result<(), SubmitError> {
        let Content::Small(bytes) = &file.content else { return Ok(()) };
        let mut recorder = Recorder::new(self, key);
        recorder.files.push((delivery, file.sha256));
        let done = submit_fixed_beside(self.store, self.vault, bytes, &self.options, &mut recorder);
        taken.settled.append(&mut recorder.settled);
        let reason = match done {
            Ok(_) => return Ok(()),
            Err(MendError::Submit(error)) => return Err(error),
            // What it names may not be there; anything else the database says is no fault of the sheet.
            Err(MendError::Store(error)) if !matches!(error, StoreError::NotFound(_)) => return Err(error.into()),
            Err(MendError::Vault(error)) => return Err(error.into()),
            Err(error) => error.to_string(),
        };
        let Some((delivery, sha256)) = recorder.files.pop() else { return Ok(()) };
        let story = self.story(Outcome::Rejected, Some(("inbox-sheet-failed", Some(reason))), sha256);
        let mut group = self.store.begin_group()?;
        taken.settled.extend(self.settle_if_ours(&mut group, key, delivery, story)?);
        Ok(group.commit()?)
    }

    /// Files of which nothing can be taken.
    fn refuse(&self, key: &DataKey, files: Vec<Claimed>, taken: &mut Taken) -> Result<(), SubmitError> {
        if files.is_empty() {
            return Ok(());
        }
        let mut group = self.store.begin_group()?;
        let mut settled = Vec::new();
        for (mut delivery, file) in files {
            let (outcome, id, reason) = match file.content {
                Content::Unusable(Unusable::Symlink) => (Outcome::Rejected, "inbox-symlink", None),
                Content::Unusable(Unusable::Folder) => (Outcome::Rejected, "inbox-folder", None),
                Content::Unusable(Unusable::Special) => (Outcome::Rejected, "inbox-special", None),
                Content::Unusable(Unusable::HardLink) => (Outcome::Rejected, "inbox-hard-link", None),
                Content::Unusable(Unusable::Transfer) => (Outcome::Rejected, "inbox-transfer", None),
                Content::Unusable(Unusable::Spreadsheet) => (Outcome::Rejected, "inbox-spreadsheet", None),
                Content::Unusable(Unusable::Forbidden) => (Outcome::Rejected, "inbox-forbidden", None),
                Content::Unusable(Unusable::Unsteady) => (Outcome::Rejected, "inbox-unsteady", None),
                Content::Unusable(Unusable::Unreadable(why)) => (Outcome::Rejected, "inbox-unreadable", Some(why)),
                Content::Unusable(Unusable::Quarantined) => (Outcome::Held, "inbox-quarantined", None),
                Content::Small(bytes) => {
                    delivery.digest = Some(*blake3::hash(&bytes).as_bytes());
                    match (is_payment_evidence(&bytes), self.rules.test) {
                        (true, true) => (Outcome::Rejected, "inbox-evidence-test", None),
                        (false, true) => (Outcome::Rejected, "inbox-sheet-test", None),
                        (false, false) if of_nothing(&bytes) => (Outcome::Rejected, "inbox-sheet-checked", None),
                        (_, false) => (Outcome::Held, "inbox-waits", None),
                    }
                }
                Content::Large(_) => (Outcome::Held, "inbox-waits", None),
            };
            let story = self.story(outcome, Some((id, reason)), file.sha256);
            settled.extend(self.settle_if_ours(&mut group, key, delivery, story)?);
        }
        group.commit()?;
        taken.settled.append(&mut settled);
        Ok(())
    }

    /// Files that are only checked: with all that is known of their employers, and nothing kept but the answer.
    fn look(&self, key: &DataKey, files: Vec<Claimed>, taken: &mut Taken) -> Result<(), SubmitError> {
        let mut seen: Vec<(Claimed, Scan)> = Vec::new();
        for (delivery, file) in files {
            match scan(bytes_of(&file.content), self.options.threads) {
                Ok(scan) => seen.push(((delivery, file), scan)),
                Err(error) => taken.put_back.push((delivery.id, error.to_string())),
            }
        }
        if seen.is_empty() {
            return Ok(());
        }
        let codes: Vec<&str> = seen.iter().flat_map(|(_, scan)| scan.employers.keys().map(String::as_str)).collect();
        self.store.data_keys(&codes, self.options.now)?;
        let mut group = self.store.begin_group()?;
        let mut settled = Vec::new();
        for ((mut delivery, file), scan) in seen {
            let (path, source) = (shown_path(&delivery.file_name), bytes_of(&file.content));
            let known = Known::load(&mut group, &scan.employers, &self.options)?;
            let digests: Vec<[u8; 32]> = scan.digest.into_iter().collect();
            let repeated = group.taken_before(&digests)?.into_values().next().unwrap_or_default();
            let scheme = if self.name_says(&file.name) { None } else { self.options.scheme };
            let options = SubmitOptions { scheme, ..self.options.clone() };
            let check = match judge(source, &path, &known, &repeated, &options, options.threads) {
                Ok(check) => check,
                Err(error) => {
                    taken.put_back.push((delivery.id, error.to_string()));
                    continue;
                }
            };
            let own = scan.employers.keys().find_map(|code| known.employer(code)).map(|one| one.language);
            let language = own.unwrap_or_else(|| self.language());
            let sheet = self.sheet_of(&check, source, &path, language);
            delivery.digest = check.digest.map(Into::into);
            let outcome = match check.verdict {
                _ if self.rules.wait && !self.rules.test => Outcome::Held,
                Verdict::Clean | Verdict::Warnings => Outcome::Accepted,
                Verdict::Errors | Verdict::Refused => Outcome::Rejected,
            };
            let submitted = Submitted { check: Some(check), failure: None, ..Submitted::failed(&path, String::new()) };
            let told = match outcome {
                Outcome::Held => "inbox-waits",
                Outcome::Accepted => "inbox-test-good",
                _ => "inbox-test-bad",
            };
            let story = Story {
                submitted: Some(&submitted),
                sheet,
                language,
                ..self.story(outcome, Some((told, None)), file.sha256)
            };
            settled.extend(self.settle_if_ours(&mut group, key, delivery, story)?);
        }
        group.commit()?;
        taken.settled.append(&mut settled);
        Ok(())
    }

    fn sheet_of(&self, check: &FileCheck, source: &dyn ByteSource, path: &Path, language: Language) -> Option<String> {
        let name = path.to_string_lossy();
        let about = About { submission: "", file_name: &name };
        // A file that cannot be read once more has no sheet; its findings stand in the answer.
        let sheet = FixSheet::of(check, source, &about, &NoSuggestions, Messages::to_senders(language)).ok()?;
        // A file that is no contribution file has nothing to be entered.
        if sheet.rows.iter().all(|row| row.field == FILE) { None } else { String::from_utf8(sheet.to_csv()).ok() }
    }

    pub(super) fn story(
        &self,
        outcome: Outcome,
        sentence: Option<(&'static str, Option<String>)>,
        sha256: Option<[u8; 32]>,
    ) -> Story<'static> {
        Story {
            outcome,
            sentence,
            submitted: None,
            paid: None,
            sha256,
            sheet: None,
            originals: Originals::new(),
            language: self.language(),
        }
    }

    pub(super) fn settle_if_ours(
        &self,
        group: &mut Group<'_>,
        key: &DataKey,
        delivery: Delivery,
        story: Story<'_>,
    ) -> Result<Option<Settled>, StoreError> {
        let claims = group.claims_of(self.folder, self.owner)?;
        let ours = claims.get(&delivery.id) == Some(&delivery.lease.token);
        ours.then(|| self.settle(group, key, delivery, story)).transpose()
    }

    /// Writes what becomes of a delivery into the group.
    pub(super) fn settle(
        &self,
        group: &mut Group<'_>,
        key: &DataKey,
        mut delivery: Delivery,
        story: Story<'_>,
    ) -> Result<Settled, StoreError> {
        delivery.state = DeliveryState::Taken;
        delivery.outcome = story.outcome.id().to_owned();
        delivery.taken_at = self.options.now.to_rfc3339();
        delivery.answer_name = answer_name(&delivery.file_name, delivery.id);
        delivery.moved_to = format!("{}/{}", story.outcome.id(), moved_name(&delivery.file_name, delivery.id));
        if let Some(submitted) = story.submitted {
            delivery.arrival = submitted.arrival;
            delivery.digest = submitted.check.as_ref().and_then(|check| check.digest).map(Into::into);
            let issued = |a: &Acknowledged| a.amounts.is_some();
            let numbers = submitted.submissions.iter().flat_map(|outcome| &outcome.acknowledgements).any(issued);
            delivery.papers = if numbers && self.rules.papers { Papers::Wanted } else { Papers::NotWanted };
        }
        if story.needs_somebody(self.rules) {
            for address in &self.rules.notify {
                let subject = format!("{} {address}", delivery.id);
                group.outbox(ANSWER_MAIL, &subject, story.employer_code(), self.options.now)?;
            }
        }
        let answer = answer(&delivery, story, self.rules, &self.options);
        delivery.answer = Some(seal(key, &delivery, &answer));
        group.put_delivery(&delivery)?;
        let settled = (delivery.id, delivery.outcome.as_str());
        group.event(delivered(settled, delivery.digest.as_ref(), self.options.sent_by, self.options.now))?;
        // It is at hand already.
        delivery.answer = None;
        Ok(Settled { delivery, answer })
    }
}

/// A fix sheet of a file that was only checked mends nothing that was handed in.
fn of_nothing(bytes: &[u8]) -> bool {
    FixSheet::read(bytes).is_ok_and(|sheet| sheet.submission.is_empty())
}

/// Seals an answer for the time between the commit and the folder.
fn seal(key: &DataKey, delivery: &Delivery, answer: &Answer) -> Vec<u8> {
    let text = serde_json::to_vec(answer).unwrap_or_default();
    key.seal_compressed(&answer_place(delivery), &text)
}

/// What a sealed answer is bound to.
pub(super) fn answer_place(delivery: &Delivery) -> Vec<u8> {
    format!("delivery {}", delivery.id).into_bytes()
}
