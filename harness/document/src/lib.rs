//! Evidence and judgement in, sections and tables out. Each table is defined once, here; the writers in
//! `shardproof-render` walk what comes out and know no record.

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

pub use document::{Block, Document, Figure, Note, Section, UnknownBase, check_base};
pub use latency::enough;
pub use machine::in_short;
pub use table::{Column, Detail, Role, Table};
pub use terms::Term;
pub use value::{
    Datum, NONE, Quantity, Reason, Tone, Unit, Value, counted, percent, significant, whole,
};
