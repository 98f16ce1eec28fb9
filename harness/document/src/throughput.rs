//! Sections on throughput, scaling, memory and other operations.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shardproof_evidence::{Cell, Checks, Evidence, Memory, Operation, Spread, Throughput};
use shardproof_judge::compare::{Compared, SCALING_CONTROL};
use shardproof_judge::scaling::{Fit, NextStep, Scaling, fit_all, next_step};

use crate::document::{Context, Note, Section};
use crate::table::{Detail, Table, TableBuilder};
use crate::terms as t;
use crate::value::{Quantity, Tone, Value, WithheldReason, count, counted, percent, text, whole};

/// Maximum number of invalid cells that are listed individually.
const NAMED_MAX: usize = 20;

/// Headline plots: throughput beside the ceiling.
pub(crate) fn at_a_glance<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("at-a-glance", "At a glance").detail(Detail::Pages);
    if context.evidence.cells.is_empty() {
        return section.missing("No cells were measured.", "shardproof measure");
    }
    let terms = [&t::THROUGHPUT, &t::INTERVAL, &t::KEPT, &t::OVERSUBSCRIBED];
    section
        .paragraph(
            "The first workloads, at the highest number of threads with a core each. All numbers \
             are in csv/cells.csv.",
        )
        .figure("headline", &terms)
}

/// What each thread loses to contention.
pub(crate) fn contention<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("contention", "Contention").detail(Detail::Pages);
    if context.evidence.cells.is_empty() {
        return section.missing("No cells were measured.", "shardproof measure");
    }
    section.figure("contention", &[&t::KEPT, &t::THROUGHPUT, &t::OVERSUBSCRIBED])
}

/// Every cell, with its ratios.
pub(crate) fn section<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("throughput", "Throughput and scaling");
    let cells = &context.evidence.cells;
    if cells.is_empty() {
        return section.missing("No cells were measured.", "shardproof measure");
    }
    let coverage = cells.iter().find_map(Cell::valid_throughput);
    let coverage = coverage.map_or_else(String::new, |all| {
        format!(" Intervals contain the true median in {} of cases.", percent(all.coverage))
    });
    let section = section
        .paragraph(format!(
            "Throughput of all threads together: median over rounds.{coverage} x {}: throughput \
             relative to {} in the same cell. scaling: throughput relative to one thread. of \
             {SCALING_CONTROL}: scaling relative to that of {SCALING_CONTROL}. Ratios are medians \
             over pairs of rounds.",
            context.base, context.base
        ))
        .figure("throughput", &[&t::THROUGHPUT, &t::INTERVAL, &t::OVERSUBSCRIBED]);
    let section = if context.compared.iter().any(|each| each.scaling.is_some()) {
        section.figure("scaling", &[&t::SCALING, &t::INTERVAL, &t::OVERSUBSCRIBED])
    } else {
        section.paragraph("No scaling: no subject was measured on both one and several threads.")
    };
    section.table(table(context)).notes(answers(context.evidence)).table(rounds(context))
}

fn invalid(cell: &Cell) -> Option<WithheldReason> {
    cell.valid_throughput().is_none().then_some(WithheldReason::Invalid)
}

/// The columns that identify the cell of a record.
fn cell_columns<'a, R: 'a>(
    table: TableBuilder<'a, R>,
    parts: usize,
    cell: impl Fn(&R) -> &'a Cell + Copy + 'a,
) -> TableBuilder<'a, R> {
    table
        .group("workload", &t::WORKLOAD, move |each| text(&cell(each).workload))
        .group("placement", &t::PLACEMENT, move |each| text(&cell(each).placement))
        .part(parts, move |each| cell(each).part)
        .name("subject", &t::SUBJECT, move |each| text(&cell(each).subject))
        .name("threads", &t::THREADS, move |each| count(cell(each).threads))
}

fn table<'a>(context: &Context<'a>) -> TableBuilder<'a, Compared<'a>> {
    use Quantity::{Ns, Rate, Ratio, Share};
    let base = context.base;
    let known = |number| Value::known(Ratio, number);
    let table = Table::builder("cells", "All cells", context.compared.clone());
    let checks = |each: &Compared<'a>| each.cell.checks.as_ref();
    cell_columns(table, context.parts, |each| each.cell)
        .note("valid", &t::VALID, |each| Value::Flag(!each.cell.is_invalid()))
        .shown_in(Detail::Data)
        .withheld(|each| invalid(each.cell))
        .spread(("throughput", "ops_s"), &t::THROUGHPUT, Rate, |each| {
            each.cell.valid_throughput().map(Throughput::spread)
        })
        .spread_heading("throughput", [1, 2])
        .spread(("ratio_to_base", ""), &t::TO_BASE, Ratio, |each| each.to_base)
        .spread_heading(format!("x {base}"), [1, 6])
        .spread(("scaling", ""), &t::SCALING, Ratio, |each| each.scaling)
        .spread_heading("scaling", [2, 7])
        .spread(("scaling_to_control", ""), &t::TO_CEILING, Ratio, |each| each.scaling_to_control)
        .spread_heading(format!("of {SCALING_CONTROL}"), [4, 7])
        .note("warnings", &t::WARNINGS, |each| Value::Warnings(&each.cell.warnings))
        .priority(3)
        .metric("kept_per_thread", &t::KEPT, move |each| known(kept(each)))
        .priority(5)
        .metric("cpu_per_op_ns", &t::CPU_TIME, |each| Value::known(Ns, each.cell.cpu_ns_per_op))
        .priority(6)
        .metric("allocations_per_op", &t::ALLOCATIONS, move |each| {
            known(each.cell.allocations_per_op)
        })
        .heading("allocations per op")
        .priority(6)
        .metric("on_cpu_share", &t::ON_CPU, |each| Value::known(Share, each.cell.on_cpu_share))
        .priority(7)
        .metric("start_skew_ns", &t::START_SKEW, |each| Value::known(Ns, each.cell.start_skew_ns))
        .priority(7)
        .metric("conflicts_per_op", &t::CONFLICTS, move |each| known(each.cell.conflicts_per_op))
        .heading("conflicts per op")
        .priority(7)
        .note("answers_checked", &t::CHECKS, move |each| checked(checks(each)))
        .priority(8)
        .note("answers_wrong", &t::CHECKS, move |each| wrong(checks(each)))
        .heading("wrong")
        .priority(8)
        .note("first_wrong_answer", &t::CHECKS, move |each| {
            text(checks(each).and_then(|all| all.first_failure.as_deref()).unwrap_or_default())
        })
        .shown_in(Detail::Data)
        .note("not_checked_because", &t::CHECKS, move |each| {
            text(checks(each).and_then(|all| all.exemption.as_deref()).unwrap_or_default())
        })
        .shown_in(Detail::Data)
        .metric("rounds", &t::ROUND, |each| {
            each.cell
                .valid_throughput()
                .map_or(Value::NotObserved(""), |all| count(all.rounds.len()))
        })
        .shown_in(Detail::Data)
        .note("base", &t::TO_BASE, move |_| text(base))
        .shown_in(Detail::Data)
        .note("control", &t::TO_CEILING, |_| text(SCALING_CONTROL))
        .shown_in(Detail::Data)
}

/// The number of answers checked.
pub(crate) fn checked<'a>(checks: Option<&Checks>) -> Value<'a> {
    checks.map_or(Value::NotObserved("not checked"), |checks| Value::Count(checks.checked))
}

/// The number of wrong answers.
pub(crate) fn wrong<'a>(checks: Option<&Checks>) -> Value<'a> {
    match checks.map(|checks| checks.failed) {
        None => Value::NotObserved(""),
        Some(0) => Value::Count(0),
        Some(failed) => Value::Judged(Tone::Bad, whole(failed).into()),
    }
}

/// Throughput per thread relative to the throughput of one thread.
pub(crate) fn kept(compared: &Compared<'_>) -> Option<f64> {
    match compared.cell.threads {
        1 => compared.cell.valid_throughput().map(|_| 1.0),
        threads => compared.scaling.map(|scaling| scaling.median / threads as f64),
    }
}

fn rounds<'a>(context: &Context<'a>) -> TableBuilder<'a, (&'a Cell, usize, f64)> {
    let valid =
        context.evidence.cells.iter().filter_map(|cell| Some((cell, cell.valid_throughput()?)));
    let rounds = valid
        .flat_map(|(cell, all)| (1..).zip(&all.rounds).map(move |(i, ops_s)| (cell, i, *ops_s)));
    let table = Table::builder("cell_rounds", "All rounds of all cells", rounds.collect());
    cell_columns(table.detail(Detail::Data), context.parts, |each| each.0)
        .name("round", &t::ROUND, |each| count(each.1))
        .metric("throughput_ops_s", &t::THROUGHPUT, |each| Value::Number(Quantity::Rate, each.2))
}

/// Notes on how many answers were checked, which were not, and which were wrong.
fn answers(evidence: &Evidence) -> Vec<Note> {
    let mut notes = Vec::new();
    let checks = || evidence.cells.iter().filter_map(|cell| Some((cell, cell.checks.as_ref()?)));
    let sum: u64 = checks().map(|(_, checks)| checks.checked).sum();
    let invalid: Vec<_> = checks().filter(|(cell, _)| cell.is_invalid()).collect();
    if sum > 0 {
        let (tone, outcome) = match invalid.len() {
            0 => (Tone::Good, "all correct".to_owned()),
            count => {
                (Tone::Bad, format!("some wrong in {count} of {} cells", evidence.cells.len()))
            }
        };
        notes.push(Note::toned(tone, format!("Answers checked: {}, {outcome}.", whole(sum))));
    }
    let exempt = |(cell, checks): (&Cell, &Checks)| {
        let why = checks.exemption.as_ref()?;
        Some(format!("{}: not checked, because it is {why}.", cell.subject))
    };
    notes.extend(checks().filter_map(exempt).collect::<BTreeSet<_>>().into_iter().map(Note::new));
    let named = invalid.iter().take(NAMED_MAX);
    notes.extend(named.map(|(cell, checks)| {
        let Cell { subject, placement, workload, threads, .. } = cell;
        let of = format!(
            "invalid: {subject} in {placement} {workload} on {}",
            counted(*threads, "thread")
        );
        Note::toned(Tone::Bad, format!("{of}: {}", wrong_answers(checks)))
    }));
    if invalid.len() > NAMED_MAX {
        let more = counted(invalid.len() - NAMED_MAX, "more invalid cell");
        notes.push(Note::toned(Tone::Bad, format!("{more}: see csv/cells.csv.")));
    }
    notes.extend(evidence.latency_checks.as_ref().filter(|all| all.checked > 0).map(|checks| {
        let prefix = format!("Answers checked in the latency pass: {}", whole(checks.checked));
        match checks.failed {
            0 => Note::toned(Tone::Good, format!("{prefix}, all correct.")),
            _ => Note::toned(Tone::Bad, format!("{prefix}; {}", wrong_answers(checks))),
        }
    }));
    notes
}

/// How many answers were wrong, and the first wrong one.
pub(crate) fn wrong_answers(checks: &Checks) -> String {
    let Checks { checked, failed, first_failure, .. } = checks;
    let first = first_failure.as_deref().unwrap_or("unknown");
    format!("{} of {} answers were wrong; first: {first}", whole(*failed), whole(*checked))
}

/// Shown if there is no scaling law.
const NO_LAW: &str = "No scaling law was fitted.";

/// The scaling law of every subject in every cell.
pub(crate) fn scaling_law<'a>(context: &Context<'a>) -> Section<'a> {
    use Quantity::{Rate, Ratio, Share};
    let section = Section::new("scaling-law", "Scaling law");
    let laws = fit_all(context.evidence);
    let mut refusals: BTreeMap<String, usize> = BTreeMap::new();
    for refusal in laws.iter().filter_map(|law| law.outcome.as_ref().err()) {
        *refusals.entry(refusal.in_short()).or_default() += 1;
    }
    let total: usize = refusals.values().sum();
    let reasons: Vec<String> =
        refusals.iter().map(|(reason, count)| format!("{reason} ({count})")).collect();
    let refused = (total > 0).then(|| {
        let (all, reasons) = (laws.len(), reasons.join(", "));
        Note::new(format!(
            "Not fitted for {total} of {all} combinations of subject, workload and placement: \
             {reasons}."
        ))
    });
    let fitted: Vec<(Scaling, Fit)> =
        laws.into_iter().filter_map(|law| Some((law.clone(), law.outcome.ok()?))).collect();
    if fitted.is_empty() {
        let section = section.notes(refused.into_iter().collect());
        return match next_step(context.evidence) {
            NextStep::Measure(command) => section.missing(NO_LAW, command),
            NextStep::Impossible(reason) => {
                section.paragraph(format!("{NO_LAW} It is not possible on this machine: {reason}."))
            }
            NextStep::Nothing => section.paragraph(NO_LAW),
        };
    }
    let coverage = percent(fitted[0].1.sigma.coverage);
    let table = Table::builder("scaling_laws", "Fitted scaling laws", fitted)
        .group("workload", &t::WORKLOAD, |(law, _)| text(law.workload.clone()))
        .group("placement", &t::PLACEMENT, |(law, _)| text(law.placement.clone()))
        .part(context.parts, |(law, _)| law.part)
        .name("subject", &t::SUBJECT, |(law, _)| text(law.subject.clone()))
        .spread(("lambda", "ops_s"), &t::LAMBDA, Rate, |(_, fit)| Some(fit.lambda_ops_s))
        .spread_heading("λ", [2, 4])
        .spread(("sigma", ""), &t::SIGMA, Share, |(_, fit)| Some(fit.sigma))
        .spread_heading("σ", [1, 3])
        .spread(("kappa", ""), &t::KAPPA, Share, |(_, fit)| Some(fit.kappa))
        .spread_heading("κ", [1, 3])
        .metric("peak_threads", &t::PEAK, |(_, fit)| {
            // If the interval starts at 0 there may be no peak at all.
            let peak = fit.peak_threads.filter(|_| fit.kappa.low > 0.0);
            peak.map_or(Value::NotObserved(""), |peak| Value::Number(Ratio, peak.round()))
        })
        .metric("error_max_share", &t::FIT_ERROR, |(_, fit)| Value::Number(Share, fit.error_max));
    section
        .paragraph(format!(
            "The Universal Scalability Law X(n) = λn / (1 + σ(n−1) + κn(n−1)), fitted to \
             throughput at thread counts up to the number of cores. Intervals have {coverage} \
             coverage."
        ))
        .table(table)
        .notes(refused.into_iter().collect())
}

/// Memory, and processor time per operation.
pub(crate) fn cost<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("memory", "Memory and processor time");
    let evidence = context.evidence;
    let section = if evidence.memory.is_empty() {
        section.missing("No memory was measured.", "shardproof measure")
    } else {
        section
            .paragraph(
                "Live bytes per entry, per further version that a snapshot retains, and per run \
                 with one entry.",
            )
            .figure("memory", &[&t::PER_ENTRY, &t::PER_VERSION, &t::PER_RUN])
            .table(memory(context))
    };
    if evidence.cells.is_empty() {
        return section.missing("No processor time was measured.", "shardproof measure");
    }
    section.figure("cpu", &[&t::CPU_TIME, &t::ON_CPU])
}

fn memory<'a>(context: &Context<'a>) -> TableBuilder<'a, &'a Memory> {
    use Quantity::{Bytes, Ratio};
    let all = &context.evidence.memory;
    // Only within a part: machines may differ in their allocator.
    let controls: HashMap<usize, f64> = all
        .iter()
        .filter(|each| each.subject == SCALING_CONTROL)
        .filter_map(|each| Some((each.part, each.bytes_per_entry?)))
        .collect();
    let bytes = |bytes: Option<f64>| {
        bytes.map_or(Value::NotObserved("not counted"), |bytes| Value::Number(Bytes, bytes))
    };
    let table = Table::builder("memory", "Memory per entry, version and run", all.iter().collect());
    table
        .part(context.parts, |each| each.part)
        .name("subject", &t::SUBJECT, |each| text(&each.subject))
        .name("keys", &t::KEYS, |each| count(each.keys))
        .metric("per_entry_bytes", &t::PER_ENTRY, move |each| bytes(each.bytes_per_entry))
        .metric("per_entry_to_control", &t::PER_ENTRY, move |each| {
            let control = controls.get(&each.part);
            let ratio = each.bytes_per_entry.zip(control).map(|(bytes, control)| bytes / control);
            Value::known(Ratio, ratio)
        })
        .heading(format!("of {SCALING_CONTROL}"))
        .metric("per_version_bytes", &t::PER_VERSION, |each| {
            Value::known(Bytes, each.bytes_per_version)
        })
        .metric("per_run_bytes", &t::PER_RUN, |each| Value::known(Bytes, each.bytes_per_run))
}

/// Operations outside the mixes.
pub(crate) fn operations<'a>(context: &Context<'a>) -> Section<'a> {
    let section = Section::new("operations", "Other operations");
    let all: Vec<&Operation> = context.evidence.operations.iter().collect();
    if all.is_empty() {
        return section.missing("No other operations were timed.", "shardproof measure");
    }
    let table = Table::builder("operations", "Operations outside the mixes", all)
        .part(context.parts, |each| each.part)
        .name("operation", &t::OPERATION, |each| text(&each.name))
        .name("subject", &t::SUBJECT, |each| text(&each.subject))
        .spread(("", "ns"), &t::DURATION, Quantity::Ns, |each| Some(each.ns))
        .spread(("ratio", ""), &t::RATIO, Quantity::Ratio, |each| {
            let ratio = &each.ratio_to;
            let (median, low, high) = (ratio.median, ratio.low, ratio.high);
            Some(Spread { median, low, high, coverage: ratio.coverage })
        })
        .note("compared_to", &t::RATIO, |each| text(&each.ratio_to.name))
        .heading("compared with");
    section
        .paragraph("Each operation is timed alternately with the one it is compared with.")
        .table(table)
}
