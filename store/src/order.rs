//! The keys of a run in order, for listings.
//!
//! The hash table has no order, so the keys are kept a second time, in sorted blocks. New keys wait
//! in a short unsorted list and are filed together: a put of a new key then costs a push, and no
//! put ever has more than [`PENDING_MAX`] keys to file.

use crate::contract::Key;

/// Keys in a block at most; a full one is split in half.
const BLOCK_MAX: usize = 256;
/// Keys that may wait to be filed.
const PENDING_MAX: usize = 128;
/// Spare room given to a block at a time: small, because memory per entry is a promise.
const BLOCK_ROOM: usize = 24;

/// The keys of a run, sorted. Each key is in it at most once; the caller sees to that.
#[derive(Default)]
pub(crate) struct Order {
    /// Sorted, non-empty blocks of sorted keys.
    blocks: Vec<Vec<Key>>,
    /// Keys not yet filed, in no order.
    pending: Vec<Key>,
}

impl Order {
    /// Adds a key that is not in it.
    pub(crate) fn add(&mut self, key: Key) {
        self.pending.push(key);
        if self.pending.len() >= PENDING_MAX {
            self.file_pending();
        }
    }

    /// Takes out a key that is in it.
    pub(crate) fn remove(&mut self, key: &Key) {
        if let Some(at) = self.pending.iter().position(|pending| pending == key) {
            self.pending.swap_remove(at);
            return;
        }
        let block = self.block_of(key);
        let at = self.blocks[block].binary_search(key).expect("the key is in the order");
        self.blocks[block].remove(at);
        if self.blocks[block].is_empty() {
            self.blocks.remove(block);
        }
    }

    /// The keys that start with `prefix`, in order.
    pub(crate) fn starting_with<'a>(
        &'a mut self,
        prefix: &'a [u8],
    ) -> impl Iterator<Item = &'a Key> + 'a {
        self.file_pending();
        let first_block = self
            .blocks
            .partition_point(|block| block.last().is_some_and(|k| k.as_bytes() < prefix));
        let skipped = self
            .blocks
            .get(first_block)
            .map_or(0, |block| block.partition_point(|key| key.as_bytes() < prefix));
        let from_first = self.blocks[first_block..].iter().flatten().skip(skipped);
        from_first.take_while(move |key| key.starts_with(prefix))
    }

    /// Bytes the order occupies outside itself.
    pub(crate) fn bytes(&self) -> usize {
        let keys = self.pending.capacity() + self.blocks.iter().map(Vec::capacity).sum::<usize>();
        keys * size_of::<Key>() + self.blocks.capacity() * size_of::<Vec<Key>>()
    }

    fn file_pending(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_unstable();
        for key in pending.drain(..) {
            self.file(key);
        }
        self.pending = pending;
    }

    fn file(&mut self, key: Key) {
        if self.blocks.is_empty() {
            self.blocks.push(vec![key]);
            return;
        }
        let mut at = self.block_of(&key);
        if self.blocks[at].len() >= BLOCK_MAX {
            let mut upper = Vec::with_capacity(BLOCK_MAX / 2 + BLOCK_ROOM);
            upper.extend(self.blocks[at].drain(BLOCK_MAX / 2..));
            self.blocks[at].shrink_to(BLOCK_MAX / 2 + BLOCK_ROOM);
            let goes_up = upper.first().is_some_and(|first| *first <= key);
            self.blocks.insert(at + 1, upper);
            at += usize::from(goes_up);
        }
        let block = &mut self.blocks[at];
        if block.len() == block.capacity() {
            block.reserve_exact(BLOCK_ROOM);
        }
        let place = block.partition_point(|other| *other < key);
        debug_assert!(block.get(place) != Some(&key), "a key is in the order at most once");
        block.insert(place, key);
    }

    /// The block a key is in, or belongs in; there is at least one block.
    fn block_of(&self, key: &Key) -> usize {
        self.blocks.partition_point(|block| block[0] <= *key).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn key(number: u16) -> Key {
        Key::new(number.to_string()).unwrap()
    }

    proptest! {
        #[test]
        fn it_lists_what_a_sorted_set_lists(
            steps in prop::collection::vec((0u16..2000, prop::bool::weighted(0.7)), 0..1500),
            prefixes in prop::collection::vec("[0-9]{0,3}", 0..4),
        ) {
            let (mut order, mut model) = (Order::default(), BTreeSet::new());
            for (number, add) in steps {
                let key = key(number);
                if add && model.insert(key.clone()) {
                    order.add(key);
                } else if !add && model.remove(&key) {
                    order.remove(&key);
                }
            }
            for prefix in prefixes.iter().map(String::as_bytes).chain([&b""[..]]) {
                let listed: Vec<Key> = order.starting_with(prefix).cloned().collect();
                let wanted: Vec<Key> =
                    model.iter().filter(|key| key.starts_with(prefix)).cloned().collect();
                prop_assert_eq!(listed, wanted);
            }
        }
    }

    #[test]
    fn sorted_and_reversed_insertion_fill_the_blocks_alike() {
        for reversed in [0, 1] {
            let mut order = Order::default();
            for number in 0..10_000u32 {
                let number = if reversed == 1 { 10_000 - number } else { number };
                order.add(Key::new(format!("{number:08}")).unwrap());
            }
            assert_eq!(order.starting_with(b"").count(), 10_000);
            assert!(order.starting_with(b"").is_sorted());
        }
    }
}
