//! The start, and the ways in which it can fail.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use crate::bindings::wasi::mcp::capabilities::{
    PromptsCapability, ResourcesCapability, Server, ServerCapabilities, ToolsCapability,
};
use crate::bindings::wasi::mcp::logging;
use crate::bindings::wasi::mcp::runtime;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, Implementation, LogLevel};
use crate::report::{Report, error};
use crate::{edge, mode, resources, state, tools};

pub async fn start() -> Result<(), Error> {
    state::with(|state| state.starts += 1);
    if mode::is("start-error") {
        return Err(error(
            ErrorCode::InternalError,
            "This component does not start",
        ));
    }
    if mode::is("start-trap") {
        core::arch::wasm32::unreachable();
    }
    if mode::is("start-never") {
        loop {
            edge::sleep(60_000).await;
        }
    }
    if mode::is("start-sometimes") && toss() {
        return Err(error(
            ErrorCode::InternalError,
            "This component does not start this time",
        ));
    }
    let mut report = Report::default();
    report.note("serve-first", runtime::serve());
    let broken = Server {
        instructions: None,
        capabilities: ServerCapabilities {
            extra: Some("{".into()),
            ..server().capabilities
        },
        ..server()
    };
    report.note("server-no-json", runtime::register_server(&broken));
    runtime::register_server(&server())?;
    report.note("server-twice", runtime::register_server(&server()));
    runtime::register_tools(&tools::listed())?;
    runtime::register_resources(&[resources::registered()])?;
    runtime::register_resource_templates(&[resources::template()])?;
    report.note(
        "log",
        logging::log(None, LogLevel::Emergency, None, "\"starting\""),
    );
    if mode::is("start-without-serve") {
        return Ok(());
    }
    runtime::serve()?;
    report.note("serve-twice", runtime::serve());
    report.note("server-after-serve", runtime::register_server(&server()));
    state::with(|state| state.start = report);
    Ok(())
}

/// Returns `true` in one of two instances, at random: nothing else tells them apart.
fn toss() -> bool {
    RandomState::new().build_hasher().finish().is_multiple_of(2)
}

fn server() -> Server {
    let changing = Some(true);
    let only_tools = mode::is("only-tools");
    Server {
        info: Implementation {
            name: "wasi-mcp-probes".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            ..Implementation::default()
        },
        capabilities: ServerCapabilities {
            completions: (!only_tools).then(|| "{}".into()),
            prompts: mode::is("claim-without-export").then(PromptsCapability::default),
            resources: (!only_tools).then_some(ResourcesCapability {
                subscribe: Some(true),
                list_changed: changing,
            }),
            tools: Some(ToolsCapability {
                list_changed: changing.filter(|_| !only_tools),
            }),
            ..ServerCapabilities::default()
        },
        instructions: None,
    }
}
