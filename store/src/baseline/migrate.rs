//! Carrying a `UnifiedStore` over into a `ShardedStore`.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

use super::unified::{State, UnifiedStore, Written};
use crate::cell::SEQUENCE_MAX;
use crate::contract::{Error, Key, RunId, Storage, Versioned};
use crate::sharded::ShardedStore;

/// Entries between two calls of the progress callback.
const PROGRESS_EVERY: usize = 1024;

/// How far a migration is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Entries copied, deletes counted in.
    Copied {
        /// So far.
        done: usize,
        /// In all.
        total: usize,
    },
    /// Entries compared between the two stores.
    Verified {
        /// So far.
        done: usize,
        /// In all.
        total: usize,
    },
}

/// Why a migration did not happen. The source is as it was, and there is no target.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum MigrateError {
    /// The callback asked to stop.
    Cancelled,
    /// A store refused an operation.
    Store(Error),
    /// The comparison at the end found a difference: a bug of this crate, reported rather than
    /// kept.
    Differs {
        /// The run.
        run: RunId,
        /// The key; none if it is the run as a whole that differs.
        key: Option<Key>,
    },
}

/// Copies everything in `source` into a new store and compares the two at the end: values,
/// versions, deletes, the order of versions, and which runs exist.
///
/// Versions keep their numbers: what `source` calls version 7 is stamp 7, sequence 7 in the new
/// store. The new store's clock starts one above the source's, so that no later commit counts as
/// visible to a snapshot of the source. A deleted key stays deleted, and its version is not used
/// again. Writers of `source` wait until the migration has ended, so that nothing gets lost in
/// between; the callback, called about every 1 000 entries, must not use it at all.
///
/// # Errors
/// [`MigrateError`]; `source` is untouched, and nothing of the target is left.
pub fn migrate(
    source: &UnifiedStore,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<ShardedStore, MigrateError> {
    let frozen = source.frozen();
    if frozen.version() > SEQUENCE_MAX {
        return Err(MigrateError::Store(Error::VersionsExhausted));
    }
    let target = ShardedStore::starting_at(frozen.version() + 1, frozen.runs().len());
    copy(&frozen, &target, &mut progress)?;
    verify(&frozen, &target, &mut progress)?;
    Ok(target)
}

type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

fn copy(
    source: &State,
    target: &ShardedStore,
    progress: OnProgress<'_>,
) -> Result<(), MigrateError> {
    let total = source.entries().len();
    for run in source.runs() {
        // A run whose keys are all deleted exists all the same.
        target.shard_or_new(*run).lock().create(target.shared());
    }
    for (done, ((run, key), Written { version, value })) in source.entries().iter().enumerate() {
        if done % PROGRESS_EVERY == 0 {
            tell(progress, Progress::Copied { done, total })?;
        }
        let shard = target.shard_or_new(*run);
        shard.lock().restore(target.shared(), key, value.clone(), *version);
    }
    tell(progress, Progress::Copied { done: total, total })
}

fn verify(
    source: &State,
    target: &ShardedStore,
    progress: OnProgress<'_>,
) -> Result<(), MigrateError> {
    let total = source.entries().len();
    let differs = |run, key: Option<&Key>| MigrateError::Differs { run, key: key.cloned() };
    let mut live: BTreeMap<RunId, usize> = BTreeMap::new();
    for (done, ((run, key), written)) in source.entries().iter().enumerate() {
        if done % PROGRESS_EVERY == 0 {
            tell(progress, Progress::Verified { done, total })?;
        }
        let wanted = written.value.clone();
        let wanted = wanted.map(|value| Versioned { value, version: written.version });
        *live.entry(*run).or_default() += usize::from(wanted.is_some());
        if Storage::get(target, *run, key) != wanted {
            return Err(differs(*run, Some(key)));
        }
    }
    let runs: Vec<RunId> = source.runs().iter().copied().collect();
    if target.runs() != runs {
        let odd = target
            .runs()
            .into_iter()
            .chain(runs.iter().copied())
            .find(|run| source.runs().contains(run) != target.runs().contains(run));
        return Err(differs(odd.expect("two different lists differ somewhere"), None));
    }
    for run in runs {
        // The listing checks the order of keys, and that there is no key too many.
        let listed = target.list_all(run);
        let sorted = listed.is_sorted_by(|a, b| a.key < b.key);
        if !sorted || listed.len() != live.get(&run).copied().unwrap_or(0) {
            return Err(differs(run, None));
        }
    }
    tell(progress, Progress::Verified { done: total, total })
}

fn tell(progress: OnProgress<'_>, how_far: Progress) -> Result<(), MigrateError> {
    match progress(how_far) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(MigrateError::Cancelled),
    }
}

impl fmt::Display for MigrateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("migration cancelled by the progress callback"),
            Self::Store(error) => write!(f, "migration refused: {error}"),
            Self::Differs { run, key: Some(key) } => {
                write!(f, "migration differs from its source at key `{key}` of run {run}")
            }
            Self::Differs { run, key: None } => {
                write!(f, "migration differs from its source in the keys of run {run}")
            }
        }
    }
}

impl std::error::Error for MigrateError {}
