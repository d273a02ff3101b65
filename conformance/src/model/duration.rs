//! Durations for human readers.

use std::time::Duration;

/// Formats a duration in seconds or milliseconds, rounded for a reader.
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 0.9995 {
        format!("{} ms", (seconds * 1000.0).round())
    } else {
        format!("{} s", (seconds * 10.0).round() / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rounded() {
        for (nanoseconds, expected) in [
            (1_000_953_412, "1 s"),
            (999_999_999, "1 s"),
            (2_200_000_000, "2.2 s"),
            (300_000_001, "300 ms"),
            (120_000_000_000, "120 s"),
        ] {
            assert_eq!(in_words(Duration::from_nanos(nanoseconds)), expected);
        }
    }
}
