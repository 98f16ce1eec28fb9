//! The output of all writers, read back according to the formats.

mod exports;
mod formats;
mod hdr_reader;
mod history;
mod page;
mod terminal;
