//! A seeded fault of the order that is too long for a replacement.

use crate::contract::Key;

/// R5: whether a key is the first one behind all that start with `prefix`: the prefix with its last
/// byte raised by one.
pub(super) fn is_successor(key: &Key, prefix: &[u8]) -> bool {
    let Some((last, rest)) = prefix.split_last() else { return false };
    key.as_bytes().split_last().is_some_and(|(raised, start)| {
        start == rest && last.checked_add(1).is_some_and(|next| next == *raised)
    })
}
