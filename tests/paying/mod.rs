//! An office with acknowledgements at the bank, and a bank that signs: what the stories of settling share.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::LazyLock;

use caruman::domain::states::{AcknowledgementEvent as Step, AcknowledgementState, SubmissionState};
use caruman::domain::{ChargeEvent, ChargeKind, PaymentModel, PaymentState, Scheme, Sen, SubmissionKind};
use caruman::fpx::banks::Environment;
use caruman::fpx::codes::{Codes, ResponseCode};
use caruman::fpx::ladder::Ladders;
use caruman::fpx::limits::Limits;
use caruman::fpx::message::{BankAnswer, Channel, PaymentOrder, PaymentRequest};
use caruman::fpx::sign::{FpxCertificates, MerchantKey};
use caruman::fpx::value::FpxTime;
use caruman::rates::{InterestProfile, RateBook};
use caruman::store::audit::{MONEY, NUMBERINGS, QUESTIONS};
use caruman::store::charges::NewCharge;
use caruman::store::payments::{NewPayment, PaymentItem, PaymentRecord};
use caruman::store::{
    AcknowledgementRecord, ArrivalId, NewAcknowledgement, NewArrival, NewSubmission, Store, SubmissionId,
};
use caruman::workflow::cart::Basis;
use caruman::workflow::frozen::{FROZEN_VERSION, Frozen, FrozenMonth};
use caruman::workflow::settle::{Desk, Incoming, Outcome, order_numbers, settle};
use chrono::{DateTime, FixedOffset, TimeDelta};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::x509::X509Builder;

pub const EMPLOYER: &str = "A9900000001Z";
pub const EXCHANGE: &str = "EX00000001";
pub const SELLER: &str = "SE00000001";
pub const BANK: &str = "TEST0021";

pub fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("a moment")
}

/// When everything begins.
pub fn start() -> DateTime<FixedOffset> {
    at("2026-11-10T09:00:00+08:00")
}

/// So many minutes later.
pub fn after(minutes: i64) -> DateTime<FixedOffset> {
    start() + TimeDelta::minutes(minutes)
}

/// A key of the bank and its certificate, from 2026-01-01 to 2026-12-31.
pub struct Bank {
    pub key: MerchantKey,
    pub certificates: FpxCertificates,
}

pub static FPX: LazyLock<Bank> = LazyLock::new(Bank::new);

impl Bank {
    pub fn new() -> Bank {
        let pair = openssl::rsa::Rsa::generate(2048).and_then(PKey::from_rsa).expect("a key");
        let mut builder = X509Builder::new().expect("a builder");
        let time = |text: &str| Asn1Time::from_unix(at(text).timestamp()).expect("a time");
        let serial = BigNum::from_u32(0x1A).and_then(|number| number.to_asn1_integer()).expect("a number");
        builder.set_serial_number(&serial).expect("a serial number");
        builder.set_not_before(&time("2026-01-01T00:00:00Z")).expect("first day");
        builder.set_not_after(&time("2026-12-31T00:00:00Z")).expect("last day");
        builder.set_pubkey(&pair).expect("a key");
        builder.sign(&pair, MessageDigest::sha256()).expect("signed");
        let certificates = FpxCertificates::from_bytes(&[builder.build().to_pem().expect("PEM")]);
        let key = MerchantKey::from_pem(&pair.private_key_to_pem_pkcs8().expect("PEM")).expect("a key");
        Bank { key, certificates: certificates.expect("a certificate") }
    }

    /// The answer with these codes, signed.
    pub fn says(&self, request: &PaymentRequest, debit: &str, credit: &str) -> Vec<u8> {
        self.says_so(request, |answer| {
            answer.debit_code = ResponseCode::read(debit);
            answer.credit_code = ResponseCode::read(credit);
        })
    }

    /// The answer with changes, signed.
    pub fn says_so(&self, request: &PaymentRequest, change: impl Fn(&mut BankAnswer)) -> Vec<u8> {
        let mut answer = BankAnswer::echo(request);
        answer.bank_branch = "SBI BANK A".to_owned();
        answer.buyer_name = "N@ME()/ .-&BUYER".to_owned();
        answer.transaction_id = "2611100905220001".to_owned();
        answer.transaction_time = FpxTime::read("20261110090522");
        answer.debit_code = ResponseCode::read("00");
        answer.credit_code = ResponseCode::read("00");
        change(&mut answer);
        answer.signed(&self.key).expect("signed").body().into_bytes()
    }
}

/// What settling needs, for a store.
pub fn desk(store: &Store) -> Desk<'_> {
    Desk {
        store,
        exchange_id: EXCHANGE,
        seller_id: SELLER,
        certificates: &FPX.certificates,
        codes: Codes::embedded(),
        ladders: Ladders::embedded(),
        book: RateBook::embedded(),
        issuer: "PEJABAT CONTOH",
        environment: Environment::Uat,
    }
}

/// Hands one message in; gives what became of it.
pub fn hand_in(store: &Store, channel: Channel, body: &[u8], now: DateTime<FixedOffset>) -> Outcome {
    let incoming = Incoming { channel, body: body.to_vec() };
    settle(&desk(store), &[incoming], now).expect("settled").remove(0)
}

/// Hands in an answer with these codes, from FPX's server.
pub fn direct(store: &Store, attempt: &Attempt, (debit, credit): (&str, &str), now: DateTime<FixedOffset>) -> Outcome {
    hand_in(store, Channel::Direct, &FPX.says(&attempt.request, debit, credit), now)
}

/// An attempt at the bank.
#[derive(Clone)]
pub struct Attempt {
    pub number: String,
    pub request: PaymentRequest,
    pub references: Vec<String>,
}

impl Attempt {
    pub fn read(&self, store: &Store) -> PaymentRecord {
        store.payment(&self.number).expect("a payment")
    }

    pub fn state(&self, store: &Store) -> PaymentState {
        self.read(store).state
    }
}

fn frozen(scheme: Scheme, total: Sen) -> String {
    let month = FrozenMonth {
        month: "2026-10".parse().expect("a month"),
        people: 2,
        second_category: 0,
        employer: None,
        employee: None,
        skbbk: if scheme == Scheme::Act4 { Sen(100) } else { Sen(0) },
        total,
        due_date: at("2026-11-15T00:00:00+08:00").date_naive(),
        days_late: 0,
        interest_daily: Sen(0),
        interest_top_up: Sen(0),
        interest: Sen(0),
        interest_tomorrow: Sen(0),
    };
    let frozen = Frozen {
        version: FROZEN_VERSION,
        scheme,
        issuer: "PEJABAT CONTOH".to_owned(),
        employer_code: EMPLOYER.to_owned(),
        company_number: String::new(),
        months: vec![month],
        file_name: "october.txt".to_owned(),
        digest: String::new(),
        layout: "joint-278-v2".to_owned(),
        rule_pack: String::new(),
        sent_by: "clerk".to_owned(),
        held_lines: 0,
        held_total: Sen(0),
        kind: SubmissionKind::Monthly,
        employer_name: String::new(),
        employer_address: String::new(),
        approved_by: None,
        outside_eis: Default::default(),
        confirmed: None,
    };
    serde_json::to_string(&frozen).expect("JSON")
}

/// Pairs of an ACR and an ECR, submitted: RM 67.10 and RM 11.80 each.
pub fn acknowledged(store: &Store, pairs: usize) -> Vec<[String; 2]> {
    store.data_key(EMPLOYER, start()).expect("a key");
    let mut group = store.begin_group().expect("a group");
    let both = [(Scheme::Act4, Sen(6_710)), (Scheme::Act800, Sen(1_180))];
    let made = (0..pairs).map(|_| {
        let (arrival, id) = (ArrivalId::fresh(), SubmissionId::fresh());
        let digest = *blake3::hash(&id.0.to_le_bytes()).as_bytes();
        group
            .arrive(NewArrival {
                id: arrival,
                digest,
                size: 1,
                file_name: "october.txt".to_owned(),
                origin: "command-line".to_owned(),
                received_at: start(),
                original: Some(vec![0]),
            })
            .expect("arrived");
        group.record(submission(arrival, id, digest)).expect("recorded");
        both.map(|(scheme, total)| {
            group
                .acknowledge(NewAcknowledgement {
                    submission: id,
                    employer_code: EMPLOYER.to_owned(),
                    scheme,
                    people: 2,
                    total,
                    frozen: frozen(scheme, total),
                    received_at: start(),
                })
                .expect("numbered")
        })
    });
    let made: Vec<[String; 2]> = made.collect();
    group.commit().expect("kept");
    made
}

fn submission(arrival: ArrivalId, id: SubmissionId, digest: [u8; 32]) -> NewSubmission {
    NewSubmission {
        id,
        arrival,
        digest,
        employer_code: EMPLOYER.to_owned(),
        company_number: String::new(),
        layout: "joint-278-v2".to_owned(),
        schemes: vec![Scheme::Act4, Scheme::Act800],
        encoding: "utf-8".to_owned(),
        policy: "whole".to_owned(),
        rule_pack: String::new(),
        checked_at: start(),
        received_at: start(),
        state: SubmissionState::Taken,
        lines: 2,
        accepted_lines: 2,
        held_lines: 0,
        repeat_of: None,
        kind: SubmissionKind::Monthly,
        supplement_to: None,
        document: None,
        totals: vec![],
        blocks: vec![],
        held: vec![],
    }
}

/// A charge: RM 5.00 of interest on an acknowledgement, or a compound of RM 5.00.
pub fn charged(store: &Store, on: Option<&str>) -> String {
    let mut group = store.begin_group().expect("a group");
    let new = NewCharge {
        kind: if on.is_some() { ChargeKind::Interest } else { ChargeKind::Compound },
        employer_code: EMPLOYER.to_owned(),
        scheme: Scheme::Act4,
        acknowledgement: on.map(str::to_owned),
        month: "2026-10".parse().ok(),
        assessed: Sen(500),
        amount: Sen(500),
        basis: basis(start().date_naive()),
        assessed_on: start().date_naive(),
    };
    let number = group.assess(new, start()).expect("assessed");
    group.commit().expect("kept");
    number
}

/// RM 5.00 of interest, reckoned for a day.
fn basis(day: chrono::NaiveDate) -> String {
    Basis {
        day,
        profile: InterestProfile::Statute,
        months: vec![],
        asked_sen: Sen(500),
        discount: None,
        already_sen: Sen(0),
    }
    .text()
}

/// Starts one payment for each list of references.
pub fn started(store: &Store, all: &[Vec<String>], now: DateTime<FixedOffset>) -> Vec<Attempt> {
    let mut group = store.begin_group().expect("a group");
    let mut attempts = Vec::with_capacity(all.len());
    for references in all {
        let numbers = order_numbers(&mut group, now).expect("numbers");
        let mut items = Vec::new();
        for reference in references {
            items.push(item(&mut group, reference, now));
        }
        let amount: Sen = items.iter().map(|item| item.amount).sum();
        let order = PaymentOrder {
            model: PaymentModel::B2b1,
            exchange_id: EXCHANGE.to_owned(),
            seller_id: SELLER.to_owned(),
            exchange_order_number: numbers.exchange.clone(),
            seller_order_number: numbers.seller.clone(),
            time: FpxTime::of(&now),
            amount,
            bank: BANK.to_owned(),
            buyer_name: "SYARIKAT CONTOH".to_owned(),
            buyer_mail: String::new(),
            description: "CARUMAN 102026".to_owned(),
        };
        let request = PaymentRequest::new(&order, Limits::embedded()).expect("a request");
        let number = group
            .start_payment(NewPayment {
                employer_code: EMPLOYER.to_owned(),
                model: PaymentModel::B2b1,
                bank: BANK.to_owned(),
                amount,
                token: *blake3::hash(numbers.exchange.as_bytes()).as_bytes(),
                exchange_order: numbers.exchange,
                seller_order: numbers.seller,
                request: request.kept(),
                items,
                started_by: "clerk".to_owned(),
                now,
            })
            .expect("started");
        attempts.push(Attempt { number, request, references: references.clone() });
    }
    group.commit().expect("kept");
    attempts
}

fn item(group: &mut caruman::store::Group<'_>, reference: &str, now: DateTime<FixedOffset>) -> PaymentItem {
    let numbers = [reference.to_owned()];
    let reference = reference.to_owned();
    if let Some(charge) = group.charges_by_number(&numbers).expect("read").remove(&reference) {
        group.move_charge(&reference, ChargeEvent::GoToBank, None, now).expect("at the bank");
        let (kind, scheme, amount) = (charge.kind.id().to_owned(), charge.scheme, charge.amount);
        return PaymentItem { kind, reference, scheme, amount, open: true };
    }
    let record: AcknowledgementRecord =
        group.acknowledgements_by_number(&numbers).expect("read").remove(&reference).expect("an acknowledgement");
    if record.state == AcknowledgementState::Submitted {
        group.move_acknowledgement(&reference, Step::AddToCart).expect("in the cart");
    }
    group.move_acknowledgement(&reference, Step::GoToBank).expect("at the bank");
    PaymentItem { kind: "monthly".to_owned(), reference, scheme: record.scheme, amount: record.total, open: true }
}

/// Sends the forms to the browsers.
pub fn served(store: &Store, attempts: &[Attempt], now: DateTime<FixedOffset>) {
    let mut group = store.begin_group().expect("a group");
    for attempt in attempts {
        group.mark_served(&attempt.number, now, Some(now + TimeDelta::minutes(5))).expect("served");
    }
    group.commit().expect("kept");
}

/// One payment over an ACR and its ECR, at the bank.
pub fn sent(store: &Store) -> Attempt {
    let [pair] = acknowledged(store, 1).try_into().expect("one pair");
    sent_for(store, &pair, start())
}

/// One payment over these, at the bank.
pub fn sent_for(store: &Store, references: &[String], now: DateTime<FixedOffset>) -> Attempt {
    let attempts = started(store, &[references.to_vec()], now);
    served(store, &attempts, now);
    attempts.into_iter().next().expect("one")
}

/// The state of an acknowledgement.
pub fn standing(store: &Store, number: &str) -> AcknowledgementState {
    store.acknowledgement(number).expect("an acknowledgement").state
}

/// Tables that these stories fill as the program does.
const PAID: [&str; 5] = ["payment", "payment_item", "receipt", "receipt_line", "journal"];

/// The laws, after every story: the books balance, stored receipts are what was paid for, the chain holds.
pub fn laws_hold(store: &Store) {
    assert_eq!(store.first_unbalanced_entry().expect("read"), None);
    assert_eq!(store.first_broken_event().expect("read"), None);
    let mut audit = store.begin_audit().expect("a look");
    // Attempts are started here without their events.
    let money = MONEY.iter().filter(|question| question.name != "payment-history");
    for question in QUESTIONS.iter().filter(|question| PAID.contains(&question.table)).chain(money) {
        assert_eq!(audit.ask(question).expect("asked"), None, "{}", question.name);
    }
    for numbering in NUMBERINGS {
        assert_eq!(audit.unnumbered(numbering).expect("asked"), None, "{}", numbering.table);
    }
    drop(audit);
    let balances = store.balances().expect("read");
    assert_eq!(balances.values().map(|sen| sen.0).sum::<i64>(), 0);
    let receipts = store.receipts(&Default::default()).expect("read");
    let printed: i64 = receipts.iter().map(|receipt| receipt.total.0).sum();
    let suspense = balances.get("suspense").map_or(0, |sen| -sen.0);
    let bank = balances.get("bank-fpx").map_or(0, |sen| sen.0);
    assert_eq!(printed + suspense, bank, "what FPX took is on receipts or in suspense");
}
