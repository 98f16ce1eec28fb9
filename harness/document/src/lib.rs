//! Turns evidence and judgement into sections and tables. Each table is defined once, here; the
//! writers in `shardproof-render` walk the result and know no record types.

mod document;
pub mod history;
mod latency;
mod machine;
mod setup;
mod snapshots;
mod summary;
mod table;
pub mod terms;
mod throughput;
mod value;
mod verification;
mod warnings;

pub use document::{Block, Document, Figure, Note, Section, UnknownBase, part_name, resolve_base};
pub use latency::has_enough_samples;
pub use machine::certificate_summary;
pub use table::{Column, Detail, Role, Table};
pub use terms::Term;
pub use value::{
    Datum, NONE, Quantity, Tone, Unit, Value, WithheldReason, counted, percent, significant, whole,
};
