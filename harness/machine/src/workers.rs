//! Threads that begin together, each on a processor of its own where that can be had.

use std::sync::Barrier;
use std::thread;

use crate::cpus;

/// How many threads, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Workers<'a> {
    /// How many.
    count: usize,
    /// The processors, one for each worker; those beyond it are not pinned.
    order: &'a [usize],
}

impl<'a> Workers<'a> {
    /// This many workers, pinned in this order; those beyond it are not pinned.
    #[must_use]
    pub const fn new(count: usize, order: &'a [usize]) -> Self {
        Self { count, order }
    }

    /// How many there are.
    #[must_use]
    pub const fn count(self) -> usize {
        self.count
    }

    /// The first of them, if they are more.
    #[must_use]
    pub fn at_most(self, count: usize) -> Self {
        Self { count: self.count.min(count), ..self }
    }

    /// Lets each prepare, and when all have, work; returns what came of it, worker by worker.
    /// Workers are given their number.
    pub fn run<P, T: Send>(
        self,
        prepare: impl Fn(usize) -> P + Sync,
        work: impl Fn(P) -> T + Sync,
    ) -> Vec<T> {
        let begin = Barrier::new(self.count);
        let of_worker = |worker: usize| {
            if let Some(cpu) = self.order.get(worker) {
                // Where it cannot be had, the work is done elsewhere.
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
    fn nobody_works_before_all_have_prepared() {
        let prepared = AtomicUsize::new(0);
        let seen = Workers::new(3, &[]).run(
            |worker| {
                // Those that are ready early would not see the others if they did not wait.
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
    fn workers_are_pinned_as_far_as_the_order_goes() {
        let all = cpus::allowed().unwrap();
        let last = [*all.last().unwrap()];
        let allowed = Workers::new(2, &last).run(|_| cpus::allowed().unwrap(), |allowed| allowed);
        assert_eq!(allowed, [last.to_vec(), all.clone()]);
        assert_eq!(cpus::allowed().unwrap(), all, "who asked stays free");
    }
}
