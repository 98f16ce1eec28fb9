//! The latency pass: rounds of all cells, each in its own order, and then the searches.

use shardproof_evidence::{Checks, Latency, RateSearch};
use shardproof_machine::clock::Clock;

use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::latency::collector::{CellLabel, Collector};
use crate::latency::round::RoundHistograms;
use crate::latency::search::{RateRange, SearchResult, SearchSettings, search};
use crate::latency::{closed, open};
use crate::plan::{LatencyCell, Plan, SearchCell};
use crate::profile::Budget;
use crate::progress::Tracker;
use crate::throughput::round_order;

/// What the pass has measured.
#[derive(Default)]
pub(crate) struct LatencyResult {
    /// One per cell and kind of operation.
    pub(crate) latencies: Vec<Latency>,
    /// One per search.
    pub(crate) searches: Vec<RateSearch>,
    /// The results of checks.
    pub(crate) checks: Checks,
}

/// Makes the orders and layouts of this pass different from those of throughput.
const SEED_OFFSET: u64 = 0x1a7e_9c55;

/// Measures every cell and search of the plan.
pub(crate) fn collect(
    plan: &Plan,
    budget: &Budget,
    (inputs, clock): (&Inputs, &Clock),
    (journal, tracker): (&mut Journal, &mut Tracker<'_>),
) -> LatencyResult {
    let cells = plan.latencies.iter().map(|it| it.label(plan)).collect();
    let mut collector = Collector::new(cells);
    for round in 1..=budget.latency_rounds {
        let (order, layout) = round_order(plan.seed ^ SEED_OFFSET, round, plan.latencies.len());
        let stage = format!("latency, round {round} of {}", budget.latency_rounds);
        for index in order {
            let cell = plan.latencies[index];
            let now_s = journal.elapsed().as_secs_f64();
            let (at_s, histograms) = journal.once(&format!("latency {round} {index}"), || {
                (now_s, run_round(inputs, clock, budget, (cell, layout)))
            });
            tracker.advance(&stage, plan.planned_latency(&cell));
            collector.add(index, at_s, histograms);
        }
    }
    let mut result = LatencyResult { checks: collector.all_checks(), ..LatencyResult::default() };
    result.latencies = collector.finish();
    for (index, search) in plan.searches.iter().enumerate() {
        let stage = format!("highest rate of {}", search.cell.subject);
        let (found, checks) = journal.once(&format!("search {index}"), || {
            run_search(inputs, clock, budget, (*search, plan.seed))
        });
        result.searches.push(search.rate_search(plan, found));
        result.checks.extend(checks);
        tracker.advance(&stage, plan.planned_search(search));
    }
    result
}

fn run_round(
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

fn run_search(
    inputs: &Inputs,
    clock: &Clock,
    budget: &Budget,
    (search_cell, seed): (SearchCell, u64),
) -> (SearchResult, Checks) {
    let load = inputs.load(search_cell.cell, budget.search_slice, seed);
    search(search_cell.cell.subject, load, clock, search_cell.settings(), seed)
}

impl LatencyCell {
    /// The cell, with the names that the evidence has.
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
    /// The result of a search, as evidence.
    fn rate_search(self, plan: &Plan, found: SearchResult) -> RateSearch {
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

    fn settings(self) -> SearchSettings {
        let Self { pattern, p99_ns_max, .. } = self;
        SearchSettings { pattern, p99_ns_max, rates: RateRange::default() }
    }
}
