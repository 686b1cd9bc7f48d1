//! One pass over a folder: look, read, claim, take, move, answer; then papers, when nothing else is to do.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use super::answering::{answer, failed_alarm, remove_left, write};
use super::disk::{DROP, Disk, space_of};
use super::entry::{Ready, Stamp};
use super::reading::Read1;
use super::{BATCH_FILES, Folder, Key, Ways, owner};
use crate::workflow::inbox::claim::{Before, Care};
use crate::workflow::inbox::take::{Settled, Taken};
use crate::workflow::inbox::{Content, Desk, Dropped, Unusable};
use crate::workflow::submit::SubmitOptions;

/// The first files of a pass go in small groups, so that the first answer is there soon.
const FIRST_BATCH: usize = 16;
/// Files over which a worker stopped once.
const FEW: usize = 25;
/// Bytes in memory at a time.
const BATCH_BYTES: u64 = 16 << 20;
/// Files in a pass: then the folder is looked at again.
const PASS_FILES: usize = 4_000;
/// PDFs in a pass.
const PAPERS: u16 = 20;
/// Leftovers of other workers are looked for so often.
const LEFTOVERS: Duration = Duration::from_secs(30);
/// After something went wrong they are looked for after this.
const SOON: Duration = Duration::from_secs(5);
/// A file that another worker has is left alone for so long.
const ELSEWHERE: Duration = Duration::from_secs(5);
/// The smaller of the usual reserves: 2 GiB.
const RESERVE: u64 = 2 << 30;

/// What came of a pass.
#[derive(Debug, Default)]
pub struct Pass {
    /// Files that were answered.
    pub answered: usize,
    /// Files that are not known to be complete, or wait for another try.
    pub waiting: usize,
    /// Acknowledgements that were put beside their answers.
    pub papers: usize,
    /// What somebody has to look at, one sentence each.
    pub alarms: Vec<String>,
    /// Nothing new was taken, for a reason that stands among the alarms.
    pub stopped: bool,
    /// When the next pass should begin.
    pub next: Duration,
    /// There is more to do at once.
    pub more: bool,
}

/// Looks at a folder once, at a moment `at` of a clock that only goes forward, and takes what is complete.
pub fn run_once(folder: &mut Folder, ways: &Ways<'_>, at: Duration, now: DateTime<FixedOffset>) -> Pass {
    let mut pass = Pass { next: folder.options.scan, ..Pass::default() };
    match folder.work(ways, at, now, &mut pass) {
        Ok(()) => {
            folder.failures = 0;
            folder.careful &= !pass.alarms.is_empty();
        }
        Err(alarm) => {
            pass.alarms.push(alarm);
            pass.stopped = true;
            folder.orderly = true;
            folder.careful = true;
            folder.failures = (folder.failures + 1).min(5);
            pass.next = pass.next.max(Duration::from_secs(1 << folder.failures));
            pass.more = false;
        }
    }
    if pass.answered > 0 || !pass.alarms.is_empty() {
        // Alarms name files; whoever called says them, the log does not.
        tracing::info!(answered = pass.answered, waiting = pass.waiting, alarms = pass.alarms.len(), "inbox looked at");
    }
    if pass.more {
        pass.next = Duration::ZERO;
    }
    pass
}

impl Folder {
    fn work(
        &mut self,
        ways: &Ways<'_>,
        at: Duration,
        now: DateTime<FixedOffset>,
        pass: &mut Pass,
    ) -> Result<(), String> {
        let disk = Disk::open(&self.options.path).map_err(|error| error.to_string())?;
        if self.id.as_ref().is_some_and(|known| *known != disk.id) {
            let path = self.options.path.display();
            return Err(format!(
                "{path} is another inbox than it was when this program started, and nothing is taken from it: mount the \
                 right one there, or restart the program if this one is meant"
            ));
        }
        self.neighbours.note(&disk.id, &self.options.path)?;
        self.id = Some(disk.id.clone());
        if let Some(bell) = &mut self.bell {
            // Before the look: what comes after it rings.
            bell.hang(&self.options.path.join(DROP));
            self.readiness.note_renamed(bell.renamed());
        }
        let entries = disk.list().map_err(|error| error.to_string())?;
        let scan = self.readiness.look(&entries, at);
        let there: HashMap<(&[u8], u64), Stamp> =
            entries.iter().map(|entry| ((entry.name.as_slice(), entry.stamp.inode), entry.stamp)).collect();
        self.tries.retain(|(name, inode), _| there.contains_key(&(name.as_slice(), *inode)));
        pass.waiting = scan.waiting;
        pass.next = scan.next.map_or(pass.next, |next| pass.next.min(next.max(Duration::from_millis(10))));
        let rules = self.options.rules.clone();
        let (id, name) = (disk.id.clone(), self.owner.clone());
        let options = SubmitOptions { now, ..ways.options.clone() };
        let desk = Desk::new((ways.store, ways.vault), (&id, &name), &rules, options);
        let stamps = |name: &[u8], inode: u64| there.get(&(name, inode)).copied();
        // What is left over and fails is tried again, and stops no new file.
        if let Err(error) = self.leftovers((&disk, &desk), at, &stamps, pass) {
            pass.alarms.push(error);
        }
        let mut ready: Vec<Ready> = scan.ready;
        let before = ready.len();
        ready.retain(|one| {
            let key = (one.entry.name.clone(), one.entry.stamp.inode);
            self.tries.get(&key).is_none_or(|(_, again)| *again <= at)
        });
        pass.waiting += before - ready.len();
        if let Some(alarm) = if ready.is_empty() { None } else { self.no_room(&disk, ways) } {
            // What waits stays in the drop place; as soon as there is room it goes on.
            pass.alarms.push(alarm);
            pass.stopped = true;
            pass.waiting += ready.len();
            return Ok(());
        }
        pass.more = ready.len() > PASS_FILES;
        ready.truncate(PASS_FILES);
        self.take_all((&disk, &desk), ready, at, &stamps, pass)?;
        if pass.answered == 0 && !pass.more && rules.papers {
            self.print_papers((&disk, &desk), pass)?;
        }
        if !pass.alarms.is_empty() {
            // What could not be moved or answered is tried again before long.
            self.looked = self.looked.map(|looked| looked.min(at.saturating_sub(LEFTOVERS - SOON)));
        }
        Ok(())
    }

    /// Deliveries that a worker who is gone had taken: they are moved and answered. Claims of files that are nowhere any
    /// more are forgotten.
    fn leftovers(
        &mut self,
        (disk, desk): (&Disk, &Desk<'_>),
        at: Duration,
        stamps: &dyn Fn(&[u8], u64) -> Option<Stamp>,
        pass: &mut Pass,
    ) -> Result<(), String> {
        if self.looked.is_some_and(|looked| at.saturating_sub(looked) < LEFTOVERS) {
            return Ok(());
        }
        let said = |error: crate::store::StoreError| error.to_string();
        if self.looked.is_none() {
            let removed = remove_left(disk, desk.options.now.timestamp());
            tracing::debug!(?removed, "temporary files in the folder of answers");
        }
        self.looked = Some(at);
        if !desk.store.has_open_deliveries(desk.folder).map_err(said)? {
            return Ok(());
        }
        let before = Before { gone: &owner::is_gone, orderly: self.orderly };
        let claims = desk.claim(&[], Care::Many, &before).map_err(said)?;
        let (settled, failed) = desk.reopen(claims.taken).map_err(said)?;
        pass.alarms.extend(failed);
        // What it looked like when it was taken is not known any more: its bytes are compared.
        pass.answered += answer(self, (disk, desk), &settled, &|_, _| None, &mut pass.alarms)?;
        desk.forget_vanished(&|name, inode| stamps(name, inode).is_some(), &owner::is_gone).map_err(said)?;
        Ok(())
    }

    /// Why nothing is taken for want of room, on the disk of the inbox or of the data.
    fn no_room(&self, disk: &Disk, ways: &Ways<'_>) -> Option<String> {
        let data = std::fs::File::open(&ways.data).and_then(|folder| space_of(&folder));
        for (what, space) in [("the inbox", disk.space()), ("the data folder", data)] {
            // Where the system does not tell, writing will.
            let Ok((free, size)) = space else { continue };
            let reserve = self.options.reserve.unwrap_or_else(|| RESERVE.max(size / 20));
            if free < reserve {
                let (free, reserve) = (free >> 20, reserve.div_ceil(1 << 20));
                return Some(format!(
                    "intake is paused: {what} has {free} MiB left and {reserve} MiB are to stay free; free some, or set \
                     a smaller reserve"
                ));
            }
        }
        None
    }

    fn take_all(
        &mut self,
        work: (&Disk, &Desk<'_>),
        ready: Vec<Ready>,
        at: Duration,
        stamps: &dyn Fn(&[u8], u64) -> Option<Stamp>,
        pass: &mut Pass,
    ) -> Result<(), String> {
        let mut suspects: Vec<(Ready, i64)> = Vec::new();
        let most = if self.careful { (1, 1) } else { (FIRST_BATCH, BATCH_FILES) };
        self.take_some(work, ready, (at, Care::Many, most), stamps, (&mut suspects, pass))?;
        // Over these a worker stopped before: after all others, those first that are least suspected.
        for (care, most) in [(Care::Few, FEW), (Care::Alone, 1)] {
            let some = suspects.iter().filter(|(_, attempts)| Care::after(*attempts) == care);
            let some: Vec<Ready> = some.map(|(one, _)| one.clone()).collect();
            self.take_some(work, some, (at, care, (most, most)), stamps, (&mut Vec::new(), pass))?;
        }
        Ok(())
    }

    /// Takes files in batches that grow from the first to the most.
    fn take_some(
        &mut self,
        work: (&Disk, &Desk<'_>),
        ready: Vec<Ready>,
        (at, care, (first, most)): (Duration, Care, (usize, usize)),
        stamps: &dyn Fn(&[u8], u64) -> Option<Stamp>,
        (suspects, pass): (&mut Vec<(Ready, i64)>, &mut Pass),
    ) -> Result<(), String> {
        let mut size = first;
        let mut rest = ready.into_iter().peekable();
        while rest.peek().is_some() {
            let (mut batch, mut bytes) = (Vec::new(), 0);
            while batch.len() < size && bytes < BATCH_BYTES {
                let Some(one) = rest.next() else { break };
                match self.read(work.0, &one, at) {
                    Read1::Here(file) => {
                        let alone = matches!(file.content, Content::Large(_));
                        bytes += if alone { BATCH_BYTES } else { file.size };
                        batch.push((one, *file));
                    }
                    Read1::Later => pass.waiting += 1,
                    Read1::Alarm(error) => {
                        pass.waiting += 1;
                        let name = String::from_utf8_lossy(&one.entry.name).into_owned();
                        pass.alarms.push(format!("{name} cannot be read now: {error}"));
                    }
                }
            }
            size = (size * 4).min(most);
            self.take_batch(work, batch, (at, care), stamps, (suspects, pass))?;
        }
        Ok(())
    }

    fn take_batch(
        &mut self,
        (disk, desk): (&Disk, &Desk<'_>),
        batch: Vec<(Ready, Dropped)>,
        (at, care): (Duration, Care),
        stamps: &dyn Fn(&[u8], u64) -> Option<Stamp>,
        (suspects, pass): (&mut Vec<(Ready, i64)>, &mut Pass),
    ) -> Result<(), String> {
        if batch.is_empty() {
            return Ok(());
        }
        let (ready, mut files): (Vec<Ready>, Vec<Dropped>) = batch.into_iter().unzip();
        let before = Before { gone: &owner::is_gone, orderly: self.orderly };
        let claims = desk.claim(&files, care, &before).map_err(|error| error.to_string())?;
        for place in claims.to_hold {
            files[place].content = Content::Unusable(Unusable::Quarantined);
        }
        suspects.extend(claims.suspects.iter().map(|(place, attempts)| (ready[*place].clone(), *attempts)));
        let mut claimed = Vec::with_capacity(files.len());
        let mut keys: HashMap<i64, Key> = HashMap::new();
        let mut not_there = Vec::new();
        let elsewhere = |place: usize| claims.suspects.iter().all(|(suspect, _)| *suspect != place);
        for (place, (delivery, file)) in claims.ours.into_iter().zip(files).enumerate() {
            match delivery {
                // It was read before it was claimed: another worker may have taken, moved and answered it in between.
                Some(delivery) if disk.stamp(&file.name).ok().flatten() != Some(ready[place].entry.stamp) => {
                    not_there.push(delivery.id);
                    pass.waiting += 1;
                }
                Some(delivery) => {
                    keys.insert(delivery.id, (file.name.clone(), file.inode));
                    claimed.push((delivery, file));
                }
                None if elsewhere(place) => {
                    self.tries.insert((file.name, file.inode), (0, at + ELSEWHERE));
                    pass.waiting += 1;
                }
                None => {}
            }
        }
        let Taken { mut settled, put_back } = desk.take(claimed).map_err(|error| error.to_string())?;
        pass.answered += answer(self, (disk, desk), &settled, stamps, &mut pass.alarms)?;
        settled.clear();
        let (left, failed): (Vec<Settled>, _) = desk.reopen(claims.taken).map_err(|error| error.to_string())?;
        pass.alarms.extend(failed);
        pass.answered += answer(self, (disk, desk), &left, &|_, _| None, &mut pass.alarms)?;
        not_there.extend(put_back.iter().map(|(id, _)| *id));
        desk.forget(&not_there).map_err(|error| error.to_string())?;
        for (id, why) in put_back {
            let Some((name, inode)) = keys.remove(&id) else { continue };
            pass.waiting += 1;
            self.again_later(&name, inode, at);
            pass.alarms.push(format!("{} cannot be read now: {why}", String::from_utf8_lossy(&name)));
        }
        Ok(())
    }

    fn print_papers(&mut self, (disk, desk): (&Disk, &Desk<'_>), pass: &mut Pass) -> Result<(), String> {
        let (done, files) = desk.papers(PAPERS).map_err(|error| error.to_string())?;
        let by = (self.owner.as_str(), self.options.flush_threads);
        // One that is there already was put there by another worker, or before a crash.
        let failed = write(disk, &files, by, false).map_err(|error| format!("papers cannot be written: {error}"))?;
        pass.alarms.extend(failed_alarm("papers", &failed, &[]));
        let done: Vec<i64> = done.into_iter().filter(|id| !failed.contains_key(id)).collect();
        desk.papers_done(&done).map_err(|error| error.to_string())?;
        pass.papers = files.len();
        pass.more |= done.len() == usize::from(PAPERS);
        Ok(())
    }
}
