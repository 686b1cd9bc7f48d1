//! What proves a payment, through the program: receipts, slips, the month binder, the list of one employee.

mod place;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use caruman::domain::{ContributionMonth, PaidBy, PaymentModel, Scheme, Sen};
use caruman::store::Store;
use caruman::store::receipts::{NewReceipt, ReceiptLine};
use caruman::workflow::receipt::frozen::FROZEN_RECEIPT_VERSION;
use caruman::workflow::receipt::{FrozenReceipt, FrozenReceiptLine, ReceiptLineKind};
use chrono::{DateTime, FixedOffset, NaiveDate};
use place::Place;
use serde_json::Value;

const CLEAN: &str = "samples/demo/perkeso-october.txt";
const NOW: &str = "2026-11-10T09:00:00+08:00";

fn at(place: &Place, now: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.arg("--data").arg(place.data.path()).args(["--now", now]);
    if let Some(url) = &place.url {
        command.args(["--database", url]);
    }
    command.args(arguments).output().expect("the program starts")
}

fn caruman(place: &Place, arguments: &[&str]) -> Output {
    at(place, NOW, arguments)
}

/// Standard output of a command that goes well.
fn well(place: &Place, arguments: &[&str]) -> String {
    let output = caruman(place, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("no JSON ({error}): {text}"))
}

/// Exit status and everything said.
fn said(output: &Output) -> (Option<i32>, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// An office with the clean file acknowledged: numbers, employer and one employee.
struct Month<'a> {
    place: &'a Place,
    employer: String,
    id: String,
    folder: tempfile::TempDir,
}

impl<'a> Month<'a> {
    fn new(place: &'a Place) -> Self {
        let submitted = json(&well(place, &["submit", CLEAN, "--output", "json"]));
        let employer = submitted["files"][0]["submissions"][0]["employer_code"].as_str().expect("a code").to_owned();
        let line = std::fs::read_to_string(CLEAN).expect("the sample");
        // A person under both Acts: the first line with EIS.
        let store = place.store();
        let number = "S-000001".parse().expect("a number");
        let submission = store.submission(number).expect("a submission");
        let lines = store.lines(&submission, caruman::store::Which::Accepted).expect("lines");
        let person = lines.map(|line| line.expect("a line")).find(|line| !line.eis_total.is_zero()).expect("a person");
        assert!(line.contains(&person.id_number.0));
        Month { place, employer, id: person.id_number.0, folder: tempfile::tempdir().expect("a folder") }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The payment of both acknowledgements, as settling writes it.
    fn pay(&self) -> [String; 2] {
        let store: Store = self.place.store();
        let now: DateTime<FixedOffset> = NOW.parse().expect("a moment");
        let mut group = store.begin_group().expect("a group");
        let numbers = [(Scheme::Act4, "ACR112260000001"), (Scheme::Act800, "ECR112260000001")].map(|(scheme, paid)| {
            let record = store.acknowledgement(paid).expect("an acknowledgement");
            let number = group.receipt_number(scheme, now).expect("a number");
            let frozen = frozen(&number, &self.employer, scheme, paid, record.total);
            assert!(frozen.ties());
            let lines =
                vec![ReceiptLine { kind: "monthly".to_owned(), reference: paid.to_owned(), amount: record.total }];
            let new = NewReceipt {
                number: number.clone(),
                employer_code: self.employer.clone(),
                scheme,
                payment: "P-000001".to_owned(),
                total: record.total,
                paid_on: frozen.paid_on,
                issued_at: now,
                frozen: serde_json::to_string(&frozen).expect("JSON"),
                lines,
            };
            group.issue_receipt(new).expect("issued");
            number
        });
        group.commit().expect("committed");
        numbers
    }
}

fn frozen(number: &str, employer: &str, scheme: Scheme, reference: &str, total: Sen) -> FrozenReceipt {
    FrozenReceipt {
        version: FROZEN_RECEIPT_VERSION,
        number: number.to_owned(),
        scheme,
        issuer: "PEJABAT CONTOH".to_owned(),
        employer_code: employer.to_owned(),
        employer_name: "SYARIKAT CONTOH SDN BHD".to_owned(),
        employer_address: "1 JALAN CONTOH\n50000 KUALA LUMPUR".to_owned(),
        paid_on: NaiveDate::from_ymd_opt(2026, 11, 10).expect("a day"),
        paid_at: "2026-11-10T10:30:22+08:00".to_owned(),
        means: PaidBy::Fpx,
        payment: Some("P-000001".to_owned()),
        seller_order_number: "T0000000001".to_owned(),
        transaction_id: "2611101030220123".to_owned(),
        bank: "MB2U0227".to_owned(),
        bank_name: "Maybank2U".to_owned(),
        evidence: String::new(),
        model: Some(PaymentModel::B2c),
        maker: "clerk".to_owned(),
        approved_by: String::new(),
        lines: vec![FrozenReceiptLine {
            kind: ReceiptLineKind::Monthly,
            reference: reference.to_owned(),
            months: vec![ContributionMonth::new(2026, 10).expect("a month")],
            amount: total,
            skbbk: Sen::ZERO,
        }],
        total,
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

on_both! {
    one_payment_gives_two_receipts_that_prove_themselves
    a_slip_proves_itself_before_and_after_payment
    a_binder_is_the_same_byte_for_byte
    a_binder_of_a_shared_file_holds_own_lines_only
    seven_years_of_one_employee_in_one_command
}

fn one_payment_gives_two_receipts_that_prove_themselves(place: &Place) {
    let month = Month::new(place);
    let [act4, act800] = month.pay();
    assert_eq!((act4.as_str(), act800.as_str()), ("20260000000001", "2026E0000000001"));
    let list = json(&well(place, &["receipt", "list", "--employer", &month.employer, "--output", "json"]));
    let list = list.as_array().expect("rows");
    assert_eq!(list.len(), 2);
    assert!(list.iter().all(|row| row["transaction_id"] == "2611101030220123"), "one transaction id on both");
    let total: i64 = list.iter().filter_map(|row| row["total_sen"].as_i64()).sum();
    assert_eq!(total, 117_960 + 14_440);
    assert_eq!(
        json(&well(place, &["receipt", "list", "--month", "2026-09", "--output", "json"])),
        Value::Array(vec![])
    );

    let public = well(place, &["receipt", "key"]).trim().to_owned();
    assert_eq!(well(place, &["receipt", "key"]).trim(), public);
    for number in [&act4, &act800] {
        let (first, second) = (month.file("first.pdf"), month.file("second.pdf"));
        well(place, &["receipt", "print", number, "--out", text(&first)]);
        assert!(
            at(place, "2027-01-01T00:00:00+08:00", &["receipt", "print", number, "-o", text(&second)]).status.success()
        );
        let bytes = std::fs::read(&first).expect("a PDF");
        assert_eq!(bytes, std::fs::read(&second).expect("a PDF"), "rendered once");
        proven(place, number, &first, &public);
    }
    let shown = json(&well(place, &["receipt", "show", &act4, "--output", "json"]));
    let code = shown["code"].as_str().expect("a code");
    let elsewhere = Place::sqlite();
    well(&elsewhere, &["receipt", "verify", code, "--key", &public]);
    let (status, words) = said(&caruman(place, &["receipt", "verify", code, "--key", &public, "--number", &act800]));
    assert_eq!(status, Some(1), "{words}");
    let (status, words) = said(&caruman(place, &["receipt", "verify", &code.replace("117960", "117961")]));
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains("NOT GENUINE"));
    let (status, words) = said(&caruman(&elsewhere, &["receipt", "verify", code]));
    assert_eq!(status, Some(2), "no key, no answer: {words}");
    assert_eq!(said(&caruman(place, &["receipt", "show", "20260000000099"])).0, Some(2));
}

/// A printed receipt proves itself without the office, and a changed one does not.
fn proven(place: &Place, number: &str, pdf: &Path, public: &str) {
    let elsewhere = Place::sqlite();
    let found = json(&well(&elsewhere, &["receipt", "verify", text(pdf), "--key", public, "--output", "json"]));
    assert_eq!((&found["genuine"], &found["number"]), (&Value::Bool(true), &Value::from(number)));
    assert!(!elsewhere.data.path().join("caruman.db").exists(), "proving opens no database");
    let mut bytes = std::fs::read(pdf).expect("a PDF");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let changed = pdf.with_file_name("changed.pdf");
    std::fs::write(&changed, bytes).expect("written");
    let (status, words) = said(&caruman(place, &["receipt", "verify", text(&changed)]));
    assert_eq!(status, Some(1), "{words}");
}

fn a_slip_proves_itself_before_and_after_payment(place: &Place) {
    let month = Month::new(place);
    let (paper, proof) = (month.file("slip.pdf"), month.file("slip.json"));
    let make = |number: &str, out: &Path| {
        well(place, &["slip", "--ack", number, "--id", &month.id, "--out", text(out)]);
    };
    make("ACR112260000001", &paper);
    make("ACR112260000001", &proof);
    let public = well(place, &["receipt", "key"]).trim().to_owned();
    let elsewhere = Place::sqlite();
    for file in [&paper, &proof] {
        let found = json(&well(&elsewhere, &["slip", "verify", text(file), "--key", &public, "--output", "json"]));
        assert_eq!((&found["people"], &found["total_sen"]), (&12.into(), &117_960.into()));
        assert_eq!((&found["receipt"], &found["id_number"]), (&Value::Null, &Value::from(month.id.as_str())));
    }
    let slip = std::fs::read_to_string(&proof).expect("a slip");
    let own = json(&slip)["lines"][0]["total_sen"].as_i64().expect("an amount");
    let changed = month.file("changed.json");
    std::fs::write(&changed, slip.replace(&format!("\"total_sen\": {own}"), &format!("\"total_sen\": {}", own + 1)))
        .expect("written");
    let (status, words) = said(&caruman(place, &["slip", "verify", text(&changed)]));
    assert_eq!(status, Some(1), "{words}");
    let names = std::fs::read_to_string(CLEAN).expect("the sample");
    let ids = names.lines().filter_map(|line| line.get(32..44)).filter(|id| *id != month.id);
    assert!(ids.count() > 0 && slip.matches("id_number").count() == 1, "one person stands in it");

    let [_, receipt] = month.pay();
    make("ECR112260000001", &paper);
    let found = json(&well(&elsewhere, &["slip", "verify", text(&paper), "--key", &public, "--output", "json"]));
    assert_eq!((&found["receipt"], &found["paid_on"]), (&Value::from(receipt), &"2026-11-10".into()));
    let nobody = ["slip", "--ack", "ACR112260000001", "--id", "000000000000", "--out", text(&proof)];
    let (status, words) = said(&caruman(place, &nobody));
    assert_eq!(status, Some(2));
    assert!(words.contains("nobody") && !words.contains("000000000000"), "{words}");
}

fn a_binder_is_the_same_byte_for_byte(place: &Place) {
    let month = Month::new(place);
    month.pay();
    let build = |now: &str, name: &str| {
        let file = month.file(name);
        let of = ["binder", "--employer", &month.employer, "--month", "2026-10", "--out", text(&file)];
        let (status, words) = said(&at(place, now, &of));
        assert_eq!(status, Some(0), "{words}");
        std::fs::read(&file).expect("a binder")
    };
    let first = build(NOW, "first.zip");
    assert_eq!(first, build("2031-01-01T00:00:00+08:00", "second.zip"), "nothing depends on now");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&first)).expect("a zip");
    let names: Vec<String> =
        (0..zip.len()).map(|at| zip.by_index(at).expect("an entry").name().expect("a name").into_owned()).collect();
    assert_eq!(
        names,
        [
            "README.txt",
            "source/S-000001-perkeso-october.txt",
            "check/S-000001.json",
            "check/S-000001-events.json",
            "acknowledgements/ACR112260000001.pdf",
            "acknowledgements/ECR112260000001.pdf",
            "receipts/20260000000001.pdf",
            "receipts/2026E0000000001.pdf",
            "payments/trail.json",
            "manifest.json",
            "manifest.sig",
        ]
    );
    let mut source = Vec::new();
    std::io::Read::read_to_end(&mut zip.by_index(1).expect("the source"), &mut source).expect("read");
    assert_eq!(source, std::fs::read(CLEAN).expect("the sample"));
    let public = well(place, &["receipt", "key"]).trim().to_owned();
    let elsewhere = Place::sqlite();
    well(&elsewhere, &["binder", "verify", text(&month.file("first.zip")), "--key", &public]);
    let (status, _) = said(&caruman(place, &["binder", "--employer", &month.employer, "--month", "2026-09"]));
    assert_eq!(status, Some(2), "nothing was handed in");
}

fn a_binder_of_a_shared_file_holds_own_lines_only(place: &Place) {
    let shared = "samples/warn/W102-several-employers.txt";
    let submitted = json(&well(place, &["submit", shared, "--output", "json"]));
    let parts = submitted["files"][0]["submissions"].as_array().expect("parts").clone();
    assert!(parts.len() > 1);
    let codes: Vec<&str> = parts.iter().filter_map(|part| part["employer_code"].as_str()).collect();
    let acknowledged = json(&well(place, &["ack", "list", "--employer", codes[0], "--output", "json"]));
    let month = acknowledged[0]["months"][0].as_str().expect("a month").to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("binder.zip");
    well(place, &["binder", "--employer", codes[0], "--month", &month, "--out", text(&file)]);
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&file).expect("a binder")).expect("a zip");
    for at in 0..zip.len() {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut zip.by_index(at).expect("an entry"), &mut bytes).expect("read");
        let words = String::from_utf8_lossy(&bytes);
        assert!(!words.contains(codes[1]), "entry {at} shows another employer");
        assert!(at != 1 || words.contains(codes[0]), "the own lines are there");
    }
}

fn seven_years_of_one_employee_in_one_command(place: &Place) {
    let month = Month::new(place);
    let list = |more: &[&str]| {
        let mut arguments = vec!["contributions", "--employer", &month.employer, "--id", &month.id];
        arguments.extend(more);
        well(place, &arguments)
    };
    let before = json(&list(&["--output", "json"]));
    assert_eq!(before.as_array().expect("rows").len(), 2, "one line for each Act");
    assert!(before.as_array().expect("rows").iter().all(|row| row["paid"] == false));
    let [act4, act800] = month.pay();
    let after = json(&list(&["--output", "json"]));
    let receipts: Vec<&str> =
        after.as_array().expect("rows").iter().filter_map(|row| row["receipt"].as_str()).collect();
    assert_eq!(receipts, [act4, act800]);
    assert_eq!((&after[0]["acknowledgement"], &after[0]["month"]), (&"ACR112260000001".into(), &"2026-10".into()));
    let table = list(&[]);
    assert!(!table.contains(&month.id) && table.contains(&month.id[8..]), "masked: {table}");
    assert!(list(&["--show-identities", "--output", "csv"]).contains(&month.id));
    let file = month.file("person.zip");
    list(&["--out", text(&file)]);
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&file).expect("all documents")).expect("a zip");
    let names: Vec<String> =
        (0..zip.len()).map(|at| zip.by_index(at).expect("an entry").name().expect("a name").into_owned()).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("slips/")).count(), 2);
    assert_eq!(names.iter().filter(|name| name.starts_with("receipts/")).count(), 2);
    well(place, &["binder", "verify", text(&file)]);
    let years = at(
        place,
        "2033-11-10T09:00:00+08:00",
        &["contributions", "--employer", &month.employer, "--id", &month.id, "--output", "json"],
    );
    assert_eq!(json(&String::from_utf8_lossy(&years.stdout)), Value::Array(vec![]), "older than seven years");
}
