//! Makes a failing program smaller, so that a person can read what is left.
//!
//! Delta debugging: leave something out, see whether it still fails, keep what fails, until nothing
//! more can be left out. Every step makes the program smaller by one measure, so that it ends.

mod steps;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::program::{Op, Program, Size, Write};

/// The smallest failing program found on the way from a failing `program`.
///
/// `fails` says whether a program fails, and is asked only while `budget` says to go on; it is not
/// asked about `program` itself, nor twice about any other. If chance decides whether it sees a
/// failure, more may be left than need be, but what is left was seen to fail, and is never larger
/// than `program`.
#[must_use]
pub fn shrink(
    program: &Program,
    budget: impl FnMut() -> bool,
    fails: impl FnMut(&Program) -> bool,
) -> Program {
    let mut search = Search {
        best: program.clone(),
        cost: Cost::of(program),
        tried: HashSet::new(),
        state: State::GoingOn,
        budget,
        fails,
    };
    loop {
        let before = search.cost;
        steps::all(&mut search);
        if search.state == State::OutOfBudget || search.cost == before {
            return search.best;
        }
    }
}

/// What the steps need of a search: the best program so far, and to propose a smaller one.
trait Candidates {
    /// The smallest program that failed so far.
    fn best(&self) -> &Program;

    /// Whether a program is smaller than the best and fails; if so it is the best from now on.
    fn propose(&mut self, candidate: Program) -> bool;
}

/// A search on its way.
struct Search<B, F> {
    /// The smallest program that failed so far.
    best: Program,
    /// How large that is.
    cost: Cost,
    /// Hashes of the programs that were tried; one that collides is skipped, which costs nothing
    /// but a chance.
    tried: HashSet<u64>,
    /// Whether the budget is used up.
    state: State,
    /// Says whether to go on.
    budget: B,
    /// Says whether a program fails.
    fails: F,
}

/// Whether a search may go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It may.
    GoingOn,
    /// It may not, whatever the budget says later.
    OutOfBudget,
}

impl<B: FnMut() -> bool, F: FnMut(&Program) -> bool> Candidates for Search<B, F> {
    fn best(&self) -> &Program {
        &self.best
    }

    fn propose(&mut self, candidate: Program) -> bool {
        let cost = Cost::of(&candidate);
        if self.state == State::OutOfBudget || cost >= self.cost {
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
            (self.best, self.cost) = (candidate, cost);
        }
        failed
    }
}

/// How large a program is: the first difference decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Cost {
    /// Operations, and beside each write set its writes.
    operations: usize,
    /// Threads.
    threads: usize,
    /// Operations that are done side by side: harder to think about than those of the setup.
    side_by_side: usize,
    /// Long values.
    long: usize,
    /// The sum of all numbers of runs, keys, prefixes, slots and flags.
    numbers: u64,
}

impl Cost {
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

/// A set of one write weighs more than that write alone.
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
