//! Calls of `/admin/…` for scripts and tests: JSON in, JSON out.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};

use super::http::{Served, answer};
use super::{AdminError, Faults, Mismatch};
use crate::fpx::message::decode_form;

type Answer = Response<Body>;

/// What is looked at: `transactions`, `outgoing`, `settlement` (with `day` and, if wanted, `plant`).
pub(super) fn look(served: &Served, call: &str, query: &str) -> Answer {
    match call {
        "transactions" => json(StatusCode::OK, &json!(served.simulator.transactions())),
        "outgoing" => {
            let waiting = served.simulator.outgoing().into_iter().map(|message| {
                let due = message.due.to_rfc3339();
                json!({"exchange_order_number": message.exchange_order_number, "due": due, "tries_left": message.tries_left})
            });
            json(StatusCode::OK, &Value::Array(waiting.collect()))
        }
        "settlement" => settlement(served, query),
        _ => refused(StatusCode::NOT_FOUND, "look at transactions, outgoing or settlement"),
    }
}

fn settlement(served: &Served, query: &str) -> Answer {
    let fields = decode_form(query.as_bytes()).unwrap_or_default();
    let field = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str());
    let Ok(day) = field("day").parse::<NaiveDate>() else {
        return refused(StatusCode::BAD_REQUEST, "write the day, such as day=2026-11-23");
    };
    let planted: Option<Vec<Mismatch>> =
        field("plant").split(',').filter(|name| !name.is_empty()).map(Mismatch::named).collect();
    let Some(planted) = planted else {
        let names: Vec<_> = Mismatch::NAMED.iter().map(|(name, _)| *name).collect();
        return refused(StatusCode::BAD_REQUEST, &format!("plant some of {}", names.join(", ")));
    };
    match served.simulator.settlement_csv(day, &planted) {
        Ok(text) => answer(StatusCode::OK, "text/csv; charset=utf-8", text),
        Err(fault) => refused(StatusCode::INTERNAL_SERVER_ERROR, &fault.to_string()),
    }
}

/// What is done. `number` is an exchange order number or an FPX transaction id.
pub(super) fn carry_out(served: &Served, call: &str, body: &[u8]) -> Answer {
    let asked: Value = match body.trim_ascii() {
        b"" => Value::Null,
        text => match serde_json::from_slice(text) {
            Ok(asked) => asked,
            Err(error) => return refused(StatusCode::BAD_REQUEST, &format!("this is no JSON: {error}")),
        },
    };
    match done(served, call, &asked) {
        Ok(()) => json(StatusCode::OK, &json!({"done": call})),
        Err(Refusal::Said(sentence)) => refused(StatusCode::BAD_REQUEST, &sentence),
        Err(Refusal::Admin(fault @ AdminError::Unknown(_))) => refused(StatusCode::NOT_FOUND, &fault.to_string()),
        Err(Refusal::Admin(fault)) => refused(StatusCode::CONFLICT, &fault.to_string()),
    }
}

enum Refusal {
    Said(String),
    Admin(AdminError),
}

impl From<AdminError> for Refusal {
    fn from(fault: AdminError) -> Refusal {
        Refusal::Admin(fault)
    }
}

fn done(served: &Served, call: &str, asked: &Value) -> Result<(), Refusal> {
    let simulator = &served.simulator;
    let text =
        |name: &str| asked[name].as_str().ok_or_else(|| Refusal::Said(format!("{call} needs \"{name}\", a text")));
    let texts = |name: &str| {
        let list: Option<Vec<&str>> = asked[name].as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        list.ok_or_else(|| Refusal::Said(format!("{call} needs \"{name}\", a list of texts")))
    };
    match call {
        "outcome" => simulator.set_outcome(text("number")?, text("code")?)?,
        "release" => simulator.release(text("number")?)?,
        "authorise" => simulator.authorise(text("number")?)?,
        "reject" => simulator.reject(text("number")?, asked["code"].as_str())?,
        "next" => simulator.force_next(text("code")?)?,
        "faults" => {
            let faults = Faults::of(texts("faults")?).map_err(|fault| Refusal::Said(fault.to_string()))?;
            simulator.set_faults(faults);
        }
        "offline" => simulator.set_offline(texts("banks")?.into_iter().map(str::to_owned)),
        "clock" => {
            let now = DateTime::parse_from_rfc3339(text("now")?)
                .map_err(|_| Refusal::Said("write a moment such as 2026-11-23T09:00:00+08:00".to_owned()))?;
            simulator.set_clock(now);
        }
        "rotate" => {
            simulator.rotate().map_err(AdminError::Key)?;
            served.write_keys().map_err(Refusal::Said)?;
        }
        "deliver" => {
            simulator.deliver_due(served.deliver.as_ref());
        }
        _ => {
            let calls = "outcome, release, authorise, reject, next, faults, offline, clock, rotate, deliver";
            return Err(Refusal::Said(format!("there is no call {call}; make one of {calls}")));
        }
    }
    Ok(())
}

fn json(status: StatusCode, value: &Value) -> Answer {
    answer(status, "application/json", value.to_string())
}

pub(super) fn refused(status: StatusCode, sentence: &str) -> Answer {
    json(status, &json!({"error": sentence}))
}
