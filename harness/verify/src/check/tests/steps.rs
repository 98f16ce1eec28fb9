//! A small language to write histories by hand: steps, one after the other in time unless told
//! otherwise.

use crate::alphabet::Alphabet;
use crate::check::check;
use crate::check::report::{AnomalyKind, Axiom, Axioms, Report};
use crate::history::{Claims, Digest, Event, Header, History, Kind, Listed, Log, Order, flag};

/// Logs of a history: the setup's, three threads', and what was read at rest.
pub(super) const LOGS: usize = 5;
/// The log of what was read at rest.
pub(super) const REST: usize = LOGS - 1;

/// Everything that a subject can claim.
pub(super) const ALL: Claims = Claims {
    versions: true,
    snapshots: true,
    lists: true,
    atomic_apply: true,
    transactions: true,
    removal: true,
};

/// A version's stamp and sequence.
pub(super) type V = (u64, u64);

/// One event, and in whose log it stands: the first thread's, unless told otherwise.
#[derive(Clone, Debug)]
pub(super) struct Step {
    log: usize,
    event: Event,
    listing: Option<Vec<Listed>>,
}

impl Step {
    fn new(kind: Kind) -> Self {
        let event = Event { kind: kind as u8, ..Event::default() };
        Self { log: 1, event, listing: None }
    }

    fn key(mut self, key: u32) -> Self {
        self.event.key = key;
        self
    }

    /// With another value.
    pub(super) fn value(mut self, value: u32) -> Self {
        self.event.value = value;
        self
    }

    fn version(mut self, (stamp, sequence): V) -> Self {
        (self.event.stamp, self.event.sequence) = (stamp, sequence);
        self
    }

    fn handle(mut self, handle: u32) -> Self {
        self.event.handle = handle;
        self
    }

    fn entries(mut self, entries: &[(u32, u32, V)]) -> Self {
        let listed = entries.iter().map(|(key, value, (stamp, sequence))| Listed {
            key: *key,
            value: *value,
            stamp: *stamp,
            sequence: *sequence,
        });
        let listed: Vec<Listed> = listed.collect();
        let mut digest = Digest::default();
        listed.iter().for_each(|entry| digest.add(entry));
        if self.event.kind == Kind::TransactionList as u8 {
            digest.versions = 0;
        }
        (self.event.stamp, self.event.sequence) = (digest.contents, digest.versions);
        self.event.value = listed.len() as u32;
        self.listing = Some(listed);
        self
    }

    /// In another log.
    pub(super) fn by(mut self, log: usize) -> Self {
        self.log = log;
        self
    }

    /// In another run than run 0.
    pub(super) fn run(mut self, run: u16) -> Self {
        self.event.run = run;
        self
    }

    /// At these times instead of after the step before.
    pub(super) fn at(mut self, invoke: u64, returned: u64) -> Self {
        (self.event.invoke, self.event.took) = (invoke, (returned - invoke) as u32);
        self
    }

    /// With flags.
    pub(super) fn flags(mut self, flags: u8) -> Self {
        self.event.flags |= flags;
        self
    }

    /// Without the full listing: only the digest is known.
    pub(super) fn digest_only(mut self) -> Self {
        self.listing = None;
        self
    }
}

pub(super) fn put(key: u32, value: u32, version: V) -> Step {
    Step::new(Kind::Put).key(key).value(value).version(version)
}

/// A delete that found `value`.
pub(super) fn delete(key: u32, value: u32, version: V) -> Step {
    Step::new(Kind::Delete).key(key).value(value).version(version)
}

/// A delete that found nothing.
pub(super) fn delete_nothing(key: u32) -> Step {
    Step::new(Kind::Delete).key(key).flags(flag::NO_EFFECT)
}

pub(super) fn set_put(set: u32, key: u32, value: u32, version: V) -> Step {
    Step::new(Kind::SetPut).handle(set).key(key).value(value).version(version)
}

pub(super) fn set_delete(set: u32, key: u32, version: V) -> Step {
    Step::new(Kind::SetDelete).handle(set).key(key).version(version)
}

pub(super) fn remove_run(version: V) -> Step {
    Step::new(Kind::RemoveRun).value(1).version(version)
}

pub(super) fn get(key: u32, value: u32, version: V) -> Step {
    Step::new(Kind::Get).key(key).value(value).version(version)
}

pub(super) fn contains(key: u32, value: u32) -> Step {
    Step::new(Kind::Contains).key(key).value(value)
}

pub(super) fn count(value: u32) -> Step {
    Step::new(Kind::Count).value(value)
}

pub(super) fn list(entries: &[(u32, u32, V)]) -> Step {
    Step::new(Kind::List).entries(entries)
}

pub(super) fn open(snapshot: u32, stamp: u64) -> Step {
    Step::new(Kind::Open).handle(snapshot).version((stamp, 0))
}

pub(super) fn clone_of(source: u32, snapshot: u32, stamp: u64) -> Step {
    Step::new(Kind::Clone).handle(snapshot).value(source).version((stamp, 0))
}

pub(super) fn see(snapshot: u32, key: u32, value: u32, version: V) -> Step {
    Step::new(Kind::SnapshotGet).handle(snapshot).key(key).value(value).version(version)
}

pub(super) fn see_contains(snapshot: u32, key: u32, value: u32) -> Step {
    Step::new(Kind::SnapshotContains).handle(snapshot).key(key).value(value)
}

pub(super) fn see_count(snapshot: u32, value: u32) -> Step {
    Step::new(Kind::SnapshotCount).handle(snapshot).value(value)
}

pub(super) fn see_list(snapshot: u32, entries: &[(u32, u32, V)]) -> Step {
    Step::new(Kind::SnapshotList).handle(snapshot).entries(entries)
}

pub(super) fn begin(transaction: u32, stamp: u64) -> Step {
    Step::new(Kind::Begin).handle(transaction).version((stamp, 0))
}

pub(super) fn t_get(transaction: u32, key: u32, value: u32) -> Step {
    Step::new(Kind::TransactionGet).handle(transaction).key(key).value(value)
}

pub(super) fn t_put(transaction: u32, key: u32, value: u32) -> Step {
    Step::new(Kind::TransactionPut).handle(transaction).key(key).value(value)
}

pub(super) fn t_delete(transaction: u32, key: u32, value: u32) -> Step {
    Step::new(Kind::TransactionDelete).handle(transaction).key(key).value(value)
}

pub(super) fn t_list(transaction: u32, entries: &[(u32, u32, V)]) -> Step {
    Step::new(Kind::TransactionList).handle(transaction).entries(entries)
}

pub(super) fn commit(transaction: u32, version: V) -> Step {
    Step::new(Kind::Commit).handle(transaction).version(version)
}

pub(super) fn conflict(transaction: u32) -> Step {
    Step::new(Kind::Commit).handle(transaction).flags(flag::CONFLICT)
}

pub(super) fn abort(transaction: u32) -> Step {
    Step::new(Kind::Abort).handle(transaction)
}

/// The store holds as many versions of as many live keys.
pub(super) fn held(versions: u64, live: u32) -> Step {
    Step::new(Kind::Held).value(live).version((versions, 0)).by(REST)
}

pub(super) fn notify(flag: u32) -> Step {
    Step::new(Kind::Notify).key(flag)
}

pub(super) fn observe(flag: u32, raised: u32) -> Step {
    Step::new(Kind::Observe).key(flag).value(raised)
}

/// The history of steps that follow each other in time, each of 5 ticks after a pause of 5.
pub(super) fn history(steps: &[Step]) -> History {
    let header = Header {
        subject: "by hand".to_owned(),
        executor: "by hand".to_owned(),
        seed: None,
        claims: ALL,
        order: Order::RealTime,
        alphabet: Alphabet::new(6),
        runs: 2,
        program: None,
    };
    let mut logs = vec![Log::default(); LOGS];
    let mut now = 0;
    let mut last_set = (0, 0);
    for Step { log, event, listing } in steps {
        let (log, mut event) = (&mut logs[*log], *event);
        if event.invoke == 0 && event.took == 0 {
            let is_set = event.kind == Kind::SetPut as u8 || event.kind == Kind::SetDelete as u8;
            if is_set && last_set.0 == event.handle {
                now = last_set.1;
            } else {
                now += 10;
            }
            (event.invoke, event.took) = (now, 5);
            if is_set {
                last_set = (event.handle, now);
            }
        }
        now = now.max(event.returned());
        let at = log.events.len() as u32;
        log.listings.extend(listing.clone().map(|listing| (at, listing)));
        log.events.push(event);
    }
    History { header, logs }
}

/// What the checker says of steps.
pub(super) fn report(steps: &[Step]) -> Report {
    check(&history(steps), &Axioms::all())
}

/// The axioms and names of the anomalies that a report holds.
pub(super) fn names(report: &Report) -> Vec<(Axiom, AnomalyKind)> {
    report.anomalies.iter().map(|anomaly| (anomaly.axiom, anomaly.kind)).collect()
}
