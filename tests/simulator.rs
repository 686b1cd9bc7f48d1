//! The bank in a box, asked by the merchant's own code: every class of code, every fault, in process and over HTTP.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use caruman::domain::{PaymentEvent, PaymentModel, Sen};
use caruman::fpx::codes::Codes;
use caruman::fpx::limits::Limits;
use caruman::fpx::message::{
    AnswerError, BankAnswer, BankListRequest, BankStatus, CreditStanding, Layout, MessageError, PaymentOrder,
    PaymentRequest, encode_form, parse, parse_bank_list,
};
use caruman::fpx::sign::{MerchantKey, SignatureError};
use caruman::fpx::transport::{Endpoint, Transport, TransportError};
use caruman::fpx::value::FpxTime;
use caruman::simulator::{
    AdminError, Arrival, Decision, Faults, Merchant, Mismatch, Rules, Signer, Simulator, SimulatorKeys, Stage,
};
use chrono::{DateTime, Duration, FixedOffset, NaiveTime};

static KEY: LazyLock<MerchantKey> = LazyLock::new(|| MerchantKey::generate().expect("a key"));
static KEYS: LazyLock<SimulatorKeys> = LazyLock::new(|| SimulatorKeys::make(start()).expect("keys"));

fn moment(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("a moment")
}

fn start() -> DateTime<FixedOffset> {
    moment("2026-11-23T10:00:00+08:00")
}

/// A simulator, its clock in the hands of the test, and a merchant that pays.
struct Bench {
    simulator: Arc<Simulator>,
    seconds: Arc<AtomicI64>,
    counted: AtomicU32,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(KEYS.clone())
    }

    fn with(keys: SimulatorKeys) -> Bench {
        let seconds = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&seconds);
        let merchant = Merchant {
            exchange_id: "EX00099001".to_owned(),
            seller_ids: vec!["SE00099101".to_owned()],
            key: KEY.public().expect("a public key"),
            direct_url: None,
            return_url: Some("http://127.0.0.1:9/return".to_owned()),
        };
        let clock = Box::new(move || start() + Duration::seconds(clock.load(Ordering::SeqCst)));
        let simulator = Arc::new(Simulator::new(clock, keys, vec![merchant]));
        Bench { simulator, seconds, counted: AtomicU32::new(0) }
    }

    fn faulty(faults: &str) -> Bench {
        let bench = Bench::new();
        bench.simulator.set_faults(faults.parse().expect("faults"));
        bench
    }

    fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn request(&self, model: PaymentModel, sen: i64) -> PaymentRequest {
        let number = self.counted.fetch_add(1, Ordering::SeqCst) + 1;
        let order = PaymentOrder {
            model,
            exchange_id: "EX00099001".to_owned(),
            seller_id: "SE00099101".to_owned(),
            exchange_order_number: format!("PKS20261123{number:06}"),
            seller_order_number: format!("T{number:010}"),
            time: FpxTime::of(&self.simulator.now()),
            amount: Sen(sen),
            bank: "TEST0021".to_owned(),
            buyer_name: "Syarikat Contoh".to_owned(),
            buyer_mail: String::new(),
            description: "CARUMAN 102026".to_owned(),
        };
        PaymentRequest::new(&order, Limits::embedded()).expect("a request")
    }

    fn body(request: &PaymentRequest) -> String {
        request.signed(&KEY).expect("signed").body()
    }

    fn read(&self, body: &str) -> Result<BankAnswer, AnswerError> {
        let certificates = self.simulator.certificates().expect("certificates");
        parse(body.as_bytes(), &certificates, self.simulator.now())
    }

    fn answer(&self, body: &str) -> BankAnswer {
        self.read(body).expect("an answer")
    }

    fn ask(&self, request: &PaymentRequest) -> BankAnswer {
        let body = self.simulator.ask(Endpoint::Enquiry, &Bench::body(&request.enquiry())).expect("a reply");
        self.answer(&String::from_utf8(body).expect("text"))
    }

    /// Pays, and reads what came back; both messages say the same.
    fn paid(&self, request: &PaymentRequest, decision: Decision) -> BankAnswer {
        let paid = self.simulator.pay(&Bench::body(request), decision);
        let (indirect, direct) = (self.answer(&paid.indirect), self.answer(&paid.direct[0]));
        assert_eq!((&indirect, direct.differences(request)), (&direct, Vec::new()));
        direct
    }

    /// The code with which FPX refuses fields, and whether the payment got a number.
    fn refused(&self, change: &[(&str, &str)]) -> (String, bool) {
        let request = self.request(PaymentModel::B2c, 10_000);
        self.refused_of(&request, change)
    }

    fn refused_of(&self, request: &PaymentRequest, change: &[(&str, &str)]) -> (String, bool) {
        match self.simulator.receive(&changed(request, change, &KEY)).expect("signs") {
            Arrival::Refused(back) => {
                let numbered = back.fields.iter().any(|(name, value)| name == "fpx_fpxTxnId" && !value.is_empty());
                (back.code, numbered)
            }
            Arrival::AtBank(_) => ("at the bank".to_owned(), true),
        }
    }
}

/// The request with other values, signed again; `None` leaves a field out.
fn changed(request: &PaymentRequest, change: &[(&str, &str)], key: &MerchantKey) -> String {
    let value = |name: &'static str| {
        let other = change.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
        other.unwrap_or_else(|| request.value(name).expect("a field")).to_owned()
    };
    let mut fields: Vec<(&str, String)> = Layout::Request.names().map(|(name, _)| (name, value(name))).collect();
    let source: Vec<&str> = fields.iter().map(|(_, value)| value.as_str()).collect();
    let checksum = key.sign(source.join("|").as_bytes()).expect("signed");
    fields.push(("fpx_checkSum", checksum));
    encode_form(fields.iter().map(|(name, value)| (*name, value.as_str())))
}

fn code(answer: &BankAnswer) -> &str {
    answer.debit_code.as_ref().expect("a code").as_str()
}

#[test]
fn every_class_of_code_arrives_by_server_browser_and_question() {
    let bench = Bench::new();
    for (decision, event) in [
        (Decision::Approve, PaymentEvent::Approve),
        (Decision::NoFunds, PaymentEvent::Fail),
        (Decision::CancelAtLogin, PaymentEvent::Fail),
        (Decision::CancelAtConfirmation, PaymentEvent::Fail),
        (Decision::TimeOut, PaymentEvent::Fail),
        (Decision::BankError, PaymentEvent::Fail),
        (Decision::LeavePending, PaymentEvent::PendAtBank),
        (Decision::Submit, PaymentEvent::PendForAuthoriser),
        (Decision::of_code("XC").expect("a merchant's fault"), PaymentEvent::Fail),
        (Decision::of_code("B0").expect("a code of other messages"), PaymentEvent::PendAtBank),
    ] {
        let request = bench.request(PaymentModel::B2b1, 1_234_500);
        let answer = bench.paid(&request, decision.clone());
        assert_eq!((code(&answer), answer.event(Codes::embedded())), (decision.code(), event));
        assert_eq!(bench.ask(&request), answer, "{decision:?}");
    }
}

#[test]
fn an_approval_looks_like_one_of_the_test_environment() {
    let bench = Bench::new();
    let answer = bench.paid(&bench.request(PaymentModel::B2c, 123_450), Decision::Approve);
    assert_eq!((answer.buyer_name.as_str(), answer.maker_name.as_str()), ("N@ME()/ .-&BUYER", "New Simulator"));
    assert_eq!((answer.debit_number.as_str(), answer.credit_number.as_str()), ("15733223", "9999999999"));
    assert_eq!((answer.bank_branch.as_str(), answer.transaction_id.as_str()), ("SBI BANK A", "2611231000000001"));
    assert_eq!(answer.transaction_time, FpxTime::read("20261123100000"));
    assert_eq!(answer.credit_standing(), CreditStanding::Credited);
    let pending = bench.paid(&bench.request(PaymentModel::B2c, 123_450), Decision::LeavePending);
    let empty = [&pending.buyer_name, &pending.debit_number, &pending.credit_number, &pending.maker_name];
    assert!(empty.iter().all(|text| text.is_empty()) && !pending.transaction_id.is_empty());
    let declined = bench.paid(&bench.request(PaymentModel::B2c, 123_450), Decision::NoFunds);
    assert_eq!((declined.buyer_name.as_str(), declined.debit_number.as_str()), ("N@ME()/ .-&BUYER", ""));
    let raw = bench.simulator.pay(&Bench::body(&bench.request(PaymentModel::B2c, 1_000)), Decision::Approve);
    assert!(raw.indirect.contains("fpx_buyerName=N%40ME%28%29%2F+.-%26BUYER"), "{}", raw.indirect);
    let order =
        |body: &str| body.split('&').map(|pair| pair.split('=').next().unwrap_or_default().to_owned()).collect();
    let (one, two): (Vec<String>, Vec<String>) = (order(&raw.indirect), order(&raw.direct[0]));
    assert_ne!(one, two, "fields come in any order");
}

#[test]
fn fpx_refuses_in_the_order_of_its_table() {
    let bench = Bench::new();
    let long = "A".repeat(41);
    for (change, expected, numbered) in [
        (&[("fpx_sellerOrderNo", long.as_str()), ("fpx_sellerExId", "EX00000000")][..], "30", false),
        (&[("fpx_sellerExId", "EX00000000"), ("fpx_sellerId", "SE0")], "XI", false),
        (&[("fpx_sellerId", "SE00099102"), ("fpx_msgType", "AX")], "XS", false),
        (&[("fpx_msgType", "AX"), ("fpx_version", "6.0")], "XT", false),
        (&[("fpx_msgType", "AE")], "XT", false),
        (&[("fpx_version", "6.0"), ("fpx_msgToken", "04")], "XE", false),
        (&[("fpx_msgToken", "04"), ("fpx_txnCurrency", "SGD")], "XM", false),
        (&[("fpx_msgToken", "03")], "83", false),
        (&[("fpx_txnCurrency", "SGD"), ("fpx_txnAmount", "1")], "47", false),
        (&[("fpx_txnAmount", "1,000.00")], "13", false),
        (&[("fpx_txnAmount", "0.99"), ("fpx_buyerBankId", "NOBANK")], "2A", true),
        (&[("fpx_txnAmount", "1.00")], "at the bank", true),
        (&[("fpx_txnAmount", "30000.00")], "at the bank", true),
        (&[("fpx_txnAmount", "30000.01")], "2C", true),
        (&[("fpx_msgToken", "02"), ("fpx_txnAmount", "1.99")], "2A", true),
        (&[("fpx_msgToken", "02"), ("fpx_txnAmount", "1000000.00")], "at the bank", true),
        (&[("fpx_msgToken", "02"), ("fpx_txnAmount", "1000000.01")], "2B", true),
        (&[("fpx_buyerBankId", "NOBANK"), ("fpx_sellerTxnTime", "20200101000000")], "92", true),
        (&[("fpx_buyerBankId", "PBB0234")], "31", true),
        (&[("fpx_buyerBankId", "BOCM01")], "BB", true),
        (&[("fpx_sellerTxnTime", "20261123085959")], "XW", true),
        (&[("fpx_sellerTxnTime", "20261123090000")], "at the bank", true),
        (&[("fpx_sellerTxnTime", "20261123110000")], "at the bank", true),
        (&[("fpx_sellerTxnTime", "20261123110001")], "XW", true),
        (&[("fpx_sellerTxnTime", "later")], "XW", true),
        (&[], "at the bank", true),
    ] {
        assert_eq!(bench.refused(change), (expected.to_owned(), numbered), "{change:?}");
    }
    let receive = |body: &str| match bench.simulator.receive(body).expect("signs") {
        Arrival::Refused(back) => back.code,
        Arrival::AtBank(_) => "at the bank".to_owned(),
    };
    let request = bench.request(PaymentModel::B2c, 10_000);
    let body = Bench::body(&request);
    assert_eq!(receive(""), "XE");
    assert_eq!(receive("<xml/>"), "XE");
    assert_eq!(receive(&body.replace("fpx_makerName=&", "")), "XE");
    assert_eq!(receive(&body.replace("100.00", "100.01")), "XC");
    assert_eq!(receive(&changed(&request, &[], &MerchantKey::generate().expect("a key"))), "XC");
    assert_eq!(receive(&body), "at the bank");
    assert_eq!(receive(&body), "XN");
    assert_eq!(bench.refused_of(&request, &[("fpx_sellerExOrderNo", "PKS1")]).0, "45");
}

#[test]
fn a_refusal_is_proven_and_told_by_the_server_where_it_has_a_number() {
    let bench = Bench::new();
    let request = bench.request(PaymentModel::B2c, 10_000);
    let paid = bench.simulator.pay(&changed(&request, &[("fpx_txnCurrency", "SGD")], &KEY), Decision::Approve);
    let answer = bench.answer(&paid.indirect);
    assert_eq!((code(&answer), answer.transaction_id.as_str(), paid.direct.len()), ("47", "", 0));
    assert_eq!(code(&bench.ask(&request)), "76");
    bench.simulator.set_offline(["TEST0021".to_owned()]);
    let answer = bench.paid(&request, Decision::Approve);
    assert_eq!((code(&answer), answer.event(Codes::embedded())), ("BB", PaymentEvent::Fail));
    assert_eq!(code(&bench.ask(&request)), "BB");
}

#[test]
fn payments_are_taken_in_operating_hours() {
    let bench = Bench::new();
    let hours = |from: (u32, u32), to: (u32, u32)| {
        let time = |(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).expect("a time");
        bench.simulator.set_rules(Rules { operating_hours: Some((time(from), time(to))), ..Rules::default() });
        bench.refused(&[]).0
    };
    assert_eq!(hours((10, 1), (23, 0)), "OE");
    assert_eq!(hours((10, 0), (23, 0)), "at the bank");
    assert_eq!(hours((7, 0), (10, 1)), "at the bank");
    assert_eq!(hours((7, 0), (10, 0)), "OE");
}

#[test]
fn a_question_climbs_from_not_found_over_pending_to_paid() {
    let bench = Bench::new();
    let request = bench.request(PaymentModel::B2c, 10_009);
    let unknown = bench.ask(&request);
    assert_eq!((code(&unknown), unknown.transaction_id.as_str(), unknown.transaction_time), ("76", "", None));
    assert_eq!(unknown.differences(&request), [""; 0]);
    let Arrival::AtBank(id) = bench.simulator.receive(&Bench::body(&request)).expect("signs") else {
        panic!("refused");
    };
    let open = bench.ask(&request);
    assert_eq!((code(&open), &open.transaction_id), ("09", &id));
    bench.simulator.decide_alone(&id).expect("by the sen");
    assert_eq!(code(&bench.ask(&request)), "09");
    assert!(matches!(bench.simulator.decide(&id, &Decision::Approve), Err(AdminError::NotThere(_))));
    bench.simulator.release(&id).expect("released");
    let paid = bench.ask(&request);
    assert_eq!((code(&paid), &paid.transaction_id), ("00", &id));
    // Only the very values of the AR are known.
    let other = PaymentRequest::from_kept(&request.kept().replace("SYARIKAT", "SYARIKET")).expect("whole");
    assert_eq!(code(&bench.ask(&other)), "76");
}

#[test]
fn a_stranger_is_not_answered() {
    let bench = Bench::new();
    let request = bench.request(PaymentModel::B2c, 10_000);
    let ask = |body: &str| bench.simulator.ask(Endpoint::Enquiry, body).expect("a reply");
    let stranger = MerchantKey::generate().expect("a key");
    let forged = request.enquiry().signed(&stranger).expect("signed").body();
    for body in [forged.as_str(), "", "x", &Bench::body(&request)] {
        assert_eq!(ask(body), b"ERROR");
    }
    assert_eq!(bench.simulator.ask(Endpoint::BankList, &Bench::body(&request)).as_deref(), Ok(&b"ERROR"[..]));
    assert_eq!(bench.read("ERROR"), Err(AnswerError::Message(MessageError::NoAnswer)));
}

#[test]
fn an_authoriser_approves_rejects_or_sleeps() {
    let bench = Bench::new();
    let submit = || {
        let request = bench.request(PaymentModel::B2b1, 10_099);
        assert_eq!(code(&bench.paid(&request, Decision::Submit)), "99");
        let answer = bench.ask(&request);
        assert_eq!(
            (code(&answer), answer.maker_name.as_str(), answer.buyer_name.as_str()),
            ("99", "New Simulator", "")
        );
        (request, answer.transaction_id)
    };
    let next = || {
        let due = bench.simulator.take_due();
        assert_eq!(due.len(), 1);
        bench.answer(&due[0].body)
    };
    let (request, id) = submit();
    bench.pass(86_400);
    bench.simulator.authorise(request.value("fpx_sellerExOrderNo").expect("a number")).expect("authorised");
    let answer = next();
    assert_eq!((code(&answer), &answer.transaction_id), ("00", &id));
    assert!(matches!(bench.simulator.authorise(&id), Err(AdminError::NotThere(_))));
    let (_, id) = submit();
    bench.simulator.reject(&id, None).expect("rejected");
    assert_eq!(code(&next()), "80");
    let (_, id) = submit();
    assert!(matches!(bench.simulator.reject(&id, Some("ZZ")), Err(AdminError::NoSuchCode(_))));
    bench.simulator.reject(&id, Some("51")).expect("rejected");
    assert_eq!(code(&next()), "51");
    let (request, id) = submit();
    bench.pass(30 * 86_400);
    assert_eq!(code(&bench.ask(&request)), "99");
    assert_eq!(bench.simulator.transaction(&id).expect("there").stage, Stage::AwaitingAuthoriser);
    assert!(matches!(bench.simulator.release(&id), Err(AdminError::NotThere(_))));
    assert!(matches!(bench.simulator.authorise("nobody"), Err(AdminError::Unknown(_))));
}

#[test]
fn a_forced_code_and_a_late_approval() {
    let bench = Bench::new();
    let alone = || {
        let request = bench.request(PaymentModel::B2c, 10_000);
        let Arrival::AtBank(id) = bench.simulator.receive(&Bench::body(&request)).expect("signs") else {
            panic!("refused");
        };
        bench.simulator.decide_alone(&id).expect("decided");
        bench.simulator.take_due();
        request
    };
    bench.simulator.force_next("88").expect("a code");
    assert_eq!((code(&bench.ask(&alone())), code(&bench.ask(&alone()))), ("88", "00"));
    assert!(matches!(bench.simulator.force_next("ZZ"), Err(AdminError::NoSuchCode(_))));
    let request = bench.request(PaymentModel::B2c, 10_000);
    let failed = bench.paid(&request, Decision::NoFunds);
    bench.simulator.set_outcome(&failed.transaction_id, "00").expect("turned");
    assert_eq!(code(&bench.answer(&bench.simulator.take_due()[0].body)), "00");
    // The same as a fault, by itself.
    bench.simulator.set_faults("late-approval=60".parse().expect("a fault"));
    let request = bench.request(PaymentModel::B2c, 10_000);
    bench.paid(&request, Decision::NoFunds);
    bench.pass(59);
    assert_eq!((code(&bench.ask(&request)), bench.simulator.take_due().len()), ("51", 0));
    bench.pass(1);
    assert_eq!((code(&bench.ask(&request)), bench.simulator.take_due().len()), ("00", 1));
    let pending = bench.request(PaymentModel::B2c, 10_000);
    bench.paid(&pending, Decision::LeavePending);
    bench.pass(60);
    assert_eq!(code(&bench.ask(&pending)), "09", "only what failed is approved late");
}

#[test]
fn messages_are_lost_late_or_many() {
    let pay = |bench: &Bench| {
        let request = bench.request(PaymentModel::B2c, 10_000);
        let paid = bench.simulator.pay(&Bench::body(&request), Decision::Approve);
        assert_eq!(code(&bench.ask(&request)), "00");
        (paid.indirect.is_empty(), paid.direct.len())
    };
    assert_eq!(pay(&Bench::new()), (false, 1));
    assert_eq!(pay(&Bench::faulty("drop-direct")), (false, 0));
    assert_eq!(pay(&Bench::faulty("drop-indirect")), (true, 1));
    assert_eq!(pay(&Bench::faulty("copies=5 together")), (false, 5));
    for (fault, seconds) in [("delay-direct=90", 90), ("indirect-first", 2)] {
        let late = Bench::faulty(fault);
        assert_eq!(pay(&late), (false, 0));
        late.pass(seconds - 1);
        assert_eq!(late.simulator.take_due().len(), 0, "{fault}");
        late.pass(1);
        assert_eq!(late.simulator.take_due().len(), 1, "{fault}");
    }
}

#[test]
fn a_message_is_sent_again_until_ok_comes() {
    let bench = Bench::faulty("resend=2 resend-every=60");
    let request = bench.request(PaymentModel::B2c, 10_000);
    let Arrival::AtBank(id) = bench.simulator.receive(&Bench::body(&request)).expect("signs") else {
        panic!("refused");
    };
    let sent = Mutex::new(Vec::new());
    let deaf = |_: &str, body: &str| {
        sent.lock().expect("a list").push(body.to_owned());
        false
    };
    bench.simulator.decide(&id, &Decision::Approve).expect("decided");
    let mut counts = Vec::new();
    for seconds in [0, 59, 1, 60, 60, 600] {
        bench.pass(seconds);
        assert_eq!(bench.simulator.deliver_due(&deaf), 0);
        counts.push(sent.lock().expect("a list").len());
    }
    assert_eq!(counts, [1, 1, 2, 3, 3, 3]);
    assert!(
        sent.lock().expect("a list").windows(2).all(|pair| pair[0] == pair[1]) && bench.simulator.outgoing().is_empty()
    );
    bench.simulator.set_outcome(&id, "00").expect("said once more");
    assert_eq!(bench.simulator.deliver_due(&|_: &str, _: &str| true), 1);
    bench.pass(600);
    assert_eq!(bench.simulator.deliver_due(&deaf), 0);
}

#[test]
fn messages_are_forged_bent_and_strange() {
    let pay = |fault: &str| {
        let bench = Bench::faulty(fault);
        let request = bench.request(PaymentModel::B2c, 10_000);
        let paid = bench.simulator.pay(&Bench::body(&request), Decision::Approve);
        assert_eq!(bench.read(&paid.indirect), bench.read(&paid.direct[0]), "{fault}");
        assert_eq!(code(&bench.ask(&request)), "00", "a question finds the truth: {fault}");
        (bench.read(&paid.indirect), request, paid.indirect)
    };
    let (forged, _, _) = pay("wrong-signature");
    assert_eq!(forged, Err(AnswerError::Signature(SignatureError::Refused)));
    let (more, request, _) = pay("changed-amount");
    let more = more.expect("signed");
    assert_eq!((more.amount, more.differences(&request)), (Sen(10_001), vec!["fpx_txnAmount"]));
    let (strange, _, _) = pay("unknown-code");
    let strange = strange.expect("signed");
    assert_eq!((code(&strange), strange.event(Codes::embedded())), ("ZZ", PaymentEvent::PendAtBank));
    let (extra, _, body) = pay("extra-field,lower-case");
    assert!(extra.is_ok() && body.contains("fpx_xtraInfo=000000"));
    let checksum = body.split("fpx_checkSum=").nth(1).and_then(|rest| rest.split('&').next()).expect("a checksum");
    assert!(checksum.len() == 512 && checksum.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()));
    let (open, _, _) = pay("credit-later");
    assert_eq!(open.expect("signed").credit_standing(), CreditStanding::NotYet);
    let (exception, _, _) = pay("credit-code=88");
    assert_eq!(exception.expect("signed").credit_standing(), CreditStanding::Exception);
    let later = Bench::faulty("credit-later");
    let request = later.request(PaymentModel::B2c, 10_000);
    later.paid(&request, Decision::Approve);
    assert_eq!(later.ask(&request).credit_standing(), CreditStanding::Credited);
}

#[test]
fn a_question_can_go_wrong() {
    let ask = |fault: &str| {
        let bench = Bench::faulty(fault);
        let request = bench.request(PaymentModel::B2c, 10_000);
        bench.simulator.pay(&Bench::body(&request), Decision::Approve);
        bench.simulator.ask(Endpoint::Enquiry, &Bench::body(&request.enquiry()))
    };
    assert_eq!(ask("enquiry-error").as_deref(), Ok(&b"ERROR"[..]));
    assert_eq!(ask("enquiry-empty").as_deref(), Ok(&b""[..]));
    assert_eq!(ask("enquiry-500"), Err(TransportError::Status(500)));
    assert_eq!(ask("enquiry-slow=1"), Err(TransportError::Timeout));
    assert!(ask("enquiry-newline").is_ok_and(|body| body.starts_with(b"\r\nfpx_")));
    let bench = Bench::faulty("enquiry-not-found=2,enquiry-newline");
    let request = bench.request(PaymentModel::B2c, 10_000);
    bench.paid(&request, Decision::Approve);
    let codes: Vec<String> = (0..3).map(|_| code(&bench.ask(&request)).to_owned()).collect();
    assert_eq!(codes, ["76", "76", "00"]);
}

#[test]
fn certificates_change_over_without_anybody_awake() {
    let day = |text: &str| moment(&format!("{text}T00:00:00Z"));
    let signer = |serial, from, until| Signer::make(serial, day(from).to_utc(), day(until).to_utc()).expect("a signer");
    let keys = SimulatorKeys {
        current: signer(0x1A, "2025-12-01", "2026-12-01"),
        next: signer(0x2B, "2026-11-01", "2027-12-01"),
    };
    let bench = Bench::with(keys.clone());
    // What the merchant has on its disk, whatever the simulator does.
    let known = keys.certificates().expect("certificates");
    let proven = |now: &str, faults: &str| {
        bench.simulator.set_clock(moment(now));
        bench.simulator.set_faults(faults.parse().expect("faults"));
        let paid = bench.simulator.pay(&Bench::body(&bench.request(PaymentModel::B2c, 10_000)), Decision::Approve);
        parse(paid.direct[0].as_bytes(), &known, bench.simulator.now()).map(|answer| code(&answer).to_owned())
    };
    // E is the day before the last: either certificate may sign on it, and around it.
    for now in ["2026-11-29T12:00:00Z", "2026-11-30T12:00:00Z", "2026-12-01T12:00:00Z"] {
        assert_eq!(proven(now, "").as_deref(), Ok("00"), "{now}");
        assert_eq!(proven(now, "sign-with-next").as_deref(), Ok("00"), "{now}");
    }
    let over = AnswerError::Signature(SignatureError::OutOfDays("1A, expired on 2026-12-01".to_owned()));
    assert_eq!(proven("2026-12-02T12:00:00Z", ""), Err(over));
    bench.simulator.rotate().expect("rotated");
    assert_eq!(proven("2026-12-02T12:00:00Z", "").as_deref(), Ok("00"));
    let refused = proven("2026-12-02T12:00:00Z", "sign-with-next");
    assert_eq!(refused, Err(AnswerError::Signature(SignatureError::Refused)), "the one after is not known yet");
}

#[test]
fn banks_are_open_offline_or_strange() {
    let list = |bench: &Bench, model: PaymentModel| {
        let question = BankListRequest { model, exchange_id: "EX00099001".to_owned() };
        let body = question.signed(&KEY).expect("signed").body();
        let reply = bench.simulator.ask(Endpoint::BankList, &body).expect("a reply");
        let certificates = bench.simulator.certificates().expect("certificates");
        let text = String::from_utf8(reply.clone()).expect("text");
        (parse_bank_list(&reply, &certificates, bench.simulator.now()), text)
    };
    let status = |bench: &Bench, model, code: &str| {
        let banks = list(bench, model).0.expect("a list").banks;
        banks.into_iter().find(|(known, _)| known == code).map(|(_, status)| status)
    };
    let bench = Bench::new();
    assert_eq!(status(&bench, PaymentModel::B2c, "BOCM01"), Some(BankStatus::Blocked));
    assert_eq!(status(&bench, PaymentModel::B2c, "TEST0021"), Some(BankStatus::Available));
    assert_eq!(status(&bench, PaymentModel::B2c, "ABB0235"), None);
    assert_eq!(status(&bench, PaymentModel::B2b1, "ABB0235"), Some(BankStatus::Available));
    let text = list(&bench, PaymentModel::B2c).1;
    assert!(text.contains("%7EA%2C") && !text.contains('~'), "{text}");
    bench.simulator.set_offline(["TEST0021".to_owned()]);
    assert_eq!(status(&bench, PaymentModel::B2c, "TEST0021"), Some(BankStatus::Blocked));
    assert_eq!(status(&bench, PaymentModel::B2c, "BOCM01"), Some(BankStatus::Available));
    assert_eq!(status(&Bench::faulty("bank-list=unknown"), PaymentModel::B2c, "NEW0001"), Some(BankStatus::Available));
    let odd = list(&Bench::faulty("bank-list=status"), PaymentModel::B2c).0.expect("a list");
    assert!(odd.banks.iter().any(|(_, status)| *status == BankStatus::Other('X')));
    let forged = list(&Bench::faulty("bank-list=signature"), PaymentModel::B2c).0;
    assert_eq!(forged, Err(AnswerError::Signature(SignatureError::Refused)));
}

#[test]
fn a_settlement_file_has_the_mismatches_that_were_planted() {
    let bench = Bench::new();
    for decision in [Decision::Approve, Decision::NoFunds, Decision::Approve, Decision::Approve, Decision::Approve] {
        bench.simulator.pay(&Bench::body(&bench.request(PaymentModel::B2c, 10_050)), decision);
    }
    bench.pass(14 * 3600 - 1);
    bench.simulator.pay(&Bench::body(&bench.request(PaymentModel::B2c, 777)), Decision::Approve);
    bench.pass(1);
    bench.simulator.pay(&Bench::body(&bench.request(PaymentModel::B2c, 888)), Decision::Approve);
    let day = "2026-11-23".parse().expect("a day");
    let rows = |mismatches: &[Mismatch]| -> Vec<Vec<String>> {
        let text = bench.simulator.settlement_csv(day, mismatches).expect("signs");
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let column = |rows: &[Vec<String>], name: &str| -> Vec<String> {
        let at = rows[0].iter().position(|column| column == name).expect("a column");
        rows[1..].iter().map(|row| row[at].clone()).collect()
    };
    let plain = rows(&[]);
    assert_eq!(column(&plain, "amount"), ["100.50", "100.50", "100.50", "100.50", "7.77"], "until midnight");
    assert_eq!(column(&plain, "settlement_batch").last().map(String::as_str), Some("20261124-2"));
    assert_eq!(column(&plain, "settlement_batch")[0], "20261124-1");
    let wrong = rows(&[Mismatch::Missing, Mismatch::Extra, Mismatch::Amount, Mismatch::Twice, Mismatch::Credit]);
    assert_eq!(column(&wrong, "amount"), ["100.50", "100.50", "100.51", "100.50", "100.50", "7.77"]);
    assert_eq!(column(&wrong, "credit_code"), ["00", "00", "00", "00", "00", "88"]);
    let ids = column(&wrong, "fpx_txn_id");
    assert!(ids[1].ends_with('X') && ids[3] == ids[4]);
    let friday = moment("2026-11-27T10:00:00+08:00");
    bench.simulator.set_clock(friday);
    bench.simulator.pay(&Bench::body(&bench.request(PaymentModel::B2c, 999)), Decision::Approve);
    let text = bench.simulator.settlement_csv(friday.date_naive(), &[]).expect("signs");
    assert!(text.contains("2026-11-30,20261130-1,0.00,9.99"), "{text}");
}

#[test]
fn faults_are_taken_back() {
    let bench = Bench::faulty("wrong-signature,drop-direct");
    bench.simulator.set_faults(Faults::default());
    assert_eq!(code(&bench.paid(&bench.request(PaymentModel::B2c, 10_000), Decision::Approve)), "00");
    assert_eq!(bench.simulator.faults(), Faults::default());
}
