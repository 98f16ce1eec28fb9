//! The style of each subject, the same in every picture of a page.

use std::collections::BTreeMap;

use shardproof_evidence::Evidence;
use shardproof_judge::compare::{FLOOR, SCALING_CONTROL};

use crate::plot::style::{self, IDEAL, Style};

/// The style of each subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Styles {
    /// Styles by subject.
    by_subject: BTreeMap<String, Style>,
    /// Subjects, in the order in which reports list them.
    order: Vec<String>,
}

impl Styles {
    /// The styles of all subjects in evidence. The two controls look the same on every page.
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let order = subjects(evidence);
        let mut number = 0;
        let mut by_subject = BTreeMap::new();
        for subject in &order {
            let style = match subject.as_str() {
                SCALING_CONTROL => style::CEILING,
                FLOOR => style::FLOOR,
                _ => {
                    number += 1;
                    style::numbered(number - 1)
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

    /// Subjects, in the order in which reports list them.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
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
