//! A document as JSON: its sections with their tables, each row an object with the names of CSV.

use std::collections::BTreeMap;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use shardproof_document::{Block, Datum, Document, Note, Section, Table};

/// The schema of the file.
const SCHEMA: &str = "shardproof.report/1";

/// The document.
pub(super) fn render(document: &Document<'_>) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec(&Whole(document)).expect("names are text, and a vector takes all");
    bytes.push(b'\n');
    bytes
}

/// All of it.
struct Whole<'b, 'a>(&'b Document<'a>);
/// One section.
struct Part<'b, 'a>(&'b Section<'a>);
/// One table.
struct Records<'b, 'a>(&'b Table<'a>);
/// Its columns.
struct Columns<'b, 'a>(&'b Table<'a>);
/// Its rows.
struct Rows<'b, 'a>(&'b Table<'a>);
/// One row.
struct Record<'b, 'a>(&'b Table<'a>, usize);
/// One value.
struct Field<'a>(Datum<'a>);

impl Serialize for Whole<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(document) = self;
        let sections: Vec<Part<'_, '_>> = document.sections.iter().map(Part).collect();
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("schema", SCHEMA)?;
        map.serialize_entry("title", &document.title)?;
        map.serialize_entry("facts", &document.facts)?;
        map.serialize_entry("sections", &sections)?;
        map.end()
    }
}

impl Serialize for Part<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(section) = self;
        let tables: Vec<Records<'_, '_>> = section.tables().map(Records).collect();
        let notes = section.blocks.iter().flat_map(|block| match block {
            Block::Notes(notes) => &notes[..],
            _ => &[],
        });
        let notes: Vec<&str> = notes.map(|Note { text, .. }| text.as_str()).collect();
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("id", section.id)?;
        map.serialize_entry("title", section.title)?;
        map.serialize_entry("prose", &section.prose)?;
        map.serialize_entry("tables", &tables)?;
        map.serialize_entry("notes", &notes)?;
        map.end()
    }
}

impl Serialize for Records<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(table) = self;
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("id", &table.id)?;
        map.serialize_entry("caption", &table.caption)?;
        map.serialize_entry("columns", &Columns(table))?;
        map.serialize_entry("rows", &Rows(table))?;
        map.end()
    }
}

impl Serialize for Columns<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.0.columns.iter().flat_map(|column| {
            column.keys().map(|key| {
                BTreeMap::from([
                    ("key", key),
                    ("heading", &column.heading),
                    ("definition", column.term.definition),
                ])
            })
        });
        serializer.collect_seq(columns)
    }
}

impl Serialize for Rows<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.len()))?;
        (0..self.0.len()).try_for_each(|row| rows.serialize_element(&Record(self.0, row)))?;
        rows.end()
    }
}

impl Serialize for Record<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(table, row) = self;
        let mut map = serializer.serialize_map(None)?;
        for column in &table.columns {
            let data = table.value(column, *row).data();
            for (key, datum) in column.keys().zip(data) {
                map.serialize_entry(key, &Field(datum))?;
            }
        }
        let withheld: BTreeMap<&str, &str> =
            table.withheld(*row).map(|(column, why)| (&*column.key, why.as_str())).collect();
        if !withheld.is_empty() {
            map.serialize_entry("withheld", &withheld)?;
        }
        map.end()
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Datum::Nothing => serializer.serialize_none(),
            Datum::Flag(flag) => serializer.serialize_bool(*flag),
            Datum::Whole(number) => serializer.serialize_u64(*number),
            Datum::Number(number) => serializer.serialize_f64(*number),
            Datum::Text(text) => serializer.serialize_str(text),
        }
    }
}
