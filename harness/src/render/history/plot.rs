//! Small pictures of one figure from file to file, drawn by plotters.

use std::fmt::Display;
use std::io;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::HistoryError;
use super::change::{Change, changes};
use super::series::Point;
use crate::render::terminal::significant;

/// Width and height, in the picture's own units: a phone's width, scaled by the page.
const SIZE: (u32, u32) = (360, 170);
/// The size of letters.
const LETTERS: u32 = 15;
/// The part of the height above the highest end of an interval.
const HEADROOM: f64 = 0.08;
/// The radius of a point.
const POINT: i32 = 3;
/// Half the width of the ends of an interval, in files.
const CAP: f64 = 0.08;
/// Lines that the eye measures heights by.
const LEVELS: usize = 6;

/// Words and numbers. Colours stand for variables of the page's style, so that it can choose them for
/// light and for dark.
const FAINT: RGBColor = RGBColor(1, 0, 0);
/// Lines beside the figures.
const LINE: RGBColor = RGBColor(2, 0, 0);
/// Figures.
const FIGURE: RGBColor = RGBColor(3, 0, 0);
/// Where figures before and after are not comparable.
const BREAK: RGBColor = RGBColor(4, 0, 0);
/// The variable for each colour.
const VARIABLES: [(RGBColor, &str); 4] =
    [(FAINT, "--faint"), (LINE, "--line"), (FIGURE, "--figure"), (BREAK, "--break")];

/// What to draw.
pub(super) struct Plot<'a> {
    /// What it shows, for those who do not see it.
    pub(super) title: String,
    /// Figures, in the order of their files.
    pub(super) points: &'a [Point<'a>],
    /// How many of the figure's units are one on the axis.
    pub(super) divisor: f64,
    /// Files on the axis.
    pub(super) files: usize,
    /// How many come before them, and are not drawn.
    pub(super) before: usize,
}

/// A picture in the making.
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
/// What may go wrong with it.
type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

impl Plot<'_> {
    /// The picture as SVG.
    pub(super) fn draw(&self) -> Result<String, HistoryError> {
        let mut svg = String::new();
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        self.draw_on(&area).map_err(|error| self.failed(&error))?;
        area.present().map_err(|error| self.failed(&error))?;
        drop(area);
        Ok(self.styled(svg))
    }

    /// The number of a file as people count, from 1.
    fn number(&self, file: usize) -> f64 {
        (self.before + file + 1) as f64
    }

    fn failed(&self, error: &impl Display) -> HistoryError {
        HistoryError::Draw { what: self.title.clone(), reason: error.to_string() }
    }

    fn draw_on(&self, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Drawn {
        let scaled = |figure: f64| figure / self.divisor;
        let high = self.points.iter().filter_map(|point| Some(scaled(point.figure?.high)));
        let high = high.fold(0.0, f64::max);
        let top = if high > 0.0 { high * (1.0 + HEADROOM) } else { 1.0 };
        let (first, last) = (self.number(0), self.number(self.files.saturating_sub(1)));
        let letters = ("sans-serif", LETTERS).into_font().color(&FAINT);
        let mut chart = ChartBuilder::on(area)
            .margin(6)
            .x_label_area_size(20)
            .y_label_area_size(46)
            .build_cartesian_2d(first - 0.5..last + 0.5, 0.0..top)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(LINE)
            .axis_style(LINE)
            .label_style(letters)
            .x_labels(8)
            .y_labels(LEVELS)
            .x_label_formatter(&|file| whole(*file, (first, last)))
            .y_label_formatter(&|figure| short(*figure))
            .draw()?;
        self.draw_breaks(&mut chart, top)?;
        self.draw_figures(&mut chart)
    }

    /// A line across wherever the next figure is not comparable.
    fn draw_breaks(&self, chart: &mut Chart<'_, '_>, top: f64) -> Drawn {
        for (change, point) in changes(self.points).into_iter().zip(self.points) {
            let at = self.number(point.file) - 0.5;
            if matches!(change, Change::Incomparable(_)) {
                let line = [(at, 0.0), (at, top)];
                chart.draw_series(DashedLineSeries::new(line, 3, 3, BREAK.into()))?;
            }
        }
        Ok(())
    }

    fn draw_figures(&self, chart: &mut Chart<'_, '_>) -> Drawn {
        for stretch in stretches(self.points) {
            let medians = stretch.iter().filter_map(|point| {
                Some((self.number(point.file), point.figure?.median / self.divisor))
            });
            chart.draw_series(LineSeries::new(medians, FIGURE.stroke_width(2)))?;
        }
        for point in self.points {
            let Some(figure) = point.figure else { continue };
            let at = self.number(point.file);
            let [low, median, high] =
                [figure.low, figure.median, figure.high].map(|figure| figure / self.divisor);
            let line = |from, to| PathElement::new(vec![from, to], FIGURE);
            chart.draw_series([
                line((at, low), (at, high)),
                line((at - CAP, low), (at + CAP, low)),
                line((at - CAP, high), (at + CAP, high)),
            ])?;
            chart.draw_series([Circle::new((at, median), POINT, FIGURE.filled())])?;
        }
        Ok(())
    }

    /// The picture in the page's colours, with its title.
    fn styled(&self, svg: String) -> String {
        let mut styled = svg;
        for (RGBColor(red, green, blue), variable) in VARIABLES {
            for property in ["fill", "stroke"] {
                let fixed = format!("{property}=\"#{red:02X}{green:02X}{blue:02X}\"");
                styled = styled.replace(&fixed, &format!("style=\"{property}:var({variable})\""));
            }
        }
        let title = askama::filters::escape(&self.title, askama::filters::Html);
        let title = title.map_or(String::new(), |title| title.to_string());
        styled.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{title}\" "), 1)
    }
}

/// Points whose figures may be joined by a line: up to where they are not comparable, or where one is missing
/// because answers were wrong.
fn stretches<'p, 'a>(points: &'p [Point<'a>]) -> Vec<&'p [Point<'a>]> {
    let changes = changes(points);
    let starts =
        changes.iter().enumerate().filter(|(_, change)| !matches!(change, Change::By { .. }));
    let starts: Vec<usize> = starts.map(|(index, _)| index).collect();
    let ends = starts.iter().copied().skip(1).chain([points.len()]);
    starts.iter().zip(ends).map(|(start, end)| &points[*start..end]).collect()
}

/// A round number, without zeros that say nothing.
fn short(figure: f64) -> String {
    let text = significant(figure);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The number of a file, and nothing where there is none.
fn whole(file: f64, (first, last): (f64, f64)) -> String {
    let is_file = file.fract() == 0.0 && (first..=last).contains(&file);
    if is_file { format!("{file:.0}") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_at_an_axis_are_short_and_not_wrong() {
        assert_eq!([0.0, 0.5, 20.0, 100.0, 2_500.0].map(short), ["0", "0.5", "20", "100", "2500"]);
        assert_eq!([2.0, 2.5, 3.0].map(|file| whole(file, (1.0, 2.0))), ["2", "", ""]);
    }
}
