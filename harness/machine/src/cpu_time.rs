//! How long the current thread has been on a processor.

use std::time::Duration;

/// Time that the current thread has spent on a processor since it began; `None` where the system
/// does not tell. It is a call into the system: for the ends of a timed loop, not for its inside.
#[cfg(any(target_os = "linux", target_os = "macos"))]
#[must_use]
pub fn of_this_thread() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::ThreadCPUTime);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

/// Time that the current thread has spent on a processor: this system does not tell.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
#[must_use]
pub fn of_this_thread() -> Option<Duration> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::hint::black_box;
    use std::thread;

    use super::*;

    #[test]
    fn it_grows_while_a_thread_works_and_belongs_to_that_thread_alone() {
        thread::spawn(|| {
            let before = of_this_thread().unwrap();
            while of_this_thread().unwrap() < before + Duration::from_millis(20) {
                black_box(0);
            }
            let fresh = thread::spawn(|| of_this_thread().unwrap()).join().unwrap();
            assert!(fresh < of_this_thread().unwrap(), "a new thread begins at 0");
        })
        .join()
        .unwrap();
    }
}
