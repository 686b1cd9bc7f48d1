//! Files made to do harm: endless lines, no lines, nothing but line ends, NULs, files cut short. Judged in bounded memory.
//!
//! Small by default; with CARUMAN_LONG=1 as large as an attacker would send them (300 MB).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Address space that the program may have, in KiB. A judgement needs a few pieces of a quarter of a megabyte for each
/// thread, and sixteen bytes a person; the rest is the program itself, its stacks and its tables.
const MEMORY_KIB: u64 = 250 * 1024;

const NOW: &str = "2026-10-30T09:00:00+08:00";

fn long() -> bool {
    std::env::var_os("CARUMAN_LONG").is_some_and(|value| value == "1")
}

/// Bytes of a large file.
fn large() -> usize {
    if long() { 300_000_000 } else { 30_000_000 }
}

fn record() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/accept/joint-278-v2-one-line-no-newline.txt");
    std::fs::read(path).expect("the sample is there")
}

/// A record of another person: numbers of the same day count up.
fn person(number: usize) -> Vec<u8> {
    let mut line = record();
    line[38..44].copy_from_slice(format!("14{:04}", number % 10_000).as_bytes());
    line
}

fn made(folder: &Path, name: &str, write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> PathBuf {
    let path = folder.join(name);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).expect("a file"));
    write(&mut file).and_then(|()| file.flush()).expect("a written file");
    path
}

fn repeated(file: &mut impl Write, piece: &[u8], bytes: usize) -> std::io::Result<()> {
    let block = piece.repeat((1 << 16) / piece.len() + 1);
    let mut left = bytes;
    while left > 0 {
        let count = block.len().min(left);
        file.write_all(&block[..count])?;
        left -= count;
    }
    Ok(())
}

/// Checks a file with little memory: exit status and the file's entry in the document.
fn checked(path: &Path) -> (Option<i32>, Value) {
    let script = format!("ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_caruman"), "check"]).arg(path);
    command.args(["--output", "json", "--now", NOW, "--threads", "2"]);
    let output = command.stderr(Stdio::piped()).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    (output.status.code(), document["files"][0].clone())
}

fn names(file: &Value) -> Vec<&str> {
    file["findings"].as_array().expect("a list").iter().filter_map(|finding| finding["name"].as_str()).collect()
}

#[test]
fn what_is_no_contribution_file_is_refused_in_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases: [(&str, &[u8], &str); 7] = [
        ("no-newline", b"x", "not-a-contribution-file"),
        ("digits-without-newline", b"1", "not-a-contribution-file"),
        ("nul", b"\0", "not-a-contribution-file"),
        ("one-character-lines", b"x\n", "not-a-contribution-file"),
        ("empty-lines", b"\n", "file-empty"),
        ("blanks", b" ", "file-empty"),
        ("carriage-returns", b"\r", "file-empty"),
    ];
    for (name, piece, finding) in cases {
        let path = made(folder.path(), name, |file| repeated(file, piece, large()));
        let (status, file) = checked(&path);
        assert_eq!((status, names(&file)), (Some(2), vec![finding]), "{name}");
        assert_eq!(file["bytes"].as_u64(), Some(large() as u64));
        std::fs::remove_file(path).expect("removed");
    }
}

#[test]
fn a_line_without_end_between_records_is_one_faulty_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = made(folder.path(), "long-line", |file| {
        file.write_all(&person(1))?;
        file.write_all(b"\r\n")?;
        repeated(file, b"x", large())?;
        file.write_all(b"\r\n")?;
        file.write_all(&person(2))?;
        file.write_all(b"\r\n")
    });
    let (status, file) = checked(&path);
    // The head of such a file is one record and one line without end.
    assert_eq!(status, Some(1), "{:?}", names(&file));
    assert_eq!((file["lines"].as_u64(), file["accepted_lines"].as_u64()), (Some(3), Some(2)));
    assert_eq!(names(&file), ["line-length"]);
    assert_eq!(file["findings"][0]["line"], 2);
}

#[test]
fn millions_of_empty_lines_behind_records_are_one_note() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = if long() { 10_000_000 } else { 1_000_000 };
    let path = made(folder.path(), "empty-lines", |file| {
        file.write_all(&person(1))?;
        repeated(file, b"\n", count)?;
        file.write_all(&person(2))
    });
    let (status, file) = checked(&path);
    assert_eq!((status, names(&file)), (Some(0), vec!["blank-line"]));
    assert_eq!((file["lines"].as_u64(), file["accepted_lines"].as_u64()), (Some(count as u64 + 1), Some(2)));
}

#[test]
fn nul_bytes_behind_a_record_are_one_faulty_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = made(folder.path(), "nul", |file| {
        for number in 0..400 {
            file.write_all(&person(number))?;
            file.write_all(b"\n")?;
        }
        repeated(file, b"\0", large())
    });
    let (status, file) = checked(&path);
    assert_eq!(file["accepted_lines"], 400, "{:?}", names(&file));
    assert_eq!(status, Some(1));
    assert!(file["findings"].as_array().is_some_and(|findings| findings.len() < 10));
}

#[test]
fn a_file_beyond_the_limit_is_refused_without_reading_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("huge.txt");
    // Sparse: takes no room on the disk.
    File::create(&path).and_then(|file| file.set_len(6_442_450_945)).expect("a sparse file");
    let (status, file) = checked(&path);
    assert_eq!((status, names(&file)), (Some(2), vec!["file-too-large"]));
    assert!(file["digest"].is_null());
}

#[test]
fn many_good_lines_take_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = made(folder.path(), "good", |file| {
        for number in 0..large() / 280 {
            let mut line = record();
            // Codes of the SOCSO office: letters keep a million people apart without a date in the number.
            line[32..44].copy_from_slice(format!("S{number:011}").as_bytes());
            file.write_all(&line)?;
            file.write_all(b"\r\n")?;
        }
        Ok(())
    });
    let (status, file) = checked(&path);
    assert_eq!((status, names(&file)), (Some(0), Vec::new()));
    assert_eq!(file["accepted_lines"].as_u64(), Some(large() as u64 / 280));
}
