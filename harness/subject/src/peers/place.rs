//! Where a key of a run lies in a peer, which knows no runs: under the run's id, then the key.

use std::ops::Range;

use sharded_store::{Entry, Key, RunId, Value, Versioned};

/// Bytes of a run's id.
const RUN_BYTES: usize = 16;

/// Where a key of a run lies.
pub(super) fn of(run: RunId, key: &Key) -> Vec<u8> {
    [&run.as_u128().to_be_bytes(), key.as_bytes()].concat()
}

/// Where the keys of a run lie that start with `prefix`; the end is not one of them.
pub(super) fn range(run: RunId, prefix: &[u8]) -> Range<Vec<u8>> {
    let start = [&run.as_u128().to_be_bytes(), prefix].concat();
    // The first place beyond: the last byte that can be raised is, and the ones behind it are cut off.
    let raised = start.iter().rposition(|byte| *byte != u8::MAX);
    let end = raised.map_or_else(
        // Nothing lies beyond, so any place will do that is larger than the largest.
        || vec![u8::MAX; RUN_BYTES + Key::BYTES_MAX + 1],
        |at| [&start[..at], &[start[at] + 1]].concat(),
    );
    start..end
}

/// The key that lies at a place.
pub(super) fn key(place: &[u8]) -> Key {
    Key::new(&place[RUN_BYTES..]).expect("only keys are put, and they are short enough")
}

/// The value in a peer's bytes.
pub(super) fn value(bytes: &[u8]) -> Value {
    Value::new(bytes).expect("only values are put, and they are short enough")
}

/// The value in a peer's bytes, without a version.
pub(super) fn versioned(bytes: &[u8]) -> Versioned {
    Versioned::unversioned(value(bytes))
}

/// The entry in a peer's bytes.
pub(super) fn entry((place, bytes): (impl AsRef<[u8]>, impl AsRef<[u8]>)) -> Entry {
    Entry::unversioned(key(place.as_ref()), value(bytes.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_the_prefix_and_nothing_else() {
        let edges: [&[u8]; 7] = [b"", b"a", b"a\xff", b"a\xff\xff", b"b", b"\xff", b"\xff\xff\xff"];
        let runs = [0, 1, 0xff, 0x100, u128::MAX - 1, u128::MAX].map(RunId::from_u128);
        for (in_run, prefix) in runs.iter().flat_map(|run| edges.map(|prefix| (*run, prefix))) {
            let range = range(in_run, prefix);
            for (of_run, bytes) in runs.iter().flat_map(|run| edges.map(|bytes| (*run, bytes))) {
                let key = Key::new(bytes).unwrap();
                let wanted = of_run == in_run && key.starts_with(prefix);
                assert_eq!(range.contains(&of(of_run, &key)), wanted, "{in_run} {prefix:?} {key}");
            }
        }
    }

    #[test]
    fn the_longest_key_of_the_last_run_is_in_range() {
        let (run, key) =
            (RunId::from_u128(u128::MAX), Key::new([u8::MAX; Key::BYTES_MAX]).unwrap());
        assert!(range(run, key.as_bytes()).contains(&of(run, &key)));
    }

    #[test]
    fn a_key_survives_its_place() {
        let key = Key::new("a key").unwrap();
        assert_eq!(super::key(&of(RunId::from_u128(7), &key)), key);
    }
}
