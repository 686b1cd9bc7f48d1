//! Invented documents for tests: no real person or company.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::model::*;
use crate::domain::{ContributionMonth, Scheme, Sen};

/// A moment in Malaysia.
pub(crate) fn moment() -> DateTime<FixedOffset> {
    "2026-11-18T09:15:32+08:00".parse().expect("a time")
}

/// An employer.
pub(crate) fn employer() -> Employer {
    Employer {
        code: "A1234567890B".to_owned(),
        name: Some("CONTOH PERKHIDMATAN SDN. BHD.".to_owned()),
        address: vec![
            "Lot 1, Jalan Contoh 2/3".to_owned(),
            "Taman Perindustrian Contoh".to_owned(),
            "50000 Kuala Lumpur".to_owned(),
        ],
        company_number: Some("202601000001 (1234567-A)".to_owned()),
    }
}

/// An acknowledgement over the months before November 2026.
pub(crate) fn document(scheme: Scheme, months: u16) -> AcknowledgementDocument {
    let october = ContributionMonth::new(2026, 10).expect("a month");
    let line = |back: u16| {
        let month = ContributionMonth::from_index(october.index() - back).expect("a month");
        let due_date = month.next().first_day().with_day_of_15();
        let (employer, employee, skbbk) = (Sen(1_234_550), Sen(345_675), Sen(120_050));
        let act4 = scheme == Scheme::Act4;
        let skbbk = act4.then_some(skbbk);
        MonthLine {
            month,
            people: 1_234,
            first_category: 1_200,
            second_category: if act4 { 34 } else { 0 },
            employer: Some(employer),
            employee: Some(employee),
            skbbk,
            total: employer + employee + skbbk.unwrap_or(Sen::ZERO),
            due_date,
            holiday_profile: None,
            interest: Some(Interest {
                days_late: 3 + 30 * u32::from(back),
                daily: Sen(839),
                minimum_top_up: Sen(0),
                total: Sen(839),
                tomorrow: Sen(1118),
            }),
        }
    };
    AcknowledgementDocument {
        scheme,
        number: if scheme == Scheme::Act4 { "ACR112260000001" } else { "ECR112260000001" }.to_owned(),
        received_at: moment(),
        issuer: "Pusat Kutipan Contoh".to_owned(),
        employer: employer(),
        kind: if months > 1 { Kind::Arrears } else { Kind::Monthly },
        months: (0..months).rev().map(line).collect(),
        source: Source {
            file_name: "SOCSO_OKT_2026.txt".to_owned(),
            digest: format!("blake3:{}", "0123456789abcdef".repeat(4)),
            layout: "joint-278-v2".to_owned(),
            rule_pack: "2026.11".to_owned(),
            sent_by: "kerani.contoh".to_owned(),
            approved_by: Some("pengurus.contoh".to_owned()),
        },
        held: Held { lines: 3, total: Sen(12_345) },
        not_eligible: not_eligible(scheme),
        confirmed: (scheme == Scheme::Act800).then(|| (moment(), "kerani.contoh".to_owned())),
    }
}

fn not_eligible(scheme: Scheme) -> Vec<NotEligible> {
    let person = |line: u64, reason: &str| NotEligible {
        line,
        id: format!("6001010000{line:02}"),
        name: format!("CONTOH BIN CONTOH {line}"),
        reason: reason.to_owned(),
    };
    match scheme {
        Scheme::Act4 => Vec::new(),
        Scheme::Act800 => vec![
            person(4, "Berumur 60 tahun ke atas (Akta 800, s. 16) / aged 60 or over"),
            person(17, "Pekerja asing (Akta 800, Jadual Pertama) / foreign worker"),
        ],
    }
}

/// The document with its last month alone, changed so that this many [`people`] add up to it.
pub(crate) fn with_people(document: &AcknowledgementDocument, count: usize) -> AcknowledgementDocument {
    let people: Vec<PersonLine> = people(document, count).collect();
    let mut document = document.clone();
    let others = document.months.len() - 1;
    document.months.drain(..others);
    let line = document.months.last_mut().expect("a month");
    line.people = u32::try_from(count).expect("few people");
    line.first_category = line.people;
    line.second_category = 0;
    line.employer = Some(people.iter().filter_map(|person| person.employer).sum());
    line.employee = Some(people.iter().filter_map(|person| person.employee).sum());
    line.skbbk = line.skbbk.map(|_| people.iter().filter_map(|person| person.skbbk).sum());
    line.total = people.iter().map(|person| person.total).sum();
    document
}

/// Lines of people, one after the other.
pub(crate) fn people(document: &AcknowledgementDocument, count: usize) -> impl Iterator<Item = PersonLine> {
    let (scheme, month) = (document.scheme, document.months.last().expect("a month").month);
    (0..count).map(move |at| {
        let step = at as i64 % 40;
        let (employer, employee) = (Sen(5000 + 175 * step), Sen(1500 + 50 * step));
        let skbbk = (scheme == Scheme::Act4).then_some(Sen(2250 + 75 * step));
        PersonLine {
            id: format!("90{:02}01{:06}", at % 12 + 1, at),
            name: ["CONTOH BINTI CONTOH", "CONTOH A/L CONTOH", "CONTOH 李", "CONTOH BIN CONTOH CONTOH CONTOH CONTOH"]
                [if at % 17 == 5 {
                    3
                } else if at == 8 {
                    2
                } else {
                    at % 2
                }]
            .to_owned(),
            month,
            status: (at % 9 == 3).then_some('B'),
            date: (at % 9 == 3).then(|| NaiveDate::from_ymd_opt(2026, 10, 5).expect("a day")),
            wage: Some(Sen(300_000 + 10_000 * step)),
            employer: Some(employer),
            employee: Some(employee),
            skbbk,
            total: employer + employee + skbbk.unwrap_or(Sen::ZERO),
        }
    })
}

trait Fifteenth {
    fn with_day_of_15(self) -> NaiveDate;
}

impl Fifteenth for NaiveDate {
    fn with_day_of_15(self) -> NaiveDate {
        chrono::Datelike::with_day(&self, 15).expect("every month has a 15th")
    }
}

/// The head of a paper form.
pub(crate) fn paper(scheme: Scheme) -> PaperDocument {
    PaperDocument {
        scheme,
        number: Some("ACR112260000001".to_owned()),
        prepared_at: moment(),
        issuer: "Pusat Kutipan Contoh".to_owned(),
        employer: employer(),
        month: ContributionMonth::new(2026, 10).expect("a month"),
        due_date: NaiveDate::from_ymd_opt(2026, 11, 15).expect("a day"),
        means: Means::Open,
    }
}
