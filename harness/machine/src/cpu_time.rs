//! Processor time of the current thread.

use std::time::Duration;

/// The processor time of the current thread since it started; `None` if the system does not report
/// it. This is a system call: use it at the ends of a timed loop, not inside.
#[cfg(any(target_os = "linux", target_os = "macos"))]
#[must_use]
pub fn of_this_thread() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::ThreadCPUTime);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

/// The processor time of the current thread, which this system does not report.
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
    fn processor_time_grows_with_work_and_is_per_thread() {
        thread::spawn(|| {
            let before = of_this_thread().unwrap();
            while of_this_thread().unwrap() < before + Duration::from_millis(20) {
                black_box(0);
            }
            let fresh = thread::spawn(|| of_this_thread().unwrap()).join().unwrap();
            assert!(fresh < of_this_thread().unwrap(), "a new thread starts at 0");
        })
        .join()
        .unwrap();
    }
}
