//! Checks each history when its execution ends, and keeps the first one that is wrong.

use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::check::check;
use crate::check::report::{Anomaly, AnomalyKind, Axiom, Axioms, Expected, Report};
use crate::history::{Header, History, Log};

/// Checks each history of one program when its execution ends, and keeps the first one that is
/// wrong.
#[derive(Debug)]
pub struct HistoryChecker {
    /// The axioms to check.
    axioms: Axioms,
    /// What has been checked so far.
    checked: Mutex<Checked>,
}

/// What has been checked so far.
#[derive(Debug)]
struct Checked {
    /// The header, and the logs that were checked last.
    history: History,
    /// The sum of all reports.
    total: Report,
    /// Whether the last history was wrong.
    wrong: bool,
    /// Whether an execution did not finish.
    crashed: bool,
}

/// An execution that broke an axiom.
#[derive(Clone, PartialEq, Debug)]
pub struct Failure {
    /// The history; without logs if the execution did not finish.
    pub history: History,
    /// The checker's report on it.
    pub report: Report,
}

/// An execution that did not finish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crash {
    /// [`AnomalyKind::Panicked`] or [`AnomalyKind::Stuck`].
    pub kind: AnomalyKind,
    /// The panic's message, or what is stuck.
    pub message: String,
}

impl HistoryChecker {
    /// A checker of histories with this header.
    #[must_use]
    pub fn new(header: Header, axioms: Axioms) -> Self {
        let history = History { header, logs: Vec::new() };
        Self {
            axioms,
            checked: Mutex::new(Checked {
                history,
                total: Report::default(),
                wrong: false,
                crashed: false,
            }),
        }
    }

    /// Checks the logs of one execution; breaks once one was wrong.
    pub fn check(&self, logs: Vec<Log>) -> ControlFlow<()> {
        let mut checked = self.lock();
        if checked.wrong {
            return ControlFlow::Break(());
        }
        checked.history.logs = logs;
        let report = check(&checked.history, &self.axioms);
        let wrong = !report.anomalies_total.is_empty();
        checked.total.add(&report);
        if wrong {
            checked.total.anomalies = report.anomalies;
            checked.wrong = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Records an execution that did not finish. Without [`Axiom::Progress`] that is no failure, but
    /// nothing was checked either.
    pub fn record_crash(&self, crash: Crash) {
        let mut checked = self.lock();
        checked.crashed = true;
        if !self.axioms.has(Axiom::Progress) {
            return;
        }
        checked.history.logs.clear();
        checked.wrong = true;
        *checked.total.anomalies_total.entry(crash.kind).or_default() += 1;
        checked.total.anomalies = vec![Anomaly {
            kind: crash.kind,
            axiom: Axiom::Progress,
            events: Vec::new(),
            expected: Expected::Unknown,
            message: crash.message,
        }];
    }

    /// Whether anything was wrong.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.lock().wrong
    }

    /// Whether an execution did not finish.
    #[must_use]
    pub fn has_crashed(&self) -> bool {
        self.lock().crashed
    }

    /// The sum of all reports, and the failure if there was one.
    #[must_use]
    pub fn result(&self) -> (Report, Option<Failure>) {
        let checked = self.lock();
        let failure = checked
            .wrong
            .then(|| Failure { history: checked.history.clone(), report: checked.total.clone() });
        (checked.total.clone(), failure)
    }

    fn lock(&self) -> MutexGuard<'_, Checked> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
