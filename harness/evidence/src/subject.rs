//! What was looked at.

use serde::{Deserialize, Serialize};

/// A subject, and what one has to know to repeat what was done with it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subject {
    /// The name.
    pub name: String,
    /// What it is, in a line.
    pub about: String,
    /// Which versions of which libraries it is, and how it is set up.
    pub settings: String,
}
