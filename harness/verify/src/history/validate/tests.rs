use super::*;
use crate::program::Op;
use crate::samples;

fn told(change: impl FnOnce(&mut History)) -> String {
    let (mut history, _) = samples::stale_read();
    assert_eq!(history.validate(), Ok(()));
    change(&mut history);
    history.validate().map_or_else(|fault| fault.to_string(), |()| "nothing".to_owned())
}

fn event(kind: Kind) -> Event {
    Event { kind: kind as u8, invoke: 1_000, ..Event::default() }
}

#[test]
fn what_the_samples_hold_is_valid() {
    for seed in 0..50 {
        assert_eq!(samples::history(seed, seed as usize % 5, 60).validate(), Ok(()), "seed {seed}");
    }
}

#[test]
fn every_field_of_an_event_is_checked() {
    type Change = fn(&mut Event);
    let changes: [(Change, &str); 9] = [
        (|event| event.kind = 0, "kind"),
        (|event| event.kind = 29, "kind"),
        (|event| event.flags = 128, "flags"),
        (|event| event.unused = 1, "unused"),
        (|event| event.run = 2, "run"),
        (|event| event.key = 10, "key"),
        (|event| event.value = 0, "value"),
        (|event| event.value = u32::MAX, "value"),
        (|event| event.value = 1, "value"),
    ];
    for (change, field) in changes {
        let told = told(|history| change(&mut history.logs[1].events[0]));
        assert!(told.starts_with(&format!("field `logs[1].events[0].{field}` is ")), "{told}");
    }
}

#[test]
fn prefixes_flags_and_answers_are_in_range() {
    for (kind, key, value, problem) in [
        (Kind::List, 6, 0, "no such prefix"),
        (Kind::Observe, 4, 0, "no such flag"),
        (Kind::Contains, 0, 2, "a yes (1) or no (0)"),
        (Kind::RemoveRun, 0, 2, "a yes (1) or no (0)"),
    ] {
        let told = told(|history| {
            history.logs[3].events.push(Event { key, value, ..event(kind) });
        });
        assert!(told.contains(problem), "{told}");
    }
}

#[test]
fn time_goes_on_within_a_log_where_times_mean_something() {
    let back = |history: &mut History| history.logs[2].events[1].invoke = 10;
    assert!(told(back).contains("began later"));
    let weak = told(|history| {
        back(history);
        history.header.order = Order::HappensBefore;
    });
    assert_eq!(weak, "nothing");
}

#[test]
fn handles_are_made_once_and_before_they_are_used() {
    let push =
        |log: usize, new: Event| told(|history: &mut History| history.logs[log].events.push(new));
    let of = |kind, handle| Event { handle, ..event(kind) };
    assert!(push(1, of(Kind::Open, 5)).contains("given to something else"));
    assert!(push(1, of(Kind::Open, 0)).contains("stands for none"));
    assert!(push(1, of(Kind::Drop, 6)).contains("no event opens or clones"));
    assert!(push(1, of(Kind::Commit, 5)).contains("no event begins"));
    assert!(push(1, Event { value: 77, ..of(Kind::Clone, 6) }).contains("no event opens"));
    assert_eq!(push(3, of(Kind::SnapshotGet, 5)), "nothing");
    let early = told(|history| history.logs[2].events.insert(0, of(Kind::Drop, 5)));
    assert!(early.contains("began later") || early.contains("later event"), "{early}");
    let refused = Event { flags: flag::REFUSED, ..of(Kind::Drop, 6) };
    assert_eq!(push(1, refused), "nothing");
}

#[test]
fn a_transaction_stays_in_its_log() {
    let of = |kind| Event { handle: 9, ..event(kind) };
    let told = told(|history| {
        history.logs[1].events.push(of(Kind::Begin));
        history.logs[2].events.push(of(Kind::Commit));
    });
    assert!(told.contains("began in another log"), "{told}");
}

#[test]
fn a_write_set_stands_together() {
    let set = |value| Event { handle: 9, value, ..event(Kind::SetPut) };
    let whole = told(|history| history.logs[1].events.extend([set(20), set(21)]));
    assert_eq!(whole, "nothing");
    let torn = told(|history| {
        history.logs[1].events.extend([set(20), event(Kind::Tick), set(21)]);
    });
    assert!(torn.contains("torn"), "{torn}");
}

#[test]
fn listings_belong_to_events_that_listed_as_many() {
    let entry = Listed { key: 0, value: 1, stamp: 1, sequence: 1 };
    let with = |listings: Vec<(u32, Vec<Listed>)>| {
        told(|history: &mut History| {
            let list = Event { value: 1, ..event(Kind::List) };
            history.logs[3].events.extend([list, list]);
            history.logs[3].listings = listings;
        })
    };
    assert_eq!(with(vec![(1, vec![entry]), (2, vec![entry])]), "nothing");
    assert!(with(vec![(0, vec![entry])]).contains("no listing there"));
    assert!(with(vec![(3, vec![entry])]).contains("no listing there"));
    assert!(with(vec![(1, vec![entry]), (1, vec![entry])]).contains("in the order"));
    assert!(with(vec![(1, vec![])]).contains("another number of entries"));
    assert!(with(vec![(1, vec![Listed { key: 10, ..entry }])]).contains("no such key"));
}

#[test]
fn the_header_fits_the_logs() {
    assert!(told(|history| drop(history.logs.pop())).contains("one log for each"));
    assert!(told(|history| history.logs.truncate(1)).contains("one for the setup"));
    assert!(told(|history| history.header.runs = 257).contains("at most 256"));
    let twice = told(|history| history.header.alphabet.keys[1] = b"a".to_vec());
    assert!(twice.contains("field `header.alphabet.keys[1]` is a: it is there twice"), "{twice}");
    let program = told(|history| {
        let program = history.header.program.as_mut().unwrap();
        program.setup.push(Op::Open { snapshot: 200 });
    });
    assert!(program.contains("field `setup[1].snapshot`"), "{program}");
}
