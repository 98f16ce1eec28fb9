//! What every pass over a load has in common: workers that fill, warm up, start together, and check at rest.

use std::hint::black_box;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use shardproof_evidence::Checks;
use shardproof_machine::cpus;
use shardproof_subject::Subject;

use crate::check::Told;
use crate::gate::Gate;
use crate::load::Load;
use crate::worker::Worker;

/// The meeting after which all runs are filled.
const FILLED: usize = 1;
/// The meeting at which the clocks start.
const START: usize = 2;
/// The meeting after which nobody writes any more.
const REST: usize = 3;

/// What a crew does with its time.
pub(crate) trait Task: Sync {
    /// What a worker needs: made by the worker itself, before the clock starts.
    type Tools;
    /// What it brings back.
    type Found: Send;

    /// Runs the worker's stream a whole number of times, through the very instructions that will be
    /// measured; says how many operations that were.
    fn warm_up<S: Subject>(&self, worker: &mut Worker<'_, S>, thread: usize) -> (Self::Tools, u64);

    /// Runs the worker's stream from its beginning, over and over; says how many operations that
    /// were.
    fn work<S: Subject>(
        &self,
        worker: &mut Worker<'_, S>,
        thread: usize,
        tools: Self::Tools,
        gate: &Gate,
    ) -> (Self::Found, u64);
}

/// What a crew has brought back.
pub(crate) struct Brought<F> {
    /// What each worker found.
    pub(crate) found: Vec<F>,
    /// What came of checking the subject's answers.
    pub(crate) checks: Checks,
}

/// Puts a fresh subject under a load. The workers are asked to stop once the load's time is over;
/// when all have, and no clock runs any more, each checks every key of its runs.
///
/// # Panics
/// When the subject refuses a write, or cannot do what the streams ask for; and without a stream.
pub(crate) fn send<S: Subject, T: Task>(
    subject: &S,
    load: &Load<'_>,
    task: &T,
) -> Brought<T::Found> {
    let workers = load.streams.len();
    let site = Site { gate: Gate::new(workers), last_writes: vec![OnceLock::new(); workers] };
    let reports: Vec<(T::Found, Checks)> = thread::scope(|scope| {
        let site = &site;
        let workers: Vec<_> = (0..workers)
            .map(|thread| scope.spawn(move || work(subject, thread, load, task, site)))
            .collect();
        site.gate.await_meeting(START);
        thread::sleep(load.slice);
        site.gate.stop();
        workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    let exemption = S::KEEPS.exemption().or_else(|| load.streams[0].exemption());
    let mut all = Checks { exemption: exemption.map(str::to_owned), ..Checks::default() };
    let mut found = Vec::with_capacity(workers);
    for (each, checks) in reports {
        all.extend(checks);
        found.push(each);
    }
    Brought { found, checks: all }
}

/// The longest that a worker warms up, but for its first pass: a noisy machine has no steady pace.
const WARM_UP: Duration = Duration::from_millis(4);
/// Two passes whose times differ by less than this part of the shorter are as fast as each other.
const STEADY: f64 = 0.05;

/// Repeats a pass over a stream until two in a row take about as long, or the time for it is over;
/// says how many there were.
pub(crate) fn until_steady(mut pass: impl FnMut()) -> u64 {
    let start = Instant::now();
    let mut before: Option<Duration> = None;
    for passes in 1.. {
        let begun = Instant::now();
        pass();
        let took = begun.elapsed();
        if start.elapsed() > WARM_UP || before.is_some_and(|before| is_steady(before, took)) {
            return passes;
        }
        before = Some(took);
    }
    unreachable!("the time for it is over before numbers are")
}

fn is_steady(before: Duration, now: Duration) -> bool {
    now.abs_diff(before).as_secs_f64() < STEADY * now.min(before).as_secs_f64()
}

/// Where the workers meet.
struct Site {
    /// Keeps them together.
    gate: Gate,
    /// Each worker's last write to each key that others may have written too, told before the meeting
    /// at rest.
    last_writes: Vec<OnceLock<Told>>,
}

fn work<S: Subject, T: Task>(
    subject: &S,
    thread: usize,
    load: &Load<'_>,
    task: &T,
    site: &Site,
) -> (T::Found, Checks) {
    let _guard = site.gate.guard();
    if let Some(cpu) = load.cpu_of(thread) {
        // A processor that has been taken away meanwhile is no reason to stop: the system then moves
        // the worker as it likes.
        cpus::pin(cpu);
    }
    let mut worker = Worker::new(subject, thread, load);
    worker.fill();
    site.gate.meet(FILLED);
    let held = worker.hold_snapshot();
    let (tools, before) = task.warm_up(&mut worker, thread);
    site.gate.meet(START);

    let (found, operations) = task.work(&mut worker, thread, tools, &site.gate);

    drop(held);
    let all_operations = before + operations;
    worker.tell_last_writes(all_operations, &site.last_writes[thread]);
    site.gate.meet(REST);
    worker.check_at_rest(all_operations, &site.last_writes);
    (black_box(found), worker.into_checks())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_steady_when_two_passes_differ_by_less_than_a_twentieth() {
        let ms = Duration::from_micros;
        assert!(is_steady(ms(1_000), ms(1_049)) && is_steady(ms(1_049), ms(1_000)));
        assert!(!is_steady(ms(1_000), ms(1_051)) && !is_steady(ms(2_000), ms(1_000)));
    }

    #[test]
    fn warming_up_ends_though_no_pace_is_steady() {
        let mut length = Duration::from_micros(50);
        let passes = until_steady(|| {
            thread::sleep(length);
            length *= 2;
        });
        assert!(passes >= 2, "{passes}");
    }
}
