//! The checker: histories in, reports out.

pub mod report;
