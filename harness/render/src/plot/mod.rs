//! Pictures: plain data in, SVG out. The same data give the same bytes.
//!
//! [`Plot`] is what a picture shows; nothing here knows evidence. Plotters draws it on a [`canvas`]
//! of our own. There are no fonts here, and need not be: what has to be measured exactly, such as
//! titles and legends, is left to the page.

pub(crate) mod axis;
mod canvas;
pub(crate) mod dots;
pub(crate) mod heat;
pub(crate) mod lines;
mod marker;
pub(crate) mod palette;
pub(crate) mod strips;
pub(crate) mod style;
mod text;

pub(crate) use marker::{Body, key};

use canvas::{DrawError, Drawing};

/// A picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("a picture could not be drawn, which is a bug in shardproof: {0}")]
pub struct PlotError(String);

impl From<DrawError> for PlotError {
    fn from(error: DrawError) -> Self {
        Self(error.to_string())
    }
}

/// What is read out in a picture's place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Alternative {
    /// The picture's name: letters, digits and hyphens; no two pictures of a page share it.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// What is to be seen.
    pub description: String,
}

/// A picture, as data.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Plot {
    /// Lines and points between two axes.
    Lines(lines::Panel),
    /// A mark for each figure, in rows with names.
    Dots(dots::DotPlot),
    /// A table with colours.
    Heat(heat::HeatMap),
    /// Latency over time.
    Strips(strips::Strips),
}

impl Plot {
    /// SVG for a page that has the style sheet of [`palette::rules`].
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn inline(&self) -> Result<String, PlotError> {
        Ok(self.draw()?.inline(self.alternative()))
    }

    /// An SVG file that needs no page: the colours for light and for dark are in it.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn file(&self) -> Result<String, PlotError> {
        Ok(self.draw()?.file(self.alternative()))
    }

    fn draw(&self) -> Result<Drawing, PlotError> {
        match self {
            Self::Lines(panel) => panel.draw(),
            Self::Dots(dots) => dots.draw(),
            Self::Heat(map) => map.draw(),
            Self::Strips(strips) => strips.draw(),
        }
    }

    fn alternative(&self) -> &Alternative {
        match self {
            Self::Lines(panel) => &panel.alternative,
            Self::Dots(dots) => &dots.alternative,
            Self::Heat(map) => &map.alternative,
            Self::Strips(strips) => &strips.alternative,
        }
    }
}
