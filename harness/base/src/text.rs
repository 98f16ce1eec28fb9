//! Amounts with units, for messages.

use std::time::Duration;

/// A number of bytes in a suitable unit: `812 B`, `4.3 KiB`, `9.8 GiB`.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let (mut amount, mut unit) = (count as f64 / 1024.0, 0);
    while amount >= 1024.0 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

/// A time in a suitable unit: `80 ms`, `42 s`, `3 min`, `2.5 h`.
#[must_use]
pub fn duration(time: Duration) -> String {
    match time.as_secs() {
        0 if !time.is_zero() => format!("{} ms", time.as_millis().max(1)),
        seconds @ ..100 => format!("{seconds} s"),
        seconds @ ..6_000 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{:.1} h", seconds as f64 / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_a_suitable_unit() {
        let texts = [0, 1_023, 1_024, 4_404, 9_663_676_416, u64::MAX].map(bytes);
        assert_eq!(texts, ["0 B", "1023 B", "1.0 KiB", "4.3 KiB", "9.0 GiB", "16384.0 PiB"]);
    }

    #[test]
    fn a_time_has_a_suitable_unit() {
        let texts = [80, 42_000, 150_000, 9_000_000].map(|ms| duration(Duration::from_millis(ms)));
        assert_eq!(texts, ["80 ms", "42 s", "3 min", "2.5 h"]);
        assert_eq!(duration(Duration::ZERO), "0 s");
    }
}
