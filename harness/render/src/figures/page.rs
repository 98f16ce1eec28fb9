//! Evidence, where its figures belong, and how its subjects are drawn.

use std::collections::HashSet;
use std::hash::Hash;

use shardproof_evidence::{Cell, Evidence, Latency, Machine, Warning};

use crate::figures::styles::Styles;
use crate::plot::style::Style;

/// Evidence, and how its subjects are drawn.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// The evidence.
    pub evidence: &'a Evidence,
    /// How subjects are drawn.
    pub styles: Styles,
}

/// Cells that are drawn in one picture: they differ in subject and threads only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Place<'a> {
    /// Which part of merged evidence.
    pub part: usize,
    /// The workload.
    pub workload: &'a str,
    /// The placement.
    pub placement: &'a str,
}

impl<'a> Place<'a> {
    /// The place of a cell.
    pub(crate) fn of_cell(cell: &'a Cell) -> Self {
        Self { part: cell.part, workload: &cell.workload, placement: &cell.placement }
    }

    /// The place of a latency.
    pub(crate) fn of_latency(latency: &'a Latency) -> Self {
        Self { part: latency.part, workload: &latency.workload, placement: &latency.placement }
    }
}

impl<'a> Page<'a> {
    /// A page of this evidence.
    pub(crate) fn new(evidence: &'a Evidence) -> Self {
        Self { evidence, styles: Styles::of(evidence) }
    }

    /// The machine that a part was measured on.
    pub(crate) fn machine(&self, part: usize) -> &'a Machine {
        let later = part.checked_sub(1).and_then(|index| self.evidence.parts.get(index));
        later.map_or(&self.evidence.machine, |part| &part.machine)
    }

    /// Whether threads had to wait for a core, by the machine or by what was noted.
    pub(crate) fn is_oversubscribed(
        &self,
        part: usize,
        threads: usize,
        warnings: &[Warning],
    ) -> bool {
        threads > self.machine(part).cores || warnings.contains(&Warning::Oversubscribed)
    }

    /// The same of a latency.
    pub(crate) fn is_latency_oversubscribed(&self, latency: &Latency) -> bool {
        self.is_oversubscribed(latency.part, latency.threads, &latency.warnings)
    }

    /// The places of cells, in the order of the evidence.
    pub(crate) fn places(&self) -> Vec<Place<'a>> {
        distinct(self.evidence.cells.iter().map(Place::of_cell))
    }

    /// The name of a place.
    pub(crate) fn name(&self, place: Place<'_>) -> String {
        format!("{}, {}{}", place.workload, place.placement, self.part_name(place.part))
    }

    /// What tells parts apart in a name; nothing where there is only one.
    pub(crate) fn part_name(&self, part: usize) -> String {
        if self.evidence.parts.is_empty() {
            return String::new();
        }
        format!(", part {}", part + 1)
    }

    /// Those subjects that a figure shows, and how they are drawn.
    pub(crate) fn legend(&self, is_shown: impl Fn(&str) -> bool) -> Vec<(String, Style)> {
        let shown = self.styles.subjects().filter(|subject| is_shown(subject));
        shown.map(|subject| (subject.to_owned(), self.styles.style(subject))).collect()
    }
}

/// The first of each, in order.
pub(crate) fn distinct<T: Eq + Hash + Clone>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.into_iter().filter(|item| seen.insert(item.clone())).collect()
}

/// The neighbours of so many series that stand at the same values: they are drawn side by side.
pub(crate) fn neighbour(index: usize, count: usize) -> f64 {
    index as f64 - (count.saturating_sub(1)) as f64 / 2.0
}
