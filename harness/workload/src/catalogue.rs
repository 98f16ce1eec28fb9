//! The workloads that are known by name.

use shardproof_base::names::UnknownName;

use crate::definition::{Settings, Workload, WorkloadError};
use crate::distribution::KeyDistribution;
use crate::mix::Mix;

/// A workload that is known by name.
struct Known {
    /// The name.
    name: &'static str,
    /// The mix.
    mix: &'static str,
    /// How keys are chosen.
    keys: KeyDistribution,
    /// Entries that one `list` aims at.
    entries_per_list: usize,
    /// One line on what it is.
    about: &'static str,
}

/// Entries of a list unless something else is said.
const ENTRIES: usize = 10;

/// The six core workloads of YCSB (Cooper et al., SoCC 2010), and ours.
///
/// YCSB's are what they are there in operations and in how keys are chosen. Sizes are this program's:
/// values of 40 bytes, where a record of YCSB has ten fields of 100 (`ycsb-a+value_bytes=1000`), and
/// keys of 12 characters. A scan is a list: of a prefix, which aims at the mean length of a scan.
const KNOWN: [Known; 14] = [
    ycsb("ycsb-a", "get50-put50", KeyDistribution::ZIPF, "half updates: a session store"),
    ycsb("ycsb-b", "get95-put5", KeyDistribution::ZIPF, "mostly reads: tags of photos"),
    ycsb("ycsb-c", "get100", KeyDistribution::ZIPF, "only reads: a cache of profiles"),
    ycsb("ycsb-d", "get95-insert5", KeyDistribution::Latest, "the newest is read: status updates"),
    ycsb("ycsb-e", "insert5-list95", KeyDistribution::ZIPF, "short scans: threads of messages"),
    ycsb("ycsb-f", "get50-rmw50", KeyDistribution::ZIPF, "half read, change, write back"),
    ours("get100", "get100", "only reads"),
    ours("get90-put10", "get90-put10", "nine reads to one overwrite"),
    ours("get50-put50", "get50-put50", "reads and overwrites"),
    ours("put100", "put100", "only overwrites"),
    ours("churn", "put34-insert33-delete33", "keys come and go; runs grow while it lasts"),
    ours("snapshots", "get50-put40-snapshot10", "snapshots between reads and overwrites"),
    ours("transactions", "get50-transaction50", "transactions between reads"),
    ours("lists", "get50-put40-list10", "listings between reads and overwrites"),
];

const fn ycsb(
    name: &'static str,
    mix: &'static str,
    keys: KeyDistribution,
    about: &'static str,
) -> Known {
    /// The mean of 1 to 100, each as likely.
    const SCAN: usize = 50;
    Known { name, mix, keys, entries_per_list: SCAN, about }
}

const fn ours(name: &'static str, mix: &'static str, about: &'static str) -> Known {
    Known { name, mix, keys: KeyDistribution::Uniform, entries_per_list: ENTRIES, about }
}

impl Workload {
    /// Every workload that is known by name, each with one line on what it is.
    pub fn known() -> impl Iterator<Item = (Self, &'static str)> {
        KNOWN.iter().map(|known| (known.workload(), known.about))
    }
}

impl Known {
    fn workload(&self) -> Workload {
        let mix: Mix = self.mix.parse().expect("the mixes of this table are mixes");
        let Self { keys, entries_per_list, .. } = *self;
        let settings = Settings { keys, entries_per_list, ..Settings::new(mix) };
        Workload::named(self.name, settings).expect("the workloads of this table go together")
    }
}

/// The known workload of this name.
pub(crate) fn find(name: &str) -> Option<Workload> {
    KNOWN.iter().find(|known| known.name == name).map(Known::workload)
}

/// What to say of a word that is neither a known workload nor a mix.
pub(crate) fn unknown(given: &str, mix: &UnknownName) -> WorkloadError {
    WorkloadError::Unknown {
        given: given.to_owned(),
        valid: KNOWN.iter().map(|known| known.name).collect(),
        mixes: mix.valid.last().copied().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_workload_is_found_by_its_name() {
        let mut count = 0;
        for (workload, about) in Workload::known() {
            assert_eq!(workload.name().parse(), Ok(workload.clone()));
            assert!(!about.is_empty());
            count += 1;
        }
        assert_eq!(count, KNOWN.len());
    }

    #[test]
    fn a_mix_by_name_is_the_mix_alone() {
        for mix in [0, 10, 50, 100].map(Mix::with_puts) {
            assert_eq!(find(&mix.to_string()), Some(Workload::of(mix)));
        }
    }

    #[test]
    fn the_workloads_of_ycsb_are_those_of_the_paper() {
        let told = |name| {
            let described = find(name).unwrap().describe();
            (described.mix, described.keys)
        };
        let pair = |mix: &str, keys: &str| (mix.to_owned(), keys.to_owned());
        assert_eq!(told("ycsb-a"), pair("get50-put50", "zipf:0.99"));
        assert_eq!(told("ycsb-b"), pair("get95-put5", "zipf:0.99"));
        assert_eq!(told("ycsb-c"), pair("get100", "zipf:0.99"));
        assert_eq!(told("ycsb-d"), pair("get95-insert5", "latest"));
        assert_eq!(told("ycsb-e"), pair("insert5-list95", "zipf:0.99"));
        assert_eq!(told("ycsb-f"), pair("get50-rmw50", "zipf:0.99"));
    }
}
