//! Reads of the newest version without the run's lock: the one seam between the two ways to read.
//!
//! Each of these makes one attempt and may decline, with the reason; the caller then asks under the
//! lock. They are forced inline because the words of a value then stay in registers from the table
//! to the caller's closure: copied through memory, a read takes twice as long.

use crate::cell::{CellValue, Probe};
use crate::contract::bytes::Bytes;
use crate::contract::{Key, Value, Version, Versioned};
use crate::table::{Table, TurnedAway};

/// Why a read has to take the lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Declined {
    /// A writer was at work, or the key or value does not fit in a cell.
    AskAgain,
    /// The table has been replaced: get the new one.
    Retired,
}

/// The newest value of a key.
#[inline(always)]
pub(crate) fn value(table: &Table, key: &Key) -> Result<Option<Value>, Declined> {
    let Bytes::Inline(key) = &key.0 else { return Err(Declined::AskAgain) };
    let look = table.look()?;
    let Some((_, cell)) = table.find_hashed(key.hash(), key) else {
        return if look.holds() { Ok(None) } else { Err(Declined::AskAgain) };
    };
    let copied = cell.copy_value();
    if !look.holds() {
        return Err(Declined::AskAgain);
    }
    match copied.value() {
        CellValue::Inline(value) => Ok(Some(Value(Bytes::Inline(value)))),
        CellValue::Tombstone => Ok(None),
        CellValue::Arena { .. } => Err(Declined::AskAgain),
    }
}

/// The newest value of a key with its version.
#[inline(always)]
pub(crate) fn versioned(table: &Table, key: &Key) -> Result<Option<Versioned>, Declined> {
    let Bytes::Inline(key) = &key.0 else { return Err(Declined::AskAgain) };
    let look = table.look()?;
    let Some(at) = table.find(key) else {
        return if look.holds() { Ok(None) } else { Err(Declined::AskAgain) };
    };
    let copied = table.cell(at).copy_value();
    let stamp = table.stamp(at);
    if !look.holds() {
        return Err(Declined::AskAgain);
    }
    match copied.value() {
        CellValue::Inline(value) => Ok(Some(Versioned {
            value: Value(Bytes::Inline(value)),
            version: Version::new(stamp, copied.sequence()),
        })),
        CellValue::Tombstone => Ok(None),
        CellValue::Arena { .. } => Err(Declined::AskAgain),
    }
}

/// Whether a key is live.
#[inline(always)]
pub(crate) fn contains(table: &Table, key: &Key) -> Result<bool, Declined> {
    let Bytes::Inline(key) = &key.0 else { return Err(Declined::AskAgain) };
    let look = table.look()?;
    let live = table.find_hashed(key.hash(), key).is_some_and(|(_, cell)| cell.is_live());
    if look.holds() { Ok(live) } else { Err(Declined::AskAgain) }
}

impl From<TurnedAway> for Declined {
    #[inline(always)]
    fn from(away: TurnedAway) -> Self {
        match away {
            TurnedAway::Busy => Self::AskAgain,
            TurnedAway::Retired => Self::Retired,
        }
    }
}
