//! Puts and deletes that take effect together.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Key, RunId, Value};

/// Puts and deletes over any number of runs, for
/// [`ShardedStore::apply`](crate::ShardedStore::apply).
///
/// The last write of a key wins. The writes that it replaces are kept aside, for stores whose own
/// batches may name a key several times: [`iter`](Self::iter) leaves them out, and
/// [`iter_all`](Self::iter_all) has them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WriteSet {
    /// The writes by run.
    runs: BTreeMap<RunId, RunWrites>,
    /// The writes that a later one of the same key replaced, in the order they were added.
    replaced: Vec<(RunId, Key, Option<Value>)>,
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
        match self.runs.entry(run).or_default().entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(value);
            }
            Entry::Occupied(mut last) => {
                let replaced = last.insert(value);
                self.replaced.push((run, last.key().clone(), replaced));
            }
        }
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

    /// The last write of each key, by run and key: a value to put, or none to delete.
    pub fn iter(&self) -> impl Iterator<Item = (RunId, &Key, Option<&Value>)> {
        self.runs
            .iter()
            .flat_map(|(run, writes)| writes.iter().map(|(key, value)| (*run, key, value.as_ref())))
    }

    /// All writes, also those that a later one of the same key replaced: a value to put, or none to
    /// delete. Those of one key are in the order they were added; keys are in no order.
    pub fn iter_all(&self) -> impl Iterator<Item = (RunId, &Key, Option<&Value>)> {
        let replaced = self.replaced.iter().map(|(run, key, value)| (*run, key, value.as_ref()));
        replaced.chain(self.iter())
    }

    /// The writes of each run, in the order of their ids.
    pub(crate) fn runs(&self) -> &BTreeMap<RunId, RunWrites> {
        &self.runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_write_is_only_among_all_writes_and_comes_before_the_last() {
        let (run, other) = (RunId::from_u128(1), RunId::from_u128(2));
        let (key, [first, last]) = (Key::from(b"k"), [b"1", b"2"].map(Value::from));
        let set = WriteSet::new()
            .put(run, key.clone(), first.clone())
            .put(other, key.clone(), first.clone())
            .delete(run, key.clone())
            .put(run, key.clone(), last.clone());
        let of_run =
            |(of, _, value): (RunId, _, Option<&Value>)| (of == run).then(|| value.cloned());
        let all: Vec<Option<Value>> = set.iter_all().filter_map(of_run).collect();
        assert_eq!(all, [Some(first), None, Some(last.clone())]);
        assert_eq!(set.iter().filter_map(of_run).collect::<Vec<_>>(), [Some(last)]);
        assert_eq!((set.len(), set.iter_all().count()), (2, 4));
    }
}
