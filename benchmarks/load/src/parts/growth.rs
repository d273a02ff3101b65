//! Growth of cost: with sessions, calls in flight, tools and payload.

use anyhow::Result;
use serde::Serialize;

use super::calls::CALL_BYTES;
use crate::candidates::{self, Candidate, Family, Served, Setup, Transport};
use crate::cli::Options;
use crate::client::Until;
use crate::client::http::Http;
use crate::messages::Request;
use crate::rounds::{Lane, compare, lanes};

/// Connections that many sessions share.
const CONNECTIONS: usize = 32;
/// Calls in flight while something else grows.
const IN_FLIGHT: usize = 16;

/// One growing quantity.
#[derive(Debug, Clone, Serialize)]
pub struct Growth {
    /// The name of its plot.
    pub name: &'static str,
    /// The growing quantity, with its unit.
    pub axis: &'static str,
    /// One for each candidate.
    pub series: Vec<Series>,
}

/// The growth of one candidate.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// The points, in ascending order.
    pub points: Vec<Point>,
}

/// The measurements at one size.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Point {
    /// The size.
    pub size: usize,
    /// Requests per second.
    pub rate: f64,
    /// The server's memory, in bytes.
    pub resident: u64,
    /// The server's CPU time per request, in microseconds.
    pub cpu: f64,
}

/// Measures all plots.
pub fn growth(options: &Options) -> Result<Vec<Growth>> {
    Ok(vec![
        sessions(options)?,
        in_flight(options)?,
        tools(options)?,
        payload(options)?,
    ])
}

/// Measures at each size, on which the request may depend.
fn grow(
    options: &Options,
    name: &'static str,
    axis: &'static str,
    sizes: &[usize],
    candidates: &[Candidate],
    start: impl Fn(&[Candidate], usize) -> Result<Vec<Lane>>,
) -> Result<Growth> {
    let mut series: Vec<Series> = Vec::new();
    for &size in sizes {
        let mut lanes = start(candidates, size)?;
        let comparison = compare(options, &format!("growth, {axis}: {size}"), &mut lanes)?;
        for outcome in comparison.outcomes {
            let point = Point {
                size,
                rate: outcome.summary.rate.median,
                resident: outcome.summary.resident,
                cpu: outcome.summary.cpu.median,
            };
            match series.iter_mut().find(|series| series.name == outcome.name) {
                Some(series) => series.points.push(point),
                None => series.push(Series {
                    name: outcome.name,
                    family: outcome.family,
                    points: vec![point],
                }),
            }
        }
    }
    Ok(Growth { name, axis, series })
}

fn sessions(options: &Options) -> Result<Growth> {
    let candidates = candidates::few(options, Transport::Http, true)?;
    let sizes = [1, 10, 100, 1000, 10_000];
    let start = |candidates: &[Candidate], sessions: usize| {
        let mut lanes = Vec::new();
        for candidate in candidates {
            let process = candidate.start(options, Setup::plain(Transport::Http))?;
            let client = match Http::new(process.address()?)?.open(sessions) {
                Ok(client) => Box::new(client),
                // Report a candidate whose line ends early.
                Err(error) => {
                    eprintln!("{}: {error:#}", candidate.name);
                    continue;
                }
            };
            lanes.push(Lane {
                name: candidate.name.clone(),
                family: candidate.family,
                served: Served { process, client },
                request: Request::echo(CALL_BYTES),
                in_flight: sessions.min(CONNECTIONS),
                until: Until::Time(options.burst()),
            });
        }
        Ok(lanes)
    };
    grow(options, "sessions", "sessions", &sizes, &candidates, start)
}

fn in_flight(options: &Options) -> Result<Growth> {
    let candidates = candidates::few(options, Transport::Stdio, false)?;
    let sizes = [1, 4, 16, 64, 256, 1000];
    let request = Request::echo(CALL_BYTES);
    let setup = Setup::plain(Transport::Stdio);
    let start = |candidates: &[Candidate], size| lanes(options, candidates, setup, &request, size);
    grow(
        options,
        "in-flight",
        "calls in flight",
        &sizes,
        &candidates,
        start,
    )
}

fn tools(options: &Options) -> Result<Growth> {
    let candidates = candidates::few(options, Transport::Stdio, false)?;
    // Three tools always exist.
    let sizes = [3, 10, 100, 1000, 10_000];
    let request = Request::echo(CALL_BYTES);
    let start = |candidates: &[Candidate], tools: usize| {
        let setup = Setup {
            transport: Transport::Stdio,
            further_tools: tools - 3,
        };
        lanes(options, candidates, setup, &request, IN_FLIGHT)
    };
    grow(options, "tools", "tools", &sizes, &candidates, start)
}

fn payload(options: &Options) -> Result<Growth> {
    let candidates = candidates::few(options, Transport::Stdio, false)?;
    let sizes = [
        100,
        1 << 10,
        16 << 10,
        256 << 10,
        1 << 20,
        4 << 20,
        16 << 20,
    ];
    let setup = Setup::plain(Transport::Stdio);
    let start = |candidates: &[Candidate], bytes| {
        let request = Request::large_text(bytes);
        lanes(options, candidates, setup, &request, 1)
    };
    let axis = "bytes of text in a result";
    grow(options, "payload", axis, &sizes, &candidates, start)
}
