//! Readers of HdrHistogram's formats, written from their descriptions and independent of the
//! library that wrote the files.

use std::collections::BTreeMap;
use std::io::Read;

/// Cookie of a compressed histogram, without the bits of [`WORD_SIZE`].
const COMPRESSED_COOKIE: u32 = 0x1c84_9304;
/// Cookie of the histogram within it.
const COOKIE: u32 = 0x1c84_9303;
/// The bits of both cookies that encode the width of counts.
const WORD_SIZE: u32 = 0xf0;
/// Their value for counts of one to nine bytes.
const VARIABLE: u32 = 0x10;

/// The counts of all values.
#[derive(Debug)]
pub(crate) struct Counts {
    /// Significant digits.
    pub(crate) digits: u32,
    /// The lowest value distinguishable from 0.
    pub(crate) lowest: u64,
    /// The count of each value, by its highest equivalent value.
    pub(crate) by_value: BTreeMap<u64, u64>,
}

impl Counts {
    /// The sum of all counts.
    pub(crate) fn total(&self) -> u64 {
        self.by_value.values().sum()
    }

    /// The value at a quantile.
    pub(crate) fn quantile(&self, quantile: f64) -> u64 {
        let wanted = ((quantile * self.total() as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let reached = self.by_value.iter().find(|(_, count)| {
            seen += **count;
            seen >= wanted
        });
        *reached.expect("a quantile is at most 1").0
    }
}

/// One line of a log.
#[derive(Debug)]
pub(crate) struct Interval {
    /// Its tag.
    pub(crate) tag: String,
    /// When it began.
    pub(crate) start_s: f64,
    /// Its duration.
    pub(crate) length_s: f64,
    /// The maximum, in the log's unit.
    pub(crate) max: f64,
    /// The counts.
    pub(crate) counts: Counts,
}

/// Reads a log: its comments and its lines.
pub(crate) fn log(text: &str) -> (Vec<&str>, Vec<Interval>) {
    let (comments, lines): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with('#'));
    (comments, lines.into_iter().map(interval).collect())
}

fn interval(line: &str) -> Interval {
    let fields: Vec<&str> = line.split(',').collect();
    let [tag, start, length, max, encoded] = fields[..] else { panic!("five fields: {line}") };
    let tag = tag.strip_prefix("Tag=").expect("a tag comes first").to_owned();
    assert!(!tag.contains(char::is_whitespace), "{tag}");
    Interval {
        tag,
        start_s: start.parse().expect("a start"),
        length_s: length.parse().expect("a length"),
        max: max.parse().expect("a maximum"),
        counts: compressed(&base64(encoded)),
    }
}

/// Reads Base64 with padding.
pub(crate) fn base64(text: &str) -> Vec<u8> {
    assert_eq!(text.len() % 4, 0, "Base64 comes in fours");
    let mut bytes = Vec::new();
    for four in text.as_bytes().chunks(4) {
        let sextets: Vec<u32> = four.iter().map_while(|letter| sextet(*letter)).collect();
        assert!(sextets.len() >= 2 && four[sextets.len()..].iter().all(|letter| *letter == b'='));
        let word = (0..4).fold(0, |word, i| word << 6 | sextets.get(i).copied().unwrap_or(0));
        bytes.extend_from_slice(&word.to_be_bytes()[1..sextets.len()]);
    }
    bytes
}

fn sextet(letter: u8) -> Option<u32> {
    Some(u32::from(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Reads a compressed histogram.
pub(crate) fn compressed(bytes: &[u8]) -> Counts {
    let mut rest = bytes;
    check_cookie(u32_of(&mut rest), COMPRESSED_COOKIE);
    assert_eq!(u32_of(&mut rest) as usize, rest.len(), "the length of what is compressed");
    let mut inner = Vec::new();
    flate2::read::ZlibDecoder::new(rest).read_to_end(&mut inner).expect("it is compressed");
    let mut rest = inner.as_slice();
    check_cookie(u32_of(&mut rest), COOKIE);
    let length = u32_of(&mut rest) as usize;
    assert_eq!(u32_of(&mut rest), 0, "counts are not shifted");
    let digits = u32_of(&mut rest);
    let lowest = u64_of(&mut rest);
    let highest = u64_of(&mut rest);
    assert!(highest >= 2 * lowest);
    assert_eq!(f64::from_bits(u64_of(&mut rest)), 1.0, "values are whole");
    assert_eq!(rest.len(), length, "the length of the counts");
    Counts { digits, lowest, by_value: counts(rest, digits, lowest) }
}

fn check_cookie(actual: u32, base: u32) {
    assert_eq!((actual & !WORD_SIZE, actual & WORD_SIZE), (base, VARIABLE), "{actual:x}");
}

fn counts(mut rest: &[u8], digits: u32, lowest: u64) -> BTreeMap<u64, u64> {
    let mut by_value = BTreeMap::new();
    let mut index = 0;
    while !rest.is_empty() {
        match zigzag(leb128(&mut rest)) {
            skipped @ ..0 => index += skipped.unsigned_abs(),
            0 => index += 1,
            count => {
                by_value.insert(highest_equivalent(index, digits, lowest), count.unsigned_abs());
                index += 1;
            }
        }
    }
    by_value
}

/// The highest value counted at an index. Each bucket is twice as wide as the previous one, and all
/// but the first use only their upper half.
fn highest_equivalent(index: u64, digits: u32, lowest: u64) -> u64 {
    let resolution = 2 * 10_u64.pow(digits);
    let half = resolution.next_power_of_two() / 2;
    let unit = lowest.ilog2();
    let (bucket, sub_bucket) = match index / half {
        0 => (0, index),
        half_buckets => (half_buckets - 1, index % half + half),
    };
    let shift = bucket + u64::from(unit);
    (sub_bucket << shift) + (1 << shift) - 1
}

/// A variable-length integer of seven bits per byte, lowest first; the ninth byte has eight.
fn leb128(rest: &mut &[u8]) -> u64 {
    let mut number = 0;
    for index in 0..9 {
        let byte = u64::from(rest[0]);
        *rest = &rest[1..];
        if index == 8 {
            return number | byte << 56;
        }
        number |= (byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            break;
        }
    }
    number
}

/// 0, -1, 1, -2, 2, ...
fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn u32_of(rest: &mut &[u8]) -> u32 {
    let (bytes, after) = rest.split_first_chunk().expect("four bytes");
    *rest = after;
    u32::from_be_bytes(*bytes)
}

fn u64_of(rest: &mut &[u8]) -> u64 {
    u64::from(u32_of(rest)) << 32 | u64::from(u32_of(rest))
}

/// One line of a percentile distribution.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Percentile {
    /// The value, in the file's unit.
    pub(crate) value: f64,
    /// Between 0 and 1.
    pub(crate) quantile: f64,
    /// The count up to this value.
    pub(crate) count: u64,
    /// 1 / (1 - quantile); none in the last line.
    pub(crate) inverse: Option<f64>,
}

/// Reads a percentile distribution: its lines, and the values in its footer by name.
pub(crate) fn distribution(text: &str) -> (Vec<Percentile>, BTreeMap<String, String>) {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split_whitespace().collect();
    assert_eq!(header, ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]);
    assert_eq!(lines.next(), Some(""));
    let (foot, rows): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with('#'));
    let footer = foot.iter().flat_map(|line| {
        let inner = line.strip_prefix("#[").and_then(|line| line.strip_suffix(']'));
        inner.expect("brackets").split(", ").collect::<Vec<_>>()
    });
    let footer = footer.filter_map(|each| each.split_once('='));
    let footer = footer.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    (rows.into_iter().map(percentile).collect(), footer.collect())
}

fn percentile(row: &str) -> Percentile {
    let fields: Vec<f64> =
        row.split_whitespace().map(|field| field.parse().expect("a number")).collect();
    assert!(fields.len() == 3 || fields.len() == 4, "{row}");
    Percentile {
        value: fields[0],
        quantile: fields[1],
        count: fields[2] as u64,
        inverse: fields.get(3).copied(),
    }
}
