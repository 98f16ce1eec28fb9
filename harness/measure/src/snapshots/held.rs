//! What a snapshot costs that is held while others write, and how its memory comes back.

use std::hint::black_box;
use std::time::Duration;

use sharded_store::{Key, RunId, Session, SnapshotReads, Storage, Value, Versioned};
use shardproof_evidence::{Checks, HeldSnapshot, Reclaim, SnapshotAge, Spread};
use shardproof_machine::clock::Clock;
use shardproof_stats as stats;
use shardproof_subject::{StorageVisitor, SubjectName};
use shardproof_trace::allocations::LiveBytes;
use shardproof_workload::KeySet;
use shardproof_workload::keys::{self, KEYS_PER_RUN, run_id};

use crate::Plan;
use crate::draw::{Draw, drawn_ahead, overwriting_value};
use crate::fill::{REFUSED, fill_session};
use crate::profile::Effort;
use crate::progress::Tracker;
use crate::snapshots::stage;

/// Planned time of one overwrite.
const OVERWRITE: Duration = Duration::from_nanos(500);
/// Of the time of a point, this part times the reads at one age.
const READINGS_PER_POINT: u32 = 5;
/// Points that may go by until the memory has come back.
const POINTS_TO_RECLAIM: u32 = 4;
/// What may be left of the extra bytes when they count as given back, as a divisor.
const TENTH: i64 = 10;
/// Overwrites between two looks at whether the memory has come back.
const OVERWRITES_PER_LOOK: u64 = 256;
/// Reads between two readings of the clock.
const READS: usize = 256;
/// Batches of reads of either kind at one age, at least and at most; noting them allocates nothing.
const BATCHES: (usize, usize) = (5, 1 << 12);

/// How long [`collect`] should take for one subject: memory that never comes back is not planned
/// for.
pub(super) fn planned(effort: &Effort) -> Duration {
    let ages = effort.snapshot_ages;
    let overwrites = ages.last().copied().unwrap_or(0) as u32 * KEYS_PER_RUN as u32;
    effort.point / READINGS_PER_POINT * ages.len() as u32 + OVERWRITE * overwrites
}

/// Holds a snapshot of one subject; nothing of a subject that has none.
pub(super) fn collect(
    name: SubjectName,
    plan: &Plan,
    effort: &Effort,
    clock: &Clock,
    tracker: &mut Tracker<'_>,
) -> Option<HeldSnapshot> {
    let hold = Hold {
        subject: name.as_str(),
        seed: plan.seed,
        keys: KEYS_PER_RUN,
        ages: effort.snapshot_ages,
        reading: effort.point / READINGS_PER_POINT,
        reclaim: effort.point * POINTS_TO_RECLAIM,
        clock,
    };
    let found = name.visit_storage(hold).flatten();
    if found.is_some() {
        tracker.advance(&stage(name), planned(effort));
    }
    found
}

/// How a held snapshot is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Hold<'a> {
    /// The subject's name.
    pub subject: &'a str,
    /// The seed of every random choice.
    pub seed: u64,
    /// Keys in the store, all in one run; at least one.
    pub keys: usize,
    /// When it is looked at: overwrites by the number of keys, ascending.
    pub ages: &'a [u64],
    /// How long reads are timed at each age.
    pub reading: Duration,
    /// How long overwrites go on after it was dropped, if its memory does not come back.
    pub reclaim: Duration,
    /// What times.
    pub clock: &'a Clock,
}

/// Holds a snapshot of whatever store it visits.
impl StorageVisitor for Hold<'_> {
    type Output = Option<HeldSnapshot>;

    fn visit<S: Storage>(self, create: impl Fn() -> S) -> Option<HeldSnapshot> {
        self.measure(&create())
    }
}

impl Hold<'_> {
    /// Fills an empty store, holds a snapshot of it while it overwrites keys, and drops it. `None`
    /// of a store that has no snapshots.
    ///
    /// Everything is done on one thread: no byte and no version is then counted while it changes.
    ///
    /// # Panics
    /// When the store refuses a put, or says that it has snapshots and gives none.
    pub fn measure<S: Storage>(&self, store: &S) -> Option<HeldSnapshot> {
        if !S::CAPABILITIES.snapshots {
            return None;
        }
        let (keys, run) = (KeySet::new(self.keys), run_id(self.seed, 0));
        let mut session = store.session(run);
        fill_session(&mut session, &keys);
        // What the measurement allocates for itself lies before the bytes are counted from 0.
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

    /// Drops the snapshot and overwrites keys until its memory is back. `None` where bytes are not
    /// counted.
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

        // A snapshot that kept nothing has nothing to give back: less than a byte for each key is
        // none of its doing.
        let left_bytes = (extra_bytes / TENTH).max(self.keys as i64);
        let written_before = overwriter.written;
        let (reclaimed_ms, end_bytes) = loop {
            let bytes = live.now()?;
            let since = Duration::from_nanos(self.clock.ns_between(from, self.clock.ticks()));
            if bytes <= left_bytes {
                break (Some(since.as_secs_f64() * 1e3), bytes);
            }
            if since >= self.reclaim {
                break (None, bytes);
            }
            overwriter.write(OVERWRITES_PER_LOOK);
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

/// Puts keys drawn at random, and knows which it has.
struct Overwriter<'a, S> {
    /// Where they are put.
    session: S,
    /// The keys, in the order of their numbers.
    keys: &'a [Key],
    /// Which is next.
    draw: Draw,
    /// What is put.
    value: Value,
    /// Overwrites so far.
    written: u64,
    /// By the number of the key, whether it was overwritten.
    is_overwritten: Vec<bool>,
    /// How many were.
    keys_overwritten: usize,
}

impl<'a, S: Session> Overwriter<'a, S> {
    fn new(session: S, keys: &'a KeySet, seed: u64) -> Self {
        let keys = keys.as_slice();
        Self {
            session,
            keys,
            draw: Draw::new(seed, keys.len()),
            value: overwriting_value(),
            written: 0,
            is_overwritten: vec![false; keys.len()],
            keys_overwritten: 0,
        }
    }

    fn write(&mut self, overwrites: u64) {
        for index in self.draw.by_ref().take(overwrites as usize) {
            self.session.put(&self.keys[index], self.value.clone()).expect(REFUSED);
            let was_overwritten = std::mem::replace(&mut self.is_overwritten[index], true);
            self.keys_overwritten += usize::from(!was_overwritten);
        }
        self.written += overwrites;
    }
}

/// Reads newest values and those of the snapshot, in turns.
struct Reader<'a, S> {
    /// Reads the newest values.
    session: S,
    /// The run that the snapshot is read in.
    run: RunId,
    /// The keys, in the order of their numbers.
    keys: &'a [Key],
    /// Keys drawn at random.
    drawn: Vec<Key>,
    /// How long reads are timed at each age.
    reading: Duration,
    /// What times them.
    clock: &'a Clock,
    /// One newest read, mean of each batch.
    newest_ns: Vec<f64>,
    /// One read through the snapshot, mean of each batch.
    snapshot_ns: Vec<f64>,
    /// Reads through the snapshot that were checked.
    checked: u64,
    /// Those that were wrong.
    failed: u64,
    /// The number of the first key that was, and the overwrites until then. Told in words at the
    /// end, so that the words are not counted among the snapshot's bytes.
    first_failure: Option<(usize, u64)>,
}

impl<'a, S: Session> Reader<'a, S> {
    fn new(session: S, run: RunId, keys: &'a KeySet, hold: &Hold<'a>) -> Self {
        let (_, batches_max) = BATCHES;
        Self {
            session,
            run,
            keys: keys.as_slice(),
            // Another order than that of the overwrites, or what was written last would be read
            // first.
            drawn: drawn_ahead(!hold.seed, keys),
            reading: hold.reading,
            clock: hold.clock,
            newest_ns: Vec::with_capacity(batches_max),
            snapshot_ns: Vec::with_capacity(batches_max),
            checked: 0,
            failed: 0,
            first_failure: None,
        }
    }

    /// One newest read, and one through the snapshot: over batches taken in turns, each of keys of
    /// its own, so that neither finds in the caches what the other has just brought there.
    fn time<P: SnapshotReads>(&mut self, snapshot: &P) -> (Spread, Spread) {
        let Self { session, run, drawn, reading, clock, newest_ns, snapshot_ns, .. } = self;
        let (batches_min, batches_max) = BATCHES;
        newest_ns.clear();
        snapshot_ns.clear();
        let mut batches = drawn.chunks_exact(READS).cycle();
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

    /// Reads every key through the snapshot, which must find what the store was filled with.
    fn check<P: SnapshotReads>(&mut self, snapshot: &P, overwrites: u64) {
        for (number, key) in self.keys.iter().enumerate() {
            let seen = snapshot.get(self.run, key);
            self.checked += 1;
            if seen.is_none_or(|seen| seen.value != keys::value(number as u64)) {
                self.failed += 1;
                self.first_failure.get_or_insert((number, overwrites));
            }
        }
    }

    fn checks(self) -> Checks {
        let first_failure = self.first_failure.map(|(number, overwrites)| {
            format!(
                "key number {number}, read through the snapshot after {overwrites} overwrites, is \
                 not what it was when the snapshot was taken"
            )
        });
        Checks { checked: self.checked, failed: self.failed, first_failure, exemption: None }
    }
}

/// Nanoseconds of one read.
fn read_ns(clock: &Clock, keys: &[Key], mut read: impl FnMut(&Key) -> Option<Versioned>) -> f64 {
    let from = clock.ticks();
    for key in keys {
        black_box(read(key));
    }
    clock.ns_between(from, clock.ticks()) as f64 / keys.len().max(1) as f64
}
