//! Evidence as a person reads it in a terminal of 100 columns.

use std::collections::BTreeSet;
use std::fmt::Write;

use comfy_table::{
    Attribute, Cell as TableCell, CellAlignment, Color, ContentArrangement, LineStyle, Table,
    TableStyle,
};
use shardproof_evidence::{Cell, Evidence, Spread, Warning};
use shardproof_judge as judge;
use shardproof_judge::compare::{BASE_SUBJECT, Compared, SCALING_CONTROL, compare};

use crate::{answers, scaling, sections};

/// What stands in the place of an invalid cell's figures.
pub(crate) const INVALID: &str = "invalid";

/// Columns of text when nobody says otherwise.
pub const WIDTH_DEFAULT: u16 = 100;

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

    /// A table with this head; the columns from `first_number` on hold numbers.
    pub(crate) fn table(self, head: &[&str], first_number: usize) -> Table {
        let mut table = Table::new();
        table
            .load_style(LINES)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.width);
        match self.ink {
            Ink::Plain => table.force_no_tty(),
            Ink::Colour => table.enforce_styling(),
        };
        table.set_header(head.iter().map(|text| self.bold(text)));
        for column in table.column_iter_mut().skip(first_number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }

    /// Aligns one column of words among numbers.
    pub(crate) fn align_left(self, table: &mut Table, column: usize) {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Left);
        }
    }

    /// A cell in bold.
    pub(crate) fn bold(self, text: &str) -> TableCell {
        match self.ink {
            Ink::Plain => TableCell::new(text),
            Ink::Colour => TableCell::new(text).add_attribute(Attribute::Bold),
        }
    }

    pub(crate) fn coloured(self, text: String, colour: Color) -> TableCell {
        match self.ink {
            Ink::Plain => TableCell::new(text),
            Ink::Colour => TableCell::new(text).fg(colour),
        }
    }
}

/// Everything in `evidence`, as tables.
#[must_use]
pub fn render(evidence: &Evidence, style: Style) -> String {
    let mut text = String::new();
    head(&mut text, evidence);
    sections::certificate(&mut text, evidence);
    matrix(&mut text, evidence, style);
    sections::same_twice(&mut text, evidence, style);
    sections::skipped(&mut text, evidence, style);
    scaling::scaling(&mut text, evidence, style);
    answers::answers(&mut text, evidence, usize::from(style.width));
    sections::latency(&mut text, evidence, style);
    sections::snapshots(&mut text, evidence, style);
    sections::memory(&mut text, evidence, style);
    sections::operations(&mut text, evidence, style);
    warnings(&mut text, evidence, style);
    text
}

/// Adds a line. Writing to a string cannot fail.
pub(crate) fn line(text: &mut String, line: impl std::fmt::Display) {
    let _ = writeln!(text, "{line}");
}

pub(crate) fn head(text: &mut String, evidence: &Evidence) {
    let Evidence { machine, build, config, .. } = evidence;
    let kind = match machine.hypervisor {
        Some(true) => ", virtual",
        _ => "",
    };
    let cpu = machine.cpu.as_deref().unwrap_or("unknown processor");
    let commit: String = build.commit.chars().take(12).collect();
    let dirty = if build.dirty == Some(true) { " with changes" } else { "" };
    line(
        text,
        format_args!("{} x {cpu}{kind}, {} {}", machine.cores, machine.os, machine.architecture),
    );
    line(text, format_args!("commit {commit}{dirty}, {}, {} build", build.rustc, build.profile));
    let Some(config) = config else { return };
    line(
        text,
        format_args!(
            "profile {}, seed {}: {} rounds of {:.0} ms",
            config.profile, config.seed, config.rounds, config.slice_ms,
        ),
    );
}

fn matrix(text: &mut String, evidence: &Evidence, style: Style) {
    let coverage = evidence.cells.iter().find_map(Cell::valid_throughput);
    let coverage = coverage.map_or(0.0, |throughput| throughput.coverage);
    line(text, "");
    line(
        text,
        format_args!(
            "Throughput in million operations per second: median, and an interval that holds it\n\
             in {:.1} % of cases. x {BASE_SUBJECT}: of `{BASE_SUBJECT}` in the same place. \
             scaling: of one thread.\n\
             of {SCALING_CONTROL}: of the scaling of `{SCALING_CONTROL}`. \
             Ratios are medians over rounds.",
            coverage * 100.0
        ),
    );
    let base = format!("x {BASE_SUBJECT}");
    let control = format!("of {SCALING_CONTROL}");
    let table_head = ["workload", "threads", "Mops/s", "interval", &base, "scaling", &control, ""];
    let mut table = style.table(&table_head, 1);
    let mut before: Option<&Cell> = None;
    for compared in compare(evidence) {
        let cell = compared.cell;
        let same_group = before.is_some_and(|before| group(before) == group(cell));
        if !same_group {
            let (placement, mix) = group(cell);
            table.add_row([style.bold(&format!("{placement} {mix}"))]);
        }
        let same_subject = before.is_some_and(|before| before.subject == cell.subject);
        table.add_row(row(
            &compared,
            style,
            if same_group && same_subject { "" } else { &cell.subject },
        ));
        before = Some(cell);
    }
    style.align_left(&mut table, table_head.len() - 1);
    line(text, table);
}

fn group(cell: &Cell) -> (&str, &str) {
    (&cell.placement, &cell.workload)
}

fn row(compared: &Compared<'_>, style: Style, subject: &str) -> Vec<TableCell> {
    let place = [TableCell::new(format!("  {subject}")), TableCell::new(compared.cell.threads)];
    let Some(throughput) = compared.cell.valid_throughput() else {
        return place.into_iter().chain([style.coloured(INVALID.to_owned(), Color::Red)]).collect();
    };
    let mops = |ops_s: f64| significant(ops_s / 1e6);
    let warnings: Vec<&str> = compared.cell.warnings.iter().map(|each| each.as_str()).collect();
    let figures = [
        style.bold(&mops(throughput.median)),
        TableCell::new(format!("{}..{}", mops(throughput.low), mops(throughput.high))),
        TableCell::new(ratio(compared.to_base)),
        TableCell::new(ratio(compared.scaling)),
        TableCell::new(ratio(compared.scaling_to_control)),
        style.coloured(warnings.join(" "), Color::Yellow),
    ];
    place.into_iter().chain(figures).collect()
}

fn ratio(spread: Option<Spread>) -> String {
    spread.map_or_else(String::new, |spread| format!("{:.2}", spread.median))
}

/// Three significant digits of a number from 0.01 to 9999.
pub(crate) fn significant(number: f64) -> String {
    let digits = match number {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{number:.digits$}")
}

fn warnings(text: &mut String, evidence: &Evidence, style: Style) {
    let of_cells = evidence.cells.iter().flat_map(|cell| &cell.warnings);
    let of_latencies = evidence.latencies.iter().flat_map(|latency| &latency.warnings);
    let of_parts = of_cells.chain(of_latencies);
    let seen: BTreeSet<Warning> = evidence.warnings.iter().chain(of_parts).copied().collect();
    if seen.is_empty() {
        return;
    }
    line(text, "\nWarnings");
    for warning in seen {
        let cells = evidence.cells.iter().filter(|cell| cell.warnings.contains(&warning)).count();
        let place = match cells {
            0 => String::new(),
            _ => format!(" ({cells} of {} cells)", evidence.cells.len()),
        };
        let advice = format!("{}{place}: {}", warning.as_str(), judge::advice(warning));
        wrapped(text, &advice, usize::from(style.width));
    }
}

/// Adds words, indented, in lines of at most `width` columns.
pub(crate) fn wrapped(text: &mut String, words: &str, width: usize) {
    let mut row = String::from(" ");
    for word in words.split_whitespace() {
        if row.chars().count() + 1 + word.chars().count() > width {
            line(text, &row);
            row = String::from("   ");
        }
        row.push(' ');
        row.push_str(word);
    }
    line(text, row);
}
