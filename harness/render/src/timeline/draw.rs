//! Draws the parts of a timeline as SVG elements.

use shardproof_evidence::timeline::{Action, End, TimeUnit, Timeline};
use svg::node::element::{
    Definitions, Group, Line, Marker, Path, Rectangle, Text, Title, path::Data,
};

use super::WORD_LETTER_TENTHS;
use super::layout::{
    BOX_PADDING, Block, EXPECTED_LEAD, LINE_HEIGHT, Lane, Layout, MARGIN, Role, WHEN_WIDTH, letters,
};

/// Pixels from the left and from the top.
type Pixels = (u32, u32);

/// Horizontal extent of an arrow's curve beside its boxes.
const SWING: u32 = 26;
/// Width of a box in the legend.
const SWATCH_WIDTH: u32 = 28;
/// Space between the parts of the legend.
const KEY_GAP: u32 = 8;

/// Text with control characters replaced: XML does not allow them.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// A line of text; `at` is the left end of its baseline.
pub(super) fn text(at: Pixels, class: &str, content: &str) -> Text {
    Text::new(clean(content)).set("x", at.0).set("y", at.1).set("class", class)
}

pub(super) fn rectangle(at: Pixels, size: Pixels, class: &str) -> Rectangle {
    Rectangle::new()
        .set("x", at.0)
        .set("y", at.1)
        .set("width", size.0)
        .set("height", size.1)
        .set("class", class)
}

/// A lane, with its name on top.
pub(super) fn lane(lane: &Lane, top: u32, bottom: u32) -> Group {
    let name = text((lane.left + BOX_PADDING, top + 18), "tl-words tl-name", &lane.name);
    Group::new()
        .add(rectangle((lane.left, top), (lane.width, bottom - top), "tl-lane").set("rx", 4))
        .add(name)
}

/// The start time of an operation, with a line to it; `body` is the y position of the first moment.
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

/// An operation in its lane; `body` is the y position of the first moment.
pub(super) fn block(block: &Block, lane: &Lane, body: u32) -> Group {
    let (top, height) = (body + block.top, block.bottom - block.top);
    let (left, width) = (lane.left + BOX_PADDING, lane.width - 2 * BOX_PADDING);
    let role = match block.role {
        Role::Wrong => " tl-wrong",
        Role::ShouldSee => " tl-should",
        Role::Context => "",
    };
    let end = match block.end {
        End::Known => "",
        End::Unknown => " tl-open",
    };
    let class = format!("tl-box {}{role}{end}", action(block.action));
    let mut group = Group::new()
        .add(Title::new(clean(&block.lines.join("\n"))))
        .add(rectangle((left, top), (width, height), &class).set("rx", 3));
    for (line, number) in block.lines.iter().zip(1..) {
        let class = match block.role {
            Role::Wrong if line.starts_with(EXPECTED_LEAD) => "tl-text tl-should-text",
            Role::Wrong => "tl-text tl-wrong-text",
            Role::ShouldSee => "tl-text tl-should-text",
            Role::Context => "tl-text",
        };
        let at = (left + BOX_PADDING, top + LINE_HEIGHT * number);
        group = group.add(text(at, class, &shortened(line, letters(lane))));
    }
    group
}

fn action(action: Action) -> &'static str {
    match action {
        Action::Write => "tl-write",
        Action::Read => "tl-read",
        Action::Handle => "tl-hold",
        Action::Other => "tl-other",
    }
}

fn shortened(line: &str, letters: usize) -> String {
    if line.chars().count() <= letters {
        return line.to_owned();
    }
    let kept: String = line.chars().take(letters.saturating_sub(1)).collect();
    kept + "…"
}

/// The heads of the arrows.
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

/// Arrows from the wrong operation to the write that it saw, and to the one it should have seen.
pub(super) fn arrows(layout: &Layout, timeline: &Timeline, body: u32) -> Group {
    let mut group = Group::new();
    let Some(number) = timeline.wrong else {
        return group;
    };
    let wrong = &layout.boxes[number];
    let mut draw = |target: Option<usize>, end: &str, from: u32| {
        if let Some(target) = target.filter(|target| *target != number) {
            let line = curve(layout, wrong, &layout.boxes[target], (body, from));
            group = std::mem::take(&mut group).add(arrow(line, end));
        }
    };
    let height = wrong.bottom - wrong.top;
    // At the height of the line with the result, and of the line with the expected answer.
    draw(timeline.saw, "saw", (height / 3).min(LINE_HEIGHT * 3 / 4));
    draw(timeline.should_see, "should", (height * 2 / 3).min(LINE_HEIGHT * 7 / 4));
    group
}

fn arrow(line: Data, end: &str) -> Path {
    Path::new()
        .set("d", line)
        .set("class", format!("tl-arrow tl-arrow-{end}"))
        .set("marker-end", format!("url(#tl-head-{end})"))
}

/// A curve from the side of one box to the nearest side of another; `body` is the y position of the
/// first moment, and the curve starts `down` pixels below the top of the first box.
fn curve(layout: &Layout, from: &Block, to: &Block, (body, down): Pixels) -> Data {
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
pub(super) struct LegendEntry {
    /// The symbol that it explains.
    symbol: Symbol,
    /// What the symbol means.
    meaning: String,
}

/// What an entry of the legend shows.
enum Symbol {
    /// A box of these classes.
    Box(&'static str),
    /// The arrow with this head.
    Arrow(&'static str),
    /// None: the entry is a remark.
    None,
}

impl LegendEntry {
    /// The legend, in rows.
    pub(super) fn rows(timeline: &Timeline) -> Vec<Vec<Self>> {
        let entry = |symbol: Symbol, meaning: &str| Self { symbol, meaning: meaning.to_owned() };
        let mut roles = vec![entry(Symbol::Box("tl-read tl-wrong"), "wrong")];
        if timeline.saw.is_some() {
            roles.push(entry(Symbol::Arrow("saw"), "the write it saw"));
        }
        if timeline.should_see.is_some() {
            roles.push(entry(Symbol::Box("tl-write tl-should"), "should have been seen"));
            roles.push(entry(Symbol::Arrow("should"), "the write it should have seen"));
        }
        let actions = vec![
            entry(Symbol::Box("tl-write"), "write"),
            entry(Symbol::Box("tl-read"), "read"),
            entry(Symbol::Box("tl-hold"), "snapshot or transaction, opened or closed"),
            entry(Symbol::Box("tl-other"), "other"),
        ];
        let mut remark = match timeline.unit {
            TimeUnit::Ticks => "Time runs downwards, not to scale; numbers are ticks.".to_owned(),
            TimeUnit::Positions => {
                "One possible order, from top to bottom: under weak memory there are no times."
                    .to_owned()
            }
        };
        if timeline.left_out > 0 {
            remark += &format!(" {} less related events are omitted.", timeline.left_out);
        }
        vec![roles, actions, vec![entry(Symbol::None, &remark)]]
    }
}

/// One row of the legend.
pub(super) fn legend(row: Vec<LegendEntry>, (mut left, top): Pixels) -> Group {
    let mut group = Group::new();
    for LegendEntry { symbol, meaning } in row {
        let middle = top + 8;
        match symbol {
            Symbol::Box(class) => {
                let class = format!("tl-box {class}");
                group = group.add(rectangle((left, top), (SWATCH_WIDTH, 16), &class).set("rx", 3));
            }
            Symbol::Arrow(end) => {
                let line =
                    Data::new().move_to((left, middle)).line_to((left + SWATCH_WIDTH, middle));
                group = group.add(arrow(line, end));
            }
            Symbol::None => {}
        }
        if !matches!(symbol, Symbol::None) {
            left += SWATCH_WIDTH + KEY_GAP;
        }
        group = group.add(text((left, top + 13), "tl-words tl-quiet", &meaning));
        left += meaning.chars().count() as u32 * WORD_LETTER_TENTHS / 10 + 2 * KEY_GAP;
    }
    group
}
