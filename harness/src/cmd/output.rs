//! What a verb prints on stdout, and the errors that it lives on after.

use std::io::{self, ErrorKind, Write};

use crate::cmd::exit::Exit;
use crate::cmd::message::{describe, say};

/// The one writer to stdout. Results go to files first and to stdout second, so that nothing depends
/// on who reads it.
///
/// A reader that closes the pipe early, as `head` does, has seen enough: the rest is dropped and that is
/// no error. Any other failure is one, because a script would take an incomplete result for a whole one.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// Whether nothing more can be printed.
    is_closed: bool,
    /// The errors that were reported, each once.
    reported: Vec<String>,
}

impl Output {
    /// Prints a text as it is.
    pub(crate) fn print(&mut self, text: &str) {
        self.do_unless_closed(|stdout| stdout.write_all(text.as_bytes()));
    }

    /// Reports an error on stderr, once, after which the run goes on. It will not pass.
    pub(crate) fn report(&mut self, error: &anyhow::Error) {
        let text = describe(error);
        if !self.reported.contains(&text) {
            say(format_args!("error: {text}"));
            self.reported.push(text);
        }
    }

    /// What is there; if it is an error, that is reported.
    pub(crate) fn unless_error<T>(&mut self, result: anyhow::Result<T>) -> Option<T> {
        result.map_err(|error| self.report(&error)).ok()
    }

    /// Ends the output. Returns the gravest of `exit` and what went wrong on the way.
    pub(crate) fn end(mut self, exit: Exit) -> Exit {
        self.do_unless_closed(io::Write::flush);
        if self.reported.is_empty() { exit } else { exit.max(Exit::Error) }
    }

    fn do_unless_closed(
        &mut self,
        work: impl FnOnce(&mut io::StdoutLock<'static>) -> io::Result<()>,
    ) {
        if self.is_closed {
            return;
        }
        if let Err(error) = work(&mut io::stdout().lock()) {
            self.is_closed = true;
            if error.kind() != ErrorKind::BrokenPipe {
                let context = "cannot write to stdout, so that what is printed is incomplete";
                self.report(&anyhow::Error::new(error).context(context));
            }
        }
    }
}
