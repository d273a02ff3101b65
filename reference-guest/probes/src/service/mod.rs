//! A service that behaves well, or breaks one rule of a guest: the one that its
//! mode names. What a host can see it refuses; what it cannot reaches the client.
//!
//! The names of the modes stand where they act, and in the suite's table of
//! faults.

mod pages;
mod powers;
mod prompts;
mod resources;
mod tools;

use crate::bindings::exports::wasi::mcp::{
    prompt_catalog, prompts as prompt_handlers, resource_catalog, resources as resource_handlers,
    server_catalog, tool_catalog, tools as tool_handlers,
};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::mcp::capabilities::{
    PromptsCapability, ResourcesCapability, Server, ServerCapabilities, ToolsCapability,
};
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::context::RequestContext as Given;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, Implementation};
use crate::host::RequestContext;
use crate::report::{error, text};
use crate::{Probe, mode, records};

/// In nanoseconds.
const A_MINUTE: u64 = 60_000_000_000;

impl server_catalog::Guest for Probe {
    async fn get_server() -> Result<Server, Error> {
        if mode::is("get-server-error") {
            return Err(error(
                ErrorCode::InternalError,
                "This component does not start",
            ));
        }
        if mode::is("get-server-trap") {
            core::arch::wasm32::unreachable();
        }
        while mode::is("get-server-never") {
            monotonic_clock::wait_for(A_MINUTE).await;
        }
        Ok(Server {
            info: Implementation {
                name: "wasi-mcp-probes-service".into(),
                version: env!("CARGO_PKG_VERSION").into(),
                ..Implementation::default()
            },
            capabilities: ServerCapabilities {
                completions: mode::is("claim-without-export").then(|| "{}".into()),
                prompts: Some(PromptsCapability {
                    list_changed: mode::is("full").then_some(true),
                }),
                resources: (!mode::is("embeds-undeclared")).then(|| ResourcesCapability {
                    list_changed: mode::is("full").then_some(true),
                    ..ResourcesCapability::default()
                }),
                tools: Some(ToolsCapability {
                    list_changed: mode::is("full").then_some(true),
                }),
                ..ServerCapabilities::default()
            },
            instructions: None,
        })
    }
}

impl tool_catalog::Guest for Probe {
    async fn list_tools(_context: Given, cursor: Option<String>) -> Result<ListToolsResult, Error> {
        let (tools, next_cursor) = pages::page(tools::listed(), cursor)?;
        Ok(ListToolsResult {
            tools,
            next_cursor,
            meta: full(records::meta),
            extra: full(records::extra),
        })
    }
}

impl tool_handlers::Guest for Probe {
    async fn call_tool(context: Given, params: CallToolParams) -> Result<CallToolResult, Error> {
        tools::call(RequestContext::new(context), params).await
    }
}

impl resource_catalog::Guest for Probe {
    async fn list_resources(
        _context: Given,
        cursor: Option<String>,
    ) -> Result<ListResourcesResult, Error> {
        let (resources, next_cursor) = pages::page(resources::listed(), cursor)?;
        Ok(ListResourcesResult {
            resources,
            next_cursor,
            meta: full(records::meta),
            extra: full(records::extra),
        })
    }

    async fn list_resource_templates(
        _context: Given,
        cursor: Option<String>,
    ) -> Result<ListResourceTemplatesResult, Error> {
        let (resource_templates, next_cursor) = pages::page(resources::templates(), cursor)?;
        Ok(ListResourceTemplatesResult {
            resource_templates,
            next_cursor,
            meta: full(records::meta),
            extra: full(records::extra),
        })
    }
}

impl resource_handlers::Guest for Probe {
    async fn read_resource(
        _context: Given,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        resources::read(params)
    }
}

impl prompt_catalog::Guest for Probe {
    async fn list_prompts(
        _context: Given,
        cursor: Option<String>,
    ) -> Result<ListPromptsResult, Error> {
        let (prompts, next_cursor) = pages::page(prompts::listed(), cursor)?;
        Ok(ListPromptsResult {
            prompts,
            next_cursor,
            meta: full(records::meta),
            extra: full(records::extra),
        })
    }
}

impl prompt_handlers::Guest for Probe {
    async fn get_prompt(
        _context: Given,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        prompts::get(params)
    }
}

/// A member of a page, which the full pages have.
fn full(member: fn() -> Option<String>) -> Option<String> {
    mode::is("full").then(member).flatten()
}

fn invalid_params(message: &str) -> Error {
    error(ErrorCode::InvalidParams, message)
}
