//! Benchmarks next to another thread: snapshots next to a writer, puts next to snapshots, and puts
//! next to puts.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sharded_store::{Key, RunHandle, ShardedStore};
use shardproof::subject::Subject;
use shardproof::subject::controls::Ceiling;
use shardproof::subject::seed::SeedStore;
use shardproof_benches::{PASS, filled, pass, write_all};

/// Runs `measured` while another thread calls `background` in a loop.
fn beside(background: impl FnMut() + Send, measured: impl FnOnce()) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let done = &done;
        let mut background = background;
        scope.spawn(move || {
            while !done.load(Ordering::Relaxed) {
                background();
            }
        });
        measured();
        done.store(true, Ordering::Relaxed);
    });
}

fn snapshot_beside_a_writer(criterion: &mut Criterion) {
    let store = ShardedStore::new();
    let mut session: RunHandle = filled(&store, 0);
    let keys = pass();
    criterion.bench_function("snapshot and drop/beside a writer", |bencher| {
        beside(
            || write_all(&mut session, &keys),
            || bencher.iter(|| black_box(store.snapshot().version())),
        );
    });
}

fn put_beside_snapshots(criterion: &mut Criterion) {
    let store = ShardedStore::new();
    let mut session: RunHandle = filled(&store, 0);
    let keys = pass();
    let mut group = criterion.benchmark_group("put");
    group.throughput(Throughput::Elements(PASS as u64));
    group.bench_function("sharded, beside a snapshot every 10 us", |bencher| {
        let snapshot_for_a_while = || {
            let snapshot = store.snapshot();
            spin(Duration::from_micros(5));
            drop(snapshot);
            spin(Duration::from_micros(5));
        };
        beside(snapshot_for_a_while, || bencher.iter(|| write_all(&mut session, &keys)));
    });
    group.bench_function("sharded, beside a thread that spins", |bencher| {
        let background = || spin(Duration::from_micros(10));
        beside(background, || bencher.iter(|| write_all(&mut session, &keys)));
    });
    group.finish();
}

fn put_beside_a_put(criterion: &mut Criterion) {
    let keys = pass();
    let mut group = criterion.benchmark_group("put beside a put in another run");
    group.throughput(Throughput::Elements(PASS as u64));
    pair(&mut group, "sharded", &ShardedStore::new(), &keys);
    pair(&mut group, "seed", &SeedStore::new(), &keys);
    pair(&mut group, "ceiling", &Ceiling, &keys);
    group.finish();
}

fn pair<S: Subject>(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    name: &str,
    subject: &S,
    keys: &[Key],
) {
    let mut mine = filled(subject, 0);
    group.bench_function(name, |bencher| {
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut theirs = filled(subject, 1);
                while !done.load(Ordering::Relaxed) {
                    write_all(&mut theirs, keys);
                }
            });
            bencher.iter(|| write_all(&mut mine, keys));
            done.store(true, Ordering::Relaxed);
        });
    });
}

fn spin(time: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
}

criterion_group!(benches, snapshot_beside_a_writer, put_beside_snapshots, put_beside_a_put);
criterion_main!(benches);
