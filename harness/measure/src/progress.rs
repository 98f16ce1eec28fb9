//! How far a measurement is, for whoever wants to show it.

use std::time::Duration;

use shardproof_evidence::Certificate;

/// Told how far a measurement is, between cells and never inside one.
pub trait Progress {
    /// The measurement has come to `moment`.
    fn at(&mut self, moment: Moment<'_>);

    /// What the machine can show is known, before anything else is.
    fn certified(&mut self, _certificate: &Certificate) {}
}

/// Shows nothing.
impl Progress for () {
    fn at(&mut self, _moment: Moment<'_>) {}
}

/// A point on the way. The times are planned ones, good enough for a bar and the time left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment<'a> {
    /// What is going on: `matrix round 3 of 25`.
    pub stage: &'a str,
    /// Planned time of what is done.
    pub done: Duration,
    /// Planned time of everything.
    pub total: Duration,
}

/// Adds up planned times.
pub(crate) struct Tracker<'a> {
    /// Who is told.
    progress: &'a mut dyn Progress,
    /// Planned time of what is done.
    done: Duration,
    /// Planned time of everything.
    total: Duration,
}

impl<'a> Tracker<'a> {
    pub(crate) fn new(progress: &'a mut dyn Progress, total: Duration) -> Self {
        Self { progress, done: Duration::ZERO, total }
    }

    /// Passes the certificate on.
    pub(crate) fn certified(&mut self, certificate: &Certificate) {
        self.progress.certified(certificate);
    }

    /// Work of this planned length is done, as part of `stage`.
    pub(crate) fn advance(&mut self, stage: &str, planned: Duration) {
        self.done += planned;
        self.total = self.total.max(self.done);
        self.progress.at(Moment { stage, done: self.done, total: self.total });
    }

    /// Replaces the plan for what is still to do.
    pub(crate) fn left(&mut self, planned: Duration) {
        self.total = self.done + planned;
    }
}
