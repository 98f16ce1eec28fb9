//! One run: a lock, and what it guards.
//!
//! Writers of one run wait for each other and for nobody else. Whoever holds a run's lock asks for
//! no other lock but those of runs with larger ids (a write set) and the one of the spilled pins
//! (which is last), so no circle of waiting can close.

use std::collections::BTreeSet;

use crate::cell::{LOOKS_UP_EVERY, Probe, SEQUENCE_MAX};
use crate::clock::Clock;
use crate::contents::{At, Contents, Counts};
use crate::contract::bytes::Bytes;
use crate::contract::write_set::RunWrites;
use crate::contract::{
    Conflict, ConflictKind, Deleted, Entry, Error, Key, RunId, Value, Version, Versioned,
};
use crate::pins::{Needs, Pins, Watch};
use crate::sync::{Arc, AtomicUsize, CachePadded, Mutex, MutexGuard, Ordering};
use crate::table::Table;

/// What writers and snapshots of all runs share.
pub(crate) struct Shared {
    /// What stamps writes.
    pub(crate) clock: Clock,
    /// The open snapshots.
    pub(crate) pins: Pins,
    /// How many runs exist. Changes when a run is created or removed, not when it is written.
    pub(crate) runs: CachePadded<AtomicUsize>,
}

/// One run's data behind its lock.
///
/// It stays in the directory while anybody holds it, so no write can get lost in one that has been
/// replaced by another.
pub(crate) struct Shard {
    /// The run.
    id: RunId,
    /// Padded: two runs share no cache line.
    state: CachePadded<Mutex<RunState>>,
}

/// What a run's lock guards.
pub(crate) struct RunState {
    /// What the run holds now.
    contents: Contents,
    /// Whether the run exists: it has been written and not been removed since.
    exists: bool,
    /// The sequence of the last commit. It survives removal, so that no version comes twice.
    sequence: u64,
    /// Contents that were removed and that a snapshot may still see, oldest first.
    removed: Vec<Removed>,
    /// What its writers know of the open snapshots.
    watch: Watch,
}

/// What a run held when it was removed.
struct Removed {
    /// The clock at that moment: snapshots of an earlier version see it.
    at: u64,
    /// What they see.
    contents: Contents,
}

/// What a transaction read, for [`RunState::check`].
pub(crate) struct ReadSet<'a> {
    /// The version of its snapshot.
    pub(crate) snapshot: u64,
    /// Keys read by name.
    pub(crate) keys: &'a BTreeSet<Key>,
    /// Prefixes listed.
    pub(crate) prefixes: &'a [Key],
}

impl Shard {
    /// A run that does not exist yet.
    pub(crate) fn new(id: RunId) -> Self {
        let state = RunState {
            contents: Contents::new(),
            exists: false,
            sequence: 0,
            removed: Vec::new(),
            watch: Watch::new(),
        };
        Self { id, state: CachePadded::new(Mutex::new(state)) }
    }

    pub(crate) fn id(&self) -> RunId {
        self.id
    }

    /// Waits for the run's lock.
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, RunState> {
        self.state.lock()
    }

    /// The state, from somebody who alone holds the shard.
    pub(crate) fn state_mut(&mut self) -> &mut RunState {
        self.state.get_mut()
    }

    /// Writes one value.
    // Forced inline, like what it calls up to the first cold function: passed on through memory, a
    // value costs more than the write itself.
    #[inline(always)]
    pub(crate) fn put(&self, shared: &Shared, key: &Key, value: &Value) -> Result<Version, Error> {
        let (Bytes::Inline(short_key), Bytes::Inline(short_value)) = (&key.0, &value.0) else {
            return self.lock().put_unusual(shared, key, value);
        };
        let hash = short_key.hash();
        let mut state = self.lock();
        let RunState { contents, sequence, watch, .. } = &mut *state;
        let now = shared.clock.now();
        let version = Version::new(now, *sequence + 1);
        // No cell has the clock's last number for its stamp, and it is never clean, so an exhausted
        // clock is left to the other way like everything unusual.
        let looks_up = *sequence % LOOKS_UP_EVERY == 0
            && (contents.has_history() || *sequence >= SEQUENCE_MAX);
        if !looks_up
            && contents.overwrite(hash, short_key, short_value, version, || watch.is_clean_at(now))
        {
            *sequence = version.sequence();
            return Ok(version);
        }
        state.put_unusual(shared, key, value)
    }

    /// Deletes one key; without effect, and without a version, if it is not live.
    pub(crate) fn delete(&self, shared: &Shared, key: &Key) -> Result<Option<Deleted>, Error> {
        let mut state = self.lock();
        if !state.contains(key, At::Newest) {
            return Ok(None);
        }
        let version = state.next_version(shared.clock.stamp()?)?;
        let removed = state.delete(shared, key, version);
        Ok(removed.map(|removed| Deleted { removed, version }))
    }

    /// Removes the run; returns the version of that, if it existed. Older snapshots go on seeing
    /// it.
    pub(crate) fn remove(&self, shared: &Shared) -> Result<Option<Version>, Error> {
        let mut state = self.lock();
        if !state.exists {
            return Ok(None);
        }
        let version = state.next_version(shared.clock.stamp()?)?;
        let at = version.stamp();
        state.sequence = version.sequence();
        state.exists = false;
        // Relaxed: a count that others only read.
        shared.runs.fetch_sub(1, Ordering::Relaxed);
        let contents = std::mem::replace(&mut state.contents, Contents::new());
        contents.table().retire();
        state.removed.push(Removed { at, contents });
        state.drop_removed(shared, at);
        Ok(Some(version))
    }
}

impl RunState {
    /// The version of the next commit, which has this stamp. Nothing changes until it is used.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`] after the last sequence number.
    #[inline]
    pub(crate) fn next_version(&self, stamp: u64) -> Result<Version, Error> {
        if self.sequence >= SEQUENCE_MAX {
            return Err(Error::VersionsExhausted);
        }
        Ok(Version::new(stamp, self.sequence + 1))
    }

    /// Writes one value, whatever there is to do.
    #[cold]
    #[inline(never)]
    fn put_unusual(&mut self, shared: &Shared, key: &Key, value: &Value) -> Result<Version, Error> {
        let version = self.next_version(shared.clock.stamp()?)?;
        self.put(shared, key, value.clone(), version);
        Ok(version)
    }

    /// Installs one value.
    pub(crate) fn put(&mut self, shared: &Shared, key: &Key, value: Value, version: Version) {
        self.writing(shared, version.stamp(), |contents, needs| {
            contents.put(key, value, version, needs);
        });
        self.committed(shared, version);
    }

    /// Installs one delete, if the key is live.
    pub(crate) fn delete(
        &mut self,
        shared: &Shared,
        key: &Key,
        version: Version,
    ) -> Option<Versioned> {
        let delete =
            |contents: &mut Contents, needs: &mut Needs<'_>| contents.delete(key, version, needs);
        let removed = self.writing(shared, version.stamp(), delete)?;
        self.sequence = version.sequence();
        Some(removed)
    }

    /// Installs the writes of one commit; returns whether they changed anything.
    pub(crate) fn install(
        &mut self,
        shared: &Shared,
        writes: &RunWrites,
        version: Version,
    ) -> bool {
        let changed = self.writing(shared, version.stamp(), |contents, needs| {
            let mut changed = false;
            for (key, value) in writes {
                changed |= match value {
                    Some(value) => {
                        contents.put(key, value.clone(), version, needs);
                        true
                    }
                    None => contents.delete(key, version, needs).is_some(),
                };
            }
            changed
        });
        if writes.values().any(Option::is_some) {
            self.committed(shared, version);
        } else if changed {
            self.sequence = version.sequence();
        }
        changed
    }

    /// Makes changes with stamp `now`, and drops a little of what closed snapshots left behind.
    fn writing<T>(
        &mut self,
        shared: &Shared,
        now: u64,
        write: impl FnOnce(&mut Contents, &mut Needs<'_>) -> T,
    ) -> T {
        let mut needs = Needs::new(&shared.pins, &mut self.watch, now);
        let written = write(&mut self.contents, &mut needs);
        if self.contents.has_history() || !self.removed.is_empty() {
            needs.live();
            if needs.is_clean() {
                self.contents.sweep_some();
                self.removed.clear();
            }
        }
        written
    }

    /// Notes a commit that put something: the run exists from now on.
    fn committed(&mut self, shared: &Shared, version: Version) {
        self.sequence = version.sequence();
        if !self.exists {
            self.create(shared);
        }
    }

    /// Whether what a transaction read is still so.
    ///
    /// # Errors
    /// [`Error::Conflict`], naming the key, if another commit changed any of it.
    pub(crate) fn check(&mut self, run: RunId, reads: &ReadSet<'_>) -> Result<(), Error> {
        let conflict =
            |kind, key: &Key| Error::Conflict(Box::new(Conflict { run, kind, key: key.clone() }));
        let snapshot = reads.snapshot;
        if self.removed.last().is_some_and(|removed| removed.at > snapshot)
            && let Some(key) = reads.keys.first().or(reads.prefixes.first())
        {
            return Err(conflict(ConflictKind::RunRemoved, key));
        }
        // A stamp above the snapshot's version is the same as "changed since": the snapshot's pin
        // keeps every version it saw, and with it the newer one on top.
        for key in reads.keys {
            if self.contents.newest_stamp(key).is_some_and(|stamp| stamp > snapshot) {
                return Err(conflict(ConflictKind::StaleRead, key));
            }
        }
        for prefix in reads.prefixes {
            if let Some(key) = self.contents.changed_since(prefix.as_bytes(), snapshot) {
                return Err(conflict(ConflictKind::Phantom, &key));
            }
        }
        Ok(())
    }

    /// The table, for readers without the lock.
    pub(crate) fn table(&self) -> &Arc<Table> {
        self.contents.table()
    }

    /// Whether the run exists now.
    pub(crate) fn exists(&self) -> bool {
        self.exists
    }

    pub(crate) fn get(&self, key: &Key, at: At) -> Option<Versioned> {
        self.seen_by(at).get(key, at)
    }

    pub(crate) fn contains(&self, key: &Key, at: At) -> bool {
        self.seen_by(at).contains(key, at)
    }

    pub(crate) fn count(&self, at: At) -> usize {
        self.seen_by(at).count(at)
    }

    pub(crate) fn list(&mut self, prefix: &[u8], at: At) -> Vec<Entry> {
        match self.removed_seen_by(at) {
            Some(index) => self.removed[index].contents.list(prefix, at),
            None => self.contents.list(prefix, at),
        }
    }

    /// Drops everything no snapshot needs; returns how many versions went.
    pub(crate) fn reclaim(&mut self, shared: &Shared) -> usize {
        let now = shared.clock.now();
        let mut needs = Needs::new(&shared.pins, &mut self.watch, now);
        let live = needs.live();
        self.contents.prune(live) + self.drop_removed(shared, now)
    }

    /// Drops those removed contents, and what of them, no snapshot sees; returns how many versions.
    fn drop_removed(&mut self, shared: &Shared, now: u64) -> usize {
        let mut needs = Needs::new(&shared.pins, &mut self.watch, now);
        let live = needs.live();
        let (mut dropped, mut from) = (0, 0);
        self.removed.retain_mut(|removed| {
            let needed = live.may_see(from, removed.at);
            from = removed.at;
            dropped += if needed {
                removed.contents.prune(live)
            } else {
                removed.contents.counts().versions
            };
            needed
        });
        dropped
    }

    /// Whether the run neither exists nor is seen by a snapshot, so that nobody would miss it.
    pub(crate) fn is_vacant(&self) -> bool {
        !self.exists && self.removed.is_empty()
    }

    /// Whether the run has given out versions.
    pub(crate) fn had_versions(&self) -> bool {
        self.sequence > 0
    }

    /// Counts for statistics, removed contents counted in (but not as live).
    pub(crate) fn counts(&self) -> Counts {
        let mut sum = self.contents.counts();
        for removed in &self.removed {
            let counts = removed.contents.counts();
            sum.versions += counts.versions;
            sum.chain_max = sum.chain_max.max(counts.chain_max);
            sum.bytes += counts.bytes;
        }
        sum
    }

    /// Makes the run exist, empty.
    pub(crate) fn create(&mut self, shared: &Shared) {
        self.exists = true;
        // Relaxed: a count that others only read.
        shared.runs.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes over an entry of another store, its version included. The run is not in use yet.
    pub(crate) fn restore(
        &mut self,
        shared: &Shared,
        key: &Key,
        value: Option<Value>,
        version: Version,
    ) {
        let last = self.sequence.max(version.sequence());
        if let Some(value) = value {
            self.put(shared, key, value, version);
        }
        self.sequence = last;
    }

    fn seen_by(&self, at: At) -> &Contents {
        self.removed_seen_by(at).map_or(&self.contents, |index| &self.removed[index].contents)
    }

    /// The removed contents that a read at `at` sees, if it does not see the present ones.
    fn removed_seen_by(&self, at: At) -> Option<usize> {
        match at {
            At::Newest => None,
            At::Snapshot(snapshot) => self.removed.iter().position(|removed| snapshot < removed.at),
        }
    }
}
