//! A simple model of the store that keeps every version of every key.

use std::collections::{BTreeMap, BTreeSet};

use sharded_store::{Key, RunId, Value, Version, Versioned};

/// The live entries of one run at one moment.
pub(crate) type Contents = BTreeMap<Key, Versioned>;

/// The changes of one commit in one run, and the version that the store reported for it, if any.
pub(crate) type RunCommit = (RunId, Option<Version>, Vec<(Key, Option<Value>)>);

/// All commits so far. A *moment* is a number of commits.
#[derive(Default, Debug)]
pub(crate) struct VersionModel {
    commits: u64,
    runs: BTreeMap<RunId, RunModel>,
}

/// The history of one run.
#[derive(Default, Debug)]
struct RunModel {
    exists: bool,
    /// The writes to each key, oldest first.
    keys: BTreeMap<Key, Vec<Write>>,
    /// The moments at which the run was removed.
    removed: Vec<u64>,
    /// The largest version reported so far.
    last_version: Option<Version>,
}

/// One write of a key. A value of `None` is a delete, or the removal of the run.
#[derive(Debug)]
struct Write {
    commit: u64,
    /// The store's clock at the write.
    clock: u64,
    value: Option<Versioned>,
}

/// How a key changed since a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// Not written.
    Untouched,
    /// Written and deleted again before any snapshot could see it, and never written before.
    Unseen,
    /// Absent then and absent now, but written in between.
    Restored,
    /// Changed visibly, or written again.
    Changed,
}

impl VersionModel {
    /// The current moment.
    pub(crate) fn now(&self) -> u64 {
        self.commits
    }

    /// The writes with an effect: all puts, and deletes of live keys.
    pub(crate) fn effective(
        &self,
        run: RunId,
        writes: &BTreeMap<Key, Option<Value>>,
    ) -> Vec<(Key, Option<Value>)> {
        let live = self.contents(run, self.commits);
        let changes =
            writes.iter().filter(|(key, value)| value.is_some() || live.contains_key(key));
        changes.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Records one commit.
    pub(crate) fn commit(&mut self, parts: &[RunCommit], clock: u64) {
        self.commits += 1;
        for (run, version, writes) in parts {
            let model = self.runs.entry(*run).or_default();
            if let Some(version) = version {
                assert!(
                    model.last_version < Some(*version),
                    "version {version} of run {run} is not above {:?}",
                    model.last_version
                );
                assert_eq!(version.stamp(), clock, "a write's stamp is not the clock");
                model.last_version = Some(*version);
            }
            for (key, value) in writes {
                model.exists |= value.is_some();
                let value = value.clone().map(|value| {
                    let version = version.expect("puts report a version");
                    Versioned { value, version }
                });
                let writes = model.keys.entry(key.clone()).or_default();
                writes.push(Write { commit: self.commits, clock, value });
            }
        }
    }

    /// Records the removal of a run; returns whether it existed.
    pub(crate) fn remove(&mut self, run: RunId, version: Option<Version>, clock: u64) -> bool {
        self.commits += 1;
        let commit = self.commits;
        let model = self.runs.entry(run).or_default();
        let existed = std::mem::take(&mut model.exists);
        assert!(
            version.is_none() || model.last_version < version,
            "a removal must have a larger version"
        );
        model.last_version = version.or(model.last_version);
        if existed {
            model.removed.push(commit);
        }
        for writes in model.keys.values_mut() {
            if writes.last().is_some_and(|last| last.value.is_some()) {
                writes.push(Write { commit, clock, value: None });
            }
        }
        existed
    }

    /// The runs that exist, sorted.
    pub(crate) fn runs(&self) -> Vec<RunId> {
        self.runs.iter().filter(|(_, model)| model.exists).map(|(run, _)| *run).collect()
    }

    /// The contents of a run at a moment.
    pub(crate) fn contents(&self, run: RunId, moment: u64) -> Contents {
        let keys = self.runs.get(&run).into_iter().flat_map(|model| &model.keys);
        keys.filter_map(|(key, writes)| Some((key.clone(), at(writes, moment)?.value.clone()?)))
            .collect()
    }

    /// Whether a run was removed since a moment.
    pub(crate) fn removed_since(&self, run: RunId, moment: u64) -> bool {
        self.runs.get(&run).is_some_and(|model| model.removed.iter().any(|at| *at > moment))
    }

    /// How a key changed since a moment.
    pub(crate) fn change(&self, run: RunId, key: &Key, moment: u64) -> Change {
        let Some(writes) = self.runs.get(&run).and_then(|model| model.keys.get(key)) else {
            return Change::Untouched;
        };
        let since: Vec<&Write> = writes.iter().filter(|write| write.commit > moment).collect();
        let Some(last) = since.last() else { return Change::Untouched };
        let then = at(writes, moment);
        if last.value.is_some() || then.is_some_and(|then| then.value.is_some()) {
            return Change::Changed;
        }
        let one_time = since.iter().all(|write| write.clock == last.clock);
        if then.is_none() && one_time { Change::Unseen } else { Change::Restored }
    }

    /// All keys of a run that were ever written.
    pub(crate) fn keys(&self, run: RunId) -> BTreeSet<Key> {
        self.runs.get(&run).into_iter().flat_map(|model| model.keys.keys().cloned()).collect()
    }

    /// Checks by version that a snapshot taken at `moment` sees exactly the commits before it.
    pub(crate) fn check_visibility(&self, version: u64, moment: u64) {
        let writes = self.runs.values().flat_map(|model| model.keys.values().flatten());
        for write in writes {
            if let Some(Versioned { version: written, .. }) = write.value {
                let in_time = write.commit <= moment;
                assert_eq!(written.visible_at(version), in_time, "{written} at {version}");
            }
        }
    }
}

/// The newest write of a key at a moment.
fn at(writes: &[Write], moment: u64) -> Option<&Write> {
    writes.iter().rev().find(|write| write.commit <= moment)
}
