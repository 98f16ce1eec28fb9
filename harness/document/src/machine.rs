//! The machine and its certificate.

use std::collections::{BTreeSet, HashMap};

use shardproof_evidence::{AaTest, Certificate, CoreToCore, Counters, Machine, PartRef, Spread};
use shardproof_judge::certificate::COUNTER_RATIO_MIN;
use shardproof_stats as stats;

use crate::document::{Context, Section};
use crate::setup::{PropertyRow, property_table};
use crate::table::{Detail, Table, TableBuilder};
use crate::terms as t;
use crate::value::Quantity::{Bytes, Ns};
use crate::value::{Value, count, counted, ns, percent, significant, whole, with_unit};

/// Maximum number of processors for which the pairwise latencies are shown.
const PROCESSORS_MAX: usize = 16;
/// Placeholder for facts that the system does not report.
const UNKNOWN: &str = "unknown";

/// The certificate of each part.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("certificate", "Machine certificate");
    let evidence = context.evidence;
    let all = evidence.all_parts().enumerate();
    let rows = all.flat_map(|(part, data)| {
        properties(&data).into_iter().map(move |(name, value)| PropertyRow { part, name, value })
    });
    let caption = "Machine and certificate";
    let section = section.table(property_table("machine", caption, context.parts, rows.collect()));
    let section = evidence.all_parts().enumerate().fold(section, |section, (part, data)| {
        let pairs = data.certificate.map_or(&[][..], |certificate| &certificate.core_to_core);
        section.table(core_to_core(context, part, pairs))
    });
    match evidence.certificate {
        None => section.missing("The machine was not examined.", "shardproof measure"),
        Some(_) => section,
    }
}

/// A one-line description of a machine.
pub(crate) fn describe(machine: &Machine) -> String {
    let Machine { cores, os, architecture, .. } = machine;
    let cpu = machine.cpu.as_deref().unwrap_or("unknown processor");
    let kind = if machine.hypervisor == Some(true) { ", virtual" } else { "" };
    let kernel = machine.kernel.as_ref().map_or(String::new(), |kernel| format!(" {kernel}"));
    format!("{cores} x {cpu}{kind}, {os}{kernel} {architecture}")
}

/// The main points of a certificate in one line.
#[must_use]
pub fn certificate_summary(certificate: &Certificate) -> String {
    let Certificate { same_twice, counters, pinned_to, stolen_share, .. } = certificate;
    let noise = same_twice.as_ref().map_or("noise not measured".to_owned(), |same| {
        format!("noise floor {}", percent(same.noise_floor))
    });
    let contention = counters.map_or("contention not measured".to_owned(), |counters| {
        let hardly = if counters.ratio.low < COUNTER_RATIO_MIN { "hardly " } else { "" };
        let ratio = significant(counters.ratio.median);
        format!("contention {hardly}visible: padded counters {ratio} times as fast as packed")
    });
    let pinning = if pinned_to.is_some() { "threads pinned" } else { "threads not pinned" };
    let stolen = stolen_share.map_or("stolen time unknown".to_owned(), |share| {
        format!("{} of the time stolen by the hypervisor", percent(share))
    });
    format!("{noise}; {contention}; {pinning}; {stolen}")
}

type Properties = Vec<(&'static str, String)>;

fn properties(data: &PartRef<'_>) -> Properties {
    let machine = data.machine;
    let known = |number: Option<f64>| number.map_or(UNKNOWN.to_owned(), significant);
    let memory = machine.memory_bytes.map(|bytes| with_unit(Bytes, bytes as f64));
    let mut all = vec![
        ("processor", describe(machine)),
        ("memory", memory.unwrap_or_else(|| UNKNOWN.to_owned())),
        ("load before", known(machine.load_average_before)),
        ("load after", known(machine.load_average_after)),
        ("clock cost", with_unit(Ns, machine.clock_cost_ns)),
        ("standard clock cost", with_unit(Ns, machine.instant_cost_ns)),
    ];
    all.extend(data.certificate.map(certificate_properties).unwrap_or_default());
    all.extend(data.same_twice.map(|same| ("noise of cells", noise(same))));
    all
}

fn certificate_properties(certificate: &Certificate) -> Properties {
    let Certificate { cpus, siblings, pinned_to, cpu_quota, turbo, .. } = certificate;
    let word = |word: &Option<String>| word.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    let share = |share: Option<f64>| share.map_or(UNKNOWN.to_owned(), percent);
    let processors = cpus.as_ref().map_or(UNKNOWN.to_owned(), |cpus| {
        let cores = siblings.as_ref().map(|cores| format!(" on {}", counted(cores.len(), "core")));
        format!("{}{}: {}", counted(cpus.len(), "processor"), cores.unwrap_or_default(), list(cpus))
    });
    let pinning = pinned_to.as_ref().map_or("not possible".to_owned(), |order| {
        let order: Vec<String> = order.iter().map(ToString::to_string).collect();
        format!("to processors {}, in this order", order.join(" "))
    });
    let turbo = turbo.map_or(UNKNOWN, |turbo| if turbo { "on" } else { "off" });
    let quota =
        cpu_quota.map_or("none".to_owned(), |quota| format!("{} processors", significant(quota)));
    let mut all = vec![
        ("processors", processors),
        ("pinning", pinning),
        ("processor time quota", quota),
        ("frequency", format!("governor {}, turbo {turbo}", word(&certificate.governor))),
        ("virtualisation", word(&certificate.virtualisation)),
        ("clock source", word(&certificate.clock_source)),
        ("clock resolution", with_unit(Ns, certificate.clock_resolution_ns)),
        ("stolen by the hypervisor", share(certificate.stolen_share)),
        ("processor pressure", share(certificate.pressure_share)),
        ("contention", contention(certificate.counters.as_ref())),
        ("noise", certificate.same_twice.as_ref().map_or("not measured".to_owned(), noise)),
    ];
    let pairs: Vec<f64> = certificate.core_to_core.iter().map(|pair| pair.ns).collect();
    let over = |what: &str, values: &[f64]| {
        let median = stats::median(values)?;
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(0.0, f64::max);
        let [least, median, most] = [least, median, most].map(|ns| with_unit(Ns, ns));
        let over = counted(values.len(), what);
        Some(format!("minimum {least}, median {median}, maximum {most}, over {over}"))
    };
    all.extend(over("pair", &pairs).map(|text| ("cache-line transfer", text)));
    let rounds = over("round", &certificate.core_to_core_rounds_ns);
    all.extend(rounds.map(|text| ("cache-line transfer in each round", text)));
    all
}

fn contention(counters: Option<&Counters>) -> String {
    let Some(counters) = counters else {
        return "not measured: needs two processors".to_owned();
    };
    let mops = |ops_s: f64| significant(ops_s / 1e6);
    format!(
        "counters of {} threads are {} times as fast on separate cache lines as on one ({}): {} \
         and {} million increments per second",
        counters.threads,
        significant(counters.ratio.median),
        interval(counters.ratio),
        mops(counters.padded_ops_s),
        mops(counters.packed_ops_s),
    )
}

fn noise(same: &AaTest) -> String {
    format!(
        "{} measured twice differs by up to {} in 19 of 20 pairs; ratio {} ({}) over {} pairs",
        same.what,
        percent(same.noise_floor),
        significant(same.ratio.median),
        interval(same.ratio),
        whole(same.pairs as u64),
    )
}

fn interval(Spread { low, high, .. }: Spread) -> String {
    format!("{}..{}", significant(low), significant(high))
}

/// Ascending numbers in the kernel's notation: `0-3,8`.
fn list(numbers: &[usize]) -> String {
    let ranges = numbers.chunk_by(|one, next| one + 1 == *next);
    let parts = ranges.map(|range| match range {
        [first, .., last] => format!("{first}-{last}"),
        [first] => first.to_string(),
        [] => String::new(),
    });
    parts.collect::<Vec<_>>().join(",")
}

/// Cache-line transfer times for each pair of processors.
fn core_to_core<'a>(
    context: &Context<'a>,
    part: usize,
    pairs: &'a [CoreToCore],
) -> TableBuilder<'a, usize> {
    let ends = |of: fn(&CoreToCore) -> usize| pairs.iter().map(of).collect::<BTreeSet<usize>>();
    let (from, to) = (ends(|pair| pair.from), ends(|pair| pair.to));
    let all: BTreeSet<usize> = from.union(&to).copied().collect();
    let is_small = all.len() <= PROCESSORS_MAX;
    // With many processors only the pairs with the first are known.
    let (rows, columns) = if is_small { (all.clone(), all) } else { (from, to) };
    let mut by_pair: HashMap<(usize, usize), f64> = HashMap::new();
    for CoreToCore { from, to, ns } in pairs {
        by_pair.insert((*from, *to), *ns);
        // A round trip is the same from both ends, and may be recorded once.
        by_pair.entry((*to, *from)).or_insert(*ns);
    }
    let by_pair = std::rc::Rc::new(by_pair);
    let id = if part == 0 {
        "core_to_core".to_owned()
    } else {
        format!("core_to_core_part{}", part + 1)
    };
    let part_name = context.part_name(part);
    let caption = format!("Cache-line transfer between processors, one way{part_name}");
    let table = Table::builder(id, caption, rows.into_iter().collect())
        .detail(if is_small { Detail::Everywhere } else { Detail::Data })
        .name("from", &t::CORE_TO_CORE, |from| count(*from))
        .heading("from, to");
    columns.into_iter().fold(table, |table, to| {
        let by_pair = std::rc::Rc::clone(&by_pair);
        table
            .metric(format!("to_{to}_ns"), &t::CORE_TO_CORE, move |from| {
                by_pair.get(&(*from, to)).map_or(Value::NotObserved("-"), |time| ns(*time))
            })
            .heading(to.to_string())
    })
}
