//! Prefixes that list about as many keys as they should.

use sharded_store::Key;

use crate::keys::KeySet;

/// Chooses prefixes among the keys that a run is filled with.
pub(crate) struct Listings<'a> {
    /// Those keys.
    keys: &'a KeySet,
    /// The same in order; empty until it is needed.
    sorted: Vec<Key>,
    /// Entries to aim at.
    entries: usize,
    /// What was chosen before, by the number of the key: bytes of the prefix, and keys with it.
    chosen: Vec<Option<(usize, usize)>>,
}

impl<'a> Listings<'a> {
    pub(crate) const fn new(keys: &'a KeySet, entries: usize) -> Self {
        Self { keys, sorted: Vec::new(), entries, chosen: Vec::new() }
    }

    /// Of the prefixes of key number `number` the one with which the number of keys is nearest to what
    /// is aimed at, by ratio; and that number.
    pub(crate) fn around(&mut self, number: u32) -> (Key, u32) {
        if self.sorted.is_empty() {
            self.sorted = self.keys.as_slice().to_vec();
            self.sorted.sort_unstable();
            self.chosen = vec![None; self.sorted.len()];
        }
        let key = self.keys.as_slice()[number as usize].as_bytes();
        let (length, entries) = self.chosen[number as usize].unwrap_or_else(|| self.nearest(key));
        self.chosen[number as usize] = Some((length, entries));
        let prefix = Key::new(&key[..length]).expect("it is no longer than the key");
        (prefix, u32::try_from(entries).expect("fewer than 2^32 keys"))
    }

    fn nearest(&self, key: &[u8]) -> (usize, usize) {
        // The longer the prefix, the fewer keys have it.
        let lengths: Vec<usize> = (0..=key.len()).collect();
        let longer = lengths
            .partition_point(|length| self.count(&key[..*length]) > self.entries)
            .min(key.len());
        let shorter = longer.saturating_sub(1);
        let [many, few] = [shorter, longer].map(|length| self.count(&key[..length]));
        // many / entries < entries / few, without fractions.
        if many * few < self.entries * self.entries { (shorter, many) } else { (longer, few) }
    }

    fn count(&self, prefix: &[u8]) -> usize {
        let first = self.sorted.partition_point(|key| key.as_bytes() < prefix);
        self.sorted[first..].partition_point(|key| key.starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyShape;

    /// Entries of the listings around each key.
    fn entries(shape: KeyShape, aim: usize) -> Vec<u32> {
        let keys = KeySet::shaped(10_000, shape, None);
        let mut listings = Listings::new(&keys, aim);
        (0..10_000)
            .map(|number| {
                let (prefix, entries) = listings.around(number);
                let with = keys.as_slice().iter().filter(|key| key.starts_with(prefix.as_bytes()));
                if number % 500 == 0 {
                    assert_eq!(with.count(), entries as usize, "{shape}: {prefix:?}");
                }
                assert!(keys.as_slice()[number as usize].starts_with(prefix.as_bytes()));
                entries
            })
            .collect()
    }

    #[test]
    fn a_listing_has_about_as_many_entries_as_it_should() {
        let mean = |entries: Vec<u32>| entries.iter().sum::<u32>() / entries.len() as u32;
        // Two of 32 characters: ten keys. One: three hundred.
        assert!((9..13).contains(&mean(entries(KeyShape::Random, 10))));
        assert!((300..330).contains(&mean(entries(KeyShape::Random, 300))));
        assert!((9..14).contains(&mean(entries(KeyShape::User, 10))));
        assert!(
            entries(KeyShape::Dense, 200).iter().all(|entries| *entries == 256 || *entries == 16)
        );
    }

    #[test]
    fn one_entry_is_the_key_itself_and_all_are_everything() {
        assert!(entries(KeyShape::Random, 1).iter().all(|entries| *entries <= 2));
        assert!(entries(KeyShape::Uuid, 100_000).iter().all(|entries| *entries == 10_000));
    }
}
