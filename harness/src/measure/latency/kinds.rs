//! Which histogram an operation belongs to.

use crate::workload::{Kind, Operation};

/// What kinds of operations are called, in the order of reports.
pub(super) const KINDS: [&str; 2] = ["get", "put"];

/// What all kinds together are called.
pub(super) const ALL: &str = "all";

/// An operation's place among [`KINDS`].
#[inline(always)]
pub(super) const fn kind_of(operation: &Operation) -> usize {
    match operation.kind {
        Kind::Get | Kind::CheckedGet(_) => 0,
        Kind::Put(_) => 1,
    }
}
