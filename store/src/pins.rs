//! Which snapshots are open, so that writers keep what those can see and nothing else.
//!
//! A snapshot *pins* before it reads the clock; a writer reads the clock before it looks at the
//! pins. Each side stores (or has read a later time) and then loads what the other side stores, so
//! with a sequentially consistent fence between the two steps on both sides, at least one of them
//! sees the other: either the snapshot reads a clock that is late enough to see the new version, or
//! the writer sees the pin and keeps the old one. This is Dekker's store-buffering argument;
//! acquire and release alone do not give it.

use std::collections::BTreeMap;

use crate::clock::{Clock, LAST};
use crate::sync::{
    AtomicU32, AtomicU64, AtomicUsize, CachePadded, Mutex, Ordering, PIN_SLOTS, fence,
    thread_number,
};

/// `pinned` of a slot nobody uses.
const FREE: u64 = u64::MAX;
/// `pinned` of a slot whose snapshot has not settled on its version yet: writers keep everything.
const PINNING: u64 = 0;

/// One open snapshot and its clones.
struct Slot {
    /// `FREE`, `PINNING`, or one more than the snapshot's version.
    pinned: AtomicU64,
    /// How many clones share the slot.
    shares: AtomicU32,
}

/// The versions of all open snapshots.
pub(crate) struct Pins {
    /// Where snapshots pin without a lock.
    slots: Box<[CachePadded<Slot>]>,
    /// No slot at or past this index was ever used; writers look no further.
    used: CachePadded<AtomicUsize>,
    /// Snapshots that found no free slot.
    spill: Spill,
}

/// Snapshots beyond the slots: counted under a lock, never refused.
struct Spill {
    /// Open or opening ones; writers take the lock only when there are any.
    open: CachePadded<AtomicUsize>,
    /// How many snapshots are open at each version.
    versions: Mutex<BTreeMap<u64, u32>>,
    /// How many there ever were.
    total: AtomicU64,
}

/// The place of one open snapshot. Not `Drop`: the snapshot that owns it gives it back.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pin {
    /// In a slot.
    Slot(u32),
    /// Among the spilled.
    Spilled,
}

/// The open snapshots as one writer saw them.
#[derive(Default)]
pub(crate) struct Live {
    /// Their versions, sorted.
    versions: Vec<u64>,
    /// Whether one of them had not settled on its version.
    unsettled: bool,
}

impl Pins {
    pub(crate) fn new() -> Self {
        let slot = || Slot { pinned: AtomicU64::new(FREE), shares: AtomicU32::new(0) };
        Self {
            slots: (0..PIN_SLOTS).map(|_| CachePadded::new(slot())).collect(),
            used: CachePadded::new(AtomicUsize::new(0)),
            spill: Spill {
                open: CachePadded::new(AtomicUsize::new(0)),
                versions: Mutex::new(BTreeMap::new()),
                total: AtomicU64::new(0),
            },
        }
    }

    /// Opens a snapshot: its pin and its version. Writes that begin after this returned are not
    /// in it, writes that returned before this began are.
    #[inline]
    pub(crate) fn open(&self, clock: &Clock) -> (Pin, u64) {
        // Threads start at different slots, so as not to meet.
        let first = thread_number() % PIN_SLOTS;
        for index in (first..PIN_SLOTS).chain(0..first) {
            let slot = &self.slots[index];
            // Relaxed: a guess that the exchange below checks.
            // Acquire: the last user's reads happened before ours.
            if slot.pinned.load(Ordering::Relaxed) == FREE
                && slot
                    .pinned
                    .compare_exchange(FREE, PINNING, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
            {
                // Relaxed: ordered before the clock by the fence, like the pin itself.
                if index >= self.used.load(Ordering::Relaxed) {
                    self.used.fetch_max(index + 1, Ordering::Relaxed);
                }
                slot.shares.store(1, Ordering::Relaxed);
                // SeqCst fence: the snapshot's half of the protocol; the pin is out before the
                // clock is read.
                fence(Ordering::SeqCst);
                let version = clock.read_and_move();
                // Release: a writer that sees the version knows that it is final.
                slot.pinned.store(version + 1, Ordering::Release);
                return (Pin::Slot(index as u32), version);
            }
        }
        self.open_spilled(clock)
    }

    #[cold]
    #[inline(never)]
    fn open_spilled(&self, clock: &Clock) -> (Pin, u64) {
        let mut versions = self.spill.versions.lock();
        // Relaxed, both: ordered by the fence; the total is only ever reported.
        self.spill.open.fetch_add(1, Ordering::Relaxed);
        self.spill.total.fetch_add(1, Ordering::Relaxed);
        // SeqCst fence: as in `open`. A writer that sees the count waits for the lock, and so for
        // the version.
        fence(Ordering::SeqCst);
        let version = clock.read_and_move();
        *versions.entry(version).or_insert(0) += 1;
        (Pin::Spilled, version)
    }

    /// Adds a clone of an open snapshot.
    pub(crate) fn share(&self, pin: Pin, version: u64) {
        match pin {
            // Relaxed: the snapshot being cloned keeps the slot taken meanwhile.
            Pin::Slot(index) => {
                let shares = self.slots[index as usize].shares.fetch_add(1, Ordering::Relaxed);
                // As `Arc` does: only clones that were leaked by the billion get here, and a count
                // that wrapped would free the slot under the others.
                if shares > u32::MAX / 2 {
                    std::process::abort();
                }
            }
            Pin::Spilled => {
                // Relaxed: the snapshot being cloned keeps the count above zero meanwhile.
                self.spill.open.fetch_add(1, Ordering::Relaxed);
                *self.spill.versions.lock().entry(version).or_insert(0) += 1;
            }
        }
    }

    /// Closes a snapshot or one of its clones.
    #[inline]
    pub(crate) fn close(&self, pin: Pin, version: u64) {
        match pin {
            Pin::Slot(index) => {
                let slot = &self.slots[index as usize];
                // Acquire: the other clones' reads happened before the slot becomes free. Seeing 1
                // means that only the caller can reach the slot, so nothing can race with it.
                // AcqRel: the same for a clone that is closed by somebody else just now.
                if slot.shares.load(Ordering::Acquire) == 1
                    || slot.shares.fetch_sub(1, Ordering::AcqRel) == 1
                {
                    // Release: our reads happened before a writer throws away what they needed.
                    slot.pinned.store(FREE, Ordering::Release);
                }
            }
            Pin::Spilled => {
                let mut versions = self.spill.versions.lock();
                let count = versions.get_mut(&version).expect("a spilled snapshot is counted");
                *count -= 1;
                if *count == 0 {
                    versions.remove(&version);
                }
                // Release: as above.
                self.spill.open.fetch_sub(1, Ordering::Release);
            }
        }
    }

    /// The snapshots open now. The caller has read the clock and holds the lock of its run.
    pub(crate) fn look(&self, live: &mut Live) {
        live.versions.clear();
        live.unsettled = false;
        // SeqCst fence: the writer's half of the protocol; the clock is read before the pins.
        fence(Ordering::SeqCst);
        // Relaxed: if a pin went to a slot past this, the fence tells us that its snapshot reads a
        // clock at least as late as ours.
        let used = self.used.load(Ordering::Relaxed);
        for slot in &self.slots[..used] {
            // Acquire: pairs with the Release in `close`.
            match slot.pinned.load(Ordering::Acquire) {
                FREE => {}
                PINNING => live.unsettled = true,
                pinned => live.versions.push(pinned - 1),
            }
        }
        // Acquire: pairs with the Release in `close`.
        if self.spill.open.load(Ordering::Acquire) > 0 {
            live.versions.extend(self.spill.versions.lock().keys());
        }
        live.versions.sort_unstable();
    }

    /// How many snapshots are open, clones counted in; for statistics.
    pub(crate) fn open_count(&self) -> u64 {
        // Relaxed, both: a count for reports, of no single moment.
        let slots = self.slots.iter().filter(|slot| slot.pinned.load(Ordering::Relaxed) != FREE);
        let shares = slots.map(|slot| u64::from(slot.shares.load(Ordering::Relaxed))).sum::<u64>();
        shares + self.spill.versions.lock().values().map(|count| u64::from(*count)).sum::<u64>()
    }

    /// How many snapshots found no free slot since the store was made.
    pub(crate) fn spills_total(&self) -> u64 {
        // Relaxed: a count that is only ever reported.
        self.spill.total.load(Ordering::Relaxed)
    }
}

impl Live {
    /// Whether a snapshot may see a version that was installed at `from` and replaced at `until`.
    #[inline]
    pub(crate) fn may_see(&self, from: u64, until: u64) -> bool {
        let first = self.versions.partition_point(|version| *version < from);
        from < until
            && (self.unsettled || self.versions.get(first).is_some_and(|version| *version < until))
    }

    /// Whether no snapshot can see anything older than `now`, the clock that was read before.
    pub(crate) fn none_before(&self, now: u64) -> bool {
        !self.may_see(0, now)
    }

    /// The oldest of them.
    pub(crate) fn oldest(&self) -> Option<u64> {
        self.versions.first().copied()
    }
}

/// What one run's writers know of the open snapshots. It is kept between writes.
pub(crate) struct Watch {
    /// A time of the clock at which no snapshot was open. While the clock still says so, none that
    /// can see anything older has been opened since: it would have moved the clock.
    clean_at: u64,
    /// The last look at the pins; kept for its memory.
    live: Live,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self { clean_at: u64::MAX, live: Live::default() }
    }

    /// Whether it is known that at this time of the clock no snapshot sees anything older.
    #[inline(always)]
    pub(crate) fn is_clean_at(&self, now: u64) -> bool {
        self.clean_at == now
    }
}

/// Answers, for the writes of one commit, which snapshots may see what they replace. It looks at
/// the pins at most once, and not at all where the answer is known.
pub(crate) struct Needs<'a> {
    /// The open snapshots.
    pins: &'a Pins,
    /// What this run's writers know of them already.
    watch: &'a mut Watch,
    /// The clock, read before, under the locks of all runs of the commit.
    now: u64,
    /// Whether `watch.live` was filled by this commit.
    looked: bool,
}

impl<'a> Needs<'a> {
    /// For a commit with stamp `now`.
    #[inline]
    pub(crate) fn new(pins: &'a Pins, watch: &'a mut Watch, now: u64) -> Self {
        Self { pins, watch, now, looked: false }
    }

    /// Whether a snapshot may see a version that was installed at `from` and is replaced now.
    #[inline]
    pub(crate) fn may_see(&mut self, from: u64) -> bool {
        let now = self.now;
        from != now && self.watch.clean_at != now && self.live().may_see(from, now)
    }

    /// Whether it is known that no snapshot sees anything older than now.
    #[inline]
    pub(crate) fn is_clean(&self) -> bool {
        self.watch.is_clean_at(self.now)
    }

    /// The open snapshots.
    #[cold]
    #[inline(never)]
    pub(crate) fn live(&mut self) -> &Live {
        if !self.looked {
            self.looked = true;
            self.pins.look(&mut self.watch.live);
            // At its last number the clock stands still, and being clean says nothing of later.
            if self.watch.live.none_before(self.now) && self.now < LAST {
                self.watch.clean_at = self.now;
            }
        }
        &self.watch.live
    }
}
