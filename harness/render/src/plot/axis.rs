//! Axes: the coordinates of values, and the ticks.

use std::fmt::Write;

use crate::plot::text::{FONT_SIZE, text_width};

/// One axis.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Axis {
    /// Its label, with the unit.
    pub label: String,
    /// How values are laid out.
    pub scale: Scale,
    /// The lowest coordinate.
    pub low: f64,
    /// The highest coordinate.
    pub high: f64,
    /// Coordinates with their labels.
    pub ticks: Vec<(f64, String)>,
}

/// How values are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scale {
    /// Equal differences take equal space.
    Linear,
    /// Equal ratios take equal space.
    Log,
    /// Each further nine of a quantile takes equal space.
    Nines,
}

impl Scale {
    /// The coordinate of a value; none where it has none, as 0 has on a logarithmic axis.
    pub(crate) fn coordinate(self, value: f64) -> Option<f64> {
        let coordinate = match self {
            Self::Linear => value,
            Self::Log => value.log10(),
            Self::Nines => -(1.0 - value).log10(),
        };
        coordinate.is_finite().then_some(coordinate)
    }
}

impl Axis {
    /// From 0 to a little above the largest value.
    pub(crate) fn from_zero(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let most = values.into_iter().filter(|value| value.is_finite()).fold(0.0, f64::max);
        let most = if most > 0.0 { most } else { 1.0 };
        Self::linear(label, 0.0, most * 1.08)
    }

    /// From the smaller of 0 and the smallest value to the larger of 0 and the largest, with a
    /// margin.
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

    /// Whole decades, or parts of them, around positive values. `unit` turns a power of ten into
    /// words.
    pub(crate) fn log(
        label: &str,
        values: impl IntoIterator<Item = f64>,
        unit: fn(f64) -> String,
    ) -> Self {
        let coordinates = values.into_iter().filter_map(|value| Scale::Log.coordinate(value));
        let (mut low, mut high) = coordinates
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), coordinate| {
                (low.min(coordinate), high.max(coordinate))
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

    /// Quantiles from 0 to one with this many nines.
    pub(crate) fn nines(label: &str, nines: f64) -> Self {
        let high = nines.max(1.0);
        let last = high as usize;
        // Beyond four nines the labels fill the space: from six on, every second one is omitted.
        let is_silent = |count: usize| last >= 6 && count > 4 && (last - count) % 2 == 1;
        let word = |count| if is_silent(count) { String::new() } else { nine(count) };
        let ticks = (0..=last).map(|count| (count as f64, word(count))).collect();
        Self { label: label.to_owned(), scale: Scale::Nines, low: 0.0, high: high * 1.03, ticks }
    }

    /// Counts, each labelled if there is space.
    pub(crate) fn counts(label: &str, counts: &[usize]) -> Self {
        let least = counts.iter().min().copied().unwrap_or(1) as f64;
        let most = counts.iter().max().copied().unwrap_or(1) as f64;
        let room = if most > least { (most - least) * 0.07 } else { 1.0 };
        let (low, high) = (least - room, most + room);
        let mut ticks: Vec<(f64, String)> = Vec::new();
        for count in counts {
            let coordinate = *count as f64;
            let apart = (high - low) / TICKS_MAX;
            if ticks.last().is_none_or(|(last, _)| coordinate - last >= apart) {
                ticks.push((coordinate, count.to_string()));
            }
        }
        Self { label: label.to_owned(), scale: Scale::Linear, low, high, ticks }
    }

    /// Removes labels that would overlap on a horizontal axis of this length.
    pub(crate) fn thinned(&self, pixels: i32) -> Self {
        self.thinned_by(f64::from(pixels), |word| f64::from(text_width(word)) + 8.0)
    }

    /// Removes labels that would overlap on a vertical axis of this length.
    pub(crate) fn thinned_vertical(&self, pixels: i32) -> Self {
        self.thinned_by(f64::from(pixels), |_| f64::from(FONT_SIZE) * 1.4)
    }

    /// Labels at powers of ten take precedence over those between them.
    fn thinned_by(&self, pixels: f64, room_of: impl Fn(&str) -> f64) -> Self {
        let is_power = |coordinate: f64| (coordinate - coordinate.round()).abs() < 1e-9;
        let is_first = |coordinate: f64| self.scale != Scale::Log || is_power(coordinate);
        let mut kept: Vec<(f64, f64)> = Vec::new();
        let mut thinned = self.clone();
        for turn in [true, false] {
            for (coordinate, word) in &mut thinned.ticks {
                if is_first(*coordinate) != turn {
                    continue;
                }
                let middle = (*coordinate - self.low) / (self.high - self.low) * pixels;
                let half = room_of(word) / 2.0;
                let ends = (middle - half, middle + half);
                if word.is_empty() || kept.iter().any(|one| one.0 < ends.1 && ends.0 < one.1) {
                    word.clear();
                } else {
                    kept.push(ends);
                }
            }
        }
        thinned
    }

    /// The pixel of a coordinate between the two ends of the axis. An upright axis begins below.
    pub(crate) fn pixel(&self, coordinate: f64, (from, to): (i32, i32)) -> i32 {
        let part = (coordinate - self.low) / (self.high - self.low);
        from + (part * f64::from(to - from)).round() as i32
    }

    /// The lowest value on the axis.
    pub(crate) fn lowest(&self) -> f64 {
        match self.scale {
            Scale::Log => 10f64.powf(self.low),
            _ => self.low,
        }
    }

    /// A `share` of its length, in coordinates.
    pub(crate) fn length(&self, share: f64) -> f64 {
        (self.high - self.low) * share
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

/// Maximum number of labelled counts.
const TICKS_MAX: f64 = 18.0;

/// Nanoseconds in the most suitable unit.
pub(crate) fn time(ns: f64) -> String {
    prefixed(ns, &[("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9)])
}

/// A number in full, with at most three significant digits.
pub(crate) fn number(number: f64) -> String {
    let rounded: f64 = format!("{number:.2e}").parse().unwrap_or(number);
    rounded.to_string()
}

/// A number with the prefix for thousands, millions or billions.
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
    let factors: &[f64] = if high - low > 3.2 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let every = (((high - low) / 9.0).ceil() as i32).max(1);
    let mut ticks = Vec::new();
    for power in low.floor() as i32..=high.ceil() as i32 {
        for factor in factors {
            let value = factor * 10f64.powi(power);
            let coordinate = value.log10();
            if power % every == 0 && (low..=high).contains(&coordinate) {
                ticks.push((coordinate, unit(value)));
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
    fn every_nine_takes_the_same_space() {
        let axis = Axis::nines("percentile", 4.3);
        assert_eq!(words(&axis), ["0", "90", "99", "99.9", "99.99"]);
        for (coordinate, word) in &axis.ticks {
            let quantile: f64 = word.parse::<f64>().unwrap() / 100.0;
            assert!((Scale::Nines.coordinate(quantile).unwrap() - coordinate).abs() < 1e-9);
        }
        assert_eq!(Scale::Nines.coordinate(1.0), None, "the maximum has no coordinate");
        let long = Axis::nines("percentile", 7.2);
        assert_eq!(words(&long)[4..], ["99.99", "99.999", "", "99.99999"]);
    }

    #[test]
    fn a_logarithmic_axis_has_at_least_two_ticks_even_for_close_values() {
        for values in [[40.0, 41.0], [1.0, 1e9], [0.0, 0.0], [99.0, 101.0]] {
            let axis = Axis::log("latency", values, time);
            assert!((2..=12).contains(&axis.ticks.len()), "{values:?}: {:?}", axis.ticks);
            for value in values.into_iter().filter_map(|value| Scale::Log.coordinate(value)) {
                assert!((axis.low..=axis.high).contains(&value));
            }
        }
    }

    #[test]
    fn a_linear_axis_starts_at_zero_and_covers_the_largest_value() {
        let axis = Axis::from_zero("Mops/s", [3.0, 52.0, f64::NAN]);
        assert_eq!(words(&axis), ["0", "20", "40"]);
        assert!(axis.high > 52.0);
        assert_eq!(words(&Axis::from_zero("x", [])), ["0.0", "0.5", "1.0"]);
    }

    #[test]
    fn an_axis_can_show_one_or_two_thread_counts() {
        assert_eq!(words(&Axis::counts("threads", &[1, 2])), ["1", "2"]);
        assert_eq!(words(&Axis::counts("threads", &[4])), ["4"]);
        let many: Vec<usize> = (1..=64).collect();
        assert!(Axis::counts("threads", &many).ticks.len() <= 18);
    }

    #[test]
    fn overlapping_labels_are_removed_and_powers_of_ten_last() {
        let axis = Axis::log("Mops/s", [2.0, 500.0], number);
        assert_eq!(words(&axis).len(), 8);
        assert_eq!(words(&axis.thinned(1_000)), words(&axis));
        assert_eq!(words(&axis.thinned(110)).concat(), "210100");
    }

    #[test]
    fn a_number_has_three_significant_digits() {
        assert_eq!([0.001, 0.5, 20.0, 1_234.0].map(number), ["0.001", "0.5", "20", "1230"]);
    }

    #[test]
    fn the_unit_grows_with_the_number() {
        assert_eq!([1.0, 1e3, 2e6, 5e9].map(time), ["1 ns", "1 µs", "2 ms", "5 s"]);
        assert_eq!([1.0, 1e3, 2e6].map(count), ["1", "1k", "2M"]);
    }
}
