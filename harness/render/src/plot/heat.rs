//! A heat map: a table with coloured cells.

use plotters::element::Rectangle;
use plotters::style::{Color, TextStyle};

use crate::plot::canvas::{DrawError, Drawing, Pixels};
use crate::plot::palette::{Colour, FAINT, GRID, INK, VOID, heat};
use crate::plot::text::{
    bold_text, centred, from_left, from_right, normal_text, shortened, small_text, text_width,
};
use crate::plot::{Alternative, PlotError};

/// Maximum width of row names.
const NAMES_MAX: i32 = 150;
/// Space between names and cells.
const NAMES_GAP: i32 = 12;
/// Minimum width of a column.
const COLUMN_MIN: i32 = 58;
/// Height of a row.
const ROW: i32 = 36;
/// Height of the header, and of the name of a group.
const HEAD: i32 = 26;

/// Rows in groups, and columns.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct HeatMap {
    /// Its text for screen readers.
    pub alternative: Alternative,
    /// The heading of the columns.
    pub columns_heading: String,
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
    /// Efficiency, from 0 to 1; none for a cell without colour.
    pub efficiency: Option<f64>,
    /// The main text.
    pub large: String,
    /// The smaller text below.
    pub small: String,
}

impl HeatMap {
    /// Draws it.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn draw(&self) -> Result<Drawing, PlotError> {
        let rows: usize = self.groups.iter().map(|group| group.rows.len()).sum();
        let height = HEAD + HEAD * self.groups.len() as i32 + ROW * rows as i32 + 2;
        let width = self.names_width() + self.column_width() * self.columns.len() as i32 + 2;
        Drawing::new((width as u32, height as u32), |area| {
            self.draw_head(area)?;
            let mut top = HEAD;
            for group in &self.groups {
                let name = shortened(&group.name, width);
                area.draw_text(&name, &from_left(bold_text(INK)), (1, top + HEAD / 2))?;
                top += HEAD;
                for (name, cells) in &group.rows {
                    self.draw_row(area, name, cells, top)?;
                    top += ROW;
                }
            }
            Ok(())
        })
    }

    fn draw_head(&self, area: &Pixels<'_>) -> Result<(), DrawError> {
        let (middle, column, names) = (HEAD / 2, self.column_width(), self.names_width());
        area.draw_text(
            &self.columns_heading,
            &from_right(normal_text(FAINT)),
            (names - 10, middle),
        )?;
        for (name, number) in self.columns.iter().zip(0..) {
            let at = (names + column * number + column / 2, middle);
            area.draw_text(name, &centred(normal_text(FAINT)), at)?;
        }
        Ok(())
    }

    fn draw_row(
        &self,
        area: &Pixels<'_>,
        name: &str,
        cells: &[HeatCell],
        top: i32,
    ) -> Result<(), DrawError> {
        let (column, names) = (self.column_width(), self.names_width());
        let name = shortened(name, names - NAMES_GAP);
        area.draw_text(&name, &from_right(normal_text(INK)), (names - 10, top + ROW / 2))?;
        for (cell, number) in cells.iter().zip(0..) {
            draw_cell(area, cell, (names + column * number, top), column)?;
        }
        Ok(())
    }

    /// The width of the longest row name, up to a limit.
    fn names_width(&self) -> i32 {
        let rows = self.groups.iter().flat_map(|group| &group.rows);
        let names =
            rows.map(|(name, _)| text_width(name)).chain([text_width(&self.columns_heading)]);
        (names.max().unwrap_or(0) + NAMES_GAP).min(NAMES_MAX)
    }

    /// The width of the longest column name.
    fn column_width(&self) -> i32 {
        let names = self.columns.iter().map(|name| text_width(name) + 8);
        names.max().unwrap_or(0).max(COLUMN_MIN)
    }
}

fn draw_cell(
    area: &Pixels<'_>,
    cell: &HeatCell,
    (left, top): (i32, i32),
    column: i32,
) -> Result<(), DrawError> {
    let corners = [(left + 1, top + 1), (left + column - 1, top + ROW - 1)];
    let (ground, ink) = cell.efficiency.map_or((VOID, INK), heat);
    area.draw(&Rectangle::new(corners, ground.rgb().filled()))?;
    if cell.efficiency.is_none() {
        area.draw(&Rectangle::new(corners, GRID.rgb().stroke_width(1)))?;
    }
    let middle = left + column / 2;
    let write = |text: &str, style, colour: Colour, y| {
        if text.is_empty() {
            return Ok(());
        }
        let style: fn(Colour) -> TextStyle<'static> = style;
        area.draw_text(text, &centred(style(colour)), (middle, y))
    };
    if cell.small.is_empty() {
        return write(&cell.large, normal_text, ink, top + ROW / 2);
    }
    write(&cell.large, normal_text, ink, top + ROW / 2 - 7)?;
    write(&cell.small, small_text, ink, top + ROW / 2 + 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_without_efficiency_has_no_colour() {
        let cell =
            |part| HeatCell { efficiency: part, large: "0.50".to_owned(), small: String::new() };
        let map = |part| HeatMap {
            alternative: Alternative::default(),
            columns_heading: "threads".to_owned(),
            columns: vec!["2".to_owned()],
            groups: vec![Group {
                name: "disjoint".to_owned(),
                rows: vec![("a subject with a long name".to_owned(), vec![cell(part)])],
            }],
        };
        let drawn = |part| map(part).draw().unwrap().inline(&Alternative::default());
        let (coloured, plain) = (drawn(Some(0.5)), drawn(None));
        let hot = heat(0.5).0.hex();
        assert!(coloured.contains(&hot) && !plain.contains(&hot));
        assert!(plain.contains("0.50") && plain.contains("a subject with a l…"), "{plain}");
    }
}
