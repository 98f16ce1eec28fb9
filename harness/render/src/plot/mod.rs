//! Pictures: plain data in, SVG out. The output depends only on the data.
//!
//! [`Plot`] is the content of a picture; nothing here knows evidence. Plotters draws it on our own
//! [`canvas`]. No fonts are needed: text that requires exact metrics, such as titles and legends,
//! is left to the page.

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

/// The text of a picture for screen readers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Alternative {
    /// The picture's name: normal_text, digits and hyphens; no two pictures of a page share it.
    pub name: String,
    /// Its title.
    pub title: String,
    /// A description of its content.
    pub description: String,
}

/// A picture, as data.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Plot {
    /// Lines and points between two axes.
    Lines(lines::Panel),
    /// A mark for each value, in named rows.
    Dots(dots::DotPlot),
    /// A table with coloured cells.
    Heat(heat::HeatMap),
    /// Latency over time.
    Strips(strips::Strips),
}

impl Plot {
    /// SVG for a page with the style sheet of [`palette::rules`].
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn inline(&self) -> Result<String, PlotError> {
        Ok(self.draw()?.inline(self.alternative()))
    }

    /// A self-contained SVG file, with colours for light and dark pages.
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
