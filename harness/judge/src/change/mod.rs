//! Whether a result changed between two measurements.
//!
//! Two measurements of the same program differ: because of noise within a round, other load on the
//! machine, and the machine's speed that day. A difference counts as a change only if none of these
//! explains it:
//!
//! 1. Both were measured on the same machine under the same conditions, and neither has a warning
//!    that invalidates the result; otherwise they are not compared, and the reason is given.
//! 2. Throughput is divided, round by round, by that of the control `ceiling` in the same cell, and
//!    latency by the control's median, so that the machine's speed that day cancels out. If either
//!    measurement lacks the control, the raw results are compared, and more warnings invalidate.
//! 3. The interval of the ratio, from the ends of both intervals, must exclude 1 by more than the
//!    larger noise floor of the two measurements.
//!
//! With equal speed on both sides and noise that is independent between rounds, fewer than one
//! result in a hundred is called a change; a test verifies this over 200 seeds.

mod comparable;
#[cfg(test)]
mod tests;

use std::fmt;

use shardproof_evidence::{Cell, Evidence, Latency, Spread, Warning};
use shardproof_stats as stats;

pub use crate::change::comparable::is_same_machine;
use crate::change::comparable::setting_difference;
use crate::compare::SCALING_CONTROL;

/// Identifies a cell across evidence files.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CellName<'a> {
    /// The placement.
    pub placement: &'a str,
    /// The workload's name.
    pub workload: &'a str,
    /// The subject's name.
    pub subject: &'a str,
    /// Threads at work.
    pub threads: usize,
}

impl<'a> CellName<'a> {
    /// The name of a throughput cell.
    #[must_use]
    pub fn of_cell(cell: &'a Cell) -> Self {
        let Cell { placement, workload, subject, threads, .. } = cell;
        Self { placement, workload, subject, threads: *threads }
    }

    /// The name of a latency cell.
    #[must_use]
    pub fn of_latency(latency: &'a Latency) -> Self {
        let Latency { placement, workload, subject, threads, .. } = latency;
        Self { placement, workload, subject, threads: *threads }
    }

    fn control(self) -> Self {
        Self { subject: SCALING_CONTROL, ..self }
    }
}

/// The metric that is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Metric<'a> {
    /// Operations per second.
    Throughput,
    /// The 99th percentile of this kind of operation, in a closed loop.
    P99 {
        /// The kind: `get`, `all`, ...
        operation: &'a str,
    },
}

/// The outcome of a comparison.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// The interval of the ratio excludes 1 by more than the noise floor.
    Changed(Ratio),
    /// It includes 1, or is too close to it.
    WithinNoise(Ratio),
    /// The two results are not comparable.
    NotComparable(Incomparable),
}

/// The new result divided by the old one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ratio {
    /// The ratio of the medians, with an interval from the ends of both intervals.
    pub spread: Spread,
    /// The larger noise floor of the two measurements.
    pub noise_floor: f64,
    /// How both results were normalised first.
    pub basis: Basis,
}

/// How results are normalised before they are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Basis {
    /// Divided by the control `ceiling` in the same cell of the same measurement.
    Ceiling,
    /// Not normalised.
    Raw,
}

/// Why two results are not comparable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Incomparable {
    /// One of them is missing, or withheld because of wrong answers.
    NoResult,
    /// They are from different machines.
    OtherMachine,
    /// They are from different kinds of build.
    OtherBuild,
    /// The workload of this name has a different definition.
    OtherWorkload,
    /// A field of the configuration differs: `profile`, ...
    OtherSetting(&'static str),
    /// A measurement has a warning that invalidates the result.
    Warned(Warning),
    /// A measurement has no noise floor.
    NoNoiseFloor,
    /// A result is 0 or not a number.
    NoRatio,
    /// It is the control itself, which measures the machine.
    IsControl,
}

impl fmt::Display for Incomparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoResult => f.write_str("no result"),
            Self::OtherMachine => f.write_str("different machine"),
            Self::OtherBuild => f.write_str("different kind of build"),
            Self::OtherWorkload => f.write_str("different definition of the workload"),
            Self::OtherSetting(field) => write!(f, "different {field}"),
            Self::Warned(warning) => f.write_str(warning.as_str()),
            Self::NoNoiseFloor => f.write_str("noise floor not measured"),
            Self::NoRatio => f.write_str("a result is 0"),
            Self::IsControl => f.write_str("the control measures the machine"),
        }
    }
}

/// Compares one result between `before` and `after`. Depends on these two only.
#[must_use]
pub fn change(
    before: &Evidence,
    after: &Evidence,
    cell: CellName<'_>,
    metric: Metric<'_>,
) -> Change {
    ratio(before, after, cell, metric).map_or_else(Change::NotComparable, |ratio| {
        if ratio.is_beyond_noise() { Change::Changed(ratio) } else { Change::WithinNoise(ratio) }
    })
}

impl Ratio {
    fn is_beyond_noise(&self) -> bool {
        let Spread { low, high, .. } = self.spread;
        let factor = 1.0 + self.noise_floor;
        low > factor || high < factor.recip()
    }
}

fn ratio(
    before: &Evidence,
    after: &Evidence,
    cell: CellName<'_>,
    metric: Metric<'_>,
) -> Result<Ratio, Incomparable> {
    let (then, now) =
        (MeasuredValue::of(before, cell, metric)?, MeasuredValue::of(after, cell, metric)?);
    setting_difference((before, then.part), (after, now.part), cell.workload)?;
    if cell.subject == SCALING_CONTROL {
        return Err(Incomparable::IsControl);
    }
    let floors = [(before, then.part), (after, now.part)].map(noise_floor);
    let [Some(floor_before), Some(floor_after)] = floors else {
        return Err(Incomparable::NoNoiseFloor);
    };
    let normalised = then.to_ceiling.zip(now.to_ceiling);
    let (basis, (then_spread, now_spread)) = match normalised {
        Some(both) => (Basis::Ceiling, both),
        None => (Basis::Raw, (then.raw, now.raw)),
    };
    for (evidence, value) in [(before, &then), (after, &now)] {
        check_warnings(evidence, value, cell, basis)?;
    }
    let spread = quotient(now_spread, then_spread).ok_or(Incomparable::NoRatio)?;
    Ok(Ratio { spread, noise_floor: floor_before.max(floor_after), basis })
}

/// One result of one measurement.
struct MeasuredValue<'a> {
    /// The part of merged evidence that it is from.
    part: usize,
    /// The raw value.
    raw: Spread,
    /// Divided by the control; none without a control.
    to_ceiling: Option<Spread>,
    /// Its warnings.
    warnings: &'a [Warning],
}

impl<'a> MeasuredValue<'a> {
    fn of(
        evidence: &'a Evidence,
        name: CellName<'_>,
        metric: Metric<'_>,
    ) -> Result<Self, Incomparable> {
        let value = match metric {
            Metric::Throughput => Self::throughput(evidence, name),
            Metric::P99 { operation } => Self::p99(evidence, name, operation),
        };
        value.ok_or(Incomparable::NoResult)
    }

    fn throughput(evidence: &'a Evidence, name: CellName<'_>) -> Option<Self> {
        let find = |name| evidence.cells.iter().find(move |it| CellName::of_cell(it) == name);
        let cell = find(name)?;
        let throughput = cell.valid_throughput()?;
        let control = find(name.control()).filter(|control| control.part == cell.part);
        let to_ceiling = control
            .and_then(Cell::valid_throughput)
            .and_then(|control| stats::paired_ratio(&throughput.rounds, &control.rounds));
        let (part, raw) = (cell.part, throughput.spread());
        Some(Self { part, raw, to_ceiling, warnings: &cell.warnings })
    }

    fn p99(evidence: &'a Evidence, name: CellName<'_>, operation: &str) -> Option<Self> {
        let find = |name| {
            evidence.latencies.iter().find(move |it| {
                it.arrivals.is_none()
                    && it.operation == operation
                    && CellName::of_latency(it) == name
            })
        };
        let latency = find(name)?;
        let control = find(name.control()).filter(|control| control.part == latency.part);
        // The control's median reflects the machine's speed; its tail reflects interruptions.
        let to_ceiling = control.and_then(|control| quotient(latency.p99_ns, control.p50_ns));
        let (part, raw) = (latency.part, latency.p99_ns);
        Some(Self { part, raw, to_ceiling, warnings: &latency.warnings })
    }
}

/// One spread divided by another, with the widest interval that both allow. `None` if a value is 0
/// or not a number.
fn quotient(one: Spread, other: Spread) -> Option<Spread> {
    let all = [one.median, one.low, one.high, other.median, other.low, other.high];
    let are_positive = all.iter().all(|value| value.is_finite() && *value > 0.0);
    are_positive.then(|| Spread {
        median: one.median / other.median,
        low: one.low / other.high,
        high: one.high / other.low,
        coverage: one.coverage.min(other.coverage),
    })
}

/// The noise floor of a part: from its own cells, or from the machine's certificate.
fn noise_floor((evidence, part): (&Evidence, usize)) -> Option<f64> {
    let part = evidence.part(part)?;
    let of_machine = part.certificate.and_then(|certificate| certificate.same_twice.as_ref());
    part.same_twice.or(of_machine).map(|same| same.noise_floor)
}

/// Warnings of a measurement that invalidate all its results.
const INVALIDATES_ALL: [Warning; 3] =
    [Warning::UnoptimisedBuild, Warning::Throttled, Warning::FewRounds];
/// Warnings of a measurement that invalidate results of several threads.
const INVALIDATES_MULTITHREADED: [Warning; 1] = [Warning::CoresMoved];
/// Warnings of a measurement that invalidate results without a control: results measured side by
/// side had the same disturbances.
const INVALIDATES_RAW: [Warning; 2] = [Warning::BusyMachine, Warning::StolenTime];
/// Warnings of a result that invalidate it. A wide interval is not among them: the comparison
/// accounts for it.
const INVALIDATES_RESULT: [Warning; 3] =
    [Warning::Oversubscribed, Warning::RaggedStart, Warning::OffCpu];

fn check_warnings(
    evidence: &Evidence,
    value: &MeasuredValue<'_>,
    cell: CellName<'_>,
    basis: Basis,
) -> Result<(), Incomparable> {
    let of_part = evidence.part(value.part).map_or(&[][..], |part| part.warnings);
    let invalidates = |warning: &&Warning| {
        INVALIDATES_ALL.contains(warning)
            || (cell.threads > 1 && INVALIDATES_MULTITHREADED.contains(warning))
            || (basis == Basis::Raw && INVALIDATES_RAW.contains(warning))
    };
    let of_part = of_part.iter().find(invalidates);
    let of_value = value.warnings.iter().find(|warning| INVALIDATES_RESULT.contains(warning));
    of_part.or(of_value).map_or(Ok(()), |warning| Err(Incomparable::Warned(*warning)))
}
