//! An office that pays through the program: FPX's keys in a folder, the configuration for them, and what FPX says of a
//! payment.
#![allow(dead_code, reason = "each test file uses its part")]

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use caruman::fpx::codes::ResponseCode;
use caruman::fpx::message::{BankAnswer, PaymentRequest};
use caruman::fpx::sign::MerchantKey;
use caruman::fpx::value::FpxTime;
use caruman::simulator::Simulator;
use caruman::simulator::folder::KeyFolder;
use caruman::simulator::http::{ServerOptions, SimulatorServer};
use caruman::store::Store;
use chrono::DateTime;

/// A bank that everybody may choose.
pub const BANK: &str = "TEST0021";

/// A simulator that says which banks are open, and its keys.
pub struct Office {
    folder: tempfile::TempDir,
    key: MerchantKey,
    _server: SimulatorServer,
}

impl Office {
    pub fn new(now: &str) -> Office {
        let folder = tempfile::tempdir().expect("a folder");
        let now = DateTime::parse_from_rfc3339(now).expect("a moment");
        let (place, keys) = KeyFolder::open(folder.path(), now).expect("keys");
        let merchant = place.merchant(None, None).expect("a merchant");
        let simulator = Arc::new(Simulator::new(Box::new(move || now), keys, vec![merchant]));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let options = ServerOptions { headless: true, deliver: None, folder: None };
        let server = SimulatorServer::start(simulator, listener, options).expect("started");
        let settings = place.settings(&format!("http://{}", server.address()));
        std::fs::write(folder.path().join("caruman.toml"), settings).expect("written");
        let key = MerchantKey::load(&folder.path().join("fpx-current.key")).expect("the key that signs");
        Office { folder, key, _server: server }
    }

    /// The configuration.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("caruman.toml")
    }

    /// What FPX says of a payment, signed: the body of a message.
    pub fn says(&self, store: &Store, payment: &str, (debit, credit): (&str, &str)) -> String {
        let payment = store.payment(payment).expect("a payment");
        let request = PaymentRequest::from_kept(&store.request_of_payment(&payment).expect("kept")).expect("a request");
        let mut answer = BankAnswer::echo(&request);
        answer.transaction_id = format!("2611100905{}", payment.number.trim_start_matches("P-"));
        answer.transaction_time = FpxTime::read("20261110090522");
        (answer.debit_code, answer.credit_code) = (ResponseCode::read(debit), ResponseCode::read(credit));
        answer.signed(&self.key).expect("signed").body()
    }
}
