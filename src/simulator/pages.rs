//! The simulator's pages: plain HTML, one small style sheet, readable on a telephone, and marked as what they are.

use std::fmt::Write as _;

use super::{Back, Decision, Stage, TransactionView};
use crate::fpx::banks::{Banks, Environment};
use crate::fpx::limits::Limits;

/// The only script: the form goes on by itself. Where scripts are off, its button is pressed.
pub(super) const GO_ON: &str = "document.forms[0].submit()";

const STYLE: &str = "\
:root{color-scheme:light dark}*{box-sizing:border-box}\
body{margin:0;font:16px/1.5 system-ui,sans-serif;background:#f3f5f8;color:#1b2430}\
header{background:#8a1c1c;color:#fff;padding:.6rem 1rem;font-weight:600;text-align:center}\
main{max-width:40rem;margin:1.5rem auto;padding:1.25rem;background:#fff;border:1px solid #d5dbe3;border-radius:.6rem}\
main.wide{max-width:60rem}h1{font-size:1.3rem;margin:0 0 1rem}h2{font-size:1.05rem;margin:1.5rem 0 .5rem}\
table{width:100%;border-collapse:collapse;margin:.5rem 0 1rem}th,td{text-align:left;padding:.4rem .5rem;\
border-bottom:1px solid #e3e7ed;vertical-align:top}th.sum,td.sum{text-align:right;font-variant-numeric:tabular-nums}\
.amount{font-size:1.6rem;font-weight:700}.scroll{overflow-x:auto}\
label{display:block;margin:.3rem 0}fieldset{border:1px solid #d5dbe3;border-radius:.4rem;margin:0 0 1rem}\
tr.upper td{border-bottom:0}button{font:inherit;padding:.6rem 1rem;margin:.25rem .25rem .25rem 0;border-radius:.4rem;\
border:1px solid #9aa7b6;background:#fff;color:#1b2430;cursor:pointer;min-height:2.75rem}\
button.first{background:#0b5d3b;border-color:#0b5d3b;color:#fff;font-weight:600}\
.note{color:#55606e;font-size:.9rem}a{color:#0b4f8a}\
@media(prefers-color-scheme:dark){body{background:#12161c;color:#e6eaf0}main{background:#1b212a;border-color:#36404d}\
th,td{border-color:#36404d}fieldset{border-color:#36404d}button{background:#262e39;color:#e6eaf0}.note{color:#a9b4c2}\
a{color:#8cc1f2}}";

/// Text for HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

fn page(title: &str, class: &str, content: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} – FPX simulator</title>\
         <style>{STYLE}</style></head><body><header>FPX simulator – no real money</header>\
         <main class=\"{class}\"><h1>{title}</h1>{content}</main></body></html>"
    )
}

fn bank_name(view: &TransactionView) -> String {
    let model = Limits::embedded().model_of(&view.token);
    let name = model.and_then(|model| Banks::embedded().name(&view.bank, model, Environment::Uat));
    name.unwrap_or(&view.bank).to_owned()
}

fn button(decision: &str, text: &str, class: &str) -> String {
    format!("<button class=\"{class}\" name=\"action\" value=\"{decision}\">{}</button>", escaped(text))
}

/// The bank's page for the buyer, or the maker.
pub(super) fn bank(view: &TransactionView) -> String {
    let corporate = view.token == super::decision::CORPORATE;
    let mut content = format!(
        "<p class=\"amount\">RM {}</p><table><tr><th>For</th><td>{}</td></tr><tr><th>To</th><td>Merchant {}</td></tr>\
         <tr><th>Order</th><td>{}</td></tr><tr><th>FPX transaction ID</th><td>{}</td></tr></table>\
         <form method=\"post\" action=\"/bank/{}\"><fieldset><legend>Pay from</legend>",
        escaped(&view.amount),
        escaped(&view.description),
        escaped(&view.exchange_id),
        escaped(&view.seller_order_number),
        escaped(&view.id),
        escaped(&view.id),
    );
    for (checked, account) in [("checked", "Current account 0000 1111"), ("", "Savings account 0000 2222")] {
        let _ = write!(
            content,
            "<label><input type=\"radio\" name=\"account\" value=\"{account}\" {checked}> {account}</label>"
        );
    }
    content.push_str("</fieldset><p>");
    content.push_str(&if corporate {
        button("submit", "Submit to the authoriser", "first") + &button("approve", "Approve at once", "")
    } else {
        button("approve", "Approve", "first")
    });
    content.push_str(&button("cancel", "Cancel", ""));
    content.push_str("</p><h2>Or let it go wrong</h2><p>");
    for (name, text) in [
        ("no-funds", "Not enough money (51)"),
        ("cancel-login", "Cancel at the login (1C)"),
        ("time-out", "Let it time out (1J)"),
        ("bank-error", "Fault of the bank (85)"),
        ("pending", "Leave pending (09)"),
    ] {
        content.push_str(&button(name, text, ""));
    }
    content.push_str("</p></form>");
    let role = if corporate { "maker" } else { "customer" };
    page(&format!("{}: logged in as the {role}", bank_name(view)), "", &content)
}

/// What waits for the authoriser, and what the bank has not finished.
pub(super) fn authoriser(views: &[TransactionView]) -> String {
    let mut content = String::new();
    for (stage, heading, actions) in [
        (
            Stage::AwaitingAuthoriser,
            "Waiting for you",
            &[("approve", "Approve", "first"), ("reject", "Reject", ""), ("ignore", "Leave it", "")][..],
        ),
        (Stage::Pending, "Not finished by the bank", &[("release", "Let the bank finish", "")][..]),
    ] {
        let _ = write!(content, "<h2>{heading}</h2>");
        let rows: String = views.iter().filter(|view| view.stage == stage).map(|view| row(view, actions)).collect();
        content.push_str(&table(&rows));
    }
    content.push_str("<p><a href=\"/\">All payments</a></p>");
    page("Logged in as the authoriser", "wide", &content)
}

/// Every payment.
pub(super) fn overview(views: &[TransactionView]) -> String {
    let rows: String = views.iter().rev().map(|view| row(view, &[])).collect();
    let content = format!(
        "<p>Payments that came since this simulator was started. Nothing here moves money.</p>{}\
         <p><a href=\"/authoriser\">Log in as the authoriser</a></p>",
        table(&rows)
    );
    page("Payments", "wide", &content)
}

fn table(rows: &str) -> String {
    if rows.is_empty() {
        return "<p class=\"note\">None.</p>".to_owned();
    }
    format!(
        "<div class=\"scroll\"><table><tr><th>Order</th><th>Bank</th><th class=\"sum\">RM</th><th>Code</th></tr>{rows}</table></div>"
    )
}

fn row(view: &TransactionView, actions: &[(&str, &str, &str)]) -> String {
    let order =
        format!("{}<br><span class=\"note\">{}</span>", escaped(&view.exchange_order_number), escaped(&view.id));
    let at_bank = view.stage == Stage::AtBank;
    let order = if at_bank { format!("<a href=\"/bank/{}\">{order}</a>", escaped(&view.id)) } else { order };
    let code = if at_bank { "at the bank".to_owned() } else { escaped(&view.code) };
    let cells = format!(
        "<td>{order}</td><td>{}</td><td class=\"sum\">{}</td><td>{code}</td>",
        escaped(&bank_name(view)),
        escaped(&view.amount)
    );
    if actions.is_empty() {
        return format!("<tr>{cells}</tr>");
    }
    // Buttons in a row of their own: beside the others a telephone would not show them.
    let buttons: String = actions.iter().map(|(name, text, class)| button(name, text, class)).collect();
    format!(
        "<tr class=\"upper\">{cells}</tr><tr><td colspan=\"4\"><form method=\"post\" action=\"/authoriser/{}\">\
         {buttons}</form></td></tr>",
        escaped(&view.id)
    )
}

/// The browser goes back: by itself, or by the button.
pub(super) fn back(back: &Back) -> String {
    let said = format!("<p>The code is <strong>{}</strong>.</p>", escaped(&back.code));
    let Some(url) = back.url.as_ref().filter(|_| !back.fields.is_empty()) else {
        let why = if back.fields.is_empty() {
            "The browser does not come back to the merchant: that fault is switched on."
        } else {
            "There is no way back: the merchant has registered no address for browsers."
        };
        return page("The payment ends here", "", &format!("{said}<p>{why}</p><p><a href=\"/\">All payments</a></p>"));
    };
    let mut content = format!("{said}<form method=\"post\" action=\"{}\">", escaped(url));
    for (name, value) in &back.fields {
        let _ = write!(content, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(name), escaped(value));
    }
    let _ = write!(content, "<button class=\"first\">Back to the merchant</button></form><script>{GO_ON}</script>");
    page("You are going back to the merchant", "", &content)
}

/// What stands where FPX keeps its terms and conditions.
pub(super) fn terms() -> String {
    page(
        "Terms and conditions",
        "",
        "<p>This page stands where FPX keeps its terms and conditions. You are looking at a simulator: it takes no money, \
         owes nobody anything and binds nobody.</p><p>Payments over the real FPX are taken at all hours; a bank that is \
         closed is shown as offline.</p>",
    )
}

/// One sentence.
pub(super) fn sentence(title: &str, text: &str) -> String {
    page(title, "", &format!("<p>{}</p><p><a href=\"/\">All payments</a></p>", escaped(text)))
}

/// The decision of a pressed button.
pub(super) fn pressed(action: &str) -> Option<Decision> {
    Decision::named(action)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> TransactionView {
        let text = str::to_owned;
        TransactionView {
            id: text("2611231030220001"),
            time: text("20261123103022"),
            exchange_id: text("EX00099001"),
            exchange_order_number: text("PKS20261123000001"),
            seller_order_number: text("T0000000001"),
            token: text("02"),
            bank: text("MBB0228"),
            amount: text("1234.50"),
            description: text("<script>"),
            code: text("09"),
            stage: Stage::AtBank,
        }
    }

    #[test]
    fn pages_are_marked_and_escape_what_came() {
        let pages = [bank(&view()), overview(&[view()]), authoriser(&[view()]), terms(), sentence("A", "<b>")];
        for page in &pages {
            assert!(page.contains("FPX simulator – no real money") && !page.contains("<script>"), "{page}");
        }
        assert!(
            pages[0].contains("Maybank2E: logged in as the maker") && pages[0].contains("Submit to the authoriser")
        );
        let retail = bank(&TransactionView { token: "01".to_owned(), ..view() });
        assert!(!retail.contains("authoriser") && retail.contains("logged in as the customer"));
        assert!(pages[2].matches("None.").count() == 2);
        let waits =
            authoriser(&[TransactionView { stage: Stage::AwaitingAuthoriser, code: "99".to_owned(), ..view() }]);
        assert!(waits.contains("action=\"/authoriser/2611231030220001\"") && waits.contains("value=\"reject\""));
    }

    #[test]
    fn every_button_of_the_bank_is_a_decision() {
        for page in [bank(&view()), bank(&TransactionView { token: "01".to_owned(), ..view() })] {
            for piece in page.split("name=\"action\" value=\"").skip(1) {
                let name = piece.split('"').next().unwrap_or_default();
                assert!(pressed(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn the_way_back_is_a_form_with_a_button() {
        let fields = vec![("fpx_msgType".to_owned(), "\"AC\"".to_owned())];
        let url = Some("http://127.0.0.1:1/return".to_owned());
        let page = back(&Back { code: "00".to_owned(), url: url.clone(), fields: fields.clone() });
        assert!(page.contains("action=\"http://127.0.0.1:1/return\"") && page.contains("value=\"&quot;AC&quot;\""));
        assert!(page.contains("Back to the merchant") && page.contains(GO_ON));
        let lost = back(&Back { code: "00".to_owned(), url, fields: Vec::new() });
        assert!(lost.contains("does not come back") && !lost.contains(GO_ON));
        let nowhere = back(&Back { code: "00".to_owned(), url: None, fields });
        assert!(nowhere.contains("no way back"));
    }
}
