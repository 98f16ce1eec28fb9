//! Short digests, to tell two things apart without storing them.

use sha2::{Digest, Sha256};

/// Bytes of a digest that are kept: two of a billion different things share 8 bytes with a chance
/// of less than one in thirty.
const BYTES: usize = 8;

/// A digest of `texts`, in order, as 16 hexadecimal digits.
///
/// `salt` names what the digest is for: the same texts have different digests under different
/// salts, so that a digest of one kind cannot be looked up among those of another.
#[must_use]
pub fn short<T: AsRef<str>>(salt: &str, texts: impl IntoIterator<Item = T>) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        // The length comes first: `ab`, `c` and `a`, `bc` must differ.
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    add(salt);
    for text in texts {
        add(text.as_ref());
    }
    hash.finalize()[..BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_depends_on_the_salt_and_on_where_each_text_ends() {
        let digests = [
            short("a", ["b", "c"]),
            short("a", ["bc"]),
            short("a", ["bc", ""]),
            short("b", ["b", "c"]),
            short("a", ["c", "b"]),
        ];
        assert_eq!(digests[0], short("a", ["b".to_owned(), "c".to_owned()]));
        assert!(digests.iter().all(|digest| digest.len() == 16));
        for (place, digest) in digests.iter().enumerate() {
            assert!(!digests[..place].contains(digest), "{digests:?}");
        }
    }
}
