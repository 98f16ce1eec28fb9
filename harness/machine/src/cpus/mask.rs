//! Which processors a thread may run on.

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{KeptMask, allowed, keep_mask, pin, pin_until_dropped};
#[cfg(target_os = "linux")]
pub use linux::{KeptMask, allowed, keep_mask, pin, pin_until_dropped};

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt;
    use std::marker::PhantomData;

    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    /// The processors that the current thread may run on; `None` where the system does not tell.
    #[must_use]
    pub fn allowed() -> Option<Vec<usize>> {
        sched_getaffinity(None).ok().map(|mask| numbers(&mask))
    }

    /// Lets the current thread, and those that it starts, run on this processor alone. Returns
    /// whether the system agreed.
    pub fn pin(cpu: usize) -> bool {
        if cpu >= CpuSet::MAX_CPU {
            return false;
        }
        let mut mask = CpuSet::new();
        mask.set(cpu);
        sched_setaffinity(None, &mask).is_ok()
    }

    /// Keeps in mind what the current thread may run on now, and sets that again when dropped.
    #[must_use = "it is dropped, and the mask set again, at once"]
    pub fn keep_mask() -> KeptMask {
        KeptMask { mask: sched_getaffinity(None).ok(), of_this_thread: PhantomData }
    }

    /// [`pin`], until what is returned is dropped; `None` if the system did not agree.
    #[must_use = "it is dropped, and the thread free again, at once"]
    pub fn pin_until_dropped(cpu: usize) -> Option<KeptMask> {
        let kept = keep_mask();
        pin(cpu).then_some(kept)
    }

    /// What a thread may run on once this is dropped. It stays with its thread.
    pub struct KeptMask {
        /// The mask; none where the system did not tell.
        mask: Option<CpuSet>,
        /// Dropped on another thread it would set that one's mask.
        of_this_thread: PhantomData<*const ()>,
    }

    impl Drop for KeptMask {
        fn drop(&mut self) {
            if let Some(mask) = &self.mask {
                // It was the mask before: where it is no longer allowed, there is none better.
                let _ = sched_setaffinity(None, mask);
            }
        }
    }

    impl fmt::Debug for KeptMask {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Self { mask, of_this_thread: PhantomData } = self;
            let cpus = mask.as_ref().map(numbers);
            f.debug_struct("KeptMask").field("cpus", &cpus).finish()
        }
    }

    fn numbers(mask: &CpuSet) -> Vec<usize> {
        (0..CpuSet::MAX_CPU).filter(|cpu| mask.is_set(*cpu)).collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    /// The processors that the current thread may run on; `None`, for this system does not tell.
    #[must_use]
    pub fn allowed() -> Option<Vec<usize>> {
        None
    }

    /// Lets the current thread run on one processor alone; `false`, for it cannot be done here.
    pub fn pin(_cpu: usize) -> bool {
        false
    }

    /// Would set again what the thread may run on now.
    #[must_use]
    pub fn keep_mask() -> KeptMask {
        KeptMask(())
    }

    /// Would pin; `None`, for it cannot be done here.
    #[must_use]
    pub fn pin_until_dropped(_cpu: usize) -> Option<KeptMask> {
        None
    }

    /// What a thread may run on once this is dropped.
    #[derive(Debug)]
    pub struct KeptMask(());
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_thread_is_pinned_until_the_guard_goes() {
        // On a thread of its own: the mask of the test's thread is nobody else's business.
        thread::spawn(|| {
            let before = allowed().unwrap();
            let last = *before.last().unwrap();
            {
                let _pinned = pin_until_dropped(last).expect("a processor that is allowed");
                assert_eq!(allowed().unwrap(), [last]);
                let inherited = thread::spawn(|| allowed().unwrap()).join().unwrap();
                assert_eq!(inherited, [last], "so a pinned thread starts no free ones");
            }
            assert_eq!(allowed().unwrap(), before);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_processor_that_is_not_there_is_refused_and_changes_nothing() {
        let before = allowed();
        for cpu in [1_023, 1_024, usize::MAX] {
            assert!(!pin(cpu), "{cpu}");
            assert!(pin_until_dropped(cpu).is_none());
        }
        assert_eq!(allowed(), before);
    }
}
