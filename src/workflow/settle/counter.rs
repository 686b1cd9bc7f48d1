//! The queue in front of settling: what waits is settled together, in one commit, and each sender is answered after it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Incoming, Outcome};
use crate::store::StoreError;

/// The most messages in one commit.
const MOST_TOGETHER: usize = 256;
/// The longest that a message waits for others.
const PATIENCE: Duration = Duration::from_millis(2);
/// The most that may wait; beyond, senders are told to come again.
const MOST_WAITING: usize = 4_096;

/// Nothing was kept: tell the sender to come again, never `OK`.
#[derive(Debug, thiserror::Error)]
pub enum CounterClosed {
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many wait.
    #[error("too many messages wait to be settled; send it again")]
    Full,
    /// The counter is closed, or the program failed while it settled this message.
    #[error("the message could not be settled; send it again")]
    Lost,
}

struct Waiting {
    incoming: Incoming,
    answer: Sender<Result<Outcome, CounterClosed>>,
}

/// One thread that settles for all others. Dropping it settles what waits and ends the thread.
pub struct Counter {
    queue: Option<SyncSender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

impl Counter {
    /// Opens the counter. `settle` is [`super::settle`] with its desk and its clock.
    pub fn open(settle: impl Fn(&[Incoming]) -> Result<Vec<Outcome>, StoreError> + Send + 'static) -> Counter {
        let (queue, waiting) = sync_channel(MOST_WAITING);
        let thread = std::thread::Builder::new().name("settle".to_owned());
        let thread = thread.spawn(move || serve(&waiting, &settle)).expect("a thread starts");
        Counter { queue: Some(queue), thread: Some(thread) }
    }

    /// Settles a message; returns when it is committed.
    ///
    /// # Errors
    /// [`CounterClosed`]: nothing was kept.
    pub fn settle(&self, incoming: Incoming) -> Result<Outcome, CounterClosed> {
        let (answer, answered) = channel();
        let queue = self.queue.as_ref().ok_or(CounterClosed::Lost)?;
        queue.try_send(Waiting { incoming, answer }).map_err(|error| match error {
            TrySendError::Full(_) => CounterClosed::Full,
            TrySendError::Disconnected(_) => CounterClosed::Lost,
        })?;
        answered.recv().unwrap_or(Err(CounterClosed::Lost))
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(queue: &Receiver<Waiting>, settle: &impl Fn(&[Incoming]) -> Result<Vec<Outcome>, StoreError>) {
    while let Ok(first) = queue.recv() {
        let until = Instant::now() + PATIENCE;
        let mut together = vec![first];
        while together.len() < MOST_TOGETHER {
            match queue.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(next) => together.push(next),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        settle_together(together, settle);
    }
}

/// All in one commit. Where that fails, each for itself: one message must not keep the others waiting.
fn settle_together(together: Vec<Waiting>, settle: &impl Fn(&[Incoming]) -> Result<Vec<Outcome>, StoreError>) {
    let (incoming, answers): (Vec<Incoming>, Vec<_>) =
        together.into_iter().map(|waiting| (waiting.incoming, waiting.answer)).unzip();
    match guarded(settle, &incoming) {
        Ok(outcomes) => {
            for (outcome, answer) in outcomes.into_iter().zip(answers) {
                // A sender that went away meanwhile has lost nothing: it is settled.
                let _ = answer.send(Ok(outcome));
            }
        }
        Err(error) if incoming.len() == 1 => {
            tracing::error!(%error, "a message was not settled");
            if let Some(answer) = answers.into_iter().next() {
                let _ = answer.send(Err(error));
            }
        }
        Err(_) => {
            for (one, answer) in incoming.iter().zip(answers) {
                let alone = guarded(settle, std::slice::from_ref(one));
                let outcome = alone.map(|mut outcomes| outcomes.remove(0));
                if let Err(error) = &outcome {
                    tracing::error!(%error, "a message was not settled");
                }
                let _ = answer.send(outcome);
            }
        }
    }
}

fn guarded(
    settle: &impl Fn(&[Incoming]) -> Result<Vec<Outcome>, StoreError>,
    incoming: &[Incoming],
) -> Result<Vec<Outcome>, CounterClosed> {
    // A group that is dropped by a panic is rolled back.
    let done = catch_unwind(AssertUnwindSafe(|| settle(incoming)));
    let outcomes = done.map_err(|_| CounterClosed::Lost)??;
    if outcomes.len() == incoming.len() { Ok(outcomes) } else { Err(CounterClosed::Lost) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::fpx::message::Channel;

    fn incoming(body: &[u8]) -> Incoming {
        Incoming { channel: Channel::Direct, body: body.to_vec() }
    }

    /// Says each body back; "bad" cannot be settled, "worse" brings the program down.
    fn echo(messages: &[Incoming]) -> Result<Vec<Outcome>, StoreError> {
        let one = |message: &Incoming| {
            let reason = String::from_utf8_lossy(&message.body).into_owned();
            assert_ne!(reason, "worse");
            let known = reason != "bad";
            known.then_some(Outcome::Stray { reason, alarm: false }).ok_or(StoreError::Busy)
        };
        messages.iter().map(one).collect()
    }

    #[test]
    fn everybody_gets_the_own_answer_and_a_bad_one_keeps_nobody_waiting() {
        let counter = Arc::new(Counter::open(echo));
        let senders = (0..64).map(|n| {
            let counter = Arc::clone(&counter);
            std::thread::spawn(move || {
                let body = match n % 16 {
                    0 => "bad".to_owned(),
                    1 => "worse".to_owned(),
                    _ => format!("message {n}"),
                };
                (n, body.clone(), counter.settle(incoming(body.as_bytes())))
            })
        });
        for sender in senders.collect::<Vec<_>>() {
            let (n, body, outcome) = sender.join().expect("a sender");
            match outcome {
                Ok(Outcome::Stray { reason, .. }) => assert_eq!(reason, body),
                Err(CounterClosed::Store(StoreError::Busy)) => assert_eq!(n % 16, 0),
                Err(CounterClosed::Lost) => assert_eq!(n % 16, 1),
                other => panic!("{n}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_waits_together_is_settled_together() {
        let (calls, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counted, seen) = (Arc::clone(&calls), Arc::clone(&most));
        let counter = Arc::new(Counter::open(move |messages| {
            counted.fetch_add(1, Ordering::Relaxed);
            seen.fetch_max(messages.len(), Ordering::Relaxed);
            // As long as a commit takes: the others gather meanwhile.
            std::thread::sleep(Duration::from_millis(20));
            echo(messages)
        }));
        let senders = (0..100).map(|_| {
            let counter = Arc::clone(&counter);
            std::thread::spawn(move || counter.settle(incoming(b"x")).is_ok())
        });
        assert!(senders.collect::<Vec<_>>().into_iter().all(|sender| sender.join().expect("a sender")));
        assert!(calls.load(Ordering::Relaxed) < 50 && most.load(Ordering::Relaxed) <= MOST_TOGETHER);
    }

    #[test]
    fn closing_settles_what_waits() {
        let counter = Counter::open(echo);
        assert!(counter.settle(incoming(b"x")).is_ok());
        drop(counter);
    }
}
