//! `shardproof verify`: shows that a store's answers are right, and that wrong ones would be noticed.

mod again;
#[cfg(feature = "faults")]
mod faults;
mod findings;
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
    /// How much work to spend: smoke (seconds), quick (a minute), ci (minutes), full (an hour).
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
    /// Go on where an earlier run of the same build, profile and seed was stopped, by what
    /// DIR/evidence.json says is done.
    #[arg(long, env = "SHARDPROOF_RESUME")]
    resume: bool,
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
    let (done, texts) = everything(arguments)?;
    let (evidence, path) = done.write(arguments)?;
    let table = render(&Document::verification(&evidence), terminal::style());
    let mut stdout = io::stdout().lock();
    // A reader that has seen enough, as `head` has, is no error: the evidence is on disk.
    let _ = write!(stdout, "{}{table}\nwritten to {}\n", texts.concat(), path.display());
    Ok(exit(&evidence.verifications, arguments.strict))
}

/// Verifies each subject with each executor, and writes after each what is known so far. Returns that, and
/// what is to be told of what was found.
fn everything(arguments: &Arguments) -> anyhow::Result<(Done, Vec<String>)> {
    let subjects = arguments.subjects()?;
    let executors = arguments.executors();
    let sanitized = subjects.iter().any(|subject| arguments.is_sanitized(subject));
    let mut steps = Steps::new(subjects.len() * executors.len() + usize::from(sanitized));
    let (mut done, mut texts) = (Done::new(arguments), Vec::new());
    for subject in &subjects {
        for executor in executors.iter().copied() {
            if done.has(subject.name(), executor.as_str()) {
                continue;
            }
            let plan = Plan { executors: vec![executor], ..arguments.plan() };
            let made = verify(subject, &plan, &mut |moment| {
                let share = moment.done as f64 / moment.total.max(1) as f64;
                steps.at(&format!("{} {}", moment.subject, moment.executor), share);
            });
            for search in &made {
                let replay = arguments.replay(subject.name(), executor);
                let found =
                    findings::write(&arguments.out, subject.name(), search, arguments.seed)?;
                let observed = search.observed(subject.name(), &replay);
                done.rows.extend(observed.into_iter().map(judge));
                done.searches.push(findings::summary(subject.name(), search, found.as_ref()));
                texts.extend(found.map(|found| found.text));
            }
            done.write(arguments)?;
        }
        if arguments.is_sanitized(subject) && !done.has(subject.name(), sanitizer::EXECUTOR) {
            steps.at(&format!("{} {}", subject.name(), sanitizer::EXECUTOR), 0.0);
            done.rows.push(sanitizer::verify(subject.name()));
        }
    }
    steps.finish();
    Ok((done, texts))
}

/// What has been done so far.
struct Done {
    /// When this part of it began.
    start: Instant,
    /// Seconds that earlier parts took.
    before_s: f64,
    rows: Vec<Verification>,
    searches: Vec<SearchSummary>,
}

impl Done {
    /// Nothing, or with `--resume` what an earlier run of the same build, profile and seed has done.
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

    /// With `--resume`, what was written by the same build.
    fn resumed(&self) -> Option<Evidence> {
        let older = Evidence::read(&self.out.join(FILE_NAME)).ok().filter(|_| self.resume)?;
        (older.build == shardproof::build::describe()).then_some(older)
    }

    /// Whether an earlier run was asked for the same work.
    fn is_same_work(&self, config: &VerificationConfig) -> bool {
        config.profile == self.profile.as_str() && config.seed == self.seed
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
