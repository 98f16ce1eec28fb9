//! Describes reads and writes for messages.

use sharded_store::Version;

use crate::check::index::{Index, Origin, is_put};
use crate::check::report::Expected;
use crate::history::{Event, Kind};

/// A key, as "key 3 of run 0".
pub(super) fn key(event: &Event) -> String {
    format!("key {} of run {}", event.key, event.run)
}

/// The snapshot or transaction of a read, as "snapshot 4 of version 7"; else "the newest value".
pub(super) fn view(event: &Event, stamp: u64) -> String {
    let kind = event.kind();
    if (Kind::SnapshotGet..=Kind::SnapshotList).contains(&kind) {
        format!("snapshot {} of version {stamp}", event.handle)
    } else {
        format!("transaction {}, begun at version {stamp},", event.handle)
    }
}

/// A write, as "value 7 (version 2.5)".
pub(super) fn write(index: &Index<'_>, write: Option<u32>) -> String {
    let Some(write) = write else { return "nothing".to_owned() };
    let event = index.events.at(write);
    let version = if index.history.header.claims.versions {
        format!(" (version {})", index.version(write))
    } else {
        String::new()
    };
    match event.kind() {
        Kind::RemoveRun => format!("the removal of run {}{version}", event.run),
        _ if is_put(event) => format!("value {}{version}", event.value),
        _ => format!("a delete{version}"),
    }
}

/// A value that was read, as "value 7 (version 2.5)".
pub(super) fn found(index: &Index<'_>, origin: Origin) -> String {
    match origin {
        Origin::Absent => "nothing".to_owned(),
        Origin::Garbled => "bytes that no write made".to_owned(),
        Origin::Unknown => "the id of no write".to_owned(),
        Origin::Elsewhere(other) => {
            let event = index.events.at(other);
            format!("value {}, which was written to {}", event.value, key(event))
        }
        Origin::NeverCommitted(other) => {
            format!("value {}, whose write never took effect", index.events.at(other).value)
        }
        Origin::Written(position) => {
            write(index, Some(index.key_writes()[position as usize].event))
        }
    }
}

/// What a read should have returned if it had to see this write.
pub(super) fn expected(index: &Index<'_>, newest: Option<u32>) -> Expected {
    match newest.filter(|write| is_put(index.events.at(*write))) {
        None => Expected::Absent,
        Some(write) => {
            let version = if index.history.header.claims.versions {
                index.version(write)
            } else {
                Version::NONE
            };
            Expected::Value {
                id: index.events.at(write).value,
                stamp: version.stamp(),
                sequence: version.sequence(),
            }
        }
    }
}

/// A number of entries.
pub(super) fn entries(how_many: u32) -> String {
    format!("{how_many} {}", if how_many == 1 { "entry" } else { "entries" })
}

/// A number of things, as "2 keys".
pub(super) fn count(how_many: usize, noun: &str) -> String {
    format!("{how_many} {noun}{}", if how_many == 1 { "" } else { "s" })
}
