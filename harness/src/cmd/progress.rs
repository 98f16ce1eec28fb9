//! Progress on stderr.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cmd::message::say;
use crate::document::certificate_summary;
use crate::evidence::Certificate;
use crate::measure::{Moment, Progress};

/// Time between two lines if a bar cannot be drawn.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Resolution of a bar.
const LENGTH: u64 = 10_000;

/// A progress bar on a terminal; elsewhere an occasional line.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    /// When the last line was written; none on a terminal.
    last_line: Option<Instant>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        // Drawn only between slices, at most twice a second, and without a thread that would take a
        // core from a worker.
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(2));
        let style = ProgressStyle::with_template("{bar:30} {percent:>3} % {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let last_line = (!io::stderr().is_terminal()).then(Instant::now);
        Self { bar, last_line }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows the share of the work that is done.
    fn show(&mut self, share: f64, message: &str) {
        let Some(last_line) = &mut self.last_line else {
            self.bar.set_length(LENGTH);
            self.bar.set_position((share * LENGTH as f64) as u64);
            self.bar.set_message(message.to_owned());
            return;
        };
        if last_line.elapsed() >= LINE_EVERY {
            *last_line = Instant::now();
            say(format_args!("{:3.0} % {message}", 100.0 * share));
        }
    }
}

impl Progress for Bar {
    fn at(&mut self, moment: Moment<'_>) {
        let Moment { stage, done, total } = moment;
        let message = format!("{stage}, {} s left", (total - done).as_secs());
        self.show(done.as_secs_f64() / total.as_secs_f64(), &message);
    }

    fn certified(&mut self, certificate: &Certificate) {
        // Above the bar, and also if none is drawn.
        self.bar.suspend(|| say(certificate_summary(certificate).trim_end()));
    }
}

/// Progress of work in steps of different lengths.
#[derive(Debug)]
pub(crate) struct Steps {
    bar: Bar,
    /// Total number of steps.
    total: usize,
    /// Steps done.
    done: usize,
    /// The current step.
    current: String,
}

impl Steps {
    pub(crate) fn new(total: usize) -> Self {
        Self { bar: Bar::new(), total, done: 0, current: String::new() }
    }

    /// Shows the current step and the share of it that is done; a new name starts the next step.
    pub(crate) fn at(&mut self, step: &str, share: f64) {
        if self.current != step {
            self.done += usize::from(!self.current.is_empty());
            step.clone_into(&mut self.current);
        }
        self.bar.show((self.done as f64 + share) / self.total.max(1) as f64, step);
    }

    /// Marks a step as done.
    pub(crate) fn next(&mut self, step: &str) {
        self.done += 1;
        self.bar.show(self.done as f64 / self.total.max(1) as f64, step);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish();
    }
}
