//! What was asked for: the build, the configuration, subjects and workloads; and what was left out.

use std::collections::BTreeMap;

use shardproof_evidence::{Build, Config, Evidence, Skipped, Subject, Workload};

use crate::document::{Context, Note, Section};
use crate::machine::describe;
use crate::table::{Builder, Detail, Table};
use crate::terms as t;
use crate::value::{Quantity, count, counted, text, whole, with_unit};

/// Letters of a commit that tell it from others.
const COMMIT_LETTERS: usize = 12;

/// One property of a part.
pub(crate) struct Fact {
    /// The part.
    pub(crate) part: usize,
    /// The property.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) value: String,
}

/// Properties as a table.
pub(crate) fn facts<'a>(
    id: &'static str,
    caption: &'static str,
    parts: usize,
    all: Vec<Fact>,
) -> Builder<'a, Fact> {
    Table::of(id, caption, all)
        .part(parts, |fact: &Fact| fact.part)
        .name("property", &t::SETTING, |fact| text(fact.name))
        .called("property")
        .note("value", &t::SETTING, |fact| text(fact.value.clone()))
        .called("value")
}

/// How much was measured and verified, where and from what. No verdict.
pub(crate) fn about(evidence: &Evidence) -> Vec<String> {
    let Evidence { machine, build, .. } = evidence;
    let commit: String = build.commit.chars().take(COMMIT_LETTERS).collect();
    let dirty = if build.dirty == Some(true) { " with changes" } else { "" };
    let mut facts = vec![
        describe(machine),
        format!(
            "commit {commit}{dirty}, {}, {} build for {}",
            build.rustc, build.profile, build.target
        ),
    ];
    if !evidence.parts.is_empty() {
        facts.push(format!("merged from {} parts", evidence.parts.len() + 1));
    }
    facts.extend(evidence.config.as_ref().map(|config| {
        format!(
            "{} measured in {}: profile {}, seed {}, {} of {}",
            counted(evidence.cells.len(), "cell"),
            with_unit(Quantity::S, config.elapsed_s),
            config.profile,
            config.seed,
            counted(config.rounds, "round"),
            with_unit(Quantity::Ms, config.slice_ms),
        )
    }));
    facts.extend(evidence.verification.as_ref().map(|run| {
        let executions: u64 = run.searches.iter().map(|search| search.executions).sum();
        format!(
            "{} verified in {} executions: profile {}, seed {}",
            counted(run.config.subjects.len(), "subject"),
            whole(executions),
            run.config.profile,
            run.config.seed,
        )
    }));
    facts
}

/// What was left out of the matrix, by reason.
pub(crate) fn skipped(evidence: &Evidence) -> Section<'_> {
    let section = Section::new("skipped", "Left out");
    if evidence.skipped.is_empty() {
        return section.detail(Detail::Pages).say("Nothing: every subject ran every workload.");
    }
    let mut reasons: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for Skipped { subject, workload, reason } in &evidence.skipped {
        reasons.entry(reason).or_default().entry(subject).or_default().push(workload);
    }
    let notes = reasons.into_iter().map(|(reason, subjects)| {
        let place = |(subject, workloads): (&str, Vec<&str>)| {
            format!("{subject} in {}", workloads.join(", "))
        };
        let places: Vec<String> = subjects.into_iter().map(place).collect();
        Note::new(format!("Left out, because {reason}: {}.", places.join("; ")))
    });
    let table = Table::of(
        "skipped",
        "Subjects and workloads that do not go together",
        evidence.skipped.iter().collect(),
    )
    .detail(Detail::Data)
    .name("subject", &t::SUBJECT, |each: &&Skipped| text(&each.subject))
    .name("workload", &t::WORKLOAD, |each| text(&each.workload))
    .note("reason", &t::SKIPPED, |each| text(&each.reason));
    section.notes(notes.collect()).table(table)
}

/// The build, and the configuration of each part.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("configuration", "Configuration").detail(Detail::Pages);
    let evidence = context.evidence;
    let configs = || {
        let parts = evidence.all_parts().enumerate();
        parts.filter_map(|(part, found)| Some((part, found.config?)))
    };
    let settings = configs().flat_map(|(part, config)| {
        asked(config).into_iter().map(move |(name, value)| Fact { part, name, value })
    });
    let workloads = configs()
        .flat_map(|(part, config)| config.workloads.iter().map(move |each| (part, each)))
        .collect();
    let section = section
        .table(subjects(evidence))
        .table(facts("build", "The program that measured", 1, build(&evidence.build)))
        .table(facts("settings", "What was asked for", context.parts, settings.collect()))
        .table(self::workloads(context.parts, workloads));
    match evidence.config {
        None => section.missing("Nothing was measured.", "shardproof measure"),
        Some(_) => section,
    }
}

fn subjects(evidence: &Evidence) -> Builder<'_, &Subject> {
    Table::of("subjects", "Subjects", evidence.subjects.iter().collect())
        .name("subject", &t::SUBJECT, |each: &&Subject| text(&each.name))
        .note("about", &t::SUBJECT, |each| text(&each.about))
        .called("what it is")
        .note("settings", &t::SETTING, |each| text(&each.settings))
        .called("settings")
}

fn build(build: &Build) -> Vec<Fact> {
    let dirty = build.dirty.map_or("unknown", |dirty| if dirty { "yes" } else { "no" });
    let all = [
        ("version", &build.version[..]),
        ("commit", &build.commit),
        ("tracked files changed since", dirty),
        ("compiler", &build.rustc),
        ("profile", &build.profile),
        ("optimisation level", &build.opt_level),
        ("target", &build.target),
    ];
    all.map(|(name, value)| Fact { part: 0, name, value: value.to_owned() }).into()
}

fn asked(config: &Config) -> Vec<(&'static str, String)> {
    let threads: Vec<String> = config.threads.iter().map(ToString::to_string).collect();
    let ms = |ms: f64| with_unit(Quantity::Ms, ms);
    let mut all = vec![
        ("profile", config.profile.clone()),
        ("seed", config.seed.to_string()),
        ("subjects", config.subjects.join(", ")),
        ("placements", config.placements.join(", ")),
        ("threads", threads.join(", ")),
        ("rounds", config.rounds.to_string()),
        ("slice of a cell in a round", ms(config.slice_ms)),
        ("rounds for latency", config.latency_rounds.to_string()),
        ("slice for latency, closed loop", ms(config.latency_slice_ms)),
        ("slice for latency, open loop", ms(config.open_slice_ms)),
        ("operations of a thread's stream", whole(config.stream_operations as u64)),
        ("it all took", with_unit(Quantity::S, config.elapsed_s)),
    ];
    let given = [
        ("matrix file", &config.matrix),
        ("filter", &config.filter),
        ("partition", &config.partition),
    ];
    all.extend(given.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
    all
}

fn workloads(parts: usize, all: Vec<(usize, &Workload)>) -> Builder<'_, (usize, &Workload)> {
    Table::of("workloads", "Workloads", all)
        .part(parts, |each| each.0)
        .name("workload", &t::WORKLOAD, |each| text(&each.1.name))
        .note("mix", &t::MIX, |each| text(&each.1.mix))
        .note("keys", &t::KEY_CHOICE, |each| text(&each.1.keys))
        .called("keys are chosen")
        .note("key_shape", &t::KEY_SHAPE, |each| text(&each.1.key_shape))
        .called("keys look")
        .note("key_bytes", &t::SIZE, |each| count(each.1.key_bytes))
        .called("key bytes")
        .note("value_bytes", &t::SIZE, |each| text(&each.1.value_bytes))
        .called("value bytes")
        .note("keys_per_run", &t::WORKLOAD, |each| count(each.1.keys_per_run))
        .called("keys per run")
        .note("runs_per_thread", &t::WORKLOAD, |each| count(each.1.runs_per_thread))
        .called("runs per thread")
        .note("roles", &t::ROLES, |each| text(&each.1.roles))
        .note("writes_per_apply", &t::WORKLOAD, |each| count(each.1.writes_per_apply))
        .called("writes per apply")
        .note("reads_per_snapshot", &t::WORKLOAD, |each| count(each.1.reads_per_snapshot))
        .called("reads per snapshot")
        .note("entries_per_list", &t::WORKLOAD, |each| count(each.1.entries_per_list))
        .called("entries per list")
}
