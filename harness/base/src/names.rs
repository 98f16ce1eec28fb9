//! Parses names from a fixed list, and reports unknown ones.

use std::borrow::Cow;

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
    pub valid: Vec<Cow<'static, str>>,
}

impl UnknownName {
    /// The error for `given`, which is none of `valid`.
    pub fn new<V: Into<Cow<'static, str>>>(
        kind: &'static str,
        given: &str,
        valid: impl IntoIterator<Item = V>,
    ) -> Self {
        let valid = valid.into_iter().map(Into::into).collect();
        Self { kind, given: given.to_owned(), valid }
    }
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
    all.iter()
        .copied()
        .find(|it| name(*it) == text)
        .ok_or_else(|| UnknownName::new(kind, text, all.iter().copied().map(name)))
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
