//! What the writers make of documents, read by what the formats say.

mod exports;
mod formats;
mod hdr_reader;
mod history;
mod page;
mod terminal;
