//! What entries weigh.

use serde::{Deserialize, Serialize};

use crate::is_first_part;

/// The memory of a filled store.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Memory {
    /// Which part of merged evidence it is from: 0 is the first, `parts[i - 1]` another.
    #[serde(default, skip_serializing_if = "is_first_part")]
    pub part: usize,
    /// The subject's name.
    pub subject: String,
    /// Entries put, and listed once so that what is built on first use is counted.
    pub keys: usize,
    /// Bytes requested and not freed, all told, by the number of entries.
    pub bytes_per_entry: Option<f64>,
    /// Bytes of each further version of an entry that a snapshot keeps: each key is overwritten
    /// four times, each time beside a snapshot of its own that stays open. Where snapshots are
    /// copies, bytes of an entry's copy; 0 where they keep nothing. `null` where there are no
    /// snapshots, or where bytes are not counted.
    #[serde(default)]
    pub bytes_per_version: Option<f64>,
    /// Bytes of a run with one entry, listed once: of as many runs as `keys`. `null` for a control
    /// that is no store, and where bytes are not counted.
    #[serde(default)]
    pub bytes_per_run: Option<f64>,
}
