//! Seeded faults of the pins that are too long for a replacement.

use super::{FREE, PINNING, Pin, Pins};
use crate::clock::Clock;
use crate::sync::{Ordering, PIN_SLOTS, fence, thread_number};

impl Pins {
    /// G3: opens a snapshot whose version is read before its pin is set.
    pub(super) fn open_late(&self, clock: &Clock) -> (Pin, u64) {
        let version = clock.read_and_move();
        let first = thread_number() % PIN_SLOTS;
        let slots = (first..PIN_SLOTS).chain(0..first);
        match slots.into_iter().find(|index| self.take(*index, version)) {
            Some(index) => (Pin::Slot(index as u32), version),
            None => {
                *self.spill.versions.lock().entry(version).or_insert(0) += 1;
                // Relaxed: the lock orders it.
                self.spill.open.fetch_add(1, Ordering::Relaxed);
                (Pin::Spilled, version)
            }
        }
    }

    /// G3b: spills a snapshot whose version is read before it is counted.
    pub(super) fn spill_late(&self, clock: &Clock) -> (Pin, u64) {
        let version = clock.read_and_move();
        let mut versions = self.spill.versions.lock();
        // Relaxed, both: as in `open_spilled`.
        self.spill.open.fetch_add(1, Ordering::Relaxed);
        self.spill.total.fetch_add(1, Ordering::Relaxed);
        *versions.entry(version).or_insert(0) += 1;
        (Pin::Spilled, version)
    }

    /// U34: a slot of its own for a clone; none if all are taken.
    pub(crate) fn pin_again(&self, version: u64) -> Option<Pin> {
        let index = (0..PIN_SLOTS).find(|index| self.take(*index, version))?;
        Some(Pin::Slot(index as u32))
    }

    /// U35: closing one spilled snapshot forgets all others of its version.
    pub(super) fn forget_spilled(&self, version: u64) {
        let mut versions = self.spill.versions.lock();
        versions.remove(&version);
        // Release: as in `close`.
        self.spill.open.fetch_sub(1, Ordering::Release);
    }

    /// Takes a slot for a version that is known, if the slot is free.
    fn take(&self, index: usize, version: u64) -> bool {
        let slot = &self.slots[index];
        // Relaxed: a guess that the exchange checks.
        // Acquire: as in `open`.
        let taken = slot.pinned.load(Ordering::Relaxed) == FREE
            && slot
                .pinned
                .compare_exchange(FREE, PINNING, Ordering::Acquire, Ordering::Relaxed)
                .is_ok();
        if taken {
            // Relaxed, both: as in `open`.
            self.used.fetch_max(index + 1, Ordering::Relaxed);
            slot.shares.store(1, Ordering::Relaxed);
            // SeqCst fence: as in `open`.
            fence(Ordering::SeqCst);
            // Release: as in `open`.
            slot.pinned.store(version + 1, Ordering::Release);
        }
        taken
    }
}
