//! Transactions that read or commit what they must not.

use super::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault::real(
        "T1",
        "a transaction's get does not see its own writes",
        &[Edit {
            file: "transaction.rs",
            find: "if let Some(written) = self.writes.get(key) {",
            replace: "if let Some(written) = self.writes.get(key) && !fault!(T1) {",
        }],
    ),
    Fault::real(
        "T2",
        "a commit compares what was read with what is there now",
        &[
            Edit {
                file: "transaction.rs",
                find: "let shared = store.shared();",
                replace: "let shared = store.shared();
                let read_at = if fault!(T2) { shared.clock.now() } else { snapshot.version() };",
            },
            Edit {
                file: "transaction.rs",
                find: "ReadSet { snapshot: snapshot.version(), keys",
                replace: "ReadSet { snapshot: read_at, keys",
            },
        ],
    ),
    Fault::real(
        "T2b",
        "a commit releases the lock between its check and its writes",
        &[Edit {
            file: "transaction.rs",
            find: "drop(snapshot);",
            replace: "let (mut state, version) = if fault!(T2b) {
                drop(state);
                let state = shard.lock();
                let version = state.next_version(shared.clock.stamp()?)?;
                (state, version)
            } else {
                (state, version)
            };
            drop(snapshot);",
        }],
    ),
    Fault::real(
        "T3",
        "a commit that fails leaves its writes behind",
        &[Edit {
            file: "transaction.rs",
            find: "state.check(shard.id(), &reads)?;",
            replace: "if let Err(conflict) = state.check(shard.id(), &reads) {
                if fault!(T3) {
                    state.install(shared, &writes, version);
                }
                return Err(conflict);
            }",
        }],
    ),
    Fault::real(
        "U13",
        "a commit does not check the prefixes that were listed",
        &[Edit {
            file: "shard.rs",
            find: "for prefix in reads.prefixes {",
            replace: "for prefix in reads.prefixes {
            if fault!(U13) {
                break;
            }",
        }],
    ),
    Fault::real(
        "U22",
        "a transaction's get returns the live value",
        &[Edit {
            file: "transaction.rs",
            find: "self.shard.lock().get(key, self.snapshot.at())",
            replace: "let newest = crate::contents::At::Newest;
            let at = if fault!(U22) { newest } else { self.snapshot.at() };
            self.shard.lock().get(key, at)",
        }],
    ),
    Fault::real(
        "U23",
        "a commit drops its snapshot before its check",
        &[Edit {
            file: "transaction.rs",
            find: "let Self { snapshot, shard, writes, keys_read, prefixes_read } = self;",
            replace: "if fault!(U23) {
                return self.commit_unpinned();
            }
            let Self { snapshot, shard, writes, keys_read, prefixes_read } = self;",
        }],
    ),
    Fault::real(
        "U36",
        "a commit does not notice that the run was removed",
        &[Edit {
            file: "shard.rs",
            find: "if self.removed.last().is_some_and(|removed| removed.at > snapshot)",
            replace: "if self.removed.last().is_some_and(|removed| removed.at > snapshot)
            && !fault!(U36)",
        }],
    ),
];
