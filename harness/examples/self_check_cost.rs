//! Measures the cost of checking answers in every cell, on one thread. Three loops are interleaved:
//! the throughput loop; the same instructions on a stream without checked gets; and the loop
//! without any checks, whose values carry no checksum.
//!
//! `cargo run --release -p shardproof --example self_check_cost [rounds] [passes of the stream]`

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::{Session, ShardedStore, Value};
use shardproof::measure::load::Load;
use shardproof::measure::worker::{Worker, fold};
use shardproof::stats::{median, paired_ratio};
use shardproof::subject::Subject;
use shardproof::subject::controls::Ceiling;
use shardproof::workload::keys::{KEYS_PER_RUN, run_id};
use shardproof::workload::{KeySet, Mix, Opcode, Operation, Stream};

/// Default number of rounds.
const ROUNDS: usize = 501;
/// Passes of the stream per measurement: about a millisecond.
const PASSES: usize = 3;
/// Rounds per memory layout.
const ROUNDS_PER_LAYOUT: usize = 20;
/// Operations per batch, as in the matrix.
const BATCH: usize = 512;

/// Indices of the loops.
const CHECKED: usize = 0;
const UNSAMPLED: usize = 1;
const UNCHECKED: usize = 2;
const LOOPS: usize = 3;

/// Durations in seconds: for each loop, one per round.
type Timings = [Vec<f64>; LOOPS];

fn main() {
    let (rounds, passes) = (argument(1, ROUNDS), argument(2, PASSES));
    println!(
        "{rounds} rounds, each of {passes} passes of the stream through each loop, on 1 thread.\n\
         Mops/s: throughput of the loop without checks. Then the throughput of the loop with\n\
         checks relative to it, and to the same instructions without checked gets: medians of\n\
         ratios by round, with intervals.\n\n\
         subject   mix           Mops/s   to unchecked   interval      to unsampled   interval"
    );
    for put_percent in [0, 10, 50, 100] {
        let mix = Mix::with_puts(put_percent);
        report(
            "sharded",
            mix,
            passes,
            &measure_interleaved(rounds, passes, mix, ShardedStore::new),
        );
        report("ceiling", mix, passes, &measure_interleaved(rounds, passes, mix, || Ceiling));
    }
}

fn argument(place: usize, default: usize) -> usize {
    let given = std::env::args().nth(place).map(|text| text.parse::<NonZeroUsize>());
    given.map_or(default, |count| count.expect("give a number above 0").get())
}

fn measure_interleaved<S: Subject>(
    rounds: usize,
    passes: usize,
    mix: Mix,
    create: impl Fn() -> S,
) -> Timings {
    let keys = KeySet::new(KEYS_PER_RUN);
    let sampled = [Stream::new(1, mix, 0, &keys)];
    let unsampled = sampled.clone().map(Stream::without_samples);
    let (stream, value) = (&sampled[0], sampled[0].value());
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut timings = Timings::default();
    while timings[0].len() < rounds {
        let layout: u64 = random.random();
        let load = Load { layout, ..Load::new(&sampled, &keys, Duration::ZERO) };
        let _offset = black_box(load.offset());
        let mut subjects = [create(), create(), create()];
        // The order of creation may matter too.
        subjects.shuffle(&mut random);
        let mut checked = Worker::new(&subjects[CHECKED], 0, &load);
        checked.fill();
        let unsampled_load = Load { streams: &unsampled, ..load };
        let mut unchecked = Worker::new(&subjects[UNSAMPLED], 0, &unsampled_load);
        unchecked.fill();
        let mut session = subjects[UNCHECKED].session(run_id(layout, 0));
        for key in keys.as_slice() {
            session.put(key, value.clone()).expect("a put that fills");
        }
        let mut order = [CHECKED, UNSAMPLED, UNCHECKED];
        for _ in 0..ROUNDS_PER_LAYOUT {
            order.shuffle(&mut random);
            for loop_index in order {
                timings[loop_index].push(match loop_index {
                    CHECKED => seconds(stream, passes, |batch| checked.run_batch(batch)),
                    UNSAMPLED => seconds(&unsampled[0], passes, |batch| unchecked.run_batch(batch)),
                    _ => seconds(stream, passes, |batch| run_unchecked(&mut session, batch, value)),
                });
            }
        }
        let checks = checked.into_checks();
        assert_eq!(checks.failed, 0, "{:?}", checks.first_failure);
    }
    timings
}

/// Seconds to run the passes, after one untimed pass to warm the caches.
fn seconds(stream: &Stream, passes: usize, mut run: impl FnMut(&[Operation]) -> u64) -> f64 {
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
    start.elapsed().as_secs_f64()
}

/// The throughput loop without checks.
#[inline(never)]
fn run_unchecked<S: Session>(session: &mut S, batch: &[Operation], value: &Value) -> u64 {
    let mut digest = 0;
    for operation in batch {
        match operation.code {
            Opcode::Get | Opcode::CheckedGet => {
                digest ^= session.get_with(&operation.key, fold).unwrap_or(0);
            }
            Opcode::Put => {
                session.put(&operation.key, value.clone()).expect("a put that overwrites");
            }
            _ => unreachable!("a mix of gets and puts"),
        }
    }
    digest
}

fn report(subject: &str, mix: Mix, passes: usize, timings: &Timings) {
    let operations = (passes * Stream::OPERATIONS) as f64;
    let unchecked_s = median(&timings[UNCHECKED]).expect("at least one round");
    // The ratio of throughputs is the inverse of the ratio of times.
    let to = |base: usize| {
        let ratio = paired_ratio(&timings[base], &timings[CHECKED]).expect("operations take time");
        format!("{:.3}   {:.3}..{:.3}", ratio.median, ratio.low, ratio.high)
    };
    println!(
        "{subject:<9} {:<12} {:>7.1}       {}            {}",
        mix.to_string(),
        operations / unchecked_s / 1e6,
        to(UNCHECKED),
        to(UNSAMPLED)
    );
}
