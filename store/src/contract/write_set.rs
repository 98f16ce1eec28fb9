//! Puts and deletes that take effect together.

use std::collections::BTreeMap;

use super::{Key, RunId, Value};

/// Puts and deletes over any number of runs, for
/// [`ShardedStore::apply`](crate::ShardedStore::apply).
///
/// The last write of a key wins.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WriteSet {
    /// The writes by run.
    runs: BTreeMap<RunId, RunWrites>,
}

/// The writes of one run: a value to put, or none to delete.
pub(crate) type RunWrites = BTreeMap<Key, Option<Value>>;

impl WriteSet {
    /// No writes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a put.
    #[must_use]
    pub fn put(mut self, run: RunId, key: Key, value: Value) -> Self {
        self.add(run, key, Some(value));
        self
    }

    /// Adds a delete.
    #[must_use]
    pub fn delete(mut self, run: RunId, key: Key) -> Self {
        self.add(run, key, None);
        self
    }

    /// Adds a put (a value) or a delete (none), for building in a loop.
    pub fn add(&mut self, run: RunId, key: Key, value: Option<Value>) {
        self.runs.entry(run).or_default().insert(key, value);
    }

    /// How many keys it writes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.values().map(BTreeMap::len).sum()
    }

    /// Whether it writes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// All writes, by run and key: a value to put, or none to delete.
    pub fn iter(&self) -> impl Iterator<Item = (RunId, &Key, Option<&Value>)> {
        self.runs
            .iter()
            .flat_map(|(run, writes)| writes.iter().map(|(key, value)| (*run, key, value.as_ref())))
    }

    /// The writes of each run, in the order of their ids.
    pub(crate) fn runs(&self) -> &BTreeMap<RunId, RunWrites> {
        &self.runs
    }
}
