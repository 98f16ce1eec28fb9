//! A document as HTML. What comes from evidence is text until a template escapes it.

use std::borrow::Cow;
use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;
use shardproof_document::{
    Block, Column, Detail, Document, Note, Role, Section, Table, Term, Tone, Value,
};
use shardproof_evidence::Warning;

use crate::figures::{self, Width};
use crate::plot;
use crate::report::ReportError;
use crate::report::figures::Source;

/// Rows beyond which a table is folded away.
const FOLDED_BEYOND: usize = 12;
/// Rows of a table that the page holds; more are in the CSV.
const ROWS_MAX: usize = 2_000;

/// Markup that a template or plotters made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Markup(String);

impl Markup {
    /// A table.
    ///
    /// # Errors
    /// Those of the template, which only a bug can cause.
    pub(crate) fn of(table: &Table<'_>) -> Result<Self, askama::Error> {
        Ok(Self(TableView::of(table).render()?))
    }

    /// What plotters drew.
    pub(crate) const fn drawn(svg: String) -> Self {
        Self(svg)
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

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

impl Width {
    /// What it is to the style sheet.
    const fn class(self) -> &'static str {
        match self {
            Self::Column => "pictures",
            Self::Own => "pictures own",
        }
    }
}

/// A section of the page.
pub(crate) struct Part<'b, 'a> {
    /// The section.
    pub(crate) section: &'b Section<'a>,
    /// What is in it.
    pub(crate) body: Vec<Markup>,
}

/// The sections that pages show.
pub(crate) fn parts<'b, 'a>(
    document: &'b Document<'a>,
    source: &Source<'_>,
) -> Result<Vec<Part<'b, 'a>>, ReportError> {
    let shown = document.sections.iter().filter(|section| section.detail <= Detail::Pages);
    let part = |section: &'b Section<'a>| {
        let blocks = section.blocks.iter().map(|block| self::block(block, source));
        Ok(Part { section, body: blocks.collect::<Result<_, ReportError>>()? })
    };
    shown.map(part).collect()
}

fn block(block: &Block<'_>, source: &Source<'_>) -> Result<Markup, ReportError> {
    let text = match block {
        Block::Table(table) if table.detail > Detail::Pages => String::new(),
        Block::Table(table) => return Ok(Markup::of(table)?),
        Block::Notes(notes) => Notes { notes }.render()?,
        Block::Missing(what, command) => Missing { what, command }.render()?,
        Block::Figure(slot) => {
            let mut text = String::new();
            for figure in source.figures(slot.id) {
                text += &FigureView::of(figure, &slot.terms)?.render()?;
            }
            text
        }
    };
    Ok(Markup(text))
}

/// Pictures under one caption.
#[derive(Template)]
#[template(path = "report/figure.html")]
struct FigureView<'a> {
    /// What it is called.
    title: String,
    /// What it shows.
    caption: String,
    /// What it takes to understand it.
    terms: &'a [&'static Term],
    /// How wide its pictures are.
    width: Width,
    /// The subjects; empty where they are named in the pictures.
    legend: Vec<LegendKey>,
    /// The pictures.
    pictures: Vec<Picture>,
    /// More of the same, folded away.
    folded: Vec<Picture>,
}

impl<'a> FigureView<'a> {
    /// A figure with its pictures drawn.
    fn of(figure: figures::Figure, terms: &'a [&'static Term]) -> Result<Self, ReportError> {
        let drawn = |pictures: Vec<figures::Picture>| -> Result<Vec<Picture>, ReportError> {
            let draw = |picture: figures::Picture| {
                let svg = Markup::drawn(picture.plot.inline()?);
                Ok(Picture { title: picture.title, svg })
            };
            pictures.into_iter().map(draw).collect()
        };
        let figures::Figure { title, caption, width, legend, pictures, folded } = figure;
        let legend = legend
            .into_iter()
            .map(|(name, style)| Ok(LegendKey { svg: Markup::drawn(plot::key(style)?), name }));
        Ok(Self {
            title,
            caption,
            terms,
            width,
            legend: legend.collect::<Result<_, ReportError>>()?,
            pictures: drawn(pictures)?,
            folded: drawn(folded)?,
        })
    }
}

/// Remarks.
#[derive(Template)]
#[template(
    ext = "html",
    source = "<ul class=\"notes\">{% for note in notes %}<li{% if let Some(tone) = note.tone %} \
              class=\"{{ self::tone(tone) }}\"{% endif %}>{{ note.text }}</li>\n{% endfor \
              %}</ul>\n"
)]
struct Notes<'a> {
    /// The remarks.
    notes: &'a [Note],
}

/// The line in the place of what was not observed.
#[derive(Template)]
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

/// A table in a box of its own, which scrolls where the page is narrow.
#[derive(Template)]
#[template(path = "report/table.html")]
struct TableView<'b, 'a> {
    /// The table.
    table: &'b Table<'a>,
    /// The heads.
    heads: Vec<Head<'b>>,
    /// How many of the first columns name the row.
    names: usize,
    /// The rows, in groups.
    groups: Vec<Group<'a>>,
    /// How many rows there are.
    len: usize,
}

/// The head of a column.
struct Head<'a> {
    /// What it is called.
    word: &'a str,
    /// What it means.
    term: &'static Term,
    /// The unit of its figures.
    unit: &'static str,
    /// Whether it holds words, which are set from the left.
    is_words: bool,
}

/// Rows under a name.
struct Group<'a> {
    /// The name; empty for rows without one.
    name: String,
    /// The rows.
    rows: Vec<Vec<Entry<'a>>>,
}

/// One cell.
struct Entry<'a> {
    /// What it is.
    value: Value<'a>,
    /// What it says.
    text: Cow<'a, str>,
}

impl Entry<'_> {
    /// What it is to the style sheet; empty for a number.
    fn class(&self) -> &'static str {
        match &self.value {
            Value::Code(_) => "w code",
            Value::Text(text) if text.len() > 60 => "w long",
            Value::Text(_) | Value::Link(..) | Value::Warnings(_) | Value::Advised(_) => "w",
            value => value.tone().map_or("", |news| tone(&news)),
        }
    }

    fn warnings(&self) -> &[Warning] {
        if let Value::Warnings(warnings) = &self.value { warnings } else { &[] }
    }

    fn link(&self) -> Option<&str> {
        if let Value::Link(to, _) = &self.value { Some(to) } else { None }
    }
}

const fn tone(tone: &Tone) -> &'static str {
    match tone {
        Tone::Good => "w good",
        Tone::Open => "w open",
        Tone::Bad => "w bad",
    }
}

impl<'b, 'a> TableView<'b, 'a> {
    fn of(table: &'b Table<'a>) -> Self {
        let columns = table.told(Detail::Pages);
        let head = |column: &&'b Column<'a>| Head {
            word: &column.heading,
            term: column.term,
            unit: table.unit_name(column),
            is_words: column.role == Role::Name || table.value(column, 0).is_words(),
        };
        let mut groups: Vec<Group<'a>> = Vec::new();
        for row in table.rows(Detail::Pages).take(ROWS_MAX) {
            let cells = table.cells(&columns, row).into_iter();
            let entries = cells.map(|(value, text)| Entry { value, text }).collect();
            let name = table.group(Detail::Pages, row);
            match groups.last_mut() {
                Some(last) if last.name == name => last.rows.push(entries),
                _ => groups.push(Group { name, rows: vec![entries] }),
            }
        }
        Self {
            heads: columns.iter().map(head).collect(),
            names: columns.iter().take_while(|column| column.role == Role::Name).count(),
            groups,
            len: table.rows(Detail::Pages).count(),
            table,
        }
    }

    /// Whether it is folded away.
    const fn is_long(&self) -> bool {
        self.len > FOLDED_BEYOND
    }

    /// How many rows are in the CSV only.
    const fn more(&self) -> usize {
        self.len.saturating_sub(ROWS_MAX)
    }
}
