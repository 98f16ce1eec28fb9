//! The figures of a page: turns evidence into plain data for [`crate::plot`].
//!
//! Nothing here knows pages, tables or formats.

mod by_workload;
pub(crate) mod contention;
pub(crate) mod cost;
pub(crate) mod families;
pub(crate) mod headline;
pub(crate) mod held;
pub(crate) mod over_time;
pub(crate) mod page;
pub(crate) mod percentiles;
pub(crate) mod rates;
pub(crate) mod snapshots;
mod styles;
pub(crate) mod throughput;

use crate::plot::style::Style;
use crate::plot::{Alternative, Plot, PlotError};

/// Pictures under one caption.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Figure {
    /// Its title.
    pub title: String,
    /// Its caption.
    pub caption: String,
    /// How wide its pictures are.
    pub width: Width,
    /// The subjects and their styles; empty if the pictures name them.
    pub legend: Vec<(String, Style)>,
    /// The pictures.
    pub pictures: Vec<Picture>,
    /// Further, less informative pictures, folded away.
    pub folded: Vec<Picture>,
}

/// One picture.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Picture {
    /// Its title.
    pub title: String,
    /// Its content.
    pub plot: Plot,
}

/// How wide pictures are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Width {
    /// Scaled to the width of a column of the page.
    Column,
    /// Their natural width: scaled down, their text would be too small.
    Own,
}

/// A picture as a separate file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PictureFile {
    /// The file name, with its extension.
    pub name: String,
    /// Its content: SVG with colours for light and dark pages.
    pub svg: String,
}

impl PictureFile {
    /// Draws a picture for a file.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn of(name: &str, plot: &Plot) -> Result<Self, PlotError> {
        Ok(Self { name: format!("{name}.svg"), svg: plot.file()? })
    }
}

/// Minimum number of thread counts for line plots over threads. With fewer, a dot plot shows the
/// same in a fifth of the space.
pub(crate) const LINE_COUNTS_MIN: usize = 4;

/// Alternative text of a picture whose numbers are all in a table.
pub(crate) const SAME_BELOW: &str = "The same numbers are in the table below.";

fn alternative(name: String, title: String, description: impl Into<String>) -> Alternative {
    Alternative { name, title, description: description.into() }
}
