//! A non-empty list whose first item is stored inline.

use std::ops::{Index, IndexMut};

/// A non-empty list whose first item is stored inline. Most workers have one run, and an operation
/// on it must not load a pointer first.
pub(super) struct InlineFirst<T> {
    /// The first item.
    first: T,
    /// All other items.
    others: Vec<T>,
}

impl<T> InlineFirst<T> {
    /// A list of these items; `None` without any.
    pub(super) fn new(mut items: impl Iterator<Item = T>) -> Option<Self> {
        Some(Self { first: items.next()?, others: items.collect() })
    }

    /// The number of items, at least 1.
    pub(super) const fn len(&self) -> usize {
        1 + self.others.len()
    }

    /// All items, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl<T> Index<usize> for InlineFirst<T> {
    type Output = T;

    #[inline(always)]
    fn index(&self, index: usize) -> &T {
        if index == 0 { &self.first } else { &self.others[index - 1] }
    }
}

impl<T> IndexMut<usize> for InlineFirst<T> {
    #[inline(always)]
    fn index_mut(&mut self, index: usize) -> &mut T {
        if index == 0 { &mut self.first } else { &mut self.others[index - 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_at_its_index() {
        let mut list = InlineFirst::new([10, 20, 30].into_iter()).unwrap();
        assert_eq!((list.len(), list[0], list[1], list[2]), (3, 10, 20, 30));
        list[0] += 1;
        list[2] += 1;
        assert_eq!(list.iter().copied().collect::<Vec<_>>(), [11, 20, 31]);
        assert!(InlineFirst::<u8>::new(std::iter::empty()).is_none());
    }
}
