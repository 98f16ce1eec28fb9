//! What is certain of a key without versions: by the beginnings and ends of its writes alone.

use crate::check::events::Part;
use crate::check::index::{Index, Place, is_put};
use crate::check::precedence::Precedence;

/// What is certain of every key.
pub(super) struct Past<'a> {
    /// The history's writes.
    pub(super) index: &'a Index<'a>,
    /// By place: what ended first and last beside it. Empty if times mean nothing.
    steps: Vec<Steps>,
    /// The removals of each run as if they were writes of one key, with the same.
    removals: Vec<Removals>,
}

/// The removals of a run.
struct Removals {
    /// The removals, by their beginnings.
    places: Vec<Place>,
    /// What ended first and last beside each.
    steps: Vec<Steps>,
}

/// From a write of a key to two others of it. They are seldom far, and one that is further than a
/// byte can tell is where a write points to which is that far.
#[derive(Clone, Copy, Default)]
struct Steps {
    /// To the one from there on that ended first.
    to_soonest: u8,
    /// Back to the one up to there that ended last.
    to_longest: u8,
}

/// The longest of the steps: the other is as far, or further.
const FAR: u8 = u8::MAX;

/// Writes looked at one by one before the others are searched.
const NEAR: usize = 8;

/// What a key may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// It has a value.
    Live,
    /// It has none.
    Absent,
}

/// Writes by their beginnings.
#[derive(Clone, Copy)]
struct Line<'a> {
    /// The history's writes.
    index: &'a Index<'a>,
    /// The writes.
    places: &'a [Place],
    /// What ended first and last beside each.
    steps: &'a [Steps],
}

impl<'a> Past<'a> {
    pub(super) fn new(index: &'a Index<'a>) -> Self {
        let removals = (0..index.runs as u16).map(|run| {
            let places = index.removals(run).iter().map(|removal| index.place_of_removal(*removal));
            let places: Vec<Place> = places.collect();
            let mut steps = vec![Steps::default(); places.len()];
            fill(&places, &mut steps);
            Removals { places, steps }
        });
        let mut past = Self { index, steps: Vec::new(), removals: removals.collect() };
        if matches!(index.precedence, Precedence::RealTime) {
            let places = index.places();
            past.steps = vec![Steps::default(); places.len()];
            for run in 0..index.runs as u16 {
                for key in 0..index.keys as u32 {
                    let range = index.key_range(run, key);
                    let range = range.start as usize..range.end as usize;
                    fill(&places[range.clone()], &mut past.steps[range]);
                }
            }
        }
        past
    }

    /// A write of the key, or a removal of its run, that certainly replaced a write of it before an
    /// event began.
    #[inline]
    pub(super) fn replaced(&self, (run, key): (u16, u32), place: u32, by: u32) -> Option<u32> {
        let index = self.index;
        if self.is_by_time() {
            let replacement = self.replacement((run, key), place)?;
            return (replacement.returned() < self.begin(by)).then_some(replacement.write);
        }
        let commit = index.commit_of(index.places()[place as usize].write);
        self.all(run, key).find(|other| {
            let other = index.commit_of(*other);
            index.before(commit, other) && index.before(other, by)
        })
    }

    /// Of the writes that certainly replaced one of a key, the one that ended first; only where
    /// times mean something.
    #[inline]
    pub(super) fn replacement(&self, (run, key): (u16, u32), place: u32) -> Option<&Place> {
        let end = self.index.places()[place as usize].returned();
        let from = (place - self.index.key_range(run, key).start) as usize;
        let of_key = self.key(run, key).soonest_after(end, from);
        let removals = self.removals(run);
        if removals.places.is_empty() {
            return of_key;
        }
        let of_run = removals.soonest_after(end, 0);
        of_key.into_iter().chain(of_run).min_by_key(|place| place.returned())
    }

    /// Whether the write at a place certainly began after an event had ended.
    #[inline]
    pub(super) fn began_after(&self, event: u32, place: u32) -> bool {
        let (index, place) = (self.index, &self.index.places()[place as usize]);
        let events = &index.events;
        let (one, other) = (events.log_of(event), events.log_of(place.write));
        if self.is_by_time()
            && one != other
            && (events.part(one), events.part(other)) == (Part::Thread, Part::Thread)
        {
            return events.at(event).returned() < place.began();
        }
        index.before(event, index.commit_of(place.write))
    }

    /// Whether a key was certainly in a state from the beginning of one event to the end of
    /// another: what made it so, or an empty answer if it was so from the start.
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
        // The last one decides: it came after, or beside, all that ended before it.
        let made = writes.last_that_ended(since).into_iter().chain(removals.last_that_ended(since));
        let made = made.max_by_key(|place| place.began());
        if made.map_or(State::Absent, |made| self.made(made.write)) != state {
            return None;
        }
        let from = made.map_or(0, Place::began);
        let other = state.other();
        let undone = writes.overlaps(Some(other), from, until)
            || removals.overlaps(Some(other), from, until);
        (!undone).then(|| made.map(|made| made.write))
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

    /// Whether another thread wrote a key, as far as its first writes tell: then a read that found
    /// nothing could have been wrong.
    pub(super) fn is_written_beside(&self, (run, key): (u16, u32), read: u32) -> bool {
        let events = &self.index.events;
        let log = events.log_of(read);
        let mut first = self.index.key_places(run, key).iter().take(NEAR);
        first.any(|place| events.log_of(place.write) != log)
    }

    /// The state that a write brings about.
    fn made(&self, write: u32) -> State {
        if is_put(self.index.events.at(write)) { State::Live } else { State::Absent }
    }

    pub(super) fn is_by_time(&self) -> bool {
        matches!(self.index.precedence, Precedence::RealTime)
    }

    /// When an event began: at rest, after everything.
    pub(super) fn begin(&self, event: u32) -> u64 {
        if self.index.is_at_rest(event) { u64::MAX } else { self.index.events.at(event).invoke }
    }

    /// When an event ended.
    pub(super) fn end(&self, event: u32) -> u64 {
        if self.index.is_at_rest(event) { u64::MAX } else { self.index.events.at(event).returned() }
    }

    /// All writes of a key and removals of its run.
    fn all(&self, run: u16, key: u32) -> impl Iterator<Item = u32> + '_ {
        let places = self.index.key_places(run, key).iter().map(|place| place.write);
        places.chain(self.index.removals(run).iter().copied())
    }

    #[inline]
    fn key(&self, run: u16, key: u32) -> Line<'_> {
        let range = self.index.key_range(run, key);
        let range = range.start as usize..range.end as usize;
        let places = &self.index.places()[range.clone()];
        Line { index: self.index, places, steps: &self.steps[range] }
    }

    #[inline]
    fn removals(&self, run: u16) -> Line<'_> {
        let Removals { places, steps } = &self.removals[usize::from(run)];
        Line { index: self.index, places, steps }
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

/// Notes for each write which from there on ended first, and which up to there ended last.
fn fill(places: &[Place], steps: &mut [Steps]) {
    let short = |distance: usize| u8::try_from(distance).unwrap_or(FAR);
    let mut best = places.len().saturating_sub(1);
    for at in (0..places.len()).rev() {
        if places[at].returned() < places[best].returned() {
            best = at;
        }
        steps[at].to_soonest = short(best - at);
    }
    let mut worst = 0;
    for at in 0..places.len() {
        if places[at].returned() > places[worst].returned() {
            worst = at;
        }
        steps[at].to_longest = short(at - worst);
    }
}

impl<'a> Line<'a> {
    /// From there on, the write that ended first.
    #[inline]
    fn soonest(&self, mut at: usize) -> Option<&'a Place> {
        loop {
            let step = self.steps.get(at)?.to_soonest;
            at += usize::from(step);
            if step < FAR {
                return self.places.get(at);
            }
        }
    }

    /// Up to there, the write that ended last.
    fn longest(&self, mut at: usize) -> &'a Place {
        loop {
            let step = self.steps[at].to_longest;
            at -= usize::from(step);
            if step < FAR {
                return &self.places[at];
            }
        }
    }

    /// How many writes began at a moment or before it.
    fn begun(&self, moment: u64) -> usize {
        self.places.partition_point(|place| place.began() <= moment)
    }

    /// Of the writes that began after a moment, the one that ended first. None of them stands
    /// before `from`.
    #[inline]
    fn soonest_after(&self, moment: u64, from: usize) -> Option<&'a Place> {
        let beside = |place: &Place| place.began() <= moment;
        // Mostly the next one.
        let near = self.places[from..].iter().take(NEAR).take_while(|place| beside(place)).count();
        self.soonest(match near {
            NEAR => from + self.places[from..].partition_point(beside),
            near => from + near,
        })
    }

    /// Of the writes that ended before a moment, the one that began last.
    fn last_that_ended(&self, moment: u64) -> Option<&'a Place> {
        self.places[..self.begun(moment)].iter().rev().find(|place| place.returned() < moment)
    }

    /// Whether a write that brings about a state, or any, began before `to` and ended after `from`.
    fn overlaps(&self, state: Option<State>, from: u64, to: u64) -> bool {
        let begun = (0..self.begun(to)).rev();
        let mut late = begun.take_while(|at| self.longest(*at).returned() >= from);
        late.any(|at| {
            let place = &self.places[at];
            let is_put = || is_put(self.index.events.at(place.write));
            place.returned() >= from && state.is_none_or(|state| is_put() == (state == State::Live))
        })
    }
}
