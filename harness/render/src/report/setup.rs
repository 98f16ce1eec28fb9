//! What was asked for: the configuration, the workloads and the build.

use shardproof_evidence::{Build, Config};

use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Head, Section, Table, Words};
use crate::report::numbers::{three, whole};
use crate::report::page::Page;

/// The build, and the configuration of each part.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("configuration", "Configuration and workloads");
    let evidence = page.evidence;
    section.add(&pairs("The program that measured.", build(&evidence.build)))?;
    let configs = [evidence.config.as_ref()]
        .into_iter()
        .chain(evidence.parts.iter().map(|part| part.config.as_ref()));
    for (part, config) in configs.enumerate() {
        let Some(config) = config else { continue };
        let whose = page.part_name(part);
        section.add(&pairs(&format!("What was asked for{whose}."), asked(config)))?;
        section.add_table(&workloads(config, &whose), "Workloads")?;
    }
    if evidence.config.is_none() {
        return section.missing("Nothing was measured.", "shardproof measure");
    }
    Ok(section)
}

type Rows = Vec<(&'static str, String)>;

fn pairs(caption: &str, rows: Rows) -> Table {
    let heads = vec![Head::of(Term::Setting), Head::named(Term::Setting, "value", "")];
    let mut table = Table::new(Words::new(caption, &[]), 1, heads);
    for (name, value) in rows {
        table.row([name.into(), Entry::marked(value, "w long")]);
    }
    table
}

fn build(build: &Build) -> Rows {
    let dirty = match build.dirty {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    vec![
        ("version", build.version.clone()),
        ("commit", build.commit.clone()),
        ("tracked files changed since", dirty.to_owned()),
        ("compiler", build.rustc.clone()),
        ("profile", build.profile.clone()),
        ("optimisation level", build.opt_level.clone()),
        ("target", build.target.clone()),
    ]
}

fn asked(config: &Config) -> Rows {
    let threads: Vec<String> = config.threads.iter().map(ToString::to_string).collect();
    let mut rows = vec![
        ("profile", config.profile.clone()),
        ("seed", config.seed.to_string()),
        ("subjects", config.subjects.join(", ")),
        ("placements", config.placements.join(", ")),
        ("threads", threads.join(", ")),
        ("rounds", config.rounds.to_string()),
        ("slice of a cell in a round, ms", three(config.slice_ms)),
        ("rounds for latency", config.latency_rounds.to_string()),
        ("slice of a cell in a round for latency, ms", three(config.latency_slice_ms)),
        ("operations of a thread's stream", whole(config.stream_operations as u64)),
        ("it all took, s", three(config.elapsed_s)),
    ];
    let given = [
        ("matrix file", &config.matrix),
        ("filter", &config.filter),
        ("partition", &config.partition),
    ];
    rows.extend(given.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
    rows
}

fn workloads(config: &Config, whose: &str) -> Table {
    let caption = Words::new(
        format!("Workloads{whose}."),
        &[Term::Workload, Term::Mix, Term::KeyChoice, Term::Roles],
    );
    let setting = |word: &'static str, unit| Head::named(Term::Workload, word, unit);
    let heads = vec![
        Head::of(Term::Workload),
        Head::of(Term::Mix),
        Head::named(Term::KeyChoice, "keys are chosen", ""),
        Head::named(Term::KeyShape, "keys look", ""),
        setting("key", "B"),
        Head::named(Term::ValueSize, "value", "B"),
        setting("keys per run", ""),
        setting("runs per thread", ""),
        Head::of(Term::Roles),
        setting("writes per apply", ""),
        setting("reads per snapshot", ""),
        setting("entries per list", ""),
    ];
    let mut table = Table::new(caption, 1, heads);
    for workload in &config.workloads {
        table.row([
            workload.name.as_str().into(),
            Entry::words(workload.mix.as_str()),
            Entry::words(workload.keys.as_str()),
            Entry::words(workload.key_shape.as_str()),
            workload.key_bytes.to_string().into(),
            Entry::words(workload.value_bytes.as_str()),
            whole(workload.keys_per_run as u64).into(),
            workload.runs_per_thread.to_string().into(),
            Entry::words(workload.roles.as_str()),
            workload.writes_per_apply.to_string().into(),
            workload.reads_per_snapshot.to_string().into(),
            workload.entries_per_list.to_string().into(),
        ]);
    }
    table
}
