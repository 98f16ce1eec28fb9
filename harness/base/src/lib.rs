//! What every room may use: names, profiles, and files that are written whole or not at all.

pub mod atomic_file;
pub mod json_file;
pub mod names;
mod profile;

pub use profile::Profile;
