//! Latency over time: a strip for each subject, with gaps where other cells ran.
//!
//! A block is a period in which operations ran continuously; other cells were measured between
//! blocks. Blocks are drawn side by side with a gap between them, and no line crosses a gap.

use plotters::element::{PathElement, Rectangle};
use plotters::style::Color;

use crate::plot::axis::Axis;
use crate::plot::canvas::{DrawError, Drawing, Pixels};
use crate::plot::marker::disc;
use crate::plot::palette::{FAINT, GRID, INK};
use crate::plot::style::Style;
use crate::plot::text::{
    axis_text, bold_text, centred, from_left, from_right, normal_text, shortened, text_width,
};
use crate::plot::{Alternative, PlotError};

/// Width of a picture.
const WIDTH: i32 = 820;
/// Space for the vertical axis.
const LEFT: i32 = 56;
/// Space on the right, for half a label.
const RIGHT: i32 = 12;
/// Height of the key, and of the name of a strip.
const HEAD: i32 = 22;
/// Height of a strip in which blocks have slices.
const STRIP: i32 = 84;
/// Height of a strip in which each block is one slice.
const LOW_STRIP: i32 = 48;
/// Space below a strip.
const BELOW: i32 = 6;
/// Height of the horizontal axis.
const AXIS: i32 = 40;
/// Minimum space between two blocks.
const GAP: i32 = 6;
/// Maximum width of a slice.
const SLICE_MAX: i32 = 14;
/// Opacity of a band.
const BAND: f64 = 0.3;

/// Strips below each other that share both axes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Strips {
    /// Its text for screen readers.
    pub alternative: Alternative,
    /// The vertical axis.
    pub y: Axis,
    /// The label of the blocks.
    pub label: String,
    /// The names of the line, the band's end and the points in the key.
    pub names: StripNames,
    /// The strips, from top to bottom.
    pub strips: Vec<Strip>,
}

/// The names of what is drawn of each slice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct StripNames {
    /// The line.
    pub middle: String,
    /// The upper end of the band.
    pub high: String,
    /// The points.
    pub most: String,
}

/// The strip of one subject.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Strip {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub style: Style,
    /// Its blocks, in order.
    pub blocks: Vec<Vec<Slice>>,
}

/// One time slice, in the unit of the vertical axis.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Slice {
    /// The value of the line.
    pub middle: f64,
    /// The end of the band.
    pub high: f64,
    /// The value of the point.
    pub most: f64,
}

/// Groups slices into blocks: returns the number of slices in each. `starts` are ascending start
/// times in seconds. `length` is the approximate duration of a slice; without it, each slice is its
/// own block.
pub(crate) fn blocks(starts: &[f64], length: Option<f64>) -> Vec<usize> {
    // A pause shorter than a slice is indistinguishable from a slightly longer slice.
    let touching = length.map_or(f64::NEG_INFINITY, |length| length * 2.0);
    let mut sizes: Vec<usize> = Vec::new();
    for (index, start) in starts.iter().enumerate() {
        let is_next = index > 0 && start - starts[index - 1] <= touching;
        match sizes.last_mut() {
            Some(size) if is_next => *size += 1,
            _ => sizes.push(1),
        }
    }
    sizes
}

impl Strips {
    /// Draws them.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn draw(&self) -> Result<Drawing, PlotError> {
        let count = self.strips.len() as i32;
        let height = HEAD + (HEAD + self.strip() + BELOW) * count + AXIS;
        Drawing::new((WIDTH as u32, height as u32), |area| {
            self.draw_key(area)?;
            let mut top = HEAD;
            for strip in &self.strips {
                self.draw_strip(area, strip, top)?;
                top += HEAD + self.strip() + BELOW;
            }
            self.draw_horizontal_axis(area, top)
        })
    }

    fn draw_key(&self, area: &Pixels<'_>) -> Result<(), DrawError> {
        let StripNames { middle, high, most } = &self.names;
        let (mut left, y) = (LEFT, HEAD / 2);
        let corners = [(left, y - 5), (left + 16, y + 5)];
        area.draw(&Rectangle::new(corners, INK.rgb().mix(BAND).filled()))?;
        let line = vec![(left, y + 5), (left + 16, y + 5)];
        area.draw(&PathElement::new(line, INK.rgb().stroke_width(2)))?;
        let band = format!("{middle} (line) to {high}");
        area.draw_text(&band, &from_left(normal_text(INK)), (left + 22, y))?;
        left += 22 + text_width(&band) + 16;
        disc(area, (left, y), 2, INK)?;
        area.draw_text(most, &from_left(normal_text(INK)), (left + 8, y))
    }

    fn draw_strip(&self, area: &Pixels<'_>, strip: &Strip, top: i32) -> Result<(), DrawError> {
        let name = shortened(&strip.name, WIDTH - LEFT);
        area.draw_text(&name, &from_left(bold_text(INK)), (LEFT, top + HEAD / 2))?;
        let (high, low) = (top + HEAD, top + HEAD + self.strip());
        for (coordinate, word) in self.y.thinned_vertical(self.strip()).ticks {
            let y = self.y.pixel(coordinate, (low, high));
            area.draw(&PathElement::new(vec![(LEFT, y), (WIDTH - RIGHT, y)], GRID.rgb()))?;
            if !word.is_empty() {
                area.draw_text(&word, &from_right(axis_text()), (LEFT - 6, y))?;
            }
        }
        for (index, block) in strip.blocks.iter().enumerate() {
            self.draw_block(area, strip.style, block, (self.block(index), (low, high)))?;
        }
        Ok(())
    }

    fn draw_block(
        &self,
        area: &Pixels<'_>,
        style: Style,
        block: &[Slice],
        ((left, right), upright): ((i32, i32), (i32, i32)),
    ) -> Result<(), DrawError> {
        let count = block.len() as i32;
        let room = right - left;
        let taken = room.min(count * SLICE_MAX);
        let first = left + (room - taken) / 2;
        let edge = |number: i32| first + taken * number / count;
        let y = |value| self.pixel(value, upright);
        let colour = style.colour;
        let mut steps = Vec::new();
        for (slice, number) in block.iter().zip(0..) {
            let (from, to) = (edge(number), edge(number + 1));
            if let (Some(middle), Some(high)) = (y(slice.middle), y(slice.high)) {
                let band = [(from, high), (to, middle.max(high + 1))];
                area.draw(&Rectangle::new(band, colour.rgb().mix(BAND).filled()))?;
                steps.extend([(from, middle), (to, middle)]);
            }
        }
        if !steps.is_empty() {
            area.draw(&PathElement::new(steps, colour.rgb().stroke_width(2)))?;
        }
        let radius = if taken / count > 6 { 2 } else { 1 };
        for (slice, number) in block.iter().zip(0..) {
            if let Some(most) = y(slice.most) {
                disc(area, (i32::midpoint(edge(number), edge(number + 1)), most), radius, colour)?;
            }
        }
        Ok(())
    }

    fn draw_horizontal_axis(&self, area: &Pixels<'_>, top: i32) -> Result<(), DrawError> {
        let count = self.count();
        // As many labels as there is space for.
        let room = (self.block(0).1 - self.block(0).0 + GAP).max(1);
        let every = (text_width(&count.to_string()) + 6) / room + 1;
        for index in (0..count).step_by(every as usize) {
            let (left, right) = self.block(index);
            let middle = i32::midpoint(left, right);
            area.draw(&PathElement::new(vec![(left, top), (right, top)], FAINT.rgb()))?;
            let number = (index + 1).to_string();
            area.draw_text(&number, &centred(axis_text()), (middle, top + 11))?;
        }
        let middle = i32::midpoint(LEFT, WIDTH - RIGHT);
        area.draw_text(&self.label, &centred(axis_text()), (middle, top + 30))
    }

    /// Height of each strip.
    fn strip(&self) -> i32 {
        let mut blocks = self.strips.iter().flat_map(|strip| &strip.blocks);
        if blocks.all(|block| block.len() < 2) { LOW_STRIP } else { STRIP }
    }

    fn count(&self) -> usize {
        self.strips.iter().map(|strip| strip.blocks.len()).max().unwrap_or(0)
    }

    /// The edges of a block.
    fn block(&self, index: usize) -> (i32, i32) {
        let count = self.count().max(1) as i32;
        let room = WIDTH - LEFT - RIGHT;
        let gap = if room / count > 3 * GAP { GAP } else { 1 };
        let edge = |number: i32| LEFT + room * number / count;
        (edge(index as i32) + gap / 2, edge(index as i32 + 1) - (gap + 1) / 2)
    }

    fn pixel(&self, value: f64, upright: (i32, i32)) -> Option<i32> {
        let coordinate = self.y.scale.coordinate(value)?.clamp(self.y.low, self.y.high);
        Some(self.y.pixel(coordinate, upright))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::axis::time;
    use crate::plot::palette::SUBJECTS;

    fn drawn(sizes: &[usize]) -> String {
        let slice = Slice { middle: 60.0, high: 400.0, most: 20_000.0 };
        let strips = Strips {
            alternative: Alternative::default(),
            y: Axis::log("latency", [60.0, 20_000.0], time),
            label: "round".to_owned(),
            names: StripNames {
                middle: "p50".to_owned(),
                high: "p99".to_owned(),
                most: "maximum".to_owned(),
            },
            strips: vec![Strip {
                name: "sharded".to_owned(),
                style: Style { colour: SUBJECTS[0], ..Style::PLAIN },
                blocks: sizes.iter().map(|size| vec![slice; *size]).collect(),
            }],
        };
        strips.draw().unwrap().inline(&Alternative::default())
    }

    #[test]
    fn a_pause_separates_blocks() {
        let starts = [600.0, 600.015, 600.03, 660.0, 660.015, 661.0];
        assert_eq!(blocks(&starts, Some(0.0134)), [3, 2, 1]);
        assert_eq!(blocks(&[600.0, 614.0, 652.0], Some(0.3)), [1, 1, 1]);
        assert_eq!(blocks(&starts[..3], None), [1, 1, 1]);
        assert!(blocks(&[], None).is_empty());
    }

    /// The first and the last `x` of every line of the subject.
    fn spans(svg: &str) -> Vec<(i32, i32)> {
        let lines = svg.split("<polyline ").skip(1);
        let lines = lines.filter(|line| line.contains("stroke=\"#0072B2\""));
        lines
            .map(|line| {
                let points = line.split_once("points=\"").unwrap().1.split_once('"').unwrap().0;
                let x = |point: &str| point.split_once(',').unwrap().0.parse().unwrap();
                let mut points = points.split(' ');
                (x(points.next().unwrap()), x(points.next_back().unwrap()))
            })
            .collect()
    }

    #[test]
    fn no_line_crosses_the_gap_between_two_blocks() {
        let spans = spans(&drawn(&[20, 20, 1]));
        assert_eq!(spans.len(), 3, "one line per block");
        assert!(spans.windows(2).all(|pair| pair[1].0 - pair[0].1 >= GAP), "{spans:?}");
    }

    #[test]
    fn every_slice_has_a_point() {
        let svg = drawn(&[20, 19, 1]);
        let points = svg.matches("<circle").count();
        assert_eq!(points, 40 + 1, "and one in the key");
    }
}
