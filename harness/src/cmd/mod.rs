//! One verb, one file, one `run`.

pub(crate) mod doctor;
pub(crate) mod exit;
pub(crate) mod history;
pub(crate) mod measure;
pub(crate) mod merge;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod terminal;
pub(crate) mod verify;
