//! The pass that measures latency: all cells in rounds, each round in an order of its own, and then searches.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::evidence::histogram::{decode, encode};
use crate::evidence::{Checks, Latency, LatencyRound, RateSearch};
use crate::machine::clock::Clock;
use crate::measure::inputs::Inputs;
use crate::measure::journal::Journal;
use crate::measure::latency::collector::{Collector, Point};
use crate::measure::latency::round::{KindHistogram, RoundHistograms};
use crate::measure::latency::search::{Found, Question, Rates, search};
use crate::measure::latency::{closed, kinds, open};
use crate::measure::plan::{LatencyPoint, Plan, SearchPoint};
use crate::measure::profile::Effort;
use crate::measure::progress::Tracker;
use crate::measure::throughput::round_of;

/// What came of the pass.
#[derive(Default)]
pub(crate) struct Timed {
    /// Of each cell and kind of operation.
    pub(crate) latencies: Vec<Latency>,
    /// Of each search.
    pub(crate) searches: Vec<RateSearch>,
    /// What came of checking answers meanwhile.
    pub(crate) checks: Checks,
}

/// Tells the orders and layouts of this pass from those of throughput.
const PASS: u64 = 0x1a7e_9c55;

/// Measures every cell and search of the plan.
pub(crate) fn collect(
    plan: &Plan,
    effort: &Effort,
    (inputs, clock): (&Inputs, &Clock),
    (journal, tracker): (&mut Journal, &mut Tracker<'_>),
) -> Timed {
    let points = plan.latencies.iter().map(|it| it.named(plan)).collect();
    let mut collector = Collector::new(points);
    for round in 1..=effort.latency_rounds {
        let (order, layout) = round_of(plan.seed ^ PASS, round, plan.latencies.len());
        let stage = format!("latency, round {round} of {}", effort.latency_rounds);
        for index in order {
            let point = plan.latencies[index];
            let at_s = journal.elapsed().as_secs_f64();
            let kept: KeptRound = journal.once(&format!("latency {round} {index}"), || {
                let histograms = observe(inputs, clock, effort, (point, layout));
                KeptRound::of(at_s, histograms)
            });
            tracker.advance(&stage, planned(effort, point));
            if let Some((at_s, histograms)) = kept.back() {
                collector.add(index, at_s, histograms);
            }
        }
    }
    let mut timed = Timed { checks: collector.all_checks(), ..Timed::default() };
    timed.latencies = collector.finish();
    for (index, point) in plan.searches.iter().enumerate() {
        let stage = format!("highest rate of {}", point.point.subject);
        let (found, checks) = journal
            .once(&format!("search {index}"), || seek(inputs, clock, effort, (*point, plan.seed)));
        timed.searches.push(point.named(plan).rate_search(point.question(), found));
        timed.checks.extend(checks);
        tracker.advance(&stage, effort.search_slice * 36);
    }
    timed
}

fn observe(
    inputs: &Inputs,
    clock: &Clock,
    effort: &Effort,
    (LatencyPoint { point, arrivals }, layout): (LatencyPoint, u64),
) -> RoundHistograms {
    match arrivals {
        None => {
            let load = inputs.load(point, effort.latency_slice, layout);
            closed::round(point.subject, load, clock)
        }
        Some(arrivals) => {
            let load = inputs.load(point, effort.open_slice, layout);
            open::round(point.subject, load, clock, arrivals, layout)
        }
    }
}

fn seek(
    inputs: &Inputs,
    clock: &Clock,
    effort: &Effort,
    (search_point, seed): (SearchPoint, u64),
) -> (Found, Checks) {
    let load = inputs.load(search_point.point, effort.search_slice, seed);
    search(search_point.point.subject, load, clock, search_point.question(), seed)
}

fn planned(effort: &Effort, point: LatencyPoint) -> Duration {
    if point.arrivals.is_some() { effort.open_slice } else { effort.latency_slice }
}

impl LatencyPoint {
    /// The point, as evidence calls it.
    fn named(self, plan: &Plan) -> Point {
        Point {
            subject: self.point.subject.to_string(),
            workload: plan.workloads[self.point.workload].name().to_owned(),
            placement: self.point.placement.to_string(),
            threads: self.point.threads,
            arrivals: self.arrivals,
        }
    }
}

impl SearchPoint {
    fn named(self, plan: &Plan) -> Point {
        LatencyPoint { point: self.point, arrivals: None }.named(plan)
    }

    fn question(self) -> Question {
        let Self { pattern, p99_ns_max, .. } = self;
        Question { pattern, p99_ns_max, rates: Rates::default() }
    }
}

/// A round as it is kept on disk.
#[derive(Serialize, Deserialize)]
struct KeptRound {
    /// When it began, from the beginning of the measurement.
    at_s: f64,
    /// By kind of operation.
    kinds: Vec<KeptKind>,
    /// Operations per second, in an open loop.
    achieved_ops_s: Option<f64>,
    /// What came of checking.
    checks: Checks,
}

/// One kind of operation of it.
#[derive(Serialize, Deserialize)]
struct KeptKind {
    /// The kind.
    operation: String,
    /// The histogram, as in evidence.
    histogram: String,
    /// The figures over time.
    over_time: Vec<LatencyRound>,
}

impl KeptRound {
    fn of(at_s: f64, round: RoundHistograms) -> Self {
        let kept = |kind: KindHistogram| KeptKind {
            operation: kind.operation.to_owned(),
            histogram: encode(&kind.histogram),
            over_time: kind.over_time,
        };
        Self {
            at_s,
            kinds: round.kinds.into_iter().map(kept).collect(),
            achieved_ops_s: round.achieved_ops_s,
            checks: round.checks,
        }
    }

    /// The round again; none if what is on disk is no round of this program.
    fn back(self) -> Option<(f64, RoundHistograms)> {
        let whole = |kind: KeptKind| {
            Some(KindHistogram {
                operation: kinds::known(&kind.operation)?,
                histogram: decode(&kind.histogram).ok()?,
                over_time: kind.over_time,
            })
        };
        let kinds = self.kinds.into_iter().map(whole).collect::<Option<Vec<_>>>()?;
        let Self { at_s, achieved_ops_s, checks, .. } = self;
        Some((at_s, RoundHistograms { kinds, achieved_ops_s, checks }))
    }
}
