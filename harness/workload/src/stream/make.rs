//! How a stream is made.

use std::collections::HashMap;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::Key;

use crate::definition::{PARTS_MAX, Settings, Workload};
use crate::distribution::{KeyChooser, KeyDistribution};
use crate::keys::{self, KeySet, MISSES_FROM};
use crate::kind::OperationKind;
use crate::listing::Listings;
use crate::mix::Mix;
use crate::operation::{Code, Operation, Part};
use crate::placement::Placement;
use crate::roles::Roles;
use crate::sizes::ValueSizes;
use crate::stream::{Sample, Stream, WriteAgo};

/// Different lengths of values of a stream, where not all are the same.
const LENGTHS: usize = 4096;
/// What the operations of many keys of a stream share, where there are any.
const PARTS: usize = 16 * 1024;
const _: () = assert!(PARTS > PARTS_MAX);

/// See [`Stream::of`].
pub(super) fn stream(
    seed: u64,
    workload: &Workload,
    placement: Placement,
    thread: usize,
    keys: &KeySet,
) -> Stream {
    let settings = workload.settings();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    // Each jump skips 2^128 numbers: the threads' sequences never overlap.
    for _ in 0..thread {
        random.jump();
    }
    let mut maker = Maker {
        settings,
        placement,
        chooser: settings.keys.chooser(seed, keys.count()),
        random,
        keys,
        kinds: kinds_of(settings.mix, settings.roles, thread),
    };
    let chosen: Vec<u32> = (0..maker.kinds.len()).map(|_| maker.choose()).collect();
    maker.kinds.shuffle(&mut maker.random);
    let parts = maker.parts();
    let operations = maker.operations(&chosen, parts.len());
    let mut stream = Stream {
        operations,
        parts,
        samples: Vec::new(),
        kinds: OperationKind::ALL.map(|kind| maker.kinds.contains(&kind)),
        value_bytes: maker.lengths(),
        writes_per_apply: settings.writes_per_apply,
        reads_per_snapshot: settings.reads_per_snapshot,
        runs_per_thread: settings.runs_per_thread,
        roles: settings.roles,
        exemption: workload.exemption(),
        value: keys::value(u64::MAX / 16 - thread as u64),
    };
    if stream.exemption.is_none() {
        sample(&mut stream, &chosen);
    }
    stream
}

/// The kinds of the operations of a thread, not yet shuffled.
fn kinds_of(mix: Mix, roles: Roles, thread: usize) -> Vec<OperationKind> {
    let is_done = |kind: OperationKind| !roles.has_one_writer() || kind.is_write() == (thread == 0);
    let parts: Vec<(OperationKind, usize)> = mix
        .parts()
        .filter(|(kind, _)| is_done(*kind))
        .map(|(kind, share)| (kind, usize::from(share)))
        .collect();
    let all: usize = parts.iter().map(|(_, share)| share).sum();
    assert!(all > 0, "the roles of {mix} leave thread {thread} nothing to do");
    let has_long = parts.iter().any(|(kind, _)| kind.is_long());
    let count = if has_long { Stream::OPERATIONS_WHERE_LONG } else { Stream::OPERATIONS };
    let (mut kinds, mut shares) = (Vec::with_capacity(count), 0);
    // Filled up to where each share ends, so that none is off by more than one operation.
    for (kind, share) in parts.into_iter().rev() {
        shares += share;
        kinds.resize((count * shares + all / 2) / all, kind);
    }
    kinds
}

/// What makes the operations of one thread.
struct Maker<'a> {
    settings: &'a Settings,
    placement: Placement,
    /// Chooses the keys.
    chooser: KeyChooser,
    /// Decides everything else.
    random: Xoshiro256PlusPlus,
    keys: &'a KeySet,
    /// Of the operations, in order.
    kinds: Vec<OperationKind>,
}

impl Maker<'_> {
    /// The number of the key of an operation, or of one of its parts.
    fn choose(&mut self) -> u32 {
        if self.placement == Placement::Hot { 0 } else { self.chooser.choose(&mut self.random) }
    }

    /// Which of the thread's runs an operation is in, or one of its parts.
    fn session(&mut self) -> u16 {
        let runs = self.settings.runs_per_thread;
        if let Placement::Mixed(shared) = self.placement
            && self.random.random_range(0..100) < shared.get()
        {
            return u16::try_from(runs).expect("a workload has at most 10 000 runs per thread");
        }
        if runs == 1 || !self.placement.has_own_runs() {
            return 0;
        }
        let session = self.random.random_range(0..runs as u32);
        u16::try_from(session).expect("a workload has at most 10 000 runs per thread")
    }

    /// What the operations of many keys take their parts from; nothing where there are none. They
    /// share it, each from a place of its own, so that it stays small; yet one alone may have
    /// [`PARTS_MAX`].
    fn parts(&mut self) -> Vec<Part> {
        let has = |kind| self.kinds.contains(&kind);
        if !has(OperationKind::Apply) && !has(OperationKind::Snapshot) {
            return Vec::new();
        }
        let part = |_| {
            let (number, session) = (self.choose(), self.session());
            Part { key: self.keys.key(number), number, session }
        };
        (0..PARTS).map(part).collect()
    }

    fn operations(&mut self, chosen: &[u32], parts: usize) -> Vec<Operation> {
        let mut listings = Listings::new(self.keys, self.settings.entries_per_list);
        let kinds = self.kinds.clone();
        let reads_latest =
            self.settings.keys == KeyDistribution::Latest && kinds.contains(&OperationKind::Insert);
        let pairs = kinds.into_iter().zip(chosen);
        pairs
            .map(|(kind, &number)| {
                let session = self.session();
                let key = || self.keys.key(number);
                let place = |random: &mut Xoshiro256PlusPlus, count: usize| {
                    random.random_range(0..=(parts - count) as u32)
                };
                let (code, key, argument): (Code, Key, u32) = match kind {
                    OperationKind::Get if reads_latest => {
                        (Code::LatestGet, key(), self.keys.count() - 1 - number)
                    }
                    OperationKind::Get => (Code::Get, key(), 0),
                    OperationKind::Miss => (Code::Miss, self.missing(), 0),
                    OperationKind::Put if self.settings.value_bytes.are_standard() => {
                        (Code::Put, key(), number)
                    }
                    OperationKind::Put => (Code::SizedPut, key(), number),
                    OperationKind::Insert => (Code::Insert, key(), 0),
                    OperationKind::Delete => (Code::Delete, key(), number),
                    OperationKind::Contains => (Code::Contains, key(), number),
                    OperationKind::List => {
                        let (prefix, entries) = listings.around(number);
                        (Code::List, prefix, entries)
                    }
                    OperationKind::Count => (Code::Count, key(), 0),
                    OperationKind::Apply => {
                        let count = self.settings.writes_per_apply;
                        (Code::Apply, key(), place(&mut self.random, count))
                    }
                    OperationKind::Snapshot => {
                        let count = self.settings.reads_per_snapshot;
                        (Code::Snapshot, key(), place(&mut self.random, count))
                    }
                    OperationKind::Transaction => (Code::Transaction, key(), number),
                    OperationKind::Rmw => (Code::Rmw, key(), number),
                };
                Operation { key, argument, session, code }
            })
            .collect()
    }

    /// A key that no run holds.
    fn missing(&mut self) -> Key {
        self.keys.key(MISSES_FROM + self.random.random_range(0..MISSES_FROM))
    }

    /// The lengths of values, in bytes.
    fn lengths(&mut self) -> Vec<u32> {
        let sizes: &ValueSizes = &self.settings.value_bytes;
        let count = if sizes.min() == sizes.max() { 1 } else { LENGTHS };
        (0..count).map(|_| sizes.draw(&mut self.random)).collect()
    }
}

/// Makes one get in [`Stream::GETS_PER_SAMPLE`] a checked one, and one if there are fewer. `keys` are those of the operations.
fn sample(stream: &mut Stream, keys: &[u32]) {
    let mut past = Past::default();
    // Once around to know the last writes of the pass before, and once more to sample.
    for operation in &stream.operations {
        past.notice(stream, operation);
    }
    let all = stream.operations.iter().filter(|operation| operation.code == Code::Get).count();
    let gets_per_sample = Stream::GETS_PER_SAMPLE.min(all);
    let (mut gets, mut samples, mut places) = (0, Vec::new(), Vec::new());
    let mut slots: HashMap<u16, HashMap<u32, u32>> = HashMap::new();
    for ((operation, &key), place) in stream.operations.iter().zip(keys).zip(0..) {
        past.notice(stream, operation);
        if operation.code != Code::Get {
            continue;
        }
        gets += 1;
        if gets % gets_per_sample == 0 {
            let slots = slots.entry(operation.session).or_default();
            let slots_so_far = slots.len() as u32;
            let slot = *slots.entry(key).or_insert(slots_so_far);
            samples.push(Sample { key, slot, last_write: past.last_write(operation.session, key) });
            places.push(place);
        }
    }
    for (place, number) in places.into_iter().zip(0..) {
        let operation: &mut Operation = &mut stream.operations[place];
        operation.code = Code::CheckedGet;
        operation.argument = number;
    }
    stream.samples = samples;
}

/// What a thread has written so far.
#[derive(Default)]
struct Past {
    /// Writes to each run.
    writes: HashMap<u16, u32>,
    /// The last to each key: which write it was, and whether a delete.
    last: HashMap<(u16, u32), (u32, bool)>,
}

impl Past {
    fn notice(&mut self, stream: &Stream, operation: &Operation) {
        stream.each_write(operation, |session, effect| {
            let writes = self.writes.entry(session).or_default();
            *writes += 1;
            if let Some((key, is_delete)) = effect.certain() {
                self.last.insert((session, key), (*writes, is_delete));
            }
        });
    }

    fn last_write(&self, session: u16, key: u32) -> Option<WriteAgo> {
        let (write, is_delete) = *self.last.get(&(session, key))?;
        Some(WriteAgo { writes: self.writes[&session] - write, is_delete })
    }
}
