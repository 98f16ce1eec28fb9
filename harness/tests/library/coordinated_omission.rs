//! A closed loop hides a stall; an open loop shows it.

use std::thread;
use std::time::Duration;

use sharded_store::{Error, Key, RunHandle, RunId, Session, ShardedStore, Storage, Value, Version};
use shardproof::machine::clock::Clock;
use shardproof::measure::latency::{Arrivals, RoundHistograms, closed, open};
use shardproof::measure::load::Load;
use shardproof::subject::Subject;
use shardproof::subject::controls::NoStore;
use shardproof::workload::{KeySet, Mix, Stream};

/// Length of a stall.
const STALL: Duration = Duration::from_millis(50);
/// Number of operations between stalls: one second at the rate of the open loop.
const OPERATIONS_PER_STALL: usize = 10_000;
/// The rate of the open loop.
const RATE: &str = "constant:10000";
/// Threshold of a slow operation: below the stall, and far above any operation without one.
const SLOW_NS: u64 = 30_000_000;
/// Number of keys in the run.
const KEYS: usize = 1_000;

/// A store that stalls regularly.
struct Stalling(ShardedStore);

impl Subject for Stalling {
    type Session<'a> = StallingSession;

    type Store = NoStore;

    fn session(&self, run: RunId) -> StallingSession {
        StallingSession { session: Storage::session(&self.0, run), operations: 0 }
    }
}

struct StallingSession {
    /// A handle on the run.
    session: RunHandle,
    /// Operations so far.
    operations: usize,
}

impl StallingSession {
    fn maybe_stall(&mut self) {
        self.operations += 1;
        // Filling and warming up takes 17 384 operations, so the first timed stall is at operation
        // 2 616.
        if self.operations.is_multiple_of(OPERATIONS_PER_STALL) {
            thread::sleep(STALL);
        }
    }
}

impl Session for StallingSession {
    fn get_with<R>(&mut self, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.maybe_stall();
        Session::get_with(&mut self.session, key, read)
    }

    fn put(&mut self, key: &Key, value: Value) -> Result<Version, Error> {
        self.maybe_stall();
        Session::put(&mut self.session, key, value)
    }

    fn delete(&mut self, key: &Key) -> Result<bool, Error> {
        Session::delete(&mut self.session, key)
    }

    fn list_len(&mut self, prefix: &[u8]) -> usize {
        Session::list_len(&mut self.session, prefix)
    }
}

fn run_round(
    slice: Duration,
    round: impl Fn(&Stalling, &Load<'_>) -> RoundHistograms,
) -> RoundHistograms {
    let keys = KeySet::new(KEYS);
    let streams = [Stream::new(1, Mix::with_puts(10), 0, &keys)];
    let load = Load::new(&streams, &keys, slice);
    let round = round(&Stalling(ShardedStore::new()), &load);
    assert_eq!(round.checks.failed, 0, "{:?}", round.checks.first_failure);
    round
}

#[test]
fn a_closed_loop_hides_a_stall_and_an_open_loop_shows_it() {
    let clock = Clock::new();
    let closed = run_round(Duration::from_millis(600), |subject, load| {
        closed::round_of(subject, load, &clock)
    });
    let all = closed.all();
    let slow = all.count_between(SLOW_NS, u64::MAX);
    assert!(slow > 0, "no stall in {} operations", all.len());
    assert!(slow as f64 / (all.len() as f64) < 0.001, "{slow} of {} were slow", all.len());

    let arrivals: Arrivals = RATE.parse().unwrap();
    let open = run_round(Duration::from_millis(600), |subject, load| {
        open::round_of(subject, load, &clock, arrivals, 1)
    });
    let all = open.all();
    assert_eq!(all.len(), 6_000, "no operation was skipped");
    let p999_ns = all.value_at_quantile(0.999);
    assert!(p999_ns >= SLOW_NS, "99.9 % took at most {p999_ns} ns");
}
