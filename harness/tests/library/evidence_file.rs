//! Evidence on disk: atomic writes, lossless reads, and errors that name file and field.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use shardproof::document::Document;
use shardproof::evidence::{Evidence, Warning};
use shardproof::render::terminal::{self, ColourMode, TerminalStyle};
use tempfile::TempDir;

/// Evidence with every section, and optional fields both present and absent.
fn sample() -> Json {
    let spread = json!({"median": 2.0, "low": 1.0, "high": 3.0, "coverage": 0.75});
    let cell = |subject: &str, threads: usize, scale: f64| {
        json!({
            "subject": subject, "workload": "get100", "placement": "disjoint", "threads": threads,
            "throughput_ops_s": {
                "median": 2e6 * scale, "low": 1e6 * scale, "high": 3e6 * scale, "coverage": 0.75,
                "rounds": [1e6 * scale, 2e6 * scale, 3e6 * scale],
            },
            "allocations_per_op": null, "warnings": ["wide-spread"],
            "checks": {
                "checked": 1_000, "failed": 0, "first_failure": null, "exemption": null,
            },
        })
    };
    json!({
        "schema": "shardproof.evidence/2",
        "machine": {
            "cores": 2, "cpu": "a processor", "architecture": "x86_64", "os": "linux",
            "kernel": null, "hypervisor": null, "memory_bytes": 1, "load_average_before": 0.5,
            "load_average_after": null, "clock_cost_ns": 12.5, "instant_cost_ns": 27.0,
        },
        "build": {
            "commit": "0123456789abcdef", "dirty": null, "rustc": "rustc 1", "profile": "release",
            "opt_level": "3", "target": "x86_64-unknown-linux-gnu", "version": "0.1.0",
        },
        "config": {
            "profile": "smoke", "seed": 1, "subjects": ["seed", "ceiling"],
            "workloads": [],
            "placements": ["disjoint"], "threads": [1, 2], "rounds": 3, "slice_ms": 8.0,
            "stream_operations": 16_384, "elapsed_s": 1.5,
        },
        "cells": [
            cell("seed", 1, 1.0), cell("seed", 2, 1.5),
            cell("ceiling", 1, 4.0), cell("ceiling", 2, 8.0),
        ],
        "snapshots": [{
            "subject": "seed", "keys": 1_000, "writers": 0,
            "acquire_ns": {"p50": 5.0, "p99": 20.0, "batch": 32}, "single_p50_ns": 18.0,
            "samples": 1_000, "clock_cost_ns": 12.5, "allocations_per_op": 0.0,
            "limit": "a reason",
        }],
        "memory": [{"subject": "seed", "keys": 10_000, "bytes_per_entry": 132.5}],
        "operations": [{
            "name": "list", "subject": "seed", "ns": spread,
            "ratio_to": {
                "name": "a map", "median": 2.0, "low": 1.0, "high": 3.0, "coverage": 0.75,
            },
        }],
        "warnings": ["few-rounds"],
    })
}

fn render(evidence: &Evidence, style: TerminalStyle) -> String {
    terminal::render(&Document::report(evidence, None).unwrap(), style)
}

fn write(folder: &Path, json: &Json) -> PathBuf {
    let path = folder.join("evidence.json");
    std::fs::write(&path, json.to_string()).unwrap();
    path
}

#[test]
fn evidence_survives_a_round_trip_through_a_file() {
    let folder = TempDir::new().unwrap();
    let evidence = Evidence::read(&write(folder.path(), &sample())).unwrap();
    let path = evidence.write(&folder.path().join("copy")).unwrap();
    assert_eq!(Evidence::read(&path).unwrap(), evidence);
}

#[test]
fn older_evidence_without_checks_can_be_read() {
    let folder = TempDir::new().unwrap();
    let mut before = sample();
    for cell in before["cells"].as_array_mut().unwrap() {
        cell.as_object_mut().unwrap().remove("checks");
    }
    let evidence = Evidence::read(&write(folder.path(), &before)).unwrap();
    assert!(evidence.cells.iter().all(|cell| cell.checks.is_none() && !cell.is_invalid()));
    assert!(!render(&evidence, TerminalStyle::PLAIN).contains("Answers checked"), "nothing was");
}

#[test]
fn values_of_an_invalid_cell_are_not_shown_even_if_present() {
    let folder = TempDir::new().unwrap();
    let mut wrong = sample();
    wrong["cells"][3]["checks"] = json!({
        "checked": 1_000, "failed": 2, "first_failure": "key 7 is not found", "exemption": null,
    });
    let evidence = Evidence::read(&write(folder.path(), &wrong)).unwrap();
    let text = render(&evidence, TerminalStyle::PLAIN);
    assert!(!text.contains("8.00..24.0"), "{text}");
    let rows: Vec<&str> = text.lines().filter(|line| line.contains("invalid")).collect();
    assert_eq!(
        rows[0].split_whitespace().collect::<Vec<_>>(),
        ["2", "invalid", "wide-spread"],
        "{text}"
    );
    assert!(rows[1].contains("ceiling in disjoint get100 on 2 threads: 2 of 1 000"), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("key 7 is not found") && words.contains("some wrong in 1 of 4 cells"));
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn a_failed_write_leaves_the_old_evidence_unchanged() {
    let folder = TempDir::new().unwrap();
    let evidence = Evidence::read(&write(folder.path(), &sample())).unwrap();
    // A file cannot replace a folder of the same name.
    let blocked = folder.path().join("blocked");
    std::fs::create_dir_all(blocked.join("evidence.json")).unwrap();
    let error = evidence.write(&blocked).unwrap_err().to_string();
    assert!(error.contains("evidence.json") && error.contains("--out"), "{error}");
    assert_eq!(std::fs::read_dir(&blocked).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn a_wrong_or_missing_field_is_named_with_its_file() {
    let folder = TempDir::new().unwrap();
    let mut wrong = sample();
    wrong["cells"][1]["threads"] = json!("two");
    let error = Evidence::read(&write(folder.path(), &wrong)).unwrap_err().to_string();
    assert!(error.contains("evidence.json") && error.contains("`cells[1].threads`"), "{error}");

    let mut missing = sample();
    missing["config"].as_object_mut().unwrap().remove("seed");
    let error = Evidence::read(&write(folder.path(), &missing)).unwrap_err().to_string();
    assert!(error.contains("`config`") && error.contains("`seed`"), "{error}");
}

#[test]
fn an_unsupported_schema_is_rejected_before_its_fields_are_parsed() {
    let folder = TempDir::new().unwrap();
    let other = json!({"schema": "shardproof.evidence/1"});
    let error = Evidence::read(&write(folder.path(), &other)).unwrap_err().to_string();
    assert!(error.contains("`schema`") && error.contains("shardproof.evidence/1"), "{error}");
}

#[test]
fn a_missing_file_is_named() {
    let error = Evidence::read(Path::new("no/such/evidence.json")).unwrap_err().to_string();
    assert!(error.contains("no/such/evidence.json"), "{error}");
}

#[test]
fn a_report_fits_in_a_hundred_characters_and_shows_ratios() {
    let folder = TempDir::new().unwrap();
    let evidence = Evidence::read(&write(folder.path(), &sample())).unwrap();
    let text = render(&evidence, TerminalStyle::PLAIN);
    let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 100, "{widest} columns:\n{text}");
    // The ceiling: 8 times two million, 16 / 3 of the seed, twice its own single thread.
    let row =
        text.lines().find(|line| line.contains("8.00..24.0")).unwrap_or_else(|| panic!("{text}"));
    for figure in ["16.0", "5.33", "2.00", "1.00"] {
        assert!(row.contains(figure), "{figure} in {row}");
    }
    assert!(text.contains(Warning::WideSpread.as_str()) && !text.contains('\u{1b}'));
    let coloured = render(
        &evidence,
        TerminalStyle { colour_mode: ColourMode::Colour, ..TerminalStyle::PLAIN },
    );
    assert!(coloured.contains('\u{1b}'));
}

#[test]
fn evidence_without_results_is_not_a_measurement() {
    let folder = TempDir::new().unwrap();
    let read = |json: &Json| {
        let path = folder.path().join("evidence.json");
        std::fs::write(&path, json.to_string()).unwrap();
        Evidence::read(&path).unwrap()
    };
    let mut json = sample();
    assert!(read(&json).has_measurements());
    let figures = [
        "cells",
        "latencies",
        "rate_searches",
        "snapshots",
        "snapshot_threads",
        "held_snapshots",
        "memory",
        "operations",
    ];
    for section in figures {
        json[section] = json!([]);
    }
    json["latency_checks"] = Json::Null;
    assert!(json["config"].is_object() && !read(&json).has_measurements());
    // Wrong answers leave no values, but must not be lost.
    json["latency_checks"] =
        json!({"checked": 9, "failed": 9, "first_failure": "lost", "exemption": null});
    assert!(read(&json).has_measurements());
}
