//! Write sets that are not one write.

use super::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault::real(
        "W4b",
        "a write set takes its stamp before the runs' locks",
        &[
            Edit {
                file: "sharded.rs",
                find: "let shards: Vec<_> = writes",
                replace: "let stamp = || self.0.shared.clock.stamp();
                let early = if fault!(W4b) { Some(stamp()?) } else { None };
                let shards: Vec<_> = writes",
            },
            Edit {
                file: "sharded.rs",
                find: "let stamp = self.0.shared.clock.stamp()?;",
                replace: "let stamp = early.map_or_else(stamp, Ok)?;",
            },
        ],
    ),
    Fault::real(
        "W6",
        "a write set takes a stamp for each key",
        &[Edit {
            file: "sharded.rs",
            find: "if state.install(&self.0.shared, writes, version) {",
            replace: "if fault!(W6) {
                let mut last = None;
                for write in writes.iter() {
                    last = state.install_one(&self.0.shared, write, version.sequence())?.or(last);
                }
                changed.extend(last.map(|version| (*run, version)));
            } else if state.install(&self.0.shared, writes, version) {",
        }],
    ),
    Fault::real(
        "W7",
        "a write set releases the lock between keys",
        &[Edit {
            file: "sharded.rs",
            find: "fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {",
            replace: "fn apply(&self, writes: &WriteSet) -> Result<Vec<(RunId, Version)>, Error> {
            if fault!(W7) {
                return self.apply_key_by_key(writes);
            }",
        }],
    ),
    Fault::real(
        "W7b",
        "a write set releases each run's lock before it takes the next",
        &[Edit {
            file: "sharded.rs",
            find: "if writes.is_empty() {",
            replace: "if fault!(W7b) {
                return self.apply_run_by_run(writes);
            }
            if writes.is_empty() {",
        }],
    ),
    Fault::real(
        "W10",
        "of two writes of a key in a write set the first one wins",
        &[Edit {
            file: "contract/write_set.rs",
            find: "let replaced = last.insert(value);",
            replace: "if fault!(W10) {
                    return;
                }
                let replaced = last.insert(value);",
        }],
    ),
    Fault::real(
        "W12",
        "a write set locks its runs in the order in which they were named",
        &[
            Edit {
                file: "contract/write_set.rs",
                find: "runs: BTreeMap<RunId, RunWrites>,",
                replace: "runs: BTreeMap<RunId, RunWrites>,
                pub(crate) named: Vec<RunId>,",
            },
            Edit {
                file: "contract/write_set.rs",
                find: "pub fn add(&mut self, run: RunId, key: Key, value: Option<Value>) {",
                replace: "pub fn add(&mut self, run: RunId, key: Key, value: Option<Value>) {
                if !self.named.contains(&run) {
                    self.named.push(run);
                }",
            },
            Edit {
                file: "sharded.rs",
                find: "let mut locked: Vec<_> =",
                replace: "let mut shards = shards;
                if fault!(W12) {
                    let place = |id| writes.named.iter().position(|named| *named == id);
                    shards.sort_by_key(|(shard, _)| place(shard.id()));
                }
                let mut locked: Vec<_> =",
            },
            Edit {
                file: "sharded.rs",
                find: "Ok(changed)",
                replace: "changed.sort_by_key(|(run, _)| *run);
                Ok(changed)",
            },
        ],
    ),
    Fault::real(
        "U20",
        "a write set ends at a delete that finds nothing",
        &[Edit {
            file: "shard.rs",
            find: "changed |= match value {",
            replace: "if fault!(U20) && value.is_none() && !contents.contains(key, At::Newest) {
                break;
            }
            changed |= match value {",
        }],
    ),
];
