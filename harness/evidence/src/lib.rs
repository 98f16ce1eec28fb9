//! Observations without judgement: plain, versioned data that depends on no other part of the
//! harness.
//!
//! A field's name ends in its unit. A value that was not or could not be observed is `null`, never
//! 0.

#![deny(clippy::print_stderr, clippy::print_stdout)]

mod cell;
mod config;
pub mod file;
pub mod histogram;
mod latency;
mod machine;
mod memory;
pub mod merge;
mod operation;
mod partition;
mod snapshots;
mod subject;
pub mod timeline;
pub mod verification;
pub mod warning;

pub use cell::{Cell, Checks, Skipped, Throughput};
pub use config::{Config, Workload};
pub use file::EvidenceError;
pub use latency::{ALL, Arrivals, KEPT_UP, Latency, LatencyRound, Quantiles, RateSearch, RateStep};
pub use machine::{AaTest, Build, Certificate, CoreToCore, Counters, Machine};
pub use memory::Memory;
pub use operation::{Operation, RatioTo};
pub use partition::{Partition, PartitionError};
pub use shardproof_stats::Spread;
pub use snapshots::{AcquireNs, HeldSnapshot, Reclaim, SnapshotAge, SnapshotThreads, Snapshots};
pub use subject::Subject;
pub use verification::Verification;
pub use warning::Warning;

use serde::{Deserialize, Serialize};

use crate::verification::{Fault, VerificationConfig, VerificationRun};

/// The schema that this version writes and reads.
pub const SCHEMA: &str = "shardproof.evidence/2";

/// Everything observed in one measurement.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// [`SCHEMA`].
    pub schema: String,
    /// The machine it was observed on.
    pub machine: Machine,
    /// The program that observed it.
    pub build: Build,
    /// The configuration; none if nothing was measured.
    #[serde(default)]
    pub config: Option<Config>,
    /// The machine's certificate; none if the machine was not examined.
    #[serde(default)]
    pub certificate: Option<Certificate>,
    /// The subjects and their settings.
    #[serde(default)]
    pub subjects: Vec<Subject>,
    /// Throughput, one per cell of the matrix.
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// A/A test: one cell measured twice in every round, so any difference is noise.
    #[serde(default)]
    pub same_twice: Option<AaTest>,
    /// Combinations skipped, and why.
    #[serde(default)]
    pub skipped: Vec<Skipped>,
    /// Latency, one per cell and kind of operation.
    #[serde(default)]
    pub latencies: Vec<Latency>,
    /// Result of checking answers in the latency pass, rate searches included; none without such a
    /// pass.
    #[serde(default)]
    pub latency_checks: Option<Checks>,
    /// The highest arrival rate that each subject sustains.
    #[serde(default)]
    pub rate_searches: Vec<RateSearch>,
    /// Snapshot latency.
    #[serde(default)]
    pub snapshots: Vec<Snapshots>,
    /// Snapshot latency while other threads take snapshots too.
    #[serde(default)]
    pub snapshot_threads: Vec<SnapshotThreads>,
    /// Cost of held snapshots.
    #[serde(default)]
    pub held_snapshots: Vec<HeldSnapshot>,
    /// Memory per entry.
    #[serde(default)]
    pub memory: Vec<Memory>,
    /// Operations outside the mixes, each compared with another.
    #[serde(default)]
    pub operations: Vec<Operation>,
    /// Warnings about the measurement as a whole.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// Machine and configuration of the other parts of merged evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The verification run; none if nothing was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<VerificationRun>,
    /// Verdicts: each property of each subject under each executor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verifications: Vec<Verification>,
    /// Configuration of the fault hunt; none if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault_hunt: Option<VerificationConfig>,
    /// Outcome of each seeded fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
}

impl Evidence {
    /// Evidence of a machine and a build, with nothing measured or verified yet.
    #[must_use]
    pub fn new(machine: Machine, build: Build) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            machine,
            build,
            config: None,
            certificate: None,
            subjects: Vec::new(),
            cells: Vec::new(),
            same_twice: None,
            skipped: Vec::new(),
            latencies: Vec::new(),
            latency_checks: None,
            rate_searches: Vec::new(),
            snapshots: Vec::new(),
            snapshot_threads: Vec::new(),
            held_snapshots: Vec::new(),
            memory: Vec::new(),
            operations: Vec::new(),
            warnings: Vec::new(),
            parts: Vec::new(),
            verification: None,
            verifications: Vec::new(),
            fault_hunt: None,
            faults: Vec::new(),
        }
    }

    /// Whether anything was measured, or any answer checked. Without that, evidence is not a
    /// measurement, whatever its configuration says.
    #[must_use]
    pub fn has_measurements(&self) -> bool {
        let checked = self.latency_checks.as_ref().is_some_and(|checks| checks.checked > 0);
        let are_empty = [
            self.cells.is_empty(),
            self.latencies.is_empty(),
            self.rate_searches.is_empty(),
            self.snapshots.is_empty(),
            self.snapshot_threads.is_empty(),
            self.held_snapshots.is_empty(),
            self.memory.is_empty(),
            self.operations.is_empty(),
        ];
        checked || are_empty.contains(&false)
    }

    /// Adds the measurements, verification and fault hunt that only the older evidence of the same
    /// build has.
    pub fn fill_missing_from(&mut self, older: Self) {
        let mut older = older;
        if self.verification.is_none() {
            self.verification = older.verification.take();
            self.verifications = std::mem::take(&mut older.verifications);
        }
        if self.fault_hunt.is_none() {
            self.fault_hunt = older.fault_hunt.take();
            self.faults = std::mem::take(&mut older.faults);
        }
        if self.config.is_none() {
            older.verification = self.verification.take();
            older.verifications = std::mem::take(&mut self.verifications);
            older.fault_hunt = self.fault_hunt.take();
            older.faults = std::mem::take(&mut self.faults);
            *self = older;
        }
    }
}

/// One part of evidence: what one machine measured.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PartRef<'a> {
    /// The machine it was measured on.
    pub machine: &'a Machine,
    /// The machine's certificate.
    pub certificate: Option<&'a Certificate>,
    /// A/A test of one of its cells.
    pub same_twice: Option<&'a AaTest>,
    /// Its configuration.
    pub config: Option<&'a Config>,
    /// Warnings about it as a whole.
    pub warnings: &'a [Warning],
}

impl Evidence {
    /// All parts, in the order of their numbers; exactly one unless the evidence is merged.
    pub fn all_parts(&self) -> impl Iterator<Item = PartRef<'_>> {
        let first = PartRef {
            machine: &self.machine,
            certificate: self.certificate.as_ref(),
            same_twice: self.same_twice.as_ref(),
            config: self.config.as_ref(),
            warnings: &self.warnings,
        };
        let others = self.parts.iter().map(|part| PartRef {
            machine: &part.machine,
            certificate: part.certificate.as_ref(),
            same_twice: part.same_twice.as_ref(),
            config: part.config.as_ref(),
            warnings: &part.warnings,
        });
        std::iter::once(first).chain(others)
    }

    /// The part with this number, as in the `part` field of records.
    #[must_use]
    pub fn part(&self, number: usize) -> Option<PartRef<'_>> {
        self.all_parts().nth(number)
    }

    /// The machine that a part was measured on; the first part's if there is no such part.
    #[must_use]
    pub fn machine_of(&self, part: usize) -> &Machine {
        self.part(part).map_or(&self.machine, |part| part.machine)
    }

    /// Whether a record of this part had more threads than cores, by the machine or by a warning.
    #[must_use]
    pub fn is_oversubscribed(&self, part: usize, threads: usize, warnings: &[Warning]) -> bool {
        threads > self.machine_of(part).cores || warnings.contains(&Warning::Oversubscribed)
    }
}

/// A part of merged evidence: what one machine measured. Ratios are never taken across parts.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// The machine it was measured on.
    pub machine: Machine,
    /// The machine's certificate.
    pub certificate: Option<Certificate>,
    /// A/A test of one of its cells.
    #[serde(default)]
    pub same_twice: Option<AaTest>,
    /// Its configuration.
    pub config: Option<Config>,
    /// Warnings about it as a whole.
    pub warnings: Vec<Warning>,
}

/// Whether a `part` field can be left out of the file.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_first_part(part: &usize) -> bool {
    *part == 0
}
