//! `shardproof measure`: runs the contention matrix and writes what was observed.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use regex::Regex;
use shardproof::Profile;
use shardproof::base::excerpt::message;
use shardproof::document::{Document, check_base};
use shardproof::evidence::file::{FILE_NAME, check_writable};
use shardproof::evidence::{Cell, Checks, Evidence, Partition};
use shardproof::judge::warnings::warned;
use shardproof::machine;
use shardproof::machine::files::Files;
use shardproof::measure::journal::{FILE_NAME as JOURNAL, Journal};
use shardproof::measure::{Pinning, Plan, Request, Section, ThreadCounts, collect};
use shardproof::render::terminal::render;
use shardproof::subject::SubjectName;
use shardproof::workload::{Placement, WorkloadList};

use crate::cmd::exit::Exit;
use crate::cmd::folder_lock::FolderLock;
use crate::cmd::message::say;
use crate::cmd::output::Output;
use crate::cmd::progress::Bar;
use crate::cmd::{interrupt, terminal};

/// Runs the contention matrix, prints it, and writes DIR/evidence.json.
///
/// Each subject is run under each workload, placement and number of threads, in rounds of random order, so that
/// every ratio is taken side by side in time. Throughput is measured first, without a clock in the loop; then
/// latency, each operation timed; then snapshots, memory and single operations. The controls `ceiling` and
/// `floor` are always there. Results go to stdout, progress to stderr. An evidence.json that is already there
/// stays whole until the new one replaces it. A measurement that was interrupted or killed goes on with --resume. A subject
/// whose answers in a cell are found to be wrong makes it invalid, and the exit code 4. So does a wrong answer
/// through a held snapshot, except those of the control `seed`, whose snapshots show later writes by design; if
/// --subjects names `seed`, they count too.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// How much work to spend, and on which matrix: smoke (seconds), quick (under 3 min), ci (8 min),
    /// full (20 minutes).
    #[arg(long, default_value_t)]
    profile: Profile,
    /// A matrix file, in TOML, instead of the profile's; harness/measure/matrices has those of the profiles.
    #[arg(long, value_name = "FILE")]
    matrix: Option<PathBuf>,
    /// Subjects instead of the matrix's, by comma: sharded, sharded-plain, unified, seed, or, in a build with
    /// the feature `peers`, surrealmx, fjall, redb, skipdb, dashmap, papaya,
    /// scc, skiplist, moka, rwlock (docs/PEERS.md).
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    subjects: Vec<SubjectName>,
    /// Workloads instead of the matrix's, by comma: get100, ycsb-a, any mix as in get50-put30-delete20,
    /// each with +field=value to override a default, as in ycsb-a+value_bytes=1000. A comma before a
    /// digit is part of a field, as in put100+value_bytes=40:90,4000:10. Of the matrix's blocks of
    /// cells only the first then counts. May be given several times.
    #[arg(long, value_name = "NAMES")]
    workloads: Vec<WorkloadList>,
    /// Placements instead of the matrix's, by comma: disjoint, colliding, shared, hot, or a mixture as in
    /// disjoint90-shared10. Of the matrix's blocks of cells only the first then counts.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    placements: Vec<Placement>,
    /// Numbers of threads instead of the matrix's, by comma.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NUMBERS",
        value_parser = clap::value_parser!(u16).range(1..=ThreadCounts::MAX as i64)
    )]
    threads: Vec<u16>,
    /// Only cells whose name matches this regular expression, and the controls beside them. A name is
    /// subject/workload/placement/threads.
    #[arg(long, value_name = "REGEX")]
    filter: Option<Regex>,
    /// Only these parts, by comma: throughput, latency, snapshots, memory, operations [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    sections: Vec<Section>,
    /// Only this share of the matrix, as in 2/3; `shardproof merge` joins them.
    #[arg(long, value_name = "K/N")]
    partition: Option<Partition>,
    /// Whether each worker is bound to a processor: on, off.
    #[arg(long, default_value_t)]
    pin: Pinning,
    /// The seed of every random choice.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The subject that ratios are taken to [default: seed].
    #[arg(long, value_name = "NAME")]
    base: Option<String>,
    /// The folder for evidence.json; created if it does not exist.
    #[arg(long, default_value = "reports/latest", value_name = "DIR")]
    out: PathBuf,
    /// Go on with the measurement in DIR that was interrupted or killed.
    #[arg(long)]
    resume: bool,
    /// Only print what would be measured, and about how long it would take.
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

/// Measures, writes and prints. What was measured is printed even if it cannot be written.
///
/// # Errors
/// When there is nothing to measure, when it needs more memory than there is, or when the evidence
/// cannot be written. All but the last are checked before anything is measured, and so is whether the
/// folder can be written to.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let plan = arguments.request().plan(machine::cores())?;
    let names = plan.cell_names();
    let subjects = names.iter().filter_map(|name| name.split('/').next());
    check_base(subjects, arguments.base.as_deref())?;
    if arguments.list {
        output.print(&crate::cmd::plan::list(&plan));
        return Ok(Exit::Pass);
    }
    plan.check_resources(machine::memory::available_bytes(&Files::system()))?;
    let out = &arguments.out;
    check_writable(out)?;
    let _lock = FolderLock::take(out, "measure")?;
    arguments.keep_other_evidence()?;
    let mut journal = arguments.journal(&plan)?;
    interrupt::keep(format!(
        "what was measured so far is in {}\nto go on: {}",
        out.join(JOURNAL).display(),
        interrupt::resume_command()
    ));
    say(crate::cmd::plan::summary(&plan));
    let mut bar = Bar::new();
    let mut evidence =
        warned(collect(&plan, shardproof::build::describe(), &mut journal, &mut bar));
    bar.finish();
    if !evidence.has_measurements() {
        output.unless_error(journal.finish(out).map_err(Into::into));
        bail!(
            "nothing was measured: no figure came of any cell, and no evidence was written; see what \
             would be measured with --list"
        );
    }
    let written = evidence.write_with_rest(out);
    let document = Document::report(&evidence, arguments.base.as_deref())?;
    output.print(&render(&document, terminal::style()));
    output.print("\n");
    let exit = exit_after(&evidence, &arguments.subjects, output);
    report_journal(journal, written.is_ok(), out, output);
    if let Some(path) = output.unless_error(written.map_err(Into::into)) {
        interrupt::keep(format!("everything is in {}", path.display()));
        output.print(&format!("written to {}\n", path.display()));
    }
    Ok(exit)
}

/// Ends the journal, which stays if it is the only place where figures are.
fn report_journal(mut journal: Journal, is_written: bool, out: &Path, output: &mut Output) {
    if let Some(error) = journal.failure() {
        say(format_args!(
            "warning: {JOURNAL} is not complete, so that --resume would repeat a part: {error}"
        ));
    }
    let again = journal.unusable();
    if again > 0 {
        say(format_args!("{again} damaged pieces of {JOURNAL} were measured again"));
    }
    if is_written {
        output.unless_error(journal.finish(out).map_err(Into::into));
    } else {
        say(format_args!(
            "the figures are also in {}: once there is room, {} writes them",
            out.join(JOURNAL).display(),
            interrupt::resume_command()
        ));
    }
}

/// What the exit code says of what was measured; where wrong answers do not count, that is printed.
fn exit_after(evidence: &Evidence, named: &[SubjectName], output: &mut Output) -> Exit {
    let in_cells = evidence.cells.iter().any(Cell::is_invalid);
    let under_the_clock = evidence.latency_checks.as_ref().is_some_and(Checks::has_failed);
    let held = evidence.held_snapshots.iter().filter(|held| held.is_wrong());
    let (expected, unexpected): (Vec<_>, Vec<_>) = held.partition(|held| {
        let is_control = |name: &SubjectName| name.has_live_snapshots() && !named.contains(name);
        held.subject.parse().is_ok_and(|name| is_control(&name))
    });
    if let Some(held) = expected.first() {
        let subject = &held.subject;
        output.print(&format!(
            "{subject}: wrong answers through a held snapshot, as its design implies; they do not count \
             (exit code) unless --subjects names it\n"
        ));
    }
    if in_cells || under_the_clock || !unexpected.is_empty() {
        Exit::CorrectnessViolation
    } else {
        Exit::Pass
    }
}

impl Arguments {
    /// Refuses to replace evidence that this measurement does not repeat: that of several machines,
    /// and that of another part of the same matrix.
    fn keep_other_evidence(&self) -> anyhow::Result<()> {
        let path = self.out.join(FILE_NAME);
        let Ok(evidence) = Evidence::read(&path) else { return Ok(()) };
        let path = path.display();
        if !evidence.parts.is_empty() {
            bail!("{path} was merged from several measurements: give another folder with --out");
        }
        let there = evidence.config.and_then(|config| config.partition);
        let there = there.and_then(|partition| partition.parse::<Partition>().ok());
        if let (Some(there), Some(asked)) = (there, self.partition)
            && there.is_sibling(asked)
        {
            bail!(
                "{path} is part {there} of a matrix: give each part a folder of its own with --out"
            );
        }
        Ok(())
    }

    fn request(&self) -> Request {
        Request {
            profile: self.profile,
            matrix: self.matrix.clone(),
            subjects: self.subjects.clone(),
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
        let build = shardproof::build::describe();
        if self.resume {
            let journal = Journal::resume(&self.out, &build, &plan.describe())?;
            say(format_args!("going on after {} pieces", journal.len()));
            if !journal.damaged_lines().is_empty() {
                say(damaged(journal.damaged_lines()));
            }
            return Ok(journal);
        }
        let (journal, set_aside) = Journal::begin(&self.out, &build, &plan.describe())?;
        if let Some(path) = set_aside {
            say(format_args!(
                "there was an unfinished measurement, now in {}: to go on with it, rename it to \
                 {JOURNAL} and give --resume",
                path.display()
            ));
        }
        Ok(journal)
    }
}

/// What is said of damaged lines of the journal.
fn damaged(lines: &[usize]) -> String {
    let numbers: Vec<String> = lines.iter().map(ToString::to_string).collect();
    message(&format!(
        "warning: {} of {JOURNAL} cannot be read (line {}): what they held is measured again",
        if lines.len() == 1 { "1 line".to_owned() } else { format!("{} lines", lines.len()) },
        numbers.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use shardproof::evidence::HeldSnapshot;

    use super::*;

    fn evidence() -> Evidence {
        Evidence::new(
            machine::describe(&machine::clock::Clock::new()),
            shardproof::build::describe(),
        )
    }

    fn checks(failed: u64) -> Checks {
        Checks { checked: 9, failed, ..Checks::default() }
    }

    fn exit(evidence: &Evidence, named: &[SubjectName]) -> Exit {
        exit_after(evidence, named, &mut Output::default())
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
    fn one_wrong_answer_under_the_clock_is_a_correctness_violation() {
        let of = |failed| Evidence { latency_checks: Some(checks(failed)), ..evidence() };
        assert_eq!(exit(&of(0), &[]), Exit::Pass);
        assert_eq!(exit(&of(1), &[]), Exit::CorrectnessViolation);
    }

    #[test]
    fn a_wrong_answer_through_a_held_snapshot_counts_unless_it_is_that_of_the_control() {
        let of = |subject: &str, failed| {
            let (subject, checks) = (subject.to_owned(), checks(failed));
            let held =
                HeldSnapshot { part: 0, subject, keys: 9, ages: vec![], reclaim: None, checks };
            Evidence { held_snapshots: vec![held], ..evidence() }
        };
        for right in ["sharded", "seed", "mine"] {
            assert_eq!(exit(&of(right, 0), &[SubjectName::Seed]), Exit::Pass);
        }
        for wrong in ["sharded", "unified", "mine"] {
            assert_eq!(exit(&of(wrong, 1), &[]), Exit::CorrectnessViolation, "{wrong}");
        }
        assert_eq!(exit(&of("seed", 1), &[]), Exit::Pass);
        assert_eq!(exit(&of("seed", 1), &[SubjectName::Seed]), Exit::CorrectnessViolation);
    }
}
