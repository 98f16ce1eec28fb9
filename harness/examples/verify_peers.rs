//! Verifies the peers: `cargo run --features peers --example verify_peers -- [SECONDS] [SUBJECT]...`.
//!
//! Each peer is verified as it is, by time alone, and those with transactions with versions by these, exactly. Prints a
//! line for each search, of which each may take so many seconds, and what was found. `fjall` works in the folder
//! for temporary files, so that `TMPDIR` tells on which disk.

use std::io::{self, Write};
use std::time::Duration;

use shardproof::Profile;
use shardproof::subject::numbered::Numbered;
use shardproof::subject::peers::{
    Dashmap, Fjall, Moka, Papaya, Redb, Rwlock, Scc, Skipdb, Skiplist, Surrealmx,
};
use shardproof::verify::check::report::Axioms;
use shardproof::verify::execute::{Executor, Limits, Subject};
use shardproof::verify::explain::explain;
use shardproof::verify::generate::{Mix, Shape};
use shardproof::verify::profile::effort;
use shardproof::verify::search::{Effort, Found, Search, Target, search};

/// Executors that need nothing of the store but that it is one.
const EXECUTORS: [Executor; 3] = [Executor::Sequential, Executor::Litmus, Executor::Stress];

/// Shorter than for our own stores: while a snapshot is open, a write can take a peer as long as the versions of
/// its key are many.
const LONG: [Shape; 3] = [
    Shape { setup: 50, threads: 2, ops: 3_000, runs: 2, keys: 200, mix: Mix::Long },
    Shape { setup: 50, threads: 4, ops: 600, runs: 3, keys: 24, mix: Mix::Even },
    Shape { setup: 50, threads: 3, ops: 600, runs: 2, keys: 60, mix: Mix::Upheaval },
];

fn subjects() -> Vec<Subject> {
    vec![
        Subject::new("surrealmx", Surrealmx::new),
        Subject::new("fjall", Fjall::new),
        Subject::new("redb", Redb::new),
        Subject::new("skipdb", Skipdb::new),
        Subject::new("skipdb-uncompacted", Skipdb::uncompacted),
        Subject::new("dashmap", Dashmap::new),
        Subject::new("papaya", Papaya::new),
        Subject::new("scc", Scc::new),
        Subject::new("skiplist", Skiplist::new),
        Subject::new("moka", Moka::new),
        Subject::new("rwlock", Rwlock::new),
        Subject::new("surrealmx-numbered", || Numbered::new(Surrealmx::new())),
        Subject::new("fjall-numbered", || Numbered::new(Fjall::new())),
        Subject::new("redb-numbered", || Numbered::new(Redb::new())),
        Subject::new("skipdb-numbered", || Numbered::new(Skipdb::new())),
        Subject::new("skipdb-numbered-uncompacted", || Numbered::new(Skipdb::uncompacted())),
    ]
}

fn verify(subject: &Subject, executor: Executor, time: Duration) -> Search {
    let axioms = Axioms::all();
    let target = Target { subject, executor, catalogue: &[], seed: 1, axioms: &axioms };
    let planned = effort(Profile::Quick, executor);
    let (programs, shapes, executions) = match executor {
        Executor::Sequential => (2_000, planned.shapes, 1),
        // Making a peer afresh takes longer than an execution, so there are fewer of each program.
        Executor::Litmus => (1_000, planned.shapes, 128),
        _ => (200, &LONG[..], 1),
    };
    let random = Limits { executions, time, preemptions: None };
    let effort = Effort { catalogue: None, programs, shapes, random, time, ..planned };
    search(&target, &effort, &mut |_, _| ())
}

/// Says what was done and found.
fn tell(subject: &Subject, search: &Search, out: &mut impl Write) -> io::Result<()> {
    let Search { programs, executions, ended, seconds, report, found, .. } = search;
    let (name, reads, executor) = (subject.name(), report.reads, search.executor.as_str());
    writeln!(
        out,
        "{name} {executor}: {programs} programs, {executions} executions, {reads} reads, {seconds:.0} s, {ended:?}"
    )?;
    for (axiom, count) in &report.counts {
        let (checked, could) = (count.checked, count.could_have_failed);
        writeln!(out, "  {axiom:?}: {checked} checked, {could} could have failed")?;
    }
    let Some(Found { failure, .. }) = found else { return Ok(()) };
    failure
        .report
        .anomalies
        .iter()
        .take(1)
        .try_for_each(|anomaly| writeln!(out, "{}", explain(&failure.history, anomaly)))
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds: Option<u64> = arguments.first().and_then(|word| word.parse().ok());
    let names = &arguments[usize::from(seconds.is_some())..];
    let time = Duration::from_secs(seconds.unwrap_or(30));
    let wanted =
        |subject: &Subject| names.is_empty() || names.iter().any(|it| it == subject.name());
    for subject in subjects().iter().filter(|subject| wanted(subject)) {
        for executor in EXECUTORS {
            tell(subject, &verify(subject, executor, time), &mut io::stdout())?;
        }
    }
    Ok(())
}
