//! Exports, read back by independent readers of their formats.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::hdr_reader;
use hdrhistogram::Histogram;
use shardproof_document::Document;
use shardproof_evidence::merge::merge;
use shardproof_evidence::{Checks, Evidence};
use shardproof_render::export::{self, ExportedFile, Format};
use shardproof_samples::{arrivals, full, latency, quick, recorded, slow};
use tempfile::TempDir;

/// Evidence with these latencies.
fn with_latencies(histograms: &[Histogram<u64>]) -> Evidence {
    let latencies = histograms
        .iter()
        .enumerate()
        .map(|(number, histogram)| latency("sharded", number + 1, "get", None, histogram))
        .collect();
    Evidence { latencies, ..full() }
}

/// Histograms that cover the format: one value, consecutive values, long gaps, counts of several
/// bytes, and the widest buckets.
fn histograms() -> Vec<Histogram<u64>> {
    let mut heavy = quick();
    heavy.record_n(1_000_000, 70_000).unwrap();
    heavy.record_n(17, 3_000_000_000).unwrap();
    vec![
        quick(),
        slow(),
        recorded([1]),
        recorded((0..5_000).map(|i| i * i)),
        recorded([1, 2_047, 2_048, 2_049, 4_095, 4_096, u64::MAX / 4]),
        heavy,
        recorded([]),
    ]
}

fn by_path(evidence: &Evidence, format: Format) -> BTreeMap<String, String> {
    let document = Document::report(evidence, None).expect("the base is the usual one");
    let files = export::export(&document, evidence, format).expect("it can be exported");
    let text = |ExportedFile { path, bytes }| {
        (path.to_str().unwrap().replace('\\', "/"), String::from_utf8(bytes).unwrap())
    };
    files.into_iter().map(text).collect()
}

fn write(evidence: &Evidence, folder: &Path) -> Result<Vec<PathBuf>, export::ExportError> {
    let document = Document::report(evidence, None).expect("the base is the usual one");
    export::write(&document, evidence, &Format::ALL, folder)
}

const QUANTILES: [f64; 9] = [0.0, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 1.0];

#[test]
fn an_independent_reader_finds_the_recorded_values_in_a_log() {
    let histograms = histograms();
    let evidence = with_latencies(&histograms);
    let files = by_path(&evidence, Format::Hlog);
    assert_eq!(files.keys().collect::<Vec<_>>(), ["hdr/latencies.hlog"]);
    let (comments, intervals) = hdr_reader::log(&files["hdr/latencies.hlog"]);
    assert_eq!(comments[0], "#[Histogram log format version 1.3]");
    assert_eq!(intervals.len(), histograms.len());
    for (number, (interval, source)) in intervals.iter().zip(&histograms).enumerate() {
        assert_eq!(interval.tag, format!("sharded_get100_disjoint_{}t_get_closed", number + 1));
        // The rounds begin at 0.5 s and 0.75 s, and one takes 20 ms.
        assert_eq!((interval.start_s, interval.length_s), (0.5, 0.27));
        assert!((interval.max - source.max() as f64 / 1e3).abs() <= 0.001 * interval.max);
        let counts = &interval.counts;
        assert_eq!((counts.digits, counts.lowest, counts.total()), (3, 1, source.len()));
        let recorded: BTreeMap<u64, u64> = source
            .iter_recorded()
            .map(|each| {
                (source.highest_equivalent(each.value_iterated_to()), each.count_at_value())
            })
            .collect();
        assert_eq!(counts.by_value, recorded);
        for quantile in QUANTILES.into_iter().filter(|_| !source.is_empty()) {
            let expected = source.value_at_quantile(quantile);
            assert_eq!(counts.quantile(quantile), expected, "{quantile} of {}", interval.tag);
        }
    }
}

#[test]
fn quantiles_of_an_independent_reader_are_within_a_thousandth() {
    let mut values: Vec<u64> = (0..10_000).map(|i| 30 + i * i % 7_919 * (i % 100)).collect();
    let evidence = with_latencies(&[recorded(values.iter().copied())]);
    values.sort_unstable();
    let counts = hdr_reader::compressed(&hdr_reader::base64(&evidence.latencies[0].histogram));
    for quantile in QUANTILES {
        let rank = ((quantile * values.len() as f64).ceil() as usize).max(1);
        let (exact, actual) = (values[rank - 1], counts.quantile(quantile));
        assert!(
            actual >= exact && actual - exact <= exact / 1_000,
            "{quantile}: {actual}, {exact}"
        );
    }
}

#[test]
fn lines_of_a_log_are_sorted_by_start() {
    let mut evidence = with_latencies(&[quick(), slow(), quick()]);
    for (latency, at_s) in evidence.latencies.iter_mut().zip([3.0, 1.0, 2.0]) {
        latency.rounds.truncate(1);
        latency.rounds[0].at_s = at_s;
    }
    let files = by_path(&evidence, Format::Hlog);
    let (_, intervals) = hdr_reader::log(&files["hdr/latencies.hlog"]);
    let order: Vec<_> = intervals.iter().map(|each| (each.start_s, &each.tag[..])).collect();
    let tag = |threads| format!("sharded_get100_disjoint_{threads}t_get_closed");
    assert_eq!(order, [(1.0, &*tag(2)), (2.0, &*tag(3)), (3.0, &*tag(1))]);
}

#[test]
fn a_percentile_distribution_can_be_read_back_in_microseconds() {
    let histograms = histograms();
    let evidence = with_latencies(&histograms);
    let files = by_path(&evidence, Format::Hgrm);
    assert_eq!(files.len(), histograms.len());
    for (number, source) in histograms.iter().enumerate() {
        let path = format!("hdr/sharded_get100_disjoint_{}t_get_closed.hgrm", number + 1);
        let (rows, foot) = hdr_reader::distribution(&files[&path]);
        let footer = |name: &str| foot[name].parse::<f64>().expect("a number");
        assert_eq!(footer("Total count"), source.len() as f64);
        assert!((footer("Mean") - source.mean() / 1e3).abs() < 0.001, "{path}");
        assert!((footer("StdDeviation") - source.stdev() / 1e3).abs() < 0.001, "{path}");
        assert!((footer("Max") - source.max() as f64 / 1e3).abs() <= 0.001 * footer("Max"));
        assert_eq!(footer("SubBuckets"), 2_048.0);
        if source.is_empty() {
            assert_eq!(rows, []);
            continue;
        }
        let last = rows.last().unwrap();
        assert_eq!((last.quantile, last.count, last.inverse), (1.0, source.len(), None));
        assert!(
            rows.is_sorted_by(|one, two| one.quantile < two.quantile && one.value <= two.value)
        );
        for row in &rows {
            // At least this share is counted up to the value, but not up to the previous one.
            let nanoseconds = (row.value * 1e3).round() as u64;
            assert_eq!(row.count, source.count_between(0, nanoseconds), "{row:?} in {path}");
            assert!(row.count as f64 / source.len() as f64 >= row.quantile - 1e-9, "{row:?}");
            assert!(
                nanoseconds >= source.lowest_equivalent(source.value_at_quantile(row.quantile))
            );
            if let Some(inverse) = row.inverse {
                assert!((inverse - 1.0 / (1.0 - row.quantile)).abs() <= 0.005, "{row:?}");
            }
        }
    }
}

#[test]
fn files_and_tags_have_safe_unique_names() {
    let mut evidence = full();
    let named = |subject: &str, operation: &str| latency(subject, 1, operation, None, &quick());
    evidence.latencies = vec![
        named("../../etc/passwd", "get"),
        named("a b,c\r\n", "get"),
        named("a-b-c--", "get"),
        named("A-B-C--", "get"),
        named(&"long".repeat(200), "get"),
        named(&"long".repeat(200), "put"),
        latency("sharded", 1, "get", Some(arrivals()), &quick()),
    ];
    let files = by_path(&evidence, Format::Hgrm);
    assert_eq!(files.len(), evidence.latencies.len());
    let distinct: BTreeSet<String> = files.keys().map(|path| path.to_ascii_lowercase()).collect();
    assert_eq!(distinct.len(), files.len(), "also where case does not count");
    for path in files.keys() {
        let name = path.strip_prefix("hdr/").unwrap();
        assert!(name.len() <= 200 && !name.starts_with('.'), "{name}");
        let safe = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
        assert!(name.chars().all(safe), "{name}");
    }
    assert!(files.contains_key("hdr/sharded_get100_disjoint_1t_get_poisson-100000ops.hgrm"));
    let log = &by_path(&evidence, Format::Hlog)["hdr/latencies.hlog"];
    let tags: BTreeSet<String> =
        hdr_reader::log(log).1.into_iter().map(|each| format!("hdr/{}.hgrm", each.tag)).collect();
    assert_eq!(tags, files.into_keys().collect(), "a tag is the name of the file");
}

/// Parses rows of fields by RFC 4180.
fn rfc_4180(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {
                assert_eq!(letters.next(), Some('\n'), "lines end in CRLF");
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            letter => field.push(letter),
        }
    }
    assert!(row.is_empty() && field.is_empty() && !quoted, "the last line ends too");
    rows
}

/// The rows of a table as maps from column name to value.
fn records(text: &str) -> Vec<BTreeMap<String, String>> {
    let rows = rfc_4180(text);
    let (header, rows) = rows.split_first().unwrap();
    let record = |row: &Vec<String>| {
        assert_eq!(row.len(), header.len(), "{row:?}");
        header.iter().cloned().zip(row.iter().cloned()).collect()
    };
    rows.iter().map(record).collect()
}

#[test]
fn each_kind_of_record_has_a_table_with_a_row_per_record() {
    let evidence = full();
    let files = by_path(&evidence, Format::Csv);
    let rows: BTreeMap<&str, usize> =
        files.iter().map(|(path, text)| (path.as_str(), records(text).len())).collect();
    let expected = [
        ("csv/build.csv", 7),
        ("csv/cell_rounds.csv", 12),
        ("csv/cells.csv", 4),
        ("csv/core_to_core.csv", 2),
        ("csv/core_to_core_part2.csv", 2),
        ("csv/faults.csv", 1),
        ("csv/headlines.csv", 1),
        ("csv/held_checks.csv", 1),
        ("csv/held_snapshots.csv", 1),
        ("csv/hunts.csv", 1),
        ("csv/latencies.csv", 1),
        ("csv/latency_rounds.csv", 4),
        ("csv/machine.csv", 39),
        ("csv/memory.csv", 1),
        ("csv/open_latencies.csv", 1),
        ("csv/operations.csv", 1),
        ("csv/properties.csv", 1),
        ("csv/rate_searches.csv", 1),
        ("csv/rate_steps.csv", 2),
        ("csv/reclaims.csv", 1),
        ("csv/searches.csv", 1),
        ("csv/settings.csv", 30),
        ("csv/skipped.csv", 1),
        ("csv/snapshot_threads.csv", 1),
        ("csv/snapshots.csv", 1),
        ("csv/subjects.csv", 1),
        ("csv/summary.csv", 5),
        ("csv/unsettled.csv", 1),
        ("csv/verifications.csv", 1),
        ("csv/warnings.csv", 3),
        ("csv/workloads.csv", 2),
    ];
    assert_eq!(rows, expected.into());
    let bare = Evidence::new(evidence.machine, evidence.build);
    let bare = by_path(&bare, Format::Csv);
    assert_eq!(
        bare.keys().collect::<Vec<_>>(),
        ["csv/build.csv", "csv/machine.csv", "csv/summary.csv"]
    );
}

#[test]
fn a_table_has_values_and_ratios_and_is_empty_for_unknown_values() {
    let mut evidence = full();
    evidence.cells[0].cpu_ns_per_op = None;
    let failed = Checks { checked: 9, failed: 1, ..Checks::default() };
    evidence.cells[3].checks = Some(failed);
    let files = by_path(&evidence, Format::Csv);
    let cells = records(&files["csv/cells.csv"]);
    let [seed, seed_2, sharded, invalid] = &cells[..] else { panic!("{cells:?}") };
    assert_eq!((&seed["cpu_per_op_ns"][..], &seed["scaling"][..]), ("", ""));
    assert_eq!((&seed_2["scaling"][..], &seed_2["cpu_per_op_ns"][..]), ("1.5", "110.5"));
    assert_eq!(&sharded["throughput_median_ops_s"], "8000000");
    assert_eq!((&sharded["base"][..], &sharded["ratio_to_base"][..]), ("seed", "4"));
    assert_eq!(&sharded["warnings"], "wide-spread");
    let figures =
        ["throughput_median_ops_s", "ratio_to_base", "scaling"].map(|name| &invalid[name]);
    assert_eq!((figures, &invalid["valid"][..]), ([""; 3].map(String::from).each_ref(), "false"));
    assert!(invalid["withheld"].starts_with("throughput_median_ops_s: invalid; "), "{invalid:?}");
    let open = &records(&files["csv/open_latencies.csv"])[0];
    assert_eq!((&open["arrivals"][..], &open["arrivals_ops_s"][..]), ("poisson", "100000"));
    assert_eq!(open["p50_ns"], evidence.latencies[1].quantiles_ns.p50.to_string());
    assert_eq!((&open["p99_ns"][..], &open["max_ns"][..]), ("", "3457023"));
    assert!(open["withheld"].contains("p99_ns: few-samples"), "of 50 samples: {open:?}");
    let rounds = records(&files["csv/cell_rounds.csv"]);
    assert_eq!(rounds.len(), 9, "the rounds of an invalid cell are withheld");
}

#[test]
fn quotes_commas_and_line_breaks_are_escaped() {
    let mut evidence = full();
    let nasty = "a \"quoted\", and\r\na second line";
    evidence.faults[0].what = nasty.to_owned();
    let files = by_path(&evidence, Format::Csv);
    assert!(files["csv/faults.csv"].contains("\"a \"\"quoted\"\", and\r\na second line\""));
    assert_eq!(records(&files["csv/faults.csv"])[0]["what"], nasty);
}

#[test]
fn the_markdown_report_has_all_sections_with_ratios_and_intervals() {
    let report = &by_path(&full(), Format::Markdown)["report.md"];
    for section in [
        "Summary",
        "Verification",
        "Throughput and scaling",
        "Latency",
        "Load",
        "Snapshots",
        "Memory and processor time",
        "Other operations",
        "Skipped combinations",
        "Warnings",
        "Machine certificate",
        "Configuration",
    ] {
        assert!(report.contains(&format!("\n## {section}\n")), "{section} in {report}");
    }
    let row = |words: &[&str]| {
        let found = report.lines().find(|line| words.iter().all(|word| line.contains(word)));
        found.unwrap_or_else(|| panic!("no line with {words:?} in {report}"))
    };
    // Two threads of sharded: 9, 18 and 18 million, to 1.5, 3 and 4.5 of seed and 4, 8 and 9 of one
    // thread.
    let ratios = "sharded | 2 | 18.0 | 9.00..18.0 | 6.00 | 4.00..6.00 | 2.25 | 2.00..2.25";
    row(&[&format!("| get100 | disjoint | 1 | {ratios}")]);
    row(&["| wide-spread | 4 of 4 cells", "the interval is wider than 25 %"]);
    row(&["| busy-machine | the measurement as a whole, part 2 |"]);
    row(&["| 2 | processor | 2 x another processor, virtual, linux 6.1 x86\\_64"]);
    row(&["| 2 | partition | 2/2 |"]);
    row(&["| 0 | - | 55.5 |"]);
    row(&["| poisson | sharded | 2 | all | 100 | 100 | 99.9 | 200 | 50 |"]);
    row(&["| sharded | 1 000 | 10 000 | 12.5 | 990 | -64.0 | 1 990 | 14.0 | 7.00..21.0 | 48.0 |"]);
    row(&["| inconclusive | time ran out | `shardproof verify --executors litmus"]);
    row(&["| W7 | 17 | killed |", "a put forgets what was there before"]);
    row(&["Answers checked: 120 000, all correct."]);
}

#[test]
fn text_from_evidence_does_not_break_a_markdown_table() {
    let mut evidence = full();
    let nasty = "a|b\n| c <script>`x`\n\n# head";
    evidence.machine.cpu = Some(nasty.to_owned());
    evidence.cells.iter_mut().for_each(|cell| cell.subject = nasty.to_owned());
    evidence.latencies[0].operation = nasty.to_owned();
    evidence.operations[0].ratio_to.name = nasty.to_owned();
    evidence.skipped[0].reason = nasty.to_owned();
    evidence.faults[0].what = nasty.to_owned();
    evidence.verifications[0].reason = Some(nasty.to_owned());
    let failed =
        Checks { checked: 9, failed: 1, first_failure: Some(nasty.to_owned()), exemption: None };
    evidence.cells[3].checks = Some(failed);
    let report = &by_path(&evidence, Format::Markdown)["report.md"];
    assert!(!report.contains("<script>") && !report.contains("\n# head"), "{report}");
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut before = "";
    for line in report.lines() {
        if line.starts_with('|') && before.starts_with('|') {
            assert_eq!(columns(line), columns(before), "{line}");
        }
        before = line;
    }
}

#[test]
fn ratios_are_never_taken_across_machines() {
    let part = |partition: &str, subject: &str| {
        let mut part = full();
        (part.parts, part.faults, part.fault_hunt) = (Vec::new(), Vec::new(), None);
        (part.verification, part.verifications) = (None, Vec::new());
        (part.latencies, part.rate_searches) = (Vec::new(), Vec::new());
        part.cells.retain(|cell| cell.subject == subject);
        part.memory[0].subject = if subject == "seed" { "ceiling" } else { subject }.to_owned();
        part.config.as_mut().unwrap().partition = Some(partition.to_owned());
        part
    };
    let merged = merge(vec![part("1/2", "seed"), part("2/2", "sharded")]).unwrap();
    let report = &by_path(&merged, Format::Markdown)["report.md"];
    assert!(report.contains("| 2 | sharded | 1 | 8.00 | 4.00..9.00 |"), "{report}");
    assert!(report.contains("| 2 | sharded | 10 000 | 132 | – | 96.2 |"), "{report}");
    let ratio = &records(&by_path(&merged, Format::Csv)["csv/cells.csv"])[2]["ratio_to_base"];
    assert_eq!(ratio, "");
}

#[test]
fn an_unreadable_histogram_is_named_and_nothing_is_written() {
    let folder = TempDir::new().unwrap();
    for wrong in ["", "not base64!", "AAAA", &full().latencies[0].histogram[..40]] {
        let mut evidence = full();
        evidence.latencies[1].histogram = wrong.to_owned();
        let error = write(&evidence, folder.path()).unwrap_err().to_string();
        assert!(error.contains("`latencies[1].histogram`"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn all_formats_are_written_to_their_paths_deterministically() {
    let folder = TempDir::new().unwrap();
    let evidence = full();
    let paths = write(&evidence, folder.path()).unwrap();
    let names: BTreeSet<_> =
        paths.iter().map(|path| path.strip_prefix(folder.path()).unwrap().to_owned()).collect();
    assert_eq!(names.len(), paths.len());
    for name in ["report.md", "csv/cells.csv", "hdr/latencies.hlog"] {
        assert!(names.contains(Path::new(name)), "{name} in {names:?}");
    }
    let read = || paths.iter().map(|path| std::fs::read(path).unwrap()).collect::<Vec<_>>();
    let before = read();
    write(&evidence, folder.path()).unwrap();
    assert_eq!(read(), before);
}
