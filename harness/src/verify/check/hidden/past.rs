//! What is certain of a key without versions: by the beginnings and ends of its writes alone.

use crate::verify::check::index::{Index, Place, is_put};
use crate::verify::check::precedence::Precedence;

/// What is certain of every key.
pub(super) struct Past<'a> {
    /// The history's writes.
    pub(super) index: &'a Index<'a>,
    /// By place: of the writes of its key from there on, the one that ended first. Empty if times
    /// mean nothing.
    soonest: Vec<u32>,
    /// By place: of the writes of its key up to there, the one that ended last.
    longest: Vec<u32>,
    /// The removals of each run as if they were writes of one key, with the same two.
    removals: Vec<Removals>,
}

/// The removals of a run.
struct Removals {
    /// The removals, by their beginnings.
    places: Vec<Place>,
    /// From there on, the one that ended first.
    soonest: Vec<u32>,
    /// Up to there, the one that ended last.
    longest: Vec<u32>,
}

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
    /// From there on, the one that ended first, counted from `first`.
    soonest: &'a [u32],
    /// Up to there, the one that ended last, counted from `first`.
    longest: &'a [u32],
    /// The number of the first of them among all places.
    first: u32,
}

impl<'a> Past<'a> {
    pub(super) fn new(index: &'a Index<'a>) -> Self {
        let mut past = Self {
            index,
            soonest: Vec::new(),
            longest: Vec::new(),
            removals: Vec::with_capacity(index.runs),
        };
        for run in 0..index.runs as u16 {
            let places = index.removals(run).iter().map(|removal| index.place_of_removal(*removal));
            let places: Vec<Place> = places.collect();
            let (mut soonest, mut longest) = (vec![0; places.len()], vec![0; places.len()]);
            fill(index, &places, 0, &mut soonest, &mut longest);
            past.removals.push(Removals { places, soonest, longest });
        }
        if matches!(index.precedence, Precedence::RealTime) {
            let places = index.places();
            (past.soonest, past.longest) = (vec![0; places.len()], vec![0; places.len()]);
            for run in 0..index.runs as u16 {
                for key in 0..index.keys as u32 {
                    let range = index.key_range(run, key);
                    let (start, end) = (range.start as usize, range.end as usize);
                    let soonest = &mut past.soonest[start..end];
                    fill(
                        index,
                        &places[start..end],
                        range.start,
                        soonest,
                        &mut past.longest[start..end],
                    );
                }
            }
        }
        past
    }

    /// A write of the key, or a removal of its run, that certainly replaced a write before an event
    /// began.
    pub(super) fn replaced(&self, place: u32, by: u32) -> Option<u32> {
        let index = self.index;
        let write = index.places()[place as usize].write;
        let event = index.events.at(write);
        let commit = index.commit_of(write);
        if self.is_by_time() {
            let replacement = self.replacement(place)?;
            let end = index.commit_event(replacement).returned();
            return (end < self.begin(by)).then_some(replacement);
        }
        self.all(event.run, event.key).find(|other| {
            let other = index.commit_of(*other);
            index.before(commit, other) && index.before(other, by)
        })
    }

    /// Of the writes that certainly replaced one, the one that ended first; only where times mean
    /// something.
    pub(super) fn replacement(&self, place: u32) -> Option<u32> {
        let index = self.index;
        let write = index.places()[place as usize].write;
        let (event, end) = (index.events.at(write), index.commit_event(write).returned());
        let of_key = self.key(event.run, event.key).soonest_after(end, place);
        let of_run = self.removals(event.run).soonest_after(end, 0);
        let ended = |write: &u32| index.commit_event(*write).returned();
        of_key.into_iter().chain(of_run).min_by_key(ended)
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
        let made = made.max_by_key(|write| self.index.commit_event(*write).invoke);
        if made.map_or(State::Absent, |made| self.made(made)) != state {
            return None;
        }
        let from = made.map_or(0, |made| self.index.commit_event(made).invoke);
        let other = state.other();
        let undone = writes.overlaps(Some(other), from, until)
            || removals.overlaps(Some(other), from, until);
        (!undone).then_some(made)
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

    fn key(&self, run: u16, key: u32) -> Line<'_> {
        let range = self.index.key_range(run, key);
        let (start, end) = (range.start as usize, range.end as usize);
        Line {
            index: self.index,
            places: &self.index.places()[start..end],
            soonest: &self.soonest[start..end],
            longest: &self.longest[start..end],
            first: range.start,
        }
    }

    fn removals(&self, run: u16) -> Line<'_> {
        let Removals { places, soonest, longest } = &self.removals[usize::from(run)];
        Line { index: self.index, places, soonest, longest, first: 0 }
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
fn fill(index: &Index<'_>, places: &[Place], first: u32, soonest: &mut [u32], longest: &mut [u32]) {
    let ends = places.iter().map(|place| index.commit_event(place.write).returned());
    let ends: Vec<u64> = ends.collect();
    let mut best = ends.len().saturating_sub(1);
    for at in (0..ends.len()).rev() {
        if ends[at] < ends[best] {
            best = at;
        }
        soonest[at] = first + best as u32;
    }
    let mut worst = 0;
    for at in 0..ends.len() {
        if ends[at] > ends[worst] {
            worst = at;
        }
        longest[at] = first + worst as u32;
    }
}

impl Line<'_> {
    fn write(&self, at: u32) -> u32 {
        self.places[(at - self.first) as usize].write
    }

    fn returned(&self, write: u32) -> u64 {
        self.index.commit_event(write).returned()
    }

    /// How many writes began at a moment or before it.
    fn begun(&self, moment: u64) -> usize {
        self.places.partition_point(|place| place.began() <= moment)
    }

    /// Of the writes that began after a moment, the one that ended first. None of them stands
    /// before `from`.
    fn soonest_after(&self, moment: u64, from: u32) -> Option<u32> {
        let from = (from - self.first) as usize;
        let beside = |place: &Place| place.began() <= moment;
        // Mostly the next one.
        let near = self.places[from..].iter().take(NEAR).take_while(|place| beside(place)).count();
        let at = match near {
            NEAR => from + self.places[from..].partition_point(beside),
            near => from + near,
        };
        self.soonest.get(at).map(|at| self.write(*at))
    }

    /// Of the writes that ended before a moment, the one that began last.
    fn last_that_ended(&self, moment: u64) -> Option<u32> {
        let begun = self.places[..self.begun(moment)].iter().rev();
        begun.map(|place| place.write).find(|write| self.returned(*write) < moment)
    }

    /// Whether a write that brings about a state, or any, began before `to` and ended after `from`.
    fn overlaps(&self, state: Option<State>, from: u64, to: u64) -> bool {
        let begun = self.places[..self.begun(to)].iter().zip(self.longest).rev();
        let mut late =
            begun.take_while(|(_, longest)| self.returned(self.write(**longest)) >= from);
        late.any(|(place, _)| {
            let is_put = is_put(self.index.events.at(place.write));
            self.returned(place.write) >= from
                && state.is_none_or(|state| is_put == (state == State::Live))
        })
    }
}
