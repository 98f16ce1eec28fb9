//! What certainly came before what: over real time, or by happens-before.
//!
//! All axioms that speak of "before" ask here. [`Precedence::follow`] shows a [`Follower`] every
//! operation's beginning, after the ends of all operations that certainly came before it and of no
//! other.

use crate::check::events::{Events, Part};
use crate::history::{Event, Kind, Order};
use crate::program::Program;

/// What certainly came before what.
pub(super) enum Precedence {
    /// By the times of events.
    RealTime,
    /// By happens-before.
    HappensBefore(Clocks),
}

/// For each event, how many events of each log came before it.
pub(super) struct Clocks {
    /// The counts of all events, one event after the other.
    counts: Vec<u32>,
    /// Where each log's events begin, in events.
    firsts: Vec<usize>,
    /// How many logs there are.
    logs: usize,
}

/// Somebody who is shown beginnings and ends in an order that respects what certainly came before
/// what.
pub(super) trait Follower {
    /// Forgets all ends: what follows is shown from the start again.
    fn forget(&mut self);
    /// An operation ended.
    fn ended(&mut self, number: u32, event: &Event);
    /// An operation began, and all that certainly came before it has ended.
    fn began(&mut self, number: u32, event: &Event);
}

impl Precedence {
    pub(super) fn new(order: Order, events: &Events<'_>) -> Self {
        match order {
            Order::RealTime => Self::RealTime,
            Order::HappensBefore => Self::HappensBefore(Clocks::new(events)),
        }
    }

    /// Whether one event certainly came before another.
    #[inline]
    pub(super) fn before(&self, events: &Events<'_>, one: u32, other: u32) -> bool {
        match self {
            Self::RealTime => was_earlier(events, one, other),
            Self::HappensBefore(clocks) => {
                let (one, other) = (events.place(one), events.place(other));
                clocks.of(other.log as usize, other.event as usize)[one.log as usize] > one.event
            }
        }
    }

    /// Shows a follower all operations.
    pub(super) fn follow(&self, events: &Events<'_>, follower: &mut impl Follower) {
        match self {
            Self::RealTime => follow_times(events, follower),
            Self::HappensBefore(clocks) => clocks.follow(events, follower),
        }
    }
}

fn was_earlier(events: &Events<'_>, one: u32, other: u32) -> bool {
    let (first, second) = (events.place(one), events.place(other));
    if first.log == second.log {
        let log = events.log(first.log as usize);
        let start = Events::operation_start(log, second.event as usize);
        return (first.event as usize) < start;
    }
    match (events.part(first.log as usize), events.part(second.log as usize)) {
        (Part::Thread, Part::Thread) => events.at(one).returned() < events.at(other).invoke,
        _ => first.log < second.log,
    }
}

/// A thread on its way through its log.
struct Walk {
    /// Its log.
    log: usize,
    /// The operation that comes next.
    next: usize,
    /// The operation that it has begun last and not been seen to end; empty if there is none.
    open: std::ops::Range<usize>,
}

/// An operation that ended at a moment at which others may have begun.
struct Late {
    /// When it ended.
    ended: u64,
    /// Its log.
    log: usize,
    /// Its events.
    events: std::ops::Range<usize>,
}

/// All threads on their way through their logs.
struct Walks<'a, 'e, F> {
    /// The events.
    events: &'a Events<'e>,
    /// Who is shown them.
    follower: &'a mut F,
    /// The threads.
    walks: Vec<Walk>,
    /// When each thread's next operation begins; the end of time if there is none.
    begins: Vec<u64>,
    /// When each thread's open operation ends; the end of time if there is none.
    ends: Vec<u64>,
    /// The earliest of `ends` and of those in `late`.
    first_end: u64,
    /// What ended at a moment that others may have begun at.
    late: Vec<Late>,
}

fn follow_times(events: &Events<'_>, follower: &mut impl Follower) {
    let mut threads = Vec::new();
    for log in 0..events.logs() {
        match events.part(log) {
            Part::Setup => follow_alone(events, log, follower),
            Part::Thread => threads.push(log),
            Part::Rest => {
                Walks::new(events, follower, &std::mem::take(&mut threads)).run();
                follow_alone(events, log, follower);
            }
        }
    }
}

/// Shows the operations of a log that nothing else ran beside.
fn follow_alone(events: &Events<'_>, log: usize, follower: &mut impl Follower) {
    let all = events.log(log);
    let mut next = 0;
    while next < all.len() {
        let operation = next..next + Events::operation_len(all, next);
        for at in operation.clone() {
            follower.began(events.number(log, at), &all[at]);
        }
        for at in operation.clone() {
            follower.ended(events.number(log, at), &all[at]);
        }
        next = operation.end;
    }
}

impl<'a, 'e, F: Follower> Walks<'a, 'e, F> {
    fn new(events: &'a Events<'e>, follower: &'a mut F, logs: &[usize]) -> Self {
        let walks: Vec<Walk> =
            logs.iter().map(|log| Walk { log: *log, next: 0, open: 0..0 }).collect();
        let begins = logs.iter().map(|log| events.log(*log).first().map_or(u64::MAX, |e| e.invoke));
        let (begins, ends) = (begins.collect(), vec![u64::MAX; logs.len()]);
        Self { events, follower, walks, begins, ends, first_end: u64::MAX, late: Vec::new() }
    }

    fn run(&mut self) {
        while let Some((at, now)) = self.first_to_begin() {
            if self.first_end < now {
                self.end_before(now);
            }
            self.end_own(at, now);
            self.begin(at);
        }
        self.end_before(u64::MAX);
        for at in 0..self.walks.len() {
            let (log, open) = (self.walks[at].log, self.walks[at].open.clone());
            self.end(log, open);
        }
    }

    /// The thread whose next operation begins first, and when.
    #[inline]
    fn first_to_begin(&self) -> Option<(usize, u64)> {
        let (mut first, mut now) = (0, u64::MAX);
        for (at, begin) in self.begins.iter().enumerate() {
            if *begin < now {
                (first, now) = (at, *begin);
            }
        }
        let walk = self.walks.get(first)?;
        (walk.next < self.events.log(walk.log).len()).then_some((first, now))
    }

    /// Ends what ended before a moment.
    fn end_before(&mut self, now: u64) {
        self.first_end = u64::MAX;
        for at in 0..self.ends.len() {
            if self.ends[at] < now {
                self.ends[at] = u64::MAX;
                let open = std::mem::take(&mut self.walks[at].open);
                self.end(self.walks[at].log, open);
            }
            self.first_end = self.first_end.min(self.ends[at]);
        }
        if !self.late.is_empty() {
            self.end_late_before(now);
        }
    }

    #[cold]
    fn end_late_before(&mut self, now: u64) {
        let (over, late): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.late).into_iter().partition(|late| late.ended < now);
        for late in over {
            self.end(late.log, late.events);
        }
        self.first_end = late.iter().map(|late| late.ended).fold(self.first_end, u64::min);
        self.late = late;
    }

    /// Ends what a thread has open, since it is about to begin something else.
    ///
    /// If another thread begins at the same moment, nothing tells which was first, and that one
    /// must not be told of an end that may have come after it.
    fn end_own(&mut self, at: usize, now: u64) {
        let open = std::mem::take(&mut self.walks[at].open);
        self.ends[at] = u64::MAX;
        if open.is_empty() {
            return;
        }
        let log = self.walks[at].log;
        if self.begins.iter().filter(|begin| **begin == now).count() > 1 {
            self.late.push(Late { ended: now, log, events: open });
            self.first_end = self.first_end.min(now);
        } else {
            self.end(log, open);
        }
    }

    fn end(&mut self, log: usize, operation: std::ops::Range<usize>) {
        let events = self.events.log(log);
        for at in operation {
            self.follower.ended(self.events.number(log, at), &events[at]);
        }
    }

    #[inline]
    fn begin(&mut self, at: usize) {
        let walk = &mut self.walks[at];
        let events = self.events.log(walk.log);
        let len = Events::operation_len(events, walk.next);
        walk.open = walk.next..walk.next + len;
        walk.next += len;
        for event in walk.open.clone() {
            self.follower.began(self.events.number(walk.log, event), &events[event]);
        }
        self.ends[at] = events[walk.next - 1].returned();
        self.first_end = self.first_end.min(self.ends[at]);
        self.begins[at] = events.get(walk.next).map_or(u64::MAX, |event| event.invoke);
    }
}

impl Clocks {
    fn new(events: &Events<'_>) -> Self {
        let logs = events.logs();
        let mut firsts = Vec::with_capacity(logs);
        let mut total = 0;
        for log in 0..logs {
            firsts.push(total);
            total += events.log(log).len();
        }
        let mut clocks = Self { counts: vec![0; total * logs], firsts, logs };
        clocks.fill(events);
        clocks
    }

    /// The counts of an event.
    fn of(&self, log: usize, event: usize) -> &[u32] {
        let from = (self.firsts[log] + event) * self.logs;
        &self.counts[from..from + self.logs]
    }

    fn fill(&mut self, events: &Events<'_>) {
        let notifies: Vec<_> =
            (0..Program::FLAGS).map(|flag| notify(events, u32::from(flag))).collect();
        let mut done = vec![0; self.logs];
        loop {
            let mut moved = false;
            for log in 0..self.logs {
                let before = done[log];
                while done[log] < events.log(log).len()
                    && self.fill_one(events, log, &notifies, &done)
                {
                    done[log] += 1;
                }
                moved |= done[log] > before;
            }
            if !moved {
                // All is done, unless a flag was seen before it was raised, which no execution
                // shows.
                return;
            }
        }
    }

    /// Counts what came before the next event of a log, if that is known.
    fn fill_one(
        &mut self,
        events: &Events<'_>,
        log: usize,
        notifies: &[Option<(usize, usize)>],
        done: &[usize],
    ) -> bool {
        let (at, all) = (done[log], events.log(log));
        let start = Events::operation_start(all, at);
        let mut counts = vec![0; self.logs];
        match events.part(log) {
            Part::Setup => {}
            Part::Thread => counts[0] = events.log(0).len() as u32,
            Part::Rest => {
                for (other, count) in counts.iter_mut().enumerate() {
                    *count = events.log(other).len() as u32;
                }
            }
        }
        if at > 0 {
            join(&mut counts, self.of(log, at - 1));
        }
        counts[log] = start as u32;
        let event = &all[at];
        if event.kind == Kind::Observe as u8
            && event.value == 1
            && let Some(Some((source, notify))) = notifies.get(event.key as usize)
            && *source != log
        {
            if done[*source] <= *notify {
                return false;
            }
            join(&mut counts, self.of(*source, *notify));
            counts[*source] = counts[*source].max(*notify as u32 + 1);
        }
        let from = (self.firsts[log] + at) * self.logs;
        self.counts[from..from + self.logs].copy_from_slice(&counts);
        true
    }

    /// Shows each beginning anew, after what came before it.
    fn follow(&self, events: &Events<'_>, follower: &mut impl Follower) {
        for log in 0..self.logs {
            for (at, event) in events.log(log).iter().enumerate() {
                follower.forget();
                for (other, count) in self.of(log, at).iter().enumerate() {
                    for (earlier, event) in events.log(other)[..*count as usize].iter().enumerate()
                    {
                        follower.ended(events.number(other, earlier), event);
                    }
                }
                follower.began(events.number(log, at), event);
            }
        }
    }
}

/// The one event that raised a flag before anybody saw it, as log and place in it. None if several
/// logs raise it: whoever sees it may have seen either.
fn notify(events: &Events<'_>, flag: u32) -> Option<(usize, usize)> {
    let raises = |event: &Event| event.kind == Kind::Notify as u8 && event.key == flag;
    let mut all =
        (0..events.logs()).filter_map(|log| Some((log, events.log(log).iter().position(raises)?)));
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

fn join(counts: &mut [u32], others: &[u32]) {
    for (count, other) in counts.iter_mut().zip(others) {
        *count = (*count).max(*other);
    }
}
