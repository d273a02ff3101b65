//! Serves a component for WASI 0.2 with the runtime of wasmCloud, as `wash dev` does.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Parser;
use tracing_subscriber::EnvFilter;
use wash_runtime::engine::Engine;
use wash_runtime::host::{HostApi, HostBuilder};
use wash_runtime::plugin::wasi_config::RuntimeConfig;
use wash_runtime::plugin::wasi_http::HttpServer;
use wash_runtime::plugin::wasi_keyvalue::WasiKeyvalue;
use wash_runtime::types::{Component, LocalResources, Workload, WorkloadStartRequest};
use wash_runtime::wit::WitInterface;

/// Serves a component for WASI 0.2 with the runtime of wasmCloud, until Ctrl-C
#[derive(Parser)]
struct Arguments {
    /// The component: what `wasi-mcp compose --target http` writes
    component: PathBuf,

    /// The address to serve at
    #[arg(long, default_value = "127.0.0.1:8080")]
    http: SocketAddr,

    /// A variable of the component's environment; may be repeated
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    environment: Vec<(String, String)>,

    /// Gives the component the runtime's key-value store
    #[arg(long)]
    keyvalue: bool,
}

fn variable(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').context("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let bytes = fs::read(&arguments.component)
        .with_context(|| format!("{} cannot be read", arguments.component.display()))?;
    let host = HostBuilder::new()
        .with_engine(Engine::builder().build()?)
        .with_plugin(Arc::new(HttpServer::new(arguments.http)))?
        .with_plugin(Arc::new(WasiKeyvalue::new()))?
        .with_plugin(Arc::new(RuntimeConfig::default()))?
        .build()?;
    let host = host.start().await.context("the host does not start")?;
    // Without a version: the runtime compares versions exactly.
    let mut interfaces = vec!["wasi:http/incoming-handler"];
    if arguments.keyvalue {
        interfaces.push("wasi:keyvalue/store,atomics");
    }
    let component = Component {
        bytes: bytes.into(),
        local_resources: LocalResources {
            environment: arguments.environment.into_iter().collect(),
            ..LocalResources::default()
        },
        ..Component::default()
    };
    let workload = Workload {
        namespace: "interoperability".to_owned(),
        name: "server".to_owned(),
        annotations: Default::default(),
        service: None,
        components: vec![component],
        host_interfaces: interfaces.into_iter().map(WitInterface::from).collect(),
        volumes: Vec::new(),
    };
    let started = host.workload_start(WorkloadStartRequest { workload }).await;
    started.context("the component does not start")?;
    println!("serving at http://{}/mcp", arguments.http);
    tokio::signal::ctrl_c().await?;
    Ok(())
}
