//! Numbers as the page writes them.

use shardproof_evidence::Spread;

use crate::sections::thousands;

/// What parts digits into groups: a narrow space at which no line is broken.
const GROUP: &str = "\u{202f}";
/// What stands where there is no figure.
pub(crate) const NONE: &str = "–";

/// Three significant digits.
pub(crate) fn three(number: f64) -> String {
    if !number.is_finite() {
        return NONE.to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    // The power of ten is that of the rounded number: 9.996 is 10.0 and not 10.00.
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
    if number < 0.0 { format!("−{text}") } else { text }
}

/// The same, or a dash where there is none.
pub(crate) fn three_of(number: Option<f64>) -> String {
    number.map_or_else(|| NONE.to_owned(), three)
}

/// A number of things, in full.
pub(crate) fn whole(number: u64) -> String {
    thousands(number).replace(' ', GROUP)
}

/// The ends of an interval, in the unit that `scale` of the values' own units make.
pub(crate) fn interval(spread: &Spread, scale: f64) -> String {
    ends(spread.low, spread.high, scale)
}

/// The same of its ends.
pub(crate) fn ends(low: f64, high: f64, scale: f64) -> String {
    format!("{} to {}", three(low / scale), three(high / scale))
}

/// A part of a whole, in percent.
pub(crate) fn percent(part: f64) -> String {
    format!("{}{GROUP}%", three(part * 100.0))
}

/// "1 cell", "2 cells".
pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", whole(number as u64), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_three_whatever_the_size() {
        for (number, text) in [
            (0.0, "0"),
            (9.996, "10.0"),
            (0.012_34, "0.0123"),
            (0.000_012_34, "1.23e-5"),
            (12.345, "12.3"),
            (999.6, "1\u{202f}000"),
            (1_234_567.0, "1\u{202f}230\u{202f}000"),
            (-4.0, "−4.00"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(three(number), text);
        }
    }

    #[test]
    fn one_is_one_and_all_else_is_many() {
        assert_eq!(counted(1, "cell", "cells"), "1 cell");
        assert_eq!(counted(0, "cell", "cells"), "0 cells");
    }
}
