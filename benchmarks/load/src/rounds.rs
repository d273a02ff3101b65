//! Rounds: every candidate once, then every candidate again, so that noise affects all alike.

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::candidates::{Candidate, Family, Served, Setup, Transport};
use crate::cli::Options;
use crate::client::Until;
use crate::messages::Request;
use crate::progress;
use crate::sample::{Sample, Summary};

/// One candidate in a comparison: its request and its concurrency.
pub struct Lane {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// The server and its client.
    pub served: Served,
    /// The request.
    pub request: Request,
    /// The number of requests in flight.
    pub in_flight: usize,
    /// The end of a turn.
    pub until: Until,
}

/// The measurements of one candidate.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// Its figures.
    #[serde(flatten)]
    pub summary: Summary,
}

/// Candidates under one kind of load.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// A description of the load.
    pub title: String,
    /// The outcome of each.
    pub outcomes: Vec<Outcome>,
}

impl Comparison {
    /// Returns the figures of the first candidate of a family.
    pub fn of(&self, family: Family) -> Option<&Outcome> {
        let mut outcomes = self.outcomes.iter();
        outcomes.find(|outcome| outcome.family == family)
    }

    /// Returns the lowest 99th percentile of the SDK's modes, in microseconds.
    pub fn rmcp_p99(&self) -> Option<f64> {
        let outcomes = self.outcomes.iter();
        outcomes
            .filter(|outcome| outcome.family == Family::Rmcp)
            .map(|outcome| outcome.summary.p99.median)
            .min_by(f64::total_cmp)
    }

    /// Returns the mode of the SDK that uses the least CPU time.
    pub fn best_rmcp(&self) -> Option<&Outcome> {
        let outcomes = self.outcomes.iter();
        outcomes
            .filter(|outcome| outcome.family == Family::Rmcp)
            .min_by(|a, b| a.summary.cpu.median.total_cmp(&b.summary.cpu.median))
    }
}

/// Starts every candidate, with as many sessions as requests in flight; over stdio one.
pub fn lanes(
    options: &Options,
    candidates: &[Candidate],
    setup: Setup,
    request: &Request,
    in_flight: usize,
) -> Result<Vec<Lane>> {
    let sessions = match setup.transport {
        Transport::Stdio => 1,
        Transport::Http => in_flight,
    };
    let lane = |candidate: &Candidate| {
        let served = candidate.serve(options, setup, sessions);
        Ok(Lane {
            name: candidate.name.clone(),
            family: candidate.family,
            served: served.with_context(|| candidate.name.clone())?,
            request: request.clone(),
            in_flight,
            until: Until::Time(options.burst()),
        })
    };
    candidates.iter().map(lane).collect()
}

/// Runs the rounds.
pub fn compare(options: &Options, title: &str, lanes: &mut [Lane]) -> Result<Comparison> {
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); lanes.len()];
    let rounds = options.rounds();
    for round in 1..=rounds {
        for (lane, samples) in lanes.iter_mut().zip(&mut samples) {
            progress::at(&format!(
                "{title}: round {round} of {rounds}, {}",
                lane.name
            ));
            let sample = lane.play();
            let words = || lane.served.process.last_words();
            samples.push(sample.with_context(|| format!("{title}: {}\n{}", lane.name, words()))?);
        }
    }
    progress::done(title);
    let outcome = |(lane, samples): (&Lane, &Vec<Sample>)| {
        Ok(Outcome {
            name: lane.name.clone(),
            family: lane.family,
            summary: Summary::new(samples, lane.served.process.resident()?),
        })
    };
    let outcomes = lanes.iter().zip(&samples).map(outcome);
    Ok(Comparison {
        title: title.to_owned(),
        outcomes: outcomes.collect::<Result<_>>()?,
    })
}

impl Lane {
    fn play(&mut self) -> Result<Sample> {
        let Served { process, client } = &mut self.served;
        client.prepare(&self.request, self.in_flight)?;
        let before = process.cpu()?;
        let burst = client.burst(&self.request, self.in_flight, self.until)?;
        let after = process.cpu()?;
        Ok(Sample::new(&burst, after.saturating_sub(before)))
    }
}
