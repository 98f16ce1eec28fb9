//! The state that all parts of the checker share.

use sharded_store::Version;

use crate::check::describe;
use crate::check::findings::Findings;
use crate::check::index::{Index, Origin};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::versioned::lists::Query;
use crate::history::{Event, flag};

/// The state that all parts of the checker share.
pub(super) struct Context<'a> {
    /// The history's writes.
    pub(super) index: &'a Index<'a>,
    /// The findings so far.
    pub(super) findings: Findings,
    /// The listings and counts to compare in one pass.
    pub(super) queries: Vec<Query>,
}

impl Context<'_> {
    /// Adds an anomaly.
    pub(super) fn add(
        &mut self,
        name: (Axiom, AnomalyKind),
        shown_by: &[u32],
        expected: Expected,
        message: impl FnOnce() -> String,
    ) {
        self.findings.add(&self.index.events, name, shown_by, expected, message);
    }

    /// The position of the write of the value that was read; `None` if nothing was found. An error,
    /// already added to the findings, if no committed write put the value there.
    #[inline]
    pub(super) fn intact(&mut self, read: u32, event: &Event) -> Result<Option<u32>, ()> {
        match self.index.origin(event.value, event.run, event.key) {
            Origin::Absent => Ok(None),
            Origin::Written(position) => {
                self.findings.checked(Axiom::Intact);
                self.findings.could_have_failed(Axiom::Intact);
                Ok(Some(position))
            }
            origin => {
                self.findings.checked(Axiom::Intact);
                self.findings.could_have_failed(Axiom::Intact);
                self.add_broken(read, event, origin);
                Err(())
            }
        }
    }

    #[cold]
    fn add_broken(&mut self, read: u32, event: &Event, origin: Origin) {
        let index = self.index;
        let (kind, other) = match origin {
            Origin::NeverCommitted(write) => (AnomalyKind::DirtyRead, Some(write)),
            Origin::Elsewhere(write) => (AnomalyKind::GarbledRead, Some(write)),
            _ => (AnomalyKind::GarbledRead, None),
        };
        let shown_by: Vec<u32> = [read].into_iter().chain(other).collect();
        self.add((Axiom::Intact, kind), &shown_by, Expected::Unknown, || {
            format!("A read of {} found {}.", describe::key(event), describe::found(index, origin))
        });
    }

    /// Adds an anomaly if the version of a read is not that of the write of its value.
    #[inline]
    pub(super) fn check_version(&mut self, axiom: Axiom, read: u32, event: &Event, position: u32) {
        let write = &self.index.key_writes()[position as usize];
        let version = self.index.version_at(write);
        let shown = (event.stamp, event.sequence);
        if event.has(flag::NO_VERSION) || shown == (version.stamp(), version.sequence()) {
            return;
        }
        let (index, write) = (self.index, write.event);
        let expected = describe::expected(index, Some(write));
        self.add((axiom, AnomalyKind::WrongVersion), &[read, write], expected, || {
            format!(
                "A read of {} returned value {} with version {}, and it was written at version \
                 {version}.",
                describe::key(event),
                event.value,
                Version::new(event.stamp, event.sequence),
            )
        });
    }
}
