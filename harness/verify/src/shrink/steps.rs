//! The ways to make a program smaller, the largest steps first.

use std::collections::BTreeSet;

use super::Candidates;
use crate::operands::{Operand, OperandKind};
use crate::program::{Op, Program, Size, Write};

/// Tries each way to make the best program smaller once.
pub(super) fn all(search: &mut impl Candidates) {
    drop_threads(search);
    drop_whatever_names(search);
    drop_chunks(search, Part::Setup);
    for thread in (0..search.best().threads.len()).rev() {
        drop_chunks(search, Part::Thread(thread));
    }
    shrink_write_sets(search);
    merge_threads(search);
    move_to_setup(search);
    shorten(search);
    renumber(search);
}

/// A list of operations of a program.
#[derive(Clone, Copy)]
enum Part {
    /// The setup.
    Setup,
    /// The thread with this number.
    Thread(usize),
}

impl Part {
    /// Its operations; empty if there is no such thread any more.
    fn of(self, program: &Program) -> &[Op] {
        match self {
            Self::Setup => &program.setup,
            Self::Thread(thread) => program.threads.get(thread).map_or(&[], Vec::as_slice),
        }
    }

    fn of_mut(self, program: &mut Program) -> &mut Vec<Op> {
        match self {
            Self::Setup => &mut program.setup,
            Self::Thread(thread) => &mut program.threads[thread],
        }
    }

    /// All parts of a program.
    fn all(program: &Program) -> impl Iterator<Item = Self> + use<> {
        std::iter::once(Self::Setup).chain((0..program.threads.len()).map(Self::Thread))
    }
}

fn drop_threads(search: &mut impl Candidates) {
    for thread in (0..search.best().threads.len()).rev() {
        let mut candidate = search.best().clone();
        candidate.threads.remove(thread);
        search.propose(candidate);
    }
}

/// Drops everything that names one run, key, slot or flag at once: related operations (both ends of
/// a transaction, a snapshot and its reads) often fail only with all of them or with none.
fn drop_whatever_names(search: &mut impl Candidates) {
    for (kind, number) in numbers(search.best()) {
        let names = |op: &Op| op.operands().iter().any(|each| is(each, kind, number));
        let mut candidate = search.best().clone();
        for part in Part::all(search.best()) {
            part.of_mut(&mut candidate).retain(|op| !names(op));
        }
        search.propose(candidate);
        // Slots belong to a thread, so each thread is tried by itself.
        if matches!(kind, OperandKind::Snapshot | OperandKind::Transaction) {
            for part in Part::all(search.best()) {
                let mut candidate = search.best().clone();
                part.of_mut(&mut candidate).retain(|op| !names(op));
                search.propose(candidate);
            }
        }
    }
}

/// Drops half of a part, then quarters, down to single operations.
fn drop_chunks(search: &mut impl Candidates, part: Part) {
    let mut size = part.of(search.best()).len();
    while size > 0 {
        let mut start = 0;
        while start < part.of(search.best()).len() {
            let mut candidate = search.best().clone();
            let ops = part.of_mut(&mut candidate);
            ops.drain(start..ops.len().min(start + size));
            if !search.propose(candidate) {
                start += size;
            }
        }
        size /= 2;
    }
}

/// Leaves writes out of write sets, and turns a set of one into a plain write.
fn shrink_write_sets(search: &mut impl Candidates) {
    for (part, index) in positions(search.best()) {
        let mut position = 0;
        while let Some(Op::Apply { writes }) = part.of(search.best()).get(index) {
            if position >= writes.len() {
                break;
            }
            let fewer = without(writes, position);
            if !replace(search, part, index, Op::Apply { writes: fewer }) {
                position += 1;
            }
        }
        if let Some(Op::Apply { writes }) = part.of(search.best()).get(index)
            && let [write] = writes[..]
        {
            replace(search, part, index, plain_write(write));
        }
    }
}

fn without(writes: &[Write], position: usize) -> Vec<Write> {
    let mut writes = writes.to_vec();
    writes.remove(position);
    writes
}

fn plain_write(Write { run, key, put }: Write) -> Op {
    match put {
        Some(size) => Op::Put { run, key, size },
        None => Op::Delete { run, key },
    }
}

/// Moves the operations of two threads into one.
fn merge_threads(search: &mut impl Candidates) {
    let threads = search.best().threads.len();
    for second in (1..threads).rev() {
        for first in 0..second {
            if merge(search, first, second, first) || merge(search, second, first, first) {
                break;
            }
        }
    }
}

/// Proposes to run thread `earlier` and then thread `later` as one thread, at position `into`.
fn merge(search: &mut impl Candidates, earlier: usize, later: usize, into: usize) -> bool {
    let mut candidate = search.best().clone();
    let tail = std::mem::take(&mut candidate.threads[later]);
    let mut merged = std::mem::take(&mut candidate.threads[earlier]);
    merged.extend(tail);
    candidate.threads[into] = merged;
    candidate.threads.remove(earlier.max(later));
    search.propose(candidate)
}

/// Moves operations of a thread to the setup: its first ones, or a single one.
fn move_to_setup(search: &mut impl Candidates) {
    for thread in (0..search.best().threads.len()).rev() {
        let mut count = search.best().threads[thread].len();
        while count > 0 {
            if move_range(search, thread, 0, count) {
                count = search.best().threads[thread].len();
            } else {
                count /= 2;
            }
        }
        let mut index = 0;
        while index < search.best().threads[thread].len() {
            if !move_range(search, thread, index, 1) {
                index += 1;
            }
        }
    }
}

fn move_range(search: &mut impl Candidates, thread: usize, start: usize, count: usize) -> bool {
    let mut candidate = search.best().clone();
    let moved: Vec<Op> = candidate.threads[thread].drain(start..start + count).collect();
    candidate.setup.extend(moved);
    search.propose(candidate)
}

/// Makes long values short: all at once, or else one by one.
fn shorten(search: &mut impl Candidates) {
    let mut candidate = search.best().clone();
    for part in Part::all(search.best()) {
        for op in part.of_mut(&mut candidate) {
            sizes(op).into_iter().for_each(|size| *size = Size::Short);
        }
    }
    if search.propose(candidate) {
        return;
    }
    for (part, index) in positions(search.best()) {
        let mut op = part.of(search.best())[index].clone();
        for value in 0..sizes(&mut op).len() {
            let mut shorter = part.of(search.best())[index].clone();
            *sizes(&mut shorter)[value] = Size::Short;
            replace(search, part, index, shorter);
        }
    }
}

/// The sizes of the values that an operation writes.
fn sizes(op: &mut Op) -> Vec<&mut Size> {
    match op {
        Op::Put { size, .. } | Op::SessionPut { size, .. } | Op::TransactionPut { size, .. } => {
            vec![size]
        }
        Op::Apply { writes } => writes.iter_mut().filter_map(|write| write.put.as_mut()).collect(),
        _ => Vec::new(),
    }
}

/// Replaces numbers by smaller ones, and by numbers already in use where the program still fails.
fn renumber(search: &mut impl Candidates) {
    for (kind, number) in numbers(search.best()) {
        for smaller in 0..number.min(SMALLER_NUMBERS_TRIED) {
            let mut candidate = search.best().clone();
            let mut new = |each: Operand| {
                if is(&each, kind, number) { smaller } else { each.number }
            };
            for part in Part::all(search.best()) {
                part.of_mut(&mut candidate).iter_mut().for_each(|op| op.renumber(&mut new));
            }
            if search.propose(candidate) {
                break;
            }
        }
    }
}

/// The most smaller numbers to try for each number.
const SMALLER_NUMBERS_TRIED: u32 = 8;

/// Every number in use.
fn numbers(program: &Program) -> BTreeSet<(OperandKind, u32)> {
    program.iter().flat_map(Op::operands).map(|each| (each.kind, each.number)).collect()
}

fn is(operand: &Operand, kind: OperandKind, number: u32) -> bool {
    operand.kind == kind && operand.number == number
}

/// The positions of all operations.
fn positions(program: &Program) -> Vec<(Part, usize)> {
    let positions = |part: Part| {
        (0..part.of(program).len()).map(move |index| (part, index)).collect::<Vec<_>>()
    };
    Part::all(program).flat_map(positions).collect()
}

fn replace(search: &mut impl Candidates, part: Part, index: usize, op: Op) -> bool {
    let mut candidate = search.best().clone();
    part.of_mut(&mut candidate)[index] = op;
    search.propose(candidate)
}
