//! Where one thread keeps how long its operations took.

use std::array;

use crossbeam_utils::CachePadded;
use hdrhistogram::Histogram;

use crate::measure::latency::kinds::{KINDS, kind_of};
use crate::workload::Operation;

/// The shortest time that a histogram tells from 0.
const NS_MIN: u64 = 1;
/// The longest that it tells from longer ones: what took longer counts as this.
pub const NS_MAX: u64 = 60_000_000_000;
/// Decimal digits that a histogram keeps: a time is known to one part in a thousand.
const DIGITS: u8 = 3;

/// A histogram of nanoseconds, from 1 to [`NS_MAX`] with three digits.
///
/// # Panics
/// Never: these bounds and digits make a histogram.
#[must_use]
pub fn empty_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(NS_MIN, NS_MAX, DIGITS)
        .expect("these bounds and digits make a histogram")
}

/// One thread's histograms, one for each kind of operation.
///
/// The thread that records makes it, so that it comes from memory that this thread was given; what every
/// recording writes beside the counts lies on cache lines of its own. So no two threads write near
/// each other, and recording takes no lock and allocates nothing.
#[derive(Debug)]
pub struct Recorder {
    /// By place among the kinds.
    kinds: Box<[CachePadded<Histogram<u64>>; KINDS.len()]>,
}

impl Recorder {
    /// With nothing recorded.
    #[must_use]
    pub fn new() -> Self {
        let empty = |_| CachePadded::new(empty_histogram());
        let mut recorder = Self { kinds: Box::new(array::from_fn(empty)) };
        // Fresh memory is given page by page when it is first written: that is to happen now, and
        // not between two operations.
        recorder.clear();
        recorder
    }

    /// One more operation took so long.
    #[inline(always)]
    pub fn record(&mut self, operation: &Operation, ns: u64) {
        self.kinds[kind_of(operation)].saturating_record(ns.min(NS_MAX));
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        for histogram in self.kinds.iter_mut() {
            histogram.reset();
        }
    }

    /// Adds what another has recorded.
    pub(super) fn add(&mut self, other: &Self) {
        for (into, from) in self.kinds.iter_mut().zip(other.kinds.iter()) {
            add(into, from);
        }
    }

    /// By place among the kinds.
    pub(super) fn histograms(&self) -> impl Iterator<Item = &Histogram<u64>> {
        self.kinds.iter().map(|padded| &**padded)
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

/// Adds one of our histograms to another.
pub(super) fn add(into: &mut Histogram<u64>, from: &Histogram<u64>) {
    into.add(from).expect("histograms of the same bounds");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{KeySet, Mix, Stream};

    fn operations(puts: u8) -> Vec<Operation> {
        let keys = KeySet::new(10);
        Stream::new(1, Mix::with_puts(puts), 0, &keys).operations()[..100].to_vec()
    }

    /// How many there are of each kind, and the longest.
    fn seen(recorder: &Recorder) -> Vec<(u64, u64)> {
        recorder.histograms().map(|histogram| (histogram.len(), histogram.max())).collect()
    }

    #[test]
    fn each_kind_has_its_own_histogram() {
        let mut recorder = Recorder::new();
        for put in operations(100) {
            recorder.record(&put, 7);
        }
        assert_eq!(seen(&recorder), [(0, 0), (100, 7)]);
        for get in operations(0) {
            recorder.record(&get, 9);
        }
        assert_eq!(seen(&recorder), [(100, 9), (100, 7)]);
    }

    #[test]
    fn times_beyond_the_longest_count_as_the_longest_and_none_is_lost() {
        let mut recorder = Recorder::new();
        let get = &operations(0)[0];
        for ns in [0, 1, NS_MAX - 1, NS_MAX, NS_MAX + NS_MAX / 10, u64::MAX] {
            recorder.record(get, ns);
        }
        let histogram = recorder.histograms().next().unwrap();
        assert_eq!((histogram.len(), histogram.min()), (6, 0));
        assert!(histogram.equivalent(histogram.max(), NS_MAX));
    }

    #[test]
    fn what_is_added_is_what_both_recorded_and_what_is_cleared_is_gone() {
        let [mut one, mut other] = [Recorder::new(), Recorder::new()];
        let get = &operations(0)[0];
        one.record(get, 5);
        other.record(get, 1_000);
        one.add(&other);
        assert_eq!(seen(&one), [(2, 1_000), (0, 0)]);
        one.clear();
        assert_eq!(seen(&one), [(0, 0); 2]);
    }
}
