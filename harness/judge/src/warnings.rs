//! What evidence itself warns of: in all, in each cell, and in each latency.

use shardproof_evidence::{Build, Cell, Config, Evidence, KEPT_UP, Latency, Spread, Warning};
use shardproof_stats as stats;

use crate::certificate;
use crate::certificate::those_that_hold;

/// An interval wider than this part of its median leaves open what most comparisons ask.
pub const SPREAD_MAX: f64 = 0.25;
/// Part of a slice by which the workers' starts may be apart: beyond, a tenth of the slice was run
/// by fewer threads than the cell says.
pub const START_SKEW_SHARE_MAX: f64 = 0.1;
/// Part of the time that workers must be on a processor: what is missing is missing from
/// throughput, and one part in twenty is more than the noise that is put up with.
pub const ON_CPU_SHARE_MIN: f64 = 0.95;

/// Evidence with all that it warns of.
#[must_use]
pub fn warned(mut evidence: Evidence) -> Evidence {
    let cores = evidence.machine.cores;
    evidence.warnings = all(&evidence);
    let slice_ms = evidence.config.as_ref().map_or(0.0, |config| config.slice_ms);
    for cell in &mut evidence.cells {
        cell.warnings = of_cell(cell, cores, slice_ms);
    }
    for latency in &mut evidence.latencies {
        latency.warnings = of_latency(latency, cores);
    }
    evidence
}

fn all(evidence: &Evidence) -> Vec<Warning> {
    let mut all = of_build(&evidence.build);
    if let Some(certificate) = &evidence.certificate {
        all.extend(certificate::warnings(&evidence.machine, certificate));
    }
    let has_few_rounds = |config: &Config| {
        [config.rounds, config.latency_rounds].iter().any(|it| (1..stats::VALUES_MIN).contains(it))
    };
    all.extend(those_that_hold([
        (Warning::FewRounds, evidence.config.as_ref().is_some_and(has_few_rounds)),
        (Warning::AllocationsNotCounted, counts_no_allocations(evidence)),
    ]));
    all.sort_unstable();
    all
}

/// Whether there are figures that an allocator would have to count, and none was counted.
fn counts_no_allocations(evidence: &Evidence) -> bool {
    let right = evidence.cells.iter().filter(|cell| cell.valid_throughput().is_some());
    let of_cells = right.map(|cell| cell.allocations_per_op);
    let of_memory = evidence.memory.iter().map(|memory| memory.bytes_per_entry);
    of_cells.chain(of_memory).any(|counted| counted.is_none())
}

/// What may spoil every measurement with this build.
fn of_build(build: &Build) -> Vec<Warning> {
    // Level 1 is that of the tests: their figures are not what a user would see either.
    let is_unoptimised = matches!(build.opt_level.as_str(), "0" | "1");
    those_that_hold([(Warning::UnoptimisedBuild, is_unoptimised)])
}

/// What may have spoiled a cell, on so many cores, in slices this long.
fn of_cell(cell: &Cell, cores: usize, slice_ms: f64) -> Vec<Warning> {
    let is_oversubscribed = cell.threads > cores;
    let is_wide = cell.throughput_ops_s.as_ref().is_some_and(|it| is_wide(it.spread()));
    let skew_ns_max = START_SKEW_SHARE_MAX * slice_ms * 1e6;
    let is_ragged = cell.start_skew_ns.is_some_and(|skew_ns| skew_ns > skew_ns_max);
    let is_off_cpu = cell.on_cpu_share.is_some_and(|share| share < ON_CPU_SHARE_MIN);
    those_that_hold([
        (Warning::Oversubscribed, is_oversubscribed),
        (Warning::WideSpread, is_wide),
        // Threads that share a core must wait for it: that has been said already.
        (Warning::RaggedStart, is_ragged && !is_oversubscribed),
        (Warning::OffCpu, is_off_cpu && !is_oversubscribed),
    ])
}

/// What may have spoiled a latency, on so many cores.
fn of_latency(latency: &Latency, cores: usize) -> Vec<Warning> {
    let Latency { threads, arrivals, p50_ns, .. } = latency;
    let is_late = arrivals.as_ref().is_some_and(|it| it.achieved_ops_s < KEPT_UP * it.rate_ops_s);
    those_that_hold([
        (Warning::Oversubscribed, *threads > cores),
        (Warning::WideSpread, is_wide(*p50_ns)),
        (Warning::DidNotKeepUp, is_late),
    ])
}

fn is_wide(Spread { median, low, high, .. }: Spread) -> bool {
    high - low > SPREAD_MAX * median
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{build, quiet};
    use shardproof_evidence::{Arrivals, Memory, Quantiles, Throughput};

    /// On eight cores, in slices of 20 ms.
    fn of(cell: &Cell) -> Vec<Warning> {
        of_cell(cell, 8, 20.0)
    }

    fn cell() -> Cell {
        let rounds = vec![100.0; 7];
        Cell {
            part: 0,
            subject: "mine".to_owned(),
            workload: "get100".to_owned(),
            placement: "disjoint".to_owned(),
            threads: 2,
            throughput_ops_s: Some(Throughput {
                median: 100.0,
                low: 90.0,
                high: 115.0,
                coverage: 0.98,
                rounds,
            }),
            allocations_per_op: Some(0.0),
            cpu_ns_per_op: None,
            on_cpu_share: Some(0.95),
            start_skew_ns: Some(2e6),
            conflicts_per_op: None,
            checks: None,
            warnings: Vec::new(),
        }
    }

    fn latency() -> Latency {
        let spread = Spread { median: 100.0, low: 90.0, high: 115.0, coverage: 0.98 };
        Latency {
            part: 0,
            subject: "mine".to_owned(),
            workload: "get100".to_owned(),
            placement: "disjoint".to_owned(),
            threads: 8,
            arrivals: Some(Arrivals {
                pattern: "poisson".to_owned(),
                rate_ops_s: 1_000.0,
                achieved_ops_s: 950.0,
            }),
            operation: "get".to_owned(),
            count: 1,
            mean_ns: 1.0,
            quantiles_ns: Quantiles { min: 1, p50: 1, p90: 1, p99: 1, p999: 1, p9999: 1, max: 1 },
            p50_ns: spread,
            p99_ns: spread,
            rounds: Vec::new(),
            histogram: String::new(),
            warnings: Vec::new(),
        }
    }

    fn evidence(rounds: usize) -> Evidence {
        let machine = quiet().0;
        let config = Config { rounds, slice_ms: 20.0, ..Config::default() };
        let cells = vec![cell()];
        Evidence { config: Some(config), cells, ..Evidence::new(machine, build("3")) }
    }

    #[test]
    fn a_cell_is_crowded_or_wide_or_ragged_or_off_the_processor() {
        assert_eq!(of(&cell()), []);
        assert_eq!(of(&Cell { start_skew_ns: Some(2.1e6), ..cell() }), [Warning::RaggedStart]);
        assert_eq!(of(&Cell { on_cpu_share: Some(0.94), ..cell() }), [Warning::OffCpu]);
        let mut wide = cell();
        wide.throughput_ops_s.as_mut().unwrap().high = 116.0;
        assert_eq!(of(&wide), [Warning::WideSpread]);
        // Threads that share a core wait for it, and that is said once.
        let crowded =
            Cell { threads: 9, start_skew_ns: Some(1e9), on_cpu_share: Some(0.5), ..cell() };
        assert_eq!(of(&crowded), [Warning::Oversubscribed]);
        assert_eq!(of(&Cell { start_skew_ns: None, on_cpu_share: None, ..cell() }), []);
    }

    #[test]
    fn a_latency_is_crowded_or_wide_or_did_not_keep_up() {
        let of = |latency: &Latency| of_latency(latency, 8);
        assert_eq!(of(&latency()), []);
        assert_eq!(of(&Latency { threads: 9, ..latency() }), [Warning::Oversubscribed]);
        let mut wide = latency();
        wide.p50_ns.high = 116.0;
        assert_eq!(of(&wide), [Warning::WideSpread]);
        let mut late = latency();
        late.arrivals.as_mut().unwrap().achieved_ops_s = 949.0;
        assert_eq!(of(&late), [Warning::DidNotKeepUp]);
        assert_eq!(of(&Latency { arrivals: None, ..latency() }), []);
    }

    #[test]
    fn few_rounds_are_warned_of_and_none_are_not() {
        for (rounds, expected) in [(0, &[][..]), (5, &[Warning::FewRounds]), (6, &[])] {
            assert_eq!(warned(evidence(rounds)).warnings, expected, "{rounds}");
            let mut timed = evidence(7);
            timed.config.as_mut().unwrap().latency_rounds = rounds;
            assert_eq!(warned(timed).warnings, expected, "{rounds} of latency");
        }
    }

    #[test]
    fn what_was_to_be_counted_and_was_not_is_warned_of() {
        let mut uncounted = evidence(7);
        uncounted.cells[0].allocations_per_op = None;
        assert_eq!(warned(uncounted.clone()).warnings, [Warning::AllocationsNotCounted]);
        // Of a cell with wrong answers there are no figures at all.
        uncounted.cells[0].throughput_ops_s = None;
        assert_eq!(warned(uncounted.clone()).warnings, []);
        uncounted.memory.push(Memory {
            part: 0,
            subject: "mine".to_owned(),
            keys: 1,
            bytes_per_entry: None,
            bytes_per_version: None,
            bytes_per_run: None,
        });
        assert_eq!(warned(uncounted).warnings, [Warning::AllocationsNotCounted]);
    }

    #[test]
    fn only_the_higher_levels_are_optimised() {
        for (opt_level, expected) in [("0", 1), ("1", 1), ("2", 0), ("3", 0), ("s", 0)] {
            assert_eq!(of_build(&build(opt_level)).len(), expected, "{opt_level}");
        }
    }
}
