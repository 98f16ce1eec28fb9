//! Bars beside names: one number for each subject.

use std::io;

use plotters::backend::SVGBackend;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::Rectangle;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::plot::PlotError;
use crate::plot::marker::Pixels;
use crate::plot::palette::{Colour, FAINT, INK};
use crate::plot::svg::{Alternative, finish, letters, shortened};

/// Width of a picture.
const WIDTH: i32 = 400;
/// Room for the names.
const NAMES: i32 = 120;
/// Room for one letter, about.
const LETTER: i32 = 7;
/// Room for the numbers behind the bars.
const NUMBERS: i32 = 84;
/// Height of a row.
const ROW: i32 = 24;
/// Room above and below a bar.
const ROOM: i32 = 4;

/// Bars from a common zero, one below the other.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Bars {
    /// Their words.
    pub alternative: Alternative,
    /// From above.
    pub bars: Vec<Bar>,
}

/// One of them. Its name and its number stand beside it, so that nothing depends on its colour.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Bar {
    /// Whose it is.
    pub name: String,
    /// The colour.
    pub colour: Colour,
    /// How long it is, in any unit; none where there is no figure.
    pub length: Option<f64>,
    /// What is written behind it.
    pub number: String,
}

impl Bars {
    /// Draws them.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn draw(&self) -> Result<String, PlotError> {
        let lengths = self.bars.iter().filter_map(|bar| bar.length);
        let longest = lengths.filter(|length| length.is_finite()).fold(0.0, f64::max);
        let mut text = String::new();
        {
            let size = (WIDTH as u32, ROW as u32 * self.bars.len() as u32 + 2);
            let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
            for (bar, number) in self.bars.iter().zip(0..) {
                draw_bar(&area, bar, longest, 1 + ROW * number)?;
            }
            area.present()?;
        }
        Ok(finish(&text, Some(&self.alternative), &[]))
    }
}

fn draw_bar(
    area: &Pixels<'_>,
    bar: &Bar,
    longest: f64,
    top: i32,
) -> Result<(), DrawingAreaErrorKind<io::Error>> {
    let middle = top + ROW / 2;
    let name = shortened(&bar.name, ((NAMES - 8) / LETTER) as usize);
    let right = letters(INK).pos(Pos::new(HPos::Right, VPos::Center));
    area.draw_text(&name, &right, (NAMES - 8, middle))?;
    let part = bar.length.filter(|_| longest > 0.0).map_or(0.0, |length| length / longest);
    // Even nothing has an edge at which it begins.
    let end = NAMES + (part.clamp(0.0, 1.0) * f64::from(WIDTH - NAMES - NUMBERS)).round() as i32;
    if bar.length.is_some() {
        let corners = [(NAMES, top + ROOM), (end.max(NAMES + 1), top + ROW - ROOM)];
        area.draw(&Rectangle::new(corners, bar.colour.rgb().filled()))?;
    }
    let ink = if bar.length.is_some() { INK } else { FAINT };
    let left = letters(ink).pos(Pos::new(HPos::Left, VPos::Center));
    area.draw_text(&bar.number, &left, (end + 6, middle))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::palette::SUBJECTS;

    fn widths(lengths: &[Option<f64>]) -> Vec<i32> {
        let bar = |length: &Option<f64>| Bar {
            name: "a subject with a long name".to_owned(),
            colour: SUBJECTS[0],
            length: *length,
            number: "1".to_owned(),
        };
        let bars = Bars {
            alternative: Alternative {
                name: "bars".to_owned(),
                title: String::new(),
                description: String::new(),
            },
            bars: lengths.iter().map(bar).collect(),
        };
        let svg = bars.draw().unwrap();
        assert_eq!(svg.matches("<text").count(), 2 * lengths.len());
        let width = |rectangle: &str| {
            let width = rectangle.split_once("width=\"").unwrap().1;
            width.split_once('"').unwrap().0.parse().unwrap()
        };
        svg.split("<rect ").skip(1).map(width).collect()
    }

    #[test]
    fn bars_are_as_long_as_their_numbers_are_large() {
        assert_eq!(widths(&[Some(50.0), Some(100.0), Some(25.0)]), [98, 196, 49]);
    }

    #[test]
    fn nothing_is_drawn_where_there_is_no_figure_and_an_edge_where_it_is_zero() {
        assert_eq!(widths(&[None, Some(0.0), Some(7.0)]), [1, 196]);
        assert_eq!(widths(&[Some(0.0)]), [1]);
        assert!(widths(&[]).is_empty());
    }
}
