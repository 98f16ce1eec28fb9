//! Bytes per entry, all told.

use std::time::Duration;

use sharded_store::Session;

use crate::evidence::Memory;
use crate::measure::Plan;
use crate::measure::fill::fill_session;
use crate::measure::progress::Tracker;
use crate::subject::{Subject, SubjectVisitor};
use crate::trace::allocations::LiveBytes;
use crate::workload::KeySet;
use crate::workload::keys::{KEYS_PER_RUN, run_id};

/// Measures each subject of the plan that has memory of its own.
pub(crate) fn collect(plan: &Plan, tracker: &mut Tracker<'_>) -> Vec<Memory> {
    let keys = KeySet::new(KEYS_PER_RUN);
    let subjects = plan.subjects.iter().filter(|name| name.has_own_memory());
    subjects
        .map(|name| {
            let bytes = name.visit(Weigh { keys: &keys, seed: plan.seed });
            tracker.advance("memory", Duration::ZERO);
            Memory {
                part: 0,
                subject: name.to_string(),
                keys: KEYS_PER_RUN,
                bytes_per_entry: bytes.map(|bytes| bytes as f64 / KEYS_PER_RUN as f64),
                bytes_per_version: None,
            }
        })
        .collect()
}

/// Counts the live bytes of a filled subject.
struct Weigh<'a> {
    keys: &'a KeySet,
    seed: u64,
}

impl SubjectVisitor for Weigh<'_> {
    type Output = Option<i64>;

    fn visit<S: Subject>(self, create: impl Fn() -> S) -> Option<i64> {
        let live = LiveBytes::begin();
        let subject = create();
        let mut session = subject.session(run_id(self.seed, 0));
        fill_session(&mut session, self.keys);
        // A subject may build an index when it is first listed; that is part of its memory.
        if S::LISTS {
            let listed = session.list_len(b"");
            assert_eq!(listed, self.keys.as_slice().len(), "the subject lists what was put");
        }
        live.now()
    }
}
