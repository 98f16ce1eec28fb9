//! Small pictures of one figure from file to file.

use super::HistoryError;
use super::change::Change;
use super::series::Point;
use crate::plot::axis::Axis;
use crate::plot::lines::{self, Height, Mark, Panel, Series};
use crate::plot::palette::{BREAK, SUBJECTS};
use crate::plot::style::{Marker, Style};
use crate::plot::{Alternative, Plot as Picture};

/// How figures are drawn.
const FIGURE: Style = Style { colour: SUBJECTS[0], dash: "", marker: Marker::Circle };
/// How it is shown that figures before and after are not comparable.
const APART: Style = Style { colour: BREAK, dash: "3 3", marker: Marker::Dot };

/// What to draw.
pub(super) struct Plot<'a> {
    /// The picture's name: no two of a page share it.
    pub(super) name: String,
    /// What it shows, for those who do not see it.
    pub(super) title: String,
    /// Figures, in the order of their files.
    pub(super) points: &'a [Point<'a>],
    /// The change at each of them.
    pub(super) changes: &'a [Change],
    /// The unit that they are drawn in.
    pub(super) unit: &'static str,
    /// How many of the figure's units are one on the axis.
    pub(super) divisor: f64,
    /// Files on the axis.
    pub(super) files: usize,
    /// How many come before them, and are not drawn.
    pub(super) before: usize,
}

impl Plot<'_> {
    /// The picture as SVG.
    pub(super) fn draw(&self) -> Result<String, HistoryError> {
        let numbers: Vec<usize> = (1..=self.files).map(|file| self.before + file).collect();
        let highs =
            self.points.iter().filter_map(|point| Some(point.figure.ok()?.high / self.divisor));
        let y = Axis::from_zero(self.unit, highs);
        let mut series = self.breaks(y.high);
        series.extend(self.figures());
        let panel = Panel {
            alternative: Alternative {
                name: self.name.clone(),
                title: self.title.clone(),
                description: "The same numbers are in the table below.".to_owned(),
            },
            x: Axis::counts("file", &numbers),
            y,
            height: Height::Low,
            series,
        };
        Picture::Lines(panel).inline().map_err(|error| HistoryError::Draw {
            what: self.title.clone(),
            reason: error.to_string(),
        })
    }

    /// The number of a file as people count, from 1.
    fn number(&self, file: usize) -> f64 {
        (self.before + file + 1) as f64
    }

    /// A line across wherever the next figure is not comparable.
    fn breaks(&self, top: f64) -> Vec<Series> {
        let changes = self.changes.iter().zip(self.points);
        let apart = changes.filter(|(change, _)| change.is_break());
        apart
            .map(|(_, point)| {
                let x = self.number(point.file) - 0.5;
                let end = |y| lines::Point { x, y, interval: None, mark: Mark::None };
                Series { style: APART, points: vec![end(0.0), end(top)], neighbour: 0.0 }
            })
            .collect()
    }

    /// One line for each stretch, so that nothing is joined across its ends.
    fn figures(&self) -> impl Iterator<Item = Series> {
        stretches(self.points, self.changes).into_iter().map(|stretch| {
            let points = stretch.iter().filter_map(|point| {
                let figure = point.figure.ok()?;
                Some(lines::Point {
                    x: self.number(point.file),
                    y: figure.median / self.divisor,
                    interval: Some((figure.low / self.divisor, figure.high / self.divisor)),
                    mark: Mark::Solid,
                })
            });
            Series { style: FIGURE, points: points.collect(), neighbour: 0.0 }
        })
    }
}

/// Points whose figures may be joined by a line: up to where they are not comparable, or where one is missing
/// because answers were wrong.
fn stretches<'p, 'a>(points: &'p [Point<'a>], changes: &[Change]) -> Vec<&'p [Point<'a>]> {
    let is_start = |change: &Change| !matches!(change, Change::Judged(_)) || change.is_break();
    let starts = changes.iter().enumerate().filter(|(_, change)| is_start(change));
    let starts: Vec<usize> = starts.map(|(index, _)| index).collect();
    let ends = starts.iter().copied().skip(1).chain([points.len()]);
    starts.iter().zip(ends).map(|(start, end)| &points[*start..end]).collect()
}
