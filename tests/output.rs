//! What the program prints for people: whole sentences in both languages, nobody's identity number, a clear exit status.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.args(arguments).current_dir(folder()).env_remove("CARUMAN_LOG");
    command.output().expect("the program starts")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

/// The arguments that check every sample: those that share their moment and arguments go in one run.
fn runs() -> Vec<Vec<String>> {
    let mut groups: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for kind in ["accept", "warn", "reject"] {
        for entry in fs::read_dir(folder().join(kind)).expect("the folder of samples is there") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "expected") {
                continue;
            }
            let expected = fs::read(path.with_extension("expected")).expect("what is expected");
            let expected: Value = serde_json::from_slice(&expected).expect("JSON");
            let name = path.file_name().and_then(|name| name.to_str()).expect("names are plain");
            let now = expected["now"].as_str().expect("a moment");
            let mut arguments = vec!["check".to_owned(), "--now".to_owned(), now.to_owned()];
            let more = expected["arguments"].as_array().into_iter().flatten();
            arguments.extend(more.filter_map(Value::as_str).map(str::to_owned));
            groups.entry(arguments).or_default().push(format!("{kind}/{name}"));
        }
    }
    groups.into_iter().map(|(arguments, files)| [arguments, files].concat()).collect()
}

fn run(arguments: &[String], more: &[&str]) -> String {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
    text(&program(&arguments))
}

/// Pieces of eight characters of every identity number in the samples: four at the end may be shown, so that each piece
/// holds some that may not.
fn hidden_pieces() -> BTreeSet<String> {
    let mut pieces = BTreeSet::new();
    for file in runs().into_iter().flatten().filter(|argument| argument.contains('/')) {
        let bytes = fs::read(folder().join(file)).expect("readable");
        for line in bytes.split(|b| matches!(b, b'\r' | b'\n')).filter(|line| line.starts_with(b"A990000")) {
            let columns = if line.len() > 200 { 32..44 } else { 9..21 };
            let number = String::from_utf8_lossy(line.get(columns).unwrap_or_default());
            if number.len() == 12 && number.bytes().all(|b| b.is_ascii_digit()) {
                let all = number.as_bytes().windows(8).map(|piece| String::from_utf8_lossy(piece).into_owned());
                pieces.extend(all.filter(|piece| piece.matches('0').count() < 6));
            }
        }
    }
    assert!(pieces.len() > 100);
    pieces
}

/// The neighbourhood of a place, to find it.
fn around(text: &str, at: usize) -> String {
    let from = text[..at].char_indices().rev().nth(200).map_or(0, |(from, _)| from);
    text[from..].chars().take(240).collect()
}

#[test]
fn nobody_is_named_by_number_and_no_message_id_is_left_over() {
    let pieces = hidden_pieces();
    let ids = ["label-", "text-", "field-", "severity-", "verdict-"];
    for arguments in runs() {
        for output in ["text", "json", "csv"] {
            for language in ["en", "ms"] {
                let said = run(&arguments, &["--output", output, "--lang", language]);
                for piece in &pieces {
                    if let Some(at) = said.find(piece.as_str()) {
                        panic!("{output} {language} shows {piece}: {}", around(&said, at));
                    }
                }
                let words = said.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
                let raw: Vec<_> = words.filter(|word| ids.iter().any(|id| word.starts_with(id))).collect();
                assert!(raw.is_empty(), "{output} {language} {arguments:?}: {raw:?}");
                assert!(!said.contains("{$") && !said.contains("{ $"), "{output} {language} {arguments:?}");
            }
        }
    }
}

#[test]
fn identity_numbers_are_shown_when_asked_for() {
    let sample = ["check", "reject/R106-id-date-impossible-30-february.txt", "--show-identities"];
    for more in [&["--output", "json"][..], &["--output", "csv"], &[]] {
        let arguments: Vec<&str> = sample.iter().chain(more).copied().collect();
        assert!(text(&program(&arguments)).contains("900230149991"), "{more:?}");
    }
}

#[test]
fn languages_differ() {
    let sample = ["check", "reject/R107-name-missing.txt", "--now", "2026-10-30T09:00:00+08:00"];
    let english = text(&program(&sample));
    let malay = text(&program(&[&sample[..], &["--lang", "ms"]].concat()));
    assert_ne!(english, malay);
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    let file = "reject/A103-share-mismatch-eis-only.txt";
    let globals = ["--output", "json", "--now", "2026-10-30T09:00:00+08:00", "--lang", "ms", "-q"];
    let before = program(&[&globals[..], &["check", file]].concat());
    let after = program(&[&["check", file], &globals[..]].concat());
    let around = program(&[&globals[..4], &["check"], &globals[4..], &[file]].concat());
    assert_eq!(before.status.code(), Some(1));
    assert_eq!((before.status.code(), &before.stdout), (after.status.code(), &after.stdout));
    assert_eq!((before.status.code(), &before.stdout), (around.status.code(), &around.stdout));
}

#[test]
fn what_cannot_be_read_ends_with_2_and_a_document() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe.txt");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let absent = folder.path().join("absent.txt");
    for path in [absent.as_path(), folder.path(), &pipe] {
        let path = path.to_str().expect("plain");
        let output = program(&["check", path, "--output", "json"]);
        assert_eq!(output.status.code(), Some(2), "{path}");
        let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
        let file = &document["files"][0];
        assert_eq!((file["path"].as_str(), file["verdict"].as_str()), (Some(path), Some("refused")));
        assert_eq!(file["totals"], serde_json::json!([]));
        assert!(file["layout"].is_null() && file["digest"].is_null());
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1, "one clear sentence");
    }
}

#[test]
fn several_files_end_with_the_worst() {
    let (clean, errors, refused) =
        ("accept/joint-278-v2.txt", "reject/R107-name-missing.txt", "reject/F101-file-empty.txt");
    for (files, status) in
        [(&[clean, clean][..], 0), (&[clean, errors], 1), (&[errors, clean], 1), (&[refused, errors, clean], 2)]
    {
        let arguments = [&["check", "--output", "json", "--now", "2026-10-30T09:00:00+08:00"], files].concat();
        let output = program(&arguments);
        assert_eq!(output.status.code(), Some(status), "{files:?}");
        let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
        let paths: Vec<_> = document["files"].as_array().expect("a list").iter().map(|f| f["path"].clone()).collect();
        assert_eq!(paths, files.iter().map(|f| Value::from(*f)).collect::<Vec<_>>());
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["check"][..],
        &["check", "accept/joint-278-v2.txt", "--scheme", "epf"],
        &["check", "accept/joint-278-v2.txt", "--now", "yesterday"],
        &["check", "accept/joint-278-v2.txt", "--register", "absent.csv"],
        &["check", "accept/joint-278-v2.txt", "--register", "accept/joint-278-v2.txt"],
        &["check", "accept/joint-278-v2.txt", "--gate", "closed"],
    ] {
        let output = program(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_policy_changes_no_count() {
    for policy in ["whole", "good-lines"] {
        let file = "reject/R107-name-missing.txt";
        let now = "2026-10-30T09:00:00+08:00";
        let output = program(&["check", file, "--policy", policy, "--output", "json", "--now", now]);
        let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
        let file = &document["files"][0];
        assert_eq!((file["accepted_lines"].as_u64(), file["held_lines"].as_u64()), (Some(2), Some(1)));
    }
}

#[test]
fn the_registered_name_stands_in_full_beside_the_files() {
    let arguments = ["check", "warn/P107-name-differs.txt", "--now", "2026-10-30T09:00:00+08:00", "--register"];
    for format in ["text", "json", "csv"] {
        let said = text(&program(&[&arguments[..], &["register.csv", "--output", format]].concat()));
        assert!(said.contains("AHMAD CONTOH BIN UJIAN"), "{format}: {said}");
        assert!(!said.contains("900101149991"), "{format}: numbers stay masked");
    }
}
