//! Many questions in a CSV, and answers as a CSV. Column names are the flags, with hyphens or underscores.

use csv::{ReaderBuilder, StringRecord, Trim, WriterBuilder};

use super::{Answer, Question};
use crate::rates::RateBook;

/// A line of the CSV that has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {sentence}")]
pub struct LineError {
    /// Physical line, the header being line 1.
    pub line: u64,
    /// Why.
    pub sentence: String,
}

/// Answers every question of a CSV, in its order. A fault of the header is one error on line 1 and nothing else.
///
/// Blank cells are absent flags; blank lines are skipped. A column with an unknown name is refused, because the facts in
/// it would be left out in silence.
pub fn answer_csv<Q: Question>(text: &str, book: &RateBook) -> Vec<Result<Q::Answer, LineError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let header = match reader.headers().map_err(|error| error.to_string()).and_then(header::<Q>) {
        Ok(header) => header,
        Err(sentence) => return vec![Err(LineError { line: 1, sentence })],
    };
    let mut lines = LineCount { text: text.as_bytes(), at: 0, line: 1 };
    let answers = reader.records().map(|record| match record {
        Ok(record) => {
            let line = lines.of(record.position());
            answer::<Q>(&record, &header, book).map_err(|sentence| LineError { line, sentence })
        }
        Err(error) => Err(LineError { line: lines.of(error.position()), sentence: error.to_string() }),
    });
    answers.collect()
}

/// Physical lines of records. The reader's own count does not know the blank lines before a record.
struct LineCount<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl LineCount<'_> {
    /// The line on which the record at or after this position begins.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.at);
        while self.at < self.text.len() && (self.at < start || self.text[self.at] == b'\n') {
            self.line += u64::from(self.text[self.at] == b'\n');
            self.at += 1;
        }
        self.line
    }
}

/// The column names with underscores; every one known, none twice, none missing.
fn header<Q: Question>(written: &StringRecord) -> Result<StringRecord, String> {
    let names: Vec<String> =
        written.iter().map(|name| name.trim_start_matches("--").to_ascii_lowercase().replace('-', "_")).collect();
    for (i, name) in names.iter().enumerate() {
        if !Q::COLUMNS.contains(&name.as_str()) {
            return Err(format!("\"{name}\" is not a column; the columns are {}", Q::COLUMNS.join(", ")));
        }
        if names[..i].contains(name) {
            return Err(format!("the column {name} stands there twice"));
        }
    }
    match Q::REQUIRED.iter().find(|needed| !names.iter().any(|name| name == **needed)) {
        Some(missing) => Err(format!("the column {missing} is missing")),
        None => Ok(StringRecord::from(names)),
    }
}

fn answer<Q: Question>(record: &StringRecord, header: &StringRecord, book: &RateBook) -> Result<Q::Answer, String> {
    if record.len() != header.len() {
        return Err(format!("{} cells, but the header has {}", record.len(), header.len()));
    }
    let question: Q = record.deserialize(Some(header)).map_err(|error| error.to_string())?;
    question.answer(book).map_err(|error| error.to_string())
}

/// Answers as a CSV with a header; the column names are the keys of the JSON document.
pub fn to_csv<'a, A: Answer + 'a>(answers: impl IntoIterator<Item = &'a A>) -> String {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    let kept = "writing to memory does not fail";
    writer.write_record(A::COLUMNS).expect(kept);
    for answer in answers {
        writer.write_record(answer.cells()).expect(kept);
    }
    String::from_utf8(writer.into_inner().expect(kept)).expect("cells are text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::calc::{ContributionQuestion, DueDateQuestion, InterestQuestion};

    fn book() -> &'static RateBook {
        RateBook::embedded()
    }

    #[test]
    fn questions_and_answers_in_a_table() {
        let text = "\u{feff}Month,wage,born,residency,domestic-worker,skbbk\r\n\
                    2026-10,3000.00,1990-05-05,citizen,,\r\n\
                    \r\n\
                    2028-06,3000.00,1990-05-05,citizen,no,participating\r\n\
                    2026-10,\"7,500.00\",1962-05-05,citizen,,released:2026-08\r\n\
                    2026-10,3000.00\r\n";
        let answers = answer_csv::<ContributionQuestion>(text, book());
        let errors: Vec<String> =
            answers.iter().filter_map(|answer| answer.as_ref().err().map(LineError::to_string)).collect();
        assert!(errors[0].starts_with("line 4: Act 4 (SOCSO) for 2028-06"), "{errors:?}");
        assert_eq!(errors[1..], ["line 6: 2 cells, but the header has 6"]);
        let good: Vec<_> = answers.iter().flatten().collect();
        assert_eq!(good.iter().map(|answer| answer.act4_total_sen.0).collect::<Vec<_>>(), [8855, 7440]);
        let csv = to_csv(good);
        assert!(
            csv.lines().nth(1).is_some_and(|line| line.starts_with("first,5165,1475,2215,8855,590,590,1180,10035,"))
        );
        assert!(csv.contains("Third Schedule); "), "{csv}");
    }

    #[test]
    fn a_header_that_is_not_understood_is_refused() {
        for (text, part) in [
            ("month,wages,born,residency\n", "\"wages\" is not a column"),
            ("month,wage,born\n", "residency is missing"),
            ("month,wage,born,residency,month\n", "twice"),
            ("", "is missing"),
        ] {
            let answers = answer_csv::<ContributionQuestion>(text, book());
            let [Err(error)] = answers.as_slice() else { panic!("one error: {answers:?}") };
            assert!(error.line == 1 && error.sentence.contains(part), "{error}");
        }
        assert!(answer_csv::<DueDateQuestion>("month\n", book()).is_empty());
    }

    #[test]
    fn columns_are_the_keys_of_the_document() {
        fn same<Q: Question>(text: &str) {
            let answers = answer_csv::<Q>(text, book());
            let answer = answers.first().and_then(|answer| answer.as_ref().ok()).expect("an answer");
            let json = serde_json::to_string(answer).expect("json");
            let mut rest = json.as_str();
            for column in Q::Answer::COLUMNS {
                let key = format!("\"{column}\":");
                rest = rest.split_once(&key).expect("the keys stand in the order of the columns").1;
            }
            let keys = serde_json::to_value(answer).ok().and_then(|value| value.as_object().map(serde_json::Map::len));
            assert_eq!(keys, Some(Q::Answer::COLUMNS.len()));
            assert_eq!(answer.cells().len(), Q::Answer::COLUMNS.len());
        }
        same::<ContributionQuestion>("month,wage,born,residency\n2026-10,1,1990-01-01,foreign\n");
        same::<InterestQuestion>("act,month,amount,paid,profile\nact4,2025-01,1000.00,2025-02-16,daily\n");
        same::<DueDateQuestion>("month,holiday-profile\n2026-10,next-working-day\n");
    }
}
