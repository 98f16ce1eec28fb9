//! Partitions of a matrix that is measured on several machines.

use std::fmt;
use std::str::FromStr;

use shardproof_base::excerpt::excerpt;

/// One partition of a matrix: `2/3` is the second of three.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Partition {
    /// Its number, from 1.
    index: usize,
    /// The number of partitions.
    count: usize,
}

impl Partition {
    /// All partitions, if there are `count` of them.
    pub(crate) fn all(count: usize) -> impl Iterator<Item = Self> {
        (1..=count).map(move |index| Self { index, count })
    }

    /// The number of partitions.
    pub(crate) const fn count(self) -> usize {
        self.count
    }

    /// Whether this and `other` are different partitions of the same count.
    #[must_use]
    pub const fn is_sibling(self, other: Self) -> bool {
        self.count == other.count && self.index != other.index
    }

    /// Whether this partition contains the group of cells with this index. Groups are dealt
    /// round-robin, so that all partitions take about the same time.
    #[must_use]
    pub const fn holds(self, group: usize) -> bool {
        group % self.count == self.index - 1
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// A text that is not a partition.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{}` is not a partition: give one such as 2/3, the second of three", excerpt(given))]
pub struct PartitionError {
    /// The text.
    given: String,
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, PartitionError> {
        let parsed = text.split_once('/').and_then(|(index, count)| {
            let (index, count) = (index.parse().ok()?, count.parse().ok()?);
            (1..=count).contains(&index).then_some(Self { index, count })
        });
        parsed.ok_or_else(|| PartitionError { given: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_is_in_exactly_one_partition() {
        let parts: Vec<Partition> =
            ["1/3", "2/3", "3/3"].map(|text| text.parse().unwrap()).to_vec();
        for group in 0..20 {
            assert_eq!(parts.iter().filter(|part| part.holds(group)).count(), 1, "{group}");
        }
        assert_eq!(parts[1].to_string(), "2/3");
    }

    #[test]
    fn an_invalid_partition_is_rejected_with_an_example() {
        for text in ["0/3", "4/3", "1/0", "1", "a/b", "1/2/3", ""] {
            let error = text.parse::<Partition>().unwrap_err().to_string();
            assert!(error.contains("2/3") && error.contains(text), "{error}");
        }
    }
}
