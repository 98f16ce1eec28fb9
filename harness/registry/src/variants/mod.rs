//! The store that is migrated while programs run, once for each variant of the store that needs it.
#![cfg_attr(
    feature = "faults",
    expect(clippy::duplicate_mod, reason = "each compiles the file for its own variant")
)]

#[cfg(feature = "faults")]
pub(crate) mod faulty;
pub(crate) mod real;
