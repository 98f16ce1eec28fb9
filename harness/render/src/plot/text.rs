//! Text in pictures: sizes, widths and permitted characters.

use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, TextStyle};

use crate::plot::palette::{Colour, FAINT};

/// Default font size, in pixels.
pub(crate) const FONT_SIZE: u32 = 12;
/// Font size of secondary text, in pixels.
const SMALL_FONT_SIZE: u32 = 10;
/// Width of a character relative to the font size. Sans-serif fonts are narrower on average, so
/// nothing is cut off.
const CHARACTER_WIDTH: f64 = 0.6;

/// Text of the default size.
pub(crate) fn normal_text(colour: Colour) -> TextStyle<'static> {
    sized(FONT_SIZE, FontStyle::Normal, colour)
}

/// Secondary text.
pub(crate) fn small_text(colour: Colour) -> TextStyle<'static> {
    sized(SMALL_FONT_SIZE, FontStyle::Normal, colour)
}

/// Headings.
pub(crate) fn bold_text(colour: Colour) -> TextStyle<'static> {
    sized(FONT_SIZE, FontStyle::Bold, colour)
}

/// Axis labels.
pub(crate) fn axis_text() -> TextStyle<'static> {
    normal_text(FAINT)
}

/// Text that starts at a point, vertically centred.
pub(crate) fn from_left(style: TextStyle<'static>) -> TextStyle<'static> {
    style.pos(Pos::new(HPos::Left, VPos::Center))
}

/// Text centred on a point.
pub(crate) fn centred(style: TextStyle<'static>) -> TextStyle<'static> {
    style.pos(Pos::new(HPos::Center, VPos::Center))
}

/// Text that ends at a point, vertically centred.
pub(crate) fn from_right(style: TextStyle<'static>) -> TextStyle<'static> {
    style.pos(Pos::new(HPos::Right, VPos::Center))
}

/// Approximate width of text of this size in pixels, rather too large than too small.
pub(crate) fn width(words: &str, height: f64) -> f64 {
    words.chars().count() as f64 * height * CHARACTER_WIDTH
}

/// The same for text of the default size.
pub(crate) fn text_width(words: &str) -> i32 {
    width(words, f64::from(FONT_SIZE)).ceil() as i32
}

/// A name, shortened to fit into this many pixels.
pub(crate) fn shortened(name: &str, pixels: i32) -> String {
    if text_width(name) <= pixels {
        return name.to_owned();
    }
    let fitting = (f64::from(pixels) / (f64::from(FONT_SIZE) * CHARACTER_WIDTH)) as usize;
    name.chars().take(fitting.saturating_sub(1)).chain(['…']).collect()
}

/// Text without characters that XML does not allow.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

fn sized(pixels: u32, weight: FontStyle, colour: Colour) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::SansSerif, f64::from(pixels), weight);
    let mut style = TextStyle::from(font);
    style.color = colour.rgb().to_backend_color();
    style
}
