//! What it costs that every cell checks the answers it gets: the loop of the matrix beside the same
//! loop with neither sealed values nor checks, in turns, on one thread.
//!
//! `cargo run --release -p shardproof --example self_check_cost [pairs] [passes of the stream]`

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::{Session, ShardedStore, Value};
use shardproof::measure::cell::Load;
use shardproof::measure::worker::{Worker, fold};
use shardproof::stats::{Summary, paired_ratio, summarise};
use shardproof::subject::Subject;
use shardproof::subject::controls::Ceiling;
use shardproof::workload::keys::{KEYS_PER_RUN, run_id};
use shardproof::workload::{KeySet, Kind, Mix, Operation, Stream};

/// Pairs of slices unless told otherwise.
const PAIRS: usize = 501;
/// Passes of the stream that are timed in each slice: about a millisecond.
const PASSES: usize = 3;
/// Pairs in one layout in memory.
const PAIRS_PER_LAYOUT: usize = 20;
/// Operations between two looks at the stop flag, as in the matrix.
const BATCH: usize = 512;

/// What is measured: throughput without checks, and the ratios with to without.
type Cost = (Summary, Summary);

fn main() {
    let (pairs, passes) = (argument(1, PAIRS), argument(2, PASSES));
    println!(
        "{pairs} pairs of {passes} passes of the stream, on 1 thread. Mops/s: the median without \
         checks.\nratio: the median of with / without, pair by pair, and an interval that holds \
         it.\n\nsubject   mix           Mops/s   ratio   interval"
    );
    for put_percent in [0, 10, 50, 100] {
        let mix = Mix::with_puts(put_percent);
        report("sharded", mix, in_turns(pairs, passes, mix, ShardedStore::new));
        report("ceiling", mix, in_turns(pairs, passes, mix, || Ceiling));
    }
}

fn argument(place: usize, default: usize) -> usize {
    let given = std::env::args().nth(place).map(|text| text.parse::<NonZeroUsize>());
    given.map_or(default, |count| count.expect("give a number above 0").get())
}

fn in_turns<S: Subject>(pairs: usize, passes: usize, mix: Mix, create: impl Fn() -> S) -> Cost {
    let keys = KeySet::new(KEYS_PER_RUN);
    let streams = [Stream::new(1, mix, 0, &keys)];
    let [stream] = &streams;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let (mut checked, mut unchecked) = (Vec::new(), Vec::new());
    while checked.len() < pairs {
        let layout: u64 = random.random();
        let runs = [run_id(layout, 0)];
        let slice = Duration::ZERO;
        let load =
            Load { streams: &streams, runs: &runs, keys: &keys, slice, heap_offset_bytes: 0 };
        let _offset = black_box(vec![0u8; layout as usize % 512 * 16]);
        let mut subjects = [create(), create()];
        // Which of the two was made first may matter too.
        subjects.shuffle(&mut random);
        let [one, other] = &subjects;
        let mut with = Worker::new(one, 0, &load);
        with.fill();
        let mut without = other.session(runs[0]);
        for key in keys.as_slice() {
            without.put(key, stream.value().clone()).expect("a filling put");
        }
        let mut with_s = || seconds(stream, passes, |batch| with.run_batch(batch));
        let mut without_s =
            || seconds(stream, passes, |batch| run_unchecked(&mut without, batch, stream.value()));
        for _ in 0..PAIRS_PER_LAYOUT {
            if random.random_range(0..2u32) == 0 {
                checked.push(with_s());
                unchecked.push(without_s());
            } else {
                unchecked.push(without_s());
                checked.push(with_s());
            }
        }
        let checks = with.into_checks();
        assert_eq!(checks.failed, 0, "{:?}", checks.first_failure);
    }
    let ops_per_s = |seconds: &f64| (passes * Stream::OPERATIONS) as f64 / seconds;
    let unchecked: Vec<f64> = unchecked.iter().map(ops_per_s).collect();
    let checked: Vec<f64> = checked.iter().map(ops_per_s).collect();
    let without = summarise(&unchecked).expect("at least one pair");
    (without, paired_ratio(&checked, &unchecked).expect("operations take time"))
}

/// How long it takes to run the stream, after once more so that its data are near again.
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

/// The loop of the matrix as it was before there were checks.
#[inline(never)]
fn run_unchecked<S: Session>(session: &mut S, batch: &[Operation], value: &Value) -> u64 {
    let mut digest = 0;
    for operation in batch {
        match operation.kind {
            Kind::Get | Kind::CheckedGet(_) => {
                digest ^= session.get_with(&operation.key, fold).unwrap_or(0);
            }
            Kind::Put(_) => {
                session.put(&operation.key, value.clone()).expect("an overwriting put");
            }
        }
    }
    digest
}

fn report(subject: &str, mix: Mix, (without, ratio): Cost) {
    println!(
        "{subject:<9} {:<12} {:>7.1}   {:.3}   {:.3}..{:.3} ({:.1} %)",
        mix.to_string(),
        without.median / 1e6,
        ratio.median,
        ratio.low,
        ratio.high,
        ratio.coverage * 100.0
    );
}
