//! Output on stdout, and errors that do not end the run.

use std::io::{self, ErrorKind, Write};

use crate::cmd::exit::Exit;
use crate::cmd::message::{describe, say};

/// The only writer to stdout. Results go to files first, so that nothing depends on the reader of
/// stdout.
///
/// If the reader closes the pipe early, as `head` does, the rest is dropped without an error. Any
/// other failure is an error, because a script would mistake an incomplete result for a complete
/// one.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// Whether stdout can no longer be written to.
    is_closed: bool,
    /// The errors reported so far.
    reported: Vec<String>,
}

impl Output {
    /// Prints a text as it is.
    pub(crate) fn print(&mut self, text: &str) {
        self.write_unless_closed(|stdout| stdout.write_all(text.as_bytes()));
    }

    /// Reports an error on stderr, once. The run continues but will not pass.
    pub(crate) fn report(&mut self, error: &anyhow::Error) {
        let text = describe(error);
        if !self.reported.contains(&text) {
            say(format_args!("error: {text}"));
            self.reported.push(text);
        }
    }

    /// The value of a result; an error is reported.
    pub(crate) fn ok_or_report<T>(&mut self, result: anyhow::Result<T>) -> Option<T> {
        result.map_err(|error| self.report(&error)).ok()
    }

    /// Ends the output. Returns the more severe of `exit` and the errors reported.
    pub(crate) fn end(mut self, exit: Exit) -> Exit {
        self.write_unless_closed(io::Write::flush);
        if self.reported.is_empty() { exit } else { exit.max(Exit::Error) }
    }

    fn write_unless_closed(
        &mut self,
        work: impl FnOnce(&mut io::StdoutLock<'static>) -> io::Result<()>,
    ) {
        if self.is_closed {
            return;
        }
        if let Err(error) = work(&mut io::stdout().lock()) {
            self.is_closed = true;
            if error.kind() != ErrorKind::BrokenPipe {
                let context = "cannot write to stdout, so the output is incomplete";
                self.report(&anyhow::Error::new(error).context(context));
            }
        }
    }
}
