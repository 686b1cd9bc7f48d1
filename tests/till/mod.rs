//! An office that pays over FPX, with the bank in a box in the same process: what the stories of paying share.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::{Arc, Mutex};

use caruman::domain::{PaymentModel, PaymentState, Sen};
use caruman::fpx::bank_list::BankListCache;
use caruman::fpx::banks::Environment;
use caruman::fpx::message::Channel;
use caruman::fpx::sign::{MerchantKey, MerchantKeys};
use caruman::fpx::transport::FpxHost;
use caruman::rates::RateBook;
use caruman::simulator::{Decision, Merchant as Known, Simulator, SimulatorKeys};
use caruman::store::Store;
use caruman::store::payments::PaymentRecord;
use caruman::store::receipts::{ReceiptFilter, ReceiptRecord};
use caruman::workflow::cart::{InterestWhen, Line, SummaryOptions, add, summary};
use caruman::workflow::checkout::{Checkout, CheckoutError, Started, chosen, serve_page, start};
use caruman::workflow::merchant::Merchant;
use caruman::workflow::page_word::PageWords;
use caruman::workflow::requery::{Asked, Asking, requery};
use caruman::workflow::settle::{Incoming, Outcome, settle};
use chrono::{DateTime, FixedOffset, TimeDelta};

use super::paying::{EMPLOYER, EXCHANGE, SELLER, acknowledged};
use super::place::Place;

pub const ISSUER: &str = "PEJABAT CONTOH";
pub const BANK: &str = "TEST0021";

/// The office, the bank, and a clock that both look at.
pub struct Till {
    pub store: Arc<Store>,
    pub merchant: Merchant,
    pub bank: Arc<Simulator>,
    pub banks: BankListCache,
    pub words: PageWords,
    pub clock: Arc<Mutex<DateTime<FixedOffset>>>,
}

impl Till {
    pub fn open(place: &Place) -> Till {
        Till::with_host(place, "http://127.0.0.1:1")
    }

    /// With FPX at an address, for pages that lead there.
    pub fn with_host(place: &Place, host: &str) -> Till {
        let clock = Arc::new(Mutex::new(super::paying::start()));
        let store = Arc::new(place.store());
        let keys = SimulatorKeys::make(super::paying::start()).expect("keys");
        let key = MerchantKey::generate().expect("a key");
        let known = Known {
            exchange_id: EXCHANGE.to_owned(),
            seller_ids: vec![SELLER.to_owned()],
            key: key.public().expect("a public key"),
            direct_url: None,
            return_url: None,
        };
        let merchant = Merchant {
            logo: None,
            information: None,
            environment: Environment::Uat,
            host: FpxHost::read(host).expect("a host"),
            exchange_id: EXCHANGE.to_owned(),
            seller_id: SELLER.to_owned(),
            keys: MerchantKeys { active: key, next: None },
            certificates: keys.certificates().expect("certificates"),
        };
        let looked_at = clock.clone();
        let bank = Arc::new(Simulator::new(Box::new(move || *looked_at.lock().expect("a clock")), keys, vec![known]));
        let words = PageWords::open(&store, super::paying::start()).expect("words");
        let banks = BankListCache::new(bank.clone(), merchant.bank_list_settings());
        Till { store, merchant, bank, banks, words, clock }
    }

    pub fn now(&self) -> DateTime<FixedOffset> {
        *self.clock.lock().expect("a clock")
    }

    /// So many minutes go by.
    pub fn wait(&self, minutes: i64) {
        *self.clock.lock().expect("a clock") += TimeDelta::minutes(minutes);
    }

    /// A pair of acknowledgements in the cart: RM 67.10 and RM 11.80.
    pub fn fill_cart(&self) -> Vec<String> {
        let pair = acknowledged(&self.store, 1).remove(0).to_vec();
        add(&self.store, EMPLOYER, &pair, "clerk", self.now()).expect("in the cart");
        pair
    }

    /// Continue, with what is in the cart.
    pub fn start(&self, model: PaymentModel, bank: &str) -> Result<Started, CheckoutError> {
        self.start_with(&self.lines(model), model, bank)
    }

    /// What the summary adds up; nothing for an empty cart.
    pub fn lines(&self, model: PaymentModel) -> Vec<Line> {
        let options = SummaryOptions { model: Some(model), interest: InterestWhen::Now, day: self.now().date_naive() };
        match summary(&self.store, RateBook::embedded(), EMPLOYER, &options) {
            Ok(summed) => chosen(&summed, model, None).expect("fits"),
            Err(_) => Vec::new(),
        }
    }

    /// Continue, with what a summary said before.
    pub fn start_with(&self, lines: &[Line], model: PaymentModel, bank: &str) -> Result<Started, CheckoutError> {
        let offers = self.banks.offers(model, self.now()).banks;
        let checkout = Checkout {
            employer_code: EMPLOYER,
            model,
            bank,
            mail: "clerk@example.my",
            lines,
            offers: &offers,
            who: "clerk",
        };
        start(&self.store, &self.merchant, &self.words, &checkout, self.now())
    }

    /// The body that the browser takes to FPX.
    pub fn served(&self, number: &str) -> String {
        serve_page(&self.store, &self.merchant, number, self.now()).expect("served").1.body()
    }

    /// From the cart to the bank and its decision; gives the payment's number and what FPX sends.
    pub fn pay(&self, model: PaymentModel, decision: Decision) -> (String, caruman::simulator::Paid) {
        let started = self.start(model, BANK).expect("started");
        let paid = self.bank.pay(&self.served(&started.number), decision);
        (started.number, paid)
    }

    /// Hands a message of FPX in.
    pub fn hear(&self, channel: Channel, body: &str) -> Outcome {
        let incoming = Incoming { channel, body: body.as_bytes().to_vec() };
        settle(&self.merchant.desk(&self.store, ISSUER), &[incoming], self.now()).expect("settled").remove(0)
    }

    pub fn asking(&self) -> Asking<'_> {
        Asking { store: &self.store, merchant: &self.merchant, transport: &*self.bank, issuer: ISSUER, seed: 1 }
    }

    /// Asks FPX a minute later.
    pub fn ask(&self, number: &str) -> Asked {
        self.wait(1);
        requery(&self.asking(), number, self.now()).expect("asked")
    }

    pub fn payment(&self, number: &str) -> PaymentRecord {
        self.store.payment(number).expect("a payment")
    }

    pub fn state(&self, number: &str) -> PaymentState {
        self.payment(number).state
    }

    pub fn receipts(&self, number: &str) -> Vec<ReceiptRecord> {
        let filter = ReceiptFilter { payment: Some(number.to_owned()), ..ReceiptFilter::default() };
        self.store.receipts(&filter).expect("receipts")
    }

    /// What is paid stands on two receipts, one for each Act, and on the books once.
    pub fn paid_once(&self, number: &str) {
        assert_eq!(self.state(number), PaymentState::Paid);
        let receipts = self.receipts(number);
        assert_eq!(receipts.len(), 2);
        assert_eq!(receipts.iter().map(|receipt| receipt.total).sum::<Sen>(), Sen(7_890));
        super::paying::laws_hold(&self.store);
    }
}
