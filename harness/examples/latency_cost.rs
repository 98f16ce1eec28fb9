//! Measures the cost of timing every operation, on one thread. Four loops are interleaved: the
//! throughput loop, which reads no clock; two plain readings around each operation; two readings
//! that wait for prior instructions; and the loop of the latency pass, which also records. On
//! `floor`, which does nothing, the difference between the last two is the cost of recording.
//! `sharded` shows why plain readings are not used: most of the operation hides behind them.
//! Finally, the example prints the quantiles of rounds of the latency pass, and the length of their
//! histograms in evidence.
//!
//! `cargo run --release -p shardproof --no-default-features --example latency_cost [rounds] [passes]`

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::ShardedStore;
use shardproof::Subjects;
use shardproof::evidence::histogram::encode;
use shardproof::machine::clock::Clock;
use shardproof::measure::latency::{Recorder, closed, ticks_when_done};
use shardproof::measure::load::Load;
use shardproof::measure::worker::Worker;
use shardproof::stats::{Spread, summarise};
use shardproof::subject::Subject;
use shardproof::subject::controls::Floor;
use shardproof::trace::allocations::{self, CountingAllocator};
use shardproof::workload::keys::KEYS_PER_RUN;
use shardproof::workload::{KeySet, Mix, Operation, Stream};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Default number of rounds.
const ROUNDS: usize = 501;
/// Passes of the stream per measurement: about a millisecond, less than a time slice of the
/// scheduler.
const PASSES: usize = 1;

/// Indices of the loops.
const UNTIMED: usize = 0;
const PLAIN: usize = 1;
const WAITING: usize = 2;
const PASS: usize = 3;
const LOOPS: usize = 4;

/// Nanoseconds per operation: for each loop, one figure per round.
type Timings = [Vec<f64>; LOOPS];

fn main() {
    let (rounds, passes) = (argument(1, ROUNDS), argument(2, PASSES));
    let clock = Clock::new();
    println!(
        "{rounds} rounds, each of {passes} passes of the stream through each loop, on 1 thread.\n\
         One plain reading of the clock takes {:.1} ns. Nanoseconds per operation: medians with\n\
         intervals; `recording` is the pass minus the waiting readings, round by round.\n\n\
         subject  mix          untimed            plain readings     waiting            \
         pass               recording          allocations",
        clock.cost_ns()
    );
    for put_percent in [0, 10, 100] {
        let mix = Mix::with_puts(put_percent);
        report("floor", mix, &measure_interleaved(&Floor, rounds, passes, mix, &clock));
        report(
            "sharded",
            mix,
            &measure_interleaved(&ShardedStore::new(), rounds, passes, mix, &clock),
        );
    }
    histograms(&clock);
}

fn report(subject: &str, mix: Mix, (timings, allocations): &(Timings, u64)) {
    let pairs = timings[PASS].iter().zip(&timings[WAITING]);
    let recording: Vec<f64> = pairs.map(|(pass, waiting)| pass - waiting).collect();
    println!(
        "{subject:<8} {:<12} {} {} {} {} {} {allocations:>11}",
        mix.to_string(),
        shown(&timings[UNTIMED]),
        shown(&timings[PLAIN]),
        shown(&timings[WAITING]),
        shown(&timings[PASS]),
        shown(&recording)
    );
}

fn argument(place: usize, default: usize) -> usize {
    let given = std::env::args().nth(place).map(|text| text.parse::<NonZeroUsize>());
    given.map_or(default, |count| count.expect("give a number above 0").get())
}

fn shown(values: &[f64]) -> String {
    let Spread { median, low, high, .. } = summarise(values).expect("at least one round");
    format!("{:<18}", format!("{median:.1} ({low:.1}..{high:.1})"))
}

/// Runs the loops interleaved; returns their timings, and the allocations of the latency pass.
fn measure_interleaved<S: Subject>(
    subject: &S,
    rounds: usize,
    passes: usize,
    mix: Mix,
    clock: &Clock,
) -> (Timings, u64) {
    let keys = KeySet::new(KEYS_PER_RUN);
    let streams = [Stream::new(1, mix, 0, &keys)];
    let load = Load::new(&streams, &keys, Duration::ZERO);
    let mut worker = Worker::new(subject, 0, &load);
    worker.fill();
    let mut recorder = Recorder::new(&streams);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let (mut timings, mut order) = (Timings::default(), [UNTIMED, PLAIN, WAITING, PASS]);
    let mut allocations = 0;
    for _ in 0..rounds {
        order.shuffle(&mut random);
        for loop_index in order {
            let before = allocations::on_this_thread();
            let ns = per_operation_ns(&streams[0], passes, |batch| match loop_index {
                UNTIMED => worker.run_batch(batch),
                PLAIN => read_plainly(&mut worker, batch, clock),
                WAITING => read_waiting(&mut worker, batch, clock),
                _ => closed::run_batch(&mut worker, batch, clock, &mut recorder),
            });
            let after = allocations::on_this_thread();
            if loop_index == PASS {
                let counted = after.zip(before).expect("the allocator is installed");
                allocations += counted.0 - counted.1;
            }
            timings[loop_index].push(ns);
        }
    }
    black_box(recorder);
    (timings, allocations)
}

/// Nanoseconds per operation, after one untimed pass to warm the caches.
fn per_operation_ns(
    stream: &Stream,
    passes: usize,
    mut run: impl FnMut(&[Operation]) -> u64,
) -> f64 {
    let mut pass = || {
        for batch in stream.operations().chunks_exact(closed::BATCH) {
            black_box(run(batch));
        }
    };
    pass();
    let start = Instant::now();
    for _ in 0..passes {
        pass();
    }
    start.elapsed().as_nanos() as f64 / (passes * Stream::OPERATIONS) as f64
}

#[inline(never)]
fn read_plainly<S: Subject>(worker: &mut Worker<'_, S>, batch: &[Operation], clock: &Clock) -> u64 {
    let mut digest = 0;
    for operation in batch {
        let from = clock.ticks();
        digest ^= worker.step(operation);
        let to = clock.ticks();
        black_box((from, to));
    }
    digest
}

#[inline(never)]
fn read_waiting<S: Subject>(worker: &mut Worker<'_, S>, batch: &[Operation], clock: &Clock) -> u64 {
    let mut digest = 0;
    for operation in batch {
        let from = ticks_when_done(clock);
        digest ^= worker.step(operation);
        let to = ticks_when_done(clock);
        black_box((from, to));
    }
    digest
}

/// Prints the histograms of real rounds of half a second each, on one thread.
fn histograms(clock: &Clock) {
    let keys = KeySet::new(KEYS_PER_RUN);
    let streams = [Stream::new(1, Mix::with_puts(10), 0, &keys)];
    let load = Load::new(&streams, &keys, Duration::from_millis(500));
    println!(
        "\nsubject   operation     samples    p50 ns    p99 ns  p99.9 ns  characters in evidence"
    );
    let subjects = Subjects::new();
    for name in ["floor", "sharded", "unified"] {
        let subject = subjects.measure(name).expect("it is built in");
        for kind in closed::round(subject, load, clock).kinds {
            let at = |quantile| kind.histogram.value_at_quantile(quantile);
            println!(
                "{:<9} {:<9} {:>11} {:>9} {:>9} {:>9}  {:>22}",
                name,
                kind.operation,
                kind.histogram.len(),
                at(0.5),
                at(0.99),
                at(0.999),
                encode(&kind.histogram).len()
            );
        }
    }
}
