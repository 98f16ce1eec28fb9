//! Programs and histories for the tests of this room.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::verify::program::{Op, Program, Size, Write};

/// A program of any operations, the same for the same seed; its setup is as long as a thread.
pub(crate) fn program(seed: u64, threads: usize, operations: usize) -> Program {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut ops = || (0..operations).map(|_| op(&mut random)).collect::<Vec<_>>();
    Program {
        name: format!("sample {seed}"),
        setup: ops(),
        threads: (0..threads).map(|_| ops()).collect(),
    }
}

fn op(random: &mut Xoshiro256PlusPlus) -> Op {
    let mut below = |limit: u32| random.random_range(0..limit);
    let (run, key, prefix) = (below(4) as u16, below(10), below(6));
    let (slot, into) = (below(4) as u8, below(4) as u8);
    let size = if below(2) == 0 { Size::Short } else { Size::Long };
    let (snapshot, transaction, flag) = (slot, slot, slot);
    match below(26) {
        0 => Op::Put { run, key, size },
        1 => Op::Delete { run, key },
        2 => {
            let write = |_| Write { run: below(4) as u16, key: below(10), put: Some(size) };
            Op::Apply { writes: (0..3).map(write).collect() }
        }
        3 => Op::RemoveRun { run },
        4 => Op::Get { run, key },
        5 => Op::Contains { run, key },
        6 => Op::Count { run },
        7 => Op::List { run, prefix },
        8 => Op::Open { snapshot },
        9 => Op::Clone { snapshot, into },
        10 => Op::Drop { snapshot },
        11 => Op::SnapshotGet { snapshot, run, key },
        12 => Op::SnapshotContains { snapshot, run, key },
        13 => Op::SnapshotCount { snapshot, run },
        14 => Op::SnapshotList { snapshot, run, prefix },
        15 => Op::Begin { transaction, run },
        16 => Op::TransactionGet { transaction, key },
        17 => Op::TransactionPut { transaction, key, size },
        18 => Op::TransactionDelete { transaction, key },
        19 => Op::TransactionList { transaction, prefix },
        20 => Op::Commit { transaction },
        21 => Op::Abort { transaction },
        22 => Op::Collect,
        23 => Op::Tick,
        24 => Op::Notify { flag },
        _ => Op::Observe { flag },
    }
}
