//! Compositions of the project's guests, and clients of them.

#![allow(dead_code, reason = "each test file uses a part")]

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};
use wasi_mcp_compose::{Composition, Middleware, Part};
use wasi_mcp_embedded_guests as guests;
use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::session::{ClientError, InProcessClient, Server, ServerOptions};
use wasi_mcp_host::wasmtime::OptLevel;

/// Long, for slow machines: no test waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(120);

pub const VARIANTS: [&str; 2] = ["0.2", "0.3"];

pub fn guest(name: &str) -> Vec<u8> {
    guests::find(name)
        .unwrap_or_else(|| panic!("{name}"))
        .bytes
        .to_vec()
}

pub fn part(name: &str, guest_name: &str) -> Part {
    Part::new(name, guest(guest_name))
}

pub fn middleware(guest_name: &str) -> Middleware {
    Middleware {
        name: guest_name.to_owned(),
        component: guest(guest_name),
    }
}

/// Composes parts given as name and guest.
pub fn parts(parts: &[(&str, &str)]) -> Composition {
    Composition {
        parts: parts
            .iter()
            .map(|(name, guest)| part(name, guest))
            .collect(),
        ..Composition::default()
    }
}

pub fn server(composition: &Composition) -> Arc<Server> {
    serve(&composition.compose().unwrap())
}

/// Serves a component.
pub fn serve(component: &[u8]) -> Arc<Server> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    // The adapters are the same in all compositions, but each is compiled as a whole: a second run
    // finds them.
    let options = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
        let created = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        created.expect("the folder of compiled code");
        // They are compiled often and run little.
        EngineOptions::default()
            .with_cache(folder)
            .with_config(|config| {
                config.cranelift_opt_level(OptLevel::None);
            })
    };
    let engine = ENGINE.get_or_init(|| Engine::new(options()).unwrap());
    let component = engine.load(Source::Bytes(component)).unwrap();
    Arc::new(Server::new(component, ServerOptions::default()))
}

pub async fn connect(composition: &Composition) -> InProcessClient {
    let server = server(composition);
    let client = InProcessClient::builder().connect(&server);
    client.await.unwrap()
}

pub async fn request(
    client: &InProcessClient,
    method: &str,
    params: Value,
) -> Result<Value, Value> {
    let answer = tokio::time::timeout(PATIENCE, client.request(method, &params));
    match answer.await.expect("it answers in time") {
        Ok(result) => Ok(serde_json::from_str(result.get()).unwrap()),
        Err(ClientError::Answered {
            code,
            message,
            data,
        }) => Err(json!({ "code": code, "message": message, "data": data })),
        Err(error) => panic!("{method}: {error}"),
    }
}

pub async fn call(client: &InProcessClient, tool: &str, arguments: Value) -> Result<Value, Value> {
    let params = json!({ "name": tool, "arguments": arguments });
    request(client, "tools/call", params).await
}

pub async fn names(client: &InProcessClient, method: &str, member: &str, key: &str) -> Vec<String> {
    let items = client.list(method, member).await.unwrap();
    let names = items
        .iter()
        .map(|item| item[key].as_str().unwrap().to_owned());
    names.collect()
}

pub async fn tools(client: &InProcessClient) -> Vec<String> {
    names(client, "tools/list", "tools", "name").await
}
