//! `sharded-store` on loom's atomics and locks, with seeded faults that can be switched on one at a
//! time.
#![allow(clippy::possible_missing_else, reason = "replacements are put on one line")]

include!(concat!(env!("OUT_DIR"), "/store/src/lib.rs"));
