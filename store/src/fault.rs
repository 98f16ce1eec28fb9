//! Seeded faults: realistic bugs that can be switched on one at a time, to show that the checks would
//! notice them.
//!
//! Only the variants in `store/variants/` have them (feature `faults`). In the store itself `fault!` is the
//! word `false`, so that nothing of a fault is compiled.

/// Whether a fault is switched on: `fault!(W3)`.
#[cfg(feature = "faults")]
macro_rules! fault {
    ($id:ident) => {
        $crate::fault::is_armed($crate::fault::Fault::$id)
    };
}

/// Whether a fault is switched on: never.
#[cfg(not(feature = "faults"))]
macro_rules! fault {
    ($id:ident) => {
        false
    };
}

pub(crate) use fault;

#[cfg(feature = "faults")]
pub use switch::{CATALOGUE, Seeded, arm};
#[cfg(feature = "faults")]
pub(crate) use switch::{Fault, is_armed};

#[cfg(feature = "faults")]
mod switch;
