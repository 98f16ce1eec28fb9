//! What came of one round.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use shardproof_evidence::{ALL, Checks, LatencyRound};
use shardproof_workload::OperationKind;

use crate::latency::recorder::{Recorder, add, empty_histogram};
use crate::latency::summary::{Stretch, figures};

/// What came of one round: how long each operation took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoundHistograms {
    /// Each kind of operation that occurred, and at the end `all` of them together.
    pub kinds: Vec<KindHistogram>,
    /// Operations per second, where they were to arrive at a rate.
    pub achieved_ops_s: Option<f64>,
    /// What came of checking the subject's answers.
    pub checks: Checks,
}

/// How long the operations of one kind took in one round.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KindHistogram {
    /// The kind: `get`, `put`, ...; `all` for all of them together.
    pub operation: String,
    /// In nanoseconds.
    #[serde(with = "shardproof_evidence::histogram")]
    pub histogram: Histogram<u64>,
    /// Its figures over time, in an open loop by interval; `at_s` is from the beginning of the round.
    pub over_time: Vec<LatencyRound>,
}

impl RoundHistograms {
    /// Of what was recorded in each of some stretches of time.
    pub(super) fn new(
        checks: Checks,
        stretches: impl IntoIterator<Item = (Stretch, Recorder)>,
    ) -> Self {
        let mut kinds = OperationKind::ALL.map(|kind| (kind, None::<KindHistogram>));
        let mut all = KindHistogram::new(ALL);
        for (stretch, recorder) in stretches {
            let mut together = empty_histogram();
            for (kind, histogram) in recorder.histograms().filter(|(_, it)| !it.is_empty()) {
                let (_, known) = &mut kinds[kind as usize];
                known
                    .get_or_insert_with(|| KindHistogram::new(kind.as_str()))
                    .extend(stretch, histogram);
                add(&mut together, histogram);
            }
            all.extend(stretch, &together);
        }
        let kinds = kinds.into_iter().filter_map(|(_, known)| known).chain([all]).collect();
        Self { kinds, achieved_ops_s: None, checks }
    }

    /// The same at a rate of arrivals of which so much was achieved.
    pub(super) fn with_achieved(self, achieved_ops_s: f64) -> Self {
        Self { achieved_ops_s: Some(achieved_ops_s), ..self }
    }

    /// How long operations took, of whatever kind.
    ///
    /// # Panics
    /// When [`RoundHistograms::kinds`] was emptied.
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

    /// Adds what was recorded in one stretch of time; nothing where nothing was.
    fn extend(&mut self, stretch: Stretch, histogram: &Histogram<u64>) {
        if !histogram.is_empty() {
            add(&mut self.histogram, histogram);
            self.over_time.push(figures(stretch, histogram));
        }
    }
}
