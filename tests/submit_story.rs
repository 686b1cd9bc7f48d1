//! From a file to printed acknowledgements, through the program, on both databases.

mod place;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use place::Place;
use serde_json::Value;

const CLEAN: &str = "samples/demo/perkeso-october.txt";
const FAULTS: &str = "samples/demo/perkeso-october-three-faults.txt";
const NOW: &str = "2026-11-10T09:00:00+08:00";

fn caruman(place: &Place, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.arg("--data").arg(place.data.path()).args(["--now", NOW]);
    if let Some(url) = &place.url {
        command.args(["--database", url]);
    }
    command.args(arguments).output().expect("the program starts")
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("no JSON ({error}): {text}\n{}", String::from_utf8_lossy(&output.stderr));
    })
}

fn submitted(place: &Place, arguments: &[&str]) -> (i32, Value) {
    let mut all = vec!["submit", "--output", "json"];
    all.extend(arguments);
    let output = caruman(place, &all);
    (output.status.code().expect("an exit status"), json(&output))
}

fn acknowledgements(file: &Value) -> Vec<String> {
    let list = file["submissions"][0]["acknowledgements"].as_array().expect("a list");
    list.iter().map(|a| a["number"].as_str().expect("a number").to_owned()).collect()
}

on_both! {
    a_clean_file_is_acknowledged_once
    the_same_file_twice_in_one_call
    good_lines_go_and_the_others_wait
    a_refused_file_is_kept_and_can_come_again
    several_employers_see_only_their_own
    many_files_in_groups
    a_large_file_is_streamed
    one_act_files_get_one_number
}

fn a_clean_file_is_acknowledged_once(place: &Place) {
    let (status, first) = submitted(place, &[CLEAN]);
    assert_eq!(status, 0);
    let numbers = acknowledgements(&first["files"][0]);
    assert_eq!(numbers, ["ACR112260000001", "ECR112260000001"]);
    let acknowledged = &first["files"][0]["submissions"][0]["acknowledgements"];
    assert_eq!((&acknowledged[0]["people"], &acknowledged[0]["total_sen"]), (&12.into(), &117_960.into()));
    assert_eq!((&acknowledged[1]["people"], &acknowledged[1]["total_sen"]), (&10.into(), &14_440.into()));

    let (status, second) = submitted(place, &[CLEAN]);
    assert_eq!((status, acknowledgements(&second["files"][0])), (0, numbers.clone()));
    assert_eq!(second["files"][0]["submissions"][0]["state"], "repeat");
    assert_eq!(second["files"][0]["submissions"][0]["repeat_of"], "S-000001");

    let shown = json(&caruman(place, &["submission", "show", "S-000001", "--output", "json"]));
    assert_eq!(shown["check"]["files"][0]["verdict"], "warnings");
    let steps: Vec<&str> =
        shown["events"].as_array().expect("events").iter().filter_map(|e| e["what"].as_str()).collect();
    assert_eq!(steps, ["taken", "asked", "confirmed", "saved", "reviewed", "register-seeded"]);

    prints_the_same_paper_twice(place, &numbers);
}

fn the_same_file_twice_in_one_call(place: &Place) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy.txt");
    std::fs::copy(CLEAN, &copy).expect("copied");
    let (status, answer) = submitted(place, &[CLEAN, copy.to_str().expect("a path"), CLEAN]);
    assert_eq!(status, 0);
    let files = answer["files"].as_array().expect("files");
    let states: Vec<&str> = files.iter().filter_map(|f| f["submissions"][0]["state"].as_str()).collect();
    assert_eq!(states, ["taken", "repeat", "repeat"]);
    for file in files {
        assert_eq!(acknowledgements(file), ["ACR112260000001", "ECR112260000001"]);
    }
}

fn prints_the_same_paper_twice(place: &Place, numbers: &[String]) {
    let folder = tempfile::tempdir().expect("a folder");
    for number in numbers {
        let mut papers = Vec::new();
        for name in ["a.pdf", "b.pdf"] {
            let path = folder.path().join(name);
            let printed = caruman(place, &["ack", "print", number, "--out", path.to_str().expect("a path")]);
            assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
            papers.push(std::fs::read(&path).expect("printed"));
        }
        assert!(papers[0].starts_with(b"%PDF") && papers[0] == papers[1]);
    }
    for form in ["borang-8a", "lampiran-1", "arrears", "joiners", "leavers"] {
        let path = folder.path().join(form);
        let printed =
            caruman(place, &["ack", "print", &numbers[0], "--form", form, "--out", path.to_str().expect("a path")]);
        assert!(printed.status.success(), "{form}: {}", String::from_utf8_lossy(&printed.stderr));
    }
    let unknown = caruman(place, &["ack", "print", "ACR112260009999"]);
    assert_eq!(unknown.status.code(), Some(2));
}

fn good_lines_go_and_the_others_wait(place: &Place) {
    let (status, whole) = submitted(place, &[FAULTS]);
    assert_eq!(status, 1);
    assert_eq!(whole["files"][0]["submissions"][0]["state"], "returned");
    assert!(acknowledgements(&whole["files"][0]).is_empty());

    let (status, good) = submitted(place, &["--policy", "good-lines", FAULTS]);
    assert_eq!(status, 1, "there are still lines to mend");
    let submission = &good["files"][0]["submissions"][0];
    assert_eq!((&submission["state"], &submission["held_lines"]), (&"taken".into(), &3.into()));
    assert_eq!(submission["acknowledgements"][0]["people"], 9);
    let number = submission["submission"].as_str().expect("a number");
    let shown = json(&caruman(place, &["submission", "show", number, "--output", "json"]));
    let held: Vec<(u64, &str)> = shown["held"]
        .as_array()
        .expect("held lines")
        .iter()
        .map(|h| (h["line"].as_u64().expect("a line"), h["codes"].as_str().expect("codes")))
        .collect();
    assert_eq!(held, [(3, "R105"), (7, "A103"), (10, "R108")]);
    prints_the_same_paper_twice(place, &acknowledgements(&good["files"][0]));
}

fn a_refused_file_is_kept_and_can_come_again(place: &Place) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("photo.txt");
    std::fs::write(&path, b"%PDF-1.7 not a contribution file").expect("written");
    for number in ["S-000001", "S-000002"] {
        let (status, answer) = submitted(place, &[path.to_str().expect("a path")]);
        assert_eq!(status, 2);
        let submission = &answer["files"][0]["submissions"][0];
        assert_eq!((&submission["state"], &submission["submission"]), (&"refused".into(), &number.into()));
    }
    let (status, missing) = submitted(place, &["no-such-file.txt", CLEAN]);
    assert_eq!(status, 2, "the worst of several files");
    assert_eq!(acknowledgements(&missing["files"][1]).len(), 2, "one bad file does not stop the next");
}

/// A file with some of the clean file's lines for a second employer.
fn two_employers(folder: &Path) -> PathBuf {
    let text = std::fs::read_to_string(CLEAN).expect("the sample");
    let lines = text
        .lines()
        .enumerate()
        .map(|(i, line)| if i < 5 { line.replace("A9900000001Z", "B8800000002Y") } else { line.into() });
    let path = folder.join("two.txt");
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\r\n")).expect("written");
    path
}

fn several_employers_see_only_their_own(place: &Place) {
    let folder = tempfile::tempdir().expect("a folder");
    let (status, answer) = submitted(place, &[two_employers(folder.path()).to_str().expect("a path")]);
    assert_eq!(status, 0);
    let submissions = answer["files"][0]["submissions"].as_array().expect("submissions");
    assert_eq!(submissions.len(), 2);
    let people: Vec<i64> = submissions.iter().filter_map(|s| s["acknowledgements"][0]["people"].as_i64()).collect();
    assert_eq!(people, [7, 5]);
    for (own, other) in [("A9900000001Z", "B8800000002Y"), ("B8800000002Y", "A9900000001Z")] {
        let listed = json(&caruman(place, &["submission", "list", "--employer", own, "--output", "json"]));
        let number = listed[0]["submission"].as_str().expect("a number").to_owned();
        let shown = caruman(place, &["submission", "show", &number, "--output", "json"]);
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(shown.contains(own) && !shown.contains(other), "{shown}");
    }
}

fn many_files_in_groups(place: &Place) {
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(CLEAN).expect("the sample");
    let paths: Vec<String> = (0..25)
        .map(|i| {
            let path = folder.path().join(format!("{i:02}.txt"));
            std::fs::write(&path, text.replace("A9900000001Z", &format!("A99{i:08}Z"))).expect("written");
            path.to_str().expect("a path").to_owned()
        })
        .collect();
    let mut arguments = vec!["--group-files", "10"];
    arguments.extend(paths.iter().map(String::as_str));
    let (status, answer) = submitted(place, &arguments);
    assert_eq!(status, 0);
    let numbers: Vec<String> =
        answer["files"].as_array().expect("files").iter().map(|file| acknowledgements(file)[0].clone()).collect();
    let expected: Vec<String> = (1..=25).map(|i| format!("ACR11226{i:07}")).collect();
    assert_eq!(numbers, expected, "numbers run on without a gap, in the order given");
}

fn a_large_file_is_streamed(place: &Place) {
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(CLEAN).expect("the sample");
    let line = text.lines().next().expect("a line");
    let born = |i: u32| format!("{:02}{:02}{:02}14{:04}", 70 + i / 1_000 % 29, 1 + i / 84 % 12, 1 + i % 28, i % 10_000);
    let lines: Vec<String> = (0..9_000).map(|i| line.replace("900101149991", &born(i))).collect();
    let path = folder.path().join("large.txt");
    std::fs::write(&path, lines.join("\r\n") + "\r\n").expect("written");
    let (status, answer) = submitted(place, &[path.to_str().expect("a path")]);
    assert_eq!(status, 0, "{}", answer["files"][0]["check"]["findings"]);
    assert_eq!(answer["files"][0]["submissions"][0]["acknowledgements"][0]["people"], 9_000);
    let numbers = acknowledgements(&answer["files"][0]);
    let paper = folder.path().join("acr.pdf");
    assert!(caruman(place, &["ack", "print", &numbers[0], "--out", paper.to_str().expect("a path")]).status.success());
    let (_, again) = submitted(place, &[path.to_str().expect("a path")]);
    assert_eq!(acknowledgements(&again["files"][0]), numbers);
}

fn one_act_files_get_one_number(place: &Place) {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |amount: u32| {
        format!(
            "{:<12}{:20}{:<12}{:<150}082026{amount:014}{:9}\r\n",
            "A9900000001Z", "", "900101149991", "AHMAD CONTOH", ""
        )
    };
    let socso = folder.path().join("socso.txt");
    let eis = folder.path().join("eis.txt");
    std::fs::write(&socso, line(6_640)).expect("written");
    std::fs::write(&eis, line(1_180)).expect("written");
    let (status, answer) = submitted(place, &[socso.to_str().expect("a path"), eis.to_str().expect("a path")]);
    assert_eq!(status, 0);
    assert_eq!(acknowledgements(&answer["files"][0]), ["ACR112260000001"]);
    assert_eq!(acknowledgements(&answer["files"][1]), ["ECR112260000001"]);
}
