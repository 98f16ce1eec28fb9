//! Which snapshots, transactions and write sets a history has.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::{HistoryFault, at};
use crate::check::report::EventRef;
use crate::history::{Event, Kind, Log, flag};

/// What a handle stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HandleKind {
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
    kind: HandleKind,
    /// The event that made it; of a write set, the last one so far.
    made: EventRef,
}

impl Handles {
    /// Finds the events that make handles, each handle once.
    pub(super) fn of(logs: &[Log]) -> Result<Self, HistoryFault> {
        let mut handles: HashMap<u32, Handle, FxBuildHasher> = HashMap::default();
        for (event_ref, event) in events(logs) {
            let Some(kind) = makes(event) else {
                continue;
            };
            if event.handle == 0 {
                return Err(wrong(event_ref, event.handle, "it is 0, which stands for none"));
            }
            let before = handles.insert(event.handle, Handle { kind, made: event_ref });
            let next_of_set = |before: Handle| {
                kind == HandleKind::WriteSet
                    && before.kind == kind
                    && (before.made.log, before.made.event + 1) == (event_ref.log, event_ref.event)
            };
            if before.is_some_and(|before| !next_of_set(before)) {
                let problem = "it was given to something else before, or its write set is torn";
                return Err(wrong(event_ref, event.handle, problem));
            }
        }
        Ok(Self(handles))
    }

    /// Checks that the other events name handles that there are.
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
                return Err(wrong(event_ref, handle, "it is made by a later event of the log"));
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
        // Nothing else of a refused event counts.
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
