//! The history page: the order of files, and what is compared.

use regex::Regex;
use shardproof_evidence::merge::merge;
use shardproof_evidence::{Checks, Evidence};
use shardproof_render::history::{HistoryFile, SkippedFile, page};
use shardproof_samples::{build, cell, config, full, latency, machine, recorded};

/// A file of one subject on one machine, with this throughput and these times.
fn file(path: &str, cpu: &str, mops: f64, ns: u64) -> HistoryFile {
    let rounds = [0.9, 1.0, 1.1].map(|factor| factor * mops * 1e6);
    let mut build = build();
    build.commit = format!("commit-of-{path}");
    let mut certificate = full().certificate.expect("the sample has everything");
    certificate.same_twice.as_mut().expect("and its noise floor").noise_floor = 0.02;
    let times = recorded([ns; 2_000]);
    let evidence = Evidence {
        config: Some(config("1/1")),
        certificate: Some(certificate),
        cells: vec![cell("sharded", 2, &rounds)],
        latencies: vec![latency("sharded", 2, "all", None, &times)],
        ..Evidence::new(machine(cpu), build)
    };
    HistoryFile { path: path.to_owned(), evidence }
}

/// The colour of the line between results that are not comparable.
const APART: &str = "#A32A00";

fn rendered(files: Vec<HistoryFile>) -> String {
    page(files, Vec::new()).expect("a page can be made")
}

/// A table: its headings and rows.
type Table = (Vec<String>, Vec<Vec<String>>);

/// The tables of the page; the table of files is the first.
fn tables(page: &str) -> Vec<Table> {
    let table = |table: &str| {
        let (header, body) = table.split_once("<tbody>").unwrap();
        let headings = header.split("<a href=\"#def-").skip(1).map(text).collect();
        let rows = body.split("</tbody>").next().unwrap().split("<tr>").skip(1);
        let cells = |row: &str| {
            let tags = row.split('<').filter(|tag| tag.starts_with("td") || tag.starts_with("th "));
            tags.map(text).collect()
        };
        (headings, rows.map(cells).collect())
    };
    page.split("<table ").skip(1).map(table).collect()
}

fn text(tag: &str) -> String {
    tag.split_once('>').unwrap().1.split('<').next().unwrap().trim().to_owned()
}

/// A column by its heading; empty if the column is not shown because it is empty in all rows.
fn column<'a>((headings, rows): &'a Table, head: &str) -> Vec<&'a str> {
    let column = headings.iter().position(|each| each == head);
    rows.iter().map(|row| column.map_or("", |column| row[column].as_str())).collect()
}

#[test]
fn files_are_in_natural_order_and_each_is_compared_with_the_previous_one() {
    let files = ["run10", "run9", "run1"].into_iter().zip([1.05, 2.0, 1.0]);
    let page = rendered(files.map(|(path, mops)| file(path, "a cpu", mops, 100)).collect());
    let tables = tables(&page);
    let [files, throughput, p99] = &tables[..] else { panic!("{} tables", tables.len()) };
    assert_eq!(column(files, "path"), ["run1", "run9", "run10"]);
    assert_eq!(column(throughput, "file"), ["1", "2", "3"]);
    assert_eq!(column(throughput, "throughput"), ["1.00", "2.00", "1.05"]);
    assert_eq!(column(throughput, "interval"), ["0.900..1.10", "1.80..2.20", "0.945..1.16"]);
    assert_eq!(column(throughput, "change"), ["", "+100.0 % *", "-47.5 % *"]);
    assert_eq!(column(p99, "percentile of rounds"), ["100", "100", "100"]);
    assert_eq!(column(p99, "change"), ["", "+0.0 %", "+0.0 %"], "within the intervals");
    assert_eq!(column(throughput, "commit")[2], "commit-of-ru", "enough of a commit to tell it");
    assert!(page.contains("natural order of their paths"), "the page explains the order");
}

#[test]
fn files_are_in_order_of_measurement() {
    let at = |path: &str, begun_at: Option<&str>| {
        let mut file = file(path, "cpu", 1.0, 100);
        file.evidence.config.as_mut().unwrap().begun_at = begun_at.map(str::to_owned);
        file
    };
    let page = rendered(vec![
        at("a", Some("2026-03-01T00:00:00Z")),
        at("c", None),
        at("d", Some("2025-12-31T23:59:59Z")),
        at("b", None),
    ]);
    let files = &tables(&page)[0];
    assert_eq!(column(files, "path"), ["b", "c", "d", "a"]);
    assert_eq!(column(files, "measured")[2..], ["2025-12-31T23:59:59Z", "2026-03-01T00:00:00Z"]);
}

#[test]
fn the_page_starts_with_the_changes_and_counts_the_rest() {
    let mut files: Vec<_> = [1.0, 1.01, 2.0].into_iter().zip(1..).collect();
    let mut files: Vec<_> =
        files.drain(..).map(|(mops, i)| file(&format!("run{i}"), "cpu", mops, 100)).collect();
    let opening = |page: &str| {
        let rest = page.split_once("<h2>What changed</h2>").expect("a heading").1.to_owned();
        rest.split_once("<h2>").unwrap().0.to_owned()
    };
    let page = rendered(files.clone());
    assert!(page.find("What changed") < page.find("<h2>Files"), "it comes first");
    let changed = opening(&page);
    let row = "File 3: disjoint get100, sharded, 2 threads: Throughput, Mops/s: +98.0 % *";
    assert!(changed.contains(row), "{changed}");
    assert!(
        changed.contains("File 3, run3: 1 changed, 1 within noise,\n0 not compared"),
        "{changed}"
    );
    assert!(changed.contains("File 2, run2: 0 changed, 2 within noise"), "{changed}");
    assert!(!changed.contains("File 1"), "{changed}");

    // A noise floor above the change, and a warning that invalidates it.
    files.truncate(2);
    assert!(opening(&rendered(files.clone())).contains("No result changed beyond noise"));
    files[1].evidence.warnings = vec![shardproof_evidence::Warning::Throttled];
    let throttled = opening(&rendered(files.clone()));
    assert!(throttled.contains("0 within noise,\n2 not compared"), "{throttled}");
    files.truncate(1);
    assert!(opening(&rendered(files)).contains("The first file has nothing to compare with"));
}

#[test]
fn a_faster_machine_is_not_a_change_if_the_control_was_measured() {
    let with_control = |path: &str, machine: f64, subject: f64| {
        let mut file = file(path, "cpu", machine * subject, 100);
        let rounds = [0.9, 1.0, 1.1].map(|factor| factor * machine * 4e6);
        file.evidence.cells.push(cell("ceiling", 2, &rounds));
        file
    };
    let page = rendered(vec![
        with_control("1", 1.0, 1.0),
        with_control("2", 2.0, 1.0),
        with_control("3", 2.0, 1.5),
    ]);
    let tables = tables(&page);
    assert_eq!(column(&tables[1], "throughput"), ["1.00", "2.00", "3.00"]);
    assert_eq!(column(&tables[1], "change"), ["", "+0.0 %", "+50.0 % *"]);
    let control = "not compared: the control measures the machine";
    assert_eq!(column(&tables[3], "change"), ["", control, control]);
}

#[test]
fn results_of_different_machines_are_not_compared_or_connected() {
    let cpus = ["one", "one", "other", "other", "one"];
    let files = cpus.iter().zip(1..);
    let files: Vec<_> =
        files.map(|(cpu, i)| file(&format!("{i}"), cpu, f64::from(i), 100)).collect();
    let page = rendered(files.clone());
    let tables = tables(&page);
    assert_eq!(column(&tables[0], "machine"), ["A", "A", "B", "B", "A"]);
    assert!(page.contains("Machine B: 2 x other, virtual, linux x86_64"));
    let apart = "not compared: different machine";
    assert_eq!(column(&tables[1], "change"), ["", "+100.0 % *", apart, "+33.3 % *", apart]);
    // Besides the intervals: one from 1 to 2, one from 3 to 4, and none to the lone 5.
    let picture = page.split("<svg ").nth(1).unwrap().split("</svg>").next().unwrap();
    let lines: Vec<usize> = picture
        .split("<polyline ")
        .skip(1)
        .filter(|line| line.contains("stroke-width=\"2\"") && !line.contains(APART))
        .map(|line| line.split("points=\"").nth(1).unwrap().split('"').next().unwrap())
        .map(|points| points.split_whitespace().count())
        .collect();
    assert_eq!(lines, [2, 2]);
    assert_eq!(picture.matches(APART).count(), 2, "where a line ends is shown");
    // A machine with a different load or kernel is the same machine.
    let mut same = files[..2].to_vec();
    same[1].evidence.machine.load_average_before = Some(7.0);
    same[1].evidence.machine.kernel = Some("6.2".to_owned());
    let page = rendered(same);
    assert!(page.split("<svg ").skip(1).all(|picture| !picture.contains(APART)));
    assert!(!page.contains(apart));
}

#[test]
fn different_builds_and_workloads_of_the_same_name_are_not_compared() {
    let mut files: Vec<_> = (1..=3).map(|i| file(&format!("{i}"), "cpu", 1.0, 100)).collect();
    files[1].evidence.build.profile = "debug".to_owned();
    files[2].evidence.build.profile = "debug".to_owned();
    files[2].evidence.config.as_mut().unwrap().workloads[0].key_bytes = 99;
    let page = rendered(files);
    let reasons = [
        "",
        "not compared: different kind of build",
        "not compared: different definition of the workload",
    ];
    assert_eq!(column(&tables(&page)[1], "change"), reasons);
}

#[test]
fn an_invalid_cell_is_skipped_in_comparisons() {
    let mut files: Vec<_> =
        (1..=3).map(|i| file(&format!("{i}"), "cpu", f64::from(i), 100)).collect();
    let failed = Checks { checked: 9, failed: 1, ..Checks::default() };
    files[1].evidence.cells[0].checks = Some(failed);
    let page = rendered(files);
    let throughput = &tables(&page)[1];
    assert_eq!(column(throughput, "throughput"), ["1.00", "invalid", "3.00"]);
    assert_eq!(column(throughput, "change"), ["", "", "+200.0 % *"]);
}

#[test]
fn merged_evidence_is_compared_part_by_part() {
    let part = |partition: &str, cpu: &str, threads: usize| {
        let HistoryFile { mut evidence, .. } = file("x", cpu, 1.0, 100);
        evidence.config = Some(config(partition));
        evidence.cells[0].threads = threads;
        evidence.latencies[0].threads = threads;
        evidence
    };
    let merged = merge(vec![part("1/2", "one", 1), part("2/2", "other", 2)]).unwrap();
    let files =
        vec![HistoryFile { path: "1".to_owned(), evidence: merged }, file("2", "other", 2.0, 100)];
    let tables = tables(&rendered(files));
    assert_eq!(column(&tables[0], "machine"), ["A, B", "B"]);
    // Two threads come first, since they are in the last file; there the second part has the same
    // machine.
    assert_eq!(column(&tables[1], "machine"), ["B", "B"]);
    assert_eq!(column(&tables[1], "change"), ["", "+100.0 % *"]);
    assert_eq!(column(&tables[3], "machine"), ["A"]);
}

#[test]
fn the_page_does_not_depend_on_the_order_in_which_files_are_given() {
    let files: Vec<_> = (1..=4).map(|i| file(&format!("{i}"), "cpu", f64::from(i), 100)).collect();
    let skipped = |path: &str| SkippedFile { path: path.to_owned(), reason: "no".to_owned() };
    let mut reversed = files.clone();
    reversed.reverse();
    let one = page(files, vec![skipped("a"), skipped("b")]).unwrap();
    let other = page(reversed, vec![skipped("b"), skipped("a")]).unwrap();
    assert_eq!(one, other);
}

#[test]
fn the_page_is_self_contained_and_escapes_all_text() {
    let mut hostile = file("<b>\"'&", "cpu<script>", 1.0, 100);
    hostile.evidence.cells[0].subject = "</svg><script>alert(1)</script>\" onload=\"x".to_owned();
    hostile.evidence.cells[0].workload = "<i>".to_owned();
    hostile.evidence.build.commit = "<u>".to_owned();
    let skipped = SkippedFile { path: "<s>".to_owned(), reason: "<em>".to_owned() };
    let page = page(vec![hostile], vec![skipped]).unwrap();
    for tag in ["<b>", "<script", "<i>", "<u>", "<s>", "<em>"] {
        assert!(!page.contains(tag), "{tag}");
    }
    // Quotation marks are harmless in text but must be escaped within a tag.
    assert!(!Regex::new("<[^>]*\" onload").unwrap().is_match(&page));
    for outside in ["src=", "href=\"http", "url(", "@import", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
    // Every colour of a picture is in the page's style sheet.
    let pictures: Vec<&str> = page.split("<svg ").skip(1).collect();
    assert!(!pictures.is_empty());
    for picture in pictures {
        let picture = picture.split("</svg>").next().unwrap();
        assert!(picture.contains("role=\"img\"") && picture.contains("<title "));
        for fixed in picture.split("=\"#").skip(1) {
            let colour = &fixed[..6];
            assert!(page.contains(&format!("svg [fill=\"#{colour}\"]")), "{colour}");
        }
    }
}

#[test]
fn only_the_last_files_are_drawn_and_the_page_counts_the_others() {
    let files: Vec<_> = (1..=64).map(|i| file(&format!("{i}"), "cpu", f64::from(i), 100)).collect();
    let page = rendered(files);
    assert!(page.contains("4 files before these are not\nshown"));
    let tables = tables(&page);
    let (numbers, changes) = (column(&tables[1], "file"), column(&tables[1], "change"));
    assert_eq!((numbers.len(), numbers[0]), (60, "5"), "files keep their numbers");
    assert_eq!((changes[0], changes[1]), ("", "+20.0 %"));
}

#[test]
fn a_percentile_of_too_few_operations_is_withheld() {
    let mut few = file("1", "cpu", 1.0, 100);
    few.evidence.latencies[0].rounds.iter_mut().for_each(|round| round.count = 999);
    let page = rendered(vec![few, file("2", "cpu", 1.0, 100)]);
    assert_eq!(column(&tables(&page)[2], "percentile of rounds"), ["few-samples", "100"]);
}
