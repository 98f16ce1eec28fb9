//! Messages on stderr: the only way to write there.
//!
//! **Invariant:** failures of stderr never matter. It may be closed or full, and the program still
//! does its work.

use std::fmt::Display;
use std::io::{self, Write};

use crate::base::excerpt;

/// Writes one message, with its line break.
pub(crate) fn say(text: impl Display) {
    let mut text = excerpt::printable(&text.to_string());
    text.push('\n');
    // In one write. Failure is ignored, because there is nowhere left to report it.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// An error with its causes, each once: some messages already quote their cause.
pub(crate) fn describe(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // In full, or as the excerpt that messages quote.
        let cut = excerpt::message(&cause);
        if !text.contains(&cause) && !text.contains(&cut) {
            text = format!("{text}: {cut}");
        }
    }
    excerpt::message(&text)
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_cause_is_named_once_with_bounded_length() {
        let cause = format!("bad \u{1b}[1m{}", "x".repeat(10_000));
        let quoting = anyhow::anyhow!(cause.clone());
        let text = describe(&quoting.context(format!("file: {}", excerpt::message(&cause))));
        assert_eq!(text.matches("bad").count(), 1, "{text}");
        assert!(text.len() < 2_000 && !text.contains('\u{1b}'), "{text}");
        let error =
            Err::<(), _>(anyhow::anyhow!("no space")).context("cannot write x").unwrap_err();
        assert_eq!(describe(&error), "cannot write x: no space");
        let error = Err::<(), _>(anyhow::anyhow!("no space")).context("cannot write x: no space");
        assert_eq!(describe(&error.unwrap_err()), "cannot write x: no space");
    }
}
