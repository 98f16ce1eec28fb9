use std::collections::BTreeSet;

use sharded_store::Key;

use super::*;
use crate::KeyShape;

/// The stream of thread 0 for a workload of a thousand keys, unless it says otherwise.
fn stream(workload: &str, placement: &str) -> (Stream, KeySet) {
    let workload: Workload = workload.parse().unwrap();
    let keys = workload.key_set();
    (Stream::of(1, &workload, placement.parse().unwrap(), 0, &keys), keys)
}

fn count(stream: &Stream, kind: OperationKind) -> usize {
    stream.operations().iter().filter(|operation| operation.kind() == kind).count()
}

#[test]
fn the_same_seed_gives_the_same_stream_and_another_seed_another() {
    let keys = KeySet::new(1_000);
    let mix = Mix::with_puts(10);
    let stream = Stream::new(7, mix, 1, &keys);
    assert_eq!(stream, Stream::new(7, mix, 1, &keys));
    assert_ne!(stream.operations(), Stream::new(8, mix, 1, &keys).operations());
}

#[test]
fn two_threads_run_different_streams_and_write_different_values() {
    let keys = KeySet::new(1_000);
    let [one, other] = [0, 1].map(|thread| Stream::new(7, Mix::with_puts(100), thread, &keys));
    assert_ne!(one.operations(), other.operations());
    assert_ne!(one.value(), other.value());
}

#[test]
fn the_shares_of_a_mix_are_exact() {
    let keys = KeySet::new(10);
    for (put_percent, expected) in [(0, 0), (10, 1_638), (50, 8_192), (100, 16_384)] {
        let stream = Stream::new(1, Mix::with_puts(put_percent), 0, &keys);
        assert_eq!(count(&stream, OperationKind::Put), expected);
    }
    let text = "get20-miss3-put20-insert10-delete10-contains7-list5-count1-apply5-snapshot5\
                -transaction7-rmw7";
    let (stream, _) = stream(text, "disjoint");
    let mix: Mix = text.parse().unwrap();
    for kind in OperationKind::ALL {
        let exact = stream.operations().len() as f64 * f64::from(mix.share(kind)) / 100.0;
        assert!((count(&stream, kind) as f64 - exact).abs() <= 1.0, "{kind}");
    }
}

#[test]
fn two_mixes_differ_in_nothing_but_the_kinds() {
    let [(one, _), (other, _)] =
        ["get90-put10", "get40-put30-delete20-rmw10"].map(|mix| stream(mix, "disjoint"));
    for (one, other) in one.operations().iter().zip(other.operations()) {
        assert_eq!(one.key, other.key);
    }
}

#[test]
fn one_writer_writes_what_the_others_do_not() {
    let workload: Workload = "get60-put30-delete10+roles=one-writer".parse().unwrap();
    let keys = workload.key_set();
    let [writer, reader] =
        [0, 1].map(|thread| Stream::of(1, &workload, Placement::Shared, thread, &keys));
    assert_eq!(count(&reader, OperationKind::Get), Stream::OPERATIONS);
    assert_eq!(count(&writer, OperationKind::Put), Stream::OPERATIONS * 3 / 4);
    assert_eq!(count(&writer, OperationKind::Delete), Stream::OPERATIONS / 4);
}

#[test]
fn operations_are_shared_out_to_the_runs_of_the_thread() {
    let (three, _) = stream("get50-apply50+runs_per_thread=3", "disjoint");
    for session in 0..3 {
        let of = |it: &&Operation| it.session == session;
        assert!((300..=382).contains(&three.operations().iter().filter(of).count()));
    }
    let set = three.operations().iter().find(|it| it.code == Code::Apply).unwrap();
    let parts = three.parts_of(set);
    assert_eq!(parts.len(), 10);
    assert!(parts.iter().any(|part| part.session != parts[0].session), "a set spans runs");

    let (mixed, _) = stream("get100+runs_per_thread=3", "disjoint90-shared10");
    let shared = mixed.operations().iter().filter(|it| it.session == 3).count();
    assert!((1_500..1_780).contains(&shared), "{shared}");
    for placement in ["shared", "hot"] {
        let (common, _) = stream("get100+runs_per_thread=3", placement);
        assert!(common.operations().iter().all(|it| it.session == 0), "{placement}");
    }
}

#[test]
fn a_hot_stream_has_one_key_and_a_miss_none_of_the_run() {
    let (hot, keys) = stream("get50-put50+keys=zipf", "hot");
    assert!(hot.operations().iter().all(|it| it.key == keys.as_slice()[0]));
    let (misses, keys) = stream("miss100", "disjoint");
    let there: BTreeSet<&Key> = keys.as_slice().iter().collect();
    assert!(misses.operations().iter().all(|it| !there.contains(&it.key)));
}

#[test]
fn streams_that_serve_several_placements_are_the_same() {
    for (one, other, runs) in
        [("disjoint", "colliding", 3), ("disjoint", "shared", 1), ("hot", "hot", 3)]
    {
        let [one, other] = [one, other].map(|it: &str| it.parse::<Placement>().unwrap());
        assert_eq!(one.for_streams(runs), other.for_streams(runs));
        let workload = format!("get50-put50+runs_per_thread={runs}");
        let [one, other] = [one, other].map(|it| stream(&workload, &it.to_string()).0);
        assert_eq!(one, other);
    }
}

#[test]
fn a_stream_and_its_batches_are_short_where_some_operations_are_long() {
    for (mix, operations, batch) in [
        ("get50-put20-delete10-insert10-rmw10", 16_384, 512),
        ("get99-list1", 1_024, 16),
        ("get99-transaction1", 1_024, 16),
        ("put99-apply1", 1_024, 16),
    ] {
        let (stream, _) = stream(mix, "disjoint");
        assert_eq!((stream.operations().len(), stream.batch()), (operations, batch), "{mix}");
    }
}

#[test]
fn a_set_of_writes_may_be_longer_than_its_stream() {
    let (stream, _) = stream("get50-apply50+writes_per_apply=10000", "disjoint");
    let is_set = |it: &&Operation| it.code == Code::Apply;
    let sets: Vec<&Operation> = stream.operations().iter().filter(is_set).collect();
    assert_eq!(sets.len(), 512);
    assert!(sets.iter().all(|set| stream.parts_of(set).len() == 10_000));
}

#[test]
fn where_gets_are_few_one_of_them_is_checked_all_the_same() {
    let (few, _) = stream("get1-put89-snapshot10", "disjoint");
    assert_eq!(few.samples().len(), 1);
    let (none, _) = stream("put90-snapshot10", "disjoint");
    assert!(none.samples().is_empty());
}

#[test]
fn values_have_the_lengths_that_were_asked_for() {
    let (standard, _) = stream("put100", "disjoint");
    assert!((0..100).all(|number| standard.value_bytes(number) == 40));
    assert!(standard.operations().iter().all(|it| it.code == Code::Put));
    let (sized, _) = stream("put100+value_bytes=100..1000", "disjoint");
    let lengths: BTreeSet<u32> = (0..10_000).map(|number| sized.value_bytes(number)).collect();
    assert!(lengths.len() > 800 && lengths.iter().all(|bytes| (100..=1_000).contains(bytes)));
    assert!(sized.operations().iter().all(|it| it.code == Code::SizedPut));
    let (unchecked, _) = stream("get100+value_bytes=8", "disjoint");
    assert!(unchecked.exemption().is_some() && unchecked.samples().is_empty());
}

#[test]
fn the_latest_of_keys_that_are_inserted_are_found_by_their_rank() {
    let (latest, _) = stream("ycsb-d", "disjoint");
    let ranks: Vec<u32> = latest
        .operations()
        .iter()
        .filter(|it| it.code == Code::LatestGet)
        .map(|it| it.argument)
        .collect();
    assert_eq!(ranks.len(), count(&latest, OperationKind::Get));
    let newest = ranks.iter().filter(|rank| **rank == 0).count();
    let tenth = ranks.iter().filter(|rank| **rank == 9).count();
    assert!(newest > 5 * tenth, "{newest} and {tenth}");
    // Where nothing is inserted, the newest is the last one that the run was filled with.
    let (still, keys) = stream("get100+keys=latest", "disjoint");
    let newest = still.operations().iter().filter(|it| it.key == keys.as_slice()[9_999]).count();
    assert!(newest > 1_000, "{newest}");
}

/// What a checked get knows, and what comes of running the stream step by step.
fn compare_samples(stream: &Stream, keys: &KeySet, sessions: usize) -> usize {
    let mut writes = vec![0u32; sessions];
    let mut last = vec![vec![None; keys.as_slice().len()]; sessions];
    let mut met = 0;
    for pass in 0..3 {
        for operation in stream.operations() {
            if operation.code == Code::CheckedGet {
                let sample = stream.samples()[operation.argument as usize];
                assert_eq!(operation.key, keys.as_slice()[sample.key as usize]);
                if pass > 0 {
                    let session = usize::from(operation.session);
                    let expected = last[session][sample.key as usize].map(|(number, is_delete)| {
                        WriteAgo { writes: writes[session] - number, is_delete }
                    });
                    assert_eq!(sample.last_write, expected);
                    met += 1;
                }
            }
            let mut write = |session: u16, key: Option<u32>, is_delete| {
                let session = usize::from(session);
                writes[session] += 1;
                if let Some(key) = key {
                    last[session][key as usize] = Some((writes[session], is_delete));
                }
            };
            let (session, key) = (operation.session, operation.argument);
            match operation.kind() {
                OperationKind::Put | OperationKind::Rmw => write(session, Some(key), false),
                OperationKind::Delete => write(session, Some(key), true),
                OperationKind::Insert | OperationKind::Transaction => write(session, None, false),
                OperationKind::Apply => {
                    for part in stream.parts_of(operation) {
                        assert_eq!(part.key, keys.as_slice()[part.number as usize]);
                        write(part.session, Some(part.number), false);
                    }
                }
                _ => {}
            }
        }
    }
    met
}

#[test]
fn a_checked_get_knows_the_last_write_to_its_key() {
    // Few keys, so that most samples have had a write in this pass, and some in the one before.
    for (mix, placement, sessions) in [
        ("get50-put50", "disjoint", 1),
        ("get50-put10-insert10-delete10-apply5-transaction10-rmw5", "disjoint", 1),
        ("get50-put25-delete25+runs_per_thread=2", "disjoint60-shared40", 3),
    ] {
        let (stream, keys) = stream(&format!("{mix}+keys_per_run=1000"), placement);
        assert_eq!(stream.samples().len(), stream.operations().len() / 2 / 128);
        assert_eq!(compare_samples(&stream, &keys, sessions), 2 * stream.samples().len(), "{mix}");
        for session in 0..sessions as u16 {
            let of = |it: &&Operation| it.code == Code::CheckedGet && it.session == session;
            let samples = stream.operations().iter().filter(of);
            let slots: BTreeSet<(u32, u32)> = samples
                .map(|it| stream.samples()[it.argument as usize])
                .map(|sample| (sample.slot, sample.key))
                .collect();
            assert!(slots.iter().zip(0..).all(|((slot, _), place)| *slot == place), "one per key");
        }
        let unsampled = stream.clone().without_samples();
        assert!(unsampled.samples().is_empty());
        for (one, other) in stream.operations().iter().zip(unsampled.operations()) {
            assert!(
                one == other || (one.code, other.code) == (Code::CheckedGet, Code::Get),
                "only gets that were checked are changed"
            );
        }
    }
}

#[test]
fn the_last_writes_are_those_of_a_stream_run_step_by_step() {
    for mix in ["get100", "get90-put10", "put100", "get50-put20-delete20-insert5-apply5"] {
        let (stream, _) = stream(mix, "disjoint60-shared40");
        let (mut done, mut numbers) = (0, [0u64; 2]);
        let mut last = vec![vec![LastWrite::default(); 10_000]; 2];
        for operation in stream.operations().iter().cycle().take(40_001) {
            if done % 5_000 == 0 {
                for session in 0..2 {
                    let found = stream.last_writes(done, session, 10_000);
                    assert_eq!(found, last[usize::from(session)], "{mix}, after {done} operations");
                }
            }
            done += 1;
            let mut write = |session: u16, key: u32, is_delete| {
                let session = usize::from(session);
                numbers[session] += 1;
                last[session][key as usize] = LastWrite { number: numbers[session], is_delete };
            };
            match operation.code {
                Code::Put => write(operation.session, operation.argument, false),
                Code::Delete => write(operation.session, operation.argument, true),
                Code::Apply => {
                    for part in stream.parts_of(operation) {
                        write(part.session, part.number, false);
                    }
                }
                Code::Insert => numbers[usize::from(operation.session)] += 1,
                _ => {}
            }
        }
    }
}

/// A number that changes with any key or code of the stream.
fn digest(stream: &Stream) -> u64 {
    let mut digest = 0u64;
    for operation in stream.operations() {
        for byte in operation.key.as_bytes() {
            digest = digest.wrapping_mul(31).wrapping_add(u64::from(*byte));
        }
        let is_put = operation.kind() == OperationKind::Put;
        digest = digest.wrapping_mul(31).wrapping_add(u64::from(is_put));
    }
    digest
}

#[test]
fn a_stream_is_the_same_on_every_machine() {
    let plain = Stream::new(1, Mix::with_puts(50), 0, &KeySet::new(10_000));
    let changed = "a changed digest makes old seeds mean something new";
    assert_eq!(digest(&plain), 6_487_924_791_889_107_551, "{changed}");
    let (ycsb, _) = stream("ycsb-a", "disjoint90-shared10");
    let (spread, _) = stream("get50-put50+keys=hotspot:20:80+key_shape=uuid", "disjoint");
    assert_eq!(
        (digest(&ycsb), digest(&spread)),
        (10_277_743_062_671_689_396, 8_689_903_478_336_612_837),
        "{changed}"
    );
}

#[test]
fn a_listing_knows_how_many_keys_it_lists() {
    let workload: Workload = "list100".parse().unwrap();
    let keys = KeySet::shaped(1_000, KeyShape::User, None);
    let stream = Stream::of(1, &workload, Placement::Disjoint, 0, &keys);
    for operation in stream.operations().iter().take(100) {
        let prefix = operation.key.as_bytes();
        let listed = keys.as_slice().iter().filter(|key| key.starts_with(prefix)).count();
        assert_eq!(listed, operation.argument as usize);
    }
}
