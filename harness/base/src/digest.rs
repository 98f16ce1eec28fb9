//! Short digests, which tell two things apart without storing them.

use sha2::{Digest, Sha256};

/// The length of a digest in bytes. Among a billion different things, the chance that any two have
/// the same digest is below one in thirty.
const BYTES: usize = 8;

/// A digest of `texts`, in order, as 16 hexadecimal digits.
///
/// `salt` names the purpose of the digest. The same texts have different digests under different
/// salts, so digests of different kinds cannot be matched.
#[must_use]
pub fn short<T: AsRef<str>>(salt: &str, texts: impl IntoIterator<Item = T>) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        // The length comes first, so that `ab`, `c` and `a`, `bc` differ.
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
        for (index, digest) in digests.iter().enumerate() {
            assert!(!digests[..index].contains(digest), "{digests:?}");
        }
    }
}
