//! One slice: one subject, made fresh, under one load for a moment.

use std::hint::black_box;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::evidence::Checks;
use crate::measure::check::Told;
use crate::measure::gate::Gate;
use crate::measure::worker::Worker;
use crate::subject::{Subject, SubjectVisitor};
use crate::trace::allocations;
use crate::workload::{KeySet, Placement, Runs, Stream};

/// A load: one worker per stream.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The operations of each worker.
    pub streams: &'a [Stream],
    /// Who works in which run: the placement that the streams were made for, or one that they serve.
    pub placement: Placement,
    /// Decides which runs these are.
    pub layout: u64,
    /// The keys that each run is filled with.
    pub keys: &'a KeySet,
    /// How long the workers work.
    pub slice: Duration,
    /// Bytes allocated before the subject is made, to move it in memory.
    pub heap_offset_bytes: usize,
}

impl Load<'_> {
    /// The runs of each worker. Each asks for itself: a placement may depend on the subject.
    pub(crate) fn runs<S: Subject>(&self, subject: &S) -> Runs {
        let runs_per_thread = self.streams.first().map_or(1, Stream::runs_per_thread);
        let threads = (self.streams.len(), runs_per_thread);
        Runs::new(self.placement, self.layout, threads, |run| subject.directory_shard(run))
    }
}

/// What came of one slice.
#[derive(Clone, PartialEq, Debug)]
pub struct Slice {
    /// Operations per second, summed over the workers.
    pub throughput_ops_s: f64,
    /// Allocations per operation in the timed loops.
    pub allocations_per_op: Option<f64>,
    /// What came of checking the subject's answers.
    pub checks: Checks,
}

/// Puts whatever subject it visits under the load.
impl SubjectVisitor for Load<'_> {
    type Output = Slice;

    fn visit<S: Subject>(self, create: impl Fn() -> S) -> Slice {
        let _offset = black_box(vec![0u8; self.heap_offset_bytes]);
        slice(&create(), &self)
    }
}

/// Puts a fresh subject under a load. Each worker fills its runs and runs its stream once to warm
/// up; then all start together and run their streams over and over until they are stopped. When
/// all have stopped, and no clock runs any more, each checks every key of its runs.
///
/// # Panics
/// When the subject refuses a write, or cannot do what the streams ask for; and without a stream.
pub fn slice<S: Subject>(subject: &S, load: &Load<'_>) -> Slice {
    let workers = load.streams.len();
    let site = Site { gate: Gate::new(workers), last_writes: vec![OnceLock::new(); workers] };
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let site = &site;
        let workers: Vec<_> = (0..workers)
            .map(|thread| scope.spawn(move || work(subject, thread, load, site)))
            .collect();
        site.gate.await_meeting(START);
        thread::sleep(load.slice);
        site.gate.stop();
        workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    // Counted from the first start: a worker that had no core yet was waiting, not resting.
    let start = tallies.iter().map(|tally| tally.start).min().expect("at least one stream");
    let operations: u64 = tallies.iter().map(|tally| tally.operations).sum();
    let allocations: Option<u64> = tallies.iter().map(|tally| tally.allocations).sum();
    let throughput_ops_s = tallies.iter().map(|tally| tally.throughput_ops_s(start)).sum();
    let exemption = S::KEEPS.exemption().or_else(|| load.streams[0].exemption());
    let mut checks = Checks { exemption: exemption.map(str::to_owned), ..Checks::default() };
    for tally in tallies {
        checks.extend(tally.checks);
    }
    let allocations_per_op = allocations.map(|count| count as f64 / operations as f64);
    Slice { throughput_ops_s, allocations_per_op, checks }
}

/// The meeting after which all runs are filled.
const FILLED: usize = 1;
/// The meeting at which the clocks start.
const START: usize = 2;
/// The meeting after which nobody writes any more.
const REST: usize = 3;

/// Where the workers of a slice meet.
struct Site {
    /// Keeps them together.
    gate: Gate,
    /// Each worker's last write to each key that others may have written too, told before the meeting
    /// at rest.
    last_writes: Vec<OnceLock<Told>>,
}

/// What one worker did, in its own locals until the end: no worker writes near another.
struct Tally {
    /// Operations between the two readings of the clock.
    operations: u64,
    /// When it began with its stream.
    start: Instant,
    /// When it stopped.
    end: Instant,
    /// Allocations in between.
    allocations: Option<u64>,
    /// What came of checking, outside that time included.
    checks: Checks,
}

impl Tally {
    fn throughput_ops_s(&self, start: Instant) -> f64 {
        self.operations as f64 / (self.end - start).as_secs_f64()
    }
}

fn work<S: Subject>(subject: &S, thread: usize, load: &Load<'_>, site: &Site) -> Tally {
    let gate = &site.gate;
    let _guard = gate.guard();
    let stream = &load.streams[thread];
    let mut worker = Worker::new(subject, thread, load);
    worker.fill();
    gate.meet(FILLED);
    let held = worker.hold_snapshot();
    let batch_length = stream.batch();
    for batch in stream.operations().chunks_exact(batch_length) {
        black_box(worker.run_batch(batch));
    }
    let allocations_before = allocations::on_this_thread();
    gate.meet(START);

    let start = Instant::now();
    let mut digest = 0;
    let mut operations = 0;
    'timed: loop {
        for batch in stream.operations().chunks_exact(batch_length) {
            digest ^= worker.run_batch(batch);
            operations += batch_length as u64;
            if gate.is_stopped() {
                break 'timed;
            }
        }
    }
    let end = Instant::now();
    black_box(digest);
    drop(held);
    let allocations =
        allocations::on_this_thread().zip(allocations_before).map(|(after, before)| after - before);

    let all_operations = operations + Stream::OPERATIONS as u64;
    worker.tell_last_writes(all_operations, &site.last_writes[thread]);
    gate.meet(REST);
    worker.check_at_rest(all_operations, &site.last_writes);
    Tally { operations, start, end, allocations, checks: worker.into_checks() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::SubjectName;
    use crate::workload::{Mix, OperationKind, Workload};

    /// What two workers are given to do.
    struct Inputs {
        streams: [Stream; 2],
        keys: KeySet,
        placement: Placement,
    }

    impl Inputs {
        fn new(workload: &Workload, placement: Placement) -> Self {
            let keys = workload.key_set();
            let streams = [0, 1].map(|thread| Stream::of(1, workload, placement, thread, &keys));
            Self { streams, keys, placement }
        }

        /// One short slice.
        fn observe(&self, name: SubjectName) -> Slice {
            let Self { streams, keys, placement } = self;
            let (placement, slice) = (*placement, Duration::from_millis(1));
            name.visit(Load { streams, placement, layout: 1, keys, slice, heap_offset_bytes: 48 })
        }
    }

    fn small(text: &str) -> Workload {
        format!("{text}+keys_per_run=100").parse().unwrap()
    }

    #[test]
    fn every_built_in_subject_works_and_answers_right_under_every_placement_and_mix() {
        for mix in [0, 50, 100].map(Mix::with_puts) {
            let workload = small(&mix.to_string());
            for (name, placement) in
                SubjectName::ALL.iter().flat_map(|name| Placement::ALL.map(|it| (*name, it)))
            {
                let inputs = Inputs::new(&workload, placement);
                let samples: usize = inputs.streams.iter().map(|it| it.samples().len()).sum();
                let slice = inputs.observe(name);
                assert!(slice.throughput_ops_s.is_finite() && slice.throughput_ops_s > 0.0);
                assert_eq!(slice.allocations_per_op, None, "not counted here");
                let Checks { checked, failed, first_failure, exemption } = slice.checks;
                assert_eq!((failed, first_failure), (0, None), "{name} {placement} {mix}");
                // Two workers at rest, and under load each of their samples at least once.
                let least = 2 * 100 + samples as u64;
                let is_floor = name == SubjectName::Floor;
                assert!(if is_floor { checked == 0 } else { checked > least }, "{name}: {checked}");
                assert_eq!(exemption.is_some(), is_floor);
            }
        }
    }

    #[test]
    fn every_kind_of_operation_is_answered_right_by_every_subject_that_can_do_it() {
        let each = OperationKind::ALL.map(|kind| format!("get50-{kind}50"));
        let each = each.into_iter().filter(|mix| mix != "get50-get50");
        let all = "get20-miss4-put20-insert10-delete10-contains5-list5-count1-apply5-snapshot5\
                   -transaction10-rmw5";
        let without_transactions = "get30-put20-insert10-delete10-list5-apply5-snapshot5-rmw15";
        let mixes = each.chain([all, without_transactions].map(str::to_owned));
        let workloads = mixes.map(|mix| small(&mix)).chain([
            small("get50-transaction20-delete30+runs_per_thread=3"),
            small("apply30-delete30-get40+runs_per_thread=3+writes_per_apply=4"),
            small("get50-put50+roles=held-snapshot"),
            small("get40-contains10-put20-delete30+roles=one-writer"),
            small("get50-put25-insert25+keys=latest+key_shape=user"),
            small("get50-put50+value_bytes=40:1,100:1,5000:1+key_bytes=30"),
            small("get50-put30-delete20+keys=zipf+key_shape=shifted"),
        ]);
        let mixed = "disjoint60-shared40".parse().unwrap();
        for workload in workloads {
            for placement in [Placement::Disjoint, Placement::Hot, mixed] {
                let inputs = Inputs::new(&workload, placement);
                let able = |name: &&SubjectName| name.able(&workload).is_ok();
                for &name in SubjectName::ALL.iter().filter(able) {
                    if name == SubjectName::Floor {
                        continue;
                    }
                    let checks = inputs.observe(name).checks;
                    let found = (checks.failed, checks.first_failure);
                    assert_eq!(found, (0, None), "{name} {workload} {placement}");
                    assert!(checks.checked >= 200 && checks.exemption.is_none());
                }
            }
        }
    }

    #[test]
    fn values_too_short_for_a_seal_are_exempt_with_the_reason() {
        let workload = small("get50-put50+value_bytes=8..100");
        let inputs = Inputs::new(&workload, Placement::Shared);
        let checks = inputs.observe(SubjectName::Sharded).checks;
        assert_eq!(checks.checked, 0);
        assert!(checks.exemption.unwrap().contains("below 40 bytes"));
    }
}
