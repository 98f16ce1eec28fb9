//! Evidence and comparisons in, text out.

mod sections;
pub mod terminal;
