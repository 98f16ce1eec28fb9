//! Changes that no execution can tell from the correct store, and that must survive: a check that
//! finds one of them raises false alarms.

use super::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault::equivalent(
        "E1",
        "a relaxed load of the clock, of which the exchange then acquires",
        &[Edit {
            file: "clock.rs",
            find: "let now = self.now();",
            replace: "// Relaxed: the exchange below acquires what this does not.
            let ordering = if fault!(E1) { Ordering::Relaxed } else { Ordering::Acquire };
            let now = self.0.load(ordering);",
        }],
    ),
    Fault::equivalent(
        "E2",
        "all threads look for a slot from the first one on",
        &[Edit {
            file: "pins.rs",
            find: "let first = thread_number() % PIN_SLOTS;",
            replace: "let first = if fault!(E2) { 0 } else { thread_number() % PIN_SLOTS };",
        }],
    ),
    Fault::equivalent(
        "E3",
        "writers sweep one key at a time",
        &[Edit {
            file: "contents.rs",
            find: "self.erase(cell, &key);
            }",
            replace: "self.erase(cell, &key);
            }
            if fault!(E3) {
                return;
            }",
        }],
    ),
    Fault::equivalent(
        "E4",
        "a new key's cell keeps the last one's marks until its value is stored",
        &[Edit {
            file: "cell.rs",
            find: "self.header.set(u64::from(mark));",
            replace: "let kept = if fault!(E4) { self.header.get() & !KEY_BITS } else { 0 };
            self.header.set(kept | u64::from(mark));",
        }],
    ),
    Fault::equivalent(
        "E5",
        "a new key's tag is stored before the key",
        &[Edit {
            file: "table.rs",
            find: "table.cell(at).set_key(key);",
            replace: "if fault!(E5) {
                table.set_tag(at, (hash >> 57) as u8);
            }
            table.cell(at).set_key(key);",
        }],
    ),
    Fault::equivalent(
        "E6",
        "an unlocked reader that finds no key does not look at the sequence again",
        &[
            Edit {
                file: "unlocked.rs",
                find: "let Some((_, cell)) = table.find_hashed(key.hash(), key) else {",
                replace: "let Some((_, cell)) = table.find_hashed(key.hash(), key) else {
                if fault!(E6) {
                    return Ok(None);
                }",
            },
            Edit {
                file: "unlocked.rs",
                find: "let Some(at) = table.find(key) else {",
                replace: "let Some(at) = table.find(key) else {
                if fault!(E6) {
                    return Ok(None);
                }",
            },
        ],
    ),
    Fault::equivalent(
        "E7",
        "every new key is filed at once",
        &[Edit {
            file: "order.rs",
            find: "if self.pending.len() >= PENDING_MAX {",
            replace: "if self.pending.len() >= PENDING_MAX || fault!(E7) {",
        }],
    ),
    Fault::equivalent(
        "E8",
        "a migration forgets deletes, which later commits are stamped above anyhow",
        &[Edit {
            file: "baseline/migrate.rs",
            find: "tell(progress, Progress::Copied { done, total })?;
        }",
            replace: "tell(progress, Progress::Copied { done, total })?;
            }
            if fault!(E8) && value.is_none() {
                continue;
            }",
        }],
    ),
];
