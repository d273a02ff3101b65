//! Judging a server that has a peculiarity.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use wasi_mcp_conformance::driver::connection::Transport;
use wasi_mcp_conformance::driver::{Server, Timing};
use wasi_mcp_conformance::proof::{Fault, faults, variations};
use wasi_mcp_conformance::report::{Identity, Run};
use wasi_mcp_conformance::runner::{Nobody, RunOptions, Selection, run};
use wasi_mcp_conformance::targets::Target;

/// How many servers are judged at the same time.
const AT_ONCE: usize = 24;

/// A server with switchable peculiarities.
pub struct Bench {
    /// Its name in the tables of faults.
    pub name: &'static str,
    /// How it is reached.
    pub transport: Transport,
    /// Checks that are always made, so that observers have something to look at.
    pub also: &'static [&'static str],
    /// The beginning of the names of the checks that judge legal variations.
    pub judged_by: &'static str,
    /// The server with the peculiarity of this name.
    pub server: fn(&'static str) -> Arc<dyn Server>,
}

impl Bench {
    /// The server with this peculiarity, as a target.
    pub fn target(&self, name: &'static str) -> Target {
        Target {
            identity: Identity {
                kind: "bench".to_owned(),
                name: name.to_owned(),
                variant: None,
                world: None,
                transport: self.transport,
            },
            server: (self.server)(name),
            timing: Timing {
                answer: Duration::from_millis(1500),
                call: Duration::from_millis(300),
                quiet: Duration::from_millis(30),
                grace: Duration::from_millis(500),
                peer_timeout: Some(Duration::from_millis(1300)),
            },
            jobs: 1,
        }
    }

    /// Judges the server with this peculiarity.
    pub async fn judge(&self, name: &'static str, filters: Vec<String>) -> Run {
        let selection = Selection::of(filters).expect("the names of checks");
        run(&self.target(name), &RunOptions::of(selection), &Nobody)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error:#}"))
    }

    /// What is wrong with the judgement of a fault, if anything.
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
        let run = self.judge(name, Vec::new()).await;
        let unjust = run
            .results
            .iter()
            .filter(|verdict| verdict.check.starts_with(self.judged_by))
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

/// Plays all faults of a bench; gives those that are missed.
pub async fn missed(bench: &Bench) -> Vec<String> {
    let own = faults().iter().filter(|fault| fault.bench == bench.name);
    stream::iter(own)
        .map(|fault| bench.missed(fault))
        .buffer_unordered(AT_ONCE)
        .filter_map(async |missed| missed)
        .collect()
        .await
}

/// Plays all legal variations of a bench; gives what is said against them.
pub async fn complaints(bench: &Bench) -> Vec<String> {
    let own = variations()
        .iter()
        .filter(|variation| variation.bench == bench.name);
    let complaints: Vec<Vec<String>> = stream::iter(own)
        .map(|variation| bench.complaints(variation.name))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    complaints.concat()
}
