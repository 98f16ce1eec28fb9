//! Changes between files: each result compared with the previous one.

use shardproof_document::WithheldReason;
use shardproof_judge::change::{self, CellName, Metric};

use super::HistoryFile;
use super::series::HistoryPoint;

/// A result compared with the previous one.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum PointChange {
    /// There is no previous result.
    First,
    /// The result is withheld.
    Withheld(WithheldReason),
    /// The outcome of the comparison.
    Judged(change::Change),
}

impl PointChange {
    /// Whether the points before and after must not be connected by a line.
    pub(super) fn is_break(&self) -> bool {
        let Self::Judged(change::Change::NotComparable(reason)) = self else { return false };
        // A control is the same thing measured again, and a warning does not make results
        // incompatible.
        !matches!(reason, change::Incomparable::IsControl | change::Incomparable::Warned(_))
    }
}

/// The change at each point of one metric of a cell.
pub(super) fn changes(
    files: &[HistoryFile],
    points: &[HistoryPoint<'_>],
    (cell, metric): (CellName<'_>, Metric<'_>),
) -> Vec<PointChange> {
    let mut before: Option<usize> = None;
    let change = |point: &HistoryPoint<'_>| {
        if let Err(reason) = point.result {
            return PointChange::Withheld(reason);
        }
        let evidence = |file: usize| &files[file].evidence;
        let judged = before.map_or(PointChange::First, |before| {
            PointChange::Judged(change::change(
                evidence(before),
                evidence(point.file),
                cell,
                metric,
            ))
        });
        before = Some(point.file);
        judged
    };
    points.iter().map(change).collect()
}
