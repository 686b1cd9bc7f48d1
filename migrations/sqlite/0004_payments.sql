-- From acknowledgement to receipt: charges beside contributions, attempts to pay, what the bank said, receipts, the books.

-- Late interest (FCLB) and compounds: asked beside contributions, each with its own number.
-- basis: how the sum came about, JSON without identities. amount_sen: asked now (an appeal can cut it).
create table charge (
    number          text    primary key,
    kind            text    not null,
    employer_code   text    not null,
    scheme          text    not null,
    acknowledgement text    references acknowledgement (number),
    month           integer,
    assessed_sen    integer not null,
    amount_sen      integer not null,
    state           text    not null,
    basis           text    not null,
    assessed_on     text    not null
) strict;

create index charge_of_employer on charge (employer_code, number);
create index charge_of_acknowledgement on charge (acknowledgement);

-- Appeals against a charge, in order. outcome: waived, cut or kept; null while it is open.
create table appeal (
    charge     text    not null references charge (number),
    number     integer not null,
    applied_at text    not null,
    applied_by text    not null,
    reason     text    not null,
    decided_at text,
    decided_by text,
    outcome    text,
    amount_sen integer,
    primary key (charge, number)
) strict;

-- One attempt to pay over FPX. sealed: what was sent, value by value, under the employer's key (names a person).
-- token: SHA-256 of the unguessable word in the address of its pages. ask_next: when FPX is asked; null: never.
create table payment (
    number           text    primary key,
    employer_code    text    not null,
    model            text    not null,
    bank             text    not null,
    amount_sen       integer not null,
    state            text    not null,
    exchange_order   text    not null unique,
    seller_order     text    not null unique,
    token            blob    not null unique,
    sealed           blob    not null,
    started_by       text    not null,
    started_at       text    not null,
    sent_at          text,
    ended_at         text,
    transaction_id   text    not null default '',
    transaction_time text    not null default '',
    debit_code       text    not null default '',
    credit_code      text    not null default '',
    confirming       integer not null default 0,
    asked            integer not null default 0,
    asked_at         text,
    ask_next         text
) strict;

create index payment_of_employer on payment (employer_code, number);
create index payment_to_ask on payment (ask_next) where ask_next is not null;

-- What an attempt pays: acknowledgements and charges. open = 1: locked by this attempt, and by no other.
create table payment_item (
    payment    text    not null references payment (number),
    position   integer not null,
    kind       text    not null,
    reference  text    not null,
    scheme     text    not null,
    amount_sen integer not null,
    open       integer not null,
    primary key (payment, position)
) strict;

create unique index payment_item_open on payment_item (reference) where open = 1;
create index payment_item_of_reference on payment_item (reference);

-- Every signed message of FPX once for each way it came; repeats are counted. sealed: the body as it came.
create table bank_message (
    digest      blob    not null,
    channel     text    not null,
    payment     text    not null,
    received_at text    not null,
    verdict     text    not null,
    debit_code  text    not null,
    certificate text    not null,
    seen        integer not null,
    sealed      blob    not null,
    primary key (digest, channel)
) strict;

create index bank_message_of_payment on bank_message (payment, received_at);

-- What came and cannot be believed or placed; so many and no more are kept. sealed under the office's key.
create table stray_message (
    id          integer primary key,
    received_at text    not null,
    channel     text    not null,
    reason      text    not null,
    seen        integer not null,
    digest      blob    not null unique,
    sealed      blob    not null
) strict;

-- Paid at a counter, by transfer or cheque.
create table offline_payment (
    number        text    primary key,
    employer_code text    not null,
    means         text    not null,
    evidence      text    not null,
    bank          text    not null,
    paid_on       text    not null,
    amount_sen    integer not null,
    entered_by    text    not null,
    entered_at    text    not null,
    unique (means, bank, evidence, paid_on)
) strict;

-- Official receipts: one for each Act of a payment. payment: of FPX or offline. sealed: what the paper shows.
create table receipt (
    number        text    primary key,
    employer_code text    not null,
    scheme        text    not null,
    payment       text    not null,
    total_sen     integer not null,
    paid_on       text    not null,
    issued_at     text    not null,
    sealed        blob    not null,
    unique (payment, scheme)
) strict;

create index receipt_of_employer on receipt (employer_code, number);

create table receipt_line (
    receipt    text    not null references receipt (number),
    position   integer not null,
    kind       text    not null,
    reference  text    not null unique,
    amount_sen integer not null,
    primary key (receipt, position)
) strict;

-- The books, double entry: the amounts of an entry sum to zero. Debits are above zero.
create table journal (
    entry         integer not null,
    position      integer not null,
    at            text    not null,
    subject       text    not null,
    account       text    not null,
    employer_code text    not null,
    amount_sen    integer not null,
    primary key (entry, position)
) strict;

create index journal_of_subject on journal (subject, entry);

create trigger journal_is_not_changed before update on journal
begin
    select raise(abort, 'the journal is only ever added to');
end;

create trigger journal_is_not_removed before delete on journal
begin
    select raise(abort, 'the journal is only ever added to');
end;

-- What a person must look at. It takes two to close one.
create table office_case (
    number        text primary key,
    kind          text not null,
    subject       text not null,
    employer_code text not null,
    amount_sen    integer not null,
    opened_at     text not null,
    detail        text not null,
    state         text not null,
    proposed_by   text,
    proposed_at   text,
    solution      text,
    closed_by     text,
    closed_at     text
) strict;

create index office_case_open on office_case (state, number);
create index office_case_of_employer on office_case (employer_code, number);

-- What must still go out: rendered paper, mail. Written with what causes it, done afterwards.
create table outbox (
    id            integer primary key,
    kind          text    not null,
    subject       text    not null,
    employer_code text    not null,
    due_at        text    not null,
    done_at       text,
    attempts      integer not null,
    note          text    not null
) strict;

create index outbox_waiting on outbox (due_at, id) where done_at is null;
