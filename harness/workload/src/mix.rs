//! Mixes: the operations of a workload and their shares.

use std::fmt;
use std::str::FromStr;

use shardproof_base::names::UnknownName;

use crate::kind::OperationKind;

/// Operation kinds with their percentages: `get50-put30-delete20`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mix {
    /// Percentage of each kind, indexed by kind. They add up to 100.
    shares: [u8; OperationKind::COUNT],
}

impl Mix {
    /// A mix of gets and puts, with this percentage of puts.
    ///
    /// # Panics
    /// If `put_percent` exceeds 100.
    #[must_use]
    pub const fn with_puts(put_percent: u8) -> Self {
        assert!(put_percent <= 100, "a mix has at most 100 puts in a hundred operations");
        let mut shares = [0; OperationKind::COUNT];
        shares[OperationKind::Get as usize] = 100 - put_percent;
        shares[OperationKind::Put as usize] = put_percent;
        Self { shares }
    }

    /// The mix with these percentages; `None` if a kind appears twice, a percentage is 0, or they
    /// do not add up to 100.
    #[must_use]
    pub fn new(parts: &[(OperationKind, u8)]) -> Option<Self> {
        let mut shares = [0; OperationKind::COUNT];
        for &(kind, share) in parts {
            let slot = &mut shares[kind as usize];
            if share == 0 || *slot != 0 {
                return None;
            }
            *slot = share;
        }
        let sum: u32 = shares.iter().map(|share| u32::from(*share)).sum();
        (sum == 100).then_some(Self { shares })
    }

    /// The percentage of operations of this kind.
    #[must_use]
    pub const fn share(self, kind: OperationKind) -> u8 {
        self.shares[kind as usize]
    }

    /// Whether the mix contains this kind.
    #[must_use]
    pub const fn has(self, kind: OperationKind) -> bool {
        self.share(kind) > 0
    }

    /// The kinds in the mix, with their percentages.
    pub fn shares(self) -> impl Iterator<Item = (OperationKind, u8)> {
        OperationKind::ALL
            .into_iter()
            .map(move |kind| (kind, self.share(kind)))
            .filter(|(_, share)| *share > 0)
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> =
            self.shares().map(|(kind, share)| format!("{kind}{share}")).collect();
        f.pad(&parts.join("-"))
    }
}

impl FromStr for Mix {
    type Err = UnknownName;

    /// Accepts the kinds in any order; their percentages must add up to 100.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        parse(text).ok_or_else(|| {
 UnknownName::new("mix", text, [
                "get100",
                "get90-put10",
                "get50-put30-delete20",
                "any of get, miss, put, insert, delete, contains, list, count, apply, snapshot, \
                 transaction and rmw with shares that add up to 100",
            ])
})
    }
}

fn parse(text: &str) -> Option<Mix> {
    let part = |part: &str| {
        let digits = part.find(|character: char| character.is_ascii_digit())?;
        let (kind, share) = part.split_at(digits);
        Some((kind.parse().ok()?, share.parse().ok()?))
    };
    Mix::new(&text.split('-').map(part).collect::<Option<Vec<_>>>()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mix_of_gets_and_puts_survives_display_and_parse() {
        for put_percent in 0..=100 {
            let mix = Mix::with_puts(put_percent);
            assert_eq!(mix.to_string().parse(), Ok(mix));
        }
        assert_eq!(Mix::with_puts(0).to_string(), "get100");
    }

    #[test]
    fn a_mix_is_displayed_in_canonical_order() {
        let mix: Mix = "delete20-put30-get50".parse().unwrap();
        assert_eq!(mix.to_string(), "get50-put30-delete20");
        assert_eq!(mix.share(OperationKind::Delete), 20);
        assert!(!mix.has(OperationKind::Rmw));
    }

    #[test]
    fn invalid_mixes_are_refused_with_valid_examples() {
        for text in [
            "get90-put20",
            "get90",
            "get100-put0",
            "get50-get50",
            "put",
            "",
            "scan100",
            "100",
            "get+100",
            "get50--put50",
            "get300",
        ] {
            let error = text.parse::<Mix>().unwrap_err().to_string();
            assert!(error.contains("get90-put10") && error.contains(text), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_mix_survives_display_and_parse(cuts in prop::collection::vec(0u8..=100, 11)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let mut parts = Vec::new();
            let mut from = 0;
            for (kind, to) in OperationKind::ALL.into_iter().zip(cuts.into_iter().chain([100])) {
                if to > from {
                    parts.push((kind, to - from));
                    from = to;
                }
            }
            let mix = Mix::new(&parts).unwrap();
            prop_assert_eq!(mix.to_string().parse(), Ok(mix));
            prop_assert_eq!(mix.shares().collect::<Vec<_>>(), parts);
        }
    }
}
