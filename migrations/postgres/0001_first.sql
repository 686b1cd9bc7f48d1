-- The store of caruman on PostgreSQL. Same tables and columns as migrations/sqlite/0001_first.sql.
-- Only bigint, text and bytea. Money is whole sen. Months are months since year 0 (ContributionMonth::index).
-- Times are RFC 3339 text in Malaysian time; days are YYYY-MM-DD.
-- Never edit a released migration: add the next number to both folders.

-- Proves that the master key at hand is the one this database was made with.
create table key_check (
    version bigint  primary key,
    sealed  bytea   not null
);

-- One data key for each employer, wrapped by the master key. '' is the office's own key, for what has no employer.
create table employer_key (
    employer_code text primary key,
    wrapped       bytea not null,
    made_at       text not null
);

-- Last number given in each series; taken and written back in the transaction that uses it: no gap, no repeat.
create table series (
    kind   text    not null,
    period text    not null,
    last   bigint  not null,
    primary key (kind, period)
);

insert into series (kind, period, last) values ('submission', '', 0), ('event', '', 0);

-- The bytes of a file once, by BLAKE3: sealed here, or (sealed is null) in the vault folder.
create table original (
    digest bytea   primary key,
    size   bigint  not null,
    sealed bytea
);

-- Every delivery, repeats too.
create table arrival (
    id          bigint  primary key,
    digest      bytea   not null references original (digest),
    file_name   text    not null,
    origin      text    not null,
    received_at text    not null
);

-- One employer's part of an arrival, as it was judged.
create table submission (
    id              bigint  primary key,
    serial          bigint  not null unique,
    arrival_id      bigint  not null references arrival (id),
    digest          bytea   not null,
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
    lines           bigint  not null,
    accepted_lines  bigint  not null,
    held_lines      bigint  not null,
    repeat_of       bigint  references submission (id),
    answers_repeats bigint  not null,
    document        bytea
);

-- answers_repeats = 1: taken, and no acknowledgement of it was removed. The same bytes are taken once for an employer
-- and its Acts; also the index by which a repeat is found.
create unique index submission_answers_repeats on submission (digest, employer_code, schemes) where answers_repeats = 1;
create index submission_of_employer on submission (employer_code, serial);

-- What the file says, in the order of the check document.
create table submission_total (
    submission_id bigint  not null references submission (id),
    employer_code text    not null,
    month         bigint  not null,
    scheme        text    not null,
    people        bigint  not null,
    employer_sen  bigint,
    employee_sen  bigint,
    skbbk_sen     bigint  not null,
    total_sen     bigint  not null,
    due_date      text    not null,
    days_late     bigint  not null,
    interest_sen  bigint  not null,
    primary key (submission_id, month, scheme)
);

create index submission_total_of_employer on submission_total (employer_code, month);

-- Contribution lines, up to 1,024 a row: docs/block-format.md. Blocks of a long file may arrive before their submission.
create table block (
    submission_id bigint  not null references submission (id) deferrable initially deferred,
    number        bigint  not null,
    lines         bigint  not null,
    held          bigint  not null,
    sealed        bytea   not null,
    primary key (submission_id, number)
);

-- What is sealed cannot be made smaller: do not let the server try.
alter table block alter column sealed set storage external;

-- Which lines wait in which tray, and the codes of what is wrong with them. The lines themselves are in held blocks.
create table held_line (
    submission_id bigint  not null references submission (id),
    line          bigint  not null,
    tray          text    not null,
    codes         text    not null,
    primary key (submission_id, line)
);

-- ACR and ECR. What `frozen` says is never changed.
create table acknowledgement (
    number        text    primary key,
    submission_id bigint  not null references submission (id),
    employer_code text    not null,
    scheme        text    not null,
    state         text    not null,
    people        bigint  not null,
    total_sen     bigint  not null,
    frozen        text    not null,
    received_at   text    not null,
    unique (submission_id, scheme)
);

create index acknowledgement_of_employer on acknowledgement (employer_code, number);

-- What happened, by whom; each row carries the SHA-256 over itself and the row before.
create table event (
    id      bigint  primary key,
    at      text    not null,
    who     text    not null,
    subject text    not null,
    what    text    not null,
    detail  text    not null,
    chain   bytea   not null
);

create index event_of_subject on event (subject, id);

create function event_is_only_added() returns trigger language plpgsql as $$
begin
    raise exception 'events are only ever added';
end
$$;

create trigger event_is_not_changed before update or delete on event
for each row execute function event_is_only_added();

-- A printed document, rendered once.
create table document (
    kind          text not null,
    number        text not null,
    employer_code text not null,
    digest        bytea not null,
    sealed        bytea not null,
    made_at       text not null,
    primary key (kind, number)
);

alter table document alter column sealed set storage external;
alter table original alter column sealed set storage external;
alter table submission alter column document set storage external;
