//! Verifies the peers: `cargo run --features peers --example verify_peers -- [SECONDS]
//! [SUBJECT]...`.
//!
//! Verifies each peer as it is, without versions; peers with transactions also with versions that
//! their transactions number, which is exact. Prints one line for each search, which takes at most
//! SECONDS, and its failure. `fjall` uses the folder for temporary files: set `TMPDIR` to choose
//! the disk.

use std::io::{self, Write};
use std::time::Duration;

use shardproof::Profile;
use shardproof::subject::numbered::Numbered;
use shardproof::subject::peers::{
    Dashmap, Fjall, Moka, Papaya, Redb, Rwlock, Scc, Skipdb, Skiplist, Surrealmx,
};
use shardproof::verify::budget::budget;
use shardproof::verify::check::report::Axioms;
use shardproof::verify::execute::{Executor, Limits, VerifySubject};
use shardproof::verify::explain::explain;
use shardproof::verify::generate::{Mix, Shape};
use shardproof::verify::search::{Counterexample, SearchBudget, SearchOutcome, SearchTask, search};

/// Executors that work with any store.
const EXECUTORS: [Executor; 3] = [Executor::Sequential, Executor::Litmus, Executor::Stress];

/// Shorter than for our own stores: while a snapshot is open, a peer's write can take time linear
/// in the number of versions of its key.
const LONG: [Shape; 3] = [
    Shape { setup: 50, threads: 2, ops: 3_000, runs: 2, keys: 200, mix: Mix::Long },
    Shape { setup: 50, threads: 4, ops: 600, runs: 3, keys: 24, mix: Mix::Even },
    Shape { setup: 50, threads: 3, ops: 600, runs: 2, keys: 60, mix: Mix::Upheaval },
];

fn subjects() -> Vec<VerifySubject> {
    vec![
        VerifySubject::new("surrealmx", Surrealmx::new),
        VerifySubject::new("fjall", Fjall::new),
        VerifySubject::new("redb", Redb::new),
        VerifySubject::new("skipdb", Skipdb::new),
        VerifySubject::new("skipdb-uncompacted", Skipdb::uncompacted),
        VerifySubject::new("dashmap", Dashmap::new),
        VerifySubject::new("papaya", Papaya::new),
        VerifySubject::new("scc", Scc::new),
        VerifySubject::new("skiplist", Skiplist::new),
        VerifySubject::new("moka", Moka::new),
        VerifySubject::new("rwlock", Rwlock::new),
        VerifySubject::new("surrealmx-numbered", || Numbered::new(Surrealmx::new())),
        VerifySubject::new("fjall-numbered", || Numbered::new(Fjall::new())),
        VerifySubject::new("redb-numbered", || Numbered::new(Redb::new())),
        VerifySubject::new("skipdb-numbered", || Numbered::new(Skipdb::new())),
        VerifySubject::new("skipdb-numbered-uncompacted", || Numbered::new(Skipdb::uncompacted())),
    ]
}

fn verify(subject: &VerifySubject, executor: Executor, time: Duration) -> SearchOutcome {
    let axioms = Axioms::all();
    let task = SearchTask { subject, executor, catalogue: &[], seed: 1, axioms: &axioms };
    let planned = budget(Profile::Quick, executor);
    let (programs, shapes, executions) = match executor {
        Executor::Sequential => (2_000, planned.shapes, 1),
        // Creating a peer takes longer than an execution, so there are fewer executions of each
        // program.
        Executor::Litmus => (1_000, planned.shapes, 128),
        _ => (200, &LONG[..], 1),
    };
    let random = Limits { executions, time, preemptions: None };
    let budget = SearchBudget { catalogue: None, programs, shapes, random, time, ..planned };
    search(&task, &budget, &mut |_, _| ())
}

/// Prints what a search did, and its failure.
fn print(subject: &VerifySubject, search: &SearchOutcome, out: &mut impl Write) -> io::Result<()> {
    let SearchOutcome { programs, executions, ended, seconds, report, findings, .. } = search;
    let (name, reads, executor) = (subject.name(), report.reads, search.executor.as_str());
    writeln!(
        out,
        "{name} {executor}: {programs} programs, {executions} executions, {reads} reads, {seconds:.0} s, {ended:?}"
    )?;
    for (axiom, count) in &report.counts {
        let (checked, could) = (count.checked, count.could_have_failed);
        writeln!(out, "  {axiom:?}: {checked} checked, {could} could have failed")?;
    }
    for Counterexample { failure, .. } in findings {
        let anomaly = &failure.report.anomalies[0];
        writeln!(out, "{}", explain(&failure.history, anomaly))?;
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds: Option<u64> = arguments.first().and_then(|word| word.parse().ok());
    let names = &arguments[usize::from(seconds.is_some())..];
    let time = Duration::from_secs(seconds.unwrap_or(30));
    let wanted =
        |subject: &VerifySubject| names.is_empty() || names.iter().any(|it| it == subject.name());
    for subject in subjects().iter().filter(|subject| wanted(subject)) {
        for executor in EXECUTORS {
            print(subject, &verify(subject, executor, time), &mut io::stdout())?;
        }
    }
    Ok(())
}
