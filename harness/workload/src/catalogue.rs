//! The built-in workloads.

use shardproof_base::names::UnknownName;

use crate::definition::{Settings, Workload, WorkloadError};
use crate::distribution::KeyDistribution;
use crate::mix::Mix;

/// A built-in workload.
struct BuiltIn {
    /// The name.
    name: &'static str,
    /// The mix.
    mix: &'static str,
    /// The key distribution.
    keys: KeyDistribution,
    /// Target number of entries of one `list`.
    entries_per_list: usize,
    /// A one-line description.
    about: &'static str,
}

/// Default target number of entries of a `list`.
const ENTRIES: usize = 10;

/// The six core workloads of YCSB (Cooper et al., SoCC 2010), and our own.
///
/// The YCSB workloads use YCSB's operations and key distributions, but this program's sizes: values
/// of 40 bytes, where a YCSB record has ten fields of 100 bytes (`ycsb-a+value_bytes=1000`), and
/// keys of 12 characters. A YCSB scan becomes a `list` of a prefix with about as many entries as
/// YCSB's mean scan length.
const BUILT_IN: [BuiltIn; 14] = [
    ycsb(
        "ycsb-a",
        "get50-put50",
        KeyDistribution::ZIPF,
        "half reads, half updates: a session store",
    ),
    ycsb("ycsb-b", "get95-put5", KeyDistribution::ZIPF, "mostly reads: photo tagging"),
    ycsb("ycsb-c", "get100", KeyDistribution::ZIPF, "reads only: a user profile cache"),
    ycsb(
        "ycsb-d",
        "get95-insert5",
        KeyDistribution::Latest,
        "reads of the latest inserts: status updates",
    ),
    ycsb("ycsb-e", "insert5-list95", KeyDistribution::ZIPF, "short scans: threaded conversations"),
    ycsb("ycsb-f", "get50-rmw50", KeyDistribution::ZIPF, "half read-modify-write"),
    ours("get100", "get100", "reads only"),
    ours("get90-put10", "get90-put10", "nine reads to one overwrite"),
    ours("get50-put50", "get50-put50", "half reads, half overwrites"),
    ours("put100", "put100", "overwrites only"),
    ours("churn", "put34-insert33-delete33", "keys are inserted and deleted; runs grow over time"),
    ours("snapshots", "get50-put40-snapshot10", "reads and overwrites, with snapshots in between"),
    ours("transactions", "get50-transaction50", "half reads, half transactions"),
    ours("lists", "get50-put40-list10", "reads and overwrites, with listings in between"),
];

const fn ycsb(
    name: &'static str,
    mix: &'static str,
    keys: KeyDistribution,
    about: &'static str,
) -> BuiltIn {
    /// The mean of a uniform distribution from 1 to 100.
    const SCAN: usize = 50;
    BuiltIn { name, mix, keys, entries_per_list: SCAN, about }
}

const fn ours(name: &'static str, mix: &'static str, about: &'static str) -> BuiltIn {
    BuiltIn { name, mix, keys: KeyDistribution::Uniform, entries_per_list: ENTRIES, about }
}

impl Workload {
    /// All built-in workloads, each with a one-line description.
    pub fn built_in() -> impl Iterator<Item = (Self, &'static str)> {
        BUILT_IN.iter().map(|built_in| (built_in.workload(), built_in.about))
    }
}

impl BuiltIn {
    fn workload(&self) -> Workload {
        let mix: Mix = self.mix.parse().expect("every mix of this table parses");
        let Self { keys, entries_per_list, .. } = *self;
        let settings = Settings { keys, entries_per_list, ..Settings::new(mix) };
        Workload::named(self.name, settings).expect("every workload of this table is valid")
    }
}

/// The built-in workload with this name.
pub(crate) fn find(name: &str) -> Option<Workload> {
    BUILT_IN.iter().find(|built_in| built_in.name == name).map(BuiltIn::workload)
}

/// The error for a text that names neither a built-in workload nor a mix.
pub(crate) fn unknown(given: &str, mix: &UnknownName) -> WorkloadError {
    WorkloadError::Unknown {
        given: given.to_owned(),
        valid: BUILT_IN.iter().map(|built_in| built_in.name).collect(),
        mixes: mix.valid.last().map(ToString::to_string).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_workload_is_found_by_its_name() {
        let mut count = 0;
        for (workload, about) in Workload::built_in() {
            assert_eq!(workload.name().parse(), Ok(workload.clone()));
            assert!(!about.is_empty());
            count += 1;
        }
        assert_eq!(count, BUILT_IN.len());
    }

    #[test]
    fn a_workload_named_after_its_mix_has_the_default_settings() {
        for mix in [0, 10, 50, 100].map(Mix::with_puts) {
            assert_eq!(find(&mix.to_string()), Some(Workload::from_mix(mix)));
        }
    }

    #[test]
    fn the_ycsb_workloads_match_the_paper() {
        let mix_and_keys = |name| {
            let described = find(name).unwrap().describe();
            (described.mix, described.keys)
        };
        let pair = |mix: &str, keys: &str| (mix.to_owned(), keys.to_owned());
        assert_eq!(mix_and_keys("ycsb-a"), pair("get50-put50", "zipf:0.99"));
        assert_eq!(mix_and_keys("ycsb-b"), pair("get95-put5", "zipf:0.99"));
        assert_eq!(mix_and_keys("ycsb-c"), pair("get100", "zipf:0.99"));
        assert_eq!(mix_and_keys("ycsb-d"), pair("get95-insert5", "latest"));
        assert_eq!(mix_and_keys("ycsb-e"), pair("insert5-list95", "zipf:0.99"));
        assert_eq!(mix_and_keys("ycsb-f"), pair("get50-rmw50", "zipf:0.99"));
    }
}
