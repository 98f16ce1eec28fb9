//! The error for a name that stands for nothing.

use shardproof_base::excerpt::excerpt;
use shardproof_base::names::UnknownName;

/// The names of the peers, in builds with and without them.
pub(crate) const PEERS: [&str; 10] = [
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
/// Suffix of a peer's name when its own transactions number its commits, for `verify` only.
const NUMBERED: &str = "-numbered";

/// A name of no subject of this build.
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
    pub(crate) fn new(kind: &'static str, given: &str, valid: Vec<String>) -> Self {
        let peer = given.strip_suffix(NUMBERED).unwrap_or(given);
        if PEERS.contains(&peer) && !cfg!(feature = "peers") {
            return Self::NotInThisBuild { given: given.to_owned() };
        }
        Self::Unknown(UnknownName::new(kind, given, valid))
    }
}
