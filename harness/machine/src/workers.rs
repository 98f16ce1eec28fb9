//! Threads that start together, each pinned to its own processor if possible.

use std::sync::Barrier;
use std::thread;

use crate::cpus;

/// The number of threads, and where they run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Workers<'a> {
    /// The number of threads.
    count: usize,
    /// The processors to pin workers to, one each. Workers beyond the list are not pinned.
    order: &'a [usize],
}

impl<'a> Workers<'a> {
    /// This many workers, pinned in this order. Workers beyond the order are not pinned.
    #[must_use]
    pub const fn new(count: usize, order: &'a [usize]) -> Self {
        Self { count, order }
    }

    /// The number of workers.
    #[must_use]
    pub const fn count(self) -> usize {
        self.count
    }

    /// Limits the number of workers.
    #[must_use]
    pub fn at_most(self, count: usize) -> Self {
        Self { count: self.count.min(count), ..self }
    }

    /// Runs `prepare` on each worker with its number and, once all have finished, `work`. Returns
    /// the results by worker.
    pub fn run<P, T: Send>(
        self,
        prepare: impl Fn(usize) -> P + Sync,
        work: impl Fn(P) -> T + Sync,
    ) -> Vec<T> {
        let begin = Barrier::new(self.count);
        let of_worker = |worker: usize| {
            if let Some(cpu) = self.order.get(worker) {
                // Without permission to pin, the worker runs anywhere.
                cpus::pin(*cpu);
            }
            let prepared = prepare(worker);
            begin.wait();
            work(prepared)
        };
        let of_worker = &of_worker;
        thread::scope(|scope| {
            let start = |worker| scope.spawn(move || of_worker(worker));
            let threads: Vec<_> = (0..self.count).map(start).collect();
            threads.into_iter().map(|each| each.join().expect("workers do not panic")).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn no_worker_starts_before_all_have_prepared() {
        let prepared = AtomicUsize::new(0);
        let seen = Workers::new(3, &[]).run(
            |worker| {
                // Without the barrier, workers that finish early would not see the others.
                thread::sleep(Duration::from_millis(5 * worker as u64));
                // Relaxed: the barrier orders it.
                prepared.fetch_add(1, Ordering::Relaxed);
                worker
            },
            // Relaxed: as above.
            |worker| (worker, prepared.load(Ordering::Relaxed)),
        );
        assert_eq!(seen, [(0, 3), (1, 3), (2, 3)]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn only_workers_within_the_order_are_pinned() {
        let all = cpus::allowed().unwrap();
        let last = [*all.last().unwrap()];
        let allowed = Workers::new(2, &last).run(|_| cpus::allowed().unwrap(), |allowed| allowed);
        assert_eq!(allowed, [last.to_vec(), all.clone()]);
        assert_eq!(cpus::allowed().unwrap(), all, "the calling thread stays unpinned");
    }
}
