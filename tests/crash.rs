//! Crashes: the program is killed at each system call that touches its files or its database, at random moments, loses
//! its power, its disk and its calls; and after each restart nothing is lost, doubled or stuck.
//!
//! CI takes every tenth call and 200 random kills; `CARUMAN_LONG=1` (`./test.sh --long`) every call and 2,000. Needs a C
//! compiler and strace. `docs/operations.md` says what is proved.

mod flows;
mod office;
#[path = "crash/paying.rs"]
mod paying;
mod place;
#[path = "crash/tools.rs"]
mod tools;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use place::Place;
use tools::{Fault, Random, Site, Way, long, numbers_in, run, strace};

/// Every call, or every tenth one.
fn step() -> u64 {
    if long() { 1 } else { 10 }
}

/// Programs that are run at a time where every call is tried: they wait for the disk more than they work.
fn side_by_side() -> usize {
    if long() { 4 } else { 1 }
}

/// A fault at every so many calls of one file's journey, each from the same beginning. Gives how many were tried, or what
/// was lost.
fn at_calls(beginning: &Site, fault: Fault, file: &Path, step: u64) -> Result<u64, String> {
    let (next, tried, through) = (AtomicU64::new(1), AtomicU64::new(0), AtomicBool::new(false));
    let work = || -> Result<(), String> {
        while !through.load(Ordering::Relaxed) {
            let at = next.fetch_add(step, Ordering::Relaxed);
            let site = beginning.copy();
            let file = site.root().join("in").join(file.file_name().expect("a name"));
            let files = [file];
            let traced = site.traced(at, fault, &files);
            let result = site.recovers(&traced.out, &files);
            tried.fetch_add(1, Ordering::Relaxed);
            if result.is_err() || !traced.killed {
                through.store(true, Ordering::Relaxed);
            }
            result.map_err(|error| format!("{fault:?} at call {at} ({}): {error}", traced.last))?;
            if !traced.killed {
                // It was through: the fault came after the answer.
                assert!(!numbers_in(&traced.out).is_empty() || !site.answers().is_empty(), "{traced:?}");
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..side_by_side()).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|worker| worker.join().expect("it came to its end"));
        ended.collect::<Result<Vec<()>, String>>()
    })?;
    Ok(tried.into_inner())
}

#[test]
fn killed_at_each_call_of_the_first_file() {
    let mut site = Site::new(Way::Submit, None);
    let file = site.new_file(3);
    let tried = at_calls(&site, Fault::Kill, &file, step()).unwrap_or_else(|error| panic!("{error}"));
    eprintln!("killed at {tried} calls of the first file");
    assert!(tried > 400 / step());
}

#[test]
fn killed_at_each_call_of_a_later_file() {
    let mut site = Site::new(Way::Submit, None);
    let before = site.new_file(3);
    site.finish(&[before]).unwrap_or_else(|error| panic!("{error}"));
    let file = site.new_file(3);
    let tried = at_calls(&site, Fault::Kill, &file, step()).unwrap_or_else(|error| panic!("{error}"));
    eprintln!("killed at {tried} calls of a later file");
    assert!(tried > 200 / step());
}

#[test]
fn killed_at_each_call_on_postgres() {
    for way in [Way::Submit, Way::Inbox] {
        let Some(place) = Place::postgres() else { return };
        let mut site = Site::new(way, place.url.clone());
        let before = site.new_file(3);
        site.finish(&[before]).unwrap_or_else(|error| panic!("{error}"));
        let (mut at, mut tried) = (1, 0);
        // A file of its own for each call: the database stays.
        loop {
            let files = [site.new_file(3)];
            let traced = site.traced(at, Fault::Kill, &files);
            let result = site.recovers(&traced.out, &files);
            result.unwrap_or_else(|error| panic!("{way:?} killed at call {at} ({}): {error}", traced.last));
            tried += 1;
            if !traced.killed {
                break;
            }
            at += step();
        }
        eprintln!("{way:?}: killed at {tried} calls on PostgreSQL");
        assert!(tried > 60 / step());
    }
}

#[test]
fn killed_at_each_call_of_a_dropped_file() {
    let mut site = Site::new(Way::Inbox, None);
    let before = site.new_file(3);
    site.finish(&[before]).unwrap_or_else(|error| panic!("{error}"));
    let file = site.new_file(3);
    let tried = at_calls(&site, Fault::Kill, &file, step()).unwrap_or_else(|error| panic!("{error}"));
    eprintln!("killed at {tried} calls of a dropped file");
}

#[test]
fn the_power_goes_at_each_call_of_a_dropped_file() {
    let mut site = Site::new(Way::Inbox, None);
    let before = site.new_file(3);
    site.finish(&[before]).unwrap_or_else(|error| panic!("{error}"));
    let file = site.new_file(3);
    let tried = at_calls(&site, Fault::Power, &file, step()).unwrap_or_else(|error| panic!("{error}"));
    eprintln!("the power cut at {tried} calls of a dropped file");
}

/// The large original goes through the vault: killed at every call there, the power lost at some of all calls.
#[test]
fn a_large_file_survives_in_the_vault() {
    let mut site = Site::new(Way::Submit, None);
    let before = site.new_file(3);
    site.finish(&[before]).unwrap_or_else(|error| panic!("{error}"));
    let file = site.new_file(3_900);
    let name = file.file_name().expect("a name").to_owned();
    let mut at = 1;
    loop {
        let site = site.copy();
        let files = [site.root().join("in").join(&name)];
        let traced = site.traced_below(&site.data().join("vault"), at, Fault::Kill, &files);
        let result = site.recovers(&traced.out, &files);
        result.unwrap_or_else(|error| panic!("killed at call {at} ({}): {error}", traced.last));
        if !traced.killed {
            break;
        }
        at += 1;
    }
    eprintln!("killed at {} calls on the vault", at - 1);
    assert!(at > 10);
    let tried = at_calls(&site, Fault::Power, &file, if long() { 5 } else { 120 });
    eprintln!("the power cut at {} calls of a large file", tried.unwrap_or_else(|error| panic!("{error}")));
}

#[test]
fn the_power_goes_at_each_call() {
    let mut site = Site::new(Way::Submit, None);
    let file = site.new_file(3);
    let tried = at_calls(&site, Fault::Power, &file, step()).unwrap_or_else(|error| panic!("{error}"));
    eprintln!("the power cut at {tried} calls of the first file");
    site.finish(&[file]).unwrap_or_else(|error| panic!("{error}"));
    let later = site.new_file(3);
    let tried = at_calls(&site, Fault::Power, &later, step()).unwrap_or_else(|error| panic!("{error}"));
    eprintln!("the power cut at {tried} calls of a later file");
}

/// The proof of the proof: with flushing turned into nothing, the same test must find a loss.
fn sabotage_is_found(way: Way) {
    let mut site = Site::new(way, None);
    let before = site.new_file(3);
    site.finish(std::slice::from_ref(&before)).unwrap_or_else(|error| panic!("{error}"));
    let file = site.new_file(3);
    let there = |site: &Site, file: &Path| [site.root().join("in").join(file.file_name().expect("a name"))];
    // Flushing as it is: the answer stands after the power went.
    let sound = site.copy();
    let traced = sound.traced(0, Fault::Power, &there(&sound, &file));
    assert_eq!(numbers_in(&traced.out).len(), 2, "{traced:?}");
    sound.recovers(&traced.out, &there(&sound, &file)).unwrap_or_else(|error| panic!("{error}"));
    let sabotaged = site.copy();
    let traced = sabotaged.traced(0, Fault::PowerWithoutFlush, &there(&sabotaged, &file));
    assert_eq!(numbers_in(&traced.out).len(), 2, "{traced:?}");
    assert!(traced.undone > 0);
    let error = sabotaged.answers_stand(&traced.out).expect_err("the answer was lost with the power");
    assert!(error.contains("was told and is lost"), "{error}");
    // The old file is still there: it was flushed.
    assert!(sabotaged.is_taken(&before) && !sabotaged.is_taken(&file));
    let found = at_calls(&site, Fault::PowerWithoutFlush, &file, step()).expect_err("the harness finds it");
    eprintln!("sabotage was found: {found}");
}

#[test]
fn sabotaged_flushing_is_found() {
    sabotage_is_found(Way::Submit);
    sabotage_is_found(Way::Inbox);
}

/// A program that hands files in, with what it prints and logs.
struct Worker {
    child: Child,
    printed: PathBuf,
}

impl Worker {
    fn start(arguments: &[OsString], printed: PathBuf) -> Worker {
        let create = |path: &Path| std::fs::File::create(path).expect("a file");
        let (out, log) = (create(&printed), create(&printed.with_extension("log")));
        let mut command = Command::new(&arguments[0]);
        command.args(&arguments[1..]).arg("-v").env_remove("CARUMAN_LOG").stdout(out).stderr(log);
        Worker { child: command.spawn().expect("the program starts"), printed }
    }

    /// Ends it; true when it had not come to its end. The log tells of each commit, before the answers are printed.
    fn kill(mut self) -> (bool, String) {
        self.child.kill().expect("killed");
        let killed = self.child.wait().expect("waited").code().is_none();
        (killed, std::fs::read_to_string(self.printed.with_extension("log")).expect("text"))
    }
}

/// kill -9 at random moments while so many programs hand the same files in, round after round into the same data folder.
fn killed_at_random(way: Way, url: Option<String>, workers: usize, rounds: u32) {
    let mut random = Random::seeded("killed at random");
    let mut site = Site::new(way, url);
    let first = site.new_file(2);
    let begun = Instant::now();
    site.finish(&[first]).unwrap_or_else(|error| panic!("{error}"));
    let mut longest = u64::try_from(begun.elapsed().as_millis()).expect("a short time").max(20);
    let (mut all, mut waiting) = (Vec::new(), Vec::<PathBuf>::new());
    let (mut killed, mut answered, mut round) = (0, 0, 0);
    // Answers whose numbers were looked up; that they still stand is looked at every 40 rounds, with everything else.
    let mut seen = BTreeSet::new();
    // Where everything was taken, the last ones may still have to be moved and answered.
    let finish = |site: &Site, waiting: &[PathBuf]| {
        if way == Way::Inbox || !waiting.is_empty() { site.finish(waiting) } else { Ok(()) }
    };
    while killed < rounds {
        if waiting.len() < 12 {
            waiting.extend((0..4).map(|_| site.new_file(2)));
        }
        let mut arguments = site.arguments(&waiting);
        if way == Way::Submit {
            arguments.extend(["--group-files".into(), (1 + random.below(4)).to_string().into()]);
        }
        let printed = |number: usize| site.root().join("out").join(format!("printed{number}"));
        let running: Vec<Worker> = (0..workers).map(|number| Worker::start(&arguments, printed(number))).collect();
        let mut told = String::new();
        for worker in running {
            std::thread::sleep(Duration::from_millis(random.below(longest)));
            let (in_time, log) = worker.kill();
            told += &log;
            // Delays follow the speed of the machine: most programs are killed, some get to their end.
            if in_time {
                killed += 1;
                longest += longest / 16 + 1;
            } else {
                longest -= longest / 4;
            }
        }
        site.new_answers_stand(&told, &mut seen).unwrap_or_else(|error| panic!("round {round}: {error}"));
        answered += numbers_in(&told).len();
        let (taken, rest) = site.taken(waiting);
        all.extend(taken);
        waiting = rest;
        round += 1;
        if round % 40 == 0 {
            finish(&site, &waiting).unwrap_or_else(|error| panic!("round {round}: {error}"));
            all.append(&mut waiting);
            site.whole(&all).unwrap_or_else(|error| panic!("round {round}: {error}"));
            site.answers_stand("").unwrap_or_else(|error| panic!("round {round}: {error}"));
        }
    }
    let untold = all.len() - answered / 2;
    finish(&site, &waiting).unwrap_or_else(|error| panic!("{error}"));
    all.append(&mut waiting);
    site.whole(&all).unwrap_or_else(|error| panic!("{error}"));
    eprintln!(
        "{way:?}, {workers} at once: {round} rounds: {killed} killed, {answered} numbers told, {} files each taken once, \
         {untold} of them killed between the commit and the log",
        all.len()
    );
    assert!(answered > 0, "some got to their end");
}

#[test]
fn killed_at_random_under_load() {
    killed_at_random(Way::Submit, None, 1, if long() { 1_000 } else { 100 });
    killed_at_random(Way::Inbox, None, 1, if long() { 1_000 } else { 100 });
}

#[test]
fn killed_at_random_under_load_on_postgres() {
    if let Some(place) = Place::postgres() {
        killed_at_random(Way::Submit, place.url.clone(), 1, if long() { 1_000 } else { 30 });
    }
    if let Some(place) = Place::postgres() {
        killed_at_random(Way::Inbox, place.url.clone(), 2, if long() { 1_000 } else { 30 });
    }
}

/// Two processes hand in the same files: each is taken once, and both answer every file.
fn two_at_once(way: Way, url: Option<String>) {
    let mut site = Site::new(way, url);
    let files: Vec<PathBuf> = (0..24).map(|_| site.new_file(2)).collect();
    let mut arguments = site.arguments(&files);
    if way == Way::Submit {
        arguments.extend(["--group-files".into(), "2".into()]);
    }
    let outputs =
        std::thread::scope(|scope| [(); 2].map(|()| scope.spawn(|| run(&arguments))).map(|t| t.join().expect("ran")));
    for output in outputs {
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        if way == Way::Submit {
            assert_eq!(numbers_in(&String::from_utf8_lossy(&output.stdout)).len(), 48);
        }
    }
    site.whole(&files).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn two_processes_take_each_file_once() {
    for way in [Way::Submit, Way::Inbox] {
        two_at_once(way, None);
        if let Some(place) = Place::postgres() {
            two_at_once(way, place.url.clone());
        }
    }
}

/// Calls that a file system may refuse, with two of its reasons each.
const REFUSED: [(&str, [&str; 2]); 22] = [
    ("openat", ["EACCES", "EMFILE"]),
    ("read", ["EIO", "EINTR"]),
    ("pread64", ["EIO", "EINTR"]),
    ("write", ["ENOSPC", "EINTR"]),
    ("pwrite64", ["ENOSPC", "EIO"]),
    ("fsync", ["EIO", "ENOSPC"]),
    ("ftruncate", ["EIO", "ENOSPC"]),
    ("fcntl", ["EINTR", "ENOLCK"]),
    ("close", ["EIO", "EINTR"]),
    ("unlink", ["EIO", "EROFS"]),
    ("mkdir", ["ENOSPC", "EDQUOT"]),
    // EACCES at a dropped file is answered: it is unreadable, and lies in rejected/.
    ("openat2", ["EIO", "EMFILE"]),
    ("getdents64", ["EIO", "ESTALE"]),
    ("renameat", ["EIO", "ENOSPC"]),
    ("renameat2", ["EIO", "EXDEV"]),
    ("unlinkat", ["EIO", "EROFS"]),
    ("link", ["EIO", "EXDEV"]),
    ("linkat", ["EIO", "EXDEV"]),
    ("newfstatat", ["EIO", "ESTALE"]),
    ("statx", ["EIO", "ESTALE"]),
    ("fstat", ["EIO", "ESTALE"]),
    ("mmap", ["ENOMEM", "EACCES"]),
];

/// One call of a kind, by its number, and the reason for which it is refused.
type Refusal = (&'static str, u64, &'static str);

/// What is refused of one file's journey: every call, or those at these percents of the way.
fn refusals(beginning: &Site, name: &OsStr, samples: &[u64]) -> Vec<Refusal> {
    let mut all = Vec::new();
    // A lock that cannot be let go holds until the process ends: half a minute of waiting for each.
    for (call, reasons) in REFUSED.into_iter().filter(|(call, _)| long() || *call != "fcntl") {
        let site = beginning.copy();
        let files = [site.root().join("in").join(name)];
        let count = strace(&site, &["-e", &format!("trace={call}")], &files).calls;
        let sampled: BTreeSet<u64> = match count {
            0 => BTreeSet::new(),
            _ if long() => (1..=count).collect(),
            _ => samples.iter().map(|percent| 1.max(count * percent / 100)).collect(),
        };
        all.extend(sampled.into_iter().flat_map(|at| reasons.map(|reason| (call, at, reason))));
    }
    all
}

/// A call is refused: the answer is never a wrong "done", and after a restart all is finished.
fn refuse(beginning: &Site, name: &OsStr, (call, at, reason): Refusal) {
    let site = beginning.copy();
    let files = [site.root().join("in").join(name)];
    let inject = format!("inject={call}:error={reason}:when={at}");
    let begun = Instant::now();
    let traced = strace(&site, &["-e", &format!("trace={call}"), "-e", &inject], &files);
    if begun.elapsed() > Duration::from_secs(2) {
        eprintln!("{reason} at {call} {at} took {} ms", begun.elapsed().as_millis());
    }
    let told = format!("{reason} at {call} {at}: status {:?}, {} {}", traced.status, traced.out, traced.err);
    assert!(!traced.err.contains("panicked"), "{told}");
    match traced.status {
        Some(0 | 1) => site.whole(&files).unwrap_or_else(|error| panic!("\"done\", and {error}: {told}")),
        Some(2) => assert!(!traced.err.trim().is_empty() && numbers_in(&traced.out).is_empty(), "{told}"),
        _ => panic!("{told}"),
    }
    site.recovers(&traced.out, &files).unwrap_or_else(|error| panic!("{error}: {told}"));
}

/// Refuses calls, several programs at a time since many only wait; gives how many.
fn refused_calls(beginning: &Site, file: &Path, samples: &[u64]) -> usize {
    let name = file.file_name().expect("a name");
    let all = refusals(beginning, name, samples);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 * side_by_side() {
            scope.spawn(|| {
                while let Some(refusal) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    refuse(beginning, name, *refusal);
                }
            });
        }
    });
    all.len()
}

#[test]
fn refused_calls_never_give_a_wrong_answer() {
    let mut site = Site::new(Way::Submit, None);
    let first = site.new_file(3);
    eprintln!("{} calls of the first file were refused", refused_calls(&site, &first, &[50]));
    site.finish(&[first]).unwrap_or_else(|error| panic!("{error}"));
    let later = site.new_file(3);
    eprintln!("{} calls of a later file were refused", refused_calls(&site, &later, &[0, 100]));
}

#[test]
fn refused_calls_of_a_dropped_file_never_give_a_wrong_answer() {
    let mut site = Site::new(Way::Inbox, None);
    let before = site.new_file(3);
    site.finish(&[before]).unwrap_or_else(|error| panic!("{error}"));
    let file = site.new_file(3);
    eprintln!("{} calls of a dropped file were refused", refused_calls(&site, &file, &[0, 50, 100]));
}

/// A worker goes on while the disk of the data is full and after it has room again; files come before, then and after.
const FULL_FOR_A_WHILE: &str = r#"
set -u
mount -t tmpfs -o size=24m,mode=700 tmpfs "$DISK" || exit 99
mkdir "$DISK/data"
drop() { for file in "$IN"/$1*; do cp "$file" "$BOX/drop/${file##*/}.part"; mv "$BOX/drop/${file##*/}.part" "$BOX/drop/${file##*/}"; done; }
answered() { ls "$BOX/answers" | grep -c 'answer.json$'; }
until_answered() { n=0; while [ "$(answered)" -lt "$1" ] && [ $n -lt 600 ]; do sleep 0.1; n=$((n+1)); done; }
"$@" >"$OUT/out" 2>"$OUT/err" & worker=$!
drop a; until_answered 2
dd if=/dev/zero of="$DISK/fill" bs=4k 2>/dev/null
drop b
n=0; while ! grep -q . "$OUT/err" && [ $n -lt 300 ]; do sleep 0.1; n=$((n+1)); done
rm "$DISK/fill"
drop c; until_answered "$WANTED"
kill -9 $worker; wait $worker
answered >"$OUT/answered"; ls "$BOX/drop" >"$OUT/drop"
"$1" --data "$DISK/data" selfcheck --deep >"$OUT/check" 2>&1; echo $? >"$OUT/status"
true
"#;

#[test]
fn a_worker_goes_on_after_a_full_disk() {
    let Some(how) = may_mount() else {
        assert!(!long(), "no small disk can be mounted here");
        eprintln!("a full disk was NOT tried");
        return;
    };
    let mut site = Site::new(Way::Inbox, None);
    let outside = tempfile::tempdir().expect("a folder");
    let (disk, input) = (outside.path().join("disk"), outside.path().join("in"));
    std::fs::create_dir(&disk).expect("a folder");
    std::fs::create_dir(&input).expect("a folder");
    let folder = site.root().join("box");
    // Two small ones, then so much that the fill leaves no room for it, then others.
    for (group, files, people) in [("a", 2, 3), ("b", 12, 400), ("c", 3, 3)] {
        for number in 0..files {
            let file = site.new_file(people);
            std::fs::rename(file, input.join(format!("{group}{number}.txt"))).expect("moved");
        }
    }
    for name in std::fs::read_dir(folder.join("drop")).expect("a folder") {
        std::fs::remove_file(name.expect("an entry").path()).expect("removed");
    }
    let mut command = Command::new("unshare");
    command.args([how, "sh", "-c", FULL_FOR_A_WHILE, "sh", env!("CARGO_BIN_EXE_caruman"), "--data"]);
    command.arg(disk.join("data")).args(["--now", tools::NOW, "inbox"]).arg(&folder);
    command.args("--scan 1 --quiet-window 60 --disk-reserve 0 --no-papers".split(' ')).env_remove("CARUMAN_LOG");
    command.env("DISK", &disk).env("BOX", &folder).env("IN", &input).env("OUT", outside.path()).env("WANTED", "17");
    let status = command.status().expect("unshare runs");
    let said = |name: &str| std::fs::read_to_string(outside.path().join(name)).expect("text");
    assert!(status.success(), "{status}");
    assert!(said("err").contains("room"), "it was full: {}", said("err"));
    assert_eq!((said("answered").trim(), said("drop").trim()), ("17", ""), "{}", said("err"));
    assert_eq!(said("status").trim(), "0", "{}", said("check"));
}

/// On a file system of so many KiB, then with room again: what became of both runs, and `selfcheck`.
const SMALL_DISK: &str = r#"
set -u
mount -t tmpfs -o size="$1k",mode=700 tmpfs "$2" || exit 99
cp -a "$3/." "$2/" 2>/dev/null || exit 98
shift 3
answer() { cat "$DISK"/box/answers/K0000000002W*.answer.json >"$OUT/$1.answer" 2>/dev/null; }
"$@" >"$OUT/first.out" 2>"$OUT/first.err"; echo $? >"$OUT/first.status"; answer first
mount -o remount,size=64m "$DISK" || exit 99
"$@" >"$OUT/second.out" 2>"$OUT/second.err"; echo $? >"$OUT/second.status"; answer second
"$1" --data "$DISK/data" selfcheck --deep >"$OUT/check.out" 2>"$OUT/check.err"; echo $? >"$OUT/check.status"
ls "$DISK/box/drop" >"$OUT/drop" 2>/dev/null
true
"#;

/// How a small disk can be made here: as root, or as root of a name space of one's own.
fn may_mount() -> Option<&'static str> {
    ["-m", "-Urm"].into_iter().find(|how| {
        let mount = "d=$(mktemp -d) && mount -t tmpfs tmpfs $d && umount $d && rmdir $d";
        Command::new("unshare").args([how, "sh", "-c", mount]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    })
}

#[test]
fn a_full_disk_loses_nothing() {
    full_disk(Way::Submit);
}

#[test]
fn a_full_disk_loses_no_dropped_file() {
    full_disk(Way::Inbox);
}

fn full_disk(way: Way) {
    let Some(how) = may_mount() else {
        let said = "no small disk can be mounted here: neither `unshare -m` nor `unshare -Urm` may mount a tmpfs";
        assert!(!long(), "{said}");
        eprintln!("a full disk was NOT tried: {said}");
        return;
    };
    let mut site = Site::new(way, None);
    let before = site.new_file(3);
    site.finish(&[before]).unwrap_or_else(|error| panic!("{error}"));
    let file = site.new_file(60);
    let outside = tempfile::tempdir().expect("a folder");
    let disk = outside.path().join("disk");
    std::fs::create_dir(&disk).expect("a folder");
    let there = |argument: &std::ffi::OsString| {
        let text = argument.to_string_lossy();
        text.replace(site.root().to_str().expect("a path"), disk.to_str().expect("a path"))
    };
    let arguments: Vec<String> = site.arguments(&[file]).iter().map(there).collect();
    let (mut full, mut fitted) = (0, 0);
    let sizes = (0..).map(|i| 100 + i * if long() { 4 } else { 24 }).take_while(|size| *size < 900);
    for size in sizes {
        let mut command = Command::new("unshare");
        command.args([how, "sh", "-c", SMALL_DISK, "sh"]).arg(size.to_string()).arg(&disk).arg(site.root());
        command.env("OUT", outside.path()).env("DISK", &disk).args(&arguments).env_remove("CARUMAN_LOG");
        let status = command.status().expect("unshare runs");
        if status.code() == Some(98) {
            continue; // what was there before does not fit
        }
        assert!(status.success(), "{size} KiB: {status}");
        let said = |name: &str| std::fs::read_to_string(outside.path().join(name)).expect("text");
        let status = |name: &str| said(name).trim().parse::<i32>().expect("a status");
        let told = format!("{size} KiB: {}{}{}", said("first.out"), said("first.err"), said("first.answer"));
        let answered = |name: &str| numbers_in(&(said(&format!("{name}.out")) + &said(&format!("{name}.answer"))));
        match status("first.status") {
            0 => fitted += 1,
            2 => {
                full += 1;
                assert!(way == Way::Inbox || answered("first").is_empty(), "{told}");
                assert!(said("first.err").trim().lines().count() >= 1, "{told}");
                assert!(!said("first.err").contains("panicked"), "{told}");
            }
            _ => panic!("{told}"),
        }
        assert_eq!((status("second.status"), answered("second").len()), (0, 2), "{told}{}", said("second.err"));
        assert!(answered("first").is_subset(&answered("second")), "{told}");
        assert_eq!(status("check.status"), 0, "{told}{}", said("check.err"));
        let drop = said("drop");
        assert!(drop.trim().is_empty(), "{told}: the drop place has {drop}");
    }
    eprintln!("{way:?}: the disk was full {full} times, and had room {fitted} times");
    assert!(full > 3 && fitted > 3, "sizes on both sides: {full} full, {fitted} with room");
}
