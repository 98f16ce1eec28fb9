//! The matrix and the budget of each profile, and the schedule that fits a budget.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use shardproof_base::Profile;

use crate::MeasureSubject;
use crate::plan::{MatrixFile, MatrixFileError};

/// The matrix of a profile.
///
/// # Errors
/// If one of its subjects is not among the known ones. A test parses all four files.
pub fn matrix(profile: Profile, known: &[MeasureSubject]) -> Result<MatrixFile, MatrixFileError> {
    let (name, text) = match profile {
        Profile::Smoke => ("smoke.toml", include_str!("../matrices/smoke.toml")),
        Profile::Quick => ("quick.toml", include_str!("../matrices/quick.toml")),
        Profile::Ci => ("ci.toml", include_str!("../matrices/ci.toml")),
        Profile::Full => ("full.toml", include_str!("../matrices/full.toml")),
    };
    MatrixFile::parse(Path::new(name), text, known)
}

/// The budget of a profile.
#[must_use]
pub const fn budget(profile: Profile) -> Budget {
    let ms = Duration::from_millis;
    match profile {
        Profile::Smoke => Budget {
            matrix: ms(5_000),
            rounds: (3, 3),
            slice: (ms(8), ms(8)),
            latency_rounds: 3,
            latency_slice: ms(8),
            open_slice: ms(50),
            search_slice: ms(20),
            snapshot_pass: ms(20),
            snapshot_keys: &[1_000, 1_000_000],
            snapshot_ages: &[0, 1, 4, 16],
            pairs: 5,
            pair_slice: ms(4),
        },
        Profile::Quick => Budget {
            matrix: ms(85_000),
            rounds: (7, 25),
            slice: (ms(8), ms(50)),
            latency_rounds: 7,
            latency_slice: ms(20),
            open_slice: ms(200),
            search_slice: ms(50),
            snapshot_pass: ms(200),
            snapshot_keys: &[1_000, 1_000_000],
            snapshot_ages: &[0, 1, 4, 16],
            pairs: 15,
            pair_slice: ms(15),
        },
        Profile::Ci => Budget {
            matrix: ms(300_000),
            rounds: (11, 51),
            slice: (ms(8), ms(50)),
            latency_rounds: 11,
            latency_slice: ms(30),
            open_slice: ms(300),
            search_slice: ms(100),
            snapshot_pass: ms(300),
            snapshot_keys: &[1_000, 10_000, 100_000, 1_000_000],
            snapshot_ages: &[0, 1, 4, 16],
            pairs: 25,
            pair_slice: ms(15),
        },
        Profile::Full => Budget {
            matrix: ms(600_000),
            rounds: (15, 31),
            slice: (ms(8), ms(100)),
            latency_rounds: 11,
            latency_slice: ms(50),
            open_slice: ms(300),
            search_slice: ms(200),
            snapshot_pass: ms(1_000),
            snapshot_keys: &[1_000, 10_000, 100_000, 1_000_000],
            snapshot_ages: &[0, 1, 4, 16, 64],
            pairs: 51,
            pair_slice: ms(30),
        },
    }
}

/// How much time a profile may spend. Ranges are (minimum, maximum).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// Time for the throughput of the matrix, set-up included.
    pub matrix: Duration,
    /// Rounds of throughput.
    pub rounds: (usize, usize),
    /// The time of one cell in one round of throughput.
    pub slice: (Duration, Duration),
    /// Rounds of latency.
    pub latency_rounds: usize,
    /// The time of one cell in one round of latency, in a closed loop.
    pub latency_slice: Duration,
    /// The time of one cell in one round of latency, in an open loop.
    pub open_slice: Duration,
    /// The time of one attempt in a search for the highest rate.
    pub search_slice: Duration,
    /// The time of each of the two passes of a snapshot measurement.
    pub snapshot_pass: Duration,
    /// The store sizes at which taking a snapshot is measured, in keys, ascending.
    pub snapshot_keys: &'static [usize],
    /// The ages at which a held snapshot is measured, in overwrites per key, ascending.
    pub snapshot_ages: &'static [u64],
    /// Pairs per comparison of operations.
    pub pairs: usize,
    /// The time of each half of a pair.
    pub pair_slice: Duration,
}

/// How often and how long each cell of the matrix runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Schedule {
    /// Rounds over all cells.
    pub rounds: usize,
    /// The time of one cell in one round.
    pub slice: Duration,
}

impl Budget {
    /// The most rounds, and then the longest slices, that fit in `time`, where `set_up` is the time
    /// per round to set up all `cells` cells. Never less than the minimum, even if that does not
    /// fit.
    #[must_use]
    pub fn schedule(&self, cells: usize, time: Duration, set_up: Duration) -> Schedule {
        let cells = u32::try_from(cells.max(1)).unwrap_or(u32::MAX);
        let ((rounds_min, rounds_max), (slice_min, slice_max)) = (self.rounds, self.slice);
        let shortest_round_s = (set_up + slice_min * cells).as_secs_f64();
        let rounds_that_fit = (time.as_secs_f64() / shortest_round_s) as usize;
        // With an odd number of rounds, the median is an observed value.
        let rounds = rounds_that_fit.clamp(rounds_min, rounds_max).saturating_sub(1) | 1;
        let round = time.div_f64(rounds as f64);
        let slice = round.saturating_sub(set_up) / cells;
        Schedule { rounds, slice: slice.clamp(slice_min, slice_max) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_first_adds_rounds_and_then_lengthens_slices() {
        let schedule = budget(Profile::Quick).schedule(
            96,
            Duration::from_secs(96),
            Duration::from_millis(960),
        );
        assert_eq!(schedule.rounds, 25);
        // 96 s / 25 rounds - 0.96 s of set-up leaves 2.88 s for 96 slices.
        assert_eq!(schedule.slice, Duration::from_millis(30));
    }

    #[test]
    fn too_little_time_gives_the_minimum() {
        let schedule =
            budget(Profile::Quick).schedule(10_000, Duration::from_secs(1), Duration::from_secs(9));
        assert_eq!((schedule.rounds, schedule.slice), (7, Duration::from_millis(8)));
    }

    #[test]
    fn a_schedule_never_exceeds_the_maximum() {
        let schedule = budget(Profile::Quick).schedule(1, Duration::from_secs(90), Duration::ZERO);
        assert_eq!((schedule.rounds, schedule.slice), (25, Duration::from_millis(50)));
    }
}
