//! One slice of the throughput pass: a fresh subject under one load. The clock is read only at the
//! start and at the end.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use shardproof_evidence::Checks;
use shardproof_machine::cpu_time;
use shardproof_subject::Subject;
use shardproof_trace::allocations;
use shardproof_workload::{OperationKind, Stream};

use crate::load::Load;
use crate::spin_barrier::SpinBarrier;
use crate::worker::Worker;
use crate::worker_pool::{self, PoolResult, Task, until_steady};

/// What one slice has measured.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Slice {
    /// Operations per second, summed over the workers.
    pub throughput_ops_s: f64,
    /// Allocations per operation in the timed loops.
    pub allocations_per_op: Option<f64>,
    /// Processor time of the workers per operation; `None` where the system does not report it.
    pub cpu_ns_per_op: Option<f64>,
    /// The share of the time in which workers ran on a processor.
    pub on_cpu_share: Option<f64>,
    /// From the first worker's start to the last one's.
    pub start_skew_ns: f64,
    /// Transactions that failed with a conflict, per operation; `None` without transactions.
    pub conflicts_per_op: Option<f64>,
    /// The result of checking the subject's answers.
    pub checks: Checks,
}

impl Load<'_> {
    /// Puts a fresh subject under the load.
    pub(crate) fn slice_of_fresh<S: Subject>(self, create: &impl Fn() -> S) -> Slice {
        let _offset = black_box(self.offset());
        slice(&create(), &self)
    }
}

/// Puts a fresh subject under a load. Each worker fills its runs and repeats its stream until it is
/// steady; then all start together and repeat their streams until they are stopped. After all have
/// stopped, each checks every key of its runs, untimed.
///
/// # Panics
/// When the subject refuses a write, and when the load has no stream.
pub fn slice<S: Subject>(subject: &S, load: &Load<'_>) -> Slice {
    let PoolResult { outputs: tallies, checks } =
        worker_pool::run(subject, load, &ThroughputLoop { load });
    // From the first start: a worker that had no core yet was waiting, not idle.
    let starts = || tallies.iter().map(|tally| tally.start);
    let (first, last) = (starts().min(), starts().max());
    let (first, last) = first.zip(last).expect("at least one stream");
    let operations = tallies.iter().map(|tally| tally.operations).sum::<u64>() as f64;
    let per_op = |sum: Option<u64>| sum.map(|sum| sum as f64 / operations);
    let cpu: Option<Duration> = tallies.iter().map(|tally| tally.counts.cpu).sum();
    let wall: Duration = tallies.iter().map(|tally| tally.end - tally.start).sum();
    Slice {
        throughput_ops_s: tallies.iter().map(|tally| tally.throughput_ops_s(first)).sum(),
        allocations_per_op: per_op(tallies.iter().map(|tally| tally.counts.allocations).sum()),
        cpu_ns_per_op: cpu.map(|cpu| cpu.as_nanos() as f64 / operations),
        on_cpu_share: cpu.map(|cpu| (cpu.as_secs_f64() / wall.as_secs_f64()).min(1.0)),
        start_skew_ns: (last - first).as_nanos() as f64,
        conflicts_per_op: per_op(tallies.iter().map(|tally| tally.counts.conflicts).sum()),
        checks,
    }
}

/// Counts operations, and reads no clock between the first and the last.
struct ThroughputLoop<'a> {
    /// The load.
    load: &'a Load<'a>,
}

/// What one worker did. It stays in local variables until the end, so that workers share no cache
/// line.
struct Tally {
    /// Operations between `start` and `end`.
    operations: u64,
    /// When the worker began its stream.
    start: Instant,
    /// When the worker stopped.
    end: Instant,
    /// What the worker's thread used from `start` to `end`.
    counts: Counts,
}

impl Tally {
    fn throughput_ops_s(&self, start: Instant) -> f64 {
        self.operations as f64 / (self.end - start).as_secs_f64()
    }
}

impl Task for ThroughputLoop<'_> {
    type Prepared = ();
    type Output = Tally;

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
        barrier: &SpinBarrier,
    ) -> (Tally, u64) {
        let stream = &self.load.streams[thread];
        let batch_length = stream.batch();
        let counts_before = Counts::read(worker, stream);
        let start = Instant::now();
        let mut digest = 0;
        let mut operations = 0;
        'timed: loop {
            for batch in stream.operations().chunks_exact(batch_length) {
                digest ^= worker.run_batch(batch);
                operations += batch_length as u64;
                if barrier.is_stopped() {
                    break 'timed;
                }
            }
        }
        let end = Instant::now();
        black_box(digest);
        let counts = Counts::read(worker, stream).since(counts_before);
        (Tally { operations, start, end, counts }, operations)
    }
}

/// Resources that a worker's thread has used.
#[derive(Clone, Copy)]
struct Counts {
    /// Processor time.
    cpu: Option<Duration>,
    /// Allocations.
    allocations: Option<u64>,
    /// Transactions that failed with a conflict; `None` without transactions.
    conflicts: Option<u64>,
}

impl Counts {
    /// The counts so far.
    fn read<S: Subject>(worker: &Worker<'_, S>, stream: &Stream) -> Self {
        Self {
            cpu: cpu_time::of_this_thread(),
            allocations: allocations::on_this_thread(),
            conflicts: stream.has(OperationKind::Transaction).then(|| worker.conflicts()),
        }
    }

    fn since(self, before: Self) -> Self {
        let difference = |now: Option<u64>, before: Option<u64>| Some(now? - before?);
        Self {
            cpu: self.cpu.zip(before.cpu).map(|(now, before)| now.saturating_sub(before)),
            allocations: difference(self.allocations, before.allocations),
            conflicts: difference(self.conflicts, before.conflicts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MeasureSubject;
    use crate::test_subjects::{all, named};
    use shardproof_workload::{KeySet, Mix, Placement, Workload};

    /// The streams and keys of two workers.
    struct Inputs {
        streams: [Stream; 2],
        keys: KeySet,
        placement: Placement,
    }

    impl Inputs {
        fn new(workload: &Workload, placement: Placement) -> Self {
            let keys = workload.key_set();
            let streams =
                [0, 1].map(|thread| Stream::for_workload(1, workload, placement, thread, &keys));
            Self { streams, keys, placement }
        }

        /// One short slice.
        fn observe(&self, subject: MeasureSubject) -> Slice {
            let Self { streams, keys, placement } = self;
            let load = Load::new(streams, keys, Duration::from_millis(1));
            subject.slice(Load { placement: *placement, layout: 3, ..load })
        }
    }

    fn small(text: &str) -> Workload {
        format!("{text}+keys_per_run=100").parse().unwrap()
    }

    #[test]
    fn every_built_in_subject_gives_right_answers_under_every_placement_and_mix() {
        for mix in [0, 50, 100].map(Mix::with_puts) {
            let workload = small(&mix.to_string());
            for (name, placement) in
                all().into_iter().flat_map(|name| Placement::ALL.map(|it| (name, it)))
            {
                let inputs = Inputs::new(&workload, placement);
                let samples: usize = inputs.streams.iter().map(|it| it.samples().len()).sum();
                let slice = inputs.observe(name);
                assert!(slice.throughput_ops_s.is_finite() && slice.throughput_ops_s > 0.0);
                assert_eq!(slice.allocations_per_op, None, "not counted here");
                let Checks { checked, failed, first_failure, exemption } = slice.checks;
                assert_eq!((failed, first_failure), (0, None), "{name} {placement} {mix}");
                // All keys of two workers at rest, and each of their samples at least once.
                let checked_min = 2 * 100 + samples as u64;
                let is_floor = name.as_str() == "floor";
                assert!(
                    if is_floor { checked == 0 } else { checked > checked_min },
                    "{name}: {checked}"
                );
                assert_eq!(exemption.is_some(), is_floor);
            }
        }
    }

    #[test]
    fn every_compatible_subject_gives_right_answers_to_every_kind_of_operation() {
        let each = OperationKind::ALL.map(|kind| format!("get50-{kind}50"));
        let each = each.into_iter().filter(|mix| mix != "get50-get50");
        let every = "get20-miss4-put20-insert10-delete10-contains5-list5-count1-apply5-snapshot5\
                   -transaction10-rmw5";
        let without_transactions = "get30-put20-insert10-delete10-list5-apply5-snapshot5-rmw15";
        let mixes = each.chain([every, without_transactions].map(str::to_owned));
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
                let is_compatible =
                    |name: &MeasureSubject| name.check_compatibility(&workload).is_ok();
                for name in all().into_iter().filter(is_compatible) {
                    if name.as_str() == "floor" {
                        continue;
                    }
                    let checks = inputs.observe(name).checks;
                    let failures = (checks.failed, checks.first_failure);
                    assert_eq!(failures, (0, None), "{name} {workload} {placement}");
                    assert!(checks.checked >= 200 && checks.exemption.is_none());
                }
            }
        }
    }

    #[test]
    fn values_too_short_for_a_checksum_are_exempt_with_the_reason() {
        let workload = small("get50-put50+value_bytes=8..100");
        let inputs = Inputs::new(&workload, Placement::Shared);
        let checks = inputs.observe(named("sharded")).checks;
        assert_eq!(checks.checked, 0);
        assert!(checks.exemption.unwrap().contains("below 40 bytes"));
    }
}
