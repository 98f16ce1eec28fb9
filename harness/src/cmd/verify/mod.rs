//! `shardproof verify`: verifies that a store's answers are right, and that wrong ones would be
//! detected.

#[cfg(feature = "faults")]
mod faults;
mod findings;
mod replay;
mod results;
mod resume;
mod sanitizer;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{ArgGroup, Args};

use crate::Profile;
use crate::cmd::exit::Exit;
use crate::cmd::folder_lock::FolderLock;
use crate::cmd::output::Output;
use crate::cmd::progress::Steps;
use crate::cmd::verify::results::Results;
use crate::cmd::{cargo_target, interrupt, names, terminal};
use crate::document::Document;
use crate::evidence::Verification;
use crate::evidence::file::{FILE_NAME, check_writable};
use crate::evidence::verification::{Verdict, VerificationConfig};
use crate::judge::verification::{by_property, judge, overall};
use crate::registry::Subjects;
use crate::render::terminal::render;
use crate::verify::campaign::{Campaign, verify};
use crate::verify::check::report::{Axiom, Axioms};
use crate::verify::execute::{Executor, VerifySubject};

/// Checks snapshots, transactions and reads against the axioms of the store's contract.
///
/// Runs hand-written and random programs one thread after the other, under loom (every
/// interleaving, weak memory), under shuttle (random and PCT schedules), and on real threads (short
/// programs in tight loops, and long programs). One checker judges all histories. When a property
/// fails, the search goes on for the others. Failures are minimized, explained, drawn, and saved to
/// DIR/findings with a command that reproduces them.
/// Results go to stdout and to DIR/evidence.json, progress to stderr. They are printed, and decide
/// the exit code, even if they cannot be written.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
// By itself `--fault` would be ignored, and the store would pass as if it had the fault.
#[command(group(ArgGroup::new("with a fault").args(["faults", "program"])))]
pub(crate) struct Arguments {
    /// Amount of work: smoke (seconds), quick (a minute), ci (minutes), full (an hour).
    #[arg(long, default_value_t)]
    profile: Profile,
    /// Subjects, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    subjects: Vec<String>,
    /// Executors, separated by commas: sequential, loom, shuttle, pct, litmus, stress [default:
    /// all].
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    executors: Vec<Executor>,
    /// Properties to check, separated by commas: no-lost-update, intact, equation, atomic,
    /// isolation, latest-read, progress, freshness, not-from-the-future, monotonic, commit-order,
    /// unique-versions, no-garbage (the worst to break first; docs/VERIFICATION.md explains them)
    /// [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAMES", conflicts_with = "except")]
    properties: Vec<Axiom>,
    /// Properties not to check, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    except: Vec<Axiom>,
    /// Seed for all random choices.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Folder for evidence.json and findings; created if it does not exist.
    #[arg(long, default_value = "reports/latest", value_name = "DIR")]
    out: PathBuf,
    /// Continue an interrupted run: skip what DIR/evidence.json already holds. The run must have
    /// the same build, profile, seed and properties, and no other subjects or executors.
    #[arg(long)]
    resume: bool,
    /// Exit with code 5 if any result is inconclusive.
    #[arg(long)]
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
  shardproof verify --subjects seed --except no-garbage,progress
  shardproof verify --faults
  shardproof verify --faults --fault W7,G4b
  shardproof verify --program reports/latest/findings/seed-litmus-equation/program.json --subjects seed
  shardproof verify --history reports/latest/findings/seed-litmus-equation/history.shp --edn history.edn";

/// Completes the verb: it accepts the names of these subjects, and lists them.
pub(crate) fn with_subjects(verb: clap::Command, subjects: &Subjects) -> clap::Command {
    let known = subjects.clone();
    let check = move |name: &str| known.verify(name).map(|_| name.to_owned());
    let default = subjects.verified_by_default().join(",");
    let about = names::listed("Subjects, separated by commas.", subjects.about_verified());
    verb.mut_arg("subjects", |flag| {
        flag.value_parser(check).default_value(default).long_help(about)
    })
}

/// Verifies, writes and prints. Results are printed, and decide the exit code, even if they cannot
/// be written.
///
/// # Errors
/// If a file cannot be read, or the folder cannot be used for a reason other than a full disk.
pub(crate) fn run(
    arguments: &Arguments,
    subjects: &Subjects,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    if arguments.axioms().is_empty() {
        anyhow::bail!("--except leaves no property to check: leave one out of the list");
    }
    if let Some(history) = &arguments.history {
        return replay::history(history, arguments, output);
    }
    if let Some(program) = &arguments.program {
        return replay::program(program, arguments, subjects, output);
    }
    let _lock = claim(&arguments.out, output)?;
    if arguments.faults {
        return hunt(arguments, output);
    }
    let (results, texts) = verify_all(arguments, subjects, output)?;
    let mut evidence = results.evidence(arguments);
    let written = output.ok_or_report(evidence.write_merged(&arguments.out).map_err(Into::into));
    output.print(&texts.concat());
    output.print(&render(&Document::verification(&evidence), terminal::style()));
    output.print("\n");
    if let Some(path) = written {
        output.print(&format!("written to {}\n", path.display()));
    }
    Ok(exit(&evidence.verifications, arguments.strict))
}

/// Locks the folder. On a full disk, continues without a lock: a verdict needs no file.
fn claim(out: &Path, output: &mut Output) -> anyhow::Result<Option<FolderLock>> {
    let claimed = check_writable(out)
        .map_err(anyhow::Error::new)
        .and_then(|()| FolderLock::take(out, "verify"));
    match claimed {
        Ok(lock) => Ok(Some(lock)),
        Err(error) if is_full_disk(&error) => {
            output.report(&error);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn is_full_disk(error: &anyhow::Error) -> bool {
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref().map(io::Error::kind));
    kinds
        .into_iter()
        .any(|kind| matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
}

/// Verifies each subject with each executor, and writes the results so far after each. Returns all
/// results, and the explanations of all failures: those of each subject the worst first.
fn verify_all(
    arguments: &Arguments,
    known: &Subjects,
    output: &mut Output,
) -> anyhow::Result<(Results, Vec<String>)> {
    let subjects = arguments.subjects(known)?;
    let executors = arguments.executors();
    let sanitized = subjects.iter().any(|subject| arguments.is_sanitized(subject));
    let mut steps = Steps::new(subjects.len() * executors.len() + usize::from(sanitized));
    let (mut results, mut all_texts) = (Results::new(arguments)?, Vec::new());
    results.save(arguments, output);
    for subject in subjects {
        let mut texts = Vec::new();
        for executor in executors.iter().copied() {
            if results.has(subject.name(), executor.as_str()) {
                continue;
            }
            let campaign = Campaign { executors: vec![executor], ..arguments.campaign() };
            let searches = verify(subject, &campaign, &mut |progress| {
                let share = progress.done as f64 / progress.total.max(1) as f64;
                steps.at(&format!("{} {}", progress.subject, progress.executor), share);
            });
            for search in &searches {
                let replay = arguments.replay(subject.name(), executor);
                for finding in &search.findings {
                    let name = findings::name(subject.name(), executor, finding);
                    let folder = arguments.out.join(name);
                    let text = findings::write(&folder, subject.name(), executor, finding, output);
                    texts.push((finding.axiom, text));
                }
                let named = &arguments.properties;
                let observed = search.observations(subject.name(), &replay, named);
                let found = findings::folders(subject.name(), search);
                let row = |seen| findings::with_folder(judge(seen), &found);
                results.rows.extend(observed.into_iter().map(row));
                results.searches.push(findings::summary(subject.name(), search));
            }
            results.save(arguments, output);
        }
        if arguments.is_sanitized(subject) && !results.has(subject.name(), sanitizer::EXECUTOR) {
            steps.at(&format!("{} {}", subject.name(), sanitizer::EXECUTOR), 0.0);
            results.rows.push(sanitizer::verify(subject.name()));
        }
        texts.sort_by_key(|(axiom, _)| *axiom);
        all_texts.extend(texts.into_iter().map(|(_, text)| text));
    }
    steps.finish();
    Ok((results, all_texts))
}

#[cfg(feature = "faults")]
fn hunt(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    faults::run(arguments, output)
}

#[cfg(not(feature = "faults"))]
fn hunt(_arguments: &Arguments, _output: &mut Output) -> anyhow::Result<Exit> {
    anyhow::bail!(
        "this program was built without the feature `faults`: build it with default features"
    )
}

/// The exit code. One executor is enough to decide a property.
fn exit(rows: &[Verification], strict: bool) -> Exit {
    let properties = by_property(rows);
    let verdicts = || properties.values().filter_map(|rows| overall(rows.iter().copied()));
    // A run without rows has shown nothing.
    let is_open = |row: &Verification| row.verdict == Verdict::Inconclusive;
    let not_run = rows.is_empty() || rows.iter().any(is_open);
    if verdicts().any(|verdict| verdict == Verdict::Fail) {
        Exit::CorrectnessViolation
    } else if strict && (not_run || verdicts().any(|verdict| verdict != Verdict::Pass)) {
        Exit::Inconclusive
    } else {
        Exit::Pass
    }
}

impl Arguments {
    fn subjects<'a>(&self, known: &'a Subjects) -> anyhow::Result<Vec<&'a VerifySubject>> {
        Ok(self.subjects.iter().map(|name| known.verify(name)).collect::<Result<_, _>>()?)
    }

    fn executors(&self) -> Vec<Executor> {
        if self.executors.is_empty() { Executor::ALL.to_vec() } else { self.executors.clone() }
    }

    /// Whether a subject also runs under a sanitizer, which takes minutes and needs real threads.
    fn is_sanitized(&self, subject: &VerifySubject) -> bool {
        let real = [Executor::Litmus, Executor::Stress];
        let on_real_threads = self.executors().iter().any(|executor| real.contains(executor));
        // Its property is none of those that can be selected.
        let all = self.properties.is_empty();
        self.profile == Profile::Full
            && all
            && on_real_threads
            && subject.name() == sanitizer::SUBJECT
    }

    /// The properties to check.
    fn axioms(&self) -> Axioms {
        match &self.properties[..] {
            [] => Axioms::all().except(&self.except),
            properties => Axioms::only(properties),
        }
    }

    /// The flag that selects the properties; empty for all.
    fn selection(&self) -> String {
        let flag = |flag: &str, axioms: &[Axiom]| {
            let names: Vec<&str> = axioms.iter().map(|axiom| axiom.as_str()).collect();
            format!(" --{flag} {}", names.join(","))
        };
        match (&self.properties[..], &self.except[..]) {
            ([], []) => String::new(),
            ([], except) => flag("except", except),
            (properties, _) => flag("properties", properties),
        }
    }

    fn campaign(&self) -> Campaign {
        Campaign { axioms: self.axioms(), ..Campaign::new(self.profile, self.seed) }
    }

    fn config(&self, start: Instant) -> VerificationConfig {
        VerificationConfig {
            profile: self.profile.to_string(),
            seed: self.seed,
            subjects: self.subjects.clone(),
            executors: self.executors().iter().map(ToString::to_string).collect(),
            properties: self.axioms().iter().map(|axiom| axiom.to_string()).collect(),
            elapsed_s: start.elapsed().as_secs_f64(),
        }
    }

    fn replay(&self, subject: &str, executor: Executor) -> String {
        let Self { profile, seed, .. } = self;
        format!(
            "{} verify --profile {profile} --subjects {subject} --executors {executor} \
             --seed {seed}{}",
            cargo_target::command(),
            self.selection()
        )
    }
}
