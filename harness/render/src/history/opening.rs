//! The start of the page: which results changed.

use shardproof_document::history::HistoryFile;
use shardproof_judge::change::{Change as Judged, Ratio};

use super::change::PointChange;
use super::page::Group;

/// Maximum number of changes listed.
const CHANGES_MAX: usize = 50;

/// The start of the page.
pub(super) struct Opening {
    /// The changes, newest file first.
    pub(super) changes: Vec<ChangeRow>,
    /// The number of further changes.
    pub(super) left_out: usize,
    /// The number of changes in each file except the first, newest first.
    pub(super) counts: Vec<CountRow>,
}

/// A result that changed.
pub(super) struct ChangeRow {
    /// The number of the file in which it changed, from 1.
    pub(super) number: usize,
    /// The cell and the metric.
    pub(super) what: String,
    /// The size of the change.
    pub(super) change: String,
}

/// The outcomes in one file.
pub(super) struct CountRow {
    /// The number of the file, from 1.
    pub(super) number: usize,
    /// Its path.
    pub(super) path: String,
    /// Results that changed.
    pub(super) changed: usize,
    /// Results within noise.
    pub(super) within_noise: usize,
    /// Results that were not compared.
    pub(super) not_compared: usize,
}

impl Opening {
    /// The start of a page with these groups.
    pub(super) fn of(groups: &[Group], files: &[HistoryFile]) -> Self {
        let mut changes = Vec::new();
        let mut counts: Vec<CountRow> = files.iter().map(CountRow::of).collect();
        for group in groups {
            for card in &group.cards {
                for panel in &card.panels {
                    for &(number, ref change) in &panel.changes {
                        if let Some(count) = counts.iter_mut().find(|it| it.number == number) {
                            count.add(change);
                        }
                        if let PointChange::Judged(Judged::Changed(_)) = change {
                            let what = format!("{}, {}: {}", group.title, card.title, panel.title);
                            changes.push(ChangeRow { number, what, change: write_change(change) });
                        }
                    }
                }
            }
        }
        // The sort is stable: within a file, changes stay in the order of the page.
        changes.sort_by_key(|row| std::cmp::Reverse(row.number));
        let left_out = changes.len().saturating_sub(CHANGES_MAX);
        changes.truncate(CHANGES_MAX);
        counts.reverse();
        // The first file has nothing to compare with.
        counts.pop();
        Self { changes, left_out, counts }
    }
}

impl CountRow {
    fn of(file: &HistoryFile) -> Self {
        let (number, path) = (file.number, file.path.clone());
        Self { number, path, changed: 0, within_noise: 0, not_compared: 0 }
    }

    fn add(&mut self, change: &PointChange) {
        match change {
            PointChange::First => {}
            PointChange::Withheld(_) | PointChange::Judged(Judged::NotComparable(_)) => {
                self.not_compared += 1;
            }
            PointChange::Judged(Judged::Changed(_)) => self.changed += 1,
            PointChange::Judged(Judged::WithinNoise(_)) => self.within_noise += 1,
        }
    }
}

/// A change as text.
pub(super) fn write_change(change: &PointChange) -> String {
    let percent = |ratio: &Ratio| format!("{:+.1} %", 100.0 * (ratio.spread.median - 1.0));
    match change {
        PointChange::First => String::new(),
        PointChange::Withheld(_) => String::new(),
        PointChange::Judged(Judged::NotComparable(reason)) => format!("not compared: {reason}"),
        PointChange::Judged(Judged::Changed(ratio)) => format!("{} *", percent(ratio)),
        PointChange::Judged(Judged::WithinNoise(ratio)) => percent(ratio),
    }
}
