//! How a subject is drawn: a colour, a dash and a marker, the same ones in every picture of a page.

use std::collections::BTreeMap;

use shardproof_evidence::Evidence;
use shardproof_judge::compare::SCALING_CONTROL;

use crate::plot::palette::{self, Colour, SUBJECTS};

/// The control that does nothing: what the harness itself costs.
pub(crate) const FLOOR: &str = "floor";

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

/// The style of each subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Styles {
    /// By the subject's name.
    by_subject: BTreeMap<String, Style>,
    /// Subjects in the order of reports.
    order: Vec<String>,
}

impl Styles {
    /// The styles of all subjects that evidence names. The two controls look the same on every page.
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let order = subjects(evidence);
        let mut number = 0;
        let mut by_subject = BTreeMap::new();
        for subject in &order {
            let style = match subject.as_str() {
                SCALING_CONTROL => {
                    Style { colour: palette::CEILING, dash: "5 3", marker: Marker::Dot }
                }
                FLOOR => Style { colour: palette::FLOOR, dash: "1 3", marker: Marker::Dot },
                _ => {
                    number += 1;
                    numbered(number - 1)
                }
            };
            by_subject.insert(subject.clone(), style);
        }
        Self { by_subject, order }
    }

    /// The style of one subject.
    pub(crate) fn style(&self, subject: &str) -> Style {
        self.by_subject.get(subject).copied().unwrap_or(IDEAL)
    }

    /// Subjects in the order of reports.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }
}

/// Two subjects share a style only if there are more than are ever compared at once: 12 colours, 8 markers.
fn numbered(number: usize) -> Style {
    Style {
        colour: SUBJECTS[number % SUBJECTS.len()],
        dash: DASHES[number % DASHES.len()],
        marker: MARKERS[number % MARKERS.len()],
    }
}

fn subjects(evidence: &Evidence) -> Vec<String> {
    let configs = evidence.config.iter().chain(evidence.parts.iter().flat_map(|part| &part.config));
    let named = configs
        .flat_map(|config| config.subjects.iter())
        .chain(evidence.cells.iter().map(|each| &each.subject))
        .chain(evidence.latencies.iter().map(|each| &each.subject))
        .chain(evidence.rate_searches.iter().map(|each| &each.subject))
        .chain(evidence.snapshots.iter().map(|each| &each.subject))
        .chain(evidence.snapshot_threads.iter().map(|each| &each.subject))
        .chain(evidence.held_snapshots.iter().map(|each| &each.subject))
        .chain(evidence.memory.iter().map(|each| &each.subject))
        .chain(evidence.operations.iter().map(|each| &each.subject));
    let mut order: Vec<String> = Vec::new();
    for subject in named {
        if !order.contains(subject) {
            order.push(subject.clone());
        }
    }
    order
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
