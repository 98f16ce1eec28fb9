//! Axes: where a value lies, and which values are written beside the line.

use std::fmt::Write;

/// One axis.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Axis {
    /// What it shows, with its unit.
    pub label: String,
    /// How values are laid out.
    pub scale: Scale,
    /// The first place.
    pub low: f64,
    /// The last place.
    pub high: f64,
    /// Places that are written out.
    pub ticks: Vec<(f64, String)>,
}

/// How values are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scale {
    /// Equal differences take equal room.
    Linear,
    /// Equal ratios take equal room.
    Log,
    /// Each further nine of a quantile takes equal room.
    Nines,
}

impl Scale {
    /// The place of a value; none where it has none, as 0 has on a logarithmic axis.
    pub(crate) fn place(self, value: f64) -> Option<f64> {
        let place = match self {
            Self::Linear => value,
            Self::Log => value.log10(),
            Self::Nines => -(1.0 - value).log10(),
        };
        place.is_finite().then_some(place)
    }
}

impl Axis {
    /// From 0 to a little above the largest value.
    pub(crate) fn from_zero(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let most = values.into_iter().filter(|value| value.is_finite()).fold(0.0, f64::max);
        let most = if most > 0.0 { most } else { 1.0 };
        Self::linear(label, 0.0, most * 1.08)
    }

    /// From the smallest value, or 0, to the largest, or 0, with some room.
    pub(crate) fn around_zero(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = values
            .into_iter()
            .filter(|value| value.is_finite())
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        if low == 0.0 && high == 0.0 {
            return Self::linear(label, 0.0, 1.0);
        }
        let room = (high - low) * 0.08;
        Self::linear(label, if low < 0.0 { low - room } else { 0.0 }, high + room)
    }

    /// From the smallest value to the largest, with some room.
    pub(crate) fn between(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = values
            .into_iter()
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        let room = (high - low) * 0.05;
        if room > 0.0 && room.is_finite() {
            return Self::linear(label, low - room, high + room);
        }
        // One value stands in the middle, and none leaves an empty axis.
        let middle = if low.is_finite() { low } else { 0.5 };
        Self::linear(label, middle - 0.5, middle + 0.5)
    }

    /// Whole decades, or parts of them, around positive values. `unit` turns a power of ten into words.
    pub(crate) fn log(
        label: &str,
        values: impl IntoIterator<Item = f64>,
        unit: fn(f64) -> String,
    ) -> Self {
        let places = values.into_iter().filter_map(|value| Scale::Log.place(value));
        let (mut low, mut high) = places
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), place| {
                (low.min(place), high.max(place))
            });
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let room = ((high - low) * 0.06).max(0.05);
        (low, high) = (low - room, high + room);
        let ticks = log_ticks(low, high, unit);
        if ticks.len() < 2 {
            // Within one step: from the power of ten below to the one above.
            (low, high) = (low.floor(), high.ceil());
        }
        let ticks = log_ticks(low, high, unit);
        Self { label: label.to_owned(), scale: Scale::Log, low, high, ticks }
    }

    /// Quantiles from 0 to one with so many nines.
    pub(crate) fn nines(label: &str, nines: f64) -> Self {
        let high = nines.max(1.0);
        let last = high as usize;
        // Beyond four nines the words get as long as the room: from six on every second has none.
        let is_silent = |count: usize| last >= 6 && count > 4 && (last - count) % 2 == 1;
        let word = |count| if is_silent(count) { String::new() } else { nine(count) };
        let ticks = (0..=last).map(|count| (count as f64, word(count))).collect();
        Self { label: label.to_owned(), scale: Scale::Nines, low: 0.0, high: high * 1.03, ticks }
    }

    /// A number of things, each that there is written out where there is room.
    pub(crate) fn counts(label: &str, counts: &[usize]) -> Self {
        let least = counts.iter().min().copied().unwrap_or(1) as f64;
        let most = counts.iter().max().copied().unwrap_or(1) as f64;
        let room = if most > least { (most - least) * 0.07 } else { 1.0 };
        let (low, high) = (least - room, most + room);
        let mut ticks: Vec<(f64, String)> = Vec::new();
        for count in counts {
            let place = *count as f64;
            let apart = (high - low) / TICKS_MAX;
            if ticks.last().is_none_or(|(last, _)| place - last >= apart) {
                ticks.push((place, count.to_string()));
            }
        }
        Self { label: label.to_owned(), scale: Scale::Linear, low, high, ticks }
    }

    /// Where the middle of its room is moved by `part` of its length.
    pub(crate) fn part(&self, part: f64) -> f64 {
        (self.high - self.low) * part
    }

    fn linear(label: &str, low: f64, high: f64) -> Self {
        let step = nice((high - low) / 5.0);
        let first = (low / step).ceil() as i64;
        let last = (high / step).floor() as i64;
        let ticks = (first..=last).map(|number| {
            let value = number as f64 * step;
            (value, plain(value, step))
        });
        Self { label: label.to_owned(), scale: Scale::Linear, low, high, ticks: ticks.collect() }
    }
}

/// How many numbers of threads there is room for beside an axis.
const TICKS_MAX: f64 = 18.0;

/// Nanoseconds in the unit that makes them short.
pub(crate) fn time(ns: f64) -> String {
    prefixed(ns, &[("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9)])
}

/// A number with the letter for thousands, millions or milliards.
pub(crate) fn count(number: f64) -> String {
    prefixed(number, &[("", 1.0), ("k", 1e3), ("M", 1e6), ("G", 1e9)])
}

fn prefixed(number: f64, units: &[(&str, f64)]) -> String {
    let fitting = units.iter().rev().find(|(_, size)| number >= size * 0.9999);
    let (unit, size) = fitting.unwrap_or(&units[0]);
    let digits = (number / size * 100.0).round() / 100.0;
    let space = if unit.len() > 1 || *unit == "s" { " " } else { "" };
    format!("{digits}{space}{unit}").replace("us", "µs")
}

/// 1, 2 or 5 times a power of ten: the first that is not below `step`.
fn nice(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step * 0.999);
    factor.unwrap_or(10.0) * power
}

fn plain(value: f64, step: f64) -> String {
    if value.abs() >= 10_000.0 {
        return if value < 0.0 { format!("-{}", count(-value)) } else { count(value) };
    }
    let digits = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{value:.digits$}")
}

fn log_ticks(low: f64, high: f64, unit: fn(f64) -> String) -> Vec<(f64, String)> {
    let factors: &[f64] = if high - low > 1.6 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let every = (((high - low) / 9.0).ceil() as i32).max(1);
    let mut ticks = Vec::new();
    for power in low.floor() as i32..=high.ceil() as i32 {
        for factor in factors {
            let value = factor * 10f64.powi(power);
            let place = value.log10();
            if power % every == 0 && (low..=high).contains(&place) {
                ticks.push((place, unit(value)));
            }
        }
    }
    ticks
}

fn nine(count: usize) -> String {
    match count {
        0 => "0".to_owned(),
        1 => "90".to_owned(),
        2 => "99".to_owned(),
        _ => {
            let mut text = "99.".to_owned();
            let _ = write!(text, "{}", "9".repeat(count - 2));
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, word)| word.as_str()).collect()
    }

    #[test]
    fn every_nine_takes_the_same_room() {
        let axis = Axis::nines("percentile", 4.3);
        assert_eq!(words(&axis), ["0", "90", "99", "99.9", "99.99"]);
        for (place, word) in &axis.ticks {
            let quantile: f64 = word.parse::<f64>().unwrap() / 100.0;
            assert!((Scale::Nines.place(quantile).unwrap() - place).abs() < 1e-9);
        }
        assert_eq!(Scale::Nines.place(1.0), None, "the longest has no place of its own");
        let long = Axis::nines("percentile", 7.2);
        assert_eq!(words(&long)[4..], ["99.99", "99.999", "", "99.99999"]);
    }

    #[test]
    fn an_axis_of_times_has_at_least_two_ticks_however_close_the_values_are() {
        for values in [[40.0, 41.0], [1.0, 1e9], [0.0, 0.0], [99.0, 101.0]] {
            let axis = Axis::log("latency", values, time);
            assert!((2..=12).contains(&axis.ticks.len()), "{values:?}: {:?}", axis.ticks);
            for value in values.into_iter().filter_map(|value| Scale::Log.place(value)) {
                assert!((axis.low..=axis.high).contains(&value));
            }
        }
    }

    #[test]
    fn a_linear_axis_begins_at_zero_and_holds_the_largest() {
        let axis = Axis::from_zero("Mops/s", [3.0, 52.0, f64::NAN]);
        assert_eq!(words(&axis), ["0", "20", "40"]);
        assert!(axis.high > 52.0);
        assert_eq!(words(&Axis::from_zero("x", [])), ["0.0", "0.5", "1.0"]);
    }

    #[test]
    fn an_axis_between_values_holds_all_of_them_and_little_else() {
        let axis = Axis::between("s", [8.5, 9.5, f64::NAN]);
        assert!((8.4..8.5).contains(&axis.low) && axis.high > 9.5 && axis.high < 9.6);
        assert_eq!(words(&axis), ["8.5", "9.0", "9.5"]);
        assert_eq!(words(&Axis::between("s", [3.0])), ["2.6", "2.8", "3.0", "3.2", "3.4"]);
        assert!(!Axis::between("s", []).ticks.is_empty());
    }

    #[test]
    fn two_numbers_of_threads_or_one_make_an_axis_too() {
        assert_eq!(words(&Axis::counts("threads", &[1, 2])), ["1", "2"]);
        assert_eq!(words(&Axis::counts("threads", &[4])), ["4"]);
        let many: Vec<usize> = (1..=64).collect();
        assert!(Axis::counts("threads", &many).ticks.len() <= 18);
    }

    #[test]
    fn units_grow_with_the_number() {
        assert_eq!([1.0, 1e3, 2e6, 5e9].map(time), ["1 ns", "1 µs", "2 ms", "5 s"]);
        assert_eq!([1.0, 1e3, 2e6].map(count), ["1", "1k", "2M"]);
    }
}
