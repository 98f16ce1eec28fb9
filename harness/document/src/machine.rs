//! The machine, and what it can show.

use std::collections::{BTreeSet, HashMap};

use shardproof_evidence::{AaTest, Certificate, CoreToCore, Counters, Machine, PartRef, Spread};
use shardproof_judge::certificate::COUNTER_RATIO_MIN;
use shardproof_stats as stats;

use crate::document::{Context, Section};
use crate::setup::{Fact, facts};
use crate::table::{Builder, Detail, Table};
use crate::terms as t;
use crate::value::Quantity::{Bytes, Ns};
use crate::value::{Value, count, counted, ns, percent, significant, whole, with_unit};

/// The most processors whose latencies people see pair by pair.
const PROCESSORS_MAX: usize = 16;
/// What stands for what the system does not tell.
const UNKNOWN: &str = "unknown";

/// The certificate of each part.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("certificate", "What the machine can show");
    let evidence = context.evidence;
    let all = evidence.all_parts().enumerate();
    let rows = all.flat_map(|(part, found)| {
        properties(&found).into_iter().map(move |(name, value)| Fact { part, name, value })
    });
    let caption = "The machine and its certificate";
    let section = section.table(facts("machine", caption, context.parts, rows.collect()));
    let section = evidence.all_parts().enumerate().fold(section, |section, (part, found)| {
        let pairs = found.certificate.map_or(&[][..], |certificate| &certificate.core_to_core);
        section.table(core_to_core(context, part, pairs))
    });
    match evidence.certificate {
        None => section.missing("The machine was not examined.", "shardproof measure"),
        Some(_) => section,
    }
}

/// A machine in a line.
pub(crate) fn describe(machine: &Machine) -> String {
    let Machine { cores, os, architecture, .. } = machine;
    let cpu = machine.cpu.as_deref().unwrap_or("unknown processor");
    let kind = if machine.hypervisor == Some(true) { ", virtual" } else { "" };
    let kernel = machine.kernel.as_ref().map_or(String::new(), |kernel| format!(" {kernel}"));
    format!("{cores} x {cpu}{kind}, {os}{kernel} {architecture}")
}

/// What decides on what can be seen at all, in two sentences.
#[must_use]
pub fn in_short(certificate: &Certificate) -> String {
    let Certificate { same_twice, counters, pinned_to, stolen_share, .. } = certificate;
    let noise = same_twice.as_ref().map_or("noise not measured".to_owned(), |same| {
        format!("noise floor {} (less is noise)", percent(same.noise_floor))
    });
    let contention = counters.map_or("contention not measured".to_owned(), |counters| {
        let hardly = if counters.ratio.low < COUNTER_RATIO_MIN { "hardly " } else { "" };
        let ratio = significant(counters.ratio.median);
        format!("contention {hardly}visible: shared counters {ratio} times as slow")
    });
    let pinning = if pinned_to.is_some() { "threads pinned" } else { "threads not pinned" };
    let stolen = stolen_share.map_or("stolen time unknown".to_owned(), |share| {
        format!("{} of the time stolen by the hypervisor", percent(share))
    });
    format!("{noise}; {contention}; {pinning}; {stolen}")
}

type Properties = Vec<(&'static str, String)>;

fn properties(found: &PartRef<'_>) -> Properties {
    let machine = found.machine;
    let known = |number: Option<f64>| number.map_or(UNKNOWN.to_owned(), significant);
    let memory = machine.memory_bytes.map(|bytes| with_unit(Bytes, bytes as f64));
    let mut all = vec![
        ("processor", describe(machine)),
        ("memory", memory.unwrap_or_else(|| UNKNOWN.to_owned())),
        ("load before", known(machine.load_average_before)),
        ("load at the end", known(machine.load_average_after)),
        ("reading the clock", with_unit(Ns, machine.clock_cost_ns)),
        ("reading the standard library's clock", with_unit(Ns, machine.instant_cost_ns)),
    ];
    all.extend(found.certificate.map(of_certificate).unwrap_or_default());
    all.extend(found.same_twice.map(|same| ("noise of the cells", noise(same))));
    all
}

fn of_certificate(certificate: &Certificate) -> Properties {
    let Certificate { cpus, siblings, pinned_to, cpu_quota, turbo, .. } = certificate;
    let word = |word: &Option<String>| word.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    let share = |share: Option<f64>| share.map_or(UNKNOWN.to_owned(), percent);
    let processors = cpus.as_ref().map_or(UNKNOWN.to_owned(), |cpus| {
        let cores = siblings.as_ref().map(|cores| format!(" on {}", counted(cores.len(), "core")));
        format!("{}{}: {}", counted(cpus.len(), "processor"), cores.unwrap_or_default(), list(cpus))
    });
    let pinning = pinned_to.as_ref().map_or("threads cannot be pinned".to_owned(), |order| {
        let order: Vec<String> = order.iter().map(ToString::to_string).collect();
        format!("in this order to {}", order.join(" "))
    });
    let turbo = turbo.map_or(UNKNOWN, |turbo| if turbo { "on" } else { "off" });
    let quota = cpu_quota.map_or("no limit on processor time".to_owned(), |quota| {
        format!("the time of {} processors", significant(quota))
    });
    let mut all = vec![
        ("processors", processors),
        ("pinning", pinning),
        ("quota", quota),
        ("frequency", format!("governor {}, turbo {turbo}", word(&certificate.governor))),
        ("runs in", word(&certificate.virtualisation)),
        ("clock", word(&certificate.clock_source)),
        ("resolution of the clock", with_unit(Ns, certificate.clock_resolution_ns)),
        ("stolen by the hypervisor", share(certificate.stolen_share)),
        ("threads waited for a processor", share(certificate.pressure_share)),
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
        Some(format!("{least} at least, {median} at the median, {most} at most, over {over}"))
    };
    all.extend(over("pair", &pairs).map(|text| ("a cache line between processors", text)));
    let rounds = over("round", &certificate.core_to_core_rounds_ns);
    all.extend(rounds.map(|text| ("the same in each round", text)));
    all
}

fn contention(counters: Option<&Counters>) -> String {
    let Some(counters) = counters else {
        return "not measured: it takes two processors".to_owned();
    };
    let mops = |ops_s: f64| significant(ops_s / 1e6);
    format!(
        "counters of {} threads on a cache line each are {} times as fast as on one ({}): {} and \
         {} million additions per second",
        counters.threads,
        significant(counters.ratio.median),
        interval(counters.ratio),
        mops(counters.padded_ops_s),
        mops(counters.packed_ops_s),
    )
}

fn noise(same: &AaTest) -> String {
    format!(
        "the same thing twice ({}) differs by up to {} in 19 of 20 pairs; ratio {} ({}) over {} \
         pairs",
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

/// Ascending numbers as the kernel writes them: `0-3,8`.
fn list(numbers: &[usize]) -> String {
    let stretches = numbers.chunk_by(|one, next| one + 1 == *next);
    let parts = stretches.map(|stretch| match stretch {
        [first, .., last] => format!("{first}-{last}"),
        [first] => first.to_string(),
        [] => String::new(),
    });
    parts.collect::<Vec<_>>().join(",")
}

/// How long a cache line takes, pair by pair.
fn core_to_core<'a>(
    context: &Context<'a>,
    part: usize,
    pairs: &'a [CoreToCore],
) -> Builder<'a, usize> {
    let ends = |of: fn(&CoreToCore) -> usize| pairs.iter().map(of).collect::<BTreeSet<usize>>();
    let (from, to) = (ends(|pair| pair.from), ends(|pair| pair.to));
    let all: BTreeSet<usize> = from.union(&to).copied().collect();
    let is_small = all.len() <= PROCESSORS_MAX;
    // Of many processors only the pairs with the first are known.
    let (rows, columns) = if is_small { (all.clone(), all) } else { (from, to) };
    let mut by_pair: HashMap<(usize, usize), f64> = HashMap::new();
    for CoreToCore { from, to, ns } in pairs {
        by_pair.insert((*from, *to), *ns);
        // A round trip is the same from both ends, and may be noted once.
        by_pair.entry((*to, *from)).or_insert(*ns);
    }
    let by_pair = std::rc::Rc::new(by_pair);
    let id = if part == 0 {
        "core_to_core".to_owned()
    } else {
        format!("core_to_core_part{}", part + 1)
    };
    let whose = context.part_name(part);
    let caption = format!("A cache line from one processor to another, one way{whose}");
    let table = Table::of(id, caption, rows.into_iter().collect())
        .detail(if is_small { Detail::Everywhere } else { Detail::Data })
        .name("from", &t::CORE_TO_CORE, |from| count(*from))
        .called("from, to");
    columns.into_iter().fold(table, |table, to| {
        let by_pair = std::rc::Rc::clone(&by_pair);
        table
            .figure(format!("to_{to}_ns"), &t::CORE_TO_CORE, move |from| {
                by_pair.get(&(*from, to)).map_or(Value::NotObserved("-"), |time| ns(*time))
            })
            .called(to.to_string())
    })
}
