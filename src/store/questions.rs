//! What `selfcheck` asks the database: each law as a statement that finds the first row which breaks it.

/// A law, asked of the database: the key of the first row that breaks it.
#[derive(Debug)]
pub struct Question {
    /// The law: `L1`, `L2`, `L8`, `L9`.
    pub law: &'static str,
    /// Its name in the report.
    pub name: &'static str,
    /// The table whose row is named. A row of `submission` is named by its serial.
    pub table: &'static str,
    /// What is wrong with the row, after its name.
    pub says: &'static str,
    pub(super) sql: &'static str,
}

/// All questions, in the order in which they are asked. A new table adds its own here.
pub const QUESTIONS: &[Question] = &[
    Question {
        law: "L1",
        name: "arrival-kept",
        table: "arrival",
        says: "has no original",
        sql: "select cast(a.id as text) as named from arrival a where not exists \
              (select 1 from original o where o.digest = a.digest) order by a.id limit 1",
    },
    Question {
        law: "L1",
        name: "submission-arrived",
        table: "submission",
        says: "has no arrival, or one of other bytes",
        sql: "select cast(s.serial as text) as named from submission s where not exists \
              (select 1 from arrival a where a.id = s.arrival_id and a.digest = s.digest) order by s.serial limit 1",
    },
    Question {
        law: "L1",
        name: "arrival-answered",
        table: "arrival",
        says: "has no submission: nothing says what became of it",
        sql: "select cast(id as text) as named from arrival where id not in (select arrival_id from submission) \
              order by id limit 1",
    },
    Question {
        law: "L1",
        name: "lines-counted",
        table: "submission",
        says: "has accepted and held lines that do not add up to its lines",
        sql: "select cast(serial as text) as named from submission where lines <> accepted_lines + held_lines \
              order by serial limit 1",
    },
    Question {
        law: "L1",
        name: "accepted-lines-kept",
        table: "submission",
        // Where the employer had a file for the same month before, a line that adds nothing to it is counted and not kept.
        says: "has more or fewer lines in its blocks than were accepted",
        sql: "select cast(serial as text) as named from (select s.id, s.serial, s.accepted_lines, \
              (select coalesce(sum(b.lines), 0) from block b where b.submission_id = s.id and b.held = 0) as kept \
              from submission s where s.state = 'taken') counted where kept > accepted_lines \
              or (kept < accepted_lines and not exists (select 1 from submission_total t \
              join submission_total u on u.employer_code = t.employer_code and u.month = t.month \
              join submission w on w.id = u.submission_id where t.submission_id = counted.id \
              and w.serial < counted.serial and w.state = 'taken')) order by serial limit 1",
    },
    Question {
        law: "L1",
        name: "held-lines-listed",
        table: "submission",
        says: "has more or fewer lines in trays than were held",
        sql: "select cast(s.serial as text) as named from submission s where s.state = 'taken' and s.held_lines <> \
              (select count(*) from held_line h where h.submission_id = s.id) order by s.serial limit 1",
    },
    Question {
        law: "L1",
        name: "held-lines-kept",
        table: "submission",
        // A line that could not be read as a record waits in the original alone.
        says: "has more held lines in its blocks than in its trays",
        sql: "select cast(s.serial as text) as named from submission s where s.held_lines < \
              (select coalesce(sum(b.lines), 0) from block b where b.submission_id = s.id and b.held <> 0) \
              order by s.serial limit 1",
    },
    Question {
        law: "L1",
        name: "blocks-owned",
        table: "block",
        says: "belongs to no submission that was taken",
        sql: "select cast(b.submission_id as text) || ' ' || cast(b.number as text) from block b where not exists \
              (select 1 from submission s where s.id = b.submission_id and s.state = 'taken') \
              order by b.submission_id, b.number limit 1",
    },
    Question {
        law: "L1",
        name: "freed-lines-followed",
        table: "held_line",
        says: "left its tray, and the submission that freed it is not there",
        sql: "select cast(h.submission_id as text) || ' ' || cast(h.line as text) from held_line h where \
              (h.state = 'freed' and not exists (select 1 from submission s where s.id = h.freed_by)) \
              or (h.state <> 'freed' and h.freed_by is not null) order by h.submission_id, h.line limit 1",
    },
    Question {
        law: "L1",
        name: "acknowledgement-owned",
        table: "acknowledgement",
        says: "belongs to no submission of its employer that was taken",
        sql: "select a.number from acknowledgement a where not exists (select 1 from submission s \
              where s.id = a.submission_id and s.state = 'taken' and s.employer_code = a.employer_code) \
              order by a.number limit 1",
    },
    Question {
        law: "L2",
        name: "taken-once",
        table: "submission",
        says: "was taken a second time: the same bytes, employer and Acts",
        sql: "select cast(max(serial) as text) as named from submission where answers_repeats = 1 \
              group by digest, employer_code, schemes having count(*) > 1 order by max(serial) limit 1",
    },
    Question {
        law: "L2",
        name: "repeats-answered",
        table: "submission",
        says: "is a repeat, and the submission that answers it is not there or is of other bytes",
        sql: "select cast(s.serial as text) as named from submission s where s.state = 'repeat' and not exists \
              (select 1 from submission t where t.id = s.repeat_of and t.state = 'taken' and t.digest = s.digest \
              and t.employer_code = s.employer_code and t.schemes = s.schemes) order by s.serial limit 1",
    },
    Question {
        law: "L2",
        name: "only-taken-answer",
        table: "submission",
        says: "answers repeats and was not taken",
        sql: "select cast(serial as text) as named from submission where answers_repeats <> 0 and state <> 'taken' \
              order by serial limit 1",
    },
    Question {
        law: "L2",
        name: "submission-numbers",
        table: "submission",
        says: "does not follow the number before it",
        sql: "select cast(serial as text) as named from (select serial, row_number() over (order by serial) as place \
              from submission) numbered where serial <> place order by serial limit 1",
    },
    Question {
        law: "L2",
        name: "submission-counter",
        table: "series",
        says: "stands at another number than the last submission",
        sql: "select kind from series where kind = 'submission' and last <> (select count(*) from submission)",
    },
    Question {
        law: "L1",
        name: "delivery-answered",
        table: "delivery",
        says: "has no answer to be written, or one that was written already",
        sql: "select cast(id as text) as named from delivery where (state = 'taken' and answer is null) \
              or (state <> 'taken' and answer is not null) order by delivery.id limit 1",
    },
    Question {
        law: "L1",
        name: "delivery-settled",
        table: "delivery",
        says: "has an outcome before it was taken, or none after",
        sql: "select cast(id as text) as named from delivery where (state = 'claimed') <> (outcome = '') \
              order by delivery.id limit 1",
    },
    Question {
        law: "L1",
        name: "delivery-arrived",
        table: "delivery",
        says: "has an arrival of other bytes, or none that is there",
        sql: "select cast(d.id as text) as named from delivery d where d.arrival_id is not null and not exists \
              (select 1 from arrival a where a.id = d.arrival_id and a.digest = d.digest) order by d.id limit 1",
    },
    Question {
        law: "L2",
        name: "arrival-delivered-once",
        table: "delivery",
        says: "has the arrival of another delivery: one file was delivered twice",
        sql: "select cast(max(id) as text) as named from delivery where arrival_id is not null \
              group by arrival_id having count(*) > 1 order by max(id) limit 1",
    },
    Question {
        law: "L2",
        name: "one-receipt",
        table: "receipt",
        says: "is a second receipt of the same payment and Act",
        sql: "select max(number) as named from receipt group by payment, scheme having count(*) > 1 \
              order by max(number) limit 1",
    },
    Question {
        law: "L2",
        name: "paid-once",
        table: "receipt_line",
        says: "stands on two receipts",
        sql: "select reference from receipt_line group by reference having count(*) > 1 order by reference limit 1",
    },
    Question {
        law: "L2",
        name: "one-open-attempt",
        table: "payment_item",
        says: "is locked by two attempts to pay",
        sql: "select reference from payment_item where open = 1 group by reference having count(*) > 1 \
              order by reference limit 1",
    },
    Question {
        law: "L8",
        name: "journal-balances",
        table: "journal",
        says: "is an entry whose amounts do not sum to zero",
        sql: "select cast(entry as text) as named from journal group by entry having sum(amount_sen) <> 0 \
              order by journal.entry limit 1",
    },
    Question {
        law: "L8",
        name: "receipts-add-up",
        table: "receipt",
        says: "has another total than its lines",
        sql: "select r.number from receipt r where r.total_sen <> (select coalesce(sum(l.amount_sen), 0) \
              from receipt_line l where l.receipt = r.number) order by r.number limit 1",
    },
    Question {
        law: "L8",
        name: "payments-add-up",
        table: "payment",
        says: "asks for another amount than its items",
        sql: "select p.number from payment p where p.amount_sen <> (select coalesce(sum(i.amount_sen), 0) \
              from payment_item i where i.payment = p.number) order by p.number limit 1",
    },
    Question {
        law: "L9",
        name: "submission-history",
        table: "submission",
        says: "has an event of another state, or none of its own",
        sql: "select cast(s.serial as text) as named from submission s where 1 <> (select count(*) from event e \
              where e.subject = 'S-' || case when s.serial < 1000000 \
              then substr('000000' || cast(s.serial as text), length(cast(s.serial as text)) + 1) \
              else cast(s.serial as text) end \
              and e.what in ('refused', 'repeat', 'quarantined', 'returned', 'taken')) or not exists \
              (select 1 from event e where e.subject = 'S-' || case when s.serial < 1000000 \
              then substr('000000' || cast(s.serial as text), length(cast(s.serial as text)) + 1) \
              else cast(s.serial as text) end and e.what = s.state) order by s.serial limit 1",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_have_names_of_their_own() {
        let mut names: Vec<&str> = QUESTIONS.iter().map(|question| question.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), QUESTIONS.len());
        assert!(QUESTIONS.iter().all(|question| question.law.len() == 2 && question.says.len() > 5));
    }
}
