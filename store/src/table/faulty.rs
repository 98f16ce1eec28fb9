//! A seeded fault of the table that is too long to stand where it strikes.

use super::{Look, RETIRED, Table, TurnedAway};
use crate::sync::Ordering;

impl Table {
    /// U5: a look that acquires nothing.
    pub(super) fn look_relaxed(&self) -> Result<Look<'_>, TurnedAway> {
        // Relaxed: what the writer stored need not be seen.
        match self.sequence.load(Ordering::Relaxed) {
            before if before & 1 == 0 => Ok(Look { table: self, before }),
            RETIRED => Err(TurnedAway::Retired),
            _ => Err(TurnedAway::Busy),
        }
    }
}
