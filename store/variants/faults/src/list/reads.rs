//! Reads and listings that answer wrongly.

use super::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault::real(
        "R1",
        "a snapshot's get returns the live value",
        &[Edit {
            file: "snapshot.rs",
            find: "self.store().shard(run)?.lock().get(key, self.at())",
            replace: "if fault!(R1) {
                return self.store().get(run, key);
            }
            self.store().shard(run)?.lock().get(key, self.at())",
        }],
    ),
    Fault::real(
        "R2",
        "a snapshot does not see the commits of its own version",
        &[Edit {
            file: "contents.rs",
            find: "At::Snapshot(snapshot) if newest.stamp > snapshot => {",
            replace: "At::Snapshot(snapshot) if fault!(R2) => {
                self.version_before(newest, key, snapshot)
            }
            At::Snapshot(snapshot) if newest.stamp > snapshot => {",
        }],
    ),
    Fault::real(
        "R3a",
        "a snapshot's list returns the live entries",
        &[Edit {
            file: "contents.rs",
            find: "= self.seen(cell, key, at) {",
            replace: "= self.seen(cell, key, if fault!(R3a) { At::Newest } else { at }) {",
        }],
    ),
    Fault::real(
        "R3b",
        "a snapshot's count returns the live count",
        &[Edit {
            file: "contents.rs",
            find: "At::Newest => self.live,",
            replace: "_ if fault!(R3b) => self.live,
            At::Newest => self.live,",
        }],
    ),
    Fault::real(
        "R4a",
        "a snapshot's count includes deleted keys",
        &[Edit {
            file: "contents.rs",
            find: "fn is_live(&self, cell: usize, key: Option<&Key>, at: At) -> bool {",
            replace: "fn is_live(&self, cell: usize, key: Option<&Key>, at: At) -> bool {
            if fault!(R4a) && key.is_none() {
                return self.is_there(cell, key, at);
            }",
        }],
    ),
    Fault::real(
        "R4b",
        "a deleted key is still contained in a snapshot",
        &[Edit {
            file: "contents.rs",
            find: "let head = match (at, key) {",
            replace: "if fault!(R4b) && key.is_some() {
                return self.is_there(cell, key, at);
            }
            let head = match (at, key) {",
        }],
    ),
    Fault::real(
        "R5",
        "a listing includes the key that follows the prefix",
        &[Edit {
            file: "order.rs",
            find: "from_first.take_while(move |key| key.starts_with(prefix))",
            replace: "from_first.take_while(move |key| {
                key.starts_with(prefix) || fault!(R5) && faulty::is_successor(key, prefix)
            })",
        }],
    ),
    Fault::real(
        "R6",
        "a snapshot reads the clock anew for each read",
        &[Edit {
            file: "snapshot.rs",
            find: "At::Snapshot(self.version)",
            replace: "At::Snapshot(if fault!(R6) { self.store().version() } else { self.version })",
        }],
    ),
    Fault::real(
        "R7",
        "a listing goes on into the next run",
        &[
            Edit {
                file: "sharded.rs",
                find: "let shard = self.0.directory.get(run);",
                replace: "if fault!(R7) {
                    return self.list_past_run(run, prefix.as_ref(), At::Newest);
                }
                let shard = self.0.directory.get(run);",
            },
            Edit {
                file: "snapshot.rs",
                find: "let shard = self.store().shard(run);",
                replace: "if fault!(R7) {
                    return self.store().list_past_run(run, prefix.as_ref(), self.at());
                }
                let shard = self.store().shard(run);",
            },
        ],
    ),
    Fault::real(
        "U16",
        "a listing lacks the keys that wait to be filed",
        &[Edit {
            file: "order.rs",
            find: "self.file_pending();
        let first_block",
            replace: "if !fault!(U16) {
                self.file_pending();
            }
            let first_block",
        }],
    ),
    Fault::real(
        "U17",
        "a block of keys loses its last key when it is split",
        &[Edit {
            file: "order.rs",
            find: "upper.extend(self.blocks[at].drain(BLOCK_MAX / 2..));",
            replace: "upper.extend(self.blocks[at].drain(BLOCK_MAX / 2..));
            if fault!(U17) {
                upper.pop();
            }",
        }],
    ),
];
