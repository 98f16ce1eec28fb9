//! How much work each executor does in each profile.
//!
//! Work is counted, not timed, so that a finished search did the same work on any machine. Times
//! are caps; a search that reaches one reports it.

use std::time::Duration;

use shardproof_base::Profile;

use crate::execute::{Executor, Limits};
use crate::generate::{Mix, Shape};
use crate::search::{Goal, SearchBudget};

/// One thread, or a few that run one after another.
const SEQUENTIAL: &[Shape] = &[
    Shape { setup: 0, threads: 1, ops: 60, runs: 3, keys: 12, mix: Mix::Even },
    Shape { setup: 0, threads: 1, ops: 150, runs: 2, keys: 40, mix: Mix::Upheaval },
    Shape { setup: 10, threads: 3, ops: 20, runs: 2, keys: 5, mix: Mix::Even },
    Shape { setup: 0, threads: 1, ops: 400, runs: 3, keys: 300, mix: Mix::Even },
];

/// Three threads of two operations: loom can explore these completely.
const TINY: &[Shape] = &[
    Shape { setup: 3, threads: 3, ops: 2, runs: 2, keys: 2, mix: Mix::Even },
    Shape { setup: 8, threads: 2, ops: 2, runs: 2, keys: 9, mix: Mix::Upheaval },
    Shape { setup: 4, threads: 2, ops: 3, runs: 1, keys: 2, mix: Mix::Even },
];

/// Three threads with a few operations.
const SMALL: &[Shape] = &[
    Shape { setup: 6, threads: 3, ops: 5, runs: 2, keys: 3, mix: Mix::Even },
    Shape { setup: 12, threads: 3, ops: 6, runs: 2, keys: 10, mix: Mix::Upheaval },
    Shape { setup: 4, threads: 2, ops: 12, runs: 2, keys: 4, mix: Mix::Even },
    COLLECTING,
];

/// Two threads that open snapshots, write and collect: a store that collects only when told to
/// drops nothing in other programs.
const COLLECTING: Shape =
    Shape { setup: 3, threads: 2, ops: 4, runs: 1, keys: 2, mix: Mix::Collecting };

/// As many threads as a small machine has cores, or one more.
const TIGHT: &[Shape] = &[
    Shape { setup: 4, threads: 2, ops: 3, runs: 1, keys: 2, mix: Mix::Even },
    Shape { setup: 10, threads: 2, ops: 4, runs: 2, keys: 9, mix: Mix::Upheaval },
    Shape { setup: 4, threads: 3, ops: 3, runs: 2, keys: 3, mix: Mix::Even },
    COLLECTING,
];

/// Many snapshots beside write sets of one run: two threads on two cores overlap most.
const SETS: Shape = Shape { setup: 10, threads: 2, ops: 3_000, runs: 1, keys: 8, mix: Mix::Sets };

/// Long programs: many reads beside many writes, all kinds of operations at once, and many
/// snapshots beside write sets, which take little time and come often.
const LONG: &[Shape] = &[
    Shape { setup: 30, threads: 3, ops: 250, runs: 2, keys: 12, mix: Mix::Even },
    SETS,
    Shape { setup: 50, threads: 2, ops: 30_000, runs: 2, keys: 200, mix: Mix::Long },
    Shape { threads: 3, runs: 2, ..SETS },
    Shape { setup: 50, threads: 4, ops: 1_500, runs: 3, keys: 24, mix: Mix::Even },
    Shape { setup: 50, threads: 3, ops: 1_500, runs: 2, keys: 60, mix: Mix::Upheaval },
    SETS,
    Shape { setup: 50, threads: 4, ops: 15_000, runs: 4, keys: 1_000, mix: Mix::Long },
];

/// The factor on the litmus executor's work where a snapshot opens beside a collection, except in the
/// profile `smoke`.
const COLLECTING_FACTOR: u64 = 20;

/// The budget of one executor in a profile, for each subject.
#[must_use]
pub fn budget(profile: Profile, executor: Executor) -> SearchBudget {
    let (factor, time) = match profile {
        Profile::Smoke => (1, Duration::from_secs(10)),
        Profile::Quick => (6, Duration::from_secs(30)),
        Profile::Ci => (18, Duration::from_secs(90)),
        Profile::Full => (120, Duration::from_secs(900)),
    };
    let shrinking = Duration::from_secs(5);
    let budget_of =
        |programs: u64, shapes, executions: u64, catalogued: Option<u64>| SearchBudget {
            catalogue: catalogued.map(|executions| limits(executions, time, Some(2))),
            collecting_factor: 1,
            programs: programs * factor,
            shapes,
            random: limits(executions, time, Some(2)),
            time,
            shrinking,
            goal: Goal::EveryProperty,
        };
    match executor {
        Executor::Sequential => budget_of(120, SEQUENTIAL, 1, Some(1)),
        Executor::Loom => {
            let preemptions = if profile == Profile::Full { Some(3) } else { Some(2) };
            let catalogue = limits(u64::MAX, time, preemptions);
            SearchBudget { catalogue: Some(catalogue), ..budget_of(14, TINY, u64::MAX, None) }
        }
        Executor::Shuttle => budget_of(30, SMALL, 60, Some(60 * factor)),
        Executor::Pct => budget_of(30, SMALL, 60, Some(60 * factor)),
        Executor::Litmus => {
            let budget = budget_of(8, TIGHT, 1_000, Some(128 * factor));
            let collecting_factor = if profile == Profile::Smoke { 1 } else { COLLECTING_FACTOR };
            SearchBudget { collecting_factor, ..budget }
        }
        Executor::Stress => budget_of(6, LONG, 1, None),
    }
}

/// The budget of one executor for replaying a saved program.
#[must_use]
pub fn replay_budget(profile: Profile, executor: Executor) -> SearchBudget {
    let budget = budget(profile, executor);
    let executions = match executor {
        Executor::Sequential => 1,
        Executor::Loom => u64::MAX,
        Executor::Shuttle | Executor::Pct => 10_000,
        Executor::Litmus => 50_000,
        Executor::Stress => 100,
    };
    let catalogue = Some(limits(executions, budget.time, None));
    SearchBudget { catalogue, collecting_factor: 1, programs: 0, ..budget }
}

/// The budget of one executor for hunting one seeded fault. Faults that no executor finds are
/// retried with [`RETRY_FACTOR`] times as much.
#[must_use]
pub fn hunt_budget(executor: Executor) -> SearchBudget {
    let time = Duration::from_millis(900);
    let budget_of = |programs, shapes, executions, catalogued: Option<u64>| SearchBudget {
        catalogue: catalogued.map(|executions| limits(executions, time, Some(2))),
        collecting_factor: 1,
        programs,
        shapes,
        random: limits(executions, time, Some(2)),
        time,
        shrinking: Duration::from_millis(600),
        goal: Goal::FirstFinding,
    };
    match executor {
        Executor::Sequential => budget_of(300, SEQUENTIAL, 1, Some(1)),
        Executor::Loom => budget_of(60, TINY, 20_000, Some(20_000)),
        Executor::Shuttle | Executor::Pct => budget_of(200, SMALL, 40, Some(60)),
        Executor::Litmus => budget_of(60, TIGHT, 256, Some(128)),
        Executor::Stress => budget_of(30, LONG, 1, None),
    }
}

/// The factor on the budget when a fault is hunted again.
pub const RETRY_FACTOR: u32 = 12;

/// The same budget, times a factor.
#[must_use]
pub fn scaled(budget: SearchBudget, factor: u32) -> SearchBudget {
    let more = |limits: Limits| Limits {
        executions: limits.executions.saturating_mul(u64::from(factor)),
        time: limits.time * factor,
        ..limits
    };
    SearchBudget {
        catalogue: budget.catalogue.map(more),
        programs: budget.programs * u64::from(factor),
        random: more(budget.random),
        time: budget.time * factor,
        ..budget
    }
}

const fn limits(executions: u64, time: Duration, preemptions: Option<usize>) -> Limits {
    Limits { executions, time, preemptions }
}
