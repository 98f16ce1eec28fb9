//! Shared by all packages: names, profiles, excerpts for error messages, and atomic file writes.

#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod atomic_file;
pub mod digest;
pub mod excerpt;
pub mod json_file;
pub mod names;
mod profile;
pub mod text;

pub use profile::Profile;
