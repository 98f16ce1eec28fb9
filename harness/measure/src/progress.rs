//! Reports how far a measurement is.

use std::time::Duration;

use shardproof_evidence::Certificate;

/// Receives reports of progress, between cells and never inside one.
pub trait Progress {
    /// The measurement has reached `moment`.
    fn at(&mut self, moment: Moment<'_>);

    /// The machine's certificate is known. This is the first report.
    fn certified(&mut self, _certificate: &Certificate) {}
}

/// Ignores all reports.
impl Progress for () {
    fn at(&mut self, _moment: Moment<'_>) {}
}

/// How far a measurement is. The times are planned, good enough for a progress bar and the
/// remaining time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment<'a> {
    /// The current work: `throughput, round 3 of 25`.
    pub stage: &'a str,
    /// Planned time of the finished work.
    pub done: Duration,
    /// Planned time of the whole measurement.
    pub total: Duration,
}

/// Adds up planned times.
pub(crate) struct Tracker<'a> {
    /// Receives the reports.
    progress: &'a mut dyn Progress,
    /// Planned time of the finished work.
    done: Duration,
    /// Planned time of the whole measurement.
    total: Duration,
}

impl<'a> Tracker<'a> {
    pub(crate) fn new(progress: &'a mut dyn Progress, total: Duration) -> Self {
        Self { progress, done: Duration::ZERO, total }
    }

    /// Reports the certificate.
    pub(crate) fn certified(&mut self, certificate: &Certificate) {
        self.progress.certified(certificate);
    }

    /// Reports that a part of `stage` is finished, which was planned to take this long.
    pub(crate) fn advance(&mut self, stage: &str, planned: Duration) {
        self.done += planned;
        self.total = self.total.max(self.done);
        self.progress.at(Moment { stage, done: self.done, total: self.total });
    }

    /// Replaces the planned time of the remaining work.
    pub(crate) fn set_remaining(&mut self, planned: Duration) {
        self.total = self.done + planned;
    }
}
