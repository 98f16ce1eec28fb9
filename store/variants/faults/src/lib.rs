//! Seeded faults: realistic bugs that are put into a copy of the store's sources, to show that the
//! checks would notice them.
//!
//! The build script of each variant in `store/variants/` calls [`build_variant`], which copies
//! `store/src/` into the build folder and applies every [`Fault`] of [`FAULTS`] to the copy. The
//! faults are switched on one at a time, at run time, by the module `fault` that the copy gets
//! (`code/fault.rs`). The store itself knows nothing of them.
//!
//! # To add a fault
//!
//! 1. Add a [`Fault`] to the file in `src/list/` that fits best: an id that is not in use, a
//!    summary, and its [`Edit`]s. Most faults need one edit.
//! 2. Put the switch into the replacement: `fault!(W2)` is true while fault `W2` is switched on.
//!    Switched off, the replacement must do what the replaced text did.
//! 3. Put code that is too long for a replacement into `code/`: `code/pins/faulty.rs` becomes the
//!    module `faulty` of `store/src/pins.rs`, with access to what is private there.
//!
//! If an edit does not fit, the build stops and says which fault, which file, and what to do.
//!
//! # Line numbers
//!
//! Line `n` of a file in the copy is line `n` of the store's, so that panics and backtraces name
//! lines of the store. A replacement that has more lines than the text it replaces is therefore
//! joined to as many lines as that text has. A comment in a replacement must stand on a line of its
//! own, which is left out.

mod apply;
mod list;
mod variant;

pub use list::FAULTS;
pub use variant::build_variant;

/// One seeded fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Its id, by which it is switched on: letters and digits.
    pub id: &'static str,
    /// What is wrong with it switched on.
    pub summary: &'static str,
    /// Whether it is a bug at all.
    pub kind: Kind,
    /// What puts it into the sources.
    pub edits: &'static [Edit],
}

/// Whether the checks can notice a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A bug: some check must find it.
    Real,
    /// No execution can tell it from the correct store: it must survive.
    Equivalent,
}

/// The replacement of one piece of source text by another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The file, from `store/src/`.
    pub file: &'static str,
    /// The text to replace: exactly once in the file, and in no other edit.
    pub find: &'static str,
    /// What stands there instead.
    pub replace: &'static str,
}

impl Fault {
    /// A bug.
    const fn real(id: &'static str, summary: &'static str, edits: &'static [Edit]) -> Self {
        Self { id, summary, kind: Kind::Real, edits }
    }

    /// A change that no execution can notice.
    const fn equivalent(id: &'static str, summary: &'static str, edits: &'static [Edit]) -> Self {
        Self { id, summary, kind: Kind::Equivalent, edits }
    }
}
