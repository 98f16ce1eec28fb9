//! Whether a history is what a recorder could have written, so that whoever reads it need not ask
//! again.

use std::collections::HashSet;
use std::fmt::Display;

use rustc_hash::FxBuildHasher;

use crate::history::{ABSENT, Event, GARBLED, Header, History, Kind, Listed, Log, Order};
use crate::history::{flag, names::Named, validate::handles::Handles};
use crate::program::Program;

mod handles;

/// What makes a history one that no recorder could have written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("field `{field}` is {found}: {problem}")]
pub struct HistoryFault {
    /// The field, as in `logs[1].events[7].key`.
    pub field: String,
    /// What it holds.
    pub found: String,
    /// Why that cannot be.
    pub problem: &'static str,
}

/// A fault of a field within something that knows its own place.
type Fault = (&'static str, String, &'static str);

impl History {
    /// Checks that every number means something: kinds, runs, keys, prefixes, flags, handles,
    /// values and times. What a store did wrong is not asked here.
    ///
    /// # Errors
    /// [`HistoryFault`], which names the first field that is wrong.
    pub fn validate(&self) -> Result<(), HistoryFault> {
        validate_header(&self.header, self.logs.len())?;
        let limits = Limits::of(&self.header);
        for (number, log) in self.logs.iter().enumerate() {
            validate_events(log, &limits).map_err(|(event, fault)| at(number, event, fault))?;
            validate_listings(number, log, &limits)?;
        }
        validate_values(&self.logs)?;
        Handles::of(&self.logs)?.validate(&self.logs)
    }
}

fn fault(field: impl Display, found: impl Display, problem: &'static str) -> HistoryFault {
    HistoryFault { field: field.to_string(), found: found.to_string(), problem }
}

/// A fault of an event.
fn at(log: usize, event: usize, (field, found, problem): Fault) -> HistoryFault {
    fault(format_args!("logs[{log}].events[{event}].{field}"), found, problem)
}

fn validate_header(header: &Header, logs: usize) -> Result<(), HistoryFault> {
    let Header { alphabet, runs, program, .. } = header;
    if !(2..=Program::THREADS_MAX + 2).contains(&logs) {
        let problem = "there is one for the setup, one for what was read at rest, and one for \
                       each of at most 64 threads between them";
        return Err(fault("logs", format_args!("a list of {logs}"), problem));
    }
    if *runs > Program::RUNS_MAX {
        return Err(fault("header.runs", runs, "there are at most 256"));
    }
    if alphabet.keys.len() > Program::KEYS_MAX as usize {
        let found = format!("a list of {}", alphabet.keys.len());
        return Err(fault("header.alphabet.keys", found, "there are at most a million"));
    }
    let mut keys = HashSet::with_capacity_and_hasher(alphabet.keys.len(), FxBuildHasher);
    if let Some(number) = alphabet.keys.iter().position(|key| !keys.insert(key)) {
        let field = format!("header.alphabet.keys[{number}]");
        return Err(fault(field, alphabet.keys[number].escape_ascii(), "it is there twice"));
    }
    let Some(program) = program else {
        return Ok(());
    };
    if program.threads.len() + 2 != logs {
        let found = format!("a list of {}", program.threads.len());
        return Err(fault("header.program.threads", found, "there is one log for each, and two"));
    }
    program.validate().map_err(|source| fault("header.program", source, "no executor would run it"))
}

/// What the numbers of events must stay below.
struct Limits {
    /// Runs.
    runs: u16,
    /// Keys.
    keys: usize,
    /// Prefixes.
    prefixes: usize,
    /// Whether times must be in order.
    order: Order,
}

impl Limits {
    fn of(header: &Header) -> Self {
        let (keys, prefixes) = (header.alphabet.keys.len(), header.alphabet.prefixes.len());
        Self { runs: header.runs, keys, prefixes, order: header.order }
    }
}

fn validate_events(log: &Log, limits: &Limits) -> Result<(), (usize, Fault)> {
    let mut before = 0;
    for (index, event) in log.events.iter().enumerate() {
        validate_event(event, limits).map_err(|fault| (index, fault))?;
        if limits.order == Order::RealTime && event.invoke < before {
            let problem = "the event before it in the log began later";
            return Err((index, ("invoke", event.invoke.to_string(), problem)));
        }
        before = event.invoke;
    }
    Ok(())
}

fn validate_event(event: &Event, limits: &Limits) -> Result<(), Fault> {
    let Some(kind) = Kind::from_number(event.kind) else {
        return Err(("kind", event.kind.to_string(), "there is no such kind"));
    };
    if event.flags & !ALL_FLAGS != 0 {
        return Err(("flags", event.flags.to_string(), "it has bits that mean nothing"));
    }
    if event.unused != 0 {
        return Err(("unused", event.unused.to_string(), "it is always 0"));
    }
    let key = event.key as usize;
    let names = kind.names();
    if names.run && event.run >= limits.runs {
        return Err(("run", event.run.to_string(), "it is not below the header's `runs`"));
    }
    match names.key {
        Named::Key if key >= limits.keys => {
            Err(("key", key.to_string(), "the alphabet has no such key"))
        }
        Named::Prefix if key >= limits.prefixes => {
            Err(("key", key.to_string(), "the alphabet has no such prefix"))
        }
        Named::Flag if key >= Program::FLAGS.into() => {
            Err(("key", key.to_string(), "there is no such flag"))
        }
        _ => Ok(()),
    }?;
    let yes_or_no =
        matches!(kind, Kind::Contains | Kind::SnapshotContains | Kind::RemoveRun | Kind::Observe);
    if yes_or_no && event.value > 1 {
        return Err(("value", event.value.to_string(), "it is a yes (1) or no (0)"));
    }
    Ok(())
}

/// All bits that mean something.
const ALL_FLAGS: u8 = flag::REFUSED
    | flag::CONFLICT
    | flag::UNSORTED
    | flag::NO_EFFECT
    | flag::REREAD
    | flag::AFTER_COLLECT;

fn validate_listings(number: usize, log: &Log, limits: &Limits) -> Result<(), HistoryFault> {
    let mut next = 0;
    for (place, (index, entries)) in log.listings.iter().enumerate() {
        let fault = |found: &dyn Display, problem| {
            fault(format_args!("logs[{number}].listings[{place}]"), found, problem)
        };
        let event = log.events.get(*index as usize);
        let kind = event.and_then(|event| Kind::from_number(event.kind));
        if !matches!(kind, Some(Kind::List | Kind::SnapshotList | Kind::TransactionList)) {
            return Err(fault(index, "the log has no listing there"));
        }
        if *index < next {
            return Err(fault(index, "they are in the order of their events, each once"));
        }
        next = index + 1;
        let unknown = |entry: &&Listed| entry.key as usize >= limits.keys;
        if let Some(entry) = entries.iter().find(unknown) {
            return Err(fault(&entry.key, "the alphabet has no such key"));
        }
        if event.is_some_and(|event| event.value as usize != entries.len()) {
            let found = format!("a list of {}", entries.len());
            return Err(fault(&found, "its event says another number of entries"));
        }
    }
    Ok(())
}

/// Every value is written by one event.
fn validate_values(logs: &[Log]) -> Result<(), HistoryFault> {
    let mut written: HashSet<u32, FxBuildHasher> = HashSet::default();
    for (number, log) in logs.iter().enumerate() {
        for (index, event) in log.events.iter().enumerate() {
            let writes = [Kind::Put, Kind::SetPut, Kind::TransactionPut].map(|kind| kind as u8);
            if !writes.contains(&event.kind) || event.has(flag::REFUSED) {
                continue;
            }
            if matches!(event.value, ABSENT | GARBLED) {
                let problem = "it stands for no value, so nothing can write it";
                return Err(at(number, index, ("value", event.value.to_string(), problem)));
            }
            if !written.insert(event.value) {
                let problem = "another event wrote a value with this id";
                return Err(at(number, index, ("value", event.value.to_string(), problem)));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
