-- Evidence that was entered for a part of what it proves, and money that goes back.

-- One slip can pay contributions with their late interest, and only the contributions be entered. The same evidence may then be
-- entered again, for that interest and nothing else. follows: the payment that was entered first with it; empty for the first.
create table offline_payment_next (
    number        text    primary key,
    employer_code text    not null,
    means         text    not null,
    evidence      text    not null,
    bank          text    not null,
    paid_on       text    not null,
    amount_sen    bigint not null,
    entered_by    text    not null,
    entered_at    text    not null,
    follows       text    not null
);

insert into offline_payment_next (number, employer_code, means, evidence, bank, paid_on, amount_sen, entered_by,
    entered_at, follows)
select number, employer_code, means, evidence, bank, paid_on, amount_sen, entered_by, entered_at, ''
from offline_payment;

drop table offline_payment;
alter table offline_payment_next rename to offline_payment;
alter index offline_payment_next_pkey rename to offline_payment_pkey;

create unique index offline_payment_first on offline_payment (means, bank, evidence, paid_on) where follows = '';
create index offline_payment_of_evidence on offline_payment (evidence, paid_on);

-- A case about money that goes back: when it went and by which reference of the bank, as proposed.
alter table office_case add column refunded_on text;
alter table office_case add column refund_reference text;
