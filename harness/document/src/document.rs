//! Documents: sections of prose, tables, figures and notes.

use std::borrow::Cow;

use shardproof_evidence::Evidence;
use shardproof_evidence::verification::Fault;
use shardproof_judge::compare::{BASE_SUBJECT, Compared, compare};

use crate::table::{Detail, Table, TableBuilder};
use crate::terms::Term;
use crate::value::Tone;
use crate::{latency, machine, setup, snapshots, summary, throughput, verification, warnings};

/// A report of evidence and its judgement, in sections.
#[derive(Debug)]
pub struct Document<'a> {
    /// Its title.
    pub title: String,
    /// The base subject of ratios.
    pub base: &'a str,
    /// Key facts that precede the sections.
    pub facts: Vec<String>,
    /// Its sections, in order.
    pub sections: Vec<Section<'a>>,
}

/// One section.
#[derive(Debug)]
pub struct Section<'a> {
    /// Its anchor for links.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Where it is shown.
    pub detail: Detail,
    /// Opening paragraphs.
    pub prose: Vec<String>,
    /// Its content, in order.
    pub blocks: Vec<Block<'a>>,
}

/// One part of a section.
#[derive(Debug)]
pub enum Block<'a> {
    /// A table.
    Table(Table<'a>),
    /// Plots, in formats that have them.
    Figure(Figure),
    /// Remarks.
    Notes(Vec<Note>),
    /// Nothing was observed: a sentence on what is missing, and the command that measures it.
    Missing(&'static str, Cow<'static, str>),
}

/// A remark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// How good or bad it is, if it is a judgement.
    pub tone: Option<Tone>,
    /// Its text.
    pub text: String,
}

/// Plots that the page draws from the evidence, with captions of their own.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// Identifies the plots.
    pub id: &'static str,
    /// The terms needed to read them.
    pub terms: Vec<&'static Term>,
}

impl<'a> Section<'a> {
    pub(crate) fn new(id: &'static str, title: &'static str) -> Self {
        Self { id, title, detail: Detail::Everywhere, prose: Vec::new(), blocks: Vec::new() }
    }

    pub(crate) fn detail(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    pub(crate) fn paragraph(mut self, text: impl Into<String>) -> Self {
        self.prose.push(text.into());
        self
    }

    pub(crate) fn table<R: 'a>(mut self, table: TableBuilder<'a, R>) -> Self {
        let table = table.build();
        if !table.is_empty() {
            self.blocks.push(Block::Table(table));
        }
        self
    }

    pub(crate) fn figure(mut self, id: &'static str, terms: &[&'static Term]) -> Self {
        self.blocks.push(Block::Figure(Figure { id, terms: terms.to_vec() }));
        self
    }

    pub(crate) fn notes(mut self, notes: Vec<Note>) -> Self {
        if !notes.is_empty() {
            self.blocks.push(Block::Notes(notes));
        }
        self
    }

    pub(crate) fn missing(
        mut self,
        what: &'static str,
        command: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.blocks.push(Block::Missing(what, command.into()));
        self
    }

    /// Its tables.
    pub fn tables(&self) -> impl Iterator<Item = &Table<'a>> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        })
    }
}

impl<'a> Document<'a> {
    /// All tables, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table<'a>> {
        self.sections.iter().flat_map(Section::tables)
    }

    /// The terms of all columns and figures on pages, sorted.
    #[must_use]
    pub fn glossary(&self) -> Vec<&'static Term> {
        let of_columns = self
            .tables()
            .filter(|table| table.detail <= Detail::Pages)
            .flat_map(|table| table.shown(Detail::Pages).map(|column| column.term));
        let blocks = self.sections.iter().flat_map(|section| &section.blocks);
        let of_figures = blocks.flat_map(|block| match block {
            Block::Figure(figure) => &figure.terms[..],
            _ => &[],
        });
        let mut terms: Vec<_> = of_columns.chain(of_figures.copied()).collect();
        terms.sort_unstable_by_key(|term| (term.word.to_lowercase(), *term));
        terms.dedup();
        terms
    }
}

impl Note {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { tone: None, text: text.into() }
    }

    pub(crate) fn toned(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone: Some(tone), text: text.into() }
    }
}

/// The requested base of ratios is not a subject of the evidence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("--base: `{base}` has no cells: give one of {}", subjects.join(", "))]
pub struct UnknownBase {
    /// The requested base.
    base: String,
    /// The subjects to choose from.
    subjects: Vec<String>,
}

/// The base of ratios: the requested one, or [`BASE_SUBJECT`] if it was measured, or the first one
/// that was.
///
/// # Errors
/// [`UnknownBase`], if subjects were measured but the requested one was not.
pub fn resolve_base<'a>(
    subjects: impl IntoIterator<Item = &'a str>,
    requested: Option<&str>,
) -> Result<&'a str, UnknownBase> {
    let mut all: Vec<&str> = Vec::new();
    for subject in subjects {
        if subject == requested.unwrap_or(BASE_SUBJECT) {
            return Ok(subject);
        }
        if all.len() < SUBJECTS_NAMED_MAX && !all.contains(&subject) {
            all.push(subject);
        }
    }
    let subjects = || all.iter().copied().map(str::to_owned).collect();
    match requested {
        Some(base) if !all.is_empty() => {
            Err(UnknownBase { base: base.to_owned(), subjects: subjects() })
        }
        _ => Ok(all.first().copied().unwrap_or(BASE_SUBJECT)),
    }
}

/// Maximum number of subjects that an error names.
const SUBJECTS_NAMED_MAX: usize = 40;

/// The name of a part within a sentence or title; empty if there is only one.
#[must_use]
pub fn part_name(evidence: &Evidence, part: usize) -> String {
    if evidence.parts.is_empty() { String::new() } else { format!(", part {}", part + 1) }
}

/// The input of all sections.
pub(crate) struct Context<'a> {
    /// The evidence.
    pub(crate) evidence: &'a Evidence,
    /// Its number of parts.
    pub(crate) parts: usize,
    /// The base subject of ratios.
    pub(crate) base: &'a str,
    /// Every cell with its ratios.
    pub(crate) compared: Vec<Compared<'a>>,
}

impl<'a> Context<'a> {
    fn new(evidence: &'a Evidence, base: &'a str) -> Self {
        let parts = evidence.parts.len() + 1;
        Self { evidence, parts, base, compared: compare(evidence, base) }
    }

    /// The name of a part within a sentence; empty if there is only one.
    pub(crate) fn part_name(&self, part: usize) -> String {
        part_name(self.evidence, part)
    }
}

impl<'a> Document<'a> {
    /// The full report, with ratios to the subject `base`; without one, as [`resolve_base`] says.
    ///
    /// # Errors
    /// [`UnknownBase`].
    pub fn report(evidence: &'a Evidence, base: Option<&str>) -> Result<Self, UnknownBase> {
        let base = resolve_base(evidence.cells.iter().map(|cell| &*cell.subject), base)?;
        let context = Context::new(evidence, base);
        let sections = vec![
            summary::section(&context),
            throughput::at_a_glance(&context),
            verification::section(evidence),
            throughput::contention(&context),
            throughput::section(&context),
            throughput::scaling_law(&context),
            latency::section(&context),
            latency::over_time(&context),
            latency::rates(&context),
            snapshots::section(&context),
            throughput::cost(&context),
            throughput::operations(&context),
            setup::skipped(evidence),
            warnings::section(&context),
            machine::section(&context),
            setup::section(&context),
        ];
        Ok(Self {
            title: "Shardproof report".to_owned(),
            base,
            facts: setup::overview(evidence),
            sections,
        })
    }

    /// The results of a verification.
    #[must_use]
    pub fn verification(evidence: &'a Evidence) -> Self {
        let run = evidence.verification.as_ref();
        let fact =
            run.map(|run| format!("profile {}, seed {}", run.config.profile, run.config.seed));
        let facts = fact.into_iter().collect();
        let sections = vec![verification::properties(evidence)];
        Self { title: "Verification".to_owned(), base: BASE_SUBJECT, facts, sections }
    }

    /// The kill matrix of seeded faults.
    #[must_use]
    pub fn faults(faults: &'a [Fault], executors: &'a [String]) -> Self {
        let sections = vec![verification::faults(faults, executors)];
        Self { title: "Seeded faults".to_owned(), base: BASE_SUBJECT, facts: Vec::new(), sections }
    }

    /// The certificate of a machine.
    #[must_use]
    pub fn machine(evidence: &'a Evidence) -> Self {
        let context = Context::new(evidence, BASE_SUBJECT);
        let facts = vec![machine::describe(&evidence.machine)];
        let sections = vec![machine::section(&context), warnings::section(&context)];
        Self { title: "Machine certificate".to_owned(), base: BASE_SUBJECT, facts, sections }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_the_requested_subject_or_seed_or_the_first() {
        let of = |subjects: &[&'static str], requested| {
            resolve_base(subjects.iter().copied(), requested).map_err(|error| error.to_string())
        };
        assert_eq!(of(&["mine", "seed", "floor"], Some("floor")), Ok("floor"));
        assert_eq!(of(&["mine", "seed", "floor"], None), Ok("seed"));
        assert_eq!(of(&["mine", "floor"], None), Ok("mine"));
        assert_eq!(of(&[], None), Ok(BASE_SUBJECT));
        let error = of(&["mine", "floor"], Some("yours")).unwrap_err();
        assert!(error.contains("`yours` has no cells: give one of mine, floor"), "{error}");
    }
}
