//! What would give a law where none was fitted.

use std::collections::BTreeSet;

use shardproof_evidence::Evidence;

use crate::scaling::{ROUNDS_MIN, THREAD_COUNTS_MIN};

/// What would give a law where none was fitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WhatToDo {
    /// This command, on the same machine.
    Measure(String),
    /// Nothing on this machine, for this reason.
    NotHere(String),
    /// Nothing more: enough was measured, and it follows no law.
    Nothing,
}

/// What would give a law where evidence has none. A command is never one that was followed already,
/// nor one for which the machine has too few cores.
#[must_use]
pub fn what_to_do(evidence: &Evidence) -> WhatToDo {
    let cores = evidence.all_parts().map(|part| part.machine.cores).min().unwrap_or(1);
    if cores < THREAD_COUNTS_MIN {
        return WhatToDo::NotHere(format!(
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
        (true, true) => WhatToDo::Nothing,
        (true, false) => {
            let threads: Vec<String> = measured.iter().map(ToString::to_string).collect();
            let threads = threads.join(",");
            WhatToDo::Measure(format!("shardproof measure --profile quick --threads {threads}"))
        }
        (false, _) => {
            WhatToDo::Measure(format!("shardproof measure --threads {}", thread_list(cores)))
        }
    }
}

/// Thread counts for a law on a machine with so many cores, at least [`THREAD_COUNTS_MIN`]: each up
/// to four, and then the powers of two and the numbers half-way between them.
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

    fn after(cores: usize, threads: &[usize], rounds: usize) -> WhatToDo {
        let machine = Machine { cores, ..quiet().0 };
        let config = Config { threads: threads.to_vec(), rounds, ..Config::default() };
        what_to_do(&Evidence { config: Some(config), ..Evidence::new(machine, build("3")) })
    }

    fn command(text: &str) -> WhatToDo {
        WhatToDo::Measure(format!("shardproof measure {text}"))
    }

    #[test]
    fn a_command_names_only_thread_counts_that_have_a_core_each() {
        assert_eq!(after(4, &[1, 2, 4], 7), command("--threads 1,2,3,4"));
        assert_eq!(after(8, &[1, 8], 7), command("--threads 1,2,3,4,6,8"));
        assert_eq!(after(20, &[1], 7), command("--threads 1,2,3,4,6,8,12,16"));
    }

    #[test]
    fn on_two_cores_nothing_helps_whatever_was_measured() {
        for threads in [&[1, 2][..], &[1, 2, 3, 4, 6, 8]] {
            let WhatToDo::NotHere(reason) = after(2, threads, 25) else { panic!("{threads:?}") };
            assert!(reason.contains("2 cores") && !reason.contains("--threads"), "{reason}");
        }
    }

    #[test]
    fn what_was_followed_is_not_advised_again() {
        for cores in [4, 6, 8, 64] {
            let text = thread_list(cores);
            let threads: Vec<usize> = text.split(',').map(|it| it.parse().unwrap()).collect();
            assert_eq!(after(cores, &threads, 7), WhatToDo::Nothing, "{cores}");
            let expected = command(&format!("--profile quick --threads {text}"));
            assert_eq!(after(cores, &threads, 3), expected, "three rounds are too few");
        }
    }
}
