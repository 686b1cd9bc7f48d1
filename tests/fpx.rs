//! FPX from outside: every worked message of `tests/fpx_vectors.toml`, built, proven by two libraries, read, forged and
//! bent.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY as SHA1_WITH_RSA, UnparsedPublicKey};
use caruman::domain::{PaymentEvent, PaymentModel, Sen};
use caruman::fpx::codes::Codes;
use caruman::fpx::limits::Limits;
use caruman::fpx::message::{
    BankAnswer, BankList, BankListRequest, BankStatus, Layout, PaymentOrder, PaymentRequest, Received, Verified,
};
use caruman::fpx::sign::{MerchantKey, PublicKey, SignatureError};
use caruman::fpx::value::FpxTime;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    merchant_key: String,
    fpx_key: String,
    vector: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    source: String,
    sha1: String,
    checksum: String,
    body: Option<String>,
}

static VECTORS: LazyLock<Vectors> =
    LazyLock::new(|| toml::from_str(include_str!("fpx_vectors.toml")).expect("fpx_vectors.toml"));

/// Orders of the checksum, written down here a second time: names as the prescription has them.
const REQUEST: &str = "buyerAccNo buyerBankBranch buyerBankId buyerEmail buyerIban buyerId buyerName makerName msgToken \
    msgType productDesc sellerBankCode sellerExId sellerExOrderNo sellerId sellerOrderNo sellerTxnTime txnAmount \
    txnCurrency version";
const ANSWER: &str = "buyerBankBranch buyerBankId buyerIban buyerId buyerName creditAuthCode creditAuthNo \
    debitAuthCode debitAuthNo fpxTxnId fpxTxnTime makerName msgToken msgType sellerExId sellerExOrderNo sellerId \
    sellerOrderNo sellerTxnTime txnAmount txnCurrency";
const BANK_LIST_REQUEST: &str = "msgToken msgType sellerExId version";
const BANK_LIST: &str = "bankList msgToken msgType sellerExId";

fn vector(name: &str) -> &'static Vector {
    VECTORS.vector.iter().find(|vector| vector.name == name).expect("a vector")
}

impl Vector {
    fn layout(&self) -> (Layout, &'static str) {
        match &self.name[..2] {
            "AR" | "AE" => (Layout::Request, REQUEST),
            "AC" => (Layout::Answer, ANSWER),
            "BE" => (Layout::BankListRequest, BANK_LIST_REQUEST),
            _ => (Layout::BankList, BANK_LIST),
        }
    }

    fn key(&self) -> PublicKey {
        PublicKey::from_pem(self.key_text().as_bytes()).expect("a key")
    }

    fn key_text(&self) -> &'static str {
        if matches!(&self.name[..2], "AC" | "BC") { &VECTORS.fpx_key } else { &VECTORS.merchant_key }
    }

    fn fields(&self) -> Vec<(String, String)> {
        let names: Vec<_> = self.layout().1.split_whitespace().collect();
        let values: Vec<_> = self.source.split('|').collect();
        assert_eq!(names.len(), values.len(), "{}", self.name);
        names.into_iter().zip(values).map(|(name, value)| (format!("fpx_{name}"), value.to_owned())).collect()
    }

    /// A body with values and checksum, every byte that is no letter or digit as a percent code.
    fn body_of(fields: &[(String, String)], checksum: &str) -> String {
        let code = |text: &str| {
            text.bytes()
                .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02x}") })
                .collect::<String>()
        };
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", code(value)));
        pairs.chain([format!("fpx_checkSum={checksum}")]).collect::<Vec<_>>().join("&")
    }

    fn whole(&self) -> String {
        let template = self.body.as_ref().map(|body| body.replace("{checksum}", &self.checksum));
        template.unwrap_or_else(|| Vector::body_of(&self.fields(), &self.checksum))
    }

    fn proven(&self, body: &[u8]) -> Option<Verified> {
        Received::read(self.layout().0, body).ok()?.verify_with(&self.key()).ok()
    }

    fn refused(&self, body: &str) -> bool {
        self.proven(body.as_bytes()).is_none()
    }
}

fn answer(name: &str) -> BankAnswer {
    let vector = vector(name);
    BankAnswer::from_verified(&vector.proven(vector.whole().as_bytes()).expect("proven")).expect("an answer")
}

fn order(number: u8) -> PaymentOrder {
    let text = str::to_owned;
    let (model, bank, name, mail, description, time, sen) = match number {
        1 => (
            PaymentModel::B2c,
            "MB2U0227",
            "Ahmad bin Ali",
            "ahmad.ali@example.com",
            "Caruman 062026",
            "103015",
            123_450,
        ),
        2 => (PaymentModel::B2b1, "MBB0228", "", "akaun@majikan.example", "Caruman 062026", "104500", 9_876_540),
        _ => (PaymentModel::B2c, "TEST0021", "Nur'ain a/p Raj @ Tan", "", "FCLB (lewat) 05-2026", "235958", 100),
    };
    PaymentOrder {
        model,
        exchange_id: text("EX00099001"),
        seller_id: text("SE00099101"),
        exchange_order_number: format!("PKS2026071500000{number}"),
        seller_order_number: format!("T000000000{number}"),
        time: FpxTime::read(&format!("20260715{time}")).expect("a time"),
        amount: Sen(sen),
        bank: text(bank),
        buyer_name: text(name),
        buyer_mail: text(mail),
        description: text(description),
    }
}

#[test]
fn the_vectors_hold_by_another_library() {
    assert_eq!(VECTORS.vector.len(), 10);
    for vector in &VECTORS.vector {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, vector.source.as_bytes());
        let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, vector.sha1, "{}", vector.name);
        let checksum = |at: usize| u8::from_str_radix(&vector.checksum[at..at + 2], 16).expect("hexadecimal");
        let checksum: Vec<u8> = (0..512).step_by(2).map(checksum).collect();
        let lines = vector.key_text().lines().filter(|line| !line.starts_with('-')).collect::<String>();
        let key = UnparsedPublicKey::new(&SHA1_WITH_RSA, base64(&lines));
        assert!(key.verify(vector.source.as_bytes(), &checksum).is_ok(), "{}", vector.name);
        assert!(key.verify(&vector.source.as_bytes()[1..], &checksum).is_err(), "{}", vector.name);
    }
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for digit in text.chars().filter_map(|c| DIGITS.find(c)) {
        bits = bits << 6 | u32::try_from(digit).expect("below 64");
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 255).expect("a byte"));
        }
    }
    bytes
}

#[test]
fn every_vector_is_proven_in_any_order_of_fields() {
    for vector in &VECTORS.vector {
        let body = vector.whole();
        let received = Received::read(vector.layout().0, body.as_bytes()).expect("read");
        assert_eq!(received.source(), vector.source, "{}", vector.name);
        let mut fields: Vec<&str> = body.split('&').collect();
        for turn in 0..fields.len() {
            fields.rotate_left(1);
            fields.swap(0, turn);
            assert!(!vector.refused(&fields.join("&")), "{}", vector.name);
        }
        assert!(!vector.refused(&body.replace(&vector.checksum, &vector.checksum.to_lowercase())));
        assert!(!vector.refused(&format!("fpx_xtraInfo=000000&{body}")));
        assert!(!vector.refused(&format!("\r\n  {body}\r\n")));
    }
}

#[test]
fn requests_are_built_byte_for_byte() {
    for number in [1, 2, 3] {
        let request = PaymentRequest::new(&order(number), Limits::embedded()).expect("a request");
        assert_eq!(request.kept(), vector(&format!("AR-{number}")).source);
    }
    let corporate = PaymentRequest::new(&order(2), Limits::embedded()).expect("a request");
    assert_eq!(corporate.enquiry().kept(), vector("AE-2").source);
    let banks = BankListRequest { model: PaymentModel::B2c, exchange_id: "EX00099001".to_owned() };
    assert_eq!(banks.source(), vector("BE-1").source);
    for name in ["AC-1", "AC-2a", "AC-2b", "AC-3"] {
        assert_eq!(answer(name).source(), vector(name).source);
    }
}

#[test]
fn the_built_form_carries_every_field_and_a_checksum_that_proves() {
    let key = MerchantKey::generate().expect("a key");
    let request = PaymentRequest::new(&order(3), Limits::embedded()).expect("a request");
    let form = request.signed(&key).expect("signed");
    let fields: BTreeMap<&str, &str> = form.fields().collect();
    assert_eq!(fields.len(), 21);
    for (name, value) in vector("AR-3").fields() {
        assert_eq!(fields[name.as_str()], value, "{name}");
    }
    let checksum = fields["fpx_checkSum"];
    assert_eq!(checksum, key.sign(vector("AR-3").source.as_bytes()).expect("signed"));
    assert!(form.body().contains("fpx_buyerName=NUR%27AIN+A%2FP+RAJ+%40+TAN&"));
    let received = Received::read(Layout::Request, form.body().as_bytes()).expect("read");
    assert!(received.clone().verify_with(&key.public().expect("a key")).is_ok());
    assert_eq!(received.verify_with(&vector("AR-3").key()), Err(SignatureError::Refused));
}

#[test]
fn answers_say_what_the_vectors_say() {
    let codes = Codes::embedded();
    let one = answer("AC-1");
    assert_eq!((one.amount, one.event(codes)), (Sen(123_450), PaymentEvent::Approve));
    assert_eq!((one.bank_branch.as_str(), one.buyer_name.as_str()), ("MAYBANK2U", "AHMAD BIN ALI"));
    assert_eq!((one.transaction_id.as_str(), one.debit_number.as_str()), ("2607151030220123", "70012345"));
    let (waits, done) = (answer("AC-2a"), answer("AC-2b"));
    assert_eq!(waits.event(codes), PaymentEvent::PendForAuthoriser);
    assert_eq!((waits.buyer_name.as_str(), waits.maker_name.as_str()), ("", "SITI MAKER"));
    assert_eq!((done.event(codes), done.model), (PaymentEvent::Approve, PaymentModel::B2b1));
    assert_eq!(waits.transaction_id, done.transaction_id);
    let declined = answer("AC-3");
    assert_eq!(declined.event(codes), PaymentEvent::Fail);
    assert_eq!(declined.buyer_name, "NUR'AIN A/P RAJ @ TAN");
    let time = declined.transaction_time.expect("a time");
    assert_eq!(time.moment().to_rfc3339(), "2026-07-16T00:00:04+08:00", "the day after the attempt");
    for (name, number) in [("AC-1", 1), ("AC-2a", 2), ("AC-2b", 2), ("AC-3", 3)] {
        let sent = PaymentRequest::new(&order(number), Limits::embedded()).expect("a request");
        assert_eq!(answer(name).differences(&sent), [""; 0], "{name}");
    }
    let banks = BankList::from_verified(&vector("BC-1").proven(vector("BC-1").whole().as_bytes()).expect("proven"));
    let banks = banks.expect("a list");
    assert_eq!(banks.banks.len(), 4);
    assert_eq!(banks.banks[2], ("PBB0233".to_owned(), BankStatus::Blocked));
    assert_eq!((banks.model, banks.odd.len()), (PaymentModel::B2c, 0));
}

#[test]
fn the_negative_vectors_are_refused() {
    let one = vector("AC-1");
    assert!(one.refused(&one.whole().replace("=1234.50", "=1234.51")), "another amount");
    let (waits, done) = (vector("AC-2a"), vector("AC-2b"));
    assert!(done.refused(&Vector::body_of(&done.fields(), &waits.checksum)), "the checksum of another message");
    let three = vector("AC-3");
    let key = three.key();
    let proves = |source: String| key.verify(&[source.into_bytes()], &three.checksum).is_ok();
    assert!(proves(three.source.clone()));
    assert!(!proves(format!("{}|", three.source)), "a pipe at the end");
    let full: Vec<&str> = three.source.split('|').filter(|value| !value.is_empty()).collect();
    assert!(!proves(full.join("|")), "empty values left out");
    assert!(!proves(three.source.replace(' ', "+")), "plus signs left as they are");
    assert!(three.refused(&three.whole().replace('+', "%2B")), "plus signs in coded form");
    let named: Vec<String> = three.fields().iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert!(!proves(named.join("|")), "names included");
    let moved = one
        .whole()
        .replace("fpx_creditAuthNo=1002003001", "fpx_creditAuthNo=1002003001%7C00")
        .replace("fpx_debitAuthCode=00", "fpx_debitAuthCode=");
    assert!(one.refused(&moved), "a pipe inside a value");
}

#[test]
fn no_signed_byte_can_be_flipped() {
    // Every bit of every byte of one message, every byte of the others in three ways.
    for vector in &VECTORS.vector {
        let masks: Vec<u8> =
            if vector.name == "AC-1" { (0..8).map(|bit| 1 << bit).collect() } else { vec![1, 0x20, 0x80] };
        for (place, (name, value)) in vector.fields().into_iter().enumerate() {
            for at in 0..value.len() {
                for mask in &masks {
                    let mut bent = value.clone().into_bytes();
                    bent[at] ^= mask;
                    let mut coded: Vec<String> = vector
                        .fields()
                        .iter()
                        .map(|(name, value)| Vector::body_of(&[(name.clone(), value.clone())], ""))
                        .map(|pair| pair.replace("&fpx_checkSum=", ""))
                        .collect();
                    let bytes: String = bent.iter().map(|byte| format!("%{byte:02X}")).collect();
                    coded[place] = format!("{name}={bytes}");
                    let body = format!("{}&fpx_checkSum={}", coded.join("&"), vector.checksum);
                    assert!(vector.refused(&body), "{} {name} byte {at} mask {mask}", vector.name);
                }
            }
        }
    }
}

#[test]
fn no_digit_of_a_checksum_can_be_changed() {
    let vector = vector("AC-2b");
    for at in 0..512 {
        let mut digits = vector.checksum.clone().into_bytes();
        digits[at] = if digits[at] == b'0' { b'1' } else { b'0' };
        let checksum = String::from_utf8(digits).expect("digits");
        assert!(vector.refused(&Vector::body_of(&vector.fields(), &checksum)), "digit {at}");
    }
    for checksum in [&vector.checksum[2..], &format!("00{}", &vector.checksum[..510]), ""] {
        assert!(vector.refused(&Vector::body_of(&vector.fields(), checksum)));
    }
}

/// A hundred thousand with `CARUMAN_LONG=1`, else a thousand: values of other messages, lost and added letters, swaps.
#[test]
fn mutated_messages_are_refused() {
    let rounds = if std::env::var_os("CARUMAN_LONG").is_some() { 100_000 } else { 1_000 };
    let mut state = 20_260_715_u64;
    let mut random = move |below: usize| {
        // A generator of our own, so that a failure can be repeated.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    let answers: Vec<&Vector> = VECTORS.vector.iter().filter(|vector| vector.name.starts_with("AC")).collect();
    for round in 0..rounds {
        let vector = answers[random(answers.len())];
        let mut fields = vector.fields();
        let place = random(fields.len());
        match random(5) {
            0 => fields[place].1 = answers[random(answers.len())].fields()[place].1.clone(),
            1 => fields[place].1.push(char::from(b' ' + u8::try_from(random(95)).expect("a letter"))),
            2 => fields[place].1 = fields[place].1.chars().skip(1).collect(),
            3 => {
                let other = random(fields.len());
                let value = fields[place].1.clone();
                fields[place].1 = std::mem::replace(&mut fields[other].1, value);
            }
            _ => fields[place].1 = fields[place].1.to_lowercase(),
        }
        let source: Vec<&str> = fields.iter().map(|(_, value)| value.as_str()).collect();
        let same = source.join("|") == vector.source;
        let body = Vector::body_of(&fields, &vector.checksum);
        assert_eq!(vector.refused(&body), !same, "round {round}: {}", source.join("|"));
    }
}
