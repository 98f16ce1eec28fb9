//! The parts that pages are made of. What comes from evidence is text until a template escapes it.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;
use shardproof_evidence::Warning;

use crate::report::ReportError;
use crate::report::glossary::Term;

/// Markup that a template or plotters made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Markup(String);

impl Markup {
    /// What plotters drew.
    pub(crate) const fn drawn(svg: String) -> Self {
        Self(svg)
    }

    /// What a template says.
    pub(crate) fn of(template: &impl Template) -> Result<Self, ReportError> {
        Ok(Self(template.render()?))
    }

    /// Adds more at the end.
    pub(crate) fn push(&mut self, more: &Self) {
        self.0.push_str(&more.0);
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// Words below a heading or a picture, and the terms in them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Words {
    /// The text.
    text: String,
    /// What it takes to understand it.
    terms: &'static [Term],
}

impl Words {
    /// Text with the terms that it uses.
    pub(crate) fn new(text: impl Into<String>, terms: &'static [Term]) -> Self {
        Self { text: text.into(), terms }
    }
}

/// The head of a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    /// What the column's numbers are.
    term: Term,
    /// What it is called, if not by the term's own word.
    word: String,
    /// Their unit; empty where there is none.
    unit: &'static str,
}

impl Head {
    /// A head that is called as its term is.
    pub(crate) fn of(term: Term) -> Self {
        Self::named(term, term.word(), "")
    }

    /// A head with a unit.
    pub(crate) fn unit(term: Term, unit: &'static str) -> Self {
        Self::named(term, term.word(), unit)
    }

    /// A head with a name of its own.
    pub(crate) fn named(term: Term, word: impl Into<String>, unit: &'static str) -> Self {
        Self { term, word: word.into(), unit }
    }
}

/// One cell of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    /// What it says.
    said: Said,
    /// What it is to the style sheet; empty for a number.
    class: &'static str,
    /// How many columns it takes.
    columns: usize,
}

/// What a cell of a table says.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Said {
    /// This.
    Text(String),
    /// The names of warnings, each leading to its advice.
    Warnings(Vec<Warning>),
    /// The name of a warning whose advice stands beside it.
    Advised(Warning),
}

impl Entry {
    /// Words, which are set from the left.
    pub(crate) fn words(text: impl Into<String>) -> Self {
        Self { said: Said::Text(text.into()), class: "w", columns: 1 }
    }

    /// Words over several columns, in the place of figures.
    pub(crate) fn instead(text: impl Into<String>, columns: usize) -> Self {
        Self { said: Said::Text(text.into()), class: "w bad", columns }
    }

    /// The same, where that is no fault of the subject.
    pub(crate) fn spanning(text: impl Into<String>, columns: usize) -> Self {
        Self { said: Said::Text(text.into()), class: "w", columns }
    }

    /// What may have spoiled the row, each leading to its advice.
    pub(crate) fn warnings(warnings: &[Warning]) -> Self {
        Self { said: Said::Warnings(warnings.to_vec()), class: "w", columns: 1 }
    }

    /// The warning that the row advises on.
    pub(crate) const fn advised(warning: Warning) -> Self {
        Self { said: Said::Advised(warning), class: "w", columns: 1 }
    }

    /// Words with a class of their own.
    pub(crate) fn marked(text: impl Into<String>, class: &'static str) -> Self {
        Self { said: Said::Text(text.into()), class, columns: 1 }
    }
}

impl<T: Into<String>> From<T> for Entry {
    fn from(text: T) -> Self {
        Self { said: Said::Text(text.into()), class: "", columns: 1 }
    }
}

/// A table in a box of its own, which scrolls where the page is narrow.
#[derive(Clone, PartialEq, Eq, Debug, Template)]
#[template(path = "report/table.html")]
pub(crate) struct Table {
    /// What it shows.
    caption: Words,
    /// How many of the first columns name the row.
    names: usize,
    /// The heads.
    heads: Vec<Head>,
    /// The rows, in groups.
    groups: Vec<RowGroup>,
}

/// Rows under a name.
#[derive(Clone, PartialEq, Eq, Debug)]
struct RowGroup {
    /// The name; empty for rows without one.
    name: String,
    /// The rows.
    rows: Vec<Vec<Entry>>,
}

impl Table {
    /// A table without rows yet, of which the first columns name the row.
    pub(crate) fn new(caption: Words, names: usize, heads: Vec<Head>) -> Self {
        Self { caption, names, heads, groups: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, entries: impl IntoIterator<Item = Entry>) {
        self.row_of("", entries);
    }

    /// Adds a row below the name of its group, which is written once for all rows that follow each other.
    pub(crate) fn row_of(&mut self, group: &str, entries: impl IntoIterator<Item = Entry>) {
        let row = entries.into_iter().collect();
        match self.groups.last_mut() {
            Some(last) if last.name == group => last.rows.push(row),
            _ => self.groups.push(RowGroup { name: group.to_owned(), rows: vec![row] }),
        }
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.groups.iter().map(|group| group.rows.len()).sum()
    }

    /// Whether a column holds words, by its first full row.
    fn is_words(&self, column: &usize) -> bool {
        let column = *column;
        let mut rows = self.groups.iter().flat_map(|group| &group.rows);
        let full = rows.find(|row| row.len() == self.heads.len());
        column < self.names
            || full.is_some_and(|row| row[column].class.split(' ').any(|class| class == "w"))
    }
}

/// A picture with its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Picture {
    /// The name.
    pub title: String,
    /// The picture.
    pub svg: Markup,
}

/// A subject with its line and marker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LegendKey {
    /// The line and marker.
    pub svg: Markup,
    /// The subject.
    pub name: String,
}

/// Pictures under one caption, with the tables that say the same in numbers.
#[derive(Clone, PartialEq, Eq, Debug, Template)]
#[template(path = "report/figure.html")]
pub(crate) struct Figure {
    /// What it is called.
    pub title: String,
    /// How wide its pictures are.
    pub width: Width,
    /// What it shows.
    pub caption: Words,
    /// The subjects; empty where they are named in the picture.
    pub legend: Vec<LegendKey>,
    /// The pictures.
    pub pictures: Vec<Picture>,
    /// More of the same, folded away.
    pub folded: Vec<Picture>,
    /// The tables below, folded away.
    pub tables: Vec<Table>,
}

/// How wide pictures are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Width {
    /// As wide as a column of the page, which they are scaled to.
    Column,
    /// As wide as they were drawn: the letters in them would be too small otherwise.
    Own,
}

impl Width {
    /// What it is to the style sheet.
    const fn class(self) -> &'static str {
        match self {
            Self::Column => "pictures",
            Self::Own => "pictures own",
        }
    }
}

/// Something long that is folded away until it is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Template)]
#[template(path = "report/fold.html")]
struct Fold<'a> {
    /// What it is.
    summary: &'a str,
    /// It.
    body: &'a Markup,
}

/// A paragraph.
#[derive(Clone, PartialEq, Eq, Debug, Template)]
#[template(ext = "html", source = "<p>{{ words.text }}{% include \"report/terms.html\" %}</p>\n")]
struct Paragraph<'a> {
    /// What it says.
    words: &'a Words,
}

/// The line in the place of a section without evidence.
#[derive(Clone, PartialEq, Eq, Debug, Template)]
#[template(
    ext = "html",
    source = "<p class=\"missing\">{{ what }} <code>{{ command }}</code> fills this.</p>\n"
)]
struct Missing<'a> {
    /// What there is none of.
    what: &'a str,
    /// What would fill the section.
    command: &'a str,
}

/// One section of the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Section {
    /// What links end in.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// All that is in it.
    pub body: Markup,
}

impl Section {
    /// A section with nothing in it yet.
    pub(crate) fn new(id: &'static str, title: &'static str) -> Self {
        Self { id, title, body: Markup::default() }
    }

    /// Adds a paragraph.
    pub(crate) fn say(&mut self, words: &Words) -> Result<(), ReportError> {
        self.add(&Paragraph { words })
    }

    /// Says what is missing, and the command that fills it.
    pub(crate) fn missing(mut self, what: &str, command: &str) -> Result<Self, ReportError> {
        self.add(&Missing { what, command })?;
        Ok(self)
    }

    /// Adds a part.
    pub(crate) fn add(&mut self, part: &impl Template) -> Result<(), ReportError> {
        self.body.push(&Markup::of(part)?);
        Ok(())
    }

    /// Adds a table, folded away if it is long.
    pub(crate) fn add_table(&mut self, table: &Table, summary: &str) -> Result<(), ReportError> {
        if table.len() <= LONG {
            return self.add(table);
        }
        self.add(&Fold { summary, body: &Markup::of(table)? })
    }
}

/// Rows above which a table is folded away.
const LONG: usize = 24;
