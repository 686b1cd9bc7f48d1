//! One story of the store, told on SQLite and on PostgreSQL with the same words.

mod place;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use caruman::domain::states::{AcknowledgementEvent, AcknowledgementState, SubmissionState};
use caruman::domain::{Scheme, Sen};
use caruman::keys::{KeyError, MasterKey};
use caruman::store::block::{BlockBuilder, LineRef, SealedBlock};
use caruman::store::{
    ArrivalId, Filter, Group, HeldLine, KeptOriginal, NewAcknowledgement, NewArrival, NewEvent, NewSubmission, Repeat,
    Store, StoreError, SubmissionId, SubmissionNumber, TotalRow, Which, seal_document,
};
use chrono::{DateTime, FixedOffset};
use place::{Place, statements};

on_both! {
    a_joint_file_gets_two_numbers_and_a_repeat_gets_the_same
    lines_come_back_and_held_ones_wait
    a_group_that_is_not_committed_leaves_nothing_and_no_gap
    a_killed_process_leaves_nothing_and_no_gap
    two_processes_and_two_threads_share_the_numbers
    the_wrong_key_is_refused_and_changes_nothing
    a_removed_acknowledgement_opens_the_way_again
    originals_are_kept_once
    documents_are_rendered_once
    events_are_chained
    long_files_come_in_pieces
    many_files_go_in_one_commit
    a_later_schema_is_refused
    a_setting_that_could_lose_a_commit_is_refused
}

const EMPLOYER: &str = "A9900000001Z";

fn now() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-10T09:00:00+08:00").expect("a time")
}

fn digest(text: &str) -> [u8; 32] {
    *blake3::hash(text.as_bytes()).as_bytes()
}

fn line(source_line: u64, id_number: &str, held: bool) -> LineRef<'_> {
    LineRef {
        source_line,
        id_number,
        name: "AHMAD CONTOH",
        month: "2026-10".parse().expect("a month"),
        wage: Some(Sen(300_000)),
        act4_employer: Some(Sen(5_235)),
        act4_employee: Some(Sen(1_475)),
        act4_total: Sen(6_710),
        eis_employer: Some(Sen(590)),
        eis_employee: Some(Sen(590)),
        eis_total: Sen(1_180),
        skbbk: Sen(0),
        date: None,
        status: None,
        held,
    }
}

fn block(store: &Store, id: SubmissionId, number: u32, lines: std::ops::Range<u64>, held: bool) -> SealedBlock {
    let key = store.data_key(EMPLOYER, now()).expect("a key");
    let mut builder = BlockBuilder::new();
    for source_line in lines {
        builder.push(line(source_line, &format!("9001011{source_line:05}"), held));
    }
    builder.finish(&key, id, number)
}

fn arrival(name: &str) -> NewArrival {
    NewArrival {
        id: ArrivalId::fresh(),
        digest: digest(name),
        size: name.len() as u64,
        file_name: name.to_owned(),
        origin: "command-line".to_owned(),
        received_at: now(),
        original: Some(name.as_bytes().to_vec()),
    }
}

fn submission(arrival: &NewArrival, id: SubmissionId, schemes: &[Scheme], state: SubmissionState) -> NewSubmission {
    NewSubmission {
        id,
        arrival: arrival.id,
        digest: arrival.digest,
        employer_code: EMPLOYER.to_owned(),
        company_number: "202501999999".to_owned(),
        layout: "joint-278-v2".to_owned(),
        schemes: schemes.to_vec(),
        encoding: "utf-8".to_owned(),
        policy: "good-lines".to_owned(),
        rule_pack: "2026.11".to_owned(),
        checked_at: now(),
        received_at: now(),
        state,
        lines: 16,
        accepted_lines: 16,
        held_lines: 0,
        repeat_of: None,
        kind: caruman::domain::SubmissionKind::Monthly,
        supplement_to: None,
        document: None,
        totals: schemes.iter().map(|scheme| total(*scheme)).collect(),
        blocks: vec![],
        held: vec![],
    }
}

fn total(scheme: Scheme) -> TotalRow {
    TotalRow {
        month: "2026-10".parse().expect("a month"),
        scheme,
        people: 16,
        employer: Some(Sen(83_760)),
        employee: None,
        skbbk: Sen(0),
        total: Sen(107_360),
        due_date: "2026-11-15".parse().expect("a day"),
        days_late: 0,
        interest: Sen(0),
    }
}

fn acknowledgement(submission: SubmissionId, scheme: Scheme) -> NewAcknowledgement {
    NewAcknowledgement {
        submission,
        employer_code: EMPLOYER.to_owned(),
        scheme,
        people: 16,
        total: Sen(107_360),
        frozen: "{\"months\":[\"2026-10\"]}".to_owned(),
        received_at: now(),
    }
}

const BOTH: [Scheme; 2] = [Scheme::Act4, Scheme::Act800];

/// A file from arrival to its numbers, inside a group.
fn take(store: &Store, group: &mut Group<'_>, name: &str) -> (SubmissionId, SubmissionNumber, Vec<String>) {
    let arrival = arrival(name);
    let id = SubmissionId::fresh();
    let mut new = submission(&arrival, id, &BOTH, SubmissionState::Taken);
    // On SQLite the key must exist before the group: see Store::data_keys.
    new.blocks = vec![block(store, id, 0, 1..17, false)];
    group.arrive(arrival).expect("arrived");
    let number = group.record(new).expect("recorded");
    let numbers = BOTH.map(|scheme| group.acknowledge(acknowledgement(id, scheme)).expect("numbered"));
    let event = |what: &str| NewEvent {
        at: now(),
        who: "tester".to_owned(),
        subject: number.to_string(),
        what: what.to_owned(),
        detail: String::new(),
    };
    group.event(event("taken")).expect("noted");
    (id, number, numbers.to_vec())
}

fn take_one(store: &Store, name: &str) -> (SubmissionId, SubmissionNumber, Vec<String>) {
    store.data_key(EMPLOYER, now()).expect("a key");
    let mut group = store.begin_group().expect("a group");
    let taken = take(store, &mut group, name);
    group.commit().expect("committed");
    taken
}

fn a_joint_file_gets_two_numbers_and_a_repeat_gets_the_same(place: &Place) {
    let store = place.store();
    let (id, number, numbers) = take_one(&store, "october.txt");
    assert_eq!(number.to_string(), "S-000001");
    assert_eq!(numbers, ["ACR112260000001", "ECR112260000001"]);

    let mut group = store.begin_group().expect("a group");
    let found = group.find_repeat(&digest("october.txt"), EMPLOYER, &BOTH).expect("looked");
    let acknowledgements = BOTH.into_iter().zip(numbers.clone()).collect();
    assert_eq!(found, Some(Repeat { submission: id, number, acknowledgements }));
    for (name, employer, schemes) in [
        ("november.txt", EMPLOYER, &BOTH[..]),
        ("october.txt", "A9900000002Z", &BOTH[..]),
        ("october.txt", EMPLOYER, &BOTH[..1]),
    ] {
        assert_eq!(group.find_repeat(&digest(name), employer, schemes).expect("looked"), None);
    }
    // The repeat is recorded as one, and gives no number.
    let again = arrival("october.txt");
    let mut new = submission(&again, SubmissionId::fresh(), &BOTH, SubmissionState::Repeat);
    new.repeat_of = Some(id);
    new.totals = vec![];
    group.arrive(again).expect("arrived");
    assert_eq!(group.record(new).expect("recorded"), SubmissionNumber(2));
    group.commit().expect("committed");

    let listed = store.submissions(&Filter::default()).expect("listed");
    let states: Vec<_> = listed.iter().map(|s| (s.number.0, s.state, s.repeat_of)).collect();
    assert_eq!(states, [(2, SubmissionState::Repeat, Some(id)), (1, SubmissionState::Taken, None)]);
    let kept = store.acknowledgement("ECR112260000001").expect("there");
    assert_eq!((kept.scheme, kept.state, kept.total), (Scheme::Act800, AcknowledgementState::Submitted, Sen(107_360)));
    assert_eq!(kept.frozen, "{\"months\":[\"2026-10\"]}");
    assert_eq!(store.acknowledgements(&Filter::default()).expect("listed").len(), 2);
    assert_eq!(store.totals(id).expect("listed"), BOTH.map(total));
    assert!(matches!(store.acknowledgement("ACR112260000009"), Err(StoreError::NotFound(_))));
    assert!(matches!(store.submission(SubmissionNumber(9)), Err(StoreError::NotFound(_))));
}

fn lines_come_back_and_held_ones_wait(place: &Place) {
    let store = place.store();
    let key = store.data_key(EMPLOYER, now()).expect("a key");
    let (arrival, id) = (arrival("mixed.txt"), SubmissionId::fresh());
    let mut new = submission(&arrival, id, &BOTH, SubmissionState::Taken);
    (new.lines, new.accepted_lines, new.held_lines) = (1_030, 1_028, 2);
    new.blocks = vec![
        block(&store, id, 0, 1..1_025, false),
        block(&store, id, 1, 1_027..1_031, false),
        block(&store, id, 2, 1_025..1_027, true),
    ];
    new.held = [1_025, 1_026]
        .map(|line| HeldLine {
            line,
            tray: "held".to_owned(),
            codes: "A101,P102".to_owned(),
            state: caruman::store::HeldState::Waiting,
            freed_by: None,
        })
        .to_vec();
    new.document = Some(seal_document(&key, id, "{\"files\":[]}"));
    let held = new.held.clone();
    let mut group = store.begin_group().expect("a group");
    group.arrive(arrival).expect("arrived");
    let number = group.record(new).expect("recorded");
    group.commit().expect("committed");

    let kept = store.submission(number).expect("there");
    assert_eq!((kept.lines, kept.accepted_lines, kept.held_lines), (1_030, 1_028, 2));
    let source = |which: Which| -> Vec<u64> {
        store.lines(&kept, which).expect("lines").map(|line| line.expect("a line").source_line).collect()
    };
    assert_eq!(source(Which::Accepted), (1..1_025).chain(1_027..1_031).collect::<Vec<u64>>());
    assert_eq!(source(Which::Held), [1_025, 1_026]);
    assert_eq!(source(Which::All).len(), 1_030);
    let first = store.lines(&kept, Which::All).expect("lines").next().expect("one").expect("a line");
    assert_eq!((first.id_number.0.as_str(), first.act4_total), ("900101100001", Sen(6_710)));
    assert_eq!(store.held_lines(id).expect("listed"), held);
    assert_eq!(store.check_document(&kept).expect("opens").as_deref(), Some("{\"files\":[]}"));
    for (month, count) in [("2026-09", 0), ("2026-10", 1)] {
        let month = Some(month.parse().expect("a month"));
        let filter =
            Filter { employer_code: Some(EMPLOYER.into()), month, scheme: Some(Scheme::Act4), ..Filter::default() };
        assert_eq!(store.submissions(&filter).expect("listed").len(), count);
    }
}

fn a_group_that_is_not_committed_leaves_nothing_and_no_gap(place: &Place) {
    let store = place.store();
    take_one(&store, "one.txt");
    {
        let mut group = store.begin_group().expect("a group");
        let (_, number, numbers) = take(&store, &mut group, "lost.txt");
        assert_eq!((number.0, numbers[0].as_str()), (2, "ACR112260000002"));
        // Dropped: power cut, error, or the caller thought better of it.
    }
    let (_, number, numbers) = take_one(&store, "two.txt");
    assert_eq!((number.0, numbers[0].as_str()), (2, "ACR112260000002"));
    assert_eq!(store.original(&digest("lost.txt")).expect("looked"), None);
    assert_eq!(store.submissions(&Filter::default()).expect("listed").len(), 2);
}

fn a_killed_process_leaves_nothing_and_no_gap(place: &Place) {
    let store = place.store();
    take_one(&store, "one.txt");
    let ended = child(place, "killed").wait().expect("it ends");
    assert!(!ended.success());
    let (_, number, numbers) = take_one(&store, "two.txt");
    assert_eq!((number.0, numbers[1].as_str()), (2, "ECR112260000002"));
    assert_eq!(store.original(&digest("killed.txt")).expect("looked"), None);
}

fn two_processes_and_two_threads_share_the_numbers(place: &Place) {
    const EACH: i64 = 50;
    let store = &place.store();
    let mut children = [child(place, "first"), child(place, "second")];
    let mut given = BTreeSet::new();
    std::thread::scope(|scope| {
        let all = |who| (0..EACH).map(move |i| take_one(store, &format!("{who} {i}"))).collect::<Vec<_>>();
        let threads = ["third", "fourth"].map(|who| scope.spawn(move || all(who)));
        for thread in threads {
            for (_, number, numbers) in thread.join().expect("a thread ends") {
                assert!(given.insert(number.0), "{number} twice");
                assert_eq!(numbers.len(), 2);
            }
        }
    });
    for child in &mut children {
        assert!(child.wait().expect("it ends").success());
    }
    let all = Filter::default();
    let serials: BTreeSet<i64> = store.submissions(&all).expect("listed").iter().map(|s| s.number.0).collect();
    assert_eq!(serials, (1..=4 * EACH).collect(), "no gap, no repeat");
    let numbers: BTreeSet<String> =
        store.acknowledgements(&all).expect("listed").into_iter().map(|a| a.number).collect();
    let wanted = (1..=4 * EACH).flat_map(|i| ["ACR", "ECR"].map(|kind| format!("{kind}11226{i:07}")));
    assert_eq!(numbers, wanted.collect(), "no gap, no repeat");
    assert_eq!(store.first_broken_event().expect("walked"), None);
}

/// Starts this test program again to do a part.
fn child(place: &Place, part: &str) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "the_part_of_a_child", "--nocapture", "--quiet"]).env("CARUMAN_STORY_PART", part);
    command.env("CARUMAN_STORY_DATA", place.data.path()).stdout(std::process::Stdio::null());
    match &place.url {
        Some(url) => command.env("CARUMAN_STORY_URL", url),
        None => command.env_remove("CARUMAN_STORY_URL"),
    };
    command.spawn().expect("a child starts")
}

/// Does nothing by itself: other tests start it in a process of its own.
#[test]
fn the_part_of_a_child() {
    let Ok(part) = std::env::var("CARUMAN_STORY_PART") else { return };
    let data = std::env::var("CARUMAN_STORY_DATA").expect("a folder");
    let url = std::env::var("CARUMAN_STORY_URL").ok();
    let store = Store::open(url.as_deref(), Path::new(&data), None).expect("the store opens");
    if part == "killed" {
        store.data_key(EMPLOYER, now()).expect("a key");
        let mut group = store.begin_group().expect("a group");
        let (id, ..) = take(&store, &mut group, "killed.txt");
        // More than a buffer, so that statements have run.
        for number in 1..40 {
            group.add_blocks(id, vec![block(&store, id, number, 1..1_025, false)]).expect("added");
        }
        std::process::abort();
    }
    for i in 0..50 {
        take_one(&store, &format!("{part} {i}"));
    }
}

fn the_wrong_key_is_refused_and_changes_nothing(place: &Place) {
    let (_, number, _) = take_one(&place.store(), "one.txt");
    let path = MasterKey::path_in(place.data.path());
    let right = std::fs::read(&path).expect("the key");

    std::fs::remove_file(&path).expect("removed");
    let error = place.open().err().expect("refused");
    assert!(matches!(error, StoreError::Key(KeyError::Missing(_))), "{error}");
    assert!(!path.exists(), "no new key is made");

    let other = tempfile::tempdir().expect("a folder");
    MasterKey::load_or_create(other.path()).expect("made");
    std::fs::copy(MasterKey::path_in(other.path()), &path).expect("copied");
    let error = place.open().err().expect("refused");
    assert!(matches!(error, StoreError::Key(KeyError::Wrong(_))), "{error}");
    assert_eq!(error.to_string().matches(". ").count(), 0, "one sentence: {error}");

    std::fs::remove_file(&path).expect("removed");
    std::fs::write(&path, right).expect("put back");
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o400)).expect("chmod");
    let store = place.store();
    let kept = store.submission(number).expect("there");
    assert_eq!(store.lines(&kept, Which::All).expect("lines").filter(Result::is_ok).count(), 16);
}

fn a_removed_acknowledgement_opens_the_way_again(place: &Place) {
    let store = place.store();
    let (_, _, numbers) = take_one(&store, "october.txt");
    let mut group = store.begin_group().expect("a group");
    assert!(group.find_repeat(&digest("october.txt"), EMPLOYER, &BOTH).expect("looked").is_some());
    let moved = group.move_acknowledgement(&numbers[0], AcknowledgementEvent::Remove).expect("removed");
    assert_eq!(moved, AcknowledgementState::Removed);
    let again = group.move_acknowledgement(&numbers[0], AcknowledgementEvent::Remove);
    assert!(matches!(again, Err(StoreError::Step { .. })));
    let unknown = group.move_acknowledgement("ACR112260000009", AcknowledgementEvent::Remove);
    assert!(matches!(unknown, Err(StoreError::NotFound(_))));
    assert_eq!(group.find_repeat(&digest("october.txt"), EMPLOYER, &BOTH).expect("looked"), None);
    group.commit().expect("committed");
    let (_, _, numbers) = take_one(&store, "october.txt");
    assert_eq!(numbers, ["ACR112260000002", "ECR112260000002"]);
    let removed = Filter { state: Some("removed"), ..Filter::default() };
    assert_eq!(store.acknowledgements(&removed).expect("listed").len(), 1);
    // Taken twice at once is caught by the database itself.
    let mut group = store.begin_group().expect("a group");
    take(&store, &mut group, "october.txt");
    let error = group.commit().expect_err("refused");
    assert!(matches!(error, StoreError::TakenMeanwhile), "{error:?}");
}

fn originals_are_kept_once(place: &Place) {
    let store = place.store();
    let mut group = store.begin_group().expect("a group");
    group.arrive(arrival("one.txt")).expect("arrived");
    let mut again = arrival("one.txt");
    again.original = Some(b"sealed another time".to_vec());
    group.arrive(again).expect("arrived");
    let mut large = arrival("large.txt");
    large.original = None;
    group.arrive(large).expect("arrived");
    group.commit().expect("committed");
    assert_eq!(store.original(&digest("one.txt")).expect("looked"), Some(KeptOriginal::Sealed(b"one.txt".to_vec())));
    assert_eq!(store.original(&digest("large.txt")).expect("looked"), Some(KeptOriginal::InVault));
    assert_eq!(store.original(&digest("none.txt")).expect("looked"), None);
}

fn documents_are_rendered_once(place: &Place) {
    let store = place.store();
    assert_eq!(store.document("acknowledgement", "ACR112260000001").expect("looked"), None);
    let save = |bytes: &[u8]| store.save_document("acknowledgement", "ACR112260000001", EMPLOYER, bytes, now());
    assert_eq!(save(b"first").expect("kept"), b"first");
    assert_eq!(save(b"second").expect("kept"), b"first");
    assert_eq!(store.document("acknowledgement", "ACR112260000001").expect("there").as_deref(), Some(&b"first"[..]));
}

fn events_are_chained(place: &Place) {
    let store = place.store();
    let (_, number, numbers) = take_one(&store, "october.txt");
    let mut group = store.begin_group().expect("a group");
    for what in ["asked", "confirmed", "saved", "reviewed", "ended"] {
        let (who, subject) = ("clerk".to_owned(), numbers[1].clone());
        let what = what.to_owned();
        group.event(NewEvent { at: now(), who, subject, what, detail: "EIS step".to_owned() }).expect("noted");
    }
    group.commit().expect("committed");
    let steps: Vec<String> = store.events(&numbers[1]).expect("listed").into_iter().map(|event| event.what).collect();
    assert_eq!(steps, ["asked", "confirmed", "saved", "reviewed", "ended"]);
    assert_eq!(store.events(&number.to_string()).expect("listed")[0].who, "tester");
    assert_eq!(store.first_broken_event().expect("walked"), None);
    drop(store);
    // A foreign hand has to remove the guard first, and is found out all the same.
    let drop_guard = match place.url {
        Some(_) => "drop trigger event_is_not_changed on event",
        None => "drop trigger event_is_not_changed",
    };
    let tamper = "update event set who = 'nobody' where id = 3";
    statements(&place.own_url(), vec![drop_guard.to_owned(), tamper.to_owned()]);
    assert_eq!(place.store().first_broken_event().expect("walked"), Some(3));
}

fn long_files_come_in_pieces(place: &Place) {
    const BLOCKS: u32 = 90;
    let store = place.store();
    let (mut arrival, id) = (arrival("long.txt"), SubmissionId::fresh());
    arrival.original = None;
    let blocks: Vec<SealedBlock> = (0..BLOCKS)
        .map(|n| block(&store, id, n, u64::from(n) * 1_024 + 1..u64::from(n + 1) * 1_024 + 1, false))
        .collect();
    let mut group = store.begin_group().expect("a group");
    for piece in blocks.chunks(7) {
        group.add_blocks(id, piece.to_vec()).expect("added");
    }
    let new = submission(&arrival, id, &BOTH, SubmissionState::Taken);
    group.arrive(arrival).expect("arrived");
    let number = group.record(new).expect("recorded");
    group.commit().expect("committed");
    let kept = store.submission(number).expect("there");
    let lines = store.lines(&kept, Which::All).expect("lines").map(|line| line.expect("a line").source_line);
    assert!(lines.eq(1..=u64::from(BLOCKS) * 1_024));
    // Blocks without their submission are refused at the commit.
    let orphan = SubmissionId::fresh();
    let lone = block(&store, orphan, 0, 1..2, false);
    let mut group = store.begin_group().expect("a group");
    group.add_blocks(orphan, vec![lone]).expect("added");
    assert!(group.commit().is_err());
}

fn many_files_go_in_one_commit(place: &Place) {
    let store = place.store();
    store.data_key(EMPLOYER, now()).expect("a key");
    let mut group = store.begin_group().expect("a group");
    let names: Vec<String> = (0..300).map(|i| format!("file {i}")).collect();
    let digests: Vec<[u8; 32]> = names.iter().map(|name| digest(name)).collect();
    group.look_for_repeats(&digests).expect("looked");
    for name in &names {
        assert_eq!(group.find_repeat(&digest(name), EMPLOYER, &BOTH).expect("looked"), None);
        take(&store, &mut group, name);
    }
    // Twice in one group is a repeat as well.
    let repeat = group.find_repeat(&digests[7], EMPLOYER, &BOTH).expect("looked").expect("found");
    assert_eq!((repeat.number.0, repeat.acknowledgements.len()), (8, 2));
    group.commit().expect("committed");
    let mut group = store.begin_group().expect("a group");
    group.look_for_repeats(&digests).expect("looked");
    for (i, known) in digests.iter().enumerate() {
        let repeat = group.find_repeat(known, EMPLOYER, &BOTH).expect("looked").expect("found");
        assert_eq!(repeat.acknowledgements[1].1, format!("ECR11226{:07}", i + 1));
    }
}

fn a_later_schema_is_refused(place: &Place) {
    drop(place.store());
    let later = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'later', true, ''::bytea, 0)";
    let later = if place.url.is_some() { later.to_owned() } else { later.replace("''::bytea", "x''") };
    statements(&place.own_url(), vec![later]);
    let error = place.open().err().expect("refused");
    assert!(matches!(error, StoreError::NewerSchema(9999)), "{error}");
}

fn a_setting_that_could_lose_a_commit_is_refused(place: &Place) {
    drop(place.store());
    let Some(url) = &place.url else {
        // SQLite has no such setting outside of a connection; what the file itself remembers is the journal.
        let head = std::fs::read(place.data.path().join("caruman.db")).expect("the file");
        assert_eq!(head[18..20], [2, 2], "write-ahead log");
        return;
    };
    let (_, name) = url.rsplit_once('/').expect("postgres://USER@HOST/NAME");
    for (value, fine) in [("off", false), ("local", true), ("on", true)] {
        statements(url, vec![format!("alter database {name} set synchronous_commit = {value}")]);
        match place.open() {
            Ok(_) => assert!(fine, "{value}"),
            Err(StoreError::Unsafe { name, found, .. }) => {
                assert!(!fine);
                assert_eq!((name.as_str(), found.as_str()), ("synchronous_commit", value));
            }
            Err(other) => panic!("{other}"),
        }
    }
}
