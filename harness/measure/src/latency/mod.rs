//! Times single operations: how long they take a thread, and how long they keep a caller waiting.
//!
//! It is a pass of its own, after the one for throughput: reading the clock takes longer than many
//! operations.
//!
//! | part | what it does |
//! |---|---|
//! | [`closed`] | one round in which each operation begins when the one before is done |
//! | [`open`] | one round in which operations begin when they are due: [`Arrivals`] |
//! | [`search`] | the highest rate of arrivals that keeps the 99th percentile under a bound |
//! | [`Recorder`] | where a thread keeps what it times |
//! | [`Collector`] | rounds of many points, in any order, and what they amount to |
//!
//! **Invariant:** between the two readings of the clock there is the operation and nothing else, and no
//! thread writes near what another writes.
//!
//! **Invariant:** when operations arrive is decided before the clock starts. In the open loop none is
//! skipped, and each is timed from when it was due.

pub mod arrivals;
pub mod closed;
mod collector;
mod kinds;
pub mod open;
pub(crate) mod pass;
mod reading;
mod recorder;
mod round;
pub mod search;
mod summary;

pub use arrivals::{Arrivals, ArrivalsError, Pattern};
pub use reading::ticks_when_done;
pub use recorder::{Recorder, empty_histogram};
pub use round::{KindHistogram, RoundHistograms};
