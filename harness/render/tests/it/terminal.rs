//! The report in a terminal: its content and its width.

use std::collections::BTreeSet;

use shardproof_document::Document;
use shardproof_evidence::{Checks, Evidence, Skipped};
use shardproof_render::terminal::{self, TerminalStyle};
use shardproof_samples::{arrivals, full, latency, quick, sample, slow};

fn render(evidence: &Evidence, style: TerminalStyle) -> String {
    terminal::render(&Document::report(evidence, None).unwrap(), style)
}

/// The report, with single spaces between words.
fn words(evidence: &Evidence) -> String {
    render(evidence, TerminalStyle::PLAIN).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines of the table with this caption, with single spaces between words.
fn section<'a>(text: &'a str, caption: &str) -> Vec<Vec<&'a str>> {
    let mut rules = 0;
    let lines = text.lines().skip_while(|line| *line != caption);
    let table = lines.take_while(|line| {
        rules += usize::from(line.starts_with('─'));
        rules < 3
    });
    table.map(|it| it.split_whitespace().collect()).collect()
}

#[test]
fn each_kind_of_loop_has_its_own_latency_table() {
    let text = render(&full(), TerminalStyle::PLAIN);
    let closed = section(&text, "Quantiles in the closed loop:");
    assert!(closed.contains(&vec!["get100,", "disjoint,", "part", "1"]), "{text}");
    let row = "sharded 2 get 200 43.0 few-samples few-samples few-samples 46.0";
    assert!(closed.contains(&row.split(' ').collect()), "{text}");
    let open = section(&text, "Quantiles in the open loop:");
    assert!(open.contains(&vec!["get100,", "disjoint,", "part", "1,", "poisson"]), "{text}");
    let row = "sharded 2 all 100 99.9 94.0 few-samples few-samples 3 460 000";
    assert!(open.contains(&row.split(' ').collect()), "{text}");
    assert!(
        words(&full()).contains("reading of the clock (12.5 ns)"),
        "the cost of the clock in a closed loop: {text}"
    );
}

#[test]
fn of_several_kinds_of_operation_only_all_is_shown() {
    let mut evidence = full();
    evidence.latencies = vec![
        latency("several", 1, "get", None, &quick()),
        latency("several", 1, "put", None, &slow()),
        latency("several", 1, "all", None, &slow()),
        latency("one", 1, "put", None, &quick()),
        latency("one", 1, "all", None, &quick()),
        // Without a record of all operations together.
        latency("apart", 1, "get", None, &quick()),
        latency("apart", 1, "put", None, &quick()),
        // A different loop, which does not affect the closed loop.
        latency("apart", 1, "all", Some(arrivals()), &quick()),
    ];
    let text = render(&evidence, TerminalStyle::PLAIN);
    let shown: Vec<(&str, &str)> = section(&text, "Quantiles in the closed loop:")
        .into_iter()
        .filter_map(|row| match row[..] {
            [subject, "1", kind, "200" | "50", ..] => Some((subject, kind)),
            ["1", kind, "200" | "50", ..] => Some(("", kind)),
            _ => None,
        })
        .collect();
    assert_eq!(
        shown,
        [("several", "all"), ("one", "put"), ("apart", "get"), ("", "put")],
        "{text}"
    );
}

#[test]
fn a_rate_search_shows_the_rate_the_limit_and_the_rates_tried() {
    let mut evidence = full();
    let mut none = evidence.rate_searches[0].clone();
    (none.subject, none.rate_ops_s) = ("slow".to_owned(), None);
    evidence.rate_searches.push(none);
    let text = render(&evidence, TerminalStyle::PLAIN);
    let rows = section(&text, "Highest rate within the limit:");
    for row in ["get100, disjoint, part 1, poisson", "sharded 2 10.0 2.00 2", "slow 2 10.0 none 2"]
    {
        assert!(rows.contains(&row.split(' ').collect()), "{row}: {text}");
    }
}

#[test]
fn the_summary_shows_the_quality_of_the_machine() {
    let words = words(&full());
    for expected in [
        "noise floor 3.00 %",
        "contention visible: padded counters 9.00 times as fast as packed",
        "threads pinned; 1.00 % of the time stolen by the hypervisor; few-rounds, busy-machine",
        "noise of cells a loop of additions measured twice differs by up to 3.00 %",
    ] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
    let mut hidden = full();
    if let Some(counters) = hidden.certificate.as_mut().and_then(|it| it.counters.as_mut()) {
        counters.ratio.low = 1.9;
    }
    assert!(self::words(&hidden).contains("contention hardly visible"));
    let mut unknown = full();
    (unknown.certificate, unknown.same_twice) = (None, None);
    unknown.parts.clear();
    let words = self::words(&unknown);
    assert!(!words.contains("noise floor") && !words.contains("noise of cells"), "{words}");
}

#[test]
fn skipped_combinations_are_listed_once_per_reason() {
    let skipped = |subject: &str, workload: &str, reason: &str| Skipped {
        subject: subject.to_owned(),
        workload: workload.to_owned(),
        reason: reason.to_owned(),
    };
    let mut evidence = full();
    evidence.skipped = vec![
        skipped("ceiling", "snapshots", "it has no snapshots"),
        skipped("ceiling", "transactions", "it has no transactions"),
        skipped("floor", "snapshots", "it has no snapshots"),
        skipped("floor", "backups", "it has no snapshots"),
    ];
    let words = words(&evidence);
    let first = "Skipped, because it has no snapshots: ceiling in snapshots; floor in snapshots, \
                 backups. Skipped, because it has no transactions: ceiling in transactions.";
    assert!(words.contains(first), "{words}");
}

#[test]
fn answers_in_the_latency_pass_are_reported_separately() {
    let mut evidence = full();
    let right = words(&evidence);
    assert!(right.contains("Answers checked in the latency pass: 12 000, all correct"), "{right}");
    evidence.latency_checks = Some(Checks {
        checked: 12_000,
        failed: 3,
        first_failure: Some("key 7 is not found".to_owned()),
        exemption: None,
    });
    let wrong = words(&evidence);
    assert!(
        wrong.contains("in the latency pass: 12 000; 3 of 12 000 answers were wrong"),
        "{wrong}"
    );
    assert!(wrong.contains("wrong; first: key 7 is not found"), "{wrong}");
    evidence.latency_checks = None;
    assert!(!words(&evidence).contains("in the latency pass"), "there was no such pass");
}

#[test]
fn no_line_of_a_large_report_exceeds_a_hundred_characters() {
    for evidence in [full(), sample(16, &[1, 2, 4, 8, 16, 32])] {
        for line in render(&evidence, TerminalStyle::PLAIN).lines() {
            assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
        }
    }
}

#[test]
fn at_a_width_of_forty_columns_are_dropped_and_no_number_is_broken() {
    let evidence = sample(16, &[1, 2, 4, 8, 16, 32]);
    let wide = render(&evidence, TerminalStyle { width: 2_000, ..TerminalStyle::PLAIN });
    let known: BTreeSet<&str> = wide.split_whitespace().collect();
    for width in [40, 60, 80] {
        let narrow = render(&evidence, TerminalStyle { width, ..TerminalStyle::PLAIN });
        for line in narrow.lines() {
            assert!(line.chars().count() <= usize::from(width), "{width}: {line} in\n{narrow}");
        }
        let is_figure = |word: &&str| word.starts_with(|it: char| it.is_ascii_digit() || it == '.');
        for figure in section(&narrow, "Every cell:").concat().iter().filter(|it| is_figure(it)) {
            assert!(known.contains(figure), "{figure} in {width} columns");
        }
        assert!(narrow.contains("Mops/s"), "the figure that says most stays: {narrow}");
    }
}

#[test]
fn text_from_a_file_sends_no_escape_sequence() {
    let mut evidence = full();
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    evidence.machine.cpu = Some(hostile.to_owned());
    evidence.build.commit = hostile.to_owned();
    evidence.cells[0].subject = hostile.to_owned();
    evidence.cells[1].workload = hostile.to_owned();
    evidence.skipped[0].reason = hostile.to_owned();
    evidence.verifications[0].reason = Some(hostile.to_owned());
    evidence.certificate.as_mut().unwrap().governor = Some(hostile.to_owned());
    let text = render(&evidence, TerminalStyle::PLAIN);
    assert!(text.contains("owned"));
    let allowed = |letter: char| letter == '\n' || !(letter.is_control() || letter == '\u{202e}');
    assert!(text.chars().all(allowed), "{text:?}");
}
