//! From the start of the process to the first answer of a tool, over stdio.

use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

use super::calls::CALL_BYTES;
use crate::candidates::{self, Candidate, Family, Setup, Transport};
use crate::cli::Options;
use crate::client::lines::Lines;
use crate::client::{Client as _, Until};
use crate::messages::Request;
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
    for candidate in &candidates {
        once(options, candidate)?;
    }
    for round in 0..options.rounds() * STARTS {
        for (candidate, (times, cpu)) in candidates.iter().zip(&mut times) {
            progress::at(&format!("start: {round}, {}", candidate.name));
            let (time, used) = once(options, candidate)?;
            times.push(time);
            cpu.push(used);
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

/// Returns time and CPU time, in milliseconds.
fn once(options: &Options, candidate: &Candidate) -> Result<(f64, f64)> {
    let begun = Instant::now();
    let mut process = candidate.start(options, Setup::plain(Transport::Stdio))?;
    let mut client = Lines::open(&mut process)?;
    client.burst(&Request::echo(CALL_BYTES), 1, Until::Count(1))?;
    let time = begun.elapsed();
    let milliseconds = |time: std::time::Duration| time.as_secs_f64() * 1e3;
    Ok((milliseconds(time), milliseconds(process.cpu()?)))
}
