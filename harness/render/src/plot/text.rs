//! Text in pictures: its size, how wide it is, and what of it can be written.

use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, TextStyle};

use crate::plot::palette::{Colour, FAINT};

/// Height of letters where a picture says nothing else, in pixels.
pub(crate) const LETTERS: u32 = 12;
/// Height of what is noted beside other text, in pixels.
const SMALL_LETTERS: u32 = 10;
/// Width of a letter, by its height. Sans-serif fonts are narrower on average: nothing is cut off.
const LETTER_WIDTH: f64 = 0.6;

/// Text of the usual size.
pub(crate) fn letters(colour: Colour) -> TextStyle<'static> {
    sized(LETTERS, FontStyle::Normal, colour)
}

/// Text that is noted beside other text.
pub(crate) fn small_letters(colour: Colour) -> TextStyle<'static> {
    sized(SMALL_LETTERS, FontStyle::Normal, colour)
}

/// Text above other text.
pub(crate) fn bold_letters(colour: Colour) -> TextStyle<'static> {
    sized(LETTERS, FontStyle::Bold, colour)
}

/// Text of axes.
pub(crate) fn axis_letters() -> TextStyle<'static> {
    letters(FAINT)
}

/// Text that begins at a point and stands at its height.
pub(crate) fn from_left(style: TextStyle<'static>) -> TextStyle<'static> {
    style.pos(Pos::new(HPos::Left, VPos::Center))
}

/// Text around a point.
pub(crate) fn centred(style: TextStyle<'static>) -> TextStyle<'static> {
    style.pos(Pos::new(HPos::Center, VPos::Center))
}

/// Text that ends at a point and stands at its height.
pub(crate) fn from_right(style: TextStyle<'static>) -> TextStyle<'static> {
    style.pos(Pos::new(HPos::Right, VPos::Center))
}

/// About how many pixels text of this height is wide; rather too many than too few.
pub(crate) fn width(words: &str, height: f64) -> f64 {
    words.chars().count() as f64 * height * LETTER_WIDTH
}

/// The same of text of the usual size.
pub(crate) fn usual_width(words: &str) -> i32 {
    width(words, f64::from(LETTERS)).ceil() as i32
}

/// A name that fits into so many pixels.
pub(crate) fn shortened(name: &str, pixels: i32) -> String {
    if usual_width(name) <= pixels {
        return name.to_owned();
    }
    let fitting = (f64::from(pixels) / (f64::from(LETTERS) * LETTER_WIDTH)) as usize;
    name.chars().take(fitting.saturating_sub(1)).chain(['…']).collect()
}

/// Text without what no XML may hold.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

fn sized(pixels: u32, weight: FontStyle, colour: Colour) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::SansSerif, f64::from(pixels), weight);
    let mut style = TextStyle::from(font);
    style.color = colour.rgb().to_backend_color();
    style
}
