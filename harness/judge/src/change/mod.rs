//! Whether a figure changed from one measurement to another.
//!
//! Two measurements of the same program differ: by the noise within a round, by what else the
//! machine did, by how fast it was that day. A change is called one only if none of these explains
//! it:
//!
//! 1. Both were measured on the same machine, in the same way, and neither has a warning that
//!    spoils the figure; otherwise they are not compared, and the reason is given.
//! 2. Throughput is divided, round by round, by that of the control `ceiling` in the same place of
//!    the matrix, and latency by its median there: how fast the machine was that day cancels out.
//!    Where one of the two measurements has no such control, the figures themselves are compared,
//!    and more warnings count as spoiling.
//! 3. The interval of the ratio, from the ends of both intervals, must leave out 1 by more than the
//!    noise floor of either measurement: what the same thing differs in when it is measured twice.
//!
//! With the same law on both sides and noise that is independent from round to round, fewer than
//! one figure in a hundred is called a change; a test holds 200 seeds against that.

mod comparable;
#[cfg(test)]
mod tests;

use std::fmt;

use shardproof_evidence::{Cell, Evidence, Latency, Spread, Warning};
use shardproof_stats as stats;

pub use crate::change::comparable::is_same_machine;
use crate::change::comparable::setting_difference;
use crate::compare::SCALING_CONTROL;

/// What cells of different evidence have in common.
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
    /// That of a cell of the matrix.
    #[must_use]
    pub fn of_cell(cell: &'a Cell) -> Self {
        let Cell { placement, workload, subject, threads, .. } = cell;
        Self { placement, workload, subject, threads: *threads }
    }

    /// That of a cell whose latency was measured.
    #[must_use]
    pub fn of_latency(latency: &'a Latency) -> Self {
        let Latency { placement, workload, subject, threads, .. } = latency;
        Self { placement, workload, subject, threads: *threads }
    }

    fn control(self) -> Self {
        Self { subject: SCALING_CONTROL, ..self }
    }
}

/// What is compared.
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

/// What became of a figure.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// The ratio of the two figures leaves out 1 by more than the noise floor.
    Changed(Ratio),
    /// It does not.
    WithinNoise(Ratio),
    /// The two are not compared.
    NotComparable(Reason),
}

/// How many times as large a figure is as it was.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ratio {
    /// The ratio of the medians, with an interval from the ends of theirs.
    pub spread: Spread,
    /// What it must leave 1 out by: the larger noise floor of the two measurements.
    pub noise_floor: f64,
    /// What the figures were divided by first.
    pub basis: Basis,
}

/// What figures are divided by before they are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Basis {
    /// The control `ceiling` in the same place of the same measurement.
    Ceiling,
    /// Nothing.
    Alone,
}

/// Why two figures are not compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// One of them is missing, or withheld because answers were wrong.
    NoFigure,
    /// They are from two machines.
    OtherMachine,
    /// They are from builds of two kinds.
    OtherBuild,
    /// The workload of this name was another one.
    OtherWorkload,
    /// A field of the configuration differs: `profile`, ...
    OtherSetting(&'static str),
    /// A measurement has a warning that spoils the figure.
    Warned(Warning),
    /// A measurement did not look for its noise floor.
    NoNoiseFloor,
    /// A figure is 0, or no number.
    NoRatio,
    /// It is the control itself, which shows how fast the machine was.
    IsControl,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFigure => f.write_str("no figure"),
            Self::OtherMachine => f.write_str("another machine"),
            Self::OtherBuild => f.write_str("another kind of build"),
            Self::OtherWorkload => f.write_str("another workload of that name"),
            Self::OtherSetting(field) => write!(f, "another {field}"),
            Self::Warned(warning) => f.write_str(warning.as_str()),
            Self::NoNoiseFloor => f.write_str("no noise floor was measured"),
            Self::NoRatio => f.write_str("a figure is 0"),
            Self::IsControl => f.write_str("the control shows how fast the machine was"),
        }
    }
}

/// What became of one figure from `before` to `after`. Nothing but the two decides.
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
) -> Result<Ratio, Reason> {
    let (then, now) = (Figure::of(before, cell, metric)?, Figure::of(after, cell, metric)?);
    setting_difference((before, then.part), (after, now.part), cell.workload)?;
    if cell.subject == SCALING_CONTROL {
        return Err(Reason::IsControl);
    }
    let floors = [(before, then.part), (after, now.part)].map(noise_floor);
    let [Some(floor_before), Some(floor_after)] = floors else { return Err(Reason::NoNoiseFloor) };
    let normalised = then.to_ceiling.zip(now.to_ceiling);
    let (basis, (then_spread, now_spread)) = match normalised {
        Some(both) => (Basis::Ceiling, both),
        None => (Basis::Alone, (then.alone, now.alone)),
    };
    for (evidence, figure) in [(before, &then), (after, &now)] {
        check_warnings(evidence, figure, cell, basis)?;
    }
    let spread = quotient(now_spread, then_spread).ok_or(Reason::NoRatio)?;
    Ok(Ratio { spread, noise_floor: floor_before.max(floor_after), basis })
}

/// One figure of one measurement.
struct Figure<'a> {
    /// The part of merged evidence that it is from.
    part: usize,
    /// As it was measured.
    alone: Spread,
    /// Divided by the control; none where there is none.
    to_ceiling: Option<Spread>,
    /// What may have spoiled it.
    warnings: &'a [Warning],
}

impl<'a> Figure<'a> {
    fn of(evidence: &'a Evidence, name: CellName<'_>, metric: Metric<'_>) -> Result<Self, Reason> {
        let figure = match metric {
            Metric::Throughput => Self::throughput(evidence, name),
            Metric::P99 { operation } => Self::p99(evidence, name, operation),
        };
        figure.ok_or(Reason::NoFigure)
    }

    fn throughput(evidence: &'a Evidence, name: CellName<'_>) -> Option<Self> {
        let find = |name| evidence.cells.iter().find(move |it| CellName::of_cell(it) == name);
        let cell = find(name)?;
        let throughput = cell.valid_throughput()?;
        let control = find(name.control()).filter(|control| control.part == cell.part);
        let to_ceiling = control
            .and_then(Cell::valid_throughput)
            .and_then(|control| stats::paired_ratio(&throughput.rounds, &control.rounds));
        let (part, alone) = (cell.part, throughput.spread());
        Some(Self { part, alone, to_ceiling, warnings: &cell.warnings })
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
        // Its median is the speed of the machine; its tail is what interrupted it.
        let to_ceiling = control.and_then(|control| quotient(latency.p99_ns, control.p50_ns));
        let (part, alone) = (latency.part, latency.p99_ns);
        Some(Self { part, alone, to_ceiling, warnings: &latency.warnings })
    }
}

/// One spread divided by another, the interval as wide as both together can make it. `None` where
/// something is 0 or no number.
fn quotient(one: Spread, other: Spread) -> Option<Spread> {
    let all = [one.median, one.low, one.high, other.median, other.low, other.high];
    let are_figures = all.iter().all(|figure| figure.is_finite() && *figure > 0.0);
    are_figures.then(|| Spread {
        median: one.median / other.median,
        low: one.low / other.high,
        high: one.high / other.low,
        coverage: one.coverage.min(other.coverage),
    })
}

/// The noise floor of a part: of its own cells, or of the machine just before.
fn noise_floor((evidence, part): (&Evidence, usize)) -> Option<f64> {
    let part = evidence.part(part)?;
    let of_machine = part.certificate.and_then(|certificate| certificate.same_twice.as_ref());
    part.same_twice.or(of_machine).map(|same| same.noise_floor)
}

/// Warnings of a measurement that spoil every figure of it.
const SPOILS_ALL: [Warning; 3] =
    [Warning::UnoptimisedBuild, Warning::Throttled, Warning::FewRounds];
/// Warnings of a measurement that spoil figures of several threads.
const SPOILS_SEVERAL_THREADS: [Warning; 1] = [Warning::CoresMoved];
/// Warnings of a measurement that spoil figures that no control was measured beside: what was taken
/// side by side had the same disturbances.
const SPOILS_ALONE: [Warning; 2] = [Warning::BusyMachine, Warning::StolenTime];
/// Warnings of a figure that spoil it. A wide interval is none: it is judged by.
const SPOILS_FIGURE: [Warning; 3] =
    [Warning::Oversubscribed, Warning::RaggedStart, Warning::OffCpu];

fn check_warnings(
    evidence: &Evidence,
    figure: &Figure<'_>,
    cell: CellName<'_>,
    basis: Basis,
) -> Result<(), Reason> {
    let of_part = evidence.part(figure.part).map_or(&[][..], |part| part.warnings);
    let spoils = |warning: &&Warning| {
        SPOILS_ALL.contains(warning)
            || (cell.threads > 1 && SPOILS_SEVERAL_THREADS.contains(warning))
            || (basis == Basis::Alone && SPOILS_ALONE.contains(warning))
    };
    let of_part = of_part.iter().find(spoils);
    let of_figure = figure.warnings.iter().find(|warning| SPOILS_FIGURE.contains(warning));
    of_part.or(of_figure).map_or(Ok(()), |warning| Err(Reason::Warned(*warning)))
}
