//! Whether a subject's answers are right, as one worker can tell from the values it finds in one run.
//!
//! It is recorded here, and judged elsewhere: what a failed check is worth is not for a collector
//! to say.
//!
//! All of it follows from one rule. A worker knows its own writes, and so its last one to each key;
//! of others' it knows that a newer one of theirs may have come after it, and an older one may not
//! come back.

mod fault;
#[cfg(test)]
mod tests;

use std::fmt;

use sharded_store::{RunId, Value};
use shardproof_evidence::Checks;
use shardproof_workload::{LastWrite, Origin, Sample, Stream};

use crate::check::fault::Fault;

/// Who writes to a run, and what, as far as it matters to one of those who read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Authors {
    /// By number of thread, whether this worker may find what that one has written.
    pub(crate) are: Vec<bool>,
    /// Whether any of them deletes.
    pub(crate) delete: bool,
    /// Whether any other than this worker deletes.
    pub(crate) others_delete: bool,
    /// Whether any of them inserts.
    pub(crate) insert: bool,
}

/// What one worker checks in one run, and what came of it.
pub(crate) struct Checker {
    /// The worker's number.
    thread: u32,
    /// The run.
    run: RunId,
    /// Who writes to it.
    authors: Authors,
    /// Writes that each author made before any began with its stream: number `i + 1` to key `i`.
    filled: u64,
    /// The number of the newest write found under load, by slot of the sample and then by author.
    newest_seen: Vec<u64>,
    /// By key, the worker's last write in a transaction that was committed; empty where it makes none.
    committed: Vec<u64>,
    /// What came of it so far.
    checks: Checks,
}

/// The last writes of one author to a run, as it tells them when it has stopped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Told {
    /// By key, from key 0.
    pub(crate) last: Vec<LastWrite>,
    /// How many keys it has inserted.
    pub(crate) inserted: u32,
}

impl Checker {
    /// For worker number `thread` in `run`, filled with `keys` keys, where `stream` says which are
    /// checked under load.
    pub(crate) fn new(
        (thread, run): (u32, RunId),
        authors: Authors,
        keys: usize,
        stream: &Stream,
    ) -> Self {
        let slots = stream.samples().iter().map(|sample| sample.slot as usize + 1).max();
        Self {
            thread,
            run,
            filled: keys as u64,
            newest_seen: vec![0; slots.unwrap_or(0) * authors.are.len()],
            committed: Vec::new(),
            authors,
            checks: Checks::default(),
        }
    }

    /// What came of it.
    pub(crate) fn into_checks(self) -> Checks {
        self.checks
    }

    /// The run.
    pub(crate) const fn run(&self) -> RunId {
        self.run
    }

    /// The numbers of the threads whose writes may be found.
    pub(crate) fn authors(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.authors.are).filter(|(_, is_author)| **is_author).map(|(thread, _)| thread)
    }

    /// Whether this worker is the first of those whose writes it may find.
    pub(crate) fn is_first(&self) -> bool {
        self.authors().next() == Some(self.thread)
    }

    /// Makes room to remember what transactions write.
    pub(crate) fn expect_transactions(&mut self) {
        self.committed = vec![0; self.filled as usize];
    }

    /// A transaction that wrote `key` as the worker's write number `number` was committed.
    pub(crate) fn committed(&mut self, key: u32, number: u64) {
        self.committed[key as usize] = number;
    }

    /// The worker's last write to each key once it has run `operations` operations of `stream`, to
    /// which this run is `session`.
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

    /// Checks what a sampled get has found when the worker had made `written` writes.
    // Not inlined: the timed loop is to be what it would be without.
    #[inline(never)]
    pub(crate) fn under_load(&mut self, sample: Sample, written: u64, found: Option<&Value>) {
        self.checks.checked += 1;
        if let Err(fault) = self.read_under_load(sample, written, found) {
            self.fail(format_args!("under load, key {} {fault}", sample.key));
        }
    }

    /// Checks what was found in passing at a key, of which nobody knows who wrote it last.
    pub(crate) fn in_passing(&mut self, key: u32, written: u64, found: Option<&Value>) {
        self.checks.checked += 1;
        let Some(value) = found else {
            return self.in_passing_there(key, false);
        };
        let fault = match self.origin(key, value) {
            Ok(origin) if origin.thread == self.thread && origin.number > written => {
                Fault::NotYet { origin, written }
            }
            Ok(_) => return,
            Err(fault) => fault,
        };
        self.fail(format_args!("under load, key {key} {fault}"));
    }

    /// Checks whether a key that the run was filled with is there.
    pub(crate) fn there(&mut self, key: u32, is_there: bool) {
        self.checks.checked += 1;
        self.in_passing_there(key, is_there);
    }

    fn in_passing_there(&mut self, key: u32, is_there: bool) {
        if !is_there && !self.authors.delete {
            self.fail(format_args!("under load, key {key} {}", Fault::Absent));
        }
    }

    /// Checks that a key that never was there is not.
    pub(crate) fn missing(&mut self, is_there: bool) {
        self.checks.checked += 1;
        if is_there {
            self.fail(format_args!("under load, a key is found that nobody has put"));
        }
    }

    /// Checks a number of keys, of those that begin with something: `filled` of these were there
    /// before the streams began, and the worker has inserted `inserted_min` to `inserted_max` since.
    pub(crate) fn counted(
        &mut self,
        count: usize,
        filled: u32,
        (inserted_min, inserted_max): (u32, u32),
    ) {
        self.checks.checked += 1;
        let least =
            if self.authors.delete { 0 } else { u64::from(filled) + u64::from(inserted_min) };
        let is_alone = self.authors().count() == 1;
        let is_known = is_alone || !self.authors.insert;
        let most = u64::from(filled) + u64::from(inserted_max);
        if (count as u64) < least || (is_known && count as u64 > most) {
            let most = if is_known { most.to_string() } else { "more".to_owned() };
            self.fail(format_args!(
                "under load, {count} keys are listed or counted, and not {least} to {most}"
            ));
        }
    }

    /// Checks what a get has found when nobody writes any more; `told` gives what an author has
    /// written.
    pub(crate) fn at_rest<'a>(
        &mut self,
        key: u32,
        found: Option<&Value>,
        told: impl Fn(u32) -> &'a Told,
    ) {
        self.checks.checked += 1;
        if let Err(fault) = self.read_at_rest(key, found, |thread| told(thread).last[key as usize])
        {
            self.fail(format_args!("at rest, key {key} {fault}"));
        }
    }

    /// Checks what a get of a key that this worker has inserted has found when nobody writes any
    /// more. Nobody else writes it, and nobody writes it twice.
    pub(crate) fn inserted_at_rest(&mut self, key: u32, found: Option<&Value>) {
        self.checks.checked += 1;
        let origin = found.ok_or(Fault::Absent).and_then(|value| self.origin(key, value));
        let fault = match origin {
            Ok(origin) if origin.thread != self.thread => Fault::Stranger(origin),
            Ok(origin) if origin.number <= self.filled => Fault::Filling(origin),
            Ok(_) => return,
            Err(fault) => fault,
        };
        self.fail(format_args!("at rest, inserted key {key} {fault}"));
    }

    /// Checks how many keys were listed or counted at rest, where `expected` were there.
    pub(crate) fn counted_at_rest(&mut self, count: usize, how: &str, expected: u64) {
        self.checks.checked += 1;
        if count as u64 != expected {
            self.fail(format_args!("at rest, {count} keys are {how}, and not {expected}"));
        }
    }

    fn read_under_load(
        &mut self,
        sample: Sample,
        written: u64,
        found: Option<&Value>,
    ) -> Result<(), Fault> {
        let own = self.own_last(sample, written);
        let Some(value) = found else {
            let may_be = self.authors.others_delete || own.is_delete;
            return if may_be { Ok(()) } else { Err(Fault::Absent) };
        };
        let origin = self.origin(sample.key, value)?;
        if origin.thread == self.thread {
            return is_last(origin, own);
        }
        if origin.number <= self.filled && own.number > self.filled {
            return Err(Fault::Filling(origin));
        }
        let place = sample.slot as usize * self.authors.are.len() + origin.thread as usize;
        let newest_seen = &mut self.newest_seen[place];
        if origin.number < *newest_seen {
            return Err(Fault::WentBack { origin, seen: *newest_seen });
        }
        *newest_seen = origin.number;
        Ok(())
    }

    /// The worker's own last write to the key of a sample.
    fn own_last(&self, sample: Sample, written: u64) -> LastWrite {
        let filling = LastWrite { number: u64::from(sample.key) + 1, is_delete: false };
        let by_stream = sample.last_write.and_then(|last| {
            // In the first pass what the pass before has written is not there.
            let number = written.checked_sub(u64::from(last.writes))?;
            (number > self.filled).then_some(LastWrite { number, is_delete: last.is_delete })
        });
        let last = by_stream.unwrap_or(filling);
        match self.committed.get(sample.key as usize) {
            Some(&number) if number > last.number => LastWrite { number, is_delete: false },
            _ => last,
        }
    }

    fn read_at_rest(
        &self,
        key: u32,
        found: Option<&Value>,
        last_of: impl Fn(u32) -> LastWrite,
    ) -> Result<(), Fault> {
        let Some(value) = found else {
            let is_deleted = self.authors().any(|thread| last_of(thread).is_delete);
            return if is_deleted { Ok(()) } else { Err(Fault::Absent) };
        };
        let origin = self.origin(key, value)?;
        is_last(origin, last_of(origin.thread))?;
        let is_filling = origin.number <= self.filled;
        if is_filling && self.authors().any(|thread| last_of(thread).number > self.filled) {
            return Err(Fault::Filling(origin));
        }
        Ok(())
    }

    /// What a value says about itself, if it may be found at this key at all.
    fn origin(&self, key: u32, value: &Value) -> Result<Origin, Fault> {
        let origin = Origin::of(value).ok_or_else(|| Fault::Broken { bytes: value.len() })?;
        if origin.run != self.run {
            return Err(Fault::OtherRun(origin));
        }
        if origin.key != key {
            return Err(Fault::OtherKey(origin));
        }
        match self.authors.are.get(origin.thread as usize) {
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

/// Whether a value that was found is its writer's last write to the key.
fn is_last(origin: Origin, last: LastWrite) -> Result<(), Fault> {
    match last {
        LastWrite { number, is_delete: true } => Err(Fault::Deleted { origin, last: number }),
        LastWrite { number, .. } if number != origin.number => {
            Err(Fault::NotTheLast { origin, last: number })
        }
        _ => Ok(()),
    }
}
