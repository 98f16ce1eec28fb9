//! What is wrong with a history, for a person to read: in words, as a small timeline, and the
//! program that did it.

use std::fmt::{self, Write};

use serde::Serialize;

use crate::check::report::{Anomaly, EventRef, Expected};
use crate::concern::Concern;
use crate::history::{History, Kind, Listed, Order};
use crate::program::Program;
use crate::words::{self, Words, log_name, value};

/// Rows of a timeline.
const ROWS_MAX: usize = 30;
/// Columns of text that a timeline with a column for each thread may take; with more it has one for
/// all.
const WIDTH_MAX: usize = 120;
/// Operations of one thread that are printed.
const OPERATIONS_MAX: usize = 60;
/// Entries of a listing that are printed.
const ENTRIES_MAX: usize = 12;

/// Explains an anomaly of a history. The same history and anomaly give the same text.
#[must_use]
pub fn explain(history: &History, anomaly: &Anomaly) -> String {
    let mut text = String::new();
    head(&mut text, history, anomaly);
    involved(&mut text, history, anomaly);
    timeline(&mut text, history, anomaly);
    if let Some(program) = &history.header.program {
        line(&mut text, "\nProgram (s0, t0, ... are slots, each thread's own)");
        text += &pretty(program, Words::new(&history.header));
    }
    text
}

/// What the first event of an anomaly should have returned, as the end of a sentence; none if no
/// one answer is right.
#[must_use]
pub fn expected(history: &History, anomaly: &Anomaly) -> Option<String> {
    let words = Words::new(&history.header);
    Some(match &anomaly.expected {
        Expected::Unknown => return None,
        Expected::Absent => "nothing: the key is absent".to_owned(),
        Expected::Value { id, stamp, sequence } => {
            format!("{}{}", value(*id), words.version(", of version ", *stamp, *sequence))
        }
        Expected::Number(number) => {
            let wrong = anomaly.events.first().and_then(|place| history.event(*place));
            match wrong.and_then(|event| Kind::from_number(event.kind)) {
                Some(Kind::Contains | Kind::SnapshotContains) => {
                    words::yes_or_no((*number).min(1) as u32).to_owned()
                }
                _ => number.to_string(),
            }
        }
        Expected::Entries(entries) => self::entries(words, entries),
        Expected::AtLeast { stamp, sequence } => bound("at least", *stamp, *sequence),
        Expected::AtMost { stamp, sequence } => bound("at most", *stamp, *sequence),
    })
}

/// The name of an anomaly or axiom, as it is in files.
pub fn name(kind: impl Serialize) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(name)) => name,
        // All of them are plain names.
        _ => "unnamed".to_owned(),
    }
}

/// A program, one operation a line.
pub(crate) fn pretty(program: &Program, words: Words<'_>) -> String {
    let mut text = String::new();
    let threads = program.threads.iter().zip(1..);
    let threads = threads.map(|(ops, number)| (format!("thread {number}"), ops));
    for (name, ops) in std::iter::once(("setup".to_owned(), &program.setup)).chain(threads) {
        if ops.is_empty() {
            continue;
        }
        line(&mut text, format_args!("  {name}"));
        for op in ops.iter().take(OPERATIONS_MAX) {
            line(&mut text, format_args!("    {}", words.op(op)));
        }
        if let Some(more @ 1..) = ops.len().checked_sub(OPERATIONS_MAX) {
            line(&mut text, format_args!("    and {more} more"));
        }
    }
    text
}

fn head(text: &mut String, history: &History, anomaly: &Anomaly) {
    let header = &history.header;
    let seed = header.seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
    line(
        text,
        format_args!(
            "{}: subject `{}` breaks `{}`, executor `{}`{seed}",
            name(anomaly.kind),
            header.subject,
            name(anomaly.axiom),
            header.executor
        ),
    );
    line(text, format_args!("  {}", anomaly.message));
}

fn involved(text: &mut String, history: &History, anomaly: &Anomaly) {
    let words = Words::new(&history.header);
    let tell = |place: EventRef| match history.event(place) {
        Some(event) => {
            format!("{} {}", log_name(history, place.log as usize), words.sentence(event))
        }
        None => "an event that the history does not hold".to_owned(),
    };
    line(text, "\nWhat happened");
    for (place, number) in anomaly.events.iter().zip(1..) {
        line(text, format_args!("  {number}. {}", tell(*place)));
    }
    if let Some(expected) = expected(history, anomaly) {
        line(text, format_args!("  Right for 1 is {expected}."));
    }
    let concern = Concern::of(history, anomaly, ROWS_MAX);
    if let Some(write) = concern.should_see.filter(|write| !anomaly.events.contains(write)) {
        line(text, format_args!("  That is what {}.", tell(write)));
    }
}

fn bound(lead: &str, stamp: u64, sequence: u64) -> String {
    match sequence {
        0 => format!("a version of {lead} {stamp}"),
        sequence => format!("a version of {lead} {stamp}.{sequence}"),
    }
}

fn entries(words: Words<'_>, entries: &[Listed]) -> String {
    if entries.is_empty() {
        return "no entries".to_owned();
    }
    let shown: Vec<String> = entries
        .iter()
        .take(ENTRIES_MAX)
        .map(|entry| {
            let version = words.version(" @", entry.stamp, entry.sequence);
            format!("{} = {}{version}", words.key(entry.key), words::value_short(entry.value))
        })
        .collect();
    let more = match entries.len().saturating_sub(ENTRIES_MAX) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

/// One row of a timeline.
struct Row {
    /// `>` at what is wrong, `*` at what should have been seen.
    mark: char,
    /// When it began and ended.
    when: String,
    /// The thread's log.
    log: usize,
    /// What was called and what came back.
    call: String,
}

fn timeline(text: &mut String, history: &History, anomaly: &Anomaly) {
    let concern = Concern::of(history, anomaly, ROWS_MAX);
    let rows = rows(history, anomaly, &concern);
    let when = match history.header.order {
        Order::RealTime => "began and ended, in ticks",
        Order::HappensBefore => "one possible order; under weak memory there are no times",
    };
    line(text, format_args!("\nTimeline ({when}; > is wrong, * should have been seen)"));
    let logs: Vec<usize> =
        (0..history.logs.len()).filter(|log| rows.iter().any(|row| row.log == *log)).collect();
    let names: Vec<String> = logs.iter().map(|log| log_name(history, *log)).collect();
    let when = rows.iter().map(|row| row.when.len()).max().unwrap_or(0);
    let widths: Vec<usize> =
        logs.iter().zip(&names).map(|(log, name)| width(&rows, *log, name)).collect();
    let total = when + widths.iter().map(|width| width + 3).sum::<usize>();
    if total <= WIDTH_MAX {
        columns(text, &rows, when, &logs, &names, &widths);
    } else {
        listed(text, history, &rows, when);
    }
    if concern.left_out > 0 {
        line(text, format_args!("  and {} more that are less close", concern.left_out));
    }
}

fn rows(history: &History, anomaly: &Anomaly, concern: &Concern) -> Vec<Row> {
    let words = Words::new(&history.header);
    let found = |place: &EventRef| history.event(*place).map(|event| (*place, event));
    let begin = concern.events.iter().filter_map(found).map(|(_, event)| event.invoke).min();
    let begin = begin.unwrap_or(0);
    let rows = concern.events.iter().filter_map(found).zip(1..).map(|((place, event), number)| {
        let when = match history.header.order {
            Order::HappensBefore => format!("{number:>3}"),
            Order::RealTime => {
                let began = event.invoke - begin;
                match event.returned() {
                    u64::MAX => format!("{began:>7} {:>7}", "?"),
                    ended => format!("{began:>7} {:>7}", ended.saturating_sub(begin)),
                }
            }
        };
        let mark = match place {
            place if anomaly.events.first() == Some(&place) => '>',
            place if concern.should_see == Some(place) => '*',
            _ => ' ',
        };
        Row { mark, when, log: place.log as usize, call: words.call(event) }
    });
    rows.collect()
}

/// How wide the column of a log is.
fn width(rows: &[Row], log: usize, name: &str) -> usize {
    let of_log = rows.iter().filter(|row| row.log == log);
    of_log.map(|row| row.call.chars().count()).max().unwrap_or(0).max(name.len())
}

fn columns(
    text: &mut String,
    rows: &[Row],
    when: usize,
    logs: &[usize],
    names: &[String],
    widths: &[usize],
) {
    let row = |text: &mut String, lead: &str, cells: &dyn Fn(usize) -> String| {
        let mut row = format!("{lead:<0$}", when + 2);
        for (column, width) in widths.iter().enumerate() {
            let _ = write!(row, " | {:<width$}", cells(column));
        }
        line(text, row.trim_end());
    };
    row(text, "", &|column| names[column].clone());
    for each in rows {
        row(text, &format!("{} {:>when$}", each.mark, each.when), &|column| {
            if logs[column] == each.log { each.call.clone() } else { String::new() }
        });
    }
}

/// Too many threads for a column each.
fn listed(text: &mut String, history: &History, rows: &[Row], when: usize) {
    for Row { mark, when: moment, log, call } in rows {
        line(text, format_args!("{mark} {moment:>when$}  {:<9} | {call}", log_name(history, *log)));
    }
}

/// Adds a line. Writing to a string cannot fail.
fn line(text: &mut String, line: impl fmt::Display) {
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Event, Log};
    use crate::samples;

    #[test]
    fn a_stale_read_is_told_from_its_name_to_its_program() {
        let (history, anomaly) = samples::stale_read();
        let told = "\
stale-read: subject `sharded` breaks `equation`, executor `threads`, seed 7
  the snapshot sees value 2, but value 1 was read

What happened
  1. thread 2 read key \"a\" of run 0 in snapshot 5: value 1, of version 1.1
  2. thread 1 put key \"a\" of run 0: value 2, at version 1.2
  Right for 1 is value 2, of version 1.2.

Timeline (began and ended, in ticks; > is wrong, * should have been seen)
                  | setup               | thread 1            | thread 2                | at rest
        0      50 | put r0 \"a\" = 1 @1.1 |                     |                         |
*     100     180 |                     | put r0 \"a\" = 2 @1.2 |                         |
      240     300 |                     |                     | open s5 @1              |
>     400     460 |                     |                     | s5.get r0 \"a\" -> 1 @1.1 |
      700     760 |                     |                     | drop s5                 |
      900     900 |                     |                     |                         | collect

Program (s0, t0, ... are slots, each thread's own)
  setup
    put r0 \"a\"
  thread 1
    put r0 \"a\"
    put r0 \"ab\" long
  thread 2
    open s0
    s0.get r0 \"a\"
    drop s0
";
        assert_eq!(explain(&history, &anomaly), told);
    }

    #[test]
    fn under_weak_memory_no_times_are_told() {
        let (mut history, anomaly) = samples::stale_read();
        history.header.order = Order::HappensBefore;
        let text = explain(&history, &anomaly);
        assert!(text.contains(">   4 |"), "{text}");
        assert!(!text.contains("460"), "{text}");
    }

    #[test]
    fn the_write_that_should_have_been_seen_is_told_when_the_anomaly_does_not() {
        let (history, mut anomaly) = samples::stale_read();
        anomaly.events.truncate(1);
        let text = explain(&history, &anomaly);
        let told = "  That is what thread 1 put key \"a\" of run 0: value 2, at version 1.2.\n";
        assert!(text.contains(told), "{text}");
    }

    #[test]
    fn a_long_history_of_many_threads_stays_readable() {
        let (mut history, anomaly) = samples::stale_read();
        let rest = history.logs.pop().unwrap();
        let put = history.logs[1].events[0];
        for thread in 0..20 {
            let puts = (0..50).map(|number| Event { invoke: 500 + number * 9 + thread, ..put });
            history.logs.push(Log { events: puts.collect(), listings: vec![] });
        }
        history.logs.push(rest);
        let text = explain(&history, &anomaly);
        assert!(text.lines().count() < ROWS_MAX + 30, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH_MAX), "{text}");
        assert!(text.contains("and 976 more that are less close"), "{text}");
        assert!(text.contains(">     400     460  thread 2  | s5.get"), "{text}");
    }

    #[test]
    fn places_and_kinds_that_do_not_exist_are_told_too() {
        let (mut history, mut anomaly) = samples::stale_read();
        anomaly.events.push(EventRef { log: 9, event: 9 });
        history.logs[2].events[1].kind = 200;
        let text = explain(&history, &anomaly);
        assert!(text.contains("an event that the history does not hold"), "{text}");
        assert!(text.contains("did something unknown (200)"), "{text}");
    }

    #[test]
    fn every_right_answer_has_words() {
        let (mut history, mut anomaly) = samples::stale_read();
        let mut told = |expected: Expected| {
            anomaly.expected = expected;
            self::expected(&history, &anomaly)
        };
        let listed = Listed { key: 1, value: 3, stamp: 1, sequence: 3 };
        assert_eq!(told(Expected::Unknown), None);
        assert_eq!(told(Expected::Absent).unwrap(), "nothing: the key is absent");
        assert_eq!(told(Expected::Entries(vec![])).unwrap(), "no entries");
        assert_eq!(told(Expected::Entries(vec![listed])).unwrap(), "\"ab\" = 3 @1.3");
        let least = Expected::AtLeast { stamp: 4, sequence: 0 };
        assert_eq!(told(least).unwrap(), "a version of at least 4");
        assert_eq!(told(Expected::Number(1)).unwrap(), "1");
        history.logs[2].events[1].kind = Kind::SnapshotContains as u8;
        anomaly.expected = Expected::Number(1);
        assert_eq!(expected(&history, &anomaly).unwrap(), "yes");
    }
}
