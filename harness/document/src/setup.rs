//! The setup: build, configuration, subjects and workloads, and skipped combinations.

use std::collections::BTreeMap;

use shardproof_evidence::{Build, Config, Evidence, Skipped, Subject, Workload};

use crate::document::{Context, Note, Section};
use crate::machine::describe;
use crate::table::{Detail, Table, TableBuilder};
use crate::terms as t;
use crate::value::{Quantity, count, counted, text, whole, with_unit};

/// Length of an abbreviated commit.
const COMMIT_LETTERS: usize = 12;

/// A row of a property table.
pub(crate) struct PropertyRow {
    /// The part.
    pub(crate) part: usize,
    /// The property.
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) value: String,
}

/// A table of properties.
pub(crate) fn property_table<'a>(
    id: &'static str,
    caption: &'static str,
    parts: usize,
    all: Vec<PropertyRow>,
) -> TableBuilder<'a, PropertyRow> {
    Table::builder(id, caption, all)
        .part(parts, |row: &PropertyRow| row.part)
        .name("property", &t::SETTING, |row| text(row.name))
        .heading("property")
        .note("value", &t::SETTING, |row| text(row.value.clone()))
        .heading("value")
}

/// What was measured and verified, on which machine, with which build. No verdicts.
pub(crate) fn overview(evidence: &Evidence) -> Vec<String> {
    let Evidence { machine, build, .. } = evidence;
    let commit: String = build.commit.chars().take(COMMIT_LETTERS).collect();
    let dirty = if build.dirty == Some(true) { " with uncommitted changes" } else { "" };
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

/// The skipped combinations, by reason.
pub(crate) fn skipped(evidence: &Evidence) -> Section<'_> {
    let section = Section::new("skipped", "Skipped combinations");
    if evidence.skipped.is_empty() {
        return section.detail(Detail::Pages).paragraph("None: every subject ran every workload.");
    }
    let mut reasons: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for Skipped { subject, workload, reason } in &evidence.skipped {
        reasons.entry(reason).or_default().entry(subject).or_default().push(workload);
    }
    let notes = reasons.into_iter().map(|(reason, subjects)| {
        let combinations = |(subject, workloads): (&str, Vec<&str>)| {
            format!("{subject} in {}", workloads.join(", "))
        };
        let list: Vec<String> = subjects.into_iter().map(combinations).collect();
        Note::new(format!("Skipped, because {reason}: {}.", list.join("; ")))
    });
    let table = Table::builder(
        "skipped",
        "Subjects that cannot run a workload",
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
        parts.filter_map(|(part, data)| Some((part, data.config?)))
    };
    let settings = configs().flat_map(|(part, config)| {
        settings(config).into_iter().map(move |(name, value)| PropertyRow { part, name, value })
    });
    let workloads = configs()
        .flat_map(|(part, config)| config.workloads.iter().map(move |each| (part, each)))
        .collect();
    let section = section
        .table(subjects(evidence))
        .table(property_table("build", "Build", 1, build(&evidence.build)))
        .table(property_table("settings", "Settings", context.parts, settings.collect()))
        .table(self::workloads(context.parts, workloads));
    match evidence.config {
        None => section.missing("Nothing was measured.", "shardproof measure"),
        Some(_) => section,
    }
}

fn subjects(evidence: &Evidence) -> TableBuilder<'_, &Subject> {
    Table::builder("subjects", "Subjects", evidence.subjects.iter().collect())
        .name("subject", &t::SUBJECT, |each: &&Subject| text(&each.name))
        .note("about", &t::SUBJECT, |each| text(&each.about))
        .heading("description")
        .note("settings", &t::SETTING, |each| text(&each.settings))
        .heading("settings")
}

fn build(build: &Build) -> Vec<PropertyRow> {
    let dirty = build.dirty.map_or("unknown", |dirty| if dirty { "yes" } else { "no" });
    let all = [
        ("version", &build.version[..]),
        ("commit", &build.commit),
        ("uncommitted changes", dirty),
        ("compiler", &build.rustc),
        ("profile", &build.profile),
        ("optimisation level", &build.opt_level),
        ("target", &build.target),
    ];
    all.map(|(name, value)| PropertyRow { part: 0, name, value: value.to_owned() }).into()
}

fn settings(config: &Config) -> Vec<(&'static str, String)> {
    let threads: Vec<String> = config.threads.iter().map(ToString::to_string).collect();
    let ms = |ms: f64| with_unit(Quantity::Ms, ms);
    let mut all = vec![
        ("profile", config.profile.clone()),
        ("seed", config.seed.to_string()),
        ("subjects", config.subjects.join(", ")),
        ("placements", config.placements.join(", ")),
        ("threads", threads.join(", ")),
        ("rounds", config.rounds.to_string()),
        ("slice", ms(config.slice_ms)),
        ("latency rounds", config.latency_rounds.to_string()),
        ("latency slice, closed loop", ms(config.latency_slice_ms)),
        ("latency slice, open loop", ms(config.open_slice_ms)),
        ("operations per stream", whole(config.stream_operations as u64)),
        ("total duration", with_unit(Quantity::S, config.elapsed_s)),
    ];
    let optional = [
        ("matrix file", &config.matrix),
        ("filter", &config.filter),
        ("partition", &config.partition),
    ];
    all.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
    all
}

fn workloads(parts: usize, all: Vec<(usize, &Workload)>) -> TableBuilder<'_, (usize, &Workload)> {
    Table::builder("workloads", "Workloads", all)
        .part(parts, |each| each.0)
        .name("workload", &t::WORKLOAD, |each| text(&each.1.name))
        .note("mix", &t::MIX, |each| text(&each.1.mix))
        .note("keys", &t::KEY_CHOICE, |each| text(&each.1.keys))
        .heading("key distribution")
        .note("key_shape", &t::KEY_SHAPE, |each| text(&each.1.key_shape))
        .heading("key shape")
        .note("key_bytes", &t::SIZE, |each| count(each.1.key_bytes))
        .heading("key bytes")
        .note("value_bytes", &t::SIZE, |each| text(&each.1.value_bytes))
        .heading("value bytes")
        .note("keys_per_run", &t::WORKLOAD, |each| count(each.1.keys_per_run))
        .heading("keys per run")
        .note("runs_per_thread", &t::WORKLOAD, |each| count(each.1.runs_per_thread))
        .heading("runs per thread")
        .note("roles", &t::ROLES, |each| text(&each.1.roles))
        .note("writes_per_apply", &t::WORKLOAD, |each| count(each.1.writes_per_apply))
        .heading("writes per apply")
        .note("reads_per_snapshot", &t::WORKLOAD, |each| count(each.1.reads_per_snapshot))
        .heading("reads per snapshot")
        .note("entries_per_list", &t::WORKLOAD, |each| count(each.1.entries_per_list))
        .heading("entries per list")
}
