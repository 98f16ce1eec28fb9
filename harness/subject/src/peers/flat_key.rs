//! Encodes a run and a key as one flat key for peers, which have no runs: the run id, then the key.

use std::ops::Range;

use sharded_store::{Entry, Key, RunId, Value, Versioned};

/// Length of a run id, in bytes.
const RUN_BYTES: usize = 16;

/// Encodes a key of a run.
pub(super) fn encode(run: RunId, key: &Key) -> Vec<u8> {
    [&run.to_bytes(), key.as_bytes()].concat()
}

/// The flat keys of a run's keys with this prefix.
pub(super) fn range(run: RunId, prefix: &[u8]) -> Range<Vec<u8>> {
    let start = [&run.to_bytes(), prefix].concat();
    // The end is the successor of the prefix: increment the last byte that is not 255, and cut off
    // the bytes after it.
    let raised = start.iter().rposition(|byte| *byte != u8::MAX);
    let end = raised.map_or_else(
        // There is no successor, so anything above the longest flat key will do.
        || vec![u8::MAX; RUN_BYTES + Key::BYTES_MAX + 1],
        |at| [&start[..at], &[start[at] + 1]].concat(),
    );
    start..end
}

/// Decodes the key from a flat key.
pub(super) fn key(flat_key: &[u8]) -> Key {
    Key::new(&flat_key[RUN_BYTES..]).expect("only keys are put, and they are short enough")
}

/// Decodes a value.
pub(super) fn value(bytes: &[u8]) -> Value {
    Value::new(bytes).expect("only values are put, and they are short enough")
}

/// Decodes a value, without a version.
pub(super) fn versioned(bytes: &[u8]) -> Versioned {
    Versioned::unversioned(value(bytes))
}

/// Decodes an entry from a flat key and a value.
pub(super) fn entry((flat_key, bytes): (impl AsRef<[u8]>, impl AsRef<[u8]>)) -> Entry {
    Entry::unversioned(key(flat_key.as_ref()), value(bytes.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_contains_exactly_the_keys_with_the_prefix() {
        let edges: [&[u8]; 7] = [b"", b"a", b"a\xff", b"a\xff\xff", b"b", b"\xff", b"\xff\xff\xff"];
        let runs = [0, 1, 0xff, 0x100, u128::MAX - 1, u128::MAX].map(RunId::from_u128);
        for (in_run, prefix) in runs.iter().flat_map(|run| edges.map(|prefix| (*run, prefix))) {
            let range = range(in_run, prefix);
            for (of_run, bytes) in runs.iter().flat_map(|run| edges.map(|bytes| (*run, bytes))) {
                let key = Key::new(bytes).unwrap();
                let wanted = of_run == in_run && key.starts_with(prefix);
                assert_eq!(
                    range.contains(&encode(of_run, &key)),
                    wanted,
                    "{in_run} {prefix:?} {key}"
                );
            }
        }
    }

    #[test]
    fn the_longest_key_of_the_last_run_is_in_range() {
        let (run, key) = (RunId::from_u128(u128::MAX), Key::from([u8::MAX; Key::BYTES_MAX]));
        assert!(range(run, key.as_bytes()).contains(&encode(run, &key)));
    }

    #[test]
    fn a_key_survives_encoding_and_decoding() {
        let key = Key::from(b"a key");
        assert_eq!(super::key(&encode(RunId::from_u128(7), &key)), key);
    }
}
