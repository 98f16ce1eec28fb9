//! Rounds of many points, as they come, and what they amount to.

use hdrhistogram::Histogram;
use shardproof_evidence::histogram::encode;
use shardproof_evidence::{self as evidence, Checks, Latency, LatencyRound};
use shardproof_stats as stats;

use crate::latency::arrivals::Arrivals;
use crate::latency::kinds::place_of;
use crate::latency::recorder::add;
use crate::latency::round::{KindHistogram, RoundHistograms};
use crate::latency::summary::quantiles;

/// What latency is measured of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Point {
    /// The subject's name.
    pub(super) subject: String,
    /// The workload's name.
    pub(super) workload: String,
    /// The placement.
    pub(super) placement: String,
    /// Threads at work.
    pub(super) threads: usize,
    /// When operations arrive; `None` in a closed loop.
    pub(super) arrivals: Option<Arrivals>,
}

/// Takes the rounds of many points, in whatever order they are run.
#[derive(Debug)]
pub(super) struct Collector {
    /// What is known of each point, in the order of reports.
    points: Vec<Known>,
}

/// What is known of one point so far.
#[derive(Debug)]
struct Known {
    /// Which it is.
    point: Point,
    /// What is known of each kind of operation that occurred.
    kinds: Vec<KnownKind>,
    /// Operations per second of each round.
    achieved_ops_s: Vec<f64>,
    /// What came of checking.
    checks: Checks,
    /// Rounds so far.
    rounds: usize,
}

/// What is known of one kind of operation at one point.
#[derive(Debug)]
struct KnownKind {
    /// All rounds, and the figures over time with `at_s` from the beginning of the measurement.
    merged: KindHistogram,
    /// The median of each round.
    p50_ns: Vec<f64>,
    /// The 99th percentile of each round.
    p99_ns: Vec<f64>,
}

impl Collector {
    /// For these points.
    #[must_use]
    pub(super) fn new(points: Vec<Point>) -> Self {
        let known = |point| Known {
            point,
            kinds: Vec::new(),
            achieved_ops_s: Vec::new(),
            checks: Checks::default(),
            rounds: 0,
        };
        Self { points: points.into_iter().map(known).collect() }
    }

    /// Adds a round of the point at this place among those that were given, which began so many
    /// seconds from the beginning of the whole measurement.
    ///
    /// # Panics
    /// When there is no such point.
    pub(super) fn add(&mut self, point: usize, begun_s: f64, round: RoundHistograms) {
        self.points[point].add(begun_s, round);
    }

    /// What came of checking at all points.
    #[must_use]
    pub(super) fn all_checks(&self) -> Checks {
        let mut all = Checks::default();
        for known in &self.points {
            all.extend(Checks { exemption: None, ..known.checks.clone() });
        }
        all
    }

    /// What all rounds amount to: for each point each kind of operation that occurred, and at last
    /// `all`. A point with a failed check has none, for how fast wrong answers come is no latency.
    #[must_use]
    pub(super) fn finish(self) -> Vec<Latency> {
        self.points.into_iter().flat_map(Known::latencies).collect()
    }
}

impl Known {
    fn add(&mut self, begun_s: f64, round: RoundHistograms) {
        self.rounds += 1;
        self.achieved_ops_s.extend(round.achieved_ops_s);
        let mut checks = round.checks;
        let number = self.rounds;
        checks.first_failure =
            checks.first_failure.map(|what| format!("latency round {number}, {what}"));
        self.checks.extend(checks);
        for kind in round.kinds.into_iter().filter(|kind| !kind.histogram.is_empty()) {
            let (p50_ns, p99_ns) = (at(&kind.histogram, 0.5), at(&kind.histogram, 0.99));
            let moved =
                |figures: LatencyRound| LatencyRound { at_s: begun_s + figures.at_s, ..figures };
            let over_time = kind.over_time.into_iter().map(moved).collect();
            let kind = KindHistogram { over_time, ..kind };
            let known = self.kinds.iter_mut().find(|it| it.merged.operation == kind.operation);
            if let Some(known) = known {
                add(&mut known.merged.histogram, &kind.histogram);
                known.merged.over_time.extend(kind.over_time);
                known.p50_ns.push(p50_ns);
                known.p99_ns.push(p99_ns);
            } else {
                let (p50_ns, p99_ns) = (vec![p50_ns], vec![p99_ns]);
                self.kinds.push(KnownKind { merged: kind, p50_ns, p99_ns });
            }
        }
    }

    fn latencies(self) -> Vec<Latency> {
        if self.checks.failed > 0 {
            return Vec::new();
        }
        let Self { point, mut kinds, achieved_ops_s, .. } = self;
        // In the order of reports, whichever kind occurred first; `all` is none of them, and last.
        kinds.sort_by_key(|kind| place_of(&kind.merged.operation));
        let arrivals = point.arrivals.map(|arrivals| evidence::Arrivals {
            pattern: arrivals.pattern().to_string(),
            rate_ops_s: arrivals.rate_ops_s() as f64,
            achieved_ops_s: stats::median(&achieved_ops_s).unwrap_or(0.0),
        });
        kinds.into_iter().map(|kind| kind.latency(&point, arrivals.as_ref())).collect()
    }
}

impl KnownKind {
    fn latency(self, point: &Point, arrivals: Option<&evidence::Arrivals>) -> Latency {
        let summary = |values| stats::summarise(values).expect("known from at least one round");
        let (p50_ns, p99_ns) = (summary(&self.p50_ns), summary(&self.p99_ns));
        let KindHistogram { operation, histogram, over_time } = self.merged;
        Latency {
            part: 0,
            subject: point.subject.clone(),
            workload: point.workload.clone(),
            placement: point.placement.clone(),
            threads: point.threads,
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

fn at(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::recorder::{Recorder, empty_histogram};
    use crate::latency::summary::Stretch;
    use shardproof_evidence::ALL;
    use shardproof_evidence::histogram::decode;
    use shardproof_workload::{KeySet, Mix, Operation, Stream};

    fn point(arrivals: Option<&str>) -> Point {
        Point {
            subject: "sharded".to_owned(),
            workload: "get50-put50".to_owned(),
            placement: "disjoint".to_owned(),
            threads: 1,
            arrivals: arrivals.map(|text| text.parse().unwrap()),
        }
    }

    fn streams() -> [Stream; 1] {
        [Stream::new(1, Mix::with_puts(50), 0, &KeySet::new(10))]
    }

    fn operations() -> Vec<Operation> {
        streams()[0].operations()[..1_000].to_vec()
    }

    fn at(at_s: f64) -> Stretch {
        Stretch { at_s, length_s: 0.5 }
    }

    /// A round in which every operation took `ns`, in two stretches.
    fn round(ns: u64) -> RoundHistograms {
        let stretch = |operations: &[Operation]| {
            let mut recorder = Recorder::new(&streams());
            operations.iter().for_each(|operation| recorder.record(operation, ns));
            recorder
        };
        let operations = operations();
        let (one, other) = operations.split_at(300);
        let checks = Checks { checked: 5, ..Checks::default() };
        RoundHistograms::new(checks, [(at(0.0), stretch(one)), (at(0.5), stretch(other))])
    }

    #[test]
    fn rounds_of_several_points_in_turns_become_a_record_of_each_point_and_kind() {
        let mut collector = Collector::new(vec![point(None), point(Some("poisson:1000"))]);
        for (number, ns) in [100, 300, 200].into_iter().enumerate() {
            collector.add(0, 10.0 * number as f64, round(ns));
            collector.add(1, 10.0 * number as f64 + 5.0, round(2 * ns).with_achieved(990.0));
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
        assert_eq!(open.achieved_ops_s, 990.0);
        assert_eq!(latencies[5].quantiles_ns.p50, 400);
    }

    #[test]
    fn wrong_answers_leave_checks_and_no_latency() {
        let mut collector = Collector::new(vec![point(None), point(None)]);
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
        assert_eq!(collector.finish().len(), 3, "those of the other point");
    }

    #[test]
    fn a_kind_that_some_rounds_lack_is_that_of_the_others() {
        let mut collector = Collector::new(vec![point(None)]);
        let mut puts_only = round(100);
        puts_only.kinds.remove(0);
        collector.add(0, 0.0, puts_only);
        collector.add(0, 1.0, round(100));
        let nothing =
            RoundHistograms::new(Checks::default(), [(at(0.0), Recorder::new(&streams()))]);
        assert_eq!(nothing.all(), &empty_histogram());
        collector.add(0, 2.0, nothing);
        let latencies = collector.finish();
        let names: Vec<&str> = latencies.iter().map(|it| it.operation.as_str()).collect();
        assert_eq!(names, ["get", "put", ALL]);
        let [gets, puts, _] = [0, 1, 2].map(|place| &latencies[place]);
        assert_eq!((gets.rounds.len(), puts.rounds.len()), (2, 4));
        assert_eq!(gets.count + puts.count / 2, operations().len() as u64);
    }
}
