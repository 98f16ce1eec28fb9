//! From one file to the next: what can be compared, and by how much it differs.

use shardproof_document::Reason;
use shardproof_evidence::{Build, Config, Evidence, Machine, Workload};

use super::series::{Point, part};

/// How a figure was gathered. Where two differ, figures are not compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    /// On what machine.
    pub(super) machine: &'a Machine,
    /// By what build.
    build: &'a Build,
    /// Under what workload; none where the file does not say.
    workload: Option<&'a Workload>,
}

impl<'a> Setting<'a> {
    /// That of one part of evidence, under the workload of this name.
    pub(super) fn of(evidence: &'a Evidence, part_number: usize, workload: &str) -> Self {
        let (machine, config) = part(evidence, part_number);
        let named = |config: &'a Config| config.workloads.iter().find(|each| each.name == workload);
        Self { machine, build: &evidence.build, workload: config.and_then(named) }
    }

    /// Why figures of this and another cannot be compared, if they cannot.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        let optimised = |build: &'a Build| (&build.profile, &build.opt_level, &build.target);
        if !is_same_machine(self.machine, other.machine) {
            Some("another machine")
        } else if optimised(self.build) != optimised(other.build) {
            Some("another kind of build")
        } else if self.workload != other.workload {
            Some("another workload of that name")
        } else {
            None
        }
    }
}

/// Whether two files seem to be from one machine: what changes from day to day, such as its load or
/// its kernel, is left out.
pub(super) fn is_same_machine(one: &Machine, other: &Machine) -> bool {
    let lasting = |machine: &Machine| {
        let Machine { cores, cpu, architecture, os, hypervisor, .. } = machine.clone();
        (cores, cpu, architecture, os, hypervisor)
    };
    lasting(one) == lasting(other)
}

/// A figure against the one before it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Change {
    /// There is none before it.
    First,
    /// The figure is withheld.
    Withheld(Reason),
    /// It cannot be compared with the one before it, for this reason.
    Incomparable(&'static str),
    /// It differs by this part.
    By {
        /// 0.1 for a tenth more.
        share: f64,
        /// Whether the two intervals have nothing in common.
        is_beyond_intervals: bool,
    },
}

/// The change at each point.
pub(super) fn changes(points: &[Point<'_>]) -> Vec<Change> {
    let mut before: Option<&Point<'_>> = None;
    let change = |point| {
        let change = change(before, point);
        if point.figure.is_ok() {
            before = Some(point);
        }
        change
    };
    points.iter().map(change).collect()
}

fn change(before: Option<&Point<'_>>, point: &Point<'_>) -> Change {
    let now = match point.figure {
        Ok(now) => now,
        Err(reason) => return Change::Withheld(reason),
    };
    let Some((before, then)) = before.and_then(|before| Some((before, before.figure.ok()?))) else {
        return Change::First;
    };
    if let Some(reason) = point.setting.difference(&before.setting) {
        return Change::Incomparable(reason);
    }
    if then.median == 0.0 {
        return Change::Incomparable("the one before it is 0");
    }
    Change::By {
        share: now.median / then.median - 1.0,
        is_beyond_intervals: now.low > then.high || now.high < then.low,
    }
}
