//! The terminal that results are printed on.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use console::Term;
use shardproof::render::terminal::{Ink, Style, WIDTH_DEFAULT};

/// How to write for it.
pub(crate) fn style() -> Style {
    let columns = Term::stdout().size_checked().map(|(_, columns)| columns);
    if !io::stdout().is_terminal() {
        return Style::PLAIN;
    }
    Style { width: columns.unwrap_or(WIDTH_DEFAULT), ink: ink(|name| std::env::var_os(name)) }
}

/// Whether a terminal in this environment takes colour.
fn ink(variable: impl Fn(&str) -> Option<OsString>) -> Ink {
    let is_refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = variable("TERM").is_some_and(|term| term == "dumb");
    if is_refused || is_dumb { Ink::Plain } else { Ink::Colour }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dumb_terminal_and_one_whose_user_refuses_colour_get_none() {
        let of =
            |name: &str, value: &str| ink(|each| (each == name).then(|| OsString::from(value)));
        assert_eq!((of("TERM", "dumb"), of("NO_COLOR", "1")), (Ink::Plain, Ink::Plain));
        assert_eq!((of("TERM", "xterm"), of("NO_COLOR", "")), (Ink::Colour, Ink::Colour));
    }
}
