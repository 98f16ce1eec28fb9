//! What the page opens with: which figures changed.

use shardproof_document::history::HistoryFile;
use shardproof_judge::change::{Change as Judged, Ratio};

use super::change::Change;
use super::page::Group;

/// The most changes that are listed.
const CHANGES_MAX: usize = 50;

/// The beginning of the page.
pub(super) struct Opening {
    /// The changes of figures, those of the newest file first.
    pub(super) changes: Vec<ChangeRow>,
    /// How many more there are.
    pub(super) left_out: usize,
    /// Each file with how many of its figures changed, the newest first; not the first file.
    pub(super) counts: Vec<CountRow>,
}

/// A figure that changed.
pub(super) struct ChangeRow {
    /// The file in which it did, from 1.
    pub(super) number: usize,
    /// Which cell, and which figure.
    pub(super) what: String,
    /// By how much.
    pub(super) change: String,
}

/// What became of the figures of one file.
pub(super) struct CountRow {
    /// The file, from 1.
    pub(super) number: usize,
    /// Where it is.
    pub(super) path: String,
    /// Figures that changed.
    pub(super) changed: usize,
    /// Figures that did not.
    pub(super) within_noise: usize,
    /// Figures that were not compared.
    pub(super) not_compared: usize,
}

impl Opening {
    /// That of a page with these groups.
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
                        if let Change::Judged(Judged::Changed(_)) = change {
                            let what = format!("{}, {}: {}", group.title, card.title, panel.title);
                            changes.push(ChangeRow { number, what, change: write_change(change) });
                        }
                    }
                }
            }
        }
        // Stable: within a file in the order of the page.
        changes.sort_by_key(|row| std::cmp::Reverse(row.number));
        let left_out = changes.len().saturating_sub(CHANGES_MAX);
        changes.truncate(CHANGES_MAX);
        counts.reverse();
        // Nothing comes before the first file.
        counts.pop();
        Self { changes, left_out, counts }
    }
}

impl CountRow {
    fn of(file: &HistoryFile) -> Self {
        let (number, path) = (file.number, file.path.clone());
        Self { number, path, changed: 0, within_noise: 0, not_compared: 0 }
    }

    fn add(&mut self, change: &Change) {
        match change {
            Change::First => {}
            Change::Withheld(_) | Change::Judged(Judged::NotComparable(_)) => {
                self.not_compared += 1;
            }
            Change::Judged(Judged::Changed(_)) => self.changed += 1,
            Change::Judged(Judged::WithinNoise(_)) => self.within_noise += 1,
        }
    }
}

/// What became of a figure, in words.
pub(super) fn write_change(change: &Change) -> String {
    let percent = |ratio: &Ratio| format!("{:+.1} %", 100.0 * (ratio.spread.median - 1.0));
    match change {
        Change::First => String::new(),
        Change::Withheld(_) => String::new(),
        Change::Judged(Judged::NotComparable(reason)) => format!("not compared: {reason}"),
        Change::Judged(Judged::Changed(ratio)) => format!("{} *", percent(ratio)),
        Change::Judged(Judged::WithinNoise(ratio)) => percent(ratio),
    }
}
