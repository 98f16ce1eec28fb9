//! What is at hand for each run of a worker, the first of them at once.

use std::ops::{Index, IndexMut};

/// One or more of something. The first lies in place: most workers have one run, and what they do in it is not
/// to go through a pointer that is loaded again with each operation.
pub(super) struct Seats<T> {
    /// That of the first run.
    first: T,
    /// Those of the others.
    others: Vec<T>,
}

impl<T> Seats<T> {
    /// Of all there are; none without any.
    pub(super) fn of(mut all: impl Iterator<Item = T>) -> Option<Self> {
        Some(Self { first: all.next()?, others: all.collect() })
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        1 + self.others.len()
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl<T> Index<usize> for Seats<T> {
    type Output = T;

    #[inline(always)]
    fn index(&self, place: usize) -> &T {
        if place == 0 { &self.first } else { &self.others[place - 1] }
    }
}

impl<T> IndexMut<usize> for Seats<T> {
    #[inline(always)]
    fn index_mut(&mut self, place: usize) -> &mut T {
        if place == 0 { &mut self.first } else { &mut self.others[place - 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_at_its_place() {
        let mut seats = Seats::of([10, 20, 30].into_iter()).unwrap();
        assert_eq!((seats.len(), seats[0], seats[1], seats[2]), (3, 10, 20, 30));
        seats[0] += 1;
        seats[2] += 1;
        assert_eq!(seats.iter().copied().collect::<Vec<_>>(), [11, 20, 31]);
        assert!(Seats::<u8>::of(std::iter::empty()).is_none());
    }
}
