//! The same thing measured twice in turns. It should differ in nothing, so that what it differs in
//! is the machine's noise.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sharded_store::{Key, RunId, Session, Value};
use shardproof_evidence::SameTwice;
use shardproof_stats as stats;
use shardproof_subject::Subject;
use shardproof_subject::controls::{Ceiling, CeilingSession};

use crate::turns::{Side, Turns, in_turns};
use crate::workers::Workers;

/// Keys of each worker's map.
const KEYS: u32 = 10_000;
/// Operations that a worker goes through, over and over.
const STEPS: usize = 1 << 14;
/// Operations between two looks at the clock.
const BATCH: usize = 256;

/// Measures half gets and half puts of the ceiling, whose maps no two workers share. Each slice has
/// maps of its own, as each cell of a measurement has. `None` without workers or pairs.
#[must_use]
pub fn measure(workers: Workers<'_>, turns: Turns) -> Option<SameTwice> {
    let entries = entries();
    let streams: Vec<Vec<Step>> = (0..workers.count() as u64).map(steps).collect();
    let pairs = in_turns(turns, |side| match side {
        Side::First | Side::Second => operations_s(workers, &entries, &streams, turns.slice),
    });
    let what = format!(
        "ceiling get50-put50, threads: {}, slices of {} ms",
        workers.count(),
        turns.slice.as_secs_f64() * 1e3
    );
    of(what, &pairs.first, &pairs.second)
}

/// What two measurements of the same thing say, pair by pair. `None` without pairs, and where a figure is 0.
#[must_use]
pub fn of(what: String, first: &[f64], second: &[f64]) -> Option<SameTwice> {
    let ratios = stats::ratios(second, first)?;
    Some(SameTwice {
        what,
        pairs: ratios.len(),
        ratio: stats::summarise(&ratios)?,
        noise_floor: stats::noise_floor(&ratios)?,
    })
}

/// A key, and the value that every worker's map holds for it.
type Entry = (Key, Value);

/// One operation, on the entry at this place.
enum Step {
    /// Reads it.
    Get(u32),
    /// Writes it.
    Put(u32),
}

/// The entries of every worker's map, with keys and values as long as those of measured cells.
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

/// What a worker does.
fn steps(worker: u64) -> Vec<Step> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(worker);
    let step = |_| {
        let place = random.random_range(0..KEYS);
        if random.random() { Step::Get(place) } else { Step::Put(place) }
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

/// A map that holds every entry.
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
            Step::Get(place) => {
                let length = |value: &Value| value.as_bytes().len();
                black_box(session.get_with(&entries[*place as usize].0, length));
            }
            Step::Put(place) => {
                let (key, value) = &entries[*place as usize];
                let _ = black_box(session.put(key, value.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Turns = Turns { pairs: 6, slice: Duration::from_micros(100) };

    #[test]
    fn one_thing_is_measured_twice_as_often_as_there_are_pairs() {
        let same = measure(Workers::new(2, &[]), SHORT).unwrap();
        assert_eq!(same.pairs, 6);
        assert!(same.what.contains("threads: 2"), "{}", same.what);
        let ratio = same.ratio;
        assert!(0.0 < ratio.low && ratio.low <= ratio.median && ratio.median <= ratio.high);
        // 19 of 20 pairs, of six: all. So the widest is one of the ends of the range.
        let ends = (ratio.low - 1.0).abs().max((ratio.high - 1.0).abs());
        assert_eq!(same.noise_floor, ends);
    }

    #[test]
    fn nothing_comes_of_no_pairs_and_of_nobody_at_work() {
        assert_eq!(measure(Workers::new(1, &[]), Turns { pairs: 0, ..SHORT }), None);
        assert_eq!(measure(Workers::new(0, &[]), SHORT), None);
    }

    #[test]
    fn about_half_of_the_steps_write_and_every_key_is_there() {
        let steps = steps(3);
        let puts = steps.iter().filter(|step| matches!(step, Step::Put(_))).count();
        assert_eq!(steps.len(), STEPS);
        assert!((STEPS * 48 / 100..STEPS * 52 / 100).contains(&puts), "{puts}");
        assert_eq!(filled(&entries()).count(), KEYS as usize);
    }
}
