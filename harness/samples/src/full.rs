//! Evidence with something in every field.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use shardproof_evidence::verification::{
    Fault, FaultVerdict, Hunt, SearchSummary, Verdict, VerificationConfig, VerificationRun,
};
use shardproof_evidence::{
    AaTest, AcquireNs, Arrivals, Build, Cell, Certificate, Checks, Config, CoreToCore, Counters,
    Evidence, HeldSnapshot, Latency, LatencyRound, Machine, Memory, Operation, Part, Quantiles,
    RateSearch, RateStep, RatioTo, Reclaim, Skipped, SnapshotAge, SnapshotThreads, Snapshots,
    Spread, Subject, Throughput, Verification, Warning, Workload,
};

/// Evidence in which no optional field is left out and no list is empty.
///
/// Nothing here is filled in by `..`: a field that is added to the schema must be added here, and
/// then the tests want to see it in the exports and in the document of the format.
pub fn full() -> Evidence {
    Evidence {
        config: Some(config("1/2")),
        certificate: Some(certificate()),
        cells: vec![
            cell("seed", 1, &[1e6, 2e6, 3e6]),
            cell("seed", 2, &[1.5e6, 3e6, 4.5e6]),
            cell("sharded", 1, &[4e6, 8e6, 9e6]),
            cell("sharded", 2, &[9e6, 18e6, 18e6]),
        ],
        same_twice: certificate().same_twice,
        subjects: vec![Subject {
            name: "sharded".to_owned(),
            about: "the store through a handle".to_owned(),
            settings: "sharded-store 0.1.0: a table for each run".to_owned(),
        }],
        skipped: vec![Skipped {
            subject: "ceiling".to_owned(),
            workload: "snapshots".to_owned(),
            reason: "it has no snapshots".to_owned(),
        }],
        latencies: vec![
            latency("sharded", 2, "get", None, &quick()),
            latency("sharded", 2, "all", Some(arrivals()), &slow()),
        ],
        latency_checks: Some(Checks { checked: 12_000, ..Checks::default() }),
        rate_searches: vec![rate_search()],
        snapshots: vec![snapshots()],
        snapshot_threads: vec![SnapshotThreads {
            part: 0,
            subject: "sharded".to_owned(),
            keys: 1_000,
            threads: 2,
            acquire_ns: spread(45.0),
            on_cpu_share: Some(0.97),
        }],
        held_snapshots: vec![held_snapshot()],
        memory: vec![Memory {
            part: 0,
            subject: "sharded".to_owned(),
            keys: 10_000,
            bytes_per_entry: Some(132.5),
            bytes_per_version: Some(96.25),
            bytes_per_run: Some(1_740.5),
        }],
        operations: vec![operation()],
        warnings: vec![Warning::FewRounds],
        parts: vec![Part {
            machine: machine("another processor"),
            certificate: Some(certificate()),
            same_twice: None,
            config: Some(config("2/2")),
            warnings: vec![Warning::BusyMachine],
        }],
        verification: Some(verification_run()),
        verifications: vec![verification()],
        fault_hunt: Some(verification_config()),
        faults: vec![fault()],
        ..Evidence::new(machine("a processor"), build())
    }
}

/// A machine with this processor.
pub fn machine(cpu: &str) -> Machine {
    Machine {
        cores: 2,
        cpu: Some(cpu.to_owned()),
        architecture: "x86_64".to_owned(),
        os: "linux".to_owned(),
        kernel: Some("6.1".to_owned()),
        hypervisor: Some(true),
        memory_bytes: Some(8_589_934_592),
        identity: Some(shardproof_base::digest::short("sample", [cpu])),
        load_average_before: Some(0.25),
        load_average_after: Some(1.5),
        clock_cost_ns: 12.5,
        instant_cost_ns: 27.0,
    }
}

/// A build.
pub fn build() -> Build {
    Build {
        commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        dirty: Some(false),
        rustc: "rustc 1.95.0".to_owned(),
        profile: "release".to_owned(),
        opt_level: "3".to_owned(),
        target: "x86_64-unknown-linux-gnu".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

/// The configuration of one partition of the matrix.
pub fn config(partition: &str) -> Config {
    Config {
        profile: "smoke".to_owned(),
        seed: 1,
        subjects: vec!["seed".to_owned(), "sharded".to_owned()],
        workloads: vec![Workload {
            name: "get100".to_owned(),
            mix: "get100".to_owned(),
            keys: "uniform".to_owned(),
            key_shape: "random".to_owned(),
            key_bytes: 12,
            value_bytes: "40".to_owned(),
            keys_per_run: 10_000,
            runs_per_thread: 1,
            roles: "all".to_owned(),
            writes_per_apply: 8,
            reads_per_snapshot: 8,
            entries_per_list: 100,
        }],
        placements: vec!["disjoint".to_owned()],
        threads: vec![1, 2],
        rounds: 3,
        slice_ms: 8.0,
        latency_rounds: 2,
        latency_slice_ms: 20.0,
        open_slice_ms: 200.0,
        matrix: Some("ci/matrix.toml".to_owned()),
        filter: Some("get100".to_owned()),
        partition: Some(partition.to_owned()),
        stream_operations: 16_384,
        elapsed_s: 1.5,
        begun_at: Some("2026-01-31T23:59:59Z".to_owned()),
        sections: Some(vec!["throughput".to_owned(), "latency".to_owned()]),
        pinning: Some("on".to_owned()),
        matrix_digest: Some("0123456789abcdef".to_owned()),
    }
}

fn certificate() -> Certificate {
    Certificate {
        cpus: Some(vec![0, 1]),
        siblings: Some(vec![vec![0], vec![1]]),
        pinned_to: Some(vec![0, 1]),
        cpu_quota: Some(2.0),
        governor: Some("performance".to_owned()),
        turbo: Some(true),
        virtualisation: Some("kvm".to_owned()),
        clock_source: Some("tsc".to_owned()),
        clock_resolution_ns: 10.0,
        core_to_core_rounds_ns: vec![55.5, 54.5],
        core_to_core: vec![CoreToCore { from: 0, to: 1, ns: 55.5 }],
        counters: Some(Counters {
            threads: 2,
            padded_ops_s: 9e8,
            packed_ops_s: 1e8,
            ratio: spread(9.0),
        }),
        stolen_share: Some(0.01),
        pressure_share: Some(0.02),
        same_twice: Some(AaTest {
            what: "a loop of additions".to_owned(),
            pairs: 25,
            ratio: spread(1.0),
            noise_floor: 0.03,
        }),
    }
}

/// A cell of the workload `get100`, disjoint, with this throughput in each round.
pub fn cell(subject: &str, threads: usize, rounds: &[f64]) -> Cell {
    Cell {
        part: 0,
        subject: subject.to_owned(),
        workload: "get100".to_owned(),
        placement: "disjoint".to_owned(),
        threads,
        throughput_ops_s: Throughput::of_rounds(rounds.to_vec()),
        allocations_per_op: Some(0.0),
        cpu_ns_per_op: Some(110.5),
        on_cpu_share: Some(0.98),
        start_skew_ns: Some(850.0),
        conflicts_per_op: Some(0.125),
        checks: Some(Checks { checked: 30_000, failed: 0, first_failure: None, exemption: None }),
        warnings: vec![Warning::WideSpread],
    }
}

/// Arrivals of an open loop.
pub fn arrivals() -> Arrivals {
    Arrivals {
        pattern: "poisson".to_owned(),
        rate_ops_s: 1e5,
        offered_ops_s: Some(1e5),
        achieved_ops_s: 99_870.0,
        slice_ms: Some(200.0),
    }
}

/// Times of operations, all quick.
pub fn quick() -> Histogram<u64> {
    recorded((0..200).map(|i| 40 + i % 7))
}

/// Times of operations, a few very slow.
pub fn slow() -> Histogram<u64> {
    recorded((0..50).map(|i| if i == 49 { 3_456_789 } else { 90 + i % 11 }))
}

/// A histogram of these nanoseconds.
pub fn recorded(values: impl IntoIterator<Item = u64>) -> Histogram<u64> {
    let mut histogram = Histogram::new(3).expect("three digits are possible");
    for value in values {
        histogram.record(value).expect("the histogram resizes itself");
    }
    histogram
}

/// The quantiles of a histogram of nanoseconds.
pub(crate) fn quantiles(histogram: &Histogram<u64>) -> Quantiles {
    let at = |quantile| histogram.value_at_quantile(quantile);
    Quantiles {
        min: histogram.min(),
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
        p9999: at(0.9999),
        max: histogram.max(),
    }
}

/// A histogram, encoded as in evidence.
pub(crate) fn encoded(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(histogram, &mut bytes)
        .expect("writing to a vector cannot fail");
    BASE64_STANDARD.encode(bytes)
}

/// The latency record of a histogram, for the workload `get100`, disjoint.
pub fn latency(
    subject: &str,
    threads: usize,
    operation: &str,
    arrivals: Option<Arrivals>,
    histogram: &Histogram<u64>,
) -> Latency {
    let at = |quantile| histogram.value_at_quantile(quantile);
    let round = |at_s| LatencyRound {
        at_s,
        length_s: 0.02,
        count: histogram.len() / 2,
        p50_ns: at(0.5),
        p99_ns: at(0.99),
        p999_ns: at(0.999),
        max_ns: histogram.max(),
    };
    Latency {
        part: 0,
        subject: subject.to_owned(),
        workload: "get100".to_owned(),
        placement: "disjoint".to_owned(),
        threads,
        arrivals,
        operation: operation.to_owned(),
        count: histogram.len(),
        mean_ns: histogram.mean(),
        quantiles_ns: quantiles(histogram),
        p50_ns: spread(at(0.5) as f64),
        p99_ns: spread(at(0.99) as f64),
        rounds: vec![round(0.5), round(0.75)],
        histogram: encoded(histogram),
        warnings: vec![Warning::FewRounds],
    }
}

fn rate_search() -> RateSearch {
    let step = |rate_ops_s, p99_ns, kept| RateStep {
        rate_ops_s,
        achieved_ops_s: rate_ops_s * 0.99,
        p99_ns,
        kept,
    };
    RateSearch {
        part: 0,
        subject: "sharded".to_owned(),
        workload: "get100".to_owned(),
        placement: "disjoint".to_owned(),
        threads: 2,
        pattern: "poisson".to_owned(),
        p99_ns_max: 10_000,
        rate_ops_s: Some(2e6),
        steps: vec![step(2e6, 8_000, true), step(4e6, 90_000, false)],
    }
}

fn snapshots() -> Snapshots {
    Snapshots {
        part: 0,
        subject: "sharded".to_owned(),
        keys: 1_000,
        writers: 1,
        acquire_ns: AcquireNs { p50: 21.5, p99: 80.0, batch: 32 },
        single_p50_ns: 34.0,
        samples: 5_000,
        clock_cost_ns: 12.5,
        allocations_per_op: Some(0.0),
        limit: Some("more keys do not fit".to_owned()),
    }
}

fn held_snapshot() -> HeldSnapshot {
    HeldSnapshot {
        part: 0,
        subject: "sharded".to_owned(),
        keys: 1_000,
        ages: vec![SnapshotAge {
            overwrites: 10_000,
            keys_overwritten: 990,
            age_ms: 12.5,
            extra_bytes: Some(-64),
            versions: Some(1_990),
            newest_read_ns: spread(14.0),
            snapshot_read_ns: spread(48.0),
        }],
        reclaim: Some(Reclaim {
            extra_bytes: 96_000,
            drop_ns: 300.0,
            after_drop_bytes: 95_000,
            reclaimed_ms: Some(2.5),
            overwrites: 4_000,
            end_bytes: 1_000,
            collected_bytes: None,
        }),
        checks: Checks { checked: 1_000, ..Checks::default() },
    }
}

fn operation() -> Operation {
    Operation {
        part: 0,
        name: "list".to_owned(),
        subject: "sharded".to_owned(),
        ns: spread(1_500.0),
        ratio_to: RatioTo {
            name: "a `BTreeMap`".to_owned(),
            median: 1.5,
            low: 1.25,
            high: 1.75,
            coverage: 0.75,
        },
    }
}

fn verification_config() -> VerificationConfig {
    VerificationConfig {
        profile: "smoke".to_owned(),
        seed: 1,
        subjects: vec!["sharded".to_owned()],
        properties: vec!["freshness".to_owned()],
        executors: vec!["litmus".to_owned()],
        elapsed_s: 2.5,
    }
}

fn verification_run() -> VerificationRun {
    VerificationRun {
        config: verification_config(),
        searches: vec![SearchSummary {
            subject: "sharded".to_owned(),
            executor: "litmus".to_owned(),
            programs: 12,
            executions: 3_000,
            events: 60_000,
            reads: 20_000,
            unjudged_reads: 40,
            snapshots: 900,
            snapshots_beside_commits: 60,
            how_ended: "bounded(3000 executions)".to_owned(),
            seconds: 2.25,
            found: Some("findings/sharded-litmus-freshness".to_owned()),
        }],
    }
}

fn verification() -> Verification {
    Verification {
        subject: "sharded".to_owned(),
        property: "freshness".to_owned(),
        executor: "litmus".to_owned(),
        verdict: Verdict::Inconclusive,
        how_ended: "timed out".to_owned(),
        checked: 20_000,
        could_have_failed: 150,
        reason: Some("time ran out".to_owned()),
        replay: "shardproof verify --executors litmus --seed 1".to_owned(),
        found: Some("findings/sharded-litmus-freshness".to_owned()),
    }
}

fn fault() -> Fault {
    Fault {
        id: "W7".to_owned(),
        what: "a put forgets what was there before".to_owned(),
        verdict: FaultVerdict::Killed,
        equivalent: false,
        by: Some("litmus".to_owned()),
        executions: 17,
        seconds: 0.25,
        hunts: vec![Hunt {
            executor: "litmus".to_owned(),
            anomaly: Some("lost-update".to_owned()),
            executions: 17,
            seconds: 0.25,
            shrinking_seconds: 0.5,
            threads: Some(2),
            operations: Some(4),
        }],
    }
}

fn spread(median: f64) -> Spread {
    Spread { median, low: median * 0.5, high: median * 1.5, coverage: 0.75 }
}
