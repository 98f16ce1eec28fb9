//! The pass that measures latency: all cells in rounds, each round in an order of its own, and then searches.

use shardproof_evidence::{Checks, Latency, RateSearch};
use shardproof_machine::clock::Clock;

use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::latency::collector::{Collector, Point};
use crate::latency::round::RoundHistograms;
use crate::latency::search::{Found, Question, Rates, search};
use crate::latency::{closed, open};
use crate::plan::{LatencyPoint, Plan, SearchPoint};
use crate::profile::Effort;
use crate::progress::Tracker;
use crate::throughput::round_of;

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
            let now_s = journal.elapsed().as_secs_f64();
            let (at_s, histograms) = journal.once(&format!("latency {round} {index}"), || {
                (now_s, observe(inputs, clock, effort, (point, layout)))
            });
            tracker.advance(&stage, plan.planned_latency(&point));
            collector.add(index, at_s, histograms);
        }
    }
    let mut timed = Timed { checks: collector.all_checks(), ..Timed::default() };
    timed.latencies = collector.finish();
    for (index, point) in plan.searches.iter().enumerate() {
        let stage = format!("highest rate of {}", point.point.subject);
        let (found, checks) = journal
            .once(&format!("search {index}"), || seek(inputs, clock, effort, (*point, plan.seed)));
        timed.searches.push(point.rate_search(plan, found));
        timed.checks.extend(checks);
        tracker.advance(&stage, plan.planned_search(point));
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
    /// What a search has found, as evidence tells it.
    fn rate_search(self, plan: &Plan, found: Found) -> RateSearch {
        let Self { point, pattern, p99_ns_max } = self;
        RateSearch {
            part: 0,
            subject: point.subject.to_string(),
            workload: plan.workloads[point.workload].name().to_owned(),
            placement: point.placement.to_string(),
            threads: point.threads,
            pattern: pattern.to_string(),
            p99_ns_max,
            rate_ops_s: found.rate_ops_s,
            steps: found.steps,
        }
    }

    fn question(self) -> Question {
        let Self { pattern, p99_ns_max, .. } = self;
        Question { pattern, p99_ns_max, rates: Rates::default() }
    }
}
