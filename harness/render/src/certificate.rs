//! What a machine can show, as a person reads it in a terminal.

use std::fmt::Display;

use shardproof_evidence::{Certificate, CoreToCore, Machine, Spread, Warning};
use shardproof_judge as judge;
use shardproof_judge::certificate::COUNTER_RATIO_MIN;

use crate::sections::thousands;
use crate::terminal::{Style, line, significant, wrapped};

/// The most processors whose latencies are shown pair by pair.
const MATRIX_MAX: usize = 16;
/// Columns of a name before what is said of it.
const NAME_COLUMNS: usize = 12;
/// What stands in the place of what the system does not tell.
const NOT_TOLD: &str = "not told";

/// A machine, what it can show, and what it warns of.
#[must_use]
pub fn render(
    machine: &Machine,
    certificate: &Certificate,
    warnings: &[Warning],
    style: Style,
) -> String {
    let mut text = String::new();
    head(&mut text, machine);
    for (name, words) in facts(machine, certificate) {
        fact(&mut text, name, &words, style);
    }
    latencies(&mut text, certificate, style);
    advice(&mut text, warnings, style);
    text
}

/// What decides on what can be seen at all, in two lines.
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
    let stolen = stolen_share.map_or("stolen time not told".to_owned(), |share| {
        format!("{} of the time stolen by the hypervisor", percent(share))
    });
    format!("{noise}; {contention}\n{pinning}; {stolen}; more: shardproof doctor\n")
}

fn head(text: &mut String, machine: &Machine) {
    let Machine { cores, os, architecture, .. } = machine;
    let cpu = machine.cpu.as_deref().unwrap_or("unknown processor");
    let kernel = machine.kernel.as_ref().map_or(String::new(), |kernel| format!(" {kernel}"));
    line(text, format_args!("{cores} x {cpu}, {os}{kernel} {architecture}\n"));
}

/// What is known, each under its name.
fn facts(machine: &Machine, certificate: &Certificate) -> [(&'static str, String); 9] {
    [
        ("processors", processors(certificate)),
        ("quota", quota(certificate.cpu_quota)),
        ("frequency", frequency(certificate)),
        ("runs in", told(certificate.virtualisation.as_ref())),
        ("clock", clock(machine, certificate)),
        ("others", others(machine, certificate)),
        ("contention", contention(certificate)),
        ("noise", noise(certificate)),
        ("pinning", pinning(certificate)),
    ]
}

fn processors(certificate: &Certificate) -> String {
    let Some(cpus) = &certificate.cpus else {
        return NOT_TOLD.to_owned();
    };
    let cores = certificate.siblings.as_ref().map(Vec::len);
    let cores = cores.map_or(String::new(), |cores| format!(" on {}", counted(cores, "core")));
    format!("{}{cores}: {}", counted(cpus.len(), "processor"), list(cpus))
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

fn quota(quota: Option<f64>) -> String {
    quota.map_or("no limit on processor time".to_owned(), |quota| {
        format!("the time of {} processors", significant(quota))
    })
}

fn frequency(certificate: &Certificate) -> String {
    let turbo = match certificate.turbo {
        Some(true) => "on",
        Some(false) => "off",
        None => NOT_TOLD,
    };
    format!("governor {}, turbo {turbo}", told(certificate.governor.as_ref()))
}

fn clock(machine: &Machine, certificate: &Certificate) -> String {
    format!(
        "{}; a reading takes {:.1} ns and two are {:.1} ns apart or more; \
         the standard library's takes {:.1} ns",
        certificate.clock_source.as_deref().map_or("source not told".to_owned(), str::to_owned),
        machine.clock_cost_ns,
        certificate.clock_resolution_ns,
        machine.instant_cost_ns,
    )
}

fn others(machine: &Machine, certificate: &Certificate) -> String {
    format!(
        "load {}; threads waited for a processor {} of ten seconds; stolen by the hypervisor {}",
        told(machine.load_average_before),
        told(certificate.pressure_share.map(percent)),
        told(certificate.stolen_share.map(percent)),
    )
}

fn contention(certificate: &Certificate) -> String {
    let Some(counters) = &certificate.counters else {
        return "not measured: it takes two processors".to_owned();
    };
    format!(
        "counters of {} threads on a cache line each are {} times as fast as on one ({}): \
         {} and {} million additions per second",
        counters.threads,
        significant(counters.ratio.median),
        interval(counters.ratio),
        thousands((counters.padded_ops_s / 1e6).round() as u64),
        thousands((counters.packed_ops_s / 1e6).round() as u64),
    )
}

fn noise(certificate: &Certificate) -> String {
    let Some(same) = &certificate.same_twice else {
        return "not measured".to_owned();
    };
    format!(
        "the same thing twice ({}) differs by up to {} in 19 of 20 pairs; ratio {:.3} \
         ({:.3}..{:.3}) over {} pairs",
        same.what,
        percent(same.noise_floor),
        same.ratio.median,
        same.ratio.low,
        same.ratio.high,
        same.pairs,
    )
}

fn pinning(certificate: &Certificate) -> String {
    certificate.pinned_to.as_ref().map_or("threads cannot be pinned".to_owned(), |order| {
        let numbers: Vec<String> = order.iter().map(ToString::to_string).collect();
        format!("threads are pinned, in this order, to {}", numbers.join(" "))
    })
}

/// Adds a fact, its words wrapped beside its name.
fn fact(text: &mut String, name: &str, words: &str, style: Style) {
    let width = usize::from(style.width).max(2 * NAME_COLUMNS);
    let mut row = format!("{name:NAME_COLUMNS$}");
    let mut is_empty = true;
    for word in words.split_whitespace() {
        if !is_empty && row.chars().count() + 1 + word.chars().count() > width {
            line(text, row.trim_end());
            row = " ".repeat(NAME_COLUMNS);
            is_empty = true;
        }
        if !is_empty {
            row.push(' ');
        }
        row.push_str(word);
        is_empty = false;
    }
    line(text, row);
}

/// How long a cache line takes between processors: pair by pair where that is readable.
fn latencies(text: &mut String, certificate: &Certificate, style: Style) {
    let pairs = &certificate.core_to_core;
    let Some((first, _)) = pairs.split_first() else {
        return;
    };
    let order = certificate.pinned_to.as_deref().unwrap_or_default();
    let has_all_pairs = pairs.len() == order.len() * order.len().saturating_sub(1) / 2;
    let columns = (order.len() + 1) * CELL_COLUMNS;
    if has_all_pairs && order.len() <= MATRIX_MAX && columns <= usize::from(style.width) {
        line(text, "\nA cache line takes, one way, in ns:");
        matrix(text, order, pairs);
        return;
    }
    let mut sorted: Vec<f64> = pairs.iter().map(|pair| pair.ns).collect();
    sorted.sort_by(f64::total_cmp);
    let pairs_of = if has_all_pairs {
        format!("all {} pairs of processors", pairs.len())
    } else {
        format!("{} pairs, all with processor {}", pairs.len(), first.from)
    };
    line(text, format_args!("\nA cache line takes, one way, over {pairs_of}:"));
    let (shortest, longest) = (sorted[0], sorted[sorted.len() - 1]);
    let median = sorted[sorted.len() / 2];
    line(
        text,
        format_args!(
            "  {shortest:.0} ns at least, {median:.0} at the median, {longest:.0} at most"
        ),
    );
}

/// Columns of one cell of the matrix.
const CELL_COLUMNS: usize = 5;

fn matrix(text: &mut String, order: &[usize], pairs: &[CoreToCore]) {
    let mut row = |name: &dyn Display, cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!("{cell:>CELL_COLUMNS$}")).collect();
        line(text, format_args!("{name:>CELL_COLUMNS$}{cells}"));
    };
    row(&"", order.iter().map(ToString::to_string).collect());
    for from in order {
        let cell = |to: &usize| {
            let is_meant = |pair: &&CoreToCore| {
                (pair.from, pair.to) == (*from, *to) || (pair.to, pair.from) == (*from, *to)
            };
            pairs.iter().find(is_meant).map_or("-".to_owned(), |pair| format!("{:.0}", pair.ns))
        };
        row(from, order.iter().map(cell).collect());
    }
}

fn advice(text: &mut String, warnings: &[Warning], style: Style) {
    if warnings.is_empty() {
        line(text, "\nNothing is known here that would spoil a measurement.");
        return;
    }
    line(text, "\nWhat may spoil a measurement here, and what to do about it:");
    for warning in warnings {
        let advice = format!("{}: {}", warning.as_str(), judge::advice(*warning));
        wrapped(text, &advice, usize::from(style.width));
    }
}

fn told(value: Option<impl Display>) -> String {
    value.map_or(NOT_TOLD.to_owned(), |value| value.to_string())
}

pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn interval(spread: Spread) -> String {
    format!("{}..{}", significant(spread.low), significant(spread.high))
}

fn counted(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shardproof_evidence::{Counters, SameTwice};

    fn machine() -> Machine {
        Machine {
            cores: 4,
            cpu: Some("Test 9000".to_owned()),
            architecture: "x86_64".to_owned(),
            os: "linux".to_owned(),
            kernel: Some("6.1".to_owned()),
            hypervisor: Some(false),
            memory_bytes: None,
            load_average_before: Some(0.25),
            load_average_after: None,
            clock_cost_ns: 12.3,
            instant_cost_ns: 27.0,
        }
    }

    fn spread(median: f64) -> Spread {
        Spread { median, low: 0.9 * median, high: 1.1 * median, coverage: 0.95 }
    }

    fn certificate(order: &[usize]) -> Certificate {
        let pairs = order.iter().enumerate().flat_map(|(place, from)| {
            order[place + 1..].iter().map(|to| (*from, *to)).collect::<Vec<_>>()
        });
        let latency = |(from, to): (usize, usize)| CoreToCore { from, to, ns: (40 + from) as f64 };
        Certificate {
            cpus: Some(order.to_vec()),
            siblings: Some(vec![vec![0, 2], vec![1, 3]]),
            pinned_to: Some(order.to_vec()),
            cpu_quota: Some(2.5),
            governor: Some("performance".to_owned()),
            turbo: Some(false),
            virtualisation: Some("docker on kvm".to_owned()),
            clock_source: Some("tsc".to_owned()),
            clock_resolution_ns: 10.0,
            core_to_core_rounds_ns: Vec::new(),
            core_to_core: pairs.map(latency).collect(),
            counters: Some(Counters {
                threads: 4,
                padded_ops_s: 4.321e8,
                packed_ops_s: 5e7,
                ratio: spread(8.64),
            }),
            stolen_share: Some(0.012),
            pressure_share: None,
            same_twice: Some(SameTwice {
                what: "a loop".to_owned(),
                pairs: 30,
                ratio: spread(1.0),
                noise_floor: 0.021,
            }),
        }
    }

    fn rendered(certificate: &Certificate, style: Style) -> String {
        render(&machine(), certificate, &[Warning::StolenTime, Warning::FewCores], style)
    }

    #[test]
    fn everything_that_is_known_is_told() {
        let text = rendered(&certificate(&[0, 1, 2, 3]), Style::PLAIN);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for expected in [
            "4 x Test 9000, linux 6.1 x86_64",
            "processors 4 processors on 2 cores: 0-3",
            "quota the time of 2.50 processors",
            "governor performance, turbo off",
            "docker on kvm",
            "tsc; a reading takes 12.3 ns and two are 10.0 ns apart",
            "load 0.25; threads waited for a processor not told of ten seconds",
            "stolen by the hypervisor 1.2 %",
            "4 threads on a cache line each are 8.64 times as fast as on one (7.78..9.50)",
            "432 and 50 million additions",
            "differs by up to 2.1 % in 19 of 20 pairs; ratio 1.000 (0.900..1.100) over 30 pairs",
            "in this order, to 0 1 2 3",
            "stolen-time: the hypervisor gave",
            "few-cores: fewer than 4",
        ] {
            assert!(words.contains(expected), "{expected:?} is not in\n{text}");
        }
    }

    #[test]
    fn latencies_are_a_matrix_in_the_order_of_pinning() {
        let text = rendered(&certificate(&[2, 0, 1]), Style::PLAIN);
        let expected = "\
            A cache line takes, one way, in ns:\n\
            \x20        2    0    1\n\
            \x20   2    -   42   42\n\
            \x20   0   42    -   40\n\
            \x20   1   42   40    -\n";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn many_latencies_are_told_by_their_ends() {
        let order: Vec<usize> = (0..17).collect();
        let mut many = certificate(&order);
        many.core_to_core.retain(|pair| pair.from == 0 || pair.from == 5);
        many.core_to_core.truncate(17);
        let text = rendered(&many, Style::PLAIN);
        assert!(text.contains("over 17 pairs, all with processor 0:"), "{text}");
        assert!(text.contains("40 ns at least, 40 at the median, 45 at most"), "{text}");
        // Where all pairs are known and there is no room for them.
        let narrow = Style { width: 40, ..Style::PLAIN };
        let text = rendered(&certificate(&order[..16]), narrow);
        assert!(text.contains("over all 120 pairs of processors:"), "{text}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [60, 80, 100] {
            let all = rendered(&certificate(&[0, 1, 2, 3]), Style { width, ..Style::PLAIN });
            for line in all.lines() {
                assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
            }
        }
    }

    #[test]
    fn what_is_not_told_is_said_to_be_so() {
        let nothing = Certificate {
            cpus: None,
            siblings: None,
            pinned_to: None,
            cpu_quota: None,
            governor: None,
            turbo: None,
            virtualisation: None,
            clock_source: None,
            core_to_core_rounds_ns: Vec::new(),
            core_to_core: Vec::new(),
            counters: None,
            stolen_share: None,
            same_twice: None,
            ..certificate(&[])
        };
        let text = render(&machine(), &nothing, &[], Style::PLAIN);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for expected in [
            "processors not told",
            "no limit on processor time",
            "governor not told, turbo not told",
            "runs in not told",
            "source not told",
            "hypervisor not told",
            "not measured: it takes two processors",
            "noise not measured",
            "threads cannot be pinned",
            "Nothing is known here that would spoil a measurement",
        ] {
            assert!(words.contains(expected), "{expected:?} is not in\n{text}");
        }
        assert!(!text.contains("A cache line takes"));
    }
}
