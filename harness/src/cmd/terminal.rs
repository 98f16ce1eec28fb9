//! The terminal that results are printed on.

use std::io::{self, IsTerminal};

use console::Term;
use shardproof::render::terminal::{Ink, Style, WIDTH_DEFAULT};

/// How to write for it.
pub(crate) fn style() -> Style {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_terminal = io::stdout().is_terminal();
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let takes_colour = is_terminal && !is_dumb && !is_set("NO_COLOR");
    let ink = if takes_colour { Ink::Colour } else { Ink::Plain };
    let columns = Term::stdout().size_checked().map(|(_, columns)| columns);
    let width = columns.filter(|_| is_terminal).unwrap_or(WIDTH_DEFAULT);
    Style { width, ink }
}
