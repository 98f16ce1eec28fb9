//! What one thread of a load does: its operations, and the checks of what they answer.

mod rare;
mod rest;
mod seats;

use std::fmt;

use sharded_store::{Key, Session, Storage, Value};
use shardproof_evidence::Checks;
use shardproof_subject::{Keeps, Subject};
use shardproof_workload::keys::VALUE_BYTES;
use shardproof_workload::{Code, KeySet, Operation, OperationKind, Stream, Writer};

use crate::check::{Authors, Checker};
use crate::fill::REFUSED;
use crate::load::Load;
use crate::worker::seats::Seats;

/// One worker of a load, at its runs.
///
/// It is a type of its own so that what checking costs can be measured, which an example does.
pub struct Worker<'a, S: Subject + 'a> {
    /// What every operation needs, by the session that it names.
    seats: Seats<Seat<S::Session<'a>>>,
    /// What few operations need, by the same.
    books: Vec<Book>,
    /// The store, where there is one.
    store: Option<&'a S::Store>,
    /// Its operations.
    stream: &'a Stream,
    /// The keys of its runs.
    keys: &'a KeySet,
    /// Where values longer than 40 bytes are put together.
    scratch: Vec<u8>,
    /// Whether what it finds says where it comes from.
    checks: bool,
    /// Whether it holds a snapshot for all.
    holds_a_snapshot: bool,
    /// Gets of the latest keys so far: of them as many are looked at as of others.
    latest_gets: usize,
    /// Transactions that met a conflict.
    conflicts: u64,
}

/// What is at hand for one run in every operation.
struct Seat<T> {
    /// The handle on the run.
    session: T,
    /// Makes what is put.
    writer: Writer,
}

/// What else there is to one run.
struct Book {
    /// Looks at what is found.
    checker: Checker,
    /// Keys inserted so far.
    inserted: u32,
    /// How many threads insert here, and which of them this one is: they take numbers in turn.
    turn: (u32, u32),
    /// Whether all threads work in this run.
    is_common: bool,
}

impl<'a, S: Subject> Worker<'a, S> {
    /// Worker number `thread` of a load, its runs not yet filled.
    ///
    /// # Panics
    /// When the load has no stream for it.
    #[must_use]
    pub fn new(subject: &'a S, thread: usize, load: &'a Load<'a>) -> Self {
        let stream = &load.streams[thread];
        let number = u32::try_from(thread).expect("fewer than 2^32 workers");
        let runs = load.runs(subject);
        let of_thread = runs.of_thread(thread);
        let mut books = Vec::with_capacity(of_thread.len());
        for (&run, session) in of_thread.iter().zip(0..) {
            let is_common = load.placement.has_common_run() && session + 1 == of_thread.len();
            let is_together = is_common && S::KEEPS == Keeps::Together;
            let authors = authors(load.streams, thread, is_together);
            let turn = if is_together { (runs.threads() as u32, number) } else { (1, 0) };
            let mut checker =
                Checker::new((number, run), authors, load.keys.as_slice().len(), stream);
            if stream.has(OperationKind::Transaction) {
                checker.expect_transactions();
            }
            books.push(Book { checker, inserted: 0, turn, is_common });
        }
        let seat = |&run| Seat { session: subject.session(run), writer: Writer::new(run, number) };
        Self {
            seats: Seats::of(of_thread.iter().map(seat)).expect("a run for each thread"),
            books,
            store: subject.store(),
            stream,
            keys: load.keys,
            scratch: Vec::new(),
            checks: S::KEEPS.exemption().is_none() && stream.exemption().is_none(),
            holds_a_snapshot: stream.roles().hold_a_snapshot() && thread == 0,
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
        for session in 0..self.seats.len() {
            for (key, number) in keys.as_slice().iter().zip(0..) {
                self.put_any(session, key, number);
            }
        }
    }

    /// The snapshot that is to be held while all workers work, where one is, and by this worker: it is
    /// to be taken once every run is filled, and dropped when all have stopped.
    ///
    /// # Panics
    /// When the subject has no snapshots after all.
    #[must_use]
    pub fn hold_snapshot(&self) -> Option<<S::Store as Storage>::Snapshot> {
        self.holds_a_snapshot.then(|| self.take_snapshot())
    }

    /// Runs a part of the worker's stream; returns a digest of what was read. The parts are to
    /// follow one another as they do in the stream, over and over.
    ///
    /// # Panics
    /// When the subject refuses a write.
    // Not inlined, so that the warm-up and the timed loop are the same instructions.
    #[inline(never)]
    pub fn run_batch(&mut self, batch: &[Operation]) -> u64 {
        let mut digest = 0;
        for operation in batch {
            digest ^= self.step(operation);
        }
        digest
    }

    /// Runs one operation; returns a digest of what was read.
    ///
    /// # Panics
    /// When the subject refuses a write.
    #[inline(always)]
    pub fn step(&mut self, operation: &Operation) -> u64 {
        let seat = &mut self.seats[usize::from(operation.session)];
        match operation.code {
            Code::CheckedGet if S::KEEPS.exemption().is_none() => self.checked_get(operation),
            Code::Get | Code::CheckedGet => {
                seat.session.get_with(&operation.key, fold).unwrap_or(0)
            }
            Code::Put => {
                let value = seat.writer.seal(operation.argument);
                seat.session.put(&operation.key, value).expect(REFUSED);
                0
            }
            _ => self.rare(operation),
        }
    }

    /// How many transactions have met a conflict.
    #[must_use]
    pub const fn conflicts(&self) -> u64 {
        self.conflicts
    }

    /// What came of all checks.
    #[must_use]
    pub fn into_checks(self) -> Checks {
        let mut all = Checks::default();
        for book in self.books {
            all.extend(book.checker.into_checks());
        }
        all
    }

    /// Copies what it finds, and looks at it when the subject holds no lock for it any more.
    #[inline(never)]
    fn checked_get(&mut self, operation: &Operation) -> u64 {
        let session = usize::from(operation.session);
        let seat = &mut self.seats[session];
        let found = seat.session.get_with(&operation.key, Value::clone);
        let sample = self.stream.samples()[operation.argument as usize];
        let checker = &mut self.books[session].checker;
        checker.under_load(sample, seat.writer.written(), found.as_ref());
        found.as_ref().map_or(0, fold)
    }

    /// Puts a key with a value of whatever length is next.
    fn put_any(&mut self, session: usize, key: &Key, number: u32) {
        let value = self.value(session, number);
        self.seats[session].session.put(key, value).expect(REFUSED);
    }

    /// The next value to be written to a run, for key number `number`.
    fn value(&mut self, session: usize, number: u32) -> Value {
        let writer = &mut self.seats[session].writer;
        match self.stream.value_bytes(writer.written() + 1) {
            SEAL_BYTES => writer.seal(number),
            bytes => writer.seal_sized(number, bytes, &mut self.scratch),
        }
    }
}

/// Bytes of a value that is a seal and nothing else.
const SEAL_BYTES: u32 = VALUE_BYTES as u32;

/// Who writes to a run of thread number `thread`: all, where it is theirs together, or it alone.
fn authors(streams: &[Stream], thread: usize, is_together: bool) -> Authors {
    let are: Vec<bool> = (0..streams.len()).map(|other| is_together || other == thread).collect();
    let any = |kind, is_counted: &dyn Fn(usize) -> bool| {
        let mut authors = streams.iter().enumerate().filter(|(other, _)| are[*other]);
        authors.any(|(other, stream)| is_counted(other) && stream.has(kind))
    };
    Authors {
        delete: any(OperationKind::Delete, &|_| true),
        others_delete: any(OperationKind::Delete, &|other| other != thread),
        insert: any(OperationKind::Insert, &|_| true),
        are,
    }
}

/// Reads a whole value: the exclusive or of its words, as every get does.
#[inline]
pub fn fold(value: &Value) -> u64 {
    let bytes = value.as_bytes();
    // The length of every value here, so that the usual case has no loop to set up.
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
        let written: u64 = self.seats.iter().map(|seat| seat.writer.written()).sum();
        f.debug_struct("Worker").field("written", &written).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_reads_every_byte() {
        for length in [13, VALUE_BYTES, 100] {
            let bytes: Vec<u8> = (0..length).map(|place| place as u8).collect();
            let whole = fold(&Value::new(&bytes).unwrap());
            for place in 0..length {
                let mut changed = bytes.clone();
                changed[place] ^= 1;
                assert_ne!(fold(&Value::new(changed).unwrap()), whole, "byte {place}");
            }
        }
    }
}
