//! The start, and the ways in which it can fail.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use crate::bindings::wasi::mcp::capabilities::{
    PromptsCapability, ResourcesCapability, Server, ServerCapabilities, ToolsCapability,
};
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, Implementation, LogLevel};
use crate::host::{logging, runtime};
use crate::report::{Report, error};
use crate::{edge, mode, prompts, resources, state, tools};

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
    for (step, broken) in broken_servers() {
        report.note(step, runtime::register_server(&broken));
    }
    runtime::register_server(&server())?;
    report.note("server-twice", runtime::register_server(&server()));
    runtime::register_tools(&tools::listed())?;
    runtime::register_resources(&resources::registered())?;
    runtime::register_resource_templates(&resources::templates())?;
    runtime::register_prompts(&prompts::registered())?;
    report.note(
        "log",
        logging::log(None, LogLevel::Emergency, None, "\"starting\""),
    );
    if mode::is("start-without-serve") {
        return Ok(());
    }
    runtime::serve()?;
    if mode::is("start-error-late") {
        return Err(error(
            ErrorCode::InternalError,
            "This component does not start, though it has registered all",
        ));
    }
    report.note("serve-twice", runtime::serve());
    report.note("server-after-serve", runtime::register_server(&server()));
    state::with(|state| {
        state.start = report;
        state.started = true;
    });
    Ok(())
}

/// Returns `true` in one of two instances, at random: nothing else tells them apart.
fn toss() -> bool {
    RandomState::new().build_hasher().finish().is_multiple_of(2)
}

fn server() -> Server {
    let little = mode::is("only-tools") || mode::is("quiet");
    if little {
        return little_server();
    }
    let changing = Some(true);
    let json = |text: &str| Some(text.to_owned());
    Server {
        info: Implementation {
            name: "wasi-mcp-probes".into(),
            title: json("Probes"),
            version: "1.0 \u{e9}".into(),
            extra: json(r#"{"x-more":1.10}"#),
        },
        capabilities: ServerCapabilities {
            completions: json("{}"),
            experimental: Some(vec![
                ("b.example".into(), r#"{"n":1.10}"#.into()),
                ("a.example".into(), "{}".into()),
            ]),
            prompts: Some(PromptsCapability {
                list_changed: changing,
            }),
            resources: Some(ResourcesCapability {
                subscribe: Some(true),
                list_changed: changing,
            }),
            tools: Some(ToolsCapability {
                list_changed: changing,
            }),
            // The host declares `logging` itself.
            extra: json(r#"{"logging":{"not":"this"},"x-capability":{"n":1.10}}"#),
        },
        instructions: json("Tries its host.\n\u{1f980}"),
    }
}

/// A server that declares no changes of its lists, and in one mode no resources and prompts.
fn little_server() -> Server {
    let quiet = mode::is("quiet");
    Server {
        info: Implementation {
            name: "wasi-mcp-probes".into(),
            version: String::new(),
            ..Implementation::default()
        },
        capabilities: ServerCapabilities {
            prompts: quiet.then(PromptsCapability::default),
            resources: quiet.then_some(ResourcesCapability {
                subscribe: None,
                list_changed: Some(false),
            }),
            tools: Some(ToolsCapability { list_changed: None }),
            experimental: quiet.then(Vec::new),
            ..ServerCapabilities::default()
        },
        instructions: quiet.then(String::new),
    }
}

/// Descriptions of a server with JSON text that a host must refuse.
fn broken_servers() -> [(&'static str, Server); 5] {
    let json = |text: &str| Some(text.to_owned());
    let with = |capabilities: ServerCapabilities| Server {
        capabilities,
        ..server()
    };
    let experimental = |name: &str, json: &str| (name.to_owned(), json.to_owned());
    let capabilities = server().capabilities;
    [
        (
            "server-no-json",
            with(ServerCapabilities {
                extra: json("{"),
                ..capabilities.clone()
            }),
        ),
        (
            "server-completions-no-object",
            with(ServerCapabilities {
                completions: json("1"),
                ..capabilities.clone()
            }),
        ),
        (
            "server-experimental-no-object",
            with(ServerCapabilities {
                experimental: Some(vec![experimental("a", "[1]")]),
                ..capabilities.clone()
            }),
        ),
        (
            "server-names-twice",
            with(ServerCapabilities {
                experimental: Some(vec![experimental("a", "{}"), experimental("a", "{}")]),
                ..capabilities
            }),
        ),
        (
            "server-info-no-object",
            Server {
                info: Implementation {
                    extra: json("[]"),
                    ..server().info
                },
                ..server()
            },
        ),
    ]
}
