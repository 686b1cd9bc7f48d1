use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::domain::{PaymentEvent, PaymentModel, Sen};
use crate::fpx::codes::{Codes, ResponseCode};
use crate::fpx::limits::{LimitBreach, Limits};
use crate::fpx::value::FpxTime;

static KEY: LazyLock<MerchantKey> = LazyLock::new(|| MerchantKey::generate().expect("a key"));

fn order() -> PaymentOrder {
    PaymentOrder {
        model: PaymentModel::B2c,
        exchange_id: "EX00099001".to_owned(),
        seller_id: "SE00099101".to_owned(),
        exchange_order_number: "PKS20260715000001".to_owned(),
        seller_order_number: "T0000000001".to_owned(),
        time: FpxTime::read("20260715103015").expect("a time"),
        amount: Sen(123_450),
        bank: "MB2U0227".to_owned(),
        buyer_name: "Ahmad bin Ali".to_owned(),
        buyer_mail: "ahmad.ali@example.com".to_owned(),
        description: "Caruman 062026".to_owned(),
    }
}

fn request() -> PaymentRequest {
    PaymentRequest::new(&order(), Limits::embedded()).expect("a request")
}

fn proven(layout: Layout, body: &str) -> Result<Verified, AnswerError> {
    Ok(Received::read(layout, body.as_bytes())?.verify_with(&KEY.public().expect("a public key"))?)
}

fn answer() -> BankAnswer {
    BankAnswer {
        bank_branch: "MAYBANK2U".to_owned(),
        buyer_name: "N@ME()/ .-&BUYER".to_owned(),
        transaction_id: "2607151030220123".to_owned(),
        transaction_time: FpxTime::read("20260715103022"),
        debit_code: ResponseCode::read("00"),
        debit_number: "15733223".to_owned(),
        credit_code: ResponseCode::read("00"),
        credit_number: "9999999999".to_owned(),
        ..BankAnswer::echo(&request())
    }
}

fn read(body: &str) -> Result<Received, MessageError> {
    Received::read(Layout::Answer, body.as_bytes())
}

fn body() -> String {
    answer().signed(&KEY).expect("signed").body()
}

#[test]
fn the_fields_of_a_checksum_are_in_alphabetical_order() {
    for (layout, count) in
        [(Layout::Request, 20), (Layout::Answer, 21), (Layout::BankListRequest, 4), (Layout::BankList, 4)]
    {
        let names: Vec<_> = layout.fields().iter().map(|field| field.name.to_lowercase()).collect();
        assert!(names.len() == count && names.is_sorted(), "{layout:?}");
    }
}

#[test]
fn messages_come_back_as_they_went() {
    let asked = request().signed(&KEY).expect("signed");
    assert_eq!(asked.fields().count(), 21);
    let back = PaymentRequest::from_verified(&proven(Layout::Request, &asked.body()).expect("proven"));
    assert_eq!(back, Ok(request()));
    let back = BankAnswer::from_verified(&proven(Layout::Answer, &body()).expect("proven"));
    assert_eq!(back, Ok(answer()));
    let banks = vec![("PBB0233".to_owned(), BankStatus::Blocked), ("NEW".to_owned(), BankStatus::Other('X'))];
    let list = BankList { model: PaymentModel::B2b1, exchange_id: "EX00099001".to_owned(), banks, odd: Vec::new() };
    let reply = list.signed(&KEY).expect("signed").body();
    assert_eq!(BankList::from_verified(&proven(Layout::BankList, &reply).expect("proven")), Ok(list));
    let ask = BankListRequest { model: PaymentModel::B2b1, exchange_id: "EX00099001".to_owned() };
    let body = ask.signed(&KEY).expect("signed").body();
    let back = BankListRequest::from_verified(&proven(Layout::BankListRequest, &body).expect("proven"));
    assert_eq!(back, Ok(ask));
}

#[test]
fn odd_pieces_of_a_bank_list_are_left_out() {
    let text = "PBB0233~B,,MB2U0227,A~,~A,B~AB,PBB0233~A,TEST0021~A";
    let fields = [("fpx_bankList", text), ("fpx_msgToken", "01"), ("fpx_msgType", "BC"), ("fpx_sellerExId", "E")];
    let body = Values::of(Layout::BankList, &fields).signed(&KEY).expect("signed").body();
    let list = BankList::from_verified(&proven(Layout::BankList, &body).expect("proven")).expect("a list");
    let codes: Vec<_> = list.banks.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["PBB0233", "TEST0021"]);
    assert_eq!(list.odd, ["MB2U0227", "A~", "~A", "B~AB", "PBB0233~A"]);
}

#[test]
fn an_enquiry_says_the_same_but_for_its_type() {
    let kept = request().kept();
    let again = PaymentRequest::from_kept(&kept).expect("kept whole");
    assert_eq!(again, request());
    assert_eq!(again.enquiry().kept(), kept.replace("|AR|", "|AE|"));
    assert!(again.enquiry().is_enquiry() && !again.is_enquiry());
    assert_eq!(again.value("fpx_buyerBankId"), Some("MB2U0227"));
    assert_eq!(again.value("fpx_checkSum"), None);
    for wrong in ["", "a|b", &kept[1..], &format!("{kept}|"), &kept.replace("AR", "AC"), &kept.replace("MYR", "MYRM")] {
        assert!(PaymentRequest::from_kept(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_request_that_fpx_would_refuse_is_not_made() {
    let fault = |change: fn(&mut PaymentOrder)| {
        let mut order = order();
        change(&mut order);
        PaymentRequest::new(&order, Limits::embedded()).expect_err("refused")
    };
    assert_eq!(fault(|order| order.exchange_id = "EX0009900".to_owned()), RequestError::ExchangeId);
    assert_eq!(fault(|order| order.seller_id = "EX00099101".to_owned()), RequestError::SellerId);
    assert_eq!(fault(|order| order.exchange_order_number = "A".repeat(41)), RequestError::OrderNumber);
    assert_eq!(fault(|order| order.seller_order_number = "A|B".to_owned()), RequestError::OrderNumber);
    assert_eq!(fault(|order| order.seller_order_number.clear()), RequestError::OrderNumber);
    assert_eq!(fault(|order| order.bank = "MB2U|0227".to_owned()), RequestError::Bank);
    assert_eq!(fault(|order| order.bank.clear()), RequestError::Bank);
    assert_eq!(fault(|order| order.description = " |&é ".to_owned()), RequestError::Description);
    let limit = LimitBreach::AboveMaximum { amount: Sen(3_000_001), maximum: Sen(3_000_000) };
    assert_eq!(fault(|order| order.amount = Sen(3_000_001)), RequestError::Limit(limit));
    let mut order = order();
    order.buyer_name = "Tan|Sri & Söns ".repeat(9);
    order.buyer_mail = "not an address".to_owned();
    let made = PaymentRequest::new(&order, Limits::embedded()).expect("a request");
    assert_eq!(made.value("fpx_buyerName"), Some("TAN SRI S NS TAN SRI S NS TAN SRI S NS T"));
    assert_eq!(made.value("fpx_buyerEmail"), Some(""));
}

#[test]
fn faults_of_a_body_are_named() {
    let body = body();
    assert!(read(&body).is_ok());
    assert_eq!(read(&body.replace("fpx_makerName=&", "")), Err(MessageError::Missing("fpx_makerName")));
    let (fields, _) = body.split_once("&fpx_checkSum=").expect("a checksum");
    assert_eq!(read(fields), Err(MessageError::Missing("fpx_checkSum")));
    assert_eq!(read(&format!("{fields}&fpx_checkSum={}", "0".repeat(513))), Err(MessageError::TooLong("fpx_checkSum")));
    let twice = read(&format!("{body}&fpx_debitAuthCode=00"));
    assert_eq!(twice, Err(MessageError::Repeated("fpx_debitAuthCode".to_owned())));
    assert!(matches!(read(&format!("{body}&fpx_checkSum=00")), Err(MessageError::Repeated(_))));
    assert!(matches!(read(&format!("{body}&a=1&a=1")), Err(MessageError::Repeated(_))));
    assert!(read(&format!("{body}&fpx_xtraInfo=000000&b=")).is_ok());
    assert_eq!(read(&body.replace("=AC&", "=AR&")), Err(MessageError::OtherType));
    assert_eq!(read(&body.replace("=MYR&", "=MYRR&")), Err(MessageError::TooLong("fpx_txnCurrency")));
    assert_eq!(read(&body.replace("=MAYBANK2U&", "=MAYBANK%7C2U&")), Err(MessageError::Pipe("fpx_buyerBankBranch")));
    let long = |count: usize| body.replace("=MAYBANK2U&", &format!("={}&", "%C3%89".repeat(count)));
    assert!(read(&long(200)).is_ok(), "places are characters");
    assert_eq!(read(&long(201)), Err(MessageError::TooLong("fpx_buyerBankBranch")));
}

#[test]
fn signed_values_that_cannot_be_read_are_no_answer() {
    for (name, value) in [
        ("fpx_txnAmount", "1234.5"),
        ("fpx_txnAmount", "-1.00"),
        ("fpx_sellerTxnTime", "20260715"),
        ("fpx_fpxTxnTime", "20261315103022"),
        ("fpx_msgToken", "03"),
    ] {
        let mut values = answer().values();
        values.set(name, value);
        let body = values.signed(&KEY).expect("signed").body();
        let verified = proven(Layout::Answer, &body).expect("proven");
        assert_eq!(BankAnswer::from_verified(&verified), Err(MessageError::Value(name)), "{value}");
    }
    let verified = proven(Layout::Answer, &body()).expect("proven");
    assert_eq!(PaymentRequest::from_verified(&verified), Err(MessageError::OtherType));
    assert_eq!(BankList::from_verified(&verified), Err(MessageError::OtherType));
}

#[test]
fn an_answer_is_compared_with_what_was_sent() {
    assert_eq!(answer().differences(&request()), [""; 0]);
    let mut other = answer();
    other.amount = Sen(123_451);
    other.bank = "PBB0233".to_owned();
    other.model = PaymentModel::B2b1;
    other.seller_id = "SE00099102".to_owned();
    let names = ["fpx_sellerId", "fpx_txnAmount", "fpx_msgToken", "fpx_buyerBankId"];
    assert_eq!(other.differences(&request()), names);
    let mut other = answer();
    other.exchange_id = "EX00099002".to_owned();
    other.exchange_order_number = "PKS20260715000002".to_owned();
    other.seller_order_number = "T0000000002".to_owned();
    other.currency = "SGD".to_owned();
    other.time = FpxTime::read("20260715103016").expect("a time");
    assert_eq!(other.differences(&request()).len(), 5);
}

#[test]
fn the_debit_code_decides_and_the_credit_code_is_told() {
    let with = |debit: &str, credit: &str| BankAnswer {
        debit_code: ResponseCode::read(debit),
        credit_code: ResponseCode::read(credit),
        ..answer()
    };
    let taken = |debit: &str, credit: &str| {
        let answer = with(debit, credit);
        (answer.event(Codes::embedded()), answer.credit_standing())
    };
    assert_eq!(taken("00", "00"), (PaymentEvent::Approve, CreditStanding::Credited));
    assert_eq!(taken("00", ""), (PaymentEvent::Approve, CreditStanding::NotYet));
    assert_eq!(taken("00", "88"), (PaymentEvent::Approve, CreditStanding::Exception));
    assert_eq!(taken("51", "00").0, PaymentEvent::Fail);
    assert_eq!(taken("", "00").0, PaymentEvent::PendAtBank);
    assert_eq!(taken("ZZ", "").0, PaymentEvent::PendAtBank);
}

#[test]
fn names_outside_ascii_are_proven_in_either_coding() {
    let source = BankAnswer { buyer_name: "Zoë".to_owned(), ..answer() }.values();
    let utf8 = source.signed(&KEY).expect("signed").body();
    assert!(utf8.contains("Zo%C3%AB") && proven(Layout::Answer, &utf8).is_ok());
    let wire_latin = utf8.replace("%C3%AB", "%EB");
    assert!(proven(Layout::Answer, &wire_latin).is_ok(), "signed as UTF-8, sent as ISO-8859-1");
    let latin: Vec<u8> = source.source().chars().map(|c| u8::try_from(u32::from(c)).expect("Latin")).collect();
    let checksum = KEY.sign(&latin).expect("signed");
    let (fields, _) = utf8.split_once("&fpx_checkSum=").expect("a checksum");
    for fields in [fields.to_owned(), fields.replace("%C3%AB", "%EB")] {
        let verified = proven(Layout::Answer, &format!("{fields}&fpx_checkSum={checksum}")).expect("proven");
        assert_eq!(BankAnswer::from_verified(&verified).expect("an answer").buyer_name, "Zoë");
    }
}

#[test]
fn nobody_is_named_in_a_log() {
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        order(),
        request(),
        answer(),
        read(&body()).expect("read"),
        request().signed(&KEY).expect("signed")
    );
    for secret in ["AHMAD", "Ahmad", "example.com", "BUYER"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_digest_does_not_depend_on_the_order_of_fields() {
    let body = body();
    let shuffled: Vec<&str> = body.split('&').rev().collect();
    let (one, two) = (read(&body).expect("read"), read(&shuffled.join("&")).expect("read"));
    assert_eq!(one.digest(), two.digest());
    assert_eq!(one.exchange_order_number(), "PKS20260715000001");
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..2_000) {
        let layouts = [Layout::Request, Layout::Answer, Layout::BankListRequest, Layout::BankList];
        for layout in layouts {
            let _ = Received::read(layout, &bytes);
        }
        // Noise inside a real message gets further.
        let body = body();
        let cut = cut.min(body.len());
        let noisy = [&body.as_bytes()[..cut], &bytes, &body.as_bytes()[cut..]].concat();
        let public = KEY.public().expect("a public key");
        let verified = Received::read(Layout::Answer, &noisy).ok().and_then(|received| received.verify_with(&public).ok());
        if let Some(verified) = verified {
            prop_assert_eq!(BankAnswer::from_verified(&verified), Ok(answer()));
        }
        let _ = PaymentRequest::from_kept(&String::from_utf8_lossy(&noisy));
    }
}
