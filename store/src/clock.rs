//! The store's clock, which writers read and never move.

use crate::contract::Error;
use crate::sync::{AtomicU64, CachePadded, Ordering};

/// The last number of the clock. Pins hold a version plus one and use the largest number as a mark,
/// so the clock stays clear of both.
pub(crate) const LAST: u64 = u64::MAX - 2;

/// A number that writers read and snapshots move on (and `reclaim`, when it forgets a run).
///
/// It stands on a cache line of its own. Writers of different runs all read it, so while no
/// snapshot is taken each core keeps its own copy of the line and nobody waits.
pub(crate) struct Clock(CachePadded<AtomicU64>);

impl Clock {
    /// A clock that stands at `now`.
    pub(crate) fn at(now: u64) -> Self {
        Self(CachePadded::new(AtomicU64::new(now)))
    }

    /// What the clock says.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        // Acquire: a writer that sees a later time sees the pin that was set before it (see
        // `pins`).
        self.0.load(Ordering::Acquire)
    }

    /// The stamp of a write. The caller holds the locks of all runs it is about to write.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`] once the clock stands at [`LAST`], which no snapshot can leave:
    /// a write would then show in a snapshot that exists already.
    #[inline]
    pub(crate) fn stamp(&self) -> Result<u64, Error> {
        match self.now() {
            LAST => Err(Error::VersionsExhausted),
            stamp => Ok(stamp),
        }
    }

    /// The version of a new snapshot; writes that start from now on get a later stamp. The caller
    /// has set its pin.
    #[inline]
    pub(crate) fn read_and_move(&self) -> u64 {
        let now = self.now();
        if now < LAST {
            // AcqRel: publishes the pin to writers that see the new time. Losing is fine: somebody
            // else has moved the clock past `now`, and Acquire makes us see that they did.
            let _ = self.0.compare_exchange(now, now + 1, Ordering::AcqRel, Ordering::Acquire);
        }
        now
    }

    /// Adds 1 and returns the new time.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`] at [`LAST`].
    pub(crate) fn next(&self) -> Result<u64, Error> {
        // AcqRel, Acquire: as in `read_and_move`.
        self.0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| {
                (now < LAST).then_some(now + 1)
            })
            .map(|before| before + 1)
            .map_err(|_| Error::VersionsExhausted)
    }
}
