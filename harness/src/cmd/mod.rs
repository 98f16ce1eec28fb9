//! The command line. One verb, one file, one `run`; and code that the verbs share.

pub(crate) mod cargo_target;
pub(crate) mod command_line;
pub(crate) mod doctor;
pub(crate) mod environment;
pub(crate) mod exit;
pub(crate) mod folder_lock;
pub(crate) mod history;
pub(crate) mod interrupt;
pub(crate) mod measure;
pub(crate) mod merge;
pub(crate) mod message;
pub(crate) mod names;
pub(crate) mod output;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod shell;
pub(crate) mod terminal;
pub(crate) mod verify;
