//! Tables of a history: which files it is of, and one figure from file to file.

use shardproof_evidence::Spread;

use crate::table::Table;
use crate::terms::{self as t, Term};
use crate::value::{Quantity, Reason, Value, count, text};

/// A file of evidence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryFile {
    /// Its number, from 1.
    pub number: usize,
    /// Where it is.
    pub path: String,
    /// When it was measured, in UTC.
    pub measured: String,
    /// From what it was gathered.
    pub commit: String,
    /// The version of the program.
    pub version: String,
    /// The letters of its machines.
    pub machines: String,
    /// The kind of build.
    pub build: String,
    /// The profile and the seed.
    pub asked: String,
}

/// A figure of one file.
#[derive(Clone, PartialEq, Debug)]
pub struct HistoryFigure {
    /// The number of the file, from 1.
    pub file: usize,
    /// The figure, or why it is withheld.
    pub figure: Result<Spread, Reason>,
    /// Against the one before.
    pub change: String,
    /// The letter of its machine.
    pub machine: String,
    /// From what it was gathered.
    pub commit: String,
}

/// The files of a history.
#[must_use]
pub fn files(files: Vec<HistoryFile>) -> Table<'static> {
    Table::of("files", "In the order in which they were measured", files)
        .name("file", &t::FILE, |each: &HistoryFile| count(each.number))
        .note("path", &t::FILE, |each| text(each.path.clone()))
        .called("path")
        .note("measured", &t::FILE, |each| text(each.measured.clone()))
        .called("measured")
        .note("commit", &t::FILE, |each| Value::Code(each.commit.clone().into()))
        .called("commit")
        .note("version", &t::FILE, |each| text(each.version.clone()))
        .called("version")
        .note("machines", &t::FILE, |each| text(each.machines.clone()))
        .called("machine")
        .note("build", &t::FILE, |each| text(each.build.clone()))
        .called("build")
        .note("asked", &t::SETTING, |each| text(each.asked.clone()))
        .called("asked for")
        .done()
}

/// One figure from file to file.
#[must_use]
pub fn figures(
    id: String,
    caption: String,
    (term, quantity): (&'static Term, Quantity),
    figures: Vec<HistoryFigure>,
) -> Table<'static> {
    Table::of(id, caption, figures)
        .name("file", &t::FILE, |each: &HistoryFigure| count(each.file))
        .withheld(|each| each.figure.err())
        .spread(("figure", ""), term, quantity, |each| each.figure.ok())
        .note("change", &t::CHANGE, |each| text(each.change.clone()))
        .note("machine", &t::FILE, |each| text(each.machine.clone()))
        .called("machine")
        .note("commit", &t::FILE, |each| Value::Code(each.commit.clone().into()))
        .called("commit")
        .done()
}
