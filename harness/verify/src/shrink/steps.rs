//! The ways to make a program smaller, those that leave out most first.

use std::collections::BTreeSet;

use super::Candidates;
use crate::operands::{Noun, Operand};
use crate::program::{Op, Program, Size, Write};

/// Goes once through all ways to make the best program smaller.
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
    /// Its operations; none if there is no such thread (any more).
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

/// Drops, at once, everything that names one run, key, slot or flag: what belongs together (the two
/// ends of a transaction, a snapshot and its reads) often fails only with all of it or without any.
fn drop_whatever_names(search: &mut impl Candidates) {
    for (noun, number) in numbers(search.best()) {
        let names = |op: &Op| op.operands().iter().any(|each| is(each, noun, number));
        let mut candidate = search.best().clone();
        for part in Part::all(search.best()) {
            part.of_mut(&mut candidate).retain(|op| !names(op));
        }
        search.propose(candidate);
        // Slots are a thread's own: what one thread does with its own may be what matters.
        if matches!(noun, Noun::Snapshot | Noun::Transaction) {
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

/// Leaves writes out of write sets, and makes an ordinary write of a set of one.
fn shrink_write_sets(search: &mut impl Candidates) {
    for (part, index) in places(search.best()) {
        let mut place = 0;
        while let Some(Op::Apply { writes }) = part.of(search.best()).get(index) {
            if place >= writes.len() {
                break;
            }
            let fewer = without(writes, place);
            if !replace(search, part, index, Op::Apply { writes: fewer }) {
                place += 1;
            }
        }
        if let Some(Op::Apply { writes }) = part.of(search.best()).get(index)
            && let [write] = writes[..]
        {
            replace(search, part, index, alone(write));
        }
    }
}

fn without(writes: &[Write], place: usize) -> Vec<Write> {
    let mut writes = writes.to_vec();
    writes.remove(place);
    writes
}

fn alone(Write { run, key, put }: Write) -> Op {
    match put {
        Some(size) => Op::Put { run, key, size },
        None => Op::Delete { run, key },
    }
}

/// Does in one thread, one after the other, what two threads did side by side.
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

/// Proposes that one thread does what `earlier` does and then what `later` does, at place `into`.
fn merge(search: &mut impl Candidates, earlier: usize, later: usize, into: usize) -> bool {
    let mut candidate = search.best().clone();
    let tail = std::mem::take(&mut candidate.threads[later]);
    let mut merged = std::mem::take(&mut candidate.threads[earlier]);
    merged.extend(tail);
    candidate.threads[into] = merged;
    candidate.threads.remove(earlier.max(later));
    search.propose(candidate)
}

/// Does before all threads what one of them did: its first operations, or a single one.
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

/// Writes short values: everywhere, or else one by one.
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
    for (part, index) in places(search.best()) {
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

/// Uses small numbers, and the same one for two things where that makes no difference.
fn renumber(search: &mut impl Candidates) {
    for (noun, number) in numbers(search.best()) {
        for smaller in 0..number.min(SMALLER_NUMBERS_TRIED) {
            let mut candidate = search.best().clone();
            let mut new = |each: Operand| {
                if is(&each, noun, number) { smaller } else { each.number }
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

/// With so many runs or keys in use, the size of their numbers is the least of a reader's worries.
const SMALLER_NUMBERS_TRIED: u32 = 8;

/// Every number in use.
fn numbers(program: &Program) -> BTreeSet<(Noun, u32)> {
    program.iter().flat_map(Op::operands).map(|each| (each.noun, each.number)).collect()
}

fn is(operand: &Operand, noun: Noun, number: u32) -> bool {
    operand.noun == noun && operand.number == number
}

/// The places of all operations.
fn places(program: &Program) -> Vec<(Part, usize)> {
    let places = |part: Part| {
        (0..part.of(program).len()).map(move |index| (part, index)).collect::<Vec<_>>()
    };
    Part::all(program).flat_map(places).collect()
}

fn replace(search: &mut impl Candidates, part: Part, index: usize, op: Op) -> bool {
    let mut candidate = search.best().clone();
    part.of_mut(&mut candidate)[index] = op;
    search.propose(candidate)
}
