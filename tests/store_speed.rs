//! How fast the store takes lines, measured by hand:
//!
//! ```text
//! cargo test --release --test store_speed -- --ignored --nocapture --test-threads 1
//! ```
//!
//! SQLite always; PostgreSQL as well when `CARUMAN_TEST_POSTGRES` is set (an empty database: tables are left behind).

use std::time::{Duration, Instant};

use caruman::domain::states::SubmissionState;
use caruman::domain::{Scheme, Sen};
use caruman::keys::DataKey;
use caruman::store::block::{BLOCK_LINES, BlockBuilder, LineRef, SealedBlock};
use caruman::store::{
    ArrivalId, NewAcknowledgement, NewArrival, NewEvent, NewSubmission, Store, SubmissionId, TotalRow, seal_document,
};
use caruman::vault::Vault;
use chrono::{DateTime, FixedOffset};
use rayon::prelude::*;

const BOTH: [Scheme; 2] = [Scheme::Act4, Scheme::Act800];

fn now() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-10T09:00:00+08:00").expect("a time")
}

/// Names and numbers that compress as little as real ones.
struct Person {
    id_number: String,
    name: String,
    wage: i64,
}

fn people(count: usize) -> Vec<Person> {
    const GIVEN: [&str; 8] = ["AHMAD", "SITI", "LIM", "TAN", "RAJU", "MEI", "HASSAN", "PRIYA"];
    const FAMILY: [&str; 8] =
        ["CONTOH", "BIN UJIAN", "A/L SAMPEL", "BINTI MISALAN", "KOK WAH", "SZE LING", "ANAK RUAI", "D'CRUZ"];
    let mut state = 1u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let person = |_| Person {
        id_number: format!(
            "{:02}{:02}{:02}{:02}{:04}",
            random() % 100,
            random() % 12 + 1,
            random() % 28 + 1,
            random() % 16 + 1,
            random() % 10_000
        ),
        name: format!("{} {} {}", GIVEN[random() % 8], FAMILY[random() % 8], random() % 100_000),
        wage: 100_000 + (random() % 600_000) as i64,
    };
    (0..count).map(person).collect()
}

fn sealed_block(
    key: &DataKey,
    id: SubmissionId,
    number: u32,
    people: &[Person],
    builder: &mut BlockBuilder,
) -> SealedBlock {
    let month = "2026-10".parse().expect("a month");
    for (i, person) in people.iter().enumerate() {
        builder.push(LineRef {
            source_line: u64::from(number) * BLOCK_LINES as u64 + i as u64 + 1,
            id_number: &person.id_number,
            name: &person.name,
            month,
            wage: Some(Sen(person.wage)),
            act4_employer: Some(Sen(person.wage * 7 / 400)),
            act4_employee: Some(Sen(person.wage / 200)),
            act4_total: Sen(person.wage * 9 / 400),
            eis_employer: Some(Sen(person.wage / 500)),
            eis_employee: Some(Sen(person.wage / 500)),
            eis_total: Sen(person.wage / 250),
            skbbk: Sen(0),
            date: None,
            status: None,
            held: false,
        });
    }
    builder.finish(key, id, number)
}

fn arrival(digest: [u8; 32], original: Option<Vec<u8>>) -> NewArrival {
    NewArrival {
        id: ArrivalId::fresh(),
        digest,
        size: 4_448,
        file_name: "october.txt".to_owned(),
        origin: "command-line".to_owned(),
        received_at: now(),
        original,
    }
}

fn submission(arrival: &NewArrival, employer: &str, lines: u64) -> NewSubmission {
    let total = |scheme| TotalRow {
        month: "2026-10".parse().expect("a month"),
        scheme,
        people: lines,
        employer: Some(Sen(83_760)),
        employee: Some(Sen(23_600)),
        skbbk: Sen(0),
        total: Sen(107_360),
        due_date: "2026-11-15".parse().expect("a day"),
        days_late: 0,
        interest: Sen(0),
    };
    NewSubmission {
        id: SubmissionId::fresh(),
        arrival: arrival.id,
        digest: arrival.digest,
        employer_code: employer.to_owned(),
        company_number: "202501999999".to_owned(),
        layout: "joint-278-v2".to_owned(),
        schemes: BOTH.to_vec(),
        encoding: "utf-8".to_owned(),
        policy: "whole".to_owned(),
        rule_pack: "2026.11".to_owned(),
        checked_at: now(),
        received_at: now(),
        state: SubmissionState::Taken,
        lines,
        accepted_lines: lines,
        held_lines: 0,
        repeat_of: None,
        kind: caruman::domain::SubmissionKind::Monthly,
        supplement_to: None,
        document: None,
        totals: BOTH.map(total).to_vec(),
        blocks: vec![],
        held: vec![],
    }
}

fn acknowledgement(id: SubmissionId, employer: &str, scheme: Scheme) -> NewAcknowledgement {
    NewAcknowledgement {
        submission: id,
        employer_code: employer.to_owned(),
        scheme,
        people: 16,
        total: Sen(107_360),
        frozen: format!(
            "{{\"employer_code\":\"{employer}\",\"months\":[{{\"month\":\"2026-10\",\"total_sen\":107360}}]}}"
        ),
        received_at: now(),
    }
}

/// One file of a million lines, from lines in memory to the commit: seal on all cores, insert as the blocks come.
fn long_file(store: &Store, people: &[Person], name: &str) -> (Duration, Duration, usize) {
    let employer = "A9900000001Z";
    let key = store.data_key(employer, now()).expect("a key");
    let arrival = arrival(*blake3::hash(name.as_bytes()).as_bytes(), None);
    let new = submission(&arrival, employer, people.len() as u64);
    let id = new.id;
    let begin = Instant::now();
    let blocks: Vec<SealedBlock> = people
        .par_chunks(BLOCK_LINES)
        .enumerate()
        .map_init(BlockBuilder::new, |builder, (number, people)| {
            sealed_block(&key, id, u32::try_from(number).expect("small"), people, builder)
        })
        .collect();
    let sealed = begin.elapsed();
    let bytes = blocks.iter().map(|block| block.bytes.len()).sum();
    let mut group = store.begin_group().expect("a group");
    group.add_blocks(id, blocks).expect("added");
    group.arrive(arrival).expect("arrived");
    group.record(new).expect("recorded");
    for scheme in BOTH {
        group.acknowledge(acknowledgement(id, employer, scheme)).expect("numbered");
    }
    group.commit().expect("committed");
    (sealed, begin.elapsed(), bytes)
}

/// Files of 16 lines, so many in a commit, sealed within the measured time.
fn small_files(
    store: &Store,
    vault: &Vault,
    people: &[Person],
    files: usize,
    together: usize,
    salt: &str,
) -> (Duration, Duration, Duration) {
    let codes: Vec<String> = (0..500).map(|i| format!("A99{i:08}Z")).collect();
    let names: Vec<&str> = codes.iter().map(String::as_str).collect();
    let keys = store.data_keys(&names, now()).expect("keys");
    let original: String = "0".repeat(4_448);
    let (mut sealing, mut committing) = (Duration::ZERO, Duration::ZERO);
    let begin = Instant::now();
    let mut builder = BlockBuilder::new();
    let mut file = 0;
    while file < files {
        let here = together.min(files - file);
        let sealed = Instant::now();
        let mut prepared = Vec::with_capacity(here);
        for i in file..file + here {
            let digest = *blake3::hash(format!("{salt} {i} {original}").as_bytes()).as_bytes();
            let arrival = arrival(digest, Some(vault.seal(&digest, original.as_bytes())));
            let employer = i % codes.len();
            let mut new = submission(&arrival, &codes[employer], 16);
            let start = i * 16 % (people.len() - 16);
            new.blocks = vec![sealed_block(&keys[employer], new.id, 0, &people[start..start + 16], &mut builder)];
            new.document = Some(seal_document(&keys[employer], new.id, "{\"files\":[],\"rule_pack\":\"2026.11\"}"));
            prepared.push((arrival, new));
        }
        sealing += sealed.elapsed();
        let mut group = store.begin_group().expect("a group");
        let digests: Vec<[u8; 32]> = prepared.iter().map(|(arrival, _)| arrival.digest).collect();
        group.look_for_repeats(&digests).expect("looked");
        for (arrival, new) in prepared {
            let (id, employer) = (new.id, new.employer_code.clone());
            assert!(group.find_repeat(&arrival.digest, &employer, &BOTH).expect("looked").is_none());
            group.arrive(arrival).expect("arrived");
            let number = group.record(new).expect("recorded");
            for scheme in BOTH {
                group.acknowledge(acknowledgement(id, &employer, scheme)).expect("numbered");
            }
            let subject = number.to_string();
            let (who, what, detail) = ("tester".to_owned(), "taken".to_owned(), String::new());
            group.event(NewEvent { at: now(), who, subject, what, detail }).expect("noted");
        }
        let commit = Instant::now();
        group.commit().expect("committed");
        committing += commit.elapsed();
        file += here;
    }
    (begin.elapsed(), sealing, committing)
}

#[test]
#[ignore = "a measurement, in release, by hand"]
fn measure() {
    let people = people(1_000_000);
    let places = [None, std::env::var("CARUMAN_TEST_POSTGRES").ok()];
    for url in places.iter().enumerate().filter(|(i, url)| *i == 0 || url.is_some()).map(|(_, url)| url) {
        let data = tempfile::tempdir().expect("a folder");
        let store = Store::open(url.as_deref(), data.path(), None).expect("opens");
        let vault = Vault::new(data.path(), store.master_key());
        println!("{}", if url.is_some() { "PostgreSQL" } else { "SQLite" });
        for round in 0..5 {
            let (sealed, all, bytes) = long_file(&store, &people, &format!("{} {round}", std::process::id()));
            println!(
                "  1,000,000 lines: sealed {sealed:.3?}, to the commit {all:.3?}, {} bytes a line",
                bytes / people.len()
            );
        }
        for together in [1, 100, 500] {
            let files = if together == 1 { 4_000 } else { 20_000 };
            let salt = format!("{} {together}", std::process::id());
            let (time, sealing, committing) = small_files(&store, &vault, &people, files, together, &salt);
            let each = time.as_secs_f64() / files as f64 * 1e6;
            println!(
                "  {files} files of 16 lines, {together} a commit: {time:.2?}, {each:.0} µs a file (sealing {sealing:.2?}, \
                 commit with its rows {committing:.2?})"
            );
        }
        if url.is_none() {
            let size = std::fs::metadata(data.path().join("caruman.db")).expect("there").len();
            println!("  database {} MB", size >> 20);
        }
    }
    let data = tempfile::tempdir().expect("a folder");
    let store = Store::open(None, data.path(), None).expect("opens");
    let vault = Vault::new(data.path(), store.master_key());
    let original: Vec<u8> = people
        .iter()
        .flat_map(|p| {
            format!(
                "A9900000001Z{:<20}{:<12}{:<150}102026{:014}         \r\n",
                "202501999999", p.id_number, p.name, p.wage
            )
            .into_bytes()
        })
        .collect();
    let begin = Instant::now();
    vault.keep(blake3::hash(&original).as_bytes(), original.as_slice()).expect("kept");
    println!("vault: {} MB kept in {:.3?}", original.len() >> 20, begin.elapsed());
}
