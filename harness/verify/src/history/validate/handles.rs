//! Checks that handles are created once, and before they are used.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::{HistoryFault, at};
use crate::check::report::EventRef;
use crate::history::{Event, Kind, Log, flag};

/// What a handle names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HandleKind {
    /// A snapshot, once it is opened or cloned.
    Snapshot,
    /// A transaction, once it has begun.
    Transaction,
    /// A write set.
    WriteSet,
}

/// All handles of a history.
pub(super) struct Handles(HashMap<u32, Handle, FxBuildHasher>);

/// One handle.
#[derive(Clone, Copy)]
struct Handle {
    /// What it names.
    kind: HandleKind,
    /// The event that created it; of a write set, its last event so far.
    made: EventRef,
}

impl Handles {
    /// Finds the events that create handles, one for each handle.
    pub(super) fn of(logs: &[Log]) -> Result<Self, HistoryFault> {
        let mut handles: HashMap<u32, Handle, FxBuildHasher> = HashMap::default();
        for (event_ref, event) in events(logs) {
            let Some(kind) = makes(event) else {
                continue;
            };
            if event.handle == 0 {
                return Err(wrong(event_ref, event.handle, "it is 0, which means none"));
            }
            let before = handles.insert(event.handle, Handle { kind, made: event_ref });
            let next_of_set = |before: Handle| {
                kind == HandleKind::WriteSet
                    && before.kind == kind
                    && (before.made.log, before.made.event + 1) == (event_ref.log, event_ref.event)
            };
            if before.is_some_and(|before| !next_of_set(before)) {
                let problem = "another snapshot, transaction or write set has this handle, or its write set is split";
                return Err(wrong(event_ref, event.handle, problem));
            }
        }
        Ok(Self(handles))
    }

    /// Checks that the other events use handles that exist.
    pub(super) fn validate(&self, logs: &[Log]) -> Result<(), HistoryFault> {
        for (event_ref, event) in events(logs) {
            let (handle, kind) = match uses(event) {
                Some(named) => named,
                None => continue,
            };
            let Some(known) = self.0.get(&handle).filter(|known| known.kind == kind) else {
                return Err(wrong(event_ref, handle, unknown(kind)));
            };
            let (made, same_log) = (known.made, known.made.log == event_ref.log);
            if same_log && made.event >= event_ref.event {
                return Err(wrong(event_ref, handle, "a later event of the log creates it"));
            }
            if kind == HandleKind::Transaction && !same_log {
                return Err(wrong(event_ref, handle, "its transaction began in another log"));
            }
        }
        Ok(())
    }
}

fn events(logs: &[Log]) -> impl Iterator<Item = (EventRef, &Event)> {
    logs.iter().zip(0u32..).flat_map(|(log, number)| {
        let refs = (0u32..).map(move |event| EventRef { log: number, event });
        // No other field of a refused event counts.
        refs.zip(&log.events).filter(|(_, event)| !event.has(flag::REFUSED))
    })
}

fn makes(event: &Event) -> Option<HandleKind> {
    match Kind::from_number(event.kind)? {
        Kind::Open | Kind::Clone => Some(HandleKind::Snapshot),
        Kind::Begin => Some(HandleKind::Transaction),
        Kind::SetPut | Kind::SetDelete => Some(HandleKind::WriteSet),
        _ => None,
    }
}

fn uses(event: &Event) -> Option<(u32, HandleKind)> {
    match Kind::from_number(event.kind)? {
        Kind::Clone => Some((event.value, HandleKind::Snapshot)),
        Kind::Drop
        | Kind::SnapshotGet
        | Kind::SnapshotContains
        | Kind::SnapshotCount
        | Kind::SnapshotList => Some((event.handle, HandleKind::Snapshot)),
        Kind::TransactionGet
        | Kind::TransactionPut
        | Kind::TransactionDelete
        | Kind::TransactionList
        | Kind::Commit
        | Kind::Abort => Some((event.handle, HandleKind::Transaction)),
        _ => None,
    }
}

fn unknown(kind: HandleKind) -> &'static str {
    match kind {
        HandleKind::Snapshot => "no event opens or clones such a snapshot",
        HandleKind::Transaction => "no event begins such a transaction",
        HandleKind::WriteSet => "no event writes such a set",
    }
}

fn wrong(event_ref: EventRef, handle: u32, problem: &'static str) -> HistoryFault {
    at(event_ref.log as usize, event_ref.event as usize, ("handle", handle.to_string(), problem))
}
