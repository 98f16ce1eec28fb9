//! Wrong answers make a cell invalid, and its values are not shown.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value as Json;
use sharded_store::{Error, Key, RunHandle, RunId, Session, ShardedStore, Storage, Value, Version};
use shardproof::document::Document;
use shardproof::evidence::{Cell, Evidence};
use shardproof::judge::compare::{BASE_SUBJECT, compare};
use shardproof::measure::cell::{Slice, slice};
use shardproof::measure::journal::Journal;
use shardproof::measure::load::Load;
use shardproof::measure::summary::{CellCoordinates, cell};
use shardproof::measure::{Request, Section, collect};
use shardproof::render::terminal::{TerminalStyle, render};
use shardproof::subject::Subject;
use shardproof::subject::controls::NoStore;
use shardproof::workload::keys::{KEYS_PER_RUN, run_id};
use shardproof::workload::{KeySet, Mix, Placement, Stream, Workload};
use shardproof::{Profile, Subjects};
use tempfile::TempDir;

/// A fault that a store exhibits now and then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// Nothing.
    None,
    /// Returns the value of the previously requested key.
    OtherKey,
    /// Returns the value of the key in another run.
    OtherRun,
    /// Returns a mixture of two values.
    Torn,
    /// Returns an old value.
    Stale,
    /// Misses a key.
    Absent,
    /// Returns five zero words, which nobody wrote.
    Invented,
    /// Drops a put.
    LostPut,
    /// Lists a key that nobody put.
    PhantomKey,
}

/// A faulty subject gets one operation in this many wrong.
const GETS_PER_FAULT: usize = 50;
const PUTS_PER_FAULT: usize = 1_000;

/// A store with a fault.
struct Faulty {
    /// A correct store.
    store: ShardedStore,
    /// Its fault.
    fault: Fault,
}

impl Subject for Faulty {
    type Session<'a> = FaultySession;
    type Store = NoStore;

    fn session(&self, run: RunId) -> FaultySession {
        let other = run_id(LAYOUT, u64::from(run == run_id(LAYOUT, 0)));
        FaultySession {
            session: Storage::session(&self.store, run),
            other_run: Storage::session(&self.store, other),
            fault: self.fault,
            gets: 0,
            puts: 0,
            found: HashMap::new(),
            last_key: None,
        }
    }
}

struct FaultySession {
    /// The handle on the run.
    session: RunHandle,
    /// A handle on another run.
    other_run: RunHandle,
    /// Its fault.
    fault: Fault,
    /// Number of gets so far.
    gets: usize,
    /// Number of puts so far.
    puts: usize,
    /// The first value found at each key.
    found: HashMap<Key, Value>,
    /// The previously requested key.
    last_key: Option<Key>,
}

impl FaultySession {
    fn apply_fault(&mut self, key: &Key, right: Value) -> Option<Value> {
        let other_key = self.last_key.replace(key.clone()).unwrap_or_else(|| key.clone());
        let before = self.found.entry(key.clone()).or_insert_with(|| right.clone()).clone();
        self.gets += 1;
        if !self.gets.is_multiple_of(GETS_PER_FAULT) {
            return Some(right);
        }
        match self.fault {
            Fault::OtherKey => Session::get_with(&mut self.session, &other_key, Value::clone),
            Fault::OtherRun => Session::get_with(&mut self.other_run, key, Value::clone),
            Fault::Torn => Some(Value::new([&before[..16], &right[16..]].concat()).unwrap()),
            Fault::Stale => Some(before),
            Fault::Absent => None,
            Fault::Invented => Some(Value::from([0; 40])),
            Fault::None | Fault::LostPut | Fault::PhantomKey => Some(right),
        }
    }
}

impl Session for FaultySession {
    fn get_with<R>(&mut self, key: &Key, read: impl FnOnce(&Value) -> R) -> Option<R> {
        let right = Session::get_with(&mut self.session, key, Value::clone)?;
        self.apply_fault(key, right).as_ref().map(read)
    }

    fn put(&mut self, key: &Key, value: Value) -> Result<Version, Error> {
        self.puts += 1;
        if self.fault == Fault::LostPut && self.puts.is_multiple_of(PUTS_PER_FAULT) {
            return Ok(Version::NONE);
        }
        Session::put(&mut self.session, key, value)
    }

    fn delete(&mut self, key: &Key) -> Result<bool, Error> {
        Session::delete(&mut self.session, key)
    }

    fn list_len(&mut self, prefix: &[u8]) -> usize {
        let phantoms = usize::from(self.fault == Fault::PhantomKey);
        Session::list_len(&mut self.session, prefix) + phantoms
    }
}

/// The seed of the workers' runs.
const LAYOUT: u64 = 1;

/// Runs one slice with two workers and runs of a thousand keys.
fn observe(fault: Fault, put_percent: u8, placement: Placement) -> Slice {
    observe_among(1_000, fault, put_percent, placement)
}

fn observe_among(keys: usize, fault: Fault, put_percent: u8, placement: Placement) -> Slice {
    let keys = KeySet::new(keys);
    let streams = [0, 1].map(|thread| Stream::new(1, Mix::with_puts(put_percent), thread, &keys));
    let load = Load::new(&streams, &keys, Duration::from_millis(2));
    let load = Load { placement, layout: LAYOUT, ..load };
    slice(&Faulty { store: ShardedStore::new(), fault }, &load)
}

fn failure(fault: Fault, put_percent: u8, placement: Placement) -> String {
    let checks = observe(fault, put_percent, placement).checks;
    assert!(checks.failed > 0 && checks.failed < checks.checked, "{fault:?}: {checks:?}");
    checks.first_failure.unwrap_or_else(|| panic!("{fault:?}: no first failure"))
}

/// The first failure under load. A worker that got no core during a slice of two milliseconds has
/// checked little under load, so this tries several slices.
fn failure_under_load(fault: Fault, put_percent: u8, placement: Placement) -> String {
    const SLICES_MAX: usize = 100;
    (0..SLICES_MAX)
        .map(|_| failure(fault, put_percent, placement))
        .find(|failure| failure.contains("under load"))
        .unwrap_or_else(|| panic!("{fault:?}, {put_percent} % puts, {placement}: not under load"))
}

#[test]
fn a_correct_subject_passes_all_checks() {
    for placement in [Placement::Disjoint, Placement::Shared] {
        for put_percent in [0, 10, 50, 100] {
            let checks = observe(Fault::None, put_percent, placement).checks;
            assert!(checks.checked >= 2_000, "every key at rest: {checks:?}");
            assert_eq!((checks.failed, checks.first_failure), (0, None));
        }
    }
}

#[test]
fn wrong_answers_are_detected_under_load() {
    for placement in [Placement::Disjoint, Placement::Shared] {
        for put_percent in [10, 50] {
            for (fault, word) in [
                (Fault::OtherKey, "holds the value of key"),
                (Fault::Torn, "torn, or invented"),
                (Fault::Absent, "is not found"),
                (Fault::Invented, "40 bytes that nobody has written"),
            ] {
                let failure = failure_under_load(fault, put_percent, placement);
                assert!(failure.contains(word), "{fault:?}: {failure}");
            }
            failure_under_load(Fault::Stale, put_percent, placement);
        }
    }
    let failure = failure_under_load(Fault::OtherRun, 10, Placement::Disjoint);
    assert!(failure.contains("a value of run"), "{failure}");
}

#[test]
fn a_lost_put_is_detected_at_rest() {
    for placement in [Placement::Disjoint, Placement::Shared] {
        // A lost put is visible only if it is the last to its key: about half of those in the last
        // pass of a stream are. A few slices make a miss practically impossible.
        let lost = |_| observe_among(KEYS_PER_RUN, Fault::LostPut, 100, placement).checks;
        let failure = (0..10).map(lost).find_map(|checks| checks.first_failure);
        let failure = failure.unwrap_or_else(|| panic!("{placement}"));
        assert!(
            failure.contains("at rest") && failure.contains("whose last write to it is"),
            "{failure}"
        );
    }
}

#[test]
fn a_phantom_key_is_detected_in_listings() {
    for placement in [Placement::Disjoint, Placement::Shared] {
        let failure = failure(Fault::PhantomKey, 0, placement);
        assert!(failure.contains("1001 keys are listed, expected 1000"), "{failure}");
    }
}

/// A cell with three rounds.
fn cell_of(fault: Fault) -> Cell {
    let slices = [Fault::None, fault, fault].map(|fault| observe(fault, 10, Placement::Disjoint));
    let (mix, placement) = (Mix::with_puts(10), Placement::Disjoint);
    let workload = &mix.to_string();
    cell(CellCoordinates { subject: "mine", workload, placement, threads: 2 }, &slices)
}

#[test]
fn an_invalid_cell_shows_its_reason_and_no_values() {
    let request = Request {
        profile: Profile::Smoke,
        subjects: vec!["ceiling".to_owned()],
        workloads: vec![Workload::from_mix(Mix::with_puts(10))],
        placements: vec![Placement::Disjoint],
        threads: vec![1, 2],
        sections: vec![Section::Throughput],
        seed: 1,
        ..Request::default()
    };
    let plan = request.plan(&Subjects::new().measured(), 2).unwrap();
    let mut evidence = collect(&plan, shardproof::build::describe(), &mut Journal::none(), &mut ());
    evidence.cells.push(cell_of(Fault::Torn));
    evidence.cells.push(cell_of(Fault::None));

    let folder = TempDir::new().unwrap();
    let path = evidence.write(folder.path()).unwrap();
    let json: Json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let cells = json["cells"].as_array().unwrap();
    let wrong = &cells[cells.len() - 2];
    assert_eq!(
        (&wrong["throughput_ops_s"], &wrong["allocations_per_op"]),
        (&Json::Null, &Json::Null)
    );
    assert!(wrong["checks"]["failed"].as_u64().unwrap() > 0);
    let reason = wrong["checks"]["first_failure"].as_str().unwrap();
    assert!(reason.starts_with("round 2, thread 0: under load, key "), "{reason}");
    assert!(cells[cells.len() - 1]["throughput_ops_s"].is_object());

    let evidence = Evidence::read(&path).unwrap();
    let invalid: Vec<_> =
        compare(&evidence, BASE_SUBJECT).into_iter().filter(|it| it.cell.is_invalid()).collect();
    assert_eq!(invalid.len(), 1);
    assert_eq!(
        (invalid[0].to_base, invalid[0].scaling, invalid[0].scaling_to_control),
        (None, None, None)
    );

    let text = render(&Document::report(&evidence, None).unwrap(), TerminalStyle::PLAIN);
    let shown = text.lines().find(|line| line.contains("mine")).unwrap();
    assert_eq!(shown.split_whitespace().collect::<Vec<_>>(), ["mine", "2", "invalid"], "{text}");
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.join(" ").contains(reason), "no reason below the table:\n{text}");
}
