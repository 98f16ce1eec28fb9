//! Merging evidence that several machines gathered, each for a part of one matrix.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Debug;

use shardproof_base::excerpt::{excerpt, message};

use crate::{
    Build, Cell, Checks, Config, Evidence, Latency, Part, Partition, RateSearch, Subject, Warning,
    Workload,
};

/// Why evidence cannot be merged. Inputs are numbered from 1, in the order given.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is no input.
    #[error("nothing to merge: give the evidence.json of each machine")]
    NoInput,
    /// An input is not a partition of a matrix.
    #[error(
        "evidence {which}: field `config.partition` is {found}: merge only what `shardproof \
         measure --partition k/n` wrote"
    )]
    NotAPartition {
        /// Which evidence.
        which: usize,
        /// The value of the field.
        found: String,
    },
    /// Two inputs were measured with different builds or settings.
    #[error(
        "evidence {first} and {second} differ in field `{field}`: {values}: measure all parts with \
         the same build and the same flags, except --partition"
    )]
    Differ {
        /// One.
        first: usize,
        /// The other.
        second: usize,
        /// The field.
        field: String,
        /// Both values.
        values: String,
    },
    /// The same partition was given twice.
    #[error(
        "evidence {first} and {second} are both of partition {partition}: give each partition once"
    )]
    SamePartition {
        /// One.
        first: usize,
        /// The other.
        second: usize,
        /// The partition.
        partition: Partition,
    },
    /// Two inputs measured the same cell.
    #[error(
        "evidence {first} and {second} both have {what}: they are not partitions of one matrix; \
         measure again, changing only the first number of --partition"
    )]
    Overlap {
        /// One.
        first: usize,
        /// The other.
        second: usize,
        /// What both have.
        what: String,
    },
    /// Two inputs contain verification results, which belong to no partition.
    #[error("evidence {first} and {second} both have field `{field}`: verify once, in one folder")]
    VerifiedTwice {
        /// One.
        first: usize,
        /// The other.
        second: usize,
        /// The field.
        field: &'static str,
    },
}

impl MergeError {
    /// The inputs at fault, numbered from 1.
    #[must_use]
    pub fn inputs(&self) -> Vec<usize> {
        match *self {
            Self::NoInput => Vec::new(),
            Self::NotAPartition { which, .. } => vec![which],
            Self::Differ { first, second, .. }
            | Self::SamePartition { first, second, .. }
            | Self::Overlap { first, second, .. }
            | Self::VerifiedTwice { first, second, .. } => vec![first, second],
        }
    }
}

/// Joins evidence of the parts of one matrix, in the order of their partitions. The first part
/// keeps its machine, certificate, configuration and warnings; those of the others become
/// [`Evidence::parts`]. Each record has the number of its part. Inputs may be merged themselves. If
/// a partition is missing, the result has [`Warning::IncompleteMerge`].
///
/// The parts must agree in their build and in every field of [`Config`], with these exceptions:
///
/// | field | why it may differ |
/// |---|---|
/// | `partition` | each part has its own; the number of partitions must agree |
/// | `rounds`, `slice_ms` | machines may differ in speed; beyond a factor of 1.5 the result has [`Warning::UnevenParts`] |
/// | `matrix` | only a path; its content is compared by `matrix_digest` |
/// | `begun_at`, `elapsed_s` | parts are measured at different times |
///
/// # Errors
/// [`MergeError`] if the inputs are not different partitions of one matrix and one build.
pub fn merge(all: Vec<Evidence>) -> Result<Evidence, MergeError> {
    let mut inputs = all
        .into_iter()
        .zip(1..)
        .map(|(evidence, which)| Input::new(which, evidence))
        .collect::<Result<Vec<_>, _>>()?;
    check_compatible(&inputs)?;
    check_partitions_distinct(&inputs)?;
    check_no_overlap(&inputs)?;
    check_single_verification(&inputs)?;
    inputs.sort_by_key(|input| input.partitions.iter().min().copied());
    let mut inputs = inputs.into_iter().map(|input| input.evidence);
    let mut merged = inputs.next().ok_or(MergeError::NoInput)?;
    merged.warnings.retain(applies_to_one_part);
    inputs.for_each(|evidence| append(&mut merged, evidence));
    if !missing_partitions(&merged).is_empty() {
        merged.warnings.push(Warning::IncompleteMerge);
    }
    if is_uneven(&merged) {
        merged.warnings.push(Warning::UnevenParts);
    }
    Ok(merged)
}

/// Whether a warning is about a single part, not about merging.
const fn applies_to_one_part(warning: &Warning) -> bool {
    !matches!(warning, Warning::IncompleteMerge | Warning::UnevenParts)
}

/// Largest factor by which parts may differ in rounds or in slice duration.
const UNEVEN_MAX: f64 = 1.5;

/// Whether parts with throughput differ too much in rounds or slice duration.
fn is_uneven(merged: &Evidence) -> bool {
    let with_rounds =
        || configs(merged).flatten().filter(|config| config.rounds > 0 && config.slice_ms > 0.0);
    let differs_too_much = |of: fn(&Config) -> f64| {
        let least = with_rounds().map(of).fold(f64::INFINITY, f64::min);
        with_rounds().map(of).any(|each| each > UNEVEN_MAX * least)
    };
    differs_too_much(|config| config.rounds as f64) || differs_too_much(|config| config.slice_ms)
}

/// The partitions that merged evidence lacks, in order.
#[must_use]
pub fn missing_partitions(merged: &Evidence) -> Vec<Partition> {
    let present: BTreeSet<Partition> = partitions(merged).flatten().collect();
    let count = present.first().map_or(0, |partition| partition.count());
    Partition::all(count).filter(|partition| !present.contains(partition)).collect()
}

/// One input of a merge.
struct Input {
    /// Its number, from 1, in the order given.
    which: usize,
    /// The partitions that it contains.
    partitions: Vec<Partition>,
    /// The evidence itself.
    evidence: Evidence,
}

impl Input {
    fn new(which: usize, evidence: Evidence) -> Result<Self, MergeError> {
        let known: Option<Vec<Partition>> = partitions(&evidence).collect();
        let Some(partitions) = known else {
            let configs = configs(&evidence).filter_map(|config| config?.partition.as_deref());
            let wrong = configs.into_iter().find(|text| text.parse::<Partition>().is_err());
            let found = wrong.map_or("null".to_owned(), |text| format!("`{}`", excerpt(text)));
            return Err(MergeError::NotAPartition { which, found });
        };
        Ok(Self { which, partitions, evidence })
    }
}

/// The configuration of each part.
fn configs(evidence: &Evidence) -> impl Iterator<Item = Option<&Config>> {
    let others = evidence.parts.iter().map(|part| part.config.as_ref());
    std::iter::once(evidence.config.as_ref()).chain(others)
}

/// The partition of each part, if its configuration names one.
fn partitions(evidence: &Evidence) -> impl Iterator<Item = Option<Partition>> {
    configs(evidence).map(|config| config?.partition.as_deref()?.parse().ok())
}

fn check_compatible(inputs: &[Input]) -> Result<(), MergeError> {
    let Some((first, others)) = inputs.split_first() else { return Err(MergeError::NoInput) };
    for other in others {
        let ours = (&first.evidence.build, first.evidence.config.as_ref());
        let theirs = (&other.evidence.build, other.evidence.config.as_ref());
        let build = build_difference(ours.0, theirs.0);
        let config = || config_difference(ours.1?, theirs.1?);
        let subjects = || subject_difference(&first.evidence.subjects, &other.evidence.subjects);
        if let Some((field, values)) = build.or_else(config).or_else(subjects) {
            let (first, second) = (first.which, other.which);
            return Err(MergeError::Differ { first, second, field: field.to_owned(), values });
        }
    }
    Ok(())
}

/// The first field in which two builds differ, with both values.
fn build_difference(one: &Build, other: &Build) -> Option<(&'static str, String)> {
    let Build { commit, dirty, rustc, profile, opt_level, target, version } = one;
    differ("build.commit", commit, &other.commit)
        .or_else(|| differ("build.dirty", dirty, &other.dirty))
        .or_else(|| differ("build.version", version, &other.version))
        .or_else(|| differ("build.profile", profile, &other.profile))
        .or_else(|| differ("build.opt_level", opt_level, &other.opt_level))
        .or_else(|| differ("build.rustc", rustc, &other.rustc))
        .or_else(|| differ("build.target", target, &other.target))
}

/// The first field in which two configurations differ, except those that [`merge`] documents.
fn config_difference(one: &Config, other: &Config) -> Option<(&'static str, String)> {
    // No `..` here: a new field forces a decision on whether parts must agree in it.
    let Config {
        profile,
        seed,
        subjects,
        workloads,
        placements,
        threads,
        rounds: _,
        slice_ms: _,
        latency_rounds,
        latency_slice_ms,
        open_slice_ms,
        matrix: _,
        filter,
        partition: _,
        stream_operations,
        elapsed_s: _,
        begun_at: _,
        sections,
        pinning,
        matrix_digest,
    } = one;
    let counts = (partition_count(one), partition_count(other));
    differ("config.seed", seed, &other.seed)
        .or_else(|| differ("config.profile", profile, &other.profile))
        .or_else(|| differ("config.partition", &counts.0, &counts.1))
        .or_else(|| differ("config.sections", sections, &other.sections))
        .or_else(|| differ("config.pinning", pinning, &other.pinning))
        .or_else(|| differ("config.filter", filter, &other.filter))
        .or_else(|| differ("config.subjects", subjects, &other.subjects))
        .or_else(|| differ("config.placements", placements, &other.placements))
        .or_else(|| differ("config.threads", threads, &other.threads))
        .or_else(|| differ("config.latency_rounds", latency_rounds, &other.latency_rounds))
        .or_else(|| differ("config.latency_slice_ms", latency_slice_ms, &other.latency_slice_ms))
        .or_else(|| differ("config.open_slice_ms", open_slice_ms, &other.open_slice_ms))
        .or_else(|| differ("config.stream_operations", stream_operations, &other.stream_operations))
        .or_else(|| workload_difference(workloads, &other.workloads))
        .or_else(|| differ("config.matrix_digest", matrix_digest, &other.matrix_digest))
}

/// The first workload that differs.
fn workload_difference(one: &[Workload], other: &[Workload]) -> Option<(&'static str, String)> {
    let longest = one.len().max(other.len());
    let pairs = (0..longest).map(|index| (one.get(index), other.get(index)));
    pairs.into_iter().find_map(|(one, other)| differ("config.workloads", &one, &other))
}

/// The first subject in both whose description or settings differ.
fn subject_difference(one: &[Subject], other: &[Subject]) -> Option<(&'static str, String)> {
    one.iter().find_map(|subject| {
        let same_name = other.iter().find(|it| it.name == subject.name)?;
        differ("subjects", subject, same_name)
    })
}

/// The number of partitions of a matrix, as text.
fn partition_count(config: &Config) -> String {
    let partition = config.partition.as_deref().and_then(|text| text.parse::<Partition>().ok());
    partition.map_or("not partitioned".to_owned(), |partition| {
        format!("{} partitions", partition.count())
    })
}

fn differ<T: PartialEq + Debug>(
    field: &'static str,
    one: &T,
    other: &T,
) -> Option<(&'static str, String)> {
    (one != other).then(|| (field, message(&format!("{one:?} and {other:?}"))))
}

fn check_partitions_distinct(inputs: &[Input]) -> Result<(), MergeError> {
    let parts = |input: &Input| input.partitions.clone();
    check_disjoint(inputs, parts).map_err(|(first, second, partition)| MergeError::SamePartition {
        first,
        second,
        partition,
    })
}

fn check_no_overlap(inputs: &[Input]) -> Result<(), MergeError> {
    let measured = |Input { evidence, .. }: &Input| {
        let cells = evidence.cells.iter().map(cell_name);
        let latencies = evidence.latencies.iter().map(latency_name);
        cells.chain(latencies).chain(evidence.rate_searches.iter().map(search_name)).collect()
    };
    check_disjoint(inputs, measured).map_err(|(first, second, what)| MergeError::Overlap {
        first,
        second,
        what,
    })
}

/// Checks that inputs share no item; the error is the two inputs and the shared item.
fn check_disjoint<T: std::hash::Hash + Eq + Clone>(
    inputs: &[Input],
    items: impl Fn(&Input) -> Vec<T>,
) -> Result<(), (usize, usize, T)> {
    let mut seen: HashMap<T, usize> = HashMap::new();
    for input in inputs {
        for item in items(input) {
            if let Some(first) = seen.insert(item.clone(), input.which) {
                return Err((first, input.which, item));
            }
        }
    }
    Ok(())
}

fn cell_name(cell: &Cell) -> String {
    let Cell { subject, workload, placement, threads, .. } = cell;
    format!("the cell {subject} {workload} {placement} of {threads} threads")
}

fn latency_name(latency: &Latency) -> String {
    let Latency { subject, workload, placement, threads, arrivals, operation, .. } = latency;
    let arrivals = arrivals.as_ref().map_or("in a closed loop".to_owned(), |arrivals| {
        format!("at {} {} operations per second", arrivals.pattern, arrivals.rate_ops_s)
    });
    format!(
        "latencies of {operation} in {subject} {workload} {placement} of {threads} threads \
         {arrivals}"
    )
}

fn search_name(search: &RateSearch) -> String {
    let RateSearch { subject, workload, placement, threads, pattern, p99_ns_max, .. } = search;
    format!(
        "the {pattern} rate of {subject} {workload} {placement} of {threads} threads within \
         {p99_ns_max} ns"
    )
}

fn check_single_verification(inputs: &[Input]) -> Result<(), MergeError> {
    let verified = |Evidence { verification, verifications, .. }: &Evidence| {
        verification.is_some() || !verifications.is_empty()
    };
    let hunted =
        |Evidence { fault_hunt, faults, .. }: &Evidence| fault_hunt.is_some() || !faults.is_empty();
    check_at_most_one("verification", inputs, verified)?;
    check_at_most_one("fault_hunt", inputs, hunted)
}

fn check_at_most_one(
    field: &'static str,
    inputs: &[Input],
    has: impl Fn(&Evidence) -> bool,
) -> Result<(), MergeError> {
    let mut having = inputs.iter().filter(|input| has(&input.evidence)).map(|input| input.which);
    match (having.next(), having.next()) {
        (Some(first), Some(second)) => Err(MergeError::VerifiedTwice { first, second, field }),
        _ => Ok(()),
    }
}

/// Appends one more part, or several if the added evidence is itself merged.
fn append(merged: &mut Evidence, added: Evidence) {
    // No `..` here: a new field of evidence forces a decision on how to merge it.
    let Evidence {
        schema: _,
        machine,
        build: _,
        config,
        certificate,
        same_twice,
        subjects,
        cells,
        skipped,
        latencies,
        latency_checks,
        rate_searches,
        snapshots,
        snapshot_threads,
        held_snapshots,
        memory,
        operations,
        mut warnings,
        parts,
        verification,
        verifications,
        fault_hunt,
        faults,
    } = added;
    let offset = merged.parts.len() + 1;
    extend(&mut merged.cells, cells, offset, |each| &mut each.part);
    extend(&mut merged.latencies, latencies, offset, |each| &mut each.part);
    extend(&mut merged.rate_searches, rate_searches, offset, |each| &mut each.part);
    extend(&mut merged.snapshots, snapshots, offset, |each| &mut each.part);
    extend(&mut merged.snapshot_threads, snapshot_threads, offset, |each| &mut each.part);
    extend(&mut merged.held_snapshots, held_snapshots, offset, |each| &mut each.part);
    extend(&mut merged.memory, memory, offset, |each| &mut each.part);
    extend(&mut merged.operations, operations, offset, |each| &mut each.part);
    // Skipped combinations and subjects are the same on every machine.
    extend_unique(&mut merged.skipped, skipped);
    extend_unique(&mut merged.subjects, subjects);
    merged.latency_checks = combine_checks(merged.latency_checks.take(), latency_checks);
    warnings.retain(applies_to_one_part);
    merged.parts.push(Part { machine, certificate, same_twice, config, warnings });
    merged.parts.extend(parts);
    merged.verification = merged.verification.take().or(verification);
    merged.verifications.extend(verifications);
    merged.fault_hunt = merged.fault_hunt.take().or(fault_hunt);
    merged.faults.extend(faults);
}

/// Appends the items that are not yet there.
fn extend_unique<T: PartialEq>(into: &mut Vec<T>, from: Vec<T>) {
    for each in from {
        if !into.contains(&each) {
            into.push(each);
        }
    }
}

/// The combined result of two checks.
fn combine_checks(one: Option<Checks>, other: Option<Checks>) -> Option<Checks> {
    match (one, other) {
        (Some(mut one), Some(other)) => {
            one.extend(other);
            Some(one)
        }
        (one, other) => one.or(other),
    }
}

fn extend<T>(into: &mut Vec<T>, from: Vec<T>, offset: usize, part: fn(&mut T) -> &mut usize) {
    into.extend(from.into_iter().map(|mut each| {
        *part(&mut each) += offset;
        each
    }));
}
