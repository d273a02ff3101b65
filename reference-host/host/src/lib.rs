//! Runs components of [`wasi:mcp`](https://github.com/WebAssembly/wasi-mcp) in wasmtime and serves
//! them to clients of the [Model Context Protocol, revision
//! 2025-06-18](https://modelcontextprotocol.io/specification/2025-06-18).
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use wasi_mcp_host::component::{Engine, EngineOptions, Source};
//! use wasi_mcp_host::session::{Server, ServerOptions};
//! use wasi_mcp_host::transport::stdio;
//!
//! let engine = Engine::new(EngineOptions::default())?;
//! let component = engine.load(Source::File("hello.wasm".as_ref()))?;
//! let server = Arc::new(Server::new(component, ServerOptions::default()));
//! stdio::serve(server, tokio::io::stdin(), tokio::io::stdout()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # The parts
//!
//! - [`component`]: an [`Engine`](component::Engine) compiles and links; a
//!   [`Component`](component::Component) is what it loaded; a
//!   [`Sandbox`](component::Sandbox) grants what its instances may use, by default nothing. Imports
//!   of your own are added with [`EngineOptions::with_imports`](component::EngineOptions::with_imports).
//! - [`session`]: a [`Server`](session::Server) is a component with its sandbox and limits. It opens a
//!   [`Session`](session::Session) for each client: a transport passes messages to it, and sends
//!   what leaves through the [`Outlet`](session::Outlet). An
//!   [`InProcessClient`](session::InProcessClient) is a client without a transport.
//! - [`transport`]: stdio with [`stdio::serve`](transport::stdio::serve), Streamable HTTP with
//!   [`http::serve`](transport::http::serve), or within a server of your own with the tower service
//!   [`McpService`](transport::http::McpService).
//! - [`telemetry`]: counters, and their text for Prometheus.
//! - [`protocol`] and [`types`]: the crates below, without wasmtime and tokio: the session as a state
//!   machine, the mapping to JSON, and the records of the WIT.
//!
//! # Sessions and instances
//!
//! By default each session has its own instance, in its own store. A guest that traps, computes
//! for too long or exceeds its memory loses this instance alone: its calls are answered with
//! errors, and the next one goes to a new instance. [`Isolation`](component::Isolation) chooses an
//! instance for each call instead.
//!
//! Async guests run on the caller's tokio runtime. A guest that computes without waiting keeps its
//! thread until the next tick of the epoch clock ([`TICK`](component::engine::TICK)).
//!
//! # Features
//!
//! | feature | default | contents |
//! |---|---|---|
//! | `auth` | yes | JSON Web Tokens for Streamable HTTP |
//! | `http` | yes | Streamable HTTP, the tower service, bearer tokens with a verifier of your own |
//! | `stdio` | yes | standard input and output, and other byte streams |
//! | `metrics` | yes | the counters as text for Prometheus |
//! | `clap` | no | the grants of a component as options of a command line, [`component::SandboxArguments`] |
//!
//! The folder `examples` has programs for stdio, an axum gateway, an in-process client and imports
//! of your own.

pub mod component;
mod descriptor_shares;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[path = "../../../fuzz/functions/host/mod.rs"]
pub mod fuzzing;
pub mod session;
pub mod telemetry;
pub mod transport;
pub mod visible;
mod work_pool;

/// The protocol layer: session state machine, JSON mapping, and their limits.
pub use wasi_mcp_protocol as protocol;
/// The records of the WIT packages as plain Rust.
pub use wasi_mcp_types as types;
/// The engine, whose types appear in [`EngineOptions`](component::EngineOptions).
pub use wasmtime;
