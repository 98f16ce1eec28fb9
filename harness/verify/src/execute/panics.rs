//! Catches panics of the store under test without printing them.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::check::report::AnomalyKind;
use crate::execute::history_checker::Crash;

thread_local! {
    /// Whether this thread runs under [`catch`], so that its panics are not printed.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// The panic message that ends a search after a failure, in an executor that can only be stopped by
/// a panic.
#[cfg(feature = "loom")]
pub(super) const STOP_MESSAGE: &str = "shardproof: the search ends at its first failure";

/// The panic message for a join of a worker that panicked; its own message is in the crash.
#[cfg(any(feature = "loom", feature = "shuttle"))]
pub(super) const WORKER_PANICKED: &str = "a thread of the program panicked";

/// Runs something that may panic; returns its panic as a crash.
pub(super) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Crash> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        install_other_hooks();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.try_with(Cell::get).unwrap_or(false) {
                before(info);
            }
        }));
    });
    let loud = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(loud);
    result.map_err(|payload| crash(&*payload))
}

fn crash(payload: &(dyn Any + Send)) -> Crash {
    let text = payload.downcast_ref::<&str>().copied().map(str::to_owned);
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    let message = text.unwrap_or_else(|| "a panic without a message".to_owned());
    // loom and shuttle both say "deadlock".
    let stuck = message.to_lowercase().contains("deadlock");
    Crash { kind: if stuck { AnomalyKind::Stuck } else { AnomalyKind::Panicked }, message }
}

/// Makes shuttle install its panic hook, which it does at its first use and which prints every
/// panic: ours must be installed after it to run before it.
fn install_other_hooks() {
    #[cfg(feature = "shuttle")]
    {
        let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(0, 1);
        let mut config = shuttle::Config::new();
        config.failure_persistence = shuttle::FailurePersistence::None;
        shuttle::Runner::new(scheduler, config).run(|| ());
    }
}
