//! A document as JSON: its sections with their tables; each row is an object with the same keys as
//! in CSV.

use std::collections::BTreeMap;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use shardproof_document::{Block, Datum, Document, Note, Section, Table};

/// The schema of the file.
const SCHEMA: &str = "shardproof.report/1";

/// Renders the document.
pub(super) fn render(document: &Document<'_>) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(&JsonDocument(document))
        .expect("keys are text, and writing to memory cannot fail");
    bytes.push(b'\n');
    bytes
}

/// The document.
struct JsonDocument<'b, 'a>(&'b Document<'a>);
/// One section.
struct JsonSection<'b, 'a>(&'b Section<'a>);
/// One table.
struct JsonTable<'b, 'a>(&'b Table<'a>);
/// The columns of a table.
struct JsonColumns<'b, 'a>(&'b Table<'a>);
/// The rows of a table.
struct JsonRows<'b, 'a>(&'b Table<'a>);
/// One row.
struct JsonRow<'b, 'a>(&'b Table<'a>, usize);
/// One value.
struct JsonValue<'a>(Datum<'a>);

impl Serialize for JsonDocument<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(document) = self;
        let sections: Vec<JsonSection<'_, '_>> =
            document.sections.iter().map(JsonSection).collect();
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("schema", SCHEMA)?;
        map.serialize_entry("title", &document.title)?;
        map.serialize_entry("facts", &document.facts)?;
        map.serialize_entry("sections", &sections)?;
        map.end()
    }
}

impl Serialize for JsonSection<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(section) = self;
        let tables: Vec<JsonTable<'_, '_>> = section.tables().map(JsonTable).collect();
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

impl Serialize for JsonTable<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(table) = self;
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("id", &table.id)?;
        map.serialize_entry("caption", &table.caption)?;
        map.serialize_entry("columns", &JsonColumns(table))?;
        map.serialize_entry("rows", &JsonRows(table))?;
        map.end()
    }
}

impl Serialize for JsonColumns<'_, '_> {
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

impl Serialize for JsonRows<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.len()))?;
        (0..self.0.len()).try_for_each(|row| rows.serialize_element(&JsonRow(self.0, row)))?;
        rows.end()
    }
}

impl Serialize for JsonRow<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(table, row) = self;
        let mut map = serializer.serialize_map(None)?;
        for column in &table.columns {
            let data = table.value(column, *row).data();
            for (key, datum) in column.keys().zip(data) {
                map.serialize_entry(key, &JsonValue(datum))?;
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

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Datum::Null => serializer.serialize_none(),
            Datum::Flag(flag) => serializer.serialize_bool(*flag),
            Datum::Whole(number) => serializer.serialize_u64(*number),
            Datum::Number(number) => serializer.serialize_f64(*number),
            Datum::Text(text) => serializer.serialize_str(text),
        }
    }
}
