//! What was verified, how, and with what result.

use serde::{Deserialize, Serialize};

/// How a verification was run.
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
    /// How long it took.
    pub elapsed_s: f64,
}

/// How a verification was run, and each executor's search.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct VerificationRun {
    /// What was asked for.
    pub config: VerificationConfig,
    /// Each executor's search on each subject.
    pub searches: Vec<SearchSummary>,
}

/// What one executor's search of a subject saw of one property: all that a verdict follows from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observation {
    /// The subject.
    pub subject: String,
    /// The axiom, or `any` where an executor was not run.
    pub property: String,
    /// The executor.
    pub executor: String,
    /// How the search ended.
    pub ended: HowEnded,
    /// The same in words, with the number of executions.
    pub how_ended: String,
    /// Reads, or pairs of events, that it was checked on.
    pub checked: u64,
    /// Those of them that a faulty store could have got wrong.
    pub could_have_failed: u64,
    /// What was wrong.
    pub broken: Option<String>,
    /// Why it was not checked.
    pub unchecked: Option<String>,
    /// The command that does the same again.
    pub replay: String,
}

/// How a search ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HowEnded {
    /// Everything there is was tried.
    Exhausted,
    /// Everything was tried that was asked for: a number of executions, or all with so many
    /// preemptions.
    Bounded,
    /// Time ran out first.
    TimedOut,
    /// It found what it was looking for.
    Found,
    /// It could not be done; the reason is told beside it.
    NotRun,
}

/// One property of one subject under one executor.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Verification {
    /// The subject.
    pub subject: String,
    /// The axiom, or `any` where an executor was not run.
    pub property: String,
    /// The executor.
    pub executor: String,
    /// What follows from the rest.
    pub verdict: Verdict,
    /// `exhausted`, `bounded(n executions)`, `timed out`, `found` or `not run`.
    pub how_ended: String,
    /// Reads, or pairs of events, that it was checked on.
    pub checked: u64,
    /// Those of them that a faulty store could have got wrong.
    pub could_have_failed: u64,
    /// What was wrong, or why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The command that does the same again.
    pub replay: String,
}

/// What is known of a property.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Checked where it could have failed, to the end that was asked for, and nothing was wrong.
    Pass,
    /// Checked, but nowhere could it have failed.
    Vacuous,
    /// Not checked, or not to the end that was asked for.
    Inconclusive,
    /// Broken.
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
    /// How it ended.
    pub how_ended: String,
    /// How long it took.
    pub seconds: f64,
    /// Where what was found is described, within the folder of this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// One seeded fault.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// Its id.
    pub id: String,
    /// What is wrong with it switched on.
    pub what: String,
    /// What became of it.
    pub verdict: FaultVerdict,
    /// Whether no execution can tell it from the correct store.
    pub equivalent: bool,
    /// The executor that found it first, in the order of the table.
    pub by: Option<String>,
    /// Executions until that one found it.
    pub executions: u64,
    /// Seconds until that one found it.
    pub seconds: f64,
    /// Each executor's hunt.
    pub hunts: Vec<Hunt>,
}

/// What became of a seeded fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultVerdict {
    /// Found.
    Killed,
    /// Not found, and it should have been.
    Survived,
    /// Not found, and rightly: no execution can tell it from the correct store.
    Equivalent,
    /// Found, although no execution should tell it from the correct store: a false alarm.
    FalseAlarm,
}

/// One executor's hunt for one fault.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Hunt {
    /// The executor.
    pub executor: String,
    /// The anomaly that it found; none if the fault survived.
    pub anomaly: Option<String>,
    /// Executions.
    pub executions: u64,
    /// Seconds, without shrinking.
    pub seconds: f64,
    /// Seconds that shrinking took.
    pub shrinking_seconds: f64,
    /// Threads of the shrunk program.
    pub threads: Option<usize>,
    /// Operations of the shrunk program, its setup included.
    pub operations: Option<usize>,
}
