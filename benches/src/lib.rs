//! Shared code of the benchmarks: filled subjects, and passes over a sequence of keys.

use sharded_store::{Key, Session};
use shardproof::subject::Subject;
use shardproof::workload::keys::{KeySet, run_id, value};

/// Number of keys in a run, as in the matrix.
pub const KEYS: usize = 10_000;
/// Number of keys in one pass.
pub const PASS: usize = 4096;

/// A session on a run filled with all keys.
///
/// # Panics
/// If the subject refuses a put.
pub fn filled<S: Subject>(subject: &S, run: u64) -> S::Session<'_> {
    let mut session = subject.session(run_id(1, run));
    for (index, key) in KeySet::new(KEYS).as_slice().iter().enumerate() {
        session.put(key, value(index as u64)).expect("an empty store takes a put");
    }
    session
}

/// The keys of one pass, in an order that prefetchers cannot predict.
#[must_use]
pub fn pass() -> Vec<Key> {
    let keys = KeySet::new(KEYS);
    // The step is coprime to the number of keys, so no key repeats before all were visited.
    (0..PASS).map(|step| keys.as_slice()[step * 7919 % KEYS].clone()).collect()
}

/// Reads the whole value of every key of a pass. Returns a digest for `black_box`.
pub fn read_all<S: Session>(session: &mut S, keys: &[Key]) -> u64 {
    let mut sum = 0u64;
    for key in keys {
        let read = |value: &sharded_store::Value| {
            let words = value.as_bytes().chunks_exact(8);
            words.fold(0u64, |sum, word| {
                sum.rotate_left(5) ^ u64::from_ne_bytes(word.try_into().expect("eight bytes"))
            })
        };
        sum = sum.wrapping_add(session.get_with(key, read).unwrap_or(0));
    }
    sum
}

/// Overwrites every key of a pass.
///
/// # Panics
/// If the subject refuses a put.
pub fn write_all<S: Session>(session: &mut S, keys: &[Key]) {
    let value = value(7);
    for key in keys {
        session.put(key, value.clone()).expect("a store in use takes a put");
    }
}
