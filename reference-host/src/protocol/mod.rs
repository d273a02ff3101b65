//! One client's session at [MCP
//! 2025-06-18](https://modelcontextprotocol.io/specification/2025-06-18) as a
//! state machine: messages and results of calls go in, calls and messages come
//! out.
//!
//! There is no input or output here, no clock and no WebAssembly. Whoever
//! drives a [`Session`] passes it each message with the time of its arrival,
//! does what the [`Reception`] asks for, reports the outcome, and sends what
//! [`Session::poll_effect`] hands out, in that order.
//!
//! Each file holds one concern; most add their part to `impl Session`.

mod asks;
mod cancellation;
mod catalog;
mod changes;
mod completion;
mod denied;
mod effect;
mod envelope;
mod error;
mod events;
mod identifier;
mod initialize;
mod limits;
mod lists;
mod logging;
mod method;
mod observer;
mod offer;
mod pacing;
mod pings;
mod progress;
mod prompts;
mod rate;
mod reception;
mod requests;
mod response;
mod session;
mod subscriptions;
mod timers;
mod tools;

#[cfg(test)]
mod tests;

pub use asks::{AskFailure, AskKey, AskMethod};
pub use catalog::{
    Catalog, CatalogError, Changed, List, PromptEntry, ResourceEntry, Schema, SchemaError, Schemas,
    TemplateEntry, ToolEntry, Violation,
};
pub use denied::Denied;
pub use effect::{Effect, Route};
pub use error::{ContextError, RpcError, code};
pub use events::Event;
pub use identifier::RequestId;
pub use limits::Limits;
pub use logging::LogLevel;
pub use method::Method;
pub use observer::Observer;
pub use offer::{Offer, Offered};
pub use reception::{Framing, Invocation, Reception, StreamId};
pub use requests::{ByRequest, Outcome, RequestKey};
pub use session::Session;
pub use tools::SeenTool;

/// The protocol revision that is spoken.
pub const PROTOCOL_VERSION: &str = "2025-06-18";
