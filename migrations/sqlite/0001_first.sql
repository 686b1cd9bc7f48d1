-- The store of caruman on SQLite. Same tables and columns as migrations/postgres/0001_first.sql.
-- Only integer, text and blob. Money is whole sen. Months are months since year 0 (ContributionMonth::index).
-- Times are RFC 3339 text in Malaysian time; days are YYYY-MM-DD.
-- Never edit a released migration: add the next number to both folders.

-- Proves that the master key at hand is the one this database was made with.
create table key_check (
    version integer primary key,
    sealed  blob    not null
) strict;

-- One data key for each employer, wrapped by the master key. '' is the office's own key, for what has no employer.
create table employer_key (
    employer_code text primary key,
    wrapped       blob not null,
    made_at       text not null
) strict;

-- Last number given in each series; taken and written back in the transaction that uses it: no gap, no repeat.
create table series (
    kind   text    not null,
    period text    not null,
    last   integer not null,
    primary key (kind, period)
) strict;

insert into series (kind, period, last) values ('submission', '', 0), ('event', '', 0);

-- The bytes of a file once, by BLAKE3: sealed here, or (sealed is null) in the vault folder.
create table original (
    digest blob    primary key,
    size   integer not null,
    sealed blob
) strict;

-- Every delivery, repeats too.
create table arrival (
    id          integer primary key,
    digest      blob    not null references original (digest),
    file_name   text    not null,
    origin      text    not null,
    received_at text    not null
) strict;

-- One employer's part of an arrival, as it was judged.
create table submission (
    id              integer primary key,
    serial          integer not null unique,
    arrival_id      integer not null references arrival (id),
    digest          blob    not null,
    employer_code   text    not null,
    company_number  text    not null,
    layout          text    not null,
    schemes         text    not null,
    encoding        text    not null,
    policy          text    not null,
    rule_pack       text    not null,
    checked_at      text    not null,
    received_at     text    not null,
    state           text    not null,
    lines           integer not null,
    accepted_lines  integer not null,
    held_lines      integer not null,
    repeat_of       integer references submission (id),
    answers_repeats integer not null,
    document        blob
) strict;

-- answers_repeats = 1: taken, and no acknowledgement of it was removed. The same bytes are taken once for an employer
-- and its Acts; also the index by which a repeat is found.
create unique index submission_answers_repeats on submission (digest, employer_code, schemes) where answers_repeats = 1;
create index submission_of_employer on submission (employer_code, serial);

-- What the file says, in the order of the check document.
create table submission_total (
    submission_id integer not null references submission (id),
    employer_code text    not null,
    month         integer not null,
    scheme        text    not null,
    people        integer not null,
    employer_sen  integer,
    employee_sen  integer,
    skbbk_sen     integer not null,
    total_sen     integer not null,
    due_date      text    not null,
    days_late     integer not null,
    interest_sen  integer not null,
    primary key (submission_id, month, scheme)
) strict;

create index submission_total_of_employer on submission_total (employer_code, month);

-- Contribution lines, up to 1,024 a row: docs/block-format.md. Blocks of a long file may arrive before their submission.
create table block (
    submission_id integer not null references submission (id) deferrable initially deferred,
    number        integer not null,
    lines         integer not null,
    held          integer not null,
    sealed        blob    not null,
    primary key (submission_id, number)
) strict;

-- Which lines wait in which tray, and the codes of what is wrong with them. The lines themselves are in held blocks.
create table held_line (
    submission_id integer not null references submission (id),
    line          integer not null,
    tray          text    not null,
    codes         text    not null,
    primary key (submission_id, line)
) strict;

-- ACR and ECR. What `frozen` says is never changed.
create table acknowledgement (
    number        text    primary key,
    submission_id integer not null references submission (id),
    employer_code text    not null,
    scheme        text    not null,
    state         text    not null,
    people        integer not null,
    total_sen     integer not null,
    frozen        text    not null,
    received_at   text    not null,
    unique (submission_id, scheme)
) strict;

create index acknowledgement_of_employer on acknowledgement (employer_code, number);

-- What happened, by whom; each row carries the SHA-256 over itself and the row before.
create table event (
    id      integer primary key,
    at      text    not null,
    who     text    not null,
    subject text    not null,
    what    text    not null,
    detail  text    not null,
    chain   blob    not null
) strict;

create index event_of_subject on event (subject, id);

create trigger event_is_not_changed before update on event
begin
    select raise(abort, 'events are only ever added');
end;

create trigger event_is_not_removed before delete on event
begin
    select raise(abort, 'events are only ever added');
end;

-- A printed document, rendered once.
create table document (
    kind          text not null,
    number        text not null,
    employer_code text not null,
    digest        blob not null,
    sealed        blob not null,
    made_at       text not null,
    primary key (kind, number)
) strict;
