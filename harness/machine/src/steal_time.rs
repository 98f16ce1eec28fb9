//! Processor time lost to others: steal time, and pressure from other threads.

use crate::files::Files;

/// Measures steal time: the time that the hypervisor gave to other guests.
#[derive(Clone, Debug)]
pub struct StealTime {
    /// The system files.
    files: Files,
    /// The counts at the start; `None` if the system does not report them.
    begin: Option<Ticks>,
}

impl StealTime {
    /// Starts measuring.
    #[must_use]
    pub fn begin() -> Self {
        Self::begin_with(Files::system())
    }

    fn begin_with(files: Files) -> Self {
        let begin = Ticks::read(&files);
        Self { files, begin }
    }

    /// The share of all processors' time since the start, idle time included, that was stolen;
    /// between 0 and 1. `None` if the system does not report it, or no tick has passed.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let (begin, end) = (self.begin?, Ticks::read(&self.files)?);
        // Idle time has been seen to run backwards; then the counts cannot be trusted.
        let all = end.all.checked_sub(begin.all).filter(|ticks| *ticks > 0)?;
        let steal = end.steal.checked_sub(begin.steal)?;
        Some((steal as f64 / all as f64).min(1.0))
    }
}

/// The share of the last ten seconds in which some thread waited for a processor; `None` if the
/// system does not report it.
#[must_use]
pub fn pressure_share() -> Option<f64> {
    pressure_of(&Files::system().text("/proc/pressure/cpu")?)
}

/// The time of all processors, in ticks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Ticks {
    /// Total time.
    all: u64,
    /// Steal time.
    steal: u64,
}

/// The fields in a line of `/proc/stat` that make up the total time: user, nice, system, idle,
/// iowait, irq, softirq and steal. The guest times after them are already part of user and nice.
const FIELDS: usize = 8;

impl Ticks {
    fn read(files: &Files) -> Option<Self> {
        Self::parse(&files.text("/proc/stat")?)
    }

    fn parse(text: &str) -> Option<Self> {
        let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let fields: Option<Vec<u64>> =
            line.split_whitespace().take(FIELDS).map(|field| field.parse().ok()).collect();
        let fields = fields.filter(|fields| fields.len() == FIELDS)?;
        Some(Self { all: fields.iter().sum(), steal: fields[FIELDS - 1] })
    }
}

/// Parses `/proc/pressure/cpu`: the ten-second average of the `some` line, as a share.
fn pressure_of(text: &str) -> Option<f64> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let percent = some.split_whitespace().find_map(|field| field.strip_prefix("avg10="))?;
    let share = percent.parse::<f64>().ok()? / 100.0;
    (0.0..=1.0).contains(&share).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::fake::FakeSystem;

    #[test]
    fn the_share_is_relative_to_the_total_time_since_the_start() {
        let system =
            FakeSystem::new(&[("/proc/stat", "cpu  100 0 50 800 0 0 0 50 40 40\ncpu0 1 1 1 1\n")]);
        let steal_time = StealTime::begin_with(system.files());
        assert_eq!(steal_time.share(), None, "no time has passed");
        system.write("/proc/stat", "cpu  130 0 60 850 0 0 0 60 90 90\n");
        assert_eq!(steal_time.share(), Some(0.1));
        system.write("/proc/stat", "cpu  130 0 60 500 0 0 0 60 90 90\n");
        assert_eq!(steal_time.share(), None, "time ran backwards");
    }

    #[test]
    fn missing_or_malformed_counts_are_none() {
        let system = FakeSystem::new(&[]);
        assert_eq!(StealTime::begin_with(system.files()).share(), None);
        for text in ["", "cpu0 1 2 3 4 5 6 7 8\n", "cpu  1 2 3\n", "cpu  1 2 3 x 5 6 7 8\n"] {
            assert_eq!(Ticks::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn pressure_is_the_ten_second_average_of_the_some_line() {
        let text = "some avg10=1.75 avg60=1.17 avg300=1.93 total=5\n\
                    full avg10=9.00 avg60=0.00 avg300=0.00 total=0\n";
        assert_eq!(pressure_of(text), Some(0.0175));
        for text in ["", "full avg10=9.00\n", "some avg60=1.00\n", "some avg10=nan\n"] {
            assert_eq!(pressure_of(text), None, "{text:?}");
        }
    }
}
