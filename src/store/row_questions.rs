//! What `selfcheck` asks of single columns: counters, deliveries, registers, trays, words, and what a repeat finds.

use super::questions::Question;

/// Questions that follow [`super::questions::QUESTIONS`].
pub const ROWS: &[Question] = &[
    Question {
        law: "L2",
        name: "submission-counted",
        table: "series",
        says: "is not there, or stands at another number than the last submission",
        sql: "select 'submission' as named from (select 1 as one) once where not exists (select 1 from series where \
              kind = 'submission' and period = '' and last = (select count(*) from submission))",
    },
    Question {
        law: "L2",
        name: "deliveries-counted",
        table: "series",
        says: "is not there, or stands below the last delivery",
        sql: "select 'delivery' as named from (select max(id) as top from delivery) highest where top is not null and \
              not exists (select 1 from series where kind = 'delivery' and period = '' and last >= top)",
    },
    Question {
        law: "L1",
        name: "delivery-steps",
        table: "delivery",
        says: "has moments that do not fit its state",
        sql: "select cast(id as text) as named from delivery where (state = 'claimed') <> (taken_at = '') \
              or (state = 'answered') <> (answered_at <> '') order by delivery.id limit 1",
    },
    Question {
        law: "L1",
        name: "delivery-size",
        table: "delivery",
        // A fix sheet brings the bytes that it mends, under a name of theirs.
        says: "has another size than the original it brought",
        sql: "select cast(d.id as text) as named from delivery d join arrival a on a.id = d.arrival_id \
              join original o on o.digest = a.digest where d.size <> o.size and a.file_name not like '%.mended' \
              and a.file_name not like '%.mended.%' order by d.id limit 1",
    },
    Question {
        law: "L1",
        name: "employer-known",
        table: "employer",
        says: "has no data key: its code was changed",
        sql: "select employer_code from employer where employer_code not in (select employer_code from employer_key) \
              order by employer_code limit 1",
    },
    Question {
        law: "L1",
        name: "register-owned",
        table: "register_block",
        says: "belongs to no employer",
        sql: "select employer_code || ' ' || cast(number as text) from register_block where employer_code not in \
              (select employer_code from employer) order by employer_code, number limit 1",
    },
    Question {
        law: "L1",
        name: "register-blocks",
        table: "register_block",
        says: "does not follow the block before it",
        sql: "select employer_code || ' ' || cast(number as text) as named from (select employer_code, number, \
              row_number() over (partition by employer_code order by number) as place from register_block) numbered \
              where number <> place - 1 order by employer_code, number limit 1",
    },
    Question {
        law: "L1",
        name: "employer-recorded",
        table: "employer",
        says: "is not there, and an event says that it or its register was changed",
        sql: "select subject from event where what in ('employer-changed', 'register-imported', 'register-changed', \
              'register-released') and subject not in \
              (select employer_code from employer) order by subject limit 1",
    },
    Question {
        law: "L1",
        name: "employer-seeded",
        table: "employer",
        says: "is not there, and an event says that a file filled its register",
        sql: "select s.employer_code as named from submission s join event e on e.subject = 'S-' || \
              case when s.serial < 1000000 then substr('000000' || cast(s.serial as text), \
              length(cast(s.serial as text)) + 1) else cast(s.serial as text) end and e.what = 'register-seeded' \
              where s.employer_code not in (select employer_code from employer) order by s.employer_code limit 1",
    },
    Question {
        law: "L9",
        name: "held-line-words",
        table: "held_line",
        says: "is in no tray of this program, or on no line of its file",
        sql: "select cast(h.submission_id as text) || ' ' || cast(h.line as text) from held_line h where \
              h.tray not in ('to-mend', 'already-submitted') or h.line < 1 or h.line > (select o.size from original o \
              join submission s on s.digest = o.digest where s.id = h.submission_id) \
              order by h.submission_id, h.line limit 1",
    },
    Question {
        law: "L9",
        name: "submission-words",
        table: "submission",
        says: "has a policy, layout or Acts that are no words of this program",
        sql: "select cast(serial as text) as named from submission where policy not in ('whole', 'good-lines') \
              or layout not in ('', 'nil-month', 'contribution-223', 'joint-278-v1', 'joint-278-v2', 'brg8a-83') \
              or schemes not in ('', 'act4', 'act800', 'act4,act800', 'act800,act4') order by serial limit 1",
    },
    Question {
        law: "L1",
        name: "repeats-only",
        table: "submission",
        says: "is no repeat, and names a submission that answers it",
        sql: "select cast(serial as text) as named from submission where state <> 'repeat' and repeat_of is not null \
              order by serial limit 1",
    },
    Question {
        law: "L1",
        name: "supplements-owned",
        table: "submission",
        says: "mends a submission that is not there, came later or is of another employer",
        sql: "select cast(s.serial as text) as named from submission s where s.supplement_to is not null and not exists \
              (select 1 from submission t where t.id = s.supplement_to and t.serial < s.serial \
              and t.employer_code = s.employer_code) order by s.serial limit 1",
    },
    Question {
        law: "L2",
        name: "withdrawn-answers-nothing",
        table: "submission",
        says: "answers repeats, and an acknowledgement of it was withdrawn",
        sql: "select cast(s.serial as text) as named from submission s where s.answers_repeats <> 0 and \
              (s.answers_repeats <> 1 or exists (select 1 from acknowledgement a where a.submission_id = s.id \
              and a.state = 'removed')) order by s.serial limit 1",
    },
    Question {
        law: "L2",
        name: "taken-answers",
        table: "submission",
        // A withdrawal makes others of the same employer be judged again, too.
        says: "was taken and answers no repeats, and nothing of its employer was withdrawn",
        sql: "select cast(s.serial as text) as named from submission s where s.state = 'taken' and s.answers_repeats = 0 \
              and not exists (select 1 from acknowledgement a where a.employer_code = s.employer_code \
              and a.state = 'removed') order by s.serial limit 1",
    },
    Question {
        law: "L8",
        name: "totals-kept",
        table: "acknowledgement",
        says: "has no total of its submission",
        sql: "select a.number from acknowledgement a where not exists (select 1 from submission_total t \
              where t.submission_id = a.submission_id and t.scheme = a.scheme and t.employer_code = a.employer_code) \
              order by a.number limit 1",
    },
    Question {
        law: "L8",
        name: "nil-totals",
        table: "submission",
        says: "is a nil month, and its totals are not nil",
        sql: "select cast(s.serial as text) as named from submission s join submission_total t on t.submission_id = s.id \
              where s.kind = 'nil' and (t.people <> 0 or t.total_sen <> 0 or t.skbbk_sen <> 0 or t.interest_sen <> 0) \
              order by s.serial limit 1",
    },
    Question {
        law: "L8",
        name: "amounts-have-lines",
        table: "acknowledgement",
        says: "has people, and its submission has no lines",
        sql: "select a.number from acknowledgement a where a.people > 0 and not exists (select 1 from block b \
              where b.submission_id = a.submission_id and b.held = 0) order by a.number limit 1",
    },
    Question {
        law: "L1",
        name: "submissions-recorded",
        table: "submission",
        says: "is not there, and an event says what became of it",
        sql: "select subject as named from event where subject like 'S-%' \
              and what in ('refused', 'repeat', 'quarantined', 'returned', 'taken') except select 'S-' || \
              case when serial < 1000000 then substr('000000' || cast(serial as text), \
              length(cast(serial as text)) + 1) else cast(serial as text) end from submission order by 1 limit 1",
    },
    Question {
        law: "L1",
        name: "acknowledgements-recorded",
        table: "acknowledgement",
        says: "is not there, and an event says that it was given",
        sql: "select subject as named from event where what = 'submitted' and (subject like 'ACR%' or \
              subject like 'ECR%') except select number from acknowledgement order by 1 limit 1",
    },
];
