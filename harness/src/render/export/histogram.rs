//! Histograms as evidence has them.

use hdrhistogram::Histogram;

use super::ExportError;
use crate::evidence::Evidence;
use crate::evidence::histogram::decode;

/// The histogram of each latency record.
pub(super) fn all(evidence: &Evidence) -> Result<Vec<Histogram<u64>>, ExportError> {
    let decoded = evidence.latencies.iter().enumerate().map(|(index, latency)| {
        decode(&latency.histogram)
            .map_err(|error| ExportError::Histogram { index, reason: error.to_string() })
    });
    decoded.collect()
}
