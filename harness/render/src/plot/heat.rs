//! A table whose cells are coloured by what is left.

use std::io;

use plotters::backend::SVGBackend;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::Rectangle;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, TextStyle};

use crate::plot::PlotError;
use crate::plot::marker::Pixels;
use crate::plot::palette::{Colour, FAINT, GRID, INK, VOID, heat};
use crate::plot::svg::{Alternative, finish, letters, shortened, small_letters};

/// Room for the names of rows.
const NAMES: i32 = 150;
/// Room for one letter of a name, about.
const LETTER: usize = 7;
/// Width of a column.
const COLUMN: i32 = 58;
/// Height of a row.
const ROW: i32 = 36;
/// Height of the head, and of the name of a group.
const HEAD: i32 = 26;

/// Rows in groups, and columns.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct HeatMap {
    /// Its words.
    pub alternative: Alternative,
    /// What the columns are.
    pub columns_are: String,
    /// The columns' names.
    pub columns: Vec<String>,
    /// The rows, in groups.
    pub groups: Vec<Group>,
}

/// Rows under one name.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Group {
    /// The name.
    pub name: String,
    /// Its rows: a name, and a cell for each column.
    pub rows: Vec<(String, Vec<HeatCell>)>,
}

/// One cell.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct HeatCell {
    /// What is left, from 0 to 1; none where no colour would be fair.
    pub part: Option<f64>,
    /// What is written.
    pub large: String,
    /// What is noted below.
    pub small: String,
}

impl HeatMap {
    /// Draws it.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn draw(&self) -> Result<String, PlotError> {
        let rows: usize = self.groups.iter().map(|group| group.rows.len()).sum();
        let height = HEAD + HEAD * self.groups.len() as i32 + ROW * rows as i32 + 2;
        let width = NAMES + COLUMN * self.columns.len() as i32 + 2;
        let mut text = String::new();
        {
            let size = (width as u32, height as u32);
            let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
            self.draw_head(&area)?;
            let mut top = HEAD;
            for group in &self.groups {
                let name = letters(INK).pos(Pos::new(HPos::Left, VPos::Center));
                area.draw_text(&shortened(&group.name, 60), &name, (0, top + HEAD / 2))?;
                top += HEAD;
                for (name, cells) in &group.rows {
                    draw_row(&area, name, cells, top)?;
                    top += ROW;
                }
            }
            area.present()?;
        }
        Ok(finish(&text, Some(&self.alternative), &[]))
    }

    fn draw_head(&self, area: &Pixels<'_>) -> Result<(), DrawingAreaErrorKind<io::Error>> {
        let middle = HEAD / 2;
        let right = letters(FAINT).pos(Pos::new(HPos::Right, VPos::Center));
        area.draw_text(&self.columns_are, &right, (NAMES - 10, middle))?;
        let centre = letters(FAINT).pos(Pos::new(HPos::Center, VPos::Center));
        for (name, number) in self.columns.iter().zip(0..) {
            area.draw_text(name, &centre, (NAMES + COLUMN * number + COLUMN / 2, middle))?;
        }
        Ok(())
    }
}

fn draw_row(
    area: &Pixels<'_>,
    name: &str,
    cells: &[HeatCell],
    top: i32,
) -> Result<(), DrawingAreaErrorKind<io::Error>> {
    let right = letters(INK).pos(Pos::new(HPos::Right, VPos::Center));
    let name = shortened(name, (NAMES - 12) as usize / LETTER);
    area.draw_text(&name, &right, (NAMES - 10, top + ROW / 2))?;
    for (cell, number) in cells.iter().zip(0..) {
        draw_cell(area, cell, (NAMES + COLUMN * number, top))?;
    }
    Ok(())
}

fn draw_cell(
    area: &Pixels<'_>,
    cell: &HeatCell,
    (left, top): (i32, i32),
) -> Result<(), DrawingAreaErrorKind<io::Error>> {
    let corners = [(left + 1, top + 1), (left + COLUMN - 1, top + ROW - 1)];
    let (ground, ink) = cell.part.map_or((VOID, INK), heat);
    area.draw(&Rectangle::new(corners, ground.rgb().filled()))?;
    if cell.part.is_none() {
        area.draw(&Rectangle::new(corners, GRID.rgb().stroke_width(1)))?;
    }
    let middle = left + COLUMN / 2;
    let centred = |style: TextStyle<'static>| style.pos(Pos::new(HPos::Center, VPos::Center));
    let write = |text: &str, style, colour: Colour, y| {
        if text.is_empty() {
            return Ok(());
        }
        let style: fn(Colour) -> TextStyle<'static> = style;
        area.draw_text(text, &centred(style(colour)), (middle, y))
    };
    if cell.small.is_empty() {
        return write(&cell.large, letters, ink, top + ROW / 2);
    }
    write(&cell.large, letters, ink, top + ROW / 2 - 7)?;
    write(&cell.small, small_letters, ink, top + ROW / 2 + 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_without_a_fair_colour_has_none() {
        let cell = |part| HeatCell { part, large: "0.50".to_owned(), small: String::new() };
        let map = |part| HeatMap {
            alternative: Alternative {
                name: "map".to_owned(),
                title: String::new(),
                description: String::new(),
            },
            columns_are: "threads".to_owned(),
            columns: vec!["2".to_owned()],
            groups: vec![Group {
                name: "disjoint".to_owned(),
                rows: vec![("a subject with a long name".to_owned(), vec![cell(part)])],
            }],
        };
        let (coloured, plain) = (map(Some(0.5)).draw().unwrap(), map(None).draw().unwrap());
        let hot = heat(0.5).0.hex();
        assert!(coloured.contains(&hot) && !plain.contains(&hot));
        assert!(plain.contains("0.50") && plain.contains("a subject with a l…"), "{plain}");
    }
}
