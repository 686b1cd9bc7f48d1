//! `selfcheck` finds nothing where nothing is wrong, and names exactly the one thing that was tampered with.

mod flows;
mod office;
mod place;

use std::fs;
use std::path::PathBuf;

use caruman::domain::Policy;
use caruman::vault::Vault;
use caruman::workflow::fix::FixSheet;
use caruman::workflow::selfcheck::selfcheck;
use caruman::workflow::submit::{SubmitOptions, submit};
use flows::{CODE, Files, OTHER, joint, row, run};
use office::{BANK, Office};
use place::{Place, statements};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Row as _};

const NOW: &str = "2026-11-10T09:00:00+08:00";
const LATER: &str = "2026-11-11T09:00:00+08:00";

on_both! {
    one_thing_at_a_time_is_named
    money_is_named
    money_that_went_back_is_named
    the_chain_is_proved_against_its_heads
    every_sample_leaves_it_clean
    a_damaged_vault_is_named
}

/// Several employers, a repeat, held lines, a withdrawal, a draft, a nil month, a refused file, a printed paper.
fn fill(place: &Place) {
    let files = Files::new();
    let one = files.write("one.txt", joint(&[row(1, "2026-10", 300_000), row(2, "2026-10", 250_000)]));
    let two = files.write("two.txt", joint(&[row(3, "2026-10", 300_000).of(OTHER)]));
    let odd = files.write("odd.txt", "this is no contribution file\r\n");
    let third = files.write("three.txt", joint(&[row(4, "2026-10", 200_000).of("C7700000003X")]));
    let faults = "samples/demo/perkeso-october-three-faults.txt";
    let mut nameless = joint(&[5, 6].map(|n| row(n, "2026-10", 300_000).of("E5500000005V")));
    nameless[44..94].fill(b' ');
    let nameless = files.write("nameless.txt", nameless);
    for arguments in [
        vec!["submit", one.as_str(), &two, &one, &odd],
        vec!["employer", "set", "C7700000003X", "--approval", "yes"],
        vec!["submit", "--policy", "good-lines", &third, &nameless],
        vec!["submit", "--policy", "whole", faults],
        vec!["ack", "withdraw", "ACR112260000002", "--reason", "wrong wages"],
        vec!["submit", &two],
        vec!["submit", "--nil", "2026-10", "--employer", "D6600000004W"],
        vec!["employer", "set", CODE, "--name", "CONTOH"],
        vec!["employer", "set", CODE, "--name", "CONTOH SDN BHD"],
    ] {
        let done = run(place, NOW, &arguments);
        assert!(done.status <= 1 || arguments.contains(&odd.as_str()), "{arguments:?}: {}{}", done.out, done.err);
    }
    let inbox = files.path("inbox");
    assert_eq!(run(place, NOW, &["inbox", "init", &inbox]).status, 0);
    files.write("inbox/drop/dropped.txt", joint(&[row(7, "2026-10", 300_000).of("F4400000006U")]));
    let options = ["--once", "--quiet-window", "0", "--disk-reserve", "0", "--no-papers"];
    let done = run(place, NOW, &[&["inbox", inbox.as_str()], &options[..]].concat());
    assert_eq!(done.status, 0, "{}{}", done.out, done.err);
    let paper = files.path("acr.pdf");
    assert_eq!(run(place, NOW, &["ack", "print", "ACR112260000001", "--out", &paper]).status, 0);
    drop_what_brings_other_bytes(place);
}

/// A watched folder that got files with a fault, the sheets that mend them as table and as spreadsheet, and evidence that
/// all of it was paid.
fn drop_what_brings_other_bytes(place: &Place) {
    let files = Files::new();
    let inbox = files.path("inbox");
    assert_eq!(run(place, NOW, &["inbox", "init", &inbox]).status, 0);
    let pass = || {
        let options = ["--once", "--quiet-window", "0", "--disk-reserve", "0", "--no-papers"];
        let done = run(place, NOW, &[&["inbox", inbox.as_str()], &options[..]].concat());
        assert_eq!(done.status, 0, "{}{}", done.out, done.err);
    };
    let answer = |name: &str| -> Value {
        let names = fs::read_dir(format!("{inbox}/answers")).expect("answers").map(|one| one.expect("one").path());
        let begins = |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(name));
        let mut found = names.filter(|path| begins(path) && path.to_string_lossy().ends_with(".answer.json"));
        serde_json::from_slice(&fs::read(found.next().expect("an answer")).expect("read")).expect("a document")
    };
    for (n, name, code) in [(50, "table", "G3300000007T"), (60, "book", "H2200000008S")] {
        let bad = flows::Row { id: "751399141001".to_owned(), ..row(n, "2026-10", 300_000).of(code) };
        let file = joint(&[bad, row(n + 1, "2026-10", 300_000).of(code)]);
        files.write(&format!("inbox/drop/{name}.txt"), file);
    }
    pass();
    for (name, id, of_table) in [("table", "750101141999", true), ("book", "750102141998", false)] {
        let sheet = answer(name)["fix_sheets"][0].as_str().expect("a sheet").to_owned();
        let mut sheet = FixSheet::read(files.read(&format!("inbox/answers/{sheet}")).as_bytes()).expect("a sheet");
        for row in sheet.rows.iter_mut().filter(|row| row.field.contains("id")) {
            row.corrected = id.to_owned();
        }
        let bytes = if of_table { sheet.to_csv() } else { sheet.to_xlsx().expect("a spreadsheet") };
        files.write(&format!("inbox/drop/mends-{name}.{}", if of_table { "csv" } else { "xlsx" }), bytes);
    }
    pass();
    let mut evidence = "acknowledgement,means,paid_on,amount_rm,evidence,bank\r\n".to_owned();
    for name in ["mends-table", "mends-book"] {
        let mended = answer(name);
        assert_eq!(mended["outcome"], "accepted", "{mended:#}");
        for pay in mended["to_pay"].as_array().expect("a list") {
            let number = pay["acknowledgement"].as_str().expect("a number");
            let sen = pay["total_sen"].as_i64().expect("sen");
            evidence += &format!("{number},counter,2026-11-10,{}.{:02},slip {name},\r\n", sen / 100, sen % 100);
        }
    }
    files.write("inbox/drop/paid.csv", evidence);
    pass();
    let paid = answer("paid");
    assert_eq!((&paid["outcome"], &paid["complete"]), (&"accepted".into(), &true.into()), "{paid:#}");
}

fn look(place: &Place, more: &[&str]) -> (i32, Value) {
    let done = run(place, NOW, &[&["selfcheck", "--output", "json"], more].concat());
    (done.status, done.json())
}

fn clean(place: &Place, more: &[&str]) -> Value {
    let (status, report) = look(place, more);
    assert_eq!((status, &report["clean"]), (0, &Value::Bool(true)), "{}", report["breach"]);
    report
}

/// Statements of a foreign hand, who takes the guards away and puts them back where that can be done.
fn tamper(place: &Place, sql: &str) {
    let indexes = ["submission_answers_repeats", "payment_item_open"];
    let mut all: Vec<String> = indexes.iter().map(|name| format!("drop index {name}")).collect();
    let mut guards = indexes.to_vec();
    if place.url.is_some() {
        all.push("set session_replication_role = replica".to_owned());
    } else {
        let triggers =
            ["event_is_not_changed", "event_is_not_removed", "journal_is_not_changed", "journal_is_not_removed"];
        all.push("pragma foreign_keys = off".to_owned());
        all.extend(triggers.iter().map(|name| format!("drop trigger {name}")));
        guards.extend(triggers);
    }
    all.push(sql.to_owned());
    statements(&place.own_url(), all);
    for guard in guards {
        put_back(place, &guard_made(guard, place.url.is_some()));
    }
}

/// The statement of a migration that makes a guard.
fn guard_made(name: &str, postgres: bool) -> String {
    let folder = if postgres { "migrations/postgres" } else { "migrations/sqlite" };
    let mut texts = fs::read_dir(folder).expect("migrations").map(|file| file.expect("an entry").path());
    let text = texts.find_map(|path| {
        let text = fs::read_to_string(path).expect("a migration");
        let begin =
            ["create unique index ", "create trigger "].iter().find_map(|c| text.find(&format!("{c}{name} ")))?;
        let end = if text[begin..].starts_with("create trigger") { "\nend;" } else { ";" };
        let length = text[begin..].find(end)? + end.len();
        Some(text[begin..begin + length].to_owned())
    });
    text.expect("a guard")
}

/// Rows that an index forbids keep it away.
fn put_back(place: &Place, sql: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut connection = sqlx::AnyConnection::connect(&place.own_url()).await.expect("the server answers");
        let _ = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await;
    });
}

/// Guards that were dropped or replaced are missed, on each database in its words.
fn missing_guards_are_missed(place: &Place) {
    let on = |table: &str| if place.url.is_some() { format!(" on {table}") } else { String::new() };
    let cases = [
        (format!("drop trigger event_is_not_changed{}", on("event")), "event_is_not_changed"),
        (format!("drop trigger journal_is_not_changed{}", on("journal")), "journal_is_not_changed"),
        ("drop index payment_item_open".to_owned(), "payment_item_open"),
        (
            "drop index offline_payment_first; create index offline_payment_first on offline_payment (means)"
                .to_owned(),
            "offline_payment_first",
        ),
    ];
    for (sql, name) in cases {
        let copy = place.copy();
        statements(&copy.own_url(), vec![sql]);
        let (status, report) = look(&copy, &[]);
        let breach = &report["breach"];
        assert_eq!((status, &breach["table"], &breach["key"]), (2, &"schema".into(), &name.into()), "{report}");
    }
    if place.url.is_some() {
        let copy = place.copy();
        statements(&copy.own_url(), vec!["alter table event disable trigger event_is_not_changed".to_owned()]);
        assert_eq!(look(&copy, &[]).1["breach"]["key"], "event_is_not_changed");
    }
}

/// Changes the bytes that `select` gives and puts them back with `update` (`$1`).
fn change_bytes(place: &Place, select: &str, update: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut connection = sqlx::AnyConnection::connect(&place.own_url()).await.expect("the server answers");
        let query = sqlx::query(AssertSqlSafe(select.to_owned()));
        let mut bytes: Vec<u8> = query.fetch_one(&mut connection).await.expect("a row").get(0);
        change(&mut bytes);
        let query = sqlx::query(AssertSqlSafe(update.to_owned())).bind(bytes);
        assert_eq!(query.execute(&mut connection).await.expect("runs").rows_affected(), 1);
    });
}

/// What is done by a foreign hand, and what must be named for it; empty: whatever it is.
struct Tamper {
    sql: &'static str,
    law: &'static str,
    table: &'static str,
    key: &'static str,
}

/// Submissions, acknowledgements, deliveries and the chain.
const TAMPERED: &[Tamper] = &[
    Tamper {
        sql: "insert into journal (entry, position, at, subject, account, employer_code, amount_sen) \
         values (7, 1, '', 'P-000001', 'bank-fpx', '', 5), (8, 1, '', 'P-000002', 'bank-fpx', '', 0)",
        law: "L8",
        table: "journal",
        key: "7",
    },
    Tamper { sql: "update delivery set state = 'lost'", law: "L9", table: "delivery", key: "1" },
    Tamper { sql: "update delivery set outcome = ''", law: "L1", table: "delivery", key: "1" },
    Tamper { sql: "update delivery set state = 'taken'", law: "L1", table: "delivery", key: "1" },
    Tamper {
        sql: "update delivery set arrival_id = (select arrival_id from submission where serial = 1)",
        law: "L1",
        table: "delivery",
        key: "1",
    },
    Tamper { sql: "update event set who = 'nobody' where id = 3", law: "audit", table: "event", key: "3" },
    Tamper { sql: "delete from event where id = 4", law: "audit", table: "event", key: "4" },
    Tamper { sql: "delete from event where id > 10", law: "audit", table: "event", key: "11" },
    Tamper {
        sql: "update event set id = -1 where id = 5; update event set id = 5 where id = 6; update event set id = 6 where id = -1",
        law: "audit",
        table: "event",
        key: "5",
    },
    Tamper { sql: "update series set last = last + 1 where kind = 'event'", law: "audit", table: "event", key: "" },
    Tamper {
        sql: "update submission set state = 'tajen' where serial = 2",
        law: "L9",
        table: "submission",
        key: "S-000002",
    },
    Tamper {
        sql: "update submission set kind = 'yearly' where serial = 2",
        law: "L9",
        table: "submission",
        key: "S-000002",
    },
    Tamper {
        sql: "update acknowledgement set state = 'payed' where number = 'ECR112260000001'",
        law: "L9",
        table: "acknowledgement",
        key: "ECR112260000001",
    },
    Tamper { sql: "update held_line set state = 'lost'", law: "L9", table: "held_line", key: "" },
    Tamper {
        sql: "delete from original where digest in (select digest from submission where serial = 1)",
        law: "L1",
        table: "arrival",
        key: "",
    },
    Tamper {
        sql: "delete from arrival where id in (select arrival_id from submission where serial = 2)",
        law: "L1",
        table: "submission",
        key: "S-000002",
    },
    Tamper { sql: "delete from submission where serial = 4", law: "L1", table: "arrival", key: "" },
    Tamper {
        sql: "update submission set lines = lines + 1 where serial = 1",
        law: "L1",
        table: "submission",
        key: "S-000001",
    },
    Tamper {
        sql: "update submission set lines = 3, accepted_lines = 3 where serial = 1",
        law: "L1",
        table: "submission",
        key: "S-000001",
    },
    Tamper {
        sql: "delete from block where submission_id in (select id from submission where serial = 2)",
        law: "L1",
        table: "submission",
        key: "S-000002",
    },
    Tamper { sql: "update held_line set freed_by = submission_id", law: "L1", table: "held_line", key: "" },
    Tamper { sql: "delete from held_line", law: "L1", table: "submission", key: "" },
    Tamper {
        sql: "update submission set state = 'returned', answers_repeats = 0 where serial = 1",
        law: "L1",
        table: "block",
        key: "",
    },
    Tamper {
        sql: "update acknowledgement set employer_code = 'X9900000001Z' where number = 'ACR112260000001'",
        law: "L1",
        table: "acknowledgement",
        key: "ACR112260000001",
    },
    Tamper {
        sql: "update submission set answers_repeats = 1 where serial = 2",
        law: "L2",
        table: "submission",
        key: "",
    },
    Tamper {
        sql: "update submission set repeat_of = null where serial = 3",
        law: "L2",
        table: "submission",
        key: "S-000003",
    },
    Tamper {
        sql: "update submission set serial = 100 where serial = 2",
        law: "L2",
        table: "submission",
        key: "S-000003",
    },
    Tamper {
        sql: "update series set last = last - 1 where kind = 'submission'",
        law: "L2",
        table: "series",
        key: "submission",
    },
    Tamper {
        sql: "update series set last = last + 1 where kind = 'acr'",
        law: "L2",
        table: "series",
        key: "acr 2026-11",
    },
    Tamper {
        sql: "delete from acknowledgement where number = 'ACR112260000001'",
        law: "L2",
        table: "acknowledgement",
        key: "ACR112260000002",
    },
    Tamper {
        sql: "update acknowledgement set state = 'submitted' where state = 'removed'",
        law: "L9",
        table: "acknowledgement",
        key: "ACR112260000002",
    },
    Tamper {
        sql: "update submission set state = 'refused' where state = 'returned'",
        law: "L9",
        table: "submission",
        key: "",
    },
];

/// What an acknowledgement froze, as [`TAMPERED`].
const FROZEN_TAMPERED: &[Tamper] = &[
    Tamper {
        sql: "update acknowledgement set total_sen = total_sen - 5 where number = 'ACR112260000001'",
        law: "L8",
        table: "acknowledgement",
        key: "ACR112260000001",
    },
    Tamper {
        sql: "update acknowledgement set people = people + 1 where number = 'ECR112260000001'",
        law: "L8",
        table: "acknowledgement",
        key: "ECR112260000001",
    },
    Tamper {
        sql: "update acknowledgement set frozen = replace(frozen, '\"sent_by\":\"', '\"sent_by\":\"not ') \
         where number = 'ACR112260000001'",
        law: "L8",
        table: "acknowledgement",
        key: "ACR112260000001",
    },
    Tamper {
        sql: "update acknowledgement set frozen = '{}' where number = 'ACR112260000001'",
        law: "L8",
        table: "acknowledgement",
        key: "",
    },
    Tamper {
        sql: "update acknowledgement set received_at = '2026-11-09T09:00:00+08:00' where number = 'ACR112260000001'",
        law: "L9",
        table: "acknowledgement",
        key: "ACR112260000001",
    },
    Tamper {
        sql: "update acknowledgement set frozen = replace(frozen, '\"sent_by\":\"', '\"sent_by\":\"not ') \
         where number like 'DRAFT-%'",
        law: "L8",
        table: "acknowledgement",
        key: "",
    },
];

/// Single columns and rows, as [`TAMPERED`].
const ROWS_TAMPERED: &[Tamper] = &[
    Tamper { sql: "delete from series where kind = 'submission'", law: "L2", table: "series", key: "submission" },
    Tamper { sql: "delete from series where kind = 'delivery'", law: "L2", table: "series", key: "delivery" },
    Tamper { sql: "update series set last = 0 where kind = 'delivery'", law: "L2", table: "series", key: "delivery" },
    Tamper { sql: "update delivery set taken_at = ''", law: "L1", table: "delivery", key: "1" },
    Tamper { sql: "update delivery set answered_at = ''", law: "L1", table: "delivery", key: "1" },
    Tamper { sql: "update delivery set size = size + 1", law: "L1", table: "delivery", key: "1" },
    Tamper { sql: "update delivery set outcome = 'held'", law: "L1", table: "delivery", key: "1" },
    Tamper { sql: "delete from delivery", law: "L1", table: "delivery", key: "1" },
    Tamper { sql: "update delivery set moved_to = 'held/other' where id = 2", law: "L1", table: "delivery", key: "2" },
    Tamper { sql: "update delivery set answer_name = 'other' where id = 2", law: "L1", table: "delivery", key: "2" },
    Tamper {
        sql: "delete from employer where employer_code = 'B8800000002Y'",
        law: "L1",
        table: "employer",
        key: "B8800000002Y",
    },
    Tamper { sql: "delete from document", law: "L1", table: "document", key: "acknowledgement ACR112260000001" },
    Tamper { sql: "delete from employer where employer_code = 'A9900000001Z'", law: "L1", table: "", key: "" },
    Tamper {
        sql: "update employer set employer_code = 'X9900000001Z' where employer_code = 'A9900000001Z'",
        law: "L1",
        table: "employer",
        key: "",
    },
    Tamper { sql: "update held_line set tray = 'nowhere'", law: "L9", table: "held_line", key: "" },
    Tamper { sql: "update held_line set line = 0", law: "L9", table: "held_line", key: "" },
    Tamper { sql: "update held_line set line = 99999999", law: "L9", table: "held_line", key: "" },
    Tamper {
        sql: "update submission set policy = 'some' where serial = 1",
        law: "L9",
        table: "submission",
        key: "S-000001",
    },
    Tamper {
        sql: "update submission set layout = 'odd' where serial = 1",
        law: "L9",
        table: "submission",
        key: "S-000001",
    },
    Tamper {
        sql: "update submission set schemes = 'act1' where serial = 4",
        law: "L9",
        table: "submission",
        key: "S-000004",
    },
    Tamper {
        sql: "update submission set repeat_of = (select id from submission where serial = 2) where serial = 1",
        law: "L1",
        table: "submission",
        key: "S-000001",
    },
    Tamper {
        sql: "update submission set supplement_to = arrival_id where serial = 2",
        law: "L1",
        table: "submission",
        key: "S-000002",
    },
    Tamper {
        sql: "update submission set supplement_to = (select id from submission where serial = 1) where serial = 2",
        law: "L1",
        table: "submission",
        key: "S-000002",
    },
    Tamper {
        sql: "update submission set answers_repeats = 0 where serial = 1",
        law: "L2",
        table: "submission",
        key: "S-000001",
    },
    Tamper {
        sql: "update submission_total set total_sen = 5 where submission_id in \
      (select id from submission where kind = 'nil')",
        law: "L8",
        table: "submission",
        key: "",
    },
    Tamper {
        sql: "delete from submission_total where submission_id in \
      (select submission_id from acknowledgement where number = 'ACR112260000001')",
        law: "L8",
        table: "acknowledgement",
        key: "",
    },
];

/// Of submissions, what only the fingerprints in the chain know.
const SUBMISSIONS_TAMPERED: &[Tamper] = &[
    Tamper { sql: "delete from block where held = 1", law: "L1", table: "block", key: "of S-000006" },
    Tamper {
        sql: "update block set number = number + 100 where held = 1",
        law: "L1",
        table: "block",
        key: "of S-000006",
    },
    Tamper { sql: "update held_line set line = 50", law: "L1", table: "held_line", key: "" },
    Tamper { sql: "update held_line set codes = 'X000'", law: "L1", table: "held_line", key: "" },
    Tamper { sql: "update held_line set tray = 'already-submitted'", law: "L1", table: "held_line", key: "" },
    Tamper {
        sql: "update submission_total set total_sen = total_sen + 5 where submission_id in (select id from submission where serial = 1)",
        law: "L1",
        table: "submission_total",
        key: "of S-000001",
    },
    Tamper {
        sql: "update submission_total set due_date = '2026-12-15' where submission_id in (select id from submission where serial = 1)",
        law: "L1",
        table: "submission_total",
        key: "of S-000001",
    },
    Tamper {
        sql: "delete from submission_total where scheme = 'act800' and submission_id in (select id from submission where state = 'returned')",
        law: "L1",
        table: "submission_total",
        key: "",
    },
    Tamper {
        sql: "update submission set received_at = '2026-11-09T09:00:00+08:00' where serial = 1",
        law: "L1",
        table: "submission",
        key: "S-000001",
    },
    Tamper {
        sql: "update submission set company_number = 'X' where serial = 1",
        law: "L1",
        table: "submission",
        key: "S-000001",
    },
    Tamper {
        sql: "update submission set rule_pack = 'other' where serial = 1",
        law: "L1",
        table: "submission",
        key: "S-000001",
    },
    Tamper {
        sql: "update submission set document = null where serial = 1",
        law: "L1",
        table: "submission",
        key: "S-000001",
    },
    Tamper {
        sql: "update submission set kind = 'arrears' where serial = 1",
        law: "L1",
        table: "submission",
        key: "S-000001",
    },
];

fn keys_and_stuck_deliveries_are_named(place: &Place) {
    let copy = place.copy();
    tamper(&copy, "delete from key_check");
    assert!(run(&copy, NOW, &["selfcheck"]).err.contains("key_check"));
    // Claimed at nine: an hour is no trouble, more is.
    tamper(
        place,
        "update delivery set state = 'claimed', outcome = '', taken_at = '', answered_at = '', answer = null",
    );
    let store = place.store();
    let stuck = |at: &str| caruman::workflow::selfcheck::stuck(&store, at.parse().expect("a moment")).expect("looked");
    assert_eq!(stuck("2026-11-10T10:00:00+08:00"), None);
    assert_eq!(stuck("2026-11-10T10:00:01+08:00").expect("stuck").key, "1");
}

fn each_is_named(place: &Place, tampered: &[Tamper]) {
    let mut others = Vec::new();
    for Tamper { sql, law, table, key } in tampered {
        let copy = place.copy();
        tamper(&copy, sql);
        let (status, report) = look(&copy, &[]);
        let breach = &report["breach"];
        let is = |column: &str, wanted: &str| wanted.is_empty() || breach[column] == wanted;
        if status != 2 || !is("law", law) || !is("table", table) || !is("key", key) {
            others.push(format!("{sql}: {breach}"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

fn one_thing_at_a_time_is_named(place: &Place) {
    fill(place);
    let report = clean(place, &["--deep"]);
    assert!(report["passed"].as_array().expect("a list").len() > 20, "{report}");
    assert_eq!(report["rows_without_fingerprint"], 0, "{report}");
    each_is_named(place, TAMPERED);
    each_is_named(place, FROZEN_TAMPERED);
    each_is_named(place, ROWS_TAMPERED);
    each_is_named(place, SUBMISSIONS_TAMPERED);
    // For people it is one sentence.
    let copy = place.copy();
    tamper(&copy, "update event set who = 'nobody' where id = 3");
    run(&copy, NOW, &["selfcheck"]).one_sentence("audit is broken: event 3 is not what was written");
    changed_bytes_are_named(place);
    missing_guards_are_missed(place);
    the_last_submission_is_missed(place);
    keys_and_stuck_deliveries_are_named(place);
    let nothing = tempfile::tempdir().expect("a folder");
    let empty = Place { url: None, data: nothing };
    run(&empty, NOW, &["selfcheck"]).one_sentence("there is no");
    assert!(fs::read_dir(empty.data.path()).expect("a folder").next().is_none(), "a check makes nothing");
}

/// The last submission, gone with all that would miss it, but for its event.
fn the_last_submission_is_missed(place: &Place) {
    let (files, copy) = (Files::new(), place.copy());
    let odd = files.write("odd.txt", "this is no contribution file either\r\n");
    assert_eq!(run(&copy, NOW, &["submit", &odd]).status, 2);
    clean(&copy, &[]);
    let last = "(select max(serial) from submission)";
    tamper(
        &copy,
        &format!(
            "delete from arrival where id = (select arrival_id from submission where serial = {last}); \
             delete from submission where serial = {last}; \
             update series set last = last - 1 where kind = 'submission'"
        ),
    );
    let (status, report) = look(&copy, &[]);
    let breach = &report["breach"];
    assert_eq!((status, &breach["law"], &breach["table"]), (2, &"L1".into(), &"submission".into()), "{report}");
    assert!(breach["says"].as_str().expect("a word").contains("an event says"), "{breach}");
}

/// Six files of six employers, and what can become of an acknowledgement: receipted over FPX (P-000001) and over a
/// counter (O-000001), refused (P-000002), at the bank (P-000003), in the cart, paid twice and so in suspense (P-000004);
/// appeals, compounds, and what was in suspense went back: C-000001 is closed.
fn fill_with_money(place: &Place) {
    let (files, office) = (Files::new(), Office::new(NOW));
    let config = office.config();
    let config = config.to_str().expect("a plain path");
    let well = |arguments: &[&str]| {
        let done = run(place, NOW, &[&["--config", config], arguments].concat());
        assert_eq!(done.status, 0, "{arguments:?}: {}{}", done.out, done.err);
    };
    let codes = ["A9900000001Z", "B8800000002Y", "C7700000003X", "D6600000004W", "E5500000005V"];
    for (n, code) in (1..).zip(codes) {
        let file = files.write(&format!("{code}.txt"), joint(&[row(n, "2026-10", 300_000).of(code)]));
        well(&["submit", &file]);
    }
    let compound = ["charge", "add", "--kind", "compound", "--scheme", "act4", "--amount", "100.00", "--employer"];
    for (code, notice) in [("A9900000001Z", "K1"), ("C7700000003X", "K2"), ("D6600000004W", "K3")] {
        well(&[&compound[..], &[code, "--notice", notice]].concat());
    }
    let pay = |code: &str, page: &str| {
        well(&["cart", "add", "--employer", code, "--all"]);
        well(&["pay", "--employer", code, "--model", "b2c", "--bank", BANK, "--out", &files.path(page)]);
    };
    let says = |payment: &str, codes: (&str, &str)| {
        let message = files.write("message", office.says(&place.store(), payment, codes));
        well(&["payment", "receive", &message]);
    };
    pay("A9900000001Z", "1.html");
    says("P-000001", ("00", "00"));
    pay("B8800000002Y", "2.html");
    says("P-000002", ("51", ""));
    pay("C7700000003X", "3.html");
    pay("E5500000005V", "4.html");
    says("P-000004", ("51", ""));
    // Paid at a counter meanwhile, and then approved by the bank after all.
    let sen = place.store().acknowledgement("ACR112260000005").expect("known").total.to_string();
    let counter = ["payment", "offline", "--means", "counter", "--ack", "ACR112260000005", "--amount", &sen];
    well(&[&counter[..], &["--paid-on", "2026-11-10", "--evidence", "slip 7", "--by", "clerk"]].concat());
    says("P-000004", ("00", "00"));
    well(&["cart", "add", "--employer", "D6600000004W", "ACR112260000004"]);
    well(&["cart", "add", "--employer", "D6600000004W", "ECR112260000004"]);
    well(&["cart", "remove", "--employer", "D6600000004W", "ECR112260000004"]);
    // The third waits for a decision; the fourth is asked, the fifth was cut.
    for notice in ["K4", "K5"] {
        well(&[&compound[..], &["D6600000004W", "--notice", notice]].concat());
    }
    for number in ["KMP112260000003", "KMP112260000005"] {
        well(&["charge", "appeal", number, "--reason", "no debt", "--by", "clerk"]);
    }
    well(&["charge", "decide", "KMP112260000005", "--cut", "40", "--by", "officer"]);
    let propose = ["case", "propose", "C-000001", "--solution", "sent back", "--by", "clerk"];
    run(place, NOW, &propose).one_sentence("--refunded-on");
    let back = ["--refunded-on", "2026-11-10", "--reference", "IBG 77"];
    assert_eq!(run(place, NOW, &[&propose[..], &back[..2]].concat()).status, 2, "a day without a reference");
    well(&[&propose[..], &back].concat());
    run(place, NOW, &["case", "close", "C-000001", "--by", "CLERK"]).one_sentence("somebody else");
    well(&["case", "close", "C-000001", "--by", "officer"]);
}

/// As [`TAMPERED`], where money is.
const MONEY_TAMPERED: &[Tamper] = &[
    Tamper {
        sql: "update charge set state = 'gone' where number = 'KMP112260000001'",
        law: "L9",
        table: "charge",
        key: "KMP112260000001",
    },
    Tamper { sql: "update charge set kind = 'gift'", law: "L9", table: "charge", key: "" },
    Tamper {
        sql: "update office_case set state = 'lost' where number = 'C-000002'",
        law: "L9",
        table: "office_case",
        key: "C-000002",
    },
    Tamper {
        sql: "update office_case set kind = 'odd' where number = 'C-000002'",
        law: "L9",
        table: "office_case",
        key: "C-000002",
    },
    Tamper { sql: "update offline_payment set means = 'barter'", law: "L9", table: "offline_payment", key: "O-000001" },
    Tamper {
        sql: "update journal set account = 'pocket' where account = 'suspense'",
        law: "L9",
        table: "journal",
        key: "",
    },
    Tamper {
        sql: "update receipt set scheme = 'act789' where payment = 'O-000001'",
        law: "L9",
        table: "receipt",
        key: "",
    },
    // Locks.
    Tamper {
        sql: "update payment_item set open = 0 where reference = 'ACR112260000003'",
        law: "L9",
        table: "acknowledgement",
        key: "ACR112260000003",
    },
    Tamper {
        sql: "update payment_item set open = 0 where reference = 'KMP112260000002'",
        law: "L9",
        table: "charge",
        key: "KMP112260000002",
    },
    Tamper {
        sql: "update payment_item set open = 1 where reference = 'ACR112260000001'",
        law: "L9",
        table: "payment_item",
        key: "P-000001 ACR112260000001",
    },
    Tamper {
        sql: "update payment set state = 'failed' where number = 'P-000003'",
        law: "L9",
        table: "payment",
        key: "P-000003",
    },
    Tamper {
        sql: "update acknowledgement set state = 'at-bank' where number = 'ACR112260000002'",
        law: "L9",
        table: "acknowledgement",
        key: "",
    },
    // Receipts and books.
    Tamper { sql: "delete from journal where subject = 'P-000001'", law: "L8", table: "payment", key: "P-000001" },
    Tamper {
        sql: "update journal set amount_sen = 2 * amount_sen where subject = 'P-000001'",
        law: "L8",
        table: "payment",
        key: "P-000001",
    },
    Tamper {
        sql: "update journal set account = 'interest-act4' where account = 'suspense'",
        law: "L8",
        table: "payment",
        key: "P-000004",
    },
    Tamper {
        sql: "update journal set amount_sen = 2 * amount_sen where subject = 'O-000001'",
        law: "L8",
        table: "offline_payment",
        key: "O-000001",
    },
    Tamper {
        sql: "update journal set subject = 'P-000002' where subject = 'P-000001'",
        law: "L8",
        table: "payment",
        key: "P-000001",
    },
    Tamper {
        sql: "delete from receipt_line where receipt like '2026E%' and receipt in \
         (select number from receipt where payment = 'P-000001'); \
         delete from receipt where scheme = 'act800' and payment = 'P-000001'",
        law: "L8",
        table: "payment",
        key: "P-000001",
    },
    Tamper {
        sql: "update offline_payment set follows = 'O-000009'",
        law: "L2",
        table: "offline_payment",
        key: "O-000001",
    },
    Tamper {
        sql: "update receipt set employer_code = 'B8800000002Y' where payment = 'O-000001'",
        law: "L1",
        table: "receipt",
        key: "",
    },
    Tamper {
        sql: "update receipt_line set reference = 'ACR112260000002' where reference = 'ACR112260000001'",
        law: "L8",
        table: "acknowledgement",
        key: "ACR112260000001",
    },
    Tamper {
        sql: "update receipt_line set reference = 'KMP112260000009' where reference = 'KMP112260000001'",
        law: "L8",
        table: "charge",
        key: "KMP112260000001",
    },
    // Where events lead.
    Tamper {
        sql: "update payment set state = 'pending-bank' where number = 'P-000003'",
        law: "L9",
        table: "payment",
        key: "P-000003",
    },
    Tamper {
        sql: "update office_case set closed_by = proposed_by where state = 'closed'",
        law: "L9",
        table: "office_case",
        key: "C-000001",
    },
    Tamper {
        sql: "update office_case set state = 'closed' where number = 'C-000002'",
        law: "L9",
        table: "office_case",
        key: "C-000002",
    },
    Tamper {
        sql: "update acknowledgement set state = 'submitted' where number = 'ACR112260000004'",
        law: "L9",
        table: "acknowledgement",
        key: "ACR112260000004",
    },
    Tamper {
        sql: "update acknowledgement set state = 'in-cart' where number = 'ECR112260000002'",
        law: "L9",
        table: "acknowledgement",
        key: "ECR112260000002",
    },
    Tamper {
        sql: "update acknowledgement set state = 'closed' where number = 'ACR112260000001'",
        law: "L9",
        table: "acknowledgement",
        key: "ACR112260000001",
    },
    // Series.
    Tamper {
        sql: "update series set last = last + 1 where kind = 'receipt-act4'",
        law: "L2",
        table: "series",
        key: "receipt-act4 2026",
    },
    Tamper {
        sql: "delete from series where kind = 'receipt-act800'",
        law: "L2",
        table: "series",
        key: "receipt-act800 2026",
    },
    Tamper {
        sql: "update series set last = last + 1 where kind = 'charge-compound'",
        law: "L2",
        table: "series",
        key: "charge-compound 2026-11",
    },
    Tamper {
        sql: "update series set last = last - 1 where kind = 'payment'",
        law: "L2",
        table: "series",
        key: "payment",
    },
    Tamper {
        sql: "update series set last = last - 1 where kind = 'offline-payment'",
        law: "L2",
        table: "series",
        key: "offline-payment",
    },
    Tamper { sql: "update series set last = last + 1 where kind = 'case'", law: "L2", table: "series", key: "case" },
    Tamper {
        sql: "update series set last = last + 1 where kind = 'journal'",
        law: "L2",
        table: "series",
        key: "journal",
    },
    Tamper {
        sql: "update series set last = last + 1 where kind = 'outbox'",
        law: "L2",
        table: "series",
        key: "outbox",
    },
    Tamper {
        sql: "update charge set number = 'KMP112260000007' where number = 'KMP112260000005'",
        law: "L2",
        table: "charge",
        key: "KMP112260000007",
    },
    Tamper { sql: "delete from office_case where number = 'C-000002'", law: "L2", table: "series", key: "case" },
    Tamper {
        sql: "update office_case set number = 'C-000009' where number = 'C-000002'",
        law: "L2",
        table: "office_case",
        key: "",
    },
    Tamper { sql: "delete from outbox where id = 1", law: "L2", table: "outbox", key: "2" },
    Tamper { sql: "update journal set entry = 9 where entry = 1", law: "L2", table: "journal", key: "" },
    Tamper {
        sql: "update receipt_line set receipt = '20260000000009' where receipt = '20260000000001'; \
         update receipt set number = '20260000000009' where number = '20260000000001'",
        law: "L2",
        table: "receipt",
        key: "20260000000002",
    },
];

/// Facts that only the fingerprints in the chain know, as [`MONEY_TAMPERED`].
const FACTS_TAMPERED: &[Tamper] = &[
    Tamper {
        sql: "update charge set assessed_sen = assessed_sen + 5 where number = 'KMP112260000003'",
        law: "L8",
        table: "charge",
        key: "KMP112260000003",
    },
    Tamper {
        sql: "update charge set amount_sen = amount_sen - 5 where number = 'KMP112260000003'",
        law: "L8",
        table: "charge",
        key: "KMP112260000003",
    },
    Tamper {
        sql: "update charge set employer_code = 'B8800000002Y' where number = 'KMP112260000003'",
        law: "L8",
        table: "charge",
        key: "KMP112260000003",
    },
    Tamper {
        sql: "update charge set acknowledgement = 'ACR112260000002' where number = 'KMP112260000003'",
        law: "L8",
        table: "charge",
        key: "KMP112260000003",
    },
    Tamper {
        sql: "update charge set basis = '{}' where number = 'KMP112260000003'",
        law: "L8",
        table: "charge",
        key: "KMP112260000003",
    },
    Tamper {
        sql: "update receipt set sealed = (select token from payment where number = 'P-000002') where number = '20260000000001'",
        law: "L8",
        table: "receipt",
        key: "20260000000001",
    },
    Tamper {
        sql: "update receipt set sealed = (select sealed from receipt where number = '20260000000002') where number = '20260000000001'",
        law: "L8",
        table: "receipt",
        key: "20260000000001",
    },
    Tamper {
        sql: "update receipt set paid_on = '2026-11-09' where number = '20260000000001'",
        law: "L8",
        table: "receipt",
        key: "20260000000001",
    },
    Tamper {
        sql: "update receipt set issued_at = '2026-11-09T09:00:00+08:00' where number = '20260000000002'",
        law: "L8",
        table: "receipt",
        key: "20260000000002",
    },
    Tamper {
        sql: "update receipt_line set kind = 'arrears' where reference = 'ACR112260000001'",
        law: "L8",
        table: "receipt_line",
        key: "20260000000001",
    },
    Tamper { sql: "delete from bank_message where payment = 'P-000002'", law: "L8", table: "bank_message", key: "" },
    Tamper {
        sql: "update bank_message set verdict = 'exception' where payment = 'P-000001'",
        law: "L8",
        table: "bank_message",
        key: "",
    },
    Tamper {
        sql: "update bank_message set debit_code = '51' where payment = 'P-000001'",
        law: "L8",
        table: "bank_message",
        key: "",
    },
    Tamper {
        sql: "update bank_message set sealed = (select token from payment where number = 'P-000001') where payment = 'P-000001'",
        law: "L8",
        table: "bank_message",
        key: "",
    },
    Tamper {
        sql: "update bank_message set payment = 'P-000003' where payment = 'P-000001'",
        law: "L8",
        table: "bank_message",
        key: "",
    },
    Tamper {
        sql: "update payment_item set amount_sen = amount_sen + case reference when 'ACR112260000002' then 5 when 'ECR112260000002' \
          then -5 else 0 end where payment = 'P-000002'",
        law: "L8",
        table: "payment_item",
        key: "P-000002",
    },
    Tamper {
        sql: "update payment_item set scheme = 'act800' where reference = 'ACR112260000002'",
        law: "L8",
        table: "payment_item",
        key: "P-000002",
    },
    Tamper {
        sql: "update payment_item set reference = 'ACR112260000009' where reference = 'ACR112260000002'",
        law: "L8",
        table: "payment_item",
        key: "P-000002",
    },
    Tamper {
        sql: "update payment set transaction_id = '1' where number = 'P-000001'",
        law: "L8",
        table: "payment",
        key: "P-000001",
    },
    Tamper {
        sql: "update payment set debit_code = '00' where number = 'P-000002'",
        law: "L8",
        table: "payment",
        key: "P-000002",
    },
    Tamper {
        sql: "update payment set bank = 'TEST0022' where number = 'P-000002'",
        law: "L8",
        table: "payment",
        key: "P-000002",
    },
    Tamper {
        sql: "update payment set sealed = token where number = 'P-000002'",
        law: "L8",
        table: "payment",
        key: "P-000002",
    },
    Tamper {
        sql: "update payment set ended_at = started_at || '' where number = 'P-000003'",
        law: "L8",
        table: "payment",
        key: "P-000003",
    },
    Tamper {
        sql: "update payment set exchange_order = 'X' where number = 'P-000002'",
        law: "L8",
        table: "payment",
        key: "P-000002",
    },
    Tamper {
        sql: "update journal set employer_code = 'B8800000002Y' where subject = 'P-000001'",
        law: "L8",
        table: "journal",
        key: "1",
    },
    Tamper {
        sql: "update journal set at = '2026-11-09T09:00:00+08:00' where subject = 'P-000001'",
        law: "L8",
        table: "journal",
        key: "1",
    },
    Tamper {
        sql: "update offline_payment set paid_on = '2026-11-09'",
        law: "L8",
        table: "offline_payment",
        key: "O-000001",
    },
    Tamper {
        sql: "update offline_payment set evidence = 'slip 8'",
        law: "L8",
        table: "offline_payment",
        key: "O-000001",
    },
    Tamper { sql: "update offline_payment set bank = 'CIMB'", law: "L8", table: "offline_payment", key: "O-000001" },
    Tamper {
        sql: "update office_case set detail = 'nothing' where number = 'C-000002'",
        law: "L8",
        table: "office_case",
        key: "C-000002",
    },
];

/// Where charges stand and who decided appeals, as [`FACTS_TAMPERED`]; the last of a number with its counter, too.
const CHARGES_TAMPERED: &[Tamper] = &[
    Tamper {
        sql: "update charge set state = 'waived' where number = 'KMP112260000004'",
        law: "L8",
        table: "charge",
        key: "KMP112260000004",
    },
    Tamper {
        sql: "update charge set state = 'in-cart' where number = 'KMP112260000004'",
        law: "L8",
        table: "charge",
        key: "KMP112260000004",
    },
    Tamper {
        sql: "update charge set state = 'void' where number = 'KMP112260000004'",
        law: "L8",
        table: "charge",
        key: "KMP112260000004",
    },
    Tamper {
        sql: "update charge set state = 'appealed' where number = 'KMP112260000004'",
        law: "L9",
        table: "charge",
        key: "KMP112260000004",
    },
    Tamper {
        sql: "update charge set state = 'waived' where number = 'KMP112260000005'",
        law: "L8",
        table: "charge",
        key: "KMP112260000005",
    },
    Tamper {
        sql: "update charge set state = 'assessed' where number = 'KMP112260000003'",
        law: "L9",
        table: "charge",
        key: "KMP112260000003",
    },
    Tamper {
        sql: "update appeal set outcome = 'kept', decided_by = 'officer', decided_at = applied_at where charge = 'KMP112260000003'; update charge set state = 'assessed' where number = 'KMP112260000003'",
        law: "L8",
        table: "charge",
        key: "KMP112260000003",
    },
    Tamper {
        sql: "delete from appeal where charge = 'KMP112260000003'",
        law: "L9",
        table: "charge",
        key: "KMP112260000003",
    },
    Tamper {
        sql: "delete from appeal where charge = 'KMP112260000005'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000005",
    },
    Tamper {
        sql: "update appeal set applied_by = 'somebody' where charge = 'KMP112260000005'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000005",
    },
    Tamper {
        sql: "update appeal set applied_at = '2026-11-09T09:00:00+08:00' where charge = 'KMP112260000005'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000005",
    },
    Tamper {
        sql: "update appeal set reason = 'debt' where charge = 'KMP112260000005'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000005",
    },
    Tamper {
        sql: "update appeal set decided_by = applied_by where charge = 'KMP112260000005'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000005",
    },
    Tamper {
        sql: "update appeal set decided_at = '2026-11-09T09:00:00+08:00' where charge = 'KMP112260000005'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000005",
    },
    Tamper {
        sql: "update appeal set outcome = 'waived' where charge = 'KMP112260000005'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000005",
    },
    Tamper {
        sql: "update appeal set amount_sen = 5000 where charge = 'KMP112260000005'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000005",
    },
    Tamper {
        sql: "update appeal set reason = 'debt' where charge = 'KMP112260000003'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000003",
    },
    Tamper {
        sql: "update appeal set charge = 'KMP112260000004' where charge = 'KMP112260000005'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000005",
    },
    Tamper {
        sql: "update appeal set number = 2 where charge = 'KMP112260000005'",
        law: "L8",
        table: "appeal",
        key: "1 of KMP112260000005",
    },
    Tamper {
        sql: "delete from appeal where charge = 'KMP112260000005'; delete from charge where number = 'KMP112260000005'; update series set last = last - 1 where kind = 'charge-compound'",
        law: "L8",
        table: "charge",
        key: "KMP112260000005",
    },
    Tamper {
        sql: "delete from office_case where number = 'C-000002'; update series set last = last - 1 where kind = 'case'",
        law: "L8",
        table: "office_case",
        key: "C-000002",
    },
];

fn money_is_named(place: &Place) {
    fill_with_money(place);
    let report = clean(place, &["--deep"]);
    assert_eq!(report["rows_without_fingerprint"], 0, "{report}");
    each_is_named(place, MONEY_TAMPERED);
    each_is_named(place, FACTS_TAMPERED);
    each_is_named(place, CHARGES_TAMPERED);
    let copy = place.copy();
    tamper(&copy, "update receipt set paid_on = '2026-11-09' where number = '20260000000001'");
    let said = "L8 is broken: receipt 20260000000001 is not what its event recorded";
    run(&copy, NOW, &["selfcheck"]).one_sentence(said);
}

fn money_that_went_back_is_named(place: &Place) {
    fill_with_money(place);
    let propose = ["case", "propose", "C-000002", "--solution", "looked at", "--by", "clerk"];
    let back = ["--refunded-on", "2026-11-10", "--reference", "IBG 77"];
    run(place, NOW, &[&propose[..], &back].concat()).one_sentence("not about money");
    let closed = run(place, NOW, &["case", "show", "C-000001", "--output", "json"]).json();
    assert_eq!((&closed["state"], &closed["refunded_on"]), (&"closed".into(), &"2026-11-10".into()));
    assert_eq!(closed["refund_reference"], "IBG 77");
    let payment = run(place, NOW, &["payment", "show", "P-000004", "--output", "json"]).json();
    assert_eq!((&payment["suspense_sen"], &payment["refund_case"]), (&0.into(), &"C-000001".into()));
    assert_eq!((&payment["refunded_on"], &payment["refund_reference"]), (&"2026-11-10".into(), &"IBG 77".into()));
    let text = run(place, NOW, &["payment", "show", "P-000004"]).out;
    assert!(text.contains("refunded on 10/11/2026") && text.contains("IBG 77"), "{text}");
    clean(place, &["--deep"]);
    each_is_named(place, REFUND_TAMPERED);
}

/// As [`TAMPERED`], where money went back.
const REFUND_TAMPERED: &[Tamper] = &[
    Tamper { sql: "delete from journal where subject = 'C-000001'", law: "L8", table: "office_case", key: "C-000001" },
    Tamper {
        sql: "update journal set amount_sen = 2 * amount_sen where subject = 'C-000001'",
        law: "L8",
        table: "office_case",
        key: "C-000001",
    },
    Tamper {
        sql: "update journal set account = 'bank-offline' where subject = 'C-000001' and account = 'bank-fpx'",
        law: "L8",
        table: "office_case",
        key: "C-000001",
    },
    Tamper {
        sql: "update journal set subject = 'C-000002' where subject = 'C-000001'",
        law: "L8",
        table: "office_case",
        key: "C-000001",
    },
    Tamper { sql: "update office_case set refunded_on = null", law: "L8", table: "office_case", key: "C-000001" },
    Tamper {
        sql: "update office_case set amount_sen = amount_sen - 1 where number = 'C-000001'",
        law: "L8",
        table: "",
        key: "",
    },
];

fn changed_bytes_are_named(place: &Place) {
    let first = "(select id from submission where serial = 1)";
    let block = (
        format!("select sealed from block where submission_id = {first} and number = 0"),
        format!("update block set sealed = $1 where submission_id = {first} and number = 0"),
    );
    let original = (
        format!("select sealed from original where digest = (select digest from submission where id = {first})"),
        format!("update original set sealed = $1 where digest = (select digest from submission where id = {first})"),
    );
    let other = "select sealed from original where digest = (select digest from submission where serial = 2)";
    let document = ("select digest from document".to_owned(), "update document set digest = $1".to_owned());
    let findings = (
        format!("select document from submission where id = {first}"),
        format!("update submission set document = $1 where id = {first}"),
    );
    let employer = (
        format!("select sealed from employer where employer_code = '{CODE}'"),
        format!("update employer set sealed = $1 where employer_code = '{CODE}'"),
    );
    let flip = |bytes: &mut Vec<u8>| bytes[30] ^= 1;
    let sum = |bytes: &mut Vec<u8>| {
        bytes[30] ^= 1;
        let sum = blake3::hash(&bytes[9..]);
        bytes[1..9].copy_from_slice(&sum.as_bytes()[..8]);
    };
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 1);
    let digest = |bytes: &mut Vec<u8>| bytes[0] ^= 1;
    type Change<'a> = &'a dyn Fn(&mut Vec<u8>);
    type Case<'a> = (&'a (String, String), Change<'a>, bool, &'a str, &'a str);
    // With a checksum of its own, the fingerprint in the chain tells, and what does not open.
    let copy = place.copy();
    change_bytes(&copy, &block.0, &block.1, sum);
    assert_eq!(look(&copy, &[]).1["breach"]["key"], "of S-000001");
    assert_eq!(look(&copy, &["--deep"]).1["breach"]["key"], "0 of S-000001");
    let cases: [Case<'_>; 6] = [
        (&block, &flip, false, "block", "0 of S-000001"),
        (&original, &flip, false, "original", ""),
        (&original, &cut, false, "original", ""),
        (&document, &digest, false, "document", "acknowledgement ACR112260000001"),
        (&findings, &flip, true, "submission", "S-000001"),
        (&employer, &flip, true, "employer", CODE),
    ];
    for ((select, update), change, only_deep, table, key) in cases {
        let copy = place.copy();
        change_bytes(&copy, select, update, change);
        if only_deep {
            clean(&copy, &[]);
        }
        let (status, report) = look(&copy, if only_deep { &["--deep"] } else { &[] });
        let breach = &report["breach"];
        assert_eq!((status, &breach["law"], &breach["table"]), (2, &"vault".into(), &table.into()), "{breach}");
        assert!(key.is_empty() || breach["key"] == key, "{breach}");
    }
    // The sealed bytes of another original in its place.
    let copy = place.copy();
    let mut of_two = Vec::new();
    change_bytes(
        &copy,
        other,
        "update original set sealed = $1 where digest = (select digest from submission where serial = 2)",
        |bytes| {
            of_two.clone_from(bytes);
        },
    );
    change_bytes(&copy, &original.0, &original.1, |bytes| *bytes = of_two);
    let (status, report) = look(&copy, &[]);
    assert_eq!((status, &report["breach"]["table"]), (2, &"original".into()), "{report}");
}

fn the_chain_is_proved_against_its_heads(place: &Place) {
    fill(place);
    let files = Files::new();
    let (heads, folder) = (files.path("heads"), files.path(""));
    let report = clean(place, &["--write-head", &heads]);
    let first = report["head"]["event"].as_i64().expect("a number");
    // Nothing that any other row speaks of.
    assert_eq!(run(place, LATER, &["employer", "set", CODE, "--name", "CONTOH"]).status, 0);
    let done = run(place, LATER, &["selfcheck", "--head", &heads, "--write-head", &heads]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(done.out.contains("all 1 heads"), "{}", done.out);
    let kept = files.read("heads");
    assert_eq!(kept.lines().count(), 2, "{kept}");
    assert!(kept.starts_with("2026-11-10 ") && kept.contains("\n2026-11-11 "), "{kept}");
    assert_eq!(clean(place, &["--head", &heads])["heads_found"], 2);
    clean(place, &["--write-head", &folder]);
    assert_eq!(clean(place, &["--head", &folder])["heads_found"], 1);

    // The last event is cut off, and the counter set back: only the head knows.
    let copy = place.copy();
    tamper(
        &copy,
        &format!("delete from event where id > {first}; update series set last = {first} where kind = 'event'"),
    );
    clean(&copy, &[]);
    let (status, report) = look(&copy, &["--head", &heads]);
    let breach = &report["breach"];
    assert_eq!((status, &breach["law"], &breach["table"]), (2, &"audit".into(), &"head".into()), "{report}");
    assert_eq!(breach["key"], "of 2026-11-11");
    // No head is written of what is broken.
    let before = files.read("heads");
    assert_eq!(look(&copy, &["--head", &heads, "--write-head", &heads]).0, 2);
    assert_eq!(files.read("heads"), before);
    let none = files.write("none", "");
    let missing = files.path("never");
    run(place, NOW, &["selfcheck", "--head", &missing, "--write-head", &missing]).one_sentence("--write-head alone");
    run(place, NOW, &["selfcheck", "--head", &none]).one_sentence("no head was kept there");
    let odd = files.write("odd", "2026-11-10 seven\n");
    run(place, NOW, &["selfcheck", "--head", &odd]).one_sentence("line 1, is not a head");
}

fn every_sample_leaves_it_clean(place: &Place) {
    let store = place.store();
    let vault = Vault::new(place.data.path(), store.master_key());
    let mut files: Vec<PathBuf> = ["accept", "reject", "warn", "demo", "months"]
        .iter()
        .flat_map(|folder| fs::read_dir(format!("samples/{folder}")).expect("samples"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(files.len() > 150);
    let now = NOW.parse().expect("a moment");
    drop_what_brings_other_bytes(place);
    for policy in [Policy::GoodLines, Policy::Whole] {
        let options = SubmitOptions { policy: Some(policy), threads: 2, ..SubmitOptions::new("test", "test", now) };
        submit(&store, &vault, &files, &options, |_| ()).expect("kept");
    }
    let report = selfcheck(&store, &vault, &[], (now.date_naive(), true), |_| ()).expect("looked");
    assert_eq!(report.breach, None);
    assert!(report.head.is_some_and(|head| head.event > 300));
}

/// A whole block is gone, and the counts with it.
fn missing_lines_are_missed(place: &Place) {
    let copy = place.copy();
    tamper(
        &copy,
        "update submission set lines = lines - (select lines from block order by number limit 1), \
         accepted_lines = accepted_lines - (select lines from block order by number limit 1); \
         delete from block where number = (select min(number) from block)",
    );
    for (more, law, table) in [(&[][..], "L1", "submission"), (&["--deep"], "L8", "acknowledgement")] {
        let (status, report) = look(&copy, more);
        let breach = &report["breach"];
        assert_eq!((status, &breach["law"], &breach["table"]), (2, &law.into(), &table.into()), "{breach}");
    }
}

fn a_damaged_vault_is_named(place: &Place) {
    let files = Files::new();
    let rows: Vec<_> = (0..4_000).map(|n| row(n, "2026-10", 300_000)).collect();
    let large = files.write("large.txt", joint(&rows));
    assert_eq!(run(place, NOW, &["submit", &large]).status, 0);
    clean(place, &["--deep"]);
    missing_lines_are_missed(place);
    let kept = |place: &Place| {
        let folder = fs::read_dir(place.data.path().join("vault")).expect("a vault").next().expect("one").expect("one");
        fs::read_dir(folder.path()).expect("a folder").next().expect("one").expect("one").path()
    };
    for (change, word) in [
        ((|path| fs::remove_file(path).expect("removed")) as fn(PathBuf), "not in the vault"),
        (|path| fs::write(path, b"CARUORG1").expect("written"), "cut off"),
        (
            |path| {
                let mut bytes = fs::read(&path).expect("read");
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                fs::write(path, bytes).expect("written");
            },
            "does not open",
        ),
    ] {
        let copy = place.copy();
        change(kept(&copy));
        let (status, report) = look(&copy, &[]);
        let breach = &report["breach"];
        assert_eq!((status, &breach["law"], &breach["table"]), (2, &"vault".into(), &"original".into()), "{breach}");
        assert!(breach["says"].as_str().expect("a word").contains(word), "{breach}");
    }
}
