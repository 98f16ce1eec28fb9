//! What the pictures of a page show: evidence in, plain data for [`crate::plot`] out.
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
    /// What it is called.
    pub title: String,
    /// What it shows.
    pub caption: String,
    /// How wide its pictures are.
    pub width: Width,
    /// The subjects and how they are drawn; empty where the pictures name them.
    pub legend: Vec<(String, Style)>,
    /// The pictures.
    pub pictures: Vec<Picture>,
    /// More of the same, of which less is to be learned.
    pub folded: Vec<Picture>,
}

/// One picture.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Picture {
    /// What stands above it.
    pub title: String,
    /// What it shows.
    pub plot: Plot,
}

/// How wide pictures are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Width {
    /// As wide as a column of the page, which they are scaled to.
    Column,
    /// As wide as they were drawn: the letters in them would be too small otherwise.
    Own,
}

/// A picture that is a file of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PictureFile {
    /// The name of the file, with its ending.
    pub name: String,
    /// What is in it: SVG with the colours for light and for dark.
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

/// The least number of thread counts that are drawn as lines over threads. With fewer, lines would
/// say less than the marks of a dot plot, which say the same in a fifth of the room.
pub(crate) const LINE_COUNTS_MIN: usize = 4;

/// What a picture without figures that others lack is read out as.
pub(crate) const SAME_BELOW: &str = "The same numbers are in the table below.";

fn alternative(name: String, title: String, description: impl Into<String>) -> Alternative {
    Alternative { name, title, description: description.into() }
}
