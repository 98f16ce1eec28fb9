//! The pass that measures latency: all cells in rounds, each round in an order of its own, and then searches.

use shardproof_evidence::{Checks, Latency, RateSearch};
use shardproof_machine::clock::Clock;

use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::latency::collector::{CellLabel, Collector};
use crate::latency::round::RoundHistograms;
use crate::latency::search::{Found, Question, Rates, search};
use crate::latency::{closed, open};
use crate::plan::{LatencyCell, Plan, SearchCell};
use crate::profile::Budget;
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
    budget: &Budget,
    (inputs, clock): (&Inputs, &Clock),
    (journal, tracker): (&mut Journal, &mut Tracker<'_>),
) -> Timed {
    let cells = plan.latencies.iter().map(|it| it.label(plan)).collect();
    let mut collector = Collector::new(cells);
    for round in 1..=budget.latency_rounds {
        let (order, layout) = round_of(plan.seed ^ PASS, round, plan.latencies.len());
        let stage = format!("latency, round {round} of {}", budget.latency_rounds);
        for index in order {
            let cell = plan.latencies[index];
            let now_s = journal.elapsed().as_secs_f64();
            let (at_s, histograms) = journal.once(&format!("latency {round} {index}"), || {
                (now_s, observe(inputs, clock, budget, (cell, layout)))
            });
            tracker.advance(&stage, plan.planned_latency(&cell));
            collector.add(index, at_s, histograms);
        }
    }
    let mut timed = Timed { checks: collector.all_checks(), ..Timed::default() };
    timed.latencies = collector.finish();
    for (index, search) in plan.searches.iter().enumerate() {
        let stage = format!("highest rate of {}", search.cell.subject);
        let (found, checks) = journal
            .once(&format!("search {index}"), || seek(inputs, clock, budget, (*search, plan.seed)));
        timed.searches.push(search.rate_search(plan, found));
        timed.checks.extend(checks);
        tracker.advance(&stage, plan.planned_search(search));
    }
    timed
}

fn observe(
    inputs: &Inputs,
    clock: &Clock,
    budget: &Budget,
    (LatencyCell { cell, arrivals }, layout): (LatencyCell, u64),
) -> RoundHistograms {
    match arrivals {
        None => {
            let load = inputs.load(cell, budget.latency_slice, layout);
            closed::round(cell.subject, load, clock)
        }
        Some(arrivals) => {
            let slice = arrivals.slice(budget.open_slice, cell.threads);
            let load = inputs.load(cell, slice, layout);
            open::round(cell.subject, load, clock, arrivals, layout)
        }
    }
}

fn seek(
    inputs: &Inputs,
    clock: &Clock,
    budget: &Budget,
    (search_cell, seed): (SearchCell, u64),
) -> (Found, Checks) {
    let load = inputs.load(search_cell.cell, budget.search_slice, seed);
    search(search_cell.cell.subject, load, clock, search_cell.question(), seed)
}

impl LatencyCell {
    /// The cell, as evidence names it.
    fn label(self, plan: &Plan) -> CellLabel {
        CellLabel {
            subject: self.cell.subject.to_string(),
            workload: plan.workloads[self.cell.workload].name().to_owned(),
            placement: self.cell.placement.to_string(),
            threads: self.cell.threads,
            arrivals: self.arrivals,
        }
    }
}

impl SearchCell {
    /// What a search has found, as evidence tells it.
    fn rate_search(self, plan: &Plan, found: Found) -> RateSearch {
        let Self { cell, pattern, p99_ns_max } = self;
        RateSearch {
            part: 0,
            subject: cell.subject.to_string(),
            workload: plan.workloads[cell.workload].name().to_owned(),
            placement: cell.placement.to_string(),
            threads: cell.threads,
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
