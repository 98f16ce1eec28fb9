//! Pictures as SVG, drawn by plotters: the same data give the same bytes.
//!
//! Plotters has no fonts here, and need not: what it cannot measure, such as titles and legends, is left to the page.

pub(crate) mod axis;
pub(crate) mod bars;
pub(crate) mod heat;
pub(crate) mod lines;
mod marker;
pub(crate) mod palette;
pub(crate) mod style;
mod svg;

pub(crate) use marker::key;
pub(crate) use svg::Alternative;

use std::io;

use plotters::drawing::DrawingAreaErrorKind;

/// A picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("a picture could not be drawn, which is a bug in shardproof: {0}")]
pub struct PlotError(String);

impl From<DrawingAreaErrorKind<io::Error>> for PlotError {
    fn from(error: DrawingAreaErrorKind<io::Error>) -> Self {
        Self(error.to_string())
    }
}
