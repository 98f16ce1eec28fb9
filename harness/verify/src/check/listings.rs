//! Names for listings and counts that are wrong, exact ones where the listing was kept in full.

use sharded_store::Version;

use crate::check::context::Context;
use crate::check::index::{Index, Origin, is_put};
use crate::check::lists::{Answer, Query, View};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::sessions;
use crate::check::tell;
use crate::history::{ABSENT, Event, Kind, Listed, flag};

/// What is wrong with one entry: its name, an event that explains it, and the entry in words.
type Fault = (Axiom, AnomalyKind, Option<u32>, String);

/// What earlier listings of one snapshot said under the same prefix.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    /// One that was right.
    right: Option<u32>,
    /// One that was wrong.
    wrong: Option<u32>,
}

impl Before {
    /// Adds a listing that was right, or was not.
    pub(super) fn add(&mut self, read: u32, right: bool) {
        let first = if right { &mut self.right } else { &mut self.wrong };
        first.get_or_insert(read);
    }
}

/// Names a listing or count that is wrong.
pub(super) fn name(context: &mut Context<'_>, query: &Query, answer: &Answer, before: Before) {
    let index = context.index;
    let event = index.events.at(query.read);
    let case = Case { index, query, event, before };
    let listed = index.listing(query.read);
    let fault = listed.and_then(|listed| case.first_fault(listed));
    let of_no_moment = listed.filter(|_| query.from < query.to).map(|_| case.of_no_moment());
    let fault = fault.or(of_no_moment).unwrap_or_else(|| case.fault_of_sums(answer));
    let (axiom, kind, because, what) = fault;
    let shown_by: Vec<u32> = [query.read].into_iter().chain(because).collect();
    let expected = if query.from == query.to { case.expected() } else { Expected::Unknown };
    context.add((axiom, kind), &shown_by, expected, || {
        let noun = match event.kind() {
            Kind::RemoveRun => "removal",
            _ if query.prefix == Query::ALL => "count",
            _ => "listing",
        };
        format!("A {noun} of run {} found {} entries, but {what}.", query.run, event.value)
    });
}

/// A listing or count that is wrong.
struct Case<'a> {
    /// The history's writes.
    index: &'a Index<'a>,
    /// What was asked.
    query: &'a Query,
    /// The event that says what was listed.
    event: &'a Event,
    /// What earlier listings of the same snapshot said.
    before: Before,
}

impl Case<'_> {
    /// The first entry that no moment explains.
    fn first_fault(&self, listed: &[Listed]) -> Option<Fault> {
        let keys = 0..self.index.keys as u32;
        let asked = keys.filter(|key| self.index.starts_with(*key, self.query.prefix));
        let mut faults = asked.filter_map(|key| {
            let entry = listed.iter().find(|entry| entry.key == key);
            self.fault(key, entry)
        });
        faults.next()
    }

    /// What is wrong with what a listing says of a key.
    fn fault(&self, key: u32, entry: Option<&Listed>) -> Option<Fault> {
        let states = self.states(key);
        let value = entry.map_or(ABSENT, |entry| entry.value);
        if let Some(state) = states.iter().find(|state| self.value(key, **state) == value) {
            return self.fault_of_version(key, entry?, *state);
        }
        let newest = states[0];
        let key_name = format!("key {key}");
        let Some(entry) = entry else {
            let found = tell::write(self.index, newest);
            let kind = self.kind_of_missing(Some(key));
            let what = format!("it lacks {key_name}, of which the newest write it sees is {found}");
            return Some((self.query.axiom(), kind, newest, what));
        };
        let origin = self.index.origin(entry.value, self.query.run, key);
        let what = format!(
            "of {key_name} it has {}, and the newest write it sees is {}",
            tell::found(self.index, origin),
            tell::write(self.index, newest)
        );
        let (axiom, kind) = match origin {
            Origin::NeverCommitted(_) => (Axiom::Intact, AnomalyKind::DirtyRead),
            Origin::Written(place) => {
                let got = self.index.places()[place as usize].write;
                (self.query.axiom(), self.kind_of_other(got, newest))
            }
            _ => (Axiom::Intact, AnomalyKind::GarbledRead),
        };
        Some((axiom, kind, newest, what))
    }

    fn fault_of_version(&self, key: u32, entry: &Listed, write: Option<u32>) -> Option<Fault> {
        let write = write?;
        let version = self.index.version(write);
        let listed = Version::new(entry.stamp, entry.sequence);
        if listed == version || self.query.view == View::Transaction {
            return None;
        }
        let what = format!("of key {key} it has version {listed}, and its version is {version}");
        Some((self.query.axiom(), AnomalyKind::WrongVersion, Some(write), what))
    }

    /// The name for an entry that is not there, of a key if that is known. It has been collected only
    /// if it was there before, or what was wrong was not so before a collection.
    fn kind_of_missing(&self, key: Option<u32>) -> AnomalyKind {
        let earlier = |other: Option<u32>| {
            other.is_some_and(|other| self.index.before(other, self.query.read))
        };
        let at_once = self.event.has(flag::AFTER_COLLECT) && !earlier(self.before.wrong);
        let vanished = earlier(self.before.right) && key.is_some_and(|key| !self.is_deleted(key));
        if self.query.view == View::Snapshot && (at_once || vanished) {
            AnomalyKind::CollectedTooEarly
        } else {
            AnomalyKind::MissingEntry
        }
    }

    /// Whether a key was deleted later than the snapshot may see, which explains its absence.
    fn is_deleted(&self, key: u32) -> bool {
        let snapshot = self.index.snapshots.of(self.event.handle);
        snapshot.is_some_and(|snapshot| {
            let key = (self.query.run, key);
            self.index.future_delete_of(key, self.query.read, snapshot.stamp).is_some()
        })
    }

    /// The name for an entry with another value than it should have, or that should not be.
    fn kind_of_other(&self, got: u32, newest: Option<u32>) -> AnomalyKind {
        let is_newer =
            newest.is_none_or(|newest| self.index.version(got) > self.index.version(newest));
        let absent = self.index.value_after(newest) == ABSENT;
        match (absent, is_newer) {
            (true, true) => AnomalyKind::Phantom,
            (true, false) => AnomalyKind::ResurrectedDelete,
            (false, true) => AnomalyKind::FutureRead,
            (false, false) if self.query.view == View::Rest => AnomalyKind::LostUpdate,
            (false, false) => AnomalyKind::StaleRead,
        }
    }

    /// The newest writes of a key at the moments that the listing may show; one at least.
    fn states(&self, key: u32) -> Vec<Option<u32>> {
        let (query, index) = (self.query, self.index);
        let order = index.order(query.run);
        let last = query.from.checked_sub(1).map(|last| index.version(order[last as usize]));
        let first = last.and_then(|last| index.newest(query.run, key, |version| version <= last));
        let later = order[query.from as usize..query.to as usize].iter().copied();
        let later = later.filter(|write| {
            let event = index.events.at(*write);
            event.kind == Kind::RemoveRun as u8 || event.key == key
        });
        [first].into_iter().chain(later.map(Some)).collect()
    }

    /// The value that the listing should show of a key after a write.
    fn value(&self, key: u32, newest: Option<u32>) -> u32 {
        let own = if self.query.view == View::Transaction {
            self.index.own_write(self.query.read, key)
        } else {
            None
        };
        self.index.value_after(own.or(newest))
    }

    /// What is wrong, as far as sums tell.
    fn fault_of_sums(&self, answer: &Answer) -> Fault {
        let entries = i64::from(self.event.value);
        let (fewest, most) = (answer.fewest, answer.most);
        let right = if fewest == most { fewest.to_string() } else { format!("{fewest} to {most}") };
        let what = format!("there were {right}");
        let (kind, what) = if entries > most {
            (AnomalyKind::Phantom, what)
        } else if entries < fewest {
            (self.kind_of_missing(None), what)
        } else if answer.right_but_versions {
            (AnomalyKind::WrongVersion, "their versions are not those of their writes".to_owned())
        } else if self.query.from == self.query.to {
            (AnomalyKind::StaleRead, "their values are not the newest it sees".to_owned())
        } else {
            return self.of_no_moment();
        };
        (self.query.axiom(), kind, None, what)
    }

    /// Entries each of which was there, but not at one moment.
    fn of_no_moment(&self) -> Fault {
        let what = "they are not what was there at any one moment".to_owned();
        (self.query.axiom(), AnomalyKind::FracturedRead, None, what)
    }

    /// What the listing should have been; only for one of a single moment.
    fn expected(&self) -> Expected {
        if self.event.kind == Kind::RemoveRun as u8 {
            return Expected::Number(1);
        }
        let keys = 0..self.index.keys as u32;
        let asked = keys.filter(|key| self.index.starts_with(*key, self.query.prefix));
        let live = asked.filter_map(|key| {
            let newest = self.states(key)[0];
            let value = self.value(key, newest);
            let version = newest.map_or(Version::NONE, |newest| self.index.version(newest));
            let (stamp, sequence) = match self.query.view {
                View::Transaction => (0, 0),
                _ => (version.stamp(), version.sequence()),
            };
            (value != ABSENT).then_some(Listed { key, value, stamp, sequence })
        });
        if self.query.prefix == Query::ALL {
            return Expected::Number(live.count() as u64);
        }
        let mut entries: Vec<Listed> = live.collect();
        let keys = &self.index.history.header.alphabet.keys;
        entries.sort_by(|one, other| keys.get(one.key as usize).cmp(&keys.get(other.key as usize)));
        Expected::Entries(entries)
    }
}

impl Index<'_> {
    /// A listing's entries, if they were kept.
    pub(super) fn listing(&self, read: u32) -> Option<&[Listed]> {
        let place = self.events.place(read);
        let listings = &self.history.logs[place.log as usize].listings;
        let at = listings.binary_search_by_key(&place.event, |(event, _)| *event).ok()?;
        Some(&listings[at].1)
    }

    /// A transaction's own last write of a key before one of its reads.
    pub(super) fn own_write(&self, read: u32, key: u32) -> Option<u32> {
        let place = self.transactions.place(self.events.at(read).handle)?;
        let done = self.transactions.events(place).iter().copied();
        let before = done.take_while(|number| *number != read);
        before
            .filter(|number| {
                let event = self.events.at(*number);
                sessions::writes(event) && event.key == key
            })
            .last()
    }

    /// Whether a write makes its key live.
    pub(super) fn makes_live(&self, write: u32) -> bool {
        is_put(self.events.at(write))
    }
}
