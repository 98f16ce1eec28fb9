//! Puts writes in order: every thread's own are in order already, in a history without fault.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// The writes of one run, log by log.
#[derive(Default)]
pub(super) struct Unordered {
    /// The writes.
    writes: Vec<u32>,
    /// What they are sorted by, packed in a word.
    orders: Vec<u64>,
    /// Where each log's part ends.
    ends: Vec<usize>,
}

/// What was noticed as the writes of a run were put in order.
#[derive(Default)]
pub(super) struct Ties {
    /// How many pairs of writes follow each other and are of different logs.
    pub(super) of_logs: u64,
    /// Pairs of writes of different commits that follow each other and have one version.
    pub(super) equal: Vec<(u32, u32)>,
}

impl Unordered {
    /// Room for about as many writes.
    pub(super) fn for_about(writes: usize) -> Self {
        let (writes, orders) = (Vec::with_capacity(writes), Vec::with_capacity(writes));
        Self { writes, orders, ends: Vec::new() }
    }

    /// Adds a write.
    #[inline]
    pub(super) fn push(&mut self, write: u32, order: u64) {
        self.writes.push(write);
        self.orders.push(order);
    }

    /// Ends a log's part.
    pub(super) fn end_part(&mut self) {
        self.ends.push(self.writes.len());
    }

    /// The writes in order. `unpack` tells what a packed word stands for, and `is_one` whether two
    /// writes are of one commit.
    pub(super) fn merge(
        mut self,
        unpack: impl Fn(u64, u32) -> (u64, u64),
        is_one: impl Fn(u32, u32) -> bool,
    ) -> (Vec<u32>, Ties) {
        let (mut start, mut heads) = (0, BinaryHeap::new());
        for end in std::mem::take(&mut self.ends) {
            self.sort_part(start..end, &unpack);
            if start < end {
                heads.push(Reverse((self.order(start, &unpack), start, end)));
            }
            start = end;
        }
        let (mut merged, mut ties) = (Vec::with_capacity(self.writes.len()), Ties::default());
        let mut last = None;
        while let Some(Reverse((mut order, mut at, end))) = heads.pop() {
            ties.of_logs += u64::from(last.is_some());
            // A thread often makes several writes in a row.
            let limit = heads.peek().map(|Reverse((next, ..))| *next);
            loop {
                let (key, write) = order;
                if let Some((before, of_before)) = last.replace((write, key))
                    && of_before == key
                    && !is_one(before, write)
                {
                    ties.equal.push((before, write));
                }
                merged.push(write);
                at += 1;
                if at == end {
                    break;
                }
                order = self.order(at, &unpack);
                if limit.is_some_and(|limit| order > limit) {
                    heads.push(Reverse((order, at, end)));
                    break;
                }
            }
        }
        (merged, ties)
    }

    /// What the write at a place is sorted by.
    #[inline]
    fn order(&self, at: usize, unpack: impl Fn(u64, u32) -> (u64, u64)) -> ((u64, u64), u32) {
        (unpack(self.orders[at], self.writes[at]), self.writes[at])
    }

    fn sort_part(&mut self, part: Range<usize>, unpack: impl Fn(u64, u32) -> (u64, u64)) {
        if part.clone().is_sorted_by_key(|at| self.order(at, &unpack)) {
            return;
        }
        let mut pairs: Vec<(u32, u64)> =
            part.clone().map(|at| (self.writes[at], self.orders[at])).collect();
        pairs.sort_unstable_by_key(|(write, order)| (unpack(*order, *write), *write));
        for (at, (write, order)) in part.zip(pairs) {
            (self.writes[at], self.orders[at]) = (write, order);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_order_and_out_of_order_are_merged_and_equals_noticed() {
        let mut unordered = Unordered::for_about(8);
        for part in [&[1, 5, 9][..], &[], &[2, 3, 8], &[7, 4, 6, 14]] {
            for write in part {
                unordered.push(*write, u64::from(*write % 10));
            }
            unordered.end_part();
        }
        let (merged, ties) = unordered.merge(|order, _| (order, 0), |_, _| false);
        assert_eq!(merged, [1, 2, 3, 4, 14, 5, 6, 7, 8, 9]);
        assert_eq!((ties.of_logs, ties.equal), (6, vec![(4, 14)]));
    }
}
