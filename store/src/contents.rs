//! Everything one run holds: its keys, their newest versions, and the older ones snapshots need.
//!
//! The newest version of a key is in the table, where readers find it without a lock. Older
//! versions are in `history`, apart from the table, because there are none while no snapshot is
//! open: the usual put then writes a cell and nothing else. Only the holder of the run's lock
//! calls anything here.

use std::collections::BTreeMap;
use std::hash::Hasher;

use crate::arena::Arena;
use crate::cell::{CellKey, CellValue, Head, InlineKey, InlineValue, LongKey};
use crate::contract::bytes::Bytes;
use crate::contract::{Entry, Key, Value, Version, Versioned};
use crate::order::Order;
use crate::pins::{Live, Needs};
use crate::sync::{Arc, StdArc};
use crate::table::Table;

/// Keys of `history` that one call of `sweep_some` looks at.
const SWEPT_AT_ONCE: usize = 16;

/// The older versions of one key, oldest first. A key whose newest version is a delete always has
/// some, or it would be erased: so all garbage is found through `history`.
type Chain = Vec<Head>;

/// The contents of a run, from its creation or last removal on.
pub(crate) struct Contents {
    /// The newest version of every key.
    table: Arc<Table>,
    /// Cells of the table that are in use or were: what counts against its room.
    used: usize,
    /// Keys in the table.
    keys: usize,
    /// Keys whose newest version is not a delete.
    live: usize,
    /// Long keys and values.
    arena: Arena,
    /// All keys of the table.
    order: Order,
    /// What only snapshots can see.
    history: BTreeMap<Key, Chain>,
}

/// Which versions a read looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// The newest one.
    Newest,
    /// What a snapshot of this version sees.
    Snapshot(u64),
}

/// Counts of one run, for statistics.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Counts {
    /// Keys that are live.
    pub(crate) live: usize,
    /// Versions of all keys, deletes counted in.
    pub(crate) versions: usize,
    /// Most versions of one key.
    pub(crate) chain_max: usize,
    /// Bytes occupied.
    pub(crate) bytes: usize,
}

impl Contents {
    pub(crate) fn new() -> Self {
        Self {
            table: Arc::new(Table::with_room(0)),
            used: 0,
            keys: 0,
            live: 0,
            arena: Arena::default(),
            order: Order::default(),
            history: BTreeMap::new(),
        }
    }

    /// The table, for readers without the lock.
    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &Key, at: At) -> Option<Versioned> {
        self.find(key).and_then(|cell| self.seen(cell, key, at))
    }

    /// Whether a key is live.
    pub(crate) fn contains(&self, key: &Key, at: At) -> bool {
        self.find(key).is_some_and(|cell| self.is_live(cell, Some(key), at))
    }

    /// How many keys are live.
    pub(crate) fn count(&self, at: At) -> usize {
        match at {
            At::Newest => self.live,
            At::Snapshot(_) => {
                let live = |cell: &usize| self.is_live(*cell, None, at);
                self.table.occupied().filter(live).count()
            }
        }
    }

    /// The live entries whose key starts with `prefix`, in order.
    pub(crate) fn list(&mut self, prefix: &[u8], at: At) -> Vec<Entry> {
        let mut order = std::mem::take(&mut self.order);
        // Twice over: looking all cells up first lets their memory arrive side by side.
        let found: Vec<(&Key, usize)> = order
            .starting_with(prefix)
            .filter_map(|key| self.find(key).map(|cell| (key, cell)))
            .collect();
        let mut entries = Vec::with_capacity(found.len());
        for (key, cell) in found {
            if let Some(Versioned { value, version }) = self.seen(cell, key, at) {
                entries.push(Entry { key: key.clone(), value, version });
            }
        }
        self.order = order;
        entries
    }

    /// The stamp of the newest version of a key, deletes included.
    pub(crate) fn newest_stamp(&self, key: &Key) -> Option<u64> {
        self.find(key).map(|cell| self.table.stamp(cell))
    }

    /// The first key under `prefix` whose newest version, a delete included, is later than `stamp`.
    pub(crate) fn changed_since(&mut self, prefix: &[u8], stamp: u64) -> Option<Key> {
        let mut order = std::mem::take(&mut self.order);
        let changed = order
            .starting_with(prefix)
            .find(|key| self.newest_stamp(key).is_some_and(|newest| newest > stamp))
            .cloned();
        self.order = order;
        changed
    }

    /// Writes a short value in place of one that no snapshot sees, if that is all there is to do:
    /// the usual case, which writes the key's cell and nothing else. `is_clean` tells whether no
    /// snapshot sees anything older than the version's stamp. Returns whether the write was made.
    #[inline(always)]
    pub(crate) fn overwrite(
        &mut self,
        hash: u64,
        key: &InlineKey,
        value: &InlineValue,
        version: Version,
        is_clean: impl FnOnce() -> bool,
    ) -> bool {
        let Some((at, cell)) = self.table.find_hashed(hash, key) else { return false };
        if !cell.is_inline() {
            return false;
        }
        let restamped = self.table.stamp(at) != version.stamp();
        if restamped && !(is_clean() && self.history.is_empty()) {
            return false;
        }
        let writing = self.table.write();
        cell.set_inline(version.sequence(), value);
        if restamped {
            writing.set_stamp(at, version.stamp());
        }
        true
    }

    /// Writes a value. `needs` knows the snapshots that may see what it replaces.
    pub(crate) fn put(&mut self, key: &Key, value: Value, version: Version, needs: &mut Needs<'_>) {
        let value = self.cell_value(value);
        let head = Head { stamp: version.stamp(), sequence: version.sequence(), value };
        match self.find(key) {
            Some(cell) => self.replace(cell, key, &head, needs),
            None => self.insert(key, &head),
        }
    }

    /// Deletes a key; returns what that removed, if it was live.
    pub(crate) fn delete(
        &mut self,
        key: &Key,
        version: Version,
        needs: &mut Needs<'_>,
    ) -> Option<Versioned> {
        let cell = self.find(key)?;
        let removed = self.seen(cell, key, At::Newest)?;
        let value = CellValue::Tombstone;
        let head = Head { stamp: version.stamp(), sequence: version.sequence(), value };
        self.replace(cell, key, &head, needs);
        if self.history.get(key).is_none_or(Vec::is_empty) {
            // Nothing hides behind the delete, so no snapshot can tell it from a key never written.
            self.history.remove(key);
            self.erase(cell, key);
        }
        Some(removed)
    }

    /// Drops what no snapshot needs; returns how many versions, deletes included, that were.
    pub(crate) fn prune(&mut self, live: &Live) -> usize {
        let keys: Vec<Key> = self.history.keys().cloned().collect();
        keys.iter().map(|key| self.prune_key(key, live)).sum()
    }

    /// Drops a little of what is left of closed snapshots. To be called when none needs any of it.
    #[cold]
    #[inline(never)]
    pub(crate) fn sweep_some(&mut self) {
        for _ in 0..SWEPT_AT_ONCE {
            let Some((key, chain)) = self.history.pop_first() else { return };
            for version in chain {
                self.release(version.value);
            }
            // Only where there are deletes at all is it worth asking whether this is one.
            if self.keys > self.live
                && let Some(cell) = self.find(&key)
                && !self.table.cell(cell).is_live()
            {
                self.erase(cell, &key);
            }
        }
    }

    /// Whether there is anything that only snapshots can see.
    #[inline]
    pub(crate) fn has_history(&self) -> bool {
        !self.history.is_empty()
    }

    /// Counts for statistics.
    pub(crate) fn counts(&self) -> Counts {
        let chains = || self.history.values().map(Vec::len);
        Counts {
            live: self.live,
            versions: self.keys + chains().sum::<usize>(),
            chain_max: usize::from(self.keys > 0) + chains().max().unwrap_or(0),
            bytes: self.bytes(),
        }
    }

    fn bytes(&self) -> usize {
        let history: usize = self
            .history
            .values()
            .map(|chain| size_of::<(Key, Chain)>() + chain.capacity() * size_of::<Head>())
            .sum();
        self.table.bytes() + self.arena.bytes() + self.order.bytes() + history
    }

    fn find(&self, key: &Key) -> Option<usize> {
        match &key.0 {
            Bytes::Inline(key) => self.table.find(key),
            Bytes::Heap(bytes) => {
                let hash = long_key_hash(bytes);
                self.table.find(&LongKey { hash, bytes, arena: &self.arena })
            }
        }
    }

    /// The version of a key that a read at `at` finds, a delete included.
    fn version_at(&self, cell: usize, key: &Key, at: At) -> Option<Head> {
        let newest = self.table.head(cell);
        match at {
            At::Snapshot(snapshot) if newest.stamp > snapshot => {
                let chain = self.history.get(key)?;
                chain.iter().rev().find(|older| older.stamp <= snapshot).copied()
            }
            _ => Some(newest),
        }
    }

    fn seen(&self, cell: usize, key: &Key, at: At) -> Option<Versioned> {
        let head = self.version_at(cell, key, at)?;
        let version = Version::new(head.stamp, head.sequence);
        Some(Versioned { value: self.value_of(head.value)?, version })
    }

    /// Whether a cell is live. The caller may know its key; it is needed only where an older
    /// version must be looked up.
    fn is_live(&self, cell: usize, key: Option<&Key>, at: At) -> bool {
        let newest = self.table.head(cell);
        let head = match (at, key) {
            (At::Snapshot(snapshot), None) if newest.stamp > snapshot => {
                self.version_at(cell, &self.key_of(cell), at)
            }
            (At::Snapshot(_), Some(key)) => self.version_at(cell, key, at),
            _ => Some(newest),
        };
        head.is_some_and(|head| head.value != CellValue::Tombstone)
    }

    fn key_of(&self, cell: usize) -> Key {
        Key(match self.table.cell(cell).key() {
            CellKey::Inline(key) => Bytes::Inline(key),
            CellKey::Arena { index, .. } => Bytes::Heap(StdArc::clone(self.arena.get(index))),
        })
    }

    fn value_of(&self, value: CellValue) -> Option<Value> {
        Some(Value(match value {
            CellValue::Tombstone => return None,
            CellValue::Inline(value) => Bytes::Inline(value),
            CellValue::Arena { index } => Bytes::Heap(StdArc::clone(self.arena.get(index))),
        }))
    }

    fn cell_value(&mut self, value: Value) -> CellValue {
        match value.0 {
            Bytes::Inline(value) => CellValue::Inline(value),
            Bytes::Heap(bytes) => CellValue::Arena { index: self.arena.add(bytes) },
        }
    }

    /// Puts a newer version in a cell, and keeps the one it replaces if a snapshot may see it.
    fn replace(&mut self, cell: usize, key: &Key, head: &Head, needs: &mut Needs<'_>) {
        let older = self.table.head(cell);
        let was_live = older.value != CellValue::Tombstone;
        let is_live = head.value != CellValue::Tombstone;
        self.live = self.live - usize::from(was_live) + usize::from(is_live);
        // Same stamp: no snapshot so far can tell the difference, so none can need the older one.
        if needs.may_see(older.stamp) {
            self.keep(key, older, head.stamp, needs.live());
        } else {
            self.release(older.value);
        }
        self.table.write().set(cell, head);
    }

    fn keep(&mut self, key: &Key, older: Head, replaced_at: u64, live: &Live) {
        let chain = self.history.entry(key.clone()).or_insert_with(|| Vec::with_capacity(1));
        chain.push(older);
        // Whenever its length doubles: a chain then has at most twice as many versions as there are
        // snapshots to see them, and pruning costs each of them little.
        if chain.len() > 1 && chain.len().is_power_of_two() {
            prune_chain(chain, &mut self.arena, replaced_at, live);
        }
    }

    fn insert(&mut self, key: &Key, head: &Head) {
        if self.used == self.table.room() {
            self.rebuild();
        }
        let cell_key = match &key.0 {
            Bytes::Inline(key) => CellKey::Inline(*key),
            Bytes::Heap(bytes) => {
                let index = self.arena.add(StdArc::clone(bytes));
                CellKey::Arena { hash: long_key_hash(bytes), index }
            }
        };
        let fresh = self.table.write().insert(cell_key, head);
        self.used += usize::from(fresh);
        self.keys += 1;
        self.live += 1;
        self.order.add(key.clone());
    }

    /// Takes a key out, whose newest version is a delete.
    fn erase(&mut self, cell: usize, key: &Key) {
        if let CellKey::Arena { index, .. } = self.table.cell(cell).key() {
            self.arena.remove(index);
        }
        let reusable = self.table.tidy().erase(cell);
        self.used -= usize::from(reusable);
        self.keys -= 1;
        self.order.remove(key);
    }

    /// Builds a table with room, twice as large unless it was full of erased cells.
    fn rebuild(&mut self) {
        let roomy = Table::with_room((self.keys + 1).max(self.keys * 4 / 3));
        let writing = roomy.write();
        for cell in self.table.occupied() {
            writing.insert(self.table.cell(cell).key(), &self.table.head(cell));
        }
        drop(writing);
        self.used = self.keys;
        self.table.retire();
        self.table = Arc::new(roomy);
    }

    /// Drops the older versions of a key that no snapshot needs, and the key itself if what is left
    /// is a delete with nothing behind it. Returns how many versions went.
    fn prune_key(&mut self, key: &Key, live: &Live) -> usize {
        let cell = self.find(key).expect("a key with history is in the table");
        let newest = self.table.head(cell);
        let chain = self.history.get_mut(key).expect("the key was found in the history");
        let mut dropped = prune_chain(chain, &mut self.arena, newest.stamp, live);
        if chain.is_empty() {
            self.history.remove(key);
            if newest.value == CellValue::Tombstone {
                self.erase(cell, key);
                dropped += 1;
            }
        }
        dropped
    }

    fn release(&mut self, value: CellValue) {
        if let CellValue::Arena { index } = value {
            self.arena.remove(index);
        }
    }
}

impl Drop for Contents {
    /// Handles may outlive the contents; their tables are marked, so that they look for new ones.
    fn drop(&mut self) {
        self.table.retire();
    }
}

/// Drops those versions of a chain that no snapshot needs; the newest version of its key was
/// installed at `newest`. Returns how many went.
fn prune_chain(chain: &mut Chain, arena: &mut Arena, newest: u64, live: &Live) -> usize {
    let before = chain.len();
    let mut kept = Vec::new();
    let mut replaced_at = newest;
    for version in chain.iter().rev() {
        if live.may_see(version.stamp, replaced_at) {
            kept.push(*version);
        } else if let CellValue::Arena { index } = version.value {
            arena.remove(index);
        }
        replaced_at = version.stamp;
    }
    kept.reverse();
    *chain = kept;
    before - chain.len()
}

fn long_key_hash(bytes: &[u8]) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(bytes);
    hasher.finish()
}
