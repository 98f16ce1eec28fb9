//! Measures the cost of operations: a plan in, evidence out.
//!
//! **Invariant:** no clock is read inside a throughput loop, and cells share only the machine.
//!
//! **Invariant:** throughput and latency are two passes, never mixed.

#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod cell;
mod check;
mod fill;
mod inputs;
pub mod journal;
pub mod latency;
pub mod load;
pub mod memory;
pub mod operations;
pub mod plan;
pub mod profile;
pub mod progress;
mod random_keys;
pub mod snapshots;
mod spin_barrier;
mod subject;
pub mod summary;
#[cfg(test)]
mod test_subjects;
mod throughput;
pub mod worker;
mod worker_pool;

pub use plan::{Pinning, Plan, PlanError, Request, Section, ThreadCounts};
pub use profile::{Budget, budget};
pub use progress::{Moment, Progress};
pub use subject::MeasureSubject;

use std::time::SystemTime;

use shardproof_evidence::{self as evidence, Build, Certificate, Checks, Config, Evidence};
use shardproof_machine as machine;
use shardproof_machine::certificate::{self, certify};
use shardproof_machine::clock::Clock;
use shardproof_machine::steal_time::StealTime;
use shardproof_subject::Description;
use shardproof_workload::{Stream, Workload};

use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::progress::Tracker;

/// Measures what `plan` asks for, and reports to `progress`. What `journal` already holds is not
/// measured again.
#[must_use]
pub fn collect(
    plan: &Plan,
    build: Build,
    journal: &mut Journal,
    progress: &mut dyn Progress,
) -> Evidence {
    // After a resume, the time stolen from the earlier process is unknown.
    let steal_time = journal.is_empty().then(StealTime::begin);
    // A resumed measurement began when its first process did.
    let begun_at = journal.once("begun at", now_utc);
    let clock = Clock::new();
    let mut machine = machine::describe(&clock);
    let budget = profile::budget(plan.profile);
    let mut tracker = Tracker::new(progress, plan.estimate());
    let mut certificate =
        journal.once("certificate", || certify(&clock, certificate::Depth::Brief));
    let inputs = Inputs::new(plan);
    certificate.pinned_to = Some(inputs.cpus().to_vec()).filter(|cpus| !cpus.is_empty());
    tracker.certified(&certificate);
    let mut evidence = Evidence::new(machine.clone(), build);
    evidence.skipped = plan.skipped.clone();
    evidence.subjects = plan.subjects.iter().map(|subject| describe_subject(*subject)).collect();
    let mut config = Config { begun_at: Some(begun_at), ..config(plan) };
    if plan.has(Section::Throughput) {
        let afterwards = plan.estimate_after_throughput();
        let sinks = (&mut *journal, &mut tracker);
        if let Some(result) = throughput::collect(plan, &budget, &inputs, afterwards, sinks) {
            evidence.cells = result.cells;
            evidence.same_twice = result.same_twice;
            certificate.core_to_core_rounds_ns = result.core_to_core_ns;
            config.rounds = result.schedule.rounds;
            config.slice_ms = result.schedule.slice.as_secs_f64() * 1e3;
        }
    }
    if plan.has(Section::Latency) {
        let sinks = (&mut *journal, &mut tracker);
        let result = latency::pass::collect(plan, &budget, (&inputs, &clock), sinks);
        evidence.latencies = result.latencies;
        evidence.rate_searches = result.searches;
        // The cells of throughput say which subjects are exempt.
        evidence.latency_checks = Some(Checks { exemption: None, ..result.checks });
        config.latency_rounds = budget.latency_rounds;
        config.latency_slice_ms = budget.latency_slice.as_secs_f64() * 1e3;
        config.open_slice_ms = budget.open_slice.as_secs_f64() * 1e3;
    }
    collect_by_subject(plan, (&budget, &clock), (&mut *journal, &mut tracker), &mut evidence);

    machine.load_average_after = machine::load_average();
    config.elapsed_s = journal.elapsed().as_secs_f64();
    evidence.certificate =
        Some(Certificate { stolen_share: steal_time.and_then(|it| it.share()), ..certificate });
    evidence.machine = machine;
    evidence.config = Some(config);
    evidence
}

/// Runs the sections that measure each subject alone, outside the matrix.
fn collect_by_subject(
    plan: &Plan,
    (budget, clock): (&Budget, &Clock),
    (journal, tracker): (&mut Journal, &mut Tracker<'_>),
    evidence: &mut Evidence,
) {
    for &subject in &plan.alone {
        if plan.has(Section::Snapshots) {
            let results = journal.once(&format!("snapshots {subject}"), || {
                snapshots::collect(subject, plan, budget, clock, tracker)
            });
            evidence.snapshots.extend(results.acquisition);
            evidence.snapshot_threads.extend(results.threads);
            evidence.held_snapshots.extend(results.held);
        }
        if plan.has(Section::Memory) {
            let key = format!("memory {subject}");
            evidence.memory.extend(journal.once(&key, || memory::collect(subject, plan, tracker)));
        }
        if plan.has(Section::Operations) {
            let key = format!("operations {subject}");
            let operations =
                journal.once(&key, || operations::collect(subject, plan, budget, tracker));
            evidence.operations.extend(operations);
        }
    }
}

/// The current time in UTC: `2026-01-31T23:59:59Z`.
fn now_utc() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// The description of a subject in the evidence.
fn describe_subject(subject: MeasureSubject) -> evidence::Subject {
    let Description { name, about, settings, .. } = subject.description();
    evidence::Subject {
        name: name.to_string(),
        about: about.to_string(),
        settings: settings.to_string(),
    }
}

/// The configuration, without the numbers of rounds and their lengths.
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
        sections: Some(names(&plan.sections)),
        pinning: Some(plan.pinning.to_string()),
        matrix_digest: Some(plan.matrix_digest.clone()),
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

    /// Records all reports: `None` for a moment.
    #[derive(Default)]
    struct Recorded(Vec<Option<Certificate>>);

    impl Progress for Recorded {
        fn at(&mut self, _moment: Moment<'_>) {
            self.0.push(None);
        }

        fn certified(&mut self, certificate: &Certificate) {
            self.0.push(Some(certificate.clone()));
        }
    }

    #[test]
    fn the_certificate_is_reported_first_and_the_evidence_holds_checks_and_settings() {
        let request = Request {
            profile: Profile::Smoke,
            subjects: vec!["seed".to_owned()],
            workloads: vec!["get50-put50".parse().unwrap()],
            threads: vec![1],
            sections: vec![Section::Latency],
            ..Request::default()
        };
        let mut recorded = Recorded::default();
        let plan = request.plan(&test_subjects::all(), 2).unwrap();
        let evidence = collect(&plan, Build::default(), &mut Journal::none(), &mut recorded);
        let (first, later) = recorded.0.split_first().unwrap();
        let (first, certificate) = (first.as_ref().unwrap(), evidence.certificate.unwrap());
        let config = evidence.config.unwrap();
        let begun_at = config.begun_at.unwrap();
        assert!(
            humantime::parse_rfc3339(&begun_at).is_ok() && begun_at.ends_with('Z'),
            "{begun_at}"
        );
        assert_eq!(config.sections, Some(vec!["latency".to_owned()]));
        assert_eq!(config.pinning.as_deref(), Some("on"));
        assert_eq!(first.same_twice, certificate.same_twice);
        assert_eq!(first.pinned_to, certificate.pinned_to);
        assert!(!later.is_empty() && later.iter().all(Option::is_none));
        let checks = evidence.latency_checks.unwrap();
        assert!(checks.checked > 0 && !checks.has_failed(), "{checks:?}");
        let subjects: Vec<&str> = evidence.subjects.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(subjects, names(&plan.subjects));
        assert_eq!(evidence.subjects[0].settings, plan.subjects[0].description().settings);
    }
}
