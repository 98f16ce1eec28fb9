//! Looks up a key of a run without building a [`FlatKey`], which would clone the key.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use sharded_store::{Key, RunId};

/// The key type of a map of all runs.
pub type FlatKey = (RunId, Key);

/// An owned or borrowed flat key. Maps take it as `&dyn Lookup`, because a tuple cannot borrow as
/// another tuple. Inlining removes the indirect calls.
pub(super) trait Lookup {
    /// The run and the key.
    fn parts(&self) -> (RunId, &Key);
}

/// A flat key that borrows its key.
pub(super) struct FlatKeyRef<'a>(pub(super) RunId, pub(super) &'a Key);

impl Lookup for FlatKeyRef<'_> {
    #[inline]
    fn parts(&self) -> (RunId, &Key) {
        (self.0, self.1)
    }
}

impl Lookup for FlatKey {
    #[inline]
    fn parts(&self) -> (RunId, &Key) {
        (self.0, &self.1)
    }
}

impl<'a> Borrow<dyn Lookup + 'a> for FlatKey {
    #[inline]
    fn borrow(&self) -> &(dyn Lookup + 'a) {
        self
    }
}

// These match the implementations for `FlatKey`, as `Borrow` requires: a tuple is compared and
// hashed field by field.

impl Hash for dyn Lookup + '_ {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialEq for dyn Lookup + '_ {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn Lookup + '_ {}

impl PartialOrd for dyn Lookup + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for dyn Lookup + '_ {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;

    use rustc_hash::FxBuildHasher;

    use super::*;

    fn at<'a>(at: &'a FlatKeyRef<'a>) -> &'a (dyn Lookup + 'a) {
        at
    }

    #[test]
    fn a_borrowed_key_hashes_equals_and_orders_like_the_owned_one() {
        let runs = [0, 1, u128::MAX].map(RunId::from_u128);
        let keys = ["", "a", "a\0", "b", "longer than an inline key"];
        let keys_of_runs: Vec<FlatKey> =
            runs.iter().flat_map(|run| keys.map(|key| (*run, Key::new(key).unwrap()))).collect();
        for (run, key) in &keys_of_runs {
            let lookup = FlatKeyRef(*run, key);
            let hash = FxBuildHasher.hash_one((*run, key.clone()));
            assert_eq!(FxBuildHasher.hash_one(at(&lookup)), hash, "{run} {key}");
            for other in &keys_of_runs {
                let (wanted, borrowed) = ((*run, key.clone()).cmp(other), other.borrow());
                assert_eq!(at(&lookup).cmp(borrowed), wanted, "{run} {key} {other:?}");
                assert_eq!(at(&lookup) == borrowed, wanted.is_eq(), "{run} {key} {other:?}");
            }
        }
    }
}
