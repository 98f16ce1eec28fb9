//! One picture of lines and points between two axes.

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
use crate::plot::text::axis_letters;
use crate::plot::{Alternative, PlotError};

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
/// Room below the name of the level axis, for what hangs below the line of its letters.
const DESCENT: u32 = 4;
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
    /// How high it is.
    pub height: Height,
    /// What is drawn, the last on top.
    pub series: Vec<Series>,
}

/// How high a picture is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Height {
    /// As much as its lines need to be told apart.
    Usual,
    /// Less, where many pictures stand below each other.
    Low,
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

type Chart<'a, 'b> = ChartContext<'a, Canvas<'b>, Cartesian2d<Axis, Axis>>;

impl Panel {
    /// Draws it.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn draw(&self) -> Result<Drawing, PlotError> {
        let size = match self.height {
            Height::Usual => SIZE,
            Height::Low => LOW_SIZE,
        };
        let x = self.x.thinned((size.0 - LEFT - MARGIN) as i32);
        let y = self.y.thinned_upright((size.1 - BELOW - MARGIN - DESCENT) as i32);
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
            // Points stand on top of all lines, so that none is crossed out.
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
            .label_style(axis_letters())
            .x_desc(&self.x.label)
            .y_desc(&self.y.label)
            .draw()
    }

    fn draw_line(&self, chart: &Chart<'_, '_>, series: &Series) -> Result<(), DrawError> {
        // A hollow point says that what lies before it does not lead to what lies after it.
        for stretch in series.points.split(|point| point.mark == Mark::Hollow) {
            let places = stretch.iter().filter_map(|point| self.place(series, point.x, point.y));
            let points: Vec<(f64, f64)> = places.collect();
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
                let low = self.place(series, point.x, low.max(self.y.lowest()))?;
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

    fn map(&self, place: &f64, ends: (i32, i32)) -> i32 {
        self.pixel(*place, ends)
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
            height: Height::Usual,
            series: vec![Series { style, points, neighbour: 0.0 }],
        }
    }

    /// Lines of the style, which is the only dashed one.
    fn dashed(svg: &str) -> usize {
        svg.matches("stroke-dasharray=\"7 3\"").count()
    }

    #[test]
    fn a_hollow_point_is_not_joined_to_the_others() {
        let joined = panel(Mark::Solid).draw().unwrap().inline(&alternative());
        let apart = panel(Mark::Hollow).draw().unwrap().inline(&alternative());
        let bars = |svg: &str| svg.matches("stroke=\"#D55E00\"").count();
        // One for each interval, and one for the line.
        assert_eq!((bars(&joined), bars(&apart)), (3, 2));
        assert_eq!((dashed(&joined), dashed(&apart)), (1, 0));
        assert_eq!(apart.matches("<circle").count(), joined.matches("<circle").count() + 1);
    }

    #[test]
    fn no_line_passes_a_hollow_point() {
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
    fn the_same_panel_gives_the_same_bytes_and_its_words_are_no_markup() {
        let svg = panel(Mark::Solid).draw().unwrap().inline(&alternative());
        assert_eq!(svg, panel(Mark::Solid).draw().unwrap().inline(&alternative()));
        assert!(svg.contains("<title id=\"one-t\">a &lt; b</title>"), "{svg}");
        assert!(svg.contains(">\"so\" &amp; so<"), "{svg}");
        assert!(svg.contains("role=\"img\"") && !svg.contains("NaN"));
    }
}
