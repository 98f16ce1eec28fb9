//! A document as HTML. Text from evidence is escaped by the templates.

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
use crate::report::figures::FigureSource;

/// Tables with more rows are folded away.
const FOLDED_BEYOND: usize = 12;
/// Maximum number of rows of a table on the page; the CSV has all.
const ROWS_MAX: usize = 2_000;

/// Trusted markup, from a template or a drawing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Markup(String);

impl Markup {
    /// A table.
    ///
    /// # Errors
    /// Errors of the template, which only a bug can cause.
    pub(crate) fn of(table: &Table<'_>) -> Result<Self, askama::Error> {
        Ok(Self(TableView::of(table).render()?))
    }

    /// A drawing.
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
pub(crate) struct RenderedPicture {
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
    /// Its CSS class.
    const fn class(self) -> &'static str {
        match self {
            Self::Column => "pictures",
            Self::Own => "pictures own",
        }
    }
}

/// A section of the page.
pub(crate) struct SectionView<'b, 'a> {
    /// The section.
    pub(crate) section: &'b Section<'a>,
    /// Its rendered blocks.
    pub(crate) body: Vec<Markup>,
}

/// Renders the sections of a page.
pub(crate) fn parts<'b, 'a>(
    document: &'b Document<'a>,
    source: &FigureSource<'_>,
) -> Result<Vec<SectionView<'b, 'a>>, ReportError> {
    let shown = document.sections.iter().filter(|section| section.detail <= Detail::Pages);
    let part = |section: &'b Section<'a>| {
        let blocks = section.blocks.iter().map(|block| self::block(block, source));
        Ok(SectionView { section, body: blocks.collect::<Result<_, ReportError>>()? })
    };
    shown.map(part).collect()
}

fn block(block: &Block<'_>, source: &FigureSource<'_>) -> Result<Markup, ReportError> {
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

/// The template of a figure.
#[derive(Template)]
#[template(path = "report/figure.html")]
struct FigureView<'a> {
    /// Its title.
    title: String,
    /// Its caption.
    caption: String,
    /// The terms needed to read it.
    terms: &'a [&'static Term],
    /// How wide its pictures are.
    width: Width,
    /// The subjects; empty if the pictures name them.
    legend: Vec<LegendKey>,
    /// The pictures.
    pictures: Vec<RenderedPicture>,
    /// More of the same, folded away.
    folded: Vec<RenderedPicture>,
}

impl<'a> FigureView<'a> {
    /// A figure with its pictures drawn.
    fn of(figure: figures::Figure, terms: &'a [&'static Term]) -> Result<Self, ReportError> {
        let drawn = |pictures: Vec<figures::Picture>| -> Result<Vec<RenderedPicture>, ReportError> {
            let draw = |picture: figures::Picture| {
                let svg = Markup::drawn(picture.plot.inline()?);
                Ok(RenderedPicture { title: picture.title, svg })
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
              class=\"{{ self::tone(tone) }}\"{% endif %}>{{ note.text }}</li>\n{% endfor %}</ul>\n"
)]
struct Notes<'a> {
    /// The remarks.
    notes: &'a [Note],
}

/// The placeholder for what was not observed.
#[derive(Template)]
#[template(
    ext = "html",
    source = "<p class=\"missing\">{{ what }} Run <code>{{ command }}</code>.</p>\n"
)]
struct Missing<'a> {
    /// A sentence on what is missing.
    what: &'a str,
    /// The command that measures it.
    command: &'a str,
}

/// The template of a table, in a box that scrolls on narrow pages.
#[derive(Template)]
#[template(path = "report/table.html")]
struct TableView<'b, 'a> {
    /// The table.
    table: &'b Table<'a>,
    /// The column headings.
    headings: Vec<Heading<'b>>,
    /// The number of leading columns that name the row.
    names: usize,
    /// The rows, in groups.
    groups: Vec<Group<'a>>,
    /// The number of rows.
    len: usize,
}

/// The heading of a column.
struct Heading<'a> {
    /// Its text.
    word: &'a str,
    /// Its definition.
    term: &'static Term,
    /// The unit of its values.
    unit: &'static str,
    /// Whether it contains text, which is left-aligned.
    is_text: bool,
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
    /// The value.
    value: Value<'a>,
    /// The value as text.
    text: Cow<'a, str>,
}

impl Entry<'_> {
    /// Its CSS class; empty for numbers.
    fn class(&self) -> &'static str {
        match &self.value {
            Value::Code(_) => "w code",
            Value::Text(text) if text.len() > 60 => "w long",
            Value::Text(_) | Value::Link(..) | Value::Warnings(_) | Value::Advised(_) => "w",
            value => value.tone().map_or("", |value| tone(&value)),
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
        let columns = table.visible_columns(Detail::Pages);
        let head = |column: &&'b Column<'a>| Heading {
            word: &column.heading,
            term: column.term,
            unit: table.unit_name(column),
            is_text: column.role == Role::Name || table.value(column, 0).is_text(),
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
            headings: columns.iter().map(head).collect(),
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

    /// The number of rows that only the CSV has.
    const fn more(&self) -> usize {
        self.len.saturating_sub(ROWS_MAX)
    }
}
