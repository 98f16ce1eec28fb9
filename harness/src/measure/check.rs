//! Whether a subject's answers are right, as one worker can tell from the values it finds.
//!
//! It is recorded here, and judged elsewhere: what a failed check is worth is not for a collector
//! to say.

use std::fmt;

use sharded_store::{RunId, Value};

use crate::evidence::Checks;
use crate::workload::{Origin, Sample, Stream};

/// What one worker checks, and what came of it.
pub(crate) struct Checker {
    /// The worker's number.
    thread: u32,
    /// The run it works in.
    run: RunId,
    /// By number of thread, whether this worker may find what that one has written.
    authors: Vec<bool>,
    /// Writes that each thread made before any began with its stream: number `i + 1` to key `i`.
    filled: u64,
    /// The number of the newest write found under load, by slot of the sample and then by author.
    newest_seen: Vec<u64>,
    /// What came of it so far.
    checks: Checks,
}

impl Checker {
    /// For worker number `thread` in `run`, filled with `keys` keys, where `stream` says which are
    /// checked under load.
    pub(crate) fn new(
        (thread, run): (u32, RunId),
        authors: Vec<bool>,
        keys: usize,
        stream: &Stream,
    ) -> Self {
        let slots = stream.samples().iter().map(|sample| sample.slot as usize + 1).max();
        let newest_seen = vec![0; slots.unwrap_or(0) * authors.len()];
        let checks = Checks::default();
        Self { thread, run, authors, filled: keys as u64, newest_seen, checks }
    }

    /// What came of it.
    pub(crate) fn into_checks(self) -> Checks {
        self.checks
    }

    /// Whether this worker is the first of those whose writes it may find.
    pub(crate) fn is_first(&self) -> bool {
        self.authors.iter().position(|is_author| *is_author) == Some(self.thread as usize)
    }

    /// The worker's last write to each key once it has run `operations` operations of `stream`.
    pub(crate) fn last_writes(&self, stream: &Stream, operations: u64) -> Vec<u64> {
        let puts = stream.last_puts(operations, self.filled as usize);
        let number = |(put, fill)| if put == 0 { fill } else { self.filled + put };
        puts.into_iter().zip(1..).map(number).collect()
    }

    /// Checks what a sampled get has found when the worker had made `written` writes.
    // Not inlined: the timed loop is to be what it would be without.
    #[inline(never)]
    pub(crate) fn under_load(&mut self, sample: Sample, written: u64, found: Option<&Value>) {
        self.checks.checked += 1;
        if let Err(fault) = self.read_under_load(sample, written, found) {
            self.fail(format_args!("under load, key {} {fault}", sample.key));
        }
    }

    /// Checks what a get has found when nobody writes any more; `last_writes` are those of each
    /// thread to each key.
    pub(crate) fn at_rest<'a>(
        &mut self,
        key: u32,
        found: Option<&Value>,
        last_writes: impl Fn(u32) -> &'a [u64],
    ) {
        self.checks.checked += 1;
        if let Err(fault) = self.read_at_rest(key, found, last_writes) {
            self.fail(format_args!("at rest, key {key} {fault}"));
        }
    }

    /// Checks how many keys were listed at rest.
    pub(crate) fn listed(&mut self, count: usize) {
        self.checks.checked += 1;
        if count as u64 != self.filled {
            let filled = self.filled;
            self.fail(format_args!("at rest, {count} keys are listed, and not {filled}"));
        }
    }

    fn read_under_load(
        &mut self,
        sample: Sample,
        written: u64,
        found: Option<&Value>,
    ) -> Result<(), Fault> {
        let origin = self.origin(sample.key, found)?;
        let own_newest = sample
            .puts_ago
            .and_then(|puts_ago| written.checked_sub(u64::from(puts_ago)))
            .filter(|number| *number > self.filled)
            .unwrap_or(u64::from(sample.key) + 1);
        if origin.thread == self.thread {
            return if origin.number == own_newest {
                Ok(())
            } else {
                Err(Fault::NotTheLast { origin, last: own_newest })
            };
        }
        if origin.number <= self.filled && own_newest > self.filled {
            return Err(Fault::Filling(origin));
        }
        let place = sample.slot as usize * self.authors.len() + origin.thread as usize;
        let newest_seen = &mut self.newest_seen[place];
        if origin.number < *newest_seen {
            return Err(Fault::WentBack { origin, seen: *newest_seen });
        }
        *newest_seen = origin.number;
        Ok(())
    }

    fn read_at_rest<'a>(
        &self,
        key: u32,
        found: Option<&Value>,
        last_writes: impl Fn(u32) -> &'a [u64],
    ) -> Result<(), Fault> {
        let origin = self.origin(key, found)?;
        let last_of = |thread| last_writes(thread)[key as usize];
        let last = last_of(origin.thread);
        if origin.number != last {
            return Err(Fault::NotTheLast { origin, last });
        }
        let mut authors = (0..).zip(&self.authors).filter(|(_, is_author)| **is_author);
        if last <= self.filled && authors.any(|(thread, _)| last_of(thread) > self.filled) {
            return Err(Fault::Filling(origin));
        }
        Ok(())
    }

    /// What a value says about itself, if it may be found at this key at all.
    fn origin(&self, key: u32, found: Option<&Value>) -> Result<Origin, Fault> {
        let value = found.ok_or(Fault::Absent)?;
        let origin = Origin::of(value).ok_or_else(|| Fault::Broken { bytes: value.len() })?;
        if origin.run != self.run {
            return Err(Fault::OtherRun(origin));
        }
        if origin.key != key {
            return Err(Fault::OtherKey(origin));
        }
        match self.authors.get(origin.thread as usize) {
            Some(true) => Ok(origin),
            _ => Err(Fault::Stranger(origin)),
        }
    }

    #[cold]
    fn fail(&mut self, what: fmt::Arguments<'_>) {
        self.checks.failed += 1;
        let thread = self.thread;
        self.checks.first_failure.get_or_insert_with(|| format!("thread {thread}: {what}"));
    }
}

/// What is wrong with what was found at a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// Nothing was found.
    Absent,
    /// What was found is no value that was ever written.
    Broken {
        /// How long it is.
        bytes: usize,
    },
    /// It was written to another run.
    OtherRun(Origin),
    /// It was written to another key.
    OtherKey(Origin),
    /// It was written by a thread whose writes cannot be here.
    Stranger(Origin),
    /// Its writer's last write to the key is another one.
    NotTheLast {
        /// The write that was found.
        origin: Origin,
        /// The number of the last one.
        last: u64,
    },
    /// It was there before the streams began, and has been overwritten since.
    Filling(Origin),
    /// A newer write of the same writer had been found before.
    WentBack {
        /// The write that was found.
        origin: Origin,
        /// The number of the one before.
        seen: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("is not found"),
            Self::Broken { bytes } => {
                write!(f, "holds {bytes} bytes that nobody has written: torn, or invented")
            }
            Self::OtherRun(Origin { run, .. }) => write!(f, "holds a value of run {run}"),
            Self::OtherKey(Origin { key, .. }) => write!(f, "holds the value of key {key}"),
            Self::Stranger(Origin { thread, .. }) => {
                write!(f, "holds a value of thread {thread}, whose writes cannot be here")
            }
            Self::NotTheLast { origin: Origin { number, thread, .. }, last } => {
                write!(f, "holds write {number} of thread {thread}, whose last to it is {last}")
            }
            Self::Filling(Origin { thread, .. }) => {
                write!(f, "holds what thread {thread} filled it with, and was overwritten since")
            }
            Self::WentBack { origin: Origin { number, thread, .. }, seen } => {
                write!(f, "goes back to write {number} of thread {thread} from write {seen}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{KeySet, Mix, Writer};

    const RUN: RunId = RunId::from_u128(1 << 64 | 2);
    /// Keys that were filled.
    const KEYS: usize = 10;
    /// What is read under load: key 3, which this worker has put as its last write but one.
    const SAMPLE: Sample = Sample { key: 3, slot: 0, puts_ago: Some(1) };

    /// The checker of worker 1 of three, of which the last works elsewhere.
    fn checker() -> Checker {
        let stream = Stream::new(1, Mix::with_puts(50), 1, &KeySet::new(KEYS));
        Checker::new((1, RUN), vec![true, true, false], KEYS, &stream)
    }

    /// Write number `number` of a thread, to key 3.
    fn write(thread: u32, number: u64) -> Value {
        let mut writer = Writer::new(RUN, thread);
        while writer.written() + 1 < number {
            writer.seal(0);
        }
        writer.seal(3)
    }

    /// Why the last of `found` is wrong; the others are not. The worker has made 20 writes.
    fn failure(found: &[Value]) -> Option<String> {
        let mut checker = checker();
        let (last, before) = found.split_last().unwrap();
        for value in before {
            checker.under_load(SAMPLE, 20, Some(value));
        }
        assert_eq!(checker.checks.failed, 0, "{:?}", checker.checks.first_failure);
        checker.under_load(SAMPLE, 20, Some(last));
        assert_eq!(checker.checks.checked, found.len() as u64);
        checker.into_checks().first_failure
    }

    #[test]
    fn a_worker_finds_its_own_last_put_and_no_other_of_its_own() {
        assert_eq!(failure(&[write(1, 19)]), None);
        for number in [4, 18, 20, 21] {
            let failure = failure(&[write(1, number)]).unwrap();
            assert!(failure.ends_with("thread 1, whose last to it is 19"), "{failure}");
        }
    }

    #[test]
    fn a_key_that_its_worker_does_not_put_holds_what_it_was_filled_with() {
        for puts_ago in [None, Some(10), Some(100)] {
            let mut checker = checker();
            checker.under_load(Sample { puts_ago, ..SAMPLE }, 20, Some(&write(1, 4)));
            checker.under_load(Sample { puts_ago, ..SAMPLE }, 20, Some(&write(0, 4)));
            assert_eq!(checker.checks.failed, 0, "{puts_ago:?}: {:?}", checker.checks);
        }
    }

    #[test]
    fn what_another_has_written_may_be_found_and_never_goes_back() {
        assert_eq!(failure(&[write(0, 11), write(1, 19), write(0, 12), write(0, 12)]), None);
        let failure = failure(&[write(0, 13), write(1, 19), write(0, 12)]).unwrap();
        assert!(failure.ends_with("goes back to write 12 of thread 0 from write 13"), "{failure}");
    }

    #[test]
    fn what_was_overwritten_and_what_cannot_be_here_is_noticed() {
        let filling = failure(&[write(0, 4)]).unwrap();
        assert!(filling.contains("what thread 0 filled it with"), "{filling}");
        let elsewhere = failure(&[write(2, 12)]).unwrap();
        assert!(elsewhere.contains("thread 2, whose writes cannot be here"), "{elsewhere}");
        let nobody = failure(&[write(7, 12)]).unwrap();
        assert!(nobody.contains("thread 7, whose writes cannot be here"), "{nobody}");
        let other_run = Writer::new(RunId::from_u128(5), 1).seal(3);
        let other_run = failure(&[other_run]).unwrap();
        assert!(other_run.contains("holds a value of run"), "{other_run}");
        let other_key = failure(&[Writer::new(RUN, 1).seal(4)]).unwrap();
        assert!(other_key.ends_with("key 3 holds the value of key 4"), "{other_key}");
    }

    #[test]
    fn at_rest_a_key_holds_the_last_write_of_somebody() {
        let last = [vec![13; KEYS], vec![4; KEYS], vec![99; KEYS]];
        let fails = |found: Option<&Value>| {
            let mut checker = checker();
            checker.at_rest(3, found, |thread| last[thread as usize].as_slice());
            checker.into_checks().first_failure
        };
        assert_eq!(fails(Some(&write(0, 13))), None);
        assert!(fails(Some(&write(0, 12))).unwrap().ends_with("whose last to it is 13"));
        // Worker 1 has put nothing here, but worker 0 has overwritten what it filled it with.
        assert!(fails(Some(&write(1, 4))).unwrap().contains("what thread 1 filled it with"));
        assert!(fails(None).unwrap().contains("is not found"));
    }
}
