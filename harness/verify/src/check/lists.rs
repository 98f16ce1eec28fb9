//! Listings and counts: one sweep along each run's versions, with running sums, answers all of
//! them.

use rustc_hash::FxHashMap;
use sharded_store::Version;

use crate::check::context::Context;
use crate::check::events::NONE;
use crate::check::index::{Index, is_put};
use crate::check::latest::was_made_again;
use crate::check::listings::{self, Before};
use crate::check::report::Axiom;
use crate::history::{Digest, Event, Kind};

/// A listing or count to be compared with what the run held.
#[derive(Clone, Copy)]
pub(super) struct Query {
    /// The read.
    pub(super) read: u32,
    /// What it reads.
    pub(super) view: View,
    /// Its run.
    pub(super) run: u16,
    /// Its prefix, or [`Query::ALL`] for a count, which is of all keys.
    pub(super) prefix: u32,
    /// The fewest writes of the run that it may see.
    pub(super) from: u32,
    /// The most writes of the run that it may see.
    pub(super) to: u32,
    /// What a transaction's own writes add to the number of entries.
    pub(super) own_entries: i32,
    /// What they add to [`Digest::contents`].
    pub(super) own_contents: u64,
}

/// What a listing or count reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum View {
    /// A snapshot.
    Snapshot,
    /// A transaction's snapshot with its own writes on top.
    Transaction,
    /// The newest entries.
    Latest,
    /// The newest entries when all threads had ended.
    Rest,
}

/// How a listing compares with what the run held at the moments that it may show.
#[derive(Clone, Copy)]
pub(super) struct Answer {
    /// Whether it is right at one of them.
    right: bool,
    /// Whether it is right but for the versions at one of them.
    pub(super) right_but_versions: bool,
    /// The fewest entries at any of them.
    pub(super) fewest: i64,
    /// The most entries at any of them.
    pub(super) most: i64,
}

/// Prefixes answered in one sweep: the bits of a word.
const PREFIXES: usize = 64;

impl Query {
    /// The prefix of a count: every key has it.
    pub(super) const ALL: u32 = u32::MAX;

    /// One of a single moment: after a number of the run's writes.
    pub(super) fn exact(view: View, read: u32, run: u16, prefix: u32, rank: u32) -> Self {
        Self { read, view, run, prefix, from: rank, to: rank, own_entries: 0, own_contents: 0 }
    }

    /// The axiom that it breaks if it is wrong.
    pub(super) fn axiom(&self) -> Axiom {
        match self.view {
            View::Snapshot | View::Transaction => Axiom::Equation,
            View::Latest => Axiom::LatestRead,
            View::Rest => Axiom::NoLostUpdate,
        }
    }
}

/// Compares all listings and counts.
pub(super) fn check(context: &mut Context<'_>) {
    let mut queries = std::mem::take(&mut context.queries);
    queries.sort_unstable_by_key(|query| (query.run, query.from));
    for of_run in queries.chunk_by(|one, other| one.run == other.run) {
        let mut prefixes: Vec<u32> = of_run.iter().map(|query| query.prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        for some in prefixes.chunks(PREFIXES) {
            let asked = of_run.iter().filter(|query| some.contains(&query.prefix));
            let asked: Vec<Query> = asked.copied().collect();
            let answers = Sweep::new(context.index, some).run(&asked);
            asked.iter().for_each(|query| count(context, query));
            if answers.iter().any(|answer| !answer.right) {
                name_all(context, &asked, &answers);
            }
        }
    }
}

/// Names the listings of one run that are wrong, in the order in which they were made.
#[cold]
fn name_all(context: &mut Context<'_>, asked: &[Query], answers: &[Answer]) {
    let mut before: FxHashMap<(u32, u32), Before> = FxHashMap::default();
    let mut order: Vec<usize> = (0..asked.len()).collect();
    order.sort_unstable_by_key(|at| asked[*at].read);
    for at in order {
        let (query, answer) = (&asked[at], &answers[at]);
        let snapshot = context.index.snapshots.of(context.index.events.at(query.read).handle);
        let root = snapshot.filter(|_| query.view == View::Snapshot).map(|of| of.root);
        let mut alone = Before::default();
        let before = match root {
            Some(root) => before.entry((root, query.prefix)).or_default(),
            None => &mut alone,
        };
        if !answer.right {
            listings::name(context, query, answer, *before);
        }
        before.add(query.read, answer.right);
    }
}

/// Counts that a listing was checked; it could have failed if another commit to the run was under
/// way, or was not to be seen.
fn count(context: &mut Context<'_>, query: &Query) {
    let index = context.index;
    let order = index.order(query.run);
    context.findings.checked(query.axiom());
    let next = order.get(query.from as usize).map(|write| index.commit_of(*write));
    let beside = next.is_some_and(|commit| !index.before(query.read, commit));
    let last = query.from.checked_sub(1).map(|last| order[last as usize]);
    let log = index.events.log_of(query.read);
    let by_other = last.is_some_and(|write| index.events.log_of(write) != log);
    let could = match query.view {
        View::Snapshot | View::Transaction => beside || was_made_again(index.events.at(query.read)),
        View::Latest | View::Rest => beside || by_other,
    };
    if could {
        context.findings.could_have_failed(query.axiom());
    }
}

/// What a run holds under one prefix.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// How many entries.
    entries: i64,
    /// The entries' digest.
    digest: Digest,
}

/// A walk along the versions of one run.
struct Sweep<'a> {
    /// The history's writes.
    index: &'a Index<'a>,
    /// The prefixes asked for.
    prefixes: &'a [u32],
    /// By key: the prefixes it has, as bits.
    masks: Vec<u64>,
    /// By key: its newest write, if that made it live, or [`NONE`].
    live: Vec<u32>,
    /// By prefix: what the run holds.
    sums: Vec<Sums>,
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
            sums: vec![Sums::default(); prefixes.len()],
        }
    }

    /// The answers to queries, which are sorted by where they begin.
    fn run(mut self, queries: &[Query]) -> Vec<Answer> {
        let unknown =
            Answer { right: false, right_but_versions: false, fewest: i64::MAX, most: i64::MIN };
        let mut answers = vec![unknown; queries.len()];
        let Some(run) = queries.first().map(|query| query.run) else { return answers };
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
                    let (query, answer) = (&queries[*at], &mut answers[*at]);
                    let last = rank >= query.to as usize;
                    if whole || last {
                        self.compare(query, answer);
                    }
                    !last && !answer.right
                });
            }
            if open.is_empty() && next == queries.len() {
                break;
            }
            if let Some(write) = order.get(rank) {
                self.apply(*write);
            }
        }
        answers
    }

    /// Whether no commit is cut in two by a rank.
    fn is_whole(&self, order: &[u32], rank: usize) -> bool {
        rank == 0 || rank == order.len() || !self.index.is_one_commit(order[rank - 1], order[rank])
    }

    fn compare(&self, query: &Query, answer: &mut Answer) {
        let place = self.prefixes.binary_search(&query.prefix).expect("it was asked for");
        let (sums, event) = (self.sums[place], self.index.events.at(query.read));
        let entries = sums.entries + i64::from(query.own_entries);
        answer.fewest = answer.fewest.min(entries);
        answer.most = answer.most.max(entries);
        let contents = sums.digest.contents.wrapping_add(query.own_contents);
        let same = entries == i64::from(event.value)
            && (query.prefix == Query::ALL || contents == event.stamp);
        answer.right_but_versions |= same;
        answer.right |= same && (!has_versions(event) || sums.digest.versions == event.sequence);
    }

    fn apply(&mut self, write: u32) {
        let event = self.index.events.at(write);
        if event.kind == Kind::RemoveRun as u8 {
            self.live.fill(NONE);
            self.sums.fill(Sums::default());
            return;
        }
        let key = event.key;
        let new = if is_put(event) { write } else { NONE };
        let old = std::mem::replace(&mut self.live[key as usize], new);
        if self.masks[key as usize] == 0 {
            return;
        }
        let mut change = Sums::default();
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
        for (place, sums) in self.sums.iter_mut().enumerate() {
            if mask >> place & 1 == 1 {
                sums.entries += change.entries;
                sums.digest.contents = sums.digest.contents.wrapping_add(change.digest.contents);
                sums.digest.versions = sums.digest.versions.wrapping_add(change.digest.versions);
            }
        }
    }

    /// What one entry adds to a digest.
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
    pub(super) fn starts_with(&self, key: u32, prefix: u32) -> bool {
        let alphabet = &self.history.header.alphabet;
        let known =
            (key as usize) < alphabet.keys.len() && (prefix as usize) < alphabet.prefixes.len();
        prefix == Query::ALL || known && alphabet.starts_with(key, prefix)
    }
}
