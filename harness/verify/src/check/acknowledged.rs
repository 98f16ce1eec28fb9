//! Writes that a store acknowledged and of which it named no version: it says that they changed
//! nothing.
//!
//! A put changes something whatever was there before, so that one is gone. What deletes nothing may
//! be right; that is checked like a read that finds nothing.

use sharded_store::Version;

use crate::check::context::Context;
use crate::check::events::{Events, is_of_set};
use crate::check::index::{Index, is_put};
use crate::check::report::{AnomalyKind, Axiom, Expected};
use crate::check::sessions;
use crate::check::tell;
use crate::history::{Event, Kind};

/// What such a put breaks.
const NAME: (Axiom, AnomalyKind) = (Axiom::NoLostUpdate, AnomalyKind::LostUpdate);

/// Checks an event that is said to have changed nothing.
#[cold]
pub(super) fn check(context: &mut Context<'_>, number: u32, event: &Event) {
    let index = context.index;
    let puts = match event.kind() {
        // Of several writes of a key in one set the last counts.
        Kind::SetPut if index.is_last_of_key(number) => vec![number],
        Kind::Commit => {
            let last = index.last_writes(event.handle).into_iter();
            last.filter(|write| is_put(index.events.at(*write))).collect()
        }
        _ => return,
    };
    context.findings.checked(Axiom::NoLostUpdate);
    for put in puts {
        let shown_by = if put == number { vec![put] } else { vec![number, put] };
        lost(context, put, &shown_by);
    }
}

/// Checks that no commit has the version that stands for none, which is smaller than all others.
pub(super) fn check_versions(context: &mut Context<'_>, run: u16) {
    let index = context.index;
    let none = |write: &&u32| index.version(**write) == Version::NONE;
    for write in index.order(run).iter().take_while(none) {
        if is_put(index.events.at(*write)) {
            lost(context, *write, &[index.commit_of(*write)]);
        }
    }
}

fn lost(context: &mut Context<'_>, put: u32, shown_by: &[u32]) {
    let event = context.index.events.at(put);
    context.add(NAME, shown_by, Expected::Unknown, || {
        format!(
            "A put of value {} to {} that was acknowledged has no version.",
            event.value,
            tell::key(event)
        )
    });
}

impl Index<'_> {
    /// Whether no later write of its set is of the same key.
    fn is_last_of_key(&self, write: u32) -> bool {
        let (place, event) = (self.events.place(write), self.events.at(write));
        let log = self.events.log(place.log as usize);
        let at = place.event as usize;
        let later = &log[at + 1..at + Events::operation_len(log, at)];
        debug_assert!(is_of_set(event), "only the writes of a set are asked about");
        !later.iter().any(|other| (other.run, other.key) == (event.run, event.key))
    }

    /// The last write of each key within a transaction, however it ended, in the order of keys.
    pub(super) fn last_writes(&self, handle: u32) -> Vec<u32> {
        let Some(place) = self.transactions.place(handle) else { return Vec::new() };
        let all = self.transactions.events(place).iter().copied();
        let mut last: Vec<u32> =
            all.filter(|number| sessions::writes(self.events.at(*number))).collect();
        sessions::keep_last_of_keys(&self.events, &mut last);
        last
    }
}
