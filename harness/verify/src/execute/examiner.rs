//! Checks every history as it is made, and keeps the first that is wrong.

use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::check::check;
use crate::check::report::{Anomaly, AnomalyKind, Axiom, Axioms, Expected, Report};
use crate::history::{Header, History, Log};

/// Checks every history of one program as it is made, and keeps the first that is wrong.
#[derive(Debug)]
pub struct Examiner {
    axioms: Axioms,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    /// The header, and the logs that were looked at last.
    history: History,
    /// The sum of all reports.
    total: Report,
    /// Whether the last history was wrong.
    wrong: bool,
}

/// What was wrong.
#[derive(Clone, PartialEq, Debug)]
pub struct Failure {
    /// What was seen; without logs if the execution did not come to its end.
    pub history: History,
    /// What the checker says of it.
    pub report: Report,
}

/// An execution that did not come to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crash {
    /// [`AnomalyKind::Panicked`] or [`AnomalyKind::Stuck`].
    pub kind: AnomalyKind,
    /// What the panic said, or who waits.
    pub message: String,
}

impl Examiner {
    /// An examiner of histories with this header.
    #[must_use]
    pub fn new(header: Header, axioms: Axioms) -> Self {
        let history = History { header, logs: Vec::new() };
        Self { axioms, seen: Mutex::new(Seen { history, total: Report::default(), wrong: false }) }
    }

    /// Checks the logs of one execution; says to stop once one was wrong.
    pub fn see(&self, logs: Vec<Log>) -> ControlFlow<()> {
        let mut seen = self.lock();
        if seen.wrong {
            return ControlFlow::Break(());
        }
        seen.history.logs = logs;
        let report = check(&seen.history, &self.axioms);
        let wrong = !report.anomalies_total.is_empty();
        seen.total.add(&report);
        if wrong {
            seen.total.anomalies = report.anomalies;
            seen.wrong = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Notes an execution that did not come to its end.
    pub fn see_crash(&self, crash: Crash) {
        if !self.axioms.has(Axiom::Progress) {
            return;
        }
        let mut seen = self.lock();
        seen.history.logs.clear();
        seen.wrong = true;
        *seen.total.anomalies_total.entry(crash.kind).or_default() += 1;
        seen.total.anomalies = vec![Anomaly {
            kind: crash.kind,
            axiom: Axiom::Progress,
            events: Vec::new(),
            expected: Expected::Unknown,
            message: crash.message,
        }];
    }

    /// Whether something was wrong.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.lock().wrong
    }

    /// The sum of all reports, and what was wrong.
    #[must_use]
    pub fn result(&self) -> (Report, Option<Failure>) {
        let seen = self.lock();
        let failure = seen
            .wrong
            .then(|| Failure { history: seen.history.clone(), report: seen.total.clone() });
        (seen.total.clone(), failure)
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
