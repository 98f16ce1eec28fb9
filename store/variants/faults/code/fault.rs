//! The catalogue of seeded faults, and the switch.
//!
//! What is built from the list of faults is added to the end of this file.

// A real atomic: the switch is no part of the program that a checker explores.
use std::sync::atomic::{AtomicUsize, Ordering};

/// One fault that can be switched on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seeded {
    /// Its id.
    pub id: &'static str,
    /// What is wrong with it switched on.
    pub summary: &'static str,
    /// Whether no execution can tell it from the correct store, so that it must survive.
    pub equivalent: bool,
}

/// Whether a fault is switched on: `fault!(W3)`.
macro_rules! fault {
    ($id:ident) => {
        $crate::fault::is_armed($crate::fault::Fault::$id)
    };
}

macro_rules! catalogue {
    ($($kind:ident $id:ident $summary:literal;)*) => {
        /// The faults by id.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Fault { $($id),* }

        /// All faults, in the order of the catalogue.
        pub const CATALOGUE: &[Seeded] = &[$(Seeded {
            id: stringify!($id),
            summary: $summary,
            equivalent: catalogue!(@ $kind),
        }),*];
    };
    (@ real) => { false };
    (@ equivalent) => { true };
}

/// The place in the catalogue, from 1, of the fault that is switched on; 0 for none.
static ARMED: AtomicUsize = AtomicUsize::new(0);

/// Switches one fault of the process on, and any other off; none switches all off. Returns whether
/// there is a fault of that id.
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
