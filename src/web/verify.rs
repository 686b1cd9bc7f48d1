//! Whether a verification code was made by this office: no database is asked, the signature is the proof.

use serde_json::json;

use super::answer::Answer;
use super::form::Fields;
use super::pages::{Frame, render, word};
use super::site::{Site, language};
use crate::domain::Scheme;
use crate::workflow::receipt::check_code;

/// `GET /verify`.
pub(super) fn show(site: &Site, fields: &Fields) -> Answer {
    let language = language(fields, None);
    let code = fields.get("code");
    let title = word(language, "verify_title", &[]);
    let frame = Frame { language, issuer: &site.issuer, title, path: "/verify", refresh: None };
    let mut values = json!({
        "code": code, "verdict": null, "tone": "", "sign": "", "said": "", "facts": [],
    });
    if !code.is_empty() {
        match check_code(code, &site.receipt_key.public()) {
            Ok(checked) => {
                let act = word(language, if checked.scheme == Scheme::Act4 { "act4" } else { "act800" }, &[]);
                let facts = [
                    ("receipt_number", checked.number),
                    ("act", act),
                    ("employer_code", checked.employer_code),
                    ("date", checked.paid_on.format("%d/%m/%Y").to_string()),
                    ("amount", format!("RM {}", checked.total)),
                    ("transaction", checked.proof),
                ];
                let facts = facts.map(|(name, value)| json!({ "label": word(language, name, &[]), "value": value }));
                (values["tone"], values["sign"]) = (json!("good"), json!("✓"));
                values["verdict"] = word(language, "genuine", &[]).into();
                values["said"] = word(language, "genuine_advice", &[]).into();
                values["facts"] = facts.to_vec().into();
            }
            Err(fault) => {
                (values["tone"], values["sign"]) = (json!("bad"), json!("✕"));
                values["verdict"] = word(language, "not_genuine", &[]).into();
                values["said"] = fault.to_string().into();
            }
        }
    }
    Answer::page(200, render("verify", &frame, values))
}
