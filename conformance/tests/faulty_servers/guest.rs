//! Components with one fault each, run by the reference host. Faults that the host cannot see reach
//! the client, and the suite must find them there. Faults that the host handles are invisible to
//! the client: these are the legal variations.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::compiled;
use super::support::FaultyServers;
use wasi_mcp_conformance::driver::Server;
use wasi_mcp_conformance::model::Transport;
use wasi_mcp_conformance::runtime::in_process::ReferenceHost;
use wasi_mcp_conformance::runtime::{Base, Component, Runtime, Setting};

/// The components.
pub const SERVERS: FaultyServers = FaultyServers {
    name: "guest",
    transport: Transport::Stdio,
    also: &[],
    peer_timeout: None,
    server,
};

/// Serves the component in this mode. Each is compiled once, as compiling takes longer than
/// judging.
fn server(mode: &'static str) -> Arc<dyn Server> {
    static SERVERS: LazyLock<Mutex<HashMap<&'static str, Arc<dyn Server>>>> =
        LazyLock::new(Mutex::default);
    let mut servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
    let server = servers.entry(mode).or_insert_with(|| {
        let mode = if mode == "nothing peculiar" {
            "default"
        } else {
            mode
        };
        compiled::keep();
        let component = Component::new(Base::Service, mode).expect("the probes have modes");
        let served = ReferenceHost::default().serve(&component, Transport::Stdio, Setting::Open);
        served.unwrap_or_else(|error| panic!("{mode}: {error:#}"))
    });
    server.clone()
}
