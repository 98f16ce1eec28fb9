//! Groups of latencies that are drawn together.

use std::collections::HashMap;

use shardproof_document::{counted, significant};
use shardproof_evidence::{ALL, Latency};

use crate::figures::page::{MatrixPosition, Page, distinct};

/// How operations are issued.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Loop<'a> {
    /// Each starts when the previous one ends.
    Closed,
    /// They arrive at a rate, in this pattern.
    Open(&'a str),
}

impl<'a> Loop<'a> {
    /// The loop of a latency.
    pub(crate) fn of(latency: &'a Latency) -> Self {
        latency.arrivals.as_ref().map_or(Self::Closed, |arrivals| Self::Open(&arrivals.pattern))
    }

    /// Its name.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Closed => "closed loop".to_owned(),
            Self::Open(pattern) => format!("open loop, {pattern}"),
        }
    }
}

/// Latencies that differ only in their subject.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Family<'a> {
    /// The kind of loop.
    pub kind: Loop<'a>,
    /// Part, workload and placement.
    pub position: MatrixPosition<'a>,
    /// Threads at work.
    pub threads: usize,
    /// Index of the arrival rate among those of a subject.
    pub step: usize,
    /// One latency per subject: of all operations together or, without that, of the first kind.
    pub members: Vec<&'a Latency>,
}

impl Family<'_> {
    /// The title of its picture.
    pub(crate) fn name(&self, page: &Page<'_>) -> String {
        let operation = distinct(self.members.iter().map(|each| each.operation.as_str()));
        let rates = distinct(self.members.iter().filter_map(|each| {
            each.arrivals.as_ref().map(|arrivals| significant(arrivals.rate_ops_s / 1e6))
        }));
        let rate = match rates.as_slice() {
            [] => String::new(),
            [rate] => format!(", {rate} Mops/s target"),
            _ if self.step == 0 => ", each at its own rate".to_owned(),
            _ => format!(", each at its own rate ({})", self.step + 1),
        };
        let oversubscribed = if self.is_oversubscribed(page) { " (more than cores)" } else { "" };
        format!(
            "{}, {}{oversubscribed}, {}{rate}",
            page.name(self.position),
            counted(self.threads, "thread"),
            operation.join(" or "),
        )
    }

    /// Whether more threads than cores were at work.
    pub(crate) fn is_oversubscribed(&self, page: &Page<'_>) -> bool {
        self.members.iter().any(|each| page.is_latency_oversubscribed(each))
    }
}

/// All families of one loop, in the order of the evidence.
pub(crate) fn families<'a>(page: &Page<'a>, kind: Loop<'a>) -> Vec<Family<'a>> {
    let mut families: Vec<Family<'a>> = Vec::new();
    let mut by_position: HashMap<(MatrixPosition<'a>, usize), Vec<usize>> = HashMap::new();
    let of_loop = page.evidence.latencies.iter().filter(|each| Loop::of(each) == kind);
    for latency in of_loop {
        let (position, threads) = (MatrixPosition::of_latency(latency), latency.threads);
        let is_rate =
            |each: &&Latency| each.subject == latency.subject && each.arrivals == latency.arrivals;
        let here = by_position.entry((position, threads)).or_default();
        // A family with another kind of operation at the same rate, or the first one without this
        // subject.
        let fitting = here.iter().copied().find(|index| {
            let members = &families[*index].members;
            members.iter().any(is_rate)
                || members.iter().all(|each| each.subject != latency.subject)
        });
        match fitting {
            Some(index) => families[index].add(latency),
            None => {
                let step = here.len();
                here.push(families.len());
                families.push(Family { kind, position, threads, step, members: vec![latency] });
            }
        }
    }
    families
}

impl<'a> Family<'a> {
    /// Adds a latency; that of all operations replaces that of one kind.
    fn add(&mut self, latency: &'a Latency) {
        match self.members.iter_mut().find(|each| each.subject == latency.subject) {
            Some(member) if latency.operation == ALL => *member = latency,
            Some(_) => {}
            None => self.members.push(latency),
        }
    }
}

/// The kinds of loop, in the order of the evidence.
pub(crate) fn loops<'a>(page: &Page<'a>) -> Vec<Loop<'a>> {
    distinct(page.evidence.latencies.iter().map(Loop::of))
}

/// The representative number of threads: the largest with a core each, or else the smallest.
pub(crate) fn representative_threads(page: &Page<'_>, families: &[Family<'_>]) -> Option<usize> {
    let fair = families.iter().filter(|family| !family.is_oversubscribed(page));
    fair.map(|family| family.threads)
        .max()
        .or_else(|| families.iter().map(|family| family.threads).min())
}
