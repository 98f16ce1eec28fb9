//! What each profile measures, and how it becomes rounds and slices.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use shardproof_base::Profile;

use crate::plan::MatrixFile;

/// What it measures.
///
/// # Panics
/// Never: a test reads each of them.
#[must_use]
pub fn matrix(profile: Profile) -> MatrixFile {
    let (name, text) = match profile {
        Profile::Smoke => ("smoke.toml", include_str!("../matrices/smoke.toml")),
        Profile::Quick => ("quick.toml", include_str!("../matrices/quick.toml")),
        Profile::Ci => ("ci.toml", include_str!("../matrices/ci.toml")),
        Profile::Full => ("full.toml", include_str!("../matrices/full.toml")),
    };
    MatrixFile::parse(Path::new(name), text).expect("a matrix of ours is one")
}

/// What may be spent.
#[must_use]
pub const fn effort(profile: Profile) -> Effort {
    let ms = Duration::from_millis;
    match profile {
        Profile::Smoke => Effort {
            matrix: ms(5_000),
            rounds: (3, 3),
            slice: (ms(8), ms(8)),
            latency_rounds: 3,
            latency_slice: ms(8),
            open_slice: ms(50),
            search_slice: ms(20),
            point: ms(20),
            snapshot_keys: &[1_000, 1_000_000],
            snapshot_ages: &[0, 1, 4, 16],
            pairs: 5,
            pair_slice: ms(4),
        },
        Profile::Quick => Effort {
            matrix: ms(85_000),
            rounds: (7, 25),
            slice: (ms(8), ms(50)),
            latency_rounds: 7,
            latency_slice: ms(20),
            open_slice: ms(200),
            search_slice: ms(50),
            point: ms(200),
            snapshot_keys: &[1_000, 1_000_000],
            snapshot_ages: &[0, 1, 4, 16],
            pairs: 15,
            pair_slice: ms(15),
        },
        Profile::Ci => Effort {
            matrix: ms(300_000),
            rounds: (11, 51),
            slice: (ms(8), ms(50)),
            latency_rounds: 11,
            latency_slice: ms(30),
            open_slice: ms(300),
            search_slice: ms(100),
            point: ms(300),
            snapshot_keys: &[1_000, 10_000, 100_000, 1_000_000],
            snapshot_ages: &[0, 1, 4, 16],
            pairs: 25,
            pair_slice: ms(15),
        },
        Profile::Full => Effort {
            matrix: ms(600_000),
            rounds: (15, 31),
            slice: (ms(8), ms(100)),
            latency_rounds: 11,
            latency_slice: ms(50),
            open_slice: ms(300),
            search_slice: ms(200),
            point: ms(1_000),
            snapshot_keys: &[1_000, 10_000, 100_000, 1_000_000],
            snapshot_ages: &[0, 1, 4, 16, 64],
            pairs: 51,
            pair_slice: ms(30),
        },
    }
}

/// What a profile may spend. Ranges are (least, most).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effort {
    /// For the throughput of the matrix, set-up included.
    pub matrix: Duration,
    /// Rounds of the matrix.
    pub rounds: (usize, usize),
    /// One cell in one round.
    pub slice: (Duration, Duration),
    /// Rounds of the pass that measures latency.
    pub latency_rounds: usize,
    /// One cell in one round of it, in a closed loop.
    pub latency_slice: Duration,
    /// One cell in one round of it, in an open loop.
    pub open_slice: Duration,
    /// One try of a rate, when the highest is searched.
    pub search_slice: Duration,
    /// Each of the two passes of one snapshot measurement.
    pub point: Duration,
    /// Sizes of the store that taking a snapshot is measured at, in keys, ascending.
    pub snapshot_keys: &'static [usize],
    /// Ages that a held snapshot is looked at, in overwrites by the number of keys, ascending.
    pub snapshot_ages: &'static [u64],
    /// Pairs of each comparison of operations.
    pub pairs: usize,
    /// Each half of a pair.
    pub pair_slice: Duration,
}

/// How a matrix is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Schedule {
    /// Rounds over all cells.
    pub rounds: usize,
    /// One cell in one round.
    pub slice: Duration,
}

impl Effort {
    /// The most rounds, and then the longest slices, that fit in `budget` when setting `cells`
    /// cells up takes `set_up` per round. The least rounds and slices are run even if they do not
    /// fit.
    #[must_use]
    pub fn schedule(&self, cells: usize, budget: Duration, set_up: Duration) -> Schedule {
        let cells = u32::try_from(cells.max(1)).unwrap_or(u32::MAX);
        let ((rounds_min, rounds_max), (slice_min, slice_max)) = (self.rounds, self.slice);
        let shortest_round_s = (set_up + slice_min * cells).as_secs_f64();
        let fitting = (budget.as_secs_f64() / shortest_round_s) as usize;
        // An odd number of rounds has a median that was itself observed.
        let rounds = fitting.clamp(rounds_min, rounds_max).saturating_sub(1) | 1;
        let round = budget.div_f64(rounds as f64);
        let slice = round.saturating_sub(set_up) / cells;
        Schedule { rounds, slice: slice.clamp(slice_min, slice_max) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_fills_its_budget_with_rounds_first() {
        let schedule = effort(Profile::Quick).schedule(
            96,
            Duration::from_secs(96),
            Duration::from_millis(960),
        );
        assert_eq!(schedule.rounds, 25);
        // 96 s / 25 rounds - 0.96 s of set-up leaves 2.88 s for 96 slices.
        assert_eq!(schedule.slice, Duration::from_millis(30));
    }

    #[test]
    fn too_small_a_budget_gets_the_least_that_makes_sense() {
        let schedule =
            effort(Profile::Quick).schedule(10_000, Duration::from_secs(1), Duration::from_secs(9));
        assert_eq!((schedule.rounds, schedule.slice), (7, Duration::from_millis(8)));
    }

    #[test]
    fn a_large_budget_is_not_used_up_for_its_own_sake() {
        let schedule = effort(Profile::Quick).schedule(1, Duration::from_secs(90), Duration::ZERO);
        assert_eq!((schedule.rounds, schedule.slice), (25, Duration::from_millis(50)));
    }
}
