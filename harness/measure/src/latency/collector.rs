//! Collects the rounds of many cells and summarizes them.

use hdrhistogram::Histogram;
use shardproof_evidence::histogram::encode;
use shardproof_evidence::{self as evidence, Checks, Latency, LatencyRound};
use shardproof_stats as stats;

use crate::latency::arrivals::Arrivals;
use crate::latency::kinds::report_order;
use crate::latency::recorder::add;
use crate::latency::round::{KindHistogram, RoundHistograms, RoundRates};
use crate::latency::summary::quantiles;

/// A cell, with the names that the evidence has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct CellLabel {
    /// The subject's name.
    pub(super) subject: String,
    /// The workload's name.
    pub(super) workload: String,
    /// The placement.
    pub(super) placement: String,
    /// Threads at work.
    pub(super) threads: usize,
    /// The arrivals; `None` for a closed loop.
    pub(super) arrivals: Option<Arrivals>,
}

/// Collects the rounds of many cells, in any order.
#[derive(Debug)]
pub(super) struct Collector {
    /// The cells, in the order of reports.
    cells: Vec<CellTotals>,
}

/// All rounds of one cell so far.
#[derive(Debug)]
struct CellTotals {
    /// The cell.
    cell: CellLabel,
    /// Each kind of operation that occurred.
    kinds: Vec<KindTotals>,
    /// The offered and achieved rates of each round of an open loop.
    rates: Vec<RoundRates>,
    /// The results of checks.
    checks: Checks,
    /// The number of rounds so far.
    rounds: usize,
}

/// All rounds of one kind of operation in one cell so far.
#[derive(Debug)]
struct KindTotals {
    /// All rounds. The `at_s` of its figures over time counts from the start of the measurement.
    merged: KindHistogram,
    /// The median of each round.
    p50_ns: Vec<f64>,
    /// The 99th percentile of each round.
    p99_ns: Vec<f64>,
}

impl Collector {
    /// A collector for these cells.
    #[must_use]
    pub(super) fn new(cells: Vec<CellLabel>) -> Self {
        let empty = |cell| CellTotals {
            cell,
            kinds: Vec::new(),
            rates: Vec::new(),
            checks: Checks::default(),
            rounds: 0,
        };
        Self { cells: cells.into_iter().map(empty).collect() }
    }

    /// Adds a round of the cell at index `cell`. The round began `begun_s` seconds after the start
    /// of the measurement.
    ///
    /// # Panics
    /// When there is no such cell.
    pub(super) fn add(&mut self, cell: usize, begun_s: f64, round: RoundHistograms) {
        self.cells[cell].add(begun_s, round);
    }

    /// The checks of all cells.
    #[must_use]
    pub(super) fn all_checks(&self) -> Checks {
        let mut all = Checks::default();
        for cell in &self.cells {
            all.extend(Checks { exemption: None, ..cell.checks.clone() });
        }
        all
    }

    /// The summary of all rounds: for each cell, every kind of operation that occurred, and last
    /// `all`. A cell with a failed check has none: the speed of wrong answers is not a latency.
    #[must_use]
    pub(super) fn finish(self) -> Vec<Latency> {
        self.cells.into_iter().flat_map(CellTotals::latencies).collect()
    }
}

impl CellTotals {
    fn add(&mut self, begun_s: f64, round: RoundHistograms) {
        self.rounds += 1;
        self.rates.extend(round.rates);
        let mut checks = round.checks;
        let number = self.rounds;
        checks.first_failure =
            checks.first_failure.map(|what| format!("latency round {number}, {what}"));
        self.checks.extend(checks);
        for kind in round.kinds.into_iter().filter(|kind| !kind.histogram.is_empty()) {
            let (p50_ns, p99_ns) =
                (quantile(&kind.histogram, 0.5), quantile(&kind.histogram, 0.99));
            let shifted =
                |figures: LatencyRound| LatencyRound { at_s: begun_s + figures.at_s, ..figures };
            let over_time = kind.over_time.into_iter().map(shifted).collect();
            let kind = KindHistogram { over_time, ..kind };
            let totals = self.kinds.iter_mut().find(|it| it.merged.operation == kind.operation);
            if let Some(totals) = totals {
                add(&mut totals.merged.histogram, &kind.histogram);
                totals.merged.over_time.extend(kind.over_time);
                totals.p50_ns.push(p50_ns);
                totals.p99_ns.push(p99_ns);
            } else {
                let (p50_ns, p99_ns) = (vec![p50_ns], vec![p99_ns]);
                self.kinds.push(KindTotals { merged: kind, p50_ns, p99_ns });
            }
        }
    }

    fn latencies(self) -> Vec<Latency> {
        if self.checks.failed > 0 {
            return Vec::new();
        }
        let Self { cell, mut kinds, rates, .. } = self;
        // In the order of reports, not of first occurrence; `all` comes last.
        kinds.sort_by_key(|kind| report_order(&kind.merged.operation));
        let median =
            |of: fn(&RoundRates) -> f64| stats::median(&rates.iter().map(of).collect::<Vec<_>>());
        let arrivals = cell.arrivals.map(|arrivals| evidence::Arrivals {
            pattern: arrivals.pattern().to_string(),
            rate_ops_s: arrivals.rate_ops_s() as f64,
            offered_ops_s: median(|rates| rates.offered_ops_s),
            achieved_ops_s: median(|rates| rates.achieved_ops_s).unwrap_or(0.0),
            slice_ms: median(|rates| rates.slice_ms),
        });
        kinds.into_iter().map(|kind| kind.latency(&cell, arrivals.as_ref())).collect()
    }
}

impl KindTotals {
    fn latency(self, cell: &CellLabel, arrivals: Option<&evidence::Arrivals>) -> Latency {
        let summary = |values| stats::summarise(values).expect("at least one round");
        let (p50_ns, p99_ns) = (summary(&self.p50_ns), summary(&self.p99_ns));
        let KindHistogram { operation, histogram, over_time } = self.merged;
        Latency {
            part: 0,
            subject: cell.subject.clone(),
            workload: cell.workload.clone(),
            placement: cell.placement.clone(),
            threads: cell.threads,
            arrivals: arrivals.cloned(),
            operation,
            count: histogram.len(),
            mean_ns: histogram.mean(),
            quantiles_ns: quantiles(&histogram),
            p50_ns,
            p99_ns,
            rounds: over_time,
            histogram: encode(&histogram),
            warnings: Vec::new(),
        }
    }
}

fn quantile(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::recorder::{Recorder, empty_histogram};
    use crate::latency::summary::Interval;
    use shardproof_evidence::ALL;
    use shardproof_evidence::histogram::decode;
    use shardproof_workload::{KeySet, Mix, Operation, Stream};

    fn cell(arrivals: Option<&str>) -> CellLabel {
        CellLabel {
            subject: "sharded".to_owned(),
            workload: "get50-put50".to_owned(),
            placement: "disjoint".to_owned(),
            threads: 1,
            arrivals: arrivals.map(|text| text.parse().unwrap()),
        }
    }

    const RATES: RoundRates =
        RoundRates { slice_ms: 50.0, offered_ops_s: 1_001.0, achieved_ops_s: 990.0 };

    fn streams() -> [Stream; 1] {
        [Stream::new(1, Mix::with_puts(50), 0, &KeySet::new(10))]
    }

    fn operations() -> Vec<Operation> {
        streams()[0].operations()[..1_000].to_vec()
    }

    fn interval(at_s: f64) -> Interval {
        Interval { at_s, length_s: 0.5 }
    }

    /// A round of two intervals in which every operation took `ns`.
    fn round(ns: u64) -> RoundHistograms {
        let record = |operations: &[Operation]| {
            let mut recorder = Recorder::new(&streams());
            operations.iter().for_each(|operation| recorder.record(operation, ns));
            recorder
        };
        let operations = operations();
        let (one, other) = operations.split_at(300);
        let checks = Checks { checked: 5, ..Checks::default() };
        RoundHistograms::new(checks, [(interval(0.0), record(one)), (interval(0.5), record(other))])
    }

    #[test]
    fn interleaved_rounds_of_cells_become_one_latency_per_cell_and_kind() {
        let mut collector = Collector::new(vec![cell(None), cell(Some("poisson:1000"))]);
        for (number, ns) in [100, 300, 200].into_iter().enumerate() {
            collector.add(0, 10.0 * number as f64, round(ns));
            collector.add(1, 10.0 * number as f64 + 5.0, round(2 * ns).with_rates(RATES));
        }
        assert_eq!(collector.all_checks().checked, 30);
        let latencies = collector.finish();
        let names: Vec<&str> = latencies.iter().map(|it| it.operation.as_str()).collect();
        assert_eq!(names, ["get", "put", ALL, "get", "put", ALL]);
        assert_eq!(latencies[0].count + latencies[1].count, 3_000);

        let all = &latencies[2];
        assert_eq!((all.count, all.arrivals.as_ref()), (3_000, None));
        assert_eq!(
            (all.quantiles_ns.min, all.quantiles_ns.p50, all.quantiles_ns.max),
            (100, 200, 300)
        );
        assert!((all.mean_ns - 200.0).abs() < 1e-9);
        assert_eq!((all.p50_ns.median, all.p50_ns.low, all.p50_ns.high), (200.0, 100.0, 300.0));
        assert_eq!(all.p99_ns.median, 200.0);
        let at_s: Vec<f64> = all.rounds.iter().map(|round| round.at_s).collect();
        assert_eq!(at_s, [0.0, 0.5, 10.0, 10.5, 20.0, 20.5]);
        assert_eq!(all.rounds[2].p50_ns, 300);
        assert_eq!((all.rounds[0].count, all.rounds[1].count), (300, 700));
        let decoded = decode(&all.histogram).unwrap();
        assert_eq!((decoded.len(), decoded.max(), decoded.count_at(200)), (3_000, 300, 1_000));

        let open = latencies[5].arrivals.as_ref().unwrap();
        assert_eq!((open.pattern.as_str(), open.rate_ops_s), ("poisson", 1_000.0));
        assert_eq!((open.offered_ops_s, open.achieved_ops_s), (Some(1_001.0), 990.0));
        assert_eq!(open.slice_ms, Some(50.0));
        assert_eq!(latencies[5].quantiles_ns.p50, 400);
    }

    #[test]
    fn a_cell_with_wrong_answers_has_checks_and_no_latency() {
        let mut collector = Collector::new(vec![cell(None), cell(None)]);
        collector.add(0, 0.0, round(100));
        collector.add(1, 0.0, round(100));
        let mut wrong = round(100);
        wrong.checks.failed = 1;
        wrong.checks.first_failure = Some("thread 0: lost".to_owned());
        collector.add(0, 1.0, wrong);
        assert_eq!(
            collector.all_checks().first_failure.as_deref(),
            Some("latency round 2, thread 0: lost")
        );
        assert_eq!(collector.finish().len(), 3, "those of the other cell");
    }

    #[test]
    fn a_kind_may_be_missing_from_some_rounds() {
        let mut collector = Collector::new(vec![cell(None)]);
        let mut puts_only = round(100);
        puts_only.kinds.remove(0);
        collector.add(0, 0.0, puts_only);
        collector.add(0, 1.0, round(100));
        let nothing =
            RoundHistograms::new(Checks::default(), [(interval(0.0), Recorder::new(&streams()))]);
        assert_eq!(nothing.all(), &empty_histogram());
        collector.add(0, 2.0, nothing);
        let latencies = collector.finish();
        let names: Vec<&str> = latencies.iter().map(|it| it.operation.as_str()).collect();
        assert_eq!(names, ["get", "put", ALL]);
        let [gets, puts, _] = [0, 1, 2].map(|index| &latencies[index]);
        assert_eq!((gets.rounds.len(), puts.rounds.len()), (2, 4));
        assert_eq!(gets.count + puts.count / 2, operations().len() as u64);
    }
}
