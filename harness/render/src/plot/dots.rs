//! A Cleveland dot plot: one row per name, one mark per value, with its interval.
//!
//! Names are to the left of their rows and values to the right, so that nothing depends on colour.

use plotters::element::{PathElement, Rectangle};
use plotters::style::Color;

use crate::plot::axis::Axis;
use crate::plot::canvas::{Dashed, DrawError, Drawing, Pixels};
use crate::plot::marker::{self, Body};
use crate::plot::palette::{FAINT, GRID, INK};
use crate::plot::style::Style;
use crate::plot::text::{
    axis_text, bold_text, centred, from_left, from_right, normal_text, shortened, text_width,
};
use crate::plot::{Alternative, PlotError};

/// Width of a picture with one column.
const WIDTH: i32 = 400;
/// Width of each of several columns.
const COLUMN: i32 = 250;
/// Maximum width of row names.
const NAMES_MAX: i32 = 130;
/// Space beside a column.
const GAP: i32 = 10;
/// Height of the name of a group, of a line of the key, and of the names of columns.
const HEAD: i32 = 20;
/// Height of each level of a row.
const LEVEL: i32 = 9;
/// Height of a row in addition to its levels.
const ROW: i32 = 6;
/// Minimum height of a row.
const ROW_MIN: i32 = 18;
/// Height of the axis below: its ticks and its label.
const AXIS: i32 = 40;
/// Width of a symbol in the key.
const KEY: i32 = 14;

/// Rows in groups, in one column or in several side by side that share an axis.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct DotPlot {
    /// Its text for screen readers.
    pub alternative: Alternative,
    /// The horizontal axis of every column.
    pub axis: Axis,
    /// The names of the columns; a single one may be empty.
    pub columns: Vec<String>,
    /// The kinds of marks in a row, from top to bottom. A single kind needs no key.
    pub lanes: Vec<Lane>,
    /// The vertical reference lines.
    pub references: Vec<Reference>,
    /// Groups of rows, from top to bottom.
    pub groups: Vec<DotGroup>,
}

/// One kind of mark in each row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Lane {
    /// Its name in the key.
    pub name: String,
    /// How the mark is drawn.
    pub body: Body,
    /// Its vertical level in the row, from 0; marks whose values are ordered anyway can share a
    /// level.
    pub level: usize,
}

/// A reference value: a vertical line through a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Reference {
    /// Its name in the key.
    pub name: String,
    /// Its colour and dash.
    pub style: Style,
}

/// Rows under one name.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct DotGroup {
    /// The name; empty for rows without one.
    pub name: String,
    /// The rows, from top to bottom.
    pub rows: Vec<DotRow>,
    /// The value of each reference in each column; none if it has none there.
    pub references: Vec<Vec<Option<f64>>>,
}

/// One row.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct DotRow {
    /// Its name.
    pub name: String,
    /// Its colour and marker.
    pub style: Style,
    /// Its cells, one per column.
    pub cells: Vec<DotCell>,
}

/// The values of a row in one column.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct DotCell {
    /// The marks.
    pub dots: Vec<Dot>,
    /// The number to the right: the most important value, or why there is none.
    pub number: String,
}

/// One value, in the unit of the axis.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Dot {
    /// Its lane.
    pub lane: usize,
    /// The value.
    pub value: f64,
    /// The ends of its interval.
    pub interval: Option<(f64, f64)>,
}

/// Sizes, in pixels.
struct Layout {
    /// Width of the names.
    names: i32,
    /// Width of a column's marks.
    panel: i32,
    /// Width of the numbers to the right.
    numbers: i32,
    /// Height of a row.
    row: i32,
    /// Levels of a row.
    levels: i32,
    /// Lines of the key.
    key_lines: Vec<Vec<Key>>,
}

/// An entry of the key.
#[derive(Clone)]
enum Key {
    /// A lane.
    Lane(Lane),
    /// A reference.
    Reference(Reference),
}

impl Key {
    fn name(&self) -> &str {
        match self {
            Self::Lane(lane) => &lane.name,
            Self::Reference(reference) => &reference.name,
        }
    }

    fn width(&self) -> i32 {
        KEY + 6 + text_width(self.name()) + GAP
    }
}

impl Layout {
    fn of(plot: &DotPlot) -> Self {
        let rows = || plot.groups.iter().flat_map(|group| &group.rows);
        let cells = || rows().flat_map(|row| &row.cells);
        let names = rows().map(|row| text_width(&row.name)).max().unwrap_or(0).min(NAMES_MAX);
        let numbers = cells().map(|cell| text_width(&cell.number)).max().unwrap_or(0);
        let panel = match plot.columns.len() {
            0 | 1 => WIDTH - names - numbers - 3 * GAP,
            _ => COLUMN,
        };
        let levels = plot.lanes.iter().map(|lane| lane.level as i32 + 1).max().unwrap_or(1);
        let mut layout = Self {
            names,
            panel,
            numbers,
            row: (ROW + LEVEL * levels).max(ROW_MIN),
            levels,
            key_lines: Vec::new(),
        };
        layout.key_lines = key_lines(plot, layout.width(plot));
        layout
    }

    fn width(&self, plot: &DotPlot) -> i32 {
        self.column(plot.columns.len().max(1)) + 1
    }

    /// The left edge of a column's marks.
    const fn column(&self, number: usize) -> i32 {
        self.names + GAP + (self.panel + GAP + self.numbers + GAP) * number as i32
    }

    fn head(&self, plot: &DotPlot) -> i32 {
        let is_named = plot.columns.iter().any(|name| !name.is_empty());
        HEAD * self.key_lines.len() as i32 + if is_named { HEAD } else { 0 }
    }

    fn group(&self, group: &DotGroup) -> i32 {
        let head = if group.name.is_empty() { 0 } else { HEAD };
        head + self.row * group.rows.len() as i32 + 4
    }
}

/// The entries of the key, broken into lines.
fn key_lines(plot: &DotPlot, room: i32) -> Vec<Vec<Key>> {
    let lanes = plot.lanes.iter().filter(|_| plot.lanes.len() > 1).cloned().map(Key::Lane);
    let keys = lanes.chain(plot.references.iter().cloned().map(Key::Reference));
    let mut lines: Vec<Vec<Key>> = Vec::new();
    let mut taken = room;
    for key in keys {
        taken += key.width();
        match lines.last_mut() {
            Some(line) if taken <= room => line.push(key),
            _ => {
                taken = key.width();
                lines.push(vec![key]);
            }
        }
    }
    lines
}

impl DotPlot {
    /// Draws it.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn draw(&self) -> Result<Drawing, PlotError> {
        let layout = Layout::of(self);
        let groups: i32 = self.groups.iter().map(|group| layout.group(group)).sum();
        let head = layout.head(self);
        let size = (layout.width(self) as u32, (head + groups + AXIS) as u32);
        Drawing::new(size, |area| {
            self.draw_head(area, &layout)?;
            let mut top = head;
            for group in &self.groups {
                self.draw_group(area, &layout, group, top)?;
                top += layout.group(group);
            }
            self.draw_axes(area, &layout, top)
        })
    }

    fn draw_head(&self, area: &Pixels<'_>, layout: &Layout) -> Result<(), DrawError> {
        let mut middle = HEAD / 2;
        for line in &layout.key_lines {
            let mut left = 1;
            for key in line {
                draw_key(area, key, (left, middle))?;
                left += key.width();
            }
            middle += HEAD;
        }
        for (name, number) in self.columns.iter().zip(0..) {
            if !name.is_empty() {
                let style = centred(bold_text(INK));
                area.draw_text(name, &style, (layout.column(number) + layout.panel / 2, middle))?;
            }
        }
        Ok(())
    }

    fn draw_group(
        &self,
        area: &Pixels<'_>,
        layout: &Layout,
        group: &DotGroup,
        top: i32,
    ) -> Result<(), DrawError> {
        let mut first = top;
        if !group.name.is_empty() {
            let name = shortened(&group.name, layout.width(self));
            area.draw_text(&name, &from_left(bold_text(INK)), (1, top + HEAD / 2))?;
            first += HEAD;
        }
        let last = first + layout.row * group.rows.len() as i32;
        for column in 0..self.columns.len().max(1) {
            let left = layout.column(column);
            for (coordinate, _) in &self.axis.ticks {
                let x = self.axis.pixel(*coordinate, (left, left + layout.panel));
                area.draw(&PathElement::new(vec![(x, first), (x, last)], GRID.rgb()))?;
            }
            let values = group.references.iter().map(|columns| columns.get(column).copied());
            for (reference, value) in self.references.iter().zip(values) {
                let Some(x) = value.flatten().and_then(|value| self.pixel(value, layout, column))
                else {
                    continue;
                };
                let points = vec![(x, first), (x, last)];
                let style = reference.style.colour.rgb().stroke_width(1);
                area.draw(&Dashed { points, dash: reference.style.dash, style })?;
            }
        }
        for (row, number) in group.rows.iter().zip(0..) {
            self.draw_row(area, layout, row, first + layout.row * number)?;
        }
        Ok(())
    }

    fn draw_row(
        &self,
        area: &Pixels<'_>,
        layout: &Layout,
        row: &DotRow,
        top: i32,
    ) -> Result<(), DrawError> {
        let middle = top + layout.row / 2;
        let name = shortened(&row.name, layout.names);
        area.draw_text(&name, &from_right(normal_text(INK)), (layout.names, middle))?;
        for (cell, column) in row.cells.iter().zip(0..) {
            let left = layout.column(column);
            let guide = vec![(left, middle), (left + layout.panel, middle)];
            area.draw(&PathElement::new(guide, GRID.rgb()))?;
            for dot in &cell.dots {
                self.draw_dot(area, layout, (row, column, dot), top)?;
            }
            let right = layout.column(column) + layout.panel + GAP + layout.numbers;
            let ink = if cell.dots.is_empty() { FAINT } else { INK };
            if !cell.number.is_empty() {
                area.draw_text(&cell.number, &from_right(normal_text(ink)), (right, middle))?;
            }
        }
        Ok(())
    }

    fn draw_dot(
        &self,
        area: &Pixels<'_>,
        layout: &Layout,
        (row, column, dot): (&DotRow, usize, &Dot),
        top: i32,
    ) -> Result<(), DrawError> {
        let lane = self.lanes.get(dot.lane);
        let level = lane.map_or(0, |lane| lane.level as i32);
        let y = top + layout.row / 2 + (2 * level + 1 - layout.levels) * LEVEL / 2;
        let ends = dot.interval.and_then(|(low, high)| {
            let low = self.pixel(low.max(self.axis.lowest()), layout, column)?;
            Some([low, self.pixel(high, layout, column)?])
        });
        if let Some([low, high]) = ends {
            let corners = [(low, y - 1), (high.max(low + 1), y + 1)];
            area.draw(&Rectangle::new(corners, row.style.colour.rgb().filled()))?;
        }
        let Some(x) = self.pixel(dot.value, layout, column) else { return Ok(()) };
        let body = lane.map_or(Body::Solid, |lane| lane.body);
        marker::draw(area, (x, y), row.style, body)
    }

    fn draw_axes(&self, area: &Pixels<'_>, layout: &Layout, top: i32) -> Result<(), DrawError> {
        for column in 0..self.columns.len().max(1) {
            let (left, right) = (layout.column(column), layout.column(column) + layout.panel);
            area.draw(&PathElement::new(vec![(left, top), (right, top)], FAINT.rgb()))?;
            // Half of the last label may extend beyond the panel.
            for (coordinate, word) in self.axis.thinned(layout.panel).ticks {
                let x = self.axis.pixel(coordinate, (left, right));
                area.draw(&PathElement::new(vec![(x, top), (x, top + 4)], FAINT.rgb()))?;
                if !word.is_empty() {
                    area.draw_text(&word, &centred(axis_text()), (x, top + 13))?;
                }
            }
            let middle = (left + right) / 2;
            area.draw_text(&self.axis.label, &centred(axis_text()), (middle, top + 31))?;
        }
        Ok(())
    }

    /// The pixel of a value in a column; none if the axis has no coordinate for it, such as 0 on a
    /// logarithmic axis.
    fn pixel(&self, value: f64, layout: &Layout, column: usize) -> Option<i32> {
        let coordinate = self.axis.scale.coordinate(value)?.clamp(self.axis.low, self.axis.high);
        let left = layout.column(column);
        Some(self.axis.pixel(coordinate, (left, left + layout.panel)))
    }
}

fn draw_key(area: &Pixels<'_>, key: &Key, (left, middle): (i32, i32)) -> Result<(), DrawError> {
    match key {
        Key::Lane(lane) => {
            marker::draw(area, (left + KEY / 2, middle), Style::PLAIN, lane.body)?;
        }
        Key::Reference(Reference { style, .. }) => {
            let points = vec![(left + KEY / 2, middle - 8), (left + KEY / 2, middle + 8)];
            let stroke = style.colour.rgb().stroke_width(1);
            area.draw(&Dashed { points, dash: style.dash, style: stroke })?;
        }
    }
    area.draw_text(key.name(), &from_left(normal_text(INK)), (left + KEY + 4, middle))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::axis::number;
    use crate::plot::palette::SUBJECTS;
    use crate::plot::style::Marker;

    fn plot(values: &[Option<f64>]) -> DotPlot {
        let style = Style { colour: SUBJECTS[0], dash: "", marker: Marker::Circle };
        let row = |value: &Option<f64>| {
            let dot = |value: f64| Dot { lane: 0, value, interval: Some((value * 0.9, value)) };
            DotRow {
                name: "a subject with quite a long name".to_owned(),
                style,
                cells: vec![DotCell {
                    dots: value.map(dot).into_iter().collect(),
                    number: value.map_or_else(|| "invalid".to_owned(), number),
                }],
            }
        };
        DotPlot {
            alternative: Alternative::default(),
            axis: Axis::log("Mops/s", values.iter().flatten().copied(), number),
            columns: vec![String::new()],
            lanes: vec![Lane { name: "1 thread".to_owned(), body: Body::Solid, level: 0 }],
            references: vec![Reference {
                name: "ceiling".to_owned(),
                style: Style { dash: "5 3", ..style },
            }],
            groups: vec![DotGroup {
                name: "disjoint".to_owned(),
                rows: values.iter().map(row).collect(),
                references: vec![vec![Some(55.0)]],
            }],
        }
    }

    fn count(values: &[Option<f64>], what: &str) -> usize {
        plot(values).draw().unwrap().inline(&Alternative::default()).matches(what).count()
    }

    #[test]
    fn every_value_has_one_mark_and_one_interval() {
        let values = [Some(3.0), None, Some(40.0), Some(55.0)];
        assert_eq!(count(&values, "<circle"), 3);
        assert_eq!(count(&values, ">invalid</text>"), 1);
        assert_eq!(count(&values, "<rect "), 3);
    }

    #[test]
    fn a_reference_is_a_dashed_line_in_the_group_and_in_the_key() {
        assert_eq!(count(&[Some(3.0), Some(60.0)], "stroke-dasharray=\"5 3\""), 2);
    }

    #[test]
    fn a_value_without_a_coordinate_has_a_number_but_no_mark() {
        assert_eq!(count(&[Some(0.0), Some(60.0)], "<circle"), 1);
        assert_eq!(count(&[Some(0.0), Some(60.0)], ">0</text>"), 1);
    }
}
