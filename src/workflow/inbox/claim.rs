//! Whose file it is. A claim is a row with a lease; whoever claims later has the higher token, and only the holder of the
//! latest may write. Claims are kept before the work begins, so that a file that stops its worker is noticed.

use std::collections::BTreeSet;

use super::{ATTEMPTS_MAX, Desk, Dropped, LEASE_MILLISECONDS};
use crate::store::StoreError;
use crate::store::delivery::{Delivery, DeliveryState, Lease, Papers};

/// What a worker knows of those who were before it.
pub struct Before<'a> {
    /// True for a worker of this name that is certainly gone: its lease need not run out.
    pub gone: &'a dyn Fn(&str) -> bool,
    /// This worker gave its own open claims up in good order: they are no sign of a bad file.
    pub orderly: bool,
}

/// In what company files are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Care {
    /// With many others.
    Many,
    /// With a few: a worker stopped over them once.
    Few,
    /// Alone: workers stopped over it more than once.
    Alone,
}

impl Care {
    /// What a file needs over which workers stopped so often.
    pub const fn after(attempts: i64) -> Care {
        match attempts {
            ..=0 => Care::Many,
            1 => Care::Few,
            _ => Care::Alone,
        }
    }
}

/// What came of asking for files.
#[derive(Default)]
pub struct Claims {
    /// For each file asked for: its delivery, claimed, if it may be taken now.
    pub ours: Vec<Option<Delivery>>,
    /// By place, and how often workers stopped over it: ask for it again with the care it needs.
    pub suspects: Vec<(usize, i64)>,
    /// By place: this file stopped its workers too often.
    pub to_hold: Vec<usize>,
    /// By place: another worker has it.
    pub elsewhere: usize,
    /// Taken before a crash: to be moved and answered. Their leases are this worker's now.
    pub taken: Vec<Delivery>,
}

impl Desk<'_> {
    /// Claims files, with no less care than they are given.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is claimed.
    pub fn claim(&self, files: &[Dropped], care: Care, before: &Before<'_>) -> Result<Claims, StoreError> {
        let mut group = self.store.begin_group()?;
        let now = group.database_time()?;
        let mut open = group.open_deliveries(self.folder)?;
        let free = |lease: &Lease| {
            let own = lease.owner == self.owner;
            own || lease.until <= now || (before.gone)(&lease.owner)
        };
        let mut claims = Claims::default();
        for (place, file) in files.iter().enumerate() {
            let mut ours = None;
            match open.remove(&(file.name.clone(), file.inode)) {
                None => ours = Some(self.new_delivery(group.next_delivery()?, file)),
                Some(found) if !free(&found.lease) => claims.elsewhere += 1,
                Some(found) if found.state == DeliveryState::Taken => claims.taken.push(found),
                Some(found) => {
                    let innocent = before.orderly && found.lease.owner == self.owner;
                    if innocent || care >= Care::after(found.attempts) {
                        let attempts = found.attempts + i64::from(!innocent);
                        if attempts > ATTEMPTS_MAX {
                            claims.to_hold.push(place);
                        }
                        ours = Some(Delivery { attempts, size: file.size, digest: None, ..found });
                    } else {
                        claims.suspects.push((place, found.attempts));
                    }
                }
            }
            if let Some(delivery) = &mut ours {
                self.lease(delivery, now);
                group.put_delivery(delivery)?;
            }
            claims.ours.push(ours);
        }
        let orphans = open.into_values().filter(|one| one.state == DeliveryState::Taken && free(&one.lease));
        claims.taken.extend(orphans);
        for delivery in &mut claims.taken {
            self.lease(delivery, now);
            group.put_delivery(delivery)?;
        }
        group.commit()?;
        Ok(claims)
    }

    fn new_delivery(&self, id: i64, file: &Dropped) -> Delivery {
        Delivery {
            id,
            folder: self.folder.to_owned(),
            file_name: file.name.clone(),
            inode: file.inode,
            size: file.size,
            digest: None,
            state: DeliveryState::Claimed,
            outcome: String::new(),
            lease: Lease::default(),
            attempts: 1,
            arrival: None,
            answer_name: String::new(),
            moved_to: String::new(),
            answer: None,
            papers: Papers::NotWanted,
            claimed_at: self.options.now.to_rfc3339(),
            taken_at: String::new(),
        }
    }

    fn lease(&self, delivery: &mut Delivery, now: i64) {
        let for_size = i64::try_from(delivery.size >> 20).unwrap_or(i64::MAX / 2_000).saturating_mul(1_000);
        let until = now.saturating_add(LEASE_MILLISECONDS).saturating_add(for_size);
        delivery.lease = Lease { owner: self.owner.to_owned(), token: delivery.lease.token + 1, until };
    }

    /// Gives claims up: the files were not complete after all, or are gone.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn forget(&self, ids: &[i64]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut group = self.store.begin_group()?;
        let mine: BTreeSet<i64> = group.claims_of(self.folder, self.owner)?.into_keys().collect();
        let ids: Vec<i64> = ids.iter().copied().filter(|id| mine.contains(id)).collect();
        group.forget_claims(&ids)?;
        group.commit()
    }

    /// Forgets claims of files that lie nowhere any more; `there` knows what lies in the drop place. Gives how many.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn forget_vanished(
        &self,
        there: &dyn Fn(&[u8], u64) -> bool,
        gone: &dyn Fn(&str) -> bool,
    ) -> Result<usize, StoreError> {
        let mut group = self.store.begin_group()?;
        let now = group.database_time()?;
        let open = group.open_deliveries(self.folder)?;
        let free = |lease: &Lease| lease.owner == self.owner || lease.until <= now || gone(&lease.owner);
        let vanished = open
            .values()
            .filter(|one| one.state == DeliveryState::Claimed && free(&one.lease) && !there(&one.file_name, one.inode));
        let ids: Vec<i64> = vanished.map(|one| one.id).collect();
        group.forget_claims(&ids)?;
        group.commit()?;
        Ok(ids.len())
    }
}
