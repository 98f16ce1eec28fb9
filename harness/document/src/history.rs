//! Tables of a history: its files, and one result across files.

use shardproof_evidence::Spread;

use crate::table::Table;
use crate::terms::{self as t, Term};
use crate::value::{Quantity, Value, WithheldReason, count, text};

/// One evidence file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryFile {
    /// Its number, from 1.
    pub number: usize,
    /// Its path.
    pub path: String,
    /// When it was measured, in UTC.
    pub measured: String,
    /// The commit it was measured at.
    pub commit: String,
    /// The version of Shardproof.
    pub version: String,
    /// The letters of its machines.
    pub machines: String,
    /// The kind of build.
    pub build: String,
    /// The profile and the seed.
    pub settings: String,
}

/// One result in one file.
#[derive(Clone, PartialEq, Debug)]
pub struct HistoryRow {
    /// The number of the file, from 1.
    pub file: usize,
    /// The result, or why it is withheld.
    pub result: Result<Spread, WithheldReason>,
    /// The change from the previous point.
    pub change: String,
    /// The letter of its machine.
    pub machine: String,
    /// The commit it was measured at.
    pub commit: String,
}

/// The files of a history.
#[must_use]
pub fn files(files: Vec<HistoryFile>) -> Table<'static> {
    Table::builder("files", "Files in order of measurement", files)
        .name("file", &t::FILE, |each: &HistoryFile| count(each.number))
        .note("path", &t::FILE, |each| text(each.path.clone()))
        .heading("path")
        .note("measured", &t::FILE, |each| text(each.measured.clone()))
        .heading("measured")
        .note("commit", &t::FILE, |each| Value::Code(each.commit.clone().into()))
        .heading("commit")
        .note("version", &t::FILE, |each| text(each.version.clone()))
        .heading("version")
        .note("machines", &t::FILE, |each| text(each.machines.clone()))
        .heading("machine")
        .note("build", &t::FILE, |each| text(each.build.clone()))
        .heading("build")
        .note("asked", &t::SETTING, |each| text(each.settings.clone()))
        .heading("settings")
        .build()
}

/// One result across files.
#[must_use]
pub fn results(
    id: String,
    caption: String,
    (term, quantity): (&'static Term, Quantity),
    rows: Vec<HistoryRow>,
) -> Table<'static> {
    Table::builder(id, caption, rows)
        .name("file", &t::FILE, |each: &HistoryRow| count(each.file))
        .withheld(|each| each.result.err())
        .spread(("figure", ""), term, quantity, |each| each.result.ok())
        .note("change", &t::CHANGE, |each| text(each.change.clone()))
        .note("machine", &t::FILE, |each| text(each.machine.clone()))
        .heading("machine")
        .note("commit", &t::FILE, |each| Value::Code(each.commit.clone().into()))
        .heading("commit")
        .build()
}
