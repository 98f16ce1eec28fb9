//! Live bytes per entry, per older version and per run.

use std::time::Duration;

use sharded_store::{Session, Storage};
use shardproof_evidence::Memory;
use shardproof_subject::Subject;
use shardproof_trace::allocations::LiveBytes;
use shardproof_workload::KeySet;
use shardproof_workload::keys::{self, KEYS_PER_RUN, run_id};

use crate::fill::{REFUSED, fill_session};
use crate::progress::Tracker;
use crate::random_keys::overwriting_value;
use crate::{MeasureSubject, Plan};

/// Measures a subject; `None` if it has no memory of its own.
pub(crate) fn collect(
    subject: MeasureSubject,
    plan: &Plan,
    tracker: &mut Tracker<'_>,
) -> Option<Memory> {
    if !subject.description().has_own_memory {
        return None;
    }
    let keys = KeySet::new(KEYS_PER_RUN);
    let per_key = |bytes: i64| bytes as f64 / KEYS_PER_RUN as f64;
    let fill = Fill { keys: &keys, seed: plan.seed };
    let store = subject.store_driver();
    let bytes_per_entry = subject.driver().entry_bytes(fill).map(per_key);
    let bytes_per_version = store.and_then(|store| store.version_bytes(fill));
    let bytes_per_run = store.and_then(|store| store.run_bytes(fill)).map(per_key);
    tracker.advance("memory", Duration::ZERO);
    let (subject, keys) = (subject.to_string(), KEYS_PER_RUN);
    Some(Memory { part: 0, subject, keys, bytes_per_entry, bytes_per_version, bytes_per_run })
}

/// The number of snapshots open at the end, and of overwrites of each key.
const SNAPSHOTS: usize = 4;

/// Bytes per version that only a snapshot can see. Overwrites every key of a run that holds `keys`
/// four times, each time after a new snapshot that stays open. `None` for a store without
/// snapshots, and where bytes are not counted.
///
/// # Panics
/// When the store refuses a put.
#[must_use]
pub fn bytes_per_version<S: Storage>(store: &S, seed: u64, keys: &KeySet) -> Option<f64> {
    if !S::CAPABILITIES.snapshots {
        return None;
    }
    let mut session = store.session(run_id(seed, 0));
    fill_session(&mut session, keys);
    let value = overwriting_value();
    let mut snapshots = Vec::with_capacity(SNAPSHOTS);
    let live = LiveBytes::begin();
    for _ in 0..SNAPSHOTS {
        snapshots.push(store.snapshot());
        for key in keys.as_slice() {
            session.put(key, value.clone()).expect(REFUSED);
        }
    }
    let bytes = live.now()?;
    drop(snapshots);
    Some(bytes as f64 / (SNAPSHOTS * keys.as_slice().len()) as f64)
}

/// What subjects are filled with.
#[derive(Clone, Copy)]
pub(crate) struct Fill<'a> {
    /// The keys.
    keys: &'a KeySet,
    /// Decides the ids of the runs.
    seed: u64,
}

impl Fill<'_> {
    /// Counts the live bytes of a filled subject.
    pub(crate) fn entry_bytes<S: Subject>(self, create: &impl Fn() -> S) -> Option<i64> {
        let Self { keys, seed } = self;
        let live = LiveBytes::begin();
        let subject = create();
        let mut session = subject.session(run_id(seed, 0));
        fill_session(&mut session, keys);
        // A subject may build an index on the first listing; that is part of its memory.
        if S::LISTS {
            let listed = session.list_len(b"");
            assert_eq!(listed, keys.as_slice().len(), "the subject lists what was put");
        }
        live.now()
    }

    /// Counts the live bytes of versions kept for snapshots.
    pub(crate) fn version_bytes<S: Storage>(self, create: &impl Fn() -> S) -> Option<f64> {
        bytes_per_version(&create(), self.seed, self.keys)
    }

    /// Counts the live bytes of as many runs as there are keys, each with one entry.
    pub(crate) fn run_bytes<S: Storage>(self, create: &impl Fn() -> S) -> Option<i64> {
        let Self { keys, seed } = self;
        let live = LiveBytes::begin();
        let store = create();
        for (key, index) in keys.as_slice().iter().zip(0..) {
            // Not through a session, which may keep memory for its thread.
            let run = run_id(seed, index);
            store.put(run, key, keys::value(index)).expect(REFUSED);
            // For the index, as above.
            if S::CAPABILITIES.lists {
                assert_eq!(store.list(run, b"").len(), 1, "the subject lists what was put");
            }
        }
        live.now()
    }
}
