//! Names of files and tags, made from the coordinates of records.

use std::collections::HashSet;

use shardproof_evidence::Latency;

/// Maximum length of a name before the suffix that makes it unique: both together fit in any file
/// system.
const LETTERS_MAX: usize = 180;

/// A unique name for each record, of ASCII letters, digits, `.`, `-` and `_`; unique even if case
/// is ignored.
pub(super) fn of_latencies(latencies: &[Latency]) -> Vec<String> {
    let mut taken = HashSet::new();
    latencies.iter().map(|latency| unique(name(latency), &mut taken)).collect()
}

fn name(latency: &Latency) -> String {
    let Latency { part, subject, workload, placement, threads, arrivals, operation, .. } = latency;
    let arrivals = match arrivals {
        Some(arrivals) => format!("{}-{}ops", arrivals.pattern, arrivals.rate_ops_s),
        None => "closed".to_owned(),
    };
    let threads = format!("{threads}t");
    let mut words: Vec<&str> = vec![subject, workload, placement, &threads, operation, &arrivals];
    let part = format!("part{part}");
    if latency.part > 0 {
        words.push(&part);
    }
    let words: Vec<String> = words.into_iter().map(safe).collect();
    words.join("_").chars().take(LETTERS_MAX).collect()
}

/// Replaces other characters by hyphens, so that `_` only separates words, and a leading dot, which
/// would hide the file.
fn safe(word: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '.' || letter == '-';
    let safe: String =
        word.chars().map(|letter| if allowed(letter) { letter } else { '-' }).collect();
    match safe.strip_prefix('.') {
        Some(rest) => format!("-{rest}"),
        None => safe,
    }
}

fn unique(name: String, taken: &mut HashSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut candidates = std::iter::once(name.clone()).chain(numbered);
    let free = candidates.find(|candidate| taken.insert(candidate.to_ascii_lowercase()));
    free.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_characters_become_hyphens() {
        assert_eq!(safe("get90-put10"), "get90-put10");
        assert_eq!(safe("zipf:0.99"), "zipf-0.99");
        assert_eq!(safe("../a b,c\n\u{e9}_\""), "-.-a-b-c----");
    }

    #[test]
    fn names_are_unique_even_if_case_is_ignored() {
        let mut taken = HashSet::new();
        let names = ["a", "A", "a_2", "a", "b"].map(|name| unique(name.to_owned(), &mut taken));
        assert_eq!(names, ["a", "A_2", "a_2_2", "a_3", "b"]);
    }
}
