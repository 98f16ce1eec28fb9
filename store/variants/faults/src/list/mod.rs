//! The faults, grouped by what they break. The catalogue and the kill matrix keep their order.

use crate::{Edit, Fault};

mod equivalent;
mod migration;
mod pruning;
mod reads;
mod runs;
mod snapshots;
mod transactions;
mod unlocked;
mod write_sets;
mod writes;

/// All faults.
pub const FAULTS: &[&[Fault]] = &[
    reads::FAULTS,
    writes::FAULTS,
    write_sets::FAULTS,
    snapshots::FAULTS,
    pruning::FAULTS,
    transactions::FAULTS,
    runs::FAULTS,
    unlocked::FAULTS,
    migration::FAULTS,
    equivalent::FAULTS,
];
