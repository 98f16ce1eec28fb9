//! The protocol between snapshots and writers: the clock, the pins, and what writers know of them.

use super::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault::real(
        "W5",
        "a snapshot stores the clock, which another may have moved further",
        &[Edit {
            file: "clock.rs",
            find: "pub(crate) fn read_and_move(&self) -> u64 {",
            replace: "pub(crate) fn read_and_move(&self) -> u64 {
            if fault!(W5) {
                let now = self.now();
                // Release: publishes the pin, and may set the clock back.
                self.0.store(now + 1, Ordering::Release);
                return now;
            }",
        }],
    ),
    Fault::real(
        "G3",
        "a snapshot reads the clock before it sets its pin",
        &[Edit {
            file: "pins.rs",
            find: "fn open(&self, clock: &Clock) -> (Pin, u64) {",
            replace: "fn open(&self, clock: &Clock) -> (Pin, u64) {
            if fault!(G3) {
                return self.open_late(clock);
            }",
        }],
    ),
    Fault::real(
        "G3b",
        "a snapshot beyond the slots reads the clock before it is counted",
        &[Edit {
            file: "pins.rs",
            find: "fn open_spilled(&self, clock: &Clock) -> (Pin, u64) {",
            replace: "fn open_spilled(&self, clock: &Clock) -> (Pin, u64) {
            if fault!(G3b) {
                return self.spill_late(clock);
            }",
        }],
    ),
    Fault::real(
        "G4a",
        "the fence between a snapshot's pin and its clock is missing",
        &[Edit {
            file: "pins.rs",
            find: "fence(Ordering::SeqCst);
                let version",
            replace: "if !fault!(G4a) {
                fence(Ordering::SeqCst);
            }
            let version",
        }],
    ),
    Fault::real(
        "G4b",
        "the fence between a writer's clock and its look at the pins is missing",
        &[Edit {
            file: "pins.rs",
            find: "the clock is read before the pins.
        fence(Ordering::SeqCst);",
            replace: "the clock is read before the pins.
        if !fault!(G4b) { fence(Ordering::SeqCst); }",
        }],
    ),
    Fault::real(
        "G4c",
        "the fence of a snapshot beyond the slots is missing",
        &[Edit {
            file: "pins.rs",
            find: "fence(Ordering::SeqCst);
        let version",
            replace: "if !fault!(G4c) {
                fence(Ordering::SeqCst);
            }
            let version",
        }],
    ),
    Fault::real(
        "G6",
        "dropping a clone of a snapshot unpins the original",
        &[Edit {
            file: "pins.rs",
            find: "|| slot.shares.fetch_sub(1, Ordering::AcqRel) == 1",
            replace: "|| slot.shares.fetch_sub(1, Ordering::AcqRel) == 1 || fault!(G6)",
        }],
    ),
    Fault::real(
        "G8",
        "snapshots that were seen once are never forgotten, nor is what they saw",
        &[Edit {
            file: "pins.rs",
            find: "live.versions.clear();",
            replace: "if !fault!(G8) {
                live.versions.clear();
            }",
        }],
    ),
    Fault::real(
        "U11",
        "writers ignore a snapshot that has no version yet",
        &[Edit {
            file: "pins.rs",
            find: "PINNING => live.unsettled = true,",
            replace: "PINNING => live.unsettled |= !fault!(U11),",
        }],
    ),
    Fault::real(
        "U12",
        "writers ignore snapshots beyond the slots",
        &[Edit {
            file: "pins.rs",
            find: "if self.spill.open.load(Ordering::Acquire) > 0 {",
            replace: "if self.spill.open.load(Ordering::Acquire) > 0 && !fault!(U12) {",
        }],
    ),
    Fault::real(
        "U24",
        "a run that was once without garbage counts as such for ever",
        &[Edit {
            file: "pins.rs",
            find: "from != now && self.watch.clean_at != now",
            replace: "if fault!(U24) && self.watch.clean_at <= now {
                return false;
            }
            from != now && self.watch.clean_at != now",
        }],
    ),
    Fault::real(
        "U26",
        "a slot used for the first time is not announced to writers",
        &[Edit {
            file: "pins.rs",
            find: "if index >= self.used.load(Ordering::Relaxed) {",
            replace: "if index >= self.used.load(Ordering::Relaxed) && !fault!(U26) {",
        }],
    ),
    Fault::real(
        "U34",
        "a clone of a snapshot takes a slot of its own",
        &[Edit {
            file: "snapshot.rs",
            find: "self.store().shared().pins.share(self.pin, self.version);",
            replace: "if fault!(U34)
                && let Some(pin) = self.store().shared().pins.pin_again(self.version)
            {
                return Self { store: self.store.clone(), pin, version: self.version };
            }
            self.store().shared().pins.share(self.pin, self.version);",
        }],
    ),
    Fault::real(
        "U35",
        "closing a snapshot beyond the slots forgets the others of its version",
        &[Edit {
            file: "pins.rs",
            find: "let mut versions = self.spill.versions.lock();
                let count",
            replace: "if fault!(U35) {
                return self.forget_spilled(version);
            }
            let mut versions = self.spill.versions.lock();
            let count",
        }],
    ),
];
