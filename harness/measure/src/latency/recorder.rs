//! The latency histograms of one thread.

use crossbeam_utils::CachePadded;
use hdrhistogram::Histogram;
use shardproof_workload::{Operation, OperationKind, Stream};

use crate::latency::kinds::kinds_of;

/// The shortest time that a histogram can tell from 0.
const NS_MIN: u64 = 1;
/// The longest time of a histogram: longer ones count as this.
pub(super) const NS_MAX: u64 = 60_000_000_000;
/// The significant decimal digits of a histogram: times are exact to one part in a thousand.
const DIGITS: u8 = 3;

/// An empty histogram of nanoseconds, from 1 ns to 60 s with three digits.
///
/// # Panics
/// Never: the bounds and digits are valid.
#[must_use]
pub fn empty_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(NS_MIN, NS_MAX, DIGITS).expect("the bounds and digits are valid")
}

/// One thread's histograms, one for each kind of operation in its load.
///
/// The recording thread creates its own recorder, so that the memory comes from that thread's part
/// of the heap, and each histogram is padded to whole cache lines. So no two threads write to the
/// same cache line. Recording takes no lock and does not allocate.
#[derive(Debug)]
pub struct Recorder {
    /// The kinds of operation.
    kinds: Vec<OperationKind>,
    /// One histogram per entry of `kinds`.
    histograms: Box<[CachePadded<Histogram<u64>>]>,
    /// By kind, its index in `kinds`.
    indices: [u8; OperationKind::COUNT],
}

impl Recorder {
    /// An empty recorder for the operations of these streams.
    #[must_use]
    pub fn new(streams: &[Stream]) -> Self {
        let kinds = kinds_of(streams);
        let mut indices = [0; OperationKind::COUNT];
        for (kind, index) in kinds.iter().zip(0..) {
            indices[*kind as usize] = index;
        }
        let histograms = kinds.iter().map(|_| CachePadded::new(empty_histogram())).collect();
        let mut recorder = Self { kinds, histograms, indices };
        // Writes to every page now, so that no page fault occurs between two operations.
        recorder.clear();
        recorder
    }

    /// Records an operation that took `ns` nanoseconds.
    ///
    /// # Panics
    /// When the streams have no such operation.
    #[inline(always)]
    pub fn record(&mut self, operation: &Operation, ns: u64) {
        let index = self.indices[operation.kind() as usize];
        self.histograms[usize::from(index)].saturating_record(ns.min(NS_MAX));
    }

    /// Removes all recorded times.
    pub fn clear(&mut self) {
        for histogram in &mut self.histograms {
            histogram.reset();
        }
    }

    /// Adds the times of another recorder of the same streams.
    pub(super) fn add(&mut self, other: &Self) {
        for (into, from) in self.histograms.iter_mut().zip(other.histograms.iter()) {
            add(into, from);
        }
    }

    /// Each kind and its histogram.
    pub(super) fn histograms(&self) -> impl Iterator<Item = (OperationKind, &Histogram<u64>)> {
        self.kinds.iter().copied().zip(self.histograms.iter().map(|padded| &**padded))
    }
}

/// Adds one histogram to another, both from [`empty_histogram`].
pub(super) fn add(into: &mut Histogram<u64>, from: &Histogram<u64>) {
    into.add(from).expect("both have the same bounds");
}

#[cfg(test)]
mod tests {
    use super::*;
    use shardproof_workload::{KeySet, Mix};

    fn streams() -> [Stream; 1] {
        [Stream::new(1, Mix::with_puts(50), 0, &KeySet::new(10))]
    }

    fn operations(kind: OperationKind) -> Vec<Operation> {
        let of_kind = |operation: &&Operation| operation.kind() == kind;
        streams()[0].operations().iter().filter(of_kind).take(100).cloned().collect()
    }

    /// By kind, the number of times and the longest.
    fn counts(recorder: &Recorder) -> Vec<(OperationKind, u64, u64)> {
        let histograms = recorder.histograms();
        histograms.map(|(kind, histogram)| (kind, histogram.len(), histogram.max())).collect()
    }

    #[test]
    fn each_kind_has_its_own_histogram() {
        let mut recorder = Recorder::new(&streams());
        for put in operations(OperationKind::Put) {
            recorder.record(&put, 7);
        }
        assert_eq!(counts(&recorder), [(OperationKind::Get, 0, 0), (OperationKind::Put, 100, 7)]);
        for get in operations(OperationKind::Get) {
            recorder.record(&get, 9);
        }
        assert_eq!(counts(&recorder), [(OperationKind::Get, 100, 9), (OperationKind::Put, 100, 7)]);
    }

    #[test]
    fn longer_times_count_as_the_longest_and_none_is_lost() {
        let mut recorder = Recorder::new(&streams());
        let get = &operations(OperationKind::Get)[0];
        for ns in [0, 1, NS_MAX - 1, NS_MAX, NS_MAX + NS_MAX / 10, u64::MAX] {
            recorder.record(get, ns);
        }
        let (_, histogram) = recorder.histograms().next().unwrap();
        assert_eq!((histogram.len(), histogram.min()), (6, 0));
        assert!(histogram.equivalent(histogram.max(), NS_MAX));
    }

    #[test]
    fn adding_keeps_the_times_of_both_and_clearing_removes_all() {
        let [mut one, mut other] = [0, 1].map(|_| Recorder::new(&streams()));
        let get = &operations(OperationKind::Get)[0];
        one.record(get, 5);
        other.record(get, 1_000);
        one.add(&other);
        assert_eq!(counts(&one)[0], (OperationKind::Get, 2, 1_000));
        one.clear();
        assert!(counts(&one).iter().all(|(_, count, longest)| (*count, *longest) == (0, 0)));
    }
}
