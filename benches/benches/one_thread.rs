//! Benchmarks on one thread: gets, puts, snapshots, lists and commits of the store, next to the
//! other subjects and the controls.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use sharded_store::{Key, RunHandle, ShardedStore, UnifiedStore, Value, WriteSet};
use shardproof::subject::Subject;
use shardproof::subject::controls::{Ceiling, Floor};
use shardproof::subject::seed::SeedStore;
use shardproof::subject::sharded::ShardedPlain;
use shardproof::workload::keys::{group_prefix, grouped_key, run_id, value};
use shardproof_benches::{KEYS, PASS, filled, pass, read_all, write_all};

type Group<'a> = BenchmarkGroup<'a, criterion::measurement::WallTime>;

fn get_and_put(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("get");
    group.throughput(Throughput::Elements(PASS as u64));
    each_subject(&mut group, Pass::Read);
    group.finish();
    let mut group = criterion.benchmark_group("put");
    group.throughput(Throughput::Elements(PASS as u64));
    each_subject(&mut group, Pass::Write);
    group.finish();
}

#[derive(Clone, Copy)]
enum Pass {
    Read,
    Write,
}

fn each_subject(group: &mut Group<'_>, what: Pass) {
    one(group, "sharded", &ShardedStore::new(), what);
    one(group, "sharded-plain", &ShardedPlain::new(), what);
    one(group, "unified", &UnifiedStore::new(), what);
    one(group, "seed", &SeedStore::new(), what);
    one(group, "ceiling", &Ceiling, what);
    one(group, "floor", &Floor, what);
}

fn one<S: Subject>(group: &mut Group<'_>, name: &str, subject: &S, what: Pass) {
    let mut session = filled(subject, 0);
    let keys = pass();
    group.bench_function(name, |bencher| match what {
        Pass::Read => bencher.iter(|| black_box(read_all(&mut session, &keys))),
        Pass::Write => bencher.iter(|| write_all(&mut session, &keys)),
    });
}

fn snapshots(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("snapshot and drop");
    for keys in [1_000, 1_000_000] {
        let store = ShardedStore::new();
        let run = run_of(&store, keys);
        group.bench_function(format!("owned, {keys} keys"), |bencher| {
            bencher.iter(|| store.snapshot().version());
        });
        group.bench_function(format!("borrowed, {keys} keys"), |bencher| {
            bencher.iter(|| store.snapshot_ref().version());
        });
        drop(run);
    }
    group.finish();

    let store = ShardedStore::new();
    let run = run_of(&store, KEYS);
    let snapshot = store.snapshot();
    let keys: Vec<Key> = (0..KEYS as u64).map(|index| grouped_key(index % 100, index)).collect();
    let mut next = 0;
    criterion.bench_function("snapshot get", |bencher| {
        bencher.iter(|| {
            next = (next + 7919) % KEYS;
            black_box(snapshot.get(run.id(), &keys[next]))
        });
    });
}

fn lists(criterion: &mut Criterion) {
    let store = ShardedStore::new();
    let run = run_of(&store, KEYS);
    let sorted: BTreeMap<Key, Value> =
        run.list_all().into_iter().map(|entry| (entry.key, entry.value)).collect();
    let mut group = criterion.benchmark_group("list 100 of 10 000");
    let mut next = 0;
    group.bench_function("sharded", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % 100;
            black_box(run.list(group_prefix(next)))
        });
    });
    group.bench_function("BTreeMap range", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % 100;
            let prefix = group_prefix(next);
            let first = Key::new(prefix).expect("a short key");
            let range = sorted.range(first..).take_while(|(key, _)| key.starts_with(&prefix));
            black_box(range.map(|(key, value)| (key.clone(), value.clone())).collect::<Vec<_>>())
        });
    });
    group.finish();
}

fn write_sets_and_transactions(criterion: &mut Criterion) {
    let store = ShardedStore::new();
    let run = run_of(&store, KEYS);
    let other = store.run(run_id(1, 1));
    let keys = pass();
    let mut group = criterion.benchmark_group("commit");
    let mut set = WriteSet::new();
    for (index, key) in keys.iter().take(8).enumerate() {
        let run = if index % 2 == 0 { run.id() } else { other.id() };
        set.add(run, key.clone(), Some(value(1)));
    }
    group.bench_function("apply, 8 keys in 2 runs", |bencher| {
        bencher.iter(|| store.apply(&set));
    });
    group.bench_function("transaction, 1 get and 1 put", |bencher| {
        bencher.iter(|| {
            let mut transaction = run.begin();
            black_box(transaction.get(&keys[0]));
            transaction.put(&keys[0], value(2));
            transaction.commit()
        });
    });
    group.finish();
}

/// A run with keys in 100 groups.
fn run_of(store: &ShardedStore, keys: usize) -> RunHandle {
    let run = store.run(run_id(1, 0));
    for index in 0..keys as u64 {
        run.put(&grouped_key(index % 100, index), value(index))
            .expect("an empty store takes a put");
    }
    run
}

criterion_group!(benches, get_and_put, snapshots, lists, write_sets_and_transactions);
criterion_main!(benches);
