//! Fills a store before it is measured.

use sharded_store::{Session, Storage};
use shardproof_workload::KeySet;
use shardproof_workload::keys::{self, KEYS_PER_RUN};

/// The panic message when a write fails: without it, nothing can be measured.
pub(crate) const REFUSED: &str = "the subject refused a write";

/// Puts every key once.
pub(crate) fn fill_session<S: Session>(session: &mut S, keys: &KeySet) {
    for (key, index) in keys.as_slice().iter().zip(0..) {
        session.put(key, keys::value(index)).expect(REFUSED);
    }
}

/// Puts `count` keys, up to [`KEYS_PER_RUN`] in each run.
pub(crate) fn fill_store<S: Storage>(store: &S, seed: u64, count: usize) {
    for (run, first) in (0..count).step_by(KEYS_PER_RUN).enumerate() {
        let keys = KeySet::new(KEYS_PER_RUN.min(count - first));
        fill_session(&mut store.session(keys::run_id(seed, run as u64)), &keys);
    }
}
