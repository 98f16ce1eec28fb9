//! A document for a terminal: text as wide as it is, columns dropped where there is no room.

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle,
    Table as Drawn, TableStyle, Width,
};
use shardproof_document::{Block, Column, Detail, Document, Role, Section, Table, Tone};
use textwrap::Options;
use textwrap::core::display_width;

/// Columns of text when nobody says otherwise.
pub const WIDTH_DEFAULT: u16 = 100;
/// Rows of a table beyond which no terminal is read.
const ROWS_MAX: usize = 2_000;
/// Columns between two columns.
const MARGIN: usize = 3;
/// Columns that words need at least.
const WORDS_MIN: usize = 26;
/// The same where there is no room even for the fewest columns.
const NAMES_LEAST: usize = 6;
/// Columns that the words of a name need, unless they take fewer.
const NAMES_MIN: usize = 26;
/// What stands before the number of a group in a row that its name takes the place of.
const GROUP: char = '\u{e000}';

/// Lines above, below and under the head only: with more, a hundred rows are hard to read.
const LINES: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// How to write for one terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Columns that the terminal has.
    pub width: u16,
    /// Whether it takes colour.
    pub ink: Ink,
}

/// Whether text is coloured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// Plain text.
    Plain,
    /// Escape sequences for colour and weight.
    Colour,
}

impl Style {
    /// Plain text of 100 columns.
    pub const PLAIN: Self = Self { width: WIDTH_DEFAULT, ink: Ink::Plain };

    fn cell(self, text: String, tone: Option<Tone>) -> Cell {
        let colour = tone.map(|tone| match tone {
            Tone::Good => Color::Green,
            Tone::Open => Color::Yellow,
            Tone::Bad => Color::Red,
        });
        match colour.filter(|_| self.ink == Ink::Colour) {
            Some(colour) => Cell::new(text).fg(colour),
            None => Cell::new(text),
        }
    }

    fn bold(self, text: &str) -> String {
        match self.ink {
            Ink::Plain => text.to_owned(),
            Ink::Colour => format!("\u{1b}[1m{text}\u{1b}[0m"),
        }
    }
}

/// A document as text. The summary comes last, where a reader of a terminal is.
#[must_use]
pub fn render(document: &Document<'_>, style: Style) -> String {
    let mut text = String::new();
    document.facts.iter().for_each(|fact| line(&mut text, fact, "", style));
    let is_summary = |section: &&Section<'_>| section.id == "summary";
    let (last, first): (Vec<_>, Vec<_>) = document.sections.iter().partition(is_summary);
    first.into_iter().chain(last).for_each(|one| section(&mut text, one, style));
    text
}

/// Text that can do nothing to a terminal: no escape sequence, no other control, no change of
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

/// Adds words in lines as wide as the terminal; those after the first are indented.
fn line(text: &mut String, words: &str, indent: &str, style: Style) {
    let further = format!("{indent}{}", if indent.is_empty() { "" } else { "  " });
    let options = Options::new(usize::from(style.width).max(NAMES_LEAST))
        .initial_indent(indent)
        .subsequent_indent(&further);
    text.push_str(&textwrap::fill(&clean(words), options));
    text.push('\n');
}

fn section(text: &mut String, section: &Section<'_>, style: Style) {
    let is_shown = |block: &&Block<'_>| match block {
        Block::Table(table) => table.detail == Detail::Everywhere,
        Block::Notes(_) => true,
        Block::Figure(_) | Block::Missing(..) => false,
    };
    let blocks: Vec<&Block<'_>> = section.blocks.iter().filter(is_shown).collect();
    let says_all = section.blocks.is_empty() && !section.prose.is_empty();
    if section.detail > Detail::Everywhere || (blocks.is_empty() && !says_all) {
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

/// A column that fits, and what stands in it.
struct Fitted<'a, 'b> {
    /// The column.
    column: &'b Column<'a>,
    /// Its head.
    head: String,
    /// Columns of the terminal that its widest cell takes.
    width: usize,
    /// Columns that its longest word takes, but for those of paths that are longer than a line
    /// should be.
    word: usize,
    /// Whether it holds words, which may be broken into lines.
    is_words: bool,
}

impl Fitted<'_, '_> {
    /// Columns that it takes at least, where words of a name take so many.
    fn least(&self, names: usize) -> usize {
        match (self.is_words, self.column.role) {
            (false, _) => self.width,
            (true, Role::Name) => self.width.min(names),
            (true, _) if names < WORDS_MIN => self.width.min(names),
            (true, _) => self.width.min(WORDS_MIN.max(self.word.min(names))),
        }
    }
}

/// Columns that all of them take at least, where words of a name take so many.
fn needed(columns: &[Fitted<'_, '_>], names: usize) -> usize {
    columns.iter().map(|one| one.least(names) + MARGIN).sum::<usize>().saturating_sub(1)
}

/// The columns for which there is room: those of the highest priority number are dropped first, and
/// one beside those that name the row stays. If that is not enough, names are broken into lines:
/// returns their width too. Also how many columns words of a name take.
fn fitted<'a, 'b>(
    table: &'b Table<'a>,
    rows: &[usize],
    style: Style,
) -> (Vec<Fitted<'a, 'b>>, usize) {
    let fit = |column: &'b Column<'a>| {
        let is_words = rows.iter().any(|row| table.value(column, *row).is_words());
        let widths = rows.iter().map(|row| display_width(&clean(&table.text(column, *row))));
        let unit = table.unit_name(column);
        let head = clean(&column.heading) + if unit.is_empty() { "" } else { "\n" } + unit;
        let of_head = head.lines().flat_map(|line| line.split(' ').map(display_width)).max();
        let width = widths.max().unwrap_or(0).max(of_head.unwrap_or(0));
        let word = rows.iter().flat_map(|row| {
            let text = clean(&table.text(column, *row));
            text.split(' ').map(display_width).max()
        });
        Fitted { column, head, width, word: word.max().unwrap_or(0), is_words }
    };
    let mut columns: Vec<Fitted<'a, 'b>> =
        table.told(Detail::Everywhere).into_iter().map(fit).collect();
    let room = usize::from(style.width);
    while needed(&columns, NAMES_MIN) > room {
        let droppable = columns.iter().map(|one| one.column.priority).filter(|it| *it > 0);
        let Some(last) = droppable.clone().max() else { break };
        // Columns of one priority say the same of different things: none goes alone, but one is
        // left.
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

fn table(text: &mut String, table: &Table<'_>, style: Style) {
    let rows: Vec<usize> = table.rows(Detail::Everywhere).take(ROWS_MAX).collect();
    let (columns, names) = fitted(table, &rows, style);
    let mut drawn = Drawn::new();
    drawn
        .load_style(LINES)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(style.width);
    match style.ink {
        Ink::Plain => drawn.force_no_tty(),
        Ink::Colour => drawn.enforce_styling(),
    };
    drawn.set_header(columns.iter().map(|one| match style.ink {
        Ink::Plain => Cell::new(&one.head),
        Ink::Colour => Cell::new(&one.head).add_attribute(Attribute::Bold),
    }));
    for (index, one) in columns.iter().enumerate() {
        let Some(column) = drawn.column_mut(index) else { continue };
        if one.is_words {
            let width = u16::try_from(one.least(names) + 2).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
        }
        if !one.is_words {
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

/// Adds the rows, and one with a number before each group. Returns the names of the groups.
fn fill<'a>(
    drawn: &mut Drawn,
    table: &Table<'a>,
    rows: &[usize],
    columns: &[Fitted<'a, '_>],
    style: Style,
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
                    // A name that the row above has is not said again.
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
    fn nothing_in_a_text_can_do_anything_to_a_terminal() {
        let hostile = "a\u{1b}[31mb\u{7}c\u{9b}2Jd\r\ne\u{202e}f\u{7f}";
        let clean = clean(hostile);
        assert_eq!(clean, "a\u{fffd}[31mb\u{fffd}c\u{fffd}2Jd  e\u{fffd}f\u{fffd}");
    }
}
