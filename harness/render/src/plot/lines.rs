//! One picture of lines and points between two axes.

use std::io;
use std::ops::Range;

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::PathElement;
use plotters::style::{Color, TRANSPARENT};

use crate::plot::PlotError;
use crate::plot::axis::{Axis, Scale};
use crate::plot::marker::{self, Body, Pixels};
use crate::plot::palette::{FAINT, GRID};
use crate::plot::style::Style;
use crate::plot::svg::{Alternative, axis_letters, finish};

/// Width and height in pixels.
const SIZE: (u32, u32) = (400, 270);
/// The same where many pictures stand below each other.
const LOW_SIZE: (u32, u32) = (SIZE.0, 190);
/// Room for the numbers and the name of the upright axis.
const LEFT: u32 = 62;
/// Room for the numbers and the name of the level axis.
const BELOW: u32 = 38;
/// Room around it all, so that no half of a number is cut off.
const MARGIN: u32 = 10;
/// Pixels between neighbours that stand at the same value.
const APART: f64 = 4.0;

/// Lines and points between two axes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Panel {
    /// Its words.
    pub alternative: Alternative,
    /// The level axis.
    pub x: Axis,
    /// The upright axis.
    pub y: Axis,
    /// What is drawn, the last on top.
    pub series: Vec<Series>,
}

/// One line.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Series {
    /// How it is drawn.
    pub style: Style,
    /// Its points, from left to right.
    pub points: Vec<Point>,
    /// Which neighbour it is, where several stand at the same values; 0 where it stands on them.
    pub neighbour: f64,
}

/// One point, in the units of the axes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Point {
    /// Along the level axis.
    pub x: f64,
    /// Along the upright axis.
    pub y: f64,
    /// The ends of the interval around `y`.
    pub interval: Option<(f64, f64)>,
    /// What stands there.
    pub mark: Mark,
}

/// What stands at a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    /// Nothing: the line goes through.
    None,
    /// A marker, and the line goes through.
    Solid,
    /// A hollow marker, that no line leads to.
    Hollow,
}

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

impl Panel {
    /// Draws it.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn draw(&self) -> Result<String, PlotError> {
        self.draw_in(SIZE)
    }

    /// Draws it less high.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn draw_low(&self) -> Result<String, PlotError> {
        self.draw_in(LOW_SIZE)
    }

    fn draw_in(&self, size: (u32, u32)) -> Result<String, PlotError> {
        let mut text = String::new();
        {
            let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
            let mut chart = ChartBuilder::on(&area)
                .margin(MARGIN)
                .margin_left(0)
                .margin_bottom(0)
                .x_label_area_size(BELOW)
                .y_label_area_size(LEFT)
                .build_cartesian_2d(self.x.clone(), self.y.clone())?;
            self.draw_axes(&mut chart)?;
            for series in &self.series {
                self.draw_line(&chart, series)?;
            }
            // Points stand on top of all lines, so that none is crossed out.
            for series in &self.series {
                self.draw_points(&area, &chart, series)?;
            }
            area.present()?;
        }
        let styles: Vec<Style> = self.series.iter().map(|series| series.style).collect();
        Ok(finish(&text, Some(&self.alternative), &styles))
    }

    fn draw_axes(&self, chart: &mut Chart<'_, '_>) -> Result<(), DrawingAreaErrorKind<io::Error>> {
        chart
            .configure_mesh()
            .bold_line_style(GRID.rgb())
            .light_line_style(TRANSPARENT)
            .axis_style(FAINT.rgb())
            .set_all_tick_mark_size(4)
            .label_style(axis_letters())
            .x_desc(&self.x.label)
            .y_desc(&self.y.label)
            .draw()
    }

    fn draw_line(
        &self,
        chart: &Chart<'_, '_>,
        series: &Series,
    ) -> Result<(), DrawingAreaErrorKind<io::Error>> {
        let mut joined: Vec<(f64, f64)> = Vec::new();
        for point in series.points.iter().filter(|point| point.mark != Mark::Hollow) {
            joined.extend(self.place(series, point.x, point.y));
        }
        if joined.len() < 2 {
            return Ok(());
        }
        chart.plotting_area().draw(&PathElement::new(joined, marker::line(series.style)))
    }

    fn draw_points(
        &self,
        area: &Pixels<'_>,
        chart: &Chart<'_, '_>,
        series: &Series,
    ) -> Result<(), DrawingAreaErrorKind<io::Error>> {
        for point in &series.points {
            let colour = series.style.colour.rgb();
            let bar = point.interval.and_then(|(low, high)| {
                let low = self.place(series, point.x, low.max(self.lowest()))?;
                Some((low, self.place(series, point.x, high)?))
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
            if let Some(place) = self.place(series, point.x, point.y) {
                marker::draw(area, chart.backend_coord(&place), series.style, body)?;
            }
        }
        Ok(())
    }

    /// The least value that the upright axis has a place for.
    fn lowest(&self) -> f64 {
        match self.y.scale {
            Scale::Log => 10f64.powf(self.y.low),
            _ => self.y.low,
        }
    }

    fn place(&self, series: &Series, x: f64, y: f64) -> Option<(f64, f64)> {
        let width = f64::from(SIZE.0 - LEFT - MARGIN);
        let aside = self.x.part(series.neighbour * APART / width);
        let y = self.y.scale.place(y)?.clamp(self.y.low, self.y.high);
        Some((self.x.scale.place(x)? + aside, y))
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, place: &f64, (from, to): (i32, i32)) -> i32 {
        let part = (place - self.low) / (self.high - self.low);
        from + (part * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // There are no lines between those of the ticks.
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|(place, _)| *place).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, place: &f64) -> String {
        let tick = self.ticks.iter().find(|(tick, _)| tick == place);
        tick.map(|(_, word)| word.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::axis::time;
    use crate::plot::palette::SUBJECTS;
    use crate::plot::style::Marker;

    fn panel(mark: Mark) -> Panel {
        let style = Style { colour: SUBJECTS[1], dash: "7 3", marker: Marker::Circle };
        let point = |x, y, mark| Point { x, y, interval: Some((y * 0.5, y * 2.0)), mark };
        let points = vec![point(1.0, 10.0, Mark::Solid), point(2.0, 100.0, mark)];
        Panel {
            alternative: Alternative {
                name: "one".to_owned(),
                title: "a < b".to_owned(),
                description: "\"so\" & so".to_owned(),
            },
            x: Axis::counts("threads", &[1, 2]),
            y: Axis::log("latency", [5.0, 200.0], time),
            series: vec![Series { style, points, neighbour: 0.0 }],
        }
    }

    /// Lines of the style, which is the only dashed one.
    fn dashed(svg: &str) -> usize {
        svg.matches("stroke-dasharray=\"7 3\"").count()
    }

    #[test]
    fn a_hollow_point_is_not_joined_to_the_others() {
        let joined = panel(Mark::Solid).draw().unwrap();
        let apart = panel(Mark::Hollow).draw().unwrap();
        let bars = |svg: &str| svg.matches("stroke=\"#D55E00\"").count();
        // One for each interval, and one for the line.
        assert_eq!((bars(&joined), bars(&apart)), (3, 2));
        assert_eq!((dashed(&joined), dashed(&apart)), (1, 0));
        assert_eq!(apart.matches("<circle").count(), joined.matches("<circle").count() + 1);
    }

    #[test]
    fn the_same_panel_gives_the_same_bytes_and_its_words_are_no_markup() {
        let svg = panel(Mark::Solid).draw().unwrap();
        assert_eq!(svg, panel(Mark::Solid).draw().unwrap());
        assert!(svg.contains("<title id=\"one-t\">a &#60; b</title>"), "{svg}");
        assert!(svg.contains("&#34;so&#34; &#38; so"), "{svg}");
        assert!(svg.contains("role=\"img\"") && !svg.contains("NaN"));
    }
}
