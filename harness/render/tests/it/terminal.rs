//! The report in a terminal: what it says, and that it fits.

use std::collections::BTreeSet;

use shardproof_document::Document;
use shardproof_evidence::{Checks, Evidence, Skipped};
use shardproof_render::terminal::{self, Style};
use shardproof_samples::{arrivals, full, latency, quick, sample, slow};

fn render(evidence: &Evidence, style: Style) -> String {
    terminal::render(&Document::report(evidence, None).unwrap(), style)
}

/// The report, with single spaces between words.
fn words(evidence: &Evidence) -> String {
    render(evidence, Style::PLAIN).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of the lines of the table with this caption.
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
fn latencies_of_each_kind_of_loop_are_in_a_table_of_their_own() {
    let text = render(&full(), Style::PLAIN);
    let closed = section(&text, "Latency in the closed loop:");
    assert!(closed.contains(&vec!["get100,", "disjoint,", "part", "1"]), "{text}");
    let row = "sharded 2 get 200 43.0 few-samples few-samples few-samples 46.0";
    assert!(closed.contains(&row.split(' ').collect()), "{text}");
    let open = section(&text, "Latency in the open loop:");
    assert!(open.contains(&vec!["get100,", "disjoint,", "part", "1,", "poisson"]), "{text}");
    let row = "sharded 2 all 100 99.9 94.0 few-samples few-samples 3 460 000";
    assert!(open.contains(&row.split(' ').collect()), "{text}");
    assert!(
        words(&full()).contains("clock (12.5 ns)"),
        "the reading of the clock that is in a \
                                                         time: {text}"
    );
}

#[test]
fn of_several_kinds_only_all_is_shown_and_of_one_that_one() {
    let mut evidence = full();
    evidence.latencies = vec![
        latency("several", 1, "get", None, &quick()),
        latency("several", 1, "put", None, &slow()),
        latency("several", 1, "all", None, &slow()),
        latency("one", 1, "put", None, &quick()),
        latency("one", 1, "all", None, &quick()),
        // Of which nobody has put all together.
        latency("apart", 1, "get", None, &quick()),
        latency("apart", 1, "put", None, &quick()),
        // Another loop, and so no reason to leave out what is in the closed one.
        latency("apart", 1, "all", Some(arrivals()), &quick()),
    ];
    let text = render(&evidence, Style::PLAIN);
    let shown: Vec<(&str, &str)> = section(&text, "Latency in the closed loop:")
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
fn a_search_for_a_rate_tells_the_rate_the_bound_and_how_long_it_was() {
    let mut evidence = full();
    let mut none = evidence.rate_searches[0].clone();
    (none.subject, none.rate_ops_s) = ("slow".to_owned(), None);
    evidence.rate_searches.push(none);
    let text = render(&evidence, Style::PLAIN);
    let rows = section(&text, "The highest rate:");
    for row in
        ["get100, disjoint, part 1, poisson", "sharded 2 10.0 2.00 2", "slow 2 10.0 none kept it 2"]
    {
        assert!(rows.contains(&row.split(' ').collect()), "{row}: {text}");
    }
}

#[test]
fn the_head_says_what_the_machine_can_show_and_where_there_is_more() {
    let words = words(&full());
    for expected in [
        "noise floor 3.00 %",
        "(less is noise); contention visible: shared counters 9.00 times as slow",
        "threads pinned; 1.00 % of the time stolen by the hypervisor; few-rounds, busy-machine",
        "noise of the cells the same thing twice (a loop of additions) differs by up to 3.00 %",
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
    assert!(!words.contains("noise floor") && !words.contains("noise of the cells"), "{words}");
}

#[test]
fn what_was_left_out_is_told_once_for_each_reason() {
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
    let first = "Left out, because it has no snapshots: ceiling in snapshots; floor in snapshots, \
                 backups. Left out, because it has no transactions: ceiling in transactions.";
    assert!(words.contains(first), "{words}");
}

#[test]
fn answers_under_the_clock_are_told_apart_from_those_of_the_matrix() {
    let mut evidence = full();
    let right = words(&evidence);
    assert!(
        right.contains("Answers checked under the clock: 12 000, all of them right"),
        "{right}"
    );
    evidence.latency_checks = Some(Checks {
        checked: 12_000,
        failed: 3,
        first_failure: Some("key 7 is not found".to_owned()),
        exemption: None,
    });
    let wrong = words(&evidence);
    assert!(wrong.contains("under the clock: 12 000; 3 of 12 000 answers were wrong"), "{wrong}");
    assert!(wrong.contains("the first: key 7 is not found"), "{wrong}");
    evidence.latency_checks = None;
    assert!(!words(&evidence).contains("under the clock"), "there was no such pass");
}

#[test]
fn no_line_of_a_large_report_is_wider_than_a_hundred_columns() {
    for evidence in [full(), sample(16, &[1, 2, 4, 8, 16, 32])] {
        for line in render(&evidence, Style::PLAIN).lines() {
            assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
        }
    }
}

#[test]
fn in_forty_columns_figures_are_dropped_and_none_is_broken() {
    let evidence = sample(16, &[1, 2, 4, 8, 16, 32]);
    let wide = render(&evidence, Style { width: 2_000, ..Style::PLAIN });
    let known: BTreeSet<&str> = wide.split_whitespace().collect();
    for width in [40, 60, 80] {
        let narrow = render(&evidence, Style { width, ..Style::PLAIN });
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
fn text_of_a_file_sends_no_escape_sequence() {
    let mut evidence = full();
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    evidence.machine.cpu = Some(hostile.to_owned());
    evidence.build.commit = hostile.to_owned();
    evidence.cells[0].subject = hostile.to_owned();
    evidence.cells[1].workload = hostile.to_owned();
    evidence.skipped[0].reason = hostile.to_owned();
    evidence.verifications[0].reason = Some(hostile.to_owned());
    evidence.certificate.as_mut().unwrap().governor = Some(hostile.to_owned());
    let text = render(&evidence, Style::PLAIN);
    assert!(text.contains("owned"));
    let allowed = |letter: char| letter == '\n' || !(letter.is_control() || letter == '\u{202e}');
    assert!(text.chars().all(allowed), "{text:?}");
}
