//! What the numbers of a program or history are called when a person reads them.

mod event;
mod op;

use crate::alphabet::Alphabet;
use crate::history::{ABSENT, Claims, GARBLED, Header, History};

/// Bytes of the longest key that is spelt out; of a longer one both ends are.
const KEY_BYTES_SHOWN: usize = 20;

/// Knows the names of one history's keys, and what is worth saying.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'a> {
    /// The keys and prefixes.
    alphabet: &'a Alphabet,
    /// What the subject shows.
    claims: Claims,
}

impl<'a> Words<'a> {
    /// The words for a history with this header.
    pub(crate) fn new(header: &'a Header) -> Self {
        Self { alphabet: &header.alphabet, claims: header.claims }
    }

    /// A key in quotes, or its number if it has no name.
    pub(crate) fn key(self, number: u32) -> String {
        let key = self.alphabet.keys.get(number as usize);
        key.map_or_else(|| format!("#{number}"), |key| quoted(key))
    }

    /// A prefix in quotes, or its number if it has no name.
    pub(crate) fn prefix(self, number: u32) -> String {
        let prefix = self.alphabet.prefixes.get(number as usize);
        prefix.map_or_else(|| format!("#{number}"), |prefix| quoted(prefix))
    }

    /// A version, after words that lead to it; nothing if the subject shows none.
    pub(crate) fn version(self, lead: &str, stamp: u64, sequence: u64) -> String {
        if self.claims.versions { format!("{lead}{stamp}.{sequence}") } else { String::new() }
    }

    /// The version of a snapshot, after words that lead to it; nothing if the subject shows none.
    pub(crate) fn moment(self, lead: &str, stamp: u64) -> String {
        if self.claims.versions { format!("{lead}{stamp}") } else { String::new() }
    }
}

/// A value in prose: `value 7`, `nothing`.
pub(crate) fn value(id: u32) -> String {
    match id {
        ABSENT => "nothing".to_owned(),
        GARBLED => "bytes that no write made".to_owned(),
        id => format!("value {id}"),
    }
}

/// A value in few letters: `7`, `nothing`.
pub(crate) fn value_short(id: u32) -> String {
    match id {
        ABSENT => "nothing".to_owned(),
        GARBLED => "garbled".to_owned(),
        id => id.to_string(),
    }
}

/// Whose log it is: `setup`, `thread 1`, `at rest`.
pub(crate) fn log_name(history: &History, log: usize) -> String {
    match log {
        0 => "setup".to_owned(),
        log if log + 1 == history.logs.len() => "at rest".to_owned(),
        log => format!("thread {log}"),
    }
}

/// `1 entry`, `2 entries`.
fn entries(count: u32) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

pub(crate) fn yes_or_no(value: u32) -> &'static str {
    if value == 0 { "no" } else { "yes" }
}

fn quoted(key: &[u8]) -> String {
    if key.len() <= KEY_BYTES_SHOWN {
        return format!("\"{}\"", key.escape_ascii());
    }
    let (start, end) = (&key[..KEY_BYTES_SHOWN / 2], &key[key.len() - KEY_BYTES_SHOWN / 2..]);
    format!("\"{}…{}\"", start.escape_ascii(), end.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_shows_both_ends_and_odd_bytes_are_escaped() {
        assert_eq!(quoted(b"a\0"), r#""a\x00""#);
        let long = b"a long key with a prefix in common: one";
        assert_eq!(quoted(long), r#""a long key…ommon: one""#);
    }
}
