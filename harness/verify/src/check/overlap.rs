//! How many snapshots were opened beside a commit of several keys: only those could show a part of
//! it.

use crate::check::events::{Events, is_of_set};
use crate::check::handles::Outcome;
use crate::check::index::{Index, takes_effect};
use crate::check::precedence::Precedence;
use crate::check::report::Snapshots;
use crate::history::Event;

/// Counts the snapshots of a history, and those opened beside a commit of several keys.
pub(super) fn count(index: &Index<'_>) -> Snapshots {
    let positions = 0..index.snapshots.len() as u32;
    let opened: Vec<u32> = positions
        .filter(|position| index.snapshots.is_original(*position))
        .map(|position| index.snapshots.open(position))
        .collect();
    let commits = if opened.is_empty() { Vec::new() } else { commits_of_several_keys(index) };
    let beside = match index.precedence {
        _ if commits.is_empty() => 0,
        Precedence::RealTime => beside_in_time(index, &opened, &commits),
        Precedence::HappensBefore(_) => {
            let beside = |open: &&u32| {
                commits.iter().any(|commit| is_beside(index, *commit, (**open, **open)))
            };
            opened.iter().filter(beside).count()
        }
    };
    Snapshots { opened: opened.len() as u64, beside_commits: beside as u64 }
}

/// Whether a commit may have taken effect between the beginning of one event and the end of another.
pub(super) fn is_beside(index: &Index<'_>, commit: u32, (since, until): (u32, u32)) -> bool {
    !index.before(commit, since) && !index.before(until, commit)
}

/// The events that committed writes of several keys: the first of a write set, or the commit of a
/// transaction.
fn commits_of_several_keys(index: &Index<'_>) -> Vec<u32> {
    let mut commits = Vec::new();
    for log in 0..index.events.logs() {
        let events = index.events.log(log);
        let mut at = 0;
        while at < events.len() {
            let len = Events::operation_len(events, at);
            if is_of_several_keys(&events[at..at + len]) {
                commits.push(index.events.number(log, at));
            }
            at += len;
        }
    }
    for position in index.transactions.positions() {
        let transaction = index.transactions.at(position);
        let writes = index.transactions.writes(position).len();
        if transaction.outcome == Outcome::Committed && writes > 1 {
            commits.push(transaction.end);
        }
    }
    commits
}

fn is_of_several_keys(operation: &[Event]) -> bool {
    let mut parts = operation.iter().filter(|event| is_of_set(event) && takes_effect(event));
    let Some(first) = parts.next() else { return false };
    parts.any(|other| (other.run, other.key) != (first.run, first.key))
}

/// The number of snapshots whose opening overlapped a commit. Those of the setup and at rest
/// overlap nothing.
fn beside_in_time(index: &Index<'_>, opened: &[u32], commits: &[u32]) -> usize {
    let times = |number: &u32| {
        let event = index.events.at(*number);
        (event.invoke, event.returned())
    };
    let of_thread = |number: &&u32| index.events.is_of_thread(**number);
    let mut commits: Vec<(u64, u64)> = commits.iter().filter(of_thread).map(times).collect();
    commits.sort_unstable();
    // From here on, when the longest of the commits up to this one ended.
    let mut longest = 0;
    for (_, returned) in &mut commits {
        longest = longest.max(*returned);
        *returned = longest;
    }
    let overlaps = |(invoke, returned): (u64, u64)| {
        let begun = commits.partition_point(|(began, _)| *began <= returned);
        begun.checked_sub(1).is_some_and(|last| commits[last].1 >= invoke)
    };
    opened.iter().filter(of_thread).map(times).filter(|times| overlaps(*times)).count()
}
