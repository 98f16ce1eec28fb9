//! Evidence that several machines gathered, each a part of one matrix, as one.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Debug;

use crate::{Build, Cell, Checks, Config, Evidence, Latency, Part, Partition, RateSearch, Warning};

/// Why evidence cannot be merged. Evidence is numbered from 1, in the order in which it was given.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is none.
    #[error("nothing to merge: give the evidence.json of each machine")]
    Nothing,
    /// It is not one part of a matrix.
    #[error(
        "evidence {which}: field `config.partition` is {found}: merge only what \
             `shardproof measure --partition k/n` wrote"
    )]
    NotAPartition {
        /// Which evidence.
        which: usize,
        /// What the field says.
        found: String,
    },
    /// Two do not belong together.
    #[error(
        "evidence {first} and {second} differ in field `{field}`: {values}: measure all parts \
             with the same build and the same flags, but for --partition"
    )]
    Differ {
        /// One.
        first: usize,
        /// The other.
        second: usize,
        /// The field.
        field: String,
        /// What both say.
        values: String,
    },
    /// The same part was given twice.
    #[error("evidence {first} and {second} are both of partition {partition}: give each part once")]
    SamePartition {
        /// One.
        first: usize,
        /// The other.
        second: usize,
        /// The part.
        partition: Partition,
    },
    /// Two parts measured the same thing.
    #[error(
        "evidence {first} and {second} both have {what}: these are no parts of one matrix; \
             measure again, with --partition only differing in its first number"
    )]
    Overlap {
        /// One.
        first: usize,
        /// The other.
        second: usize,
        /// What both have.
        what: String,
    },
    /// Two say what was verified, which belongs to no part.
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
    /// The numbers, from 1, of the evidence that it is about.
    #[must_use]
    pub fn about(&self) -> Vec<usize> {
        match *self {
            Self::Nothing => Vec::new(),
            Self::NotAPartition { which, .. } => vec![which],
            Self::Differ { first, second, .. }
            | Self::SamePartition { first, second, .. }
            | Self::Overlap { first, second, .. }
            | Self::VerifiedTwice { first, second, .. } => vec![first, second],
        }
    }
}

/// Joins evidence of the parts of one matrix, in the order of their partitions. The machine,
/// certificate, configuration and warnings of the first part stay where they are, those of the others
/// become [`Evidence::parts`]; what was measured keeps the number of its part. Evidence that is itself
/// merged may be among it. If a part is missing, the result has [`Warning::IncompleteMerge`].
///
/// # Errors
/// [`MergeError`] when the evidence is not that of different parts of one matrix and one build.
pub fn merge(all: Vec<Evidence>) -> Result<Evidence, MergeError> {
    let mut inputs = all
        .into_iter()
        .zip(1..)
        .map(|(evidence, which)| Input::new(which, evidence))
        .collect::<Result<Vec<_>, _>>()?;
    check_belong_together(&inputs)?;
    check_each_part_once(&inputs)?;
    check_nothing_twice(&inputs)?;
    check_verified_once(&inputs)?;
    inputs.sort_by_key(|input| input.partitions.iter().min().copied());
    let mut inputs = inputs.into_iter().map(|input| input.evidence);
    let mut merged = inputs.next().ok_or(MergeError::Nothing)?;
    merged.warnings.retain(|warning| *warning != Warning::IncompleteMerge);
    inputs.for_each(|evidence| append(&mut merged, evidence));
    if !missing(&merged).is_empty() {
        merged.warnings.push(Warning::IncompleteMerge);
    }
    Ok(merged)
}

/// The parts of the matrix that merged evidence lacks, in order.
#[must_use]
pub fn missing(merged: &Evidence) -> Vec<Partition> {
    let there: BTreeSet<Partition> = partitions(merged).flatten().collect();
    let count = there.first().map_or(0, |partition| partition.count());
    Partition::all(count).filter(|partition| !there.contains(partition)).collect()
}

/// Evidence to merge.
struct Input {
    /// Its number, from 1, in the order in which it was given.
    which: usize,
    /// The parts of the matrix that it holds.
    partitions: Vec<Partition>,
    /// What was observed.
    evidence: Evidence,
}

impl Input {
    fn new(which: usize, evidence: Evidence) -> Result<Self, MergeError> {
        let known: Option<Vec<Partition>> = partitions(&evidence).collect();
        let Some(partitions) = known else {
            let configs = configs(&evidence).filter_map(|config| config?.partition.as_deref());
            let wrong = configs.into_iter().find(|text| text.parse::<Partition>().is_err());
            let found = wrong.map_or("null".to_owned(), |text| format!("`{text}`"));
            return Err(MergeError::NotAPartition { which, found });
        };
        Ok(Self { which, partitions, evidence })
    }
}

/// What was asked for in each part.
fn configs(evidence: &Evidence) -> impl Iterator<Item = Option<&Config>> {
    let others = evidence.parts.iter().map(|part| part.config.as_ref());
    std::iter::once(evidence.config.as_ref()).chain(others)
}

/// Which part of the matrix each part is, where it says so.
fn partitions(evidence: &Evidence) -> impl Iterator<Item = Option<Partition>> {
    configs(evidence).map(|config| config?.partition.as_deref()?.parse().ok())
}

fn check_belong_together(inputs: &[Input]) -> Result<(), MergeError> {
    let Some((first, others)) = inputs.split_first() else { return Err(MergeError::Nothing) };
    for other in others {
        let ours = (&first.evidence.build, first.evidence.config.as_ref());
        let theirs = (&other.evidence.build, other.evidence.config.as_ref());
        let build = difference_of_builds(ours.0, theirs.0);
        let config = || difference_of_configs(ours.1?, theirs.1?);
        if let Some((field, values)) = build.or_else(config) {
            let (first, second) = (first.which, other.which);
            return Err(MergeError::Differ { first, second, field: field.to_owned(), values });
        }
    }
    Ok(())
}

/// The first field in which two builds differ, and what both say there.
fn difference_of_builds(one: &Build, other: &Build) -> Option<(&'static str, String)> {
    let Build { commit, dirty, rustc, profile, opt_level, target, version } = one;
    differ("build.commit", commit, &other.commit)
        .or_else(|| differ("build.dirty", dirty, &other.dirty))
        .or_else(|| differ("build.version", version, &other.version))
        .or_else(|| differ("build.profile", profile, &other.profile))
        .or_else(|| differ("build.opt_level", opt_level, &other.opt_level))
        .or_else(|| differ("build.rustc", rustc, &other.rustc))
        .or_else(|| differ("build.target", target, &other.target))
}

/// The same for what was asked for, but for what may differ between the parts of one matrix: the
/// partition, how many rounds of what length its cells had room for, how long it took, and where the file of
/// the matrix lies.
fn difference_of_configs(one: &Config, other: &Config) -> Option<(&'static str, String)> {
    let counts = (parts_of(one), parts_of(other));
    differ("config.seed", &one.seed, &other.seed)
        .or_else(|| differ("config.profile", &one.profile, &other.profile))
        .or_else(|| differ("config.partition", &counts.0, &counts.1))
        .or_else(|| differ("config.filter", &one.filter, &other.filter))
        .or_else(|| differ("config.subjects", &one.subjects, &other.subjects))
        .or_else(|| differ("config.placements", &one.placements, &other.placements))
        .or_else(|| differ("config.threads", &one.threads, &other.threads))
        .or_else(|| differ("config.latency_rounds", &one.latency_rounds, &other.latency_rounds))
        .or_else(|| {
            differ("config.latency_slice_ms", &one.latency_slice_ms, &other.latency_slice_ms)
        })
        .or_else(|| differ("config.open_slice_ms", &one.open_slice_ms, &other.open_slice_ms))
        .or_else(|| {
            let (one, other) = (one.stream_operations, other.stream_operations);
            differ("config.stream_operations", &one, &other)
        })
        .or_else(|| differ("config.workloads", &one.workloads, &other.workloads))
}

/// Into how many parts a matrix was cut, in words.
fn parts_of(config: &Config) -> String {
    let partition = config.partition.as_deref().and_then(|text| text.parse::<Partition>().ok());
    partition.map_or("not cut".to_owned(), |partition| format!("cut in {}", partition.count()))
}

fn differ<T: PartialEq + Debug>(
    field: &'static str,
    one: &T,
    other: &T,
) -> Option<(&'static str, String)> {
    (one != other).then(|| (field, format!("{one:?} and {other:?}")))
}

fn check_each_part_once(inputs: &[Input]) -> Result<(), MergeError> {
    let parts = |input: &Input| input.partitions.clone();
    once(inputs, parts).map_err(|(first, second, partition)| MergeError::SamePartition {
        first,
        second,
        partition,
    })
}

fn check_nothing_twice(inputs: &[Input]) -> Result<(), MergeError> {
    let measured = |Input { evidence, .. }: &Input| {
        let cells = evidence.cells.iter().map(cell_name);
        let latencies = evidence.latencies.iter().map(latency_name);
        cells.chain(latencies).chain(evidence.rate_searches.iter().map(search_name)).collect()
    };
    once(inputs, measured).map_err(|(first, second, what)| MergeError::Overlap {
        first,
        second,
        what,
    })
}

/// Checks that no two inputs have the same thing, or tells which have what.
fn once<T: std::hash::Hash + Eq + Clone>(
    inputs: &[Input],
    things: impl Fn(&Input) -> Vec<T>,
) -> Result<(), (usize, usize, T)> {
    let mut seen: HashMap<T, usize> = HashMap::new();
    for input in inputs {
        for thing in things(input) {
            if let Some(first) = seen.insert(thing.clone(), input.which) {
                return Err((first, input.which, thing));
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
        "latencies of {operation} in {subject} {workload} {placement} of {threads} threads {arrivals}"
    )
}

fn search_name(search: &RateSearch) -> String {
    let RateSearch { subject, workload, placement, threads, pattern, p99_ns_max, .. } = search;
    format!(
        "the {pattern} rate of {subject} {workload} {placement} of {threads} threads that keeps \
         {p99_ns_max} ns"
    )
}

fn check_verified_once(inputs: &[Input]) -> Result<(), MergeError> {
    let verified = |Evidence { verification, verifications, .. }: &Evidence| {
        verification.is_some() || !verifications.is_empty()
    };
    let hunted =
        |Evidence { fault_hunt, faults, .. }: &Evidence| fault_hunt.is_some() || !faults.is_empty();
    at_most_one("verification", inputs, verified)?;
    at_most_one("fault_hunt", inputs, hunted)
}

fn at_most_one(
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

/// Adds one more part, or several if it is itself merged.
fn append(merged: &mut Evidence, added: Evidence) {
    // No `..` here: whoever adds a field to evidence decides what merging does to it.
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
    // What does not go together does so on no machine, and a subject is the same on all of them.
    unite(&mut merged.skipped, skipped);
    unite(&mut merged.subjects, subjects);
    merged.latency_checks = together(merged.latency_checks.take(), latency_checks);
    warnings.retain(|warning| *warning != Warning::IncompleteMerge);
    merged.parts.push(Part { machine, certificate, same_twice, config, warnings });
    merged.parts.extend(parts);
    merged.verification = merged.verification.take().or(verification);
    merged.verifications.extend(verifications);
    merged.fault_hunt = merged.fault_hunt.take().or(fault_hunt);
    merged.faults.extend(faults);
}

/// Adds what is not there yet.
fn unite<T: PartialEq>(into: &mut Vec<T>, from: Vec<T>) {
    for each in from {
        if !into.contains(&each) {
            into.push(each);
        }
    }
}

/// What came of checking both.
fn together(one: Option<Checks>, other: Option<Checks>) -> Option<Checks> {
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
