//! Components with one fault of their own, run by the reference host: what the
//! host cannot see reaches the client, and the suite has to find it there.
//! Where the host does see it, the client notices nothing: those are the
//! legal variations of these servers.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::support::FaultyServers;
use wasi_mcp_conformance::driver::Server;
use wasi_mcp_conformance::model::Transport;
use wasi_mcp_conformance::runtime::in_process::ReferenceHost;
use wasi_mcp_conformance::runtime::{Base, Component, Runtime};

/// The servers.
pub const SERVERS: FaultyServers = FaultyServers {
    name: "guest",
    transport: Transport::Stdio,
    also: &[],
    peer_timeout: None,
    server,
};

/// The service in this mode. Compiling takes longer than judging: each is compiled once.
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
        let component = Component::new(Base::Service, mode).expect("the probes have modes");
        let served = ReferenceHost.serve(&component, Transport::Stdio);
        served.unwrap_or_else(|error| panic!("{mode}: {error:#}"))
    });
    server.clone()
}
