//! Recovery, coverage, determinism and refusals.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_evidence::Checks;

use super::*;
use crate::scaling::samples::{THREADS, TRUTH, cell, evidence, exact, noisy};

fn outcome(cells: Vec<Cell>) -> Result<Fit, Refusal> {
    let [only] = fit_all(&evidence(cells)).try_into().unwrap();
    let Scaling { outcome, .. } = only;
    outcome
}

#[test]
fn without_noise_the_law_is_recovered_with_intervals_of_zero_width() {
    let fit = outcome(exact(TRUTH, &THREADS, 6)).unwrap();
    let figures = [(fit.lambda_ops_s, 40e6), (fit.sigma, 0.06), (fit.kappa, 0.002)];
    for (spread, truth) in figures {
        for figure in [spread.low, spread.median, spread.high] {
            assert!((figure / truth - 1.0).abs() < 1e-10, "{spread:?} is not {truth}");
        }
        assert_eq!(spread.coverage, 0.95);
    }
    assert!(fit.error_max < 1e-12, "{}", fit.error_max);
    assert!((fit.peak_threads.unwrap() - 470_f64.sqrt()).abs() < 1e-6, "{:?}", fit.peak_threads);
    assert_eq!(fit.threads, THREADS);
}

#[test]
fn without_coherence_cost_the_interval_of_kappa_starts_at_zero() {
    let fit = outcome(exact(Law { kappa: 0.0, ..TRUTH }, &THREADS, 6)).unwrap();
    assert_eq!((fit.kappa.low, fit.kappa.median, fit.kappa.high), (0.0, 0.0, 0.0));
    assert_eq!(fit.peak_threads, None);
    let fit = outcome(noisy(Law { kappa: 0.0, ..TRUTH }, 11, 3)).unwrap();
    assert_eq!(fit.kappa.low, 0.0);
    assert!(fit.kappa.high > 0.0 && fit.sigma.low > 0.0, "{fit:?}");
}

#[test]
fn intervals_contain_the_truth_in_about_nineteen_of_twenty_experiments() {
    for rounds in [ROUNDS_MIN, 25] {
        let hits: Vec<[bool; 3]> =
            (0..200).into_par_iter().map(|seed| hits(&noisy(TRUTH, rounds, seed))).collect();
        for parameter in 0..3 {
            let count = hits.iter().filter(|hits| hits[parameter]).count();
            // Fewer hits mean that intervals are too narrow; hits in all cases, that they are too
            // wide.
            assert!(
                (180..200).contains(&count),
                "parameter {parameter}, {rounds} rounds: {count} of 200"
            );
        }
    }
}

/// Whether the intervals of lambda, sigma and kappa contain the true values.
fn hits(cells: &[Cell]) -> [bool; 3] {
    let fit = outcome(cells.to_vec()).unwrap();
    let holds = |spread: Spread, truth| (spread.low..=spread.high).contains(&truth);
    [
        holds(fit.lambda_ops_s, TRUTH.lambda_ops_s),
        holds(fit.sigma, TRUTH.sigma),
        holds(fit.kappa, TRUTH.kappa),
    ]
}

#[test]
fn noise_common_to_all_cells_of_a_round_does_not_widen_the_costs() {
    // Machine speed varies between rounds from half to double, with the same law.
    let speeds = [0.5, 0.7, 0.9, 1.0, 1.2, 1.5, 2.0];
    let rounds_at =
        |count: usize| speeds.map(|speed| speed * TRUTH.ops_s_at(count as f64)).to_vec();
    let cells = THREADS.into_iter().map(|count| cell(count, rounds_at(count))).collect();
    let fit = outcome(cells).unwrap();
    assert!(fit.lambda_ops_s.high > 1.4 * fit.lambda_ops_s.low, "{:?}", fit.lambda_ops_s);
    assert!(fit.sigma.high / fit.sigma.low - 1.0 < 1e-9, "{:?}", fit.sigma);
    assert!(fit.kappa.high / fit.kappa.low - 1.0 < 1e-9, "{:?}", fit.kappa);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let cells: Vec<Cell> = (0..3_usize)
        .flat_map(|group| {
            let named = move |cell| Cell { subject: format!("subject {group}"), ..cell };
            noisy(TRUTH, 11, group as u64).into_iter().map(named)
        })
        .collect();
    let evidence = evidence(cells);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit_all(&evidence))
    };
    let single = on(1);
    assert_eq!(single.len(), 3);
    assert!(single.iter().all(|scaling| scaling.outcome.is_ok()));
    assert_ne!(single[0].outcome, single[1].outcome, "each subject has its own fit");
    // Debug text distinguishes bits that `==` does not.
    assert_eq!(format!("{single:?}"), format!("{:?}", on(4)));
    assert_eq!(single, fit_all(&evidence));
}

#[test]
fn oversubscribed_cells_are_not_used() {
    let mut cells = exact(TRUTH, &THREADS, 6);
    cells[5] = Cell { warnings: vec![Warning::Oversubscribed], ..cell(32, vec![1.0; 6]) };
    let fit = outcome(cells.clone()).unwrap();
    assert_eq!(fit.threads, [1, 2, 4, 8, 16]);
    assert!((fit.sigma.median - TRUTH.sigma).abs() < 1e-10);
    // Any other warning leaves a cell in, and this one spoils the fit.
    cells[5].warnings = vec![Warning::WideSpread];
    assert!(matches!(outcome(cells), Err(Refusal::PoorFit { .. })));
}

#[test]
fn four_usable_thread_counts_are_required() {
    let refusal = |usable, oversubscribed| {
        Err(Refusal::TooFewThreadCounts { usable, oversubscribed, cores: 8 })
    };
    assert!(outcome(exact(TRUTH, &[1, 2, 3, 4], 6)).is_ok());
    assert_eq!(outcome(exact(TRUTH, &[1, 2, 4], 6)), refusal(3, 0));
    let with = |spoil: &dyn Fn(&mut Cell)| {
        let mut cells = exact(TRUTH, &[1, 2, 3, 4], 6);
        spoil(&mut cells[2]);
        outcome(cells)
    };
    let wrong = Checks { checked: 9, failed: 1, ..Checks::default() };
    assert_eq!(with(&|cell| cell.checks = Some(wrong.clone())), refusal(3, 0));
    assert_eq!(with(&|cell| cell.throughput_ops_s = None), refusal(3, 0));
    assert_eq!(with(&|cell| cell.warnings.push(Warning::Oversubscribed)), refusal(3, 1));
    let stands_still = |cell: &mut Cell| cell.throughput_ops_s.as_mut().unwrap().rounds[4] = 0.0;
    assert_eq!(with(&stands_still), refusal(3, 0));
}

#[test]
fn a_fit_requires_the_throughput_of_one_thread() {
    assert_eq!(outcome(exact(TRUTH, &THREADS[1..], 6)), Err(Refusal::NoSingleThread));
}

#[test]
fn five_rounds_are_too_few() {
    assert_eq!(outcome(exact(TRUTH, &THREADS, 5)), Err(Refusal::TooFewRounds { rounds: 5 }));
}

#[test]
fn cells_with_different_numbers_of_rounds_are_not_fitted() {
    let mut cells = exact(TRUTH, &THREADS, 7);
    cells[3] = exact(TRUTH, &THREADS, 6).swap_remove(3);
    assert_eq!(outcome(cells), Err(Refusal::Unpaired));
}

#[test]
fn throughput_that_does_not_follow_the_law_is_refused() {
    let steps = [1e6, 2e6, 2e6, 9e6, 3e6, 3e6];
    let cells = THREADS.into_iter().zip(steps).map(|(count, ops_s)| cell(count, vec![ops_s; 6]));
    let Err(Refusal::PoorFit { error_max }) = outcome(cells.collect()) else {
        panic!("a jump to four times the speed and back is no law");
    };
    assert!(error_max > ERROR_MAX && error_max < 2.0, "{error_max}");
}

#[test]
fn each_part_subject_workload_and_placement_is_fitted_separately_in_order() {
    let few = || exact(TRUTH, &[1, 2], 6);
    let mut cells = Vec::new();
    cells.extend(few().into_iter().map(|cell| Cell { subject: "z".to_owned(), ..cell }));
    cells.extend(few());
    cells.extend(few().into_iter().map(|cell| Cell { part: 1, ..cell }));
    cells.extend(few().into_iter().map(|cell| Cell { placement: "disjoint".to_owned(), ..cell }));
    cells.extend(few().into_iter().map(|cell| Cell { workload: "a".to_owned(), ..cell }));
    // Cells of a group need not be adjacent.
    cells.rotate_left(1);
    let all = fit_all(&evidence(cells));
    let seen: Vec<_> = all
        .iter()
        .map(|each| {
            let Scaling { part, subject, workload, placement, .. } = each;
            (*part, subject.as_str(), workload.as_str(), placement.as_str())
        })
        .collect();
    let expected = [
        (0, "z", "put100", "shared"),
        (0, "mine", "put100", "shared"),
        (1, "mine", "put100", "shared"),
        (0, "mine", "put100", "disjoint"),
        (0, "mine", "a", "shared"),
    ];
    assert_eq!(seen, expected);
    let refusal = Refusal::TooFewThreadCounts { usable: 2, oversubscribed: 0, cores: 8 };
    assert!(all.iter().all(|each| each.outcome == Err(refusal)), "{all:?}");
}

#[test]
fn a_refusal_gives_the_reason_and_the_remedy() {
    let cases = [
        (
            Refusal::TooFewThreadCounts { usable: 1, oversubscribed: 3, cores: 2 },
            "fewer than 4 usable thread counts, of which there is 1 (3 more without a core for \
             each thread); this machine has 2 cores, and a law needs 4",
        ),
        (
            Refusal::TooFewThreadCounts { usable: 2, oversubscribed: 0, cores: 6 },
            "fewer than 4 usable thread counts, of which there are 2 (0 more without a core for \
             each thread): measure with --threads 1,2,3,4,6",
        ),
        (
            Refusal::NoSingleThread,
            "no throughput of one thread: measure with --threads 1 among others",
        ),
        (
            Refusal::Unpaired,
            "thread counts with different numbers of rounds: measure all of them in one run",
        ),
        (
            Refusal::TooFewRounds { rounds: 3 },
            "fewer than 6 rounds: 3; use --profile quick or full",
        ),
        (
            Refusal::PoorFit { error_max: 0.314 },
            "the fit is off by more than 20 %: 31 %; see the cells instead",
        ),
    ];
    for (refusal, text) in cases {
        assert_eq!(refusal.to_string(), text);
        assert!(text.starts_with(&refusal.in_short()), "{text}");
    }
}

#[test]
fn random_laws_without_noise_are_recovered() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for _ in 0..20 {
        let sigma = random.random_range(0.0..1.0);
        let kappa = random.random_range(0.0..0.1);
        let fit = outcome(exact(Law { lambda_ops_s: 5e6, sigma, kappa }, &THREADS, 6)).unwrap();
        assert!((fit.sigma.median - sigma).abs() < 1e-10, "{fit:?}");
        assert!((fit.kappa.median - kappa).abs() < 1e-10, "{fit:?}");
    }
}
