//! How long values are.

use std::fmt;
use std::str::FromStr;

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_base::names::UnknownName;

use crate::keys::VALUE_BYTES;

/// The longest value of a workload.
pub const VALUE_BYTES_MAX: u32 = 1 << 20;

/// How long values are, in bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValueSizes(Sizes);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Sizes {
    /// All the same.
    Fixed(u32),
    /// Every length from the first to the last is as likely.
    Range(u32, u32),
    /// Lengths, each with its weight. Neither is 0.
    Choice(Vec<(u32, u32)>),
}

impl ValueSizes {
    /// Values of 40 bytes, which a store keeps in place.
    #[must_use]
    pub const fn standard() -> Self {
        Self(Sizes::Fixed(VALUE_BYTES as u32))
    }

    /// Whether all values have the length that is made fastest, which is 40 bytes.
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

    /// Why what is found cannot be checked; `None` where it can.
    #[must_use]
    pub fn exemption(&self) -> Option<&'static str> {
        (self.min() < VALUE_BYTES as u32)
            .then_some("values below 40 bytes are too short to say where they come from")
    }

    /// One length.
    pub fn draw(&self, random: &mut Xoshiro256PlusPlus) -> u32 {
        match &self.0 {
            Sizes::Fixed(bytes) => *bytes,
            Sizes::Range(min, max) => random.random_range(*min..=*max),
            Sizes::Choice(choices) => {
                let all: u64 = choices.iter().map(|(_, weight)| u64::from(*weight)).sum();
                let mut place = random.random_range(0..all);
                for (bytes, weight) in choices {
                    match place.checked_sub(u64::from(*weight)) {
                        Some(left) => place = left,
                        None => return *bytes,
                    }
                }
                unreachable!("a place below the sum of all weights is in one of them")
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
        parse(text).map(Self).ok_or_else(|| UnknownName {
            kind: "choice of value bytes",
            given: text.to_owned(),
            valid: vec![
                "40",
                "100..1000 (each as likely)",
                "40:90,4000:10 (bytes and weight of each)",
                "none above 1048576",
            ],
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
    fn a_fixed_length_is_drawn_every_time_and_a_range_to_both_its_ends() {
        assert!(drawn("100").iter().all(|bytes| *bytes == 100));
        let drawn = drawn("40..49");
        assert!((40..=49).all(|bytes| drawn.iter().filter(|it| **it == bytes).count() > 800));
    }

    #[test]
    fn a_choice_is_drawn_by_its_weights() {
        let long = drawn("40:90,4000:10").iter().filter(|bytes| **bytes == 4_000).count();
        assert!((900..1_100).contains(&long), "{long} of 10 000");
    }

    #[test]
    fn only_lengths_that_hold_a_seal_are_checked() {
        let exempt = |text: &str| text.parse::<ValueSizes>().unwrap().exemption().is_some();
        assert!(exempt("39") && exempt("39..100") && exempt("100:1,8:1"));
        assert!(!exempt("40") && !exempt("40..100") && !exempt("100:1,1000:1"));
    }

    #[test]
    fn what_is_no_length_is_refused_with_what_would_do() {
        for text in ["", "0", "9..9", "10..2", "40:0", "40:90,", "1048577", "4k", "1..2..3"] {
            let error = text.parse::<ValueSizes>().unwrap_err().to_string();
            assert!(error.contains("100..1000") && error.contains("40:90,4000:10"), "{error}");
        }
    }
}
