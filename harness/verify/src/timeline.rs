//! What happened around an anomaly, as plain data for a drawing.

use std::collections::BTreeMap;

use shardproof_evidence::timeline::{Action, End, Moment, Operation, TimeUnit, Timeline};

use crate::check::report::{Anomaly, EventRef};
use crate::explain::{expected, name};
use crate::format::{Formatter, log_name};
use crate::history::{Event, History, Kind, Order};
use crate::relevant_events::RelevantEvents;

/// The most events that a timeline holds.
const EVENTS_MAX: usize = 40;

/// The timeline of an anomaly of a history. The same history and anomaly give the same timeline.
#[must_use]
pub fn timeline(history: &History, anomaly: &Anomaly) -> Timeline {
    let relevant = RelevantEvents::of(history, anomaly, EVENTS_MAX);
    let groups = groups(history, &relevant);
    let lanes = lanes_by_log(&groups);
    let formatter = Formatter::new(&history.header);
    let mut operations: Vec<Operation> = groups
        .iter()
        .map(|group| operation(history, formatter, group, lanes[&group.log]))
        .collect();
    let moments = moments(history, &groups);
    set_times(history, &groups, &moments, &mut operations);
    let find = |event_ref: Option<EventRef>| {
        let event_ref = event_ref?;
        groups.iter().position(|group| group.events.iter().any(|(each, _)| *each == event_ref))
    };
    let header = &history.header;
    let (kind, axiom) = (name(anomaly.kind), name(anomaly.axiom));
    Timeline {
        title: format!("{kind}: {} breaks {axiom} ({})", header.subject, header.executor),
        message: anomaly.message.clone(),
        unit: match header.order {
            Order::RealTime => TimeUnit::Ticks,
            Order::HappensBefore => TimeUnit::Positions,
        },
        lanes: lanes.keys().map(|log| log_name(history, *log as usize)).collect(),
        operations,
        moments,
        wrong: find(anomaly.events.first().copied()),
        expected: expected(history, anomaly),
        should_see: find(relevant.should_see),
        saw: find(relevant.saw),
        left_out: relevant.left_out,
    }
}

/// The events of one operation.
struct Group<'a> {
    /// Their log.
    log: u32,
    /// The events, with their refs; never empty.
    events: Vec<(EventRef, &'a Event)>,
}

impl Group<'_> {
    fn first(&self) -> &Event {
        self.events[0].1
    }
}

/// One group for each event, except that all writes of a write set are one group.
fn groups<'a>(history: &'a History, relevant: &RelevantEvents) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for event_ref in &relevant.events {
        let Some(event) = history.event(*event_ref) else {
            continue;
        };
        let same_set = |group: &&mut Group<'_>| {
            is_of_set(event) && is_of_set(group.first()) && group.first().handle == event.handle
        };
        match groups.iter_mut().find(same_set) {
            Some(group) => group.events.push((*event_ref, event)),
            None => groups.push(Group { log: event_ref.log, events: vec![(*event_ref, event)] }),
        }
    }
    groups
}

fn is_of_set(event: &Event) -> bool {
    matches!(Kind::from_number(event.kind), Some(Kind::SetPut | Kind::SetDelete))
}

/// The lane of each log that has an operation, in the order of the logs.
fn lanes_by_log(groups: &[Group<'_>]) -> BTreeMap<u32, usize> {
    let logs: BTreeMap<u32, ()> = groups.iter().map(|group| (group.log, ())).collect();
    logs.into_keys().zip(0..).collect()
}

/// An operation whose time is not set yet.
fn operation(
    history: &History,
    formatter: Formatter<'_>,
    group: &Group<'_>,
    lane: usize,
) -> Operation {
    let never_returned =
        history.header.order == Order::RealTime && group.first().returned() == u64::MAX;
    Operation {
        lane,
        lines: group.events.iter().map(|(_, event)| formatter.call(event)).collect(),
        action: action(group.first()),
        when: 0,
        end: if never_returned { End::Unknown } else { End::Known },
    }
}

fn action(event: &Event) -> Action {
    match Kind::from_number(event.kind) {
        Some(
            Kind::Put
            | Kind::Delete
            | Kind::SetPut
            | Kind::SetDelete
            | Kind::RemoveRun
            | Kind::TransactionPut
            | Kind::TransactionDelete
            | Kind::Commit,
        ) => Action::Write,
        Some(
            Kind::Get
            | Kind::Contains
            | Kind::Count
            | Kind::List
            | Kind::SnapshotGet
            | Kind::SnapshotContains
            | Kind::SnapshotCount
            | Kind::SnapshotList
            | Kind::TransactionGet
            | Kind::TransactionList
            | Kind::Held,
        ) => Action::Read,
        Some(Kind::Open | Kind::Clone | Kind::Drop | Kind::Begin | Kind::Abort) => Action::Handle,
        Some(Kind::Collect | Kind::Tick | Kind::Notify | Kind::Observe) | None => Action::Other,
    }
}

/// All beginnings and ends in order: first by phase (setup, threads, at rest), then by time. At the
/// same time ends come before beginnings, and an operation that took no time keeps its own two
/// together.
fn moments(history: &History, groups: &[Group<'_>]) -> Vec<Moment> {
    let mut keyed = Vec::with_capacity(groups.len() * 2);
    for (number, group) in groups.iter().enumerate() {
        let event = group.first();
        let phase = match group.log as usize {
            0 => 0,
            log if log + 1 == history.logs.len() => 2,
            _ => 1,
        };
        let (begin, end) = match history.header.order {
            Order::RealTime => (event.invoke, event.returned()),
            Order::HappensBefore => (number as u64, number as u64),
        };
        let end_rank = if begin == end { 1 } else { 0 };
        keyed.push(((phase, begin, 1, number, 0), Moment::Begin(number)));
        keyed.push(((phase, end, end_rank, number, 1), Moment::End(number)));
    }
    keyed.sort_unstable_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, moment)| moment).collect()
}

/// Sets when each operation began.
fn set_times(
    history: &History,
    groups: &[Group<'_>],
    moments: &[Moment],
    operations: &mut [Operation],
) {
    let first = groups.iter().map(|group| group.first().invoke).min().unwrap_or(0);
    let begins = moments.iter().filter_map(|moment| match moment {
        Moment::Begin(number) => Some(*number),
        Moment::End(_) => None,
    });
    for (number, position) in begins.zip(1..) {
        operations[number].when = match history.header.order {
            Order::RealTime => groups[number].first().invoke - first,
            Order::HappensBefore => position,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::report::Expected;
    use crate::history::Log;
    use crate::samples;

    fn busy(order: Order) -> (History, Timeline) {
        let (mut history, anomaly) = samples::busy();
        history.header.order = order;
        let timeline = timeline(&history, &anomaly);
        (history, timeline)
    }

    /// The positions of an operation's beginning and end among the moments.
    fn span(timeline: &Timeline, line: &str) -> (usize, usize) {
        let starts = |each: &Operation| each.lines.iter().any(|each| each.starts_with(line));
        let number = timeline.operations.iter().position(starts).unwrap();
        let find = |wanted| timeline.moments.iter().position(|each| *each == wanted).unwrap();
        (find(Moment::Begin(number)), find(Moment::End(number)))
    }

    #[test]
    fn the_wrong_read_and_both_writes_are_marked() {
        let (history, anomaly) = samples::stale_read();
        let timeline = timeline(&history, &anomaly);
        assert_eq!(timeline.title, "stale-read: sharded breaks equation (threads)");
        assert_eq!(timeline.message, anomaly.message);
        assert_eq!(timeline.lanes, ["setup", "thread 1", "thread 2", "at rest"]);
        let line = |number: Option<usize>| timeline.operations[number.unwrap()].lines[0].as_str();
        assert_eq!(line(timeline.wrong), "s5.get r0 \"a\" -> 1 @1.1");
        assert_eq!(line(timeline.should_see), "put r0 \"a\" = 2 @1.2");
        assert_eq!(line(timeline.saw), "put r0 \"a\" = 1 @1.1");
        assert_eq!(timeline.expected.as_deref(), Some("value 2, of version 1.2"));
    }

    #[test]
    fn without_one_right_answer_no_write_should_have_been_seen() {
        let (history, mut anomaly) = samples::stale_read();
        anomaly.expected = Expected::Unknown;
        let timeline = timeline(&history, &anomaly);
        assert_eq!((timeline.should_see, timeline.expected), (None, None));
    }

    #[test]
    fn moments_overlap_where_the_operations_did() {
        let (_, timeline) = busy(Order::RealTime);
        let set = span(&timeline, "w30.put");
        let (begin, get) = (span(&timeline, "begin t31"), span(&timeline, "t31.get"));
        let open = span(&timeline, "open s5");
        assert!(begin.0 < set.0 && set.0 < begin.1, "begin t31 overlaps the start of the set");
        assert!(set.0 < get.0 && get.1 < set.1, "t31.get is within the set");
        assert!(set.1 < open.0, "s5 was opened after the set was written");
    }

    #[test]
    fn a_write_set_is_one_operation() {
        let (_, timeline) = busy(Order::RealTime);
        let sets: Vec<_> =
            timeline.operations.iter().filter(|each| each.lines[0].starts_with("w30")).collect();
        assert_eq!(sets.len(), 1);
        assert_eq!(sets[0].lines.len(), 2, "its writes of the keys that matter");
    }

    #[test]
    fn an_operation_that_never_returned_has_no_known_end() {
        let (_, timeline) = busy(Order::RealTime);
        let open: Vec<_> =
            timeline.operations.iter().filter(|each| each.end == End::Unknown).collect();
        assert_eq!(open.len(), 1);
        assert_eq!(timeline.lanes[open[0].lane], "thread 4");
        let (_, weak) = busy(Order::HappensBefore);
        assert!(weak.operations.iter().all(|each| each.end == End::Known));
    }

    #[test]
    fn under_weak_memory_operations_follow_each_other_and_are_numbered() {
        let (_, timeline) = busy(Order::HappensBefore);
        assert_eq!(timeline.unit, TimeUnit::Positions);
        for (pair, position) in timeline.moments.chunks(2).zip(1..) {
            let [Moment::Begin(begun), Moment::End(ended)] = *pair else {
                panic!("{pair:?} overlaps");
            };
            assert_eq!((begun, timeline.operations[begun].when), (ended, position));
        }
    }

    #[test]
    fn every_operation_begins_and_ends_once() {
        for order in [Order::RealTime, Order::HappensBefore] {
            let (_, timeline) = busy(order);
            for number in 0..timeline.operations.len() {
                let find = |wanted| timeline.moments.iter().position(|each| *each == wanted);
                assert!(find(Moment::Begin(number)).unwrap() < find(Moment::End(number)).unwrap());
            }
            assert_eq!(timeline.moments.len(), timeline.operations.len() * 2);
        }
    }

    #[test]
    fn a_long_history_keeps_the_closest_events_and_counts_the_rest() {
        let (mut history, anomaly) = samples::stale_read();
        let rest = history.logs.pop().unwrap();
        let put = history.logs[1].events[0];
        let puts = (0..500).map(|number| Event { invoke: 90 + number, ..put }).collect();
        history.logs.extend([Log { events: puts, listings: vec![] }, rest]);
        let timeline = timeline(&history, &anomaly);
        assert_eq!((timeline.operations.len(), timeline.left_out), (EVENTS_MAX, 466));
    }

    #[test]
    fn an_anomaly_without_events_has_a_timeline() {
        let (history, mut anomaly) = samples::stale_read();
        anomaly.events = vec![EventRef { log: 70, event: 0 }];
        anomaly.expected = Expected::Unknown;
        let timeline = timeline(&history, &anomaly);
        assert_eq!((timeline.wrong, timeline.saw, timeline.should_see), (None, None, None));
    }
}
