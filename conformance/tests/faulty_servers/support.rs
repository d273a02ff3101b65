//! Judging faulty servers and legal variations.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use wasi_mcp_conformance::checks;
use wasi_mcp_conformance::coverage::proof::{Fault, Variation, faults, variations};
use wasi_mcp_conformance::driver::{Server, Timing};
use wasi_mcp_conformance::model::{Identity, Run, Transport};
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, Selection, run};
use wasi_mcp_conformance::targets::Target;

/// The number of servers judged concurrently.
const AT_ONCE: usize = 48;

/// The number of legal variations judged concurrently.
const LEGAL_AT_ONCE: usize = 16;

/// The number of concurrent checks of a legal variation.
const JOBS: usize = 4;

/// The faults and variations that exist only over stdio, with reasons.
const OF_LINES: &[(&str, &str)] = &[
    ("crlf", "HTTP has no lines"),
    (
        "version-malformed",
        "over HTTP its sessions have a header that is refused",
    ),
    (
        "asks-at-once",
        "over HTTP no client can be asked before initialize",
    ),
    (
        "serves-early",
        "over HTTP a request before initialize has no session",
    ),
];

/// Prefixes of requirements about the content of messages, which is judged alike over every
/// transport.
const CONTENT: &[&str] = &[
    "annotations.",
    "base.meta.",
    "completion.",
    "elicit.",
    "pagination.",
    "prompts.list-",
    "prompts.argument-",
    "resources.list-",
    "resources.read-",
    "resources.https-",
    "sampling.",
    "schema.",
    "tools.",
    "transport.utf8",
];

fn is_of_lines(name: &str) -> bool {
    OF_LINES.iter().any(|(other, _)| *other == name)
}

/// A family of servers with switchable faults and variations.
pub struct FaultyServers {
    /// Its name in the tables of faults.
    pub name: &'static str,
    /// The transport.
    pub transport: Transport,
    /// Checks that are always made, so that observers have messages.
    pub also: &'static [&'static str],
    /// The time after which it gives up its own requests, if that is judged.
    pub peer_timeout: Option<Duration>,
    /// Creates the server with this fault or variation.
    pub server: fn(&'static str) -> Arc<dyn Server>,
}

impl FaultyServers {
    /// Returns the server with this fault or variation as a target.
    pub fn target(&self, name: &'static str) -> Target {
        Target {
            identity: Identity {
                kind: "faulty".to_owned(),
                name: name.to_owned(),
                variant: None,
                world: None,
                transport: self.transport,
            },
            server: (self.server)(name),
            timing: Timing {
                start: Duration::from_secs(20),
                answer: Duration::from_secs(6),
                call: Duration::from_millis(1000),
                progressing: Duration::from_secs(4),
                quiet: Duration::from_millis(30),
                grace: Duration::from_secs(2),
                peer_timeout: self.peer_timeout,
            },
            jobs: 1,
        }
    }

    /// Judges the server with this fault or variation.
    pub async fn judge(&self, name: &'static str, filters: Vec<String>) -> Run {
        let selection = Selection::of(filters).expect("the names of checks");
        run(&self.target(name), &RunOptions::of(selection), &NoWatcher)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error:#}"))
    }

    /// Returns true if a fault is played: its own faults, and over HTTP also the first protocol
    /// fault of each check. The latter proves that the check works over HTTP, where the others
    /// differ only in messages.
    fn shows(&self, fault: &Fault) -> bool {
        let check = checks::all().find(|check| check.id == fault.check);
        let protocol = fault.server == "stdio" && self.name == "http";
        let applies = check.is_some_and(|check| check.scope.includes(self.transport));
        let mut of_check = faults().iter().filter(|other| {
            other.server == fault.server && other.check == fault.check && !is_of_lines(other.name)
        });
        let is_first = of_check.next() == Some(fault);
        fault.server == self.name || protocol && applies && is_first
    }

    /// Returns true if a legal variation is played: its own, and over HTTP also those of the
    /// protocol except for the content of messages.
    fn may(&self, variation: &Variation) -> bool {
        let protocol = variation.server == "stdio" && self.name == "http";
        let is_content = |row: &str| CONTENT.iter().any(|area| row.starts_with(area));
        let only_content = variation.rows().next().is_some() && variation.rows().all(is_content);
        let of_lines = is_of_lines(variation.name);
        variation.server == self.name || protocol && !only_content && !of_lines
    }

    /// Describes what is wrong with the judgement of a fault, if anything.
    async fn missed(&self, fault: &Fault) -> Option<String> {
        let filters = [fault.check].into_iter().chain(fault.shown_by);
        let filters = filters.chain(self.also.iter().copied()).map(str::to_owned);
        let run = self.judge(fault.name, filters.collect()).await;
        let verdict = run
            .results
            .iter()
            .find(|verdict| verdict.check == fault.check)?;
        (!verdict.status.is_violation()).then(|| {
            format!(
                "{}: {} says {:?}: {} {:?}",
                fault.name, fault.check, verdict.status, verdict.message, verdict.reason
            )
        })
    }

    async fn complaints(&self, name: &'static str) -> Vec<String> {
        let options = RunOptions {
            // Clients of a server without sessions interfere with each other's ids.
            jobs: (!name.starts_with("stateless")).then_some(JOBS),
            ..RunOptions::default()
        };
        let run = run(&self.target(name), &options, &NoWatcher)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error:#}"));
        let unjust = run
            .results
            .iter()
            .filter(|verdict| verdict.status.is_violation() || verdict.status.is_failure());
        unjust
            .map(|verdict| {
                format!(
                    "{name}: {} says {:?}: {}",
                    verdict.check, verdict.status, verdict.message
                )
            })
            .collect()
    }
}

/// Plays all faults of these servers. Returns those that were missed.
///
/// Some faults show only while the server is busy, which on a loaded machine it may no longer be.
/// Missed faults are therefore played again one by one, where a blind check misses them too.
pub async fn missed(servers: &FaultyServers) -> Vec<String> {
    let own = faults().iter().filter(|fault| servers.shows(fault));
    let again: Vec<&Fault> = stream::iter(own)
        .map(async |fault| servers.missed(fault).await.map(|_| fault))
        .buffer_unordered(AT_ONCE)
        .filter_map(async |missed| missed)
        .collect()
        .await;
    stream::iter(again)
        .then(|fault| servers.missed(fault))
        .filter_map(async |missed| missed)
        .collect()
        .await
}

/// Plays all legal variations of these servers. Returns the complaints about them.
pub async fn complaints(servers: &FaultyServers) -> Vec<String> {
    let own = variations()
        .iter()
        .filter(|variation| servers.may(variation));
    let complaints: Vec<Vec<String>> = stream::iter(own)
        .map(|variation| servers.complaints(variation.name))
        .buffer_unordered(LEGAL_AT_ONCE)
        .collect()
        .await;
    complaints.concat()
}
