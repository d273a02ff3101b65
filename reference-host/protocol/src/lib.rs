//! The Model Context Protocol, [revision
//! 2025-06-18](https://modelcontextprotocol.io/specification/2025-06-18), for servers whose
//! implementation is a `wasi:mcp` component: the state machine of one client's [`Session`], the
//! mapping between WIT records and JSON ([`wire`]), and the JSON text both work on ([`json`]).
//!
//! Nothing here does I/O, reads a clock or depends on an engine, so the crate serves a host on
//! wasmtime and, compiled to WebAssembly, a component that speaks the protocol itself.
//!
//! The driver of a [`Session`] passes it each message with the time of its arrival, does what the
//! [`Reception`] asks for, reports the outcome, and sends what [`Session::poll_effect`] returns, in
//! that order. Work that grows with a message or a result needs no session ([`Message::read`],
//! [`ParamsCheck`], [`ToolResult`], [`AskParams`], [`LogText`]), so a driver can do it before it takes
//! the session's lock, or on another thread:
//!
//! ```
//! use std::time::Instant;
//! use wasi_mcp_protocol::{Framing, Limits, Reception, Session, StreamId};
//!
//! let mut session = Session::new(Framing::Stdio, Limits::default(), 7);
//! let ping = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
//! let Reception::Answered(answer) = session.receive(Instant::now(), StreamId(0), ping) else {
//!     panic!("pings are answered at once");
//! };
//! assert_eq!(answer, br#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
//! ```
//!
//! Each file holds one concern; most add their part to `impl Session`.

#[cfg(any(test, fuzzing))]
extern crate self as wasi_mcp_protocol;

mod asks;
mod calls;
mod cancellation;
mod catalog;
mod changes;
mod completion;
mod component;
mod denied;
mod effect;
mod envelope;
mod error;
mod events;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[path = "../../../fuzz/functions/protocol/mod.rs"]
pub mod fuzzing;
pub mod http;
mod identifier;
mod initialize;
pub mod json;
mod limits;
mod lines;
mod lists;
mod logging;
pub mod mapping;
mod message;
mod method;
mod observer;
mod offer;
mod opening;
mod outgoing;
mod pacing;
mod params_check;
mod pings;
mod progress;
mod prompts;
mod rate;
mod reception;
mod registrations;
mod requests;
mod response;
mod session;
mod similar;
mod streaming;
mod subscriptions;
mod timers;
mod tools;
pub mod wire;

#[cfg(test)]
mod tests;

pub use asks::{AskFailure, AskKey, AskMethod, AskParams};
pub use calls::{Call, Return, Subject};
pub use catalog::{
    Batch, Catalog, CatalogError, Changed, CompiledTool, List, PromptEntry, ResourceEntry, Schema,
    SchemaError, Schemas, TemplateEntry, ToolEntry, Violation, check_template, check_uri,
};
pub use denied::Denied;
pub use effect::{Effect, Route};
pub use error::{ContextError, RpcError, code};
pub use events::Event;
pub use identifier::RequestId;
pub use initialize::START_FAILED;
pub use limits::Limits;
pub use lines::Lines;
pub use logging::{LogLevel, LogText};
pub use message::Message;
pub use method::Method;
pub use observer::{DroppedNotification, Limit, Observer, RequestOutcome};
pub use offer::{Exported, Lifetime, Offer, Offered, missing_exports};
pub use opening::{Opening, opening};
pub use outgoing::{MessageKind, Outgoing, OutgoingQueue};
pub use params_check::ParamsCheck;
pub use reception::{Framing, Invocation, Reception, StreamId};
pub use registrations::Registrations;
pub use requests::{ByRequest, Outcome, RULE_BROKEN, RequestKey};
pub use session::Session;
pub use tools::{SeenTool, ToolResult};

/// The supported protocol revision.
pub const PROTOCOL_VERSION: &str = "2025-06-18";
