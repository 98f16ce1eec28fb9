//! Measures the cost of the throughput loop itself: compares `floor`, the subject that does
//! nothing, with a loop that only reads each operation. The two loops are interleaved, on one
//! thread.
//!
//! `cargo run --release -p shardproof --example floor_cost [rounds [mix]]`
//!
//! With one round and one mix, it runs [`PASSES`] passes of one stream through each loop, and
//! `ci/floor.sh` counts the instructions.

use std::hint::black_box;
use std::time::{Duration, Instant};

use shardproof::measure::load::Load;
use shardproof::measure::worker::Worker;
use shardproof::stats::{Spread, summarise};
use shardproof::subject::controls::Floor;
use shardproof::workload::keys::KEYS_PER_RUN;
use shardproof::workload::{KeySet, Mix, Operation, Stream};

/// Default number of rounds.
const ROUNDS: usize = 501;
/// Passes of the stream per measurement.
const PASSES: usize = 8;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments
        .next()
        .map_or(ROUNDS, |text| text.parse().expect("give a number of rounds above 0"));
    let only: Option<Mix> =
        arguments.next().map(|text| text.parse().expect("give a mix, such as get90-put10"));
    println!(
        "{rounds} rounds, each of {PASSES} passes of the stream through both loops, on 1 thread. In ns per\n\
         operation: medians, and an interval for the median of the differences.\n\n\
         mix            empty   floor   above   interval"
    );
    let mixes = only.map_or_else(|| [0, 10, 50, 100].map(Mix::with_puts).to_vec(), |mix| vec![mix]);
    for mix in mixes {
        report(mix, rounds);
    }
}

fn report(mix: Mix, rounds: usize) {
    let keys = KeySet::new(KEYS_PER_RUN);
    let streams = [Stream::new(1, mix, 0, &keys)];
    let load = Load::new(&streams, &keys, Duration::ZERO);
    let mut worker = Worker::new(&Floor, 0, &load);
    worker.fill();
    let (mut empty, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        empty.push(per_operation_ns(&streams[0], read_only));
        floor.push(per_operation_ns(&streams[0], |batch| worker.run_batch(batch)));
    }
    let above: Vec<f64> = floor.iter().zip(&empty).map(|(floor, empty)| floor - empty).collect();
    let median = |values: &[f64]| summarise(values).expect("at least one round").median;
    let Spread { median: difference, low, high, .. } =
        summarise(&above).expect("at least one round");
    println!(
        "{:<13}{:>7.2}{:>8.2}{difference:>8.2}   {low:.2}..{high:.2}",
        mix.to_string(),
        median(&empty),
        median(&floor),
    );
}

/// Nanoseconds per operation of a stream when `run` runs its batches.
fn per_operation_ns(stream: &Stream, mut run: impl FnMut(&[Operation]) -> u64) -> f64 {
    let operations = stream.operations();
    let start = Instant::now();
    for _ in 0..PASSES {
        for batch in operations.chunks_exact(stream.batch()) {
            black_box(run(batch));
        }
    }
    start.elapsed().as_nanos() as f64 / (PASSES * operations.len()) as f64
}

/// Reads each operation and does nothing.
#[inline(never)]
fn read_only(batch: &[Operation]) -> u64 {
    let mut digest = 0;
    for operation in batch {
        digest ^= u64::from(black_box(operation).argument);
    }
    digest
}
