//! Evidence and comparisons in, text out.

mod answers;
mod sections;
pub mod terminal;
