//! What to measure next if no law was fitted.

use std::collections::BTreeSet;

use shardproof_evidence::Evidence;

use crate::scaling::{ROUNDS_MIN, THREAD_COUNTS_MIN};

/// How to obtain a law if none was fitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NextStep {
    /// Run this command on the same machine.
    Measure(String),
    /// Not possible on this machine, for this reason.
    Impossible(String),
    /// Nothing: enough was measured, and it follows no law.
    Nothing,
}

/// How to obtain a law if the evidence has none. Never a command that was already followed, nor one
/// for which the machine has too few cores.
#[must_use]
pub fn next_step(evidence: &Evidence) -> NextStep {
    let cores = evidence.all_parts().map(|part| part.machine.cores).min().unwrap_or(1);
    if cores < THREAD_COUNTS_MIN {
        return NextStep::Impossible(format!(
            "a law needs {THREAD_COUNTS_MIN} thread counts with a core for each thread, and this \
             machine has {cores} cores"
        ));
    }
    let config = evidence.config.as_ref();
    let measured: BTreeSet<usize> =
        config.map(|config| config.threads.iter().copied().collect()).unwrap_or_default();
    let usable = measured.iter().filter(|threads| **threads <= cores).count();
    let has_threads = usable >= THREAD_COUNTS_MIN && measured.contains(&1);
    let has_rounds = config.is_some_and(|config| config.rounds >= ROUNDS_MIN);
    match (has_threads, has_rounds) {
        (true, true) => NextStep::Nothing,
        (true, false) => {
            let threads: Vec<String> = measured.iter().map(ToString::to_string).collect();
            let threads = threads.join(",");
            NextStep::Measure(format!("shardproof measure --profile quick --threads {threads}"))
        }
        (false, _) => {
            NextStep::Measure(format!("shardproof measure --threads {}", thread_list(cores)))
        }
    }
}

/// Thread counts for a law on a machine with this many cores, at least [`THREAD_COUNTS_MIN`]: 1 to
/// 4, then powers of two and the numbers half-way between them.
pub(super) fn thread_list(cores: usize) -> String {
    let powers = (2..usize::BITS - 1).map(|power| 1_usize << power);
    let beyond = powers.flat_map(|power| [power, power + power / 2]);
    let counts: BTreeSet<usize> = (1..=4).chain(beyond.take_while(|it| *it <= cores)).collect();
    let texts: Vec<String> =
        counts.into_iter().filter(|it| *it <= cores).map(|it| it.to_string()).collect();
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use shardproof_evidence::{Config, Machine};

    use super::*;
    use crate::samples::{build, quiet};

    fn after(cores: usize, threads: &[usize], rounds: usize) -> NextStep {
        let machine = Machine { cores, ..quiet().0 };
        let config = Config { threads: threads.to_vec(), rounds, ..Config::default() };
        next_step(&Evidence { config: Some(config), ..Evidence::new(machine, build("3")) })
    }

    fn command(text: &str) -> NextStep {
        NextStep::Measure(format!("shardproof measure {text}"))
    }

    #[test]
    fn a_command_only_names_thread_counts_with_a_core_for_each_thread() {
        assert_eq!(after(4, &[1, 2, 4], 7), command("--threads 1,2,3,4"));
        assert_eq!(after(8, &[1, 8], 7), command("--threads 1,2,3,4,6,8"));
        assert_eq!(after(20, &[1], 7), command("--threads 1,2,3,4,6,8,12,16"));
    }

    #[test]
    fn on_two_cores_a_law_is_impossible() {
        for threads in [&[1, 2][..], &[1, 2, 3, 4, 6, 8]] {
            let NextStep::Impossible(reason) = after(2, threads, 25) else { panic!("{threads:?}") };
            assert!(reason.contains("2 cores") && !reason.contains("--threads"), "{reason}");
        }
    }

    #[test]
    fn a_command_that_was_followed_is_not_advised_again() {
        for cores in [4, 6, 8, 64] {
            let text = thread_list(cores);
            let threads: Vec<usize> = text.split(',').map(|it| it.parse().unwrap()).collect();
            assert_eq!(after(cores, &threads, 7), NextStep::Nothing, "{cores}");
            let expected = command(&format!("--profile quick --threads {text}"));
            assert_eq!(after(cores, &threads, 3), expected, "three rounds are too few");
        }
    }
}
