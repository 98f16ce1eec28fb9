//! The report in a terminal: what it says, and that it fits.

mod support {
    pub(crate) mod sample;
    pub(crate) mod sample_evidence;
}

use shardproof::evidence::{Checks, Evidence, Skipped};
use shardproof::render::terminal::{Style, render};
use support::sample::{arrivals, full, latency, quick, slow};
use support::sample_evidence::sample;

/// The report, with single spaces between words.
fn words(evidence: &Evidence) -> String {
    render(evidence, Style::PLAIN).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of the lines from the one that begins so to the next empty one.
fn section<'a>(text: &'a str, beginning: &str) -> Vec<Vec<&'a str>> {
    let lines = text.lines().skip_while(|line| !line.starts_with(beginning));
    lines.take_while(|line| !line.is_empty()).map(|it| it.split_whitespace().collect()).collect()
}

#[test]
fn latencies_of_each_kind_of_loop_are_in_a_table_of_their_own() {
    let text = render(&full(), Style::PLAIN);
    let closed = section(&text, "Latency in ns, each operation begun");
    assert!(closed.contains(&vec!["disjoint", "get100"]), "{text}");
    let row = "sharded 2 get 200 43 22..65 46 46 46";
    assert!(closed.contains(&row.split(' ').collect()), "{text}");
    let open = section(&text, "Latency in ns of operations that arrive");
    assert!(open.contains(&vec!["poisson", "100k/s"]), "{text}");
    let row = "sharded 2 all 50 100 % 94 47..141 3.46M 3.46M 3.46M";
    assert!(open.contains(&row.split(' ').collect()), "{text}");
    assert!(closed.concat().contains(&"(12"), "the reading of the clock that is in a time: {text}");
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
    let shown: Vec<(&str, &str)> = section(&text, "Latency in ns, each operation begun")
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
    let rows = section(&text, "The highest rate of arrivals");
    for row in ["disjoint get100, poisson", "sharded 2 2 000 000 10 000 2", "slow 2 none 10 000 2"]
    {
        assert!(rows.contains(&row.split(' ').collect()), "{row}: {text}");
    }
}

#[test]
fn the_head_says_what_the_machine_can_show_and_where_there_is_more() {
    let words = words(&full());
    for expected in [
        "noise floor 3.0 %",
        "(less is noise); contention visible: shared counters 9.00 times as slow",
        "threads pinned; 1.0 % of the time stolen by the hypervisor; more: shardproof doctor",
        "a loop of additions, twice in each round, differs by up to 3.0 % in 19 of 20.",
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
    let words = self::words(&unknown);
    assert!(!words.contains("doctor") && !words.contains("Noise of the matrix"), "{words}");
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
    assert!(wrong.contains("under the clock: 12 000, 3 of them wrong"), "{wrong}");
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
