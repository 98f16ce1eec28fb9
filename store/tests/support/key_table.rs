//! Small alphabets, so that random programs meet the same run and key again and again.

use sharded_store::{Key, RunId, Value};

/// Runs that programs work in.
pub(crate) const RUNS: usize = 3;
/// Keys that programs work with: the odd ones below, and numbered ones that make tables grow.
pub(crate) const KEYS: usize = ODD_KEYS.len() + 14;
/// Lengths of values around the limits of a cell.
pub(crate) const VALUE_BYTES: [usize; 5] = [0, 8, 40, 41, 300];

/// Keys at the edges: empty, trailing zeros, 16 and 17 bytes, and longer ones that share prefixes.
const ODD_KEYS: [&[u8]; 14] = [
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

/// Prefixes that programs list.
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

/// The run of a number.
pub(crate) fn run(number: usize) -> RunId {
    // Spread over the whole id, as a UUID is.
    RunId::from_u128((number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// The key of a number.
pub(crate) fn key(number: usize) -> Key {
    match ODD_KEYS.get(number) {
        Some(bytes) => Key::new(bytes).unwrap(),
        None => Key::new(format!("number {number}")).unwrap(),
    }
}

/// A value of some length, its bytes made from `seed` so that (nearly) no two are alike.
pub(crate) fn value(bytes: usize, seed: u64) -> Value {
    let word = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed;
    let filled: Vec<u8> =
        (0..bytes).map(|at| (word.rotate_left(at as u32) ^ at as u64) as u8).collect();
    Value::new(filled).unwrap()
}
