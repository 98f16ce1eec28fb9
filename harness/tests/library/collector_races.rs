//! The litmus executor finds a race between a snapshot that opens and a collector that runs only
//! when a program tells it to, in a store of a few lines.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use sharded_store::{
    Capabilities, Deleted, Direct, Entry, Error, Key, NoTransaction, RunId, SnapshotReads, Storage,
    Value, Version, Versioned,
};
use shardproof::verify::check::report::Axioms;
use shardproof::verify::execute::{Executor, Exploration, Job, Limits, VerifySubject};
use shardproof::verify::litmus::catalogue;

/// When a snapshot registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Registers {
    /// Under the lock under which it reads the clock.
    AtOnce,
    /// After it has read the clock: a collector may run in between.
    Late,
}

/// A store that collects only when told to.
struct Collecting {
    /// When its snapshots register.
    registers: Registers,
    /// The stamp of the last commit.
    clock: AtomicU64,
    /// What its snapshots share.
    shared: Arc<Shared>,
}

/// The versions of a key, the oldest first; no value where it was deleted.
type Chain = Vec<(u64, Option<Value>)>;

#[derive(Default)]
struct Shared {
    /// How many snapshots are open at each stamp.
    open: Mutex<BTreeMap<u64, usize>>,
    /// The versions of each key.
    chains: Mutex<BTreeMap<(RunId, Key), Chain>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

fn version(stamp: u64) -> Version {
    Version::new(stamp, stamp)
}

impl Shared {
    fn read(&self, run: RunId, key: &Key, stamp: u64) -> Option<Versioned> {
        let chains = lock(&self.chains);
        let mut newest_first = chains.get(&(run, key.clone()))?.iter().rev();
        let (from, value) = newest_first.find(|(from, _)| *from <= stamp)?;
        Some(Versioned { value: value.clone()?, version: version(*from) })
    }
}

impl Collecting {
    fn new(registers: Registers) -> Self {
        Self { registers, clock: AtomicU64::new(0), shared: Arc::default() }
    }

    /// Writes; returns the stamp and what was replaced, or nothing if there is nothing to delete.
    fn write(&self, run: RunId, key: &Key, value: Option<Value>) -> (u64, Option<Versioned>) {
        let mut chains = lock(&self.shared.chains);
        let chain = chains.entry((run, key.clone())).or_default();
        let replaced = chain.last().and_then(|(from, old)| {
            Some(Versioned { value: old.clone()?, version: version(*from) })
        });
        if value.is_none() && replaced.is_none() {
            return (0, None);
        }
        let stamp = self.clock.load(Ordering::SeqCst) + 1;
        chain.push((stamp, value));
        self.clock.store(stamp, Ordering::SeqCst);
        (stamp, replaced)
    }
}

impl Storage for Collecting {
    const CAPABILITIES: Capabilities =
        Capabilities { versions: true, snapshots: true, ..Capabilities::BASIC };
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = View;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.shared.read(run, key, u64::MAX)
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        Ok(version(self.write(run, key, Some(value)).0))
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        let (stamp, removed) = self.write(run, key, None);
        Ok(removed.map(|removed| Deleted { removed, version: version(stamp) }))
    }

    fn snapshot(&self) -> Option<View> {
        let now = || self.clock.load(Ordering::SeqCst);
        let (stamp, mut open) = match self.registers {
            Registers::AtOnce => {
                let open = lock(&self.shared.open);
                (now(), open)
            }
            Registers::Late => {
                let stamp = now();
                // Long enough to be found on a busy machine too.
                (0..30).for_each(|_| std::hint::spin_loop());
                (stamp, lock(&self.shared.open))
            }
        };
        *open.entry(stamp).or_default() += 1;
        Some(View { shared: Arc::clone(&self.shared), stamp })
    }

    fn collect(&self) {
        let mut chains = lock(&self.shared.chains);
        let open = lock(&self.shared.open);
        let now = self.clock.load(Ordering::SeqCst);
        let oldest = open.keys().next().map_or(now, |oldest| now.min(*oldest));
        chains.retain(|_, chain| {
            let seen = chain.iter().rposition(|(from, _)| *from <= oldest).unwrap_or(0);
            chain.drain(..seen);
            chain.len() > 1 || chain.first().is_some_and(|(_, value)| value.is_some())
        });
    }
}

struct View {
    /// What it shares with the store.
    shared: Arc<Shared>,
    /// The newest stamp it sees.
    stamp: u64,
}

impl Drop for View {
    fn drop(&mut self) {
        let mut open = lock(&self.shared.open);
        let shares = open.get_mut(&self.stamp).unwrap();
        *shares -= 1;
        if *shares == 0 {
            open.remove(&self.stamp);
        }
    }
}

impl SnapshotReads for View {
    fn version(&self) -> u64 {
        self.stamp
    }

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.shared.read(run, key, self.stamp)
    }

    fn list(&self, _: RunId, _: &[u8]) -> Vec<Entry> {
        unreachable!("the store claims no listings")
    }
}

fn explore(registers: Registers, name: &str, executions: u64) -> Exploration {
    let subject = VerifySubject::new("collecting", move || Collecting::new(registers));
    let litmus = catalogue().into_iter().find(|litmus| litmus.program.name == name).unwrap();
    let axioms = Axioms::all();
    let job = Job { subject: &subject, program: &litmus.program, seed: 1, axioms: &axioms };
    let limits = Limits { executions, time: Duration::from_secs(60), preemptions: None };
    Executor::Litmus.explore(&job, &limits)
}

#[test]
fn a_snapshot_that_registers_after_it_reads_the_clock_is_found_beside_a_collector() {
    let found = explore(Registers::Late, "collect-overwritten-beside-snapshot", 500_000);
    assert!(found.failure.is_some(), "not found in {} executions", found.executions);
}

#[test]
fn a_store_that_collects_only_when_told_to_passes_beside_a_collector() {
    let programs = catalogue().into_iter().filter(|litmus| litmus.program.opens_beside_collect());
    for name in programs.map(|litmus| litmus.program.name) {
        let passed = explore(Registers::AtOnce, &name, 2_000);
        assert_eq!(passed.failure, None, "{name}");
    }
}
