//! Latencies in groups that can be drawn together, and their tables.

use shardproof_evidence::Latency;

use crate::report::glossary::Term;
use crate::report::html::{Entry, Head, Table, Words};
use crate::report::numbers::{counted, interval, three, three_of, whole};
use crate::report::page::{Page, Place, distinct};

/// How operations come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
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
    /// One of each subject: of all operations together, or of the first kind where these are not there.
    pub members: Vec<&'a Latency>,
}

impl Family<'_> {
    /// What a picture of it is called.
    pub(crate) fn name(&self, page: &Page<'_>) -> String {
        let operation = distinct(self.members.iter().map(|each| each.operation.as_str()));
        let rates = distinct(self.members.iter().filter_map(|each| {
            each.arrivals.as_ref().map(|arrivals| three(arrivals.rate_ops_s / 1e6))
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
            counted(self.threads, "thread", "threads"),
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
    let of_loop = page.evidence.latencies.iter().filter(|each| Loop::of(each) == how);
    for latency in of_loop {
        let place = Place::of_latency(latency);
        let is_rate =
            |each: &&Latency| each.subject == latency.subject && each.arrivals == latency.arrivals;
        let mut here = families
            .iter_mut()
            .filter(|family| (family.place, family.threads) == (place, latency.threads));
        // Another kind of operation of the same run, or the first family that lacks this subject.
        let fitting = here.find(|family| {
            family.members.iter().any(is_rate)
                || family.members.iter().all(|each| each.subject != latency.subject)
        });
        match fitting {
            Some(family) => family.take(latency),
            None => {
                let step = families
                    .iter()
                    .filter(|family| (family.place, family.threads) == (place, latency.threads))
                    .count();
                let threads = latency.threads;
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

/// What all operations together are called.
const ALL: &str = "all";

/// All latencies of one kind of loop in numbers.
pub(crate) fn table(page: &Page<'_>, how: Loop<'_>) -> Table {
    let caption = Words::new(
        format!("Latency in the {}, every kind of operation.", how.name()),
        &[Term::Percentile, Term::Interval, Term::Count],
    );
    let mut heads =
        vec![Head::of(Term::Threads), Head::of(Term::Subject), Head::of(Term::Operation)];
    let names = heads.len();
    if how != Loop::Closed {
        heads.push(Head::named(Term::Arrivals, "asked", "Mops/s"));
        heads.push(Head::named(Term::Achieved, "reached", "Mops/s"));
    }
    heads.push(Head::of(Term::Count));
    heads.push(Head::unit(Term::Mean, "ns"));
    for percentile in ["least", "p50", "p50 interval", "p90", "p99", "p99 interval", "p99.9"] {
        heads.push(Head::named(Term::Percentile, percentile, "ns"));
    }
    heads.push(Head::named(Term::Percentile, "p99.99", "ns"));
    heads.push(Head::named(Term::Percentile, "longest", "ns"));
    heads.push(Head::of(Term::Warnings));
    let mut table = Table::new(caption, names, heads);
    for latency in page.evidence.latencies.iter().filter(|each| Loop::of(each) == how) {
        table.row_of(&page.name(Place::of_latency(latency)), row(latency));
    }
    table
}

fn row(latency: &Latency) -> Vec<Entry> {
    let mut row: Vec<Entry> = vec![
        latency.threads.to_string().into(),
        latency.subject.as_str().into(),
        latency.operation.as_str().into(),
    ];
    if let Some(arrivals) = &latency.arrivals {
        row.push(three(arrivals.rate_ops_s / 1e6).into());
        row.push(three(arrivals.achieved_ops_s / 1e6).into());
    }
    row.push(whole(latency.count).into());
    if latency.count == 0 {
        row.push(Entry::instead("nothing was timed", 10));
    } else {
        let quantiles = &latency.quantiles_ns;
        // With fewer operations than a quantile needs, it would be the longest under another name.
        let from = |least: u64, ns: u64| three_of((latency.count >= least).then_some(ns as f64));
        row.extend([
            three(latency.mean_ns).into(),
            three(quantiles.min as f64).into(),
            three(quantiles.p50 as f64).into(),
            interval(&latency.p50_ns, 1.0).into(),
            three(quantiles.p90 as f64).into(),
            from(100, quantiles.p99).into(),
            interval(&latency.p99_ns, 1.0).into(),
            from(1_000, quantiles.p999).into(),
            from(10_000, quantiles.p9999).into(),
            three(quantiles.max as f64).into(),
        ]);
    }
    row.push(Entry::warnings(&latency.warnings));
    row
}
