//! Bounded, printable excerpts of invalid input, for error messages.
//!
//! Input may have any length and contain anything, including terminal control sequences. An error
//! message quotes enough of it to recognize it.

use std::fmt::{self, Write};

/// The maximum length of an excerpt, in characters.
const EXCERPT_CHARS_MAX: usize = 60;
/// The maximum length of a line in a library's error message, in characters.
const LINE_CHARS_MAX: usize = 800;
/// The maximum number of lines in a library's error message.
const LINES_MAX: usize = 30;

/// The beginning of an input text, on one line, with control characters escaped.
#[must_use]
pub const fn excerpt(text: &str) -> Excerpt<'_> {
    Excerpt { text }
}

/// See [`excerpt()`].
#[derive(Clone, Copy, Debug)]
pub struct Excerpt<'a> {
    /// The whole text.
    text: &'a str,
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.text.chars().take(EXCERPT_CHARS_MAX) {
            write_printable(f, character)?;
        }
        match self.text.chars().count() {
            ..=EXCERPT_CHARS_MAX => Ok(()),
            count => write!(f, "... ({count} characters)"),
        }
    }
}

/// Shortens a library's error message, which may quote all of its input: removes the middle of long
/// lines and the end of long texts, and escapes control characters except line breaks.
#[must_use]
pub fn message(text: &str) -> String {
    let lines = text.trim_end().lines().count();
    let mut shortened: Vec<String> =
        text.trim_end().lines().take(LINES_MAX).map(shorten_line).collect();
    if lines > LINES_MAX {
        shortened.push(format!("... ({lines} lines)"));
    }
    shortened.join("\n")
}

/// Makes a text safe for a terminal: escapes control characters except line breaks.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\n' {
            clean.push(character);
        } else {
            // Writing to a string cannot fail.
            let _ = write_printable(&mut clean, character);
        }
    }
    clean
}

/// Shortens a line in the middle: libraries say at its end what they expected, and where.
fn shorten_line(text: &str) -> String {
    let count = text.chars().count();
    if count <= LINE_CHARS_MAX {
        return printable(text);
    }
    let half = LINE_CHARS_MAX / 2;
    let start: String = text.chars().take(half).collect();
    let end: String = text.chars().skip(count - half).collect();
    format!("{} ... ({count} characters) ... {}", printable(&start), printable(&end))
}

fn write_printable(out: &mut impl Write, character: char) -> fmt::Result {
    if character.is_control() || changes_direction(character) {
        write!(out, "{}", character.escape_default())
    } else {
        out.write_char(character)
    }
}

/// Whether a character makes a terminal show what follows in another order.
const fn changes_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_quoted_unchanged() {
        for text in ["", "put100", "größer", &"x".repeat(EXCERPT_CHARS_MAX)] {
            assert_eq!(excerpt(text).to_string(), text);
            assert_eq!(message(text), text);
        }
    }

    #[test]
    fn a_long_text_is_cut_and_its_length_is_given() {
        let text = "ä".repeat(1_000_000);
        let cut = format!("{}... (1000000 characters)", "ä".repeat(EXCERPT_CHARS_MAX));
        assert_eq!(excerpt(&text).to_string(), cut);
    }

    #[test]
    fn a_long_message_keeps_its_beginning_and_its_end() {
        let text = format!("invalid type: string \"{}\", expected u32", "x".repeat(5_000));
        let cut = message(&text);
        assert!(cut.starts_with("invalid type: string") && cut.ends_with("expected u32"), "{cut}");
        assert!(cut.len() < 2 * LINE_CHARS_MAX, "{cut}");
        let cut = message(&"line\n".repeat(1_000));
        assert_eq!(cut.lines().count(), LINES_MAX + 1);
        assert!(cut.ends_with("... (1000 lines)"), "{cut}");
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(excerpt("a\u{1b}[31mb\n\u{202e}").to_string(), r"a\u{1b}[31mb\n\u{202e}");
        assert_eq!(message("a\u{7}\nb\r"), "a\\u{7}\nb");
        assert_eq!(printable("a\tb\n"), "a\\tb\n");
    }
}
