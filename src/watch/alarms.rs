//! Which alarms are news. Passes come every few seconds and find the same again, with other figures in it, or not in every
//! pass: the operator is told once, and once more when it is over.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Pass;

/// What lasts is said again after so long.
const AGAIN: Duration = Duration::from_secs(60 * 60);
/// What was not met for so long is over: some things are only looked at every half minute, or when files come.
const OVER: Duration = Duration::from_secs(5 * 60);

/// What was said of one folder.
#[derive(Debug, Default)]
pub struct Alarms {
    /// By the sentence without its figures.
    said: BTreeMap<String, Said>,
}

#[derive(Debug)]
struct Said {
    text: String,
    at: Duration,
    met: Duration,
    /// Nothing was taken because of it.
    stopped: bool,
}

impl Alarms {
    /// What is to be said after a pass that ended at a moment `at` of a clock that only goes forward.
    pub fn news(&mut self, pass: &Pass, at: Duration) -> Vec<String> {
        let mut met: BTreeMap<String, (&String, usize)> = BTreeMap::new();
        for alarm in &pass.alarms {
            met.entry(without_figures(alarm)).or_insert((alarm, 0)).1 += 1;
        }
        let mut news = Vec::new();
        self.said.retain(|key, said| {
            let went_on = said.stopped && pass.answered > 0;
            let over = !met.contains_key(key) && (went_on || at.saturating_sub(said.met) >= OVER);
            if over {
                news.push(format!("it is well again; it was: {}", said.text));
            }
            !over
        });
        for (key, (alarm, count)) in met {
            let stopped = pass.stopped;
            let before = self.said.get_mut(&key);
            if let Some(said) = before
                && at.saturating_sub(said.at) < AGAIN
            {
                (said.met, said.stopped) = (at, stopped);
                continue;
            }
            let text = if count > 1 { format!("{alarm} (and {} like it)", count - 1) } else { alarm.clone() };
            news.push(text.clone());
            self.said.insert(key, Said { text, at, met: at, stopped });
        }
        news
    }
}

fn without_figures(alarm: &str) -> String {
    alarm.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(alarms: &[&str], stopped: bool, answered: usize) -> Pass {
        let alarms = alarms.iter().map(|alarm| (*alarm).to_owned()).collect();
        Pass { alarms, stopped, answered, ..Pass::default() }
    }

    fn seconds(at: u64) -> Duration {
        Duration::from_secs(at)
    }

    #[test]
    fn what_lasts_is_said_once_an_hour_whatever_its_figures() {
        let mut alarms = Alarms::default();
        for (at, news) in [(0, 1), (2, 0), (3_599, 0), (3_600, 1), (7_199, 0), (7_201, 1)] {
            let said = alarms.news(&pass(&[&format!("paused: {at} MiB left")], true, 0), seconds(at));
            assert_eq!(said.len(), news, "{at}: {said:?}");
        }
        let said = alarms.news(&pass(&["paused: 3 MiB left", "another"], true, 0), seconds(7_300));
        assert_eq!(said, ["another"]);
    }

    #[test]
    fn passes_without_it_are_no_news_until_it_is_over() {
        let mut alarms = Alarms::default();
        let moved = "delivery 7 cannot be moved";
        assert_eq!(alarms.news(&pass(&[moved], false, 1), seconds(0)), [moved]);
        for at in [2, 4, 30, 299] {
            let now: &[&str] = if at == 30 { &[moved] } else { &[] };
            assert!(alarms.news(&pass(now, false, 5), seconds(at)).is_empty(), "{at}");
        }
        assert!(alarms.news(&pass(&[], false, 0), seconds(329)).is_empty());
        let said = alarms.news(&pass(&[], false, 0), seconds(330));
        assert_eq!(said, ["it is well again; it was: delivery 7 cannot be moved"]);
        assert!(alarms.news(&pass(&[], false, 0), seconds(331)).is_empty());
        assert_eq!(alarms.news(&pass(&[moved], false, 0), seconds(332)), [moved]);
    }

    #[test]
    fn what_stopped_the_intake_is_over_when_it_goes_on() {
        let mut alarms = Alarms::default();
        assert_eq!(alarms.news(&pass(&["paused"], true, 0), seconds(0)).len(), 1);
        assert!(alarms.news(&pass(&[], false, 0), seconds(2)).is_empty(), "nothing was there to be taken");
        assert_eq!(alarms.news(&pass(&[], false, 1), seconds(4)), ["it is well again; it was: paused"]);
    }

    #[test]
    fn many_alike_are_one() {
        let said = Alarms::default().news(&pass(&["a1 fails", "a2 fails", "a3 fails"], false, 0), seconds(0));
        assert_eq!(said, ["a1 fails (and 2 like it)"]);
    }
}
