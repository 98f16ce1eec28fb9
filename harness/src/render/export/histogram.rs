//! Histograms as evidence has them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{DeserializeError, Deserializer};

use super::ExportError;
use crate::evidence::Evidence;

/// The histogram of each latency record.
pub(super) fn all(evidence: &Evidence) -> Result<Vec<Histogram<u64>>, ExportError> {
    let decoded = evidence.latencies.iter().enumerate().map(|(index, latency)| {
        decode(&latency.histogram)
            .map_err(|error| ExportError::Histogram { index, reason: error.to_string() })
    });
    decoded.collect()
}

/// Why a text is no histogram.
#[derive(Debug, thiserror::Error)]
enum DecodeError {
    /// It is not Base64.
    #[error(transparent)]
    Base64(#[from] base64::DecodeError),
    /// It is Base64 of something else.
    #[error(transparent)]
    Histogram(#[from] DeserializeError),
}

fn decode(text: &str) -> Result<Histogram<u64>, DecodeError> {
    let bytes = BASE64_STANDARD.decode(text)?;
    Ok(Deserializer::new().deserialize(&mut bytes.as_slice())?)
}
