//! What the beginnings and ends of the writes of a key prove about it.

use crate::check::events::Part;
use crate::check::index::{Index, KeyWrite, is_put};
use crate::check::precedence::Precedence;

/// The writes of every key, indexed by their intervals.
pub(super) struct WriteIntervals<'a> {
    /// The history's writes.
    pub(super) index: &'a Index<'a>,
    /// By position: hops to the writes that ended first and last. Empty if times mean nothing.
    hops: Vec<Hops>,
    /// The removals of each run as writes of one key, with their hops.
    removals: Vec<Removals>,
}

/// The removals of a run.
struct Removals {
    /// The removals, by their beginnings.
    writes: Vec<KeyWrite>,
    /// The hops of each.
    hops: Vec<Hops>,
}

/// Distances from a write of a key to two others of it. Most are short; a longer one takes several
/// hops of [`FAR`].
#[derive(Clone, Copy, Default)]
struct Hops {
    /// Forward to the write that ended first among those from here on.
    to_soonest: u8,
    /// Back to the write that ended last among those up to here.
    to_longest: u8,
}

/// The longest hop: the target is at least this far.
const FAR: u8 = u8::MAX;

/// How many writes are examined one by one before a binary search.
const NEAR: usize = 8;

/// The state of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// It has a value.
    Live,
    /// It has none.
    Absent,
}

/// Writes in the order of their beginnings.
#[derive(Clone, Copy)]
struct WriteSequence<'a> {
    /// The history's writes.
    index: &'a Index<'a>,
    /// The writes.
    writes: &'a [KeyWrite],
    /// The hops of each.
    hops: &'a [Hops],
}

impl<'a> WriteIntervals<'a> {
    pub(super) fn new(index: &'a Index<'a>) -> Self {
        let removals = (0..index.runs as u16).map(|run| {
            let writes = index.removals(run).iter().map(|removal| index.removal_as_write(*removal));
            let writes: Vec<KeyWrite> = writes.collect();
            let mut hops = vec![Hops::default(); writes.len()];
            fill(&writes, &mut hops);
            Removals { writes, hops }
        });
        let mut intervals = Self { index, hops: Vec::new(), removals: removals.collect() };
        if matches!(index.precedence, Precedence::RealTime) {
            let writes = index.key_writes();
            intervals.hops = vec![Hops::default(); writes.len()];
            for run in 0..index.runs as u16 {
                for key in 0..index.keys as u32 {
                    let range = index.key_range(run, key);
                    let range = range.start as usize..range.end as usize;
                    fill(&writes[range.clone()], &mut intervals.hops[range]);
                }
            }
        }
        intervals
    }

    /// A write of the key, or removal of its run, that certainly replaced a write of it before an
    /// event began.
    #[inline]
    pub(super) fn replaced(&self, (run, key): (u16, u32), position: u32, by: u32) -> Option<u32> {
        let index = self.index;
        if self.is_by_time() {
            let replacement = self.replacement((run, key), position)?;
            return (replacement.returned() < self.begin(by)).then_some(replacement.event);
        }
        let commit = index.commit_of(index.key_writes()[position as usize].event);
        self.all(run, key).find(|other| {
            let other = index.commit_of(*other);
            index.before(commit, other) && index.before(other, by)
        })
    }

    /// The write that ended first among those that certainly replaced a write of a key; only in
    /// real time.
    #[inline]
    pub(super) fn replacement(&self, (run, key): (u16, u32), position: u32) -> Option<&KeyWrite> {
        let end = self.index.key_writes()[position as usize].returned();
        let from = (position - self.index.key_range(run, key).start) as usize;
        let of_key = self.key(run, key).soonest_after(end, from);
        let removals = self.removals(run);
        if removals.writes.is_empty() {
            return of_key;
        }
        let of_run = removals.soonest_after(end, 0);
        of_key.into_iter().chain(of_run).min_by_key(|write| write.returned())
    }

    /// Whether the write at a position certainly began after an event had ended.
    #[inline]
    pub(super) fn began_after(&self, event: u32, position: u32) -> bool {
        let (index, write) = (self.index, &self.index.key_writes()[position as usize]);
        let events = &index.events;
        let (one, other) = (events.log_of(event), events.log_of(write.event));
        if self.is_by_time()
            && one != other
            && (events.part(one), events.part(other)) == (Part::Thread, Part::Thread)
        {
            return events.at(event).returned() < write.began();
        }
        index.before(event, index.commit_of(write.event))
    }

    /// Whether a key was certainly in a state from the beginning of one event to the end of
    /// another: `Some` with the write that caused it, or with `None` if it was so from the start.
    pub(super) fn certainly(
        &self,
        (run, key): (u16, u32),
        state: State,
        since: u32,
        until: u32,
    ) -> Option<Option<u32>> {
        let index = self.index;
        let makes = |write: u32| self.made(write) == state;
        if self.is_by_time() {
            return self.certainly_by_time((run, key), state, (self.begin(since), self.end(until)));
        }
        let undone = |made: Option<u32>| {
            self.all(run, key).any(|other| {
                let commit = index.commit_of(other);
                let early = made.is_some_and(|made| index.before(commit, index.commit_of(made)));
                !makes(other) && !early && !index.before(until, commit)
            })
        };
        let made = self.all(run, key).filter(|write| makes(*write));
        let mut made = made.filter(|write| index.before(index.commit_of(*write), since));
        if let Some(made) = made.find(|made| !undone(Some(*made))) {
            return Some(Some(made));
        }
        (state == State::Absent && !undone(None)).then_some(None)
    }

    fn certainly_by_time(
        &self,
        (run, key): (u16, u32),
        state: State,
        (since, until): (u64, u64),
    ) -> Option<Option<u32>> {
        let (writes, removals) = (self.key(run, key), self.removals(run));
        // The last one decides: it came after, or overlapped, all that ended before it.
        let made = writes.last_that_ended(since).into_iter().chain(removals.last_that_ended(since));
        let made = made.max_by_key(|write| write.began());
        if made.map_or(State::Absent, |made| self.made(made.event)) != state {
            return None;
        }
        let from = made.map_or(0, KeyWrite::began);
        let other = state.other();
        let undone = writes.overlaps(Some(other), from, until)
            || removals.overlaps(Some(other), from, until);
        (!undone).then(|| made.map(|made| made.event))
    }

    /// Whether any write of a key, or removal of its run, may have come between two events.
    pub(super) fn may_have_changed(&self, (run, key): (u16, u32), since: u32, until: u32) -> bool {
        let index = self.index;
        if self.is_by_time() {
            let (from, to) = (self.begin(since), self.end(until));
            return self.key(run, key).overlaps(None, from, to)
                || self.removals(run).overlaps(None, from, to);
        }
        self.all(run, key).any(|write| {
            let commit = index.commit_of(write);
            !index.before(commit, since) && !index.before(until, commit)
        })
    }

    /// Whether a delete of a key, or a removal of its run, may have come between two events.
    pub(super) fn may_be_deleted(&self, (run, key): (u16, u32), since: u32, until: u32) -> bool {
        let index = self.index;
        if self.is_by_time() {
            let (state, from, to) = (Some(State::Absent), self.begin(since), self.end(until));
            return self.key(run, key).overlaps(state, from, to)
                || self.removals(run).overlaps(state, from, to);
        }
        self.all(run, key).filter(|write| self.made(*write) == State::Absent).any(|write| {
            let commit = index.commit_of(write);
            !index.before(commit, since) && !index.before(until, commit)
        })
    }

    /// Whether another thread wrote a key, judging by its first writes: then a read that found
    /// nothing could have been wrong.
    pub(super) fn is_written_beside(&self, (run, key): (u16, u32), read: u32) -> bool {
        let events = &self.index.events;
        let log = events.log_of(read);
        let mut first = self.index.writes_of_key(run, key).iter().take(NEAR);
        first.any(|write| events.log_of(write.event) != log)
    }

    /// The state of a key after a write.
    fn made(&self, write: u32) -> State {
        if is_put(self.index.events.at(write)) { State::Live } else { State::Absent }
    }

    pub(super) fn is_by_time(&self) -> bool {
        matches!(self.index.precedence, Precedence::RealTime)
    }

    /// When an event began; at rest, the end of time.
    pub(super) fn begin(&self, event: u32) -> u64 {
        if self.index.is_at_rest(event) { u64::MAX } else { self.index.events.at(event).invoke }
    }

    /// When an event ended; at rest, the end of time.
    pub(super) fn end(&self, event: u32) -> u64 {
        if self.index.is_at_rest(event) { u64::MAX } else { self.index.events.at(event).returned() }
    }

    /// All writes of a key and removals of its run.
    fn all(&self, run: u16, key: u32) -> impl Iterator<Item = u32> + '_ {
        let writes = self.index.writes_of_key(run, key).iter().map(|write| write.event);
        writes.chain(self.index.removals(run).iter().copied())
    }

    #[inline]
    fn key(&self, run: u16, key: u32) -> WriteSequence<'_> {
        let range = self.index.key_range(run, key);
        let range = range.start as usize..range.end as usize;
        let writes = &self.index.key_writes()[range.clone()];
        WriteSequence { index: self.index, writes, hops: &self.hops[range] }
    }

    #[inline]
    fn removals(&self, run: u16) -> WriteSequence<'_> {
        let Removals { writes, hops } = &self.removals[usize::from(run)];
        WriteSequence { index: self.index, writes, hops }
    }
}

impl State {
    fn other(self) -> Self {
        match self {
            Self::Live => Self::Absent,
            Self::Absent => Self::Live,
        }
    }
}

/// Fills in the hops of each write.
fn fill(writes: &[KeyWrite], hops: &mut [Hops]) {
    let short = |distance: usize| u8::try_from(distance).unwrap_or(FAR);
    let mut best = writes.len().saturating_sub(1);
    for at in (0..writes.len()).rev() {
        if writes[at].returned() < writes[best].returned() {
            best = at;
        }
        hops[at].to_soonest = short(best - at);
    }
    let mut worst = 0;
    for at in 0..writes.len() {
        if writes[at].returned() > writes[worst].returned() {
            worst = at;
        }
        hops[at].to_longest = short(at - worst);
    }
}

impl<'a> WriteSequence<'a> {
    /// The write that ended first among those from a position on.
    #[inline]
    fn soonest(&self, mut at: usize) -> Option<&'a KeyWrite> {
        loop {
            let step = self.hops.get(at)?.to_soonest;
            at += usize::from(step);
            if step < FAR {
                return self.writes.get(at);
            }
        }
    }

    /// The write that ended last among those up to a position.
    fn longest(&self, mut at: usize) -> &'a KeyWrite {
        loop {
            let step = self.hops[at].to_longest;
            at -= usize::from(step);
            if step < FAR {
                return &self.writes[at];
            }
        }
    }

    /// The number of writes that began at or before a time.
    fn begun(&self, moment: u64) -> usize {
        self.writes.partition_point(|write| write.began() <= moment)
    }

    /// The write that ended first among those that began after a time; all of them are at or after
    /// `from`.
    #[inline]
    fn soonest_after(&self, moment: u64, from: usize) -> Option<&'a KeyWrite> {
        let overlaps_it = |write: &KeyWrite| write.began() <= moment;
        // Usually the next one.
        let near =
            self.writes[from..].iter().take(NEAR).take_while(|write| overlaps_it(write)).count();
        self.soonest(match near {
            NEAR => from + self.writes[from..].partition_point(overlaps_it),
            near => from + near,
        })
    }

    /// The write that began last among those that ended before a time.
    fn last_that_ended(&self, moment: u64) -> Option<&'a KeyWrite> {
        self.writes[..self.begun(moment)].iter().rev().find(|write| write.returned() < moment)
    }

    /// Whether a write that causes a state, or any write, began before `to` and ended after `from`.
    fn overlaps(&self, state: Option<State>, from: u64, to: u64) -> bool {
        let begun = (0..self.begun(to)).rev();
        let mut late = begun.take_while(|at| self.longest(*at).returned() >= from);
        late.any(|at| {
            let write = &self.writes[at];
            let is_put = || is_put(self.index.events.at(write.event));
            write.returned() >= from && state.is_none_or(|state| is_put() == (state == State::Live))
        })
    }
}
