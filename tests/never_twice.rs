//! Whatever is handed in, mended, topped up and withdrawn, in whatever order: nobody is acknowledged for more than the
//! wage pays that was taken last, and the sums of the papers are those of the people.

mod flows;
mod place;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use caruman::checks::History;
use caruman::checks::people::key_of;
use caruman::domain::states::{AcknowledgementState, SubmissionState};
use caruman::domain::{ContributionMonth, Policy, Registration, Scheme, Sen, SubmissionKind};
use caruman::store::{Filter, Store, SubmissionNumber};
use caruman::vault::Vault;
use caruman::workflow::mend::{fix_sheet, submit_fixed};
use caruman::workflow::selfcheck::selfcheck;
use caruman::workflow::submit::{OfficeRules, SubmitOptions, Submitted, submit};
use caruman::workflow::withdraw::withdraw;
use flows::{Files, Row, joint, row};
use place::Place;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const PEOPLE: u32 = 3;
const MONTH: &str = "2026-10";
const WAGES: [i64; 4] = [250_000, 300_000, 350_000, 700_000];

on_both! { nobody_is_acknowledged_twice }

/// What is done to an employer's month.
#[derive(Debug, Clone)]
enum Step {
    /// A file: for each person a place among the wages, and whether the name is forgotten.
    HandIn { lines: Vec<(u32, usize, bool)>, short: bool, policy: Policy },
    /// One of the acknowledgements that stand.
    Withdraw(prop::sample::Index),
    /// Everything that waits, by its sheet.
    Mend { short: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let person = (0..PEOPLE, 0..WAGES.len(), prop::bool::weighted(0.25));
    let lines = prop::collection::vec(person, 1..=PEOPLE as usize).prop_map(|lines| {
        let mut met = BTreeSet::new();
        lines.into_iter().filter(|(person, ..)| met.insert(*person)).collect()
    });
    let policy = prop_oneof![3 => Just(Policy::GoodLines), 1 => Just(Policy::Whole)];
    prop_oneof![
        5 => (lines, any::<bool>(), policy).prop_map(|(lines, short, policy)| Step::HandIn { lines, short, policy }),
        2 => any::<prop::sample::Index>().prop_map(Step::Withdraw),
        2 => any::<bool>().prop_map(|short| Step::Mend { short }),
    ]
}

/// One employer's month and what the story knows of it.
struct Month<'a> {
    store: &'a Store,
    vault: &'a Vault,
    files: &'a Files,
    code: &'static str,
    /// What each submission's lines said.
    said: HashMap<SubmissionNumber, Vec<Row>>,
    /// The wage of each person that was taken last, with whether anything was withdrawn since.
    last: BTreeMap<String, (Row, bool)>,
}

impl Month<'_> {
    fn options(&self, short: bool) -> SubmitOptions<'static> {
        let now = "2026-11-20T09:00:00+08:00".parse().expect("a moment");
        SubmitOptions {
            kind: short.then_some(SubmissionKind::ShortPayment),
            office: OfficeRules { registration: Registration::Warn, ..OfficeRules::default() },
            ..SubmitOptions::new("test", "test", now)
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::HandIn { lines, short, policy } => {
                let rows: Vec<Row> =
                    lines.iter().map(|(n, wage, _)| row(*n, MONTH, WAGES[*wage]).of(self.code)).collect();
                let mut bytes = joint(&rows);
                for (at, _) in lines.iter().enumerate().filter(|(_, (_, _, nameless))| *nameless) {
                    bytes[at * 280 + 44..at * 280 + 94].fill(b' ');
                }
                let path = self.files.write("file.txt", bytes).into();
                let options = SubmitOptions { policy: Some(*policy), ..self.options(*short) };
                let mut answered = None;
                submit(self.store, self.vault, &[path], &options, |answer| answered = Some(answer)).expect("kept");
                self.answered(&answered.expect("an answer"), rows);
            }
            Step::Withdraw(which) => {
                let standing: Vec<String> = self.standing().into_iter().map(|(number, _)| number).collect();
                if !standing.is_empty() {
                    let number = &standing[which.index(standing.len())];
                    withdraw(self.store, number, ("test", "x"), self.options(false).now).expect("not paid yet");
                    self.last.values_mut().for_each(|(_, withdrawn)| *withdrawn = true);
                }
            }
            Step::Mend { short } => self.mend(*short),
        }
    }

    fn mend(&mut self, short: bool) {
        let waiting = self.store.waiting(Some(self.code)).expect("read");
        let waiting: Vec<_> = waiting.into_iter().filter(|line| line.tray == "to-mend").collect();
        for of_one in waiting.chunk_by(|a, b| a.number == b.number) {
            let number = of_one[0].number;
            let said = &self.said[&number];
            let rows: Vec<Row> = of_one.iter().map(|line| said[line.line as usize - 1].clone()).collect();
            let options = self.options(short);
            let mut sheet = fix_sheet(self.store, self.vault, number, &options).expect("a sheet");
            for row in sheet.rows.iter_mut().filter(|row| row.field == "name") {
                let line = row.line.expect("a line") as usize;
                row.corrected.clone_from(&said[line - 1].name);
            }
            let freed = submit_fixed(self.store, self.vault, &sheet.to_csv(), &options).expect("handed in");
            self.answered(&freed, rows);
        }
    }

    /// Learns from an answer which lines were taken.
    fn answered(&mut self, answer: &Submitted, rows: Vec<Row>) {
        let check = answer.check.as_ref().expect("judged");
        let outcome = &answer.submissions[0];
        if outcome.state == SubmissionState::Taken {
            for (line, row) in (1..).zip(&rows) {
                if !check.holds(line) {
                    self.last.insert(row.id.clone(), (row.clone(), false));
                }
            }
        }
        self.said.insert(outcome.number, rows);
    }

    /// Acknowledgements that stand, with their sums by Act.
    fn standing(&self) -> Vec<(String, (Scheme, Sen))> {
        let filter = Filter { employer_code: Some(self.code.to_owned()), ..Filter::default() };
        let all = self.store.acknowledgements(&filter).expect("read").into_iter();
        let stand = all.filter(|a| a.state != AcknowledgementState::Removed);
        stand.map(|a| (a.number, (a.scheme, a.total))).collect()
    }

    fn holds(&self, told: &str) {
        let month: ContributionMonth = MONTH.parse().expect("a month");
        let mut history = History::default();
        let wanted = BTreeMap::from([(self.code.to_owned(), BTreeSet::from([month]))]);
        self.store.begin_group().expect("a group").standing(&wanted, &mut history).expect("read");
        let stood = |id: &str, scheme: Scheme| {
            let of = history.book(self.code, month).and_then(|book| book.stood(key_of(id)?)?.total(scheme));
            of.unwrap_or_default()
        };
        for scheme in [Scheme::Act4, Scheme::Act800] {
            let mut sum = Sen::ZERO;
            for (id, (row, withdrawn)) in &self.last {
                let due = Sen(if scheme == Scheme::Act4 { row.owed().0 } else { row.owed().1 });
                let stands = stood(id, scheme);
                assert!(stands <= due, "{told}: RM {stands} stands of RM {due} under {scheme:?}");
                assert!(
                    stands == due || *withdrawn,
                    "{told}: RM {stands} of RM {due} under {scheme:?}, none withdrawn"
                );
                sum += stands;
            }
            let papers = self.standing().into_iter().filter(|(_, (of, _))| *of == scheme);
            assert_eq!(papers.map(|(_, (_, total))| total).sum::<Sen>(), sum, "{told}: the papers and the people");
        }
    }
}

fn nobody_is_acknowledged_twice(place: &Place) {
    let store = place.store();
    let vault = Vault::new(place.data.path(), store.master_key());
    let (files, made) = (Files::new(), Cell::new(0));
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let steps = prop::collection::vec(step(), 1..8);
    let ran = runner.run(&steps, |steps| {
        made.set(made.get() + 1);
        let code: &'static str = format!("E{:010}W", made.get()).leak();
        let (said, last) = (HashMap::new(), BTreeMap::new());
        let mut month = Month { store: &store, vault: &vault, files: &files, code, said, last };
        for (at, step) in steps.iter().enumerate() {
            month.take(step);
            month.holds(&format!("after step {at} of {steps:?}"));
        }
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
    let day = "2026-11-20".parse().expect("a day");
    let report = selfcheck(&store, &vault, &[], (day, true), |_| ()).expect("looked");
    assert_eq!(report.breach, None);
}
