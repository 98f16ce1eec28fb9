//! Where one thread keeps how long its operations took.

use crossbeam_utils::CachePadded;
use hdrhistogram::Histogram;
use shardproof_workload::{Operation, OperationKind, Stream};

use crate::latency::kinds::kinds_of;

/// The shortest time that a histogram tells from 0.
const NS_MIN: u64 = 1;
/// The longest that it tells from longer ones: what took longer counts as this.
pub(super) const NS_MAX: u64 = 60_000_000_000;
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

/// One thread's histograms, one for each kind of operation that its load has.
///
/// The thread that records makes it, so that it comes from memory that this thread was given; what every
/// recording writes beside the counts lies on cache lines of its own. So no two threads write near
/// each other, and recording takes no lock and allocates nothing.
#[derive(Debug)]
pub struct Recorder {
    /// The kinds that there are.
    kinds: Vec<OperationKind>,
    /// By place among them.
    histograms: Box<[CachePadded<Histogram<u64>>]>,
    /// By kind, its place among them.
    places: [u8; OperationKind::COUNT],
}

impl Recorder {
    /// With nothing recorded, for the operations of these streams.
    #[must_use]
    pub fn new(streams: &[Stream]) -> Self {
        let kinds = kinds_of(streams);
        let mut places = [0; OperationKind::COUNT];
        for (kind, place) in kinds.iter().zip(0..) {
            places[*kind as usize] = place;
        }
        let histograms = kinds.iter().map(|_| CachePadded::new(empty_histogram())).collect();
        let mut recorder = Self { kinds, histograms, places };
        // Fresh memory is given page by page when it is first written: that is to happen now, and
        // not between two operations.
        recorder.clear();
        recorder
    }

    /// One more operation took so long.
    ///
    /// # Panics
    /// When the streams have no such operation.
    #[inline(always)]
    pub fn record(&mut self, operation: &Operation, ns: u64) {
        let place = self.places[operation.kind() as usize];
        self.histograms[usize::from(place)].saturating_record(ns.min(NS_MAX));
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        for histogram in &mut self.histograms {
            histogram.reset();
        }
    }

    /// Adds what another has recorded of the same streams.
    pub(super) fn add(&mut self, other: &Self) {
        for (into, from) in self.histograms.iter_mut().zip(other.histograms.iter()) {
            add(into, from);
        }
    }

    /// Each kind with its histogram.
    pub(super) fn histograms(&self) -> impl Iterator<Item = (OperationKind, &Histogram<u64>)> {
        self.kinds.iter().copied().zip(self.histograms.iter().map(|padded| &**padded))
    }
}

/// Adds one of our histograms to another.
pub(super) fn add(into: &mut Histogram<u64>, from: &Histogram<u64>) {
    into.add(from).expect("histograms of the same bounds");
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

    /// How many there are of each kind, and the longest.
    fn seen(recorder: &Recorder) -> Vec<(OperationKind, u64, u64)> {
        let histograms = recorder.histograms();
        histograms.map(|(kind, histogram)| (kind, histogram.len(), histogram.max())).collect()
    }

    #[test]
    fn each_kind_has_its_own_histogram() {
        let mut recorder = Recorder::new(&streams());
        for put in operations(OperationKind::Put) {
            recorder.record(&put, 7);
        }
        assert_eq!(seen(&recorder), [(OperationKind::Get, 0, 0), (OperationKind::Put, 100, 7)]);
        for get in operations(OperationKind::Get) {
            recorder.record(&get, 9);
        }
        assert_eq!(seen(&recorder), [(OperationKind::Get, 100, 9), (OperationKind::Put, 100, 7)]);
    }

    #[test]
    fn times_beyond_the_longest_count_as_the_longest_and_none_is_lost() {
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
    fn what_is_added_is_what_both_recorded_and_what_is_cleared_is_gone() {
        let [mut one, mut other] = [0, 1].map(|_| Recorder::new(&streams()));
        let get = &operations(OperationKind::Get)[0];
        one.record(get, 5);
        other.record(get, 1_000);
        one.add(&other);
        assert_eq!(seen(&one)[0], (OperationKind::Get, 2, 1_000));
        one.clear();
        assert!(seen(&one).iter().all(|(_, count, longest)| (*count, *longest) == (0, 0)));
    }
}
