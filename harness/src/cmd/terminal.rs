//! The terminal that results are printed on.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use console::Term;

use crate::render::terminal::{ColourMode, TerminalStyle, WIDTH_DEFAULT};

/// The properties of the terminal on stdout.
pub(crate) fn style() -> TerminalStyle {
    let columns = Term::stdout().size_checked().map(|(_, columns)| columns);
    if !io::stdout().is_terminal() {
        return TerminalStyle::PLAIN;
    }
    TerminalStyle {
        width: columns.unwrap_or(WIDTH_DEFAULT),
        colour_mode: colour_mode(|name| std::env::var_os(name)),
    }
}

/// Whether to use colour in this environment.
fn colour_mode(variable: impl Fn(&str) -> Option<OsString>) -> ColourMode {
    let is_refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = variable("TERM").is_some_and(|term| term == "dumb");
    if is_refused || is_dumb { ColourMode::Plain } else { ColourMode::Colour }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dumb_terminal_and_no_color_disable_colour() {
        let of = |name: &str, value: &str| {
            colour_mode(|each| (each == name).then(|| OsString::from(value)))
        };
        assert_eq!(
            (of("TERM", "dumb"), of("NO_COLOR", "1")),
            (ColourMode::Plain, ColourMode::Plain)
        );
        assert_eq!(
            (of("TERM", "xterm"), of("NO_COLOR", "")),
            (ColourMode::Colour, ColourMode::Colour)
        );
    }
}
