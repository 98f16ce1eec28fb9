//! The kinds of operation in a load, in the order of reports.

use shardproof_workload::{OperationKind, Stream};

/// The kinds of operation in the streams of a load, in the order of reports.
pub(super) fn kinds_of(streams: &[Stream]) -> Vec<OperationKind> {
    let occurs = |kind: &OperationKind| streams.iter().any(|stream| stream.has(*kind));
    OperationKind::ALL.into_iter().filter(occurs).collect()
}

/// The position of a kind in reports, by its name; `all` comes last.
pub(super) fn report_order(name: &str) -> usize {
    let position = OperationKind::ALL.iter().position(|kind| kind.as_str() == name);
    position.unwrap_or(OperationKind::COUNT)
}
