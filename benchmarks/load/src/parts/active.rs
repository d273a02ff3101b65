//! Many active sessions, compared with one session under full load.

use anyhow::Result;

use super::calls::CALL_BYTES;
use crate::candidates::{self, Served, Setup, Transport};
use crate::cli::Options;
use crate::client::Until;
use crate::client::http::Http;
use crate::messages::Request;
use crate::rounds::{Comparison, Lane, compare};

/// Active sessions, each on a connection of its own.
const SESSIONS: usize = 1000;
/// Connections of the one session.
const CONNECTIONS: usize = 32;

/// Compares one session, in the first half of the outcomes, with many, in the second half, in the
/// same order.
pub fn active(options: &Options) -> Result<Comparison> {
    let candidates = candidates::few(options, Transport::Http, true)?;
    let mut lanes = Vec::new();
    for (sessions, in_flight, title) in [
        (1, CONNECTIONS, "1 session on 32 connections"),
        (SESSIONS, SESSIONS, "1,000 sessions on 1,000 connections"),
    ] {
        for candidate in &candidates {
            let process = candidate.start(options, Setup::plain(Transport::Http))?;
            let client = Http::new(process.address()?)?.open(sessions)?;
            let client = Box::new(client);
            lanes.push(Lane {
                name: format!("{}, {title}", candidate.name),
                family: candidate.family,
                served: Served { process, client },
                request: Request::echo(CALL_BYTES),
                in_flight,
                until: Until::Time(options.burst()),
            });
        }
    }
    compare(options, "active sessions", &mut lanes)
}
