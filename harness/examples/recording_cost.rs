//! Measures the cost of recording an event, alone and as a part of the interpreter's work on a
//! store that does nothing, and its allocations.
//!
//! ```text
//! cargo run --release -p shardproof --example recording_cost [slices] [events of a slice]
//! ```

use std::hint::black_box;
use std::num::NonZeroUsize;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoTransaction, RunId, SnapshotReads, Storage,
    Value, Version, Versioned,
};
use shardproof::stats::{Spread, paired_ratio, summarise};
use shardproof::trace::allocations::CountingAllocator;
use shardproof::verify::execute::VerifySubject;
use shardproof::verify::execute::cost::{Cost, Loop, cost};
use shardproof::verify::key_table::value_bytes;
use shardproof::verify::program::{Op, Program, Size};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// The default number of slices.
const SLICES: usize = 301;
/// The default number of events in a slice: less than a time slice of the system's scheduler.
const EVENTS: usize = 10_000;

/// The run and key that are read and written.
const RUN_AND_KEY: (u16, u32) = (0, 0);
/// The snapshot that is read.
const SNAPSHOT: u8 = 0;

fn main() {
    let (slices, events) = (argument(1, SLICES), argument(2, EVENTS));
    let subject = VerifySubject::new("idle", Idle::new);
    println!(
        "{slices} slices of {events} events on one thread; ns per event as a median, with an \
         interval\nthat holds it; what of that is the recorder's, slice by slice; allocations of \
         all slices.\n\n\
         loop                    ns/event   interval         recorder's   interval       allocations"
    );
    let mut first = true;
    for (name, op) in operations() {
        let program = program(op, events);
        let (mut alone, mut whole) = (Vec::new(), Vec::new());
        // Alternates, so that other load on the machine affects both.
        for _ in 0..slices {
            alone.push(cost(&subject, &program, Loop::Recorder));
            whole.push(cost(&subject, &program, Loop::Interpreter));
        }
        if first {
            report("recorder alone", &alone, &alone);
            first = false;
        }
        report(name, &whole, &alone);
    }
}

fn argument(place: usize, default: usize) -> usize {
    let given = std::env::args().nth(place).map(|text| text.parse::<NonZeroUsize>());
    given.map_or(default, |count| count.expect("give a number above 0").get())
}

/// The operations that the interpreter runs.
fn operations() -> [(&'static str, Op); 6] {
    let (run, key) = RUN_AND_KEY;
    let (size, snapshot) = (Size::Short, SNAPSHOT);
    [
        ("put", Op::Put { run, key, size }),
        ("get", Op::Get { run, key }),
        ("put of a session", Op::SessionPut { run, key, size }),
        ("get of a session", Op::SessionGet { run, key }),
        ("look of a session", Op::SessionPeek { run, key }),
        ("get of a snapshot", Op::SnapshotGet { snapshot, run, key }),
    ]
}

fn program(op: Op, events: usize) -> Program {
    let setup = vec![Op::Open { snapshot: SNAPSHOT }];
    Program { name: "recording".to_owned(), setup, threads: vec![vec![op; events]] }
}

fn report(name: &str, whole: &[Cost], alone: &[Cost]) {
    let ns = |costs: &[Cost]| costs.iter().map(Cost::ns_per_event).collect::<Vec<f64>>();
    let (whole_ns, alone_ns) = (ns(whole), ns(alone));
    let Spread { median, low, high, .. } = summarise(&whole_ns).expect("there are slices");
    let share = paired_ratio(&alone_ns, &whole_ns).expect("events take time");
    let allocations: Option<u64> = whole.iter().map(|cost| cost.allocations).sum();
    let allocations = allocations.expect("the counting allocator is installed");
    println!(
        "{name:<22} {median:>9.1}   {low:>5.1} ..{high:>6.1}   {:>10.2}   {:.2} .. {:.2}   \
         {allocations:>11}",
        share.median, share.low, share.high
    );
}

/// A store that does nothing and finds the same value for every read.
struct Idle(Versioned);

impl Idle {
    fn new() -> Self {
        let (run, key) = RUN_AND_KEY;
        let (bytes, len) = value_bytes(1, run, key, Size::Short);
        let value = Value::new(&bytes[..len]).expect("a short value");
        Self(Versioned { value, version: Version::new(1, 1) })
    }
}

impl Storage for Idle {
    const CAPABILITIES: Capabilities =
        Capabilities { versions: true, snapshots: true, ..Capabilities::BASIC };

    type Session<'a> = Direct<'a, Self>;
    type Snapshot = IdleSnapshot;
    type Transaction<'a> = NoTransaction;

    fn get(&self, _run: RunId, key: &Key) -> Option<Versioned> {
        black_box(key);
        Some(self.0.clone())
    }

    fn put(&self, _run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        black_box((key, &value));
        Ok(self.0.version)
    }

    fn delete(&self, _run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        black_box(key);
        Ok(None)
    }

    fn get_with<R>(&self, _run: RunId, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        black_box(key);
        Some(read(&self.0.value))
    }

    fn snapshot(&self) -> Option<IdleSnapshot> {
        Some(IdleSnapshot(self.0.clone()))
    }
}

/// A snapshot of it.
struct IdleSnapshot(Versioned);

impl SnapshotReads for IdleSnapshot {
    fn get(&self, _run: RunId, key: &Key) -> Option<Versioned> {
        black_box(key);
        Some(self.0.clone())
    }

    fn list(&self, _run: RunId, _prefix: &[u8]) -> Vec<Entry> {
        Vec::new()
    }

    fn another(&self) -> Option<Self> {
        Some(Self(self.0.clone()))
    }
}
