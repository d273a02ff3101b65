//! From the start of the process to the first answer of a tool, over stdio.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

use super::calls::CALL_BYTES;
use crate::candidates::{self, Candidate, Family, Setup, Transport};
use crate::cli::Options;
use crate::client::lines::Lines;
use crate::client::{Client as _, Until};
use crate::messages::Request;
use crate::process::Process;
use crate::progress;
use crate::sample::Figure;

/// Starts per round of other measurements.
const STARTS: u32 = 4;

/// The start of one candidate.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// The time from the start of the process to the first answer of a tool, in milliseconds.
    pub time: Figure,
    /// The CPU time of the process in that time, in milliseconds.
    pub cpu: Figure,
}

/// Starts every candidate repeatedly. Caches are warm.
pub fn start(options: &Options) -> Result<Vec<Start>> {
    let candidates = candidates::all(options, Transport::Stdio)?;
    let mut times = vec![(Vec::new(), Vec::new()); candidates.len()];
    let setup = Setup::plain(Transport::Stdio);
    let request = Request::echo(CALL_BYTES);
    let once = |candidate: &Candidate| first_answer(|| candidate.start(options, setup), &request);
    for candidate in &candidates {
        once(candidate)?;
    }
    for round in 0..options.rounds() * STARTS {
        for (candidate, (times, cpu)) in candidates.iter().zip(&mut times) {
            progress::at(&format!("start: {round}, {}", candidate.name));
            let first = once(candidate)?;
            times.push(first.time);
            cpu.push(first.cpu);
        }
    }
    progress::done("start");
    let figures = candidates.into_iter().zip(times);
    let start = figures.map(|(candidate, (times, cpu))| Start {
        name: candidate.name,
        family: candidate.family,
        time: Figure::of(times),
        cpu: Figure::of(cpu),
    });
    Ok(start.collect())
}

/// One start of a process.
pub struct FirstAnswer {
    /// The time to the first answer, in milliseconds.
    pub time: f64,
    /// The CPU time of the process in that time, in milliseconds.
    pub cpu: f64,
    /// The peak memory of the process, in bytes.
    pub peak: u64,
}

/// Starts a process, and measures the time to its first answer over stdio.
pub fn first_answer(
    start: impl FnOnce() -> Result<Process>,
    request: &Request,
) -> Result<FirstAnswer> {
    let begun = Instant::now();
    let mut process = start()?;
    let mut client = Lines::open(&mut process)?;
    client.burst(request, 1, Until::Count(1))?;
    let time = begun.elapsed();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    // The process ends with the client.
    let first = FirstAnswer {
        time: milliseconds(time),
        cpu: milliseconds(process.cpu()?),
        peak: process.peak()?,
    };
    drop(client);
    Ok(first)
}
