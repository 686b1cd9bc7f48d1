//! What the simulator knows, and the few changes that everything else is made of.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, FixedOffset};

use super::answer::{Said, Saying, answer};
use super::direct::{INDIRECT_AHEAD, Outgoing};
use super::faults::{Faults, MessageOrder};
use super::form::{Dress, Form, body};
use super::{Back, Decision, Merchant, Rules, SimulatorKeys};
use crate::domain::{PaymentEvent, PaymentModel};
use crate::fpx::banks::{Banks, Environment};
use crate::fpx::codes::{Codes, ResponseCode};
use crate::fpx::sign::{KeyFault, MerchantKey};
use crate::fpx::value::FpxTime;

/// Banks that are offline at first, one of each model.
const OFFLINE: [&str; 2] = ["BOCM01", "UOB0228"];
/// A bank that nobody knows.
const UNKNOWN_BANK: &str = "NEW0001";
/// The code of a payment whose bank has not finished.
const PENDING: &str = "09";
/// Payments of one second that four digits tell apart.
const IN_A_SECOND: u64 = 10_000;

/// Exchange id and exchange order number.
pub(super) type Key = (String, String);

pub(super) struct Inside {
    pub(super) shift: Duration,
    pub(super) keys: SimulatorKeys,
    pub(super) merchants: Vec<Merchant>,
    pub(super) rules: Rules,
    pub(super) faults: Faults,
    pub(super) offline: BTreeSet<String>,
    pub(super) transactions: BTreeMap<Key, Transaction>,
    pub(super) seller_orders: BTreeSet<(String, String)>,
    /// FPX transaction id to key.
    pub(super) ids: BTreeMap<String, Key>,
    pub(super) outgoing: Vec<Outgoing>,
    /// Payments that are approved after they failed, and when.
    pub(super) late: Vec<(DateTime<FixedOffset>, Key)>,
    /// What becomes of the next payment that nobody decides.
    pub(super) forced: Option<Decision>,
    counted: u64,
    seed: u64,
}

/// A payment that FPX has numbered.
pub(super) struct Transaction {
    pub(super) id: String,
    pub(super) time: FpxTime,
    pub(super) form: Form,
    pub(super) code: String,
    /// The browser has not come back from the bank.
    pub(super) at_bank: bool,
    /// How often it was asked about.
    pub(super) asked: u32,
}

impl Inside {
    pub(super) fn new(keys: SimulatorKeys, merchants: Vec<Merchant>) -> Inside {
        Inside {
            shift: Duration::zero(),
            keys,
            merchants,
            rules: Rules::default(),
            faults: Faults::default(),
            offline: OFFLINE.map(str::to_owned).into(),
            transactions: BTreeMap::new(),
            seller_orders: BTreeSet::new(),
            ids: BTreeMap::new(),
            outgoing: Vec::new(),
            late: Vec::new(),
            forced: None,
            counted: 0,
            seed: 0,
        }
    }

    pub(super) fn key_of(form: &Form) -> Key {
        (form.get("fpx_sellerExId").to_owned(), form.get("fpx_sellerExOrderNo").to_owned())
    }

    pub(super) fn merchant(&self, exchange_id: &str) -> Option<&Merchant> {
        self.merchants.iter().find(|merchant| merchant.exchange_id == exchange_id)
    }

    pub(super) fn signing_key(&self) -> &MerchantKey {
        if self.faults.sign_with_next { &self.keys.next.key } else { &self.keys.current.key }
    }

    /// How the next message leaves: each in another order.
    pub(super) fn next_dress(&mut self) -> Dress {
        self.seed = self.seed.wrapping_add(1);
        Dress { lower_case: self.faults.lower_case, extra_field: self.faults.extra_field, seed: self.seed }
    }

    /// Gives a payment its number.
    pub(super) fn number(&mut self, form: Form, time: FpxTime) -> Key {
        let key = Inside::key_of(&form);
        let second = time.moment().format("%y%m%d%H%M%S");
        self.counted += 1;
        let plain = format!("{second}{:04}", self.counted % IN_A_SECOND);
        // A test whose clock stands still pays more often in a second than the number has room for.
        let id = if self.ids.contains_key(&plain) { format!("{second}{}", self.counted) } else { plain };
        self.ids.insert(id.clone(), key.clone());
        self.seller_orders.insert((key.0.clone(), form.get("fpx_sellerOrderNo").to_owned()));
        let transaction = Transaction { id, time, form, code: PENDING.to_owned(), at_bank: true, asked: 0 };
        self.transactions.insert(key.clone(), transaction);
        key
    }

    /// The browser goes back to where the merchant wants it.
    pub(super) fn back(&mut self, form: &Form, said: &Said) -> Result<Back, KeyFault> {
        let url = self.merchant(form.get("fpx_sellerExId")).and_then(|merchant| merchant.return_url.clone());
        let fields = if self.faults.drop_indirect { Vec::new() } else { answer(self, said, Saying::Unasked)? };
        Ok(Back { code: said.code().to_owned(), url, fields })
    }

    /// Ends what the browser does at the bank.
    pub(super) fn end(&mut self, key: &Key, code: &str, now: DateTime<FixedOffset>) -> Result<Back, KeyFault> {
        let ahead = self.faults.order == MessageOrder::IndirectFirst;
        self.turn(key, code, now + if ahead { INDIRECT_AHEAD } else { Duration::zero() })?;
        let transaction = &self.transactions[key];
        let (form, said) = (transaction.form.clone(), Said::of(transaction));
        self.back(&form, &said)
    }

    /// The payment stands so from now on, and the server says so at `due`.
    pub(super) fn turn(&mut self, key: &Key, code: &str, due: DateTime<FixedOffset>) -> Result<(), KeyFault> {
        let transaction = self.transactions.get_mut(key).expect("whoever turns a payment has found it");
        code.clone_into(&mut transaction.code);
        transaction.at_bank = false;
        let said = Said::of(transaction);
        if self.faults.drop_direct {
            return Ok(());
        }
        let body = body(&answer(self, &said, Saying::Unasked)?);
        let url = self.merchant(&key.0).and_then(|merchant| merchant.direct_url.clone()).unwrap_or_default();
        let message = Outgoing {
            exchange_order_number: key.1.clone(),
            url,
            body,
            due: due + self.faults.delay_direct,
            tries_left: self.faults.resend,
        };
        self.outgoing.extend((0..self.faults.copies.max(1)).map(|_| message.clone()));
        Ok(())
    }

    /// Where the fault is on, a payment that has failed is approved later.
    pub(super) fn approve_later(&mut self, key: &Key, now: DateTime<FixedOffset>) {
        let code = ResponseCode::read(&self.transactions[key].code);
        let failed = Codes::embedded().class(code.as_ref()).event() == PaymentEvent::Fail;
        if let Some(later) = self.faults.late_approval.filter(|_| failed) {
            self.late.push((now + later, key.clone()));
        }
    }

    /// `CODE~S,CODE~S,…` in an order that means nothing.
    pub(super) fn bank_list(&mut self, model: PaymentModel) -> String {
        let seed = self.next_dress().seed;
        let codes = Banks::embedded().codes(model, Environment::Uat);
        let mut list: Vec<String> = codes
            .map(|code| format!("{code}~{}", if self.offline.contains(code) { 'B' } else { 'A' }))
            .chain(self.faults.unknown_bank.then(|| format!("{UNKNOWN_BANK}~A")))
            .collect();
        if self.faults.odd_status {
            let odd = list.first_mut().expect("banks are compiled in");
            odd.replace_range(odd.len() - 1.., "X");
        }
        super::form::shuffle(&mut list, seed);
        list.join(",")
    }
}
