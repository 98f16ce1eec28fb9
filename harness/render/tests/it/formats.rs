//! Every table of a full sample in every format: each value appears in all, and a withheld value in
//! none.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use shardproof_document::{Column, Datum, Detail, Document, Section, Table, Value};
use shardproof_evidence::{Cell, Checks, Evidence};
use shardproof_render::export::{Format, export};
use shardproof_render::report::report;
use shardproof_render::terminal::{ColourMode, TerminalStyle, render};
use shardproof_samples::{full, sample};

/// A marker in every value that must not be shown.
const MARKER: f64 = 776_543_210_987_654_300.0;

fn document(evidence: &Evidence) -> Document<'_> {
    Document::report(evidence, None).unwrap()
}

fn files(document: &Document<'_>, evidence: &Evidence, format: Format) -> BTreeMap<String, String> {
    let files = export(document, evidence, format).unwrap().into_iter();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    files.map(|file| (file.path.to_str().unwrap().replace('\\', "/"), text(file.bytes))).collect()
}

/// Every format as text.
fn formats(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let document = document(evidence);
    let all = |format| files(&document, evidence, format).into_values().collect::<String>();
    vec![
        (
            "terminal",
            render(&document, TerminalStyle { width: 4_000, colour_mode: ColourMode::Plain }),
        ),
        ("markdown", all(Format::Markdown)),
        ("csv", all(Format::Csv)),
        ("json", all(Format::Json)),
        ("html", report(&document, evidence).unwrap()),
    ]
}

/// The sample with two machines, with enough operations that no quantile is withheld.
fn with_many_operations() -> Evidence {
    let mut evidence = full();
    for latency in &mut evidence.latencies {
        latency.count = 1_000_000;
        latency.rounds.iter_mut().for_each(|round| round.count = 500_000);
    }
    evidence
}

/// The lines of a table, from its caption to its end.
fn terminal_rows<'a>(text: &'a str, table: &Table<'_>) -> Vec<&'a str> {
    let caption = format!("{}:", table.caption);
    let mut rules = 0;
    let lines = text.lines().skip_while(|line| *line != caption).skip(1).take_while(|line| {
        rules += usize::from(line.starts_with('─'));
        rules < 3
    });
    lines.filter(|line| !line.starts_with('─')).collect()
}

fn plain(text: &str) -> String {
    text.replace('\u{202f}', " ")
}

/// The rows shown at this level of detail, with their values.
fn shown<'a>(table: &Table<'a>, detail: Detail) -> Vec<Vec<String>> {
    let columns: Vec<&Column<'a>> = table.visible_columns(detail);
    let texts = |row| table.cells(&columns, row).into_iter().map(|(_, text)| text.into_owned());
    table.rows(detail).map(|row| texts(row).collect()).collect()
}

#[test]
fn every_value_is_in_a_wide_terminal() {
    let evidence = with_many_operations();
    let document = document(&evidence);
    let text = render(&document, TerminalStyle { width: 4_000, colour_mode: ColourMode::Plain });
    let shown_in_terminals =
        document.sections.iter().filter(|section| section.detail == Detail::Everywhere);
    let tables: Vec<&Table<'_>> = shown_in_terminals
        .flat_map(Section::tables)
        .filter(|table| table.detail == Detail::Everywhere)
        .collect();
    assert!(tables.len() >= 17, "{}", tables.len());
    for table in tables {
        let lines = terminal_rows(&text, table);
        for row in shown(table, Detail::Everywhere) {
            // The first column is empty if the row above has the same value.
            let words: Vec<String> = row.iter().skip(1).map(|cell| plain(cell)).collect();
            let is_there = |line: &&str| words.iter().all(|cell| line.contains(cell.as_str()));
            assert!(lines.iter().any(is_there), "{words:?} of {} in\n{text}", table.id);
        }
    }
}

#[test]
fn every_value_is_in_markdown_and_on_the_page() {
    let evidence = with_many_operations();
    let document = document(&evidence);
    let markdown = &files(&document, &evidence, Format::Markdown)["report.md"];
    let page = report(&document, &evidence).unwrap();
    let tables = document.tables().filter(|table| table.detail <= Detail::Pages);
    for table in tables {
        let (_, html) = page.split_once(&format!("<table id=\"table-{}\"", table.id)).unwrap();
        let html = html.split_once("</table>").unwrap().0;
        for row in shown(table, Detail::Pages) {
            let cells: Vec<String> = row.iter().map(|cell| plain(cell)).collect();
            let is_there = |line: &str| {
                let line = line.replace('\\', "");
                let split: Vec<&str> =
                    line.split(" | ").map(|it| it.trim_matches(['|', ' ', '`', '*'])).collect();
                cells.iter().all(|cell| split.contains(&cell.trim_matches(['`', '*'])))
            };
            assert!(markdown.lines().any(is_there), "{cells:?} of {} in\n{markdown}", table.id);
            for cell in row {
                let text = askama_escaped(&cell);
                // Each warning is a separate link.
                let words = if text.contains(' ') && html.contains("#warning-") {
                    &text[..]
                } else {
                    &text
                };
                assert!(
                    words.split(' ').all(|word| html.contains(word)),
                    "{cell} of {}: {html}",
                    table.id
                );
            }
        }
    }
}

fn askama_escaped(text: &str) -> String {
    text.replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

#[test]
fn every_value_is_in_csv_and_json_under_the_same_key() {
    let evidence = with_many_operations();
    let document = document(&evidence);
    let csv = files(&document, &evidence, Format::Csv);
    let json: Json =
        serde_json::from_str(&files(&document, &evidence, Format::Json)["report.json"]).unwrap();
    let tables = json["sections"].as_array().unwrap().iter().flat_map(|section| {
        section["tables"]
            .as_array()
            .unwrap()
            .iter()
            .map(|table| (table["id"].as_str().unwrap(), table))
    });
    let tables: BTreeMap<&str, &Json> = tables.collect();
    assert_eq!(tables.len(), csv.len());
    for table in document.tables() {
        let text = &csv[&format!("csv/{}.csv", table.id)];
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heads = reader.headers().unwrap().clone();
        for (row, record) in reader.records().enumerate() {
            let record = record.unwrap();
            let field = |key: &str| &record[heads.iter().position(|head| head == key).unwrap()];
            let object = &tables[&*table.id]["rows"][row];
            for column in &table.columns {
                for (key, datum) in column.keys().zip(table.value(column, row).data()) {
                    let (csv, json) = (field(key), &object[key]);
                    let is_same = match &datum {
                        Datum::Null => csv.is_empty() && json.is_null(),
                        Datum::Flag(flag) => csv == flag.to_string() && json == flag,
                        Datum::Whole(number) => csv == number.to_string() && json == number,
                        Datum::Number(number) => {
                            csv.parse() == Ok(*number) && json.as_f64() == Some(*number)
                        }
                        Datum::Text(text) => csv == text && json == text.as_ref(),
                    };
                    assert!(is_same, "{key} of {}: {datum:?}, {csv}, {json}", table.id);
                }
            }
        }
    }
}

#[test]
fn keys_of_columns_and_ids_of_tables_are_unique() {
    let evidence = with_many_operations();
    let document = document(&evidence);
    let mut ids: Vec<&str> = document.tables().map(|table| &*table.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for table in document.tables() {
        let mut keys: Vec<&str> = table.columns.iter().flat_map(Column::keys).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count, "{}", table.id);
        assert!(!keys.contains(&"withheld"), "{}", table.id);
    }
}

/// Puts the marker into every value of an invalid cell and of a wrong held snapshot.
fn with_markers() -> Evidence {
    let mut evidence = sample(2, &[1, 2]);
    let secret = |cell: &mut Cell| {
        let throughput = cell.throughput_ops_s.as_mut().unwrap();
        (throughput.median, throughput.low, throughput.high) = (MARKER, MARKER, MARKER);
        throughput.rounds.fill(MARKER);
        let figures = [
            &mut cell.allocations_per_op,
            &mut cell.cpu_ns_per_op,
            &mut cell.start_skew_ns,
            &mut cell.conflicts_per_op,
        ];
        figures.into_iter().for_each(|figure| *figure = Some(MARKER));
        cell.checks = Some(Checks { checked: 9, failed: 1, ..Checks::default() });
    };
    secret(&mut evidence.cells[3]);
    let held = &mut evidence.held_snapshots[0];
    held.checks.failed = 1;
    for age in &mut held.ages {
        age.extra_bytes = Some(MARKER as i64);
        age.versions = Some(MARKER as usize);
        let read = &mut age.snapshot_read_ns;
        (read.median, read.low, read.high) = (MARKER, MARKER, MARKER);
    }
    let reclaim = held.reclaim.as_mut().unwrap();
    (reclaim.extra_bytes, reclaim.after_drop_bytes) = (MARKER as i64, MARKER as i64);
    (reclaim.end_bytes, reclaim.collected_bytes) = (MARKER as i64, Some(MARKER as i64));
    (reclaim.drop_ns, reclaim.reclaimed_ms, reclaim.overwrites) =
        (MARKER, Some(MARKER), MARKER as u64);
    // Three operations have no 90th percentile.
    let few = &mut evidence.latencies[0];
    few.count = 3;
    let quantiles = &mut few.quantiles_ns;
    (quantiles.p50, quantiles.p90, quantiles.p99) = (MARKER as u64, MARKER as u64, MARKER as u64);
    (quantiles.p999, quantiles.p9999) = (MARKER as u64, MARKER as u64);
    for spread in [&mut few.p50_ns, &mut few.p99_ns] {
        (spread.median, spread.low, spread.high) = (MARKER, MARKER, MARKER);
    }
    for round in &mut few.rounds {
        (round.count, round.p50_ns) = (1, MARKER as u64);
        (round.p99_ns, round.p999_ns) = (MARKER as u64, MARKER as u64);
    }
    evidence
}

#[test]
fn a_withheld_value_is_in_no_format_and_its_reason_in_every_format() {
    for (format, text) in formats(&with_markers()) {
        // Pictures contain coordinates, so only other text is checked.
        let text = plain(&text);
        for digits in ["776543210", "77654321", "777 000 000", "7.77e"] {
            let words = if format == "html" { without_pictures(&text) } else { text.clone() };
            assert!(!words.contains(digits), "{digits} in {format}");
        }
        for reason in ["invalid", "wrong-answers", "few-samples"] {
            assert!(text.contains(reason), "{reason} in {format}");
        }
    }
}

fn without_pictures(page: &str) -> String {
    page.split("<svg")
        .map(|part| part.split_once("</svg>").map_or(part, |(_, rest)| rest))
        .collect()
}

#[test]
fn quantiles_of_three_samples_are_withheld() {
    let mut evidence = full();
    evidence.latencies.iter_mut().for_each(|latency| latency.count = 3);
    let document = document(&evidence);
    let table = document.tables().find(|table| table.id == "latencies").unwrap();
    let withheld: Vec<&str> = table.withheld(0).map(|(column, _)| &*column.key).collect();
    let (quantiles, _) = withheld.split_at(5);
    assert_eq!(quantiles, ["p50_ns", "p90_ns", "p99_ns", "p999_ns", "p9999_ns"]);
    let max = table.columns.iter().find(|column| column.key == "max_ns").unwrap();
    assert!(matches!(table.value(max, 0), Value::Number(..)));
}

#[test]
fn ratios_are_taken_to_the_requested_base() {
    let evidence = full();
    let ratio = |base| {
        let document = Document::report(&evidence, base).unwrap();
        let table = document.tables().find(|table| table.id == "cells").unwrap();
        let column = table.columns.iter().find(|column| column.key == "ratio_to_base").unwrap();
        (column.heading.clone().into_owned(), table.text(column, 3).into_owned())
    };
    assert_eq!(ratio(None), ("x seed".to_owned(), "6.00".to_owned()));
    assert_eq!(ratio(Some("sharded")), ("x sharded".to_owned(), "1.00".to_owned()));
    let error = Document::report(&evidence, Some("nobody")).unwrap_err().to_string();
    assert!(error.contains("`nobody`") && error.contains("seed, sharded"), "{error}");
    let bare = Evidence::new(evidence.machine.clone(), evidence.build.clone());
    assert!(Document::report(&bare, Some("nobody")).is_ok(), "there is nothing to compare");
}

#[test]
fn a_page_of_very_many_cells_stays_small_and_names_the_csv_file() {
    let mut evidence = sample(2, &[1, 2]);
    let cells = evidence.cells.clone();
    for copy in 0..80 {
        evidence.cells.extend(
            cells
                .iter()
                .cloned()
                .map(|cell| Cell { workload: format!("{}-{copy}", cell.workload), ..cell }),
        );
    }
    let count = evidence.cells.len();
    assert!(count > 10_000);
    let page = report(&document(&evidence), &evidence).unwrap();
    assert!(page.len() < 6_000_000, "{} bytes", page.len());
    assert!(page.matches("<svg").count() < 500);
    let more = plain(&page);
    assert!(more.contains("664 more rows in <code>csv/cells.csv</code>"), "the rest is named");
    let csv = &files(&document(&evidence), &evidence, Format::Csv)["csv/cells.csv"];
    assert_eq!(csv.lines().count(), count + 1);
}
