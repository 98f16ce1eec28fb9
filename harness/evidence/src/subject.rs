//! The subjects of a measurement.

use serde::{Deserialize, Serialize};

/// A subject, with the details needed to repeat a measurement of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subject {
    /// The name.
    pub name: String,
    /// One-line description.
    pub about: String,
    /// Library versions and configuration.
    pub settings: String,
}
