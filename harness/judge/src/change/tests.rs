use rand::SeedableRng;
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_evidence::{AaTest, Checks, Config, Part, Quantiles, Throughput};

use super::*;
use crate::samples::{build, quiet};

/// Rounds of a measurement.
const ROUNDS: usize = 11;
/// Relative noise of each round of each cell.
const NOISE: f64 = 0.02;
const NAME: CellName<'_> =
    CellName { placement: "shared", workload: "put100", subject: "mine", threads: 2 };
const P99: Metric<'_> = Metric::P99 { operation: "all" };

/// Relative speeds in one measurement.
#[derive(Clone, Copy)]
struct Speeds {
    /// Of the machine, which affects the control and the subject.
    machine: f64,
    /// Of the subject, in addition.
    subject: f64,
}

const NORMAL: Speeds = Speeds { machine: 1.0, subject: 1.0 };

/// A measurement of a subject beside the control, one of its cells measured twice. Half of the
/// noise is common to all cells of a round.
fn measured(speeds: Speeds, seed: u64) -> Evidence {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut noise = || Normal::new(0.0, NOISE).unwrap().sample(&mut random).exp();
    let common: Vec<f64> = (0..ROUNDS).map(|_| noise()).collect();
    let mut rounds = |ops_s: f64| -> Vec<f64> {
        common.iter().map(|common| ops_s * speeds.machine * common * noise()).collect()
    };
    let subject = rounds(10e6 * speeds.subject);
    let again = rounds(10e6 * speeds.subject);
    let control = rounds(40e6);
    let times = rounds(1.0);
    let p99: Vec<f64> = times.iter().map(|speed| 900.0 / speed / speeds.subject).collect();
    let (p50_of_control, p99_of_control) = (rounds(1.0), rounds(1.0));
    let of_control =
        |rounds: &[f64], ns: f64| -> Vec<f64> { rounds.iter().map(|speed| ns / speed).collect() };
    let ratios = stats::ratios(&again, &subject).unwrap();
    let (machine, mut certificate) = quiet();
    certificate.same_twice = None;
    Evidence {
        config: Some(Config { profile: "quick".to_owned(), ..Config::default() }),
        certificate: Some(certificate),
        cells: vec![cell("mine", subject), cell(SCALING_CONTROL, control)],
        latencies: vec![
            latency("mine", &p99, &p99),
            latency(
                SCALING_CONTROL,
                &of_control(&p50_of_control, 30.0),
                &of_control(&p99_of_control, 90.0),
            ),
        ],
        same_twice: Some(AaTest {
            what: "mine".to_owned(),
            pairs: ROUNDS,
            ratio: stats::summarise(&ratios).unwrap(),
            noise_floor: stats::noise_floor(&ratios).unwrap(),
        }),
        ..Evidence::new(machine, build("3"))
    }
}

fn cell(subject: &str, rounds: Vec<f64>) -> Cell {
    Cell {
        part: 0,
        subject: subject.to_owned(),
        workload: NAME.workload.to_owned(),
        placement: NAME.placement.to_owned(),
        threads: NAME.threads,
        throughput_ops_s: Throughput::of_rounds(rounds),
        allocations_per_op: None,
        cpu_ns_per_op: None,
        on_cpu_share: None,
        start_skew_ns: None,
        conflicts_per_op: None,
        checks: None,
        warnings: Vec::new(),
    }
}

fn latency(subject: &str, p50_ns: &[f64], p99_ns: &[f64]) -> Latency {
    Latency {
        part: 0,
        subject: subject.to_owned(),
        workload: NAME.workload.to_owned(),
        placement: NAME.placement.to_owned(),
        threads: NAME.threads,
        arrivals: None,
        operation: "all".to_owned(),
        count: 1,
        mean_ns: 1.0,
        quantiles_ns: Quantiles { min: 1, p50: 1, p90: 1, p99: 1, p999: 1, p9999: 1, max: 1 },
        p50_ns: stats::summarise(p50_ns).unwrap(),
        p99_ns: stats::summarise(p99_ns).unwrap(),
        rounds: Vec::new(),
        histogram: String::new(),
        warnings: Vec::new(),
    }
}

/// The number of pairs, of 200, in which this metric changed.
fn changed(before: Speeds, after: Speeds, metric: Metric<'_>) -> usize {
    let is_changed = |seed: &u64| {
        let (before, after) = (measured(before, 2 * seed), measured(after, 2 * seed + 1));
        matches!(change(&before, &after, NAME, metric), Change::Changed(_))
    };
    (0..200).filter(is_changed).count()
}

#[test]
fn two_measurements_of_equal_speed_hardly_ever_show_a_change() {
    for metric in [Metric::Throughput, P99] {
        let count = changed(NORMAL, NORMAL, metric);
        assert!(
            count < 2,
            "{metric:?}: {count} of 200, and fewer than one in a hundred is promised"
        );
    }
}

#[test]
fn a_difference_of_a_fifth_is_a_change() {
    for (factor, metric) in
        [(1.2, Metric::Throughput), (1.0 / 1.2, Metric::Throughput), (1.3, P99), (1.0 / 1.3, P99)]
    {
        let count = changed(NORMAL, Speeds { subject: factor, ..NORMAL }, metric);
        assert!(count >= 190, "{factor} {metric:?}: {count} of 200");
    }
    let (before, after) = (measured(NORMAL, 1), measured(Speeds { subject: 1.2, ..NORMAL }, 2));
    let Change::Changed(ratio) = change(&before, &after, NAME, Metric::Throughput) else {
        panic!("a fifth is a change");
    };
    assert!((ratio.spread.median - 1.2).abs() < 0.05, "{ratio:?}");
    assert!(ratio.spread.low > 1.0 && ratio.basis == Basis::Ceiling, "{ratio:?}");
}

#[test]
fn a_faster_machine_is_not_a_change() {
    for machine in [1.3, 1.0 / 1.3] {
        for metric in [Metric::Throughput, P99] {
            let count = changed(NORMAL, Speeds { machine, ..NORMAL }, metric);
            assert!(count < 2, "{machine} {metric:?}: {count} of 200");
        }
    }
    // Without the control it would be.
    let without = |evidence: Evidence| {
        let cells = evidence.cells.into_iter().filter(|cell| cell.subject == "mine").collect();
        Evidence { cells, ..evidence }
    };
    let after = measured(Speeds { machine: 1.3, ..NORMAL }, 2);
    let outcome = change(&without(measured(NORMAL, 1)), &without(after), NAME, Metric::Throughput);
    let Change::Changed(ratio) = outcome else { panic!("{outcome:?}") };
    assert_eq!(ratio.basis, Basis::Raw);
}

#[test]
fn a_change_below_the_noise_floor_of_either_side_is_not_reported() {
    let after = measured(Speeds { subject: 1.2, ..NORMAL }, 2);
    for noisy in [0, 1] {
        let mut both = [measured(NORMAL, 1), after.clone()];
        both[noisy].same_twice.as_mut().unwrap().noise_floor = 0.25;
        let [before, after] = both;
        let outcome = change(&before, &after, NAME, Metric::Throughput);
        let Change::WithinNoise(ratio) = outcome else { panic!("{outcome:?}") };
        assert_eq!(ratio.noise_floor, 0.25);
    }
}

/// Why results that differ by a fifth are not compared after `alter`.
fn reason(alter: impl FnOnce(&mut Evidence)) -> Option<Incomparable> {
    let mut after = measured(Speeds { subject: 1.2, ..NORMAL }, 2);
    alter(&mut after);
    // In either direction.
    let before = measured(NORMAL, 1);
    let there = change(&before, &after, NAME, Metric::Throughput);
    let back = change(&after, &before, NAME, Metric::Throughput);
    match (there, back) {
        (Change::NotComparable(there), Change::NotComparable(back)) => {
            assert_eq!(there, back);
            Some(there)
        }
        (Change::Changed(_), Change::Changed(_)) => None,
        both => panic!("{both:?}"),
    }
}

#[test]
fn results_measured_under_different_conditions_are_not_compared() {
    fn config(evidence: &mut Evidence) -> &mut Config {
        evidence.config.as_mut().unwrap()
    }
    assert_eq!(reason(|_| {}), None);
    assert_eq!(reason(|it| it.machine.cores = 4), Some(Incomparable::OtherMachine));
    assert_eq!(reason(|it| it.machine.memory_bytes = Some(1)), Some(Incomparable::OtherMachine));
    assert_eq!(reason(|it| it.machine.kernel = Some("7.0".to_owned())), None);
    assert_eq!(reason(|it| it.build.opt_level = "1".to_owned()), Some(Incomparable::OtherBuild));
    assert_eq!(reason(|it| it.build.commit = "another".to_owned()), None);
    let other_profile = reason(|it| config(it).profile = "full".to_owned());
    assert_eq!(other_profile, Some(Incomparable::OtherSetting("profile")));
    let newer = reason(|it| config(it).pinning = Some("off".to_owned()));
    assert_eq!(newer, None, "older evidence does not record it");
    let no_floor = reason(|it| (it.same_twice, it.certificate) = (None, None));
    assert_eq!(no_floor, Some(Incomparable::NoNoiseFloor));
    let failed = Checks { checked: 9, failed: 1, ..Checks::default() };
    assert_eq!(reason(|it| it.cells[0].checks = Some(failed)), Some(Incomparable::NoResult));
    assert_eq!(reason(|it| it.cells.clear()), Some(Incomparable::NoResult));
}

#[test]
fn warnings_invalidate_the_results_they_affect() {
    let whole = |warning| reason(move |it| it.warnings = vec![warning]);
    for serious in [Warning::UnoptimisedBuild, Warning::Throttled, Warning::CoresMoved] {
        assert_eq!(whole(serious), Some(Incomparable::Warned(serious)));
    }
    for harmless in [Warning::VirtualMachine, Warning::FewCores, Warning::Turbo, Warning::Noisy] {
        assert_eq!(whole(harmless), None, "{harmless:?}");
    }
    // Results measured side by side were disturbed alike.
    assert_eq!(whole(Warning::BusyMachine), None);
    let without_control = reason(|it| {
        it.warnings = vec![Warning::BusyMachine];
        it.cells.truncate(1);
    });
    assert_eq!(without_control, Some(Incomparable::Warned(Warning::BusyMachine)));
    let of_cell = reason(|it| it.cells[0].warnings = vec![Warning::OffCpu]);
    assert_eq!(of_cell, Some(Incomparable::Warned(Warning::OffCpu)));
    assert_eq!(reason(|it| it.cells[0].warnings = vec![Warning::WideSpread]), None);
}

#[test]
fn the_control_itself_is_never_a_change() {
    let (before, after) = (measured(NORMAL, 1), measured(Speeds { machine: 2.0, ..NORMAL }, 2));
    let outcome = change(&before, &after, NAME.control(), Metric::Throughput);
    assert_eq!(outcome, Change::NotComparable(Incomparable::IsControl));
}

#[test]
fn machines_with_the_same_processor_are_distinguished_by_their_identities() {
    let with = |identity: &str| {
        let mut machine = quiet().0;
        machine.identity = Some(identity.to_owned());
        machine
    };
    assert!(is_same_machine(&with("a"), &with("a")));
    assert!(!is_same_machine(&with("a"), &with("b")));
    // Older evidence has no identity.
    assert!(is_same_machine(&with("a"), &quiet().0));
}

#[test]
fn results_of_merged_evidence_are_judged_by_their_own_part() {
    let mut merged = measured(NORMAL, 1);
    let part = Part {
        machine: merged.machine.clone(),
        certificate: merged.certificate.clone(),
        same_twice: merged.same_twice.clone(),
        config: merged.config.clone(),
        warnings: Vec::new(),
    };
    merged.parts.push(part);
    merged.cells.iter_mut().for_each(|cell| cell.part = 1);
    merged.warnings = vec![Warning::FewRounds];
    merged.machine.cores = 1;
    let after = measured(Speeds { subject: 1.2, ..NORMAL }, 2);
    let outcome = change(&merged, &after, NAME, Metric::Throughput);
    assert!(matches!(outcome, Change::Changed(_)), "{outcome:?}");
}
