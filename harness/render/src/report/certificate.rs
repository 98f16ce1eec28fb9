//! The machine's certificate: what it can show. First, because all else is worth no more.

use shardproof_evidence::{Certificate, CoreToCore, Evidence, Machine, SameTwice};
use shardproof_stats as stats;

use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Head, Section, Table, Words};
use crate::report::numbers::{NONE, interval, percent, three, three_of, whole};
use crate::report::page::{Page, distinct};

/// The certificate of each part.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("certificate", "The machine's certificate");
    let evidence = page.evidence;
    for (part, found) in parts(evidence).enumerate() {
        let whose = page.part_name(part);
        section.add(&settings(&found, &whose))?;
        if let Some(certificate) = found.certificate {
            core_to_core(&mut section, &certificate.core_to_core, &whose)?;
        }
    }
    if evidence.certificate.is_none() {
        return section.missing("The machine was not examined.", "shardproof measure");
    }
    Ok(section)
}

/// What was found of one machine.
struct Found<'a> {
    /// What it is.
    machine: &'a Machine,
    /// What it can show.
    certificate: Option<&'a Certificate>,
    /// What differed between two of its cells that are the same.
    same_twice: Option<&'a SameTwice>,
}

/// That of every part.
fn parts(evidence: &Evidence) -> impl Iterator<Item = Found<'_>> {
    let first = Found {
        machine: &evidence.machine,
        certificate: evidence.certificate.as_ref(),
        same_twice: evidence.same_twice.as_ref(),
    };
    let others = evidence.parts.iter().map(|part| Found {
        machine: &part.machine,
        certificate: part.certificate.as_ref(),
        same_twice: part.same_twice.as_ref(),
    });
    [first].into_iter().chain(others)
}

fn settings(found: &Found<'_>, whose: &str) -> Table {
    let caption = Words::new(
        format!("What the machine is, and what it can show{whose}."),
        &[Term::Certificate, Term::NoiseFloor, Term::SameTwice, Term::Counters, Term::ClockCost],
    );
    let heads =
        vec![Head::named(Term::Setting, "property", ""), Head::named(Term::Setting, "found", "")];
    let mut table = Table::new(caption, 1, heads);
    let mut rows = machine_rows(found.machine);
    rows.extend(found.certificate.map(certificate_rows).unwrap_or_default());
    rows.extend(found.same_twice.map(|twice| ("noise floor of the cells", told(twice))));
    for (name, value) in rows {
        table.row([name.into(), Entry::words(value)]);
    }
    table
}

type Rows = Vec<(&'static str, String)>;

fn machine_rows(machine: &Machine) -> Rows {
    let memory = machine.memory_bytes.map(|bytes| bytes as f64 / f64::from(1 << 30));
    vec![
        ("processor", machine.cpu.clone().unwrap_or_else(|| "unknown".to_owned())),
        ("cores that the process may use", machine.cores.to_string()),
        ("architecture", machine.architecture.clone()),
        ("system", format!("{} {}", machine.os, machine.kernel.as_deref().unwrap_or_default())),
        ("the processor says it is virtual", answer(machine.hypervisor)),
        ("memory, GiB", three_of(memory)),
        ("runnable threads before", three_of(machine.load_average_before)),
        ("runnable threads at the end", three_of(machine.load_average_after)),
        ("reading of the clock, ns", three(machine.clock_cost_ns)),
        ("reading of the standard library's clock, ns", three(machine.instant_cost_ns)),
    ]
}

fn certificate_rows(certificate: &Certificate) -> Rows {
    let siblings = certificate
        .siblings
        .as_ref()
        .map(|cores| cores.iter().map(|core| list(core)).collect::<Vec<_>>().join("; "));
    let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "unknown".to_owned());
    let mut rows = vec![
        ("processors", listed(certificate.cpus.as_deref(), "unknown")),
        ("processors by core", siblings.unwrap_or_else(|| "unknown".to_owned())),
        ("workers are pinned to", listed(certificate.pinned_to.as_deref(), "not pinned")),
        (
            "limit on processor time, processors",
            certificate.cpu_quota.map_or_else(|| "none".to_owned(), three),
        ),
        ("frequency governor", word(&certificate.governor)),
        ("turbo", answer(certificate.turbo)),
        ("virtualisation", word(&certificate.virtualisation)),
        ("clock source", word(&certificate.clock_source)),
        ("resolution of the clock, ns", three(certificate.clock_resolution_ns)),
        (
            "time that the hypervisor gave to others",
            certificate.stolen_share.map_or_else(|| "unknown".to_owned(), percent),
        ),
        (
            "time in which threads waited for a processor",
            certificate.pressure_share.map_or_else(|| "unknown".to_owned(), percent),
        ),
    ];
    if let Some(counters) = &certificate.counters {
        rows.push((
            "padded by packed counters",
            format!(
                "{} times as fast ({}), {} threads: {} against {} Mops/s",
                three(counters.ratio.median),
                interval(&counters.ratio, 1.0),
                counters.threads,
                three(counters.padded_ops_s / 1e6),
                three(counters.packed_ops_s / 1e6),
            ),
        ));
    }
    rows.extend(certificate.same_twice.as_ref().map(|twice| ("noise floor", told(twice))));
    let rounds_ns = &certificate.core_to_core_rounds_ns;
    rows.extend(stats::summarise(rounds_ns).map(|summary| {
        let least = rounds_ns.iter().copied().fold(f64::INFINITY, f64::min);
        let most = rounds_ns.iter().copied().fold(0.0, f64::max);
        let median = three(summary.median);
        let told = format!("{median} ns in the median, {} to {} ns", three(least), three(most));
        ("a cache line between cores, over the rounds", told)
    }));
    rows
}

fn told(twice: &SameTwice) -> String {
    format!(
        "{}: {} measured twice, {} pairs, ratio {} ({})",
        percent(twice.noise_floor),
        twice.what,
        whole(twice.pairs as u64),
        three(twice.ratio.median),
        interval(&twice.ratio, 1.0),
    )
}

fn core_to_core(
    section: &mut Section,
    pairs: &[CoreToCore],
    whose: &str,
) -> Result<(), ReportError> {
    if pairs.is_empty() {
        return Ok(());
    }
    let mut cores = distinct(pairs.iter().flat_map(|pair| [pair.from, pair.to]));
    cores.sort_unstable();
    let caption = Words::new(
        format!("How long a cache line takes from one processor to another, one way, ns{whose}."),
        &[Term::CoreToCore],
    );
    let mut heads = vec![Head::named(Term::CoreToCore, "from, to", "ns")];
    heads.extend(cores.iter().map(|core| Head::named(Term::CoreToCore, core.to_string(), "")));
    let mut table = Table::new(caption, 1, heads);
    for from in &cores {
        let to = cores.iter().map(|to| {
            let straight = pairs.iter().find(|pair| (pair.from, pair.to) == (*from, *to));
            // A round trip is the same from both ends, and may be noted once.
            let either =
                straight.or_else(|| pairs.iter().find(|pair| (pair.to, pair.from) == (*from, *to)));
            either.map_or_else(|| NONE.to_owned(), |pair| three(pair.ns)).into()
        });
        table.row([Entry::from(from.to_string())].into_iter().chain(to));
    }
    section.add_table(&table, "Core to core")
}

fn listed(numbers: Option<&[usize]>, otherwise: &str) -> String {
    numbers.map_or_else(|| otherwise.to_owned(), list)
}

fn list(numbers: &[usize]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn answer(known: Option<bool>) -> String {
    known.map_or("unknown", |known| if known { "yes" } else { "no" }).to_owned()
}
