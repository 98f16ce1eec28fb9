//! The results of a verification so far.

use std::time::Instant;

use crate::cmd::output::Output;
use crate::cmd::verify::{Arguments, interrupt, resume};
use crate::evidence::verification::{SearchSummary, VerificationConfig, VerificationRun};
use crate::evidence::{Evidence, Verification};
use crate::machine;
use crate::machine::clock::Clock;
use crate::verify::check::report::Axiom;

/// The results so far.
pub(super) struct Results {
    /// When this run started.
    start: Instant,
    /// Seconds spent in earlier runs.
    before_s: f64,
    /// The verdicts so far.
    pub(super) rows: Vec<Verification>,
    /// The searches so far.
    pub(super) searches: Vec<SearchSummary>,
}

impl Results {
    /// Empty, or with `--resume` the results of an earlier run.
    ///
    /// # Errors
    /// If the earlier run had different settings.
    pub(super) fn new(arguments: &Arguments) -> anyhow::Result<Self> {
        let start = Instant::now();
        let fresh = Self { start, before_s: 0.0, rows: Vec::new(), searches: Vec::new() };
        let Some((run, rows)) = resume::verification(arguments)? else { return Ok(fresh) };
        Ok(Self { before_s: run.config.elapsed_s, rows, searches: run.searches, ..fresh })
    }

    /// Whether an executor has finished with a subject.
    pub(super) fn has(&self, subject: &str, executor: &str) -> bool {
        self.rows.iter().any(|row| row.subject == subject && row.executor == executor)
    }

    /// The results so far as evidence.
    pub(super) fn evidence(&self, arguments: &Arguments) -> Evidence {
        let elapsed_s = self.before_s + self.start.elapsed().as_secs_f64();
        let config = VerificationConfig { elapsed_s, ..arguments.config(self.start) };
        let run = VerificationRun { config, searches: self.searches.clone() };
        let base = Evidence::new(machine::describe(&Clock::new()), crate::build::describe());
        Evidence { verification: Some(run), verifications: self.worst_first(), ..base }
    }

    /// The verdicts so far: of each subject, those on the worst properties first.
    fn worst_first(&self) -> Vec<Verification> {
        let subjects: Vec<&str> = self.rows.iter().map(|row| &*row.subject).collect();
        let subject = |row: &Verification| subjects.iter().position(|it| *it == row.subject);
        // Rows of executors that did not run, and of other tools, come last.
        let rank = |row: &Verification| {
            row.property.parse::<Axiom>().map_or(Axiom::ALL.len(), |axiom| axiom as usize)
        };
        let mut rows = self.rows.clone();
        rows.sort_by_cached_key(|row| (subject(row), rank(row)));
        rows
    }

    /// Writes the results so far, if any, and sets the message for interrupts.
    pub(super) fn save(&self, arguments: &Arguments, output: &mut Output) {
        if self.rows.is_empty() {
            return;
        }
        let written = self.evidence(arguments).write_merged(&arguments.out);
        let Some(path) = output.ok_or_report(written.map_err(Into::into)) else { return };
        let found = self.searches.iter().filter_map(|search| search.found.as_ref());
        let found: String = found
            .map(|folder| format!("\nviolation: {}", arguments.out.join(folder).display()))
            .collect();
        interrupt::set_message(format!(
            "{} completed searches are in {}{found}\nto continue: {}",
            self.searches.len(),
            path.display(),
            interrupt::resume_command()
        ));
    }
}
