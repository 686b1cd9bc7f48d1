-- Who is known: employers and their employees; what was late; what became of held lines; why a file was handed in.

-- An employer's particulars and settings, as JSON sealed under its own key.
create table employer (
    employer_code text primary key,
    sealed        bytea not null,
    changed_at    text not null
);

-- Its employees, up to 1,024 a row, sealed: docs/block-format.md.
create table register_block (
    employer_code text    not null,
    number        bigint not null,
    people        bigint not null,
    sealed        bytea    not null,
    primary key (employer_code, number)
);

-- A person registered too late, or not at all, when a file was judged. Who it is, is sealed.
create table breach (
    submission_id bigint not null references submission (id),
    line          bigint not null,
    employer_code text    not null,
    started       text    not null,
    limit_day     text    not null,
    found_on      text    not null,
    days_late     bigint not null,
    arrears_sen   bigint not null,
    interest_sen  bigint not null,
    sealed        bytea    not null,
    primary key (submission_id, line)
);

create index breach_of_employer on breach (employer_code, found_on);

-- monthly, supplementary, arrears, short-payment or nil; and for mended lines the submission whose tray they waited in.
alter table submission add column kind text not null default 'monthly';
alter table submission add column supplement_to bigint references submission (id);

-- waiting, freed (by the submission named) or dropped.
alter table held_line add column state text not null default 'waiting';
alter table held_line add column freed_by bigint references submission (id);
