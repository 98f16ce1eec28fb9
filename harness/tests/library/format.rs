//! docs/FORMAT.md: its example is valid and complete.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value as Json, json};
use shardproof::document::Document;
use shardproof::evidence::{Evidence, Warning};
use shardproof::render::export::{Format, export};
use shardproof_samples::full;
use tempfile::TempDir;

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/FORMAT.md");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The one example of the document.
fn example() -> Json {
    let document = document();
    let blocks: Vec<&str> = document.split("```json\n").skip(1).collect();
    let [block] = blocks[..] else { panic!("{} examples", blocks.len()) };
    serde_json::from_str(block.split("\n```").next().unwrap()).expect("the example is JSON")
}

fn read(json: &Json) -> Evidence {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("evidence.json");
    std::fs::write(&path, json.to_string()).unwrap();
    Evidence::read(&path).unwrap_or_else(|error| panic!("{error}"))
}

/// Evidence with every field, `part` included.
fn sample() -> Json {
    let mut sample = full();
    sample.cells.iter_mut().for_each(|each| each.part = 1);
    sample.latencies.iter_mut().for_each(|each| each.part = 1);
    sample.rate_searches.iter_mut().for_each(|each| each.part = 1);
    sample.snapshots.iter_mut().for_each(|each| each.part = 1);
    sample.snapshot_threads.iter_mut().for_each(|each| each.part = 1);
    sample.held_snapshots.iter_mut().for_each(|each| each.part = 1);
    sample.memory.iter_mut().for_each(|each| each.part = 1);
    sample.operations.iter_mut().for_each(|each| each.part = 1);
    serde_json::to_value(sample).unwrap()
}

/// The paths of all fields, such as `cells[].throughput_ops_s.median`.
fn fields(json: &Json) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    walk(json, "", &mut paths);
    paths
}

fn walk(json: &Json, path: &str, paths: &mut BTreeSet<String>) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                walk(value, &path, paths);
                paths.insert(path);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| walk(item, &format!("{path}[]"), paths)),
        _ => {}
    }
}

#[test]
fn the_example_survives_a_round_trip() {
    let example = example();
    let evidence = read(&example);
    assert_eq!(serde_json::to_value(&evidence).unwrap(), example);
    let document = Document::report(&evidence, None).unwrap();
    for format in Format::ALL {
        let files = export(&document, &evidence, format).unwrap_or_else(|error| panic!("{error}"));
        assert!(!files.is_empty(), "{format:?}");
    }
}

#[test]
fn the_example_has_exactly_the_fields_of_the_schema() {
    let (example, sample) = (fields(&example()), fields(&sample()));
    assert!(sample.len() > 200, "the whole schema");
    let missing: Vec<_> = sample.difference(&example).collect();
    assert!(missing.is_empty(), "not in the example of docs/FORMAT.md: {missing:?}");
    let unknown: Vec<_> = example.difference(&sample).collect();
    assert!(unknown.is_empty(), "in the example, but not in the schema: {unknown:?}");
}

#[test]
fn the_tables_have_exactly_one_row_for_every_field() {
    let document = document();
    let (before, after) = document.split_once("\n## Warnings\n").unwrap();
    let (_, after) = after.split_once("\n## Verified\n").unwrap();
    let rows: BTreeSet<&str> = before
        .lines()
        .chain(after.lines())
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(name, _)| name)
        .collect();
    let fields = fields(&sample());
    let names: BTreeSet<&str> =
        fields.iter().map(|path| path.rsplit(['.', ']']).next().unwrap()).collect();
    assert_eq!(rows, names);
}

#[test]
fn the_document_lists_exactly_the_existing_warnings() {
    let document = document();
    let table = document.split("| warning | meaning |").nth(1).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let names: BTreeSet<&str> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
    let known: BTreeSet<&str> = Warning::ALL.iter().map(|warning| warning.as_str()).collect();
    assert_eq!(names, known);
}

#[test]
fn unknown_fields_are_ignored_and_null_equals_absent() {
    let example = example();
    let mut newer = example.clone();
    newer["from_the_future"] = json!({"x": 1});
    newer["cells"][0]["from_the_future"] = json!([1, 2]);
    newer["machine"]["from_the_future"] = json!(null);
    assert_eq!(read(&newer), read(&example));

    let (mut null, mut absent) = (example.clone(), example);
    for (section, field) in [("machine", "cpu"), ("build", "dirty"), ("config", "filter")] {
        null[section][field] = Json::Null;
        absent[section].as_object_mut().unwrap().remove(field);
    }
    for field in ["allocations_per_op", "checks", "cpu_ns_per_op", "throughput_ops_s"] {
        null["cells"][0][field] = Json::Null;
        absent["cells"][0].as_object_mut().unwrap().remove(field);
    }
    null["certificate"] = Json::Null;
    absent.as_object_mut().unwrap().remove("certificate");
    assert_ne!(null, absent);
    assert_eq!(read(&null), read(&absent));
}

#[test]
fn every_field_documented_as_optional_may_be_absent() {
    let example = example();
    let document = document();
    let whole = document.split("## The whole").nth(1).unwrap().split("###").next().unwrap();
    let mut least = example.clone();
    let mut left_out = 0;
    for row in whole.lines().filter(|line| line.starts_with("| `")) {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        if columns[2].ends_with('?') || columns[2].contains("may be left out") {
            let field = columns[1].trim_matches('`');
            assert!(least.as_object_mut().unwrap().remove(field).is_some(), "{field}");
            left_out += 1;
        }
    }
    assert_eq!(left_out, 20);
    let least = read(&least);
    let bare = Evidence::new(least.machine.clone(), least.build.clone());
    assert_eq!(least, bare);
}
