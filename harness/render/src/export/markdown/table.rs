//! Tables in Markdown.

use std::ops::Range;

use crate::terminal::line;

/// A table in the making.
pub(super) struct Table {
    /// The head, then the rows.
    rows: Vec<Vec<String>>,
    /// The columns of numbers, which stand to the right.
    numbers: Range<usize>,
}

impl Table {
    /// A table with this head, in which some columns hold numbers.
    pub(super) fn new(head: &[&str], numbers: Range<usize>) -> Self {
        Self { rows: vec![head.iter().map(|name| inline(name)).collect()], numbers }
    }

    /// Adds a row; what it lacks at the end is left empty.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut row: Vec<String> = cells.into_iter().map(|cell| inline(&cell)).collect();
        row.resize(self.rows[0].len(), String::new());
        self.rows.push(row);
    }

    /// Writes it, unless it has no row.
    pub(super) fn write(self, text: &mut String) {
        let Some((head, rows)) = self.rows.split_first() else { return };
        if rows.is_empty() {
            return;
        }
        line(text, format_args!("| {} |", head.join(" | ")));
        let rule = |column| if self.numbers.contains(&column) { "---:" } else { "---" };
        let rules: Vec<&str> = (0..head.len()).map(rule).collect();
        line(text, format_args!("| {} |", rules.join(" | ")));
        for row in rows {
            line(text, format_args!("| {} |", row.join(" | ")));
        }
    }
}

/// Text that stays text: on one line, and nothing in it begins a column, a tag or an emphasis.
pub(super) fn inline(text: &str) -> String {
    let mut inline = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            letter if letter.is_control() => inline.push(' '),
            '|' | '*' | '_' | '`' | '<' | '>' | '&' | '[' | ']' | '\\' | '#' | '~' => {
                inline.push('\\');
                inline.push(letter);
            }
            letter => inline.push(letter),
        }
    }
    inline
}

/// A span of code, which would end at a backtick of its own.
pub(super) fn code(text: &str) -> String {
    let clean = |letter: char| if letter.is_control() || letter == '`' { '\'' } else { letter };
    format!("`{}`", text.chars().map(clean).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_ends_it_or_means_anything() {
        assert_eq!(inline("a|b\nc"), "a\\|b c");
        assert_eq!(inline("<b>*x*_y_`z`&amp;"), "\\<b\\>\\*x\\*\\_y\\_\\`z\\`\\&amp;");
    }

    #[test]
    fn a_table_without_rows_is_not_written_and_short_rows_are_filled() {
        let mut text = String::new();
        Table::new(&["a", "b"], 1..2).write(&mut text);
        assert_eq!(text, "");
        let mut table = Table::new(&["a", "b"], 1..2);
        table.row(["x".to_owned()]);
        table.write(&mut text);
        assert_eq!(text, "| a | b |\n| --- | ---: |\n| x |  |\n");
    }
}
