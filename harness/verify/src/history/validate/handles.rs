//! Which snapshots, transactions and write sets a history has.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::{HistoryFault, at};
use crate::check::report::EventRef;
use crate::history::{Event, Kind, Log, flag};

/// What a handle stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Thing {
    /// A snapshot, from its opening or cloning on.
    Snapshot,
    /// A transaction, from its beginning on.
    Transaction,
    /// A write set.
    WriteSet,
}

/// All handles of a history.
pub(super) struct Handles(HashMap<u32, Handle, FxBuildHasher>);

/// One handle.
#[derive(Clone, Copy)]
struct Handle {
    /// What it stands for.
    thing: Thing,
    /// The event that made it; of a write set, the last one so far.
    made: EventRef,
}

impl Handles {
    /// Finds the events that make handles, each handle once.
    pub(super) fn of(logs: &[Log]) -> Result<Self, HistoryFault> {
        let mut handles: HashMap<u32, Handle, FxBuildHasher> = HashMap::default();
        for (place, event) in events(logs) {
            let Some(thing) = makes(event) else {
                continue;
            };
            if event.handle == 0 {
                return Err(wrong(place, event.handle, "it is 0, which stands for none"));
            }
            let before = handles.insert(event.handle, Handle { thing, made: place });
            let next_of_set = |before: Handle| {
                thing == Thing::WriteSet
                    && before.thing == thing
                    && (before.made.log, before.made.event + 1) == (place.log, place.event)
            };
            if before.is_some_and(|before| !next_of_set(before)) {
                let problem = "it was given to something else before, or its write set is torn";
                return Err(wrong(place, event.handle, problem));
            }
        }
        Ok(Self(handles))
    }

    /// Checks that the other events name handles that there are.
    pub(super) fn validate(&self, logs: &[Log]) -> Result<(), HistoryFault> {
        for (place, event) in events(logs) {
            let (handle, thing) = match uses(event) {
                Some(named) => named,
                None => continue,
            };
            let Some(known) = self.0.get(&handle).filter(|known| known.thing == thing) else {
                return Err(wrong(place, handle, unknown(thing)));
            };
            let (made, same_log) = (known.made, known.made.log == place.log);
            if same_log && made.event >= place.event {
                return Err(wrong(place, handle, "it is made by a later event of the log"));
            }
            if thing == Thing::Transaction && !same_log {
                return Err(wrong(place, handle, "its transaction began in another log"));
            }
        }
        Ok(())
    }
}

fn events(logs: &[Log]) -> impl Iterator<Item = (EventRef, &Event)> {
    logs.iter().zip(0u32..).flat_map(|(log, number)| {
        let places = (0u32..).map(move |event| EventRef { log: number, event });
        // Nothing else of a refused event counts.
        places.zip(&log.events).filter(|(_, event)| !event.has(flag::REFUSED))
    })
}

fn makes(event: &Event) -> Option<Thing> {
    match Kind::from_number(event.kind)? {
        Kind::Open | Kind::Clone => Some(Thing::Snapshot),
        Kind::Begin => Some(Thing::Transaction),
        Kind::SetPut | Kind::SetDelete => Some(Thing::WriteSet),
        _ => None,
    }
}

fn uses(event: &Event) -> Option<(u32, Thing)> {
    match Kind::from_number(event.kind)? {
        Kind::Clone => Some((event.value, Thing::Snapshot)),
        Kind::Drop
        | Kind::SnapshotGet
        | Kind::SnapshotContains
        | Kind::SnapshotCount
        | Kind::SnapshotList => Some((event.handle, Thing::Snapshot)),
        Kind::TransactionGet
        | Kind::TransactionPut
        | Kind::TransactionDelete
        | Kind::TransactionList
        | Kind::Commit
        | Kind::Abort => Some((event.handle, Thing::Transaction)),
        _ => None,
    }
}

fn unknown(thing: Thing) -> &'static str {
    match thing {
        Thing::Snapshot => "no event opens or clones such a snapshot",
        Thing::Transaction => "no event begins such a transaction",
        Thing::WriteSet => "no event writes such a set",
    }
}

fn wrong(place: EventRef, handle: u32, problem: &'static str) -> HistoryFault {
    at(place.log as usize, place.event as usize, ("handle", handle.to_string(), problem))
}
