//! Which banks are open, asked of FPX and kept for a while, so that a page never waits for it twice.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, FixedOffset};

use super::banks::{BankOffer, BankOffers, Banks, Environment};
use super::message::{AnswerError, BankListRequest, parse_bank_list};
use super::sign::{FpxCertificates, KeyFault, MerchantKeys};
use super::transport::{Endpoint, Transport, TransportError};
use crate::domain::PaymentModel;

/// For how long a list is given without asking again.
const FRESH: Duration = Duration::minutes(5);
/// For how long the last good list is given when FPX does not answer.
const USABLE: Duration = Duration::hours(24);
/// How long FPX is left alone after a question, so that pages do not wait for it one after another.
const BETWEEN_QUESTIONS: Duration = Duration::seconds(30);

/// What the employer may choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Sorted by name, offline ones marked.
    pub banks: Vec<BankOffer>,
    /// When FPX gave this list; `None` for the list that is compiled in, in which nothing is marked offline.
    pub as_of: Option<DateTime<FixedOffset>>,
    /// FPX did not answer just now: a bank may be offline without being marked.
    pub stale: bool,
    /// Codes in the reply that have no name here: not shown.
    pub unknown: Vec<String>,
}

/// Who asks, and whom.
#[derive(Debug, Clone)]
pub struct BankListSettings {
    /// Test banks are shown in UAT only.
    pub environment: Environment,
    /// Our exchange id.
    pub exchange_id: String,
    /// What signs the question.
    pub keys: MerchantKeys,
    /// What proves the answer.
    pub certificates: FpxCertificates,
}

/// The lists of both models, in memory.
pub struct BankListCache {
    transport: Arc<dyn Transport>,
    settings: BankListSettings,
    kept: [Mutex<Kept>; 2],
    told: Mutex<BTreeSet<String>>,
}

#[derive(Default)]
struct Kept {
    good: Option<(DateTime<FixedOffset>, BankOffers)>,
    asked: Option<DateTime<FixedOffset>>,
}

/// Why there is no new list.
#[derive(Debug, thiserror::Error)]
enum NoList {
    #[error(transparent)]
    Key(#[from] KeyFault),
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error(transparent)]
    Answer(#[from] AnswerError),
    #[error("the list of banks is for another model or exchange")]
    Other,
}

impl BankListCache {
    /// With nothing in it yet.
    pub fn new(transport: Arc<dyn Transport>, settings: BankListSettings) -> BankListCache {
        BankListCache { transport, settings, kept: Default::default(), told: Mutex::default() }
    }

    /// The banks of a model: what FPX said in the last five minutes, else what it says now, else what it said in the last
    /// day, else every bank that is known here. Never fails.
    pub fn offers(&self, model: PaymentModel, now: DateTime<FixedOffset>) -> Offered {
        let within = |from: DateTime<FixedOffset>, span: Duration| from <= now && now - from < span;
        let kept = &self.kept[usize::from(model == PaymentModel::B2b1)];
        {
            let mut kept = locked(kept);
            if let Some((as_of, offers)) = kept.good.as_ref().filter(|(as_of, _)| within(*as_of, FRESH)) {
                return offered(offers, *as_of, false);
            }
            if kept.asked.is_some_and(|asked| within(asked, BETWEEN_QUESTIONS)) {
                return self.last(&kept, model, now);
            }
            // Whoever comes while this question is open is given what there is.
            kept.asked = Some(now);
        }
        let answer = self.ask(model, now);
        let mut kept = locked(kept);
        match answer {
            Ok(offers) => {
                let given = offered(&offers, now, false);
                kept.good = Some((now, offers));
                given
            }
            Err(reason) => {
                tracing::warn!(%model, %reason, "FPX gave no list of banks");
                self.last(&kept, model, now)
            }
        }
    }

    fn last(&self, kept: &Kept, model: PaymentModel, now: DateTime<FixedOffset>) -> Offered {
        match &kept.good {
            Some((as_of, offers)) if now - *as_of <= USABLE => offered(offers, *as_of, true),
            _ => {
                let banks = Banks::embedded().fallback(model, self.settings.environment);
                Offered { banks, as_of: None, stale: true, unknown: Vec::new() }
            }
        }
    }

    fn ask(&self, model: PaymentModel, now: DateTime<FixedOffset>) -> Result<BankOffers, NoList> {
        let BankListSettings { environment, exchange_id, keys, certificates } = &self.settings;
        let question = BankListRequest { model, exchange_id: exchange_id.clone() };
        let body = question.signed(keys.at(now))?.body();
        let list = parse_bank_list(&self.transport.ask(Endpoint::BankList, &body)?, certificates, now)?;
        if list.model != model || list.exchange_id != *exchange_id {
            return Err(NoList::Other);
        }
        let offers = Banks::embedded().offers(&list, *environment);
        let mut told = locked(&self.told);
        for code in offers.unknown.iter().chain(&list.odd) {
            if told.insert(code.clone()) {
                tracing::warn!(%model, code, "FPX names a bank that formats/fpx/banks.toml does not have");
            }
        }
        Ok(offers)
    }
}

fn offered(offers: &BankOffers, as_of: DateTime<FixedOffset>, stale: bool) -> Offered {
    Offered { banks: offers.banks.clone(), as_of: Some(as_of), stale, unknown: offers.unknown.clone() }
}

/// What a thread that panicked left behind is whole: every change is one assignment.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fpx::message::{BankList, BankStatus};
    use crate::fpx::sign::MerchantKey;

    /// Answers with what it is told, or not at all.
    struct Fpx {
        key: MerchantKey,
        reply: Mutex<Option<BankList>>,
        asked: Mutex<u32>,
    }

    impl Transport for Fpx {
        fn ask(&self, _: Endpoint, _: &str) -> Result<Vec<u8>, TransportError> {
            *locked(&self.asked) += 1;
            let reply = locked(&self.reply).clone().ok_or(TransportError::Timeout)?;
            Ok(reply.signed(&self.key).expect("signed").body().into_bytes())
        }
    }

    fn at(seconds: i64) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-11-23T09:00:00+08:00").expect("a moment") + Duration::seconds(seconds)
    }

    fn list(model: PaymentModel) -> BankList {
        let banks =
            [("BOCM01", BankStatus::Blocked), ("BSN0601", BankStatus::Available), ("NEW1", BankStatus::Available)];
        let banks = banks.map(|(code, status)| (code.to_owned(), status)).to_vec();
        BankList { model, exchange_id: "EX00099001".to_owned(), banks, odd: Vec::new() }
    }

    fn cache(reply: Option<BankList>) -> (Arc<Fpx>, BankListCache) {
        let key = MerchantKey::generate().expect("a key");
        let certificate = key.self_signed("FPX", 1, at(-1000).to_utc(), at(1_000_000).to_utc()).expect("a certificate");
        let fpx = Arc::new(Fpx { key: key.clone(), reply: Mutex::new(reply), asked: Mutex::new(0) });
        let settings = BankListSettings {
            environment: Environment::Uat,
            exchange_id: "EX00099001".to_owned(),
            keys: MerchantKeys { active: key, next: None },
            certificates: FpxCertificates::from_bytes(&[certificate]).expect("certificates"),
        };
        (Arc::clone(&fpx), BankListCache::new(fpx, settings))
    }

    #[test]
    fn a_list_is_kept_for_five_minutes_and_served_for_a_day() {
        let (fpx, cache) = cache(Some(list(PaymentModel::B2c)));
        let offers = |seconds: i64| cache.offers(PaymentModel::B2c, at(seconds));
        let first = offers(0);
        assert_eq!((first.as_of, first.stale, &first.unknown[..]), (Some(at(0)), false, &["NEW1".to_owned()][..]));
        let seen: Vec<_> = first.banks.iter().map(|bank| (bank.code.as_str(), bank.offline)).collect();
        assert_eq!(seen, [("BOCM01", true), ("BSN0601", false)]);
        assert_eq!((offers(299), *locked(&fpx.asked)), (first.clone(), 1));
        assert_eq!((offers(300).as_of, *locked(&fpx.asked)), (Some(at(300)), 2));
        *locked(&fpx.reply) = None;
        let stale = Offered { as_of: Some(at(300)), stale: true, ..first };
        assert_eq!((offers(600), *locked(&fpx.asked)), (stale.clone(), 3));
        assert_eq!((offers(629), *locked(&fpx.asked)), (stale.clone(), 3), "left alone");
        assert_eq!((offers(630), *locked(&fpx.asked)), (stale.clone(), 4));
        assert_eq!(offers(300 + 86_400), stale);
        let fallback = offers(300 + 86_401);
        assert_eq!((fallback.as_of, fallback.stale), (None, true));
        assert_eq!(fallback.banks, Banks::embedded().fallback(PaymentModel::B2c, Environment::Uat));
    }

    #[test]
    fn a_list_that_is_not_ours_is_none() {
        let (fpx, cache) = cache(Some(list(PaymentModel::B2b1)));
        assert_eq!(cache.offers(PaymentModel::B2c, at(0)).as_of, None, "another model");
        assert_eq!(cache.offers(PaymentModel::B2b1, at(0)).as_of, Some(at(0)));
        *locked(&fpx.reply) = Some(BankList { exchange_id: "EX00099002".to_owned(), ..list(PaymentModel::B2c) });
        assert_eq!(cache.offers(PaymentModel::B2c, at(30)).as_of, None, "another exchange");
        *locked(&fpx.reply) = Some(list(PaymentModel::B2c));
        assert_eq!(cache.offers(PaymentModel::B2c, at(2_000_000)).as_of, None, "no certificate in its days");
        assert_eq!(cache.offers(PaymentModel::B2c, at(60)).as_of, Some(at(60)), "a clock set back does not stop it");
    }
}
