//! Puts writes in order: every thread's own are in order already, in a history without fault.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// Sorts numbers by a key, those of one key by themselves. The parts, which stand one after the
/// other, are mostly sorted.
pub(super) fn merge(
    numbers: &mut Vec<u32>,
    parts: &[Range<usize>],
    key: impl Fn(u32) -> (u64, u64),
) {
    let full = |number: u32| (key(number), number);
    for part in parts {
        let part = &mut numbers[part.clone()];
        if !part.is_sorted_by_key(|number| full(*number)) {
            part.sort_unstable_by_key(|number| full(*number));
        }
    }
    let mut heads: BinaryHeap<_> = parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| Reverse((full(numbers[part.start]), part.start, part.end)))
        .collect();
    if heads.len() < 2 {
        return;
    }
    let mut merged = Vec::with_capacity(numbers.len());
    while let Some(Reverse((_, mut at, end))) = heads.pop() {
        // A thread often makes several writes in a row.
        let limit = heads.peek().map(|Reverse((next, ..))| *next);
        loop {
            merged.push(numbers[at]);
            at += 1;
            if at == end {
                break;
            }
            let next = full(numbers[at]);
            if limit.is_some_and(|limit| next > limit) {
                heads.push(Reverse((next, at, end)));
                break;
            }
        }
    }
    *numbers = merged;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_order_and_out_of_order_are_merged() {
        let mut numbers = vec![1, 5, 9, 2, 3, 8, 7, 4, 6];
        merge(&mut numbers, &[0..3, 3..3, 3..6, 6..9], |number| (u64::from(number), 0));
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
}
