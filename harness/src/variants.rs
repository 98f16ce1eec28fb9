//! The ways to build a store: with the standard library's atomics and locks, or with those of loom
//! or shuttle, which try other schedules and, for loom, other values that a weak memory model
//! allows.
//!
//! A store that takes its atomics and locks from a module named `sync`, and the traits that it
//! implements from one named `store`, is written once and compiled for each. Put it in a file of its
//! own, without `use std::sync`, and name the file in [`variants!`](crate::variants!):
//!
//! ```ignore
//! shardproof::variants!("../src/store.rs");
//!
//! fn main() -> std::process::ExitCode {
//!     let subjects = shardproof::Subjects::new().with_variants("mine", real::Mine::new, |mine| {
//!         mine.with_loom(loom::Mine::new).with_shuttle(shuttle::Mine::new)
//!     });
//!     shardproof::main(&subjects)
//! }
//! ```
//!
//! The package `examples/relaxed-read` does so, for a mistake that only loom finds.

/// On real threads.
pub mod real {
    pub use sharded_store as store;
    pub use std::{sync, thread};
}

/// Under loom. Its `Mutex` and `RwLock` are used as those of the standard library.
#[cfg(feature = "loom")]
pub mod loom {
    pub use loom::{sync, thread};
    pub use sharded_store_loom as store;
}

/// Under shuttle.
#[cfg(feature = "shuttle")]
pub mod shuttle {
    pub use sharded_store_shuttle as store;
    pub use shuttle::{sync, thread};
}

/// Compiles a file as the modules `real`, `loom` and `shuttle`, as far as the features of this
/// package allow. In each, the file finds `store`, `sync` and `thread` of the
/// [variant](mod@crate::variants).
///
/// The path is relative to the file that names it.
#[macro_export]
macro_rules! variants {
    ($file:literal) => {
        $crate::__variant!(real, $file);
        $crate::__loom_variant!($file);
        $crate::__shuttle_variant!($file);
    };
}

/// One variant of a file.
#[doc(hidden)]
#[macro_export]
macro_rules! __variant {
    ($name:ident, $file:literal) => {
        mod $name {
            #[allow(unused_imports)]
            use $crate::variants::$name::{store, sync, thread};
            include!($file);
        }
    };
}

/// The variant for loom, if there is one.
#[doc(hidden)]
#[cfg(feature = "loom")]
#[macro_export]
macro_rules! __loom_variant {
    ($file:literal) => {
        $crate::__variant!(loom, $file);
    };
}

/// The variant for loom, if there is one.
#[doc(hidden)]
#[cfg(not(feature = "loom"))]
#[macro_export]
macro_rules! __loom_variant {
    ($file:literal) => {};
}

/// The variant for shuttle, if there is one.
#[doc(hidden)]
#[cfg(feature = "shuttle")]
#[macro_export]
macro_rules! __shuttle_variant {
    ($file:literal) => {
        $crate::__variant!(shuttle, $file);
    };
}

/// The variant for shuttle, if there is one.
#[doc(hidden)]
#[cfg(not(feature = "shuttle"))]
#[macro_export]
macro_rules! __shuttle_variant {
    ($file:literal) => {};
}
