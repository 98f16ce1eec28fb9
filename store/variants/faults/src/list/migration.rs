//! Migrations that carry something over wrongly.

use super::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault::real(
        "M1a",
        "a migration takes a delete for an empty value",
        &[Edit {
            file: "baseline/migrate.rs",
            find: "restore(target.shared(), key, value.clone(),",
            replace: "restore(target.shared(), key, if fault!(M1a) && value.is_none() {
                Some(crate::contract::Value::from([]))
            } else {
                value.clone()
            },",
        }],
    ),
    Fault::real(
        "M1b",
        "a migration leaves the last entry out",
        &[
            Edit {
                file: "baseline/migrate.rs",
                find: "let shard = target.shard_or_new(*run);",
                replace: "if fault!(M1b) && done + 1 == total {
                    continue;
                }
                let shard = target.shard_or_new(*run);",
            },
            Edit {
                file: "baseline/migrate.rs",
                find: "let wanted = written.value.clone();",
                replace: "if fault!(M1b) && done + 1 == total {
                    continue;
                }
                let wanted = written.value.clone();",
            },
        ],
    ),
    Fault::real(
        "M1c",
        "a migration numbers versions backwards",
        &[Edit {
            file: "baseline/migrate.rs",
            find: " *version);",
            replace: " if fault!(M1c) {
                crate::contract::Version::new(version.stamp(), (total - done) as u64)
            } else {
                *version
            });",
        }],
    ),
];
