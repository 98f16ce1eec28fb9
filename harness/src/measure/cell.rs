//! One slice: one subject, made fresh, under one load for a moment.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use sharded_store::{RunId, Session, Value};

use crate::measure::fill::{REFUSED, fill_session};
use crate::measure::gate::Gate;
use crate::subject::{Subject, SubjectVisitor};
use crate::trace::allocations;
use crate::workload::keys::VALUE_BYTES;
use crate::workload::stream::{Kind, Operation};
use crate::workload::{KeySet, Stream};

/// Operations between two looks at the stop flag.
const BATCH: usize = 512;
const _: () = assert!(Stream::OPERATIONS.is_multiple_of(BATCH));

/// A load: one worker per stream.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The operations of each worker.
    pub streams: &'a [Stream],
    /// The run of each worker.
    pub runs: &'a [RunId],
    /// The keys that each run is filled with.
    pub keys: &'a KeySet,
    /// How long the workers work.
    pub slice: Duration,
    /// Bytes allocated before the subject is made, to move it in memory.
    pub heap_offset_bytes: usize,
}

/// What came of one slice.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Slice {
    /// Operations per second, summed over the workers.
    pub throughput_ops_s: f64,
    /// Allocations per operation in the timed loops.
    pub allocations_per_op: Option<f64>,
}

/// Puts whatever subject it visits under the load.
impl SubjectVisitor for Load<'_> {
    type Output = Slice;

    fn visit<S: Subject>(self, create: impl Fn() -> S) -> Slice {
        let _offset = black_box(vec![0u8; self.heap_offset_bytes]);
        slice(&create(), &self)
    }
}

/// Puts a fresh subject under a load. Each worker fills its run and runs its stream once to warm
/// up; then all start together and run their streams over and over until they are stopped.
///
/// # Panics
/// When the subject refuses a put, without a stream, and with fewer runs than streams.
pub fn slice<S: Subject>(subject: &S, load: &Load<'_>) -> Slice {
    assert!(load.runs.len() >= load.streams.len(), "a run for each worker");
    let gate = Gate::new(load.streams.len());
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let gate = &gate;
        let workers: Vec<_> = load
            .streams
            .iter()
            .zip(load.runs)
            .map(|(stream, run)| scope.spawn(|| work(subject, *run, stream, load.keys, gate)))
            .collect();
        gate.await_meeting(START);
        thread::sleep(load.slice);
        gate.stop();
        workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    // Counted from the first start: a worker that had no core yet was waiting, not resting.
    let start = tallies.iter().map(|tally| tally.start).min().expect("at least one stream");
    let operations: u64 = tallies.iter().map(|tally| tally.operations).sum();
    let allocations: Option<u64> = tallies.iter().map(|tally| tally.allocations).sum();
    Slice {
        throughput_ops_s: tallies.iter().map(|tally| tally.throughput_ops_s(start)).sum(),
        allocations_per_op: allocations.map(|count| count as f64 / operations as f64),
    }
}

/// The meeting after which all runs are filled.
const FILLED: usize = 1;
/// The meeting at which the clocks start.
const START: usize = 2;

/// What one worker did, in its own locals until the end: no worker writes near another.
struct Tally {
    operations: u64,
    start: Instant,
    end: Instant,
    allocations: Option<u64>,
}

impl Tally {
    fn throughput_ops_s(&self, start: Instant) -> f64 {
        self.operations as f64 / (self.end - start).as_secs_f64()
    }
}

fn work<S: Subject>(subject: &S, run: RunId, stream: &Stream, keys: &KeySet, gate: &Gate) -> Tally {
    let _guard = gate.guard();
    let mut session = subject.session(run);
    fill_session(&mut session, keys);
    gate.meet(FILLED);
    for batch in stream.operations().chunks_exact(BATCH) {
        black_box(run_batch(&mut session, batch, stream.value()));
    }
    let allocations_before = allocations::on_this_thread();
    gate.meet(START);

    let start = Instant::now();
    let mut digest = 0;
    let mut operations = 0;
    'timed: loop {
        for batch in stream.operations().chunks_exact(BATCH) {
            digest ^= run_batch(&mut session, batch, stream.value());
            operations += BATCH as u64;
            if gate.is_stopped() {
                break 'timed;
            }
        }
    }
    let end = Instant::now();
    black_box(digest);
    let allocations =
        allocations::on_this_thread().zip(allocations_before).map(|(after, before)| after - before);
    Tally { operations, start, end, allocations }
}

/// Not inlined, so that the warm-up and the timed loop are the same instructions.
#[inline(never)]
fn run_batch<S: Session>(session: &mut S, batch: &[Operation], value: &Value) -> u64 {
    let mut digest = 0;
    for operation in batch {
        match operation.kind {
            Kind::Get => digest ^= session.get_with(&operation.key, fold).unwrap_or(0),
            Kind::Put => {
                session.put(&operation.key, value.clone()).expect(REFUSED);
            }
        }
    }
    digest
}

/// Reads a whole value: the exclusive or of its words.
#[inline]
fn fold(value: &Value) -> u64 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::SubjectName;
    use crate::workload::keys::run_id;
    use crate::workload::{Mix, Placement};

    #[test]
    fn every_built_in_subject_works_under_every_placement() {
        let keys = KeySet::new(100);
        let mix = Mix::with_puts(50);
        let streams = [0, 1].map(|thread| Stream::new(1, mix, thread, &keys));
        for name in SubjectName::ALL {
            for placement in Placement::ALL {
                let runs = [0, 1].map(|thread| run_id(1, placement.run_of(thread) as u64));
                let slice = Duration::from_millis(1);
                let load = Load {
                    streams: &streams,
                    runs: &runs,
                    keys: &keys,
                    slice,
                    heap_offset_bytes: 48,
                };
                let slice = name.visit(load);
                assert!(slice.throughput_ops_s.is_finite() && slice.throughput_ops_s > 0.0);
                assert_eq!(slice.allocations_per_op, None, "not counted here");
            }
        }
    }

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
