//! What every room may use: names, profiles, excerpts for errors, and files that are written whole
//! or not at all.

#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod atomic_file;
pub mod digest;
pub mod excerpt;
pub mod json_file;
pub mod names;
mod profile;
pub mod text;

pub use profile::Profile;
