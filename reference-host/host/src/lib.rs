//! Runs components of [`wasi:mcp`](https://github.com/WebAssembly/wasi-mcp) in wasmtime and serves
//! them to clients of the [Model Context Protocol, revision
//! 2025-06-18](https://modelcontextprotocol.io/specification/2025-06-18).
//!
//! Load a component and call a tool of it:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use wasi_mcp_host::component::{Engine, EngineOptions, Source};
//! use wasi_mcp_host::session::{InProcessClient, Server, ServerOptions};
//! use wasi_mcp_host::types::content::CallToolParams;
//!
//! let engine = Engine::new(EngineOptions::default())?;
//! let component = engine.load(Source::File("hello.wasm".as_ref()))?;
//! let server = Arc::new(Server::new(component, ServerOptions::default()));
//!
//! let client = InProcessClient::builder().connect(&server).await?;
//! let params = CallToolParams {
//!     name: "hello".to_owned(),
//!     arguments: Some(r#"{"name": "World"}"#.to_owned()),
//!     ..CallToolParams::default()
//! };
//! println!("{:?}", client.call_tool(params).await?.content);
//! # Ok(())
//! # }
//! ```
//!
//! Or serve it to others:
//!
//! ```no_run
//! # #[cfg(all(feature = "http", feature = "stdio"))]
//! # async fn example(server: std::sync::Arc<wasi_mcp_host::session::Server>)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use wasi_mcp_host::transport::http::{HttpOptions, McpService};
//! use wasi_mcp_host::transport::stdio;
//!
//! // One session over standard input and output, until the input ends.
//! stdio::serve(server.clone(), stdio::input(), stdio::output()).await?;
//!
//! // Any number of sessions over Streamable HTTP, here at a path of an axum server.
//! let service = McpService::new(server, HttpOptions::default()).await?;
//! let router = axum::Router::new().nest_service("/mcp", service.clone());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! axum::serve(listener, router)
//!     .with_graceful_shutdown(async move {
//!         let _ = tokio::signal::ctrl_c().await;
//!         service.shutdown().await;
//!     })
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! The guide [Embedding](https://github.com/WebAssembly/wasi-mcp/blob/main/docs/embedding.md) has the
//! dependencies of a program and goes through its tasks: grants, limits, logs, tokens, shutdown,
//! errors.
//!
//! # The parts
//!
//! | module | contents |
//! |---|---|
//! | [`component`] | An [`Engine`](component::Engine) compiles and links. A [`Component`](component::Component) is what it loaded. A [`Sandbox`](component::Sandbox) grants what its instances may use: by default nothing |
//! | [`session`] | A [`Server`](session::Server) is a component with its sandbox and limits. It opens a [`Session`](session::Session) for each client. An [`InProcessClient`](session::InProcessClient) is a client without a transport |
//! | [`transport`] | [`stdio::serve`](transport::stdio::serve), [`http::serve`](transport::http::serve), and the tower service [`McpService`](transport::http::McpService) for a server of your own. A transport of your own implements [`Outlet`](session::Outlet) |
//! | [`telemetry`] | counters, and their text for Prometheus |
//! | [`protocol`], [`types`] | the crates below, without wasmtime and tokio: the session as a state machine, the mapping to JSON, and the records of the WIT |
//!
//! Structs of options may get further fields. Start from `default()`, or from `new` with what is
//! required, and assign fields:
//!
//! ```
//! use wasi_mcp_host::component::DirectoryGrant;
//! use wasi_mcp_host::session::ServerOptions;
//!
//! let mut options = ServerOptions::default();
//! options.sandbox.directories = vec![DirectoryGrant::new("./data", "/data")];
//! options.instance.memory_bytes = 64 << 20;
//! ```
//!
//! # Examples
//!
//! The folder [`examples`](https://github.com/WebAssembly/wasi-mcp/tree/main/reference-host/host/examples)
//! has whole programs:
//!
//! | example | shows |
//! |---|---|
//! | `first` | a tool call |
//! | `stdio` | serving over standard input and output |
//! | `gateway` | two components in an axum server, with authentication and graceful shutdown |
//! | `in_process` | a client that answers the component's questions |
//! | `own_imports` | functions of the embedder that components import |
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
//! A session ends gracefully with [`Session::finish`](session::Session::finish), or at the shutdown
//! of its transport. Dropping its last handle, or the future that serves it, ends it at once.
//!
//! # Features
//!
//! | feature | default | contents |
//! |---|---|---|
//! | `auth` | yes | JSON Web Tokens for Streamable HTTP |
//! | `http` | yes | Streamable HTTP, the tower service, bearer tokens with a verifier of your own |
//! | `stdio` | yes | standard input and output, and other byte streams |
//! | `metrics` | yes | the counters as text for Prometheus |
//! | `clap` | no | the grants of a component as options of a command line, `SandboxArguments` |

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
