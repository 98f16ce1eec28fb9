//! Numbers the events of all logs consecutively, so that four bytes name an event.

use crate::check::report::EventRef;
use crate::history::{Event, History, Kind};

/// Not the number of any event.
pub(super) const NONE: u32 = u32::MAX;

/// Events per page. Each log begins on a new page, so that the page of a number determines its log.
const PAGE: usize = 1 << PAGE_BITS;
/// The bits of a number within its page.
const PAGE_BITS: u32 = 12;

/// The events of all logs, numbered.
pub(super) struct Events<'a> {
    /// The logs' events.
    logs: Vec<&'a [Event]>,
    /// The number of each log's first event.
    firsts: Vec<u32>,
    /// The pages' events.
    pages: Vec<&'a [Event]>,
    /// The pages' logs.
    page_logs: Vec<u32>,
}

/// The part of an execution that a log records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// Before the threads.
    Setup,
    /// One of the threads.
    Thread,
    /// After the threads.
    Rest,
}

impl<'a> Events<'a> {
    pub(super) fn new(history: &'a History) -> Self {
        let logs: Vec<&[Event]> = history.logs.iter().map(|log| &log.events[..]).collect();
        let (mut firsts, mut pages, mut page_logs) = (Vec::new(), Vec::new(), Vec::new());
        for (events, log) in logs.iter().zip(0u32..) {
            let first = u32::try_from(pages.len() << PAGE_BITS);
            firsts.push(first.expect("fewer than 2^32 events"));
            pages.extend(events.chunks(PAGE));
            page_logs.resize(pages.len(), log);
        }
        Self { logs, firsts, pages, page_logs }
    }

    /// The event with a number.
    #[inline]
    pub(super) fn at(&self, number: u32) -> &'a Event {
        &self.pages[(number >> PAGE_BITS) as usize][number as usize & (PAGE - 1)]
    }

    /// The log of an event.
    #[inline]
    pub(super) fn log_of(&self, number: u32) -> usize {
        self.page_logs[(number >> PAGE_BITS) as usize] as usize
    }

    /// Where an event stands.
    #[inline]
    pub(super) fn event_ref(&self, number: u32) -> EventRef {
        let log = self.log_of(number);
        EventRef { log: log as u32, event: number - self.firsts[log] }
    }

    /// The number of an event.
    pub(super) fn number(&self, log: usize, event: usize) -> u32 {
        self.firsts[log] + event as u32
    }

    /// The events of a log.
    pub(super) fn log(&self, log: usize) -> &'a [Event] {
        self.logs[log]
    }

    /// How many logs there are.
    pub(super) fn logs(&self) -> usize {
        self.logs.len()
    }

    /// The part of the execution that a log records.
    pub(super) fn part(&self, log: usize) -> Part {
        match log {
            0 => Part::Setup,
            _ if log + 1 == self.logs.len() => Part::Rest,
            _ => Part::Thread,
        }
    }

    /// Whether an event is of one of the threads.
    pub(super) fn is_of_thread(&self, number: u32) -> bool {
        self.part(self.log_of(number)) == Part::Thread
    }

    /// All events with their numbers, log by log.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &'a Event)> + '_ {
        let logs = self.logs.iter().zip(&self.firsts);
        logs.flat_map(|(events, first)| (*first..).zip(events.iter()))
    }

    /// The number of events, from one of a log, that form one operation: the writes of a set do.
    #[inline]
    pub(super) fn operation_len(log: &[Event], from: usize) -> usize {
        let first = &log[from];
        if !is_of_set(first) {
            return 1;
        }
        let others = log[from + 1..].iter();
        1 + others.take_while(|event| is_of_set(event) && event.handle == first.handle).count()
    }

    /// The index in its log of the first event of an operation.
    pub(super) fn operation_start(log: &[Event], of: usize) -> usize {
        let event = &log[of];
        if !is_of_set(event) {
            return of;
        }
        let before = log[..of].iter().rev();
        of - before.take_while(|other| is_of_set(other) && other.handle == event.handle).count()
    }
}

/// Whether an event is one write of a write set.
#[inline]
pub(super) fn is_of_set(event: &Event) -> bool {
    event.kind == Kind::SetPut as u8 || event.kind == Kind::SetDelete as u8
}
