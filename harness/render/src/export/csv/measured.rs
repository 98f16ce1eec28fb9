//! Tables of what was measured.

use shardproof_evidence::{
    Cell, Evidence, HeldSnapshot, Latency, LatencyRound, RateSearch, RateStep, SnapshotAge,
    Throughput,
};
use shardproof_judge::compare::{BASE_SUBJECT, Compared, SCALING_CONTROL, compare};

use super::{known, names, table, text};
use crate::export::ExportedFile;

/// All of them.
pub(super) fn tables(evidence: &Evidence) -> Vec<Option<ExportedFile>> {
    vec![
        cells(&compare(evidence)),
        cell_rounds(evidence),
        skipped(evidence),
        latencies(evidence),
        latency_rounds(evidence),
        rate_searches(evidence),
        rate_steps(evidence),
        snapshots(evidence),
        snapshot_threads(evidence),
        held_snapshots(evidence),
        reclaims(evidence),
        memory(evidence),
        operations(evidence),
    ]
}

fn cells(compared: &[Compared<'_>]) -> Option<ExportedFile> {
    table(
        "cells",
        compared,
        &[
            ("part", |each| text(each.cell.part)),
            ("subject", |each| text(&each.cell.subject)),
            ("workload", |each| text(&each.cell.workload)),
            ("placement", |each| text(&each.cell.placement)),
            ("threads", |each| text(each.cell.threads)),
            ("valid", |each| text(!each.cell.is_invalid())),
            ("throughput_median_ops_s", |each| of_cell(each, |all| all.median)),
            ("throughput_low_ops_s", |each| of_cell(each, |all| all.low)),
            ("throughput_high_ops_s", |each| of_cell(each, |all| all.high)),
            ("throughput_coverage", |each| of_cell(each, |all| all.coverage)),
            ("rounds", |each| of_cell(each, |all| all.rounds.len())),
            ("base", |_| text(BASE_SUBJECT)),
            ("ratio_to_base", |each| known(each.to_base.map(|ratio| ratio.median))),
            ("ratio_to_base_low", |each| known(each.to_base.map(|ratio| ratio.low))),
            ("ratio_to_base_high", |each| known(each.to_base.map(|ratio| ratio.high))),
            ("scaling", |each| known(each.scaling.map(|ratio| ratio.median))),
            ("scaling_low", |each| known(each.scaling.map(|ratio| ratio.low))),
            ("scaling_high", |each| known(each.scaling.map(|ratio| ratio.high))),
            ("control", |_| text(SCALING_CONTROL)),
            ("scaling_to_control", |each| known(each.scaling_to_control.map(|all| all.median))),
            ("scaling_to_control_low", |each| known(each.scaling_to_control.map(|all| all.low))),
            ("scaling_to_control_high", |each| known(each.scaling_to_control.map(|all| all.high))),
            ("allocations_per_op", |each| known(each.cell.allocations_per_op)),
            ("cpu_per_op_ns", |each| known(each.cell.cpu_ns_per_op)),
            ("on_cpu_share", |each| known(each.cell.on_cpu_share)),
            ("start_skew_ns", |each| known(each.cell.start_skew_ns)),
            ("conflicts_per_op", |each| known(each.cell.conflicts_per_op)),
            ("answers_checked", |each| known(each.cell.checks.as_ref().map(|all| all.checked))),
            ("answers_wrong", |each| known(each.cell.checks.as_ref().map(|all| all.failed))),
            ("first_wrong_answer", |each| {
                known(each.cell.checks.as_ref().and_then(|all| all.first_failure.as_ref()))
            }),
            ("not_checked_because", |each| {
                known(each.cell.checks.as_ref().and_then(|all| all.exemption.as_ref()))
            }),
            ("warnings", |each| names(&each.cell.warnings)),
        ],
    )
}

/// Something about a throughput that counts.
fn of_cell<T: std::fmt::Display>(compared: &Compared<'_>, figure: fn(&Throughput) -> T) -> String {
    known(compared.cell.valid_throughput().map(figure))
}

fn cell_rounds(evidence: &Evidence) -> Option<ExportedFile> {
    let rounds: Vec<(&Cell, usize, f64)> = evidence
        .cells
        .iter()
        .filter_map(|cell| Some((cell, cell.valid_throughput()?)))
        .flat_map(|(cell, all)| (0..).zip(&all.rounds).map(move |(i, ops_s)| (cell, i, *ops_s)))
        .collect();
    table(
        "cell_rounds",
        &rounds,
        &[
            ("part", |(cell, _, _)| text(cell.part)),
            ("subject", |(cell, _, _)| text(&cell.subject)),
            ("workload", |(cell, _, _)| text(&cell.workload)),
            ("placement", |(cell, _, _)| text(&cell.placement)),
            ("threads", |(cell, _, _)| text(cell.threads)),
            ("round", |(_, round, _)| text(round)),
            ("throughput_ops_s", |(_, _, ops_s)| text(ops_s)),
        ],
    )
}

fn skipped(evidence: &Evidence) -> Option<ExportedFile> {
    table(
        "skipped",
        &evidence.skipped,
        &[
            ("subject", |skipped| text(&skipped.subject)),
            ("workload", |skipped| text(&skipped.workload)),
            ("reason", |skipped| text(&skipped.reason)),
        ],
    )
}

fn latencies(evidence: &Evidence) -> Option<ExportedFile> {
    table(
        "latencies",
        &evidence.latencies,
        &[
            ("part", |each| text(each.part)),
            ("subject", |each| text(&each.subject)),
            ("workload", |each| text(&each.workload)),
            ("placement", |each| text(&each.placement)),
            ("threads", |each| text(each.threads)),
            ("operation", |each| text(&each.operation)),
            ("arrivals", |each| known(each.arrivals.as_ref().map(|all| &all.pattern))),
            ("arrivals_ops_s", |each| known(each.arrivals.as_ref().map(|all| all.rate_ops_s))),
            ("achieved_ops_s", |each| known(each.arrivals.as_ref().map(|all| all.achieved_ops_s))),
            ("count", |each| text(each.count)),
            ("mean_ns", |each| text(each.mean_ns)),
            ("min_ns", |each| text(each.quantiles_ns.min)),
            ("p50_ns", |each| text(each.quantiles_ns.p50)),
            ("p90_ns", |each| text(each.quantiles_ns.p90)),
            ("p99_ns", |each| text(each.quantiles_ns.p99)),
            ("p999_ns", |each| text(each.quantiles_ns.p999)),
            ("p9999_ns", |each| text(each.quantiles_ns.p9999)),
            ("max_ns", |each| text(each.quantiles_ns.max)),
            ("p50_of_rounds_median_ns", |each| text(each.p50_ns.median)),
            ("p50_of_rounds_low_ns", |each| text(each.p50_ns.low)),
            ("p50_of_rounds_high_ns", |each| text(each.p50_ns.high)),
            ("p99_of_rounds_median_ns", |each| text(each.p99_ns.median)),
            ("p99_of_rounds_low_ns", |each| text(each.p99_ns.low)),
            ("p99_of_rounds_high_ns", |each| text(each.p99_ns.high)),
            ("of_rounds_coverage", |each| text(each.p99_ns.coverage)),
            ("warnings", |each| names(&each.warnings)),
        ],
    )
}

fn latency_rounds(evidence: &Evidence) -> Option<ExportedFile> {
    let rounds: Vec<(&Latency, usize, &LatencyRound)> = evidence
        .latencies
        .iter()
        .flat_map(|each| (0..).zip(&each.rounds).map(move |(number, round)| (each, number, round)))
        .collect();
    table(
        "latency_rounds",
        &rounds,
        &[
            ("part", |(each, _, _)| text(each.part)),
            ("subject", |(each, _, _)| text(&each.subject)),
            ("workload", |(each, _, _)| text(&each.workload)),
            ("placement", |(each, _, _)| text(&each.placement)),
            ("threads", |(each, _, _)| text(each.threads)),
            ("operation", |(each, _, _)| text(&each.operation)),
            ("arrivals", |(each, _, _)| known(each.arrivals.as_ref().map(|all| &all.pattern))),
            ("arrivals_ops_s", |(each, _, _)| {
                known(each.arrivals.as_ref().map(|all| all.rate_ops_s))
            }),
            ("round", |(_, number, _)| text(number)),
            ("at_s", |(_, _, round)| text(round.at_s)),
            ("count", |(_, _, round)| text(round.count)),
            ("p50_ns", |(_, _, round)| text(round.p50_ns)),
            ("p99_ns", |(_, _, round)| text(round.p99_ns)),
            ("p999_ns", |(_, _, round)| text(round.p999_ns)),
            ("max_ns", |(_, _, round)| text(round.max_ns)),
        ],
    )
}

fn rate_searches(evidence: &Evidence) -> Option<ExportedFile> {
    table(
        "rate_searches",
        &evidence.rate_searches,
        &[
            ("part", |search| text(search.part)),
            ("subject", |search| text(&search.subject)),
            ("workload", |search| text(&search.workload)),
            ("placement", |search| text(&search.placement)),
            ("threads", |search| text(search.threads)),
            ("arrivals", |search| text(&search.pattern)),
            ("p99_max_ns", |search| text(search.p99_ns_max)),
            ("rate_ops_s", |search| known(search.rate_ops_s)),
        ],
    )
}

fn rate_steps(evidence: &Evidence) -> Option<ExportedFile> {
    let steps: Vec<(&RateSearch, usize, &RateStep)> = evidence
        .rate_searches
        .iter()
        .flat_map(|search| {
            (0..).zip(&search.steps).map(move |(number, step)| (search, number, step))
        })
        .collect();
    table(
        "rate_steps",
        &steps,
        &[
            ("part", |(search, _, _)| text(search.part)),
            ("subject", |(search, _, _)| text(&search.subject)),
            ("workload", |(search, _, _)| text(&search.workload)),
            ("placement", |(search, _, _)| text(&search.placement)),
            ("threads", |(search, _, _)| text(search.threads)),
            ("arrivals", |(search, _, _)| text(&search.pattern)),
            ("p99_max_ns", |(search, _, _)| text(search.p99_ns_max)),
            ("step", |(_, number, _)| text(number)),
            ("rate_ops_s", |(_, _, step)| text(step.rate_ops_s)),
            ("achieved_ops_s", |(_, _, step)| text(step.achieved_ops_s)),
            ("p99_ns", |(_, _, step)| text(step.p99_ns)),
            ("kept", |(_, _, step)| text(step.kept)),
        ],
    )
}

fn snapshots(evidence: &Evidence) -> Option<ExportedFile> {
    table(
        "snapshots",
        &evidence.snapshots,
        &[
            ("part", |each| text(each.part)),
            ("subject", |each| text(&each.subject)),
            ("keys", |each| text(each.keys)),
            ("writers", |each| text(each.writers)),
            ("acquire_p50_ns", |each| text(each.acquire_ns.p50)),
            ("acquire_p99_ns", |each| text(each.acquire_ns.p99)),
            ("batch", |each| text(each.acquire_ns.batch)),
            ("single_p50_ns", |each| text(each.single_p50_ns)),
            ("samples", |each| text(each.samples)),
            ("clock_cost_ns", |each| text(each.clock_cost_ns)),
            ("allocations_per_op", |each| known(each.allocations_per_op)),
            ("limit", |each| known(each.limit.as_ref())),
        ],
    )
}

fn snapshot_threads(evidence: &Evidence) -> Option<ExportedFile> {
    table(
        "snapshot_threads",
        &evidence.snapshot_threads,
        &[
            ("part", |each| text(each.part)),
            ("subject", |each| text(&each.subject)),
            ("keys", |each| text(each.keys)),
            ("threads", |each| text(each.threads)),
            ("acquire_median_ns", |each| text(each.acquire_ns.median)),
            ("acquire_low_ns", |each| text(each.acquire_ns.low)),
            ("acquire_high_ns", |each| text(each.acquire_ns.high)),
            ("acquire_coverage", |each| text(each.acquire_ns.coverage)),
        ],
    )
}

fn held_snapshots(evidence: &Evidence) -> Option<ExportedFile> {
    let ages: Vec<(&HeldSnapshot, &SnapshotAge)> = evidence
        .held_snapshots
        .iter()
        .flat_map(|held| held.ages.iter().map(move |age| (held, age)))
        .collect();
    table(
        "held_snapshots",
        &ages,
        &[
            ("part", |(held, _)| text(held.part)),
            ("subject", |(held, _)| text(&held.subject)),
            ("keys", |(held, _)| text(held.keys)),
            ("overwrites", |(_, age)| text(age.overwrites)),
            ("age_ms", |(_, age)| text(age.age_ms)),
            ("extra_bytes", |(_, age)| known(age.extra_bytes)),
            ("versions", |(_, age)| known(age.versions)),
            ("newest_read_median_ns", |(_, age)| text(age.newest_read_ns.median)),
            ("newest_read_low_ns", |(_, age)| text(age.newest_read_ns.low)),
            ("newest_read_high_ns", |(_, age)| text(age.newest_read_ns.high)),
            ("snapshot_read_median_ns", |(_, age)| text(age.snapshot_read_ns.median)),
            ("snapshot_read_low_ns", |(_, age)| text(age.snapshot_read_ns.low)),
            ("snapshot_read_high_ns", |(_, age)| text(age.snapshot_read_ns.high)),
            ("read_coverage", |(_, age)| text(age.snapshot_read_ns.coverage)),
        ],
    )
}

fn reclaims(evidence: &Evidence) -> Option<ExportedFile> {
    let reclaims: Vec<_> = evidence
        .held_snapshots
        .iter()
        .filter_map(|held| Some((held, held.reclaim.as_ref()?)))
        .collect();
    table(
        "reclaims",
        &reclaims,
        &[
            ("part", |(held, _)| text(held.part)),
            ("subject", |(held, _)| text(&held.subject)),
            ("keys", |(held, _)| text(held.keys)),
            ("extra_bytes", |(_, reclaim)| text(reclaim.extra_bytes)),
            ("drop_ns", |(_, reclaim)| text(reclaim.drop_ns)),
            ("after_drop_bytes", |(_, reclaim)| text(reclaim.after_drop_bytes)),
            ("reclaimed_ms", |(_, reclaim)| known(reclaim.reclaimed_ms)),
            ("overwrites", |(_, reclaim)| text(reclaim.overwrites)),
            ("end_bytes", |(_, reclaim)| text(reclaim.end_bytes)),
        ],
    )
}

fn memory(evidence: &Evidence) -> Option<ExportedFile> {
    table(
        "memory",
        &evidence.memory,
        &[
            ("part", |each| text(each.part)),
            ("subject", |each| text(&each.subject)),
            ("keys", |each| text(each.keys)),
            ("per_entry_bytes", |each| known(each.bytes_per_entry)),
            ("per_version_bytes", |each| known(each.bytes_per_version)),
        ],
    )
}

fn operations(evidence: &Evidence) -> Option<ExportedFile> {
    table(
        "operations",
        &evidence.operations,
        &[
            ("part", |each| text(each.part)),
            ("operation", |each| text(&each.name)),
            ("subject", |each| text(&each.subject)),
            ("median_ns", |each| text(each.ns.median)),
            ("low_ns", |each| text(each.ns.low)),
            ("high_ns", |each| text(each.ns.high)),
            ("coverage", |each| text(each.ns.coverage)),
            ("compared_to", |each| text(&each.ratio_to.name)),
            ("ratio", |each| text(each.ratio_to.median)),
            ("ratio_low", |each| text(each.ratio_to.low)),
            ("ratio_high", |each| text(each.ratio_to.high)),
            ("ratio_coverage", |each| text(each.ratio_to.coverage)),
        ],
    )
}
