//! A document as text for a terminal: fitted to its width, with columns dropped if space is short.

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle,
    Table as Drawn, TableStyle, Width,
};
use shardproof_document::{Block, Column, Detail, Document, Role, Section, Table, Tone};
use textwrap::Options;
use textwrap::core::display_width;

/// Default width, in characters.
pub const WIDTH_DEFAULT: u16 = 100;
/// Maximum number of rows of a table.
const ROWS_MAX: usize = 2_000;
/// Characters between two columns.
const MARGIN: usize = 3;
/// Minimum width of text, in characters.
const WORDS_MIN: usize = 26;
/// Minimum width of names on the narrowest terminals.
const NAMES_LEAST: usize = 6;
/// Preferred minimum width of names.
const NAMES_MIN: usize = 26;
/// Marks a row that is replaced by the name of a group; the group's number follows.
const GROUP: char = '\u{e000}';

/// Lines only above, below and under the header: more would make long tables hard to read.
const LINES: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// The properties of a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TerminalStyle {
    /// Its width, in characters.
    pub width: u16,
    /// Whether it supports colour.
    pub colour_mode: ColourMode,
}

/// Whether text is coloured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColourMode {
    /// Plain text.
    Plain,
    /// Escape sequences for colour and weight.
    Colour,
}

impl TerminalStyle {
    /// Plain text of 100 columns.
    pub const PLAIN: Self = Self { width: WIDTH_DEFAULT, colour_mode: ColourMode::Plain };

    fn cell(self, text: String, tone: Option<Tone>) -> Cell {
        let colour = tone.map(|tone| match tone {
            Tone::Good => Color::Green,
            Tone::Open => Color::Yellow,
            Tone::Bad => Color::Red,
        });
        match colour.filter(|_| self.colour_mode == ColourMode::Colour) {
            Some(colour) => Cell::new(text).fg(colour),
            None => Cell::new(text),
        }
    }

    fn bold(self, text: &str) -> String {
        match self.colour_mode {
            ColourMode::Plain => text.to_owned(),
            ColourMode::Colour => format!("\u{1b}[1m{text}\u{1b}[0m"),
        }
    }
}

/// Renders a document as text. The summary comes last, where the reader of a terminal sees it.
#[must_use]
pub fn render(document: &Document<'_>, style: TerminalStyle) -> String {
    let mut text = String::new();
    document.facts.iter().for_each(|fact| line(&mut text, fact, "", style));
    let is_summary = |section: &&Section<'_>| section.id == "summary";
    let (last, first): (Vec<_>, Vec<_>) = document.sections.iter().partition(is_summary);
    first.into_iter().chain(last).for_each(|one| section(&mut text, one, style));
    text
}

/// Makes text safe for a terminal: no escape sequences, other control characters or changes of
/// direction.
#[must_use]
pub fn clean(text: &str) -> String {
    let clean = |letter: char| match letter {
        '\n' | '\r' | '\t' | '\u{202f}' => ' ',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => '\u{fffd}',
        '\u{feff}' | GROUP => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    };
    text.chars().map(clean).collect()
}

/// Adds text wrapped to the width of the terminal; lines after the first are indented.
fn line(text: &mut String, words: &str, indent: &str, style: TerminalStyle) {
    let further = format!("{indent}{}", if indent.is_empty() { "" } else { "  " });
    let options = Options::new(usize::from(style.width).max(NAMES_LEAST))
        .initial_indent(indent)
        .subsequent_indent(&further);
    text.push_str(&textwrap::fill(&clean(words), options));
    text.push('\n');
}

fn section(text: &mut String, section: &Section<'_>, style: TerminalStyle) {
    let is_shown = |block: &&Block<'_>| match block {
        Block::Table(table) => table.detail == Detail::Everywhere,
        Block::Notes(_) => true,
        Block::Figure(_) | Block::Missing(..) => false,
    };
    let blocks: Vec<&Block<'_>> = section.blocks.iter().filter(is_shown).collect();
    let is_only_prose = section.blocks.is_empty() && !section.prose.is_empty();
    if section.detail > Detail::Everywhere || (blocks.is_empty() && !is_only_prose) {
        return;
    }
    text.push('\n');
    text.push_str(&style.bold(section.title));
    text.push('\n');
    section.prose.iter().for_each(|words| line(text, words, "", style));
    for block in blocks {
        match block {
            Block::Table(one) => {
                line(text, &format!("{}:", one.caption), "", style);
                table(text, one, style);
            }
            Block::Notes(notes) => {
                notes.iter().for_each(|note| line(text, &note.text, "  ", style));
            }
            Block::Figure(_) | Block::Missing(..) => {}
        }
    }
}

/// A column that fits, with its measurements.
struct Fitted<'a, 'b> {
    /// The column.
    column: &'b Column<'a>,
    /// Its heading.
    heading: String,
    /// Width of its widest cell, in characters.
    width: usize,
    /// Width of its longest word, in characters.
    word: usize,
    /// Whether it contains text, which may wrap.
    is_text: bool,
}

impl Fitted<'_, '_> {
    /// Its minimum width, given the minimum width of names.
    fn least(&self, names: usize) -> usize {
        match (self.is_text, self.column.role) {
            (false, _) => self.width,
            (true, Role::Name) => self.width.min(names),
            (true, _) if names < WORDS_MIN => self.width.min(names),
            (true, _) => self.width.min(WORDS_MIN.max(self.word.min(names))),
        }
    }
}

/// The minimum width of all columns, given the minimum width of names.
fn needed(columns: &[Fitted<'_, '_>], names: usize) -> usize {
    columns.iter().map(|one| one.least(names) + MARGIN).sum::<usize>().saturating_sub(1)
}

/// The columns that fit, and the minimum width of names. Columns with the highest priority number
/// are dropped first; at least one besides the names stays. If that is not enough, names wrap.
fn fitted<'a, 'b>(
    table: &'b Table<'a>,
    rows: &[usize],
    style: TerminalStyle,
) -> (Vec<Fitted<'a, 'b>>, usize) {
    let fit = |column: &'b Column<'a>| {
        let is_text = rows.iter().any(|row| table.value(column, *row).is_text());
        let widths = rows.iter().map(|row| display_width(&clean(&table.text(column, *row))));
        let unit = table.unit_name(column);
        let heading = clean(&column.heading) + if unit.is_empty() { "" } else { "\n" } + unit;
        let of_head = heading.lines().flat_map(|line| line.split(' ').map(display_width)).max();
        let width = widths.max().unwrap_or(0).max(of_head.unwrap_or(0));
        let word = rows.iter().flat_map(|row| {
            let text = clean(&table.text(column, *row));
            text.split(' ').map(display_width).max()
        });
        Fitted { column, heading, width, word: word.max().unwrap_or(0), is_text }
    };
    let mut columns: Vec<Fitted<'a, 'b>> =
        table.visible_columns(Detail::Everywhere).into_iter().map(fit).collect();
    let room = usize::from(style.width);
    while needed(&columns, NAMES_MIN) > room {
        let droppable = columns.iter().map(|one| one.column.priority).filter(|it| *it > 0);
        let Some(last) = droppable.clone().max() else { break };
        // Columns of one priority belong together: all are dropped at once, except that one of the
        // last level stays.
        let is_last_level = droppable.clone().all(|priority| priority == last);
        match columns.iter().rposition(|one| one.column.priority == last) {
            Some(index) if is_last_level && droppable.count() > 1 => drop(columns.remove(index)),
            _ if is_last_level => break,
            _ => columns.retain(|one| one.column.priority < last),
        }
    }
    let names = (NAMES_LEAST..=NAMES_MIN).rev().find(|names| needed(&columns, *names) <= room);
    (columns, names.unwrap_or(NAMES_LEAST))
}

fn table(text: &mut String, table: &Table<'_>, style: TerminalStyle) {
    let rows: Vec<usize> = table.rows(Detail::Everywhere).take(ROWS_MAX).collect();
    let (columns, names) = fitted(table, &rows, style);
    let mut drawn = Drawn::new();
    drawn
        .load_style(LINES)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(style.width);
    match style.colour_mode {
        ColourMode::Plain => drawn.force_no_tty(),
        ColourMode::Colour => drawn.enforce_styling(),
    };
    drawn.set_header(columns.iter().map(|one| match style.colour_mode {
        ColourMode::Plain => Cell::new(&one.heading),
        ColourMode::Colour => Cell::new(&one.heading).add_attribute(Attribute::Bold),
    }));
    for (index, one) in columns.iter().enumerate() {
        let Some(column) = drawn.column_mut(index) else { continue };
        if one.is_text {
            let width = u16::try_from(one.least(names) + 2).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
        }
        if !one.is_text {
            let width = u16::try_from(one.width + 2).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let groups = fill(&mut drawn, table, &rows, &columns, style);
    let wide = usize::from(style.width).max(NAMES_LEAST);
    for drawn_line in drawn.to_string().lines() {
        let name = drawn_line
            .trim_start()
            .strip_prefix(GROUP)
            .and_then(|rest| groups.get(rest.trim().parse::<usize>().ok()?));
        match name {
            Some(name) => text.push_str(&style.bold(&textwrap::fill(name, wide))),
            None => text.push_str(drawn_line.trim_end()),
        }
        text.push('\n');
    }
    let more = table.rows(Detail::Everywhere).count() - rows.len();
    if more > 0 {
        line(
            text,
            &format!("and {more} more rows: see csv/{}.csv of a report", table.id),
            "  ",
            style,
        );
    }
}

/// Adds the rows, with a marker row before each group. Returns the names of the groups.
fn fill<'a>(
    drawn: &mut Drawn,
    table: &Table<'a>,
    rows: &[usize],
    columns: &[Fitted<'a, '_>],
    style: TerminalStyle,
) -> Vec<String> {
    let shown: Vec<&Column<'a>> = columns.iter().map(|one| one.column).collect();
    let (mut groups, mut before): (Vec<String>, String) = (Vec::new(), String::new());
    for row in rows {
        let group = clean(&table.group(Detail::Everywhere, *row));
        if !group.is_empty() && groups.last() != Some(&group) {
            drawn.add_row([format!("{GROUP}{}", groups.len())]);
            groups.push(group);
            before.clear();
        }
        let cells =
            table.cells(&shown, *row).into_iter().enumerate().map(|(index, (value, text))| {
                let mut text = clean(&text);
                if index == 0 && shown.len() > 1 && shown[1].role == Role::Name {
                    // A name that repeats that of the row above is left empty.
                    let is_repeated = text == before;
                    before.clone_from(&text);
                    text = if is_repeated { String::new() } else { text };
                }
                style.cell(text, value.tone())
            });
        drawn.add_row(cells.collect::<Vec<_>>());
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_control_the_terminal() {
        let hostile = "a\u{1b}[31mb\u{7}c\u{9b}2Jd\r\ne\u{202e}f\u{7f}";
        let clean = clean(hostile);
        assert_eq!(clean, "a\u{fffd}[31mb\u{fffd}c\u{fffd}2Jd  e\u{fffd}f\u{fffd}");
    }
}
