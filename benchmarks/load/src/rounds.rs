//! Rounds: every candidate once, then every candidate again, so that noise meets all alike.

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::candidates::{Candidate, Family, Setup};
use crate::cli::Options;
use crate::client::{Client, Until};
use crate::messages::Request;
use crate::process::Process;
use crate::progress;
use crate::sample::{Sample, Summary};

/// One candidate in a comparison.
pub struct Lane {
    name: String,
    family: Family,
    process: Process,
    client: Box<dyn Client>,
}

/// What one candidate did.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub family: Family,
    /// Its figures.
    #[serde(flatten)]
    pub summary: Summary,
}

/// Candidates beside each other, at one kind of load.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// What was asked of them.
    pub title: String,
    /// What each did.
    pub outcomes: Vec<Outcome>,
}

impl Comparison {
    /// The figures of the first candidate of a family.
    pub fn of(&self, family: Family) -> Option<&Outcome> {
        let mut outcomes = self.outcomes.iter();
        outcomes.find(|outcome| outcome.family == family)
    }

    /// The mode of the SDK that needs the least CPU time.
    pub fn best_rmcp(&self) -> Option<&Outcome> {
        let outcomes = self.outcomes.iter();
        outcomes
            .filter(|outcome| outcome.family == Family::Rmcp)
            .min_by(|a, b| a.summary.cpu.median.total_cmp(&b.summary.cpu.median))
    }
}

/// Starts every candidate, each with so many sessions.
pub fn lanes(
    options: &Options,
    candidates: &[Candidate],
    setup: Setup,
    sessions: usize,
) -> Result<Vec<Lane>> {
    let lane = |candidate: &Candidate| {
        let served = candidate.serve(options, setup, sessions);
        let (process, client) = served.with_context(|| candidate.name.clone())?;
        Ok(Lane {
            name: candidate.name.clone(),
            family: candidate.family,
            process,
            client,
        })
    };
    candidates.iter().map(lane).collect()
}

/// Plays the rounds.
pub fn compare(
    options: &Options,
    title: &str,
    lanes: &mut [Lane],
    request: &Request,
    in_flight: usize,
) -> Result<Comparison> {
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); lanes.len()];
    let rounds = options.rounds();
    for round in 1..=rounds {
        for (lane, samples) in lanes.iter_mut().zip(&mut samples) {
            progress::at(&format!(
                "{title}: round {round} of {rounds}, {}",
                lane.name
            ));
            let sample = lane.play(request, in_flight, Until::Time(options.burst()));
            let sample = sample.with_context(|| {
                format!("{title}: {}\n{}", lane.name, lane.process.last_words())
            })?;
            samples.push(sample);
        }
    }
    progress::done(title);
    let outcome = |(lane, samples): (&Lane, &Vec<Sample>)| {
        Ok(Outcome {
            name: lane.name.clone(),
            family: lane.family,
            summary: Summary::new(samples, lane.process.resident()?),
        })
    };
    Ok(Comparison {
        title: title.to_owned(),
        outcomes: lanes
            .iter()
            .zip(&samples)
            .map(outcome)
            .collect::<Result<_>>()?,
    })
}

impl Lane {
    fn play(&mut self, request: &Request, in_flight: usize, until: Until) -> Result<Sample> {
        self.client.prepare(request, in_flight)?;
        let before = self.process.cpu()?;
        let burst = self.client.burst(request, in_flight, until)?;
        let after = self.process.cpu()?;
        Ok(Sample::new(&burst, after.saturating_sub(before)))
    }
}
