//! Measures the checker's speed and memory on histories of a simulated store.
//!
//! ```text
//! cargo run --release -p shardproof --example checker_speed
//! ```

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use shardproof::trace::allocations::{CountingAllocator, LiveBytes};
use shardproof::verify::check::check;
use shardproof::verify::check::report::{Axioms, Report};
use shardproof::verify::history::{ABSENT, Claims, Event, Header, History, Kind, Log, Order};
use shardproof::verify::key_table::KeyTable;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const THREADS: usize = 4;
const RUNS: u16 = 3;
const KEYS: u32 = 1000;
/// Values of one thread; the ids of different threads are far apart.
const STRIDE: u32 = 1 << 26;

fn main() {
    println!("one thread; {THREADS} threads in the history, {RUNS} runs, {KEYS} keys");
    for shows in [Shows::Versions, Shows::Nothing] {
        let mut rates = Vec::new();
        for events in [1_000_000, 10_000_000] {
            let history = history(events, shows);
            let rate = fastest_of_three(&history);
            let bytes = peak_bytes_per_event(&history);
            println!(
                "{:8} {events:>10} events: {:5.2} M events/s, {bytes:4.1} bytes/event of checker, \
                 {:4.1} with the history",
                shows.name(),
                rate / 1e6,
                bytes + size_of::<Event>() as f64,
            );
            rates.push(rate);
        }
        println!("{:8} ratio of the rates, 10 M to 1 M: {:.2}", shows.name(), rates[1] / rates[0]);
    }
}

/// Whether the synthetic store shows versions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shows {
    Versions,
    Nothing,
}

impl Shows {
    fn name(self) -> &'static str {
        match self {
            Self::Versions => "versions",
            Self::Nothing => "hidden",
        }
    }
}

/// Measures the processor time of this thread where the system reports it, so that other load
/// counts less; elsewhere wall-clock time.
struct Stopwatch {
    on_processor: Option<u64>,
    passed: Instant,
}

impl Stopwatch {
    fn start() -> Self {
        Self { on_processor: nanoseconds_on_processor(), passed: Instant::now() }
    }

    fn seconds(&self) -> f64 {
        match (self.on_processor, nanoseconds_on_processor()) {
            (Some(start), Some(end)) => (end - start) as f64 / 1e9,
            _ => self.passed.elapsed().as_secs_f64(),
        }
    }
}

fn nanoseconds_on_processor() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// Events per second.
fn fastest_of_three(history: &History) -> f64 {
    let rate = |_| {
        let start = Stopwatch::start();
        let report = checked(history);
        report.events as f64 / start.seconds()
    };
    (0..3).map(rate).fold(0.0, f64::max)
}

/// The peak memory of the checker in bytes per event, in a run of its own because sampling takes
/// time.
fn peak_bytes_per_event(history: &History) -> f64 {
    let live = LiveBytes::begin();
    let done = AtomicBool::new(false);
    let peak = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut peak = 0;
            while !done.load(Ordering::Relaxed) {
                peak = live.now().expect("the allocator is installed").max(peak);
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
            peak
        });
        let report = checked(history);
        done.store(true, Ordering::Relaxed);
        (report.events, watcher.join().expect("the watcher ends"))
    });
    peak.1 as f64 / peak.0 as f64
}

fn checked(history: &History) -> Report {
    let report = check(history, &Axioms::all());
    assert!(report.anomalies.is_empty(), "the history is right: {:#?}", report.anomalies);
    report
}

/// A source of choices: splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((u128::from(bits) * u128::from(limit)) >> 64) as u64
    }
}

/// A write: its stamp, sequence and value, [`ABSENT`] for a delete.
type Write = (u64, u64, u32);

/// A correct store; every operation takes effect when it begins.
struct Store {
    clock: u64,
    sequences: [u64; RUNS as usize],
    keys: Vec<Vec<Write>>,
    handles: u32,
}

/// A thread of the history.
struct Thread {
    now: u64,
    value: u32,
    snapshot: Option<(u32, u64)>,
    events: Vec<Event>,
}

fn history(events: usize, shows: Shows) -> History {
    let mut store = Store {
        clock: 0,
        sequences: [0; RUNS as usize],
        keys: vec![Vec::new(); usize::from(RUNS) * KEYS as usize],
        handles: 0,
    };
    let mut threads: Vec<Thread> = (1..=THREADS as u32)
        .map(|log| Thread {
            now: u64::from(log),
            value: log * STRIDE,
            snapshot: None,
            events: Vec::with_capacity(events / THREADS + events / 64),
        })
        .collect();
    let mut dice = Dice(1);
    for _ in 0..events {
        let next = threads.iter_mut().min_by_key(|thread| thread.now).expect("there are threads");
        next.step(&mut store, &mut dice);
    }
    let mut logs = vec![Log::default()];
    logs.extend(threads.into_iter().map(|thread| Log { events: thread.events, ..Log::default() }));
    logs.push(Log::default());
    if shows == Shows::Nothing {
        for event in logs.iter_mut().flat_map(|log| &mut log.events) {
            (event.stamp, event.sequence) = (0, 0);
        }
    }
    let claims = Claims {
        versions: shows == Shows::Versions,
        snapshots: true,
        lists: true,
        atomic_apply: true,
        transactions: true,
        removal: true,
    };
    let header = Header {
        subject: "synthetic".to_owned(),
        executor: "none".to_owned(),
        seed: Some(1),
        claims,
        order: Order::RealTime,
        key_table: KeyTable::new(KEYS as usize),
        runs: RUNS,
        program: None,
    };
    History { header, logs }
}

impl Thread {
    fn step(&mut self, store: &mut Store, dice: &mut Dice) {
        let (run, key) = (dice.below(u64::from(RUNS)) as u16, dice.below(u64::from(KEYS)) as u32);
        let place = usize::from(run) * KEYS as usize + key as usize;
        let choice = dice.below(100);
        let event = match (choice, self.snapshot) {
            (0..48, _) => {
                self.value += 1;
                store.write(run, key, self.value)
            }
            (48..50, _) if store.newest(place).2 != ABSENT => {
                let found = store.newest(place).2;
                Event { kind: Kind::Delete as u8, value: found, ..store.write(run, key, ABSENT) }
            }
            (50..90, Some((handle, stamp))) => {
                let writes = &store.keys[place];
                let seen = writes.partition_point(|write| write.0 <= stamp);
                let write = seen.checked_sub(1).map_or((0, 0, ABSENT), |last| writes[last]);
                Event { handle, ..read(Kind::SnapshotGet, write) }
            }
            (90..92, _) | (_, None) => {
                store.handles += 1;
                store.clock += 1;
                self.snapshot = Some((store.handles, store.clock - 1));
                let (handle, stamp) = (store.handles, store.clock - 1);
                Event { kind: Kind::Open as u8, handle, stamp, ..Event::default() }
            }
            _ => read(Kind::Get, store.newest(place)),
        };
        let took = 20 + dice.below(200) as u32;
        self.events.push(Event { run, key, invoke: self.now, took, ..event });
        self.now += u64::from(took) + 1 + dice.below(20);
    }
}

impl Store {
    fn newest(&self, place: usize) -> Write {
        self.keys[place].last().copied().unwrap_or((0, 0, ABSENT))
    }

    fn write(&mut self, run: u16, key: u32, value: u32) -> Event {
        let sequence = &mut self.sequences[usize::from(run)];
        *sequence += 1;
        let place = usize::from(run) * KEYS as usize + key as usize;
        self.keys[place].push((self.clock, *sequence, value));
        let (stamp, sequence) = (self.clock, *sequence);
        Event { kind: Kind::Put as u8, value, stamp, sequence, ..Event::default() }
    }
}

fn read(kind: Kind, (stamp, sequence, value): Write) -> Event {
    let (stamp, sequence) = if value == ABSENT { (0, 0) } else { (stamp, sequence) };
    Event { kind: kind as u8, value, stamp, sequence, ..Event::default() }
}
