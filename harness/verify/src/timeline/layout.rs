//! Where everything of a timeline stands, in pixels: lanes side by side, time downwards.
//!
//! Time is drawn by order, not by length: between two moments nothing else begins or ends. So two
//! boxes overlap in the picture exactly where their operations overlapped, and none is too small to
//! read.

use std::collections::BTreeMap;

use crate::check::report::{Anomaly, EventRef};
use crate::concern::Concern;
use crate::explain::expected;
use crate::history::{Event, History, Kind, Order};
use crate::words::{Words, log_name};

/// Space around the picture, and between its parts.
pub(super) const MARGIN: u32 = 16;
/// Room for the moments, left of all lanes.
pub(super) const WHEN_WIDTH: u32 = 64;
/// From one line of text in a box to the next.
pub(super) const LINE_HEIGHT: u32 = 16;
/// Space between a box and its lane's edge, and its text.
pub(super) const BOX_PADDING: u32 = 8;
/// From one moment to the next, at least: the moments are written beside each other.
const STEP: u32 = 12;
/// Space between lanes: arrows turn there.
const LANE_GAP: u32 = 28;
/// Width of the narrowest and widest lane, its edges included.
const LANE_WIDTHS: (u32, u32) = (150, 380);
/// Tenths of a pixel that one letter takes, in the widest of the fonts that may be used.
const LETTER_TENTHS: u32 = 74;

/// Everything that is drawn, and where.
#[derive(Debug)]
pub(super) struct Layout {
    /// A lane for each log that has a box.
    pub(super) lanes: Vec<Lane>,
    /// A box for each operation.
    pub(super) boxes: Vec<Block>,
    /// Where the lowest box ends, below the first moment.
    pub(super) height: u32,
    /// Where the last lane ends.
    pub(super) width: u32,
}

/// The lane of one log.
#[derive(Debug)]
pub(super) struct Lane {
    /// Whose it is.
    pub(super) name: String,
    /// Its left edge.
    pub(super) left: u32,
    /// How wide it is.
    pub(super) width: u32,
}

/// One operation; of a write set, all its writes.
#[derive(Debug)]
pub(super) struct Block {
    /// The place of its lane.
    pub(super) lane: usize,
    /// Where it begins, below the first moment.
    pub(super) top: u32,
    /// Where it ends.
    pub(super) bottom: u32,
    /// What is written in it.
    pub(super) lines: Vec<String>,
    /// When it began, in words.
    pub(super) when: String,
    /// What it does.
    pub(super) look: Look,
    /// What it has to do with the anomaly.
    pub(super) role: Role,
    /// Whether it is known when it ended.
    pub(super) end: End,
    /// Its events.
    events: Vec<EventRef>,
}

/// What an operation does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Look {
    /// It changes keys.
    Write,
    /// It reads.
    Read,
    /// It opens or closes something that others read with.
    Hold,
    /// Something else.
    Other,
}

/// What an operation has to do with an anomaly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// It is what is wrong.
    Wrong,
    /// It should have been seen.
    ShouldSee,
    /// It was seen instead.
    Saw,
    /// It is there to be seen beside the others.
    Beside,
}

/// Whether it is known when an operation ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// It is.
    Known,
    /// It is not, or it never did.
    Open,
}

impl Layout {
    /// The layout of the events that concern an anomaly.
    pub(super) fn of(history: &History, anomaly: &Anomaly, concern: &Concern) -> Self {
        let groups = groups(history, concern);
        let lanes_of_logs = lanes_of_logs(&groups);
        let mut boxes: Vec<Block> = groups
            .iter()
            .map(|group| block(history, anomaly, concern, group, lanes_of_logs[&group.log]))
            .collect();
        let height = place(history, &groups, &mut boxes);
        let mut left = MARGIN + WHEN_WIDTH;
        let mut lanes = Vec::new();
        for (log, lane) in lanes_of_logs {
            let name = log_name(history, log as usize);
            let own = boxes.iter().filter(|each| each.lane == lane);
            let letters = own.flat_map(|each| &each.lines).map(|line| line.chars().count());
            let letters = letters.max().unwrap_or(0).max(name.len()) as u32;
            let width = (letters * LETTER_TENTHS).div_ceil(10) + 4 * BOX_PADDING;
            let width = width.clamp(LANE_WIDTHS.0, LANE_WIDTHS.1);
            lanes.push(Lane { name, left, width });
            left += width + LANE_GAP;
        }
        Self { lanes, boxes, height, width: left - LANE_GAP.min(left) }
    }

    /// The box of an event.
    pub(super) fn find(&self, event: EventRef) -> Option<&Block> {
        self.boxes.iter().find(|each| each.events.contains(&event))
    }
}

/// How many letters fit into a box of a lane.
pub(super) fn letters(lane: &Lane) -> usize {
    (((lane.width - 4 * BOX_PADDING) * 10) / LETTER_TENTHS) as usize
}

/// Events that are drawn as one box.
struct Group<'a> {
    /// Their log.
    log: u32,
    /// The events, with their places.
    events: Vec<(EventRef, &'a Event)>,
}

impl Group<'_> {
    fn first(&self) -> &Event {
        self.events[0].1
    }
}

/// One group for each event, but one for all writes of a write set: they are one operation.
fn groups<'a>(history: &'a History, concern: &Concern) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for place in &concern.events {
        let Some(event) = history.event(*place) else {
            continue;
        };
        let same_set = |group: &&mut Group<'_>| {
            is_of_set(event) && is_of_set(group.first()) && group.first().handle == event.handle
        };
        match groups.iter_mut().find(same_set) {
            Some(group) => group.events.push((*place, event)),
            None => groups.push(Group { log: place.log, events: vec![(*place, event)] }),
        }
    }
    groups
}

fn is_of_set(event: &Event) -> bool {
    matches!(Kind::from_number(event.kind), Some(Kind::SetPut | Kind::SetDelete))
}

fn lanes_of_logs(groups: &[Group<'_>]) -> BTreeMap<u32, usize> {
    let logs: BTreeMap<u32, ()> = groups.iter().map(|group| (group.log, ())).collect();
    logs.into_keys().zip(0..).collect()
}

fn block(
    history: &History,
    anomaly: &Anomaly,
    concern: &Concern,
    group: &Group<'_>,
    lane: usize,
) -> Block {
    let words = Words::new(&history.header);
    let events: Vec<EventRef> = group.events.iter().map(|(place, _)| *place).collect();
    let is = |place: Option<&EventRef>| place.is_some_and(|place| events.contains(place));
    let role = if is(anomaly.events.first()) {
        Role::Wrong
    } else if is(concern.should_see.as_ref()) {
        Role::ShouldSee
    } else if is(concern.saw.as_ref()) {
        Role::Saw
    } else {
        Role::Beside
    };
    let mut lines: Vec<String> = group.events.iter().map(|(_, event)| words.call(event)).collect();
    if role == Role::Wrong
        && let Some(expected) = expected(history, anomaly)
    {
        lines.push(format!("right: {expected}"));
    }
    let open = history.header.order == Order::RealTime && group.first().returned() == u64::MAX;
    Block {
        lane,
        top: 0,
        bottom: 0,
        lines,
        when: String::new(),
        look: look(group.first()),
        role,
        end: if open { End::Open } else { End::Known },
        events,
    }
}

fn look(event: &Event) -> Look {
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
        ) => Look::Write,
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
        ) => Look::Read,
        Some(Kind::Open | Kind::Clone | Kind::Drop | Kind::Begin | Kind::Abort) => Look::Hold,
        Some(Kind::Collect | Kind::Tick | Kind::Notify | Kind::Observe) | None => Look::Other,
    }
}

/// The beginning or end of a box, in the order of time: first by the phase (setup, threads, rest),
/// then by time; at one time ends come before beginnings, and what took no time comes as a whole.
type Moment = (u8, u64, u8, usize, u8);

/// Gives every box its top, bottom and time, and returns where the lowest one ends.
fn place(history: &History, groups: &[Group<'_>], boxes: &mut [Block]) -> u32 {
    let mut moments: Vec<Moment> = groups
        .iter()
        .enumerate()
        .flat_map(|(number, group)| moments(history, number, group))
        .collect();
    moments.sort_unstable();
    let begin = groups.iter().map(|group| group.first().invoke).min().unwrap_or(0);
    let mut now = 0;
    for ((.., number, part), order) in moments.into_iter().zip(1u64..) {
        let each = &mut boxes[number];
        if part == BEGINS {
            each.top = now;
            each.when = match history.header.order {
                Order::RealTime => (groups[number].first().invoke - begin).to_string(),
                Order::HappensBefore => order.div_ceil(2).to_string(),
            };
            now += STEP;
        } else {
            let height = each.lines.len() as u32 * LINE_HEIGHT + BOX_PADDING;
            now = now.max(each.top + height);
            each.bottom = now;
            // What begins right after an end must not touch it.
            now += STEP / 2;
        }
    }
    now
}

/// The last part of a [`Moment`].
const BEGINS: u8 = 0;
/// The last part of a [`Moment`].
const ENDS: u8 = 1;

fn moments(history: &History, number: usize, group: &Group<'_>) -> [Moment; 2] {
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
    let at_once = begin == end;
    let end_class = if at_once { 1 } else { 0 };
    [(phase, begin, 1, number, BEGINS), (phase, end, end_class, number, ENDS)]
}
