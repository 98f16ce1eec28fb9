//! The names of subjects in help texts.

use std::fmt::Write;

/// A sentence, followed by the names and what each means, one per line.
pub(crate) fn listed<'a>(
    sentence: &str,
    subjects: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut text = format!("{sentence}\n");
    for (name, about) in subjects {
        let colon = if about.is_empty() { "" } else { ": " };
        let _ = write!(text, "\n  {name}{colon}{about}");
    }
    text
}
