//! Older versions that are dropped too early.

use super::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault::real(
        "G1",
        "pruning drops the version that was installed at a snapshot's version",
        &[Edit {
            file: "contents.rs",
            find: "if live.may_see(version.stamp,",
            replace: "if live.may_see(version.stamp + u64::from(fault!(G1)),",
        }],
    ),
    Fault::real(
        "G2",
        "pruning drops what open snapshots see",
        &[Edit {
            file: "contents.rs",
            find: " replaced_at) {
            kept.push(*version);",
            replace: " replaced_at) && !fault!(G2) {
            kept.push(*version);",
        }],
    ),
    Fault::real(
        "G2b",
        "a write sweeps older versions away though snapshots are open",
        &[Edit {
            file: "shard.rs",
            find: "if needs.is_clean() {",
            replace: "if needs.is_clean() || fault!(G2b) {",
        }],
    ),
    Fault::real(
        "G5",
        "pruning drops a delete before the versions that it hides",
        &[Edit {
            file: "contents.rs",
            find: "for version in chain.iter().rev() {",
            replace: "for version in chain.iter().rev() {
            if fault!(G5) && version.value == CellValue::Tombstone {
                continue;
            }",
        }],
    ),
    Fault::real(
        "G7",
        "what to prune is planned under one lock and dropped by place under the next",
        &[Edit {
            file: "sharded.rs",
            find: "let id = shard.id();",
            replace: "if fault!(G7) {
                reclaimed.versions += shard.reclaim_by_plan(&self.0.shared);
                continue;
            }
            let id = shard.id();",
        }],
    ),
];
