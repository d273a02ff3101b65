//! Requests of clients, by method.

use std::time::Duration;

use super::counter::Gauge;
use super::histogram::Histogram;
use super::label::{ByLabel, Label};
use wasi_mcp_protocol::{Method, RequestOutcome};

impl Label for RequestOutcome {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }

    fn index(self) -> usize {
        self as usize
    }
}

/// A method, or `None` for unknown ones.
#[derive(Debug, Clone, Copy)]
struct MethodLabel(Option<Method>);

impl Label for MethodLabel {
    const ALL: &'static [Self] = &{
        let mut all = [Self(None); Method::ALL.len() + 1];
        let mut index = 0;
        while index < Method::ALL.len() {
            all[index] = Self(Some(Method::ALL[index]));
            index += 1;
        }
        all
    };

    fn name(self) -> &'static str {
        self.0.map_or("other", Method::name)
    }

    fn index(self) -> usize {
        // Methods are listed in the order in which they are declared.
        self.0.map_or(Method::ALL.len(), |method| method as usize)
    }
}

/// Requests of clients.
#[derive(Debug)]
pub struct Requests {
    /// Requests that the component has yet to answer.
    pub in_flight: Gauge,
    by_method: Box<[OfMethod]>,
}

#[derive(Debug, Default)]
struct OfMethod {
    outcomes: ByLabel<RequestOutcome>,
    duration: Histogram,
}

/// The metrics of the requests of one method.
#[derive(Debug, Clone, Copy)]
pub struct MethodFigures<'a> {
    /// The method's name, or `other`.
    pub method: &'static str,
    /// The number of requests by outcome.
    pub outcomes: &'a ByLabel<RequestOutcome>,
    /// The durations of the requests that the component handled.
    pub duration: &'a Histogram,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            in_flight: Gauge::default(),
            by_method: MethodLabel::ALL
                .iter()
                .map(|_| OfMethod::default())
                .collect(),
        }
    }
}

impl Requests {
    /// Counts a request that was answered at once.
    pub fn answered(&self, method: Option<Method>, outcome: RequestOutcome) {
        self.of(method).outcomes.increment(outcome);
    }

    /// Counts a request that the component handled, and removes it from those in flight.
    pub fn ended(&self, method: Method, outcome: RequestOutcome, took: Duration) {
        let figures = self.of(Some(method));
        figures.outcomes.increment(outcome);
        figures.duration.observe(took);
        self.in_flight.subtract(1);
    }

    /// Returns the number of requests of a method with this outcome.
    pub fn count(&self, method: Option<Method>, outcome: RequestOutcome) -> u64 {
        self.of(method).outcomes.of(outcome).get()
    }

    /// Returns the metrics of all methods.
    pub fn figures(&self) -> impl Iterator<Item = MethodFigures<'_>> {
        MethodLabel::ALL.iter().map(|label| {
            let of_method = &self.by_method[label.index()];
            MethodFigures {
                method: label.name(),
                outcomes: &of_method.outcomes,
                duration: &of_method.duration,
            }
        })
    }

    fn of(&self, method: Option<Method>) -> &OfMethod {
        &self.by_method[MethodLabel(method).index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_stand_at_their_index() {
        for (index, label) in MethodLabel::ALL.iter().enumerate() {
            assert_eq!(label.index(), index, "{}", label.name());
        }
    }
}
