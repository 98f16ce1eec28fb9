//! `shardproof measure`: runs the contention matrix and writes what was observed.

use std::io::{self, Write};
use std::num::ParseIntError;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use shardproof::evidence::Cell;
use shardproof::evidence::file::check_writable;
use shardproof::measure::{Plan, Profile, collect, default_threads};
use shardproof::render::terminal::render;
use shardproof::subject::SubjectName;
use shardproof::workload::{Mix, Placement};
use shardproof::{machine, names::UnknownName};

use crate::cmd::exit::Exit;
use crate::cmd::progress::Bar;
use crate::cmd::terminal;

/// Runs the contention matrix, prints it, and writes DIR/evidence.json.
///
/// Each subject is run under each mix, placement and number of threads, in rounds of random order,
/// so that every ratio is taken side by side in time. Results go to stdout, progress to stderr. An
/// evidence.json that is already there stays whole until the new one replaces it. A subject whose
/// answers are found to be wrong makes its cell invalid, and the exit code 4.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// How much work to spend: smoke (10 s), quick (under 2 min), full (10 min).
    #[arg(long, env = "SHARDPROOF_PROFILE", default_value_t)]
    profile: Profile,
    /// Subjects, by comma: sharded, sharded-plain, unified, seed, ceiling, floor [default: all of them],
    /// or, in a build with the feature `peers`: surrealmx, fjall, redb, skipdb, dashmap, papaya, scc,
    /// skiplist, moka, rwlock.
    #[arg(long, env = "SHARDPROOF_SUBJECTS", value_delimiter = ',', value_name = "NAMES")]
    subjects: Vec<SubjectName>,
    /// Mixes, by comma: get100, put100 or any getA-putB
    /// [default: get100,get90-put10,get50-put50,put100].
    #[arg(long, env = "SHARDPROOF_MIXES", value_delimiter = ',', value_name = "MIXES")]
    mixes: Vec<Mix>,
    /// Placements, by comma: disjoint (a run per thread), shared (one run) [default: both].
    #[arg(long, env = "SHARDPROOF_PLACEMENTS", value_delimiter = ',', value_name = "NAMES")]
    placements: Vec<Placement>,
    /// Numbers of threads, by comma [default: 1 to the number of cores].
    #[arg(long, env = "SHARDPROOF_THREADS", value_delimiter = ',', value_name = "NUMBERS")]
    threads: Vec<Threads>,
    /// The seed of every random choice.
    #[arg(long, env = "SHARDPROOF_SEED", default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The folder for evidence.json; created if need be.
    #[arg(long, env = "SHARDPROOF_OUT", default_value = "reports/latest", value_name = "DIR")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  shardproof measure
  shardproof measure --profile smoke --out reports/try
  shardproof measure --subjects sharded,seed,ceiling --mixes put100 --threads 1,2
  SHARDPROOF_PROFILE=full shardproof measure --placements disjoint";

/// Measures, prints and writes.
///
/// # Errors
/// When the evidence cannot be written; that it could be is checked before anything is measured.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    check_writable(&arguments.out)?;
    let mut bar = Bar::new();
    let evidence = collect(&arguments.plan(), &mut bar);
    bar.finish();
    let (evidence, path) = evidence.write_with_rest(&arguments.out)?;
    let mut stdout = io::stdout().lock();
    // A reader that has seen enough, as `head` has, is no error: the evidence is on disk.
    let _ =
        write!(stdout, "{}\nwritten to {}\n", render(&evidence, terminal::style()), path.display());
    Ok(exit_after(&evidence.cells))
}

/// What the exit code says once the evidence is written.
fn exit_after(cells: &[Cell]) -> Exit {
    if cells.iter().any(Cell::is_invalid) { Exit::CorrectnessViolation } else { Exit::Pass }
}

impl Arguments {
    fn plan(&self) -> Plan {
        let threads = distinct(&self.threads).into_iter().map(|Threads(count)| count);
        Plan {
            profile: self.profile,
            subjects: or(distinct(&self.subjects), SubjectName::ALL),
            mixes: or(distinct(&self.mixes), &Mix::DEFAULTS),
            placements: or(distinct(&self.placements), &Placement::ALL),
            threads: or(threads.collect(), &default_threads(machine::cores())),
            seed: self.seed,
        }
    }
}

/// The first of each, so that no cell is run twice.
fn distinct<T: PartialEq + Copy>(items: &[T]) -> Vec<T> {
    let mut seen = Vec::with_capacity(items.len());
    for item in items {
        if !seen.contains(item) {
            seen.push(*item);
        }
    }
    seen
}

fn or<T: Clone>(given: Vec<T>, default: &[T]) -> Vec<T> {
    if given.is_empty() { default.to_vec() } else { given }
}

/// A number of threads that can be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Threads(usize);

impl Threads {
    /// More than this would measure the scheduler, and each has half a mebibyte of stream per mix.
    const MAX: usize = 256;
}

impl FromStr for Threads {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let count: Result<usize, ParseIntError> = text.parse();
        match count {
            Ok(count @ 1..=Self::MAX) => Ok(Self(count)),
            _ => Err(UnknownName {
                kind: "number of threads",
                given: text.to_owned(),
                valid: vec!["1 to 256"],
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use shardproof::evidence::Checks;

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
        assert_eq!(exit_after(&[cell(0), cell(0)]), Exit::Pass);
        assert_eq!(exit_after(&[cell(0), cell(1)]), Exit::CorrectnessViolation);
    }
}
