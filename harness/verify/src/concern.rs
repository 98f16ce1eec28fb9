//! Which events of a history a reader needs to understand an anomaly.

use std::collections::BTreeSet;

use crate::check::report::{Anomaly, EventRef, Expected};
use crate::history::names::Named;
use crate::history::{Event, History, Kind, Order};

/// The events that concern an anomaly, in the order of time.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Concern {
    /// The events.
    pub(crate) events: Vec<EventRef>,
    /// How many more there are, which are less close.
    pub(crate) left_out: usize,
    /// The write whose value should have been seen, where there is one.
    pub(crate) should_see: Option<EventRef>,
    /// The write whose value was read instead, where there is one.
    pub(crate) saw: Option<EventRef>,
}

impl Concern {
    /// At most `limit` events, the closest to the anomaly, its own always.
    pub(crate) fn of(history: &History, anomaly: &Anomaly, limit: usize) -> Self {
        let should_see = should_see(history, anomaly);
        let wrong = anomaly.events.first().and_then(|place| history.event(*place));
        let saw = wrong.and_then(|event| write_that_was_read(history, event));
        let topic = Topic::of(history, anomaly, should_see.into_iter().chain(saw));
        let moment = wrong.map_or(0, |event| event.invoke);
        let mut close: Vec<_> = history
            .places()
            .filter_map(|(place, event)| {
                let rank = topic.rank(place, event)?;
                Some((rank, event.invoke.abs_diff(moment), place))
            })
            .collect();
        close.sort_unstable();
        let left_out = close.len().saturating_sub(limit);
        close.truncate(limit);
        let mut events: Vec<EventRef> = close.into_iter().map(|(.., place)| place).collect();
        events.sort_by_key(|place| history.moment(*place));
        Self { events, left_out, should_see, saw }
    }
}

impl History {
    /// The event at a place; none if there is no such place.
    pub(crate) fn event(&self, place: EventRef) -> Option<&Event> {
        self.logs.get(place.log as usize)?.events.get(place.event as usize)
    }

    /// All events with their places.
    pub(crate) fn places(&self) -> impl Iterator<Item = (EventRef, &Event)> {
        self.logs.iter().zip(0u32..).flat_map(|(log, number)| {
            let places = (0u32..).map(move |event| EventRef { log: number, event });
            places.zip(&log.events)
        })
    }

    /// What sorts places by time. The setup comes before all threads and the last log after them,
    /// whatever the clock said; where the clock says nothing the threads come one after the other.
    fn moment(&self, place: EventRef) -> (u8, u64, EventRef) {
        let phase = match place.log as usize {
            0 => 0,
            log if log + 1 == self.logs.len() => 2,
            _ => 1,
        };
        (phase, self.event(place).map_or(0, |event| event.invoke), place)
    }
}

/// The write of the value that should have been seen.
fn should_see(history: &History, anomaly: &Anomaly) -> Option<EventRef> {
    match anomaly.expected {
        Expected::Value { id, .. } => write_of(history, id),
        _ => None,
    }
}

/// The write whose value a read returned.
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
    history.places().find(|(_, event)| writes_it(event)).map(|(place, _)| place)
}

/// What an anomaly is about.
#[derive(Default)]
struct Topic {
    /// The places it names itself, and the writes of what was read and what should have been.
    places: BTreeSet<EventRef>,
    /// Runs with their keys.
    keys: BTreeSet<(u16, u32)>,
    /// Runs all of whose keys matter, because no single one is known.
    runs: BTreeSet<u16>,
    /// Snapshots, transactions and write sets.
    handles: BTreeSet<u32>,
    /// What orders events: flags say nothing where time does.
    order: Option<Order>,
}

impl Topic {
    fn of(history: &History, anomaly: &Anomaly, writes: impl Iterator<Item = EventRef>) -> Self {
        let mut topic = Self { order: Some(history.header.order), ..Self::default() };
        topic.places.extend(anomaly.events.iter().copied().chain(writes));
        for event in topic.places.iter().filter_map(|place| history.event(*place)) {
            topic.keys.extend(key(event));
            topic.handles.extend(handle(event));
        }
        if topic.keys.is_empty() {
            topic.find_keys(history);
        }
        topic.follow_handles(history);
        topic
    }

    /// Without a key of its own, an anomaly is about the keys of its transactions, or else about
    /// whole runs.
    fn find_keys(&mut self, history: &History) {
        let of_handles = history.places().filter(|(_, event)| {
            Kind::from_number(event.kind).is_some_and(is_within_transaction)
                && self.handles.contains(&event.handle)
        });
        let keys: BTreeSet<_> = of_handles.filter_map(|(_, event)| key(event)).collect();
        let events = self.places.iter().filter_map(|place| history.event(*place));
        if keys.is_empty() {
            self.runs = events.filter(|event| names_run(event)).map(|event| event.run).collect();
        }
        self.keys = keys;
    }

    /// Adds what the snapshots are clones of, and the transactions that write its keys.
    fn follow_handles(&mut self, history: &History) {
        for (_, event) in history.places() {
            let writes = matches!(
                Kind::from_number(event.kind),
                Some(Kind::TransactionPut | Kind::TransactionDelete)
            );
            if writes && self.is_about(event) {
                self.handles.insert(event.handle);
            }
        }
        // Without a list of its own: a clone has an older source, and chains of clones are short.
        while let Some(source) = history.places().find_map(|(_, event)| {
            let clone = event.kind == Kind::Clone as u8 && self.handles.contains(&event.handle);
            (clone && !self.handles.contains(&event.value)).then_some(event.value)
        }) {
            self.handles.insert(source);
        }
    }

    fn is_about(&self, event: &Event) -> bool {
        key(event).is_some_and(|key| self.keys.contains(&key) || self.runs.contains(&key.0))
    }

    /// How close an event is, 0 the closest; none if it does not matter.
    fn rank(&self, place: EventRef, event: &Event) -> Option<u8> {
        if self.places.contains(&place) {
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
    let names = Kind::from_number(event.kind)?.names();
    (names.key == Named::Key).then_some((event.run, event.key))
}

/// The snapshot, transaction or write set of an event.
fn handle(event: &Event) -> Option<u32> {
    (event.handle != 0).then_some(event.handle)
}

fn names_run(event: &Event) -> bool {
    Kind::from_number(event.kind).is_some_and(|kind| kind.names().run)
}

fn is_within_transaction(kind: Kind) -> bool {
    matches!(kind, Kind::TransactionGet | Kind::TransactionPut | Kind::TransactionDelete)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn other_keys_and_other_snapshots_do_not_matter() {
        let (mut history, anomaly) = samples::stale_read();
        let open = history.logs[2].events[0];
        history.logs[2].events.push(Event { handle: 6, ..open });
        let concern = Concern::of(&history, &anomaly, 40);
        let places: Vec<_> = concern.events.iter().map(|each| (each.log, each.event)).collect();
        assert_eq!(places, [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (3, 0)]);
        assert_eq!(concern.should_see, Some(EventRef { log: 1, event: 0 }));
    }

    #[test]
    fn of_too_many_events_the_closest_are_kept_and_the_rest_counted() {
        let (history, anomaly) = samples::stale_read();
        let concern = Concern::of(&history, &anomaly, 4);
        let places: Vec<_> = concern.events.iter().map(|each| (each.log, each.event)).collect();
        assert_eq!((places, concern.left_out), (vec![(0, 0), (1, 0), (2, 0), (2, 1)], 2));
    }

    #[test]
    fn the_snapshot_that_another_was_cloned_from_matters() {
        let (mut history, anomaly) = samples::stale_read();
        history.logs[2].events[0].kind = Kind::Clone as u8;
        history.logs[2].events[0].value = 9;
        let open = Event { kind: Kind::Open as u8, handle: 9, ..Event::default() };
        history.logs[0].events.push(open);
        let concern = Concern::of(&history, &anomaly, 40);
        assert!(concern.events.contains(&EventRef { log: 0, event: 1 }));
    }

    #[test]
    fn a_commit_matters_with_the_keys_its_transaction_wrote() {
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
        let concern = Concern::of(&history, &anomaly, 40);
        let of_log: Vec<_> =
            concern.events.iter().filter(|each| each.log == 1).map(|each| each.event).collect();
        assert_eq!(of_log, [0, 1, 2, 3]);
    }
}
