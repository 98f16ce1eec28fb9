//! The order in which people count.

use std::cmp::Ordering;

/// Compares texts letter by letter, but numbers in them as numbers.
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

/// What a text begins with: a number, or a letter.
fn chunk(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let letter = text.chars().next().map_or(0, char::len_utf8);
    text.split_at(digits.max(letter))
}

fn is_number(chunk: &str) -> bool {
    chunk.starts_with(|letter: char| letter.is_ascii_digit())
}

/// Something in the order of the number, however long that is.
fn number(digits: &str) -> (usize, &str) {
    let significant = digits.trim_start_matches('0');
    (significant.len(), significant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_as_numbers_and_the_rest_as_text() {
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
