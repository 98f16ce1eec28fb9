//! Runs that are looked up, removed and forgotten wrongly.

use super::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault::real(
        "D1",
        "runs are looked up and locked with locks of the directory and of other runs held",
        &[
            Edit {
                file: "directory.rs",
                find: "self.0.get(id, Arc::clone)",
                replace: "self.0.get(id, |shard| {
                    if fault!(D1) {
                        drop(shard.lock());
                    }
                    Arc::clone(shard)
                })",
            },
            Edit {
                file: "sharded.rs",
                find: "return Ok(Vec::new());
        }",
                replace: "return Ok(Vec::new());
                }
                if fault!(D1) {
                    return self.apply_looking_up_under_locks(writes);
                }",
            },
        ],
    ),
    Fault::real(
        "U7",
        "the table of a removed run is not retired",
        &[Edit {
            file: "shard.rs",
            find: "contents.table().retire();",
            replace: "if !fault!(U7) {
                contents.table().retire();
            }",
        }],
    ),
    Fault::real(
        "U8",
        "a vacant run is forgotten while a writer holds it",
        &[Edit {
            file: "directory.rs",
            find: "let mut vacant = false;",
            replace: "if fault!(U8) {
                return self.remove_though_held(id, clock);
            }
            let mut vacant = false;",
        }],
    ),
    Fault::real(
        "U9",
        "a run is forgotten without moving the clock",
        &[Edit {
            file: "directory.rs",
            find: "(!state.had_versions() || clock.next().is_ok())",
            replace: "(!state.had_versions() || fault!(U9) || clock.next().is_ok())",
        }],
    ),
    Fault::real(
        "U10",
        "a removed run's numbers start again",
        &[Edit {
            file: "shard.rs",
            find: "state.removed.push(Removed { at, contents });",
            replace: "if fault!(U10) {
                state.sequence = 0;
            }
            state.removed.push(Removed { at, contents });",
        }],
    ),
    Fault::real(
        "U14",
        "a removed run is dropped though a snapshot sees it",
        &[Edit {
            file: "shard.rs",
            find: "let needed = live.may_see(from, removed.at);",
            replace: "let needed = live.may_see(from, removed.at) && !fault!(U14);",
        }],
    ),
    Fault::real(
        "U15",
        "an older snapshot reads what a removed run holds now",
        &[Edit {
            file: "shard.rs",
            find: "At::Newest => None,",
            replace: "_ if fault!(U15) => None,
            At::Newest => None,",
        }],
    ),
    Fault::real(
        "U19",
        "two threads that create a run get two, and one is lost",
        &[Edit {
            file: "directory.rs",
            find: "pub(crate) fn get_or_add(&self, id: RunId) -> Arc<Shard> {",
            replace: "pub(crate) fn get_or_add(&self, id: RunId) -> Arc<Shard> {
            if fault!(U19) {
                return self.get_or_replace(id);
            }",
        }],
    ),
    Fault::real(
        "U33",
        "a snapshot opened at a removal sees what was removed",
        &[Edit {
            file: "shard.rs",
            find: "position(|removed| snapshot < removed.at),",
            replace: "position(|removed| {
                snapshot < removed.at || fault!(U33) && snapshot == removed.at
            }),",
        }],
    ),
];
