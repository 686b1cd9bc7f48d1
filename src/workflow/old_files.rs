//! The older files that `convert` brings to the current layout: read, and joined by employer, person and month.

use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, FixedOffset};

use crate::checks::Options;
use crate::checks::amount::Amounts;
use crate::checks::context::Act;
use crate::checks::people::key_of;
use crate::checks::scheme::decide;
use crate::domain::{ContributionMonth, EmployerCode, IdentityNumber, Scheme, Sen};
use crate::messages::{Language, Messages};
use crate::rates::RateBook;
use crate::reader::identify::{Identity, identify};
use crate::reader::line::{Line as Physical, LineReader};
use crate::reader::{Layout, LayoutId};
use crate::writer::Line;

/// An older contribution file, read by somebody else.
#[derive(Debug, Clone, Copy)]
pub struct OldFile<'f> {
    /// Its name, which may say the Act.
    pub name: &'f str,
    /// Its bytes.
    pub bytes: &'f [u8],
}

/// What a line of an older file lacks or repeats.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct FileFault {
    /// Name of the file.
    pub file: String,
    /// Line, from 1; `None` where the file as a whole is meant.
    pub line: Option<u64>,
    /// One sentence.
    pub what: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

/// What the older files say of one person, employer and month.
#[derive(Debug, Clone)]
pub(super) struct OldPerson {
    /// Name of the file that names the person first.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    pub employer_code: EmployerCode,
    pub company_number: String,
    pub id_number: IdentityNumber,
    pub name: String,
    pub month: ContributionMonth,
    /// Both SOCSO shares together; `None` where no SOCSO file names the person.
    pub socso: Option<Sen>,
    /// Both EIS shares together; `None` where no EIS file names the person.
    pub eis: Option<Sen>,
    /// SKBBK may stand inside the SOCSO amounts.
    pub skbbk_may_be_inside: bool,
    /// The wage of a joint line.
    pub wage: Option<Sen>,
    /// Letter of the line, for which joint layouts have no place.
    pub status: Option<char>,
}

/// Everything that the older files say.
#[derive(Debug, Default)]
pub(super) struct OldFiles {
    /// In the order of the SOCSO and joint files, then of the EIS files.
    pub people: Vec<OldPerson>,
    /// Employers and months of which some file says the EIS.
    pub with_eis: Vec<(EmployerCode, ContributionMonth)>,
}

/// A file that was recognised.
struct Known<'f> {
    file: OldFile<'f>,
    identity: Identity,
    act: Act,
}

/// Reads older files and joins them.
pub(super) fn read_files(
    files: &[OldFile<'_>],
    book: &RateBook,
    now: DateTime<FixedOffset>,
) -> Result<OldFiles, Vec<FileFault>> {
    let mut faults = Vec::new();
    let mut known: Vec<Known<'_>> =
        files.iter().filter_map(|file| recognise(*file, book, now).map_err(|f| faults.push(f)).ok()).collect();
    undecided(&mut known, &mut faults);
    known.sort_by_key(|file| file.act == Act::One(Scheme::Act800));
    let mut joined = OldFiles::default();
    let mut places = HashMap::new();
    for file in &known {
        read_file(file, &mut joined, &mut places, &mut faults);
    }
    if faults.is_empty() {
        Ok(joined)
    } else {
        faults.sort();
        Err(faults)
    }
}

fn recognise<'f>(file: OldFile<'f>, book: &RateBook, now: DateTime<FixedOffset>) -> Result<Known<'f>, FileFault> {
    let fault = |what: String| FileFault { file: file.name.to_owned(), line: None, what };
    let options = Options::new(file.name, now, book);
    let identity = identify(file.bytes).expect("memory is always readable");
    let identity = identity.map_err(|finding| fault(Messages::get(Language::English).finding(&finding, false)))?;
    let decided = decide(file.bytes, &identity, &options).expect("memory is always readable");
    Ok(Known { file, identity, act: decided.act })
}

/// Of two one-Act files where one is known, the other is for the other Act.
fn undecided(known: &mut [Known<'_>], faults: &mut Vec<FileFault>) {
    let acts: Vec<Act> = known.iter().map(|file| file.act).collect();
    let alone = acts.iter().filter(|act| **act == Act::Undecided).count() == 1;
    for file in known.iter_mut().filter(|file| file.act == Act::Undecided) {
        let has = |scheme| acts.contains(&Act::One(scheme));
        file.act = match (alone, has(Scheme::Act4), has(Scheme::Act800)) {
            (true, true, false) => Act::One(Scheme::Act800),
            (true, false, true) => Act::One(Scheme::Act4),
            _ => {
                let what = "neither its amounts nor its name say whether it is for SOCSO or EIS; put SOCSO or EIS into its name";
                faults.push(FileFault { file: file.file.name.to_owned(), line: None, what: what.to_owned() });
                Act::Undecided
            }
        };
    }
}

type Places = HashMap<(EmployerCode, u64, ContributionMonth), usize>;

fn read_file(file: &Known<'_>, joined: &mut OldFiles, places: &mut Places, faults: &mut Vec<FileFault>) {
    let identity = &file.identity;
    let mut reader = LineReader::new(identity.layout, identity.wrapper);
    let bytes = &file.file.bytes[identity.start as usize..];
    for (place, line) in bytes.split(|byte| *byte == identity.line_end).enumerate() {
        let number = place as u64 + 1;
        let mut fault = |what: &str| {
            let (file, line) = (file.file.name.to_owned(), Some(number));
            faults.push(FileFault { file, line, what: what.to_owned() });
        };
        if identity.wrapper && line.len() < 20 && line.to_ascii_lowercase().windows(7).any(|w| w == b"textstr") {
            continue;
        }
        let record = match reader.read(line.strip_suffix(b"\r").unwrap_or(line)) {
            Physical::Record(record) if record.oddities.other_layout.is_none() => record,
            Physical::Blank | Physical::ControlZ => continue,
            Physical::Record(_) | Physical::Irregular => {
                fault("is no record of the file's layout; run check on the file");
                continue;
            }
        };
        if record.skbbk().iter().any(u8::is_ascii_digit) {
            fault(&format!("is of layout {} already", LayoutId::Joint278V2.id()));
            return;
        }
        let read = Line::of(&record, Layout::get(identity.layout));
        match read.as_ref().and_then(|line| person_of(file, number, line)) {
            Some((key, person)) => {
                if let Err(what) = join(joined, places, file.act, key, person) {
                    fault(&what);
                }
            }
            None => {
                fault("has an employer code, identity number, month, amount or date that cannot be read; run check")
            }
        }
    }
}

fn person_of(file: &Known<'_>, number: u64, line: &Line) -> Option<(u64, OldPerson)> {
    let employer_code = EmployerCode::read(&line.employer_code).1?;
    let id_number = IdentityNumber::new(&line.id_number);
    let key = key_of(id_number.reveal())?;
    let (socso, eis, wage) = match (line.amounts, file.act) {
        (Amounts::Total(total), Act::One(Scheme::Act800)) => (None, Some(total), None),
        (Amounts::Total(total), _) => (Some(total), None, None),
        (Amounts::Shares(s), _) => {
            (Some(s.socso_employer + s.socso_employee), Some(s.eis_employer + s.eis_employee), Some(s.wage))
        }
    };
    // The layout of version 2 stands for both joint layouts here; a file of version 2 was refused above.
    let layout = if file.act == Act::Joint { LayoutId::Joint278V1 } else { file.identity.layout };
    let person = OldPerson {
        file: file.file.name.to_owned(),
        line: number,
        employer_code,
        company_number: line.company_number.clone(),
        id_number,
        name: line.name.clone(),
        month: line.month,
        socso,
        eis,
        skbbk_may_be_inside: socso.is_some() && Layout::get(layout).skbbk_may_be_inside(line.month),
        wage,
        status: line.status,
    };
    Some((key, person))
}

/// Adds what a line says to what is known of the person.
fn join(joined: &mut OldFiles, places: &mut Places, act: Act, key: u64, person: OldPerson) -> Result<(), String> {
    let group = (person.employer_code.clone(), person.month);
    if act != Act::One(Scheme::Act4) && !joined.with_eis.contains(&group) {
        joined.with_eis.push(group);
    }
    let key = (person.employer_code.clone(), key, person.month);
    let Some(place) = places.get(&key) else {
        places.insert(key, joined.people.len());
        joined.people.push(person);
        return Ok(());
    };
    let known = &mut joined.people[*place];
    if (known.socso.is_some() && person.socso.is_some()) || (known.eis.is_some() && person.eis.is_some()) {
        return Err(format!(
            "names a person, employer and month that line {} of {} has already for the same Act",
            known.line, known.file
        ));
    }
    known.socso = known.socso.or(person.socso);
    known.eis = known.eis.or(person.eis);
    known.wage = known.wage.or(person.wage);
    known.status = known.status.or(person.status);
    known.skbbk_may_be_inside |= person.skbbk_may_be_inside;
    if known.company_number.is_empty() {
        known.company_number = person.company_number;
    }
    Ok(())
}
