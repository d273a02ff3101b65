//! Histograms of durations.

use std::time::Duration;

use super::Elapsed;
use super::counter::Counter;

/// The upper bounds of the buckets, in microseconds; the last bucket has no bound.
pub const BOUNDS: [u64; 17] = [
    50,
    100,
    250,
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    1_000_000,
    5_000_000,
    30_000_000,
    120_000_000,
    600_000_000,
];

/// Counts durations by size.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [Counter; BOUNDS.len() + 1],
    sum: Elapsed,
}

impl Histogram {
    /// Counts one duration.
    pub fn observe(&self, time: Duration) {
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|bound| *bound < microseconds);
        self.buckets[bucket].increment();
        self.sum.add(time);
    }

    /// Returns the sum of all durations.
    pub fn sum(&self) -> Duration {
        self.sum.get()
    }

    /// Returns the number of durations in each bucket.
    pub fn counts(&self) -> [u64; BOUNDS.len() + 1] {
        std::array::from_fn(|bucket| self.buckets[bucket].get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let histogram = Histogram::default();
        for microseconds in [0, 50, 51, 600_000_000, 600_000_001] {
            histogram.observe(Duration::from_micros(microseconds));
        }
        let counts = histogram.counts();
        assert_eq!((counts[0], counts[1]), (2, 1));
        assert_eq!((counts[16], counts[17]), (1, 1));
        assert_eq!(histogram.sum(), Duration::from_micros(1_200_000_102));
    }
}
