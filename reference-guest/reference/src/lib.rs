//! An MCP server that uses every feature of `wasi:mcp`.
//!
//! One source makes four components: the features `p2` and `p3` choose the variant, `backend` and
//! `service` the world. Handlers are written once, as async functions over the shared types. The
//! differences between the variants are in [`edge`], those between the worlds in [`world`].

#[cfg(not(any(
    all(feature = "p2", not(feature = "p3")),
    all(feature = "p3", not(feature = "p2"))
)))]
compile_error!("choose one variant: feature `p2` (WASI 0.2) or `p3` (WASI 0.3)");
#[cfg(not(any(
    all(feature = "backend", not(feature = "service")),
    all(feature = "service", not(feature = "backend"))
)))]
compile_error!("choose one world: feature `backend` (registers) or `service` (exports its lists)");

mod arguments;
mod bindings;
mod client_events;
mod completion;
mod content;
mod edge;
mod error;
mod number;
mod prompts;
mod resource_templates;
mod resources;
mod samples;
mod server;
mod state;
mod subscriptions;
mod tools;
mod world;

/// Implements the component's exports.
struct Reference;

bindings::export!(Reference with_types_in bindings);
