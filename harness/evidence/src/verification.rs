//! Verification: configuration, searches and results.

use serde::{Deserialize, Serialize};

/// Configuration of a verification.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct VerificationConfig {
    /// The profile's name.
    pub profile: String,
    /// The seed of every random choice.
    pub seed: u64,
    /// Subjects.
    pub subjects: Vec<String>,
    /// Executors.
    pub executors: Vec<String>,
    /// Properties that were checked. Evidence from before they could be selected has none: all were
    /// checked.
    #[serde(default)]
    pub properties: Vec<String>,
    /// Its duration.
    pub elapsed_s: f64,
}

/// A verification run: its configuration and each executor's search.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct VerificationRun {
    /// Its configuration.
    pub config: VerificationConfig,
    /// Each executor's search on each subject.
    pub searches: Vec<SearchSummary>,
}

/// What one executor's search of a subject observed of one property: everything a verdict depends
/// on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observation {
    /// The subject.
    pub subject: String,
    /// The axiom, or `any` if the executor was not run.
    pub property: String,
    /// The executor.
    pub executor: String,
    /// How the search ended.
    pub ended: HowEnded,
    /// How the search ended, as text with the number of executions.
    pub how_ended: String,
    /// Reads, or pairs of events, on which the property was checked.
    pub checked: u64,
    /// How many of these a faulty store could have got wrong.
    pub could_have_failed: u64,
    /// The violation, if any.
    pub broken: Option<String>,
    /// Why it was not checked.
    pub unchecked: Option<String>,
    /// The command that reproduces it.
    pub replay: String,
}

/// How a search ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HowEnded {
    /// Every execution was tried.
    Exhausted,
    /// The requested bound was reached: a number of executions, or all executions up to a number of
    /// preemptions.
    Bounded,
    /// The time limit was reached first.
    TimedOut,
    /// Some executions did not finish: a thread panicked or got stuck.
    Crashed,
    /// It stopped at a violation.
    Found,
    /// It could not run; the reason is given beside it.
    NotRun,
}

/// One property of one subject under one executor.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Verification {
    /// The subject.
    pub subject: String,
    /// The axiom, or `any` if the executor was not run.
    pub property: String,
    /// The executor.
    pub executor: String,
    /// The verdict.
    pub verdict: Verdict,
    /// `exhausted`, `bounded(n executions)`, `timed out`, `crashed`, `found` or `not run`.
    pub how_ended: String,
    /// Reads, or pairs of events, on which the property was checked.
    pub checked: u64,
    /// How many of these a faulty store could have got wrong.
    pub could_have_failed: u64,
    /// The violation, or why the verdict is inconclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The command that reproduces it.
    pub replay: String,
    /// The folder that describes the violation, relative to the folder of this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// The verdict on a property.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Checked where it could have failed, to the requested bound, without a violation.
    Pass,
    /// Checked, but only where it could not have failed.
    Vacuous,
    /// Not checked, or not to the requested bound.
    Inconclusive,
    /// Violated.
    Fail,
}

/// One executor's search on one subject.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SearchSummary {
    /// The subject.
    pub subject: String,
    /// The executor.
    pub executor: String,
    /// Programs tried.
    pub programs: u64,
    /// Executions of them.
    pub executions: u64,
    /// Events recorded.
    pub events: u64,
    /// Reads checked.
    pub reads: u64,
    /// Reads among them that were not judged, or only in part.
    #[serde(default)]
    pub unjudged_reads: u64,
    /// Snapshots opened, without clones.
    #[serde(default)]
    pub snapshots: u64,
    /// Those whose opening overlapped a commit of several keys: only those could show a part of it.
    #[serde(default)]
    pub snapshots_beside_commits: u64,
    /// How it ended.
    pub how_ended: String,
    /// Its duration.
    pub seconds: f64,
    /// The folder that describes the worst of its findings, relative to the folder of this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// One seeded fault.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// Its id.
    pub id: String,
    /// What is wrong with the store if the fault is active.
    pub what: String,
    /// The outcome.
    pub verdict: FaultVerdict,
    /// Whether no execution can distinguish it from the correct store.
    pub equivalent: bool,
    /// The executor that found it first, in the order of the table.
    pub by: Option<String>,
    /// Executions until that executor found it.
    pub executions: u64,
    /// Seconds until that executor found it.
    pub seconds: f64,
    /// Each executor's hunt.
    pub hunts: Vec<Hunt>,
}

/// The outcome of hunting a seeded fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultVerdict {
    /// Found.
    Killed,
    /// Not found, although it should have been.
    Survived,
    /// Not found, as expected: no execution can distinguish it from the correct store.
    Equivalent,
    /// Found, although no execution should distinguish it from the correct store.
    FalseAlarm,
    /// Not hunted: no executor ran any program.
    Inconclusive,
}

/// One executor's hunt for one fault.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Hunt {
    /// The executor.
    pub executor: String,
    /// The anomaly found; none if the fault survived.
    pub anomaly: Option<String>,
    /// Executions.
    pub executions: u64,
    /// Seconds, shrinking excluded.
    pub seconds: f64,
    /// Seconds spent on shrinking.
    pub shrinking_seconds: f64,
    /// Threads of the shrunk program.
    pub threads: Option<usize>,
    /// Operations of the shrunk program, its setup included.
    pub operations: Option<usize>,
}
