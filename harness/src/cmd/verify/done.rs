//! What a verification has done so far.

use std::time::Instant;

use shardproof::evidence::verification::{SearchSummary, VerificationConfig, VerificationRun};
use shardproof::evidence::{Evidence, Verification};
use shardproof::machine;
use shardproof::machine::clock::Clock;

use crate::cmd::output::Output;
use crate::cmd::verify::{Arguments, interrupt, resume};

/// What has been done so far.
pub(super) struct Done {
    /// When this part of it began.
    start: Instant,
    /// Seconds that earlier parts took.
    before_s: f64,
    /// What is known of each property.
    pub(super) rows: Vec<Verification>,
    /// What each search did.
    pub(super) searches: Vec<SearchSummary>,
}

impl Done {
    /// Nothing, or with `--resume` what an earlier run has done.
    ///
    /// # Errors
    /// When the earlier run is another one than is asked for.
    pub(super) fn new(arguments: &Arguments) -> anyhow::Result<Self> {
        let start = Instant::now();
        let fresh = Self { start, before_s: 0.0, rows: Vec::new(), searches: Vec::new() };
        let Some((run, rows)) = resume::verification(arguments)? else { return Ok(fresh) };
        Ok(Self { before_s: run.config.elapsed_s, rows, searches: run.searches, ..fresh })
    }

    /// Whether an executor has been through with a subject.
    pub(super) fn has(&self, subject: &str, executor: &str) -> bool {
        self.rows.iter().any(|row| row.subject == subject && row.executor == executor)
    }

    /// All that is known.
    pub(super) fn evidence(&self, arguments: &Arguments) -> Evidence {
        let elapsed_s = self.before_s + self.start.elapsed().as_secs_f64();
        let config = VerificationConfig { elapsed_s, ..arguments.config(self.start) };
        let run = VerificationRun { config, searches: self.searches.clone() };
        let base = Evidence::new(machine::describe(&Clock::new()), shardproof::build::describe());
        Evidence { verification: Some(run), verifications: self.rows.clone(), ..base }
    }

    /// Writes what is known so far, if anything is, and sets what an interrupt would say of it.
    pub(super) fn keep(&self, arguments: &Arguments, output: &mut Output) {
        if self.rows.is_empty() {
            return;
        }
        let written = self.evidence(arguments).write_with_rest(&arguments.out);
        let Some(path) = output.unless_error(written.map_err(Into::into)) else { return };
        let found = self.searches.iter().filter_map(|search| search.found.as_ref());
        let found: String = found
            .map(|folder| format!("\na broken promise: {}", arguments.out.join(folder).display()))
            .collect();
        interrupt::keep(format!(
            "{} searches that were done are in {}{found}\nto go on: {}",
            self.searches.len(),
            path.display(),
            interrupt::resume_command()
        ));
    }
}
