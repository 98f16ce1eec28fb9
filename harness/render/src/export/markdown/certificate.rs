//! What the machines can show.

use shardproof_evidence::{Certificate, Counters, Evidence, SameTwice, Spread};

use super::section;
use super::table::Table;
use crate::terminal::{line, significant};

/// The certificate of each part that has one.
pub(super) fn certificates(text: &mut String, evidence: &Evidence) {
    let others = evidence.parts.iter().map(|part| part.certificate.as_ref());
    let all: Vec<_> = std::iter::once(evidence.certificate.as_ref()).chain(others).collect();
    if all.iter().all(Option::is_none) {
        return;
    }
    section(text, "What the machine can show");
    for (part, certificate) in all.iter().enumerate() {
        if let Some(certificate) = certificate {
            if !evidence.parts.is_empty() {
                line(text, format_args!("{}Part {part}:\n", if part > 0 { "\n" } else { "" }));
            }
            write(text, certificate);
        }
    }
}

fn write(text: &mut String, certificate: &Certificate) {
    let Certificate { cpus, siblings, pinned_to, cpu_quota, .. } = certificate;
    let list =
        |cpus: &Vec<usize>| cpus.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut table = Table::new(&["fact", "value"], 0..0);
    let mut fact = |name: &str, value: String| table.row([name.to_owned(), value]);
    fact("processors", cpus.as_ref().map_or("not told".to_owned(), list));
    fact(
        "processors that share a core",
        siblings.as_ref().map_or("not told".to_owned(), |all| {
            all.iter().map(list).collect::<Vec<_>>().join("; ")
        }),
    );
    fact("workers pinned to", pinned_to.as_ref().map_or("none".to_owned(), list));
    fact("limit on processors", cpu_quota.map_or("none".to_owned(), |quota| quota.to_string()));
    fact("governor", told(certificate.governor.as_ref()));
    fact("turbo", told(certificate.turbo.map(|turbo| if turbo { "on" } else { "off" })));
    fact("runs in", told(certificate.virtualisation.as_ref()));
    fact("clock", told(certificate.clock_source.as_ref()));
    fact("resolution of the clock", format!("{} ns", certificate.clock_resolution_ns));
    for pair in &certificate.core_to_core {
        let name = format!("a cache line from {} to {}", pair.from, pair.to);
        fact(&name, format!("{} ns", significant(pair.ns)));
    }
    if let Some(counters) = &certificate.counters {
        fact("counters on a cache line each, of those on one", describe_counters(counters));
    }
    fact("time given to other machines", told(certificate.stolen_share.map(percent)));
    fact("time in which a thread waited", told(certificate.pressure_share.map(percent)));
    if let Some(SameTwice { what, pairs, ratio, noise_floor }) = &certificate.same_twice {
        let value = format!("{} over {pairs} pairs of {what}", describe(ratio));
        fact("the same thing twice", value);
        fact("differences that are noise", format!("up to {}", percent(*noise_floor)));
    }
    table.write(text);
}

fn describe_counters(counters: &Counters) -> String {
    let Counters { threads, padded_ops_s, packed_ops_s, ratio } = counters;
    let mops = |ops_s: f64| significant(ops_s / 1e6);
    format!(
        "{} times as fast on {threads} threads: {} and {} million per second",
        describe(ratio),
        mops(*padded_ops_s),
        mops(*packed_ops_s)
    )
}

fn describe(Spread { median, low, high, .. }: &Spread) -> String {
    format!("{median:.2} ({low:.2}..{high:.2})")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn told(value: Option<impl ToString>) -> String {
    value.map_or("not told".to_owned(), |value| value.to_string())
}
