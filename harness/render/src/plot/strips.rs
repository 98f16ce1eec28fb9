//! Latency over time: a strip for each subject, cut where nothing ran.
//!
//! A block is a stretch of time in which operations ran without a break; between two blocks lies
//! time in which other cells were measured. Blocks stand side by side with a gap between them, and
//! no line crosses a gap.

use plotters::element::{PathElement, Rectangle};
use plotters::style::Color;

use crate::plot::axis::Axis;
use crate::plot::canvas::{DrawError, Drawing, Pixels};
use crate::plot::marker::disc;
use crate::plot::palette::{FAINT, GRID, INK};
use crate::plot::style::Style;
use crate::plot::text::{
    axis_letters, bold_letters, centred, from_left, from_right, letters, shortened, usual_width,
};
use crate::plot::{Alternative, PlotError};

/// Width of a picture.
const WIDTH: i32 = 820;
/// Room for the numbers of the upright axis.
const LEFT: i32 = 56;
/// Room at the right, so that half a number fits.
const RIGHT: i32 = 12;
/// Height of the key, and of the name of a strip.
const HEAD: i32 = 22;
/// Height of a strip in which blocks have slices.
const STRIP: i32 = 84;
/// Height of a strip in which each block is one slice.
const LOW_STRIP: i32 = 48;
/// Room below a strip.
const BELOW: i32 = 6;
/// Height of the level axis.
const AXIS: i32 = 40;
/// The least room between two blocks.
const GAP: i32 = 6;
/// The widest that a slice is drawn.
const SLICE_MAX: i32 = 14;
/// How much of the ground a band lets through.
const BAND: f64 = 0.3;

/// Strips below each other that share both axes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Strips {
    /// Its words.
    pub alternative: Alternative,
    /// The upright axis.
    pub y: Axis,
    /// What blocks are: the label below.
    pub label: String,
    /// What the line, the band's end and the points are, as the key says.
    pub names: StripNames,
    /// The strips, from above.
    pub strips: Vec<Strip>,
}

/// What is drawn of each slice, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct StripNames {
    /// The line.
    pub middle: String,
    /// The upper end of the band.
    pub high: String,
    /// The points.
    pub most: String,
}

/// What one subject did.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Strip {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub style: Style,
    /// Stretches of time without a break, in order.
    pub blocks: Vec<Vec<Slice>>,
}

/// One slice of time, in the unit of the upright axis.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Slice {
    /// Where the line goes.
    pub middle: f64,
    /// Where the band ends.
    pub high: f64,
    /// Where the point stands.
    pub most: f64,
}

/// How many of the slices that began at these times, in seconds and in order, belong to each block.
/// `length` is how long a slice takes, about; none where slices do not follow each other, so that
/// each is a block of its own.
pub(crate) fn blocks(starts: &[f64], length: Option<f64>) -> Vec<usize> {
    // A pause shorter than a slice cannot be told from a slice that took a little longer.
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
            self.draw_level_axis(area, top)
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
        area.draw_text(&band, &from_left(letters(INK)), (left + 22, y))?;
        left += 22 + usual_width(&band) + 16;
        disc(area, (left, y), 2, INK)?;
        area.draw_text(most, &from_left(letters(INK)), (left + 8, y))
    }

    fn draw_strip(&self, area: &Pixels<'_>, strip: &Strip, top: i32) -> Result<(), DrawError> {
        let name = shortened(&strip.name, WIDTH - LEFT);
        area.draw_text(&name, &from_left(bold_letters(INK)), (LEFT, top + HEAD / 2))?;
        let (high, low) = (top + HEAD, top + HEAD + self.strip());
        for (place, word) in self.y.thinned_upright(self.strip()).ticks {
            let y = self.y.pixel(place, (low, high));
            area.draw(&PathElement::new(vec![(LEFT, y), (WIDTH - RIGHT, y)], GRID.rgb()))?;
            if !word.is_empty() {
                area.draw_text(&word, &from_right(axis_letters()), (LEFT - 6, y))?;
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

    fn draw_level_axis(&self, area: &Pixels<'_>, top: i32) -> Result<(), DrawError> {
        let count = self.count();
        // As many numbers as there is room for.
        let room = (self.block(0).1 - self.block(0).0 + GAP).max(1);
        let every = (usual_width(&count.to_string()) + 6) / room + 1;
        for index in (0..count).step_by(every as usize) {
            let (left, right) = self.block(index);
            let middle = i32::midpoint(left, right);
            area.draw(&PathElement::new(vec![(left, top), (right, top)], FAINT.rgb()))?;
            let number = (index + 1).to_string();
            area.draw_text(&number, &centred(axis_letters()), (middle, top + 11))?;
        }
        let middle = i32::midpoint(LEFT, WIDTH - RIGHT);
        area.draw_text(&self.label, &centred(axis_letters()), (middle, top + 30))
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
        let place = self.y.scale.place(value)?.clamp(self.y.low, self.y.high);
        Some(self.y.pixel(place, upright))
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
                most: "longest".to_owned(),
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
    fn time_in_which_nothing_ran_parts_blocks() {
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
    fn no_line_crosses_the_time_between_two_blocks() {
        let spans = spans(&drawn(&[20, 20, 1]));
        assert_eq!(spans.len(), 3, "one line for each block");
        assert!(spans.windows(2).all(|pair| pair[1].0 - pair[0].1 >= GAP), "{spans:?}");
    }

    #[test]
    fn every_slice_has_its_longest() {
        let svg = drawn(&[20, 19, 1]);
        let points = svg.matches("<circle").count();
        assert_eq!(points, 40 + 1, "and one in the key");
    }
}
