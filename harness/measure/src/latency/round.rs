//! The result of one round of latency.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use shardproof_evidence::{ALL, Checks, LatencyRound};
use shardproof_workload::OperationKind;

use crate::latency::recorder::{Recorder, add, empty_histogram};
use crate::latency::summary::{Interval, figures};

/// The result of one round.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoundHistograms {
    /// Each kind of operation that occurred, and last `all`.
    pub kinds: Vec<KindHistogram>,
    /// The offered and achieved rates of an open loop; `None` for a closed loop.
    pub rates: Option<RoundRates>,
    /// The result of checking the subject's answers.
    pub checks: Checks,
}

/// The offered and achieved rates of one round of an open loop.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct RoundRates {
    /// The planned length of the round.
    pub slice_ms: f64,
    /// Operations due per second.
    pub offered_ops_s: f64,
    /// Completed operations per second.
    pub achieved_ops_s: f64,
}

/// The latencies of one kind of operation in one round.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KindHistogram {
    /// The kind: `get`, `put`, ...; `all` for all kinds together.
    pub operation: String,
    /// Latencies in nanoseconds.
    #[serde(with = "shardproof_evidence::histogram")]
    pub histogram: Histogram<u64>,
    /// Figures over time, by interval in an open loop; `at_s` counts from the start of the round.
    pub over_time: Vec<LatencyRound>,
}

impl RoundHistograms {
    /// The result of a round with these intervals.
    pub(super) fn new(
        checks: Checks,
        intervals: impl IntoIterator<Item = (Interval, Recorder)>,
    ) -> Self {
        let mut kinds = OperationKind::ALL.map(|kind| (kind, None::<KindHistogram>));
        let mut all = KindHistogram::new(ALL);
        for (interval, recorder) in intervals {
            let mut all_kinds = empty_histogram();
            for (kind, histogram) in recorder.histograms().filter(|(_, it)| !it.is_empty()) {
                let (_, of_kind) = &mut kinds[kind as usize];
                of_kind
                    .get_or_insert_with(|| KindHistogram::new(kind.as_str()))
                    .extend(interval, histogram);
                add(&mut all_kinds, histogram);
            }
            all.extend(interval, &all_kinds);
        }
        let kinds = kinds.into_iter().filter_map(|(_, of_kind)| of_kind).chain([all]).collect();
        Self { kinds, rates: None, checks }
    }

    /// The same result, with the rates of an open loop.
    pub(super) fn with_rates(self, rates: RoundRates) -> Self {
        Self { rates: Some(rates), ..self }
    }

    /// The latencies of all kinds together.
    ///
    /// # Panics
    /// When [`RoundHistograms::kinds`] is empty.
    #[must_use]
    pub fn all(&self) -> &Histogram<u64> {
        &self.kinds.last().expect("`all` is always there").histogram
    }
}

impl KindHistogram {
    fn new(operation: &str) -> Self {
        Self {
            operation: operation.to_owned(),
            histogram: empty_histogram(),
            over_time: Vec::new(),
        }
    }

    /// Adds the latencies of one interval, if there are any.
    fn extend(&mut self, interval: Interval, histogram: &Histogram<u64>) {
        if !histogram.is_empty() {
            add(&mut self.histogram, histogram);
            self.over_time.push(figures(interval, histogram));
        }
    }
}
