//! HdrHistogram's interval log, version 1.3: one line per latency record, with its coordinates as
//! the tag.

use std::path::Path;
use std::time::Duration;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use shardproof_evidence::{Evidence, Latency};

use super::{ExportError, ExportedFile, HDR_FOLDER, histogram, names};

/// The file's name.
const FILE_NAME: &str = "latencies.hlog";
/// Nanoseconds per unit of the maximum column, which is only for readers: histograms are in
/// nanoseconds.
const MAX_VALUE_DIVISOR: f64 = 1_000.0;

/// Makes one file of all latency records; none without records.
pub(super) fn files(evidence: &Evidence) -> Result<Vec<ExportedFile>, ExportError> {
    let histograms = histogram::all(evidence)?;
    if histograms.is_empty() {
        return Ok(Vec::new());
    }
    let bytes = log(evidence, &histograms);
    Ok(vec![ExportedFile { path: Path::new(HDR_FOLDER).join(FILE_NAME), bytes }])
}

fn log(evidence: &Evidence, histograms: &[Histogram<u64>]) -> Vec<u8> {
    let names = names::of_latencies(&evidence.latencies);
    let mut lines: Vec<_> = evidence
        .latencies
        .iter()
        .zip(names.iter().zip(histograms))
        .map(|(latency, (name, histogram))| (interval(latency), name, histogram))
        .collect();
    // Readers expect intervals in order of their start.
    lines.sort_by_key(|((start, _), _, _)| *start);
    let mut bytes = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let written = IntervalLogWriterBuilder::new()
        .add_comment("[Histogram log format version 1.3]")
        .add_comment(&format!("[Logged with shardproof {}]", evidence.build.version))
        .add_comment("[Histograms are in nanoseconds, maxima in microseconds]")
        .add_comment("[Times are in seconds since the start of the measurement]")
        .with_max_value_divisor(MAX_VALUE_DIVISOR)
        .begin_log_with(&mut bytes, &mut serializer)
        .map(|mut log| {
            for ((start, length), name, histogram) in lines {
                let tag = Tag::new(name).expect("a sanitised name is a valid tag");
                log.write_histogram(histogram, start, length, Some(tag))
                    .expect("a decoded histogram can be encoded");
            }
        });
    written.expect("writing to memory cannot fail");
    bytes
}

/// Start of the first round of a record, and the time from there to the end of the last round.
fn interval(latency: &Latency) -> (Duration, Duration) {
    let start = latency.rounds.iter().map(|round| round.at_s).min_by(f64::total_cmp);
    let ends = latency.rounds.iter().map(|round| round.at_s + round.length_s);
    let (start, end) = start.zip(ends.max_by(f64::total_cmp)).unwrap_or_default();
    (duration(start), duration(end - start))
}

/// A duration from a file, or 0 if it is not valid.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
