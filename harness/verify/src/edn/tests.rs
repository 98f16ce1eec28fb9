use std::collections::{HashMap, HashSet};

use clojure_reader::edn::{Edn, read_string};

use super::*;
use crate::history::{ABSENT, Event, GARBLED, Kind, Log, TOOK_LONG, flag};
use crate::samples;

fn text(history: &History) -> (String, Exported) {
    let mut bytes = Vec::new();
    let exported = write_to(history, &mut bytes).unwrap();
    (String::from_utf8(bytes).unwrap(), exported)
}

/// What Elle would see: type, process and value of each line, in order.
fn lines(text: &str) -> Vec<(String, i64, String)> {
    let parsed = text.lines().zip(0..).map(|(line, number)| {
        let map = read_string(line).unwrap();
        let field = |name: &'static str| map.get(&Edn::key(name)).unwrap().clone();
        assert_eq!(field("index"), Edn::Int(number));
        assert_eq!(field("f"), Edn::key("txn"));
        let Edn::Int(process) = field("process") else { panic!("process of {line}") };
        let kind = field("type").to_string();
        (kind.trim_start_matches(':').to_owned(), process, field("value").to_string())
    });
    parsed.collect()
}

/// A history with these logs, the first and the last included.
fn history(logs: Vec<Vec<Event>>) -> History {
    let log = |events| Log { events, listings: vec![] };
    History { header: samples::header(), logs: logs.into_iter().map(log).collect() }
}

fn event(kind: Kind, invoke: u64, value: u32) -> Event {
    Event { kind: kind as u8, invoke, took: 5, value, ..Event::default() }
}

/// The completions of a history.
fn completions(history: &History) -> Vec<String> {
    let all = lines(&text(history).0);
    let ends = all.into_iter().filter(|(kind, ..)| kind != "invoke");
    ends.map(|(kind, process, value)| format!("{process} {kind} {value}")).collect()
}

#[test]
fn every_line_is_edn_and_every_process_does_one_thing_at_a_time() {
    for seed in 0..40 {
        let (text, exported) = text(&samples::history(seed, 3, 60));
        let mut pending: HashMap<i64, String> = HashMap::new();
        let mut ended = HashSet::new();
        let mut transactions = 0;
        for (kind, process, value) in lines(&text) {
            assert!(!ended.contains(&process), "process {process} goes on after :info");
            if kind == "invoke" {
                assert!(pending.insert(process, value).is_none(), "{process} does two things");
                transactions += 1;
            } else {
                let invoked = pending.remove(&process).expect("an invocation");
                let shape = |value: &str| value.matches('[').count();
                assert_eq!(shape(&invoked), shape(&value));
                ended.extend((kind == "info").then_some(process));
            }
        }
        assert!(pending.is_empty());
        assert_eq!(transactions, exported.transactions, "seed {seed}");
    }
}

#[test]
fn no_value_is_written_twice() {
    for seed in 0..40 {
        let mut written = HashSet::new();
        for (kind, _, value) in lines(&text(&samples::history(seed, 3, 60)).0) {
            let value = read_string(&value).unwrap();
            let Edn::Vector(ops) = &value else { panic!("{value}") };
            for op in ops.iter().filter(|op| kind == "invoke" && op.nth(0) == Some(&Edn::key("w")))
            {
                assert!(written.insert(op.to_string()), "{op} twice");
            }
        }
    }
}

#[test]
fn times_never_go_back_and_invocations_come_first() {
    let put = |invoke, value| event(Kind::Put, invoke, value);
    let (text, _) =
        text(&history(vec![vec![], vec![put(0, 1), put(5, 2)], vec![put(5, 3)], vec![]]));
    let all = lines(&text);
    let kinds: Vec<_> = all.iter().map(|(kind, process, _)| (kind.as_str(), *process)).collect();
    // At time 5 the first thread's put ends, its next begins, and the other thread's begins: what
    // ends must not be said to come before what begins at the same time, but for its own thread.
    let at_five = [("invoke", 2), ("ok", 1), ("invoke", 1)];
    assert_eq!((&kinds[..1], &kinds[1..4]), (&[("invoke", 1)][..], &at_five[..]));
}

#[test]
fn a_snapshot_is_one_transaction_with_all_that_was_read_with_it() {
    let of = |handle, event| Event { handle, ..event };
    let read = |handle, key, invoke, value| {
        of(handle, Event { key, ..event(Kind::SnapshotGet, invoke, value) })
    };
    let history = history(vec![
        vec![event(Kind::Put, 0, 1), of(7, event(Kind::Open, 10, 0))],
        vec![of(8, event(Kind::Clone, 20, 7)), read(8, 1, 30, ABSENT)],
        vec![read(7, 0, 100, 1), read(7, 0, 110, 1)],
    ]);
    assert_eq!(
        completions(&history),
        [r#"0 ok [[:w "r0/k0" 1]]"#, r#"0 ok [[:r "r0/k1" nil] [:r "r0/k0" 1]]"#,]
    );
    let (text, _) = text(&history);
    assert!(text.contains(r#":time 15, :type :ok, :process 0"#), "ends as it was opened: {text}");
}

#[test]
fn deletes_write_a_number_of_their_own_and_nothing_found_is_left_out_there() {
    let set = |kind, value| Event { handle: 9, ..event(kind, 20, value) };
    let history = history(vec![
        vec![event(Kind::Put, 0, 1), event(Kind::Delete, 10, 1), event(Kind::Delete, 16, ABSENT)],
        vec![set(Kind::SetPut, 2), set(Kind::SetDelete, 0), event(Kind::Get, 30, ABSENT)],
        vec![event(Kind::RemoveRun, 50, 1), event(Kind::RemoveRun, 60, 0)],
    ]);
    assert_eq!(
        completions(&history),
        [
            r#"0 ok [[:w "r0/k0" 1]]"#,
            r#"0 ok [[:r "r0/k0" 1] [:w "r0/k0" -1]]"#,
            r#"1 ok [[:w "r0/k0" 2] [:w "r0/k0" -2]]"#,
            r#"2 ok [[:w "r0/k0" -3]]"#,
        ]
    );
    assert_eq!(text(&history).1.left_out_absent, 1);
}

#[test]
fn transactions_end_well_badly_or_unknown() {
    let of = |handle, event| Event { handle, ..event };
    let with_flags = |flags, event| Event { flags, ..event };
    let transaction = |handle: u32, invoke: u64, last: Option<Event>| {
        let put = event(Kind::TransactionPut, invoke + 20, handle);
        let events =
            [event(Kind::Begin, invoke, 0), event(Kind::TransactionGet, invoke + 10, 77), put];
        let last = last.map(|last| Event { invoke: invoke + 30, ..last });
        events.into_iter().chain(last).map(|event| of(handle, event)).collect::<Vec<_>>()
    };
    let commit = event(Kind::Commit, 0, 0);
    let events = [
        transaction(1, 0, Some(commit)),
        transaction(2, 100, Some(with_flags(flag::CONFLICT, commit))),
        transaction(3, 200, Some(event(Kind::Abort, 0, 0))),
        transaction(4, 300, None),
    ];
    let history = history(vec![vec![], events.concat(), vec![]]);
    assert_eq!(
        completions(&history),
        [
            r#"3 ok [[:r "r0/k0" 77] [:w "r0/k0" 1]]"#,
            r#"4 fail [[:r "r0/k0" nil] [:w "r0/k0" 2]]"#,
            r#"5 fail [[:r "r0/k0" nil] [:w "r0/k0" 3]]"#,
            r#"6 info [[:r "r0/k0" nil] [:w "r0/k0" 4]]"#,
        ]
    );
}

#[test]
fn what_is_not_known_to_have_ended_is_told_so() {
    let long = |event| Event { took: TOOK_LONG, ..event };
    let refused = |event| Event { flags: flag::REFUSED, ..event };
    let history = history(vec![
        vec![long(event(Kind::Put, 0, 1)), event(Kind::Get, 50, GARBLED)],
        vec![refused(event(Kind::Put, 60, 2)), long(event(Kind::Get, 70, 1))],
        vec![],
    ]);
    assert_eq!(
        completions(&history),
        [r#"0 ok [[:w "r0/k0" 1]]"#, r#"0 ok [[:r "r0/k0" -1]]"#, r#"3 info [[:w "r0/k0" 2]]"#,]
    );
    assert_eq!(text(&history).1.left_out_unknown, 1);
}

#[test]
fn what_no_register_can_say_is_counted() {
    let kinds = [Kind::List, Kind::Count, Kind::Contains, Kind::Collect, Kind::Tick];
    let history = history(vec![kinds.map(|kind| event(kind, 0, 0)).to_vec(), vec![]]);
    let (text, exported) = text(&history);
    assert_eq!((text.as_str(), exported.left_out_not_registers), ("", 3));
}

#[test]
fn a_history_without_times_is_refused() {
    let (mut history, _) = samples::stale_read();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.edn");
    assert_eq!(export(&history, &path).unwrap().transactions, 4);
    history.header.order = Order::HappensBefore;
    let error = export(&history, &path).unwrap_err().to_string();
    assert!(error.starts_with("field `header.order` is `happens_before`"), "{error}");
}
