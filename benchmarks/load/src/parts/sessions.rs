//! The cost of sessions: opening them, keeping them, and their maximum number.

use std::time::Instant;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::candidates::{self, Candidate, Family, Served, Setup, Transport};
use crate::cli::Options;
use crate::client::http::Http;
use crate::client::{Client as _, Until};
use crate::components::Guest;
use crate::messages::Request;
use crate::progress;
use crate::rounds::{Comparison, Lane, compare};

/// Sessions opened per turn.
const NEW: u64 = 300;
/// Sessions kept open to measure the cost of one.
const KEPT: usize = 1000;
/// Sessions that must fit.
pub const MANY: usize = 10_000;

/// Measures the time from `initialize` to its result.
pub fn new(options: &Options) -> Result<Comparison> {
    let mut lanes = Vec::new();
    for candidate in candidates::few(options, Transport::Http, true)? {
        let process = candidate.start(options, Setup::plain(Transport::Http))?;
        let client = Http::new(process.address()?)?.without_session();
        let client = Box::new(client);
        lanes.push(Lane {
            name: candidate.name,
            family: candidate.family,
            served: Served { process, client },
            request: Request::initialize(),
            in_flight: 1,
            until: Until::Count(NEW),
        });
    }
    compare(options, "a new session", &mut lanes)
}

/// The cost of idle sessions.
#[derive(Debug, Clone, Serialize)]
pub struct Idle {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// The memory of one session, in bytes.
    pub memory: f64,
    /// The memory maps of one session.
    pub maps: f64,
}

/// Measures idle sessions of `hello`, and of the SDK.
pub fn idle(options: &Options) -> Result<Vec<Idle>> {
    let mut candidates = vec![
        Candidate::judged(options, Guest::Hello3)?,
        Candidate::judged(options, Guest::Hello2)?,
    ];
    let few = candidates::few(options, Transport::Http, true)?;
    let is_rmcp = |candidate: &Candidate| candidate.family == Family::Rmcp;
    candidates.extend(few.into_iter().filter(is_rmcp));
    let idle = |candidate: &Candidate| {
        progress::at(&format!("idle sessions: {}", candidate.name));
        let process = candidate.start(options, Setup::plain(Transport::Http))?;
        // The first sessions allocate shared resources.
        let mut client = Http::new(process.address()?)?.open(KEPT / 10)?;
        let (memory, maps) = (process.resident()?, process.maps()?);
        client = client.open(KEPT)?;
        let more = |after: f64, before: f64| (after - before) / KEPT as f64;
        let idle = Idle {
            name: candidate.name.clone(),
            family: candidate.family,
            memory: more(process.resident()? as f64, memory as f64),
            maps: more(process.maps()? as f64, maps as f64),
        };
        drop(client);
        Ok(idle)
    };
    let idle: Result<Vec<Idle>> = candidates.iter().map(idle).collect();
    progress::done("idle sessions");
    idle
}

/// A trial with as many sessions as must fit.
#[derive(Debug, Clone, Serialize)]
pub struct Capacity {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// The number of sessions that were opened.
    pub opened: usize,
    /// The status of the first refusal: 503 if the limit is reached.
    pub refusal: Option<u16>,
    /// The reason given for the refusal.
    pub reason: Option<String>,
    /// The server's memory with all of them, in bytes.
    pub resident: u64,
    /// Its memory maps.
    pub maps: usize,
    /// The time to open them, in seconds.
    pub time: f64,
    /// True if all of them then answer a call.
    pub all_answer: bool,
}

/// Opens sessions of `hello` up to the limit.
pub fn capacity(options: &Options) -> Result<Vec<Capacity>> {
    let mut capacities = Vec::new();
    for guest in [Guest::Hello3, Guest::Hello2] {
        let candidate = Candidate::judged(options, guest)?;
        progress::at(&format!("many sessions: {}", candidate.name));
        let process = candidate.start(options, Setup::plain(Transport::Http))?;
        let mut client = Http::new(process.address()?)?;
        let begun = Instant::now();
        let mut refusal = client.open_more(MANY)?;
        let time = begun.elapsed().as_secs_f64();
        let opened = client.sessions();
        let (resident, maps) = (process.resident()?, process.maps()?);
        if opened == MANY {
            refusal = client.open_more(1)?;
        }
        // As many calls as sessions, which take turns.
        let calls = client
            .prepare(&Request::hello(), 1)
            .and_then(|()| client.burst(&Request::hello(), 1, Until::Count(opened as u64)))
            .context("calls of many sessions");
        if let Err(error) = &calls {
            eprintln!("{error:#}\n{}", process.last_words());
        }
        capacities.push(Capacity {
            name: candidate.name,
            family: candidate.family,
            opened,
            refusal: refusal.as_ref().map(|refusal| refusal.status),
            reason: refusal.map(|refusal| refusal.message),
            resident,
            maps,
            time,
            all_answer: calls.is_ok(),
        });
    }
    progress::done("many sessions");
    Ok(capacities)
}
