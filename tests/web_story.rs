//! The web server over TCP: where FPX answers, and the pages that employers see.

mod paying;
mod place;
mod till;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use caruman::domain::PaymentModel::B2c;
use caruman::domain::PaymentState;
use caruman::simulator::{Arrival, Decision};
use caruman::web::{FpxDesk, Site, serve};
use caruman::workflow::page_word::{PayLink, new_link};
use caruman::workflow::receipt::signing_key;
use chrono::TimeDelta;
use paying::EMPLOYER;
use place::Place;
use till::{BANK, ISSUER, Till};

/// A server on a port of its own.
struct Server {
    till: Till,
    address: SocketAddr,
}

/// What it answered.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
        line.map_or("", |line| line[name.len() + 1..].trim())
    }
}

impl Server {
    fn start(place: &Place) -> Server {
        let till = Till::with_host(place, "http://127.0.0.1:8800");
        let looked_at = till.clock.clone();
        let clock = Arc::new(move || *looked_at.lock().expect("a clock"));
        let desk = FpxDesk::open(&till.store, till.merchant.clone(), till.bank.clone(), ISSUER, clock.clone());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let site = Site {
            store: till.store.clone(),
            issuer: ISSUER.to_owned(),
            fpx: Some(desk),
            receipt_key: signing_key(&till.store, place.data.path(), till.now()).expect("a key"),
            words: till.words.clone(),
            clock,
            hosts: vec![address.to_string()],
        };
        std::thread::spawn(move || serve(Arc::new(site), listener));
        Server { till, address }
    }

    fn raw(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("connected");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("answered");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let answer = Answer { status, head: head.to_owned(), body: body.to_owned() };
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("set-cookie", ""),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {request}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        answer
    }

    fn get(&self, path: &str) -> Answer {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address))
    }

    fn post(&self, path: &str, body: &str) -> Answer {
        self.post_as(path, "application/x-www-form-urlencoded", body)
    }

    fn post_as(&self, path: &str, kind: &str, body: &str) -> Answer {
        self.raw(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            self.address,
            body.len()
        ))
    }

    fn link(&self) -> String {
        let until = self.till.now() + TimeDelta::hours(1);
        let link = PayLink { employer_code: EMPLOYER.to_owned(), who: "clerk".to_owned(), until };
        format!("/pay/{}", new_link(&self.till.store, &link, self.till.now()).expect("a link"))
    }
}

/// The hidden fields of the page that goes to the bank, as a body.
fn fields_of(page: &str) -> String {
    let value = |text: &str| {
        let text = text.replace("&amp;", "&").replace("&#x27;", "'").replace("&#x3D;", "=").replace("&quot;", "\"");
        let coded = text.bytes().map(|byte| match byte {
            b' ' => "+".to_owned(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        });
        coded.collect::<String>()
    };
    let inputs = page.split("<input type=\"hidden\" name=\"").skip(1).map(|input| {
        let (name, rest) = input.split_once("\" value=\"").expect("a value");
        format!("{name}={}", value(rest.split('"').next().expect("its end")))
    });
    inputs.collect::<Vec<_>>().join("&")
}

#[test]
fn from_the_link_to_the_receipts() {
    let place = Place::sqlite();
    let server = Server::start(&place);
    server.till.bank.set_offline(["TEST0022".to_owned()]);
    server.till.fill_cart();
    let link = server.link();
    let page = server.get(&link);
    assert_eq!(page.status, 200);
    for part in
        ["78.90", "SBI Bank A", "SBI Bank B (Offline)", "disabled", "termsAndConditions", "Proceed", "lang&#x3D;ms"]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(server.get(&format!("{link}?lang=ms")).body.contains("Teruskan"));

    let refused = server.post(&link, "bank=b2c%3ATEST0022&mail=");
    assert!(refused.status == 409 && refused.body.contains("SBI Bank B is offline"), "{}", refused.body);
    assert_eq!(server.post(&link, "mail=").status, 422);

    let bank = server.post(&link, &format!("bank=b2c%3A{BANK}&mail=clerk%40example.my"));
    assert_eq!(bank.status, 200, "{}", bank.body);
    let policy = bank.header("content-security-policy");
    assert!(
        policy.contains("form-action http://127.0.0.1:8800;") && policy.contains("script-src 'sha256-"),
        "{policy}"
    );
    assert_eq!(bank.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(bank.body.matches("type=\"hidden\"").count(), 21);
    assert!(bank.body.contains("action=\"http://127.0.0.1:8800/FPXMain/seller2DReceiver.jsp\""), "{}", bank.body);

    // A reload: nothing is started, the way to the payment is shown.
    let again = server.post(&link, &format!("bank=b2c%3A{BANK}"));
    assert!(again.status == 409 && again.body.contains("/payment/"), "{}", again.body);
    assert_eq!(server.get(&link).status, 409);

    let Arrival::AtBank(id) = server.till.bank.receive(&fields_of(&bank.body)).expect("received") else {
        panic!("FPX refuses the form")
    };
    let back = server.till.bank.decide(&id, &Decision::Approve).expect("decided");
    let direct = server.till.bank.take_due();
    let answer = server.post("/fpx/direct", &direct[0].body);
    assert_eq!((answer.status, answer.body.as_str(), answer.header("content-type")), (200, "OK", "text/plain"));
    server.till.paid_once("P-000001");

    let answer = server.post("/fpx/return", &back.body());
    assert_eq!((answer.status, answer.header("set-cookie")), (303, ""));
    let payment = answer.header("location").to_owned();
    let page = server.get(&payment);
    for part in ["Successful", "78.90", &id, "SBI Bank A", "Seller order number", "20260000000001"] {
        assert!(page.status == 200 && page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("http-equiv=\"refresh\""), "what is final does not look again");
    assert!(server.get(&format!("{payment}?lang=ms")).body.contains("Berjaya"));
    let pdf = server.get(&format!("{payment}/receipt/20260000000001"));
    assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"));
    assert_eq!(server.get(&format!("{payment}/receipt/20260000000002")).status, 404);
}

#[test]
fn pending_and_once() {
    let place = Place::sqlite();
    let server = Server::start(&place);
    server.till.fill_cart();
    let started = server.till.start(B2c, BANK).expect("started");
    let path = format!("/pay/{}", started.word);
    let status = format!("/payment/{}", started.word);
    assert!(server.get(&status).body.contains("Not sent to the bank yet"));
    assert!(server.get(&path).body.contains("Proceed"));
    let bank = server.post(&path, "");
    assert_eq!((bank.status, server.till.state(&started.number)), (200, PaymentState::Sent));
    for answer in [server.post(&path, ""), server.get(&path)] {
        assert!(answer.status == 409 && answer.body.contains(&status), "{}", answer.body);
        assert!(!answer.body.contains("fpx_checkSum"));
    }
    let paid = server.till.bank.pay(&fields_of(&bank.body), Decision::LeavePending);
    let answer = server.post("/fpx/return", &paid.indirect);
    assert_eq!((answer.status, answer.header("location")), (303, status.as_str()));
    let page = server.get(&status);
    for part in ["Pending", "http-equiv=\"refresh\"", "10/11/2026 10:00", "Do not pay again"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

#[test]
fn over_or_being_checked() {
    let place = Place::sqlite();
    let server = Server::start(&place);
    let pay = |decision| {
        server.till.fill_cart();
        let started = server.till.start(B2c, BANK).expect("started");
        let bank = server.post(&format!("/pay/{}", started.word), "");
        let paid = server.till.bank.pay(&fields_of(&bank.body), decision);
        server.post("/fpx/return", &paid.indirect);
        (started.number, format!("/payment/{}", started.word))
    };
    let (_, status) = pay(Decision::NoFunds);
    let page = server.get(&status).body;
    for part in ["Unsuccessful", "enough money", "put them in the cart again", "Items of this payment"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("Paid items"));
    let (number, status) = pay(Decision::BankError);
    let page = server.get(&status).body;
    assert!(page.contains("Being checked") && !page.contains("Unsuccessful") && page.contains("do not pay again"));
    server.till.ask(&number);
    let page = server.get(&status).body;
    assert!(page.contains("Unsuccessful") && page.contains("no money was taken. You can pay again"), "{page}");
    assert!(!page.contains("do not pay again"), "{page}");
}

#[test]
fn what_cannot_be_believed() {
    let place = Place::sqlite();
    let server = Server::start(&place);
    let long = format!("a={}", "x".repeat(16 * 1024 - 1));
    assert_eq!(server.post("/fpx/direct", &long).status, 413);
    assert_eq!(server.post_as("/fpx/direct", "application/json", "{}").status, 415);
    assert_eq!(server.post_as("/fpx/return", "text/plain", "a=1").status, 415);
    for body in ["", "ERROR", "a=1", "fpx_msgType=AC"] {
        let answer = server.post("/fpx/direct", body);
        assert!(answer.status == 400 && !answer.body.contains("OK"), "{body}");
        assert_eq!(server.post("/fpx/return", body).status, 400);
    }
    assert_eq!(server.get("/fpx/direct").status, 405);
    for path in
        ["/", "/payment/x", &format!("/payment/{}", "0".repeat(64)), &format!("/pay/{}", "0".repeat(64)), "/x?lang=%"]
    {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    assert!(server.get("/style.css").body.contains("body"));
    let stranger = server.raw("GET /verify HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert_eq!(stranger.status, 421);
}

#[test]
fn a_receipt_is_checked() {
    let place = Place::sqlite();
    let server = Server::start(&place);
    assert!(server.get("/verify").body.contains("Verification code"));
    let page = server.get("/verify?code=CARUMAN1%7CR%7Cx");
    assert!(page.body.contains("not made by this office"), "{}", page.body);
}
