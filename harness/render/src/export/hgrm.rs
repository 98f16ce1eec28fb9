//! HdrHistogram's percentile distribution, in the format that `outputPercentileDistribution` of the
//! Java implementation prints and HdrHistogram's plotter reads.

use std::fmt::Write;
use std::path::Path;

use hdrhistogram::Histogram;
use shardproof_evidence::Evidence;

use super::{ExportError, ExportedFile, HDR_FOLDER, histogram, names};

/// Nanoseconds per unit of the file. Microseconds with three decimals are exact to the nanosecond;
/// in milliseconds, the default of the Java tools, most operations would be 0.000.
const NS_PER_UNIT: f64 = 1_000.0;
/// Lines for each halving of the distance to 100 %, the default of the Java tools.
const TICKS_PER_HALF_DISTANCE: u32 = 5;

/// Makes one file per latency record.
pub(super) fn files(evidence: &Evidence) -> Result<Vec<ExportedFile>, ExportError> {
    let histograms = histogram::all(evidence)?;
    let files = names::of_latencies(&evidence.latencies).into_iter().zip(&histograms);
    let files = files.map(|(name, histogram)| ExportedFile {
        path: Path::new(HDR_FOLDER).join(name + ".hgrm"),
        bytes: distribution(histogram).into_bytes(),
    });
    Ok(files.collect())
}

fn distribution(histogram: &Histogram<u64>) -> String {
    let mut text = format!(
        "{:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    let mut count = 0;
    for step in histogram.iter_quantiles(TICKS_PER_HALF_DISTANCE) {
        count += step.count_since_last_iteration();
        let value = step.value_iterated_to() as f64 / NS_PER_UNIT;
        let quantile = step.quantile_iterated_to();
        // Writing to a string cannot fail.
        let _ = write!(text, "{value:12.3} {quantile:2.12} {count:10}");
        // The last line has no fourth column, because 1 / 0 is not a number.
        let _ = match quantile {
            ..1.0 => writeln!(text, " {:14.2}", 1.0 / (1.0 - quantile)),
            _ => writeln!(text),
        };
    }
    let _ = write!(
        text,
        "#[Mean    = {:12.3}, StdDeviation   = {:12.3}]\n\
         #[Max     = {:12.3}, Total count    = {:12}]\n\
         #[Buckets = {:12}, SubBuckets     = {:12}]\n\
         #[Unit    = microseconds, nanoseconds divided by {NS_PER_UNIT}]\n",
        histogram.mean() / NS_PER_UNIT,
        histogram.stdev() / NS_PER_UNIT,
        histogram.max() as f64 / NS_PER_UNIT,
        histogram.len(),
        histogram.buckets(),
        // In the Java implementation's sense: counters of the first bucket, enough for the digits.
        (2 * 10_u32.pow(histogram.sigfig().into())).next_power_of_two(),
    );
    text
}
