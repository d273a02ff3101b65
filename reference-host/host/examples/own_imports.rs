//! Serves a component that also imports an interface of the embedder:
//!
//! ```wit
//! package acme:greetings;
//!
//! interface phrases {
//!   greeting: func(name: string) -> string;
//! }
//! ```
//!
//! ```sh
//! cargo run --package wasi-mcp-host --example own_imports -- guests/greeter-0.3.wasm
//! ```

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wasi_mcp_host::component::{Engine, EngineOptions, Extension, InstanceState, Source};
use wasi_mcp_host::session::{InProcessClient, Server, ServerOptions};
use wasi_mcp_host::types::content::{CallToolParams, ContentBlock};
use wasmtime::component::Linker;

/// The state that the embedder's functions share: here, the number of calls.
#[derive(Default)]
struct Greetings(AtomicU64);

/// Adds the interface to the linker of all components. (For a larger interface, let
/// `wasmtime::component::bindgen!` generate this function.)
fn add_to_linker(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    let mut phrases = linker.instance("acme:greetings/phrases")?;
    phrases.func_wrap("greeting", |store, (name,): (String,)| {
        let greetings = store.data().extension::<Greetings>();
        let number = greetings.map_or(0, |it| it.0.fetch_add(1, Ordering::Relaxed) + 1);
        Ok((format!("Good morning, {name}! You are number {number}."),))
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1);
    let path = path.ok_or("usage: own_imports COMPONENT")?;
    let options = EngineOptions::default()
        .with_config(|config| {
            config.wasm_backtrace_max_frames(None);
        })
        .with_imports(add_to_linker);
    let engine = Engine::new(options)?;
    let component = engine.load(Source::File(path.as_ref()))?;
    let mut options = ServerOptions::default();
    options.sandbox.extension = Extension::new(Greetings::default());
    let server = Arc::new(Server::new(component, options));
    let client = InProcessClient::builder().connect(&server).await?;
    for name in ["Ada", "Grace"] {
        let params = CallToolParams {
            name: "greet".to_owned(),
            arguments: Some(format!(r#"{{"name":"{name}"}}"#)),
            extra: None,
        };
        for block in client.call_tool(params).await?.content {
            if let ContentBlock::Text(block) = block {
                println!("{}", block.text);
            }
        }
    }
    Ok(())
}
