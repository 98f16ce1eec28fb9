//! The evidence of a page, with the styles of its subjects.

use std::collections::HashSet;
use std::hash::Hash;

use shardproof_document::part_name;
use shardproof_evidence::{Cell, Evidence, Latency};

use crate::figures::styles::Styles;
use crate::plot::style::Style;

/// The evidence of a page, with the styles of its subjects.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// The evidence.
    pub evidence: &'a Evidence,
    /// The base subject of ratios.
    pub base: &'a str,
    /// The styles of subjects.
    pub styles: Styles,
}

/// Coordinates shared by the cells of one picture, which differ only in subject and threads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct MatrixPosition<'a> {
    /// The part of merged evidence.
    pub part: usize,
    /// The workload.
    pub workload: &'a str,
    /// The placement.
    pub placement: &'a str,
}

impl<'a> MatrixPosition<'a> {
    /// The position of a cell.
    pub(crate) fn of_cell(cell: &'a Cell) -> Self {
        Self { part: cell.part, workload: &cell.workload, placement: &cell.placement }
    }

    /// The position of a latency.
    pub(crate) fn of_latency(latency: &'a Latency) -> Self {
        Self { part: latency.part, workload: &latency.workload, placement: &latency.placement }
    }
}

impl<'a> Page<'a> {
    /// A page of this evidence, with ratios to the subject `base`.
    pub(crate) fn new(evidence: &'a Evidence, base: &'a str) -> Self {
        Self { evidence, base, styles: Styles::of(evidence) }
    }

    /// Whether a latency was measured with more threads than cores.
    pub(crate) fn is_latency_oversubscribed(&self, latency: &Latency) -> bool {
        self.evidence.is_oversubscribed(latency.part, latency.threads, &latency.warnings)
    }

    /// The positions of cells, in the order of the evidence.
    pub(crate) fn positions(&self) -> Vec<MatrixPosition<'a>> {
        distinct(self.evidence.cells.iter().map(MatrixPosition::of_cell))
    }

    /// The name of a position.
    pub(crate) fn name(&self, position: MatrixPosition<'_>) -> String {
        format!("{}, {}{}", position.workload, position.placement, self.part_name(position.part))
    }

    /// The name of a part within a title; empty if there is only one.
    pub(crate) fn part_name(&self, part: usize) -> String {
        part_name(self.evidence, part)
    }

    /// The subjects that a figure shows, with their styles.
    pub(crate) fn legend(&self, is_shown: impl Fn(&str) -> bool) -> Vec<(String, Style)> {
        let shown = self.styles.subjects().filter(|subject| is_shown(subject));
        shown.map(|subject| (subject.to_owned(), self.styles.style(subject))).collect()
    }
}

/// The distinct items, in order of first occurrence.
pub(crate) fn distinct<T: Eq + Hash + Clone>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.into_iter().filter(|item| seen.insert(item.clone())).collect()
}

/// The horizontal offset of a series among `count` series with the same x values, so that they are
/// drawn side by side.
pub(crate) fn neighbour(index: usize, count: usize) -> f64 {
    index as f64 - (count.saturating_sub(1)) as f64 / 2.0
}
