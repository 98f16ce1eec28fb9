//! The hash table under a run: one writer at a time, any number of readers that write nothing.
//!
//! Every word of the table is an atomic. Writers hold the run's lock; they make `sequence` odd,
//! store with relaxed ordering, and make it even again. A reader without the lock copies what it
//! wants between two looks at `sequence` and throws the copy away if the two differ: a *sequence
//! lock* (Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012).
//! Because only whole words are read, and none of them is a pointer, a torn copy is garbage but
//! never undefined behaviour, and this file needs no `unsafe`.
//!
//! Byte strings too long for a cell live in the run's [`Arena`](crate::arena::Arena), which only
//! the lock's holder may touch: an unlocked reader that meets one says so and is sent to the lock.
//!
//! Probing is by aligned groups of eight one-byte tags compared at once in one word, as in
//! Abseil's "Swiss tables".

use crate::cell::{Cell, CellKey, Head, Probe};
use crate::sync::{AtomicU64, Ordering, PADDING_WORDS as PADDING, fence};
use crate::word::Word;

/// Cells that share one word of tags.
const GROUP_CELLS: usize = 8;
/// `sequence` of a table that has been replaced; odd, so that readers turn away from it.
const RETIRED: u64 = u64::MAX;

const EMPTY: u8 = 0xff;
const DELETED: u8 = 0x80;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Why a reader without the lock got no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TurnedAway {
    /// A writer was at work; try again.
    Busy,
    /// The table has been replaced by another.
    Retired,
}

/// A table of fixed capacity; growing means building another one.
#[repr(align(64))]
pub(crate) struct Table {
    /// Even: stable. Odd: a writer is at work, or [`RETIRED`].
    sequence: AtomicU64,
    /// Number of groups less one; the number is a power of two.
    group_mask: usize,
    /// Unused words before and after the tags and the stamps keep neighbours in memory off their
    /// lines. Eight tags a word; a tag is `EMPTY`, `DELETED`, or the top seven bits of the hash.
    tags: Box<[Word]>,
    /// The keys and their newest values, eight cells to a group.
    cells: Box<[Cell]>,
    /// The stamp of each cell's newest version, apart from it: reads of a value do not need it, and
    /// writes change it only after a snapshot was taken.
    stamps: Box<[Word]>,
}

impl Table {
    /// An empty table with room for at least `entries`.
    pub(crate) fn with_room(entries: usize) -> Self {
        let cells_wanted = entries.saturating_mul(8).div_ceil(7);
        let groups = cells_wanted.div_ceil(GROUP_CELLS).max(1).next_power_of_two();
        let cells = groups * GROUP_CELLS;
        Self {
            sequence: AtomicU64::new(0),
            group_mask: groups - 1,
            tags: (0..groups + 2 * PADDING).map(|_| Word::new(u64::MAX)).collect(),
            cells: (0..cells).map(|_| Cell::default()).collect(),
            stamps: (0..cells + 2 * PADDING).map(|_| Word::new(0)).collect(),
        }
    }

    /// How many cells may be in use, deleted ones counted in, before the table must grow.
    pub(crate) fn room(&self) -> usize {
        self.cells_total() / 8 * 7
    }

    /// Bytes the table occupies.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + size_of_val(&*self.tags)
            + size_of_val(&*self.cells)
            + size_of_val(&*self.stamps)
    }

    /// Begins a look without the lock: what is read until [`Look::holds`] counts only if that says
    /// so.
    #[inline(always)]
    pub(crate) fn look(&self) -> Result<Look<'_>, TurnedAway> {
        // Acquire: what the writer stored before it made the sequence even is seen from here on.
        match self.sequence.load(Ordering::Acquire) {
            before if before & 1 == 0 => Ok(Look { table: self, before }),
            RETIRED => Err(TurnedAway::Retired),
            _ => Err(TurnedAway::Busy),
        }
    }

    /// The index of a key's cell.
    #[inline(always)]
    pub(crate) fn find(&self, key: &impl Probe) -> Option<usize> {
        self.find_hashed(key.hash(), key).map(|(at, _)| at)
    }

    /// A key's cell and its index; `hash` is the key's.
    #[inline(always)]
    pub(crate) fn find_hashed(&self, hash: u64, key: &impl Probe) -> Option<(usize, &Cell)> {
        let group = hash as usize & self.group_mask;
        let tags = self.tags(group).get();
        match self.find_in_group(group, tags, hash, key) {
            None if !has_empty(tags) => self.find_further(group, hash, key),
            found => found,
        }
    }

    /// Looks in the groups after the first: rare, and so kept out of the way of the usual case.
    #[cold]
    #[inline(never)]
    fn find_further(
        &self,
        mut group: usize,
        hash: u64,
        key: &impl Probe,
    ) -> Option<(usize, &Cell)> {
        // Triangular steps visit every group once; a torn table could otherwise loop for ever.
        for step in 1..=self.group_mask {
            group = (group + step) & self.group_mask;
            let tags = self.tags(group).get();
            let found = self.find_in_group(group, tags, hash, key);
            if found.is_some() || has_empty(tags) {
                return found;
            }
        }
        None
    }

    #[inline(always)]
    fn find_in_group(
        &self,
        group: usize,
        tags: u64,
        hash: u64,
        key: &impl Probe,
    ) -> Option<(usize, &Cell)> {
        let mut hits = same_tags(tags, hash);
        while hits != 0 {
            let at = first_of(group, hits);
            let cell = self.cell(at);
            if key.is_in(cell) {
                return Some((at, cell));
            }
            hits &= hits - 1;
        }
        None
    }

    /// The newest version in a cell.
    #[inline(always)]
    pub(crate) fn head(&self, at: usize) -> Head {
        let copied = self.cell(at).copy_value();
        Head { stamp: self.stamp(at), sequence: copied.sequence(), value: copied.value() }
    }

    /// A cell.
    #[inline(always)]
    pub(crate) fn cell(&self, at: usize) -> &Cell {
        &self.cells[at]
    }

    /// The stamp of the newest version in a cell.
    #[inline(always)]
    pub(crate) fn stamp(&self, at: usize) -> u64 {
        self.stamp_of(at).get()
    }

    #[inline(always)]
    fn stamp_of(&self, at: usize) -> &Word {
        &self.stamps[at + PADDING]
    }

    /// The cells in use, in no order.
    pub(crate) fn occupied(&self) -> impl Iterator<Item = usize> + '_ {
        (0..=self.group_mask).flat_map(move |group| {
            let mut full = !self.tags(group).get() & HIGHS;
            std::iter::from_fn(move || {
                let bit = (full != 0).then(|| full.trailing_zeros() as usize)?;
                full &= full - 1;
                Some(group * GROUP_CELLS + bit / 8)
            })
        })
    }

    /// Keeps unlocked readers out until the guard is dropped. The caller holds the run's lock, and
    /// the table is not retired.
    #[inline(always)]
    pub(crate) fn write(&self) -> Writing<'_> {
        // Relaxed: only the lock's holder writes the sequence.
        let before = self.sequence.load(Ordering::Relaxed);
        debug_assert!(before & 1 == 0, "two writers at a time, or a retired table");
        self.sequence.store(before + 1, Ordering::Relaxed);
        // Release fence: a reader that sees any store below also sees the odd sequence.
        fence(Ordering::Release);
        Writing { table: self, after: before + 2 }
    }

    /// The same for a table that may be retired, and stays so: what only snapshots see is tidied
    /// too.
    pub(crate) fn tidy(&self) -> Writing<'_> {
        // Relaxed: as above.
        if self.sequence.load(Ordering::Relaxed) == RETIRED {
            return Writing { table: self, after: RETIRED };
        }
        self.write()
    }

    /// Turns unlocked readers away for good. The caller holds the run's lock.
    pub(crate) fn retire(&self) {
        // Release: nothing before the replacement is reordered past it.
        self.sequence.store(RETIRED, Ordering::Release);
    }

    fn cells_total(&self) -> usize {
        (self.group_mask + 1) * GROUP_CELLS
    }

    #[inline]
    fn tags(&self, group: usize) -> &Word {
        &self.tags[group + PADDING]
    }

    fn set_tag(&self, at: usize, tag: u8) {
        let word = self.tags(at / GROUP_CELLS);
        let shift = at % GROUP_CELLS * 8;
        let others = word.get() & !(0xff << shift);
        word.set(others | (u64::from(tag) << shift));
    }
}

/// The cells of a group, one bit each, whose tag is that of `hash`; now and then one too many.
#[inline(always)]
fn same_tags(tags: u64, hash: u64) -> u64 {
    let differs = tags ^ (ONES * (hash >> 57));
    differs.wrapping_sub(ONES) & !differs & HIGHS
}

/// The first cell of a set as `same_tags` gives it.
#[inline(always)]
fn first_of(group: usize, hits: u64) -> usize {
    group * GROUP_CELLS + hits.trailing_zeros() as usize / 8
}

/// Whether one of eight tags is `EMPTY`, the only one whose two highest bits are set.
#[inline(always)]
fn has_empty(tags: u64) -> bool {
    tags & (tags << 1) & HIGHS != 0
}

/// A look at a table without the lock.
pub(crate) struct Look<'a> {
    /// The table.
    table: &'a Table,
    /// The sequence when it began.
    before: u64,
}

impl Look<'_> {
    /// Whether everything read since the look began was of one moment.
    #[inline(always)]
    pub(crate) fn holds(&self) -> bool {
        // Acquire fence: the loads so far happen before the second look at the sequence.
        fence(Ordering::Acquire);
        // Relaxed: ordered by the fence.
        self.table.sequence.load(Ordering::Relaxed) == self.before
    }
}

/// The right to change a table: unlocked readers are kept out until it is dropped.
pub(crate) struct Writing<'a> {
    /// The table.
    table: &'a Table,
    /// The sequence that lets readers in again, or [`RETIRED`].
    after: u64,
}

impl Writing<'_> {
    /// Replaces the newest version in a cell.
    pub(crate) fn set(&self, at: usize, head: &Head) {
        self.table.cell(at).set_value(head.sequence, head.value);
        self.set_stamp(at, head.stamp);
    }

    /// Replaces the stamp of a cell.
    #[inline(always)]
    pub(crate) fn set_stamp(&self, at: usize, stamp: u64) {
        self.table.stamp_of(at).set(stamp);
    }

    /// Files a key that is not in the table, which has room. Returns whether its cell had never
    /// been used.
    pub(crate) fn insert(&self, key: CellKey, head: &Head) -> bool {
        let table = self.table;
        let hash = key.hash();
        let mut group = hash as usize & table.group_mask;
        let mut step = 0;
        let at = loop {
            let free = table.tags(group).get() & HIGHS;
            if free != 0 {
                break first_of(group, free);
            }
            step += 1;
            assert!(step <= table.group_mask, "a table with room has a free cell");
            group = (group + step) & table.group_mask;
        };
        let shift = at % GROUP_CELLS * 8;
        let fresh = (table.tags(group).get() >> shift) as u8 == EMPTY;
        table.cell(at).set_key(key);
        self.set(at, head);
        table.set_tag(at, (hash >> 57) as u8);
        fresh
    }

    /// Frees a cell. Returns whether it can be used as if it never had been.
    pub(crate) fn erase(&self, at: usize) -> bool {
        // No probe ever went past a group with an empty cell, so none needs this one as a bridge.
        let tags = self.table.tags(at / GROUP_CELLS).get();
        let bridge = !has_empty(tags);
        self.table.set_tag(at, if bridge { DELETED } else { EMPTY });
        !bridge
    }
}

impl Drop for Writing<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // Release: a reader that sees the even sequence sees every store before it.
        self.table.sequence.store(self.after, Ordering::Release);
    }
}
