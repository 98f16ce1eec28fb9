//! SIGINT and SIGTERM: report what was saved and how to continue, leave no partial file, and exit.
//!
//! A second signal ends the process at once.

use std::ffi::OsString;
use std::io;
use std::process;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::signal_name;

use crate::base::atomic_file;
use crate::cmd::message::say;
use crate::cmd::{environment, folder_lock, shell};

/// Exit codes after SIGINT and SIGTERM, by the convention of shells.
#[cfg(test)]
pub(crate) const EXIT_CODES: [i32; 2] = [exit_code(SIGINT), exit_code(SIGTERM)];

/// What was saved so far, and how to continue.
static SAVED: Mutex<Option<String>> = Mutex::new(None);

/// Starts a thread that waits for signals.
///
/// # Errors
/// If the system refuses.
pub(crate) fn listen() -> io::Result<()> {
    let second = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset, and sets it.
        flag::register_conditional_shutdown(signal, exit_code(signal), Arc::clone(&second))?;
        flag::register(signal, Arc::clone(&second))?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            end(signal);
        }
    })?;
    Ok(())
}

/// Sets the message for signals from now on: what was saved, and how to continue.
pub(crate) fn set_message(text: impl Into<String>) {
    *SAVED.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.into());
}

/// The shell command that started this process, with `--resume`.
pub(crate) fn resume_command() -> String {
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_else(|| "shardproof".into());
    let mut rest: Vec<OsString> = arguments.collect();
    if rest.is_empty() {
        rest.push("measure".into());
    }
    if !rest.iter().any(|argument| argument == "--resume") {
        rest.push("--resume".into());
    }
    let mut words: Vec<String> = environment::set_variables()
        .filter(|(name, _)| name != "SHARDPROOF_RESUME")
        .map(|(name, value)| format!("{name}={}", shell::quoted(value)))
        .collect();
    words.push(shell::quoted(program));
    words.extend(rest.iter().map(shell::quoted));
    words.join(" ")
}

fn end(signal: i32) -> ! {
    let _writes = atomic_file::hold_writes();
    let name = signal_name(signal).unwrap_or("a signal");
    let message = SAVED.lock().unwrap_or_else(PoisonError::into_inner).take();
    let message = message.unwrap_or_else(|| {
        "no file is incomplete; to start again, run the same command".to_owned()
    });
    say(format_args!("\ninterrupted by {name}: {message}"));
    folder_lock::release_all();
    process::exit(exit_code(signal));
}

const fn exit_code(signal: i32) -> i32 {
    128 + signal
}
