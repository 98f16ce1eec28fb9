//! How far a measurement is, on stderr.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shardproof::measure::{Moment, Progress};

/// Time between two lines where a bar cannot be drawn.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// A bar on a terminal; elsewhere a line now and then.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    /// When the last line was written; none on a terminal.
    last_line: Option<Instant>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        // Drawn only between slices, and at most twice a second: no thread of its own that would
        // take a core from a worker.
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(2));
        let style = ProgressStyle::with_template("{bar:30} {percent:>3} % {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let last_line = (!io::stderr().is_terminal()).then(Instant::now);
        Self { bar, last_line }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn at(&mut self, moment: Moment<'_>) {
        let Moment { stage, done, total } = moment;
        let message = format!("{stage}, {} s left", (total - done).as_secs());
        let Some(last_line) = &mut self.last_line else {
            self.bar.set_length(total.as_millis() as u64);
            self.bar.set_position(done.as_millis() as u64);
            self.bar.set_message(message);
            return;
        };
        if last_line.elapsed() >= LINE_EVERY {
            *last_line = Instant::now();
            let percent = 100.0 * done.as_secs_f64() / total.as_secs_f64();
            eprintln!("{percent:3.0} % {message}");
        }
    }
}
