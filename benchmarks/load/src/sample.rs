//! Figures of one round, and of all rounds.

use std::time::Duration;

use serde::Serialize;

use crate::client::Burst;

/// One round of one candidate.
#[derive(Debug, Clone, Serialize)]
pub struct Sample {
    /// The server's CPU time per request, in microseconds.
    pub cpu: f64,
    /// Requests per second.
    pub rate: f64,
    /// The median time to an answer, in microseconds.
    pub median: f64,
    /// The 99th percentile of the time to an answer, in microseconds.
    pub p99: f64,
}

impl Sample {
    /// Combines the client's measurements with the server's CPU time.
    pub fn new(burst: &Burst, cpu: Duration) -> Self {
        let requests = burst.requests as f64;
        let micros = |quantile| burst.latency.value_at_quantile(quantile) as f64 / 1000.0;
        Self {
            cpu: cpu.as_secs_f64() * 1e6 / requests,
            rate: requests / burst.time.as_secs_f64(),
            median: micros(0.5),
            p99: micros(0.99),
        }
    }
}

/// The median over the rounds, with minimum and maximum.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Figure {
    /// The median.
    pub median: f64,
    /// The minimum.
    pub least: f64,
    /// The maximum.
    pub most: f64,
}

impl Figure {
    /// Computes the figure of at least one value.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        };
        Self {
            median,
            least: values[0],
            most: values[values.len() - 1],
        }
    }
}

/// All rounds of one candidate.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The server's CPU time per request, in microseconds.
    pub cpu: Figure,
    /// Requests per second.
    pub rate: Figure,
    /// The median time to an answer, in microseconds.
    pub median: Figure,
    /// The 99th percentile of the time to an answer, in microseconds.
    pub p99: Figure,
    /// The server's memory after the last round, in bytes.
    pub resident: u64,
}

impl Summary {
    /// Summarizes at least one round.
    pub fn new(samples: &[Sample], resident: u64) -> Self {
        let figure = |of: fn(&Sample) -> f64| Figure::of(samples.iter().map(of));
        Self {
            cpu: figure(|sample| sample.cpu),
            rate: figure(|sample| sample.rate),
            median: figure(|sample| sample.median),
            p99: figure(|sample| sample.p99),
            resident,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_in_the_middle() {
        let figure = Figure::of([3.0, 1.0, 2.0]);
        assert_eq!((figure.least, figure.median, figure.most), (1.0, 2.0, 3.0));
        assert_eq!(Figure::of([4.0, 2.0]).median, 3.0);
    }
}
