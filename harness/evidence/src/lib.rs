//! What was observed, and never a judgement: plain data, versioned, that knows nobody.
//!
//! Units are the last part of a field's name. What was not or could not be observed is `null`,
//! never 0.

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
pub mod verification;
pub mod warning;

pub use cell::{Cell, Checks, Skipped, Throughput};
pub use config::{Config, Workload};
pub use file::EvidenceError;
pub use latency::{ALL, Arrivals, KEPT_UP, Latency, LatencyRound, Quantiles, RateSearch, RateStep};
pub use machine::{Build, Certificate, CoreToCore, Counters, Machine, SameTwice};
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
    /// Where it was observed.
    pub machine: Machine,
    /// From what.
    pub build: Build,
    /// What was asked for; none where nothing was measured.
    #[serde(default)]
    pub config: Option<Config>,
    /// What the machine can show; none where it was not looked at.
    #[serde(default)]
    pub certificate: Option<Certificate>,
    /// The subjects, and how each is set up.
    #[serde(default)]
    pub subjects: Vec<Subject>,
    /// Throughput, one per cell of the matrix.
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// One of the cells measured twice in every round: what differs between the two is noise.
    #[serde(default)]
    pub same_twice: Option<SameTwice>,
    /// What was left out of the matrix, and why.
    #[serde(default)]
    pub skipped: Vec<Skipped>,
    /// Latency, one per cell and kind of operation.
    #[serde(default)]
    pub latencies: Vec<Latency>,
    /// What came of checking answers in the pass for latency, searches included; none where there
    /// was no such pass.
    #[serde(default)]
    pub latency_checks: Option<Checks>,
    /// How much load each subject bears.
    #[serde(default)]
    pub rate_searches: Vec<RateSearch>,
    /// Snapshot latency.
    #[serde(default)]
    pub snapshots: Vec<Snapshots>,
    /// The same while other threads take snapshots too.
    #[serde(default)]
    pub snapshot_threads: Vec<SnapshotThreads>,
    /// Snapshots that are held.
    #[serde(default)]
    pub held_snapshots: Vec<HeldSnapshot>,
    /// Memory per entry.
    #[serde(default)]
    pub memory: Vec<Memory>,
    /// Operations that no mix holds, each against something to compare it with.
    #[serde(default)]
    pub operations: Vec<Operation>,
    /// What may have spoiled the measurement as a whole.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// Where and how the other parts of merged evidence were measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// How it was verified; none where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<VerificationRun>,
    /// What was verified: each property of each subject under each executor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verifications: Vec<Verification>,
    /// How the seeded faults were hunted; none where they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault_hunt: Option<VerificationConfig>,
    /// What became of each seeded fault.
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

    /// Takes over what older evidence of the same build says and this says nothing of.
    #[must_use]
    pub fn with_rest_of(self, older: Self) -> Self {
        let mut both = self;
        if both.config.is_none() {
            let Self { verification, verifications, fault_hunt, faults, .. } = both;
            both = Self { verification, verifications, fault_hunt, faults, ..older.clone() };
        }
        if both.verification.is_none() {
            both.verification = older.verification;
            both.verifications = older.verifications;
        }
        if both.fault_hunt.is_none() {
            both.fault_hunt = older.fault_hunt;
            both.faults = older.faults;
        }
        both
    }
}

/// What one machine measured of evidence that may be merged.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PartRef<'a> {
    /// Where it was measured.
    pub machine: &'a Machine,
    /// What the machine can show.
    pub certificate: Option<&'a Certificate>,
    /// One of its cells measured twice.
    pub same_twice: Option<&'a SameTwice>,
    /// What was asked for.
    pub config: Option<&'a Config>,
    /// What may have spoiled it.
    pub warnings: &'a [Warning],
}

impl Evidence {
    /// All parts, in the order of their numbers; one if it is not merged.
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

    /// The part of this number, which figures have.
    #[must_use]
    pub fn part(&self, number: usize) -> Option<PartRef<'_>> {
        self.all_parts().nth(number)
    }
}

/// A part of merged evidence: what one machine measured. Ratios are never taken across parts.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Where it was measured.
    pub machine: Machine,
    /// What the machine can show.
    pub certificate: Option<Certificate>,
    /// One of its cells measured twice.
    #[serde(default)]
    pub same_twice: Option<SameTwice>,
    /// What was asked for.
    pub config: Option<Config>,
    /// What may have spoiled it.
    pub warnings: Vec<Warning>,
}

/// Whether something needs no number of the part that it is from.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_first_part(part: &usize) -> bool {
    *part == 0
}
