//! What a plan needs of memory and time, worked out before anything starts.
//!
//! Limits on each field of a workload do not keep their product small: a mebibyte is a fair value,
//! ten thousand are a fair number of keys, and together they are ten gigabytes for each thread.

use std::collections::BTreeMap;
use std::time::Duration;

use sharded_store::{Key, Value};
use shardproof_base::text;
use shardproof_subject::SubjectName;
use shardproof_workload::{
    KeyAccess, LastWrite, Operation, OperationKind, Placement, Roles, Settings, Stream, WriteAgo,
};

use crate::plan::{CellId, LatencyCell, Plan, PlanError, Section};
use crate::profile::budget;

/// What one entry takes beside a key and a value that are kept in place: the largest of the
/// subjects, with the room that a table has while it grows.
const ENTRY_BYTES: u64 = 256;
/// What a run takes beside its entries, in the largest of the subjects.
const RUN_BYTES: u64 = 2_048;
/// What an allocation takes beside its bytes.
const ALLOCATION_BYTES: u64 = 32;
/// What a histogram of latencies takes; a thread has one for each kind of operation and interval.
const HISTOGRAM_BYTES: u64 = 256 << 10;
/// Keys that a thread inserts in a second at most.
const INSERTS_S: f64 = 3e6;
/// Time to fill and to check one entry more than [`ENTRIES_IN_SET_UP`] of a thread.
const ENTRY_TIME: Duration = Duration::from_nanos(800);
/// Entries of a thread whose time is part of what every cell takes to set up.
const ENTRIES_IN_SET_UP: u64 = 10_000;
/// Time to write one byte of a value that is allocated.
const BYTE_TIME_NS: f64 = 0.3;
/// The longest that a measurement may be planned to take: a longer one is a mistake.
const TIME_MAX: Duration = Duration::from_secs(24 * 3_600);

/// The memory that a plan needs at its largest moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// What is measured at that moment, as a message names it.
    pub what: String,
    /// Bytes, with what is kept from the beginning to the end.
    pub bytes: u64,
    /// The setting that it depends on most.
    pub setting: &'static str,
}

impl Plan {
    /// Refuses a plan that needs more than four fifths of `available` bytes of memory, or more than
    /// a day. A fifth is left for what the estimate leaves out, and for other programs.
    ///
    /// # Errors
    /// [`PlanError::Memory`], [`PlanError::Time`].
    pub fn check_resources(&self, available: Option<u64>) -> Result<(), PlanError> {
        let need = self.memory_need();
        let is_too_little = |available: &u64| need.bytes > available / 5 * 4;
        if let Some(available) = available.filter(is_too_little) {
            let Need { what, bytes: needed, setting } = need;
            return Err(PlanError::Memory { what, needed, available, setting });
        }
        let estimate = self.estimate();
        let longest = self.every_cell().max_by_key(|cell| self.set_up(cell));
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

    /// The memory that is needed at the largest moment: what all cells are fed with, and the
    /// largest cell or store beside it.
    #[must_use]
    pub fn memory_need(&self) -> Need {
        let kept = self.inputs_bytes();
        let cells = self.cells.iter().map(|cell| (*cell, 0));
        let timed = self.latencies.iter().map(|it| (it.cell, self.recording_bytes(it)));
        let searched = self.searches.iter().map(|it| (it.cell, 0));
        let of_cells = cells.chain(timed).chain(searched).map(|(cell, recording)| Need {
            what: self.name_of(cell),
            bytes: self.cell_bytes(&cell).saturating_add(recording),
            setting: setting_of(self.settings(&cell)),
        });
        let alone = self.alone_in(Section::Snapshots).into_iter().map(|name| Need {
            what: format!("the section snapshots, for {name},"),
            bytes: self.snapshot_bytes(name),
            setting: "--sections or --profile",
        });
        let largest = of_cells.chain(alone).max_by_key(|need| need.bytes);
        let largest = largest.unwrap_or_else(|| Need {
            what: "the measurement".to_owned(),
            bytes: 0,
            setting: "--sections",
        });
        let bytes = largest.bytes.saturating_add(kept);
        if kept > largest.bytes {
            let what = format!("the operation streams of all cells ({})", text::bytes(kept));
            return Need { what, bytes, setting: "--threads, or the number of --workloads" };
        }
        Need { bytes, ..largest }
    }

    /// Keys and operation streams of all cells, which are made before the first starts.
    fn inputs_bytes(&self) -> u64 {
        let mut threads: BTreeMap<(usize, Placement), usize> = BTreeMap::new();
        for cell in self.every_cell() {
            let runs = self.settings(&cell).runs_per_thread;
            let most =
                threads.entry((cell.workload, cell.placement.for_streams(runs))).or_default();
            *most = cell.threads.max(*most);
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

    /// A subject of one cell, filled, at the end of its slice; and what its workers remember to
    /// check its answers.
    fn cell_bytes(&self, cell: &CellId) -> u64 {
        let settings = self.settings(cell);
        if cell.subject == SubjectName::Floor {
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
            // One older version of each key is kept for it.
            entries = entries.saturating_mul(2);
        }
        let entry = ENTRY_BYTES + key_heap_bytes(settings) + value_heap_bytes(settings);
        let remembered = size_of::<LastWrite>() as u64 * settings.keys_per_run as u64;
        entries
            .saturating_mul(entry)
            .saturating_add(runs.saturating_mul(RUN_BYTES))
            .saturating_add(remembered.saturating_mul(cell.threads as u64))
    }

    /// When operations are due, and how long they took.
    fn recording_bytes(&self, LatencyCell { cell, arrivals }: &LatencyCell) -> u64 {
        let kinds = self.settings(cell).mix.shares().count() as u64 + 1;
        let due = arrivals.map_or(0, |arrivals| {
            let slice = arrivals.slice(budget(self.profile).open_slice, cell.threads);
            // As nanoseconds first, and then as ticks.
            arrivals.count_in(slice) as u64 * 16
        });
        due + kinds * HISTOGRAM_BYTES * cell.threads as u64
    }

    /// The largest store whose snapshots are taken, with the copy that a snapshot may be.
    fn snapshot_bytes(&self, name: SubjectName) -> u64 {
        let (most, _) = name.snapshot_keys_max();
        let sizes = budget(self.profile).snapshot_keys.iter();
        let keys = sizes.map(|keys| *keys.min(&most)).max().unwrap_or(0) as u64;
        let copies = if name == SubjectName::Unified { 2 } else { 1 };
        keys * (ENTRY_BYTES * copies + size_of::<Key>() as u64)
    }

    /// About how long it takes to make, fill, warm up and check one cell, once.
    pub(super) fn set_up(&self, cell: &CellId) -> Duration {
        let settings = self.settings(cell);
        let least = super::describe::SET_UP_PER_THREAD * cell.threads as u32;
        let entries = runs_of(cell, settings).saturating_mul(settings.keys_per_run as u64);
        let usual = ENTRIES_IN_SET_UP * cell.threads as u64;
        let more = ENTRY_TIME.as_secs_f64() * entries.saturating_sub(usual) as f64;
        // Filled once, and written by one pass over the stream, which warms up.
        let written = entries as f64 + writes_per_pass(settings) * cell.threads as f64;
        let bytes = written * value_heap_bytes(settings) as f64 * BYTE_TIME_NS * 1e-9;
        // Threads fill their runs side by side, as far as there are cores.
        let at_once = cell.threads.clamp(1, self.cores.max(1)) as f64;
        least + seconds((more + bytes) / at_once)
    }

    /// The shortest slice of a cell: workers look whether to stop after each batch only.
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

/// Runs of a cell, one for each map of a subject whose threads share none.
fn runs_of(cell: &CellId, settings: &Settings) -> u64 {
    let threads = cell.threads as u64;
    let own = if cell.placement.has_own_runs() { settings.runs_per_thread as u64 } else { 0 };
    let common = match cell.placement.has_shared_run() {
        true if cell.subject == SubjectName::Ceiling => threads,
        common => u64::from(common),
    };
    own * threads + common
}

fn stream_bytes(settings: &Settings) -> u64 {
    let operations = Stream::lengths_for(settings.mix).0 as u64;
    let operation = (size_of::<Operation>() + size_of::<WriteAgo>()) as u64;
    let has = |kind| settings.mix.has(kind);
    let has_parts = has(OperationKind::Apply) || has(OperationKind::Snapshot);
    let parts = if has_parts { Stream::OPERATIONS as u64 } else { 0 };
    let key = key_heap_bytes(settings);
    operations * (operation + key) + parts * (size_of::<KeyAccess>() as u64 + key)
}

/// Operations of one pass over a stream that write a value.
fn writes_per_pass(settings: &Settings) -> f64 {
    let of_kind = |(kind, share): (OperationKind, u8)| match kind {
        OperationKind::Apply => f64::from(share) * settings.writes_per_apply as f64,
        kind if kind.is_write() && kind != OperationKind::Delete => f64::from(share),
        _ => 0.0,
    };
    let (operations, _) = Stream::lengths_for(settings.mix);
    settings.mix.shares().map(of_kind).sum::<f64>() / 100.0 * operations as f64
}

/// What a key takes that is too long to be kept in place.
fn key_heap_bytes(settings: &Settings) -> u64 {
    let (_, longest) = settings.key_shape.bytes_range();
    // Without a length of their own, keys of every shape are kept in place.
    match settings.key_bytes.map(|bytes| bytes.min(longest)) {
        Some(bytes) if bytes > Key::INLINE_BYTES_MAX => bytes as u64 + ALLOCATION_BYTES,
        _ => 0,
    }
}

/// What a value takes, on average, that is too long to be kept in place.
fn value_heap_bytes(settings: &Settings) -> u64 {
    let sizes = &settings.value_bytes;
    if sizes.max() as usize <= Value::INLINE_BYTES_MAX {
        return 0;
    }
    sizes.mean().ceil() as u64 + ALLOCATION_BYTES
}

/// The setting that what a workload takes depends on most.
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

    const GIB: u64 = 1 << 30;

    /// The plan of one workload on two cores, at most two threads.
    fn plan(workload: &str) -> Plan {
        let workloads: Vec<Workload> = vec![workload.parse().unwrap()];
        Request { profile: Profile::Smoke, workloads, ..Request::default() }.plan(2).unwrap()
    }

    fn refusal(workload: &str, available: u64) -> String {
        plan(workload).check_resources(Some(available)).unwrap_err().to_string()
    }

    #[test]
    fn every_profile_fits_two_gigabytes_on_a_small_machine() {
        for profile in Profile::ALL {
            let plan = Request { profile, ..Request::default() }.plan(4).unwrap();
            let need = plan.memory_need();
            plan.check_resources(Some(2 * GIB))
                .unwrap_or_else(|error| panic!("{profile}: {error}"));
            assert!(need.bytes > 10 << 20, "{profile}: {need:?}");
        }
    }

    #[test]
    fn a_product_of_fair_settings_that_does_not_fit_is_refused_with_the_setting_to_lower() {
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
        // A history of one version for each key.
        let held = plan("get50-put50+keys_per_run=4000000+roles=held-snapshot").memory_need();
        let free = plan("get50-put50+keys_per_run=4000000").memory_need();
        assert!(held.bytes > free.bytes + free.bytes / 2, "{held:?} {free:?}");
        // Where nobody knows what is available, nobody can say that it is too much.
        plan("put100+value_bytes=1048576").check_resources(None).unwrap();
    }

    #[test]
    fn streams_of_many_threads_are_held_against_memory_too() {
        let threads = vec![256];
        let mixes = (1..50).map(|puts| format!("get{}-put{puts}", 100 - puts));
        let workloads = mixes.map(|mix| mix.parse().unwrap()).collect();
        let placements = vec![Placement::Disjoint, Placement::Hot];
        let request = Request { threads, workloads, placements, ..Request::default() };
        let error =
            request.plan(2).unwrap().check_resources(Some(2 * GIB)).unwrap_err().to_string();
        assert!(error.contains("operation streams") && error.contains("--threads"), "{error}");
    }

    #[test]
    fn the_snapshots_of_a_subject_count_though_no_cell_is_measured() {
        let request = Request { sections: vec![Section::Snapshots], ..Request::default() };
        let error =
            request.plan(2).unwrap().check_resources(Some(1 << 20)).unwrap_err().to_string();
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
    fn what_would_take_more_than_a_day_is_refused_with_the_cell_that_takes_longest() {
        let workloads = vec!["get100+keys_per_run=100000000+runs_per_thread=10".parse().unwrap()];
        let request = Request { profile: Profile::Full, workloads, ..Request::default() };
        let error = request.plan(2).unwrap().check_resources(None).unwrap_err().to_string();
        for part in ["24.0 h", "keys_per_run=100000000", "lower keys_per_run", "--filter"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
