//! Mails from the outbox to a mail server: what arrives, what is tried again, what is given up and what is said.

mod flows;
mod mail_server;
mod place;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use caruman::store::outbox::OutboxPart;
use caruman::watch::disk::init;
use flows::{Done, run};
use mail_server::{Heard, MailServer, Manners, certified};
use place::Place;
use serde_json::Value;

const NOW: &str = "2026-11-10T09:00:00+08:00";
/// When what was not taken at first is tried again.
const SOON: &str = "2026-11-10T09:02:00+08:00";
const CLERK: &str = "clerk@example.my";
const BOSS: &str = "boss@example.my";

on_both! {
    mails_arrive_as_they_were_kept
    what_is_not_taken_yet_is_tried_again
    what_is_refused_is_given_up_and_said
    a_server_that_is_not_there_is_asked_once
    a_wrong_password_gives_nothing_up
    no_mail_without_tls_to_another_machine
    mails_go_over_tls
    many_answers_go_together
    one_sends_at_a_time
    serve_sends
}

/// An office with a watched folder whose answers are mailed.
struct Office<'a> {
    place: &'a Place,
    inbox: tempfile::TempDir,
    /// What stands in `[mail]`.
    mail: String,
    /// Trusted authorities, instead of those of this machine.
    authorities: Option<PathBuf>,
}

impl Office<'_> {
    fn new<'a>(place: &'a Place, port: u16) -> Office<'a> {
        let inbox = tempfile::tempdir().expect("a folder");
        init(inbox.path(), "mail-story").expect("made");
        Office { place, inbox, mail: format!("server = \"smtp://127.0.0.1:{port}\"\n"), authorities: None }
    }

    fn config(&self, addresses: &[&str]) -> String {
        let path = self.place.data.path().join("caruman.toml");
        let (mail, inbox) = (&self.mail, self.inbox.path().display());
        let text = format!(
            "mail_from = \"Office <office@example.my>\"\n[mail]\n{mail}[[inbox]]\npath = \"{inbox}\"\n\
             notify = {addresses:?}\nquiet_seconds = 0\nreserve_mib = 0\nscan_seconds = 1\n"
        );
        fs::write(&path, text).expect("written");
        path.to_str().expect("a path").to_owned()
    }

    fn drop(&self, names: &[&str]) {
        for name in names {
            fs::write(self.inbox.path().join("drop").join(name), format!("no contribution file: {name}\n"))
                .expect("written");
        }
    }

    /// Files that need somebody are dropped, and these are told.
    fn dropped(&self, names: &[&str], addresses: &[&str]) {
        self.drop(names);
        let folder = self.inbox.path().to_str().expect("a path");
        let done = run(self.place, NOW, &["--config", &self.config(addresses), "inbox", folder, "--once"]);
        assert!(done.status < 2, "{}\n{}", done.out, done.err);
    }

    fn call(&self, now: &str, arguments: &[&str]) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
        command.arg("--data").arg(self.place.data.path()).args(["--now", now, "--config", &self.config(&[CLERK])]);
        command.env_remove("CARUMAN_LOG");
        if let Some(authorities) = &self.authorities {
            command.env("SSL_CERT_FILE", authorities).env_remove("SSL_CERT_DIR");
        }
        if let Some(url) = &self.place.url {
            command.args(["--database", url]);
        }
        let output = command.args(arguments).output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Done { status: output.status.code().expect("a status"), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs the job; gives what it says.
    fn job(&self, now: &str) -> String {
        let done = self.call(now, &["--quiet", "job", "run", "outbox"]);
        assert_eq!(done.status, 0, "{}", done.err);
        assert!(
            !(done.out.clone() + &done.err).contains('@'),
            "no addresses in what is said: {}{}",
            done.out,
            done.err
        );
        done.out.trim_end().to_owned()
    }

    /// State, attempts and note of what waits or was given up.
    fn outbox(&self, more: &[&str]) -> Vec<(String, u64, String)> {
        let done = self.call(NOW, &[&["job", "outbox", "--output", "json"], more].concat());
        assert_eq!(done.status, 0, "{}", done.err);
        let rows = done.json();
        let text = |row: &Value, key: &str| row[key].as_str().expect("a text").to_owned();
        let rows = rows.as_array().expect("rows").iter();
        rows.map(|row| (text(row, "state"), row["attempts"].as_u64().expect("a number"), text(row, "note"))).collect()
    }

    fn mails(&self, below: &str) -> Vec<Vec<u8>> {
        files(&self.place.data.path().join("mail").join(below))
    }
}

/// The files of a folder by their names.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|p| p.is_file()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("read")).collect()
}

fn replies(address: &str, replies: &[&'static str]) -> HashMap<String, VecDeque<&'static str>> {
    HashMap::from([(address.to_owned(), replies.iter().copied().collect())])
}

fn mails_arrive_as_they_were_kept(place: &Place) {
    let server = MailServer::start(Manners { login: Some(("office", "a secret")), ..Manners::default() });
    let mut office = Office::new(place, server.port);
    let password = place.data.path().join("password");
    fs::write(&password, "a secret\n").expect("written");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o400)).expect("permissions");
    office.mail +=
        &format!("user = \"office\"\npassword_file = \"{}\"\nhello = \"pay.example.my\"\n", password.display());
    let points = format!("a{}.txt", ".".repeat(150));
    office.dropped(&[&points, "b 750101141001.txt"], &["Clerk <clerk@example.my>", BOSS]);
    assert_eq!(office.job(NOW), "4 went out, 0 were not needed, 0 are tried again");
    let Heard { connections, commands, mails } = server.take();
    assert_eq!((connections, mails.len()), (1, 4), "{commands:?}");
    assert_eq!(commands[0], "EHLO pay.example.my");
    let arrived: BTreeSet<Vec<u8>> = mails.iter().map(|mail| mail.bytes.clone()).collect();
    assert!(arrived == office.mails("sent").into_iter().collect(), "the same bytes: {:?}", mails[0].text());
    assert!(
        mails.iter().any(|mail| mail.bytes.windows(3).any(|three| three == b"\r\n.")),
        "a line begins with a point"
    );
    assert_eq!(mails.iter().filter(|mail| mail.to == CLERK && mail.from == "office@example.my").count(), 2);
    assert!(mails.iter().all(|mail| !mail.text().contains("750101141001")), "no identity number");
    assert!(mails.iter().any(|mail| mail.text().contains("b ********1001.txt")));
    assert!(office.mails("").is_empty(), "nothing waits");
    assert_eq!(office.job(SOON), "0 went out, 0 were not needed, 0 are tried again");
    assert_eq!(server.take().connections, 0);
    fs::set_permissions(&password, fs::Permissions::from_mode(0o440)).expect("permissions");
    office.call(NOW, &["job", "run", "outbox"]).one_sentence("chmod 0400");
}

fn what_is_not_taken_yet_is_tried_again(place: &Place) {
    let recipients = replies(CLERK, &["451 4.7.1 <clerk@example.my> come later"]);
    let server = MailServer::start(Manners { recipients, ..Manners::default() });
    let office = Office::new(place, server.port);
    office.dropped(&["a.txt"], &[CLERK, BOSS]);
    let said = office.job(NOW);
    assert!(said.starts_with("1 went out, 0 were not needed, 1 are tried again\n"), "{said}");
    assert!(said.contains("451 4.7.1 … come later"), "{said}");
    let first = server.take();
    assert_eq!((first.connections, first.mails.len(), first.mails[0].to.as_str()), (1, 1, BOSS));
    let kept = office.mails("");
    assert_eq!(kept.len(), 1, "it is kept while it waits");
    assert_eq!(office.job(NOW), "0 went out, 0 were not needed, 0 are tried again", "not at once");
    assert_eq!(office.outbox(&[])[0].1, 1);
    assert!(office.job(SOON).starts_with("1 went out"));
    let second = server.take();
    assert_eq!((second.mails.len(), second.mails[0].to.as_str()), (1, CLERK));
    assert_eq!(second.mails[0].bytes, kept[0], "the same mail, with the same Message-ID and date");
    assert!(office.outbox(&[]).is_empty());
}

fn what_is_refused_is_given_up_and_said(place: &Place) {
    let recipients = replies(CLERK, &["550 5.1.1 <clerk@example.my>: nobody of this name"]);
    let server = MailServer::start(Manners { recipients, ..Manners::default() });
    let office = Office::new(place, server.port);
    office.dropped(&["a.txt"], &[CLERK, BOSS]);
    let said = office.job(NOW);
    assert!(said.starts_with("1 went out, 0 were not needed, 0 are tried again, 1 were given up\n"), "{said}");
    assert!(said.contains("the mail server refuses it: 550 5.1.1 … nobody of this name"), "{said}");
    let heard = server.take();
    assert_eq!((heard.connections, heard.mails.len()), (1, 1), "the line serves the next mail");
    assert_eq!((office.mails("refused").len(), office.mails("sent").len(), office.mails("").len()), (1, 1, 0));
    let [(state, 1, note)] = &office.outbox(&[])[..] else { panic!("one was given up") };
    assert!(state == "given-up" && note.contains("550 5.1.1"), "{state} {note}");
    assert_eq!(office.job(SOON), "0 went out, 0 were not needed, 0 are tried again", "not by itself");
    assert_eq!(office.outbox(&["--again", "1"]), [("waiting".to_owned(), 0, String::new())]);
    assert!(office.job(SOON).starts_with("1 went out"));
    assert_eq!(server.take().mails[0].to, CLERK);
    office.call(NOW, &["job", "outbox", "--again", "1"]).one_sentence("entry 1");
}

fn a_server_that_is_not_there_is_asked_once(place: &Place) {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut office = Office::new(place, gone.local_addr().expect("an address").port());
    drop(gone);
    office.dropped(&["a.txt", "b.txt"], &[CLERK, BOSS]);
    let said = office.job(NOW);
    assert!(said.starts_with("0 went out, 0 were not needed, 4 are tried again\n"), "{said}");
    assert!(said.contains("the mail server cannot be used: ") && said.lines().count() == 2, "{said}");
    let attempts: u64 = office.outbox(&[]).iter().map(|row| row.1).sum();
    assert_eq!((office.outbox(&[]).len(), attempts), (4, 1), "nothing is lost, and one was tried");
    let server = MailServer::start(Manners::default());
    office.mail = format!("server = \"smtp://localhost:{}\"\n", server.port);
    assert!(office.job(SOON).starts_with("4 went out"));
    assert_eq!(server.take().connections, 1);
    // Without a server, mails are files for somebody else to send.
    office.mail = String::new();
    office.dropped(&["c.txt"], &[CLERK]);
    assert!(office.job(SOON).starts_with("1 went out"));
    assert_eq!((office.mails("").len(), office.mails("sent").len()), (1, 4));
}

fn a_wrong_password_gives_nothing_up(place: &Place) {
    let server = MailServer::start(Manners { login: Some(("office", "a secret")), ..Manners::default() });
    let mut office = Office::new(place, server.port);
    office.dropped(&["a.txt"], &[CLERK]);
    let said = office.job(NOW);
    assert!(said.contains("530 5.7.0 who are you") && said.starts_with("0 went out, 0 were not needed, 1"), "{said}");
    let password = place.data.path().join("password");
    fs::write(&password, "another\n").expect("written");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("permissions");
    office.mail += &format!("user = \"office\"\npassword_file = \"{}\"\n", password.display());
    let said = office.job(SOON);
    assert!(said.contains("535 5.7.8") && !said.contains("another"), "{said}");
    assert_eq!((office.outbox(&[])[0].0.as_str(), server.take().mails.len()), ("waiting", 0));
}

fn no_mail_without_tls_to_another_machine(place: &Place) {
    let server = MailServer::start(Manners { login: Some(("office", "a secret")), ..Manners::default() });
    let (authorities, _) = certified();
    let mut office = Office::new(place, server.port);
    let trusted = place.data.path().join("authorities.pem");
    fs::write(&trusted, authorities).expect("written");
    office.authorities = Some(trusted);
    // An address of this machine that is not one of those that never leave it.
    office.mail = format!("server = \"smtp://0.0.0.0:{}\"\n", server.port);
    office.dropped(&["a.txt"], &[CLERK]);
    let said = office.job(NOW);
    assert!(
        said.contains("it offers no TLS (STARTTLS), which is needed for every server but one on this machine"),
        "{said}"
    );
    let heard = server.take();
    assert!(heard.commands.iter().all(|command| !command.starts_with("MAIL") && !command.starts_with("AUTH")));
    assert_eq!(office.outbox(&[]).len(), 1);
    office.mail = "server = \"http://mail.example.my\"\n".to_owned();
    office.call(NOW, &["job", "run", "outbox"]).one_sentence("must be smtps:// or smtp://");
}

fn mails_go_over_tls(place: &Place) {
    let (authorities, acceptor) = certified();
    let trusted = place.data.path().join("authorities.pem");
    fs::write(&trusted, authorities).expect("written");
    let asked = MailServer::start(Manners { tls: Some(acceptor.clone()), ..Manners::default() });
    let at_once = MailServer::start(Manners { tls: Some(acceptor), tls_at_once: true, ..Manners::default() });
    let mut office = Office::new(place, asked.port);
    office.dropped(&["a.txt"], &[CLERK, BOSS]);
    office.mail = format!("server = \"smtp://0.0.0.0:{}\"\n", asked.port);
    // An authority that did not sign.
    office.authorities = Some(place.data.path().join("others.pem"));
    fs::write(place.data.path().join("others.pem"), certified().0).expect("written");
    let said = office.job(NOW);
    assert!(said.contains("the mail server cannot be used: ") && said.contains("certificate"), "{said}");
    office.authorities = Some(trusted);
    assert!(office.job(NOW).starts_with("1 went out"));
    let heard = asked.take();
    // The first talk ended when the certificate was seen.
    let begins: Vec<&str> = heard.commands.iter().map(|command| &command[..4]).skip(2).collect();
    assert_eq!((begins, heard.mails.len()), (vec!["EHLO", "STAR", "EHLO", "MAIL", "RCPT", "DATA", "QUIT"], 1));
    office.mail = format!("server = \"smtps://localhost:{}\"\n", at_once.port);
    assert!(office.job(SOON).starts_with("1 went out"));
    assert_eq!(at_once.take().mails.len(), 1);
}

fn many_answers_go_together(place: &Place) {
    let recipients = replies(CLERK, &["451 come later"]);
    let server = MailServer::start(Manners { recipients, ..Manners::default() });
    let office = Office::new(place, server.port);
    let names = ["1.txt", "2.txt", "3.txt", "4.txt", "5.txt", "6 750101141001.txt"];
    office.dropped(&names, &[CLERK, BOSS]);
    let said = office.job(NOW);
    assert!(said.starts_with("6 went out, 0 were not needed, 6 are tried again\n"), "{said}");
    assert!(said.contains(" and 5 more: "), "{said}");
    let first = server.take();
    let [boss] = &first.mails[..] else { panic!("one mail about six files: {}", first.mails.len()) };
    assert_eq!(boss.to, BOSS);
    let text = boss.text();
    assert!(text.contains("Subject: Watched folders: 6 files need somebody") && text.contains("1.txt"), "{text}");
    assert!(text.contains("6 ********1001.txt") && !text.contains("750101141001"), "{text}");
    assert_eq!(text.matches("not taken").count(), 6, "{text}");
    let kept = office.mails("");
    // What comes later does not change a mail that was tried.
    office.dropped(&["7.txt"], &[CLERK]);
    assert!(office.job(SOON).starts_with("7 went out"));
    let second = server.take();
    assert_eq!(second.mails.len(), 2);
    let again = second.mails.iter().find(|mail| mail.text().contains("6 files")).expect("the six");
    assert_eq!(vec![again.bytes.clone()], kept);
    assert_ne!(again.message_id(), boss.message_id(), "another address");
    assert!(office.outbox(&[]).is_empty() && office.mails("").is_empty());
    // Five are told of one by one.
    office.dropped(&["a", "b", "c", "d", "e"], &[CLERK]);
    assert!(office.job(SOON).starts_with("5 went out"));
    assert_eq!(server.take().mails.len(), 5);
}

fn one_sends_at_a_time(place: &Place) {
    let office = Office::new(place, 1);
    office.dropped(&["a.txt"], &[CLERK]);
    let (one, other) = (place.store(), place.store());
    let now = NOW.parse().expect("a moment");
    let due = one.outbox_due_of(OutboxPart::Mails, now, 10).expect("read");
    assert_eq!(due, other.outbox_due_of(OutboxPart::Mails, now, 10).expect("read"));
    assert!(one.outbox_due_of(OutboxPart::Papers, now, 10).expect("read").is_empty());
    let later = now + chrono::TimeDelta::minutes(30);
    let mut group = one.begin_group().expect("a group");
    assert!(group.outbox_claim(&due, later).expect("asked"));
    group.commit().expect("kept");
    let mut group = other.begin_group().expect("a group");
    assert!(!group.outbox_claim(&due, later).expect("asked"), "the first has it");
    drop(group);
    assert!(other.outbox_due_of(OutboxPart::Mails, now, 10).expect("read").is_empty());
    let again = other.outbox_due_of(OutboxPart::Mails, later, 10).expect("read");
    assert_eq!((again.len(), again[0].note.as_str()), (1, "being sent"), "the first never came back");
}

/// A process that is stopped when the test ends, however it ends.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn serve_sends(place: &Place) {
    let server = MailServer::start(Manners::default());
    let office = Office::new(place, server.port);
    office.dropped(&["a.txt"], &[CLERK]);
    let said = place.data.path().join("said");
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.arg("--data").arg(place.data.path()).args(["--now", NOW, "--config", &office.config(&[CLERK])]);
    if let Some(url) = &place.url {
        command.args(["--database", url]);
    }
    command.args(["serve", "--listen", "127.0.0.1:0", "--no-inbox"]).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(fs::File::create(&said).expect("made"));
    let mut serve = Running(command.spawn().expect("it starts"));
    for _ in 0..600 {
        if server.mails() > 0 && !office.mails("sent").is_empty() {
            break;
        }
        assert!(serve.0.try_wait().expect("looked").is_none(), "{}", fs::read_to_string(&said).expect("read"));
        std::thread::sleep(Duration::from_millis(100));
    }
    let mails = server.take().mails;
    assert_eq!(mails.iter().map(|mail| mail.bytes.clone()).collect::<Vec<_>>(), office.mails("sent"));
    assert_eq!(mails.len(), 1);
}
