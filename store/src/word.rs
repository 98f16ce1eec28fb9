//! The words that a table and its cells are made of.

use crate::sync::{AtomicU64, Ordering};

/// A word that the holder of the run's lock writes, and that readers without the lock read between
/// two looks at the table's sequence.
#[derive(Default)]
pub(crate) struct Word(AtomicU64);

impl Word {
    /// A word that holds `value`.
    pub(crate) fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    /// What the word holds.
    #[inline(always)]
    pub(crate) fn get(&self) -> u64 {
        // Relaxed: either the caller holds the run's lock, or the table's sequence decides
        // afterwards whether what was read counts.
        self.0.load(Ordering::Relaxed)
    }

    /// Replaces what the word holds. The caller holds the run's lock.
    #[inline(always)]
    pub(crate) fn set(&self, value: u64) {
        // Relaxed: the table's sequence, changed before and after, orders it for readers without
        // the lock.
        self.0.store(value, Ordering::Relaxed);
    }
}
