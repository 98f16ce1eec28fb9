//! How much work each executor does under each profile.
//!
//! What is asked for is counted, not timed, so that a search that ends did the same on any machine; the times
//! are caps that a slow machine may meet, and are then reported as such.

use std::time::Duration;

use shardproof_base::Profile;

use crate::execute::{Executor, Limits};
use crate::generate::{Mix, Shape};
use crate::search::Effort;

/// One thread, and a few that follow one another.
const IN_TURN: &[Shape] = &[
    Shape { setup: 0, threads: 1, ops: 60, runs: 3, keys: 12, mix: Mix::Even },
    Shape { setup: 0, threads: 1, ops: 150, runs: 2, keys: 40, mix: Mix::Upheaval },
    Shape { setup: 10, threads: 3, ops: 20, runs: 2, keys: 5, mix: Mix::Even },
    Shape { setup: 0, threads: 1, ops: 400, runs: 3, keys: 300, mix: Mix::Even },
];

/// Three threads of two operations: what loom can do whole.
const TINY: &[Shape] = &[
    Shape { setup: 3, threads: 3, ops: 2, runs: 2, keys: 2, mix: Mix::Even },
    Shape { setup: 8, threads: 2, ops: 2, runs: 2, keys: 9, mix: Mix::Upheaval },
    Shape { setup: 4, threads: 2, ops: 3, runs: 1, keys: 2, mix: Mix::Even },
];

/// Three threads with a little to do.
const SMALL: &[Shape] = &[
    Shape { setup: 6, threads: 3, ops: 5, runs: 2, keys: 3, mix: Mix::Even },
    Shape { setup: 12, threads: 3, ops: 6, runs: 2, keys: 10, mix: Mix::Upheaval },
    Shape { setup: 4, threads: 2, ops: 12, runs: 2, keys: 4, mix: Mix::Even },
];

/// As many threads as a small machine has cores, and one more.
const TIGHT: &[Shape] = &[
    Shape { setup: 4, threads: 2, ops: 3, runs: 1, keys: 2, mix: Mix::Even },
    Shape { setup: 10, threads: 2, ops: 4, runs: 2, keys: 9, mix: Mix::Upheaval },
    Shape { setup: 4, threads: 3, ops: 3, runs: 2, keys: 3, mix: Mix::Even },
];

/// Long programs: many reads beside many writes, and everything at once.
const LONG: &[Shape] = &[
    Shape { setup: 30, threads: 3, ops: 250, runs: 2, keys: 12, mix: Mix::Even },
    Shape { setup: 50, threads: 2, ops: 30_000, runs: 2, keys: 200, mix: Mix::Long },
    Shape { setup: 50, threads: 4, ops: 1_500, runs: 3, keys: 24, mix: Mix::Even },
    Shape { setup: 50, threads: 3, ops: 1_500, runs: 2, keys: 60, mix: Mix::Upheaval },
    Shape { setup: 50, threads: 4, ops: 15_000, runs: 4, keys: 1_000, mix: Mix::Long },
];

/// What one executor does under a profile for each subject.
#[must_use]
pub fn effort(profile: Profile, executor: Executor) -> Effort {
    let (factor, time) = match profile {
        Profile::Smoke => (1, Duration::from_secs(10)),
        Profile::Quick => (6, Duration::from_secs(30)),
        Profile::Ci => (18, Duration::from_secs(90)),
        Profile::Full => (120, Duration::from_secs(900)),
    };
    let shrinking = Duration::from_secs(5);
    let plan = |programs: u64, shapes, executions: u64, catalogued: Option<u64>| Effort {
        catalogue: catalogued.map(|executions| limits(executions, time, Some(2))),
        programs: programs * factor,
        shapes,
        random: limits(executions, time, Some(2)),
        time,
        shrinking,
    };
    match executor {
        Executor::Sequential => plan(120, IN_TURN, 1, Some(1)),
        Executor::Loom => {
            let preemptions = if profile == Profile::Full { Some(3) } else { Some(2) };
            let catalogue = limits(u64::MAX, time, preemptions);
            Effort { catalogue: Some(catalogue), ..plan(14, TINY, u64::MAX, None) }
        }
        Executor::Shuttle => plan(30, SMALL, 60, Some(60 * factor)),
        Executor::Pct => plan(30, SMALL, 60, Some(60 * factor)),
        Executor::Litmus => plan(8, TIGHT, 1_000, Some(128 * factor)),
        Executor::Stress => plan(4, LONG, 1, None),
    }
}

/// What one executor may spend on running one saved program again.
#[must_use]
pub fn replaying_effort(profile: Profile, executor: Executor) -> Effort {
    let effort = effort(profile, executor);
    let executions = match executor {
        Executor::Sequential => 1,
        Executor::Loom => u64::MAX,
        Executor::Shuttle | Executor::Pct => 10_000,
        Executor::Litmus => 50_000,
        Executor::Stress => 100,
    };
    let catalogue = Some(limits(executions, effort.time, None));
    Effort { catalogue, programs: 0, ..effort }
}

/// What one executor may spend on hunting one seeded fault. Those that nothing finds get [`SECOND_CHANCE`] times
/// as much.
#[must_use]
pub fn hunting_effort(executor: Executor) -> Effort {
    let time = Duration::from_millis(900);
    let plan = |programs, shapes, executions, catalogued: Option<u64>| Effort {
        catalogue: catalogued.map(|executions| limits(executions, time, Some(2))),
        programs,
        shapes,
        random: limits(executions, time, Some(2)),
        time,
        shrinking: Duration::from_millis(600),
    };
    match executor {
        Executor::Sequential => plan(300, IN_TURN, 1, Some(1)),
        Executor::Loom => plan(60, TINY, 20_000, Some(20_000)),
        Executor::Shuttle | Executor::Pct => plan(200, SMALL, 40, Some(60)),
        Executor::Litmus => plan(60, TIGHT, 256, Some(128)),
        Executor::Stress => plan(30, LONG, 1, None),
    }
}

/// How much more time a fault gets that nothing has found.
pub const SECOND_CHANCE: u32 = 12;

/// The same effort with more of everything.
#[must_use]
pub fn longer(effort: Effort, factor: u32) -> Effort {
    let more = |limits: Limits| Limits {
        executions: limits.executions.saturating_mul(u64::from(factor)),
        time: limits.time * factor,
        ..limits
    };
    Effort {
        catalogue: effort.catalogue.map(more),
        programs: effort.programs * u64::from(factor),
        random: more(effort.random),
        time: effort.time * factor,
        ..effort
    }
}

const fn limits(executions: u64, time: Duration, preemptions: Option<usize>) -> Limits {
    Limits { executions, time, preemptions }
}
