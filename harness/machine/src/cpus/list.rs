//! The kernel's lists of processors: `0-3,8,10-11`.

/// The numbers in a list, in their order; `None` if it is not one.
#[must_use]
pub fn parse(text: &str) -> Option<Vec<usize>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Vec::new());
    }
    let mut numbers = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        if first > last || last > NUMBER_MAX {
            return None;
        }
        numbers.extend(first..=last);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

/// No kernel is built for more processors, and a broken file must not fill the memory.
const NUMBER_MAX: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_numbers_and_ranges() {
        assert_eq!(parse("0-3,8\n"), Some(vec![0, 1, 2, 3, 8]));
        assert_eq!(parse("5"), Some(vec![5]));
        assert_eq!(parse("4,0-1,1-2"), Some(vec![0, 1, 2, 4]));
        assert_eq!(parse("\n"), Some(vec![]));
    }

    #[test]
    fn what_is_no_list_is_none() {
        for text in ["a", "1-", "-1", "3-1", "1,,2", "0-99999999999", "0-70000"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
