//! The log says what happened and to which number, and nobody's identity, however much of it is asked for.

use std::path::Path;
use std::process::{Command, Output};

/// Columns of the identity number and of the name in the layouts of ASSIST, from 0.
const ID_NUMBER: std::ops::Range<usize> = 32..44;
const NAME: std::ops::Range<usize> = 44..194;

fn caruman(folder: &Path, log: &str, arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_caruman"))
        .current_dir(folder)
        .env("CARUMAN_LOG", log)
        .args(["--now", "2026-11-10T09:00:00+08:00"])
        .args(arguments)
        .output()
        .expect("the program starts");
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A month from its file with faults to paper: the results, and what was said beside them.
fn month(folder: &Path, log: &str) -> (String, String) {
    let (mut results, mut said) = (String::new(), String::new());
    for arguments in [
        vec!["demo"],
        vec!["submit", "--policy", "good-lines", "caruman-demo/perkeso-october-three-faults.txt"],
        vec!["submit", "caruman-demo/perkeso-october.txt"],
        vec!["submit", "caruman-demo/perkeso-october-three-faults.txt"],
        vec!["submission", "show", "S-000001", "--output", "json"],
        vec!["ack", "show", "ACR112260000001"],
        vec!["ack", "print", "ACR112260000001", "--form", "borang-8a"],
        vec!["ack", "mail", "ACR112260000001", "--to", "payroll@example.my", "--from", "office@example.my"],
        vec!["check", "caruman-demo/perkeso-october-three-faults.txt", "--output", "json"],
    ] {
        let output = caruman(folder, log, &arguments);
        results += &String::from_utf8_lossy(&output.stdout);
        said += &String::from_utf8_lossy(&output.stderr);
    }
    (results, said)
}

#[test]
fn no_identity_in_the_log_or_the_results() {
    let folder = tempfile::tempdir().expect("a folder");
    let (results, said) = month(folder.path(), "trace");
    assert!(said.contains("submission recorded") && said.contains("document rendered"), "{said}");
    for file in ["samples/demo/perkeso-october.txt", "samples/demo/perkeso-october-three-faults.txt"] {
        let text = std::fs::read_to_string(file).expect("the sample");
        for line in text.lines() {
            let (number, name) = (line[ID_NUMBER].trim(), line[NAME].trim());
            assert!(!number.is_empty() && !name.is_empty());
            assert!(!said.contains(number) && !said.contains(name), "the log names somebody");
            assert!(!results.contains(number), "a result shows an identity number nobody asked for");
        }
    }
}

#[test]
fn the_log_names_numbers_and_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, said) = month(folder.path(), "debug");
    for words in [
        "submission recorded submission=S-000001 state=taken lines=12 held_lines=3",
        "acknowledgement issued acknowledgement=ACR112260000001 submission=S-000001 scheme=\"act4\" people=9",
        "submission recorded submission=S-000003 state=repeat",
        "document rendered document=\"borang-8a\" number=ACR112260000001",
    ] {
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
    assert_eq!(caruman(folder.path(), "warn", &["submission", "list"]).stderr, b"", "silent unless asked");
}
