//! A line plot.

use std::ops::Range;

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::element::PathElement;
use plotters::style::{Color, TRANSPARENT};

use crate::plot::axis::Axis;
use crate::plot::canvas::{Canvas, Dashed, DrawError, Drawing, Pixels};
use crate::plot::marker::{self, Body};
use crate::plot::palette::{FAINT, GRID};
use crate::plot::style::Style;
use crate::plot::text::axis_text;
use crate::plot::{Alternative, PlotError};

/// Width and height in pixels.
const SIZE: (u32, u32) = (400, 270);
/// The same for pictures in long lists.
const LOW_SIZE: (u32, u32) = (SIZE.0, 190);
/// Space for the vertical axis.
const LEFT: u32 = 62;
/// Space for the horizontal axis.
const BELOW: u32 = 38;
/// Margin around the picture, so that no label is cut off.
const MARGIN: u32 = 10;
/// Space below the label of the horizontal axis, for descenders.
const DESCENT: u32 = 4;
/// Pixels between neighbouring series at the same x value.
const APART: f64 = 4.0;

/// Lines and points between two axes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Panel {
    /// Its text for screen readers.
    pub alternative: Alternative,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// Its height.
    pub height: Height,
    /// The series, the last on top.
    pub series: Vec<Series>,
}

/// The height of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Height {
    /// High enough to distinguish lines.
    Normal,
    /// Lower, for pictures in long lists.
    Low,
}

/// One line.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Series {
    /// Its style.
    pub style: Style,
    /// Its points, from left to right.
    pub points: Vec<Point>,
    /// Its horizontal offset among series at the same x values; 0 for none.
    pub neighbour: f64,
}

/// One point, in the units of the axes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Point {
    /// The value on the horizontal axis.
    pub x: f64,
    /// The value on the vertical axis.
    pub y: f64,
    /// The ends of the interval around `y`.
    pub interval: Option<(f64, f64)>,
    /// Its marker.
    pub mark: Mark,
}

/// The marker of a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    /// None; the line passes through.
    None,
    /// Solid; the line passes through.
    Solid,
    /// Hollow; not connected to the line.
    Hollow,
}

type Chart<'a, 'b> = ChartContext<'a, Canvas<'b>, Cartesian2d<Axis, Axis>>;

impl Panel {
    /// Draws it.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn draw(&self) -> Result<Drawing, PlotError> {
        let size = match self.height {
            Height::Normal => SIZE,
            Height::Low => LOW_SIZE,
        };
        let x = self.x.thinned((size.0 - LEFT - MARGIN) as i32);
        let y = self.y.thinned_vertical((size.1 - BELOW - MARGIN - DESCENT) as i32);
        Drawing::new(size, |area| {
            let mut chart = ChartBuilder::on(area)
                .margin(MARGIN)
                .margin_left(0)
                .margin_bottom(DESCENT)
                .x_label_area_size(BELOW)
                .y_label_area_size(LEFT)
                .build_cartesian_2d(x, y)?;
            self.draw_axes(&mut chart)?;
            for series in &self.series {
                self.draw_line(&chart, series)?;
            }
            // Points are drawn after all lines, so that no line covers them.
            for series in &self.series {
                self.draw_points(area, &chart, series)?;
            }
            Ok(())
        })
    }

    fn draw_axes(&self, chart: &mut Chart<'_, '_>) -> Result<(), DrawError> {
        chart
            .configure_mesh()
            .bold_line_style(GRID.rgb())
            .light_line_style(TRANSPARENT)
            .axis_style(FAINT.rgb())
            .set_all_tick_mark_size(4)
            .label_style(axis_text())
            .x_desc(&self.x.label)
            .y_desc(&self.y.label)
            .draw()
    }

    fn draw_line(&self, chart: &Chart<'_, '_>, series: &Series) -> Result<(), DrawError> {
        // A hollow point interrupts the line.
        for stretch in series.points.split(|point| point.mark == Mark::Hollow) {
            let coordinates =
                stretch.iter().filter_map(|point| self.coordinate(series, point.x, point.y));
            let points: Vec<(f64, f64)> = coordinates.collect();
            if points.len() > 1 {
                let (dash, style) = (series.style.dash, marker::line(series.style));
                chart.plotting_area().draw(&Dashed { points, dash, style })?;
            }
        }
        Ok(())
    }

    fn draw_points(
        &self,
        area: &Pixels<'_>,
        chart: &Chart<'_, '_>,
        series: &Series,
    ) -> Result<(), DrawError> {
        for point in &series.points {
            let colour = series.style.colour.rgb();
            let bar = point.interval.and_then(|(low, high)| {
                let low = self.coordinate(series, point.x, low.max(self.y.lowest()))?;
                Some((low, self.coordinate(series, point.x, high)?))
            });
            if let Some((low, high)) = bar {
                let ends = [chart.backend_coord(&low), chart.backend_coord(&high)];
                area.draw(&PathElement::new(ends, colour.stroke_width(1)))?;
            }
            let body = match point.mark {
                Mark::None => continue,
                Mark::Solid => Body::Solid,
                Mark::Hollow => Body::Hollow,
            };
            if let Some(coordinate) = self.coordinate(series, point.x, point.y) {
                marker::draw(area, chart.backend_coord(&coordinate), series.style, body)?;
            }
        }
        Ok(())
    }

    fn coordinate(&self, series: &Series, x: f64, y: f64) -> Option<(f64, f64)> {
        let width = f64::from(SIZE.0 - LEFT - MARGIN);
        let offset = self.x.length(series.neighbour * APART / width);
        let y = self.y.scale.coordinate(y)?.clamp(self.y.low, self.y.high);
        Some((self.x.scale.coordinate(x)? + offset, y))
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, coordinate: &f64, ends: (i32, i32)) -> i32 {
        self.pixel(*coordinate, ends)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // There are no minor grid lines.
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|(coordinate, _)| *coordinate).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, coordinate: &f64) -> String {
        let tick = self.ticks.iter().find(|(tick, _)| tick == coordinate);
        tick.map(|(_, word)| word.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::axis::time;
    use crate::plot::palette::SUBJECTS;
    use crate::plot::style::Marker;

    fn alternative() -> Alternative {
        Alternative {
            name: "one".to_owned(),
            title: "a < b".to_owned(),
            description: "\"so\" & so".to_owned(),
        }
    }

    fn panel(mark: Mark) -> Panel {
        let style = Style { colour: SUBJECTS[1], dash: "7 3", marker: Marker::Circle };
        let point = |x, y, mark| Point { x, y, interval: Some((y * 0.5, y * 2.0)), mark };
        let points = vec![point(1.0, 10.0, Mark::Solid), point(2.0, 100.0, mark)];
        Panel {
            alternative: alternative(),
            x: Axis::counts("threads", &[1, 2]),
            y: Axis::log("latency", [5.0, 200.0], time),
            height: Height::Normal,
            series: vec![Series { style, points, neighbour: 0.0 }],
        }
    }

    /// Lines of the style, which is the only dashed one.
    fn dashed(svg: &str) -> usize {
        svg.matches("stroke-dasharray=\"7 3\"").count()
    }

    #[test]
    fn a_hollow_point_is_not_connected_to_the_others() {
        let joined = panel(Mark::Solid).draw().unwrap().inline(&alternative());
        let apart = panel(Mark::Hollow).draw().unwrap().inline(&alternative());
        let bars = |svg: &str| svg.matches("stroke=\"#D55E00\"").count();
        // One for each interval, and one for the line.
        assert_eq!((bars(&joined), bars(&apart)), (3, 2));
        assert_eq!((dashed(&joined), dashed(&apart)), (1, 0));
        assert_eq!(apart.matches("<circle").count(), joined.matches("<circle").count() + 1);
    }

    #[test]
    fn no_line_passes_through_a_hollow_point() {
        let mut panel = panel(Mark::Solid);
        let solid = panel.series[0].points.clone();
        panel.series[0].points = [1.0, 2.0, 3.0, 4.0, 5.0]
            .map(|x| Point {
                x,
                mark: if x == 3.0 { Mark::Hollow } else { Mark::Solid },
                ..solid[0]
            })
            .to_vec();
        assert_eq!(dashed(&panel.draw().unwrap().inline(&alternative())), 2);
    }

    #[test]
    fn output_is_deterministic_and_text_is_escaped() {
        let svg = panel(Mark::Solid).draw().unwrap().inline(&alternative());
        assert_eq!(svg, panel(Mark::Solid).draw().unwrap().inline(&alternative()));
        assert!(svg.contains("<title id=\"one-t\">a &lt; b</title>"), "{svg}");
        assert!(svg.contains(">\"so\" &amp; so<"), "{svg}");
        assert!(svg.contains("role=\"img\"") && !svg.contains("NaN"));
    }
}
