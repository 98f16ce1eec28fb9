//! What plotters drew, made fit for a page: with words for those who cannot see it, and without what every element
//! repeats.

use askama::filters::{Html, escape};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, TextStyle};

use crate::plot::palette::{Colour, FAINT};
use crate::plot::style::Style;

/// Letters of this size are what a picture has where it says nothing else, in pixels.
const LETTERS: u32 = 12;
/// Plotters' own factor between the size asked for and the size written.
const SIZE_FACTOR: f64 = 1.24;

/// What is read out in a picture's place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Alternative {
    /// The picture's name: letters, digits and hyphens; no two pictures of a page share it.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// What is to be seen.
    pub description: String,
}

/// Text of the usual size.
pub(crate) fn letters(colour: Colour) -> TextStyle<'static> {
    sized(LETTERS, FontStyle::Normal, colour)
}

/// Text that is noted beside other text.
pub(crate) fn small_letters(colour: Colour) -> TextStyle<'static> {
    sized(LETTERS - 2, FontStyle::Normal, colour)
}

/// Text of axes.
pub(crate) fn axis_letters() -> TextStyle<'static> {
    letters(FAINT)
}

/// A name that fits: its end is in the table below.
pub(crate) fn shortened(name: &str, letters: usize) -> String {
    if name.chars().count() <= letters {
        return name.to_owned();
    }
    name.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

/// Adds what plotters leaves out of a drawing, and takes out what needs no saying. A drawing without words is for
/// show only: what it says is beside it.
pub(crate) fn finish(drawn: &str, words: Option<&Alternative>, styles: &[Style]) -> String {
    let body = drawn.split_once('\n').map_or("", |(_, body)| body);
    let mut body = body.replace("\n</text>", "</text>").replace(">\n", ">");
    for repeated in [
        " opacity=\"1\"",
        " stroke-width=\"1\"",
        " font-family=\"sans-serif\"",
        " stroke=\"none\"",
        &format!(" font-size=\"{LETTERS}\""),
    ] {
        body = body.replace(repeated, "");
    }
    for (number, style) in styles.iter().enumerate() {
        if !style.dash.is_empty() && !styles[..number].contains(style) {
            // Only lines are that wide, and no intervals.
            let hex = style.colour.hex();
            let line = format!("<polyline fill=\"none\" stroke=\"{hex}\" stroke-width=\"2\"");
            body = body.replace(&line, &format!("{line} stroke-dasharray=\"{}\"", style.dash));
        }
    }
    format!("{}{body}\n", head(drawn, words))
}

/// The opening tag with the size that plotters wrote, and the words.
fn head(drawn: &str, words: Option<&Alternative>) -> String {
    let size = drawn.split_once(" xmlns").map_or("<svg", |(size, _)| size);
    let size = format!(
        "{size} xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\" \
         font-size=\"{LETTERS}\""
    );
    let Some(Alternative { name, title, description }) = words else {
        return format!("{size} aria-hidden=\"true\">");
    };
    format!(
        "{size} role=\"img\" aria-labelledby=\"{name}-t {name}-d\">\
         <title id=\"{name}-t\">{}</title><desc id=\"{name}-d\">{}</desc>",
        escaped(title),
        escaped(description),
    )
}

/// Text that is no markup.
fn escaped(text: &str) -> String {
    match escape(text, Html) {
        Ok(escaped) => escaped.to_string(),
        Err(never) => match never {},
    }
}

fn sized(pixels: u32, weight: FontStyle, colour: Colour) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::SansSerif, f64::from(pixels) * SIZE_FACTOR, weight);
    let mut style = TextStyle::from(font);
    style.color = colour.rgb().to_backend_color();
    style
}
