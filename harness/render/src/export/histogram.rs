//! Decodes the histograms of evidence.

use hdrhistogram::Histogram;
use shardproof_evidence::Evidence;
use shardproof_evidence::histogram::decode;

use super::ExportError;

/// The histogram of each latency record.
pub(super) fn all(evidence: &Evidence) -> Result<Vec<Histogram<u64>>, ExportError> {
    let decoded = evidence.latencies.iter().enumerate().map(|(index, latency)| {
        decode(&latency.histogram)
            .map_err(|error| ExportError::Histogram { index, reason: error.to_string() })
    });
    decoded.collect()
}
