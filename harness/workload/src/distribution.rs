//! Key distributions.

use std::fmt;
use std::str::FromStr;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Zipf};
use rand_xoshiro::Xoshiro256PlusPlus;
use shardproof_base::names::UnknownName;

/// The distribution of an operation's key over the keys a run was filled with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum KeyDistribution {
    /// All keys are equally likely.
    #[default]
    Uniform,
    /// Zipf's law: the key of rank `r` is chosen in proportion to `1 / r^exponent`. Ranks are
    /// shuffled over the keys, identically for all threads, so hot keys are not neighbours.
    Zipf(Exponent),
    /// A few hot keys get most of the operations; within the hot keys, and within the rest, all
    /// keys are equally likely.
    Hotspot(Hotspot),
    /// The newest keys are hottest, by Zipf's law with YCSB's exponent. The newest keys are those
    /// the thread inserted last; before its first insert, those with the largest numbers.
    Latest,
    /// Keys in the order of their numbers, starting over after the last. Every stream starts at key
    /// 0.
    Sequential,
}

impl KeyDistribution {
    /// Zipf's law with YCSB's exponent, 0.99.
    pub const ZIPF: Self = Self::Zipf(Exponent::YCSB);

    /// A chooser over `keys` keys.
    ///
    /// # Panics
    /// If `keys` is 0.
    #[must_use]
    pub fn chooser(self, seed: u64, keys: u32) -> KeyChooser {
        assert!(keys > 0, "a run has at least one key");
        let zipf = |Exponent(exponent)| {
            Zipf::new(f64::from(keys), exponent).expect("at least one key, and an exponent above 0")
        };
        let method = match self {
            Self::Uniform => Method::Uniform,
            Self::Zipf(exponent) => Method::Zipf(zipf(exponent), keys_by_rank(seed, keys)),
            Self::Hotspot(hotspot) => {
                let hot = u64::from(keys) * u64::from(hotspot.keys_percent) / 100;
                let hot = u32::try_from(hot).expect("at most all keys").clamp(1, keys);
                Method::Hotspot(hot, hotspot.operations_percent, keys_by_rank(seed, keys))
            }
            Self::Latest => Method::Latest(zipf(Exponent::YCSB)),
            Self::Sequential => Method::Sequential(0),
        };
        KeyChooser { keys, method }
    }
}

/// The key of each rank.
fn keys_by_rank(seed: u64, keys: u32) -> Vec<u32> {
    /// Keeps these random numbers apart from those that streams are drawn from.
    const PURPOSE: u64 = 0x7a69_7066;
    let mut by_rank: Vec<u32> = (0..keys).collect();
    by_rank.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed ^ PURPOSE));
    by_rank
}

/// Draws keys from a distribution.
#[derive(Clone, Debug)]
pub struct KeyChooser {
    /// How many keys there are.
    keys: u32,
    /// How keys are drawn.
    method: Method,
}

#[derive(Clone, Debug)]
enum Method {
    Uniform,
    /// The distribution of ranks, and the key of each rank.
    Zipf(Zipf<f64>, Vec<u32>),
    /// The number of hot keys, their percentage of the operations, and the key of each rank.
    Hotspot(u32, u8, Vec<u32>),
    Latest(Zipf<f64>),
    /// The next key.
    Sequential(u32),
}

impl KeyChooser {
    /// The number of the next key.
    pub fn choose(&mut self, random: &mut Xoshiro256PlusPlus) -> u32 {
        let keys = self.keys;
        // A sample is a whole number from 1 to the number of keys.
        let rank = |sample: f64| (sample as u32).clamp(1, keys) - 1;
        match &mut self.method {
            Method::Uniform => random.random_range(0..keys),
            Method::Zipf(zipf, by_rank) => by_rank[rank(zipf.sample(random)) as usize],
            Method::Hotspot(hot, percent, by_rank) => {
                let is_hot = *hot == keys || random.random_range(0..100) < *percent;
                let ranks = if is_hot { 0..*hot } else { *hot..keys };
                by_rank[random.random_range(ranks) as usize]
            }
            Method::Latest(zipf) => keys - 1 - rank(zipf.sample(random)),
            Method::Sequential(next) => {
                let key = *next;
                *next = (key + 1) % keys;
                key
            }
        }
    }
}

/// The exponent of Zipf's law: positive and finite.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Exponent(f64);

/// An exponent is never NaN.
impl Eq for Exponent {}

impl Exponent {
    /// YCSB's exponent: 0.99.
    pub const YCSB: Self = Self(0.99);

    /// An exponent; `None` unless it is positive and finite.
    #[must_use]
    pub fn new(exponent: f64) -> Option<Self> {
        (exponent > 0.0 && exponent.is_finite()).then_some(Self(exponent))
    }
}

/// A percentage of the keys, and the percentage of operations they get; both from 1 to 99.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hotspot {
    /// Percentage of the keys that are hot; at least one key is.
    keys_percent: u8,
    /// Percentage of the operations that go to hot keys.
    operations_percent: u8,
}

impl Hotspot {
    /// A hotspot with these percentages; `None` unless both are from 1 to 99.
    #[must_use]
    pub fn new(keys_percent: u8, operations_percent: u8) -> Option<Self> {
        let is_percent = |percent| (1..=99).contains(&percent);
        (is_percent(keys_percent) && is_percent(operations_percent))
            .then_some(Self { keys_percent, operations_percent })
    }
}

impl fmt::Display for KeyDistribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform => f.pad("uniform"),
            Self::Zipf(Exponent(exponent)) => f.pad(&format!("zipf:{exponent}")),
            Self::Hotspot(Hotspot { keys_percent, operations_percent }) => {
                f.pad(&format!("hotspot:{keys_percent}:{operations_percent}"))
            }
            Self::Latest => f.pad("latest"),
            Self::Sequential => f.pad("sequential"),
        }
    }
}

impl FromStr for KeyDistribution {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        parse(text).ok_or_else(|| {
            UnknownName::new(
                "key distribution",
                text,
                [
                    "uniform",
                    "zipf (short for zipf:0.99)",
                    "zipf:S with a positive exponent S",
                    "hotspot:K:O where K % of the keys get O % of the operations, both 1 to 99",
                    "latest",
                    "sequential",
                ],
            )
        })
    }
}

fn parse(text: &str) -> Option<KeyDistribution> {
    match text {
        "uniform" => return Some(KeyDistribution::Uniform),
        "zipf" => return Some(KeyDistribution::ZIPF),
        "latest" => return Some(KeyDistribution::Latest),
        "sequential" => return Some(KeyDistribution::Sequential),
        _ => {}
    }
    if let Some(exponent) = text.strip_prefix("zipf:") {
        return Exponent::new(exponent.parse().ok()?).map(KeyDistribution::Zipf);
    }
    let (keys, operations) = text.strip_prefix("hotspot:")?.split_once(':')?;
    Hotspot::new(keys.parse().ok()?, operations.parse().ok()?).map(KeyDistribution::Hotspot)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: u32 = 1_000;
    const DRAWS: u32 = 100_000;

    /// How often each key is chosen.
    fn counts(text: &str) -> Vec<u32> {
        let distribution: KeyDistribution = text.parse().unwrap();
        let mut chooser = distribution.chooser(1, KEYS);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
        let mut counts = vec![0; KEYS as usize];
        for _ in 0..DRAWS {
            counts[chooser.choose(&mut random) as usize] += 1;
        }
        counts
    }

    fn sorted(text: &str) -> Vec<u32> {
        let mut counts = counts(text);
        counts.sort_unstable_by(|one, other| other.cmp(one));
        counts
    }

    #[test]
    fn a_distribution_survives_display_and_parse() {
        for text in ["uniform", "zipf:0.99", "zipf:1", "zipf:2.5", "hotspot:20:80", "latest"] {
            assert_eq!(text.parse::<KeyDistribution>().unwrap().to_string(), text);
        }
        assert_eq!("zipf".parse(), Ok(KeyDistribution::ZIPF));
        for text in ["zipf:0", "zipf:-1", "zipf:NaN", "zipf:inf", "hotspot:0:80", "hotspot:20:100"]
        {
            let error = text.parse::<KeyDistribution>().unwrap_err().to_string();
            assert!(error.contains("hotspot:K:O") && error.contains("zipf:S"), "{error}");
        }
    }

    #[test]
    fn uniform_and_sequential_choose_all_keys_equally_often() {
        assert!(counts("uniform").iter().all(|count| (50..150).contains(count)));
        assert!(counts("sequential").iter().all(|count| *count == 100));
    }

    #[test]
    fn zipf_frequencies_follow_the_power_of_the_rank() {
        for exponent in [0.5, 0.99, 1.0, 2.0] {
            let counts = sorted(&format!("zipf:{exponent}"));
            let all: f64 = (1..=KEYS).map(|rank| f64::from(rank).powf(-exponent)).sum();
            for rank in [1u32, 2, 5] {
                let expected = f64::from(DRAWS) * f64::from(rank).powf(-exponent) / all;
                let count = f64::from(counts[rank as usize - 1]);
                let far = (count - expected).abs() / expected.sqrt();
                assert!(far < 8.0, "{exponent}: rank {rank} {count} times, not {expected}");
            }
        }
    }

    #[test]
    fn the_hot_keys_of_zipf_are_spread_out_and_the_same_for_every_thread() {
        let hottest = |counts: &[u32]| {
            let mut keys: Vec<usize> = (0..counts.len()).collect();
            keys.sort_unstable_by_key(|key| std::cmp::Reverse(counts[*key]));
            keys.truncate(10);
            keys
        };
        let hot = hottest(&counts("zipf"));
        let halves = hot.iter().filter(|key| **key < KEYS as usize / 2).count();
        assert!((1..10).contains(&halves), "{hot:?}");
        let mut chooser = KeyDistribution::ZIPF.chooser(1, KEYS);
        let mut other_thread = Xoshiro256PlusPlus::seed_from_u64(99);
        let mut counts = vec![0; KEYS as usize];
        (0..DRAWS).for_each(|_| counts[chooser.choose(&mut other_thread) as usize] += 1);
        assert_eq!(hot[..3], hottest(&counts)[..3]);
    }

    #[test]
    fn a_hotspot_gets_its_share_of_the_operations() {
        let hot: u32 = sorted("hotspot:10:90")[..100].iter().sum();
        assert!((89_000..91_000).contains(&hot), "{hot} of {DRAWS}");
    }

    #[test]
    fn latest_prefers_the_newest_keys() {
        let counts = counts("latest");
        assert!(counts[999] > counts[998] && counts[998] > counts[990]);
        assert!(counts[990] > counts[500] && counts[999] > 50 * counts[0].max(1));
    }
}
