//! Quotes the words of a command for a POSIX shell.

use std::ffi::OsStr;

/// Text, such as a path, quoted as one word of a command.
pub(crate) fn quoted(text: impl AsRef<OsStr>) -> String {
    let word = text.as_ref().to_string_lossy().into_owned();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:,@%".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word;
    }
    // Within single quotes only the quote itself is special.
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_path_without_special_characters_is_not_quoted() {
        for path in ["reports/latest/findings/seed-litmus/program.json", "/tmp/a_b,c", "../x"] {
            assert_eq!(quoted(path), path);
        }
    }

    #[test]
    fn a_path_with_special_characters_is_quoted() {
        assert_eq!(quoted("my reports/x"), "'my reports/x'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_the_quoted_path_back() {
        for path in
            ["plain/path", "two  words", "it's $HOME `id` \\ \"x\" *", "~", "a;b&c|d\ne", "é#!"]
        {
            let script = format!("printf %s {}", quoted(path));
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), path);
        }
    }
}
