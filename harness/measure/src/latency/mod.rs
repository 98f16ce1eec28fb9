//! Measures the latency of single operations, in closed and in open loops.
//!
//! This is a separate pass after throughput, because a clock read takes longer than many
//! operations.
//!
//! | part | what it does |
//! |---|---|
//! | [`closed`] | one round in which each operation starts when the previous one is done |
//! | [`open`] | one round in which operations start when they are due, as [`Arrivals`] says |
//! | [`search`] | the highest rate of arrivals that keeps the 99th percentile under a bound |
//! | [`Recorder`] | the histograms of one thread |
//! | `Collector` | collects and summarizes the rounds of many cells |
//!
//! **Invariant:** between two clock reads there is one operation and nothing else, and no two threads
//! write to the same cache line.
//!
//! **Invariant:** due times are decided before timing starts. The open loop skips no operation, and
//! times each from when it was due.

pub mod arrivals;
mod clock_read;
pub mod closed;
mod collector;
mod kinds;
pub mod open;
pub(crate) mod pass;
mod recorder;
mod round;
pub mod search;
mod summary;

pub use arrivals::{Arrivals, ArrivalsError, Pattern};
pub use clock_read::ticks_when_done;
pub use recorder::{Recorder, empty_histogram};
pub use round::{KindHistogram, RoundHistograms, RoundRates};
