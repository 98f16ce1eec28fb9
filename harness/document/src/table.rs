//! A table: one list of columns, each with how its value comes from a record.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use shardproof_evidence::Spread;

use crate::terms::{self, Term};
use crate::value::{Quantity, Reason, Unit, Value, count};

/// Where something is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Detail {
    /// In every format.
    Everywhere,
    /// On pages (HTML, Markdown) and as data: too long for a terminal.
    Pages,
    /// As data only (CSV, JSON): people read it from the prose, or not at all.
    Data,
}

/// What a column is to its rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Rows with the same value stand under it.
    Group,
    /// It names the row.
    Name,
    /// It is measured, and withheld where the record is wrong.
    Figure,
    /// It is about the row, and never withheld.
    Note,
}

/// The value of a column for the record of this number.
type Get<'a> = Box<dyn Fn(usize) -> Value<'a> + 'a>;

/// One column.
pub struct Column<'a> {
    /// Its name as data, with the unit last. No two columns of a table share it.
    pub key: Cow<'a, str>,
    /// The name of an interval's high end as data; `key` is then that of its low end.
    pub high_key: Option<Cow<'a, str>>,
    /// Its head.
    pub heading: Cow<'a, str>,
    /// What it means.
    pub term: &'static Term,
    /// What it is to its rows.
    pub role: Role,
    /// Where it is shown.
    pub detail: Detail,
    /// Columns of the highest number are dropped first where there is no room; 0 is never dropped.
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

/// A table. Its values are computed when they are asked for.
#[derive(Debug)]
pub struct Table<'a> {
    /// Its name as data.
    pub id: Cow<'a, str>,
    /// What it shows.
    pub caption: Cow<'a, str>,
    /// Where it is shown.
    pub detail: Detail,
    /// Its columns.
    pub columns: Vec<Column<'a>>,
    /// How many rows it has.
    len: usize,
    /// The rows that are not shown in a terminal, by number; none if all are.
    long: Vec<bool>,
    /// The unit of each quantity.
    units: BTreeMap<Quantity, Unit>,
}

impl<'a> Table<'a> {
    /// A table of these records, without columns yet.
    pub(crate) fn of<R: 'a>(
        id: impl Into<Cow<'a, str>>,
        caption: impl Into<Cow<'a, str>>,
        records: Vec<R>,
    ) -> Builder<'a, R> {
        let (id, caption) = (id.into(), caption.into());
        let (detail, len) = (Detail::Everywhere, records.len());
        let (columns, long, units) = (Vec::new(), Vec::new(), BTreeMap::new());
        let table = Self { id, caption, detail, columns, len, long, units };
        Builder { table, records: Rc::new(records), withheld: None }
    }

    /// How many rows it has as data.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The numbers of the rows that are shown there.
    pub fn rows(&self, detail: Detail) -> impl Iterator<Item = usize> {
        (0..self.len).filter(move |row| {
            detail > Detail::Everywhere || !self.long.get(*row).copied().unwrap_or(false)
        })
    }

    /// The columns that are shown there.
    pub fn shown(&self, detail: Detail) -> impl Iterator<Item = &Column<'a>> {
        self.columns.iter().filter(move |column| column.detail <= detail)
    }

    /// The value of a column in a row.
    #[must_use]
    pub fn value(&self, column: &Column<'a>, row: usize) -> Value<'a> {
        (column.get)(row)
    }

    /// The value as people read it, in the unit of the table.
    #[must_use]
    pub fn text(&self, column: &Column<'a>, row: usize) -> Cow<'a, str> {
        let value = self.value(column, row);
        let quantity = value.figure().map_or(Quantity::Ratio, |(quantity, ..)| quantity);
        value.text(self.unit(quantity))
    }

    /// The unit of a column; empty where its values have none.
    #[must_use]
    pub fn unit_name(&self, column: &Column<'a>) -> &'static str {
        let figure = (0..self.len).find_map(|row| self.value(column, row).figure());
        figure.map_or("", |(quantity, ..)| self.unit(quantity).name)
    }

    fn unit(&self, quantity: Quantity) -> Unit {
        self.units.get(&quantity).copied().unwrap_or_else(|| quantity.unit(1.0, 1.0))
    }

    /// The columns that say something there, which people see.
    #[must_use]
    pub fn told(&self, detail: Detail) -> Vec<&Column<'a>> {
        let says = |value: Value<'a>| match value {
            Value::Text(text) | Value::Code(text) | Value::Link(_, text) => !text.is_empty(),
            Value::Warnings(warnings) => !warnings.is_empty(),
            Value::NotObserved(why) => !why.is_empty(),
            _ => true,
        };
        let is_told = |column: &&Column<'a>| {
            column.role != Role::Group
                && (column.role == Role::Name
                    || self.rows(detail).any(|row| says(self.value(column, row))))
        };
        self.shown(detail).filter(is_told).collect()
    }

    /// A row of some columns, as people read it. Where all figures are withheld for one reason, it
    /// is said once.
    pub fn cells(&self, columns: &[&Column<'a>], row: usize) -> Vec<(Value<'a>, Cow<'a, str>)> {
        let mut cells: Vec<Value<'a>> =
            columns.iter().map(|column| self.value(column, row)).collect();
        let is_figure = |index: &usize| columns[*index].role == Role::Figure;
        let figures: Vec<usize> = (0..cells.len()).filter(is_figure).collect();
        if let [first, rest @ ..] = &figures[..]
            && matches!(cells[*first], Value::Withheld(_))
            && rest.iter().all(|index| cells[*index] == cells[*first])
        {
            rest.iter().for_each(|index| cells[*index] = Value::Text("".into()));
        }
        let text = |value: &Value<'a>| {
            let quantity = value.figure().map_or(Quantity::Ratio, |(quantity, ..)| quantity);
            value.text(self.unit(quantity))
        };
        cells.into_iter().map(|value| (value.clone(), text(&value))).collect()
    }

    /// The name of the group that a row is in: the values of all columns of that role.
    #[must_use]
    pub fn group(&self, detail: Detail, row: usize) -> String {
        let columns = self.shown(detail).filter(|column| column.role == Role::Group);
        let name = |column: &Column<'a>| match self.value(column, row) {
            Value::Count(_) => format!("{} {}", column.heading, self.text(column, row)),
            _ => self.text(column, row).into_owned(),
        };
        columns.map(name).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
    }

    /// The figures of a row that are withheld, and why.
    pub fn withheld(&self, row: usize) -> impl Iterator<Item = (&Column<'a>, Reason)> {
        self.columns.iter().filter_map(move |column| match self.value(column, row) {
            Value::Withheld(reason) => Some((column, reason)),
            _ => None,
        })
    }
}

/// Why the figures of a record are withheld, if they are.
type Withheld<'a, R> = Rc<dyn Fn(&R) -> Option<Reason> + 'a>;

/// A table in the making.
pub(crate) struct Builder<'a, R> {
    /// The table so far.
    table: Table<'a>,
    /// Its records.
    records: Rc<Vec<R>>,
    /// Whose figures are withheld.
    withheld: Option<Withheld<'a, R>>,
}

impl<'a, R: 'a> Builder<'a, R> {
    /// Withholds the figures of some records. Of columns that follow.
    pub(crate) fn withheld(mut self, why: impl Fn(&R) -> Option<Reason> + 'a) -> Self {
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
        let withheld = self.withheld.clone().filter(|_| role == Role::Figure);
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

    /// Rows with the same value stand under it.
    pub(crate) fn group(
        self,
        key: &'static str,
        term: &'static Term,
        value: impl Fn(&R) -> Value<'a> + 'a,
    ) -> Self {
        self.column(Role::Group, key, term, value)
    }

    /// The part of merged evidence, counted from 1; people see it where there is more than one.
    pub(crate) fn part(self, parts: usize, part: impl Fn(&R) -> usize + 'a) -> Self {
        let detail = if parts > 1 { Detail::Everywhere } else { Detail::Data };
        self.group("part", &terms::PART, move |record| count(part(record) + 1)).only(detail)
    }

    /// A column that names the row.
    pub(crate) fn name(
        self,
        key: &'static str,
        term: &'static Term,
        value: impl Fn(&R) -> Value<'a> + 'a,
    ) -> Self {
        self.column(Role::Name, key, term, value)
    }

    /// A column of figures.
    pub(crate) fn figure(
        self,
        key: impl Into<Cow<'a, str>>,
        term: &'static Term,
        value: impl Fn(&R) -> Value<'a> + 'a,
    ) -> Self {
        self.column(Role::Figure, key, term, value)
    }

    /// A column about the row that is no figure.
    pub(crate) fn note(
        self,
        key: impl Into<Cow<'a, str>>,
        term: &'static Term,
        value: impl Fn(&R) -> Value<'a> + 'a,
    ) -> Self {
        self.column(Role::Note, key, term, value)
    }

    /// A median and its interval: `NAME_median_UNIT`, `NAME_low_UNIT` and `NAME_high_UNIT`, and as data also
    /// `NAME_coverage`. The interval is dropped before the median.
    pub(crate) fn spread(
        self,
        (name, unit): (&str, &str),
        term: &'static Term,
        quantity: Quantity,
        spread: impl Fn(&R) -> Option<Spread> + 'a,
    ) -> Self {
        // A median without a unit goes by the name alone: `scaling`, `scaling_low`, `scaling_high`.
        let what = if unit.is_empty() && !name.is_empty() { "" } else { "median" };
        let key = |what: &str| {
            let words = [name, what, unit].into_iter().filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join("_")
        };
        let spread = Rc::new(spread);
        let (interval, coverage) = (Rc::clone(&spread), Rc::clone(&spread));
        let builder = self
            .figure(key(what), term, move |record| {
                Value::known(quantity, spread(record).map(|spread| spread.median))
            })
            .figure(key("low"), &terms::INTERVAL, move |record| {
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
        builder.figure(name, &terms::COVERAGE, coverage).only(Detail::Data)
    }

    fn last(mut self, change: impl FnOnce(&mut Column<'a>)) -> Self {
        if let Some(last) = self.table.columns.last_mut() {
            change(last);
        }
        self
    }

    /// Gives the last column a head of its own.
    pub(crate) fn called(self, heading: impl Into<Cow<'a, str>>) -> Self {
        self.last(|column| column.heading = heading.into())
    }

    /// Gives the median of the last spread a head of its own, and both it and its interval a
    /// priority.
    pub(crate) fn spread_called(
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

    /// Says that the last column is an interval, and how its high end is called as data.
    pub(crate) fn interval(self, high_key: impl Into<Cow<'a, str>>) -> Self {
        self.last(|column| column.high_key = Some(high_key.into()))
    }

    /// Says where the last column is shown.
    pub(crate) fn only(self, detail: Detail) -> Self {
        self.last(|column| column.detail = detail)
    }

    /// Says how soon the last column is dropped.
    pub(crate) fn priority(self, priority: u8) -> Self {
        self.last(|column| column.priority = priority)
    }

    /// Leaves rows that this holds for out of terminals.
    pub(crate) fn long(mut self, is_long: impl Fn(&R) -> bool) -> Self {
        self.table.long = self.records.iter().map(is_long).collect();
        self
    }

    /// Says where the table is shown.
    pub(crate) fn detail(mut self, detail: Detail) -> Self {
        self.table.detail = detail;
        self
    }

    /// The table, with the unit of each quantity in it.
    pub(crate) fn done(mut self) -> Table<'a> {
        let mut ends: BTreeMap<Quantity, (f64, f64)> = BTreeMap::new();
        for column in &self.table.columns {
            for row in 0..self.table.len {
                let Some((quantity, low, high)) = (column.get)(row).figure() else { continue };
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
