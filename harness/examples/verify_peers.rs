//! Verifies the peers: `cargo run --features peers --example verify_peers -- [PROFILE] [SUBJECT]...`.
//!
//! Each peer is verified as it is, by time alone, and with versions by its own transactions, exactly. Prints a
//! line for each search, and what was found.

use std::io::{self, Write};

use shardproof::measure::Profile;
use shardproof::subject::numbered::Numbered;
use shardproof::subject::peers::fjall::Fjall;
use shardproof::subject::peers::redb::Redb;
use shardproof::subject::peers::skipdb::Skipdb;
use shardproof::subject::peers::surrealmx::Surrealmx;
use shardproof::verify::check::report::Axioms;
use shardproof::verify::execute::{Executor, Limits, Subject};
use shardproof::verify::explain::explain;
use shardproof::verify::profile::effort;
use shardproof::verify::search::{Effort, Search, Target, search};

/// Executors that need nothing of the store but that it is one.
const EXECUTORS: [Executor; 3] = [Executor::Sequential, Executor::Litmus, Executor::Stress];

fn subjects() -> Vec<Subject> {
    vec![
        Subject::new("surrealmx", Surrealmx::new),
        Subject::new("fjall", Fjall::new),
        Subject::new("redb", Redb::new),
        Subject::new("skipdb", Skipdb::new),
        Subject::new("surrealmx-numbered", || Numbered::new(Surrealmx::new())),
        Subject::new("fjall-numbered", || Numbered::new(Fjall::new())),
        Subject::new("redb-numbered", || Numbered::new(Redb::new())),
        Subject::new("skipdb-numbered", || Numbered::new(Skipdb::new())),
    ]
}

fn verify(subject: &Subject, executor: Executor, profile: Profile) -> Search {
    let axioms = Axioms::all();
    let target = Target { subject, executor, catalogue: &[], seed: 1, axioms: &axioms };
    let planned = effort(profile, executor);
    // A peer takes longer to make afresh than an execution takes, so it is given fewer of each program.
    let executions = planned.random.executions.min(128);
    let random = Limits { executions, ..planned.random };
    search(&target, &Effort { catalogue: None, random, ..planned }, &mut |_, _| ())
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let profile = arguments.first().and_then(|word| word.parse().ok());
    let names = &arguments[usize::from(profile.is_some())..];
    let mut out = io::stdout().lock();
    for subject in subjects() {
        if !names.is_empty() && !names.iter().any(|name| name == subject.name()) {
            continue;
        }
        for executor in EXECUTORS {
            let search = verify(&subject, executor, profile.unwrap_or(Profile::Quick));
            let Search { programs, executions, ended, seconds, report, found, .. } = search;
            let (name, reads, executor) = (subject.name(), report.reads, executor.as_str());
            writeln!(
                out,
                "{name} {executor}: {programs} programs, {executions} executions, {reads} reads, \
                 {seconds:.1} s, {ended:?}"
            )?;
            for (axiom, count) in &report.counts {
                let (checked, could) = (count.checked, count.could_have_failed);
                writeln!(out, "  {axiom:?}: {checked} checked, {could} could have failed")?;
            }
            if let Some(found) = found {
                let failure = &found.failure;
                let anomalies = failure.report.anomalies.iter().take(1);
                for anomaly in anomalies {
                    writeln!(out, "{}", explain(&failure.history, anomaly))?;
                }
            }
        }
    }
    Ok(())
}
