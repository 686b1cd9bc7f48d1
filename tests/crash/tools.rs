//! What the crash tests work with: a place on disk, the tracer, and the proof that nothing is lost, doubled or stuck.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use caruman::domain::states::SubmissionState;
use caruman::store::{Filter, Store};
use caruman::vault::Vault;
use caruman::watch::disk::init;
use caruman::workflow::selfcheck::selfcheck;

use crate::flows::{joint, row};
use crate::place::copy_folder;

/// When every file comes.
pub const NOW: &str = "2026-11-10T09:00:00+08:00";

/// What the answer of a file says over which workers were stopped twice.
const QUARANTINED: &str = "stopped twice";

/// True for `./test.sh --long`.
pub fn long() -> bool {
    std::env::var_os("CARUMAN_LONG").is_some()
}

/// One C program of this folder, compiled where it changed. Fails where there is no compiler.
fn compiled(source: &str, options: &[&str]) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash").join(source);
    let digest = blake3::hash(&std::fs::read(&path).expect("the source")).to_hex();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{source}.{}", &digest[..16]));
    if !target.exists() {
        let part = target.with_extension(std::process::id().to_string());
        let mut command = Command::new("cc");
        command.args(["-O1", "-Wall", "-Wextra", "-Werror"]).args(options).arg("-o").arg(&part).arg(&path);
        let built = command.output().expect("the crash tests need a C compiler (Debian: build-essential)");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        std::fs::rename(part, &target).expect("renamed");
    }
    target
}

fn tracer() -> &'static Path {
    static TRACER: OnceLock<PathBuf> = OnceLock::new();
    TRACER.get_or_init(|| compiled("tracer.c", &[]))
}

fn no_flush() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| compiled("no_flush.c", &["-shared", "-fPIC"]))
}

/// The way in that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `caruman submit FILE`.
    Submit,
    /// `caruman inbox DIR --once`, the file dropped before.
    Inbox,
}

/// A data folder and files to hand in, below one folder that is watched.
pub struct Site {
    root: tempfile::TempDir,
    url: Option<String>,
    way: Way,
    made: u32,
}

/// How a traced run went.
#[derive(Debug)]
pub struct Traced {
    /// Changes that were lost with the power.
    pub undone: u64,
    /// It was killed.
    pub killed: bool,
    /// What it had printed, and what others could have read in its answers.
    pub out: String,
    /// The call in whose place it was killed.
    pub last: String,
}

/// What happens at the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process ends.
    Kill,
    /// The power goes.
    Power,
    /// The power goes, and flushing was a lie: the sabotage that must be found.
    PowerWithoutFlush,
}

impl Site {
    pub fn new(way: Way, url: Option<String>) -> Self {
        let root = tempfile::Builder::new().prefix("crash").tempdir().expect("a folder");
        std::fs::create_dir(root.path().join("in")).expect("a folder");
        std::fs::create_dir(root.path().join("out")).expect("a folder");
        if way == Way::Inbox {
            init(&root.path().join("box"), "crash").expect("an inbox");
        }
        Self { root, url, way, made: 0 }
    }

    /// The same files and data at another place. SQLite only.
    pub fn copy(&self) -> Self {
        assert!(self.url.is_none(), "a database of a server cannot be copied as a file");
        let copy = Self::new(self.way, None);
        copy_folder(self.root.path(), copy.root.path());
        Self { made: self.made, ..copy }
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    /// A clean file of an employer of its own, with so many people.
    pub fn new_file(&mut self, people: u32) -> PathBuf {
        self.made += 1;
        let code: &'static str = format!("K{:010}W", self.made).leak();
        let rows: Vec<_> = (0..people).map(|n| row(n, "2026-10", 300_000).of(code)).collect();
        let path = self.root.path().join("in").join(format!("{code}.txt"));
        std::fs::write(&path, joint(&rows)).expect("written");
        if self.way == Way::Inbox {
            // As the contract says: written under another name, then renamed.
            let dropped = self.root.path().join("box/drop").join(format!("{code}.txt"));
            std::fs::copy(&path, dropped.with_extension("txt.part")).expect("copied");
            std::fs::rename(dropped.with_extension("txt.part"), dropped).expect("renamed");
        }
        path
    }

    /// The program with its options and the files, ready to run.
    pub fn arguments(&self, files: &[PathBuf]) -> Vec<std::ffi::OsString> {
        let mut all: Vec<std::ffi::OsString> = vec![env!("CARGO_BIN_EXE_caruman").into()];
        all.extend(["--data".into(), self.data().into(), "--now".into(), NOW.into()]);
        if let Some(url) = &self.url {
            all.extend(["--database".into(), url.into()]);
        }
        match self.way {
            Way::Submit => {
                all.push("submit".into());
                all.extend(files.iter().map(|file| file.clone().into_os_string()));
            }
            Way::Inbox => {
                all.extend(["inbox".into(), self.root.path().join("box").into_os_string()]);
                let options = "--once --quiet-window 0 --disk-reserve 0 --no-papers --single-thread";
                all.extend(options.split(' ').map(Into::into));
            }
        }
        all
    }

    /// Runs to the end, without any fault. A file over which workers were killed twice is held, as the protocol says; then
    /// a person lets it go.
    pub fn finish(&self, files: &[PathBuf]) -> Result<(), String> {
        self.finish_once(files)?;
        let held = if self.way == Way::Inbox { names_in(&self.root.path().join("box/held")) } else { Vec::new() };
        for name in &held {
            let quarantined = |(answer, text): &(String, String)| {
                name.starts_with(answer.split('.').next().unwrap_or_default()) && text.contains(QUARANTINED)
            };
            if !self.answers().iter().any(quarantined) {
                return Err(format!("{name} is held, and not because workers stopped over it"));
            }
            let mut arguments = self.arguments(&[]);
            arguments.truncate(arguments.iter().position(|word| word == "inbox").expect("an inbox") + 1);
            let folder = self.root.path().join("box");
            arguments.extend(["release".into(), folder.into_os_string(), name.into()]);
            let output = run(arguments);
            if !output.status.success() {
                return Err(format!("{name} cannot be let go: {}", String::from_utf8_lossy(&output.stderr)));
            }
        }
        if held.is_empty() { Ok(()) } else { self.finish_once(files) }
    }

    fn finish_once(&self, files: &[PathBuf]) -> Result<(), String> {
        let output = run(self.arguments(files));
        if output.status.code().is_some_and(|code| code <= 1) {
            return Ok(());
        }
        Err(format!("after the restart: {:?} {}", output.status, String::from_utf8_lossy(&output.stderr)))
    }

    /// Runs under the tracer; `at` 0 counts only.
    pub fn traced(&self, at: u64, fault: Fault, files: &[PathBuf]) -> Traced {
        self.traced_below(self.root.path(), at, fault, files)
    }

    /// As [`Site::traced`], counting only calls on files below this one.
    pub fn traced_below(&self, watched: &Path, at: u64, fault: Fault, files: &[PathBuf]) -> Traced {
        let report = self.root.path().with_extension("report");
        let mut watch = watched.as_os_str().to_owned();
        if self.url.is_some() {
            watch.push(":socket");
        }
        trace(&report, at, &watch, fault, &self.arguments(files))
    }

    fn open(&self) -> Result<Store, String> {
        Store::open(self.url.as_deref(), &self.data(), None).map_err(|error| error.to_string())
    }

    /// Every number that was printed is kept: nothing was answered that a crash can take back.
    pub fn answers_stand(&self, printed: &str) -> Result<(), String> {
        self.new_answers_stand(printed, &mut BTreeSet::new())
    }

    /// The same of what was printed now and of answers that were not `seen` yet.
    pub fn new_answers_stand(&self, printed: &str, seen: &mut BTreeSet<String>) -> Result<(), String> {
        let mut numbers = numbers_in(printed);
        for (name, text) in self.answers_but(seen) {
            numbers.extend(numbers_in(&text));
            seen.insert(name);
        }
        if numbers.is_empty() {
            return Ok(());
        }
        let store = self.open()?;
        for number in numbers {
            store.acknowledgement(&number).map_err(|error| format!("{number} was told and is lost: {error}"))?;
        }
        Ok(())
    }

    /// The JSON answers of an inbox: names and texts.
    pub fn answers(&self) -> Vec<(String, String)> {
        self.answers_but(&BTreeSet::new())
    }

    fn answers_but(&self, seen: &BTreeSet<String>) -> Vec<(String, String)> {
        if self.way == Way::Submit {
            return Vec::new();
        }
        let names = names_in(&self.root.path().join("box/answers")).into_iter();
        let read = |name: String| {
            let text = std::fs::read_to_string(self.root.path().join("box/answers").join(&name)).expect("an answer");
            (name, text)
        };
        names.filter(|name| name.ends_with(".answer.json") && !seen.contains(name)).map(read).collect()
    }

    /// Every file left the drop place for `accepted/`, once, as it was, and has one answer, which is whole.
    fn folder_is_whole(&self, files: &[PathBuf]) -> Result<(), String> {
        let place = self.root.path().join("box");
        for (folder, wanted) in [("drop", 0), ("duplicate", 0), ("rejected", 0), ("held", 0)] {
            let names = names_in(&place.join(folder));
            if names.len() != wanted {
                return Err(format!("{folder}/ has {names:?}"));
            }
        }
        let (accepted, answers) = (names_in(&place.join("accepted")), self.answers());
        for file in files {
            let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
            let of_file: Vec<_> = accepted.iter().filter(|name| name.starts_with(&stem)).collect();
            let whole =
                |name: &&&String| std::fs::read(place.join("accepted").join(name)).ok() == std::fs::read(file).ok();
            if of_file.len() != 1 || of_file.iter().filter(whole).count() != 1 {
                return Err(format!("accepted/ has {of_file:?} of {stem}"));
            }
            let of_file = answers.iter().filter(|(name, _)| name.starts_with(&stem));
            let answered: Vec<_> = of_file.filter(|(_, text)| !text.contains(QUARANTINED)).collect();
            if answered.len() != 1 {
                return Err(format!("answers/ has {} of {stem}", answered.len()));
            }
            if serde_json::from_str::<serde_json::Value>(&answered[0].1).is_err()
                || numbers_in(&answered[0].1).len() != 2
            {
                return Err(format!("the answer of {stem} is not whole: {}", answered[0].1));
            }
        }
        Ok(())
    }

    /// `selfcheck` finds nothing; each file was taken once, with both its numbers; nothing else is there but repeats.
    pub fn whole(&self, files: &[PathBuf]) -> Result<(), String> {
        let store = self.open()?;
        let vault = Vault::new(&self.data(), store.master_key());
        let day = "2026-11-10".parse().expect("a day");
        let report = selfcheck(&store, &vault, &[], (day, true), |_| ()).map_err(|error| error.to_string())?;
        if let Some(breach) = report.breach {
            return Err(breach.to_string());
        }
        let all = store.submissions(&Filter::default()).map_err(|error| error.to_string())?;
        for file in files {
            let digest = *blake3::hash(&std::fs::read(file).expect("a file")).as_bytes();
            let of_file = || all.iter().filter(|submission| submission.digest == digest);
            let taken: Vec<_> = of_file().filter(|submission| submission.state == SubmissionState::Taken).collect();
            let name = file.file_name().unwrap_or_default().display();
            if taken.len() != 1 {
                return Err(format!("{name} was taken {} times", taken.len()));
            }
            if of_file().any(|s| !matches!(s.state, SubmissionState::Taken | SubmissionState::Repeat)) {
                return Err(format!("{name} was judged another way after a crash"));
            }
            if self.way == Way::Inbox && of_file().count() != 1 {
                return Err(format!("{name} was delivered {} times", of_file().count()));
            }
            let filter = Filter { submission: Some(taken[0].id), ..Filter::default() };
            let numbers = store.acknowledgements(&filter).map_err(|error| error.to_string())?;
            if numbers.len() != 2 {
                return Err(format!("{name} has {} acknowledgements", numbers.len()));
            }
        }
        if self.way == Way::Inbox { self.folder_is_whole(files) } else { Ok(()) }
    }

    /// Was the file taken?
    pub fn is_taken(&self, file: &Path) -> bool {
        !self.taken(vec![file.to_owned()]).0.is_empty()
    }

    /// Files that were taken, and the others. A file's name is its employer's code.
    pub fn taken(&self, files: Vec<PathBuf>) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let store = self.open().expect("opens");
        files.into_iter().partition(|file| {
            let code = file.file_stem().expect("a name").to_string_lossy().into_owned();
            let filter = Filter { employer_code: Some(code), state: Some("taken"), ..Filter::default() };
            !store.submissions(&filter).expect("listed").is_empty()
        })
    }

    /// What becomes of the files after a fault: what was answered stands; after a restart all is done once.
    pub fn recovers(&self, printed: &str, files: &[PathBuf]) -> Result<(), String> {
        self.answers_stand(printed)?;
        self.finish(files)?;
        self.whole(files)
    }
}

/// Runs a program under the tracer, which writes its report there; `at` 0 counts only.
pub fn trace(report: &Path, at: u64, watched: &OsStr, fault: Fault, arguments: &[std::ffi::OsString]) -> Traced {
    let mut command = Command::new(tracer());
    command.arg(report).arg(at.to_string()).arg(watched);
    command.arg(if fault == Fault::Kill { "kill" } else { "power" });
    if fault == Fault::PowerWithoutFlush {
        command.arg("env").arg(format!("LD_PRELOAD={}", no_flush().display()));
    }
    let output = command.args(arguments).env_remove("CARUMAN_LOG").output().expect("the tracer starts");
    assert_ne!(output.status.code(), Some(125), "{}", String::from_utf8_lossy(&output.stderr));
    let said = std::fs::read_to_string(report).expect("the tracer reports");
    std::fs::remove_file(report).expect("removed");
    let seen = report.with_extension("report.seen");
    let seen = std::fs::read_to_string(&seen).ok().inspect(|_| std::fs::remove_file(&seen).expect("removed"));
    let words: Vec<&str> = said.split_whitespace().collect();
    let number = |at: usize| words[at].parse::<u64>().expect("a number");
    Traced {
        killed: number(3) == 1,
        undone: number(5),
        out: String::from_utf8_lossy(&output.stdout).into_owned() + &seen.unwrap_or_default(),
        last: words[7..].join(" "),
    }
}

/// Names in a folder, hidden ones too.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// How a run under strace went.
pub struct Straced {
    /// Exit status; none when a signal ended it.
    pub status: Option<i32>,
    /// Calls of the busiest thread: strace counts for each thread apart.
    pub calls: u64,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs under strace, which sees only calls on the site's files.
pub fn strace(site: &Site, options: &[&str], files: &[PathBuf]) -> Straced {
    let log = site.root().with_extension("strace");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(&log);
    let data = site.data();
    let database = ["caruman.db", "caruman.db-wal", "caruman.db-shm", "caruman.db-journal", "keys", "keys/master.key"];
    for path in database.iter().map(|name| data.join(name)).chain([data.clone()]).chain(files.iter().cloned()) {
        command.arg("-P").arg(path);
    }
    if site.way == Way::Inbox {
        for name in ["", "drop", "answers", "accepted", ".caruman-inbox"] {
            command.arg("-P").arg(site.root().join("box").join(name));
        }
        for file in files {
            command.arg("-P").arg(site.root().join("box/drop").join(file.file_name().expect("a name")));
        }
    }
    command.args(options).args(site.arguments(files)).env_remove("CARUMAN_LOG").stdin(Stdio::null());
    let output = command.output().expect("the crash tests need strace (Debian: strace)");
    let text = std::fs::read_to_string(&log).unwrap_or_default();
    std::fs::remove_file(&log).expect("strace wrote its log");
    let mut threads = std::collections::BTreeMap::new();
    for line in text.lines().filter(|line| !line.contains("resumed>")) {
        *threads.entry(line.split_whitespace().next()).or_insert(0) += 1;
    }
    // strace says where the paths lead; the rest is the program's.
    let own = |line: &&str| !line.starts_with("strace: ");
    let err: Vec<&str> = str::from_utf8(&output.stderr).expect("text").lines().filter(own).collect();
    Straced {
        status: output.status.code(),
        calls: threads.into_values().max().unwrap_or(0),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: err.join("\n"),
    }
}

/// ACR and ECR numbers in a text.
pub fn numbers_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| caruman::store::number::is_acknowledgement_number(word)).map(str::to_owned).collect()
}

/// Runs a program to its end; fails when it takes longer than a minute: nothing may be stuck.
pub fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    let mut arguments = arguments.into_iter();
    let mut command = Command::new(arguments.next().expect("a program"));
    command.args(arguments).env_remove("CARUMAN_LOG").stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let begun = Instant::now();
    // What is printed here fits into a pipe.
    while child.try_wait().expect("waited").is_none() {
        if begun.elapsed() > Duration::from_secs(60) {
            let _ = child.kill();
            panic!("{command:?} is stuck");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.wait_with_output().expect("its output")
}

/// Numbers from a seed, which is printed: `CARUMAN_SEED` repeats a run.
pub struct Random(u64);

impl Random {
    pub fn seeded(of: &str) -> Self {
        let now =
            || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_nanos() as u64;
        let seed = std::env::var("CARUMAN_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(now);
        eprintln!("{of}: CARUMAN_SEED={seed}");
        Self(seed | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
