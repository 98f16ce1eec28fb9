//! Synthetic evidence with something in every section: deterministic, and of any size.

use hdrhistogram::Histogram;
use shardproof_evidence::merge::merge;
use shardproof_evidence::{
    AcquireNs, Arrivals, Cell, Checks, Evidence, HeldSnapshot, Latency, LatencyRound, Memory,
    Operation, RateSearch, RateStep, RatioTo, Reclaim, Skipped, SnapshotAge, SnapshotThreads,
    Snapshots, Spread, Throughput, Warning,
};

#[path = "large_setup.rs"]
mod setup;

use crate::full::{encoded, quantiles};
use setup::{build, certificate, config, machine, verify};

/// The subjects, with the throughput of one thread, the part that is lost to each further thread,
/// and a latency.
const SUBJECTS: [(&str, f64, f64, f64); 6] = [
    ("sharded", 52e6, 0.02, 40.0),
    ("sharded-plain", 48e6, 0.05, 55.0),
    ("unified", 30e6, 0.45, 90.0),
    ("seed", 37e6, 1.1, 160.0),
    ("ceiling", 55e6, 0.01, 30.0),
    ("floor", 610e6, 0.0, 12.0),
];
/// The mixes.
const WORKLOADS: [&str; 4] = ["get100", "get90-put10", "get50-put50", "put100"];
/// The placements, with how much they multiply what is lost.
const PLACEMENTS: [(&str, f64); 3] = [("disjoint", 1.0), ("colliding", 2.0), ("shared", 6.0)];
/// Rounds of every cell.
const ROUNDS: u64 = 7;

/// Evidence of a machine with so many cores, at these numbers of threads. One cell is invalid.
pub fn sample(cores: usize, threads: &[usize]) -> Evidence {
    let mut evidence = Evidence::new(machine(cores), build());
    evidence.config = Some(config(threads));
    evidence.certificate = Some(certificate(cores));
    evidence.cells = cell_indices(threads).map(|index| cell(index, cores)).collect();
    evidence.latencies = cell_indices(threads).flat_map(|index| latencies(index, cores)).collect();
    let last = evidence.cells.len() / 2;
    make_invalid(&mut evidence.cells[last]);
    evidence.skipped = vec![Skipped {
        subject: "ceiling".to_owned(),
        workload: "snapshots".to_owned(),
        reason: "it has no snapshots".to_owned(),
    }];
    evidence.rate_searches = rate_searches(threads);
    evidence.snapshots = snapshots();
    evidence.snapshot_threads = snapshot_threads(threads);
    evidence.held_snapshots = held_snapshots();
    evidence.memory = memory();
    evidence.operations = operations();
    evidence.warnings = vec![Warning::BusyMachine];
    verify(&mut evidence);
    evidence
}

/// The same of two machines that do not have the same number of cores: what has one thread, and the
/// control's memory, is from the first, all else from the second.
pub fn merged_sample() -> Evidence {
    let mut first = sample(2, &[1, 2]);
    let mut second = sample(4, &[1, 2]);
    for (part, partition) in [(&mut first, "1/2"), (&mut second, "2/2")] {
        part.config.as_mut().unwrap().partition = Some(partition.to_owned());
    }
    second.machine.cpu = Some("Another Made-Up Processor".to_owned());
    second.verification = None;
    second.verifications.clear();
    second.fault_hunt = None;
    second.faults.clear();
    first.cells.retain(|each| each.threads == 1);
    second.cells.retain(|each| each.threads == 2);
    first.latencies.retain(|each| each.threads == 1);
    second.latencies.retain(|each| each.threads == 2);
    first.rate_searches.clear();
    first.snapshots.retain(|each| each.keys == 1_000);
    second.snapshots.retain(|each| each.keys == 10_000);
    first.snapshot_threads.retain(|each| each.threads == 1);
    second.snapshot_threads.retain(|each| each.threads == 2);
    first.memory.retain(|each| each.subject == "ceiling");
    second.memory.retain(|each| each.subject != "ceiling");
    merge(vec![first, second]).unwrap()
}

/// The indices of a cell's subject, workload and placement, and its number of threads.
type CellIndex = (usize, usize, usize, usize);

fn cell_indices(threads: &[usize]) -> impl Iterator<Item = CellIndex> {
    let threads = threads.to_vec();
    (0..WORKLOADS.len()).flat_map(move |workload| {
        let threads = threads.clone();
        (0..PLACEMENTS.len()).flat_map(move |placement| {
            let threads = threads.clone();
            (0..SUBJECTS.len()).flat_map(move |subject| {
                threads.clone().into_iter().map(move |count| (subject, workload, placement, count))
            })
        })
    })
}

/// A number between 0 and 1 that depends on nothing but these.
fn dice(parts: &[u64]) -> f64 {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for part in parts {
        state = (state ^ part).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        state ^= state >> 31;
    }
    (state >> 11) as f64 / (1_u64 << 53) as f64
}

fn spread(median: f64) -> Spread {
    Spread { median, low: median * 0.94, high: median * 1.07, coverage: 0.984 }
}

fn cell((subject, workload, placement, threads): CellIndex, cores: usize) -> Cell {
    let (name, one, lost, _) = SUBJECTS[subject];
    let (placement_name, worse) = PLACEMENTS[placement];
    // Reads contend less than writes.
    let lost = lost * worse * [0.1, 0.4, 0.7, 1.0][workload];
    let at_work = threads.min(cores) as f64;
    let ideal = one * at_work / (1.0 + lost * (at_work - 1.0));
    let rounds: Vec<f64> = (0..ROUNDS)
        .map(|round| {
            let at = [subject, workload, placement, threads].map(|part| part as u64);
            ideal * (0.95 + 0.1 * dice(&[at[0], at[1], at[2], at[3], round]))
        })
        .collect();
    let oversubscribed = threads > cores;
    Cell {
        part: 0,
        subject: name.to_owned(),
        workload: WORKLOADS[workload].to_owned(),
        placement: placement_name.to_owned(),
        threads,
        throughput_ops_s: Throughput::of_rounds(rounds),
        allocations_per_op: Some(if name == "seed" { 0.5 } else { 0.0 }),
        cpu_ns_per_op: Some(1e9 * at_work / ideal),
        on_cpu_share: Some(if oversubscribed { cores as f64 / threads as f64 } else { 0.997 }),
        start_skew_ns: Some(1_200.0 * threads as f64),
        conflicts_per_op: None,
        checks: Some(Checks {
            checked: 30_384,
            failed: 0,
            first_failure: None,
            exemption: (name == "floor").then(|| "not a store".to_owned()),
        }),
        warnings: if oversubscribed { vec![Warning::Oversubscribed] } else { Vec::new() },
    }
}

/// The values stay in the cell, so that a page that shows them fails its test.
fn make_invalid(cell: &mut Cell) {
    cell.checks = Some(Checks {
        checked: 1_000,
        failed: 2,
        first_failure: Some("key 7 is <not> found & \"lost\"".to_owned()),
        exemption: None,
    });
}

fn latencies(index: CellIndex, cores: usize) -> Vec<Latency> {
    let operations: &[&str] = match WORKLOADS[index.1] {
        "get100" => &["get"],
        "put100" => &["put"],
        _ => &["all", "get", "put"],
    };
    let closed = operations.iter().map(|operation| latency(index, cores, operation, None));
    let mut latencies: Vec<Latency> = closed.collect();
    if index.1 == 1 && SUBJECTS[index.0].0 != "floor" {
        let rate = SUBJECTS[index.0].1 / 2.0;
        let arrivals = Arrivals {
            pattern: "poisson".to_owned(),
            rate_ops_s: rate,
            offered_ops_s: Some(rate),
            achieved_ops_s: rate * 0.998,
            slice_ms: Some(200.0),
        };
        latencies.push(latency(index, cores, "all", Some(arrivals)));
    }
    latencies
}

fn latency(
    (subject, workload, placement, threads): CellIndex,
    cores: usize,
    operation: &str,
    arrivals: Option<Arrivals>,
) -> Latency {
    let (name, _, lost, typical) = SUBJECTS[subject];
    let typical = typical * (1.0 + lost * PLACEMENTS[placement].1 * threads.min(cores) as f64);
    let typical = if arrivals.is_some() { typical * 2.0 } else { typical };
    let mut histogram = Histogram::<u64>::new(3).unwrap();
    let seed = operation.len() as u64;
    for number in 0..2_000_u64 {
        let part = dice(&[subject as u64, workload as u64, threads as u64, seed, number]);
        // A long tail: one in a thousand waits a thousand times as long.
        let ns = typical * (0.8 + 0.4 * part + 0.01 / (1.0 - part));
        histogram.record_n(ns as u64, 20).unwrap();
    }
    histogram.record((typical * 4_000.0) as u64).unwrap();
    let quantile = |part| histogram.value_at_quantile(part);
    let rounds = (0..ROUNDS).map(|round| LatencyRound {
        at_s: 1.5 * round as f64 + 0.1,
        length_s: 0.02,
        count: histogram.len() / ROUNDS,
        p50_ns: (quantile(0.5) as f64 * (0.95 + 0.1 * dice(&[round, subject as u64]))) as u64,
        p99_ns: (quantile(0.99) as f64 * (0.9 + 0.4 * dice(&[round, 7, subject as u64]))) as u64,
        p999_ns: quantile(0.999),
        max_ns: (histogram.max() as f64 * dice(&[round, 9, subject as u64])) as u64 + 1,
    });
    Latency {
        part: 0,
        subject: name.to_owned(),
        workload: WORKLOADS[workload].to_owned(),
        placement: PLACEMENTS[placement].0.to_owned(),
        threads,
        arrivals,
        operation: operation.to_owned(),
        count: histogram.len(),
        mean_ns: histogram.mean(),
        quantiles_ns: quantiles(&histogram),
        p50_ns: spread(quantile(0.5) as f64),
        p99_ns: spread(quantile(0.99) as f64),
        rounds: rounds.collect(),
        histogram: encoded(&histogram),
        warnings: if threads > cores { vec![Warning::Oversubscribed] } else { Vec::new() },
    }
}

fn rate_searches(threads: &[usize]) -> Vec<RateSearch> {
    let count = threads.last().copied().unwrap_or(1);
    let search = |(name, one, lost, typical): (&str, f64, f64, f64)| {
        let most = one / (1.0 + lost);
        let steps = [0.1, 0.2, 0.4, 0.6, 0.8, 0.7, 0.75].map(|part| {
            let rate = one * part;
            let kept = rate < most * 0.72;
            let waits = if kept { 3.0 / (1.0 - rate / most) } else { 4_000.0 };
            RateStep {
                rate_ops_s: rate,
                achieved_ops_s: if kept { rate } else { rate * 0.9 },
                p99_ns: (typical * waits) as u64,
                kept,
            }
        });
        let best = steps.iter().filter(|step| step.kept).map(|step| step.rate_ops_s);
        RateSearch {
            part: 0,
            subject: name.to_owned(),
            workload: "get90-put10".to_owned(),
            placement: "disjoint".to_owned(),
            threads: count,
            pattern: "poisson".to_owned(),
            p99_ns_max: 10_000,
            rate_ops_s: best.fold(None, |best: Option<f64>, rate| {
                Some(best.map_or(rate, |best| best.max(rate)))
            }),
            steps: steps.to_vec(),
        }
    };
    SUBJECTS[..5].iter().copied().map(search).collect()
}

fn snapshots() -> Vec<Snapshots> {
    let mut all = Vec::new();
    for (subject, base) in [("sharded", 29.0), ("unified", 45.0), ("seed", 12.0)] {
        for keys in [1_000, 10_000, 100_000, 1_000_000] {
            for writers in [0, 1] {
                // One of them copies the store.
                let size = if subject == "unified" { keys as f64 / 1_000.0 } else { 1.0 };
                let p50 = base * size * if writers == 0 { 1.0 } else { 1.6 };
                all.push(Snapshots {
                    part: 0,
                    subject: subject.to_owned(),
                    keys,
                    writers,
                    acquire_ns: AcquireNs { p50, p99: p50 * 3.0, batch: 32 },
                    single_p50_ns: p50 + 12.0,
                    samples: 200_000,
                    clock_cost_ns: 12.0,
                    allocations_per_op: Some(0.0),
                    limit: (keys == 1_000_000 && subject == "seed")
                        .then(|| "a copy of more would not fit".to_owned()),
                });
            }
        }
    }
    all
}

fn snapshot_threads(threads: &[usize]) -> Vec<SnapshotThreads> {
    let of_subject = |(subject, base): (&str, f64)| {
        let subject = subject.to_owned();
        threads.iter().map(move |count| SnapshotThreads {
            part: 0,
            subject: subject.clone(),
            keys: 100_000,
            threads: *count,
            acquire_ns: spread(base * *count as f64),
            on_cpu_share: Some(0.99),
        })
    };
    [("sharded", 31.0), ("unified", 52.0)].into_iter().flat_map(of_subject).collect()
}

fn held_snapshots() -> Vec<HeldSnapshot> {
    let held = |(subject, each): (&str, i64)| HeldSnapshot {
        part: 0,
        subject: subject.to_owned(),
        keys: 100_000,
        ages: [0_u64, 20_000, 50_000, 100_000, 200_000]
            .map(|overwrites| SnapshotAge {
                overwrites,
                keys_overwritten: overwrites as usize / 2,
                age_ms: overwrites as f64 / 10_000.0,
                extra_bytes: Some(each * overwrites as i64 / 2 - 4_000),
                versions: (subject == "sharded").then_some(100_000 + overwrites as usize / 2),
                newest_read_ns: spread(each as f64 / 5.0 + overwrites as f64 / 40_000.0),
                snapshot_read_ns: spread(each as f64 + overwrites as f64 / 5_000.0),
            })
            .to_vec(),
        reclaim: Some(Reclaim {
            extra_bytes: each * 100_000,
            drop_ns: 410.0,
            after_drop_bytes: each * 99_000,
            reclaimed_ms: (subject == "sharded").then_some(14.2),
            overwrites: 180_000,
            end_bytes: each * 900,
            collected_bytes: (subject != "sharded").then_some(0),
        }),
        checks: Checks { checked: 100_000, ..Checks::default() },
    };
    [("sharded", 96), ("unified", 210)].into_iter().map(held).collect()
}

fn memory() -> Vec<Memory> {
    [("sharded", 118.0), ("unified", 140.0), ("seed", 171.0), ("ceiling", 101.0)]
        .map(|(subject, bytes)| Memory {
            part: 0,
            subject: subject.to_owned(),
            keys: 10_000,
            bytes_per_entry: Some(bytes),
            bytes_per_version: (subject != "ceiling").then_some(bytes * 0.8),
            bytes_per_run: (subject != "ceiling").then_some(bytes * 9.0),
        })
        .to_vec()
}

fn operations() -> Vec<Operation> {
    let ratio_to = RatioTo {
        name: "range of a BTreeMap".to_owned(),
        median: 3.42,
        low: 3.24,
        high: 3.89,
        coverage: 0.984,
    };
    vec![Operation {
        part: 0,
        name: "list of 100 of 10 000".to_owned(),
        subject: "sharded".to_owned(),
        ns: spread(6_813.0),
        ratio_to,
    }]
}
