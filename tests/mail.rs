//! `caruman ack mail`: the file holds the document that `ack print` gives, and a wrong address stops before anything is
//! opened.

mod mail_server;

use std::path::Path;
use std::process::{Command, Output};

use mail_server::{MailServer, Manners};

fn caruman(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_caruman"))
        .current_dir(folder)
        .args(["--now", "2026-11-10T09:00:00+08:00"])
        .args(arguments)
        .output()
        .expect("the program starts")
}

/// The bytes of the base64 that follows the attachment's heads.
fn attachment(mail: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let part = mail.split("Content-Disposition: attachment").nth(1).expect("an attachment");
    let text = part.split("\r\n\r\n").nth(1).and_then(|body| body.split("\r\n--").next()).expect("its body");
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '=')
        .map(|c| DIGITS.find(c).expect("a base64 digit") as u8)
        .collect();
    let group = |four: &[u8]| {
        let bits = four.iter().fold(0_u32, |bits, digit| bits << 6 | u32::from(*digit)) << (6 * (4 - four.len()));
        bits.to_be_bytes()[1..four.len()].to_vec()
    };
    digits.chunks(4).flat_map(group).collect()
}

#[test]
fn the_mail_holds_the_document() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(caruman(folder.path(), &["demo"]).status.success());
    let number = "ECR112260000001";
    let data = ["--data", "caruman-demo/data"];
    let addresses = ["--to", "Payroll <payroll@example.com>", "--from", "office@example.my"];
    for (language, words) in [("en", "This is not a receipt."), ("ms", "Ini bukan resit.")] {
        let file = format!("{language}.eml");
        let mut arguments = vec!["ack", "mail", "ecr112260000001", "--lang", language, "--out", &file];
        arguments.extend(data.into_iter().chain(addresses));
        let output = caruman(folder.path(), &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), file);
        let mail = std::fs::read_to_string(folder.path().join(&file)).expect("the mail");
        assert!(mail.contains("To: Payroll <payroll@example.com>\r\n") && mail.contains(words), "{mail:.2000}");
        let printed = std::fs::read(folder.path().join(format!("caruman-demo/{number}.pdf"))).expect("the PDF");
        assert!(attachment(&mail) == printed, "the attachment is not the printed document");
    }
}

#[test]
fn the_mail_is_sent_where_that_is_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(caruman(folder.path(), &["demo"]).status.success());
    let server = MailServer::start(Manners::default());
    let config = folder.path().join("caruman.toml");
    let text = format!("[mail]\nfrom = \"office@example.my\"\nserver = \"smtp://127.0.0.1:{}\"\n", server.port);
    std::fs::write(&config, text).expect("written");
    let config = config.to_str().expect("a path");
    let usual = ["ack", "mail", "ACR112260000001", "--to", "payroll@example.com", "--data", "caruman-demo/data"];
    let nobody = caruman(folder.path(), &usual);
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("say who sends it"));
    let nowhere = caruman(folder.path(), &[&usual[..], &["--from", "office@example.my", "--send"]].concat());
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("no mail server is set"));
    assert!(!folder.path().join("ACR112260000001.eml").exists());
    let output = caruman(folder.path(), &[&usual[..], &["--config", config, "--send"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("sent to payroll@example.com over 127.0.0.1:"));
    let written = std::fs::read(folder.path().join("ACR112260000001.eml")).expect("the mail");
    let heard = server.take();
    assert_eq!((heard.mails[0].to.as_str(), &heard.mails[0].bytes), ("payroll@example.com", &written));
}

#[test]
fn wrong_addresses_and_numbers_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = "payroll@example.com";
    for (to, from) in
        [("nobody", good), (good, "a@example.my, b@example.my"), ("a@example.my\nBcc: b@example.my", good)]
    {
        let output = caruman(folder.path(), &["ack", "mail", "ACR112260000001", "--to", to, "--from", from]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert!(said.contains("is no mail address; write one such as payroll@example.my"), "{said}");
        assert!(!folder.path().join("caruman-data").exists(), "nothing was opened");
    }
    let output = caruman(folder.path(), &["ack", "mail", "ACR112260000001", "--to", good, "--from", good]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr).trim(), "caruman: there is no acknowledgement ACR112260000001");
}
