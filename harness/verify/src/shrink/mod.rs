//! Shrinks a failing program, so that a person can read it.
//!
//! Delta debugging: leave something out, check whether the rest still fails, keep it if it does,
//! until nothing more can be left out. Every step makes the program smaller by one measure, so it
//! ends.

mod steps;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::program::{Op, Program, Size, Write};

/// The smallest failing program found by shrinking a failing `program`.
///
/// `fails` runs a program and returns whether it failed. It is called only while `budget` returns
/// true, never with `program` itself, and never twice with the same program. If failures depend on
/// chance the result may be larger than necessary, but it has failed, and it is never larger than
/// `program`.
#[must_use]
pub fn shrink(
    program: &Program,
    budget: impl FnMut() -> bool,
    fails: impl FnMut(&Program) -> bool,
) -> Program {
    let mut search = Search {
        best: program.clone(),
        size: ProgramSize::of(program),
        tried: HashSet::new(),
        state: State::GoingOn,
        budget,
        fails,
    };
    loop {
        let before = search.size;
        steps::all(&mut search);
        if search.state == State::OutOfBudget || search.size == before {
            return search.best;
        }
    }
}

/// What the steps need from a search: the best program so far, and a way to propose a smaller one.
trait Candidates {
    /// The smallest program that failed so far.
    fn best(&self) -> &Program;

    /// Tries a program; if it is smaller than the best and fails, it becomes the best. Returns
    /// whether it did.
    fn propose(&mut self, candidate: Program) -> bool;
}

/// A search in progress.
struct Search<B, F> {
    /// The smallest program that failed so far.
    best: Program,
    /// The size of that program.
    size: ProgramSize,
    /// Hashes of the programs that were tried. A program with a colliding hash is skipped, which
    /// only loses an attempt.
    tried: HashSet<u64>,
    /// Whether the budget is used up.
    state: State,
    /// Returns whether to continue.
    budget: B,
    /// Runs a program; returns whether it failed.
    fails: F,
}

/// Whether a search may continue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It may.
    GoingOn,
    /// It may not, whatever the budget returns later.
    OutOfBudget,
}

impl<B: FnMut() -> bool, F: FnMut(&Program) -> bool> Candidates for Search<B, F> {
    fn best(&self) -> &Program {
        &self.best
    }

    fn propose(&mut self, candidate: Program) -> bool {
        let size = ProgramSize::of(&candidate);
        if self.state == State::OutOfBudget || size >= self.size {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        candidate.hash(&mut hasher);
        if !self.tried.insert(hasher.finish()) {
            return false;
        }
        if !(self.budget)() {
            self.state = State::OutOfBudget;
            return false;
        }
        let failed = (self.fails)(&candidate);
        if failed {
            (self.best, self.size) = (candidate, size);
        }
        failed
    }
}

/// The size of a program: the first field that differs decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct ProgramSize {
    /// Operations, plus the writes of each write set.
    operations: usize,
    /// Threads.
    threads: usize,
    /// Operations that run concurrently: harder to reason about than those of the setup.
    side_by_side: usize,
    /// Long values.
    long: usize,
    /// The sum of all numbers of runs, keys, prefixes, slots and flags.
    numbers: u64,
}

impl ProgramSize {
    fn of(program: &Program) -> Self {
        Self {
            operations: program.iter().map(weight).sum(),
            threads: program.threads.len(),
            side_by_side: program.threads.iter().map(Vec::len).sum(),
            long: program.iter().map(long_values).sum(),
            numbers: program
                .iter()
                .flat_map(Op::operands)
                .map(|operand| u64::from(operand.number))
                .sum(),
        }
    }
}

/// A write set of one write counts more than the plain write.
fn weight(op: &Op) -> usize {
    match op {
        Op::Apply { writes } => 1 + writes.len(),
        _ => 1,
    }
}

fn long_values(op: &Op) -> usize {
    match op {
        Op::Put { size: Size::Long, .. }
        | Op::SessionPut { size: Size::Long, .. }
        | Op::TransactionPut { size: Size::Long, .. } => 1,
        Op::Apply { writes } => writes.iter().filter(|write| is_long(write)).count(),
        _ => 0,
    }
}

fn is_long(write: &Write) -> bool {
    write.put == Some(Size::Long)
}

#[cfg(test)]
mod tests;
