//! `shardproof verify --faults`: the kill matrix.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use shardproof::document::Document;
use shardproof::evidence::Evidence;
use shardproof::evidence::verification::{Fault, FaultVerdict, VerificationConfig};
use shardproof::machine;
use shardproof::machine::clock::Clock;
use shardproof::render::terminal::render;
use shardproof::verify::campaign::{Campaign, verify};
use shardproof::verify::check::report::Axioms;
use shardproof::verify::faults::{FaultHunt, Seeded, catalogue};
use shardproof::verify::litmus;

use crate::cmd::exit::Exit;
use crate::cmd::progress::Steps;
use crate::cmd::terminal;
use crate::cmd::verify::{Arguments, findings};

/// Hunts the seeded faults, after checking that the same variants pass without a fault.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let start = Instant::now();
    let seeded = chosen(arguments)?;
    let executors = arguments.executors();
    let mut steps = Steps::new(seeded.len() + 1);
    let clean = without_faults(arguments, &mut steps)?;
    let (programs, axioms) = (litmus::catalogue(), Axioms::all());
    let seed = arguments.seed;
    let hunt = FaultHunt { executors: &executors, programs: &programs, seed, axioms: &axioms };
    let mut faults = hunted(arguments);
    for seeded in &seeded {
        if faults.iter().any(|fault| fault.id == seeded.id) {
            continue;
        }
        let (fault, searches) = hunt.hunt(seeded);
        steps.next(&format!("{} {}", seeded.id, seeded.summary));
        for search in searches.iter().filter(|search| search.counterexample.is_some()).take(1) {
            findings::write(&arguments.out, &format!("fault {}", seeded.id), search, seed)?;
        }
        faults.push(fault);
        write(arguments, start, &faults)?;
    }
    steps.finish();
    let names: Vec<String> = executors.iter().map(ToString::to_string).collect();
    let table = render(&Document::faults(&faults, &names), terminal::style());
    let exit = if clean && faults.iter().all(is_expected) {
        Exit::Pass
    } else {
        Exit::CorrectnessViolation
    };
    let path = write(arguments, start, &faults)?;
    let correct = if clean { "passed" } else { "FAILED" };
    let _ = write!(
        io::stdout().lock(),
        "{table}The store without a fault {correct} under the same executors.\n{:.0} s\nwritten to \
         {}\n",
        start.elapsed().as_secs_f64(),
        path.display()
    );
    Ok(exit)
}

/// With `--resume`, the faults that an earlier run of the same build, profile, seed and executors
/// hunted.
fn hunted(arguments: &Arguments) -> Vec<Fault> {
    let Some(older) = arguments.resumed() else { return Vec::new() };
    let executors: Vec<String> = arguments.executors().iter().map(ToString::to_string).collect();
    let same = |config: &VerificationConfig| {
        arguments.is_same_work(config) && config.executors == executors
    };
    if older.fault_hunt.as_ref().is_some_and(same) { older.faults } else { Vec::new() }
}

/// Writes the results so far.
fn write(arguments: &Arguments, start: Instant, faults: &[Fault]) -> anyhow::Result<PathBuf> {
    let subjects = vec!["faults".to_owned()];
    let config = VerificationConfig { subjects, ..arguments.config(start) };
    let base = Evidence::new(machine::describe(&Clock::new()), shardproof::build::describe());
    let evidence = Evidence { fault_hunt: Some(config), faults: faults.to_vec(), ..base };
    Ok(evidence.write_with_rest(&arguments.out)?.1)
}

/// Whether the variants with faults pass with no fault switched on.
fn without_faults(arguments: &Arguments, steps: &mut Steps) -> anyhow::Result<bool> {
    let campaign = Campaign { executors: arguments.executors(), ..arguments.campaign() };
    let campaign = Campaign { profile: shardproof::Profile::Smoke, ..campaign };
    let subject = shardproof::verify::execute::VerifySubject::seeded(None);
    let subject = subject.expect("there is a store without a fault");
    let searches = verify(&subject, &campaign, &mut |_| ());
    steps.next("no fault");
    let mut clean = true;
    for search in searches.iter().filter(|search| search.counterexample.is_some()) {
        let found = findings::write(&arguments.out, subject.name(), search, arguments.seed)?;
        let _ = writeln!(io::stdout().lock(), "{}", found.map_or_else(String::new, |it| it.text));
        clean = false;
    }
    Ok(clean)
}

fn chosen(arguments: &Arguments) -> anyhow::Result<Vec<Seeded>> {
    if arguments.fault.is_empty() {
        return Ok(catalogue().to_vec());
    }
    let by_id = |id: &String| {
        let found = catalogue().iter().find(|seeded| seeded.id == id);
        found.copied().ok_or_else(|| unknown(id))
    };
    arguments.fault.iter().map(by_id).collect()
}

/// The error for an id of no fault.
pub(super) fn unknown(id: &str) -> anyhow::Error {
    let ids: Vec<&str> = catalogue().iter().map(|seeded| seeded.id).collect();
    anyhow::anyhow!("--fault: `{id}` is not a seeded fault: give one of {}", ids.join(", "))
}

const fn is_expected(fault: &Fault) -> bool {
    matches!(fault.verdict, FaultVerdict::Killed | FaultVerdict::Equivalent)
}
