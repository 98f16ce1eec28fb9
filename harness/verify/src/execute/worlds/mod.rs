//! The interpreter, once for each variant of the store.
//!
//! All variants are compiled from the same sources, but to Rust their types are unlike; so the
//! interpreter is compiled for each as well, from one file.
#![cfg_attr(
    any(feature = "faults", feature = "loom", feature = "shuttle"),
    expect(clippy::duplicate_mod, reason = "each compiles the interpreter for its own variant")
)]

#[cfg(feature = "faults")]
pub(crate) mod faulty;
#[cfg(feature = "loom")]
pub(crate) mod loom;
pub(crate) mod real;
#[cfg(feature = "shuttle")]
pub(crate) mod shuttle;
