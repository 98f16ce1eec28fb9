//! `shardproof verify --faults`: the kill matrix.

use std::time::Instant;

use crate::base::excerpt::excerpt;
use crate::cmd::exit::Exit;
use crate::cmd::output::Output;
use crate::cmd::progress::Steps;
use crate::cmd::verify::{Arguments, FILE_NAME, findings, resume};
use crate::cmd::{interrupt, terminal};
use crate::document::Document;
use crate::evidence::Evidence;
use crate::evidence::verification::{Fault, FaultVerdict, VerificationConfig};
use crate::machine;
use crate::machine::clock::Clock;
use crate::registry::faulty;
use crate::render::terminal::render;
use crate::verify::campaign::{Campaign, verify};
use crate::verify::faults::{FaultHunt, Seeded, catalogue};
use crate::verify::litmus;

/// Hunts the seeded faults, after checking that the store passes without any.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let start = Instant::now();
    let seeded = selected(arguments)?;
    let executors = arguments.executors();
    let ids: Vec<String> = seeded.iter().map(|seeded| seeded.id.to_owned()).collect();
    let mut faults = resume::fault_hunt(arguments, &ids)?.unwrap_or_default();
    let mut steps = Steps::new(seeded.len() + 1);
    let clean = without_faults(arguments, &mut steps, output);
    let (programs, axioms) = (litmus::catalogue(), arguments.axioms());
    let seed = arguments.seed;
    let (store, migrated) = (&faulty::store(), &faulty::migrated());
    let hunt = FaultHunt {
        store,
        migrated,
        executors: &executors,
        programs: &programs,
        seed,
        axioms: &axioms,
    };
    for seeded in &seeded {
        if faults.iter().any(|fault| fault.id == seeded.id) {
            continue;
        }
        let (fault, searches) = hunt.hunt(seeded);
        steps.next(&format!("{} {}", seeded.id, seeded.summary));
        let found = searches.iter().find_map(|search| Some((search.executor, search.worst()?)));
        if let Some((executor, finding)) = found {
            let subject = format!("fault {}", seeded.id);
            let folder = arguments.out.join(findings::name(&subject, executor, finding));
            findings::write(&folder, &subject, executor, finding, output);
        }
        faults.push(fault);
        save(arguments, start, &faults, output);
    }
    steps.finish();
    let written = save(arguments, start, &faults, output);
    let names: Vec<String> = executors.iter().map(ToString::to_string).collect();
    output.print(&render(&Document::faults(&faults, &names), terminal::style()));
    let correct = match clean {
        Some(true) => "passed",
        Some(false) => "FAILED",
        None => "was not run",
    };
    output.print(&format!(
        "The store without faults {correct} under the same executors.\n{:.0} s\n",
        start.elapsed().as_secs_f64(),
    ));
    if written {
        let path = arguments.out.join(FILE_NAME);
        output.print(&format!("written to {}\n", path.display()));
    }
    Ok(exit(clean, &faults, arguments.strict))
}

/// The exit code: `clean` is whether the store passed without faults, none if nothing ran.
fn exit(clean: Option<bool>, faults: &[Fault], strict: bool) -> Exit {
    let is_open = |fault: &Fault| fault.verdict == FaultVerdict::Inconclusive;
    if clean == Some(false) || !faults.iter().all(|fault| is_expected(fault) || is_open(fault)) {
        Exit::CorrectnessViolation
    } else if strict && (clean.is_none() || faults.iter().any(is_open)) {
        Exit::Inconclusive
    } else {
        Exit::Pass
    }
}

/// Writes the results so far, and sets the message for interrupts. Returns whether they were
/// written.
fn save(arguments: &Arguments, start: Instant, faults: &[Fault], output: &mut Output) -> bool {
    let subjects = vec!["faults".to_owned()];
    let config = VerificationConfig { subjects, ..arguments.config(start) };
    let base = Evidence::new(machine::describe(&Clock::new()), crate::build::describe());
    let mut evidence = Evidence { fault_hunt: Some(config), faults: faults.to_vec(), ..base };
    let written = evidence.write_merged(&arguments.out).map_err(Into::into);
    let Some(path) = output.ok_or_report(written) else { return false };
    interrupt::set_message(format!(
        "{} hunted faults are in {}\nto continue: {}",
        faults.len(),
        path.display(),
        interrupt::resume_command()
    ));
    true
}

/// Whether the store passes with no fault active; none if no executor judged anything.
fn without_faults(arguments: &Arguments, steps: &mut Steps, output: &mut Output) -> Option<bool> {
    let campaign = Campaign { executors: arguments.executors(), ..arguments.campaign() };
    let campaign = Campaign { profile: crate::Profile::Smoke, ..campaign };
    let subject = faulty::store();
    let searches = verify(&subject, &campaign, &mut |_| ());
    steps.next("no fault");
    let mut clean = searches.iter().any(|search| !search.report.counts.is_empty()).then_some(true);
    for search in &searches {
        for finding in &search.findings {
            let (name, executor) = (subject.name(), search.executor);
            let folder = arguments.out.join(findings::name(name, executor, finding));
            let text = findings::write(&folder, name, executor, finding, output);
            output.print(&text);
            clean = Some(false);
        }
    }
    clean
}

fn selected(arguments: &Arguments) -> anyhow::Result<Vec<Seeded>> {
    if arguments.fault.is_empty() {
        return Ok(catalogue().to_vec());
    }
    let by_id = |id: &String| {
        let found = catalogue().iter().find(|seeded| seeded.id == id);
        found.copied().ok_or_else(|| unknown(id))
    };
    arguments.fault.iter().map(by_id).collect()
}

/// The error for an unknown fault id.
pub(super) fn unknown(id: &str) -> anyhow::Error {
    let ids: Vec<&str> = catalogue().iter().map(|seeded| seeded.id).collect();
    anyhow::anyhow!(
        "--fault: `{}` is not a seeded fault: give one of {}",
        excerpt(id),
        ids.join(", ")
    )
}

const fn is_expected(fault: &Fault) -> bool {
    matches!(fault.verdict, FaultVerdict::Killed | FaultVerdict::Equivalent)
}
