//! Operations that no mix holds.

use serde::{Deserialize, Serialize};

use crate::{Spread, is_first_part};

/// One operation that no mix holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// Which part of merged evidence it is from: 0 is the first, `parts[i - 1]` another.
    #[serde(default, skip_serializing_if = "is_first_part")]
    pub part: usize,
    /// What was done.
    pub name: String,
    /// The subject's name.
    pub subject: String,
    /// How long one took.
    pub ns: Spread,
    /// How many times as long as something else, taken in turns with it.
    pub ratio_to: RatioTo,
}

/// A ratio to something that was measured in turns with it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RatioTo {
    /// What it is compared with.
    pub name: String,
    /// The median over pairs.
    pub median: f64,
    /// Low end of the interval for the median.
    pub low: f64,
    /// High end of the interval for the median.
    pub high: f64,
    /// How often such an interval holds the true median, between 0 and 1.
    pub coverage: f64,
}
