//! Seeded faults of a run's contents that are too long for a replacement.

use super::{Arena, At, CellValue, Chain, Contents, Head};
use crate::contract::{Entry, Key};
use crate::pins::Live;

/// Of one key, which of its older versions are to go, by their place in its chain.
pub(crate) type Plan = Vec<(Key, Vec<usize>)>;

/// W11: drops the oldest of more than one older version.
pub(super) fn cap(chain: &mut Chain, arena: &mut Arena) {
    if chain.len() > 1
        && let CellValue::Arena { index } = chain.remove(0).value
    {
        arena.remove(index);
    }
}

impl Contents {
    /// R2: what a snapshot sees if it does not see its own version.
    pub(super) fn version_before(&self, newest: Head, key: &Key, snapshot: u64) -> Option<Head> {
        if newest.stamp < snapshot {
            return Some(newest);
        }
        self.history.get(key)?.iter().rev().find(|older| older.stamp < snapshot).copied()
    }

    /// R4a, R4b: whether a read finds a version of a key, be it a delete.
    pub(super) fn is_there(&self, cell: usize, key: Option<&Key>, at: At) -> bool {
        let key = key.cloned().unwrap_or_else(|| self.key_of(cell));
        self.version_at(cell, &key, at).is_some()
    }

    /// W1, W8: takes a live key out with all its versions.
    pub(super) fn forget(&mut self, key: &Key) {
        let Some(cell) = self.find(key) else { return };
        for version in self.history.remove(key).unwrap_or_default() {
            self.release(version.value);
        }
        self.release(self.table.head(cell).value);
        self.live -= 1;
        self.erase(cell, key);
    }

    /// W8: makes the newest versions what they were in a copy taken before.
    pub(crate) fn put_back(&mut self, copy: &[Entry]) {
        for Entry { key, .. } in self.list(b"", At::Newest) {
            if !copy.iter().any(|copied| copied.key == key) {
                self.forget(&key);
            }
        }
        for Entry { key, value, version } in copy {
            let value = self.cell_value(value.clone());
            let head = Head { stamp: version.stamp(), sequence: version.sequence(), value };
            match self.find(key) {
                Some(cell) => {
                    let newest = self.table.head(cell).value;
                    self.live += usize::from(newest == CellValue::Tombstone);
                    self.release(newest);
                    self.table.write().set(cell, &head);
                }
                None => self.insert(key, &head),
            }
        }
    }

    /// G7: what could be dropped now.
    pub(crate) fn plan(&self, live: &Live) -> Plan {
        let planned = self.history.iter().map(|(key, chain)| {
            let cell = self.find(key).expect("a key with history is in the table");
            let newer = chain.iter().skip(1).map(|version| version.stamp);
            let replaced_at = newer.chain([self.table.stamp(cell)]);
            let unneeded = chain.iter().zip(replaced_at).enumerate();
            let unneeded = unneeded
                .filter(|(_, (version, replaced_at))| !live.may_see(version.stamp, *replaced_at))
                .map(|(place, _)| place);
            (key.clone(), unneeded.collect())
        });
        planned.collect()
    }

    /// G7: drops what was planned, wherever it is by now.
    pub(crate) fn prune_as_planned(&mut self, plan: &Plan) -> usize {
        let mut dropped = 0;
        for (key, places) in plan {
            let Some(mut chain) = self.history.remove(key) else { continue };
            for place in places.iter().rev() {
                if *place < chain.len() {
                    self.release(chain.remove(*place).value);
                    dropped += 1;
                }
            }
            if !chain.is_empty() {
                self.history.insert(key.clone(), chain);
            } else if let Some(cell) = self.find(key)
                && !self.table.cell(cell).is_live()
            {
                self.erase(cell, key);
                dropped += 1;
            }
        }
        dropped
    }
}
