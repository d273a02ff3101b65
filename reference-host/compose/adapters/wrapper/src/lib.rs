//! A service in front of another one, which changes its names or its description as the settings
//! say that were generated with the composition.

#[macro_use]
#[path = "../../edge/bindings.rs"]
mod bindings;

bindings!("wasi-mcp:adapters/wrapper");

#[macro_use]
#[path = "../../edge/mod.rs"]
mod edge;

use edge::{Request, Streamed};
use wasi::mcp::context::RequestContext;
use wasi_mcp_joining::{Service, Settings, Wrapper};
use wasi_mcp_types::capabilities::Server;
use wasi_mcp_types::content::*;
use wasi_mcp_types::types::Error;

struct Inner;

imported_service!(Inner, wasi::mcp);

/// Returns the one wrapper of this instance.
fn wrapper() -> &'static Wrapper<Inner> {
    thread_local! {
        static WRAPPER: &'static Wrapper<Inner> =
            Box::leak(Box::new(Wrapper::new(settings(), Inner)));
    }
    WRAPPER.with(|wrapper| *wrapper)
}

fn settings() -> Settings {
    let json: serde_json::Value =
        serde_json::from_str(&wasi_mcp::adapters::settings::get()).unwrap_or_default();
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    Settings {
        prefix: text("prefix").unwrap_or_default(),
        name: text("name"),
        version: text("version"),
        instructions: text("instructions"),
    }
}

export_service!(wrapper);
