//! What every part of the checker works with.

use sharded_store::Version;

use crate::check::findings::Findings;
use crate::check::index::{Index, Origin};
use crate::check::lists::Query;
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::tell;
use crate::history::{Event, flag};

/// What every part of the checker works with.
pub(super) struct Context<'a> {
    /// The history's writes.
    pub(super) index: &'a Index<'a>,
    /// What has been found.
    pub(super) findings: Findings,
    /// The listings and counts to be compared in one sweep.
    pub(super) queries: Vec<Query>,
}

impl Context<'_> {
    /// Notes an anomaly.
    pub(super) fn add(
        &mut self,
        name: (Axiom, AnomalyKind),
        shown_by: &[u32],
        expected: Expected,
        message: impl FnOnce() -> String,
    ) {
        self.findings.add(&self.index.events, name, shown_by, expected, message);
    }

    /// The place of the write whose value was read, or none if nothing was. An error, already
    /// noted, if the value is not one that was written there and took effect.
    #[inline]
    pub(super) fn intact(&mut self, read: u32, event: &Event) -> Result<Option<u32>, ()> {
        match self.index.origin(event.value, event.run, event.key) {
            Origin::Absent => Ok(None),
            Origin::Written(place) => {
                self.findings.checked(Axiom::Intact);
                self.findings.could_have_failed(Axiom::Intact);
                Ok(Some(place))
            }
            origin => {
                self.findings.checked(Axiom::Intact);
                self.findings.could_have_failed(Axiom::Intact);
                self.broken(read, event, origin);
                Err(())
            }
        }
    }

    #[cold]
    fn broken(&mut self, read: u32, event: &Event, origin: Origin) {
        let index = self.index;
        let (kind, other) = match origin {
            Origin::NeverCommitted(write) => (AnomalyKind::DirtyRead, Some(write)),
            Origin::Elsewhere(write) => (AnomalyKind::GarbledRead, Some(write)),
            _ => (AnomalyKind::GarbledRead, None),
        };
        let shown_by: Vec<u32> = [read].into_iter().chain(other).collect();
        self.add((Axiom::Intact, kind), &shown_by, Expected::Unknown, || {
            format!("A read of {} found {}.", tell::key(event), tell::found(index, origin))
        });
    }

    /// Notes an anomaly if a read's version is not that of the write whose value it returned.
    #[inline]
    pub(super) fn check_version(&mut self, axiom: Axiom, read: u32, event: &Event, place: u32) {
        let place = &self.index.places()[place as usize];
        let version = self.index.version_at(place);
        let shown = (event.stamp, event.sequence);
        if event.has(flag::NO_VERSION) || shown == (version.stamp(), version.sequence()) {
            return;
        }
        let (index, write) = (self.index, place.write);
        let expected = tell::expected(index, Some(write));
        self.add((axiom, AnomalyKind::WrongVersion), &[read, write], expected, || {
            format!(
                "A read of {} returned value {} with version {}, and it was written at version \
                 {version}.",
                tell::key(event),
                event.value,
                Version::new(event.stamp, event.sequence),
            )
        });
    }
}
