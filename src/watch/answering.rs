//! After the commit: the file is moved, its answer written last and flushed; then the delivery is done.

use std::fs::File;
use std::io;

use super::Folder;
use super::disk::{Disk, Moved};
use super::entry::{Kind, Stamp};
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
        match dispose(disk, one, seen) {
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
    let mut written = 0;
    for one in settled.iter().filter(|one| !folder.answered.contains(&one.delivery.id)) {
        files.extend(desk.files(one));
        written += 1;
    }
    write(disk, &files, folder.options.flush_threads).map_err(|error| format!("answers cannot be written: {error}"))?;
    folder.answered.extend(settled.iter().map(|one| one.delivery.id));
    for id in &moved {
        folder.answered.remove(id);
    }
    desk.answered(&moved).map_err(|error| error.to_string())?;
    Ok(written)
}

/// Moves the file of a delivery, if it is still the one that was taken. Bytes that came in its place meanwhile are another
/// delivery and stay.
fn dispose(disk: &Disk, settled: &Settled, seen: Option<Stamp>) -> io::Result<()> {
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
        Moved::There => disk.remove_done(name),
        Moved::Gone => tracing::info!(delivery = delivery.id, "the file was taken away after it was taken"),
    }
    Ok(())
}

/// Writes files into the folder of answers: all flushed under temporary names first, then named in their order (the
/// document of an answer is its last), then the folder.
pub(super) fn write(disk: &Disk, files: &[AnswerFile], threads: usize) -> io::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    // So many open files at a time.
    for some in files.chunks(512) {
        let mut parts = Vec::with_capacity(some.len());
        for file in some {
            parts.push(disk.write_part(&file.name, &file.bytes)?);
        }
        flush(parts.iter().map(|(_, file)| file).collect(), threads)?;
        for ((part, _), file) in parts.iter().zip(some) {
            disk.give_name(part, &file.name)?;
        }
    }
    disk.flush_answers()
}

/// Flushes many files: side by side they share the journal's writes.
fn flush(files: Vec<&File>, threads: usize) -> io::Result<()> {
    let each = files.len().div_ceil(threads.max(1)).max(1);
    if files.len() <= each {
        return files.into_iter().try_for_each(File::sync_all);
    }
    std::thread::scope(|scope| {
        let flush_some = |some: &[&File]| some.iter().try_for_each(|file| file.sync_all());
        let workers: Vec<_> = files.chunks(each).map(|some| scope.spawn(move || flush_some(some))).collect();
        let mut joined = workers.into_iter().map(|worker| worker.join());
        joined.try_for_each(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
