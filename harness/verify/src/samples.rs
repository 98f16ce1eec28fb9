//! Programs and histories for the tests of this room.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::alphabet::Alphabet;
use crate::check::report::{Anomaly, AnomalyKind, Axiom, EventRef, Expected};
use crate::history::{Claims, Event, Header, History, Kind, Listed, Log, Order, flag};
use crate::program::{Op, Program, Size, Write};

/// A program of any operations, the same for the same seed; its setup is as long as a thread.
pub(crate) fn program(seed: u64, threads: usize, operations: usize) -> Program {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut ops = || (0..operations).map(|_| op(&mut random)).collect::<Vec<_>>();
    Program {
        name: format!("sample {seed}"),
        setup: ops(),
        threads: (0..threads).map(|_| ops()).collect(),
    }
}

fn op(random: &mut Xoshiro256PlusPlus) -> Op {
    let mut below = |limit: u32| random.random_range(0..limit);
    let (run, key, prefix) = (below(4) as u16, below(10), below(6));
    let (slot, into) = (below(4) as u8, below(4) as u8);
    let size = if below(2) == 0 { Size::Short } else { Size::Long };
    let (snapshot, transaction, flag) = (slot, slot, slot);
    match below(26) {
        0 => Op::Put { run, key, size },
        1 => Op::Delete { run, key },
        2 => {
            let write = |_| Write { run: below(4) as u16, key: below(10), put: Some(size) };
            Op::Apply { writes: (0..3).map(write).collect() }
        }
        3 => Op::RemoveRun { run },
        4 => Op::Get { run, key },
        5 => Op::Contains { run, key },
        6 => Op::Count { run },
        7 => Op::List { run, prefix },
        8 => Op::Open { snapshot },
        9 => Op::Clone { snapshot, into },
        10 => Op::Drop { snapshot },
        11 => Op::SnapshotGet { snapshot, run, key },
        12 => Op::SnapshotContains { snapshot, run, key },
        13 => Op::SnapshotCount { snapshot, run },
        14 => Op::SnapshotList { snapshot, run, prefix },
        15 => Op::Begin { transaction, run },
        16 => Op::TransactionGet { transaction, key },
        17 => Op::TransactionPut { transaction, key, size },
        18 => Op::TransactionDelete { transaction, key },
        19 => Op::TransactionList { transaction, prefix },
        20 => Op::Commit { transaction },
        21 => Op::Abort { transaction },
        22 => Op::Collect,
        23 => Op::Tick,
        24 => Op::Notify { flag },
        _ => Op::Observe { flag },
    }
}

/// A header of two runs and ten keys, without a program, in real time.
pub(crate) fn header() -> Header {
    Header {
        subject: "sharded".to_owned(),
        executor: "threads".to_owned(),
        seed: Some(7),
        claims: Claims {
            versions: true,
            snapshots: true,
            lists: true,
            atomic_apply: true,
            transactions: true,
            removal: true,
        },
        order: Order::RealTime,
        alphabet: Alphabet::new(10),
        runs: 2,
        program: None,
    }
}

/// A history of two threads in which the second reads with its snapshot the value that the first
/// has already overwritten, and what is wrong with it.
pub(crate) fn stale_read() -> (History, Anomaly) {
    let put = |key, value, sequence, invoke, took| Event {
        key,
        value,
        stamp: 1,
        sequence,
        invoke,
        took,
        kind: Kind::Put as u8,
        ..Event::default()
    };
    let reader = |kind: Kind, invoke| Event {
        handle: 5,
        invoke,
        took: 60,
        stamp: 1,
        kind: kind as u8,
        ..Event::default()
    };
    let get = Event { value: 1, sequence: 1, ..reader(Kind::SnapshotGet, 400) };
    let mut header = header();
    header.program = Some(Program {
        name: "one writer, one reader".to_owned(),
        setup: vec![Op::Put { run: 0, key: 0, size: Size::Short }],
        threads: vec![
            vec![
                Op::Put { run: 0, key: 0, size: Size::Short },
                Op::Put { run: 0, key: 1, size: Size::Long },
            ],
            vec![
                Op::Open { snapshot: 0 },
                Op::SnapshotGet { snapshot: 0, run: 0, key: 0 },
                Op::Drop { snapshot: 0 },
            ],
        ],
    });
    let log = |events: Vec<Event>| Log { events, listings: vec![] };
    let history = History {
        header,
        logs: vec![
            log(vec![put(0, 1, 1, 0, 50)]),
            log(vec![put(0, 2, 2, 100, 80), put(1, 3, 3, 190, 40)]),
            log(vec![reader(Kind::Open, 240), get, reader(Kind::Drop, 700)]),
            log(vec![Event { invoke: 900, kind: Kind::Collect as u8, ..Event::default() }]),
        ],
    };
    let anomaly = Anomaly {
        kind: AnomalyKind::StaleRead,
        axiom: Axiom::Equation,
        events: vec![EventRef { log: 2, event: 1 }, EventRef { log: 1, event: 0 }],
        expected: Expected::Value { id: 2, stamp: 1, sequence: 2 },
        message: "the snapshot sees value 2, but value 1 was read".to_owned(),
    };
    (history, anomaly)
}

/// A valid history of any operations, the same for the same seed. What it reads is made up.
pub(crate) fn history(seed: u64, threads: usize, events: usize) -> History {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut ids = 1..;
    let mut log = || {
        let mut log = Log::default();
        let mut snapshots: Vec<u32> = vec![];
        let mut transactions: Vec<u32> = vec![];
        let mut now = 0;
        while log.events.len() < events {
            now += random.random_range(0..100);
            let kind = Kind::ALL[random.random_range(0..Kind::ALL.len())];
            let snapshot = pick(&snapshots, &mut random);
            let transaction = pick(&transactions, &mut random);
            let mut event = Event {
                invoke: now,
                took: random.random_range(0..90),
                stamp: random.random_range(0..9),
                sequence: random.random_range(0..9),
                key: random.random_range(0..4),
                run: random.random_range(0..2),
                kind: kind as u8,
                ..Event::default()
            };
            match kind {
                Kind::Put | Kind::SetPut | Kind::SetDelete | Kind::Open | Kind::Begin => {}
                Kind::Clone | Kind::Drop if snapshot == 0 => continue,
                Kind::SnapshotGet | Kind::SnapshotContains if snapshot == 0 => continue,
                Kind::SnapshotCount | Kind::SnapshotList if snapshot == 0 => continue,
                Kind::TransactionGet | Kind::TransactionPut if transaction == 0 => continue,
                Kind::TransactionDelete | Kind::TransactionList if transaction == 0 => continue,
                Kind::Commit | Kind::Abort if transaction == 0 => continue,
                _ => event.value = random.random_range(0..2),
            }
            match kind {
                Kind::Open | Kind::Clone => {
                    event.handle = ids.next().unwrap();
                    snapshots.push(event.handle);
                    event.value = if kind == Kind::Clone { snapshot } else { 0 };
                }
                Kind::Begin => {
                    event.handle = ids.next().unwrap();
                    transactions.push(event.handle);
                }
                Kind::SetPut | Kind::SetDelete | Kind::Put => {}
                Kind::SnapshotGet | Kind::SnapshotContains | Kind::SnapshotCount => {
                    event.handle = snapshot;
                }
                Kind::SnapshotList | Kind::Drop => event.handle = snapshot,
                _ => event.handle = transaction,
            }
            if matches!(kind, Kind::Put | Kind::SetPut | Kind::TransactionPut) {
                event.value = ids.next().unwrap();
            }
            if matches!(kind, Kind::SetPut | Kind::SetDelete) {
                event.handle = ids.next().unwrap();
            }
            if kind == Kind::List {
                let entry = Listed { key: event.key, value: 1, stamp: 1, sequence: 2 };
                let entries = vec![entry; event.value as usize];
                log.listings.push((log.events.len() as u32, entries));
            }
            log.events.push(event);
        }
        log
    };
    let logs = (0..threads + 2).map(|_| log()).collect();
    History { header: Header { runs: 2, ..header() }, logs }
}

/// One of the handles; 0 if there is none.
fn pick(handles: &[u32], random: &mut Xoshiro256PlusPlus) -> u32 {
    match handles.len() {
        0 => 0,
        len => handles[random.random_range(0..len)],
    }
}

/// A history of four threads that overlap, with a write set, a transaction that fails, and a read
/// that never returns; and a snapshot read that saw half of the set.
pub(crate) fn busy() -> (History, Anomaly) {
    let event = |kind: Kind, invoke, took| Event {
        kind: kind as u8,
        invoke,
        took,
        stamp: 3,
        sequence: invoke / 10,
        ..Event::default()
    };
    let of = |handle, event| Event { handle, ..event };
    let put = |key, value, event| Event { key, value, ..event };
    let log = |events: Vec<Event>| Log { events, listings: vec![] };
    let conflict = Event { flags: flag::CONFLICT, ..of(31, event(Kind::Commit, 330, 70)) };
    let set = of(30, event(Kind::SetPut, 120, 160));
    let logs = vec![
        log(vec![put(0, 1, event(Kind::Put, 0, 30)), put(9, 2, event(Kind::Put, 40, 30))]),
        log(vec![
            put(0, 11, set),
            put(9, 12, set),
            of(30, Event { key: 1, run: 1, kind: Kind::SetDelete as u8, ..set }),
            put(0, 14, event(Kind::Put, 420, 30)),
        ]),
        log(vec![
            of(5, event(Kind::Open, 290, 20)),
            of(5, put(0, 11, event(Kind::SnapshotGet, 320, 20))),
            of(5, put(9, 2, event(Kind::SnapshotGet, 350, 60))),
            of(5, event(Kind::Drop, 430, 10)),
        ]),
        log(vec![
            of(31, event(Kind::Begin, 110, 20)),
            of(31, put(0, 1, event(Kind::TransactionGet, 140, 40))),
            of(31, put(9, 13, event(Kind::TransactionPut, 200, 40))),
            conflict,
            event(Kind::Collect, 410, 30),
        ]),
        log(vec![put(9, 12, event(Kind::Get, 300, u32::MAX))]),
        log(vec![put(0, 14, event(Kind::Get, 600, 10)), put(9, 12, event(Kind::Get, 620, 10))]),
    ];
    let at = |log, event| EventRef { log, event };
    let anomaly = Anomaly {
        kind: AnomalyKind::FracturedRead,
        axiom: Axiom::Atomic,
        events: vec![at(2, 2), at(2, 1), at(1, 1)],
        expected: Expected::Value { id: 12, stamp: 3, sequence: 12 },
        message: "of write set 30 the snapshot has value 11 of key \"a\", but of <another> key \
                  it has value 2, which is older than the set's, as if the set had been torn"
            .to_owned(),
    };
    (History { header: header(), logs }, anomaly)
}
