use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::samples;

fn shrink_all(program: &Program, fails: impl FnMut(&Program) -> bool) -> Program {
    shrink(program, || true, fails)
}

/// Whether one thread puts a key and another opens a snapshot and then reads the key with it.
fn put_beside_read(program: &Program) -> bool {
    let puts = |ops: &[Op], key: u32| {
        ops.iter().any(|op| matches!(op, Op::Put { key: put, .. } if *put == key))
    };
    let reads = |ops: &[Op]| {
        let open = ops.iter().position(|op| matches!(op, Op::Open { .. }))?;
        ops[open..].iter().find_map(|op| match op {
            Op::SnapshotGet { key, .. } => Some(*key),
            _ => None,
        })
    };
    program.threads.iter().enumerate().any(|(reader, ops)| {
        reads(ops).is_some_and(|key| {
            let mut others = program.threads.iter().enumerate();
            others.any(|(writer, ops)| writer != reader && puts(ops, key))
        })
    })
}

/// A program that `put_beside_read`, among much else.
fn haystack(seed: u64) -> Program {
    let mut program = samples::program(seed, 3, 30);
    program.threads[0].insert(11, Op::Put { run: 3, key: 9, size: Size::Long });
    program.threads[2].insert(3, Op::Open { snapshot: 2 });
    program.threads[2].insert(4, Op::SnapshotGet { snapshot: 2, run: 3, key: 9 });
    program
}

#[test]
fn what_does_not_matter_is_gone_and_numbers_are_small() {
    for seed in 0..20 {
        let small = shrink_all(&haystack(seed), put_beside_read);
        let put = vec![Op::Put { run: 0, key: 0, size: Size::Short }];
        let read = vec![Op::Open { snapshot: 0 }, Op::SnapshotGet { snapshot: 0, run: 0, key: 0 }];
        assert!(small.setup.is_empty());
        let mut threads = small.threads;
        threads.sort_by_key(Vec::len);
        assert_eq!(threads, [put, read], "seed {seed}");
    }
}

#[test]
fn what_need_not_be_side_by_side_is_done_in_the_setup() {
    let program = samples::program(1, 4, 25);
    let deletes = |program: &Program| program.iter().any(|op| matches!(op, Op::Delete { .. }));
    assert!(deletes(&program));
    let small = shrink_all(&program, deletes);
    assert_eq!(small.setup, [Op::Delete { run: 0, key: 0 }]);
    assert!(small.threads.is_empty());
}

#[test]
fn two_threads_become_one_where_one_fails_too() {
    let program = Program {
        name: String::new(),
        setup: vec![],
        threads: vec![vec![Op::Tick], vec![Op::Collect]],
    };
    let both = |program: &Program| program.setup.is_empty() && program.operations() == 2;
    assert_eq!(shrink_all(&program, both).threads, [[Op::Tick, Op::Collect]]);
}

#[test]
fn what_belongs_together_goes_together() {
    let program = Program {
        name: String::new(),
        setup: vec![],
        threads: vec![vec![
            Op::Begin { transaction: 1, run: 0 },
            Op::Tick,
            Op::Commit { transaction: 1 },
            Op::Collect,
        ]],
    };
    let count =
        |program: &Program, wanted: fn(&Op) -> bool| program.iter().filter(|op| wanted(op)).count();
    // Half a transaction hides the failure.
    let fails = |program: &Program| {
        count(program, |op| *op == Op::Collect) == 1
            && count(program, |op| matches!(op, Op::Begin { .. }))
                == count(program, |op| matches!(op, Op::Commit { .. }))
    };
    assert_eq!(shrink_all(&program, fails).setup, [Op::Collect]);
}

#[test]
fn a_write_set_becomes_the_write_that_matters() {
    let writes = [0, 1, 2].map(|key| Write { run: 1, key, put: Some(Size::Long) }).to_vec();
    let program =
        Program { name: String::new(), setup: vec![], threads: vec![vec![Op::Apply { writes }]] };
    let writes_key_one = |program: &Program| {
        let names =
            |op: &Op| op.operands().iter().any(|each| each.field == "key" && each.number == 1);
        program.threads.iter().flatten().any(names)
    };
    let small = shrink_all(&program, writes_key_one);
    assert_eq!(small.threads, [[Op::Put { run: 0, key: 1, size: Size::Short }]]);
}

#[test]
fn a_long_value_that_matters_stays_long() {
    let writes = [0, 1, 2].map(|key| Write { run: 0, key, put: Some(Size::Long) }).to_vec();
    let program = Program {
        name: String::new(),
        setup: vec![Op::Apply { writes }],
        threads: vec![vec![Op::Put { run: 0, key: 3, size: Size::Long }]],
    };
    let fails = |program: &Program| match &program.setup[..] {
        [Op::Apply { writes }] => writes.len() == 3 && is_long(&writes[1]),
        _ => false,
    };
    let small = shrink_all(&program, fails);
    let sizes = [Size::Short, Size::Long, Size::Short];
    let writes = sizes.map(|size| Write { run: 0, key: 0, put: Some(size) }).to_vec();
    assert_eq!((small.setup, small.threads.len()), (vec![Op::Apply { writes }], 0));
}

#[test]
fn a_failure_that_shows_now_and_then_still_fails_at_the_end() {
    for seed in 0..20 {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
        let program = haystack(seed);
        let small =
            shrink_all(&program, |program| put_beside_read(program) && chance.next_u32() % 3 > 0);
        assert!(put_beside_read(&small), "seed {seed}");
        assert!(small.operations() < program.operations() / 4, "seed {seed}: {small:?}");
    }
}

#[test]
fn nothing_is_tried_twice_nor_beyond_the_budget() {
    let program = haystack(7);
    for limit in [0, 1, 10, 100] {
        let (mut left, mut tried) = (limit, Vec::new());
        let mut budget = || {
            left -= 1;
            left >= 0
        };
        let small = shrink(&program, &mut budget, |program| {
            tried.push(program.clone());
            put_beside_read(program)
        });
        assert!(put_beside_read(&small));
        assert!(tried.len() <= limit as usize, "{} tries of {limit}", tried.len());
        assert_eq!(tried.iter().collect::<HashSet<_>>().len(), tried.len());
        assert!(limit > 0 || small == program);
    }
}

#[test]
fn the_result_is_never_larger_whatever_fails() {
    for seed in 0..60 {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
        let program = samples::program(seed, 1 + seed as usize % 4, 12);
        let mut failed = vec![program.clone()];
        let small = shrink_all(&program, |program| {
            let fails = chance.random_bool(0.3);
            if fails {
                failed.push(program.clone());
            }
            fails
        });
        assert!(Cost::of(&small) <= Cost::of(&program));
        assert_eq!(failed.last(), Some(&small), "the last that failed is the result");
    }
}
