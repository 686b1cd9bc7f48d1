//! Where FPX answers: by its server, and through the employer's browser.
//!
//! Neither is bound to a session, a form word or an address: the signature is the proof. Both go the same way; a browser
//! is then led to the page of its payment, which shows what the database knows.

use super::answer::Answer;
use super::form::Fields;
use super::site::{Delivered, Site, language};
use crate::fpx::message::Channel;

/// `POST /fpx/direct`: `OK`, and nothing else, once what follows from the message is kept.
pub(super) fn direct(site: &Site, body: Vec<u8>) -> Answer {
    let Some(fpx) = &site.fpx else { return Answer::text(503, "FPX is not set up here") };
    match (fpx.deliver)(Channel::Direct, body) {
        Delivered::Kept(_) => Answer { kind: "text/plain", ..Answer::text(200, "OK") },
        Delivered::NotBelieved(_) => Answer::text(400, "not believed"),
        Delivered::NotKept(_) => Answer::text(503, "not kept; send again"),
    }
}

/// `POST /fpx/return`: on to the page of the payment. A message that cannot be believed decides nothing.
pub(super) fn come_back(site: &Site, body: Vec<u8>, fields: &Fields) -> Answer {
    let language = language(fields, None);
    let Some(fpx) = &site.fpx else { return site.not_found(language) };
    match (fpx.deliver)(Channel::Indirect, body) {
        Delivered::Kept(order) => Answer::see(format!("/payment/{}", site.words.of(&order))),
        Delivered::NotBelieved(_) => site.notice(language, 400, ("not_believed", "not_believed_advice")),
        Delivered::NotKept(_) => site.notice(language, 503, ("closed", "closed_advice")),
    }
}
