//! Markers, and the keys of legends.

use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::{Color, ShapeStyle};

use crate::plot::PlotError;
use crate::plot::canvas::{Dashed, DrawError, Drawing, Pixels};
use crate::plot::palette::{Colour, PAPER};
use crate::plot::style::{Marker, Style};

/// How a marker is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Body {
    /// Filled.
    Solid,
    /// Only its edge.
    Hollow,
    /// Filled, and smaller than others.
    Small,
    /// A cross, whatever the marker.
    Cross,
}

/// Draws a marker around a pixel.
pub(crate) fn draw(
    area: &Pixels<'_>,
    at: (i32, i32),
    style: Style,
    body: Body,
) -> Result<(), DrawError> {
    match body {
        Body::Solid => shape(area, at, style.marker, 0, style.colour),
        Body::Hollow => {
            shape(area, at, style.marker, 1, style.colour)?;
            shape(area, at, style.marker, -1, PAPER)
        }
        Body::Small => shape(area, at, style.marker, -1, style.colour),
        Body::Cross => {
            let (x, y) = at;
            for ends in [[(x - 3, y - 3), (x + 3, y + 3)], [(x - 3, y + 3), (x + 3, y - 3)]] {
                area.draw(&PathElement::new(ends, style.colour.rgb().stroke_width(1)))?;
            }
            Ok(())
        }
    }
}

/// The legend symbol of a style: its line and marker.
///
/// # Errors
/// [`PlotError`], which only a bug can cause.
pub(crate) fn key(style: Style) -> Result<String, PlotError> {
    let drawing = Drawing::new((38, 16), |area| {
        let points = vec![(1, 8), (37, 8)];
        area.draw(&Dashed { points, dash: style.dash, style: line(style) })?;
        draw(area, (19, 8), style, Body::Solid)
    });
    Ok(drawing?.decoration())
}

/// A filled circle around a pixel.
pub(crate) fn disc(
    area: &Pixels<'_>,
    at: (i32, i32),
    radius: i32,
    colour: Colour,
) -> Result<(), DrawError> {
    area.draw(&Circle::new(at, radius, colour.rgb().filled()))
}

/// The line style of a style.
pub(crate) fn line(style: Style) -> ShapeStyle {
    style.colour.rgb().stroke_width(2)
}

fn shape(
    area: &Pixels<'_>,
    (x, y): (i32, i32),
    marker: Marker,
    grown: i32,
    colour: Colour,
) -> Result<(), DrawError> {
    let radius = match marker {
        Marker::Circle => 4 + grown,
        Marker::Dot => 3 + grown,
        _ => {
            let corners = corners(marker, grown);
            let corners = corners.iter().map(|(right, down)| (x + right, y + down));
            return area.draw(&Polygon::new(corners.collect::<Vec<_>>(), colour.rgb().filled()));
        }
    };
    disc(area, (x, y), radius, colour)
}

/// Corners relative to the centre, right and down.
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
