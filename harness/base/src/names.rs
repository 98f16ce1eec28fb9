//! Parses names from a fixed list, and reports unknown ones.

use crate::excerpt::excerpt;

/// An unknown name, with the valid ones.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{}` is not {} {kind}: give one of {}", excerpt(given), article(kind), .valid.join(", "))]
pub struct UnknownName {
    /// The kind of thing: `subject`, `mix`, ...
    pub kind: &'static str,
    /// The given text.
    pub given: String,
    /// The valid names, or patterns of names.
    pub valid: Vec<&'static str>,
}

/// Finds the item of `all` whose name is `text`.
///
/// # Errors
/// [`UnknownName`] if no item has this name.
pub fn find<T: Copy>(
    kind: &'static str,
    text: &str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<T, UnknownName> {
    all.iter().copied().find(|it| name(*it) == text).ok_or_else(|| UnknownName {
        kind,
        given: text.to_owned(),
        valid: all.iter().copied().map(name).collect(),
    })
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
