//! The record types of [`wasi:mcp`](https://github.com/WebAssembly/wasi-mcp) as plain Rust.
//!
//! Three modules mirror the interfaces of the WIT packages that hold no handles. Their text is the
//! same in the package for WASI 0.2 and in the one for WASI 0.3, so one set of types serves both:
//!
//! | module | types |
//! |---|---|
//! | [`types`] | JSON text, identifiers, log levels, principals, errors |
//! | [`capabilities`] | the descriptions that client and server exchange |
//! | [`content`] | tools, resources, prompts, content blocks, parameters and results |
//!
//! Records whose fields all have a natural default implement [`Default`]:
//!
//! ```
//! use wasi_mcp_types::content::Tool;
//!
//! let tool = Tool {
//!     name: "hello".into(),
//!     input_schema: r#"{"type": "object"}"#.into(),
//!     ..Tool::default()
//! };
//! # assert_eq!(tool.title, None);
//! ```
//!
//! # Bindings
//!
//! With the feature `wasmtime`, a host maps the interfaces to these modules with the option `with`
//! of `wasmtime::component::bindgen!`. With the feature `guest`, a component does the same with
//! `wit_bindgen::generate!`:
//!
//! ```ignore
//! wit_bindgen::generate!({
//!     path: "wit",
//!     world: "wasi:mcp/tools-backend",
//!     with: {
//!         "wasi:mcp/types@0.3.0-draft2": wasi_mcp_types::types,
//!         "wasi:mcp/capabilities@0.3.0-draft2": wasi_mcp_types::capabilities,
//!         "wasi:mcp/content@0.3.0-draft2": wasi_mcp_types::content,
//!     },
//! });
//! ```

pub mod capabilities;
pub mod content;
mod convenience;
pub mod types;
