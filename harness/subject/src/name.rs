//! The names of the built-in subjects.

use std::fmt;
use std::str::FromStr;

use shardproof_base::names::UnknownName;

/// A built-in subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SubjectName {
    /// `ShardedStore` through a run's handle.
    Sharded,
    /// `ShardedStore` through `get` and `put`, with the run's id each time.
    ShardedPlain,
    /// `UnifiedStore`, the baseline.
    Unified,
    /// The literal design.
    Seed,
    /// A private, unlocked map per thread: what no shared store can beat.
    Ceiling,
    /// Nothing: what measuring itself costs.
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

/// What a peer is called, in a build with or without the peers.
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
/// What is behind a peer's name where it is [`Numbered`](crate::numbered::Numbered), which only
/// verifying asks for.
const NUMBERED: &str = "-numbered";

impl SubjectName {
    /// The word for it.
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

    /// One line on what it is.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Sharded => "ShardedStore through a run's handle",
            Self::ShardedPlain => "ShardedStore through get and put, with the run's id each time",
            Self::Unified => "one RwLock over one BTreeMap, snapshots by copy",
            Self::Seed => "the literal design: a DashMap of maps, a global counter, live snapshots",
            Self::Ceiling => "one private, unlocked map per thread: the best one could hope for",
            Self::Floor => "does nothing: what measuring itself costs",
            #[cfg(feature = "peers")]
            Self::Surrealmx => "a peer: versions in memory, serializable transactions",
            #[cfg(feature = "peers")]
            Self::Fjall => "a peer: a log-structured merge tree on disk, serializable transactions",
            #[cfg(feature = "peers")]
            Self::Redb => "a peer: a copy-on-write B-tree in memory, one writer at a time",
            #[cfg(feature = "peers")]
            Self::Skipdb => "a peer: versions in a skip list in memory, serializable transactions",
            #[cfg(feature = "peers")]
            Self::Dashmap => "a peer: hash maps in memory, the hash says in which, a lock for each",
            #[cfg(feature = "peers")]
            Self::Papaya => {
                "a peer: a hash table in memory without locks, an allocation for each put"
            }
            #[cfg(feature = "peers")]
            Self::Scc => "a peer: a hash table in memory, a lock for each bucket",
            #[cfg(feature = "peers")]
            Self::Skiplist => "a peer: a skip list in memory without locks, a lock for each value",
            #[cfg(feature = "peers")]
            Self::Moka => "a peer: a cache in memory, here without a bound",
            #[cfg(feature = "peers")]
            Self::Rwlock => "a peer: one RwLock over one HashMap",
        }
    }

    /// Whether its entries take memory that is not already reported under another name.
    #[must_use]
    pub const fn has_own_memory(self) -> bool {
        !matches!(self, Self::ShardedPlain | Self::Floor)
    }

    /// The most keys its snapshots are measured at, with the reason where it is not a million.
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

/// A word that is no subject of this build.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UnknownSubject {
    /// Nor of any other.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// It names a peer.
    #[error("`{given}` is a peer, and this build has none: build with `--features peers`")]
    NotInThisBuild {
        /// The word that was given.
        given: String,
    },
}

impl UnknownSubject {
    /// What to say of a word that is none of `valid`.
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
    fn a_peer_is_parsed_or_the_build_that_has_it_is_named() {
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
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = "seeed".parse::<SubjectName>().unwrap_err().to_string();
        assert!(error.contains("`seeed` is not a subject"), "{error}");
        assert!(error.contains("seed, ceiling, floor"), "{error}");
    }
}
