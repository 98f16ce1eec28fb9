//! One flat table per kind of record, for spreadsheets and scripts: RFC 4180, with a head, units in the
//! names of columns, and nothing where something was not observed.

mod measured;
mod verified;

use std::fmt::Display;
use std::path::Path;

use shardproof_evidence::{Evidence, Warning};

use super::{CSV_FOLDER, ExportError, ExportedFile, Exporter};

/// Makes a file of each kind of record that there is.
pub(super) struct Csv;

impl Exporter for Csv {
    fn export(&self, evidence: &Evidence) -> Result<Vec<ExportedFile>, ExportError> {
        let tables = measured::tables(evidence).into_iter().chain(verified::tables(evidence));
        Ok(tables.flatten().collect())
    }
}

/// A column's name, and what it says of a record.
type Column<T> = (&'static str, fn(&T) -> String);

/// A table; none without records.
fn table<T>(name: &str, records: &[T], columns: &[Column<T>]) -> Option<ExportedFile> {
    if records.is_empty() {
        return None;
    }
    let mut builder = ::csv::WriterBuilder::new();
    let mut writer = builder.terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    let head = writer.write_record(columns.iter().map(|(name, _)| name));
    head.expect("a vector takes all, and all rows are as long");
    for record in records {
        let row = writer.write_record(columns.iter().map(|(_, field)| field(record)));
        row.expect("a vector takes all, and all rows are as long");
    }
    let bytes = writer.into_inner().expect("a vector takes all");
    Some(ExportedFile { path: Path::new(CSV_FOLDER).join(format!("{name}.csv")), bytes })
}

fn text(value: impl Display) -> String {
    value.to_string()
}

/// Nothing where it was not observed.
fn known(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, text)
}

fn names(warnings: &[Warning]) -> String {
    warnings.iter().map(|warning| warning.as_str()).collect::<Vec<_>>().join(" ")
}
