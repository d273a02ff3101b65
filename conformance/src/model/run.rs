//! A run of the checks against one target.

use std::time::Duration;

use serde::Serialize;

use super::transport::Transport;
use super::verdict::{Summary, Verdict, milliseconds};

/// The default seed of generated arguments.
pub const DEFAULT_SEED: u64 = 20_250_618;

/// What was tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// `component`, `command`, `url` or `runtime`.
    pub kind: String,
    /// The component's name, the command line, the URL.
    pub name: String,
    /// Of a component: `0.2` or `0.3`.
    pub variant: Option<String>,
    /// Of a component: `backend` or `service`.
    pub world: Option<String>,
    /// The transport.
    pub transport: Transport,
}

impl Identity {
    /// What it is, in a few words.
    pub fn title(&self) -> String {
        let detail = [self.world.as_deref(), self.variant.as_deref()];
        let detail: Vec<&str> = detail.into_iter().flatten().collect();
        let detail = if detail.is_empty() {
            String::new()
        } else {
            format!(" ({})", detail.join(", "))
        };
        format!(
            "{} {}{detail} over {}",
            self.kind, self.name, self.transport
        )
    }
}

/// A run of the checks against one target over one transport.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// What was tested.
    pub target: Identity,
    /// The seed of the arguments that were made by chance.
    pub seed: u64,
    /// How long it took, in milliseconds.
    #[serde(rename = "durationMilliseconds", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// How many checks came out how.
    pub summary: Summary,
    /// The outcome of each check.
    pub results: Vec<Verdict>,
    /// What could not be exercised, and why.
    #[serde(rename = "notExercised")]
    pub left_out: Vec<LeftOut>,
}

impl Run {
    /// A run with its results.
    pub fn new(
        target: Identity,
        duration: Duration,
        results: Vec<Verdict>,
        left_out: Vec<LeftOut>,
    ) -> Self {
        Self {
            target,
            seed: DEFAULT_SEED,
            duration,
            summary: Summary::count(&results),
            results,
            left_out,
        }
    }

    /// Counts again, after verdicts were changed.
    pub fn recount(&mut self) {
        self.summary = Summary::count(&self.results);
    }

    /// The verdicts by the page of the specification, in order.
    pub fn pages(&self) -> Vec<(&str, Vec<&Verdict>)> {
        let mut pages: Vec<(&str, Vec<&Verdict>)> = Vec::new();
        for verdict in &self.results {
            match pages.last_mut().filter(|(last, _)| *last == verdict.page()) {
                Some((_, verdicts)) => verdicts.push(verdict),
                None => pages.push((verdict.page(), vec![verdict])),
            }
        }
        pages
    }
}

/// Something that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}
