//! Times what operations cost: a plan in, evidence out.
//!
//! **Invariant:** no clock is read inside a throughput loop, and no two cells share anything but
//! the machine.
//!
//! **Invariant:** throughput and latency are two passes, never mixed.

pub mod cell;
mod check;
pub mod crew;
mod draw;
mod fill;
pub mod gate;
mod inputs;
pub mod journal;
pub mod latency;
pub mod load;
pub mod memory;
pub mod operations;
pub mod plan;
pub mod profile;
pub mod progress;
pub mod snapshots;
pub mod summary;
mod throughput;
pub mod worker;

pub use plan::{Pinning, Plan, PlanError, Request, Section, ThreadCounts};
pub use profile::{Effort, effort};
pub use progress::{Moment, Progress};

use shardproof_evidence::{Build, Certificate, Checks, Config, Evidence, Subject};
use shardproof_machine as machine;
use shardproof_machine::certificate::{self, certify};
use shardproof_machine::clock::Clock;
use shardproof_machine::stolen::StolenTime;
use shardproof_subject::SubjectName;
use shardproof_workload::{Stream, Workload};

use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::progress::Tracker;

/// Measures what `plan` asks for, telling `progress` how far it is. What `journal` knows already is not
/// measured again.
#[must_use]
pub fn collect(
    plan: &Plan,
    build: Build,
    journal: &mut Journal,
    progress: &mut dyn Progress,
) -> Evidence {
    // Of what was stolen before a kill nothing is known.
    let stolen = journal.is_empty().then(StolenTime::begin);
    let clock = Clock::new();
    let mut machine = machine::describe(&clock);
    let effort = profile::effort(plan.profile);
    let mut tracker = Tracker::new(progress, plan.estimate());
    let mut certificate =
        journal.once("certificate", || certify(&clock, certificate::Effort::Brief));
    let inputs = Inputs::new(plan);
    certificate.pinned_to = Some(inputs.cpus().to_vec()).filter(|cpus| !cpus.is_empty());
    tracker.certified(&certificate);
    let mut evidence = Evidence::new(machine.clone(), build);
    evidence.skipped = plan.skipped.clone();
    evidence.subjects = plan.subjects.iter().map(|name| described(*name)).collect();
    let mut config = config(plan);
    if plan.has(Section::Throughput) {
        let afterwards = plan.estimate_after_throughput();
        let both = (&mut *journal, &mut tracker);
        if let Some(matrix) = throughput::collect(plan, &effort, &inputs, afterwards, both) {
            evidence.cells = matrix.cells;
            evidence.same_twice = matrix.same_twice;
            certificate.core_to_core_rounds_ns = matrix.core_to_core_ns;
            config.rounds = matrix.schedule.rounds;
            config.slice_ms = matrix.schedule.slice.as_secs_f64() * 1e3;
        }
    }
    if plan.has(Section::Latency) {
        let both = (&mut *journal, &mut tracker);
        let timed = latency::pass::collect(plan, &effort, (&inputs, &clock), both);
        evidence.latencies = timed.latencies;
        evidence.rate_searches = timed.searches;
        // Which of the subjects are not checked is said with their cells.
        evidence.latency_checks = Some(Checks { exemption: None, ..timed.checks });
        config.latency_rounds = effort.latency_rounds;
        config.latency_slice_ms = effort.latency_slice.as_secs_f64() * 1e3;
        config.open_slice_ms = effort.open_slice.as_secs_f64() * 1e3;
    }
    alone(plan, (&effort, &clock), (&mut *journal, &mut tracker), &mut evidence);

    machine.load_average_after = machine::load_average();
    config.elapsed_s = journal.elapsed().as_secs_f64();
    evidence.certificate =
        Some(Certificate { stolen_share: stolen.and_then(|it| it.share()), ..certificate });
    evidence.machine = machine;
    evidence.config = Some(config);
    evidence
}

/// Measures what each subject is measured alone for.
fn alone(
    plan: &Plan,
    (effort, clock): (&Effort, &Clock),
    (journal, tracker): (&mut Journal, &mut Tracker<'_>),
    evidence: &mut Evidence,
) {
    for &name in &plan.alone {
        if plan.has(Section::Snapshots) {
            let economics = journal.once(&format!("snapshots {name}"), || {
                snapshots::collect(name, plan, effort, clock, tracker)
            });
            evidence.snapshots.extend(economics.acquisition);
            evidence.snapshot_threads.extend(economics.threads);
            evidence.held_snapshots.extend(economics.held);
        }
        if plan.has(Section::Memory) {
            let key = format!("memory {name}");
            evidence.memory.extend(journal.once(&key, || memory::collect(name, plan, tracker)));
        }
        if plan.has(Section::Operations) {
            let key = format!("operations {name}");
            let found = journal.once(&key, || operations::collect(name, plan, effort, tracker));
            evidence.operations.extend(found);
        }
    }
}

/// A subject, as evidence tells of it.
fn described(name: SubjectName) -> Subject {
    Subject {
        name: name.to_string(),
        about: name.about().to_owned(),
        settings: name.settings().to_owned(),
    }
}

/// What was asked for, before it is known how often it was done.
fn config(plan: &Plan) -> Config {
    Config {
        profile: plan.profile.to_string(),
        seed: plan.seed,
        subjects: names(&plan.subjects),
        workloads: plan.workloads.iter().map(Workload::describe).collect(),
        placements: names(&plan.placements),
        threads: plan.threads.clone(),
        matrix: plan.matrix.clone(),
        filter: plan.filter.clone(),
        partition: plan.partition.map(|partition| partition.to_string()),
        stream_operations: Stream::OPERATIONS,
        ..Config::default()
    }
}

fn names(items: &[impl ToString]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shardproof_base::Profile;

    /// What it was told: `None` for a moment.
    #[derive(Default)]
    struct Told(Vec<Option<Certificate>>);

    impl Progress for Told {
        fn at(&mut self, _moment: Moment<'_>) {
            self.0.push(None);
        }

        fn certified(&mut self, certificate: &Certificate) {
            self.0.push(Some(certificate.clone()));
        }
    }

    #[test]
    fn the_machine_is_told_of_first_and_answers_under_the_clock_and_settings_are_in_the_evidence() {
        let request = Request {
            profile: Profile::Smoke,
            subjects: vec![SubjectName::Seed],
            workloads: vec!["get50-put50".parse().unwrap()],
            threads: vec![1],
            sections: vec![Section::Latency],
            ..Request::default()
        };
        let mut told = Told::default();
        let plan = request.plan(2).unwrap();
        let evidence = collect(&plan, Build::default(), &mut Journal::none(), &mut told);
        let (first, later) = told.0.split_first().unwrap();
        let (first, certificate) = (first.as_ref().unwrap(), evidence.certificate.unwrap());
        assert_eq!(first.same_twice, certificate.same_twice);
        assert_eq!(first.pinned_to, certificate.pinned_to);
        assert!(!later.is_empty() && later.iter().all(Option::is_none));
        let checks = evidence.latency_checks.unwrap();
        assert!(checks.checked > 0 && !checks.has_failed(), "{checks:?}");
        let subjects: Vec<&str> = evidence.subjects.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(subjects, names(&plan.subjects));
        assert_eq!(evidence.subjects[0].settings, plan.subjects[0].settings());
    }
}
