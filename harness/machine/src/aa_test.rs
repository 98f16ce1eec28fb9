//! The A/A test: measures the same thing twice, interleaved. The two should not differ, so any
//! difference is noise of the machine.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::{Key, RunId, Session, Value};
use shardproof_evidence::AaTest;
use shardproof_stats as stats;
use shardproof_subject::Subject;
use shardproof_subject::controls::{Ceiling, CeilingSession};

use crate::interleaved::{Schedule, Side, measure_interleaved};
use crate::workers::Workers;

/// Number of keys in each worker's map.
const KEYS: u32 = 10_000;
/// Number of operations that a worker repeats.
const STEPS: usize = 1 << 14;
/// Operations between two readings of the clock.
const BATCH: usize = 256;

/// Measures half gets, half puts on the ceiling, where workers share no maps. Each slice gets fresh
/// maps, like each cell of a measurement. `None` without workers or pairs.
#[must_use]
pub fn measure(workers: Workers<'_>, schedule: Schedule) -> Option<AaTest> {
    let entries = entries();
    let streams: Vec<Vec<Step>> = (0..workers.count() as u64).map(steps).collect();
    let pairs = measure_interleaved(schedule, |side| match side {
        Side::First | Side::Second => operations_s(workers, &entries, &streams, schedule.slice),
    });
    let what = format!(
        "ceiling get50-put50, threads: {}, slices of {} ms",
        workers.count(),
        schedule.slice.as_secs_f64() * 1e3
    );
    compare(what, &pairs.first, &pairs.second)
}

/// Compares two measurements of the same thing, pair by pair. `None` without pairs, or if a figure
/// is 0.
#[must_use]
pub fn compare(what: String, first: &[f64], second: &[f64]) -> Option<AaTest> {
    let ratios = stats::ratios(second, first)?;
    Some(AaTest {
        what,
        pairs: ratios.len(),
        ratio: stats::summarise(&ratios)?,
        noise_floor: stats::noise_floor(&ratios)?,
    })
}

/// A key and its value, the same in every worker's map.
type Entry = (Key, Value);

/// One operation on the entry with this index.
enum Step {
    /// Gets the entry.
    Get(u32),
    /// Puts the entry.
    Put(u32),
}

/// The entries of every worker's map, with keys and values of the lengths used in cells.
fn entries() -> Vec<Entry> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
    let entry = |number: u32| {
        let key = Key::new(format!("{number:012x}")).expect("12 bytes are below the limit");
        let words: [u64; 5] = std::array::from_fn(|_| random.random());
        let bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
        (key, Value::new(bytes).expect("40 bytes are below the limit"))
    };
    (0..KEYS).map(entry).collect()
}

/// The steps of a worker.
fn steps(worker: u64) -> Vec<Step> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(worker);
    let step = |_| {
        let index = random.random_range(0..KEYS);
        if random.random() { Step::Get(index) } else { Step::Put(index) }
    };
    (0..STEPS).map(step).collect()
}

/// Operations per second of all workers.
fn operations_s(
    workers: Workers<'_>,
    entries: &[Entry],
    streams: &[Vec<Step>],
    slice: Duration,
) -> f64 {
    let prepare = |worker: usize| (filled(entries), streams[worker].as_slice());
    let work = |(mut session, steps)| work(&mut session, entries, steps, slice);
    workers.run(prepare, work).into_iter().sum()
}

/// A map filled with all entries.
fn filled(entries: &[Entry]) -> CeilingSession {
    let mut session = Ceiling.session(RunId::from_u128(0));
    for (key, value) in entries {
        let _ = session.put(key, value.clone());
    }
    session
}

/// Operations per second of one worker.
fn work(session: &mut CeilingSession, entries: &[Entry], steps: &[Step], slice: Duration) -> f64 {
    let start = Instant::now();
    let mut operations = 0;
    for batch in steps.chunks_exact(BATCH).cycle() {
        run(session, entries, batch);
        operations += batch.len();
        if start.elapsed() >= slice {
            break;
        }
    }
    operations as f64 / start.elapsed().as_secs_f64()
}

fn run(session: &mut CeilingSession, entries: &[Entry], batch: &[Step]) {
    for step in batch {
        match step {
            Step::Get(index) => {
                let length = |value: &Value| value.as_bytes().len();
                black_box(session.get_with(&entries[*index as usize].0, length));
            }
            Step::Put(index) => {
                let (key, value) = &entries[*index as usize];
                let _ = black_box(session.put(key, value.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Schedule = Schedule { pairs: 6, slice: Duration::from_micros(100) };

    #[test]
    fn the_same_thing_is_measured_once_per_side_and_pair() {
        let same = measure(Workers::new(2, &[]), SHORT).unwrap();
        assert_eq!(same.pairs, 6);
        assert!(same.what.contains("threads: 2"), "{}", same.what);
        let ratio = same.ratio;
        assert!(0.0 < ratio.low && ratio.low <= ratio.median && ratio.median <= ratio.high);
        // 19 of 20 of six pairs are all of them, so the noise floor is one end of the range.
        let ends = (ratio.low - 1.0).abs().max((ratio.high - 1.0).abs());
        assert_eq!(same.noise_floor, ends);
    }

    #[test]
    fn no_pairs_or_no_workers_yield_no_result() {
        assert_eq!(measure(Workers::new(1, &[]), Schedule { pairs: 0, ..SHORT }), None);
        assert_eq!(measure(Workers::new(0, &[]), SHORT), None);
    }

    #[test]
    fn half_of_the_steps_write_and_the_map_holds_every_key() {
        let steps = steps(3);
        let puts = steps.iter().filter(|step| matches!(step, Step::Put(_))).count();
        assert_eq!(steps.len(), STEPS);
        assert!((STEPS * 48 / 100..STEPS * 52 / 100).contains(&puts), "{puts}");
        assert_eq!(filled(&entries()).count(), KEYS as usize);
    }
}
