//! Operations outside the workload mixes.

use serde::{Deserialize, Serialize};

use crate::{Spread, is_first_part};

/// One operation outside the workload mixes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// Which part of merged evidence it is from: 0 is the first, `parts[i - 1]` another.
    #[serde(default, skip_serializing_if = "is_first_part")]
    pub part: usize,
    /// Its name.
    pub name: String,
    /// The subject's name.
    pub subject: String,
    /// Its duration.
    pub ns: Spread,
    /// Its duration relative to another operation measured alternately with it.
    pub ratio_to: RatioTo,
}

/// A ratio to another operation, measured alternately.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RatioTo {
    /// The operation it is compared with.
    pub name: String,
    /// The median over pairs.
    pub median: f64,
    /// Low end of the interval for the median.
    pub low: f64,
    /// High end of the interval for the median.
    pub high: f64,
    /// Probability that such an interval contains the true median, between 0 and 1.
    pub coverage: f64,
}
