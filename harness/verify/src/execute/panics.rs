//! Panics of a store under test: caught, kept, and not printed.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::check::report::AnomalyKind;
use crate::execute::examiner::Crash;

thread_local! {
    /// Whether panics of this thread are somebody's evidence, and so not to be printed.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What a search panics with once it has found something, to get out of an executor that knows no other end.
pub(super) const FOUND: &str = "shardproof: found what it was looking for";

/// What is said of a thread that has panicked; what it said itself is in the crash.
pub(super) const PANICKED: &str = "a thread of the program panicked";

/// Does something that may panic; returns what it says then.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Crash> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        set_the_hook_of_others();
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
    let message = text.unwrap_or_else(|| "a panic without words".to_owned());
    // The words of loom and shuttle.
    let stuck = message.to_lowercase().contains("deadlock");
    Crash { kind: if stuck { AnomalyKind::Stuck } else { AnomalyKind::Panicked }, message }
}

/// shuttle sets a panic hook at its first use, which prints whatever comes: ours must be set after it, to come
/// first.
fn set_the_hook_of_others() {
    #[cfg(feature = "shuttle")]
    {
        let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(0, 1);
        let mut config = shuttle::Config::new();
        config.failure_persistence = shuttle::FailurePersistence::None;
        shuttle::Runner::new(scheduler, config).run(|| ());
    }
}
