//! Listings and counts: one pass along the versions of each run, with running totals, checks all of
//! them.

use rustc_hash::FxHashMap;
use sharded_store::Version;

use crate::check::context::Context;
use crate::check::events::NONE;
use crate::check::index::{Index, is_put};
use crate::check::report::Axiom;
use crate::check::versioned::classify_lists::{self, EarlierListings};
use crate::check::versioned::latest::is_repeated;
use crate::history::{Digest, Event, Kind};

/// A listing or count to compare with what the run held.
#[derive(Clone, Copy)]
pub(in crate::check) struct Query {
    /// The read.
    pub(in crate::check) read: u32,
    /// What it reads from.
    pub(in crate::check) view: View,
    /// Its run.
    pub(in crate::check) run: u16,
    /// Its prefix, or [`Query::ALL`] for a count.
    pub(in crate::check) prefix: u32,
    /// The fewest writes of the run that it may see.
    pub(in crate::check) from: u32,
    /// The most writes of the run that it may see.
    pub(in crate::check) to: u32,
    /// What the transaction's own writes add to the number of entries.
    pub(in crate::check) own_entries: i32,
    /// What they add to [`Digest::contents`].
    pub(in crate::check) own_contents: u64,
}

/// What a listing or count reads from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::check) enum View {
    /// A snapshot.
    Snapshot,
    /// The snapshot of a transaction, with its own writes on top.
    Transaction,
    /// The newest entries.
    Latest,
    /// The newest entries after all threads had ended.
    Rest,
}

/// How a listing compares with the contents of the run at the moments that it may show.
#[derive(Clone, Copy)]
pub(in crate::check) struct Comparison {
    /// Whether it matches one of them.
    right: bool,
    /// Whether it matches one of them except for the versions.
    pub(in crate::check) right_but_versions: bool,
    /// The fewest entries at any of them.
    pub(in crate::check) fewest: i64,
    /// The most entries at any of them.
    pub(in crate::check) most: i64,
}

/// Prefixes compared in one pass: the bits of a word.
const PREFIXES: usize = 64;

impl Query {
    /// The prefix of a count, which every key has.
    pub(in crate::check) const ALL: u32 = u32::MAX;

    /// A query of a single moment: after a number of the run's writes.
    pub(in crate::check) fn exact(view: View, read: u32, run: u16, prefix: u32, rank: u32) -> Self {
        Self { read, view, run, prefix, from: rank, to: rank, own_entries: 0, own_contents: 0 }
    }

    /// The axiom that a wrong comparison breaks.
    pub(in crate::check) fn axiom(&self) -> Axiom {
        match self.view {
            View::Snapshot | View::Transaction => Axiom::Equation,
            View::Latest => Axiom::LatestRead,
            View::Rest => Axiom::NoLostUpdate,
        }
    }
}

/// Compares all listings and counts.
pub(in crate::check) fn check(context: &mut Context<'_>) {
    let mut queries = std::mem::take(&mut context.queries);
    queries.sort_unstable_by_key(|query| (query.run, query.from));
    for of_run in queries.chunk_by(|one, other| one.run == other.run) {
        let mut prefixes: Vec<u32> = of_run.iter().map(|query| query.prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        for some in prefixes.chunks(PREFIXES) {
            let asked = of_run.iter().filter(|query| some.contains(&query.prefix));
            let asked: Vec<Query> = asked.copied().collect();
            let comparisons = Sweep::new(context.index, some).run(&asked);
            asked.iter().for_each(|query| count(context, query));
            if comparisons.iter().any(|comparison| !comparison.right) {
                classify_all(context, &asked, &comparisons);
            }
        }
    }
}

/// Classifies the wrong listings of one run, in the order in which they were made.
#[cold]
fn classify_all(context: &mut Context<'_>, asked: &[Query], comparisons: &[Comparison]) {
    let mut before: FxHashMap<(u32, u32), EarlierListings> = FxHashMap::default();
    let mut order: Vec<usize> = (0..asked.len()).collect();
    order.sort_unstable_by_key(|at| asked[*at].read);
    for at in order {
        let (query, comparison) = (&asked[at], &comparisons[at]);
        let snapshot = context.index.snapshots.of(context.index.events.at(query.read).handle);
        let root = snapshot.filter(|_| query.view == View::Snapshot).map(|of| of.root);
        let mut alone = EarlierListings::default();
        let before = match root {
            Some(root) => before.entry((root, query.prefix)).or_default(),
            None => &mut alone,
        };
        if !comparison.right {
            classify_lists::classify(context, query, comparison, *before);
        }
        before.add(query.read, comparison.right);
    }
}

/// Counts a check of a listing. It could have failed if another commit to the run overlapped it, or
/// was too late for it to see.
fn count(context: &mut Context<'_>, query: &Query) {
    let index = context.index;
    let order = index.order(query.run);
    context.findings.checked(query.axiom());
    let next = order.get(query.from as usize).map(|write| index.commit_of(*write));
    let concurrent = next.is_some_and(|commit| !index.before(query.read, commit));
    let last = query.from.checked_sub(1).map(|last| order[last as usize]);
    let log = index.events.log_of(query.read);
    let by_other = last.is_some_and(|write| index.events.log_of(write) != log);
    let could = match query.view {
        View::Snapshot | View::Transaction => {
            concurrent || is_repeated(index.events.at(query.read))
        }
        View::Latest | View::Rest => concurrent || by_other,
    };
    if could {
        context.findings.could_have_failed(query.axiom());
    }
}

/// The contents of a run under one prefix.
#[derive(Clone, Copy, Default)]
struct PrefixTotals {
    /// The number of entries.
    entries: i64,
    /// The entries' digest.
    digest: Digest,
}

/// A pass along the versions of one run.
struct Sweep<'a> {
    /// The history's writes.
    index: &'a Index<'a>,
    /// The prefixes of the queries.
    prefixes: &'a [u32],
    /// By key: its prefixes, as bits.
    masks: Vec<u64>,
    /// By key: its newest write, if that made it live, or [`NONE`].
    live: Vec<u32>,
    /// By prefix: the contents of the run.
    sums: Vec<PrefixTotals>,
}

impl<'a> Sweep<'a> {
    fn new(index: &'a Index<'a>, prefixes: &'a [u32]) -> Self {
        let mask = |key: u32| {
            let has = |prefix: &u32| u64::from(index.starts_with(key, *prefix));
            prefixes.iter().rev().fold(0, |bits, prefix| bits << 1 | has(prefix))
        };
        Self {
            index,
            prefixes,
            masks: (0..index.keys as u32).map(mask).collect(),
            live: vec![NONE; index.keys],
            sums: vec![PrefixTotals::default(); prefixes.len()],
        }
    }

    /// Compares queries, which are sorted by their beginning.
    fn run(mut self, queries: &[Query]) -> Vec<Comparison> {
        let unknown = Comparison {
            right: false,
            right_but_versions: false,
            fewest: i64::MAX,
            most: i64::MIN,
        };
        let mut comparisons = vec![unknown; queries.len()];
        let Some(run) = queries.first().map(|query| query.run) else { return comparisons };
        let order = self.index.order(run);
        let (mut next, mut open) = (0, Vec::new());
        for rank in 0..=order.len() {
            while queries.get(next).is_some_and(|query| query.from as usize <= rank) {
                open.push(next);
                next += 1;
            }
            if !open.is_empty() {
                let whole = self.is_whole(order, rank);
                open.retain(|at: &usize| {
                    let (query, comparison) = (&queries[*at], &mut comparisons[*at]);
                    let last = rank >= query.to as usize;
                    if whole || last {
                        self.compare(query, comparison);
                    }
                    !last && !comparison.right
                });
            }
            if open.is_empty() && next == queries.len() {
                break;
            }
            if let Some(write) = order.get(rank) {
                self.apply(*write);
            }
        }
        comparisons
    }

    /// Whether a rank splits no commit.
    fn is_whole(&self, order: &[u32], rank: usize) -> bool {
        rank == 0 || rank == order.len() || !self.index.is_one_commit(order[rank - 1], order[rank])
    }

    fn compare(&self, query: &Query, comparison: &mut Comparison) {
        let position = self
            .prefixes
            .binary_search(&query.prefix)
            .expect("every query's prefix is in the list");
        let (sums, event) = (self.sums[position], self.index.events.at(query.read));
        let entries = sums.entries + i64::from(query.own_entries);
        comparison.fewest = comparison.fewest.min(entries);
        comparison.most = comparison.most.max(entries);
        let contents = sums.digest.contents.wrapping_add(query.own_contents);
        let same = entries == i64::from(event.value)
            && (query.prefix == Query::ALL || contents == event.stamp);
        comparison.right_but_versions |= same;
        comparison.right |=
            same && (!has_versions(event) || sums.digest.versions == event.sequence);
    }

    fn apply(&mut self, write: u32) {
        let event = self.index.events.at(write);
        if event.kind == Kind::RemoveRun as u8 {
            self.live.fill(NONE);
            self.sums.fill(PrefixTotals::default());
            return;
        }
        let key = event.key;
        let new = if is_put(event) { write } else { NONE };
        let old = std::mem::replace(&mut self.live[key as usize], new);
        if self.masks[key as usize] == 0 {
            return;
        }
        let mut change = PrefixTotals::default();
        if old != NONE {
            let (contents, versions) = self.entry(key, old);
            change.entries -= 1;
            change.digest.contents = contents.wrapping_neg();
            change.digest.versions = versions.wrapping_neg();
        }
        if new != NONE {
            let (contents, versions) = self.entry(key, new);
            change.entries += 1;
            change.digest.contents = change.digest.contents.wrapping_add(contents);
            change.digest.versions = change.digest.versions.wrapping_add(versions);
        }
        let mask = self.masks[key as usize];
        for (position, sums) in self.sums.iter_mut().enumerate() {
            if mask >> position & 1 == 1 {
                sums.entries += change.entries;
                sums.digest.contents = sums.digest.contents.wrapping_add(change.digest.contents);
                sums.digest.versions = sums.digest.versions.wrapping_add(change.digest.versions);
            }
        }
    }

    /// The contribution of one entry to a digest.
    fn entry(&self, key: u32, write: u32) -> (u64, u64) {
        let version: Version = self.index.version(write);
        let value = self.index.events.at(write).value;
        let versions = Digest::of_version(key, version.stamp(), version.sequence());
        (Digest::of_contents(key, value), versions)
    }
}

/// Whether a listing's digest of versions counts.
fn has_versions(event: &Event) -> bool {
    event.kind == Kind::List as u8 || event.kind == Kind::SnapshotList as u8
}

impl Index<'_> {
    /// Whether a key starts with a prefix.
    pub(in crate::check) fn starts_with(&self, key: u32, prefix: u32) -> bool {
        let key_table = &self.history.header.key_table;
        let known =
            (key as usize) < key_table.keys.len() && (prefix as usize) < key_table.prefixes.len();
        prefix == Query::ALL || known && key_table.starts_with(key, prefix)
    }
}
