//! Servers with one tool, on our library of each language and on SDKs that run natively.
//!
//! The server has one tool, `hello`. It is built, counted, started and called.

mod build;
mod installed;
mod lines;
mod servers;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;

pub use build::BuildTimes;

use crate::candidates::{Candidate, Code, Family, Setup, Transport};
use crate::cli::Options;
use crate::messages::Request;
use crate::parts::start::{FirstAnswer, first_answer};
use crate::progress;
use crate::rounds::{Outcome, compare as compare_lanes, lanes};
use crate::sample::{Figure, Summary};
use servers::Server;

/// Connections over HTTP, with a session each.
pub const CONNECTIONS: usize = 32;
/// Starts with a warm cache, per round of calls.
const WARM_STARTS: u32 = 2;
/// Starts without a cache, except for development: a first load of Python takes many seconds.
const COLD_STARTS: u32 = 2;
/// A first load, in milliseconds, that is not repeated: its noise matters little.
const LONG: f64 = 5000.0;

/// The whole comparison.
#[derive(Debug, Serialize)]
pub struct Languages {
    /// The servers that were measured.
    pub measured: Vec<Language>,
    /// The servers whose lines alone are counted.
    pub counted: Vec<Counted>,
    /// The servers that were left out, each with the way to include it.
    pub left_out: Vec<String>,
    /// The programs that run the servers, with their versions or sizes.
    pub runtimes: Vec<String>,
}

/// A server that is present only as source.
#[derive(Debug, Serialize)]
pub struct Counted {
    /// Its name.
    pub name: &'static str,
    /// The lines of its source.
    pub lines: usize,
}

/// One server.
#[derive(Debug, Serialize)]
pub struct Language {
    /// Its name, with the version of its library.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// The lines of its source, without blank lines and comments.
    pub lines: usize,
    /// The size of what is deployed, in bytes.
    pub size: u64,
    /// The duration of a build, if there is one.
    pub build: Option<BuildTimes>,
    /// Starts without compiled code of earlier ones, if the server keeps any.
    pub cold: Option<Starts>,
    /// Starts without compiled code of components whose code is optimised before they are served.
    pub cold_optimized: Option<Starts>,
    /// Starts with the compiled code of earlier ones.
    pub warm: Starts,
    /// Calls over stdio, one at a time.
    pub stdio: Calls,
    /// Calls over HTTP, each connection with a session.
    pub http: Calls,
}

/// From the start of the process to the first answer of the tool, over stdio.
#[derive(Debug, Serialize)]
pub struct Starts {
    /// Milliseconds.
    pub time: Figure,
    /// Milliseconds of CPU time.
    pub cpu: Figure,
    /// The peak memory of the process until then, in bytes.
    pub peak: u64,
}

/// Calls of the tool.
#[derive(Debug, Serialize)]
pub struct Calls {
    /// The figures of all rounds.
    #[serde(flatten)]
    pub summary: Summary,
    /// The peak memory of the process, in bytes.
    pub peak: u64,
}

/// Builds, starts and calls every server that is installed.
pub fn compare(options: &Options) -> Result<Languages> {
    let folder = options.target()?.join("languages");
    let (servers, left_out) = servers::prepare(options, &folder)?;
    for name in &left_out {
        eprintln!("left out: {name}");
    }
    ensure!(!servers.is_empty(), "no server is left to measure");

    let candidates: Vec<_> = servers.iter().map(|one| one.candidate.clone()).collect();
    let starts = starts(options, &servers, &folder)?;
    let stdio = calls(options, &candidates, Transport::Stdio, 1)?;
    let http = calls(options, &candidates, Transport::Http, CONNECTIONS)?;
    let runtimes = installed::runtimes(options, &servers)?;
    let all = servers.into_iter().zip(starts).zip(stdio).zip(http);
    let measured = all.map(|(((server, starts), stdio), http)| Language {
        name: server.candidate.name,
        family: server.candidate.family,
        lines: server.lines,
        size: server.size,
        build: server.build,
        cold: starts.cold,
        cold_optimized: starts.cold_optimized,
        warm: starts.warm,
        stdio,
        http,
    });
    Ok(Languages {
        measured: measured.collect(),
        counted: servers::counted(options)?,
        left_out,
        runtimes,
    })
}

/// Calls all servers in rounds.
fn calls(
    options: &Options,
    candidates: &[Candidate],
    transport: Transport,
    in_flight: usize,
) -> Result<Vec<Calls>> {
    let (setup, request) = (Setup::plain(transport), Request::hello());
    let title = match transport {
        Transport::Stdio => "languages, stdio",
        Transport::Http => "languages, HTTP",
    };
    let mut lanes = lanes(options, candidates, setup, &request, in_flight)?;
    let comparison = compare_lanes(options, title, &mut lanes)?;
    let figures = comparison.outcomes.into_iter().zip(&lanes);
    figures
        .map(|(Outcome { summary, .. }, lane)| {
            let peak = lane.served.process.peak()?;
            Ok(Calls { summary, peak })
        })
        .collect()
}

/// The starts of one server.
struct StartsOfOne {
    cold: Option<Starts>,
    cold_optimized: Option<Starts>,
    warm: Starts,
}

/// Starts every server: without compiled code if it keeps any, and then with it.
fn starts(options: &Options, servers: &[Server], folder: &Path) -> Result<Vec<StartsOfOne>> {
    let cold = |server: &Server, code| cold_starts(options, server, folder, code);
    let mut figures = Vec::new();
    for server in servers {
        let of_hosts = server.candidate.is_hosted();
        figures.push((
            cold(server, Code::Soonest)?,
            of_hosts
                .then(|| cold(server, Code::Optimized))
                .transpose()?,
        ));
    }
    progress::done("first loads");
    let warm = warm_starts(options, servers)?;
    let all = figures.into_iter().zip(warm);
    let all = all.map(|((cold, cold_optimized), warm)| StartsOfOne {
        cold,
        cold_optimized: cold_optimized.flatten(),
        warm,
    });
    Ok(all.collect())
}

/// Starts a server without compiled code of earlier starts, if it keeps any.
fn cold_starts(
    options: &Options,
    server: &Server,
    folder: &Path,
    code: Code,
) -> Result<Option<Starts>> {
    let mut samples: Vec<FirstAnswer> = Vec::new();
    let starts = if options.quick || !server.keeps_compiled_code {
        0
    } else {
        COLD_STARTS
    };
    for _ in 0..starts {
        if samples.iter().any(|first| first.time > LONG) {
            break;
        }
        let name = &server.candidate.name;
        progress::at(&format!("first load: {name}"));
        let cache = build::emptied(&folder.join("cache"))?;
        let start = || server.candidate.start_cold(options, &cache, code);
        let first = first_answer(start, &Request::hello());
        samples.push(first.with_context(|| name.clone())?);
    }
    Ok((!samples.is_empty()).then(|| summary(&samples)))
}

/// Starts every server with the compiled code of earlier starts.
fn warm_starts(options: &Options, servers: &[Server]) -> Result<Vec<Starts>> {
    let mut samples: Vec<Vec<FirstAnswer>> = servers.iter().map(|_| Vec::new()).collect();
    let setup = Setup::plain(Transport::Stdio);
    // The first round fills the caches.
    for round in 0..=options.rounds() * WARM_STARTS {
        for (server, samples) in servers.iter().zip(&mut samples) {
            let name = &server.candidate.name;
            progress::at(&format!("start: {round}, {name}"));
            let start = || match round {
                0 => server.candidate.start_and_optimize(options),
                _ => server.candidate.start(options, setup),
            };
            let first = first_answer(start, &Request::hello()).with_context(|| name.clone())?;
            if round > 0 {
                samples.push(first);
            }
        }
    }
    progress::done("starts");
    Ok(samples.iter().map(|samples| summary(samples)).collect())
}

/// Summarizes at least one start.
fn summary(samples: &[FirstAnswer]) -> Starts {
    Starts {
        time: Figure::of(samples.iter().map(|sample| sample.time)),
        cpu: Figure::of(samples.iter().map(|sample| sample.cpu)),
        peak: samples.iter().map(|sample| sample.peak).max().unwrap_or(0),
    }
}
