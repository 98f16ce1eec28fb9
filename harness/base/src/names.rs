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

/// The one of `all` whose word is `text`.
pub fn find<T: Copy>(
    kind: &'static str,
    text: &str,
    all: &[T],
    word: fn(T) -> &'static str,
) -> Result<T, UnknownName> {
    all.iter().copied().find(|it| word(*it) == text).ok_or_else(|| UnknownName {
        kind,
        given: text.to_owned(),
        valid: all.iter().copied().map(word).collect(),
    })
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
