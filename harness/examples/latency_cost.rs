//! What it costs to time every operation, beyond the two readings of the clock. Three loops take turns over a
//! subject that does nothing: two readings around each operation; the same with the processor held
//! before each reading until what came before is done; and the loop of the latency pass, which records as well.
//! Then how many characters the pass's histogram is in evidence.
//!
//! `cargo run --release -p shardproof --no-default-features --example latency_cost [rounds] [passes]`

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof::evidence::histogram::encode;
use shardproof::machine::barrier::wait_for_all_before;
use shardproof::machine::clock::Clock;
use shardproof::measure::cell::Load;
use shardproof::measure::latency::{Recorder, closed};
use shardproof::measure::worker::Worker;
use shardproof::stats::{Summary, summarise};
use shardproof::subject::SubjectName;
use shardproof::subject::controls::Floor;
use shardproof::trace::allocations::{self, CountingAllocator};
use shardproof::workload::keys::{KEYS_PER_RUN, run_id};
use shardproof::workload::{KeySet, Mix, Operation, Stream};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Rounds unless told otherwise.
const ROUNDS: usize = 501;
/// Passes of the stream in each turn: about a millisecond, less than a time slice of the system's scheduler.
const PASSES: usize = 1;
/// Operations between two looks at the stop flag, as in the pass.
const BATCH: usize = 64;

/// The loops, by their place among the turns of a round.
const READINGS: usize = 0;
const HELD: usize = 1;
const PASS: usize = 2;
const LOOPS: usize = 3;

/// Nanoseconds per operation of each turn of each loop.
type Turns = [Vec<f64>; LOOPS];

fn main() {
    let (rounds, passes) = (argument(1, ROUNDS), argument(2, PASSES));
    let clock = Clock::new();
    println!(
        "{rounds} rounds, each of {passes} passes of the stream through each loop, on 1 thread.\n\
         One reading of the clock takes {:.1} ns. Nanoseconds per operation, medians with intervals\n\
         that hold them; `more` is round by round.\n\n\
         mix           two readings          held                  pass                  \
         more than readings    more than held        allocations",
        clock.cost_ns()
    );
    for put_percent in [0, 10, 100] {
        let mix = Mix::with_puts(put_percent);
        let (turns, allocations) = in_turns(rounds, passes, mix, &clock);
        let more = |base: usize| -> Vec<f64> {
            turns[PASS].iter().zip(&turns[base]).map(|(pass, base)| pass - base).collect()
        };
        println!(
            "{:<12}  {}  {}  {}  {}  {}  {allocations:>11}",
            mix.to_string(),
            shown(&turns[READINGS]),
            shown(&turns[HELD]),
            shown(&turns[PASS]),
            shown(&more(READINGS)),
            shown(&more(HELD))
        );
    }
    histograms(&clock);
}

fn argument(place: usize, default: usize) -> usize {
    let given = std::env::args().nth(place).map(|text| text.parse::<NonZeroUsize>());
    given.map_or(default, |count| count.expect("give a number above 0").get())
}

fn shown(values: &[f64]) -> String {
    let Summary { median, low, high, .. } = summarise(values).expect("at least one round");
    format!("{:<20}", format!("{median:.1} ({low:.1}..{high:.1})"))
}

/// The turns, and the allocations of all that belong to the pass.
fn in_turns(rounds: usize, passes: usize, mix: Mix, clock: &Clock) -> (Turns, u64) {
    let keys = KeySet::new(KEYS_PER_RUN);
    let streams = [Stream::new(1, mix, 0, &keys)];
    let (runs, slice) = ([run_id(1, 0)], Duration::ZERO);
    let load = Load { streams: &streams, runs: &runs, keys: &keys, slice, heap_offset_bytes: 0 };
    let mut worker = Worker::new(&Floor, 0, &load);
    let mut recorder = Recorder::new();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let (mut turns, mut order) = (Turns::default(), [READINGS, HELD, PASS]);
    let mut allocations = 0;
    for _ in 0..rounds {
        order.shuffle(&mut random);
        for turn in order {
            let before = allocations::on_this_thread();
            let ns = per_operation_ns(&streams[0], passes, |batch| match turn {
                READINGS => read_only(&mut worker, batch, clock),
                HELD => read_held(&mut worker, batch, clock),
                _ => closed::run_batch(&mut worker, batch, clock, &mut recorder),
            });
            let after = allocations::on_this_thread();
            if turn == PASS {
                let counted = after.zip(before).expect("the allocator is installed");
                allocations += counted.0 - counted.1;
            }
            turns[turn].push(ns);
        }
    }
    black_box(recorder);
    (turns, allocations)
}

/// How long one operation takes, after a pass so that its data are near again.
fn per_operation_ns(
    stream: &Stream,
    passes: usize,
    mut run: impl FnMut(&[Operation]) -> u64,
) -> f64 {
    let mut pass = || {
        for batch in stream.operations().chunks_exact(BATCH) {
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
fn read_only(worker: &mut Worker<'_, Floor>, batch: &[Operation], clock: &Clock) -> u64 {
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
fn read_held(worker: &mut Worker<'_, Floor>, batch: &[Operation], clock: &Clock) -> u64 {
    let mut digest = 0;
    for operation in batch {
        wait_for_all_before();
        let from = clock.ticks();
        digest ^= worker.step(operation);
        wait_for_all_before();
        let to = clock.ticks();
        black_box((from, to));
    }
    digest
}

/// The histograms of real rounds, of half a second each on one thread.
fn histograms(clock: &Clock) {
    let keys = KeySet::new(KEYS_PER_RUN);
    let streams = [Stream::new(1, Mix::with_puts(10), 0, &keys)];
    let (runs, slice) = ([run_id(1, 0)], Duration::from_millis(500));
    let load = Load { streams: &streams, runs: &runs, keys: &keys, slice, heap_offset_bytes: 0 };
    println!(
        "\nsubject   operation     samples    p50 ns    p99 ns  p99.9 ns  characters in evidence"
    );
    for name in [SubjectName::Floor, SubjectName::Sharded, SubjectName::Unified] {
        for kind in closed::round(name, load, clock).kinds {
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
