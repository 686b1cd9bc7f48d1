//! What FPX looks at before the bank sees a payment, in one table. Which check the real FPX makes first is not published.

use chrono::NaiveTime;

use super::form::{FieldFault, Form};
use super::inside::Inside;
use crate::domain::PaymentModel;
use crate::fpx::banks::{Banks, Environment};
use crate::fpx::limits::{LimitBreach, Limits};
use crate::fpx::message::Layout;
use crate::fpx::value::{FpxTime, read_amount};

/// The token of the model between hosts, which FPX knows and these merchants do not have.
const HOST_TO_HOST: &str = "03";

/// What a check looks at.
pub(super) struct Look<'a> {
    pub(super) form: &'a Form,
    pub(super) inside: &'a Inside,
    pub(super) now: FpxTime,
}

/// One check: the code of its fault, if there is one.
pub(super) struct Check {
    find: fn(&Look<'_>) -> Option<&'static str>,
    /// Whether FPX numbers the payment that it refuses: it is then known when asked, and the server hears of it too.
    numbered: bool,
}

const fn refusal(find: fn(&Look<'_>) -> Option<&'static str>) -> Check {
    Check { find, numbered: false }
}

const fn numbered(find: fn(&Look<'_>) -> Option<&'static str>) -> Check {
    Check { find, numbered: true }
}

/// All of them, in their order. Numbers that stand already cannot be numbered again, so duplicates come before what is
/// numbered.
pub(super) const IN_ORDER: [Check; 14] = [
    refusal(fields),
    refusal(exchange),
    refusal(signature),
    refusal(seller),
    refusal(type_and_version),
    refusal(model),
    refusal(currency),
    refusal(amount),
    refusal(duplicate_exchange_order),
    refusal(duplicate_seller_order),
    numbered(limits),
    numbered(bank),
    numbered(time_difference),
    numbered(operating_hours),
];

/// The first fault, and whether the payment is numbered nevertheless.
pub(super) fn first_fault(look: &Look<'_>) -> Option<(&'static str, bool)> {
    IN_ORDER.iter().find_map(|check| (check.find)(look).map(|code| (code, check.numbered)))
}

fn when(fault: bool, code: &'static str) -> Option<&'static str> {
    fault.then_some(code)
}

fn fields(look: &Look<'_>) -> Option<&'static str> {
    match look.form.fault(Layout::Request) {
        None => None,
        Some(FieldFault::Missing) => Some("XE"),
        Some(FieldFault::Value) => Some("30"),
    }
}

fn exchange(look: &Look<'_>) -> Option<&'static str> {
    when(look.inside.merchant(look.form.get("fpx_sellerExId")).is_none(), "XI")
}

fn signature(look: &Look<'_>) -> Option<&'static str> {
    let merchant = look.inside.merchant(look.form.get("fpx_sellerExId"))?;
    when(!look.form.is_signed_by(Layout::Request, &merchant.key), "XC")
}

fn seller(look: &Look<'_>) -> Option<&'static str> {
    let merchant = look.inside.merchant(look.form.get("fpx_sellerExId"))?;
    when(!merchant.seller_ids.iter().any(|id| id == look.form.get("fpx_sellerId")), "XS")
}

fn type_and_version(look: &Look<'_>) -> Option<&'static str> {
    when(look.form.get("fpx_msgType") != "AR", "XT")
        .or_else(|| when(look.form.get("fpx_version") != Limits::embedded().version, "XE"))
}

fn model(look: &Look<'_>) -> Option<&'static str> {
    match look.form.get("fpx_msgToken") {
        HOST_TO_HOST => Some("83"),
        token => when(Limits::embedded().model_of(token).is_none(), "XM"),
    }
}

fn currency(look: &Look<'_>) -> Option<&'static str> {
    when(look.form.get("fpx_txnCurrency") != Limits::embedded().currency, "47")
}

fn amount(look: &Look<'_>) -> Option<&'static str> {
    when(read_amount(look.form.get("fpx_txnAmount")).is_none(), "13")
}

fn duplicate_exchange_order(look: &Look<'_>) -> Option<&'static str> {
    when(look.inside.transactions.contains_key(&Inside::key_of(look.form)), "XN")
}

fn duplicate_seller_order(look: &Look<'_>) -> Option<&'static str> {
    let (exchange, number) = (look.form.get("fpx_sellerExId"), look.form.get("fpx_sellerOrderNo"));
    when(look.inside.seller_orders.contains(&(exchange.to_owned(), number.to_owned())), "45")
}

fn limits(look: &Look<'_>) -> Option<&'static str> {
    let model = Limits::embedded().model_of(look.form.get("fpx_msgToken"))?;
    let amount = read_amount(look.form.get("fpx_txnAmount"))?;
    match (Limits::embedded().check(model, amount).err()?, model) {
        (LimitBreach::BelowMinimum { .. }, _) => Some("2A"),
        (LimitBreach::AboveMaximum { .. }, PaymentModel::B2b1) => Some("2B"),
        (LimitBreach::AboveMaximum { .. }, PaymentModel::B2c) => Some("2C"),
    }
}

fn bank(look: &Look<'_>) -> Option<&'static str> {
    let model = Limits::embedded().model_of(look.form.get("fpx_msgToken"))?;
    let code = look.form.get("fpx_buyerBankId");
    let known = |model| Banks::embedded().name(code, model, Environment::Uat).is_some();
    match known(model) {
        true => when(look.inside.offline.contains(code), "BB"),
        false => Some(if PaymentModel::ALL.into_iter().any(known) { "31" } else { "92" }),
    }
}

fn time_difference(look: &Look<'_>) -> Option<&'static str> {
    // What is no time is too far from any.
    let given = FpxTime::read(look.form.get("fpx_sellerTxnTime"));
    let apart = given.map(|given| (look.now.moment() - given.moment()).abs());
    when(apart.is_none_or(|apart| apart > look.inside.rules.time_difference), "XW")
}

fn operating_hours(look: &Look<'_>) -> Option<&'static str> {
    let (open, close) = look.inside.rules.operating_hours?;
    let time: NaiveTime = look.now.moment().time();
    when(time < open || time >= close, "OE")
}
