//! `shardproof verify`: shows that a store's answers are right, and that wrong ones would be noticed.

mod again;
#[cfg(feature = "faults")]
mod faults;
mod findings;
mod sanitizer;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::{ArgGroup, Args};
use shardproof::evidence::file::check_writable;
use shardproof::evidence::verification::{Verdict, VerificationConfig, VerificationRun};
use shardproof::evidence::{Evidence, Verification};
use shardproof::judge::verification::{judge, overall};
use shardproof::machine;
use shardproof::machine::clock::Clock;
use shardproof::measure::Profile;
use shardproof::render::verification::{by_property, render};
use shardproof::subject::UnknownSubject;
use shardproof::verify::execute::{Executor, Subject};
use shardproof::verify::plan::{Plan, verify};

use crate::cmd::exit::Exit;
use crate::cmd::progress::Steps;
use crate::cmd::terminal;

/// Checks snapshots, transactions and reads against the axioms of the store's contract.
///
/// Programs, hand-written and random, are run one thread after the other, under loom (every interleaving,
/// weak memory), under shuttle (random schedules, and with few changes of priority), and on real threads, both as
/// tight loops and as long programs. One checker looks at all histories. What is found is made short, explained, and
/// written to DIR/findings with a command that does it again. Results go to stdout and to DIR/evidence.json,
/// progress to stderr.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
// Alone, `--fault` would be ignored, and the store without a fault pass for one with it.
#[command(group(ArgGroup::new("with a fault").args(["faults", "program"])))]
pub(crate) struct Arguments {
    /// How much work to spend: smoke (seconds), quick (a minute), full (an hour).
    #[arg(long, env = "SHARDPROOF_PROFILE", default_value_t)]
    profile: Profile,
    /// Subjects, by comma: sharded, unified, migrated (unified, then carried over), seed (which fails), or a
    /// peer.
    #[arg(
        long,
        env = "SHARDPROOF_VERIFY_SUBJECTS",
        value_delimiter = ',',
        value_name = "NAMES",
        default_value = "sharded,unified,migrated",
        value_parser = subject_name
    )]
    subjects: Vec<String>,
    /// Executors, by comma: sequential, loom, shuttle, pct, litmus, stress [default: all].
    #[arg(long, env = "SHARDPROOF_EXECUTORS", value_delimiter = ',', value_name = "NAMES")]
    executors: Vec<Executor>,
    /// The seed of every random choice.
    #[arg(long, env = "SHARDPROOF_SEED", default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The folder for evidence.json and findings; created if need be.
    #[arg(long, env = "SHARDPROOF_OUT", default_value = "reports/latest", value_name = "DIR")]
    out: PathBuf,
    /// Exit with 5 if anything is inconclusive.
    #[arg(long, env = "SHARDPROOF_STRICT")]
    strict: bool,
    /// Hunt the seeded faults instead, and print which executor finds which.
    #[arg(long)]
    faults: bool,
    /// With --faults, only these, by comma; with --program, this one is switched on.
    #[arg(long, value_delimiter = ',', value_name = "IDS", requires = "with a fault")]
    fault: Vec<String>,
    /// Run this program instead (a JSON file, as found in DIR/findings).
    #[arg(long, value_name = "FILE", conflicts_with = "faults")]
    program: Option<PathBuf>,
    /// Check this saved history instead.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["faults", "program"])]
    history: Option<PathBuf>,
    /// With --history, write it as Elle-compatible EDN too.
    #[arg(long, value_name = "FILE", requires = "history")]
    edn: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  shardproof verify
  shardproof verify --profile full --subjects sharded --strict
  shardproof verify --subjects seed --executors litmus
  shardproof verify --faults
  shardproof verify --faults --fault W7,G4b
  shardproof verify --program reports/latest/findings/seed-litmus/program.json --subjects seed
  shardproof verify --history reports/latest/findings/seed-litmus/history.shp --edn history.edn";

fn subject_name(text: &str) -> Result<String, UnknownSubject> {
    Subject::named(text).map(|subject| subject.name().to_owned())
}

/// Verifies, prints and writes.
///
/// # Errors
/// When a file cannot be read or written; that results can be written is checked first.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if let Some(history) = &arguments.history {
        return again::history(history, arguments.edn.as_deref());
    }
    check_writable(&arguments.out)?;
    if let Some(program) = &arguments.program {
        return again::program(program, arguments);
    }
    if arguments.faults {
        return hunt(arguments);
    }
    let start = Instant::now();
    let subjects = arguments.subjects()?;
    let plan = Plan { executors: arguments.executors(), ..arguments.plan() };
    let sanitized = subjects.iter().any(|subject| arguments.is_sanitized(subject));
    let steps_total = subjects.len() * plan.executors.len() + usize::from(sanitized);
    let mut steps = Steps::new(steps_total);
    let (mut rows, mut searches, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for subject in &subjects {
        let made = verify(subject, &plan, &mut |moment| {
            let share = moment.done as f64 / moment.total.max(1) as f64;
            steps.at(&format!("{} {}", moment.subject, moment.executor), share);
        });
        for search in &made {
            let replay = arguments.replay(subject.name(), search.executor);
            rows.extend(judge(subject.name(), search, &replay));
            let found = findings::write(&arguments.out, subject.name(), search, arguments.seed)?;
            searches.push(findings::summary(subject.name(), search, found.as_ref()));
            texts.extend(found.map(|found| found.text));
        }
        if arguments.is_sanitized(subject) {
            steps.at(&format!("{} {}", subject.name(), sanitizer::EXECUTOR), 0.0);
            rows.push(sanitizer::verify(subject.name()));
        }
    }
    steps.finish();
    let config = arguments.config(start);
    let run = VerificationRun { config, searches };
    let table = render(&run, &rows, terminal::style());
    let exit = exit(&rows, arguments.strict);
    let base = Evidence::new(machine::describe(&Clock::new()), machine::build::describe());
    let evidence = Evidence { verification: Some(run), verifications: rows, ..base };
    let (_, path) = evidence.write_with_rest(&arguments.out)?;
    let mut stdout = io::stdout().lock();
    // A reader that has seen enough, as `head` has, is no error: the evidence is on disk.
    let _ = write!(stdout, "{}{table}\nwritten to {}\n", texts.concat(), path.display());
    Ok(exit)
}

#[cfg(feature = "faults")]
fn hunt(arguments: &Arguments) -> anyhow::Result<Exit> {
    faults::run(arguments)
}

#[cfg(not(feature = "faults"))]
fn hunt(_arguments: &Arguments) -> anyhow::Result<Exit> {
    anyhow::bail!("this program is built without the feature `faults`: build it with its defaults")
}

/// What the exit code says. A property is settled where any executor settles it.
fn exit(rows: &[Verification], strict: bool) -> Exit {
    let properties = by_property(rows);
    let verdicts = || properties.values().filter_map(|rows| overall(rows.iter().copied()));
    let not_run = rows.iter().any(|row| row.verdict == Verdict::Inconclusive);
    if verdicts().any(|verdict| verdict == Verdict::Fail) {
        Exit::CorrectnessViolation
    } else if strict && (not_run || verdicts().any(|verdict| verdict != Verdict::Pass)) {
        Exit::Inconclusive
    } else {
        Exit::Pass
    }
}

impl Arguments {
    fn subjects(&self) -> anyhow::Result<Vec<Subject>> {
        Ok(self.subjects.iter().map(|name| Subject::named(name)).collect::<Result<_, _>>()?)
    }

    fn executors(&self) -> Vec<Executor> {
        if self.executors.is_empty() { Executor::ALL.to_vec() } else { self.executors.clone() }
    }

    /// Whether a subject's threads are run under a sanitizer too: it takes minutes, and is for real threads.
    fn is_sanitized(&self, subject: &Subject) -> bool {
        let real = [Executor::Litmus, Executor::Stress];
        let on_real_threads = self.executors().iter().any(|executor| real.contains(executor));
        self.profile == Profile::Full && on_real_threads && subject.name() == sanitizer::SUBJECT
    }

    fn plan(&self) -> Plan {
        Plan::new(self.profile, self.seed)
    }

    fn config(&self, start: Instant) -> VerificationConfig {
        VerificationConfig {
            profile: self.profile.to_string(),
            seed: self.seed,
            subjects: self.subjects.clone(),
            executors: self.executors().iter().map(ToString::to_string).collect(),
            elapsed_s: start.elapsed().as_secs_f64(),
        }
    }

    fn replay(&self, subject: &str, executor: Executor) -> String {
        let Self { profile, seed, .. } = self;
        format!(
            "shardproof verify --profile {profile} --subjects {subject} --executors {executor} \
             --seed {seed}"
        )
    }
}
