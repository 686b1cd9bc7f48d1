//! After the commit: the file is moved, its answer written last and flushed; then the delivery is done.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io;

use super::disk::{Disk, Moved};
use super::entry::{Kind, Readiness, Stamp};
use super::parts::{is_left, part_name};
use super::{Folder, owner};
use crate::source::FileSource;
use crate::workflow::inbox::finish::AnswerFile;
use crate::workflow::inbox::take::Settled;
use crate::workflow::inbox::{Desk, Outcome};

/// Moves and answers settled deliveries; what could not be done is said in `alarms` and tried again. Gives how many were
/// answered.
pub(super) fn answer(
    folder: &mut Folder,
    (disk, desk): (&Disk, &Desk<'_>),
    settled: &[Settled],
    stamps: &dyn Fn(&[u8], u64) -> Option<Stamp>,
    alarms: &mut Vec<String>,
) -> Result<usize, String> {
    if settled.is_empty() {
        return Ok(0);
    }
    let mut moved = Vec::with_capacity(settled.len());
    let mut used = Vec::new();
    for one in settled {
        let delivery = &one.delivery;
        let seen = stamps(&delivery.file_name, delivery.inode);
        match dispose(disk, one, seen, &folder.readiness) {
            Ok(()) => {
                moved.push(delivery.id);
                let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.id() == delivery.outcome);
                used.extend(outcome.filter(|outcome| !used.contains(outcome)));
            }
            Err(error) => {
                let (id, to) = (delivery.id, &delivery.moved_to);
                alarms.push(format!(
                    "delivery {id} is taken and answered, but its file cannot be moved to {to}: {error}"
                ));
            }
        }
    }
    disk.flush_moves(&used).map_err(|error| format!("the moves cannot be made durable: {error}"))?;
    let mut files = Vec::new();
    let mut fresh: Vec<i64> = Vec::new();
    for one in settled.iter().filter(|one| !folder.answered.contains(&one.delivery.id)) {
        files.extend(desk.files(one));
        fresh.push(one.delivery.id);
    }
    let by = (folder.owner.as_str(), folder.options.flush_threads);
    let failed = write(disk, &files, by, true).map_err(|error| format!("answers cannot be written: {error}"))?;
    alarms.extend(failed_alarm("answer", &failed, settled));
    fresh.retain(|id| !failed.contains_key(id));
    moved.retain(|id| !failed.contains_key(id));
    let written = fresh.len();
    folder.answered.extend(fresh);
    for id in &moved {
        folder.answered.remove(id);
    }
    desk.answered(&moved).map_err(|error| error.to_string())?;
    Ok(written)
}

/// Moves the file of a delivery, if it is still the one that was taken. Bytes that came in its place meanwhile are another
/// delivery and stay.
fn dispose(disk: &Disk, settled: &Settled, seen: Option<Stamp>, readiness: &Readiness) -> io::Result<()> {
    let delivery = &settled.delivery;
    let (name, inode) = (delivery.file_name.as_slice(), delivery.inode);
    if let Some(now) = disk.stamp(name)?
        && now.inode == inode
        && seen != Some(now)
        && now.kind == Kind::File
        && let Some(digest) = delivery.digest
    {
        let source = FileSource::of(disk.read(name)?.0)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(source.reader())?;
        if *hasher.finalize().as_bytes() != digest {
            tracing::warn!(delivery = delivery.id, "the file was written over after it was taken; the new one is next");
            return Ok(());
        }
    }
    match disk.move_away(name, inode, &delivery.moved_to)? {
        Moved::There => disk.remove_done(&readiness.marker(name)),
        Moved::Gone => tracing::info!(delivery = delivery.id, "the file was taken away after it was taken"),
    }
    Ok(())
}

/// One sentence for all whose files could not be written; they are tried again.
pub(super) fn failed_alarm(what: &str, failed: &Failed, settled: &[Settled]) -> Option<String> {
    let (id, error) = failed.first_key_value()?;
    let name = settled.iter().find(|one| one.delivery.id == *id).map(|one| one.delivery.answer_name.as_str());
    let named = name.map(|name| format!(" ({name})")).unwrap_or_default();
    let more = match failed.len() - 1 {
        0 => String::new(),
        more => format!("; nor those of {more} others"),
    };
    Some(format!("the {what} of delivery {id}{named} cannot be written, and is tried again: {error}{more}"))
}

/// Deliveries whose files could not be written, and why.
pub(super) type Failed = BTreeMap<i64, io::Error>;

/// Writes files into the folder of answers: all flushed under temporary names first, then named in their order (the
/// document of an answer is its last), then the folder. What cannot be written stops only the files of its delivery.
/// Without `replace`, a file that is there already is left alone.
pub(super) fn write(
    disk: &Disk,
    files: &[AnswerFile],
    (owner, threads): (&str, usize),
    replace: bool,
) -> io::Result<Failed> {
    let mut failed = Failed::new();
    if files.is_empty() {
        return Ok(failed);
    }
    let mut count = 0;
    // So many open files at a time.
    for some in files.chunks(512) {
        let mut parts = Vec::with_capacity(some.len());
        for file in some {
            if failed.contains_key(&file.delivery) || !replace && disk.has_answer(&file.name)? {
                continue;
            }
            count += 1;
            let part = part_name(file.delivery, count, owner);
            match disk.write_part(&part, &file.bytes) {
                Ok(open) => parts.push((file, part, open)),
                Err(error) => {
                    failed.insert(file.delivery, error);
                }
            }
        }
        let flushed = flush(parts.iter().map(|(_, _, open)| open).collect(), threads);
        for ((file, part, _), flushed) in parts.iter().zip(flushed) {
            // Once one file of an answer failed, those after it get no name either.
            match failed.entry(file.delivery) {
                Entry::Occupied(_) => disk.remove_part(part),
                Entry::Vacant(place) => {
                    if let Err(error) = flushed.and_then(|()| disk.give_name(part, &file.name)) {
                        disk.remove_part(part);
                        place.insert(error);
                    }
                }
            }
        }
    }
    disk.flush_answers()?;
    Ok(failed)
}

/// Flushes many files: side by side they share the journal's writes.
fn flush(files: Vec<&File>, threads: usize) -> Vec<io::Result<()>> {
    let each = files.len().div_ceil(threads.max(1)).max(1);
    if files.len() <= each {
        return files.into_iter().map(File::sync_all).collect();
    }
    std::thread::scope(|scope| {
        let flush_some = |some: &[&File]| some.iter().map(|file| file.sync_all()).collect::<Vec<_>>();
        let workers: Vec<_> = files.chunks(each).map(|some| scope.spawn(move || flush_some(some))).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined.flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// Removes temporary files that workers who are gone left in the folder of answers.
pub(super) fn remove_left(disk: &Disk, now_seconds: i64) -> io::Result<usize> {
    let mut hidden = disk.hidden_answers()?;
    hidden.retain(|(name, changed)| is_left(name, now_seconds.saturating_sub(*changed), &owner::is_gone));
    for (name, _) in &hidden {
        disk.remove_part(name);
    }
    Ok(hidden.len())
}
