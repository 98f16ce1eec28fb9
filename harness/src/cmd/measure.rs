//! `shardproof measure`: runs the contention matrix and writes evidence.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use regex::Regex;

use crate::Profile;
use crate::base::excerpt::message;
use crate::cmd::exit::Exit;
use crate::cmd::folder_lock::FolderLock;
use crate::cmd::message::say;
use crate::cmd::output::Output;
use crate::cmd::progress::Bar;
use crate::cmd::{interrupt, names, terminal};
use crate::document::{Document, resolve_base};
use crate::evidence::file::{FILE_NAME, check_writable};
use crate::evidence::{Cell, Checks, Evidence, Partition};
use crate::judge::warnings::with_warnings;
use crate::machine;
use crate::machine::files::Files;
use crate::measure::journal::{FILE_NAME as JOURNAL, Journal};
use crate::measure::{MeasureSubject, Pinning, Plan, Request, Section, ThreadCounts, collect};
use crate::registry::Subjects;
use crate::render::terminal::render;
use crate::workload::{Placement, WorkloadList};

/// Runs the contention matrix, prints it, and writes DIR/evidence.json.
///
/// Runs each subject under each workload, placement and number of threads, in rounds of random
/// order, so that ratios compare results from the same time. Measures throughput first, without a
/// clock in the loop; then latency, timing every operation; then snapshots, memory and single
/// operations. The controls `ceiling` and `floor` are always included. Results go to stdout,
/// progress to stderr. An existing evidence.json is replaced atomically. An interrupted measurement
/// continues with --resume. Wrong answers make a cell invalid, and the exit code 4. So do wrong
/// answers through a held snapshot, except those of the control `seed`, whose snapshots show later
/// writes by design; they count if --subjects names `seed`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Amount of work, and the matrix: smoke (seconds), quick (under 3 min), ci (8 min), full (20
    /// min).
    #[arg(long, default_value_t)]
    profile: Profile,
    /// Matrix file (TOML) instead of the profile's; those of the profiles are in
    /// harness/measure/matrices.
    #[arg(long, value_name = "FILE")]
    matrix: Option<PathBuf>,
    /// Subjects instead of the matrix's, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    subjects: Vec<String>,
    /// Workloads instead of the matrix's, separated by commas: get100, ycsb-a, or any mix such as
    /// get50-put30-delete20, each with +field=value to override a default, such as
    /// ycsb-a+value_bytes=1000. A comma before a digit is part of a field, as in
    /// put100+value_bytes=40:90,4000:10. Only the first block of cells of the matrix is then used.
    /// Can be repeated.
    #[arg(long, value_name = "NAMES")]
    workloads: Vec<WorkloadList>,
    /// Placements instead of the matrix's, separated by commas: disjoint, colliding, shared, hot,
    /// or a mixture such as disjoint90-shared10. Only the first block of cells of the matrix is
    /// then used.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    placements: Vec<Placement>,
    /// Thread counts instead of the matrix's, separated by commas.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NUMBERS",
        value_parser = clap::value_parser!(u16).range(1..=ThreadCounts::MAX as i64)
    )]
    threads: Vec<u16>,
    /// Only cells whose name matches this regular expression, with their controls. Names have the
    /// form subject/workload/placement/threads.
    #[arg(long, value_name = "REGEX")]
    filter: Option<Regex>,
    /// Only these sections, separated by commas: throughput, latency, snapshots, memory, operations
    /// [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    sections: Vec<Section>,
    /// Only this partition of the matrix, such as 2/3; `shardproof merge` joins partitions.
    #[arg(long, value_name = "K/N")]
    partition: Option<Partition>,
    /// Whether to pin each worker to a processor: on, off.
    #[arg(long, default_value_t)]
    pin: Pinning,
    /// Seed for all random choices.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Base subject of ratios [default: seed, or else the first subject].
    #[arg(long, value_name = "NAME")]
    base: Option<String>,
    /// Folder for evidence.json; created if it does not exist.
    #[arg(long, default_value = "reports/latest", value_name = "DIR")]
    out: PathBuf,
    /// Continue the interrupted measurement in DIR.
    #[arg(long)]
    resume: bool,
    /// Only print what would be measured, and an estimate of the time.
    #[arg(long)]
    list: bool,
}

const EXAMPLES: &str = "\
Examples:
  shardproof measure
  shardproof measure --profile smoke --out reports/try
  shardproof measure --subjects sharded,seed --workloads put100 --threads 1,2
  shardproof measure --workloads 'ycsb-a+value_bytes=1000' --placements disjoint,hot
  shardproof measure --profile full --resume
  shardproof measure --filter 'sharded/.*/disjoint' --list
  shardproof measure --profile full --partition 1/3 --out reports/part1";

/// Completes the verb: it accepts the names of these subjects, and lists them.
pub(crate) fn with_subjects(verb: clap::Command, subjects: &Subjects) -> clap::Command {
    let known = subjects.clone();
    let check = move |name: &str| known.measure(name).map(|_| name.to_owned());
    let about = names::listed(
        "Subjects instead of the matrix's, separated by commas. The controls are always included.",
        subjects.about_measured(),
    );
    verb.mut_arg("subjects", |flag| flag.value_parser(check).long_help(about))
}

/// Measures, writes and prints. Results are printed even if they cannot be written.
///
/// # Errors
/// If there is nothing to measure, not enough memory, or the evidence cannot be written. All but
/// the last are checked before measuring, and so is whether the folder is writable.
pub(crate) fn run(
    arguments: &Arguments,
    subjects: &Subjects,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let known = subjects.measured();
    let plan = arguments.request(subjects).plan(&known, machine::cores())?;
    resolve_base(plan.cells.iter().map(|cell| cell.subject.as_str()), arguments.base.as_deref())?;
    if arguments.list {
        output.print(&crate::cmd::plan::list(&plan));
        return Ok(Exit::Pass);
    }
    plan.check_resources(machine::memory::available_bytes(&Files::system()))?;
    let out = &arguments.out;
    check_writable(out)?;
    let _lock = FolderLock::take(out, "measure")?;
    arguments.protect_other_evidence()?;
    let mut journal = arguments.journal(&plan)?;
    interrupt::set_message(format!(
        "results so far are in {}\nto continue: {}",
        out.join(JOURNAL).display(),
        interrupt::resume_command()
    ));
    say(crate::cmd::plan::summary(&plan));
    let mut bar = Bar::new();
    let mut evidence =
        with_warnings(collect(&plan, crate::build::describe(), &mut journal, &mut bar));
    bar.finish();
    if !evidence.has_measurements() {
        output.ok_or_report(journal.finish(out).map_err(Into::into));
        bail!(
            "nothing was measured, and no evidence was written; use --list to see what would be \
             measured"
        );
    }
    let written = evidence.write_merged(out);
    let document = Document::report(&evidence, arguments.base.as_deref())?;
    output.print(&render(&document, terminal::style()));
    output.print("\n");
    let exit = exit_code(&evidence, &controls(&known, &arguments.subjects), output);
    report_journal(journal, written.is_ok(), out, output);
    if let Some(path) = output.ok_or_report(written.map_err(Into::into)) {
        interrupt::set_message(format!("all results are in {}", path.display()));
        output.print(&format!("written to {}\n", path.display()));
    }
    Ok(exit)
}

/// Finishes the journal. It is kept if the results could not be written elsewhere.
fn report_journal(mut journal: Journal, is_written: bool, out: &Path, output: &mut Output) {
    if let Some(error) = journal.failure() {
        say(format_args!(
            "warning: {JOURNAL} is incomplete, so --resume would repeat a part: {error}"
        ));
    }
    let again = journal.unusable();
    if again > 0 {
        say(format_args!("{again} damaged entries of {JOURNAL} were measured again"));
    }
    if is_written {
        output.ok_or_report(journal.finish(out).map_err(Into::into));
    } else {
        say(format_args!(
            "the results are still in {}: once there is space, run {} to write them",
            out.join(JOURNAL).display(),
            interrupt::resume_command()
        ));
    }
}

/// The subjects whose snapshots show later writes by design, except those named on the command
/// line.
fn controls(known: &[MeasureSubject], named: &[String]) -> Vec<&'static str> {
    let live = known.iter().filter(|subject| subject.description().has_live_snapshots);
    let names = live.map(|subject| subject.as_str());
    names.filter(|name| !named.iter().any(|named| named == name)).collect()
}

/// The exit code for the results. Prints a note if wrong answers of a control do not count.
fn exit_code(evidence: &Evidence, controls: &[&str], output: &mut Output) -> Exit {
    let in_cells = evidence.cells.iter().any(Cell::is_invalid);
    let in_latency_pass = evidence.latency_checks.as_ref().is_some_and(Checks::has_failed);
    let held = evidence.held_snapshots.iter().filter(|held| held.is_wrong());
    let (expected, unexpected): (Vec<_>, Vec<_>) =
        held.partition(|held| controls.contains(&held.subject.as_str()));
    if let Some(held) = expected.first() {
        let subject = &held.subject;
        output.print(&format!(
            "{subject}: wrong answers through a held snapshot, by design; they do not affect the \
             exit code unless --subjects names it\n"
        ));
    }
    if in_cells || in_latency_pass || !unexpected.is_empty() {
        Exit::CorrectnessViolation
    } else {
        Exit::Pass
    }
}

impl Arguments {
    /// Refuses to replace evidence that this measurement does not repeat: merged evidence, and another
    /// partition of the same matrix.
    fn protect_other_evidence(&self) -> anyhow::Result<()> {
        let path = self.out.join(FILE_NAME);
        let Ok(evidence) = Evidence::read(&path) else { return Ok(()) };
        let path = path.display();
        if !evidence.parts.is_empty() {
            bail!("{path} was merged from several measurements: choose another folder with --out");
        }
        let there = evidence.config.and_then(|config| config.partition);
        let there = there.and_then(|partition| partition.parse::<Partition>().ok());
        if let (Some(there), Some(asked)) = (there, self.partition)
            && there.is_sibling(asked)
        {
            bail!(
                "{path} is partition {there} of a matrix: give each partition its own folder with --out"
            );
        }
        Ok(())
    }

    /// Without subjects and matrix, the caller's own subjects are measured, if there are any.
    fn request(&self, known: &Subjects) -> Request {
        let own = || known.own().into_iter().map(str::to_owned).collect();
        let is_default = self.subjects.is_empty() && self.matrix.is_none();
        Request {
            profile: self.profile,
            matrix: self.matrix.clone(),
            subjects: if is_default { own() } else { self.subjects.clone() },
            workloads: self.workloads.iter().flat_map(|list| list.0.clone()).collect(),
            placements: self.placements.clone(),
            threads: self.threads.iter().map(|count| usize::from(*count)).collect(),
            filter: self.filter.clone(),
            partition: self.partition,
            sections: self.sections.clone(),
            pinning: self.pin,
            seed: self.seed,
        }
    }

    fn journal(&self, plan: &Plan) -> anyhow::Result<Journal> {
        let build = crate::build::describe();
        if self.resume {
            let journal = Journal::resume(&self.out, &build, &plan.describe())?;
            say(format_args!("continuing after {} entries", journal.len()));
            if !journal.damaged_lines().is_empty() {
                say(damaged(journal.damaged_lines()));
            }
            return Ok(journal);
        }
        let (journal, set_aside) = Journal::begin(&self.out, &build, &plan.describe())?;
        if let Some(path) = set_aside {
            say(format_args!(
                "an unfinished measurement was moved to {}: to continue it, rename it to {JOURNAL} \
                 and use --resume",
                path.display()
            ));
        }
        Ok(journal)
    }
}

/// The warning about damaged lines of the journal.
fn damaged(lines: &[usize]) -> String {
    let numbers: Vec<String> = lines.iter().map(ToString::to_string).collect();
    message(&format!(
        "warning: {} of {JOURNAL} cannot be read (line {}): their cells are measured again",
        if lines.len() == 1 { "1 line".to_owned() } else { format!("{} lines", lines.len()) },
        numbers.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use crate::evidence::HeldSnapshot;

    use super::*;

    fn evidence() -> Evidence {
        Evidence::new(machine::describe(&machine::clock::Clock::new()), crate::build::describe())
    }

    fn checks(failed: u64) -> Checks {
        Checks { checked: 9, failed, ..Checks::default() }
    }

    fn exit(evidence: &Evidence, named: &[&str]) -> Exit {
        let named: Vec<String> = named.iter().copied().map(str::to_owned).collect();
        let controls = controls(&Subjects::new().measured(), &named);
        exit_code(evidence, &controls, &mut Output::default())
    }

    #[test]
    fn one_invalid_cell_is_a_correctness_violation() {
        let cell = |failed| Cell {
            part: 0,
            subject: "seed".to_owned(),
            workload: "get100".to_owned(),
            placement: "disjoint".to_owned(),
            threads: 1,
            throughput_ops_s: None,
            allocations_per_op: None,
            cpu_ns_per_op: None,
            on_cpu_share: None,
            start_skew_ns: None,
            conflicts_per_op: None,
            checks: Some(checks(failed)),
            warnings: Vec::new(),
        };
        let of = |cells| Evidence { cells, ..evidence() };
        assert_eq!(exit(&of(vec![cell(0), cell(0)]), &[]), Exit::Pass);
        assert_eq!(exit(&of(vec![cell(0), cell(1)]), &[]), Exit::CorrectnessViolation);
    }

    #[test]
    fn one_wrong_answer_in_the_latency_pass_is_a_correctness_violation() {
        let of = |failed| Evidence { latency_checks: Some(checks(failed)), ..evidence() };
        assert_eq!(exit(&of(0), &[]), Exit::Pass);
        assert_eq!(exit(&of(1), &[]), Exit::CorrectnessViolation);
    }

    #[test]
    fn a_wrong_answer_through_a_held_snapshot_counts_unless_the_subject_is_the_control() {
        let of = |subject: &str, failed| {
            let (subject, checks) = (subject.to_owned(), checks(failed));
            let held =
                HeldSnapshot { part: 0, subject, keys: 9, ages: vec![], reclaim: None, checks };
            Evidence { held_snapshots: vec![held], ..evidence() }
        };
        for right in ["sharded", "seed", "mine"] {
            assert_eq!(exit(&of(right, 0), &["seed"]), Exit::Pass);
        }
        for wrong in ["sharded", "unified", "mine"] {
            assert_eq!(exit(&of(wrong, 1), &[]), Exit::CorrectnessViolation, "{wrong}");
        }
        assert_eq!(exit(&of("seed", 1), &[]), Exit::Pass);
        assert_eq!(exit(&of("seed", 1), &["seed"]), Exit::CorrectnessViolation);
    }
}
