//! One flat table per kind of record, for spreadsheets and scripts: RFC 4180, with a header, units
//! in column names, and empty fields for values that were not observed. The last column lists
//! withheld values.

use std::path::Path;

use csv::{Terminator, WriterBuilder};
use shardproof_document::{Column, Datum, Document, Table};

use super::{CSV_FOLDER, ExportedFile};

/// One file for each table.
pub(super) fn files(document: &Document<'_>) -> Vec<ExportedFile> {
    let file = |table: &Table<'_>| ExportedFile {
        path: Path::new(CSV_FOLDER).join(format!("{}.csv", table.id)),
        bytes: bytes(table),
    };
    document.tables().map(file).collect()
}

fn bytes(table: &Table<'_>) -> Vec<u8> {
    let mut builder = WriterBuilder::new();
    let mut writer = builder.terminator(Terminator::CRLF).from_writer(Vec::new());
    let header = table.columns.iter().flat_map(Column::keys);
    let mut write = |row: Vec<String>| {
        writer
            .write_record(row)
            .expect("writing to memory cannot fail, and all rows have the same length");
    };
    write(header.chain(["withheld"]).map(str::to_owned).collect());
    for row in 0..table.len() {
        let mut fields = Vec::new();
        for column in &table.columns {
            let data = table.value(column, row).data();
            fields.extend(data.into_iter().take(column.keys().count()).map(field));
        }
        let why =
            table.withheld(row).map(|(column, why)| format!("{}: {}", column.key, why.as_str()));
        fields.push(why.collect::<Vec<_>>().join("; "));
        write(fields);
    }
    writer.into_inner().expect("writing to memory cannot fail")
}

fn field(datum: Datum<'_>) -> String {
    match datum {
        Datum::Null => String::new(),
        Datum::Flag(flag) => flag.to_string(),
        Datum::Whole(number) => number.to_string(),
        Datum::Number(number) => number.to_string(),
        Datum::Text(text) => escape_formula(&text),
    }
}

/// Text that no spreadsheet interprets as a formula.
fn escape_formula(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_a_formula_and_numbers_keep_their_sign() {
        for text in ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"] {
            assert_eq!(field(Datum::Text(text.into())), format!("'{text}"));
        }
        assert_eq!(field(Datum::Text("a=1".into())), "a=1");
        assert_eq!(field(Datum::Number(-64.5)), "-64.5");
    }
}
