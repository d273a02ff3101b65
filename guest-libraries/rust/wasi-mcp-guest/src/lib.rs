//! MCP servers as components, written as plain functions.
//!
//! A thin layer over the bindings of [`wasi:mcp`](https://github.com/WebAssembly/wasi-mcp). The
//! attribute [`server`] makes a server of a module: it registers the module's tools, resources and
//! prompts, and exports what their kinds need.
//!
//! ```
//! #[wasi_mcp_guest::server]
//! mod hello {
//!     /// Greets somebody.
//!     #[tool]
//!     fn hello(
//!         /// The name of the person to greet.
//!         name: String,
//!     ) -> String {
//!         format!("Hello, {name}!")
//!     }
//! }
//! ```
//!
//! | to do | look at |
//! |---|---|
//! | split a server into modules | [`items`](macro@items) |
//! | return structured content | [`Json`] |
//! | take all arguments as one struct | [`Arguments`] |
//! | report a failure of a tool | [`ToolError`], or any error with `?` |
//! | report progress, log, ask the client's model or user | [`Context`] |
//! | build content blocks | [`content`] |
//! | stream a resource of any size | [`ByteWriter`] |
//! | change lists while the server runs | [`lists`] |
//! | show each request other lists | [`server`], with the argument `service` |
//! | leave the library | [`bindings`], and the records of [`types`], [`capabilities`] and [`records`] |
//!
//! One source makes a component for WASI 0.3 with the feature `p3`, and one for WASI 0.2 with `p2`.
//! Functions may be `async` in both: in WASI 0.3 several calls run concurrently, and in WASI 0.2
//! waiting blocks the instance.
//!
//! A panic ends the instance: the host answers the running calls with an error and continues with a
//! new instance, and the panic's message goes to standard error. Return errors instead.

#[cfg(not(any(
    all(feature = "p2", not(feature = "p3")),
    all(feature = "p3", not(feature = "p2"))
)))]
compile_error!(
    "choose one variant of `wasi-mcp-guest` in Cargo.toml: `features = [\"p3\"]` for WASI 0.3, or `[\"p2\"]` for WASI 0.2"
);

// The macros name this crate by its path, also in its own tests.
extern crate self as wasi_mcp_guest;

pub mod bindings;
mod catalog;
mod completion;
pub mod content;
mod context;
mod edge;
pub mod elicitation;
pub mod errors;
mod handlers;
mod items;
pub mod lists;
mod pages;
mod prompt;
mod registry;
mod resource;
mod schema;
mod server;
#[cfg_attr(
    not(feature = "p3"),
    allow(dead_code, reason = "WASI 0.2 has no streams")
)]
mod streaming;
pub mod tasks;
mod template;
#[cfg(test)]
mod testing;
mod tool;
pub mod updates;
mod visibility;

#[doc(hidden)]
pub mod private;

pub use completion::{Completion, IntoCompletion};
pub use context::{Context, Logger, log_to_sessions};
pub use elicitation::{Choice, Elicited, Form};
pub use items::{Handler, Items, LocalFuture, Origin};
pub use prompt::{IntoPrompt, assistant, user};
pub use resource::{IntoContents, Location};
pub use server::{Exports, ServerDefinition};
pub use streaming::{ByteWriter, IntoOutcome};
pub use tool::{Arguments, IntoToolResult, Json, ToolError};
pub use visibility::ItemName;

pub use wasi_mcp_guest_macros::{items, prompt, resource, server, tool};
pub use wasi_mcp_types::content as records;
pub use wasi_mcp_types::types::{Error, ErrorCode, LogLevel, Principal, Role};
pub use wasi_mcp_types::{capabilities, types};
