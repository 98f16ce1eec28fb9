//! The whole report as Markdown, for code reviews, issues and wikis.

mod certificate;
mod latency;
mod measured;
mod snapshots;
mod subjects;
mod table;
mod verified;

use std::collections::BTreeSet;
use std::path::PathBuf;

use shardproof_evidence::{Config, Evidence, Machine, Warning};
use shardproof_judge::advice;

use super::{ExportError, ExportedFile, Exporter};
use crate::sections::thousands;
use crate::terminal::{line, significant};
use table::{Table, code, inline};

/// The file's name.
const FILE_NAME: &str = "report.md";

/// Makes one file.
pub(super) struct Markdown;

impl Exporter for Markdown {
    fn export(&self, evidence: &Evidence) -> Result<Vec<ExportedFile>, ExportError> {
        let bytes = report(evidence).into_bytes();
        Ok(vec![ExportedFile { path: PathBuf::from(FILE_NAME), bytes }])
    }
}

fn report(evidence: &Evidence) -> String {
    let mut text = String::from("# Shardproof report\n");
    head(&mut text, evidence);
    warnings(&mut text, evidence);
    certificate::certificates(&mut text, evidence);
    subjects::subjects(&mut text, evidence);
    measured::throughput(&mut text, evidence);
    measured::answers(&mut text, evidence);
    latency::latencies(&mut text, evidence);
    latency::rate_searches(&mut text, evidence);
    snapshots::snapshots(&mut text, evidence);
    snapshots::held(&mut text, evidence);
    measured::memory(&mut text, evidence);
    measured::operations(&mut text, evidence);
    measured::skipped(&mut text, evidence);
    verified::verification(&mut text, evidence);
    verified::faults(&mut text, evidence);
    text
}

/// Begins a section.
fn section(text: &mut String, title: &str) {
    line(text, format_args!("\n## {title}\n"));
}

/// The subject, and where it matters the machine's part.
fn subject(evidence: &Evidence, part: usize, subject: &str) -> String {
    if evidence.parts.is_empty() { subject.to_owned() } else { format!("{subject} (part {part})") }
}

/// Three digits of a small number, all digits before the point of a large one, in groups.
fn figure(number: f64) -> String {
    if number < 1_000.0 { significant(number) } else { thousands(number.round() as u64) }
}

fn head(text: &mut String, evidence: &Evidence) {
    let build = &evidence.build;
    let dirty = if build.dirty == Some(true) { " with changes" } else { "" };
    line(
        text,
        format_args!(
            "\nCommit {}{dirty}, version {}, {} build with optimisation {} by {} for {}.\n",
            code(&build.commit),
            inline(&build.version),
            inline(&build.profile),
            inline(&build.opt_level),
            inline(&build.rustc),
            inline(&build.target),
        ),
    );
    let mut table = Table::new(&["part", "machine", "what was asked for"], 0..0);
    let first = (&evidence.machine, evidence.config.as_ref());
    let others = evidence.parts.iter().map(|part| (&part.machine, part.config.as_ref()));
    for (number, (machine, config)) in std::iter::once(first).chain(others).enumerate() {
        let asked = config.map_or("nothing was measured".to_owned(), asked);
        table.row([number.to_string(), describe(machine), asked]);
    }
    table.write(text);
    if !evidence.parts.is_empty() {
        line(
            text,
            "\nParts were measured on machines of their own; no ratio is taken across them.",
        );
    }
}

fn describe(machine: &Machine) -> String {
    let kernel = machine.kernel.as_deref().map_or(String::new(), |kernel| format!(" {kernel}"));
    let kind = if machine.hypervisor == Some(true) { ", virtual" } else { "" };
    let memory = machine.memory_bytes.map_or(String::new(), |bytes| {
        format!(", {:.1} GiB of memory", bytes as f64 / f64::from(1 << 30))
    });
    let cpu = machine.cpu.as_deref().unwrap_or("unknown processor");
    let Machine { cores, os, architecture, clock_cost_ns, .. } = machine;
    format!(
        "{cores} x {cpu}{kind}, {os}{kernel} {architecture}{memory}; reading the clock takes \
         {clock_cost_ns:.1} ns"
    )
}

fn asked(config: &Config) -> String {
    let Config { profile, seed, rounds, slice_ms, elapsed_s, .. } = config;
    let optional = |name: &str, value: &Option<String>| {
        value.as_deref().map_or(String::new(), |value| format!(", {name} {value}"))
    };
    let latency = match config.latency_rounds {
        0 => String::new(),
        rounds => format!(", latency {rounds} rounds of {} ms", config.latency_slice_ms),
    };
    format!(
        "profile {profile}, seed {seed}{}{}{}: {rounds} rounds of {slice_ms} ms{latency}; took \
         {elapsed_s:.1} s",
        optional("matrix", &config.matrix),
        optional("filter", &config.filter),
        optional("partition", &config.partition),
    )
}

fn warnings(text: &mut String, evidence: &Evidence) {
    let whole =
        evidence.warnings.iter().chain(evidence.parts.iter().flat_map(|part| &part.warnings));
    let cells = evidence.cells.iter().flat_map(|cell| &cell.warnings);
    let latencies = evidence.latencies.iter().flat_map(|each| &each.warnings);
    let seen: BTreeSet<Warning> = whole.clone().chain(cells).chain(latencies).copied().collect();
    if seen.is_empty() {
        return;
    }
    section(text, "Warnings");
    for warning in seen {
        let cells = evidence.cells.iter().filter(|cell| cell.warnings.contains(&warning)).count();
        let latencies = &evidence.latencies;
        let latencies = latencies.iter().filter(|each| each.warnings.contains(&warning)).count();
        let mut places = Vec::new();
        if whole.clone().any(|each| *each == warning) {
            places.push("the measurement as a whole".to_owned());
        }
        if cells > 0 {
            places.push(format!("{cells} of {} cells", evidence.cells.len()));
        }
        if latencies > 0 {
            places.push(format!("{latencies} of {} latencies", evidence.latencies.len()));
        }
        let (name, advice) = (warning.as_str(), advice(warning));
        line(text, format_args!("- **{name}** ({}): {advice}", places.join(", ")));
    }
}
