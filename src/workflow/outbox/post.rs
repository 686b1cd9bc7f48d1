//! Where mails are kept, and the line on which they go out.

use std::fs::{File, OpenOptions, create_dir_all, read, remove_file, rename};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::notify::{MailAddress, MailLine, MailServer, SendFault};

/// What the server took, beneath the folder of mails.
pub(super) const SENT: &str = "sent";
/// What it never will.
pub(super) const REFUSED: &str = "refused";

/// One connection for all mails of a run; opened with the first.
pub(super) struct Post<'a> {
    server: Option<&'a MailServer>,
    line: Option<MailLine>,
    down: bool,
}

impl<'a> Post<'a> {
    pub(super) const fn new(server: Option<&'a MailServer>) -> Post<'a> {
        Post { server, line: None, down: false }
    }

    /// Whether there is a server; without one, mails are only kept.
    pub(super) const fn sends(&self) -> bool {
        self.server.is_some()
    }

    /// The server could not be used in this run: it is not tried again for every mail.
    pub(super) const fn is_down(&self) -> bool {
        self.down
    }

    pub(super) fn send(&mut self, from: &MailAddress, to: &MailAddress, mail: &[u8]) -> Result<(), SendFault> {
        let sent = self.line().and_then(|line| line.send(from, to, mail));
        if matches!(sent, Err(SendFault::Server(_))) {
            (self.line, self.down) = (None, true);
        }
        sent
    }

    /// Rendering papers takes its time: a server may have hung up meanwhile.
    fn line(&mut self) -> Result<&mut MailLine, SendFault> {
        let Some(server) = self.server else { return Err(SendFault::Server("none is set".to_owned())) };
        if self.line.as_mut().is_some_and(|line| !line.is_alive()) {
            self.line = None;
        }
        match &mut self.line {
            Some(line) => Ok(line),
            none => Ok(none.insert(server.connect()?)),
        }
    }
}

/// Keeps a mail, whole or not at all, for the owner's eyes, and gives it. A mail that was kept before and differs in its
/// date only stays as it is: what is sent again is the same mail.
pub(super) fn keep(folder: &Path, name: &str, mail: Vec<u8>) -> io::Result<Vec<u8>> {
    match read(folder.join(name)) {
        Ok(kept) if without_date(&kept) == without_date(&mail) => return Ok(kept),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    create_dir_all(folder)?;
    let part = folder.join(format!("{name}.part"));
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&part)?;
    file.write_all(&mail)?;
    file.sync_all()?;
    rename(part, folder.join(name))?;
    File::open(folder)?.sync_all()?;
    Ok(mail)
}

/// Puts a kept mail where it belongs now.
pub(super) fn put_away(folder: &Path, name: &str, place: &str) -> io::Result<()> {
    create_dir_all(folder.join(place))?;
    rename(folder.join(name), folder.join(place).join(name))
}

/// A kept mail that is not needed any more.
pub(super) fn forget(folder: &Path, name: &str) -> io::Result<()> {
    match remove_file(folder.join(name)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The heads of a mail but its date, and its text.
fn without_date(mail: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let end = mail.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(mail.len());
    let (heads, text) = mail.split_at(end);
    (heads.split(|byte| *byte == b'\n').filter(|head| !head.starts_with(b"Date: ")).collect(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_with_another_date_is_the_mail_that_was_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let mail =
            |day: u8, text: &str| format!("From: a\r\nDate: {day}\r\nTo: b\r\n\r\nDate: {text}\r\n").into_bytes();
        let kept = |given: Vec<u8>| keep(folder.path(), "a.eml", given).expect("kept");
        assert_eq!(kept(mail(1, "x")), mail(1, "x"));
        assert_eq!(kept(mail(2, "x")), mail(1, "x"));
        assert_eq!(kept(mail(3, "y")), mail(3, "y"), "another text is another mail");
        assert_eq!(read(folder.path().join("a.eml")).expect("read"), mail(3, "y"));
        put_away(folder.path(), "a.eml", SENT).expect("put away");
        assert!(!folder.path().join("a.eml").exists() && folder.path().join("sent/a.eml").exists());
        forget(folder.path(), "a.eml").expect("nothing to forget");
    }
}
