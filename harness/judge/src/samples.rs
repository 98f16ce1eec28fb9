//! A fixed machine and build for the tests of this package.

use shardproof_evidence::{AaTest, Build, Certificate, Counters, Machine, Spread};

/// A machine without warnings.
pub(super) fn quiet() -> (Machine, Certificate) {
    let spread = |median| Spread { median, low: median, high: median, coverage: 0.95 };
    let machine = Machine {
        cores: 8,
        cpu: None,
        architecture: "x86_64".to_owned(),
        os: "linux".to_owned(),
        kernel: None,
        hypervisor: Some(false),
        memory_bytes: None,
        identity: None,
        load_average_before: Some(0.1),
        load_average_after: None,
        clock_cost_ns: 12.0,
        instant_cost_ns: 27.0,
    };
    let certificate = Certificate {
        cpus: Some((0..8).collect()),
        siblings: None,
        pinned_to: Some((0..8).collect()),
        cpu_quota: None,
        governor: Some("performance".to_owned()),
        turbo: Some(false),
        virtualisation: Some("none".to_owned()),
        clock_source: Some("tsc".to_owned()),
        clock_resolution_ns: 10.0,
        core_to_core_rounds_ns: Vec::new(),
        core_to_core: Vec::new(),
        counters: Some(Counters {
            threads: 8,
            padded_ops_s: 8e8,
            packed_ops_s: 1e8,
            ratio: spread(8.0),
        }),
        stolen_share: Some(0.0),
        pressure_share: Some(0.0),
        same_twice: Some(AaTest {
            what: "this".to_owned(),
            pairs: 30,
            ratio: spread(1.0),
            noise_floor: 0.02,
        }),
    };
    (machine, certificate)
}

/// A build with this optimisation level.
pub(super) fn build(opt_level: &str) -> Build {
    Build {
        commit: "unknown".to_owned(),
        dirty: None,
        rustc: String::new(),
        profile: "release".to_owned(),
        opt_level: opt_level.to_owned(),
        target: String::new(),
        version: String::new(),
    }
}
