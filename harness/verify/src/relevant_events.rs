//! Which events of a history a reader needs to understand an anomaly.

use std::collections::BTreeSet;

use crate::check::report::{Anomaly, EventRef, Expected};
use crate::history::fields::KeyMeaning;
use crate::history::{Event, History, Kind, Order};

/// The events around an anomaly, in the order of time.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct RelevantEvents {
    /// The events.
    pub(crate) events: Vec<EventRef>,
    /// How many less relevant events were left out.
    pub(crate) left_out: usize,
    /// The write that should have been seen, where there is one.
    pub(crate) should_see: Option<EventRef>,
    /// The write that was seen instead, where there is one.
    pub(crate) saw: Option<EventRef>,
}

impl RelevantEvents {
    /// The `limit` most relevant events; those of the anomaly come first.
    pub(crate) fn of(history: &History, anomaly: &Anomaly, limit: usize) -> Self {
        let should_see = should_see(history, anomaly);
        let wrong = anomaly.events.first().and_then(|event_ref| history.event(*event_ref));
        let saw = wrong.and_then(|event| write_that_was_read(history, event));
        let topic = Topic::of(history, anomaly, should_see.into_iter().chain(saw));
        let time = wrong.map_or(0, |event| event.invoke);
        let mut close: Vec<_> = history
            .numbered_events()
            .filter_map(|(event_ref, event)| {
                let rank = topic.rank(event_ref, event)?;
                Some((rank, event.invoke.abs_diff(time), event_ref))
            })
            .collect();
        close.sort_unstable();
        let left_out = close.len().saturating_sub(limit);
        close.truncate(limit);
        let mut events: Vec<EventRef> =
            close.into_iter().map(|(.., event_ref)| event_ref).collect();
        events.sort_by_key(|event_ref| history.sort_key(*event_ref));
        Self { events, left_out, should_see, saw }
    }
}

impl History {
    /// The event with this reference, if there is one.
    pub(crate) fn event(&self, event_ref: EventRef) -> Option<&Event> {
        self.logs.get(event_ref.log as usize)?.events.get(event_ref.event as usize)
    }

    /// All events with their references.
    pub(crate) fn numbered_events(&self) -> impl Iterator<Item = (EventRef, &Event)> {
        self.logs.iter().zip(0u32..).flat_map(|(log, number)| {
            let refs = (0u32..).map(move |event| EventRef { log: number, event });
            refs.zip(&log.events)
        })
    }

    /// Sorts events by time. The setup comes before all threads and the last log after them,
    /// whatever the clock said; without times the threads come one after the other.
    fn sort_key(&self, event_ref: EventRef) -> (u8, u64, EventRef) {
        let phase = match event_ref.log as usize {
            0 => 0,
            log if log + 1 == self.logs.len() => 2,
            _ => 1,
        };
        (phase, self.event(event_ref).map_or(0, |event| event.invoke), event_ref)
    }
}

/// The write that should have been seen.
fn should_see(history: &History, anomaly: &Anomaly) -> Option<EventRef> {
    match anomaly.expected {
        Expected::Value { id, .. } => write_of(history, id),
        _ => None,
    }
}

/// The write of the value that a read returned.
fn write_that_was_read(history: &History, read: &Event) -> Option<EventRef> {
    match Kind::from_number(read.kind)? {
        Kind::Get | Kind::SnapshotGet | Kind::TransactionGet => write_of(history, read.value),
        _ => None,
    }
}

fn write_of(history: &History, value: u32) -> Option<EventRef> {
    let writes_it = |event: &Event| {
        let kind = Kind::from_number(event.kind);
        event.value == value
            && matches!(kind, Some(Kind::Put | Kind::SetPut | Kind::TransactionPut))
    };
    history.numbered_events().find(|(_, event)| writes_it(event)).map(|(event_ref, _)| event_ref)
}

/// What an anomaly is about.
#[derive(Default)]
struct Topic {
    /// The events of the anomaly, the write that was seen and the one that should have been.
    events: BTreeSet<EventRef>,
    /// Its keys, each with its run.
    keys: BTreeSet<(u16, u32)>,
    /// Runs in which every key matters, because no single key is known.
    runs: BTreeSet<u16>,
    /// Its snapshots, transactions and write sets.
    handles: BTreeSet<u32>,
    /// What orders events: flags only matter where times do not.
    order: Option<Order>,
}

impl Topic {
    fn of(history: &History, anomaly: &Anomaly, writes: impl Iterator<Item = EventRef>) -> Self {
        let mut topic = Self { order: Some(history.header.order), ..Self::default() };
        topic.events.extend(anomaly.events.iter().copied().chain(writes));
        for event in topic.events.iter().filter_map(|event_ref| history.event(*event_ref)) {
            topic.keys.extend(key(event));
            topic.handles.extend(handle(event));
        }
        if topic.keys.is_empty() {
            topic.find_keys(history);
        }
        topic.follow_handles(history);
        topic
    }

    /// An anomaly without a key is about the keys of its transactions, or else about whole runs.
    fn find_keys(&mut self, history: &History) {
        let of_handles = history.numbered_events().filter(|(_, event)| {
            Kind::from_number(event.kind).is_some_and(is_within_transaction)
                && self.handles.contains(&event.handle)
        });
        let keys: BTreeSet<_> = of_handles.filter_map(|(_, event)| key(event)).collect();
        let events = self.events.iter().filter_map(|event_ref| history.event(*event_ref));
        if keys.is_empty() {
            self.runs = events.filter(|event| names_run(event)).map(|event| event.run).collect();
        }
        self.keys = keys;
    }

    /// Adds the originals of cloned snapshots, and the transactions that write its keys.
    fn follow_handles(&mut self, history: &History) {
        for (_, event) in history.numbered_events() {
            let writes = matches!(
                Kind::from_number(event.kind),
                Some(Kind::TransactionPut | Kind::TransactionDelete)
            );
            if writes && self.is_about(event) {
                self.handles.insert(event.handle);
            }
        }
        // A loop without an index is fast enough: chains of clones are short.
        while let Some(source) = history.numbered_events().find_map(|(_, event)| {
            let clone = event.kind == Kind::Clone as u8 && self.handles.contains(&event.handle);
            (clone && !self.handles.contains(&event.value)).then_some(event.value)
        }) {
            self.handles.insert(source);
        }
    }

    fn is_about(&self, event: &Event) -> bool {
        key(event).is_some_and(|key| self.keys.contains(&key) || self.runs.contains(&key.0))
    }

    /// How relevant an event is, 0 the most; `None` if it does not matter.
    fn rank(&self, event_ref: EventRef, event: &Event) -> Option<u8> {
        if self.events.contains(&event_ref) {
            return Some(0);
        }
        let of_handle = handle(event).is_some_and(|handle| self.handles.contains(&handle));
        let of_run = self.runs.contains(&event.run)
            || self.keys.range((event.run, 0)..=(event.run, u32::MAX)).next().is_some();
        match Kind::from_number(event.kind)? {
            Kind::Open | Kind::Clone | Kind::Drop | Kind::Begin | Kind::Commit | Kind::Abort => {
                of_handle.then_some(1)
            }
            Kind::Put
            | Kind::Delete
            | Kind::SetPut
            | Kind::SetDelete
            | Kind::TransactionPut
            | Kind::TransactionDelete => self.is_about(event).then_some(2),
            Kind::RemoveRun => of_run.then_some(2),
            Kind::Get
            | Kind::Contains
            | Kind::SnapshotGet
            | Kind::SnapshotContains
            | Kind::TransactionGet => self.is_about(event).then_some(if of_handle { 3 } else { 4 }),
            Kind::SnapshotCount | Kind::SnapshotList | Kind::TransactionList => {
                (of_handle && of_run).then_some(3)
            }
            Kind::Count | Kind::List => self.runs.contains(&event.run).then_some(4),
            Kind::Collect => (!self.handles.is_empty()).then_some(5),
            Kind::Notify | Kind::Observe => (self.order == Some(Order::HappensBefore)).then_some(5),
            Kind::Tick | Kind::Held => None,
        }
    }
}

/// The run and key that an event names.
fn key(event: &Event) -> Option<(u16, u32)> {
    let fields = Kind::from_number(event.kind)?.fields();
    (fields.key == KeyMeaning::Key).then_some((event.run, event.key))
}

/// The snapshot, transaction or write set of an event.
fn handle(event: &Event) -> Option<u32> {
    (event.handle != 0).then_some(event.handle)
}

fn names_run(event: &Event) -> bool {
    Kind::from_number(event.kind).is_some_and(|kind| kind.fields().run)
}

fn is_within_transaction(kind: Kind) -> bool {
    matches!(kind, Kind::TransactionGet | Kind::TransactionPut | Kind::TransactionDelete)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn other_keys_and_other_snapshots_are_left_out() {
        let (mut history, anomaly) = samples::stale_read();
        let open = history.logs[2].events[0];
        history.logs[2].events.push(Event { handle: 6, ..open });
        let relevant = RelevantEvents::of(&history, &anomaly, 40);
        let refs: Vec<_> = relevant.events.iter().map(|each| (each.log, each.event)).collect();
        assert_eq!(refs, [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (3, 0)]);
        assert_eq!(relevant.should_see, Some(EventRef { log: 1, event: 0 }));
    }

    #[test]
    fn the_closest_events_are_kept_and_the_rest_counted() {
        let (history, anomaly) = samples::stale_read();
        let relevant = RelevantEvents::of(&history, &anomaly, 4);
        let refs: Vec<_> = relevant.events.iter().map(|each| (each.log, each.event)).collect();
        assert_eq!((refs, relevant.left_out), (vec![(0, 0), (1, 0), (2, 0), (2, 1)], 2));
    }

    #[test]
    fn the_original_of_a_cloned_snapshot_is_kept() {
        let (mut history, anomaly) = samples::stale_read();
        history.logs[2].events[0].kind = Kind::Clone as u8;
        history.logs[2].events[0].value = 9;
        let open = Event { kind: Kind::Open as u8, handle: 9, ..Event::default() };
        history.logs[0].events.push(open);
        let relevant = RelevantEvents::of(&history, &anomaly, 40);
        assert!(relevant.events.contains(&EventRef { log: 0, event: 1 }));
    }

    #[test]
    fn the_writes_of_a_commits_transaction_are_kept() {
        let (mut history, mut anomaly) = samples::stale_read();
        let of = |kind: Kind, key| Event { kind: kind as u8, key, handle: 8, ..Event::default() };
        history.logs[1].events = vec![
            of(Kind::Begin, 0),
            of(Kind::TransactionPut, 1),
            of(Kind::Commit, 0),
            Event { handle: 0, ..of(Kind::Put, 1) },
            Event { handle: 0, ..of(Kind::Put, 2) },
        ];
        anomaly.events = vec![EventRef { log: 1, event: 2 }];
        anomaly.expected = Expected::Unknown;
        let relevant = RelevantEvents::of(&history, &anomaly, 40);
        let kept: Vec<_> =
            relevant.events.iter().filter(|each| each.log == 1).map(|each| each.event).collect();
        assert_eq!(kept, [0, 1, 2, 3]);
    }
}
