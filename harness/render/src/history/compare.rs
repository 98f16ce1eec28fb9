//! Natural order.

use std::cmp::Ordering;

/// Compares texts character by character, but numbers in them by value.
pub(super) fn natural(one: &str, other: &str) -> Ordering {
    let (mut ours, mut theirs) = (one, other);
    loop {
        let (our_head, our_rest) = chunk(ours);
        let (their_head, their_rest) = chunk(theirs);
        let order = match (our_head.is_empty(), their_head.is_empty()) {
            // `1` and `01` are the same number, but not the same text.
            (true, true) => return one.cmp(other),
            (false, false) if is_number(our_head) && is_number(their_head) => {
                number(our_head).cmp(&number(their_head))
            }
            _ => our_head.cmp(their_head),
        };
        if order != Ordering::Equal {
            return order;
        }
        (ours, theirs) = (our_rest, their_rest);
    }
}

/// Splits a text after its leading number or character.
fn chunk(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let letter = text.chars().next().map_or(0, char::len_utf8);
    text.split_at(digits.max(letter))
}

fn is_number(chunk: &str) -> bool {
    chunk.starts_with(|letter: char| letter.is_ascii_digit())
}

/// A key that orders numbers of any length.
fn number(digits: &str) -> (usize, &str) {
    let significant = digits.trim_start_matches('0');
    (significant.len(), significant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value_and_the_rest_as_text() {
        let sorted = [
            "",
            "a",
            "run/evidence.json",
            "run1/evidence.json",
            "run01/x",
            "run1/x",
            "run2/evidence.json",
            "run10/evidence.json",
            "run10b",
            "run99999999999999999999999999",
            "run100000000000000000000000000",
            "ä",
        ];
        let mut shuffled = sorted;
        shuffled.reverse();
        shuffled.sort_by(|one, other| natural(one, other));
        assert_eq!(shuffled, sorted);
    }
}
