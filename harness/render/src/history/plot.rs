//! Small plots of one metric across files.

use super::HistoryError;
use super::change::PointChange;
use super::series::HistoryPoint;
use crate::plot::axis::Axis;
use crate::plot::lines::{self, Height, Mark, Panel, Series};
use crate::plot::palette::{BREAK, SUBJECTS};
use crate::plot::style::{Marker, Style};
use crate::plot::{Alternative, Plot};

/// The style of results.
const RESULT: Style = Style { colour: SUBJECTS[0], dash: "", marker: Marker::Circle };
/// The style of a line between results that are not comparable.
const BREAK_LINE: Style = Style { colour: BREAK, dash: "3 3", marker: Marker::Dot };

/// The data of a plot.
pub(super) struct HistoryPlot<'a> {
    /// Its name, unique on the page.
    pub(super) name: String,
    /// Its title, for screen readers.
    pub(super) title: String,
    /// The points, in the order of their files.
    pub(super) points: &'a [HistoryPoint<'a>],
    /// The change at each point.
    pub(super) changes: &'a [PointChange],
    /// The unit of the axis.
    pub(super) unit: &'static str,
    /// What values are divided by for the axis.
    pub(super) divisor: f64,
    /// Number of files on the axis.
    pub(super) files: usize,
    /// Number of earlier files that are not drawn.
    pub(super) before: usize,
}

impl HistoryPlot<'_> {
    /// The picture as SVG.
    pub(super) fn draw(&self) -> Result<String, HistoryError> {
        let numbers: Vec<usize> = (1..=self.files).map(|file| self.before + file).collect();
        let highs =
            self.points.iter().filter_map(|point| Some(point.result.ok()?.high / self.divisor));
        let y = Axis::from_zero(self.unit, highs);
        let mut series = self.breaks(y.high);
        series.extend(self.segments());
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
        Plot::Lines(panel).inline().map_err(|error| HistoryError::Draw {
            what: self.title.clone(),
            reason: error.to_string(),
        })
    }

    /// The number of a file, from 1.
    fn number(&self, file: usize) -> f64 {
        (self.before + file + 1) as f64
    }

    /// A vertical line before each result that is not comparable with the previous one.
    fn breaks(&self, top: f64) -> Vec<Series> {
        let changes = self.changes.iter().zip(self.points);
        let apart = changes.filter(|(change, _)| change.is_break());
        apart
            .map(|(_, point)| {
                let x = self.number(point.file) - 0.5;
                let end = |y| lines::Point { x, y, interval: None, mark: Mark::None };
                Series { style: BREAK_LINE, points: vec![end(0.0), end(top)], neighbour: 0.0 }
            })
            .collect()
    }

    /// One line for each segment of comparable results.
    fn segments(&self) -> impl Iterator<Item = Series> {
        split_at_breaks(self.points, self.changes).into_iter().map(|segment| {
            let points = segment.iter().filter_map(|point| {
                let spread = point.result.ok()?;
                Some(lines::Point {
                    x: self.number(point.file),
                    y: spread.median / self.divisor,
                    interval: Some((spread.low / self.divisor, spread.high / self.divisor)),
                    mark: Mark::Solid,
                })
            });
            Series { style: RESULT, points: points.collect(), neighbour: 0.0 }
        })
    }
}

/// Splits points into segments that may be connected by a line: at results that are not comparable
/// or withheld.
fn split_at_breaks<'p, 'a>(
    points: &'p [HistoryPoint<'a>],
    changes: &[PointChange],
) -> Vec<&'p [HistoryPoint<'a>]> {
    let is_start =
        |change: &PointChange| !matches!(change, PointChange::Judged(_)) || change.is_break();
    let starts = changes.iter().enumerate().filter(|(_, change)| is_start(change));
    let starts: Vec<usize> = starts.map(|(index, _)| index).collect();
    let ends = starts.iter().copied().skip(1).chain([points.len()]);
    starts.iter().zip(ends).map(|(start, end)| &points[*start..end]).collect()
}
