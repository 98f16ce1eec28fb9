//! What others take of the processors: hypervisors, and threads that want the same ones.

use crate::files::Files;

/// The time that a hypervisor gave to others, from one moment on.
#[derive(Clone, Debug)]
pub struct StolenTime {
    /// The files to look at.
    files: Files,
    /// The counts at that moment; none where the system does not tell.
    begin: Option<Ticks>,
}

impl StolenTime {
    /// Counts from now on.
    #[must_use]
    pub fn begin() -> Self {
        Self::begin_with(Files::system())
    }

    fn begin_with(files: Files) -> Self {
        let begin = Ticks::read(&files);
        Self { files, begin }
    }

    /// The part of all processors' time since the beginning, idle time included, that the
    /// hypervisor gave to others; between 0 and 1. `None` where the system does not tell, or no
    /// tick has passed.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let (begin, end) = (self.begin?, Ticks::read(&self.files)?);
        // Idle time has been seen to run backwards; what is left is then not to be trusted.
        let all = end.all.checked_sub(begin.all).filter(|ticks| *ticks > 0)?;
        let stolen = end.stolen.checked_sub(begin.stolen)?;
        Some((stolen as f64 / all as f64).min(1.0))
    }
}

/// The part of the last ten seconds in which some thread of the machine waited for a processor;
/// `None` where the system does not tell.
#[must_use]
pub fn pressure_share() -> Option<f64> {
    pressure_of(&Files::system().text("/proc/pressure/cpu")?)
}

/// What all processors have done, in the system's ticks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Ticks {
    /// In all.
    all: u64,
    /// Given to others by the hypervisor.
    stolen: u64,
}

/// The fields of a line of `/proc/stat` that make up its time: user, nice, system, idle, iowait,
/// irq, softirq and steal. The two after them are guests' and are in user and nice already.
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
        Some(Self { all: fields.iter().sum(), stolen: fields[FIELDS - 1] })
    }
}

/// Reads `/proc/pressure/cpu`: of its line on some threads, the percentage over ten seconds.
fn pressure_of(text: &str) -> Option<f64> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let percent = some.split_whitespace().find_map(|field| field.strip_prefix("avg10="))?;
    let share = percent.parse::<f64>().ok()? / 100.0;
    (0.0..=1.0).contains(&share).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::made_up::MadeUp;

    #[test]
    fn the_share_is_of_all_time_since_the_beginning() {
        let system =
            MadeUp::new(&[("/proc/stat", "cpu  100 0 50 800 0 0 0 50 40 40\ncpu0 1 1 1 1\n")]);
        let stolen = StolenTime::begin_with(system.files());
        assert_eq!(stolen.share(), None, "no time has passed");
        system.write("/proc/stat", "cpu  130 0 60 850 0 0 0 60 90 90\n");
        assert_eq!(stolen.share(), Some(0.1));
        system.write("/proc/stat", "cpu  130 0 60 500 0 0 0 60 90 90\n");
        assert_eq!(stolen.share(), None, "time ran backwards");
    }

    #[test]
    fn what_is_not_told_is_none() {
        let system = MadeUp::new(&[]);
        assert_eq!(StolenTime::begin_with(system.files()).share(), None);
        for text in ["", "cpu0 1 2 3 4 5 6 7 8\n", "cpu  1 2 3\n", "cpu  1 2 3 x 5 6 7 8\n"] {
            assert_eq!(Ticks::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn pressure_is_that_of_some_threads_over_ten_seconds() {
        let text = "some avg10=1.75 avg60=1.17 avg300=1.93 total=5\n\
                    full avg10=9.00 avg60=0.00 avg300=0.00 total=0\n";
        assert_eq!(pressure_of(text), Some(0.0175));
        for text in ["", "full avg10=9.00\n", "some avg60=1.00\n", "some avg10=nan\n"] {
            assert_eq!(pressure_of(text), None, "{text:?}");
        }
    }
}
