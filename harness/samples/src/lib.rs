//! Made-up evidence for the tests of all rooms: the same every time.

mod full;
mod large;

pub use full::{arrivals, build, cell, config, full, latency, machine, quick, recorded, slow};
pub use large::{merged_sample, sample};
