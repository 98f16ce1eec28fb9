//! Tables: a list of columns, each with a function from a record to its value.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use shardproof_evidence::Spread;

use crate::terms::{self, Term};
use crate::value::{Quantity, Unit, Value, WithheldReason, count};

/// Where something is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Detail {
    /// In every format.
    Everywhere,
    /// On pages (HTML, Markdown) and as data: too long for a terminal.
    Pages,
    /// Only as data (CSV, JSON).
    Data,
}

/// The role of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Rows with the same value are grouped under it.
    Group,
    /// It names the row.
    Name,
    /// A measured value, withheld if the record is invalid.
    Metric,
    /// A remark on the row, never withheld.
    Note,
}

/// The value of a column for the record of this number.
type Get<'a> = Box<dyn Fn(usize) -> Value<'a> + 'a>;

/// One column.
pub struct Column<'a> {
    /// Its name as data, ending in the unit; unique within the table.
    pub key: Cow<'a, str>,
    /// For an interval, the name of its high end as data; `key` is then the name of its low end.
    pub high_key: Option<Cow<'a, str>>,
    /// Its heading.
    pub heading: Cow<'a, str>,
    /// Its definition.
    pub term: &'static Term,
    /// Its role.
    pub role: Role,
    /// Where it is shown.
    pub detail: Detail,
    /// Columns with the highest number are dropped first if space is short; 0 is never dropped.
    pub priority: u8,
    /// Its values.
    get: Get<'a>,
}

impl Column<'_> {
    /// Its names as data: two for an interval.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        [Some(&*self.key), self.high_key.as_deref()].into_iter().flatten()
    }
}

impl fmt::Debug for Column<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, role, detail, priority, .. } = self;
        write!(formatter, "{key}: {role:?} {detail:?} {priority}")
    }
}

/// A table. Values are computed on access.
#[derive(Debug)]
pub struct Table<'a> {
    /// Its name as data.
    pub id: Cow<'a, str>,
    /// Its caption.
    pub caption: Cow<'a, str>,
    /// Where it is shown.
    pub detail: Detail,
    /// Its columns.
    pub columns: Vec<Column<'a>>,
    /// Its number of rows.
    len: usize,
    /// Whether each row is hidden in a terminal; empty if none is.
    hidden_in_terminal: Vec<bool>,
    /// The unit of each quantity.
    units: BTreeMap<Quantity, Unit>,
}

impl<'a> Table<'a> {
    /// Starts a table of these records, without columns.
    pub(crate) fn builder<R: 'a>(
        id: impl Into<Cow<'a, str>>,
        caption: impl Into<Cow<'a, str>>,
        records: Vec<R>,
    ) -> TableBuilder<'a, R> {
        let (id, caption) = (id.into(), caption.into());
        let (detail, len) = (Detail::Everywhere, records.len());
        let (columns, hidden_in_terminal, units) = (Vec::new(), Vec::new(), BTreeMap::new());
        let table = Self { id, caption, detail, columns, len, hidden_in_terminal, units };
        TableBuilder { table, records: Rc::new(records), withheld: None }
    }

    /// Its number of rows as data.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The numbers of the rows shown at this level of detail.
    pub fn rows(&self, detail: Detail) -> impl Iterator<Item = usize> {
        (0..self.len).filter(move |row| {
            detail > Detail::Everywhere
                || !self.hidden_in_terminal.get(*row).copied().unwrap_or(false)
        })
    }

    /// The columns shown at this level of detail.
    pub fn shown(&self, detail: Detail) -> impl Iterator<Item = &Column<'a>> {
        self.columns.iter().filter(move |column| column.detail <= detail)
    }

    /// The value of a column in a row.
    #[must_use]
    pub fn value(&self, column: &Column<'a>, row: usize) -> Value<'a> {
        (column.get)(row)
    }

    /// The value as formatted text, in the unit of the table.
    #[must_use]
    pub fn text(&self, column: &Column<'a>, row: usize) -> Cow<'a, str> {
        let value = self.value(column, row);
        let quantity = value.range().map_or(Quantity::Ratio, |(quantity, ..)| quantity);
        value.text(self.unit(quantity))
    }

    /// The unit of a column; empty if its values have none.
    #[must_use]
    pub fn unit_name(&self, column: &Column<'a>) -> &'static str {
        let range = (0..self.len).find_map(|row| self.value(column, row).range());
        range.map_or("", |(quantity, ..)| self.unit(quantity).name)
    }

    fn unit(&self, quantity: Quantity) -> Unit {
        self.units.get(&quantity).copied().unwrap_or_else(|| quantity.unit(1.0, 1.0))
    }

    /// The columns shown at this level of detail, without groups and columns that are empty in all
    /// rows.
    #[must_use]
    pub fn visible_columns(&self, detail: Detail) -> Vec<&Column<'a>> {
        let is_filled = |value: Value<'a>| match value {
            Value::Text(text) | Value::Code(text) | Value::Link(_, text) => !text.is_empty(),
            Value::Warnings(warnings) => !warnings.is_empty(),
            Value::NotObserved(why) => !why.is_empty(),
            _ => true,
        };
        let is_visible = |column: &&Column<'a>| {
            column.role != Role::Group
                && (column.role == Role::Name
                    || self.rows(detail).any(|row| is_filled(self.value(column, row))))
        };
        self.shown(detail).filter(is_visible).collect()
    }

    /// The values of some columns in a row, with their formatted text. If all metrics are withheld
    /// for one reason, only the first shows it.
    pub fn cells(&self, columns: &[&Column<'a>], row: usize) -> Vec<(Value<'a>, Cow<'a, str>)> {
        let mut cells: Vec<Value<'a>> =
            columns.iter().map(|column| self.value(column, row)).collect();
        let is_metric = |index: &usize| columns[*index].role == Role::Metric;
        let metrics: Vec<usize> = (0..cells.len()).filter(is_metric).collect();
        if let [first, rest @ ..] = &metrics[..]
            && matches!(cells[*first], Value::Withheld(_))
            && rest.iter().all(|index| cells[*index] == cells[*first])
        {
            rest.iter().for_each(|index| cells[*index] = Value::Text("".into()));
        }
        let text = |value: &Value<'a>| {
            let quantity = value.range().map_or(Quantity::Ratio, |(quantity, ..)| quantity);
            value.text(self.unit(quantity))
        };
        cells.into_iter().map(|value| (value.clone(), text(&value))).collect()
    }

    /// The name of a row's group: the values of all columns with the role [`Role::Group`].
    #[must_use]
    pub fn group(&self, detail: Detail, row: usize) -> String {
        let columns = self.shown(detail).filter(|column| column.role == Role::Group);
        let name = |column: &Column<'a>| match self.value(column, row) {
            Value::Count(_) => format!("{} {}", column.heading, self.text(column, row)),
            _ => self.text(column, row).into_owned(),
        };
        columns.map(name).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
    }

    /// The withheld values of a row, with their reasons.
    pub fn withheld(&self, row: usize) -> impl Iterator<Item = (&Column<'a>, WithheldReason)> {
        self.columns.iter().filter_map(move |column| match self.value(column, row) {
            Value::Withheld(reason) => Some((column, reason)),
            _ => None,
        })
    }
}

/// Why the metrics of a record are withheld, if they are.
type Withheld<'a, R> = Rc<dyn Fn(&R) -> Option<WithheldReason> + 'a>;

/// Builds a table.
pub(crate) struct TableBuilder<'a, R> {
    /// The table so far.
    table: Table<'a>,
    /// Its records.
    records: Rc<Vec<R>>,
    /// Which records withhold their metrics.
    withheld: Option<Withheld<'a, R>>,
}

impl<'a, R: 'a> TableBuilder<'a, R> {
    /// Withholds the metrics of some records, in the columns that follow.
    pub(crate) fn withheld(mut self, why: impl Fn(&R) -> Option<WithheldReason> + 'a) -> Self {
        self.withheld = Some(Rc::new(why));
        self
    }

    fn column(
        mut self,
        role: Role,
        key: impl Into<Cow<'a, str>>,
        term: &'static Term,
        value: impl Fn(&R) -> Value<'a> + 'a,
    ) -> Self {
        let records = Rc::clone(&self.records);
        let withheld = self.withheld.clone().filter(|_| role == Role::Metric);
        let get = Box::new(move |row: usize| {
            let record = &records[row];
            match withheld.as_ref().and_then(|why| why(record)) {
                Some(reason) => Value::Withheld(reason),
                None => value(record),
            }
        });
        let priority = if matches!(role, Role::Group | Role::Name) { 0 } else { 1 };
        let (key, heading, detail) = (key.into(), term.word.into(), Detail::Everywhere);
        let column = Column { key, high_key: None, heading, term, role, detail, priority, get };
        self.table.columns.push(column);
        self
    }

    /// Rows with the same value are grouped under it.
    pub(crate) fn group(
        self,
        key: &'static str,
        term: &'static Term,
        value: impl Fn(&R) -> Value<'a> + 'a,
    ) -> Self {
        self.column(Role::Group, key, term, value)
    }

    /// A group column for the part of merged evidence, counted from 1; shown if there is more than
    /// one.
    pub(crate) fn part(self, parts: usize, part: impl Fn(&R) -> usize + 'a) -> Self {
        let detail = if parts > 1 { Detail::Everywhere } else { Detail::Data };
        self.group("part", &terms::PART, move |record| count(part(record) + 1)).shown_in(detail)
    }

    /// Adds a column that names the row.
    pub(crate) fn name(
        self,
        key: &'static str,
        term: &'static Term,
        value: impl Fn(&R) -> Value<'a> + 'a,
    ) -> Self {
        self.column(Role::Name, key, term, value)
    }

    /// Adds a column of measured values.
    pub(crate) fn metric(
        self,
        key: impl Into<Cow<'a, str>>,
        term: &'static Term,
        value: impl Fn(&R) -> Value<'a> + 'a,
    ) -> Self {
        self.column(Role::Metric, key, term, value)
    }

    /// Adds a column with a remark on the row.
    pub(crate) fn note(
        self,
        key: impl Into<Cow<'a, str>>,
        term: &'static Term,
        value: impl Fn(&R) -> Value<'a> + 'a,
    ) -> Self {
        self.column(Role::Note, key, term, value)
    }

    /// Adds columns for a median and its interval: `NAME_median_UNIT`, `NAME_low_UNIT` and
    /// `NAME_high_UNIT`, and as data also `NAME_coverage`. The interval is dropped before the
    /// median.
    pub(crate) fn spread(
        self,
        (name, unit): (&str, &str),
        term: &'static Term,
        quantity: Quantity,
        spread: impl Fn(&R) -> Option<Spread> + 'a,
    ) -> Self {
        // Without a unit, the median's key is the name alone: `scaling`, `scaling_low`,
        // `scaling_high`.
        let statistic = if unit.is_empty() && !name.is_empty() { "" } else { "median" };
        let key = |statistic: &str| {
            let words = [name, statistic, unit].into_iter().filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join("_")
        };
        let spread = Rc::new(spread);
        let (interval, coverage) = (Rc::clone(&spread), Rc::clone(&spread));
        let builder = self
            .metric(key(statistic), term, move |record| {
                Value::known(quantity, spread(record).map(|spread| spread.median))
            })
            .metric(key("low"), &terms::INTERVAL, move |record| {
                interval(record).map_or(Value::NotObserved(""), |Spread { low, high, .. }| {
                    Value::Interval(quantity, low, high)
                })
            })
            .priority(3)
            .interval(key("high"));
        let coverage = move |record: &R| {
            Value::known(Quantity::Ratio, coverage(record).map(|spread| spread.coverage))
        };
        let words = [name, "coverage"].into_iter().filter(|word| !word.is_empty());
        let name = words.collect::<Vec<_>>().join("_");
        builder.metric(name, &terms::COVERAGE, coverage).shown_in(Detail::Data)
    }

    fn last(mut self, change: impl FnOnce(&mut Column<'a>)) -> Self {
        if let Some(last) = self.table.columns.last_mut() {
            change(last);
        }
        self
    }

    /// Sets the heading of the last column.
    pub(crate) fn heading(self, heading: impl Into<Cow<'a, str>>) -> Self {
        self.last(|column| column.heading = heading.into())
    }

    /// Sets the heading of the last spread's median, and the priorities of median and interval.
    pub(crate) fn spread_heading(
        mut self,
        heading: impl Into<Cow<'a, str>>,
        [median_priority, interval_priority]: [u8; 2],
    ) -> Self {
        if let [.., median, interval, _] = self.table.columns.as_mut_slice() {
            (median.heading, median.priority) = (heading.into(), median_priority);
            interval.priority = interval_priority;
        }
        self
    }

    /// Makes the last column an interval, and names its high end as data.
    pub(crate) fn interval(self, high_key: impl Into<Cow<'a, str>>) -> Self {
        self.last(|column| column.high_key = Some(high_key.into()))
    }

    /// Sets where the last column is shown.
    pub(crate) fn shown_in(self, detail: Detail) -> Self {
        self.last(|column| column.detail = detail)
    }

    /// Sets how soon the last column is dropped.
    pub(crate) fn priority(self, priority: u8) -> Self {
        self.last(|column| column.priority = priority)
    }

    /// Hides the rows that match in terminals.
    pub(crate) fn hide_in_terminal(mut self, is_hidden: impl Fn(&R) -> bool) -> Self {
        self.table.hidden_in_terminal = self.records.iter().map(is_hidden).collect();
        self
    }

    /// Sets where the table is shown.
    pub(crate) fn detail(mut self, detail: Detail) -> Self {
        self.table.detail = detail;
        self
    }

    /// Finishes the table: chooses one unit for each quantity in it.
    pub(crate) fn build(mut self) -> Table<'a> {
        let mut ends: BTreeMap<Quantity, (f64, f64)> = BTreeMap::new();
        for column in &self.table.columns {
            for row in 0..self.table.len {
                let Some((quantity, low, high)) = (column.get)(row).range() else { continue };
                let (least, most) = ends.entry(quantity).or_insert((f64::INFINITY, 0.0));
                for value in [low.abs(), high.abs()].into_iter().filter(|value| *value > 0.0) {
                    (*least, *most) = (least.min(value), most.max(value));
                }
            }
        }
        let unit = |(quantity, (least, most)): (Quantity, (f64, f64))| {
            (quantity, quantity.unit(least, most))
        };
        self.table.units = ends.into_iter().map(unit).collect();
        self.table
    }
}
