//! Estimates the memory and time that a plan needs, before anything starts.
//!
//! Limits on each field of a workload do not limit their product: values of a mebibyte are
//! reasonable, and so are ten thousand keys, but together they are ten gigabytes per thread.

use std::collections::BTreeMap;
use std::time::Duration;

use sharded_store::{Key, Value};
use shardproof_base::text;
use shardproof_subject::{Description, Visibility};
use shardproof_workload::{
    KeyAccess, LastWrite, Operation, OperationKind, Placement, Roles, Settings, Stream, WriteAgo,
};

use crate::MeasureSubject;
use crate::plan::{CellId, LatencyCell, Plan, PlanError, Section};
use crate::profile::budget;

/// Bytes of an entry with inline key and value, in the subject that needs most, with the free space
/// of a growing table.
const ENTRY_BYTES: u64 = 256;
/// Bytes of a run without its entries, in the subject that needs most.
const RUN_BYTES: u64 = 2_048;
/// Overhead of an allocation in bytes.
const ALLOCATION_BYTES: u64 = 32;
/// Bytes of a latency histogram; a thread has one for each kind of operation and interval.
const HISTOGRAM_BYTES: u64 = 256 << 10;
/// The most keys that a thread inserts per second.
const INSERTS_S: f64 = 3e6;
/// Time to fill and check one entry beyond the first [`ENTRIES_IN_SET_UP`] of a thread.
const ENTRY_TIME: Duration = Duration::from_nanos(800);
/// Entries per thread that the set-up time of every cell already includes.
const ENTRIES_IN_SET_UP: u64 = 10_000;
/// Time to write one byte of a heap-allocated value.
const BYTE_TIME_NS: f64 = 0.3;
/// The longest planned time of a measurement: more is a mistake.
const TIME_MAX: Duration = Duration::from_secs(24 * 3_600);

/// The peak memory of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemoryNeed {
    /// What is measured at the peak, as error messages name it.
    pub what: String,
    /// Bytes, including what is kept during the whole measurement.
    pub bytes: u64,
    /// The setting that has most influence.
    pub setting: &'static str,
}

impl Plan {
    /// Refuses a plan that needs more than four fifths of `available` bytes of memory, or more than
    /// a day. The last fifth is for what the estimate ignores, and for other programs.
    ///
    /// # Errors
    /// [`PlanError::Memory`], [`PlanError::Time`].
    pub fn check_resources(&self, available: Option<u64>) -> Result<(), PlanError> {
        let need = self.memory_need();
        let is_exceeded = |available: &u64| need.bytes > available / 5 * 4;
        if let Some(available) = available.filter(is_exceeded) {
            let MemoryNeed { what, bytes: needed, setting } = need;
            return Err(PlanError::Memory { what, needed, available, setting });
        }
        let estimate = self.estimate();
        let longest = self.all_cells().max_by_key(|cell| self.set_up(cell));
        match longest.filter(|_| estimate > TIME_MAX) {
            None => Ok(()),
            Some(cell) => Err(PlanError::Time {
                cell: self.name_of(cell),
                round: self.set_up(&cell),
                estimate,
                limit: TIME_MAX,
                setting: setting_of(self.settings(&cell)),
            }),
        }
    }

    /// The peak memory: the inputs of all cells, plus the largest cell or store.
    #[must_use]
    pub fn memory_need(&self) -> MemoryNeed {
        let kept = self.inputs_bytes();
        let cells = self.cells.iter().map(|cell| (*cell, 0));
        let timed = self.latencies.iter().map(|it| (it.cell, self.recording_bytes(it)));
        let searched = self.searches.iter().map(|it| (it.cell, 0));
        let of_cells = cells.chain(timed).chain(searched).map(|(cell, recording)| MemoryNeed {
            what: self.name_of(cell),
            bytes: self.cell_bytes(&cell).saturating_add(recording),
            setting: setting_of(self.settings(&cell)),
        });
        let alone = self.alone_in(Section::Snapshots).into_iter().map(|name| MemoryNeed {
            what: format!("the section snapshots, for {name},"),
            bytes: self.snapshot_bytes(name),
            setting: "--sections or --profile",
        });
        let largest = of_cells.chain(alone).max_by_key(|need| need.bytes);
        let largest = largest.unwrap_or_else(|| MemoryNeed {
            what: "the measurement".to_owned(),
            bytes: 0,
            setting: "--sections",
        });
        let bytes = largest.bytes.saturating_add(kept);
        if kept > largest.bytes {
            let what = format!("the operation streams of all cells ({})", text::bytes(kept));
            return MemoryNeed { what, bytes, setting: "--threads, or the number of --workloads" };
        }
        MemoryNeed { bytes, ..largest }
    }

    /// Bytes of the keys and operation streams of all cells, which are made before the first
    /// starts.
    fn inputs_bytes(&self) -> u64 {
        let mut threads: BTreeMap<(usize, Placement), usize> = BTreeMap::new();
        for cell in self.all_cells() {
            let runs = self.settings(&cell).runs_per_thread;
            let threads_max =
                threads.entry((cell.workload, cell.placement.for_streams(runs))).or_default();
            *threads_max = cell.threads.max(*threads_max);
        }
        let streams = threads.iter().map(|((workload, _), threads)| {
            stream_bytes(self.workloads[*workload].settings()) * *threads as u64
        });
        let keys = self.workloads.iter().map(|it| {
            let Settings { keys_per_run, .. } = *it.settings();
            (size_of::<Key>() as u64 + key_heap_bytes(it.settings())) * keys_per_run as u64
        });
        streams.chain(keys).fold(0, u64::saturating_add)
    }

    /// Bytes of a cell's subject at the end of its slice, and of what its workers record to check
    /// answers.
    fn cell_bytes(&self, cell: &CellId) -> u64 {
        let settings = self.settings(cell);
        if cell.subject.visibility() == Visibility::None {
            return 0;
        }
        let runs = runs_of(cell, settings);
        let filled = runs.saturating_mul(settings.keys_per_run as u64);
        let slice = budget(self.profile).slice.1.as_secs_f64();
        let (operations, _) = Stream::lengths_for(settings.mix);
        let passes = 2 * operations;
        let inserted = settings.mix.share(OperationKind::Insert) as f64 / 100.0
            * (INSERTS_S * slice + passes as f64)
            * cell.threads as f64;
        let mut entries = filled.saturating_add(inserted as u64);
        if settings.roles == Roles::HeldSnapshot {
            // The snapshot keeps one older version of each key.
            entries = entries.saturating_mul(2);
        }
        let entry = ENTRY_BYTES + key_heap_bytes(settings) + value_heap_bytes(settings);
        let recorded = size_of::<LastWrite>() as u64 * settings.keys_per_run as u64;
        entries
            .saturating_mul(entry)
            .saturating_add(runs.saturating_mul(RUN_BYTES))
            .saturating_add(recorded.saturating_mul(cell.threads as u64))
    }

    /// Bytes of the due times and histograms of a cell.
    fn recording_bytes(&self, LatencyCell { cell, arrivals }: &LatencyCell) -> u64 {
        let kinds = self.settings(cell).mix.shares().count() as u64 + 1;
        let due = arrivals.map_or(0, |arrivals| {
            let slice = arrivals.slice(budget(self.profile).open_slice, cell.threads);
            // Due times are stored once in nanoseconds and once in ticks.
            arrivals.count_in(slice) as u64 * 16
        });
        due + kinds * HISTOGRAM_BYTES * cell.threads as u64
    }

    /// Bytes of the largest store whose snapshots are measured, and of the snapshot if it is a
    /// copy.
    fn snapshot_bytes(&self, subject: MeasureSubject) -> u64 {
        let Description { ref snapshot_keys_max, copies_for_snapshots, .. } =
            *subject.description();
        let keys_max = snapshot_keys_max.as_ref().map_or(usize::MAX, |(keys, _)| *keys);
        let sizes = budget(self.profile).snapshot_keys.iter();
        let keys = sizes.map(|keys| *keys.min(&keys_max)).max().unwrap_or(0) as u64;
        let copies = if copies_for_snapshots { 2 } else { 1 };
        keys * (ENTRY_BYTES * copies + size_of::<Key>() as u64)
    }

    /// The estimated time to create, fill, warm up and check one cell once.
    pub(super) fn set_up(&self, cell: &CellId) -> Duration {
        let settings = self.settings(cell);
        let time_min = super::describe::SET_UP_PER_THREAD * cell.threads as u32;
        let entries = runs_of(cell, settings).saturating_mul(settings.keys_per_run as u64);
        let included = ENTRIES_IN_SET_UP * cell.threads as u64;
        let more = ENTRY_TIME.as_secs_f64() * entries.saturating_sub(included) as f64;
        // Values are written once to fill, and by one warm-up pass over the stream.
        let written = entries as f64 + writes_per_pass(settings) * cell.threads as f64;
        let bytes = written * value_heap_bytes(settings) as f64 * BYTE_TIME_NS * 1e-9;
        // Threads fill their runs in parallel, up to the number of cores.
        let parallel = cell.threads.clamp(1, self.cores.max(1)) as f64;
        time_min + seconds((more + bytes) / parallel)
    }

    /// The shortest slice of a cell: workers check whether to stop only after each batch.
    pub(super) fn slice_min(&self, cell: &CellId) -> Duration {
        let settings = self.settings(cell);
        let (operations, batch) = Stream::lengths_for(settings.mix);
        let written = writes_per_pass(settings) * batch as f64 / operations as f64;
        let bytes = written * value_heap_bytes(settings) as f64;
        seconds(bytes * BYTE_TIME_NS * 1e-9)
    }

    fn settings(&self, cell: &CellId) -> &Settings {
        self.workloads[cell.workload].settings()
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX / 1_000_000)
}

/// The number of runs in a cell. For a subject whose threads share nothing, a shared run counts
/// once per thread.
fn runs_of(cell: &CellId, settings: &Settings) -> u64 {
    let threads = cell.threads as u64;
    let own = if cell.placement.has_own_runs() { settings.runs_per_thread as u64 } else { 0 };
    let shared = match cell.placement.has_shared_run() {
        true if cell.subject.visibility() == Visibility::OwnSession => threads,
        is_shared => u64::from(is_shared),
    };
    own * threads + shared
}

fn stream_bytes(settings: &Settings) -> u64 {
    let operations = Stream::lengths_for(settings.mix).0 as u64;
    let operation = (size_of::<Operation>() + size_of::<WriteAgo>()) as u64;
    let has = |kind| settings.mix.has(kind);
    let has_accesses = has(OperationKind::Apply) || has(OperationKind::Snapshot);
    let accesses = if has_accesses { Stream::OPERATIONS as u64 } else { 0 };
    let key = key_heap_bytes(settings);
    operations * (operation + key) + accesses * (size_of::<KeyAccess>() as u64 + key)
}

/// The number of values that one pass over a stream writes.
fn writes_per_pass(settings: &Settings) -> f64 {
    let of_kind = |(kind, share): (OperationKind, u8)| match kind {
        OperationKind::Apply => f64::from(share) * settings.writes_per_apply as f64,
        kind if kind.is_write() && kind != OperationKind::Delete => f64::from(share),
        _ => 0.0,
    };
    let (operations, _) = Stream::lengths_for(settings.mix);
    settings.mix.shares().map(of_kind).sum::<f64>() / 100.0 * operations as f64
}

/// Heap bytes of a key; 0 if it is stored inline.
fn key_heap_bytes(settings: &Settings) -> u64 {
    let (_, longest) = settings.key_shape.bytes_range();
    // Keys of every shape are stored inline unless a length is given.
    match settings.key_bytes.map(|bytes| bytes.min(longest)) {
        Some(bytes) if bytes > Key::INLINE_BYTES_MAX => bytes as u64 + ALLOCATION_BYTES,
        _ => 0,
    }
}

/// The average heap bytes of a value; 0 if all values are stored inline.
fn value_heap_bytes(settings: &Settings) -> u64 {
    let sizes = &settings.value_bytes;
    if sizes.max() as usize <= Value::INLINE_BYTES_MAX {
        return 0;
    }
    sizes.mean().ceil() as u64 + ALLOCATION_BYTES
}

/// The setting with most influence on what a workload needs.
fn setting_of(settings: &Settings) -> &'static str {
    if settings.value_bytes.mean() > 1_000.0 {
        "value_bytes of the workload"
    } else if settings.keys_per_run as u64 > ENTRIES_IN_SET_UP {
        "keys_per_run of the workload"
    } else if settings.runs_per_thread > 1 {
        "runs_per_thread of the workload"
    } else {
        "--threads"
    }
}

#[cfg(test)]
mod tests {
    use shardproof_base::Profile;
    use shardproof_workload::Workload;

    use super::*;
    use crate::Request;
    use crate::test_subjects::all;

    const GIB: u64 = 1 << 30;

    /// The plan of one workload on two cores.
    fn plan(workload: &str) -> Plan {
        let workloads: Vec<Workload> = vec![workload.parse().unwrap()];
        Request { profile: Profile::Smoke, workloads, ..Request::default() }
            .plan(&all(), 2)
            .unwrap()
    }

    fn refusal(workload: &str, available: u64) -> String {
        plan(workload).check_resources(Some(available)).unwrap_err().to_string()
    }

    #[test]
    fn every_profile_fits_in_two_gibibytes_on_a_small_machine() {
        for profile in Profile::ALL {
            let plan = Request { profile, ..Request::default() }.plan(&all(), 4).unwrap();
            let need = plan.memory_need();
            plan.check_resources(Some(2 * GIB))
                .unwrap_or_else(|error| panic!("{profile}: {error}"));
            assert!(need.bytes > 10 << 20, "{profile}: {need:?}");
        }
    }

    #[test]
    fn a_plan_that_does_not_fit_in_memory_is_refused_with_the_setting_to_lower() {
        let error = refusal("put100+value_bytes=1048576", 8 * GIB);
        for part in ["put100+value_bytes=1048576/", "/2", "GiB", "8.0 GiB", "value_bytes"] {
            assert!(error.contains(part), "{error}");
        }
        let error = refusal("get100+keys_per_run=20000000", 8 * GIB);
        assert!(error.contains("lower keys_per_run"), "{error}");
        let error = refusal("get100+runs_per_thread=10000", 8 * GIB);
        assert!(error.contains("lower runs_per_thread"), "{error}");
        let error = refusal("get100+keys_per_run=1000000+key_bytes=1024", 2 * GIB);
        assert!(error.contains("lower keys_per_run"), "{error}");
        // The held snapshot keeps one version of each key.
        let held = plan("get50-put50+keys_per_run=4000000+roles=held-snapshot").memory_need();
        let free = plan("get50-put50+keys_per_run=4000000").memory_need();
        assert!(held.bytes > free.bytes + free.bytes / 2, "{held:?} {free:?}");
        // Without a known limit, nothing is refused.
        plan("put100+value_bytes=1048576").check_resources(None).unwrap();
    }

    #[test]
    fn streams_of_many_threads_count_as_memory() {
        let threads = vec![256];
        let mixes = (1..50).map(|puts| format!("get{}-put{puts}", 100 - puts));
        let workloads = mixes.map(|mix| mix.parse().unwrap()).collect();
        let placements = vec![Placement::Disjoint, Placement::Hot];
        let request = Request { threads, workloads, placements, ..Request::default() };
        let error = request
            .plan(&all(), 2)
            .unwrap()
            .check_resources(Some(2 * GIB))
            .unwrap_err()
            .to_string();
        assert!(error.contains("operation streams") && error.contains("--threads"), "{error}");
    }

    #[test]
    fn stores_for_snapshots_count_as_memory_even_without_cells() {
        let request = Request { sections: vec![Section::Snapshots], ..Request::default() };
        let error = request
            .plan(&all(), 2)
            .unwrap()
            .check_resources(Some(1 << 20))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("section snapshots, for ") && error.contains("--sections"),
            "{error}"
        );
    }

    #[test]
    fn the_estimate_includes_filling_and_warming_up() {
        let usual = plan("put100").estimate();
        assert!(usual < Duration::from_secs(20), "{usual:?}");
        let large = plan("put100+value_bytes=1048576").estimate();
        assert!(large > Duration::from_secs(600), "{large:?}");
        let many = plan("get100+keys_per_run=20000000").estimate();
        assert!(many > Duration::from_secs(600), "{many:?}");
    }

    #[test]
    fn a_plan_of_more_than_a_day_is_refused_with_the_slowest_cell() {
        let workloads = vec!["get100+keys_per_run=100000000+runs_per_thread=10".parse().unwrap()];
        let request = Request { profile: Profile::Full, workloads, ..Request::default() };
        let error = request.plan(&all(), 2).unwrap().check_resources(None).unwrap_err().to_string();
        for part in ["24.0 h", "keys_per_run=100000000", "lower keys_per_run", "--filter"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
