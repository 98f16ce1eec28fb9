//! The table, its sequence, and the reads that take no lock.

use super::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault::real(
        "W3",
        "unlocked readers are let in before a write is stored",
        &[Edit {
            file: "table.rs",
            find: "self.sequence.store(before + 1, Ordering::Relaxed);",
            replace: "if fault!(W3) {
                // Release: lets readers in before anything is stored.
                self.sequence.store(before + 2, Ordering::Release);
                return Writing { table: self, after: before + 2 };
            }
            self.sequence.store(before + 1, Ordering::Relaxed);",
        }],
    ),
    Fault::real(
        "U1",
        "an unlocked reader does not look at the sequence again",
        &[Edit {
            file: "table.rs",
            find: "pub(crate) fn holds(&self) -> bool {",
            replace: "pub(crate) fn holds(&self) -> bool {
            if fault!(U1) {
                return true;
            }",
        }],
    ),
    Fault::real(
        "U2",
        "an unlocked reader's second look at the sequence is not ordered",
        &[Edit {
            file: "table.rs",
            find: "fence(Ordering::Acquire);",
            replace: "if !fault!(U2) {
                fence(Ordering::Acquire);
            }",
        }],
    ),
    Fault::real(
        "U3",
        "a writer's stores are not ordered after the odd sequence",
        &[Edit {
            file: "table.rs",
            find: "fence(Ordering::Release);",
            replace: "if !fault!(U3) {
                fence(Ordering::Release);
            }",
        }],
    ),
    Fault::real(
        "U4",
        "a writer's stores are not ordered before the even sequence",
        &[Edit {
            file: "table.rs",
            find: "self.table.sequence.store(self.after, Ordering::Release);",
            replace: "// Relaxed: orders nothing.
            let ordering = if fault!(U4) { Ordering::Relaxed } else { Ordering::Release };
            self.table.sequence.store(self.after, ordering);",
        }],
    ),
    Fault::real(
        "U5",
        "an unlocked reader's first look at the sequence is not ordered",
        &[Edit {
            file: "table.rs",
            find: "match self.sequence.load(Ordering::Acquire) {",
            replace: "// Relaxed: what the writer stored need not be seen.
            let ordering = if fault!(U5) { Ordering::Relaxed } else { Ordering::Acquire };
            match self.sequence.load(ordering) {",
        }],
    ),
    Fault::real(
        "U6",
        "a table that was outgrown is not retired",
        &[Edit {
            file: "contents.rs",
            find: "self.table.retire();
        self.table =",
            replace: "if !fault!(U6) {
                self.table.retire();
            }
            self.table =",
        }],
    ),
    Fault::real(
        "U25",
        "a key is erased from all but the table",
        &[Edit {
            file: "table.rs",
            find: "self.table.set_tag(at, if bridge { DELETED } else { EMPTY });",
            replace: "if fault!(U25) {
                return false;
            }
            self.table.set_tag(at, if bridge { DELETED } else { EMPTY });",
        }],
    ),
    Fault::real(
        "U29",
        "readers are let in between a value and its stamp",
        &[Edit {
            file: "contents.rs",
            find: "self.table.write().set(cell, head);",
            replace: "if fault!(U29) {
                self.table.write().set(cell, &Head { stamp: older.stamp, ..*head });
            }
            self.table.write().set(cell, head);",
        }],
    ),
    Fault::real(
        "U37",
        "a thread takes a table it remembers for that of another run",
        &[Edit {
            file: "recent.rs",
            find: "if found.store != store || found.run != run {",
            replace: "if found.store != store || found.run != run && !fault!(U37) {",
        }],
    ),
    Fault::real(
        "U39",
        "a look-up gives up after the first group of cells",
        &[Edit {
            file: "table.rs",
            find: "None if !has_empty(tags) =>",
            replace: "None if !has_empty(tags) && !fault!(U39) =>",
        }],
    ),
    Fault::real(
        "U40",
        "erasing a key cuts the way to those filed behind it",
        &[Edit {
            file: "table.rs",
            find: "let bridge = !has_empty(tags);",
            replace: "let bridge = !has_empty(tags) && !fault!(U40);",
        }],
    ),
];
