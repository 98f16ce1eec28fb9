//! The cost of a snapshot that is held during writes, and how its memory is reclaimed.

use std::hint::black_box;
use std::time::Duration;

use sharded_store::{Key, RunId, Session, SnapshotReads, Storage, Value, Versioned};
use shardproof_evidence::{Checks, HeldSnapshot, Reclaim, SnapshotAge, Spread};
use shardproof_machine::clock::Clock;
use shardproof_stats as stats;
use shardproof_trace::allocations::LiveBytes;
use shardproof_workload::KeySet;
use shardproof_workload::keys::{self, KEYS_PER_RUN, run_id};

use crate::fill::{REFUSED, fill_session};
use crate::profile::Budget;
use crate::progress::Tracker;
use crate::random_keys::{RandomKeyNumbers, overwriting_value, random_keys};
use crate::snapshots::stage;
use crate::{MeasureSubject, Plan};

/// Planned time of one overwrite.
const OVERWRITE: Duration = Duration::from_nanos(500);
/// Reads at one age are timed for the time of a snapshot pass divided by this.
const READ_TIME_DIVISOR: u32 = 5;
/// The longest wait for memory to be reclaimed, in snapshot passes.
const PASSES_TO_RECLAIM: u32 = 4;
/// Memory counts as reclaimed when the extra bytes are down to this fraction, a tenth.
const RECLAIMED_DIVISOR: i64 = 10;
/// Overwrites between two checks of whether memory is reclaimed.
const OVERWRITES_PER_CHECK: u64 = 256;
/// Reads between two clock reads.
const READS: usize = 256;
/// The minimum and maximum number of read batches of either kind at one age. Recording up to the
/// maximum does not allocate.
const BATCHES: (usize, usize) = (5, 1 << 12);

/// How long [`collect`] should take for one subject, if its memory is reclaimed at once.
pub(super) fn planned(budget: &Budget) -> Duration {
    let ages = budget.snapshot_ages;
    let overwrites = ages.last().copied().unwrap_or(0) as u32 * KEYS_PER_RUN as u32;
    budget.snapshot_pass / READ_TIME_DIVISOR * ages.len() as u32 + OVERWRITE * overwrites
}

/// Measures a held snapshot of one subject; `None` if it has no snapshots.
pub(super) fn collect(
    subject: MeasureSubject,
    plan: &Plan,
    budget: &Budget,
    clock: &Clock,
    tracker: &mut Tracker<'_>,
) -> Option<HeldSnapshot> {
    let hold = Hold {
        subject: subject.as_str(),
        seed: plan.seed,
        keys: KEYS_PER_RUN,
        ages: budget.snapshot_ages,
        reading: budget.snapshot_pass / READ_TIME_DIVISOR,
        reclaim: budget.snapshot_pass * PASSES_TO_RECLAIM,
        clock,
    };
    let result = subject.store_driver().and_then(|store| store.hold(hold));
    if result.is_some() {
        tracker.advance(&stage(subject), planned(budget));
    }
    result
}

/// How to measure a held snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Hold<'a> {
    /// The subject's name.
    pub subject: &'a str,
    /// The seed of every random choice.
    pub seed: u64,
    /// The number of keys in the store, at least one, all in one run.
    pub keys: usize,
    /// The ages at which it is measured, in overwrites per key, ascending.
    pub ages: &'a [u64],
    /// How long reads are timed at each age.
    pub reading: Duration,
    /// How long overwrites continue after it is dropped, if its memory is not reclaimed earlier.
    pub reclaim: Duration,
    /// Times reads and reclamation.
    pub clock: &'a Clock,
}

impl Hold<'_> {
    /// Fills an empty store, holds a snapshot of it while keys are overwritten, and drops it.
    /// `None` for a store without snapshots.
    ///
    /// It uses one thread, so that bytes and versions do not change while they are counted.
    ///
    /// # Panics
    /// When the store refuses a put, or gives no snapshot although it claims to have them.
    pub fn measure<S: Storage>(&self, store: &S) -> Option<HeldSnapshot> {
        if !S::CAPABILITIES.snapshots {
            return None;
        }
        let (keys, run) = (KeySet::new(self.keys), run_id(self.seed, 0));
        let mut session = store.session(run);
        fill_session(&mut session, &keys);
        // The measurement allocates its own memory before it counts bytes.
        let mut overwriter = Overwriter::new(store.session(run), &keys, self.seed);
        let mut reader = Reader::new(session, run, &keys, self);
        let mut ages = Vec::with_capacity(self.ages.len());

        let live = LiveBytes::begin();
        let snapshot = store.snapshot().expect("the store says that it has snapshots");
        let taken = self.clock.ticks();
        for age in self.ages {
            let overwrites = age * self.keys as u64;
            overwriter.write(overwrites.saturating_sub(overwriter.written));
            let age_ns = self.clock.ns_between(taken, self.clock.ticks());
            let extra_bytes = live.now();
            let versions = store.held().map(|held| held.versions);
            let (newest_read_ns, snapshot_read_ns) = reader.time(&snapshot);
            reader.check(&snapshot, overwriter.written);
            ages.push(SnapshotAge {
                overwrites: overwriter.written,
                keys_overwritten: overwriter.keys_overwritten,
                age_ms: age_ns as f64 / 1e6,
                extra_bytes,
                versions,
                newest_read_ns,
                snapshot_read_ns,
            });
        }
        let reclaim = self.reclaim(store, snapshot, &mut overwriter, &live);
        let (subject, keys) = (self.subject.to_owned(), self.keys);
        Some(HeldSnapshot { part: 0, subject, keys, ages, reclaim, checks: reader.checks() })
    }

    /// Drops the snapshot and overwrites keys until its memory is reclaimed. `None` where bytes are
    /// not counted.
    fn reclaim<S: Storage>(
        &self,
        store: &S,
        snapshot: S::Snapshot,
        overwriter: &mut Overwriter<'_, S::Session<'_>>,
        live: &LiveBytes,
    ) -> Option<Reclaim> {
        let extra_bytes = live.now()?;
        let from = self.clock.ticks();
        drop(snapshot);
        let drop_ns = self.clock.ns_between(from, self.clock.ticks()) as f64;
        let after_drop_bytes = live.now()?;

        // If the snapshot kept nothing, there is nothing to reclaim: less than one byte per key is
        // not its memory.
        let reclaimed_bytes_max = (extra_bytes / RECLAIMED_DIVISOR).max(self.keys as i64);
        let written_before = overwriter.written;
        let (reclaimed_ms, end_bytes) = loop {
            let bytes = live.now()?;
            let since = Duration::from_nanos(self.clock.ns_between(from, self.clock.ticks()));
            if bytes <= reclaimed_bytes_max {
                break (Some(since.as_secs_f64() * 1e3), bytes);
            }
            if since >= self.reclaim {
                break (None, bytes);
            }
            overwriter.write(OVERWRITES_PER_CHECK);
        };
        let collected_bytes = match reclaimed_ms {
            Some(_) => None,
            None => {
                store.collect();
                live.now()
            }
        };
        Some(Reclaim {
            extra_bytes,
            drop_ns,
            after_drop_bytes,
            reclaimed_ms,
            overwrites: overwriter.written - written_before,
            end_bytes,
            collected_bytes,
        })
    }
}

/// Overwrites random keys, and records which.
struct Overwriter<'a, S> {
    /// The session to put through.
    session: S,
    /// The keys, in the order of their numbers.
    keys: &'a [Key],
    /// The numbers of the keys to overwrite.
    numbers: RandomKeyNumbers,
    /// The value to put.
    value: Value,
    /// Overwrites so far.
    written: u64,
    /// By number of the key, whether it is overwritten.
    is_overwritten: Vec<bool>,
    /// The number of overwritten keys.
    keys_overwritten: usize,
}

impl<'a, S: Session> Overwriter<'a, S> {
    fn new(session: S, keys: &'a KeySet, seed: u64) -> Self {
        let keys = keys.as_slice();
        Self {
            session,
            keys,
            numbers: RandomKeyNumbers::new(seed, keys.len()),
            value: overwriting_value(),
            written: 0,
            is_overwritten: vec![false; keys.len()],
            keys_overwritten: 0,
        }
    }

    fn write(&mut self, overwrites: u64) {
        for index in self.numbers.by_ref().take(overwrites as usize) {
            self.session.put(&self.keys[index], self.value.clone()).expect(REFUSED);
            let was_overwritten = std::mem::replace(&mut self.is_overwritten[index], true);
            self.keys_overwritten += usize::from(!was_overwritten);
        }
        self.written += overwrites;
    }
}

/// Interleaves reads of newest values and reads through the snapshot.
struct Reader<'a, S> {
    /// Reads the newest values.
    session: S,
    /// The run that the snapshot is read in.
    run: RunId,
    /// The keys, in the order of their numbers.
    keys: &'a [Key],
    /// Random keys, for the timed reads.
    random_keys: Vec<Key>,
    /// How long reads are timed at each age.
    reading: Duration,
    /// Times the reads.
    clock: &'a Clock,
    /// By batch, the mean time of a newest read.
    newest_ns: Vec<f64>,
    /// By batch, the mean time of a read through the snapshot.
    snapshot_ns: Vec<f64>,
    /// Reads through the snapshot that were checked.
    checked: u64,
    /// The number of wrong ones.
    failed: u64,
    /// The key number of the first wrong one, and the number of overwrites before it. The message
    /// is made at the end, because it would count as bytes of the snapshot.
    first_failure: Option<(usize, u64)>,
}

impl<'a, S: Session> Reader<'a, S> {
    fn new(session: S, run: RunId, keys: &'a KeySet, hold: &Hold<'a>) -> Self {
        let (_, batches_max) = BATCHES;
        Self {
            session,
            run,
            keys: keys.as_slice(),
            // Not in the order of the overwrites, which would read the last writes first.
            random_keys: random_keys(!hold.seed, keys),
            reading: hold.reading,
            clock: hold.clock,
            newest_ns: Vec::with_capacity(batches_max),
            snapshot_ns: Vec::with_capacity(batches_max),
            checked: 0,
            failed: 0,
            first_failure: None,
        }
    }

    /// Times newest reads and reads through the snapshot, in interleaved batches. Each batch has
    /// its own keys, so that neither kind benefits from what the other has loaded into the caches.
    fn time<P: SnapshotReads>(&mut self, snapshot: &P) -> (Spread, Spread) {
        let Self { session, run, random_keys, reading, clock, newest_ns, snapshot_ns, .. } = self;
        let (batches_min, batches_max) = BATCHES;
        newest_ns.clear();
        snapshot_ns.clear();
        let mut batches = random_keys.chunks_exact(READS).cycle();
        let begin = clock.ticks();
        loop {
            let [one, other] = [(); 2].map(|()| batches.next().unwrap_or_default());
            newest_ns.push(read_ns(clock, one, |key| session.get(key)));
            snapshot_ns.push(read_ns(clock, other, |key| snapshot.get(*run, key)));
            let elapsed_ns = clock.ns_between(begin, clock.ticks());
            let is_over = elapsed_ns >= reading.as_nanos() as u64;
            if newest_ns.len() == batches_max || is_over && newest_ns.len() >= batches_min {
                break;
            }
        }
        let summary = |ns: &[f64]| stats::summarise(ns).expect("at least one batch");
        (summary(newest_ns), summary(snapshot_ns))
    }

    /// Reads every key through the snapshot, which must find the values that the store was filled
    /// with.
    fn check<P: SnapshotReads>(&mut self, snapshot: &P, overwrites: u64) {
        for (number, key) in self.keys.iter().enumerate() {
            let found = snapshot.get(self.run, key);
            self.checked += 1;
            if found.is_none_or(|found| found.value != keys::value(number as u64)) {
                self.failed += 1;
                self.first_failure.get_or_insert((number, overwrites));
            }
        }
    }

    fn checks(self) -> Checks {
        let first_failure = self.first_failure.map(|(number, overwrites)| {
            format!(
                "key number {number}, read through the snapshot after {overwrites} overwrites, has \
                 changed since the snapshot was taken"
            )
        });
        Checks { checked: self.checked, failed: self.failed, first_failure, exemption: None }
    }
}

/// The mean nanoseconds of a read.
fn read_ns(clock: &Clock, keys: &[Key], mut read: impl FnMut(&Key) -> Option<Versioned>) -> f64 {
    let from = clock.ticks();
    for key in keys {
        black_box(read(key));
    }
    clock.ns_between(from, clock.ticks()) as f64 / keys.len().max(1) as f64
}
