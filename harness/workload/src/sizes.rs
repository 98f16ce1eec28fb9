//! Lengths of values.

use std::fmt;
use std::str::FromStr;

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_base::names::UnknownName;

use crate::keys::VALUE_BYTES;

/// Maximum length of a value, in bytes.
pub const VALUE_BYTES_MAX: u32 = 1 << 20;

/// A distribution of value lengths, in bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValueSizes(Sizes);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Sizes {
    /// One length for all values.
    Fixed(u32),
    /// Uniform from the first length to the last, inclusive.
    Range(u32, u32),
    /// Lengths with their weights, all positive.
    Choice(Vec<(u32, u32)>),
}

impl ValueSizes {
    /// Values of 40 bytes, which the store keeps inline.
    #[must_use]
    pub const fn standard() -> Self {
        Self(Sizes::Fixed(VALUE_BYTES as u32))
    }

    /// Whether all values are 40 bytes long, the length with the fastest code path.
    #[must_use]
    pub fn are_standard(&self) -> bool {
        *self == Self::standard()
    }

    /// The shortest length.
    #[must_use]
    pub fn min(&self) -> u32 {
        match &self.0 {
            Sizes::Fixed(bytes) | Sizes::Range(bytes, _) => *bytes,
            Sizes::Choice(choices) => choices.iter().map(|(bytes, _)| *bytes).min().unwrap_or(0),
        }
    }

    /// The longest length.
    #[must_use]
    pub fn max(&self) -> u32 {
        match &self.0 {
            Sizes::Fixed(bytes) | Sizes::Range(_, bytes) => *bytes,
            Sizes::Choice(choices) => choices.iter().map(|(bytes, _)| *bytes).max().unwrap_or(0),
        }
    }

    /// The mean length of a value, in bytes.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match &self.0 {
            Sizes::Fixed(bytes) => f64::from(*bytes),
            Sizes::Range(min, max) => (f64::from(*min) + f64::from(*max)) / 2.0,
            Sizes::Choice(choices) => {
                let all: f64 = choices.iter().map(|(_, weight)| f64::from(*weight)).sum();
                let weighted =
                    |(bytes, weight): &(u32, u32)| f64::from(*bytes) * f64::from(*weight);
                choices.iter().map(weighted).sum::<f64>() / all
            }
        }
    }

    /// Why values of these lengths cannot be checked; `None` if they can be.
    #[must_use]
    pub fn exemption(&self) -> Option<&'static str> {
        (self.min() < VALUE_BYTES as u32)
            .then_some("values below 40 bytes are too short to identify their origin")
    }

    /// Draws a length.
    pub fn draw(&self, random: &mut Xoshiro256PlusPlus) -> u32 {
        match &self.0 {
            Sizes::Fixed(bytes) => *bytes,
            Sizes::Range(min, max) => random.random_range(*min..=*max),
            Sizes::Choice(choices) => {
                let all: u64 = choices.iter().map(|(_, weight)| u64::from(*weight)).sum();
                let mut position = random.random_range(0..all);
                for (bytes, weight) in choices {
                    match position.checked_sub(u64::from(*weight)) {
                        Some(rest) => position = rest,
                        None => return *bytes,
                    }
                }
                unreachable!("the position is below the sum of all weights")
            }
        }
    }
}

impl fmt::Display for ValueSizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Sizes::Fixed(bytes) => write!(f, "{bytes}"),
            Sizes::Range(min, max) => write!(f, "{min}..{max}"),
            Sizes::Choice(choices) => {
                let texts: Vec<String> =
                    choices.iter().map(|(bytes, weight)| format!("{bytes}:{weight}")).collect();
                f.write_str(&texts.join(","))
            }
        }
    }
}

impl FromStr for ValueSizes {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        parse(text).map(Self).ok_or_else(|| {
            UnknownName::new(
                "distribution of value bytes",
                text,
                [
                    "40",
                    "100..1000 (uniform)",
                    "40:90,4000:10 (lengths and their weights)",
                    "all at most 1048576",
                ],
            )
        })
    }
}

fn parse(text: &str) -> Option<Sizes> {
    let bytes = |text: &str| {
        let bytes: u32 = text.parse().ok()?;
        (1..=VALUE_BYTES_MAX).contains(&bytes).then_some(bytes)
    };
    if let Some((min, max)) = text.split_once("..") {
        let (min, max) = (bytes(min)?, bytes(max)?);
        return (min < max).then_some(Sizes::Range(min, max));
    }
    if !text.contains(':') {
        return bytes(text).map(Sizes::Fixed);
    }
    let choice = |text: &str| {
        let (length, weight) = text.split_once(':')?;
        let weight: u32 = weight.parse().ok()?;
        Some((bytes(length)?, weight)).filter(|_| weight > 0)
    };
    text.split(',').map(choice).collect::<Option<Vec<_>>>().map(Sizes::Choice)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn drawn(text: &str) -> Vec<u32> {
        let sizes: ValueSizes = text.parse().unwrap();
        assert_eq!(sizes.to_string(), text);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let drawn: Vec<u32> = (0..10_000).map(|_| sizes.draw(&mut random)).collect();
        assert!(drawn.iter().all(|bytes| (sizes.min()..=sizes.max()).contains(bytes)));
        drawn
    }

    #[test]
    fn a_fixed_length_never_varies_and_a_range_includes_both_ends() {
        assert!(drawn("100").iter().all(|bytes| *bytes == 100));
        let drawn = drawn("40..49");
        assert!((40..=49).all(|bytes| drawn.iter().filter(|it| **it == bytes).count() > 800));
    }

    #[test]
    fn a_choice_is_drawn_in_proportion_to_its_weights() {
        let long = drawn("40:90,4000:10").iter().filter(|bytes| **bytes == 4_000).count();
        assert!((900..1_100).contains(&long), "{long} of 10 000");
    }

    #[test]
    fn only_values_with_room_for_the_checksum_are_checked() {
        let exempt = |text: &str| text.parse::<ValueSizes>().unwrap().exemption().is_some();
        assert!(exempt("39") && exempt("39..100") && exempt("100:1,8:1"));
        assert!(!exempt("40") && !exempt("40..100") && !exempt("100:1,1000:1"));
    }

    #[test]
    fn invalid_lengths_are_refused_with_valid_examples() {
        for text in ["", "0", "9..9", "10..2", "40:0", "40:90,", "1048577", "4k", "1..2..3"] {
            let error = text.parse::<ValueSizes>().unwrap_err().to_string();
            assert!(error.contains("100..1000") && error.contains("40:90,4000:10"), "{error}");
        }
    }
}
