//! The parts of a timeline as elements.

use svg::node::element::{
    Definitions, Group, Line, Marker, Path, Rectangle, Text, Title, path::Data,
};

use super::WORD_LETTER_TENTHS;
use super::layout::{
    BOX_PADDING, Block, End, LINE_HEIGHT, Lane, Layout, Look, MARGIN, Role, WHEN_WIDTH, letters,
};
use crate::check::report::{Anomaly, EventRef};
use crate::concern::Concern;
use crate::history::{History, Order};

/// A place, from the left and from the top.
type Point = (u32, u32);

/// How far an arrow swings out beside its boxes.
const SWING: u32 = 26;
/// Width of a box in the legend.
const SWATCH_WIDTH: u32 = 28;
/// Space between the parts of the legend.
const KEY_GAP: u32 = 8;

/// Text without what no XML may hold.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// A line of text whose baseline begins at a point.
pub(super) fn text(at: Point, class: &str, content: &str) -> Text {
    Text::new(clean(content)).set("x", at.0).set("y", at.1).set("class", class)
}

pub(super) fn rectangle(at: Point, size: Point, class: &str) -> Rectangle {
    Rectangle::new()
        .set("x", at.0)
        .set("y", at.1)
        .set("width", size.0)
        .set("height", size.1)
        .set("class", class)
}

/// The lane of a thread, with its name on top.
pub(super) fn lane(lane: &Lane, top: u32, bottom: u32) -> Group {
    let name = text((lane.left + BOX_PADDING, top + 18), "tl-words tl-name", &lane.name);
    Group::new()
        .add(rectangle((lane.left, top), (lane.width, bottom - top), "tl-lane").set("rx", 4))
        .add(name)
}

/// When an operation began, with a line to it; `body` is the first moment.
pub(super) fn moment(block: &Block, lane: &Lane, body: u32) -> Group {
    let (top, left) = (body + block.top, MARGIN + WHEN_WIDTH - BOX_PADDING);
    let line = Line::new()
        .set("x1", left)
        .set("x2", lane.left + BOX_PADDING)
        .set("y1", top)
        .set("y2", top)
        .set("class", "tl-line");
    let when = text((left - 4, top + 4), "tl-text tl-when", &block.when);
    Group::new().add(line).add(when.set("text-anchor", "end"))
}

/// An operation in its lane; `body` is the first moment.
pub(super) fn block(block: &Block, lane: &Lane, body: u32) -> Group {
    let (top, height) = (body + block.top, block.bottom - block.top);
    let (left, width) = (lane.left + BOX_PADDING, lane.width - 2 * BOX_PADDING);
    let role = match block.role {
        Role::Wrong => " tl-wrong",
        Role::ShouldSee => " tl-should",
        Role::Saw | Role::Beside => "",
    };
    let end = match block.end {
        End::Known => "",
        End::Open => " tl-open",
    };
    let class = format!("tl-box {}{role}{end}", look(block.look));
    let mut group = Group::new()
        .add(Title::new(clean(&block.lines.join("\n"))))
        .add(rectangle((left, top), (width, height), &class).set("rx", 3));
    for (line, number) in block.lines.iter().zip(1..) {
        let class = match block.role {
            Role::Wrong if line.starts_with("right: ") => "tl-text tl-should-text",
            Role::Wrong => "tl-text tl-wrong-text",
            Role::ShouldSee => "tl-text tl-should-text",
            Role::Saw | Role::Beside => "tl-text",
        };
        let at = (left + BOX_PADDING, top + LINE_HEIGHT * number);
        group = group.add(text(at, class, &shortened(line, letters(lane))));
    }
    group
}

fn look(look: Look) -> &'static str {
    match look {
        Look::Write => "tl-write",
        Look::Read => "tl-read",
        Look::Hold => "tl-hold",
        Look::Other => "tl-other",
    }
}

fn shortened(line: &str, letters: usize) -> String {
    if line.chars().count() <= letters {
        return line.to_owned();
    }
    let kept: String = line.chars().take(letters.saturating_sub(1)).collect();
    kept + "…"
}

/// The ends of arrows.
pub(super) fn arrow_heads() -> Definitions {
    let head = |id: &str| {
        Marker::new()
            .set("id", id)
            .set("viewBox", (0, 0, 10, 10))
            .set("refX", 9)
            .set("refY", 5)
            .set("markerWidth", 6)
            .set("markerHeight", 6)
            .set("orient", "auto")
            .add(Path::new().set("d", "M0,0 L10,5 L0,10 z").set("class", id))
    };
    Definitions::new().add(head("tl-head-should")).add(head("tl-head-saw"))
}

/// From what is wrong to the write that should have been seen, and to the one that was.
pub(super) fn arrows(layout: &Layout, anomaly: &Anomaly, concern: &Concern, body: u32) -> Group {
    let mut group = Group::new();
    let Some(wrong) = anomaly.events.first().and_then(|place| layout.find(*place)) else {
        return group;
    };
    let mut draw = |target: Option<EventRef>, end: &str, from: u32| {
        let target = target.and_then(|place| layout.find(place));
        if let Some(target) = target.filter(|target| !std::ptr::eq(*target, wrong)) {
            let line = curve(layout, wrong, target, (body, from));
            group = std::mem::take(&mut group).add(arrow(line, end));
        }
    };
    let height = wrong.bottom - wrong.top;
    // Beside the line that says what was read, and the one that says what is right.
    draw(concern.saw, "saw", (height / 3).min(LINE_HEIGHT * 3 / 4));
    draw(concern.should_see, "should", (height * 2 / 3).min(LINE_HEIGHT * 7 / 4));
    group
}

fn arrow(line: Data, end: &str) -> Path {
    Path::new()
        .set("d", line)
        .set("class", format!("tl-arrow tl-arrow-{end}"))
        .set("marker-end", format!("url(#tl-head-{end})"))
}

/// A line from the side of one box to the nearest side of another; `body` is the first moment,
/// `down` how far below its top the line leaves the first.
fn curve(layout: &Layout, from: &Block, to: &Block, (body, down): Point) -> Data {
    let sides = |each: &Block| {
        let lane = &layout.lanes[each.lane];
        (lane.left + BOX_PADDING, lane.left + lane.width - BOX_PADDING)
    };
    let (from_y, to_y) = (body + from.top + down, body + u32::midpoint(to.top, to.bottom));
    let ((from_left, from_right), (to_left, to_right)) = (sides(from), sides(to));
    let (start, end, start_turn, end_turn) = if to.lane < from.lane {
        (from_left, to_right, from_left - SWING, to_right + SWING)
    } else if to.lane > from.lane {
        (from_right, to_left, from_right + SWING, to_left - SWING)
    } else {
        (from_right, to_right, from_right + SWING, to_right + SWING)
    };
    Data::new()
        .move_to((start, from_y))
        .cubic_curve_to((start_turn, from_y, end_turn, to_y, end, to_y))
}

/// An entry of the legend.
pub(super) struct Key {
    /// What it shows.
    sign: Sign,
    /// What that means.
    words: String,
}

/// What an entry of the legend shows.
enum Sign {
    /// A box of these classes.
    Box(&'static str),
    /// The arrow with this end.
    Arrow(&'static str),
    /// Nothing: the words say it all.
    Nothing,
}

impl Key {
    /// The legend, in rows.
    pub(super) fn rows(history: &History, concern: &Concern) -> Vec<Vec<Self>> {
        let key = |sign: Sign, words: &str| Self { sign, words: words.to_owned() };
        let mut roles = vec![key(Sign::Box("tl-read tl-wrong"), "wrong")];
        if concern.saw.is_some() {
            roles.push(key(Sign::Arrow("saw"), "to the write it saw"));
        }
        if concern.should_see.is_some() {
            roles.push(key(Sign::Box("tl-write tl-should"), "should have been seen"));
            roles.push(key(Sign::Arrow("should"), "to it"));
        }
        let looks = vec![
            key(Sign::Box("tl-write"), "write"),
            key(Sign::Box("tl-read"), "read"),
            key(Sign::Box("tl-hold"), "snapshot or transaction, opened or closed"),
            key(Sign::Box("tl-other"), "other"),
        ];
        let mut time = match history.header.order {
            Order::RealTime => {
                "Downwards in the order of time, not to scale; numbers are ticks.".to_owned()
            }
            Order::HappensBefore => {
                "Downwards in one possible order: under weak memory there are no times.".to_owned()
            }
        };
        if concern.left_out > 0 {
            time += &format!(" {} events that are less close are left out.", concern.left_out);
        }
        vec![roles, looks, vec![key(Sign::Nothing, &time)]]
    }
}

/// One row of the legend.
pub(super) fn legend(row: Vec<Key>, (mut left, top): Point) -> Group {
    let mut group = Group::new();
    for Key { sign, words } in row {
        let middle = top + 8;
        match sign {
            Sign::Box(class) => {
                let class = format!("tl-box {class}");
                group = group.add(rectangle((left, top), (SWATCH_WIDTH, 16), &class).set("rx", 3));
            }
            Sign::Arrow(end) => {
                let line =
                    Data::new().move_to((left, middle)).line_to((left + SWATCH_WIDTH, middle));
                group = group.add(arrow(line, end));
            }
            Sign::Nothing => {}
        }
        if !matches!(sign, Sign::Nothing) {
            left += SWATCH_WIDTH + KEY_GAP;
        }
        group = group.add(text((left, top + 13), "tl-words tl-quiet", &words));
        left += words.chars().count() as u32 * WORD_LETTER_TENTHS / 10 + 2 * KEY_GAP;
    }
    group
}
