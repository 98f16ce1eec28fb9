//! Histograms as text: V2 of HdrHistogram's format, deflated, in Base64.
//!
//! Every tool that reads HdrHistogram logs understands this format. It is small: a run of empty
//! buckets takes one number, and the rest compresses well.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{
    DeserializeError, Deserializer as Reader, Serializer as _, V2DeflateSerializer,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// Why a text is not a histogram.
#[derive(Debug, thiserror::Error)]
pub enum HistogramError {
    /// It is not Base64.
    #[error("field `histogram` is not Base64: {0}; measure again, or copy the file again")]
    Text(#[from] base64::DecodeError),
    /// Its content is not in HdrHistogram's format.
    #[error("field `histogram` is not a V2 histogram: {0}; measure again, or copy the file again")]
    Format(#[from] DeserializeError),
}

/// Encodes a histogram as text.
///
/// # Panics
/// If a bucket counts more than 2^63 values.
#[must_use]
pub fn encode(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(histogram, &mut bytes)
        .expect("counts below 2^63, written to memory");
    BASE64_STANDARD.encode(bytes)
}

/// Decodes a histogram from text.
///
/// # Errors
/// [`HistogramError`].
pub fn decode(text: &str) -> Result<Histogram<u64>, HistogramError> {
    let bytes = BASE64_STANDARD.decode(text)?;
    Ok(Reader::new().deserialize(&mut bytes.as_slice())?)
}

/// For `#[serde(with = ..)]`: a histogram as its text.
///
/// # Errors
/// The serializer's own.
pub fn serialize<S: Serializer>(
    histogram: &Histogram<u64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&encode(histogram))
}

/// For `#[serde(with = ..)]`: a histogram from its text.
///
/// # Errors
/// [`HistogramError`], as an error of the deserializer, and the deserializer's own.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Histogram<u64>, D::Error> {
    decode(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_distr::{Distribution, LogNormal};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    /// Similar to a million timed operations: most take about 60 ns, a few a thousand times as
    /// long.
    fn typical() -> Histogram<u64> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let (usual, rare) = (LogNormal::new(4.1, 0.25).unwrap(), LogNormal::new(9.0, 1.5).unwrap());
        let mut histogram = Histogram::new_with_bounds(1, 60_000_000_000, 3).unwrap();
        for index in 0..1_000_000 {
            let ns: f64 = if index % 500 == 0 { &rare } else { &usual }.sample(&mut random);
            histogram.saturating_record(ns as u64);
        }
        histogram
    }

    #[test]
    fn a_histogram_survives_a_round_trip_through_text() {
        for histogram in [typical(), Histogram::new_with_bounds(1, 60_000_000_000, 3).unwrap()] {
            let again = decode(&encode(&histogram)).unwrap();
            assert_eq!(again, histogram);
            assert_eq!((again.max(), again.len()), (histogram.max(), histogram.len()));
            assert_eq!(encode(&again), encode(&histogram));
        }
    }

    #[test]
    fn a_million_samples_are_a_few_thousand_characters() {
        let text = encode(&typical());
        assert!(text.len() < 4_096, "{} characters", text.len());
    }

    #[test]
    fn an_invalid_histogram_is_rejected_with_the_field_named() {
        let mut cut = BASE64_STANDARD.decode(encode(&typical())).unwrap();
        cut.truncate(100);
        for text in ["", "not Base64", "AAAA", &BASE64_STANDARD.encode(cut)] {
            let error = decode(text).unwrap_err().to_string();
            assert!(error.contains("`histogram`") && error.contains("again"), "{error}");
        }
    }
}
