//! The style of a subject: colour, dash and marker, the same in every picture of a page.

use crate::plot::palette::{self, Colour, SUBJECTS};

/// A colour, a dash and a marker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Style {
    /// The colour.
    pub colour: Colour,
    /// Lengths of dashes and gaps; empty for a solid line.
    pub dash: &'static str,
    /// The marker.
    pub marker: Marker,
}

/// The shape of a point. All shapes are closed, so that each can be hollow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Marker {
    /// A circle.
    Circle,
    /// A square.
    Square,
    /// A triangle that points up.
    Up,
    /// A diamond.
    Diamond,
    /// A triangle that points down.
    Down,
    /// A triangle that points to the left.
    Left,
    /// A triangle that points to the right.
    Right,
    /// A hexagon.
    Hexagon,
    /// A small circle.
    Dot,
}

/// Perfect scaling, which is not a subject.
pub(crate) const IDEAL: Style = Style { colour: palette::IDEAL, dash: "2 4", marker: Marker::Dot };

/// The control that shares nothing and shows what the machine can do.
pub(crate) const CEILING: Style =
    Style { colour: palette::CEILING, dash: "5 3", marker: Marker::Dot };
/// The control that does nothing and shows the cost of the harness.
pub(crate) const FLOOR: Style = Style { colour: palette::FLOOR, dash: "1 3", marker: Marker::Dot };

impl Style {
    /// The style of keys, which belong to no subject.
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

/// The style of a subject by its number.
///
/// With 12 colours and 8 markers, two subjects share a style only if there are more than are ever
/// compared at once.
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
