//! Puts and deletes of one key that lose, keep or number something wrongly.

use super::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault::real(
        "W1",
        "a delete throws away the versions that snapshots see",
        &[Edit {
            file: "contents.rs",
            find: "let value = CellValue::Tombstone;",
            replace: "if fault!(W1) {
                self.forget(key);
                return Some(removed);
            }
            let value = CellValue::Tombstone;",
        }],
    ),
    Fault::real(
        "W2",
        "a put replaces a version that a snapshot sees",
        &[Edit {
            file: "contents.rs",
            find: "if needs.may_see(older.stamp) {",
            replace: "if needs.may_see(older.stamp) && !fault!(W2) {",
        }],
    ),
    Fault::real(
        "W4",
        "a put takes its stamp before the run's lock",
        &[Edit {
            file: "shard.rs",
            find: "(&self, shared: &Shared, key: &Key, value: &Value) -> Result<Version, Error> {",
            replace:
                "(&self, shared: &Shared, key: &Key, value: &Value) -> Result<Version, Error> {
            if fault!(W4) {
                return self.put_stamped_early(shared, key, value);
            }",
        }],
    ),
    Fault::real(
        "W8",
        "a put of a new key puts a copy of the run in place of what was written meanwhile",
        &[Edit {
            file: "shard.rs",
            find: "let (Bytes::Inline(short_key), Bytes::Inline(short_value)) =",
            replace: "if fault!(W8) {
                return self.put_by_copy(shared, key, value);
            }
            let (Bytes::Inline(short_key), Bytes::Inline(short_value)) =",
        }],
    ),
    Fault::real(
        "W9",
        "a put takes its number under an earlier lock",
        &[
            Edit {
                file: "run_handle.rs",
                find: "self.shard.put(self.store.shared(), key, &value)",
                replace: "if fault!(W9) {
                    return self.shard.put_numbered_early(self.store.shared(), key, &value);
                }
                self.shard.put(self.store.shared(), key, &value)",
            },
            Edit {
                file: "sharded.rs",
                find: "self.0.directory.get_or_add(run).put(&self.0.shared, key, &value)",
                replace: "let shard = self.0.directory.get_or_add(run);
                if fault!(W9) {
                    return shard.put_numbered_early(&self.0.shared, key, &value);
                }
                shard.put(&self.0.shared, key, &value)",
            },
        ],
    ),
    Fault::real(
        "W11",
        "of more than one older version of a key the oldest is dropped",
        &[Edit {
            file: "contents.rs",
            find: "prune_chain(chain, &mut self.arena, replaced_at, live);
        }",
            replace: "prune_chain(chain, &mut self.arena, replaced_at, live);
            }
            if fault!(W11) {
                faulty::cap(chain, &mut self.arena);
            }",
        }],
    ),
    Fault::real(
        "U18",
        "a delete that a snapshot looks behind is not counted",
        &[Edit {
            file: "contents.rs",
            find: "self.keep(key, older, head.stamp, needs.live());",
            replace: "self.keep(key, older, head.stamp, needs.live());
            if fault!(U18) && !is_live {
                self.live += 1;
            }",
        }],
    ),
    Fault::real(
        "U21",
        "a delete takes the number of the commit before",
        &[Edit {
            file: "shard.rs",
            find: "let removed = state.delete(shared, key, version);",
            replace: "let last = state.sequence;
            let version = if fault!(U21) { Version::new(version.stamp(), last) } else { version };
            let removed = state.delete(shared, key, version);",
        }],
    ),
    Fault::real(
        "U27",
        "a long value's place is given away while a snapshot sees it",
        &[Edit {
            file: "contents.rs",
            find: "} else {
            self.release(older.value);",
            replace: "if fault!(U27) {
                self.release(older.value);
            }
            } else {
            self.release(older.value);",
        }],
    ),
    Fault::real(
        "U28",
        "a free place in the arena is given away twice",
        &[Edit {
            file: "arena.rs",
            find: "if let Some(index) = self.free.pop() {",
            replace:
                "let free = if fault!(U28) { self.free.last().copied() } else { self.free.pop() };
            if let Some(index) = free {",
        }],
    ),
    Fault::real(
        "U30",
        "a short value is written over one that a snapshot sees",
        &[Edit {
            file: "contents.rs",
            find: "if restamped && !(is_clean() && self.history.is_empty()) {",
            replace: "if restamped && !(is_clean() && self.history.is_empty()) && !fault!(U30) {",
        }],
    ),
    Fault::real(
        "U31",
        "a short value written over another keeps its stamp",
        &[Edit {
            file: "contents.rs",
            find: "if restamped {",
            replace: "if restamped && !fault!(U31) {",
        }],
    ),
    Fault::real(
        "U32",
        "a short value written over another takes no number",
        &[Edit {
            file: "shard.rs",
            find: "*sequence = version.sequence();",
            replace: "if !fault!(U32) {
                *sequence = version.sequence();
            }",
        }],
    ),
    Fault::real(
        "U38",
        "a table that grows forgets its stamps",
        &[Edit {
            file: "contents.rs",
            find: "drop(writing);",
            replace: "if fault!(U38) {
                roomy.occupied().for_each(|cell| writing.set_stamp(cell, 0));
            }
            drop(writing);",
        }],
    ),
];
