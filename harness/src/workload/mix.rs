//! The operations of a workload and their shares.

use std::fmt;
use std::str::FromStr;

use crate::names::UnknownName;

/// Gets and puts, in shares of a hundred: `get90-put10`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mix {
    /// Puts in a hundred operations; the others are gets.
    put_percent: u8,
}

impl Mix {
    /// The mixes of a measurement that names none.
    pub const DEFAULTS: [Self; 4] =
        [Self::with_puts(0), Self::with_puts(10), Self::with_puts(50), Self::with_puts(100)];

    /// The mix with this many puts in a hundred operations.
    ///
    /// # Panics
    /// Above 100.
    #[must_use]
    pub const fn with_puts(put_percent: u8) -> Self {
        assert!(put_percent <= 100, "a mix has at most 100 puts in a hundred operations");
        Self { put_percent }
    }

    /// Puts in a hundred operations.
    #[must_use]
    pub const fn put_percent(self) -> u8 {
        self.put_percent
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.put_percent {
            0 => f.write_str("get100"),
            100 => f.write_str("put100"),
            puts => write!(f, "get{}-put{puts}", 100 - puts),
        }
    }
}

impl FromStr for Mix {
    type Err = UnknownName;

    /// Any `getA-putB` whose shares add up to 100, or `get100` or `put100` alone.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        parse(text).ok_or_else(|| UnknownName {
            kind: "mix",
            given: text.to_owned(),
            valid: vec![
                "get100",
                "get90-put10",
                "get50-put50",
                "put100",
                "any getA-putB where A and B add up to 100",
            ],
        })
    }
}

fn parse(text: &str) -> Option<Mix> {
    let mut shares = [0u8; 2];
    for part in text.split('-') {
        let (place, digits) = match (part.strip_prefix("get"), part.strip_prefix("put")) {
            (Some(digits), _) => (0, digits),
            (_, Some(digits)) => (1, digits),
            _ => return None,
        };
        let share: u8 = digits.parse().ok()?;
        if share == 0 || shares[place] != 0 {
            return None;
        }
        shares[place] = share;
    }
    (shares[0].checked_add(shares[1])? == 100).then_some(Mix { put_percent: shares[1] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_survives_display_and_parse() {
        for put_percent in 0..=100 {
            let mix = Mix::with_puts(put_percent);
            assert_eq!(mix.to_string().parse(), Ok(mix));
        }
    }

    #[test]
    fn shares_that_do_not_add_up_are_refused_with_what_would_do() {
        for text in ["get90-put20", "get90", "get100-put0", "get50-get50", "put", "", "scan100"] {
            let error = text.parse::<Mix>().unwrap_err().to_string();
            assert!(error.contains("get90-put10") && error.contains(text), "{error}");
        }
    }
}
