//! What one thread of a load does: its operations, and the checks of what they answer.

use std::fmt;
use std::sync::OnceLock;

use sharded_store::{Key, Session, Value};

use crate::evidence::Checks;
use crate::measure::cell::Load;
use crate::measure::check::Checker;
use crate::measure::fill::REFUSED;
use crate::subject::{Keeps, Subject};
use crate::workload::keys::VALUE_BYTES;
use crate::workload::{KeySet, Kind, Operation, Sample, Stream, Writer};

/// The last write of each worker to each key, as each tells the others when it has stopped.
pub(crate) type LastWrites = [OnceLock<Vec<u64>>];

/// One worker of a load, at its run.
///
/// It is a type of its own so that what checking costs can be measured, which an example does.
pub struct Worker<'a, S: Subject + 'a> {
    /// Its handle on the run.
    session: S::Session<'a>,
    /// Makes what it puts.
    writer: Writer,
    /// Looks at what it finds.
    checker: Checker,
    /// The keys of its run.
    keys: &'a KeySet,
    /// What has to be known to check the gets of its stream.
    samples: &'a [Sample],
}

impl<'a, S: Subject> Worker<'a, S> {
    /// Worker number `thread` of a load, its run not yet filled.
    ///
    /// # Panics
    /// When the load has no stream or no run for it.
    #[must_use]
    pub fn new(subject: &'a S, thread: usize, load: &'a Load<'a>) -> Self {
        let (run, stream) = (load.runs[thread], &load.streams[thread]);
        let is_author = |other| match S::KEEPS {
            Keeps::Together => load.runs[other] == run,
            Keeps::Apart | Keeps::Nothing => other == thread,
        };
        let authors = (0..load.streams.len()).map(is_author).collect();
        let number = u32::try_from(thread).expect("fewer than 2^32 workers");
        Self {
            session: subject.session(run),
            writer: Writer::new(run, number),
            checker: Checker::new((number, run), authors, load.keys.as_slice().len(), stream),
            keys: load.keys,
            samples: stream.samples(),
        }
    }

    /// Puts every key once.
    ///
    /// # Panics
    /// When the subject refuses a put.
    pub fn fill(&mut self) {
        for (key, number) in self.keys.as_slice().iter().zip(0..) {
            self.session.put(key, self.writer.seal(number)).expect(REFUSED);
        }
    }

    /// Runs a part of the worker's stream; returns a digest of what was read. The parts are to
    /// follow one another as they do in the stream, over and over.
    ///
    /// # Panics
    /// When the subject refuses a put.
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
    /// When the subject refuses a put.
    #[inline(always)]
    pub fn step(&mut self, operation: &Operation) -> u64 {
        match operation.kind {
            Kind::CheckedGet(sample) if S::KEEPS.exemption().is_none() => {
                self.checked_get(&operation.key, sample)
            }
            Kind::Get | Kind::CheckedGet(_) => {
                self.session.get_with(&operation.key, fold).unwrap_or(0)
            }
            Kind::Put(key) => {
                self.session.put(&operation.key, self.writer.seal(key)).expect(REFUSED);
                0
            }
        }
    }

    /// Tells the others what this worker wrote last, once it has run `operations` operations of
    /// `stream`.
    pub(crate) fn tell_last_writes(
        &self,
        stream: &Stream,
        operations: u64,
        cell: &OnceLock<Vec<u64>>,
    ) {
        let told = cell.set(self.checker.last_writes(stream, operations));
        told.expect("a worker stops once");
    }

    /// What came of all checks.
    #[must_use]
    pub fn into_checks(self) -> Checks {
        self.checker.into_checks()
    }

    /// Copies what it finds, and looks at it when the subject holds no lock for it any more.
    #[inline(never)]
    fn checked_get(&mut self, key: &Key, sample: u32) -> u64 {
        let found = self.session.get_with(key, Value::clone);
        let sample = self.samples[sample as usize];
        self.checker.under_load(sample, self.writer.written(), found.as_ref());
        found.as_ref().map_or(0, fold)
    }

    /// Checks every key of the run, and how many there are.
    pub(crate) fn check_at_rest(&mut self, last_writes: &LastWrites) {
        if S::KEEPS.exemption().is_some() {
            return;
        }
        let told = |thread: u32| {
            last_writes[thread as usize].get().expect("told before the meeting").as_slice()
        };
        for (key, number) in self.keys.as_slice().iter().zip(0..) {
            let found = self.session.get_with(key, Value::clone);
            self.checker.at_rest(number, found.as_ref(), told);
        }
        // Once in each run: it lists the same for all, and costs as much as the rest.
        if S::LISTS && self.checker.is_first() {
            self.checker.listed(self.session.list_len(b""));
        }
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
        f.debug_struct("Worker").field("written", &self.writer.written()).finish_non_exhaustive()
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
