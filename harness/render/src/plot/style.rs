//! How a subject is drawn: a colour, a dash and a marker, the same ones in every picture of a page.

use crate::plot::palette::{self, Colour, SUBJECTS};

/// A colour, a dash and a marker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Style {
    /// The colour.
    pub colour: Colour,
    /// Lengths of strokes and gaps; empty for a line without gaps.
    pub dash: &'static str,
    /// What stands at a point.
    pub marker: Marker,
}

/// What stands at a point. All are closed, so that each can be hollow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Marker {
    /// A circle.
    Circle,
    /// A square on its side.
    Square,
    /// A triangle on its side.
    Up,
    /// A square on its corner.
    Diamond,
    /// A triangle on its corner.
    Down,
    /// A triangle that points to the left.
    Left,
    /// A triangle that points to the right.
    Right,
    /// Six corners.
    Hexagon,
    /// A small circle.
    Dot,
}

/// A line that is no subject: what would be if nothing were lost.
pub(crate) const IDEAL: Style = Style { colour: palette::IDEAL, dash: "2 4", marker: Marker::Dot };

/// What the machine can do: the control that shares nothing.
pub(crate) const CEILING: Style =
    Style { colour: palette::CEILING, dash: "5 3", marker: Marker::Dot };
/// What the harness itself costs: the control that does nothing.
pub(crate) const FLOOR: Style = Style { colour: palette::FLOOR, dash: "1 3", marker: Marker::Dot };

impl Style {
    /// For keys, which name no subject.
    pub(crate) const PLAIN: Self = Self { colour: palette::INK, dash: "", marker: Marker::Circle };
}

const MARKERS: [Marker; 8] = [
    Marker::Circle,
    Marker::Square,
    Marker::Up,
    Marker::Diamond,
    Marker::Down,
    Marker::Left,
    Marker::Right,
    Marker::Hexagon,
];

const DASHES: [&str; 5] = ["", "7 3", "2 2", "9 3 2 3", "12 4"];

/// The style of a subject by its place among those that are compared.
///
/// Two subjects share a style only if there are more than are ever compared at once: 12 colours, 8
/// markers.
pub(crate) fn numbered(number: usize) -> Style {
    Style {
        colour: SUBJECTS[number % SUBJECTS.len()],
        dash: DASHES[number % DASHES.len()],
        marker: MARKERS[number % MARKERS.len()],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn subjects_differ_in_more_than_their_colour() {
        for count in [2, 6, 12] {
            let without_colour: BTreeSet<_> =
                (0..count).map(numbered).map(|Style { dash, marker, .. }| (dash, marker)).collect();
            assert_eq!(without_colour.len(), count);
        }
    }
}
