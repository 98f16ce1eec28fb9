//! The interpreter, once for each variant of the store.
//!
//! All variants are compiled from the same sources, but to Rust their types are unlike; so the
//! interpreter is compiled for each as well, from one file.

#[cfg(feature = "faults")]
pub(crate) mod faulty;
#[cfg(feature = "loom")]
pub(crate) mod loom;
pub(crate) mod real;
#[cfg(feature = "shuttle")]
pub(crate) mod shuttle;
