//! Killed on the way from the cart to the receipt: a payment is settled once, and its page leaves once.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use caruman::config::Config;
use caruman::domain::PaymentState;
use caruman::domain::states::AcknowledgementState;
use caruman::store::payments::{PaymentFilter, PaymentRecord};
use caruman::store::receipts::ReceiptFilter;
use caruman::store::{Filter, Store};
use caruman::vault::Vault;
use caruman::workflow::checkout::serve_page;
use caruman::workflow::merchant::Merchant;
use caruman::workflow::selfcheck::selfcheck;

use crate::flows::{joint, row};
use crate::office::{BANK, Office};
use crate::place::Place;
use crate::tools::{Fault, NOW, Traced, long, run, trace};

const CODE: &str = "K0000000001W";
static OFFICE: LazyLock<Office> = LazyLock::new(|| Office::new(NOW));

/// Every call, or every tenth one; on PostgreSQL, where each try copies a database, every twenty-fifth.
fn step(place: &Place) -> u64 {
    match (long(), &place.url) {
        (true, _) => 1,
        (false, None) => 10,
        (false, Some(_)) => 25,
    }
}

/// The program with its options.
fn arguments(place: &Place, words: &[&str]) -> Vec<OsString> {
    let mut all: Vec<OsString> = vec![env!("CARGO_BIN_EXE_caruman").into()];
    all.extend(["--config".into(), OFFICE.config().into(), "--data".into(), place.data.path().into()]);
    all.extend(["--now".into(), NOW.into()]);
    if let Some(url) = &place.url {
        all.extend(["--database".into(), url.into()]);
    }
    all.extend(words.iter().map(Into::into));
    all
}

/// Runs to the end; gives the exit status, and what was said.
fn done(place: &Place, words: &[&str]) -> (Option<i32>, String) {
    let output = run(arguments(place, words));
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

fn well(place: &Place, words: &[&str]) {
    let (status, said) = done(place, words);
    assert_eq!(status, Some(0), "{words:?}: {said}");
}

fn traced(place: &Place, at: u64, words: &[&str]) -> Traced {
    let mut watched = place.data.path().as_os_str().to_owned();
    if place.url.is_some() {
        watched.push(":socket");
    }
    trace(&place.data.path().with_extension("report"), at, &watched, Fault::Kill, &arguments(place, words))
}

/// Two acknowledgements of one employer in the cart.
fn fill_cart(place: &Place) {
    let file = place.data.path().join(format!("{CODE}.txt"));
    std::fs::write(&file, joint(&[1, 2].map(|n| row(n, "2026-10", 300_000).of(CODE)))).expect("written");
    well(place, &["submit", text(&file)]);
    well(place, &["cart", "add", "--employer", CODE, "--all"]);
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// In the data folder, and so watched and copied with it.
fn page(place: &Place, name: &str) -> PathBuf {
    place.data.path().join(name)
}

fn paying(page: &Path) -> [&str; 9] {
    ["pay", "--employer", CODE, "--model", "b2c", "--bank", BANK, "--out", text(page)]
}

/// What FPX says when it was approved, kept in a file.
fn approval(place: &Place, payment: &str) -> PathBuf {
    let file = page(place, "approval");
    std::fs::write(&file, OFFICE.says(&place.store(), payment, ("00", "00"))).expect("written");
    file
}

fn payments(store: &Store) -> Vec<PaymentRecord> {
    store.payments(&PaymentFilter::default()).expect("payments")
}

fn standing(store: &Store) -> BTreeSet<&'static str> {
    let all = store.acknowledgements(&Filter::default()).expect("acknowledgements");
    assert_eq!(all.len(), 2);
    all.iter().map(|one| one.state.id()).collect()
}

/// `selfcheck --deep` finds nothing, and the books balance.
fn sound(place: &Place, store: &Store) -> Result<(), String> {
    let vault = Vault::new(place.data.path(), store.master_key());
    let day = "2026-11-10".parse().expect("a day");
    let report = selfcheck(store, &vault, &[], (day, true), |_| ()).map_err(|error| error.to_string())?;
    report.breach.map_or(Ok(()), |breach| Err(breach.to_string()))?;
    match store.first_unbalanced_entry().map_err(|error| error.to_string())? {
        None => Ok(()),
        Some(entry) => Err(format!("entry {entry} does not balance")),
    }
}

/// One receipt for each Act, one entry in the books, nothing left at the bank.
fn settled_once(place: &Place, payment: &str) -> Result<(), String> {
    let store = place.store();
    sound(place, &store)?;
    let filter = ReceiptFilter { payment: Some(payment.to_owned()), ..ReceiptFilter::default() };
    let receipts = store.receipts(&filter).expect("receipts");
    let acts: BTreeSet<&str> = receipts.iter().map(|receipt| receipt.scheme.id()).collect();
    let entries: BTreeSet<i64> = store.journal(payment).expect("entries").iter().map(|line| line.entry).collect();
    let all = store.receipts(&ReceiptFilter::default()).expect("receipts").len();
    if (receipts.len(), acts.len(), all, entries.len()) != (2, 2, 2, 1) {
        return Err(format!("{payment} has {receipts:?} of {all} and entries {entries:?}"));
    }
    let at = (store.payment(payment).expect("it").state, standing(&store));
    let wanted = (PaymentState::Paid, BTreeSet::from([AcknowledgementState::Receipted.id()]));
    if at == wanted { Ok(()) } else { Err(format!("{payment} is {at:?}")) }
}

/// An approval is handed in and the program killed over it: after the restart the same message settles it, once.
fn killed_while_settling(place: &Place) {
    fill_cart(place);
    well(place, &paying(&page(place, "page.html")));
    let payment = "P-000001";
    let message = approval(place, payment);
    let name = message.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let (mut at, mut tried, mut before) = (1, 0, 0);
    loop {
        let copy = place.copy();
        let message = page(&copy, &name);
        let words = ["payment", "receive", text(&message)];
        let killed = traced(&copy, at, &words);
        let told = |error: String| panic!("killed at call {at} ({}): {error}", killed.last);
        let store = copy.store();
        sound(&copy, &store).unwrap_or_else(told);
        match store.payment(payment).expect("it").state {
            PaymentState::Paid => settled_once(&copy, payment).unwrap_or_else(told),
            state => {
                before += 1;
                assert_eq!((state, standing(&store).len()), (PaymentState::Sent, 1), "{killed:?}");
                assert!(killed.out.is_empty() && store.receipts(&ReceiptFilter::default()).expect("read").is_empty());
            }
        }
        drop(store);
        // FPX repeats what was not answered, and sends the browser with the same words.
        well(&copy, &words);
        settled_once(&copy, payment).unwrap_or_else(told);
        well(&copy, &["payment", "receive", "--channel", "indirect", text(&message)]);
        settled_once(&copy, payment).unwrap_or_else(told);
        tried += 1;
        if !killed.killed {
            break;
        }
        at += step(place);
    }
    eprintln!("settling was killed at {tried} calls, {before} times before it was kept");
    assert!(before > 2 && before < tried, "calls on both sides of the commit");
}

/// The page that goes to the bank, as far as it was written.
fn written(page: &Path) -> bool {
    std::fs::metadata(page).is_ok_and(|file| file.len() > 0)
}

/// From the cart to the bank: the cart is whole or all of it is locked by one attempt, and its page leaves at most once.
fn killed_while_paying(place: &Place) {
    fill_cart(place);
    let merchant = merchant();
    let (mut at, mut tried, mut ends) = (1, 0, [0; 4]);
    loop {
        let copy = place.copy();
        let (first, second) = (page(&copy, "first.html"), page(&copy, "second.html"));
        let killed = traced(&copy, at, &paying(&first));
        let told = |error: String| panic!("killed at call {at} ({}): {error}", killed.last);
        let store = copy.store();
        sound(&copy, &store).unwrap_or_else(told);
        let (found, states) = (payments(&store), standing(&store));
        let state = found.first().map(|payment| payment.state);
        let locked = if found.is_empty() { "in-cart" } else { "at-bank" };
        assert_eq!((found.len() <= 1, states), (true, BTreeSet::from([locked])), "{killed:?}");
        assert!(!written(&first) || state == Some(PaymentState::Sent), "a page that nobody knows of: {killed:?}");
        drop(store);
        // Once more, as a person would.
        let (status, said) = done(&copy, &paying(&second));
        assert_eq!(
            (status, written(&second)),
            if state.is_none() { (Some(0), true) } else { (Some(2), false) },
            "{said}"
        );
        let store = copy.store();
        let payment = payments(&store).first().expect("one").number.clone();
        assert_eq!(payments(&store).len(), 1);
        let served = || serve_page(&store, &merchant, &payment, NOW.parse().expect("a moment")).is_ok();
        assert_eq!(served(), state == Some(PaymentState::Created), "served twice, or never: {killed:?}");
        assert!(!served() && store.payment(&payment).expect("it").state == PaymentState::Sent, "{killed:?}");
        drop(store);
        ends[match state {
            None => 0,
            Some(PaymentState::Created) => 1,
            Some(_) if !written(&first) => 2,
            Some(_) => 3,
        }] += 1;
        well(&copy, &["payment", "receive", text(&approval(&copy, &payment))]);
        settled_once(&copy, &payment).unwrap_or_else(told);
        tried += 1;
        if !killed.killed {
            break;
        }
        at += step(place);
    }
    let [cart, created, lost, page] = ends;
    eprintln!(
        "paying was killed at {tried} calls: {cart} left the cart whole, {created} an attempt without its page, {lost} \
         counted as sent without a page, {page} with it"
    );
    assert!(cart > 2 && created > 0 && page > 0, "calls on all sides of both commits");
}

fn merchant() -> Merchant {
    let config = Config::load(Some(&OFFICE.config())).expect("settings");
    Merchant::load(&config.fpx.expect("FPX")).expect("a merchant")
}

#[test]
fn killed_at_each_call_of_settling() {
    killed_while_settling(&Place::sqlite());
}

#[test]
fn killed_at_each_call_of_settling_on_postgres() {
    if let Some(place) = Place::postgres() {
        killed_while_settling(&place);
    }
}

#[test]
fn killed_at_each_call_of_paying() {
    killed_while_paying(&Place::sqlite());
}

#[test]
fn killed_at_each_call_of_paying_on_postgres() {
    if let Some(place) = Place::postgres() {
        killed_while_paying(&place);
    }
}
