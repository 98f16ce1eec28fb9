//! The error of parsing a name that is not on a list.

/// A word that names nothing, with the words that would.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{given}` is not {} {kind}: give one of {}", article(kind), .valid.join(", "))]
pub struct UnknownName {
    /// What was being named: `subject`, `mix`, ...
    pub kind: &'static str,
    /// The word that was given.
    pub given: String,
    /// The words, or patterns of words, that are understood.
    pub valid: Vec<&'static str>,
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
