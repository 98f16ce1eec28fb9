//! Markers, and the keys of legends.

use std::io;

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::{Color, ShapeStyle};

use crate::plot::PlotError;
use crate::plot::palette::{Colour, PAPER};
use crate::plot::style::{Marker, Style};
use crate::plot::svg::finish;

/// A drawing area in pixels.
pub(crate) type Pixels<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Whether a marker is filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Body {
    /// A point like any other.
    Solid,
    /// A point from which nothing should be concluded.
    Hollow,
}

/// Draws a marker around a pixel.
pub(crate) fn draw(
    area: &Pixels<'_>,
    at: (i32, i32),
    style: Style,
    body: Body,
) -> Result<(), DrawingAreaErrorKind<io::Error>> {
    match body {
        Body::Solid => shape(area, at, style.marker, 0, style.colour),
        Body::Hollow => {
            shape(area, at, style.marker, 1, style.colour)?;
            shape(area, at, style.marker, -1, PAPER)
        }
    }
}

/// The key of a style for a legend, which names it beside: its line and its marker.
pub(crate) fn key(style: Style) -> Result<String, PlotError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (38, 16)).into_drawing_area();
        area.draw(&PathElement::new(vec![(1, 8), (37, 8)], line(style)))?;
        draw(&area, (19, 8), style, Body::Solid)?;
        area.present()?;
    }
    Ok(finish(&text, None, &[style]))
}

/// How the line of a style is drawn.
pub(crate) fn line(style: Style) -> ShapeStyle {
    style.colour.rgb().stroke_width(2)
}

fn shape(
    area: &Pixels<'_>,
    (x, y): (i32, i32),
    marker: Marker,
    grown: i32,
    colour: Colour,
) -> Result<(), DrawingAreaErrorKind<io::Error>> {
    let filled = colour.rgb().filled();
    let radius = match marker {
        Marker::Circle => 4 + grown,
        Marker::Dot => 3 + grown,
        _ => {
            let corners = corners(marker, grown);
            let corners = corners.iter().map(|(right, down)| (x + right, y + down));
            return area.draw(&Polygon::new(corners.collect::<Vec<_>>(), filled));
        }
    };
    area.draw(&Circle::new((x, y), radius, filled))
}

/// Corners around the middle, right and down.
fn corners(marker: Marker, grown: i32) -> Vec<(i32, i32)> {
    let (half, tip) = (4 + grown, 5 + grown);
    match marker {
        Marker::Circle | Marker::Dot => Vec::new(),
        Marker::Square => vec![(-half, -half), (half, -half), (half, half), (-half, half)],
        Marker::Up => vec![(0, -tip), (tip, half), (-tip, half)],
        Marker::Down => vec![(0, tip), (tip, -half), (-tip, -half)],
        Marker::Left => vec![(-tip, 0), (half, -tip), (half, tip)],
        Marker::Right => vec![(tip, 0), (-half, -tip), (-half, tip)],
        Marker::Diamond => vec![(0, -tip - 1), (tip + 1, 0), (0, tip + 1), (-tip - 1, 0)],
        Marker::Hexagon => {
            let slant = half / 2 + 1;
            vec![
                (-tip, 0),
                (-slant, -half),
                (slant, -half),
                (tip, 0),
                (slant, half),
                (-slant, half),
            ]
        }
    }
}
