//! Latencies in groups that can be drawn together.

use std::collections::HashMap;

use shardproof_document::{counted, significant};
use shardproof_evidence::{ALL, Latency};

use crate::figures::page::{Page, Place, distinct};

/// How operations come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Loop<'a> {
    /// Each begins when the one before is done.
    Closed,
    /// They arrive at a rate, in this pattern.
    Open(&'a str),
}

impl<'a> Loop<'a> {
    /// The loop of a latency.
    pub(crate) fn of(latency: &'a Latency) -> Self {
        latency.arrivals.as_ref().map_or(Self::Closed, |arrivals| Self::Open(&arrivals.pattern))
    }

    /// In words.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Closed => "closed loop".to_owned(),
            Self::Open(pattern) => format!("open loop, {pattern}"),
        }
    }
}

/// Latencies that differ in subject only.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Family<'a> {
    /// How operations come.
    pub how: Loop<'a>,
    /// Where.
    pub place: Place<'a>,
    /// Threads at work.
    pub threads: usize,
    /// Which of a subject's rates of arrival, from the first.
    pub step: usize,
    /// One of each subject: of all operations together, or of the first kind where these are not
    /// there.
    pub members: Vec<&'a Latency>,
}

impl Family<'_> {
    /// What a picture of it is called.
    pub(crate) fn name(&self, page: &Page<'_>) -> String {
        let operation = distinct(self.members.iter().map(|each| each.operation.as_str()));
        let rates = distinct(self.members.iter().filter_map(|each| {
            each.arrivals.as_ref().map(|arrivals| significant(arrivals.rate_ops_s / 1e6))
        }));
        let rate = match rates.as_slice() {
            [] => String::new(),
            [rate] => format!(", {rate} Mops/s asked"),
            _ if self.step == 0 => ", each at a rate of its own".to_owned(),
            _ => format!(", each at another rate ({})", self.step + 1),
        };
        let crowded = if self.is_oversubscribed(page) { " (more than cores)" } else { "" };
        format!(
            "{}, {}{crowded}, {}{rate}",
            page.name(self.place),
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
pub(crate) fn families<'a>(page: &Page<'a>, how: Loop<'a>) -> Vec<Family<'a>> {
    let mut families: Vec<Family<'a>> = Vec::new();
    let mut by_place: HashMap<(Place<'a>, usize), Vec<usize>> = HashMap::new();
    let of_loop = page.evidence.latencies.iter().filter(|each| Loop::of(each) == how);
    for latency in of_loop {
        let (place, threads) = (Place::of_latency(latency), latency.threads);
        let is_rate =
            |each: &&Latency| each.subject == latency.subject && each.arrivals == latency.arrivals;
        let here = by_place.entry((place, threads)).or_default();
        // Another kind of operation of the same run, or the first family that lacks this subject.
        let fitting = here.iter().copied().find(|index| {
            let members = &families[*index].members;
            members.iter().any(is_rate)
                || members.iter().all(|each| each.subject != latency.subject)
        });
        match fitting {
            Some(index) => families[index].take(latency),
            None => {
                let step = here.len();
                here.push(families.len());
                families.push(Family { how, place, threads, step, members: vec![latency] });
            }
        }
    }
    families
}

impl<'a> Family<'a> {
    /// Adds a latency, in the place of another operation of the same subject if it says more.
    fn take(&mut self, latency: &'a Latency) {
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

/// The largest number of threads that have a core each, or the smallest there is.
pub(crate) fn telling_threads(page: &Page<'_>, families: &[Family<'_>]) -> Option<usize> {
    let fair = families.iter().filter(|family| !family.is_oversubscribed(page));
    fair.map(|family| family.threads)
        .max()
        .or_else(|| families.iter().map(|family| family.threads).min())
}
