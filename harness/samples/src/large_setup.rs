//! The parts of made-up evidence that are no figures of subjects: machine, configuration,
//! verification.

use shardproof_evidence::verification::{
    Fault, FaultVerdict, Hunt, SearchSummary, Verdict, VerificationConfig, VerificationRun,
};
use shardproof_evidence::{
    AaTest, Build, Certificate, Config, CoreToCore, Counters, Evidence, Machine, Verification,
    Workload,
};

use super::{PLACEMENTS, ROUNDS, SUBJECTS, WORKLOADS, dice, spread};

pub(super) fn verify(evidence: &mut Evidence) {
    let config = VerificationConfig {
        profile: "quick".to_owned(),
        seed: 1,
        subjects: vec!["sharded".to_owned(), "seed".to_owned()],
        executors: vec!["loom".to_owned(), "shuttle".to_owned()],
        properties: Vec::new(),
        elapsed_s: 61.0,
    };
    let search = |subject: &str| SearchSummary {
        subject: subject.to_owned(),
        executor: "shuttle".to_owned(),
        programs: 400,
        executions: 120_000,
        events: 2_000_000,
        reads: 800_000,
        unjudged_reads: 40,
        snapshots: 900,
        snapshots_beside_commits: 60,
        how_ended: "bounded(120000 executions)".to_owned(),
        seconds: 30.5,
        found: None,
    };
    let row = |subject: &str, property: &str, verdict: Verdict| Verification {
        subject: subject.to_owned(),
        property: property.to_owned(),
        executor: "shuttle".to_owned(),
        verdict,
        how_ended: "bounded(120000 executions)".to_owned(),
        checked: 800_000,
        could_have_failed: if verdict == Verdict::Vacuous { 0 } else { 55_000 },
        reason: match verdict {
            Verdict::Fail => Some("stale read: get saw 3 after 4 was acknowledged".to_owned()),
            Verdict::Inconclusive => Some("time ran out".to_owned()),
            _ => None,
        },
        replay: format!("shardproof verify --subjects {subject} --executors shuttle"),
        found: None,
    };
    evidence.verification = Some(VerificationRun {
        config: config.clone(),
        searches: vec![search("sharded"), search("seed")],
    });
    evidence.verifications = vec![
        row("sharded", "freshness", Verdict::Pass),
        row("sharded", "atomicity", Verdict::Pass),
        row("sharded", "isolation", Verdict::Vacuous),
        row("seed", "freshness", Verdict::Fail),
        row("seed", "atomicity", Verdict::Inconclusive),
    ];
    evidence.fault_hunt = Some(config);
    evidence.faults = vec![
        fault("W7", FaultVerdict::Killed),
        fault("G4b", FaultVerdict::Survived),
        fault("E1", FaultVerdict::Equivalent),
    ];
}

fn fault(id: &str, verdict: FaultVerdict) -> Fault {
    let killed = verdict == FaultVerdict::Killed;
    Fault {
        id: id.to_owned(),
        what: "the stamp is read before the last lock is taken".to_owned(),
        verdict,
        equivalent: verdict == FaultVerdict::Equivalent,
        by: killed.then(|| "shuttle".to_owned()),
        executions: 812,
        seconds: 0.4,
        hunts: vec![Hunt {
            executor: "shuttle".to_owned(),
            anomaly: killed.then(|| "torn write set".to_owned()),
            executions: 812,
            seconds: 0.4,
            shrinking_seconds: 0.1,
            threads: Some(2),
            operations: Some(4),
        }],
    }
}

pub(super) fn config(threads: &[usize]) -> Config {
    let workload = |mix: &str| Workload {
        name: mix.to_owned(),
        mix: mix.to_owned(),
        keys: "uniform".to_owned(),
        key_shape: "random".to_owned(),
        key_bytes: 12,
        value_bytes: "40".to_owned(),
        keys_per_run: 10_000,
        runs_per_thread: 1,
        roles: "all".to_owned(),
        writes_per_apply: 0,
        reads_per_snapshot: 0,
        entries_per_list: 0,
    };
    Config {
        profile: "quick".to_owned(),
        seed: 1,
        subjects: SUBJECTS.map(|(name, ..)| name.to_owned()).to_vec(),
        workloads: WORKLOADS.map(workload).to_vec(),
        placements: PLACEMENTS.map(|(name, _)| name.to_owned()).to_vec(),
        threads: threads.to_vec(),
        rounds: ROUNDS as usize,
        slice_ms: 40.0,
        latency_rounds: ROUNDS as usize,
        latency_slice_ms: 20.0,
        open_slice_ms: 200.0,
        matrix: None,
        filter: None,
        partition: None,
        stream_operations: 16_384,
        elapsed_s: 118.4,
        begun_at: Some("2026-01-31T23:59:59Z".to_owned()),
        sections: None,
        pinning: Some("on".to_owned()),
        matrix_digest: None,
    }
}

pub(super) fn machine(cores: usize) -> Machine {
    Machine {
        cores,
        cpu: Some("A Made-Up Processor".to_owned()),
        architecture: "x86_64".to_owned(),
        os: "linux".to_owned(),
        kernel: Some("6.8.0".to_owned()),
        hypervisor: Some(true),
        memory_bytes: Some(16 << 30),
        identity: Some("0123456789abcdef".to_owned()),
        load_average_before: Some(0.4),
        load_average_after: Some(1.9),
        clock_cost_ns: 12.2,
        instant_cost_ns: 27.1,
    }
}

pub(super) fn build() -> Build {
    Build {
        commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        dirty: Some(false),
        rustc: "rustc 1.90.0".to_owned(),
        profile: "release".to_owned(),
        opt_level: "3".to_owned(),
        target: "x86_64-unknown-linux-gnu".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

pub(super) fn certificate(cores: usize) -> Certificate {
    let pair = |from: usize, to: usize| CoreToCore {
        from,
        to,
        ns: 40.0 + 30.0 * dice(&[from as u64, to as u64]),
    };
    let pairs = (0..cores).flat_map(|from| (0..cores).map(move |to| (from, to)));
    Certificate {
        cpus: Some((0..cores).collect()),
        siblings: Some((0..cores).map(|core| vec![core]).collect()),
        pinned_to: Some((0..cores).collect()),
        cpu_quota: None,
        governor: Some("performance".to_owned()),
        turbo: Some(false),
        virtualisation: Some("kvm".to_owned()),
        clock_source: Some("tsc".to_owned()),
        clock_resolution_ns: 1.0,
        core_to_core_rounds_ns: vec![54.0, 55.0, 131.0],
        core_to_core: pairs
            .filter(|(from, to)| from != to)
            .map(|(from, to)| pair(from, to))
            .collect(),
        counters: Some(Counters {
            threads: cores,
            padded_ops_s: 7.1e8,
            packed_ops_s: 1.1e8,
            ratio: spread(6.4),
        }),
        stolen_share: Some(0.002),
        pressure_share: Some(0.011),
        same_twice: Some(AaTest {
            what: "get100 of ceiling on one thread".to_owned(),
            pairs: 40,
            ratio: spread(1.002),
            noise_floor: 0.031,
        }),
    }
}
