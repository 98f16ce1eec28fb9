//! Numbers of threads in a matrix file.

use serde::Deserialize;
use serde::de::{self, Deserializer};
use shardproof_base::names::UnknownName;

/// Numbers of threads, which may depend on the machine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ThreadCounts {
    /// 1, 2, 4, 8, ... and the number of cores.
    #[default]
    Powers,
    /// Each from 1 to the number of cores.
    All,
    /// 1 and the number of cores.
    Ends,
    /// The number of cores.
    Cores,
    /// Exactly these.
    Exactly(Vec<usize>),
}

impl ThreadCounts {
    /// The highest number of threads: more would measure the scheduler, and each thread needs
    /// memory for a stream.
    pub const MAX: usize = 256;
    /// The names of those that depend on the machine.
    const NAMES: [&'static str; 4] = ["powers", "all", "ends", "cores"];

    /// The numbers on a machine with this many cores, in order.
    #[must_use]
    pub fn on(&self, cores: usize) -> Vec<usize> {
        let cores = cores.clamp(1, Self::MAX);
        let mut counts = match self {
            Self::Powers => {
                let powers = (0..usize::BITS).map(|power| 1 << power);
                powers.take_while(|count| *count < cores).chain([cores]).collect()
            }
            Self::All => (1..=cores).collect(),
            Self::Ends => vec![1, cores],
            Self::Cores => vec![cores],
            Self::Exactly(counts) => counts.clone(),
        };
        counts.sort_unstable();
        counts.dedup();
        counts
    }
}

impl<'de> Deserialize<'de> for ThreadCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "give a list of numbers, or one of powers, all, ends, cores")]
        enum Given {
            Name(String),
            Numbers(Vec<usize>),
        }
        let counts = match Given::deserialize(deserializer)? {
            Given::Name(name) => match name.as_str() {
                "powers" => Self::Powers,
                "all" => Self::All,
                "ends" => Self::Ends,
                "cores" => Self::Cores,
                _ => return Err(de::Error::custom(unknown(&name))),
            },
            Given::Numbers(counts) => Self::Exactly(counts),
        };
        if let Self::Exactly(counts) = &counts
            && (counts.is_empty() || counts.iter().any(|count| !(1..=Self::MAX).contains(count)))
        {
            let max = Self::MAX;
            return Err(de::Error::custom(format!("give numbers of threads from 1 to {max}")));
        }
        Ok(counts)
    }
}

fn unknown(name: &str) -> UnknownName {
    UnknownName::new("choice of numbers of threads", name, ThreadCounts::NAMES)
}
