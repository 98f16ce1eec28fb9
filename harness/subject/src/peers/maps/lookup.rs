//! How a key of a run is looked up without making a [`Place`] of it, which would clone the key.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use sharded_store::{Key, RunId};

/// What a map of all runs has as its keys.
pub type Place = (RunId, Key);

/// A place, whoever owns its key. Maps take it as `&dyn Lookup`, because a tuple cannot lend another tuple; the
/// indirect calls that this looks like are gone once the map's code is inlined.
pub(super) trait Lookup {
    /// The run and the key.
    fn parts(&self) -> (RunId, &Key);
}

/// A place whose key is borrowed.
pub(super) struct At<'a>(pub(super) RunId, pub(super) &'a Key);

impl Lookup for At<'_> {
    #[inline]
    fn parts(&self) -> (RunId, &Key) {
        (self.0, self.1)
    }
}

impl Lookup for Place {
    #[inline]
    fn parts(&self) -> (RunId, &Key) {
        (self.0, &self.1)
    }
}

impl<'a> Borrow<dyn Lookup + 'a> for Place {
    #[inline]
    fn borrow(&self) -> &(dyn Lookup + 'a) {
        self
    }
}

// These agree with those of a `Place`, as `Borrow` asks: a tuple is compared and hashed part by part.

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

    fn at<'a>(at: &'a At<'a>) -> &'a (dyn Lookup + 'a) {
        at
    }

    #[test]
    fn a_lookup_hashes_equals_and_orders_as_the_place_that_it_looks_for() {
        let runs = [0, 1, u128::MAX].map(RunId::from_u128);
        let keys = ["", "a", "a\0", "b", "longer than what lies in place"];
        let places: Vec<Place> =
            runs.iter().flat_map(|run| keys.map(|key| (*run, Key::new(key).unwrap()))).collect();
        for (run, key) in &places {
            let lookup = At(*run, key);
            let hash = FxBuildHasher.hash_one((*run, key.clone()));
            assert_eq!(FxBuildHasher.hash_one(at(&lookup)), hash, "{run} {key}");
            for other in &places {
                let (wanted, borrowed) = ((*run, key.clone()).cmp(other), other.borrow());
                assert_eq!(at(&lookup).cmp(borrowed), wanted, "{run} {key} {other:?}");
                assert_eq!(at(&lookup) == borrowed, wanted.is_eq(), "{run} {key} {other:?}");
            }
        }
    }
}
