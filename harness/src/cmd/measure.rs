//! `shardproof measure`: runs the contention matrix and writes what was observed.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use regex::Regex;
use shardproof::Profile;
use shardproof::document::{Document, check_base};
use shardproof::evidence::file::check_writable;
use shardproof::evidence::{Cell, Checks, Partition};
use shardproof::judge::warnings::warned;
use shardproof::machine;
use shardproof::measure::journal::{FILE_NAME as JOURNAL, Journal};
use shardproof::measure::{Pinning, Plan, Request, Section, ThreadCounts, collect};
use shardproof::render::terminal::render;
use shardproof::subject::SubjectName;
use shardproof::workload::{Placement, Workload};

use crate::cmd::exit::Exit;
use crate::cmd::progress::Bar;
use crate::cmd::terminal;

/// Runs the contention matrix, prints it, and writes DIR/evidence.json.
///
/// Each subject is run under each workload, placement and number of threads, in rounds of random order, so that
/// every ratio is taken side by side in time. Throughput is measured first, without a clock in the loop; then
/// latency, each operation timed; then snapshots, memory and single operations. The controls `ceiling` and
/// `floor` are always there. Results go to stdout, progress to stderr. An evidence.json that is already there
/// stays whole until the new one replaces it. A measurement that was killed goes on with --resume. A subject
/// whose answers in a cell are found to be wrong makes it invalid, and the exit code 4.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// How much work to spend, and on which matrix: smoke (seconds), quick (under 3 min), ci (8 min),
    /// full (20 minutes).
    #[arg(long, env = "SHARDPROOF_PROFILE", default_value_t)]
    profile: Profile,
    /// A matrix file, in TOML, instead of the profile's; harness/measure/matrices has those of the profiles.
    #[arg(long, env = "SHARDPROOF_MATRIX", value_name = "FILE")]
    matrix: Option<PathBuf>,
    /// Subjects instead of the matrix's, by comma: sharded, sharded-plain, unified, seed, or, in a build with
    /// the feature `peers`, surrealmx, fjall, redb, skipdb, dashmap, papaya,
    /// scc, skiplist, moka, rwlock (docs/PEERS.md).
    #[arg(long, env = "SHARDPROOF_SUBJECTS", value_delimiter = ',', value_name = "NAMES")]
    subjects: Vec<SubjectName>,
    /// Workloads instead of the matrix's, by comma: get100, ycsb-a, any mix as in get50-put30-delete20, each
    /// with +field=value for whatever is not as usual, as in ycsb-a+value_bytes=1000. Of the matrix's blocks of
    /// cells only the first then counts.
    #[arg(long, env = "SHARDPROOF_WORKLOADS", value_delimiter = ',', value_name = "NAMES")]
    workloads: Vec<Workload>,
    /// Placements instead of the matrix's, by comma: disjoint, colliding, shared, hot, or a mixture as in
    /// disjoint90-shared10. Of the matrix's blocks of cells only the first then counts.
    #[arg(long, env = "SHARDPROOF_PLACEMENTS", value_delimiter = ',', value_name = "NAMES")]
    placements: Vec<Placement>,
    /// Numbers of threads instead of the matrix's, by comma.
    #[arg(
        long,
        env = "SHARDPROOF_THREADS",
        value_delimiter = ',',
        value_name = "NUMBERS",
        value_parser = clap::value_parser!(u16).range(1..=ThreadCounts::MAX as i64)
    )]
    threads: Vec<u16>,
    /// Only cells whose name matches this regular expression, and the controls beside them. A name is
    /// subject/workload/placement/threads.
    #[arg(long, env = "SHARDPROOF_FILTER", value_name = "REGEX")]
    filter: Option<Regex>,
    /// Only these parts, by comma: throughput, latency, snapshots, memory, operations [default: all].
    #[arg(long, env = "SHARDPROOF_SECTIONS", value_delimiter = ',', value_name = "NAMES")]
    sections: Vec<Section>,
    /// Only this share of the matrix, as in 2/3; `shardproof merge` joins them.
    #[arg(long, env = "SHARDPROOF_PARTITION", value_name = "K/N")]
    partition: Option<Partition>,
    /// Whether each worker is bound to a processor: on, off.
    #[arg(long, env = "SHARDPROOF_PIN", default_value_t)]
    pin: Pinning,
    /// The seed of every random choice.
    #[arg(long, env = "SHARDPROOF_SEED", default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The subject that ratios are taken to [default: seed].
    #[arg(long, env = "SHARDPROOF_BASE", value_name = "NAME")]
    base: Option<String>,
    /// The folder for evidence.json; created if need be.
    #[arg(long, env = "SHARDPROOF_OUT", default_value = "reports/latest", value_name = "DIR")]
    out: PathBuf,
    /// Go on with the measurement in DIR that was killed.
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

/// Measures, prints and writes.
///
/// # Errors
/// When there is nothing to measure, or the evidence cannot be written; that it could be is checked before
/// anything is measured.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let plan = arguments.request().plan(machine::cores())?;
    // Before anything is measured.
    let names = plan.cell_names();
    let subjects = names.iter().filter_map(|name| name.split('/').next());
    check_base(subjects, arguments.base.as_deref())?;
    let mut stdout = io::stdout().lock();
    if arguments.list {
        // A reader that has seen enough, as `head` has, is no error.
        let _ = write!(stdout, "{}", crate::cmd::plan::list(&plan));
        return Ok(Exit::Pass);
    }
    check_writable(&arguments.out)?;
    let mut journal = arguments.journal(&plan)?;
    eprintln!("{}", crate::cmd::plan::summary(&plan));
    let mut bar = Bar::new();
    let evidence = warned(collect(&plan, shardproof::build::describe(), &mut journal, &mut bar));
    bar.finish();
    if let Some(error) = journal.failure() {
        eprintln!(
            "warning: {JOURNAL} could not be kept, so that this could not be resumed: {error}"
        );
    }
    let (evidence, path) = evidence.write_with_rest(&arguments.out)?;
    journal.finish(&arguments.out)?;
    let document = Document::report(&evidence, arguments.base.as_deref())?;
    let text = render(&document, terminal::style());
    let _ = write!(stdout, "{text}\nwritten to {}\n", path.display());
    Ok(exit_after(&evidence.cells, evidence.latency_checks.as_ref()))
}

/// What the exit code says once the evidence is written.
fn exit_after(cells: &[Cell], under_the_clock: Option<&Checks>) -> Exit {
    let has_wrong_answers =
        cells.iter().any(Cell::is_invalid) || under_the_clock.is_some_and(Checks::has_failed);
    if has_wrong_answers { Exit::CorrectnessViolation } else { Exit::Pass }
}

impl Arguments {
    fn request(&self) -> Request {
        Request {
            profile: self.profile,
            matrix: self.matrix.clone(),
            subjects: self.subjects.clone(),
            workloads: self.workloads.clone(),
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
            eprintln!("going on after {} pieces", journal.len());
            return Ok(journal);
        }
        let (journal, set_aside) = Journal::begin(&self.out, &build, &plan.describe())?;
        if let Some(path) = set_aside {
            tell_of_unfinished(&path);
        }
        Ok(journal)
    }
}

fn tell_of_unfinished(path: &Path) {
    eprintln!(
        "there was an unfinished measurement, now in {}: to go on with it, rename it to {JOURNAL} and \
         give --resume",
        path.display()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_invalid_cell_is_a_correctness_violation() {
        let cell = |failed| Cell {
            part: 0,
            subject: "mine".to_owned(),
            workload: "get100".to_owned(),
            placement: "disjoint".to_owned(),
            threads: 1,
            throughput_ops_s: None,
            allocations_per_op: None,
            cpu_ns_per_op: None,
            on_cpu_share: None,
            start_skew_ns: None,
            conflicts_per_op: None,
            checks: Some(Checks { checked: 9, failed, ..Checks::default() }),
            warnings: Vec::new(),
        };
        assert_eq!(exit_after(&[cell(0), cell(0)], None), Exit::Pass);
        assert_eq!(exit_after(&[cell(0), cell(1)], None), Exit::CorrectnessViolation);
    }

    #[test]
    fn one_wrong_answer_under_the_clock_is_a_correctness_violation() {
        let checks = |failed| Checks { checked: 9, failed, ..Checks::default() };
        assert_eq!(exit_after(&[], Some(&checks(0))), Exit::Pass);
        assert_eq!(exit_after(&[], Some(&checks(1))), Exit::CorrectnessViolation);
    }
}
