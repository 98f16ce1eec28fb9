//! One slice: one subject, made fresh, under one load for a moment, untimed but for its ends.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use shardproof_evidence::Checks;
use shardproof_machine::cpu_time;
use shardproof_subject::{Subject, SubjectVisitor};
use shardproof_trace::allocations;
use shardproof_workload::{OperationKind, Stream};

use crate::crew::{self, Brought, Task, until_steady};
use crate::gate::Gate;
use crate::load::Load;
use crate::worker::Worker;

/// What came of one slice.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Slice {
    /// Operations per second, summed over the workers.
    pub throughput_ops_s: f64,
    /// Allocations per operation in the timed loops.
    pub allocations_per_op: Option<f64>,
    /// Processor time of the workers per operation.
    pub cpu_ns_per_op: Option<f64>,
    /// Part of the time in which workers were on a processor.
    pub on_cpu_share: Option<f64>,
    /// Between the first worker's start and the last one's.
    pub start_skew_ns: f64,
    /// Transactions that met a conflict per operation; none where there are no transactions.
    pub conflicts_per_op: Option<f64>,
    /// What came of checking the subject's answers.
    pub checks: Checks,
}

/// Puts whatever subject it visits under the load.
impl SubjectVisitor for Load<'_> {
    type Output = Slice;

    fn visit<S: Subject>(self, create: impl Fn() -> S) -> Slice {
        let _offset = black_box(self.offset());
        slice(&create(), &self)
    }
}

/// Puts a fresh subject under a load. Each worker fills its runs and runs its stream until its pace
/// is steady; then all start together and run their streams over and over until they are stopped.
/// When all have stopped, and no clock runs any more, each checks every key of its runs.
///
/// # Panics
/// When the subject refuses a put, and without a stream.
pub fn slice<S: Subject>(subject: &S, load: &Load<'_>) -> Slice {
    let Brought { found, checks } = crew::send(subject, load, &Untimed { load });
    // Counted from the first start: a worker that had no core yet was waiting, not resting.
    let starts = || found.iter().map(|tally| tally.start);
    let (first, last) = (starts().min(), starts().max());
    let (first, last) = first.zip(last).expect("at least one stream");
    let operations = found.iter().map(|tally| tally.operations).sum::<u64>() as f64;
    let per_op = |sum: Option<u64>| sum.map(|sum| sum as f64 / operations);
    let cpu: Option<Duration> = found.iter().map(|tally| tally.counts.cpu).sum();
    let wall: Duration = found.iter().map(|tally| tally.end - tally.start).sum();
    Slice {
        throughput_ops_s: found.iter().map(|tally| tally.throughput_ops_s(first)).sum(),
        allocations_per_op: per_op(found.iter().map(|tally| tally.counts.allocations).sum()),
        cpu_ns_per_op: cpu.map(|cpu| cpu.as_nanos() as f64 / operations),
        on_cpu_share: cpu.map(|cpu| (cpu.as_secs_f64() / wall.as_secs_f64()).min(1.0)),
        start_skew_ns: (last - first).as_nanos() as f64,
        conflicts_per_op: per_op(found.iter().map(|tally| tally.counts.conflicts).sum()),
        checks,
    }
}

/// Runs operations and counts them, and reads no clock in between.
struct Untimed<'a> {
    /// The load.
    load: &'a Load<'a>,
}

/// What one worker did, in its own locals until the end: no worker writes near another.
struct Tally {
    /// Operations between the two readings of the clock.
    operations: u64,
    /// When it began with its stream.
    start: Instant,
    /// When it stopped.
    end: Instant,
    /// What it used up in between.
    counts: Counts,
}

impl Tally {
    fn throughput_ops_s(&self, start: Instant) -> f64 {
        self.operations as f64 / (self.end - start).as_secs_f64()
    }
}

impl Task for Untimed<'_> {
    type Tools = ();
    type Found = Tally;

    fn warm_up<S: Subject>(&self, worker: &mut Worker<'_, S>, thread: usize) -> ((), u64) {
        let stream = &self.load.streams[thread];
        let passes = until_steady(|| {
            for batch in stream.operations().chunks_exact(stream.batch()) {
                black_box(worker.run_batch(batch));
            }
        });
        ((), passes * stream.operations().len() as u64)
    }

    fn work<S: Subject>(
        &self,
        worker: &mut Worker<'_, S>,
        thread: usize,
        (): (),
        gate: &Gate,
    ) -> (Tally, u64) {
        let stream = &self.load.streams[thread];
        let batch_length = stream.batch();
        let counts_before = Counts::of(worker, stream);
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
        let counts = Counts::of(worker, stream).since(counts_before);
        (Tally { operations, start, end, counts }, operations)
    }
}

/// What a worker's thread has used up.
#[derive(Clone, Copy)]
struct Counts {
    /// Processor time.
    cpu: Option<Duration>,
    /// Allocations.
    allocations: Option<u64>,
    /// Transactions that met a conflict; none where there are no transactions.
    conflicts: Option<u64>,
}

impl Counts {
    /// So far.
    fn of<S: Subject>(worker: &Worker<'_, S>, stream: &Stream) -> Self {
        Self {
            cpu: cpu_time::of_this_thread(),
            allocations: allocations::on_this_thread(),
            conflicts: stream.has(OperationKind::Transaction).then(|| worker.conflicts()),
        }
    }

    fn since(self, before: Self) -> Self {
        let less = |now: Option<u64>, before: Option<u64>| Some(now? - before?);
        Self {
            cpu: self.cpu.zip(before.cpu).map(|(now, before)| now.saturating_sub(before)),
            allocations: less(self.allocations, before.allocations),
            conflicts: less(self.conflicts, before.conflicts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shardproof_subject::SubjectName;
    use shardproof_workload::{KeySet, Mix, Placement, Workload};

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
            let load = Load::new(streams, keys, Duration::from_millis(1));
            name.visit(Load { placement: *placement, layout: 3, ..load })
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
