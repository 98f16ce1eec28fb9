//! The tables each thread read last, so that a plain `get` finds its run without the directory.
//!
//! Only weak pointers are kept: a thread that goes idle keeps no store and no run alive.

use std::cell::RefCell;

use crate::contract::RunId;
use crate::sync::{Arc, Weak, local};
use crate::table::Table;

/// Runs a thread remembers; one that works in more gains nothing.
const REMEMBERED: usize = 4;

/// A table that a thread read.
struct Recent {
    /// The store's serial number.
    store: u64,
    /// The run.
    run: RunId,
    /// Its table when the thread last took the lock.
    table: Weak<Table>,
}

local! {
    static RECENT: RefCell<[Option<Recent>; REMEMBERED]> = const { RefCell::new([const { None }; REMEMBERED]) };
}

/// Reads from the table of a run, if this thread remembers it and it still exists.
#[inline(always)]
pub(crate) fn read<T>(store: u64, run: RunId, read: impl FnOnce(&Table) -> T) -> Option<T> {
    let read_it = |recent: &RefCell<[Option<Recent>; REMEMBERED]>| {
        let recent = recent.try_borrow().ok()?;
        let found = recent[place(run)].as_ref()?;
        if found.store != store || found.run != run {
            return None;
        }
        Some(read(&*found.table.upgrade()?))
    };
    RECENT.try_with(read_it).ok().flatten()
}

/// Remembers the table of a run in place of whatever shares its place.
pub(crate) fn remember(store: u64, run: RunId, table: &Arc<Table>) {
    // A thread that is ending, or a drop inside `read`, may find the cell taken: then not.
    let _ = RECENT.try_with(|recent| {
        if let Ok(mut recent) = recent.try_borrow_mut() {
            recent[place(run)] = Some(Recent { store, run, table: Arc::downgrade(table) });
        }
    });
}

fn place(run: RunId) -> usize {
    let bits = run.as_u128();
    (bits as u64 ^ (bits >> 64) as u64) as usize % REMEMBERED
}
