//! Kinds of submission: supplementary, arrears, short payment, nil month; withdrawal, signing and approval. Whatever the
//! order, nobody is acknowledged for more than is owed.

mod flows;
mod place;

use std::path::Path;

use caruman::domain::Scheme;
use flows::{
    CODE, Files, OTHER, Row, amounts, events, findings, first, joint, numbers, one_act, owed, row, run, says, shown,
    state, submission, submit, submit_all, taken,
};
use place::{Place, statements};
use serde_json::Value;

const SEPTEMBER: &str = "2026-10-05T09:00:00+08:00";
const NOW: &str = "2026-11-05T09:00:00+08:00";

on_both! {
    new_people_in_a_month_that_stands
    who_stands_already
    months_that_are_owed
    a_raised_wage_pays_the_difference
    what_a_short_payment_rests_on_is_withdrawn
    a_short_payment_is_mended_as_one
    a_raised_wage_in_one_act_files
    a_nil_month
    a_nil_month_waits_for_the_second_person
    withdrawn_before_payment
    one_half_is_withdrawn
    the_first_file_was_wrong
    sheets_answered_before_one_that_cannot_be_used
    held_lines_leave_with_what_is_withdrawn
    changes_are_signed_as_seen
    two_employers_sign_their_own_changes
    two_persons
    months_in_one_call
    many_employers_in_one_group
    the_same_bytes_after_the_register_changed
    a_month_of_held_lines_does_not_stand
    strange_values_in_the_store
}

fn people(numbers: std::ops::Range<u32>, month: &str, wage: i64) -> Vec<Row> {
    numbers.map(|n| row(n, month, wage)).collect()
}

fn seed(place: &Place, files: &Files, count: u32) -> Vec<String> {
    taken(place, SEPTEMBER, &[&files.write("september.txt", joint(&people(0..count, "2026-09", 300_000)))])
}

fn register(place: &Place, person: &Row) {
    let set = ["register", "set", person.code, &person.id, "--new", "--name", &person.name];
    let days = ["--employed-on", "2026-10-01", "--registered-on", "2026-10-02"];
    assert_eq!(run(place, NOW, &[&set[..], &days].concat()).status, 0);
}

/// Sen that stand for a month under an Act.
fn standing(place: &Place, month: &str, scheme: &str) -> i64 {
    let list = shown(place, NOW, &["ack", "list", "--employer", CODE, "--month", month, "--scheme", scheme]);
    let stand = list.as_array().expect("a list").iter().filter(|a| a["state"] != "removed");
    stand.filter_map(|a| a["total_sen"].as_i64()).sum()
}

fn withdraw(place: &Place, number: &str) {
    let done = run(place, NOW, &["ack", "withdraw", number, "--reason", "handed in too early"]);
    assert_eq!(done.status, 0, "{}", done.err);
}

/// The text of a printed acknowledgement, where this machine can tell.
fn paper(place: &Place, files: &Files, number: &str) -> Option<String> {
    let path = files.path(&format!("{number}.pdf"));
    let done = run(place, NOW, &["ack", "print", number, "--out", &path]);
    assert_eq!(done.status, 0, "{}", done.err);
    flows::text_of(Path::new(&path))
}

fn new_people_in_a_month_that_stands(place: &Place) {
    let files = Files::new();
    seed(place, &files, 3);
    let october = people(0..3, "2026-10", 300_000);
    let (_, monthly) = submit(place, NOW, &[&files.write("october.txt", joint(&october))]);
    assert_eq!(first(&monthly)["kind"], "monthly");
    let new = people(3..5, "2026-10", 250_000);
    new.iter().for_each(|person| register(place, person));
    let (status, more) = submit(place, NOW, &[&files.write("more.txt", joint(&new))]);
    assert_eq!((status, &first(&more)["kind"], amounts(&more)[0]), (0, &"supplementary".into(), (2, owed(&new).0)));
    assert!(says(&more, 0, "supplementary") && !says(&more, 0, "missing-since-last-month"), "{:?}", findings(&more));
    let all = owed(&[october, new].concat());
    assert_eq!((standing(place, "2026-10", "act4"), standing(place, "2026-10", "act800")), all);
}

fn who_stands_already(place: &Place) {
    let files = Files::new();
    seed(place, &files, 3);
    let october = people(0..3, "2026-10", 300_000);
    let first_numbers = taken(place, NOW, &[&files.write("october.txt", joint(&october))]);
    let new = row(3, "2026-10", 300_000);
    register(place, &new);
    let both = files.write("both.txt", joint(&[october[0].clone(), new.clone()]));
    let (status, whole) = submit(place, NOW, &[&both]);
    assert_eq!((status, state(&whole)), (1, "returned"));
    assert!(says(&whole, 1, "already-submitted") && !says(&whole, 2, "already-submitted"), "{:?}", findings(&whole));
    let message = whole["check"]["findings"].to_string();
    assert!(first_numbers.iter().all(|number| message.contains(number.as_str())), "{message}");
    let (status, good) = submit(place, NOW, &["--policy", "good-lines", &both]);
    assert_eq!((status, amounts(&good)[0]), (1, (1, new.owed().0)));
    assert_eq!(shown(place, NOW, &["held", "list"])["lines"], Value::Array(vec![]), "it is not owed");

    // The same people in another order: one sentence, for the file. A single person: on the line.
    let turned: Vec<Row> = october.iter().rev().cloned().collect();
    for policy in ["whole", "good-lines"] {
        let (status, file) = submit(place, NOW, &["--policy", policy, &files.write("turned.txt", joint(&turned))]);
        assert_eq!((status, state(&file)), (1, "returned"), "{policy}");
        assert_eq!(findings(&file).iter().filter(|(_, name)| name == "already-submitted").count(), 1);
        assert!(says(&file, 0, "already-submitted"));
    }
    let (_, one) = submit(place, NOW, &[&files.write("one.txt", joint(&october[..1]))]);
    assert!(says(&one, 1, "already-submitted"), "{:?}", findings(&one));
    // A one-Act file of what a joint one paid: the same, under either Act.
    for (scheme, told) in [(Scheme::Act4, "act4"), (Scheme::Act800, "act800")] {
        let path = files.write("one-act.txt", one_act(scheme, &october));
        let (_, file) = submit(place, NOW, &["--scheme", told, &path]);
        assert!(says(&file, 0, "already-submitted"), "{told}: {:?}", findings(&file));
    }
    assert_eq!(standing(place, "2026-10", "act4"), owed(&people(0..4, "2026-10", 300_000)).0);
}

fn months_that_are_owed(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    let rows = [people(0..2, "2026-07", 300_000), people(0..2, "2026-08", 300_000)].concat();
    let (status, file) = submit(place, NOW, &[&files.write("arrears.txt", joint(&rows))]);
    assert_eq!((status, &first(&file)["kind"]), (0, &"arrears".into()), "{:?}", findings(&file));
    assert_eq!(amounts(&file), [(4, owed(&rows).0), (4, owed(&rows).1)], "several months in one acknowledgement");
    let number = &numbers(&file)[0];
    let frozen = &shown(place, NOW, &["ack", "show", number])["frozen"];
    let months: Vec<(&str, i64, i64)> = frozen["months"]
        .as_array()
        .expect("months")
        .iter()
        .map(|m| {
            let whole = |key: &str| m[key].as_i64().expect("a figure");
            (m["month"].as_str().expect("a month"), whole("days_late"), whole("interest"))
        })
        .collect();
    // Due on 15 August and 15 September; RM 5.00 for each month or part of one.
    assert_eq!(months, [("2026-07", 82, 1_500), ("2026-08", 51, 1_000)]);
    if let Some(text) = paper(place, &files, number) {
        assert!(text.contains("07/2026") || text.contains("2026-07") || text.contains("July 2026"), "{text}");
    }
    // One earlier month alone is arrears too; last month is not.
    let (_, one) = submit(place, NOW, &[&files.write("june.txt", joint(&people(0..2, "2026-06", 300_000)))]);
    assert_eq!(first(&one)["kind"], "arrears");
    let (_, usual) = submit(place, NOW, &[&files.write("october.txt", joint(&people(0..2, "2026-10", 300_000)))]);
    assert_eq!(first(&usual)["kind"], "monthly");
}

fn a_raised_wage_pays_the_difference(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    let at = |wage: i64| people(0..2, "2026-10", wage);
    let path = |wage: i64| files.write(&format!("{wage}.txt"), joint(&at(wage)));
    taken(place, NOW, &[&path(300_000)]);
    for (wage, why) in [(350_000, "more, but not said to be short"), (300_000, "equal"), (250_000, "less")] {
        let (status, file) = submit(place, NOW, &["--policy", "good-lines", &path(wage)]);
        assert_eq!(status, if wage == 300_000 { 0 } else { 1 }, "{why}: the same bytes are a repeat");
        assert_ne!(state(&file), "taken", "{why}");
    }
    for wage in [250_000, 300_000] {
        let rows: Vec<Row> = at(wage).into_iter().rev().collect();
        let turned = files.write("turned.txt", joint(&rows));
        let (status, file) = submit(place, NOW, &["--kind", "short-payment", "--policy", "good-lines", &turned]);
        assert_eq!((status, state(&file)), (1, "returned"), "{wage}: {:?}", findings(&file));
    }
    let mut stood = owed(&at(300_000));
    for wage in [350_000, 420_000] {
        let (status, file) = submit(place, NOW, &["--kind", "short-payment", &path(wage)]);
        assert_eq!((status, &first(&file)["kind"]), (0, &"short-payment".into()), "{:?}", findings(&file));
        let full = owed(&at(wage));
        assert_eq!(amounts(&file), [(2, full.0 - stood.0), (2, full.1 - stood.1)], "{wage}: only the difference");
        assert_eq!((standing(place, "2026-10", "act4"), standing(place, "2026-10", "act800")), full);
        if let Some(text) = paper(place, &files, &numbers(&file)[0]) {
            let difference = caruman::domain::Sen(full.0 - stood.0).to_string();
            assert!(text.contains(&difference), "RM {difference} on {text}");
        }
        stood = full;
        let (status, again) = submit(place, NOW, &["--kind", "short-payment", &path(wage)]);
        assert_eq!((status, state(&again), numbers(&again)), (0, "repeat", numbers(&file)));
    }
    // Above the ceiling of one Act only the other has more to pay; here neither has.
    let top = files.write("top.txt", joint(&at(700_000)));
    let (_, file) = submit(place, NOW, &["--kind", "short-payment", &top]);
    assert_eq!(state(&file), "taken");
    let over = files.write("over.txt", joint(&at(800_000)));
    let (_, file) = submit(place, NOW, &["--kind", "short-payment", &over]);
    assert_ne!(state(&file), "taken", "wages over the ceiling pay no more: {:?}", findings(&file));
}

fn what_a_short_payment_rests_on_is_withdrawn(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    let at = |wage: i64| people(0..2, "2026-10", wage);
    let base = taken(place, NOW, &[&files.write("base.txt", joint(&at(300_000)))]);
    let path = files.write("short.txt", joint(&at(350_000)));
    let short = ["--kind", "short-payment", &path];
    taken(place, NOW, &short);
    base.iter().for_each(|number| withdraw(place, number));
    // The same bytes pay what is missing now, and are not answered with the difference alone.
    let (status, again) = submit(place, NOW, &short);
    assert_eq!((status, state(&again)), (0, "taken"), "{:?}", findings(&again));
    assert_eq!(amounts(&again), [(2, owed(&at(300_000)).0), (2, owed(&at(300_000)).1)]);
    assert_eq!((standing(place, "2026-10", "act4"), standing(place, "2026-10", "act800")), owed(&at(350_000)));
    assert_eq!(state(&submit(place, NOW, &short).1), "repeat");
}

fn a_short_payment_is_mended_as_one(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    let at = |wage: i64| people(0..2, "2026-10", wage);
    taken(place, NOW, &[&files.write("base.txt", joint(&at(300_000)))]);
    let mut bytes = joint(&at(350_000));
    bytes[44..94].fill(b' ');
    let path = files.write("short.txt", bytes);
    for policy in ["good-lines", "whole"] {
        let (status, file) = submit(place, NOW, &["--kind", "short-payment", "--policy", policy, &path]);
        assert_eq!((status, state(&file)), (1, if policy == "whole" { "returned" } else { "taken" }), "{policy}");
        let sheet = files.path("fix.csv");
        assert_eq!(run(place, NOW, &["held", "fix-sheet", &submission(&file), "-o", &sheet]).status, 0);
        let text = files.read("fix.csv");
        assert!(!text.contains("already-submitted"), "{text}");
        // Last month's name is suggested and taken; why the file came is known from the first time.
        let (status, mended) = submit(place, NOW, &["--fix", &sheet]);
        assert_eq!((status, &first(&mended)["kind"]), (0, &"short-payment".into()), "{:?}", findings(&mended));
        assert_eq!((standing(place, "2026-10", "act4"), standing(place, "2026-10", "act800")), owed(&at(350_000)));
        for number in numbers(&file).into_iter().chain(numbers(&mended)) {
            withdraw(place, &number);
        }
    }
}

fn a_raised_wage_in_one_act_files(place: &Place) {
    let files = Files::new();
    // Before SKBBK began, so that a total is a total.
    let at = |wage: i64| people(0..2, "2026-05", wage);
    for (scheme, told) in [(Scheme::Act4, "act4"), (Scheme::Act800, "act800")] {
        let path = |wage: i64| files.write(&format!("{told}-{wage}.txt"), one_act(scheme, &at(wage)));
        let due = |wage: i64| if scheme == Scheme::Act4 { owed(&at(wage)).0 } else { owed(&at(wage)).1 };
        let (status, file) = submit(place, NOW, &["--scheme", told, &path(300_000)]);
        assert_eq!((status, amounts(&file)), (0, vec![(2, due(300_000))]), "{:?}", findings(&file));
        let (_, raised) = submit(place, NOW, &["--scheme", told, &path(350_000)]);
        assert_ne!(state(&raised), "taken");
        let short = |path: String| submit(place, NOW, &["--scheme", told, "--kind", "short-payment", &path]);
        assert_ne!(state(&short(path(250_000)).1), "taken", "less");
        let (status, raised) = short(path(350_000));
        assert_eq!((status, amounts(&raised)), (0, vec![(2, due(350_000) - due(300_000))]), "{:?}", findings(&raised));
        assert_eq!(standing(place, "2026-05", told), due(350_000));
    }
}

fn a_nil_month(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    let nil = |month: &str| run(place, NOW, &["submit", "--nil", month, "--employer", CODE, "--output", "json"]);
    let declared = nil("2026-10");
    assert_eq!(declared.status, 0, "{}", declared.err);
    let declared = declared.json();
    let list: Vec<&str> =
        declared["acknowledgements"].as_array().expect("a list").iter().filter_map(|a| a["number"].as_str()).collect();
    assert_eq!(list, ["ACR112260000001", "ECR112260000001"]);
    for number in &list {
        if let Some(text) = paper(place, &files, number) {
            assert!(text.contains("0.00"), "{text}");
        }
    }
    nil("2026-10").one_sentence("ACR112260000001");
    nil("2026-09").one_sentence("stands for it");
    for future in ["2026-11", "2026-12"] {
        nil(future).one_sentence("has not ended");
    }
    let last_second = ["submit", "--nil", "2026-11", "--employer", OTHER];
    run(place, "2026-11-30T23:59:59+08:00", &last_second).one_sentence("has not ended");
    run(place, NOW, &["submit", "--nil", "2026-10", "--employer", "x"]).one_sentence("employer code");
    let strict = files.write("caruman.toml", "new_employers = false\n");
    let unknown = ["--config", &strict, "submit", "--nil", "2026-10", "--employer", OTHER];
    run(place, NOW, &unknown).one_sentence("is on the register");

    // Somebody was paid after all: a supplementary to the nil month.
    let rows = people(0..2, "2026-10", 300_000);
    let (status, file) = submit(place, NOW, &[&files.write("october.txt", joint(&rows))]);
    assert_eq!((status, &first(&file)["kind"]), (0, &"supplementary".into()), "{:?}", findings(&file));
    assert_eq!(standing(place, "2026-10", "act4"), owed(&rows).0);
    // Withdrawn, the month is open again under both Acts.
    for number in list.iter().map(|n| (*n).to_owned()).chain(numbers(&file)) {
        withdraw(place, &number);
    }
    assert_eq!(
        nil("2026-10").json()["acknowledgements"][0]["number"],
        "ACR112260000003",
        "a number is never used twice"
    );
}

fn a_nil_month_waits_for_the_second_person(place: &Place) {
    assert_eq!(run(place, NOW, &["employer", "set", CODE, "--approval", "yes"]).status, 0);
    let nil = ["submit", "--nil", "2026-09", "--employer", CODE, "--sent-by", "anna"];
    let declared = shown(place, NOW, &nil);
    let number = declared["acknowledgements"][0]["number"].as_str().expect("a number").to_owned();
    assert!(number.starts_with("DRAFT-S-"), "{declared}");
    let which = declared["submission"].as_str().expect("a number");
    run(place, NOW, &["submission", "approve", which, "--by", "anna"]).one_sentence("another person");
    let given = shown(place, NOW, &["submission", "approve", which, "--by", "ben"]);
    assert_eq!((&given[0]["number"], &given[1]["number"]), (&"ACR112260000001".into(), &"ECR112260000001".into()));
    let frozen = &shown(place, NOW, &["ack", "show", "ACR112260000001"])["frozen"];
    assert_eq!((&frozen["approved_by"], &frozen["months"][0]["interest"]), (&"ben".into(), &0.into()));
}

fn withdrawn_before_payment(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    let rows = people(0..2, "2026-10", 300_000);
    let path = files.write("october.txt", joint(&rows));
    let given = taken(place, NOW, &[&path]);
    assert_eq!(given, ["ACR112260000001", "ECR112260000001"]);
    for number in &given {
        withdraw(place, number);
        run(place, NOW, &["ack", "withdraw", number, "--reason", "again"]).one_sentence("removed");
    }
    assert_ne!(run(place, NOW, &["ack", "withdraw", &given[0]]).status, 0, "a reason is asked");
    run(place, NOW, &["ack", "withdraw", "ACR112260009999", "--reason", "x"]).one_sentence("ACR112260009999");
    assert_eq!(standing(place, "2026-10", "act4"), 0);
    let look = shown(place, NOW, &["ack", "show", &given[0]]);
    assert!(events(&look).contains(&("withdrawn".to_owned(), "handed in too early".to_owned())), "{:?}", events(&look));
    let (status, again) = submit(place, NOW, &[&path]);
    assert_eq!((status, state(&again)), (0, "taken"), "the same bytes are judged again");
    assert_eq!(numbers(&again), ["ACR112260000002", "ECR112260000002"], "under numbers of their own");
    assert_eq!(first(&again)["kind"], "monthly");
    let (_, repeat) = submit(place, NOW, &[&path]);
    assert_eq!((state(&repeat), numbers(&repeat)), ("repeat", numbers(&again)));
    assert_eq!(standing(place, "2026-10", "act4"), owed(&rows).0);
}

fn one_half_is_withdrawn(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    let rows = people(0..2, "2026-10", 300_000);
    let path = files.write("october.txt", joint(&rows));
    let given = taken(place, NOW, &[&path]);
    withdraw(place, &given[1]);
    let (status, again) = submit(place, NOW, &[&path]);
    assert_eq!((status, state(&again)), (0, "taken"), "{:?}", findings(&again));
    assert_eq!((numbers(&again), amounts(&again)), (vec!["ECR112260000002".to_owned()], vec![(2, owed(&rows).1)]));
    assert_eq!((standing(place, "2026-10", "act4"), standing(place, "2026-10", "act800")), owed(&rows));
    if let Some(text) = paper(place, &files, "ECR112260000002") {
        let sum = caruman::domain::Sen(owed(&rows).1).to_string();
        let other = caruman::domain::Sen(owed(&rows).0).to_string();
        assert!(text.contains(&sum) && !text.contains(&other), "{text}");
    }
    // The other half after it: only the other half.
    withdraw(place, &given[0]);
    let (status, last) = submit(place, NOW, &[&path]);
    assert_eq!((status, amounts(&last)), (0, vec![(2, owed(&rows).0)]), "{:?}", findings(&last));
    assert!(numbers(&last)[0].starts_with("ACR"), "{:?}", numbers(&last));
    assert_eq!((standing(place, "2026-10", "act4"), standing(place, "2026-10", "act800")), owed(&rows));
    let (_, repeat) = submit(place, NOW, &[&path]);
    assert_ne!(state(&repeat), "taken", "both halves stand");
}

fn the_first_file_was_wrong(place: &Place) {
    let files = Files::new();
    let wrong = [row(0, "2026-09", 300_000), row(7, "2026-09", 300_000)];
    let right = [row(0, "2026-09", 300_000), row(8, "2026-09", 300_000)];
    let (wrong, right) = (files.write("wrong.txt", joint(&wrong)), files.write("right.txt", joint(&right)));
    let given = taken(place, SEPTEMBER, &[&wrong]);
    withdraw(place, &given[0]);
    let (status, file) = submit(place, SEPTEMBER, &[&right]);
    assert_eq!(status, 1, "half of the first file stands, and its people are the register");
    assert!(says(&file, 2, "employee-unregistered"), "{:?}", findings(&file));
    withdraw(place, &given[1]);
    let people = || shown(place, NOW, &["register", "list", "--employer", CODE]).as_array().map(Vec::len);
    assert_eq!(people(), Some(0));
    let (status, file) = submit(place, SEPTEMBER, &[&right]);
    assert_eq!((status, &first(&file)["register"]["seeded"]), (0, &true.into()), "{:?}", findings(&file));
    assert_eq!(people(), Some(2));

    // The same where the second person sends the first file back.
    assert_eq!(run(place, NOW, &["employer", "set", OTHER, "--approval", "yes"]).status, 0);
    let of_other = |path: &str| std::fs::read_to_string(path).expect("a file").replace(CODE, OTHER);
    let (wrong, right) = (files.write("w.txt", of_other(&wrong)), files.write("r.txt", of_other(&right)));
    let (_, file) = submit(place, SEPTEMBER, &[&wrong]);
    let back = ["submission", "send-back", &submission(&file), "--by", "ben", "--reason", "another person"];
    assert_eq!(run(place, SEPTEMBER, &back).status, 0);
    let (status, file) = submit(place, SEPTEMBER, &[&right]);
    assert_eq!((status, &first(&file)["register"]["seeded"]), (0, &true.into()), "{:?}", findings(&file));

    // Not once the register was worked with, or something else stands.
    let october = files.write("october.txt", joint(&[row(0, "2026-10", 300_000), row(8, "2026-10", 300_000)]));
    taken(place, NOW, &[&october]);
    let list = shown(place, NOW, &["ack", "list", "--employer", CODE, "--month", "2026-09"]);
    for number in list.as_array().expect("a list").iter().filter(|a| a["state"] == "submitted") {
        withdraw(place, number["number"].as_str().expect("a number"));
    }
    assert_eq!(people(), Some(2), "October stands on it");
}

fn sheets_answered_before_one_that_cannot_be_used(place: &Place) {
    let files = Files::new();
    seed(place, &files, 3);
    let mut bytes = joint(&people(0..3, "2026-10", 300_000));
    bytes[44..94].fill(b' ');
    let (_, file) = submit(place, NOW, &["--policy", "good-lines", &files.write("october.txt", &bytes)]);
    let sheet = files.path("fix.csv");
    assert_eq!(run(place, NOW, &["held", "fix-sheet", &submission(&file), "-o", &sheet]).status, 0);
    let done = run(place, NOW, &["submit", "--output", "json", "--fix", &sheet, "--fix", &sheet]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("none of its lines waits"), "{}", done.err);
    let answers = done.json()["files"].as_array().expect("files").clone();
    assert_eq!((answers.len(), amounts(&answers[0])[0].0), (1, 1), "what is committed is answered: {}", done.out);
}

fn held_lines_leave_with_what_is_withdrawn(place: &Place) {
    let files = Files::new();
    seed(place, &files, 3);
    let mut bytes = joint(&people(0..3, "2026-10", 300_000));
    bytes[44..94].fill(b' ');
    let path = files.write("october.txt", &bytes);
    let (_, file) = submit(place, NOW, &["--policy", "good-lines", &path]);
    let waiting = || shown(place, NOW, &["held", "list"])["lines"].as_array().map(Vec::len);
    assert_eq!(waiting(), Some(1));
    withdraw(place, &numbers(&file)[0]);
    assert_eq!(waiting(), Some(1), "half of it stands");
    withdraw(place, &numbers(&file)[1]);
    assert_eq!(waiting(), Some(0));
    let look = shown(place, NOW, &["submission", "show", &submission(&file)]);
    assert_eq!(look["held"][0]["state"], "dropped");
    let (_, again) = submit(place, NOW, &["--policy", "good-lines", &path]);
    assert_eq!((amounts(&again)[0].0, waiting()), (2, Some(1)));
}

fn changes_are_signed_as_seen(place: &Place) {
    let files = Files::new();
    seed(place, &files, 4);
    // One more than RM 3,000 by a third, one missing, one new.
    let new = row(9, "2026-10", 300_000);
    register(place, &new);
    let rows = [row(0, "2026-10", 400_000), row(1, "2026-10", 300_000), row(2, "2026-10", 300_000), new];
    let path = files.write("october.txt", joint(&rows));
    let seen = shown(place, NOW, &["changes", &path]);
    let list = &seen["files"][0];
    let kinds: Vec<&str> =
        list["changes"].as_array().expect("changes").iter().filter_map(|c| c["change"].as_str()).collect();
    assert_eq!(kinds, ["joined", "missing", "moved"]);
    let digest = list["digest"].as_str().expect("a digest");
    assert_eq!(shown(place, NOW, &["submission", "list"]).as_array().map(Vec::len), Some(1), "looking keeps nothing");

    let wrong = run(place, NOW, &["submit", "--signed", "0123456789abcdef", &path]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.err.contains(digest), "{}", wrong.err);
    assert_eq!(shown(place, NOW, &["submission", "list"]).as_array().map(Vec::len), Some(1), "and nothing was kept");
    let (status, file) = submit(place, NOW, &["--signed", digest, &path]);
    assert_eq!((status, &first(&file)["changes"]["digest"]), (0, &digest.into()));
    let look = shown(place, NOW, &["submission", "show", &submission(&file)]);
    assert!(events(&look).contains(&("changes-signed".to_owned(), format!("{digest} 3"))), "{:?}", events(&look));

    // A short payment is looked at as one, or what is signed is not what was seen.
    let raised = files.write("raised.txt", joint(&[row(1, "2026-10", 400_000)]));
    let seen = shown(place, NOW, &["changes", "--kind", "short-payment", &raised]);
    let digest = seen["files"][0]["digest"].as_str().expect("a digest");
    let (status, file) = submit(place, NOW, &["--kind", "short-payment", "--signed", digest, &raised]);
    assert_eq!((status, &first(&file)["changes"]["digest"]), (0, &digest.into()), "{:?}", findings(&file));
}

fn two_employers_sign_their_own_changes(place: &Place) {
    let files = Files::new();
    let both = |month: &str, wage: i64| {
        let others = people(20..22, month, 300_000).into_iter().map(|row| row.of(OTHER));
        people(0..2, month, wage).into_iter().chain(others).collect::<Vec<Row>>()
    };
    taken(place, SEPTEMBER, &[&files.write("september.txt", joint(&both("2026-09", 300_000)))]);
    let path = files.write("october.txt", joint(&both("2026-10", 400_000)));
    let seen = shown(place, NOW, &["changes", &path]);
    let digests: Vec<&str> =
        seen["files"].as_array().expect("parts").iter().filter_map(|part| part["digest"].as_str()).collect();
    assert_eq!(digests.len(), 2);
    assert_ne!(digests[0], digests[1]);
    let (status, one) = submit_all(place, NOW, &["--signed", digests[0], &path]);
    assert_eq!((status, state(&one[0])), (2, "none"), "one of two is not enough");
    let (status, file) = submit(place, NOW, &["--signed", &digests.join(","), &path]);
    assert_eq!((status, file["submissions"].as_array().map(Vec::len)), (0, Some(2)), "{:?}", findings(&file));
}

fn two_persons(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    assert_eq!(run(place, NOW, &["employer", "set", CODE, "--approval", "yes"]).status, 0);
    let rows = people(0..2, "2026-10", 300_000);
    let path = files.write("october.txt", joint(&rows));
    let (status, file) = submit(place, NOW, &["--sent-by", "anna", &path]);
    assert_eq!(
        (status, numbers(&file)),
        (0, vec!["DRAFT-S-000002-ACT4".to_owned(), "DRAFT-S-000002-ACT800".to_owned()])
    );
    run(place, NOW, &["ack", "print", "DRAFT-S-000002-ACT4", "--out", &files.path("x.pdf")]).one_sentence("DRAFT");
    assert!(!Path::new(&files.path("x.pdf")).exists());
    // What waits stands: the same people cannot be handed in beside it.
    let turned: Vec<Row> = rows.iter().rev().cloned().collect();
    let (_, beside) = submit(place, NOW, &["--sent-by", "carl", &files.write("turned.txt", joint(&turned))]);
    assert!(says(&beside, 0, "already-submitted"), "{:?}", findings(&beside));
    let (_, repeat) = submit(place, NOW, &[&path]);
    assert_eq!((state(&repeat), numbers(&repeat)), ("repeat", numbers(&file)));

    let number = submission(&file);
    let approve =
        |who: &str, now: &str| run(place, now, &["submission", "approve", &number, "--by", who, "--output", "json"]);
    for maker in ["anna", " Anna ", "ANNA"] {
        approve(maker, NOW).one_sentence("another person");
    }
    approve(" ", NOW).one_sentence("who");
    run(place, NOW, &["submission", "approve", "S-000001", "--by", "ben"]).one_sentence("nothing of S-000001 waits");

    // Sent back: the bytes are open again, and are handed in by somebody else.
    let back = ["submission", "send-back", &number, "--by", "ben", "--reason", "wait for October's overtime"];
    assert_eq!(run(place, NOW, &back).status, 0);
    assert_eq!(standing(place, "2026-10", "act4"), 0);
    approve("ben", NOW).one_sentence("waits for approval");
    let (status, file) = submit(place, NOW, &["--sent-by", "anna", &path]);
    assert_eq!((status, state(&file)), (0, "taken"));
    let number = submission(&file);

    // Approved in December: numbers and late interest of that day.
    let december = "2026-12-03T09:00:00+08:00";
    let given = shown(place, december, &["submission", "approve", &number, "--by", "ben"]);
    let list: Vec<&str> = given.as_array().expect("a list").iter().filter_map(|a| a["number"].as_str()).collect();
    assert_eq!(list, ["ACR122260000001", "ECR122260000001"]);
    let look = shown(place, december, &["ack", "show", list[0]]);
    let month = &look["frozen"]["months"][0];
    assert_eq!((&month["days_late"], &month["interest"]), (&18.into(), &500.into()));
    assert_eq!(look["frozen"]["approved_by"], "ben");
    assert!(look["received_at"].as_str().expect("a moment").starts_with("2026-12-03"));
    let (_, repeat) = submit(place, december, &[&path]);
    assert_eq!((state(&repeat), numbers(&repeat)), ("repeat", list.iter().map(|n| (*n).to_owned()).collect()));
    let gone = run(place, december, &["ack", "show", "DRAFT-S-000005-ACT4"]);
    assert_eq!(gone.status, 2, "a draft's place is taken by the number: {}", gone.out);
    if let Some(text) = paper(place, &files, list[0]) {
        assert!(text.contains("ben"), "{text}");
    }
}

fn months_in_one_call(place: &Place) {
    let files = Files::new();
    let september = files.write("9.txt", joint(&people(0..3, "2026-09", 300_000)));
    let october =
        files.write("10.txt", joint(&[people(0..2, "2026-10", 300_000), people(5..6, "2026-10", 300_000)].concat()));
    // September fills the register, so that October's new person is not on it; the answers come in the order given.
    let (status, answers) = submit_all(place, NOW, &[&september, &october]);
    assert_eq!((status, state(&answers[0]), state(&answers[1])), (1, "taken", "returned"));
    assert!(says(&answers[1], 3, "employee-unregistered"), "{:?}", findings(&answers[1]));
    assert!(says(&answers[1], 0, "missing-since-last-month"));
    assert_eq!(answers[0]["path"], september.as_str());
    // The other way round October fills it, and September's third person is unknown.
    let other = |path: &str| {
        let text = std::fs::read_to_string(path).expect("a file").replace(CODE, OTHER);
        files.write(&format!("other-{}", Path::new(path).file_name().expect("a name").to_string_lossy()), text)
    };
    let (status, answers) = submit_all(place, NOW, &[&other(&october), &other(&september)]);
    assert_eq!((status, state(&answers[0]), state(&answers[1])), (1, "taken", "returned"));
    assert!(says(&answers[1], 3, "employee-unregistered"), "{:?}", findings(&answers[1]));
    // A month twice in one call, in another order of lines: the second is told the first one's numbers.
    let code = "C7700000003X";
    let rows: Vec<Row> = people(0..2, "2026-10", 300_000).into_iter().map(|row| row.of(code)).collect();
    let turned: Vec<Row> = rows.iter().rev().cloned().collect();
    let paths = [files.write("a.txt", joint(&rows)), files.write("b.txt", joint(&turned))];
    let (_, answers) = submit_all(place, NOW, &[&paths[0], &paths[1], &paths[0]]);
    assert_eq!([state(&answers[0]), state(&answers[1]), state(&answers[2])], ["taken", "returned", "repeat"]);
    assert!(answers[1]["check"]["findings"].to_string().contains(&numbers(&answers[0])[0]));
    assert_eq!(numbers(&answers[2]), numbers(&answers[0]));
}

fn many_employers_in_one_group(place: &Place) {
    let files = Files::new();
    let months = [("2026-09", SEPTEMBER), ("2026-10", NOW)];
    let code = |n: usize| -> &'static str { format!("D{n:010}W").leak() };
    let mut expected = 0;
    for (month, now) in months {
        let paths: Vec<String> = (0..12)
            .map(|n| {
                let rows: Vec<Row> = people(0..2, month, 300_000).into_iter().map(|row| row.of(code(n))).collect();
                files.write(&format!("{month}-{n:02}.txt"), joint(&rows))
            })
            .collect();
        let arguments: Vec<&str> = paths.iter().map(String::as_str).collect();
        let (status, answers) = submit_all(place, now, &arguments);
        assert_eq!(status, 0);
        for (n, answer) in answers.iter().enumerate() {
            expected += 1;
            assert_eq!(first(answer)["employer_code"], code(n), "in the order given");
            assert_eq!(submission(answer), format!("S-{expected:06}"));
            assert_eq!(first(answer)["register"]["seeded"], month == "2026-09");
        }
    }
    let own = shown(place, NOW, &["register", "list", "--employer", code(3)]);
    assert_eq!(own.as_array().map(Vec::len), Some(2));
}

fn the_same_bytes_after_the_register_changed(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    let path = files.write("october.txt", joint(&people(0..2, "2026-10", 300_000)));
    let given = taken(place, NOW, &[&path]);
    let gone = row(0, "2026-10", 0).id;
    let set = ["register", "set", CODE, &gone, "--left-on", "2026-08-31", "--reason", "left"];
    assert_eq!(run(place, NOW, &set).status, 0);
    let policy = ["employer", "set", CODE, "--policy", "good-lines", "--approval", "yes"];
    assert_eq!(run(place, NOW, &policy).status, 0);
    let (status, again) = submit(place, "2027-03-01T09:00:00+08:00", &[&path]);
    assert_eq!((status, state(&again), numbers(&again)), (0, "repeat", given), "{:?}", findings(&again));
    assert!(!says(&again, 1, "already-submitted"));
}

fn a_month_of_held_lines_does_not_stand(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    // August's lines are both nameless, October's are good.
    let rows = [people(0..2, "2026-08", 300_000), people(0..2, "2026-10", 300_000)].concat();
    let mut bytes = joint(&rows);
    for line in 0..2 {
        bytes[line * 280 + 44..line * 280 + 94].fill(b' ');
    }
    let (_, file) = submit(place, NOW, &["--policy", "good-lines", &files.write("two.txt", &bytes)]);
    assert_eq!((state(&file), amounts(&file)[0].0), ("taken", 2), "{:?}", findings(&file));
    let august = files.write("august.txt", joint(&rows[..2]));
    let (status, mended) = submit(place, NOW, &[&august]);
    assert_eq!((status, &first(&mended)["kind"]), (0, &"arrears".into()), "nothing stood for August");
    assert!(!says(&mended, 0, "supplementary"), "{:?}", findings(&mended));
}

fn strange_values_in_the_store(place: &Place) {
    let files = Files::new();
    seed(place, &files, 2);
    let mut bytes = joint(&people(0..3, "2026-10", 300_000));
    bytes[44..94].fill(b' ');
    let path = files.write("october.txt", &bytes);
    let (_, file) = submit(place, NOW, &["--policy", "good-lines", &path]);
    let (number, acr) = (submission(&file), numbers(&file)[0].clone());
    let next = files.write("next.txt", joint(&people(0..2, "2026-11", 300_000)));
    let december = "2026-12-05T09:00:00+08:00";
    let blob = |hex: &str| if place.url.is_some() { format!("'\\x{hex}'::bytea") } else { format!("x'{hex}'") };
    let cases: [(String, String, Vec<Vec<&str>>); 8] = [
        (
            "update submission set state = 'elsewhere' where serial = 2".to_owned(),
            "update submission set state = 'taken' where serial = 2".to_owned(),
            vec![vec!["submission", "show", &number], vec!["held", "retry", &number], vec!["submission", "list"]],
        ),
        (
            format!("update acknowledgement set state = 'x' where number = '{acr}'"),
            format!("update acknowledgement set state = 'submitted' where number = '{acr}'"),
            vec![vec!["ack", "show", &acr], vec!["ack", "withdraw", &acr, "--reason", "x"], vec!["ack", "list"]],
        ),
        (
            "update held_line set state = 'x'".to_owned(),
            "update held_line set state = 'waiting'".to_owned(),
            vec![vec!["submission", "show", &number], vec!["held", "drop", &number, "--reason", "x"]],
        ),
        (
            format!("update acknowledgement set frozen = '{{}}' where number = '{acr}'"),
            format!(
                "update acknowledgement set state = 'removed', frozen = '{{\"months\":[]}}' where number = '{acr}'"
            ),
            vec![vec!["submit", &next], vec!["ack", "print", &acr]],
        ),
        (
            "update submission set schemes = 'act5' where serial = 2".to_owned(),
            "update submission set schemes = 'act4,act800' where serial = 2".to_owned(),
            vec![vec!["submission", "show", &number], vec!["held", "list"]],
        ),
        (
            "update acknowledgement set scheme = 'act5' where scheme = 'act4'".to_owned(),
            "update acknowledgement set scheme = 'act4' where scheme = 'act5'".to_owned(),
            vec![vec!["ack", "list"]],
        ),
        (
            format!("update employer set sealed = {}", blob("00")),
            String::new(),
            vec![vec!["submit", &next], vec!["employer", "show", CODE], vec!["changes", &next]],
        ),
        (
            "delete from employer_key where employer_code <> ''".to_owned(),
            String::new(),
            vec![
                vec!["submission", "show", &number],
                vec!["register", "list"],
                vec!["held", "list"],
                vec!["submit", &next],
            ],
        ),
    ];
    for (break_it, mend_it, commands) in cases {
        statements(&place.own_url(), vec![break_it.clone()]);
        for command in commands {
            let done = run(place, december, &command);
            assert_eq!(done.status, 2, "{break_it}: {command:?}: {}{}", done.out, done.err);
            assert_eq!(done.err.trim_end().lines().count(), 1, "{break_it}: {command:?}: {}", done.err);
            assert!(!done.err.contains("panicked"), "{break_it}: {command:?}: {}", done.err);
        }
        if !mend_it.is_empty() {
            statements(&place.own_url(), vec![mend_it]);
        }
    }
}
