//! Generates random programs from a seed.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::history::Claims;
use crate::program::{Op, Program, Size, Write};

/// The shape of random programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// The most operations of the setup.
    pub setup: usize,
    /// Threads.
    pub threads: usize,
    /// Operations of each thread.
    pub ops: usize,
    /// Runs.
    pub runs: u16,
    /// Keys.
    pub keys: u32,
    /// How operations are chosen.
    pub mix: Mix,
}

/// How operations are chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mix {
    /// All kinds, reads and writes about equally often.
    Even,
    /// Mostly single writes and reads, for long programs; few listings, which take time linear in
    /// the size of a run.
    Long,
    /// Mostly writes that grow, shrink and remove runs, and collections.
    Upheaval,
    /// Mostly write sets, snapshots that are read whole, and counts and listings.
    Sets,
    /// Writes and collections beside snapshots that open.
    Collecting,
}

/// The kinds of operations to choose from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Choice {
    Put,
    Delete,
    Apply,
    RemoveRun,
    Collect,
    Tick,
    Get,
    List,
    Open,
    SnapshotRead,
    Close,
    Begin,
    Within,
    End,
}

impl Mix {
    const fn weight(self, choice: Choice) -> u32 {
        let [even, long, upheaval, sets, collecting] = match choice {
            Choice::Put => [18, 44, 26, 14, 22],
            Choice::Delete => [7, 5, 14, 6, 14],
            Choice::Apply => [8, 4, 10, 30, 4],
            Choice::RemoveRun => [2, 0, 8, 0, 0],
            Choice::Collect => [3, 0, 10, 2, 24],
            Choice::Tick => [1, 1, 2, 0, 1],
            Choice::Get => [13, 20, 8, 4, 2],
            Choice::List => [6, 0, 5, 10, 0],
            Choice::Open => [8, 2, 8, 16, 24],
            Choice::SnapshotRead => [14, 20, 8, 40, 16],
            Choice::Close => [5, 1, 6, 0, 4],
            Choice::Begin => [5, 2, 3, 4, 0],
            Choice::Within => [12, 4, 5, 12, 0],
            Choice::End => [5, 2, 3, 4, 0],
        };
        match self {
            Self::Even => even,
            Self::Long => long,
            Self::Upheaval => upheaval,
            Self::Sets => sets,
            Self::Collecting => collecting,
        }
    }
}

const CHOICES: [Choice; 14] = [
    Choice::Put,
    Choice::Delete,
    Choice::Apply,
    Choice::RemoveRun,
    Choice::Collect,
    Choice::Tick,
    Choice::Get,
    Choice::List,
    Choice::Open,
    Choice::SnapshotRead,
    Choice::Close,
    Choice::Begin,
    Choice::Within,
    Choice::End,
];

/// A random program of a shape that uses only what a store claims. The same arguments give the same
/// program on any machine.
#[must_use]
pub fn generate(seed: u64, shape: &Shape, claims: Claims) -> Program {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let setup_len = random.random_range(0..=shape.setup);
    let mut setup = Writer::new(&mut random, shape, claims, Slots::default());
    let setup_ops = setup.ops(setup_len);
    let inherited = Slots { transactions: Vec::new(), ..setup.slots };
    let threads = (0..shape.threads)
        .map(|_| Writer::new(&mut random, shape, claims, inherited.clone()).ops(shape.ops))
        .collect();
    Program { name: format!("random {seed}"), setup: setup_ops, threads }
}

/// Slots that are in use.
#[derive(Clone, Default)]
struct Slots {
    snapshots: Vec<u8>,
    transactions: Vec<u8>,
}

/// Generates the operations of one thread.
struct Writer<'a, R> {
    random: &'a mut R,
    shape: &'a Shape,
    claims: Claims,
    slots: Slots,
}

impl<'a, R: Rng> Writer<'a, R> {
    fn new(random: &'a mut R, shape: &'a Shape, claims: Claims, slots: Slots) -> Self {
        Self { random, shape, claims, slots }
    }

    fn ops(&mut self, count: usize) -> Vec<Op> {
        (0..count).map(|_| self.op()).collect()
    }

    fn op(&mut self) -> Op {
        let (mix, usable) = (self.shape.mix, self.usable());
        let weight = |choice: &Choice| if usable(*choice) { mix.weight(*choice) } else { 0 };
        let choice = CHOICES.choose_weighted(self.random, weight).copied();
        self.write(choice.unwrap_or(Choice::Get))
    }

    /// The choices that are possible now.
    fn usable(&self) -> impl Fn(Choice) -> bool + use<R> {
        let Claims { snapshots, lists, atomic_apply, transactions, removal, .. } = self.claims;
        let open = !self.slots.snapshots.is_empty();
        let begun = !self.slots.transactions.is_empty();
        move |choice| match choice {
            Choice::Put | Choice::Delete | Choice::Collect | Choice::Tick | Choice::Get => true,
            Choice::Apply => atomic_apply,
            Choice::RemoveRun => removal,
            Choice::List => lists,
            Choice::Open => snapshots,
            Choice::SnapshotRead | Choice::Close => open,
            Choice::Begin => transactions,
            Choice::Within | Choice::End => begun,
        }
    }

    fn write(&mut self, choice: Choice) -> Op {
        let (run, key) = (self.run(), self.key());
        match choice {
            Choice::Put if self.coin(2) => Op::SessionPut { run, key, size: self.size() },
            Choice::Put => Op::Put { run, key, size: self.size() },
            Choice::Delete => Op::Delete { run, key },
            Choice::Apply => self.apply(),
            Choice::RemoveRun => Op::RemoveRun { run },
            Choice::Collect => Op::Collect,
            Choice::Tick => Op::Tick,
            Choice::Get => match self.random.random_range(0..5) {
                0 => Op::Get { run, key },
                1 => Op::SessionGet { run, key },
                2 => Op::SessionPeek { run, key },
                3 => Op::Contains { run, key },
                _ if self.claims.lists && self.shape.mix != Mix::Long => Op::Count { run },
                _ => Op::Get { run, key },
            },
            Choice::List if self.shape.mix == Mix::Sets && self.coin(2) => Op::Count { run },
            Choice::List => Op::List { run, prefix: self.prefix() },
            Choice::Open => {
                // With one snapshot at a time, each is read several times.
                let slots = if self.shape.mix == Mix::Sets { 1 } else { Program::SLOTS };
                let snapshot = self.random.random_range(0..slots);
                use_slot(&mut self.slots.snapshots, snapshot);
                Op::Open { snapshot }
            }
            Choice::SnapshotRead => self.snapshot_read(run, key),
            Choice::Close => self.close(),
            Choice::Begin => {
                let transaction = self.random.random_range(0..Program::SLOTS);
                use_slot(&mut self.slots.transactions, transaction);
                Op::Begin { transaction, run }
            }
            Choice::Within => self.within(key),
            Choice::End => {
                let transaction = self.pick_transaction();
                self.slots.transactions.retain(|slot| *slot != transaction);
                if self.coin(6) { Op::Abort { transaction } } else { Op::Commit { transaction } }
            }
        }
    }

    fn apply(&mut self) -> Op {
        let count = match self.shape.mix {
            // The more writes, the longer a faulty store shows a part of them.
            Mix::Sets => self.random.random_range(3..=8),
            _ => self.random.random_range(1..=4),
        };
        let write = |_| Write {
            run: self.run(),
            key: self.key(),
            put: (!self.coin(4)).then(|| self.size()),
        };
        Op::Apply { writes: (0..count).map(write).collect() }
    }

    fn snapshot_read(&mut self, run: u16, key: u32) -> Op {
        let snapshot = self.pick_snapshot();
        let listing = self.claims.lists && self.shape.mix != Mix::Long;
        if listing && self.shape.mix == Mix::Sets && self.coin(2) {
            return Op::SnapshotList { snapshot, run, prefix: 0 };
        }
        match self.random.random_range(0..6) {
            0 if listing => Op::SnapshotList { snapshot, run, prefix: self.prefix() },
            1 if listing => Op::SnapshotCount { snapshot, run },
            2 => Op::SnapshotContains { snapshot, run, key },
            _ => Op::SnapshotGet { snapshot, run, key },
        }
    }

    fn close(&mut self) -> Op {
        let snapshot = self.pick_snapshot();
        if self.coin(2) {
            self.slots.snapshots.retain(|slot| *slot != snapshot);
            return Op::Drop { snapshot };
        }
        let into = self.random.random_range(0..Program::SLOTS);
        use_slot(&mut self.slots.snapshots, into);
        Op::Clone { snapshot, into }
    }

    fn within(&mut self, key: u32) -> Op {
        let transaction = self.pick_transaction();
        match self.random.random_range(0..9) {
            0..4 => Op::TransactionGet { transaction, key },
            4..7 => Op::TransactionPut { transaction, key, size: self.size() },
            7 if self.claims.lists && self.shape.mix != Mix::Long => {
                Op::TransactionList { transaction, prefix: self.prefix() }
            }
            _ => Op::TransactionDelete { transaction, key },
        }
    }

    fn pick_snapshot(&mut self) -> u8 {
        *self.slots.snapshots.choose(self.random).expect("a snapshot is open")
    }

    fn pick_transaction(&mut self) -> u8 {
        *self.slots.transactions.choose(self.random).expect("a transaction is open")
    }

    /// The first run is used most, so that its keys are written again.
    fn run(&mut self) -> u16 {
        if self.coin(2) { 0 } else { self.random.random_range(0..self.shape.runs) }
    }

    /// A few keys are used most.
    fn key(&mut self) -> u32 {
        let few = self.shape.keys.min(3);
        let keys = if self.coin(2) { few } else { self.shape.keys };
        self.random.random_range(0..keys)
    }

    fn prefix(&mut self) -> u32 {
        if self.coin(2) { 0 } else { self.random.random_range(1..5) }
    }

    fn size(&mut self) -> Size {
        if self.coin(6) { Size::Long } else { Size::Short }
    }

    /// True once in `sides` times.
    fn coin(&mut self, sides: u32) -> bool {
        self.random.random_ratio(1, sides)
    }
}

fn use_slot(used: &mut Vec<u8>, slot: u8) {
    if !used.contains(&slot) {
        used.push(slot);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::mem::discriminant;

    use super::*;

    const SHAPE: Shape = Shape { setup: 8, threads: 3, ops: 40, runs: 3, keys: 12, mix: Mix::Even };

    const ALL: Claims = Claims {
        versions: true,
        snapshots: true,
        lists: true,
        atomic_apply: true,
        transactions: true,
        removal: true,
    };

    #[test]
    fn the_same_seed_gives_the_same_program_and_another_seed_another() {
        assert_eq!(generate(7, &SHAPE, ALL), generate(7, &SHAPE, ALL));
        assert_ne!(generate(7, &SHAPE, ALL).threads, generate(8, &SHAPE, ALL).threads);
    }

    #[test]
    fn every_kind_of_operation_occurs_except_flags() {
        let programs: Vec<Program> = (0..50).map(|seed| generate(seed, &SHAPE, ALL)).collect();
        let kinds: HashSet<_> = programs.iter().flat_map(Program::iter).map(discriminant).collect();
        assert_eq!(kinds.len(), 27, "all but notify and observe");
    }

    #[test]
    fn where_collections_are_chosen_many_programs_open_a_snapshot_beside_one() {
        let shape = Shape { setup: 3, threads: 2, ops: 4, mix: Mix::Collecting, ..SHAPE };
        let claims = Claims { versions: true, snapshots: true, ..Claims::default() };
        let beside = |seed: &u64| generate(*seed, &shape, claims).opens_beside_collect();
        let (programs, found) = (100, (0..100).filter(beside).count());
        assert!(found >= programs / 3, "{found} of {programs}");
    }

    #[test]
    fn a_program_uses_only_what_the_store_claims() {
        let basic = generate(7, &SHAPE, Claims::default());
        assert!(basic.iter().all(|op| {
            matches!(
                op,
                Op::Put { .. }
                    | Op::SessionPut { .. }
                    | Op::Delete { .. }
                    | Op::Collect
                    | Op::Tick
                    | Op::Get { .. }
                    | Op::SessionGet { .. }
                    | Op::SessionPeek { .. }
                    | Op::Contains { .. }
            )
        }));
    }
}
