//! The layout of a timeline, in pixels: lanes side by side, time downwards.
//!
//! Moments are drawn in order, not to scale: nothing starts or ends between two neighbouring
//! moments. Two boxes overlap vertically exactly if their operations overlapped in time, and no box
//! is too small to read.

use shardproof_evidence::timeline::{Action, End, Moment, Operation, Timeline};

/// Margin around the picture, and space between its parts.
pub(super) const MARGIN: u32 = 16;
/// Space for the times, left of all lanes.
pub(super) const WHEN_WIDTH: u32 = 64;
/// From one line of text in a box to the next.
pub(super) const LINE_HEIGHT: u32 = 16;
/// Space between a box and its lane's edge, and between a box and its text.
pub(super) const BOX_PADDING: u32 = 8;
/// Prefix of the line with the expected answer.
pub(super) const EXPECTED_LEAD: &str = "right: ";
/// Minimum distance between two moments, so that their times do not overlap.
const STEP: u32 = 12;
/// Space between lanes, in which arrows turn.
const LANE_GAP: u32 = 28;
/// Width of the narrowest and widest lane, its edges included.
const LANE_WIDTHS: (u32, u32) = (150, 380);
/// Tenths of a pixel that one letter takes, in the widest of the fonts that may be used.
const LETTER_TENTHS: u32 = 74;

/// The positions of everything that is drawn.
#[derive(Debug)]
pub(super) struct Layout {
    /// The lanes of the timeline.
    pub(super) lanes: Vec<Lane>,
    /// A box for each operation, in the order of the operations.
    pub(super) boxes: Vec<Block>,
    /// The lower edge of the lowest box, below the first moment.
    pub(super) height: u32,
    /// The right edge of the last lane.
    pub(super) width: u32,
}

/// One lane.
#[derive(Debug)]
pub(super) struct Lane {
    /// Its name.
    pub(super) name: String,
    /// Its left edge.
    pub(super) left: u32,
    /// Its width.
    pub(super) width: u32,
}

/// The box of one operation.
#[derive(Debug)]
pub(super) struct Block {
    /// The index of its lane.
    pub(super) lane: usize,
    /// Its upper edge, below the first moment.
    pub(super) top: u32,
    /// Its lower edge, below the first moment.
    pub(super) bottom: u32,
    /// Its text.
    pub(super) lines: Vec<String>,
    /// When the operation started.
    pub(super) when: String,
    /// What the operation does.
    pub(super) action: Action,
    /// How the operation relates to the anomaly.
    pub(super) role: Role,
    /// Whether the end of the operation is known.
    pub(super) end: End,
}

/// How an operation relates to an anomaly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// It is the wrong operation.
    Wrong,
    /// It should have been seen.
    ShouldSee,
    /// It is context.
    Context,
}

impl Layout {
    /// The layout of a timeline.
    pub(super) fn of(timeline: &Timeline) -> Self {
        let operations = timeline.operations.iter().enumerate();
        let mut boxes: Vec<Block> =
            operations.map(|(number, each)| block(timeline, number, each)).collect();
        let height = place(timeline, &mut boxes);
        let mut left = MARGIN + WHEN_WIDTH;
        let mut lanes = Vec::new();
        for (name, number) in timeline.lanes.iter().zip(0..) {
            let own = boxes.iter().filter(|each| each.lane == number);
            let letters = own.flat_map(|each| &each.lines).map(|line| line.chars().count());
            let letters = letters.max().unwrap_or(0).max(name.len()) as u32;
            let width = (letters * LETTER_TENTHS).div_ceil(10) + 4 * BOX_PADDING;
            let width = width.clamp(LANE_WIDTHS.0, LANE_WIDTHS.1);
            lanes.push(Lane { name: name.clone(), left, width });
            left += width + LANE_GAP;
        }
        Self { lanes, boxes, height, width: left - LANE_GAP.min(left) }
    }
}

/// The number of characters that fit into a box of a lane.
pub(super) fn letters(lane: &Lane) -> usize {
    (((lane.width - 4 * BOX_PADDING) * 10) / LETTER_TENTHS) as usize
}

/// The box of an operation, not placed yet.
fn block(timeline: &Timeline, number: usize, operation: &Operation) -> Block {
    let role = if timeline.wrong == Some(number) {
        Role::Wrong
    } else if timeline.should_see == Some(number) {
        Role::ShouldSee
    } else {
        Role::Context
    };
    let mut lines = operation.lines.clone();
    if role == Role::Wrong
        && let Some(expected) = &timeline.expected
    {
        lines.push(format!("{EXPECTED_LEAD}{expected}"));
    }
    Block {
        lane: operation.lane,
        top: 0,
        bottom: 0,
        lines,
        when: operation.when.to_string(),
        action: operation.action,
        role,
        end: operation.end,
    }
}

/// Sets the top and bottom of every box; returns the bottom of the lowest.
fn place(timeline: &Timeline, boxes: &mut [Block]) -> u32 {
    let mut now = 0;
    for moment in &timeline.moments {
        match *moment {
            Moment::Begin(number) => {
                boxes[number].top = now;
                now += STEP;
            }
            Moment::End(number) => {
                let each = &mut boxes[number];
                let height = each.lines.len() as u32 * LINE_HEIGHT + BOX_PADDING;
                now = now.max(each.top + height);
                each.bottom = now;
                // A box that starts right after another ends must not touch it.
                now += STEP / 2;
            }
        }
    }
    now
}
