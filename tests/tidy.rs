//! The house rules that a compiler does not know: who may use whom, what stays pure, how long things are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of `src/` and its height. An arrow goes from higher to lower; neighbours do not know each other.
const LAYERS: [(&str, u8); 27] = [
    ("domain", 0),
    ("rates", 1),
    ("reader", 1),
    ("checks", 2),
    ("writer", 3),
    ("clock", 4),
    ("config", 4),
    ("keys", 4),
    ("messages", 4),
    ("document", 5),
    ("fpx", 5),
    ("notify", 5),
    ("report", 5),
    ("rule_pack", 5),
    ("source", 5),
    ("store", 5),
    ("vault", 5),
    ("simulator", 6),
    ("workflow", 6),
    ("watch", 7),
    ("web", 7),
    ("worker", 7),
    ("cli", 8),
    ("browser", 8),
    ("demo", 8),
    ("main", 9),
    ("lib", 9),
];

/// Modules that do nothing but compute.
const PURE: [&str; 5] = ["domain", "rates", "reader", "checks", "writer"];

/// What none of them says.
const IMPURE: [&str; 10] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "tokio",
    "sqlx",
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "Local::now",
];

/// Where floats are points on a page: amounts get there as text.
const LENGTHS_ON_PAPER: &str = "src/report/";

/// A source file: its module, its path and its lines.
struct Source {
    module: String,
    path: String,
    lines: Vec<String>,
}

impl Source {
    /// Lines of the program itself, counted from 1: no comments, no unit tests (they stand at the bottom).
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = self.lines.iter().position(|line| line == "#[cfg(test)]").unwrap_or(self.lines.len());
        let own = self.lines[..tests].iter().map(String::as_str).enumerate();
        own.filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(at, line)| (at + 1, line))
    }

    fn at(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder entry").path())
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] })
        .collect();
    files.sort();
    files
}

fn sources() -> Vec<Source> {
    let top = root().join("src");
    let rust = files_below(&top).into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let unit_tests = |path: &PathBuf| path.file_name().is_some_and(|name| name == "tests.rs");
    rust.filter(|path| !unit_tests(path))
        .map(|path| {
            let below = path.strip_prefix(&top).expect("lies below src").display().to_string();
            let module = below.split(['/', '.']).next().unwrap_or_default().to_owned();
            let text = fs::read_to_string(&path).expect("source is text");
            Source { module, path: format!("src/{below}"), lines: text.lines().map(str::to_owned).collect() }
        })
        .collect()
}

fn no_faults(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn height(module: &str) -> u8 {
    let found = LAYERS.iter().find(|(name, _)| *name == module);
    found.unwrap_or_else(|| panic!("module {module} has no place in LAYERS of tests/tidy.rs")).1
}

/// Modules named after `crate::` in a line, those of a list in braces too.
fn modules_used(line: &str) -> Vec<&str> {
    let ident = |text: &'static str| move |c: char| !(c.is_ascii_lowercase() || text.contains(c));
    let mut used = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let names = rest.strip_prefix('{').map_or(vec![rest], |list| list.split([',', '}']).collect());
        used.extend(names.into_iter().filter_map(|name| name.trim().split(ident("_")).next()));
    }
    used.retain(|name| !name.is_empty());
    used
}

#[test]
fn arrows_point_down() {
    let mut faults = Vec::new();
    for source in sources() {
        for (at, line) in source.code() {
            for used in modules_used(line) {
                let (from, to) = (source.module.as_str(), used);
                if from != to && height(to) >= height(from) {
                    faults.push(source.at(at, &format!("{from} must not use {to}")));
                }
            }
        }
    }
    no_faults(faults);
}

#[test]
fn the_inside_is_pure() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.module.as_str())) {
        for (at, line) in source.code() {
            faults.extend(IMPURE.iter().filter(|word| line.contains(**word)).map(|word| source.at(at, word)));
        }
    }
    no_faults(faults);
}

/// A float needs `// not money: …` on the line above, or near the head of its file for all of it.
#[test]
fn no_floats_near_money() {
    let says_why = |line: &String| line.trim_start().starts_with("// not money: ");
    let mut faults = Vec::new();
    for source in sources() {
        if source.path.starts_with(LENGTHS_ON_PAPER) || source.lines.iter().take(20).any(says_why) {
            continue;
        }
        for (at, line) in source.code().filter(|(_, line)| line.contains("f32") || line.contains("f64")) {
            if !source.lines.get(at.wrapping_sub(2)).is_some_and(says_why) {
                faults.push(source.at(at, line.trim()));
            }
        }
    }
    no_faults(faults);
}

#[test]
fn files_and_functions_are_short() {
    let mut faults = Vec::new();
    for source in sources() {
        if source.lines.iter().any(|line| line.trim_start().starts_with("// long because ")) {
            continue;
        }
        // Unit tests at the end do not count.
        let code = source.lines.iter().position(|line| line == "#[cfg(test)]").unwrap_or(source.lines.len());
        if code > 400 {
            faults.push(source.at(code, "over 400 lines"));
        }
        let mut open: Option<(usize, usize)> = None;
        for (at, line) in source.code() {
            let indent = line.len() - line.trim_start().len();
            match open {
                Some((start, outer)) if indent == outer && line.trim() == "}" => {
                    if at - start >= 70 {
                        faults.push(source.at(start, &format!("a function of {} lines", at - start + 1)));
                    }
                    open = None;
                }
                None if is_function(line) => open = Some((at, indent)),
                _ => {}
            }
        }
    }
    no_faults(faults);
}

fn is_function(line: &str) -> bool {
    let words = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
    let words = words.trim_start_matches("pub ").trim_start_matches("const ").trim_start_matches("async ");
    words.starts_with("fn ") && !line.trim_end().ends_with(['}', ';'])
}

#[test]
fn nothing_is_unwrapped() {
    let unwraps = |source: Source| -> Vec<String> {
        let lines = source.code().filter(|(_, line)| line.contains(".unwrap()"));
        lines.map(|(at, line)| source.at(at, line.trim())).collect()
    };
    no_faults(sources().into_iter().flat_map(unwraps).collect());
}

#[test]
fn unsafe_code_is_forbidden() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let manifest: toml::Table = manifest.parse().expect("is TOML");
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
}

#[test]
fn both_databases_have_the_same_tables() {
    let read = |kind: &str| -> (Vec<String>, BTreeSet<String>) {
        let files = files_below(&root().join("migrations").join(kind));
        let number = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let text: String = files.iter().map(|path| fs::read_to_string(path).expect("is text")).collect();
        let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '(').collect();
        let tables =
            words.windows(3).filter(|w| w[0].eq_ignore_ascii_case("create") && w[1].eq_ignore_ascii_case("table"));
        (files.iter().map(number).collect(), tables.map(|w| w[2].to_owned()).collect())
    };
    let (sqlite, postgres) = (read("sqlite"), read("postgres"));
    assert!(!sqlite.0.is_empty() && !sqlite.1.is_empty());
    assert_eq!(sqlite, postgres);
}
