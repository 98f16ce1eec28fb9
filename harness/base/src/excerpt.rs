//! Bounded, printable pieces of what an error complains about.
//!
//! What a person or a file gives may be of any length and hold anything, the control sequences of a
//! terminal included. An error quotes enough of it to recognize it.

use std::fmt::{self, Write};

/// Characters of an excerpt.
const EXCERPT_CHARS_MAX: usize = 60;
/// Characters of one line of a foreign message.
const LINE_CHARS_MAX: usize = 800;
/// Lines of a foreign message.
const LINES_MAX: usize = 30;

/// The beginning of a text that someone gave, on one line, with control characters escaped.
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
        for letter in self.text.chars().take(EXCERPT_CHARS_MAX) {
            write_printable(f, letter)?;
        }
        match self.text.chars().count() {
            ..=EXCERPT_CHARS_MAX => Ok(()),
            count => write!(f, "... ({count} characters)"),
        }
    }
}

/// A message of a library that may quote its input whole: the middle of long lines and the end of
/// long texts are left out, and control characters are escaped, except line breaks.
#[must_use]
pub fn message(text: &str) -> String {
    let lines = text.trim_end().lines().count();
    let mut kept: Vec<String> = text.trim_end().lines().take(LINES_MAX).map(line).collect();
    if lines > LINES_MAX {
        kept.push(format!("... ({lines} lines)"));
    }
    kept.join("\n")
}

/// A text for a terminal: control characters are escaped, except line breaks.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == '\n' {
            clean.push(letter);
        } else {
            // Writing to a string cannot fail.
            let _ = write_printable(&mut clean, letter);
        }
    }
    clean
}

/// One line, without its middle if it is long: libraries say at the end what they expected, and where.
fn line(text: &str) -> String {
    let count = text.chars().count();
    if count <= LINE_CHARS_MAX {
        return printable(text);
    }
    let half = LINE_CHARS_MAX / 2;
    let start: String = text.chars().take(half).collect();
    let end: String = text.chars().skip(count - half).collect();
    format!("{} ... ({count} characters) ... {}", printable(&start), printable(&end))
}

fn write_printable(out: &mut impl Write, letter: char) -> fmt::Result {
    if letter.is_control() || changes_direction(letter) {
        write!(out, "{}", letter.escape_default())
    } else {
        out.write_char(letter)
    }
}

/// Whether a letter makes a terminal show what follows in another order.
const fn changes_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_quoted_as_it_is() {
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
