//! Memory per entry.

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
    /// Entries in the store, listed once so that lazily built structures are counted.
    pub keys: usize,
    /// Live bytes divided by the number of entries.
    pub bytes_per_entry: Option<f64>,
    /// Bytes of each further version of an entry that an open snapshot retains: each key is
    /// overwritten four times, with a new snapshot open each time. If snapshots are copies, bytes
    /// of an entry's copy; 0 if they retain nothing. `null` without snapshots, or if bytes are not
    /// counted.
    #[serde(default)]
    pub bytes_per_version: Option<f64>,
    /// Bytes per run with one entry, listed once, measured over `keys` runs. `null` for controls
    /// that are not stores, and if bytes are not counted.
    #[serde(default)]
    pub bytes_per_run: Option<f64>,
}
