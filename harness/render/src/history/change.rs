//! From one file to the next: each figure against the last one before it.

use shardproof_document::Reason;
use shardproof_judge::change::{self, CellName, Metric};

use super::HistoryFile;
use super::series::Point;

/// A figure against the one before it.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Change {
    /// There is none before it.
    First,
    /// The figure is withheld.
    Withheld(Reason),
    /// What the judge says.
    Judged(change::Change),
}

impl Change {
    /// Whether the figures before and after must not be joined by a line.
    pub(super) fn is_break(&self) -> bool {
        let Self::Judged(change::Change::NotComparable(reason)) = self else { return false };
        // A control is the same thing measured again, and a warning moves no figure elsewhere.
        !matches!(reason, change::Reason::IsControl | change::Reason::Warned(_))
    }
}

/// The change at each point of one metric of a cell.
pub(super) fn changes(
    files: &[HistoryFile],
    points: &[Point<'_>],
    (cell, metric): (CellName<'_>, Metric<'_>),
) -> Vec<Change> {
    let mut before: Option<usize> = None;
    let change = |point: &Point<'_>| {
        if let Err(reason) = point.figure {
            return Change::Withheld(reason);
        }
        let evidence = |file: usize| &files[file].evidence;
        let judged = before.map_or(Change::First, |before| {
            Change::Judged(change::change(evidence(before), evidence(point.file), cell, metric))
        });
        before = Some(point.file);
        judged
    };
    points.iter().map(change).collect()
}
