//! `shardproof verify`: shows that a store's answers are right, and that wrong ones would be
//! detected.

#[cfg(feature = "faults")]
mod faults;
mod findings;
mod replay;
mod sanitizer;
mod shell;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::{ArgGroup, Args};
use shardproof::Profile;
use shardproof::document::Document;
use shardproof::evidence::file::{FILE_NAME, check_writable};
use shardproof::evidence::verification::{
    SearchSummary, Verdict, VerificationConfig, VerificationRun,
};
use shardproof::evidence::{Evidence, Verification};
use shardproof::judge::verification::{by_property, judge, overall};
use shardproof::machine;
use shardproof::machine::clock::Clock;
use shardproof::render::terminal::render;
use shardproof::subject::UnknownSubject;
use shardproof::verify::campaign::{Campaign, verify};
use shardproof::verify::execute::{Executor, VerifySubject};

use crate::cmd::exit::Exit;
use crate::cmd::progress::Steps;
use crate::cmd::terminal;

/// Checks snapshots, transactions and reads against the axioms of the store's contract.
///
/// Runs hand-written and random programs one thread after the other, under loom (every
/// interleaving, weak memory), under shuttle (random and PCT schedules), and on real threads (short
/// programs in tight loops, and long programs). One checker judges all histories. Failures are
/// minimized, explained, drawn, and saved to DIR/findings with a command that reproduces them.
/// Results go to stdout and to DIR/evidence.json, progress to stderr.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
// By itself `--fault` would be ignored, and the store would pass as if it had the fault.
#[command(group(ArgGroup::new("with a fault").args(["faults", "program"])))]
pub(crate) struct Arguments {
    /// How much work to spend: smoke (seconds), quick (a minute), ci (minutes), full (an hour).
    #[arg(long, env = "SHARDPROOF_PROFILE", default_value_t)]
    profile: Profile,
    /// Subjects, separated by commas: sharded, unified, migrated (from unified to sharded while
    /// programs run), seed (which fails), or a peer.
    #[arg(
        long,
        env = "SHARDPROOF_VERIFY_SUBJECTS",
        value_delimiter = ',',
        value_name = "NAMES",
        default_value = "sharded,unified,migrated",
        value_parser = subject_name
    )]
    subjects: Vec<String>,
    /// Executors, separated by commas: sequential, loom, shuttle, pct, litmus, stress [default:
    /// all].
    #[arg(long, env = "SHARDPROOF_EXECUTORS", value_delimiter = ',', value_name = "NAMES")]
    executors: Vec<Executor>,
    /// Seed for all random choices.
    #[arg(long, env = "SHARDPROOF_SEED", default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Folder for evidence.json and findings; created if it does not exist.
    #[arg(long, env = "SHARDPROOF_OUT", default_value = "reports/latest", value_name = "DIR")]
    out: PathBuf,
    /// Continue an interrupted run of the same build, profile and seed: skip what DIR/evidence.json
    /// already holds.
    #[arg(long, env = "SHARDPROOF_RESUME")]
    resume: bool,
    /// Exit with code 5 if any result is inconclusive.
    #[arg(long, env = "SHARDPROOF_STRICT")]
    strict: bool,
    /// Hunt the seeded faults instead, and print which executor finds which fault.
    #[arg(long)]
    faults: bool,
    /// With --faults, hunt only these, separated by commas; with --program, switch this one on.
    #[arg(long, value_delimiter = ',', value_name = "IDS", requires = "with a fault")]
    fault: Vec<String>,
    /// Run this program instead (a JSON file, such as program.json in DIR/findings).
    #[arg(long, value_name = "FILE", conflicts_with = "faults")]
    program: Option<PathBuf>,
    /// Check this saved history instead.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["faults", "program"])]
    history: Option<PathBuf>,
    /// With --history, also export it as EDN for Elle.
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
    VerifySubject::named(text).map(|subject| subject.name().to_owned())
}

/// Verifies, prints and writes.
///
/// # Errors
/// When a file cannot be read or written. Whether results can be written is checked first.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if let Some(history) = &arguments.history {
        return replay::history(history, arguments.edn.as_deref());
    }
    check_writable(&arguments.out)?;
    if let Some(program) = &arguments.program {
        return replay::program(program, arguments);
    }
    if arguments.faults {
        return hunt(arguments);
    }
    let (results, texts) = everything(arguments)?;
    let (evidence, path) = results.write(arguments)?;
    let table = render(&Document::verification(&evidence), terminal::style());
    let mut stdout = io::stdout().lock();
    // A closed stdout, as with `head`, is no error: the evidence is on disk.
    let _ = write!(stdout, "{}{table}\nwritten to {}\n", texts.concat(), path.display());
    Ok(exit(&evidence.verifications, arguments.strict))
}

/// Verifies each subject with each executor, and writes the results so far after each. Returns all
/// results, and the explanations of all failures.
fn everything(arguments: &Arguments) -> anyhow::Result<(Results, Vec<String>)> {
    let subjects = arguments.subjects()?;
    let executors = arguments.executors();
    let sanitized = subjects.iter().any(|subject| arguments.is_sanitized(subject));
    let mut steps = Steps::new(subjects.len() * executors.len() + usize::from(sanitized));
    let (mut results, mut texts) = (Results::new(arguments), Vec::new());
    for subject in &subjects {
        for executor in executors.iter().copied() {
            if results.has(subject.name(), executor.as_str()) {
                continue;
            }
            let campaign = Campaign { executors: vec![executor], ..arguments.campaign() };
            let made = verify(subject, &campaign, &mut |progress| {
                let share = progress.done as f64 / progress.total.max(1) as f64;
                steps.at(&format!("{} {}", progress.subject, progress.executor), share);
            });
            for search in &made {
                let replay = arguments.replay(subject.name(), executor);
                let found =
                    findings::write(&arguments.out, subject.name(), search, arguments.seed)?;
                let observed = search.observations(subject.name(), &replay);
                results.rows.extend(observed.into_iter().map(judge));
                results.searches.push(findings::summary(subject.name(), search, found.as_ref()));
                texts.extend(found.map(|found| found.text));
            }
            results.write(arguments)?;
        }
        if arguments.is_sanitized(subject) && !results.has(subject.name(), sanitizer::EXECUTOR) {
            steps.at(&format!("{} {}", subject.name(), sanitizer::EXECUTOR), 0.0);
            results.rows.push(sanitizer::verify(subject.name()));
        }
    }
    steps.finish();
    Ok((results, texts))
}

/// The results so far.
struct Results {
    /// When this run began.
    start: Instant,
    /// Seconds that earlier runs took.
    before_s: f64,
    /// One row for each subject, executor and property.
    rows: Vec<Verification>,
    /// One summary for each search.
    searches: Vec<SearchSummary>,
}

impl Results {
    /// None, or with `--resume` those of an earlier run of the same build, profile and seed.
    fn new(arguments: &Arguments) -> Self {
        let start = Instant::now();
        let fresh = Self { start, before_s: 0.0, rows: Vec::new(), searches: Vec::new() };
        let Some(older) = arguments.resumed() else { return fresh };
        let Evidence { verification: Some(run), verifications, .. } = older else { return fresh };
        if !arguments.is_same_work(&run.config) {
            return fresh;
        }
        let rows = verifications;
        Self { before_s: run.config.elapsed_s, rows, searches: run.searches, ..fresh }
    }

    fn has(&self, subject: &str, executor: &str) -> bool {
        self.rows.iter().any(|row| row.subject == subject && row.executor == executor)
    }

    fn write(&self, arguments: &Arguments) -> anyhow::Result<(Evidence, PathBuf)> {
        let elapsed_s = self.before_s + self.start.elapsed().as_secs_f64();
        let config = VerificationConfig { elapsed_s, ..arguments.config(self.start) };
        let run = VerificationRun { config, searches: self.searches.clone() };
        let base = Evidence::new(machine::describe(&Clock::new()), shardproof::build::describe());
        let verifications = self.rows.clone();
        let evidence = Evidence { verification: Some(run), verifications, ..base };
        Ok(evidence.write_with_rest(&arguments.out)?)
    }
}

#[cfg(feature = "faults")]
fn hunt(arguments: &Arguments) -> anyhow::Result<Exit> {
    faults::run(arguments)
}

#[cfg(not(feature = "faults"))]
fn hunt(_arguments: &Arguments) -> anyhow::Result<Exit> {
    anyhow::bail!("this program is built without the feature `faults`: build it with its defaults")
}

/// The exit code. One executor is enough to decide a property.
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
    fn subjects(&self) -> anyhow::Result<Vec<VerifySubject>> {
        Ok(self.subjects.iter().map(|name| VerifySubject::named(name)).collect::<Result<_, _>>()?)
    }

    fn executors(&self) -> Vec<Executor> {
        if self.executors.is_empty() { Executor::ALL.to_vec() } else { self.executors.clone() }
    }

    /// Whether a subject also runs under a sanitizer, which takes minutes and needs real threads.
    fn is_sanitized(&self, subject: &VerifySubject) -> bool {
        let real = [Executor::Litmus, Executor::Stress];
        let on_real_threads = self.executors().iter().any(|executor| real.contains(executor));
        self.profile == Profile::Full && on_real_threads && subject.name() == sanitizer::SUBJECT
    }

    /// With `--resume`, the evidence of an earlier run of the same build.
    fn resumed(&self) -> Option<Evidence> {
        let older = Evidence::read(&self.out.join(FILE_NAME)).ok().filter(|_| self.resume)?;
        (older.build == shardproof::build::describe()).then_some(older)
    }

    /// Whether an earlier run had the same profile and seed.
    fn is_same_work(&self, config: &VerificationConfig) -> bool {
        config.profile == self.profile.as_str() && config.seed == self.seed
    }

    fn campaign(&self) -> Campaign {
        Campaign::new(self.profile, self.seed)
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
