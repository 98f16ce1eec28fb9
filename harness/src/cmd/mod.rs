//! One verb, one file, one `run`.

pub(crate) mod exit;
pub(crate) mod measure;
pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod terminal;
pub(crate) mod verify;
