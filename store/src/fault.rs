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
mod switch {
    // A real atomic: the switch is no part of the program that a checker explores.
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// One fault that can be switched on.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Seeded {
        /// Its id.
        pub id: &'static str,
        /// What is wrong with it switched on.
        pub what: &'static str,
        /// Whether no execution can tell it from the correct store, so that it must survive.
        pub equivalent: bool,
    }

    macro_rules! catalogue {
        ($($kind:ident $id:ident $what:literal;)*) => {
            /// The faults by id.
            #[derive(Clone, Copy, PartialEq, Eq, Debug)]
            pub(crate) enum Fault { $($id),* }

            /// All faults, in the order of the catalogue.
            pub const CATALOGUE: &[Seeded] = &[$(Seeded {
                id: stringify!($id),
                what: $what,
                equivalent: catalogue!(@ $kind),
            }),*];
        };
        (@ real) => { false };
        (@ equivalent) => { true };
    }

    catalogue! {
        real R1 "a snapshot's get returns the live value";
    }

    /// The place in the catalogue, from 1, of the fault that is switched on; 0 for none.
    static ARMED: AtomicUsize = AtomicUsize::new(0);

    /// Switches one fault of the process on, and any other off; none switches all off. Returns whether there is a
    /// fault of that id.
    pub fn arm(id: Option<&str>) -> bool {
        let place = id.map(|id| CATALOGUE.iter().position(|seeded| seeded.id == id));
        let number = match place {
            None => 0,
            Some(Some(place)) => place + 1,
            Some(None) => return false,
        };
        // Relaxed: whoever switches starts the threads that it is for afterwards.
        ARMED.store(number, Ordering::Relaxed);
        true
    }

    /// Whether a fault is switched on.
    #[inline]
    pub(crate) fn is_armed(fault: Fault) -> bool {
        // Relaxed: as above.
        ARMED.load(Ordering::Relaxed) == fault as usize + 1
    }
}
