//! Small sets of runs, keys, prefixes and values, so that random programs use the same ones again
//! and again.

use sharded_store::{Key, RunId, Value};

/// Number of runs.
pub(crate) const RUNS: usize = 3;
/// Number of keys: the edge cases below, and numbered keys that make tables grow.
pub(crate) const KEYS: usize = EDGE_KEYS.len() + 14;
/// Lengths of values, around the limit of a cell.
pub(crate) const VALUE_BYTES: [usize; 5] = [0, 8, 40, 41, 300];

/// Edge cases: empty, trailing zeros, 16 and 17 bytes, and longer keys with common prefixes.
const EDGE_KEYS: [&[u8]; 14] = [
    b"",
    b"a",
    b"a\0",
    b"a\0\0",
    b"ab",
    b"b",
    b"\xff\xff",
    b"abcdefghijklmno\0",
    b"abcdefghijklmnop",
    b"abcdefghijklmnopq",
    b"abcdefghijklmnopq\0",
    b"a long key with a prefix in common: one",
    b"a long key with a prefix in common: two",
    b"a long key with a prefix in common: two\0\0",
];

/// Prefixes to list.
pub(crate) const PREFIXES: [&[u8]; 11] = [
    b"",
    b"a",
    b"a\0",
    b"ab",
    b"abcdefghijklmnop",
    b"abcdefghijklmnopq",
    b"a long key with a prefix",
    b"a long key with a prefix in common: two\0",
    b"number 1",
    b"\xff",
    b"nothing starts with this",
];

/// Run number `number`.
pub(crate) fn run(number: usize) -> RunId {
    // Uses the whole id, as a UUID does.
    RunId::from_u128((number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// Key number `number`.
pub(crate) fn key(number: usize) -> Key {
    match EDGE_KEYS.get(number) {
        Some(bytes) => Key::new(bytes).unwrap(),
        None => Key::new(format!("number {number}")).unwrap(),
    }
}

/// A value of `bytes` bytes derived from `seed`, so that hardly any two are equal.
pub(crate) fn value(bytes: usize, seed: u64) -> Value {
    let word = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed;
    let filled: Vec<u8> =
        (0..bytes).map(|at| (word.rotate_left(at as u32) ^ at as u64) as u8).collect();
    Value::new(filled).unwrap()
}
