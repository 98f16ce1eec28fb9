//! Which processors a thread may run on.

#[cfg(target_os = "linux")]
pub use linux::{AffinityGuard, allowed, pin, pin_until_dropped, save_affinity};
#[cfg(not(target_os = "linux"))]
pub use unsupported::{AffinityGuard, allowed, pin, pin_until_dropped, save_affinity};

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt;
    use std::marker::PhantomData;

    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    /// The processors that the current thread may run on; `None` if the system does not report
    /// them.
    #[must_use]
    pub fn allowed() -> Option<Vec<usize>> {
        sched_getaffinity(None).ok().map(|mask| numbers(&mask))
    }

    /// Pins the current thread, and threads it starts, to this processor. Returns whether the
    /// system allowed it.
    pub fn pin(cpu: usize) -> bool {
        if cpu >= CpuSet::MAX_CPU {
            return false;
        }
        let mut mask = CpuSet::new();
        mask.set(cpu);
        sched_setaffinity(None, &mask).is_ok()
    }

    /// Saves the current thread's affinity, and restores it on drop.
    #[must_use = "dropping the guard restores the affinity at once"]
    pub fn save_affinity() -> AffinityGuard {
        AffinityGuard { mask: sched_getaffinity(None).ok(), of_this_thread: PhantomData }
    }

    /// Pins the current thread until the guard is dropped; `None` if the system does not allow it.
    #[must_use = "dropping the guard unpins the thread at once"]
    pub fn pin_until_dropped(cpu: usize) -> Option<AffinityGuard> {
        let guard = save_affinity();
        pin(cpu).then_some(guard)
    }

    /// Restores a thread's affinity on drop. It cannot leave its thread.
    pub struct AffinityGuard {
        /// The saved mask; `None` if the system did not report it.
        mask: Option<CpuSet>,
        /// Makes the guard `!Send`: dropped on another thread, it would change that thread's
        /// affinity.
        of_this_thread: PhantomData<*const ()>,
    }

    impl Drop for AffinityGuard {
        fn drop(&mut self) {
            if let Some(mask) = &self.mask {
                // If the saved mask is no longer allowed, there is nothing better to set.
                let _ = sched_setaffinity(None, mask);
            }
        }
    }

    impl fmt::Debug for AffinityGuard {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Self { mask, of_this_thread: PhantomData } = self;
            let cpus = mask.as_ref().map(numbers);
            f.debug_struct("AffinityGuard").field("cpus", &cpus).finish()
        }
    }

    fn numbers(mask: &CpuSet) -> Vec<usize> {
        (0..CpuSet::MAX_CPU).filter(|cpu| mask.is_set(*cpu)).collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod unsupported {
    /// The processors that the current thread may run on, which this system does not report.
    #[must_use]
    pub fn allowed() -> Option<Vec<usize>> {
        None
    }

    /// Always `false`: this system cannot pin threads.
    pub fn pin(_cpu: usize) -> bool {
        false
    }

    /// Does nothing: this system cannot pin threads.
    #[must_use]
    pub fn save_affinity() -> AffinityGuard {
        AffinityGuard(())
    }

    /// Always `None`: this system cannot pin threads.
    #[must_use]
    pub fn pin_until_dropped(_cpu: usize) -> Option<AffinityGuard> {
        None
    }

    /// A guard that restores nothing.
    #[derive(Debug)]
    pub struct AffinityGuard(());
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_thread_is_pinned_until_the_guard_is_dropped() {
        // On a separate thread, so that the test thread's affinity does not change.
        thread::spawn(|| {
            let before = allowed().unwrap();
            let last = *before.last().unwrap();
            {
                let _pinned = pin_until_dropped(last).expect("an allowed processor");
                assert_eq!(allowed().unwrap(), [last]);
                let inherited = thread::spawn(|| allowed().unwrap()).join().unwrap();
                assert_eq!(inherited, [last], "threads inherit the affinity");
            }
            assert_eq!(allowed().unwrap(), before);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_missing_processor_is_refused_and_changes_nothing() {
        let before = allowed();
        for cpu in [1_023, 1_024, usize::MAX] {
            assert!(!pin(cpu), "{cpu}");
            assert!(pin_until_dropped(cpu).is_none());
        }
        assert_eq!(allowed(), before);
    }
}
