//! Messages from FPX's server to the merchant's, sent again until `OK` comes.

use chrono::{DateTime, Duration, FixedOffset};

use super::Simulator;

/// How far the browser is ahead where it comes first.
pub(super) const INDIRECT_AHEAD: Duration = Duration::seconds(2);

/// Brings a message to a merchant.
pub trait Deliver: Send + Sync {
    /// True when the merchant has answered `OK`. The address is empty where the merchant has registered none.
    fn deliver(&self, url: &str, body: &str) -> bool;
}

impl<F: Fn(&str, &str) -> bool + Send + Sync> Deliver for F {
    fn deliver(&self, url: &str, body: &str) -> bool {
        self(url, body)
    }
}

/// A direct message that waits to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Which payment it is about.
    pub exchange_order_number: String,
    /// Where it goes; empty where the merchant has registered no address.
    pub url: String,
    /// The AC.
    pub body: String,
    /// When.
    pub due: DateTime<FixedOffset>,
    /// How often it is sent again after the next time.
    pub tries_left: u32,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outgoing({}, {})", self.exchange_order_number, self.due)
    }
}

impl Simulator {
    /// Takes out every direct message that is due, as if each were answered with `OK`.
    pub fn take_due(&self) -> Vec<Outgoing> {
        self.take_due_of(None)
    }

    pub(super) fn take_due_of(&self, order: Option<&str>) -> Vec<Outgoing> {
        let Ok((mut inside, now)) = self.at_work() else { return Vec::new() };
        let own = |message: &mut Outgoing| {
            message.due <= now && order.is_none_or(|order| message.exchange_order_number == order)
        };
        inside.outgoing.extract_if(.., own).collect()
    }

    /// Messages that wait, due or not.
    pub fn outgoing(&self) -> Vec<Outgoing> {
        self.locked().outgoing.clone()
    }

    /// Sends every direct message that is due. One that is not answered with `OK` is sent again later, as often as the
    /// faults say, and then given up. Gives the number of those that were answered with `OK`.
    pub fn deliver_due(&self, deliver: &dyn Deliver) -> usize {
        let _one_at_a_time = self.delivering.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut acknowledged = 0;
        for message in self.take_due() {
            if deliver.deliver(&message.url, &message.body) {
                acknowledged += 1;
            } else if let Some(tries_left) = message.tries_left.checked_sub(1) {
                let now = self.now();
                let mut inside = self.locked();
                let due = now + inside.faults.resend_every;
                inside.outgoing.push(Outgoing { due, tries_left, ..message });
            } else {
                let order = &message.exchange_order_number;
                tracing::warn!(order, "nobody answered OK to the direct message; given up");
            }
        }
        acknowledged
    }
}
