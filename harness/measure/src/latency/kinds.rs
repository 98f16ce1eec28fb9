//! Which kinds of operation a load has.

use shardproof_workload::{OperationKind, Stream};

/// The kinds that the streams of a load have, in the order of reports.
pub(super) fn kinds_of(streams: &[Stream]) -> Vec<OperationKind> {
    let is_there = |kind: &OperationKind| streams.iter().any(|stream| stream.has(*kind));
    OperationKind::ALL.into_iter().filter(is_there).collect()
}

/// Where a kind stands in reports; all together stand last.
pub(super) fn place_of(word: &str) -> usize {
    let place = OperationKind::ALL.iter().position(|kind| kind.as_str() == word);
    place.unwrap_or(OperationKind::COUNT)
}
