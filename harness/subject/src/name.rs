//! The names of the built-in subjects.

use std::fmt;
use std::str::FromStr;

use shardproof_base::excerpt::excerpt;
use shardproof_base::names::UnknownName;

/// A built-in subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SubjectName {
    /// `ShardedStore` through a run handle.
    Sharded,
    /// `ShardedStore` without a handle: each operation passes the run's id.
    ShardedPlain,
    /// `UnifiedStore`, the baseline.
    Unified,
    /// The literal design.
    Seed,
    /// A private, unlocked map per thread: an upper bound for shared stores.
    Ceiling,
    /// Does nothing: the cost of measuring.
    Floor,
    /// `surrealmx`, a peer.
    #[cfg(feature = "peers")]
    Surrealmx,
    /// `fjall`, a peer.
    #[cfg(feature = "peers")]
    Fjall,
    /// `redb`, a peer.
    #[cfg(feature = "peers")]
    Redb,
    /// `skipdb`, a peer.
    #[cfg(feature = "peers")]
    Skipdb,
    /// `dashmap`, a peer.
    #[cfg(feature = "peers")]
    Dashmap,
    /// `papaya`, a peer.
    #[cfg(feature = "peers")]
    Papaya,
    /// `scc`, a peer.
    #[cfg(feature = "peers")]
    Scc,
    /// `crossbeam-skiplist`, a peer.
    #[cfg(feature = "peers")]
    Skiplist,
    /// `moka`, a peer.
    #[cfg(feature = "peers")]
    Moka,
    /// An `RwLock` over a `HashMap`, a peer.
    #[cfg(feature = "peers")]
    Rwlock,
}

/// The names of the peers, in builds with and without them.
const PEERS: [&str; 10] = [
    "surrealmx",
    "fjall",
    "redb",
    "skipdb",
    "dashmap",
    "papaya",
    "scc",
    "skiplist",
    "moka",
    "rwlock",
];
/// Suffix of a peer's name when it is wrapped in [`Numbered`](crate::numbered::Numbered), for
/// `verify` only.
const NUMBERED: &str = "-numbered";

impl SubjectName {
    /// Its name on the command line and in evidence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sharded => "sharded",
            Self::ShardedPlain => "sharded-plain",
            Self::Unified => "unified",
            Self::Seed => "seed",
            Self::Ceiling => "ceiling",
            Self::Floor => "floor",
            #[cfg(feature = "peers")]
            Self::Surrealmx => PEERS[0],
            #[cfg(feature = "peers")]
            Self::Fjall => PEERS[1],
            #[cfg(feature = "peers")]
            Self::Redb => PEERS[2],
            #[cfg(feature = "peers")]
            Self::Skipdb => PEERS[3],
            #[cfg(feature = "peers")]
            Self::Dashmap => PEERS[4],
            #[cfg(feature = "peers")]
            Self::Papaya => PEERS[5],
            #[cfg(feature = "peers")]
            Self::Scc => PEERS[6],
            #[cfg(feature = "peers")]
            Self::Skiplist => PEERS[7],
            #[cfg(feature = "peers")]
            Self::Moka => PEERS[8],
            #[cfg(feature = "peers")]
            Self::Rwlock => PEERS[9],
        }
    }

    /// A one-line description.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Sharded => "ShardedStore through a run handle",
            Self::ShardedPlain => {
                "ShardedStore without a handle: each operation passes the run's id"
            }
            Self::Unified => "one BTreeMap behind one RwLock; snapshots copy it",
            Self::Seed => {
                "the literal design: a DashMap of maps, a global version counter, snapshots that read live data"
            }
            Self::Ceiling => "one private, unlocked map per thread: an upper bound",
            Self::Floor => "does nothing: the cost of measuring",
            #[cfg(feature = "peers")]
            Self::Surrealmx => "a peer: in-memory versions, serializable transactions",
            #[cfg(feature = "peers")]
            Self::Fjall => {
                "a peer: an on-disk log-structured merge tree, serializable transactions"
            }
            #[cfg(feature = "peers")]
            Self::Redb => "a peer: an in-memory copy-on-write B-tree, one writer at a time",
            #[cfg(feature = "peers")]
            Self::Skipdb => "a peer: versions in an in-memory skip list, serializable transactions",
            #[cfg(feature = "peers")]
            Self::Dashmap => "a peer: a hash map in shards, one lock per shard",
            #[cfg(feature = "peers")]
            Self::Papaya => "a peer: a hash table without locks, one allocation per put",
            #[cfg(feature = "peers")]
            Self::Scc => "a peer: a hash table with one lock per bucket",
            #[cfg(feature = "peers")]
            Self::Skiplist => "a peer: a lock-free skip list, with one lock per value",
            #[cfg(feature = "peers")]
            Self::Moka => "a peer: an in-memory cache, here unbounded",
            #[cfg(feature = "peers")]
            Self::Rwlock => "a peer: one RwLock over one HashMap",
        }
    }

    /// Whether its memory is measured; `false` if another subject already stands for it.
    #[must_use]
    pub const fn has_own_memory(self) -> bool {
        !matches!(self, Self::ShardedPlain | Self::Floor)
    }

    /// Whether a snapshot of it is known to show later writes, by its design: a control that shows
    /// what the checks find.
    #[must_use]
    pub const fn has_live_snapshots(self) -> bool {
        matches!(self, Self::Seed)
    }

    /// The maximum number of keys to measure its snapshots at, and the reason if it is below a
    /// million.
    #[must_use]
    pub const fn snapshot_keys_max(self) -> (usize, Option<&'static str>) {
        match self {
            Self::Unified => (100_000, Some("a snapshot copies every entry: 10 times fewer keys")),
            #[cfg(feature = "peers")]
            Self::Surrealmx | Self::Fjall | Self::Redb | Self::Skipdb => {
                (100_000, Some("each put is a transaction: 10 times fewer keys"))
            }
            _ => (1_000_000, None),
        }
    }
}

impl fmt::Display for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for SubjectName {
    type Err = UnknownSubject;

    fn from_str(text: &str) -> Result<Self, UnknownSubject> {
        let names = || Self::ALL.iter().chain(Self::PEERS).copied();
        if let Some(name) = names().find(|name| name.as_str() == text) {
            return Ok(name);
        }
        Err(UnknownSubject::new("subject", text, names().map(Self::as_str).collect()))
    }
}

/// A text that names no subject of this build.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UnknownSubject {
    /// It names no subject of any build.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// It names a peer, and this build has none.
    #[error(
        "`{}` is a peer, which this build lacks: build with `--features peers`",
        excerpt(given)
    )]
    NotInThisBuild {
        /// The given text.
        given: String,
    },
}

impl UnknownSubject {
    /// The error for a text that is not among `valid`.
    pub fn new(kind: &'static str, given: &str, valid: Vec<&'static str>) -> Self {
        let peer = given.strip_suffix(NUMBERED).unwrap_or(given);
        let given = given.to_owned();
        if PEERS.contains(&peer) && !cfg!(feature = "peers") {
            return Self::NotInThisBuild { given };
        }
        Self::Unknown(UnknownName { kind, given, valid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_display_and_parse() {
        for name in SubjectName::ALL.iter().chain(SubjectName::PEERS) {
            assert_eq!(name.to_string().parse(), Ok(*name));
        }
    }

    #[test]
    fn a_peer_is_parsed_or_the_error_names_the_feature() {
        for peer in PEERS {
            let parsed = peer.parse::<SubjectName>();
            if cfg!(feature = "peers") {
                assert_eq!(parsed.map(SubjectName::as_str), Ok(peer));
            } else {
                let error = parsed.unwrap_err().to_string();
                assert!(error.contains(peer) && error.contains("--features peers"), "{error}");
            }
        }
        assert_eq!(SubjectName::PEERS.is_empty(), !cfg!(feature = "peers"));
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_names() {
        let error = "seeed".parse::<SubjectName>().unwrap_err().to_string();
        assert!(error.contains("`seeed` is not a subject"), "{error}");
        assert!(error.contains("seed, ceiling, floor"), "{error}");
    }
}
