//! Warnings about evidence: about the whole, each cell and each latency.

use shardproof_evidence::{Build, Cell, Config, Evidence, Latency, Spread, Warning};
use shardproof_stats as stats;

use crate::certificate;
use crate::certificate::raised;

/// Maximum width of an interval, as a share of the median: wider ones leave most comparisons
/// undecided.
pub const SPREAD_MAX: f64 = 0.25;
/// Maximum start skew, as a share of a slice: beyond it, fewer threads than the cell says ran for a
/// tenth of the slice.
pub const START_SKEW_SHARE_MAX: f64 = 0.1;
/// Minimum share of the time that workers must be on a processor: the rest is missing from
/// throughput, and 5 % is more than the noise that is tolerated.
pub const ON_CPU_SHARE_MIN: f64 = 0.95;

/// Maximum time of `floor`, as a share of the time of `ceiling` on one thread. Optimised builds
/// have 0.07 to 0.39, depending on the workload; a loop ten times as expensive would have about 0.6
/// for get100 (12 of 19 ns).
pub const FLOOR_SHARE_MAX: f64 = 0.4;

/// Sets all warnings of evidence.
#[must_use]
pub fn with_warnings(mut evidence: Evidence) -> Evidence {
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
    all.extend(raised([
        (Warning::FewRounds, evidence.config.as_ref().is_some_and(has_few_rounds)),
        (Warning::AllocationsNotCounted, counts_no_allocations(evidence)),
        (Warning::DearFloor, floor_share(evidence).is_some_and(|share| share > FLOOR_SHARE_MAX)),
    ]));
    all.sort_unstable();
    all
}

/// Whether a value is missing because the allocator does not count.
fn counts_no_allocations(evidence: &Evidence) -> bool {
    let valid = evidence.cells.iter().filter(|cell| cell.valid_throughput().is_some());
    let of_cells = valid.map(|cell| cell.allocations_per_op);
    let of_memory = evidence.memory.iter().map(|memory| memory.bytes_per_entry);
    of_cells.chain(of_memory).any(|counted| counted.is_none())
}

/// The time of `floor` as a share of the time of `ceiling` on one thread: the median over all
/// workloads and placements that both have.
fn floor_share(evidence: &Evidence) -> Option<f64> {
    let on_one_thread = |subject: &'static str| {
        let cells = evidence.cells.iter();
        cells.filter(move |cell| cell.subject == subject && cell.threads == 1)
    };
    let ops_s = |cell: &Cell| cell.valid_throughput().map(|it| it.median);
    let shares = on_one_thread("floor").filter_map(|floor| {
        let is_same = |it: &&Cell| {
            (it.part, &it.workload, &it.placement)
                == (floor.part, &floor.workload, &floor.placement)
        };
        Some(ops_s(on_one_thread("ceiling").find(is_same)?)? / ops_s(floor)?)
    });
    stats::median(&shares.collect::<Vec<f64>>())
}

/// Warnings about every measurement with this build.
fn of_build(build: &Build) -> Vec<Warning> {
    // Level 1 is that of tests, which is not representative either.
    let is_unoptimised = matches!(build.opt_level.as_str(), "0" | "1");
    raised([(Warning::UnoptimisedBuild, is_unoptimised)])
}

/// Warnings about a cell, given the number of cores and the slice duration.
fn of_cell(cell: &Cell, cores: usize, slice_ms: f64) -> Vec<Warning> {
    let is_oversubscribed = cell.threads > cores;
    let is_wide = cell.throughput_ops_s.as_ref().is_some_and(|it| is_wide(it.spread()));
    let skew_ns_max = START_SKEW_SHARE_MAX * slice_ms * 1e6;
    let is_ragged = cell.start_skew_ns.is_some_and(|skew_ns| skew_ns > skew_ns_max);
    let is_off_cpu = cell.on_cpu_share.is_some_and(|share| share < ON_CPU_SHARE_MIN);
    raised([
        (Warning::Oversubscribed, is_oversubscribed),
        (Warning::WideSpread, is_wide),
        // Threads that share a core have to wait for it, which the first warning covers.
        (Warning::RaggedStart, is_ragged && !is_oversubscribed),
        (Warning::OffCpu, is_off_cpu && !is_oversubscribed),
    ])
}

/// Warnings about a latency, given the number of cores.
fn of_latency(latency: &Latency, cores: usize) -> Vec<Warning> {
    let Latency { threads, arrivals, p50_ns, .. } = latency;
    let is_late = arrivals.as_ref().is_some_and(|arrivals| !arrivals.kept_up());
    raised([
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
                offered_ops_s: None,
                achieved_ops_s: 950.0,
                slice_ms: None,
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
    fn a_cell_is_oversubscribed_or_wide_or_ragged_or_off_the_processor() {
        assert_eq!(of(&cell()), []);
        assert_eq!(of(&Cell { start_skew_ns: Some(2.1e6), ..cell() }), [Warning::RaggedStart]);
        assert_eq!(of(&Cell { on_cpu_share: Some(0.94), ..cell() }), [Warning::OffCpu]);
        let mut wide = cell();
        wide.throughput_ops_s.as_mut().unwrap().high = 116.0;
        assert_eq!(of(&wide), [Warning::WideSpread]);
        // Threads that share a core wait for it: only one warning.
        let crowded =
            Cell { threads: 9, start_skew_ns: Some(1e9), on_cpu_share: Some(0.5), ..cell() };
        assert_eq!(of(&crowded), [Warning::Oversubscribed]);
        assert_eq!(of(&Cell { start_skew_ns: None, on_cpu_share: None, ..cell() }), []);
    }

    #[test]
    fn a_latency_is_oversubscribed_or_wide_or_did_not_keep_up() {
        let of = |latency: &Latency| of_latency(latency, 8);
        assert_eq!(of(&latency()), []);
        assert_eq!(of(&Latency { threads: 9, ..latency() }), [Warning::Oversubscribed]);
        let mut wide = latency();
        wide.p50_ns.high = 116.0;
        assert_eq!(of(&wide), [Warning::WideSpread]);
        let mut late = latency();
        late.arrivals.as_mut().unwrap().achieved_ops_s = 949.0;
        assert_eq!(of(&late), [Warning::DidNotKeepUp]);
        // The offered rate counts, not the requested one.
        late.arrivals.as_mut().unwrap().offered_ops_s = Some(990.0);
        assert_eq!(of(&late), []);
        assert_eq!(of(&Latency { arrivals: None, ..latency() }), []);
    }

    #[test]
    fn a_loop_that_takes_much_of_what_it_measures_raises_a_warning() {
        let of = |floor_ops_s: f64| {
            let control = |subject: &str, ops_s| {
                let mut control = Cell { subject: subject.to_owned(), threads: 1, ..cell() };
                control.throughput_ops_s.as_mut().unwrap().median = ops_s;
                control
            };
            let cells = vec![control("ceiling", 100.0), control("floor", floor_ops_s)];
            all(&Evidence { cells, ..evidence(7) })
        };
        assert!(!of(600.0).contains(&Warning::DearFloor));
        assert!(!of(251.0).contains(&Warning::DearFloor));
        assert!(of(249.0).contains(&Warning::DearFloor));
        assert!(!all(&evidence(7)).contains(&Warning::DearFloor));
    }

    #[test]
    fn few_rounds_raise_a_warning_and_no_rounds_do_not() {
        for (rounds, expected) in [(0, &[][..]), (5, &[Warning::FewRounds]), (6, &[])] {
            assert_eq!(with_warnings(evidence(rounds)).warnings, expected, "{rounds}");
            let mut timed = evidence(7);
            timed.config.as_mut().unwrap().latency_rounds = rounds;
            assert_eq!(with_warnings(timed).warnings, expected, "{rounds} of latency");
        }
    }

    #[test]
    fn uncounted_allocations_and_bytes_raise_a_warning() {
        let mut uncounted = evidence(7);
        uncounted.cells[0].allocations_per_op = None;
        assert_eq!(with_warnings(uncounted.clone()).warnings, [Warning::AllocationsNotCounted]);
        // A cell with wrong answers has no results at all.
        uncounted.cells[0].throughput_ops_s = None;
        assert_eq!(with_warnings(uncounted.clone()).warnings, []);
        uncounted.memory.push(Memory {
            part: 0,
            subject: "mine".to_owned(),
            keys: 1,
            bytes_per_entry: None,
            bytes_per_version: None,
            bytes_per_run: None,
        });
        assert_eq!(with_warnings(uncounted).warnings, [Warning::AllocationsNotCounted]);
    }

    #[test]
    fn levels_0_and_1_count_as_unoptimised() {
        for (opt_level, expected) in [("0", 1), ("1", 1), ("2", 0), ("3", 0), ("s", 0)] {
            assert_eq!(of_build(&build(opt_level)).len(), expected, "{opt_level}");
        }
    }
}
