//! Checks a subject's answers: each worker checks the values that it reads, run by run.
//!
//! Failed checks are only recorded here; a collector does not judge them.
//!
//! One rule decides. A worker knows its own writes, and so its own last write to each key. A write
//! of another worker may replace it, but an older write of that worker must not come back.

#[cfg(test)]
mod tests;
mod wrong_answer;

use std::fmt;

use sharded_store::{RunId, Value};
use shardproof_evidence::Checks;
use shardproof_workload::{LastWrite, Origin, Sample, Stream};

use crate::check::wrong_answer::WrongAnswer;

/// The threads whose writes a worker may find in a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RunWriters {
    /// By thread, whether the worker may find its writes.
    pub(crate) is_writer: Vec<bool>,
    /// Whether any of them deletes keys.
    pub(crate) any_deletes: bool,
    /// Whether any of them except the worker itself deletes keys.
    pub(crate) others_delete: bool,
    /// Whether any of them inserts keys.
    pub(crate) any_inserts: bool,
}

/// Checks the answers that one worker gets from one run.
pub(crate) struct Checker {
    /// The worker's number.
    thread: u32,
    /// The run.
    run: RunId,
    /// Who writes to the run.
    writers: RunWriters,
    /// Writes of each writer before its stream began: number `i + 1` is to key `i`.
    filled: u64,
    /// The number of the newest write seen under load, by slot of the sample and then by writer.
    newest_seen: Vec<u64>,
    /// By key, the worker's last committed write in a transaction; empty if it runs none.
    committed: Vec<u64>,
    /// The results so far.
    checks: Checks,
}

/// One writer's last writes to a run, known when it has stopped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FinalWrites {
    /// By number of the key, its last write.
    pub(crate) by_key: Vec<LastWrite>,
    /// How many keys the writer has inserted.
    pub(crate) inserted: u32,
}

impl Checker {
    /// A checker for worker number `thread` in `run`, which is filled with `keys` keys. `stream`
    /// chooses the gets to check under load.
    pub(crate) fn new(
        (thread, run): (u32, RunId),
        writers: RunWriters,
        keys: usize,
        stream: &Stream,
    ) -> Self {
        let slots = stream.samples().iter().map(|sample| sample.slot as usize + 1).max();
        Self {
            thread,
            run,
            filled: keys as u64,
            newest_seen: vec![0; slots.unwrap_or(0) * writers.is_writer.len()],
            committed: Vec::new(),
            writers,
            checks: Checks::default(),
        }
    }

    /// The results.
    pub(crate) fn into_checks(self) -> Checks {
        self.checks
    }

    /// The run.
    pub(crate) const fn run(&self) -> RunId {
        self.run
    }

    /// The threads whose writes may be found.
    pub(crate) fn writers(&self) -> impl Iterator<Item = u32> {
        let threads = (0..).zip(&self.writers.is_writer);
        threads.filter(|(_, is_writer)| **is_writer).map(|(thread, _)| thread)
    }

    /// Whether this worker is the first of the run's writers.
    pub(crate) fn is_first_writer(&self) -> bool {
        self.writers().next() == Some(self.thread)
    }

    /// Prepares to record what transactions write.
    pub(crate) fn expect_transactions(&mut self) {
        self.committed = vec![0; self.filled as usize];
    }

    /// Records that the worker's write number `number`, to `key`, was committed by a transaction.
    pub(crate) fn record_commit(&mut self, key: u32, number: u64) {
        self.committed[key as usize] = number;
    }

    /// The worker's last write to each key after `operations` operations of `stream`, in which this
    /// run is `session`.
    pub(crate) fn last_writes(
        &self,
        stream: &Stream,
        session: u16,
        operations: u64,
    ) -> Vec<LastWrite> {
        let mut last = stream.last_writes(operations, session, self.filled as usize);
        for (last, fill) in last.iter_mut().zip(1..) {
            last.number = if last.number == 0 { fill } else { self.filled + last.number };
        }
        for (last, &number) in last.iter_mut().zip(&self.committed) {
            if number > last.number {
                *last = LastWrite { number, is_delete: false };
            }
        }
        last
    }

    /// Checks a sampled get, made after `written` writes of this worker.
    // Not inlined, so that checks do not change the timed loop.
    #[inline(never)]
    pub(crate) fn check_sampled_get(
        &mut self,
        sample: Sample,
        written: u64,
        found: Option<&Value>,
    ) {
        self.checks.checked += 1;
        if let Err(wrong) = self.verify_under_load(sample, written, found) {
            self.fail(format_args!("under load, key {} {wrong}", sample.key));
        }
    }

    /// Checks a read under load of a key whose last write is not known.
    pub(crate) fn check_read(&mut self, key: u32, written: u64, found: Option<&Value>) {
        self.checks.checked += 1;
        let Some(value) = found else {
            return self.expect_unless_deleted(key, false);
        };
        let wrong = match self.origin(key, value) {
            Ok(origin) if origin.thread == self.thread && origin.number > written => {
                WrongAnswer::NotYetWritten { origin, written }
            }
            Ok(_) => return,
            Err(wrong) => wrong,
        };
        self.fail(format_args!("under load, key {key} {wrong}"));
    }

    /// Checks a `contains` of a key that the run was filled with.
    pub(crate) fn check_contains(&mut self, key: u32, is_present: bool) {
        self.checks.checked += 1;
        self.expect_unless_deleted(key, is_present);
    }

    fn expect_unless_deleted(&mut self, key: u32, is_present: bool) {
        if !is_present && !self.writers.any_deletes {
            self.fail(format_args!("under load, key {key} {}", WrongAnswer::Absent));
        }
    }

    /// Checks a get of a key that nobody puts.
    pub(crate) fn check_miss(&mut self, is_present: bool) {
        self.checks.checked += 1;
        if is_present {
            self.fail(format_args!("under load, a key is found that nobody has put"));
        }
    }

    /// Checks the number of keys with some prefix under load: the run was filled with `filled` of
    /// them, and the worker has inserted `inserted_min` to `inserted_max` since.
    pub(crate) fn check_count(
        &mut self,
        count: usize,
        filled: u32,
        (inserted_min, inserted_max): (u32, u32),
    ) {
        self.checks.checked += 1;
        let least =
            if self.writers.any_deletes { 0 } else { u64::from(filled) + u64::from(inserted_min) };
        let is_only_writer = self.writers().count() == 1;
        let is_known = is_only_writer || !self.writers.any_inserts;
        let most = u64::from(filled) + u64::from(inserted_max);
        if (count as u64) < least || (is_known && count as u64 > most) {
            let range =
                if is_known { format!("{least} to {most}") } else { format!("{least} or more") };
            self.fail(format_args!(
                "under load, {count} keys are listed or counted, expected {range}"
            ));
        }
    }

    /// Checks a get at rest; `final_writes` gives those of each writer.
    pub(crate) fn check_at_rest<'a>(
        &mut self,
        key: u32,
        found: Option<&Value>,
        final_writes: impl Fn(u32) -> &'a FinalWrites,
    ) {
        self.checks.checked += 1;
        let last_write = |thread| final_writes(thread).by_key[key as usize];
        if let Err(wrong) = self.verify_at_rest(key, found, last_write) {
            self.fail(format_args!("at rest, key {key} {wrong}"));
        }
    }

    /// Checks a get at rest of a key that this worker has inserted: no other worker writes it, and
    /// it is written once.
    pub(crate) fn check_inserted_at_rest(&mut self, key: u32, found: Option<&Value>) {
        self.checks.checked += 1;
        let origin = found.ok_or(WrongAnswer::Absent).and_then(|value| self.origin(key, value));
        let wrong = match origin {
            Ok(origin) if origin.thread != self.thread => WrongAnswer::OtherWriter(origin),
            Ok(origin) if origin.number <= self.filled => WrongAnswer::OverwrittenFill(origin),
            Ok(_) => return,
            Err(wrong) => wrong,
        };
        self.fail(format_args!("at rest, inserted key {key} {wrong}"));
    }

    /// Checks the number of keys at rest. `how` says how they were counted.
    pub(crate) fn check_count_at_rest(&mut self, count: usize, how: &str, expected: u64) {
        self.checks.checked += 1;
        if count as u64 != expected {
            self.fail(format_args!("at rest, {count} keys are {how}, expected {expected}"));
        }
    }

    fn verify_under_load(
        &mut self,
        sample: Sample,
        written: u64,
        found: Option<&Value>,
    ) -> Result<(), WrongAnswer> {
        let own = self.own_last(sample, written);
        let Some(value) = found else {
            let may_be_absent = self.writers.others_delete || own.is_delete;
            return if may_be_absent { Ok(()) } else { Err(WrongAnswer::Absent) };
        };
        let origin = self.origin(sample.key, value)?;
        if origin.thread == self.thread {
            return expect_last_write(origin, own);
        }
        if origin.number <= self.filled && own.number > self.filled {
            return Err(WrongAnswer::OverwrittenFill(origin));
        }
        let writers = self.writers.is_writer.len();
        let index = sample.slot as usize * writers + origin.thread as usize;
        let newest_seen = &mut self.newest_seen[index];
        if origin.number < *newest_seen {
            return Err(WrongAnswer::WentBack { origin, seen: *newest_seen });
        }
        *newest_seen = origin.number;
        Ok(())
    }

    /// The worker's own last write to the key of a sample.
    fn own_last(&self, sample: Sample, written: u64) -> LastWrite {
        let fill = LastWrite { number: u64::from(sample.key) + 1, is_delete: false };
        let by_stream = sample.last_write.and_then(|last| {
            // The first pass over the stream has no writes of an earlier pass.
            let number = written.checked_sub(u64::from(last.writes))?;
            (number > self.filled).then_some(LastWrite { number, is_delete: last.is_delete })
        });
        let last = by_stream.unwrap_or(fill);
        match self.committed.get(sample.key as usize) {
            Some(&number) if number > last.number => LastWrite { number, is_delete: false },
            _ => last,
        }
    }

    fn verify_at_rest(
        &self,
        key: u32,
        found: Option<&Value>,
        last_write: impl Fn(u32) -> LastWrite,
    ) -> Result<(), WrongAnswer> {
        let Some(value) = found else {
            let is_deleted = self.writers().any(|thread| last_write(thread).is_delete);
            return if is_deleted { Ok(()) } else { Err(WrongAnswer::Absent) };
        };
        let origin = self.origin(key, value)?;
        expect_last_write(origin, last_write(origin.thread))?;
        let is_fill = origin.number <= self.filled;
        if is_fill && self.writers().any(|thread| last_write(thread).number > self.filled) {
            return Err(WrongAnswer::OverwrittenFill(origin));
        }
        Ok(())
    }

    /// Which write a value is from, if its writer may have written it to this key.
    fn origin(&self, key: u32, value: &Value) -> Result<Origin, WrongAnswer> {
        let origin =
            Origin::of(value).ok_or_else(|| WrongAnswer::Corrupt { bytes: value.len() })?;
        if origin.run != self.run {
            return Err(WrongAnswer::OtherRun(origin));
        }
        if origin.key != key {
            return Err(WrongAnswer::OtherKey(origin));
        }
        match self.writers.is_writer.get(origin.thread as usize) {
            Some(true) => Ok(origin),
            _ => Err(WrongAnswer::OtherWriter(origin)),
        }
    }

    #[cold]
    fn fail(&mut self, what: fmt::Arguments<'_>) {
        self.checks.failed += 1;
        let thread = self.thread;
        self.checks.first_failure.get_or_insert_with(|| format!("thread {thread}: {what}"));
    }
}

/// Refuses a value that is not its writer's last write to the key.
fn expect_last_write(origin: Origin, last: LastWrite) -> Result<(), WrongAnswer> {
    match last {
        LastWrite { number, is_delete: true } => Err(WrongAnswer::Deleted { origin, last: number }),
        LastWrite { number, .. } if number != origin.number => {
            Err(WrongAnswer::NotLastWrite { origin, last: number })
        }
        _ => Ok(()),
    }
}
