//! One thread of a load: runs operations, and checks the answers.

mod at_rest;
mod inline_first;
mod out_of_line;

use std::fmt;

use sharded_store::{Key, Session, Storage, Value};
use shardproof_evidence::Checks;
use shardproof_subject::{Subject, Visibility};
use shardproof_workload::keys::VALUE_BYTES;
use shardproof_workload::{KeySet, Opcode, Operation, OperationKind, Stream, ValueWriter};

use crate::check::{Checker, RunWriters};
use crate::fill::REFUSED;
use crate::load::Load;
use crate::worker::inline_first::InlineFirst;

/// One worker of a load.
///
/// It is public so that an example can measure the cost of checking.
pub struct Worker<'a, S: Subject + 'a> {
    /// By session of an operation, what every operation on that run needs.
    hot: InlineFirst<HotRun<S::Session<'a>>>,
    /// By session, what only some operations need.
    cold: Vec<ColdRun>,
    /// The subject's store, if it has one.
    store: Option<&'a S::Store>,
    /// The operations.
    stream: &'a Stream,
    /// The keys that each run is filled with.
    keys: &'a KeySet,
    /// The buffer in which values longer than 40 bytes are built.
    scratch: Vec<u8>,
    /// Whether answers are checked: values must identify their writer.
    is_checked: bool,
    /// Whether this worker holds a snapshot while all work.
    holds_snapshot: bool,
    /// Gets of the latest keys so far: one in [`Stream::GETS_PER_SAMPLE`] is checked.
    latest_gets: usize,
    /// Transactions that failed with a conflict.
    conflicts: u64,
}

/// What every operation on a run needs.
struct HotRun<T> {
    /// The session on the run.
    session: T,
    /// Makes the values to put.
    writer: ValueWriter,
}

/// What only some operations on a run need.
struct ColdRun {
    /// Checks answers.
    checker: Checker,
    /// Keys inserted so far.
    inserted: u32,
    /// The number of threads that insert into the run, and this thread's index among them: they
    /// take key numbers in turn.
    turn: (u32, u32),
    /// Whether all threads work in this run.
    is_shared: bool,
}

impl<'a, S: Subject> Worker<'a, S> {
    /// Worker number `thread` of a load. Its runs are not filled yet.
    ///
    /// # Panics
    /// When the load has no stream for this thread.
    #[must_use]
    pub fn new(subject: &'a S, thread: usize, load: &'a Load<'a>) -> Self {
        let stream = &load.streams[thread];
        let number = u32::try_from(thread).expect("fewer than 2^32 workers");
        let runs = load.runs(subject);
        let of_thread = runs.of_thread(thread);
        let mut cold = Vec::with_capacity(of_thread.len());
        for (&run, index) in of_thread.iter().zip(0..) {
            let is_shared = load.placement.has_shared_run() && index + 1 == of_thread.len();
            let sees_others = is_shared && S::VISIBILITY == Visibility::AllSessions;
            let writers = writers(load.streams, thread, sees_others);
            let turn = if sees_others { (runs.threads() as u32, number) } else { (1, 0) };
            let mut checker =
                Checker::new((number, run), writers, load.keys.as_slice().len(), stream);
            if stream.has(OperationKind::Transaction) {
                checker.expect_transactions();
            }
            cold.push(ColdRun { checker, inserted: 0, turn, is_shared });
        }
        let hot =
            |&run| HotRun { session: subject.session(run), writer: ValueWriter::new(run, number) };
        Self {
            hot: InlineFirst::new(of_thread.iter().map(hot)).expect("a run for each thread"),
            cold,
            store: subject.store(),
            stream,
            keys: load.keys,
            scratch: Vec::new(),
            is_checked: S::VISIBILITY.exemption().is_none() && stream.exemption().is_none(),
            holds_snapshot: stream.roles().hold_snapshot() && thread == 0,
            latest_gets: 0,
            conflicts: 0,
        }
    }

    /// Puts every key of every run once.
    ///
    /// # Panics
    /// When the subject refuses a put.
    pub fn fill(&mut self) {
        let keys = self.keys;
        for index in 0..self.hot.len() {
            for (key, number) in keys.as_slice().iter().zip(0..) {
                self.put_sized(index, key, number);
            }
        }
    }

    /// Takes the snapshot that this worker holds while all work; `None` if it holds none. Call this
    /// after every run is filled, and drop the snapshot after all workers have stopped.
    ///
    /// # Panics
    /// When the subject has no snapshots.
    #[must_use]
    pub fn hold_snapshot(&self) -> Option<<S::Store as Storage>::Snapshot> {
        self.holds_snapshot.then(|| self.take_snapshot())
    }

    /// Runs one batch of the worker's stream, and returns a digest of what was read. Batches must
    /// come in the order of the stream, which is repeated.
    ///
    /// # Panics
    /// When the subject refuses a write.
    // Not inlined, so that warm-up and timed loop execute the same instructions.
    #[inline(never)]
    pub fn run_batch(&mut self, batch: &[Operation]) -> u64 {
        let mut digest = 0;
        for operation in batch {
            digest ^= self.step(operation);
        }
        digest
    }

    /// Runs one operation, and returns a digest of what was read.
    ///
    /// # Panics
    /// When the subject refuses a write.
    #[inline(always)]
    pub fn step(&mut self, operation: &Operation) -> u64 {
        let run = &mut self.hot[usize::from(operation.session)];
        match operation.code {
            Opcode::CheckedGet if S::VISIBILITY.exemption().is_none() => {
                self.checked_get(operation)
            }
            Opcode::Get | Opcode::CheckedGet => {
                run.session.get_with(&operation.key, fold).unwrap_or(0)
            }
            Opcode::Put => {
                let value = run.writer.next_value(operation.argument);
                run.session.put(&operation.key, value).expect(REFUSED);
                0
            }
            _ => self.run_out_of_line(operation),
        }
    }

    /// How many transactions have failed with a conflict.
    #[must_use]
    pub const fn conflicts(&self) -> u64 {
        self.conflicts
    }

    /// The results of all checks.
    #[must_use]
    pub fn into_checks(self) -> Checks {
        let mut all = Checks::default();
        for run in self.cold {
            all.extend(run.checker.into_checks());
        }
        all
    }

    /// Copies the value it reads, and checks it after the subject has released any lock.
    #[inline(never)]
    fn checked_get(&mut self, operation: &Operation) -> u64 {
        let index = usize::from(operation.session);
        let run = &mut self.hot[index];
        let found = run.session.get_with(&operation.key, Value::clone);
        let sample = self.stream.samples()[operation.argument as usize];
        let checker = &mut self.cold[index].checker;
        checker.check_sampled_get(sample, run.writer.written(), found.as_ref());
        found.as_ref().map_or(0, fold)
    }

    /// Puts key number `number` with a value of the next length.
    fn put_sized(&mut self, index: usize, key: &Key, number: u32) {
        let value = self.next_value(index, number);
        self.hot[index].session.put(key, value).expect(REFUSED);
    }

    /// The next value to write to a run, for key number `number`.
    fn next_value(&mut self, index: usize, number: u32) -> Value {
        let writer = &mut self.hot[index].writer;
        match self.stream.value_bytes(writer.written() + 1) {
            UNPADDED_BYTES => writer.next_value(number),
            bytes => writer.next_sized_value(number, bytes, &mut self.scratch),
        }
    }
}

/// The length of a value without padding.
const UNPADDED_BYTES: u32 = VALUE_BYTES as u32;

/// The writers of a run of thread number `thread`: all threads if it sees the writes of others, and
/// only itself otherwise.
fn writers(streams: &[Stream], thread: usize, sees_others: bool) -> RunWriters {
    let is_writer: Vec<bool> =
        (0..streams.len()).map(|other| sees_others || other == thread).collect();
    let any = |kind, is_counted: &dyn Fn(usize) -> bool| {
        let mut writers = streams.iter().enumerate().filter(|(other, _)| is_writer[*other]);
        writers.any(|(other, stream)| is_counted(other) && stream.has(kind))
    };
    RunWriters {
        any_deletes: any(OperationKind::Delete, &|_| true),
        others_delete: any(OperationKind::Delete, &|other| other != thread),
        any_inserts: any(OperationKind::Insert, &|_| true),
        is_writer,
    }
}

/// Reads a whole value, as every get does: the exclusive or of its words.
#[inline]
pub fn fold(value: &Value) -> u64 {
    let bytes = value.as_bytes();
    // Most values have this fixed length, for which no loop is needed.
    if let Ok(whole) = <&[u8; VALUE_BYTES]>::try_from(bytes) {
        return fold_words(whole.as_chunks().0);
    }
    let (words, rest) = bytes.as_chunks();
    rest.iter().fold(fold_words(words), |digest, byte| digest.rotate_left(8) ^ u64::from(*byte))
}

#[inline]
fn fold_words(words: &[[u8; 8]]) -> u64 {
    words.iter().fold(0, |digest, word| digest ^ u64::from_le_bytes(*word))
}

impl<S: Subject> fmt::Debug for Worker<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written: u64 = self.hot.iter().map(|run| run.writer.written()).sum();
        f.debug_struct("Worker").field("written", &written).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_depends_on_every_byte() {
        for length in [13, VALUE_BYTES, 100] {
            let bytes: Vec<u8> = (0..length).map(|index| index as u8).collect();
            let whole = fold(&Value::new(&bytes).unwrap());
            for index in 0..length {
                let mut changed = bytes.clone();
                changed[index] ^= 1;
                assert_ne!(fold(&Value::new(changed).unwrap()), whole, "byte {index}");
            }
        }
    }
}
