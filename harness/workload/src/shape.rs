//! What keys look like.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use sharded_store::{Key, RunId};
use shardproof_base::names::{self, UnknownName};

use crate::keys::{KEY_BYTES, characters, scramble};

/// The longest key of a workload, in bytes.
pub const KEY_BYTES_MAX: usize = 1024;

/// What keys look like, each from its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum KeyShape {
    /// Characters that look random, at least 12. Longer keys have more such characters behind.
    #[default]
    Random,
    /// The number itself, big-endian, in 8 bytes. Longer keys have zeros in front.
    Dense,
    /// The number times 2^32, big-endian, in 8 bytes: the low half never varies. Longer keys have
    /// zeros in front.
    Shifted,
    /// `user` and the number in decimal digits, as long as it takes. Longer keys, of at least 14
    /// bytes, are all as long: they have zeros before the digits.
    User,
    /// 36 characters in the form of a UUID, that look random.
    Uuid,
}

impl KeyShape {
    /// Every shape.
    pub const ALL: [Self; 5] = [Self::Random, Self::Dense, Self::Shifted, Self::User, Self::Uuid];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Dense => "dense",
            Self::Shifted => "shifted",
            Self::User => "user",
            Self::Uuid => "uuid",
        }
    }

    /// The shortest and the longest length that can be asked for.
    #[must_use]
    pub const fn bytes_range(self) -> (usize, usize) {
        match self {
            Self::Random => (KEY_BYTES, KEY_BYTES_MAX),
            Self::Dense | Self::Shifted => (WORD_BYTES, KEY_BYTES_MAX),
            Self::User => (USER.len() + DIGITS_MAX, KEY_BYTES_MAX),
            Self::Uuid => (UUID_BYTES, UUID_BYTES),
        }
    }

    /// The key of this number. `bytes`, where it is given, is within [`KeyShape::bytes_range`].
    #[must_use]
    pub fn key(self, number: u32, bytes: Option<usize>) -> Key {
        let number = u64::from(number);
        let made = match self {
            Self::Random if bytes.is_none_or(|bytes| bytes == KEY_BYTES) => {
                Key::new(characters(number))
            }
            Self::Random => Key::new(long_random(number, bytes.unwrap_or(KEY_BYTES))),
            Self::Dense => word(number, bytes),
            Self::Shifted => word(number << 32, bytes),
            Self::User => user(number, bytes),
            Self::Uuid => uuid(number),
        };
        made.expect("a key of at most 1024 bytes is below the limit")
    }
}

/// Bytes of a number.
const WORD_BYTES: usize = 8;
/// What the keys of YCSB begin with.
const USER: &[u8] = b"user";
/// Decimal digits of the largest number.
const DIGITS_MAX: usize = 10;
/// Characters of a UUID.
const UUID_BYTES: usize = 36;

fn long_random(number: u64, bytes: usize) -> Vec<u8> {
    // The first piece is the short key itself; the numbers of the others are none of a key.
    let piece = |place: u64| characters(number + (place << 40));
    let mut made: Vec<u8> = (0..bytes.div_ceil(KEY_BYTES) as u64).flat_map(piece).collect();
    made.truncate(bytes);
    made
}

fn word(number: u64, bytes: Option<usize>) -> Result<Key, sharded_store::Error> {
    let word = number.to_be_bytes();
    match bytes {
        None | Some(WORD_BYTES) => Key::new(word),
        Some(bytes) => {
            let mut made = vec![0; bytes];
            made[bytes - WORD_BYTES..].copy_from_slice(&word);
            Key::new(made)
        }
    }
}

fn user(number: u64, bytes: Option<usize>) -> Result<Key, sharded_store::Error> {
    let digits = bytes.map_or(1, |bytes| bytes - USER.len());
    let mut made = [0; KEY_BYTES_MAX];
    let mut rest = &mut made[..];
    write!(rest, "user{number:0digits$}").expect("there is room for the longest key");
    let length = KEY_BYTES_MAX - rest.len();
    Key::new(&made[..length])
}

fn uuid(number: u64) -> Result<Key, sharded_store::Error> {
    // The low half alone tells any two numbers apart.
    let low = scramble(number + 1, u64::MAX);
    let id = RunId::from_u128((u128::from(scramble(low, u64::MAX)) << 64) | u128::from(low));
    let mut made = [0; UUID_BYTES];
    write!(&mut made[..], "{id}").expect("a run id is shown as a UUID");
    Key::new(made)
}

impl fmt::Display for KeyShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for KeyShape {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        names::find("key shape", text, &Self::ALL, Self::as_str)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Numbers of every order of magnitude.
    fn numbers() -> impl Iterator<Item = u32> {
        (0..20_000).chain((0..1_000).map(|it| (1 << 31) + it)).chain([u32::MAX])
    }

    #[test]
    fn a_shape_survives_display_and_parse() {
        for shape in KeyShape::ALL {
            assert_eq!(shape.to_string().parse(), Ok(shape));
        }
        assert!("round".parse::<KeyShape>().unwrap_err().to_string().contains("shifted"));
    }

    #[test]
    fn different_numbers_have_different_keys_of_the_length_that_was_asked_for() {
        for shape in KeyShape::ALL {
            let (min, max) = shape.bytes_range();
            for bytes in [None, Some(min), Some(max.min(37)), Some(max)] {
                let keys: BTreeSet<Key> =
                    numbers().map(|number| shape.key(number, bytes)).collect();
                assert_eq!(keys.len(), numbers().count(), "{shape} {bytes:?}");
                if let Some(bytes) = bytes {
                    assert!(keys.iter().all(|key| key.as_bytes().len() == bytes), "{shape}");
                }
            }
        }
    }

    #[test]
    fn each_shape_looks_as_it_says() {
        let key = |shape: KeyShape, bytes| shape.key(258, bytes).as_bytes().to_vec();
        assert_eq!(key(KeyShape::Dense, None), [0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(key(KeyShape::Dense, Some(10)), [0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(key(KeyShape::Shifted, None), [0, 0, 1, 2, 0, 0, 0, 0]);
        assert_eq!(key(KeyShape::User, None), b"user258");
        assert_eq!(key(KeyShape::User, Some(14)), b"user0000000258");
        let uuid = key(KeyShape::Uuid, None);
        assert!(uuid.len() == 36 && [8, 13, 18, 23].iter().all(|place| uuid[*place] == b'-'));
        let (short, long) = (key(KeyShape::Random, None), key(KeyShape::Random, Some(30)));
        assert_eq!(short, long[..12]);
        assert_ne!(long[..12], long[12..24]);
    }

    #[test]
    fn the_numbers_of_dense_keys_and_of_padded_user_keys_order_them() {
        for (shape, bytes) in
            [(KeyShape::Dense, None), (KeyShape::Shifted, Some(9)), (KeyShape::User, Some(14))]
        {
            assert!(numbers().map(|number| shape.key(number, bytes)).is_sorted(), "{shape}");
        }
    }
}
