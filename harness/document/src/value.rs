//! Values of a table and their formatting. Units, digits and placeholders are decided here, for
//! every format.

use std::borrow::Cow;

use num_format::{CustomFormat, Grouping, ToFormattedString};
use shardproof_evidence::Warning;

/// Placeholder for an empty value.
pub const NONE: &str = "–";
/// Separator of digit groups: a narrow no-break space.
const GROUP: &str = "\u{202f}";
/// Minimum number of samples beyond a quantile: with fewer, it is hardly more than the maximum.
const SAMPLES_BEYOND_MIN: f64 = 10.0;

/// The value of one column for one record.
#[derive(Clone, PartialEq, Debug)]
pub enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// A command or a name, set as code.
    Code(Cow<'a, str>),
    /// A judgement.
    Judged(Tone, Cow<'a, str>),
    /// Text that links to a section (`#id`) or to a file within the folder of the evidence: target,
    /// then text.
    Link(Cow<'a, str>, Cow<'a, str>),
    /// The warnings about the record.
    Warnings(&'a [Warning]),
    /// The warning that a row gives advice on.
    Advised(Warning),
    /// Yes or no.
    Flag(bool),
    /// A count.
    Count(u64),
    /// A measured number.
    Number(Quantity, f64),
    /// The low and the high end of an interval.
    Interval(Quantity, f64, f64),
    /// A value that exists but must not be shown.
    Withheld(WithheldReason),
    /// Nothing was observed, with the reason; empty if that needs no explanation.
    NotObserved(&'static str),
}

/// How good or bad a judgement is. Worse is greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tone {
    /// Good.
    Good,
    /// Undecided, or to be used with care.
    Open,
    /// Bad.
    Bad,
}

/// Why a value is withheld.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum WithheldReason {
    /// A check of the answers failed: the rate of wrong answers is not a throughput.
    Invalid,
    /// Reads through the snapshot were wrong: its cost is not the cost of a snapshot.
    WrongAnswers,
    /// Too few samples for this quantile.
    FewSamples,
}

impl WithheldReason {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::Invalid, Self::WrongAnswers, Self::FewSamples];

    /// What is shown in place of the value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::WrongAnswers => "wrong-answers",
            Self::FewSamples => "few-samples",
        }
    }
}

/// The quantity that a number measures. It determines the unit for display.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Quantity {
    /// A duration, in nanoseconds.
    Ns,
    /// A duration, in milliseconds.
    Ms,
    /// A duration, in seconds.
    S,
    /// A rate, in operations per second.
    Rate,
    /// Bytes, possibly negative.
    Bytes,
    /// A share, between 0 and 1.
    Share,
    /// A ratio, or another number without a unit.
    Ratio,
}

/// A unit for display.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Unit {
    /// Its name; empty for numbers without a unit.
    pub name: &'static str,
    /// Its size in the quantity's base unit.
    pub size: f64,
}

impl Quantity {
    /// The unit for values with absolute values in this range: a table uses one unit for all its
    /// values of a quantity.
    #[must_use]
    pub fn unit(self, least: f64, most: f64) -> Unit {
        let unit = |name, size| Unit { name, size };
        match self {
            Self::Ns if least >= 1e6 => unit("ms", 1e6),
            Self::Ns if least >= 1e3 => unit("µs", 1e3),
            Self::Ns => unit("ns", 1.0),
            Self::Ms => unit("ms", 1.0),
            Self::S => unit("s", 1.0),
            Self::Rate if most >= 1e6 => unit("Mops/s", 1e6),
            Self::Rate if most >= 1e3 => unit("kops/s", 1e3),
            Self::Rate => unit("ops/s", 1.0),
            Self::Bytes if most >= 1e10 => unit("GB", 1e9),
            Self::Bytes if most >= 1e8 => unit("MB", 1e6),
            Self::Bytes if most >= 1e5 => unit("kB", 1e3),
            Self::Bytes => unit("B", 1.0),
            Self::Share => unit("%", 0.01),
            Self::Ratio => unit("", 1.0),
        }
    }
}

/// A value as data, for CSV and JSON.
#[derive(Clone, PartialEq, Debug)]
pub enum Datum<'a> {
    /// Not observed, or withheld.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Whole(u64),
    /// A number, rounded to the precision of a measurement.
    Number(f64),
    /// Text, possibly from an untrusted file.
    Text(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// A quantile of this many samples; withheld if fewer than ten samples lie beyond it.
    #[must_use]
    pub fn quantile(quantile: f64, samples: u64, ns: f64) -> Self {
        // In floating point, 1 - 0.9 is slightly less than 0.1: that must not withhold a value.
        let beyond = (1.0 - quantile) * samples as f64;
        if beyond + 1e-6 < SAMPLES_BEYOND_MIN {
            return Self::Withheld(WithheldReason::FewSamples);
        }
        Self::Number(Quantity::Ns, ns)
    }

    /// A number, or an empty value.
    #[must_use]
    pub fn known(quantity: Quantity, number: Option<f64>) -> Self {
        number.map_or(Self::NotObserved(""), |number| Self::Number(quantity, number))
    }

    /// The value as text. Numbers are in this unit, which the column's heading names.
    #[must_use]
    pub fn text(&self, unit: Unit) -> Cow<'a, str> {
        let number = |number: f64| significant(number / unit.size);
        match self {
            Self::Text(text) | Self::Code(text) | Self::Judged(_, text) | Self::Link(_, text) => {
                text.clone()
            }
            Self::Warnings(warnings) => names(warnings).into(),
            Self::Advised(warning) => warning.as_str().into(),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.into(),
            Self::Count(count) => whole(*count).into(),
            Self::Number(_, value) => number(*value).into(),
            Self::Interval(_, low, high) => format!("{}..{}", number(*low), number(*high)).into(),
            Self::Withheld(reason) => reason.as_str().into(),
            Self::NotObserved("") => NONE.into(),
            Self::NotObserved(why) => (*why).into(),
        }
    }

    /// The value as data: two items for an interval, otherwise one.
    #[must_use]
    pub fn data(&self) -> [Datum<'a>; 2] {
        let number = |number: f64| match rounded(number) {
            number if number.is_finite() => Datum::Number(number),
            _ => Datum::Null,
        };
        let one = match self {
            Self::Text(text) | Self::Code(text) | Self::Judged(_, text) | Self::Link(_, text) => {
                Datum::Text(text.clone())
            }
            Self::Warnings(warnings) => Datum::Text(names(warnings).into()),
            Self::Advised(warning) => Datum::Text(warning.as_str().into()),
            Self::Flag(flag) => Datum::Flag(*flag),
            Self::Count(count) => Datum::Whole(*count),
            Self::Number(_, one) => number(*one),
            Self::Interval(_, low, high) => return [number(*low), number(*high)],
            Self::Withheld(_) | Self::NotObserved(_) => Datum::Null,
        };
        [one, Datum::Null]
    }

    /// Whether it is text rather than a number.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        !matches!(
            self,
            Self::Count(_)
                | Self::Number(..)
                | Self::Interval(..)
                | Self::Withheld(_)
                | Self::NotObserved(_)
        )
    }

    /// How good or bad it is, if it is a judgement.
    #[must_use]
    pub const fn tone(&self) -> Option<Tone> {
        match self {
            Self::Judged(tone, _) => Some(*tone),
            Self::Withheld(WithheldReason::Invalid | WithheldReason::WrongAnswers) => {
                Some(Tone::Bad)
            }
            Self::Withheld(WithheldReason::FewSamples) | Self::Warnings(_) | Self::Advised(_) => {
                Some(Tone::Open)
            }
            _ => None,
        }
    }

    /// The quantity with the low and high end of a number or interval.
    pub(crate) const fn range(&self) -> Option<(Quantity, f64, f64)> {
        match self {
            Self::Number(quantity, number) => Some((*quantity, *number, *number)),
            Self::Interval(quantity, low, high) => Some((*quantity, *low, *high)),
            _ => None,
        }
    }
}

/// A text value.
pub(crate) fn text<'a>(text: impl Into<Cow<'a, str>>) -> Value<'a> {
    Value::Text(text.into())
}

/// A count.
pub(crate) const fn count<'a>(count: usize) -> Value<'a> {
    Value::Count(count as u64)
}

/// A duration in nanoseconds.
pub(crate) const fn ns<'a>(ns: f64) -> Value<'a> {
    Value::Number(Quantity::Ns, ns)
}

/// A measured number with its unit, for use outside tables.
pub(crate) fn with_unit(quantity: Quantity, number: f64) -> String {
    let unit = quantity.unit(number.abs(), number.abs());
    let figure = significant(number / unit.size);
    if unit.name.is_empty() { figure } else { format!("{figure}{GROUP}{}", unit.name) }
}

/// Formats a number with three significant digits.
#[must_use]
pub fn significant(number: f64) -> String {
    if !number.is_finite() {
        return NONE.to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    // Use the power of ten of the rounded number: 9.996 is 10.0, not 10.00.
    let scientific = format!("{:.2e}", number.abs());
    let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let rounded: f64 = scientific.parse().unwrap_or(number.abs());
    let text = match power {
        15.. => format!("{mantissa}e{power}"),
        2.. => whole(rounded as u64),
        -4..2 => format!("{rounded:.*}", (2 - power) as usize),
        _ => format!("{mantissa}e{power}"),
    };
    if number < 0.0 { format!("-{text}") } else { text }
}

/// Formats a whole number with its digits in groups of three.
#[must_use]
pub fn whole(number: u64) -> String {
    let format = CustomFormat::builder().grouping(Grouping::Standard).separator(GROUP).build();
    format.map_or_else(|_| number.to_string(), |format| number.to_formatted_string(&format))
}

/// "1 cell", "2 cells".
#[must_use]
pub fn counted(number: usize, one: &str) -> String {
    format!("{} {one}{}", whole(number as u64), if number == 1 { "" } else { "s" })
}

/// Formats a share in percent.
#[must_use]
pub fn percent(share: f64) -> String {
    with_unit(Quantity::Share, share)
}

/// Rounds to six significant digits, more than any measurement has. Whole numbers are counts and
/// stay exact.
fn rounded(number: f64) -> f64 {
    if number.fract() == 0.0 {
        return number;
    }
    format!("{number:.5e}").parse().unwrap_or(number)
}

fn names(warnings: &[Warning]) -> String {
    warnings.iter().map(|warning| warning.as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_significant_digits_at_any_size() {
        for (number, text) in [
            (0.0, "0"),
            (9.996, "10.0"),
            (0.385_187_149_047_851_56, "0.385"),
            (0.000_012_34, "1.23e-5"),
            (25.981_548, "26.0"),
            (999.6, "1\u{202f}000"),
            (1_234_567.0, "1\u{202f}230\u{202f}000"),
            (-4.0, "-4.00"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(significant(number), text);
        }
        assert_eq!(
            (counted(1, "cell"), counted(2_000, "cell")),
            ("1 cell".into(), "2\u{202f}000 cells".into())
        );
    }

    #[test]
    fn data_are_rounded_to_the_precision_of_a_measurement() {
        let data = |number| Value::Number(Quantity::Ns, number).data()[0].clone();
        assert_eq!(data(0.385_187_149_047_851_56), Datum::Number(0.385_187));
        assert_eq!(data(8_000_000.0), Datum::Number(8_000_000.0));
        assert_eq!((data(f64::NAN), data(-0.0)), (Datum::Null, Datum::Number(0.0)));
    }

    #[test]
    fn a_quantile_requires_ten_samples_beyond_it() {
        let is_shown = |quantile, samples| Value::quantile(quantile, samples, 1.0) == ns(1.0);
        for (quantile, least) in
            [(0.5, 20), (0.9, 100), (0.99, 1_000), (0.999, 10_000), (0.9999, 100_000)]
        {
            assert!(is_shown(quantile, least) && !is_shown(quantile, least - 1), "{quantile}");
        }
        assert_eq!(Value::quantile(0.99, 3, 1.0), Value::Withheld(WithheldReason::FewSamples));
    }

    #[test]
    fn withheld_and_unknown_values_are_null_as_data_and_explained_as_text() {
        let unit = Quantity::Ratio.unit(1.0, 1.0);
        for (value, expected) in [
            (Value::Withheld(WithheldReason::Invalid), "invalid"),
            (Value::NotObserved("not counted"), "not counted"),
            (Value::NotObserved(""), NONE),
        ] {
            assert_eq!(
                (value.text(unit).as_ref(), value.data()[0].clone()),
                (expected, Datum::Null)
            );
        }
    }
}
