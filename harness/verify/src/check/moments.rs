//! The axioms on the order of commits and snapshots.

use sharded_store::Version;

use crate::check::context::Context;
use crate::check::index::{Index, takes_effect};
use crate::check::latest::Latest;
use crate::check::precedence::Follower;
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::history::{ABSENT, Claims, Event, GARBLED, Kind, flag};

/// What has certainly ended before the operation that begins next.
pub(super) struct Moments {
    /// What the subject claims.
    claims: Claims,
    /// The commit of the highest version in each run.
    commits: Vec<Option<(Version, u32)>>,
    /// The commit of the highest stamp.
    stamp: Option<(u64, u32)>,
    /// The snapshot of the highest version.
    snapshot: Option<(u64, u32)>,
}

/// Both of those who follow a history along time.
struct Both<'a, 'b> {
    /// Where anomalies go.
    context: &'a mut Context<'b>,
    /// For the orders of commits and snapshots.
    moments: Moments,
    /// For the newest values.
    latest: Latest,
}

/// Walks along time once, for the axioms of this file and for the newest value.
pub(super) fn follow(context: &mut Context<'_>, moments: Moments, latest: Latest) {
    let index = context.index;
    let mut both = Both { context, moments, latest };
    index.precedence.follow(&index.events, &mut both);
}

impl Follower for Both<'_, '_> {
    fn forget(&mut self) {
        self.moments.forget();
        self.latest.forget();
    }

    #[inline]
    fn ended(&mut self, number: u32, event: &Event) {
        if event.has(flag::REFUSED) {
            return;
        }
        self.moments.ended(number, event);
        self.latest.ended(self.context.index, number, event);
    }

    #[inline]
    fn began(&mut self, number: u32, event: &Event) {
        if event.has(flag::REFUSED) {
            return;
        }
        if is_commit(event) {
            self.moments.check_commit(self.context, number, event);
        } else if self.moments.is_open(event) {
            self.moments.check_open(self.context, number, event);
        }
        self.latest.began(self.context, number, event);
    }
}

/// Whether an event is a commit that changed something.
#[inline]
fn is_commit(event: &Event) -> bool {
    takes_effect(event)
        || event.kind == Kind::Commit as u8 && !event.has(flag::CONFLICT | flag::NO_EFFECT)
}

/// Whether an event is a read of the newest value that tells the version of what it found.
#[inline]
fn is_seen_with_version(event: &Event) -> bool {
    event.kind == Kind::Get as u8
        && event.value != ABSENT
        && event.value != GARBLED
        && !event.has(flag::NO_VERSION)
}

impl Moments {
    pub(super) fn new(index: &Index<'_>) -> Self {
        let claims = index.history.header.claims;
        Self { claims, commits: vec![None; index.runs], stamp: None, snapshot: None }
    }

    fn forget(&mut self) {
        self.commits.fill(None);
        (self.stamp, self.snapshot) = (None, None);
    }

    /// Whether an event opened a snapshot, or began a transaction, which reads one.
    #[inline]
    fn is_open(&self, event: &Event) -> bool {
        event.kind == Kind::Open as u8 && self.claims.snapshots
            || event.kind == Kind::Begin as u8 && self.claims.transactions
    }

    #[inline]
    fn ended(&mut self, number: u32, event: &Event) {
        if is_commit(event) {
            let version = Version::new(event.stamp, event.sequence);
            let commit = &mut self.commits[usize::from(event.run)];
            *commit = (*commit).max(Some((version, number)));
            self.stamp = self.stamp.max(Some((event.stamp, number)));
        } else if self.is_open(event) {
            self.snapshot = self.snapshot.max(Some((event.stamp, number)));
        } else if is_seen_with_version(event) {
            // Whoever has been shown a commit must find it in the next snapshot, returned or not.
            self.stamp = self.stamp.max(Some((event.stamp, number)));
        }
    }

    #[inline]
    fn check_commit(&self, context: &mut Context<'_>, number: u32, event: &Event) {
        let version = Version::new(event.stamp, event.sequence);
        if let Some((before, commit)) = self.commits[usize::from(event.run)] {
            count(context, Axiom::CommitOrder, number, commit);
            if version < before {
                let expected =
                    Expected::AtLeast { stamp: before.stamp(), sequence: before.sequence() + 1 };
                let name = (Axiom::CommitOrder, AnomalyKind::VersionOrder);
                context.add(name, &[number, commit], expected, || {
                    format!(
                        "A commit of run {} got version {version} although one of version \
                         {before} had \
                         returned before it began.",
                        event.run
                    )
                });
            }
        }
        if let Some((snapshot, open)) = self.snapshot {
            count(context, Axiom::NotFromTheFuture, number, open);
            if event.stamp <= snapshot {
                let expected = match event.stamp.checked_sub(1) {
                    Some(stamp) => Expected::AtMost { stamp, sequence: 0 },
                    None => Expected::Unknown,
                };
                let name = (Axiom::NotFromTheFuture, AnomalyKind::FutureSnapshot);
                context.add(name, &[open, number], expected, || {
                    format!(
                        "A snapshot of version {snapshot} contains a commit of run {} of version \
                         {version}, which began after the snapshot was open.",
                        event.run
                    )
                });
            }
        }
    }

    fn check_open(&self, context: &mut Context<'_>, number: u32, event: &Event) {
        if let Some((stamp, commit)) = self.stamp {
            count(context, Axiom::Freshness, number, commit);
            if event.stamp < stamp {
                let run = context.index.events.at(commit).run;
                let expected = Expected::AtLeast { stamp, sequence: 0 };
                let name = (Axiom::Freshness, AnomalyKind::StaleSnapshot);
                context.add(name, &[number, commit], expected, || {
                    format!(
                        "A snapshot got version {} although a commit of run {run} of stamp \
                         {stamp} had returned, or been read, before the snapshot was opened.",
                        event.stamp
                    )
                });
            }
        }
        if let Some((stamp, open)) = self.snapshot {
            count(context, Axiom::Monotonic, number, open);
            if event.stamp < stamp {
                let expected = Expected::AtLeast { stamp, sequence: 0 };
                let name = (Axiom::Monotonic, AnomalyKind::NonMonotonicSnapshot);
                context.add(name, &[number, open], expected, || {
                    format!(
                        "A snapshot got version {} although one of version {stamp} was open \
                         before this \
                         one was asked for.",
                        event.stamp
                    )
                });
            }
        }
    }
}

/// Counts that the order of two events was checked.
#[inline]
fn count(context: &mut Context<'_>, axiom: Axiom, one: u32, other: u32) {
    context.findings.checked(axiom);
    if context.index.events.log_of(one) != context.index.events.log_of(other) {
        context.findings.could_have_failed(axiom);
    }
}
