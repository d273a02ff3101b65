//! The tools: one file for each part of the interface that they try.

pub mod asking;
mod cancellation;
pub mod contexts;
mod excess;
mod forging;
mod hazards;
mod instance;
mod logging;
mod progress;
mod registration;
mod results;
mod schemas;
mod whole;

use std::pin::Pin;

use serde_json::Value;

use crate::bindings::wasi::mcp::content::{CallToolParams, CallToolResult, Tool};
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};
use crate::host::RequestContext;
use crate::report::error;
use crate::shown::Shown;
use crate::state;

/// One call of a tool.
pub struct Call {
    pub context: RequestContext,
    /// The text of the arguments, as the client wrote it.
    pub arguments: String,
    /// Members of the params that the interface does not name.
    pub extra: Option<String>,
    /// The parameters as they came, for the tool that shows them.
    pub shown: Value,
}

impl Call {
    /// The argument of this name, `null` where there is none.
    pub fn argument(&self, name: &str) -> Value {
        let arguments: Value = serde_json::from_str(&self.arguments).unwrap_or_default();
        arguments[name].clone()
    }
}

pub type Outcome = Result<CallToolResult, Error>;
type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Outcome>>>;

pub struct Entry {
    name: &'static str,
    handler: Handler,
    input_schema: &'static str,
    output_schema: Option<&'static str>,
}

impl Entry {
    pub const fn new(name: &'static str, handler: Handler) -> Self {
        Self {
            name,
            handler,
            input_schema: r#"{"type":"object"}"#,
            output_schema: None,
        }
    }
}

const MODULES: &[&[Entry]] = &[
    registration::ENTRIES,
    schemas::ENTRIES,
    contexts::ENTRIES,
    progress::ENTRIES,
    logging::ENTRIES,
    asking::ENTRIES,
    cancellation::ENTRIES,
    results::ENTRIES,
    instance::ENTRIES,
    hazards::ENTRIES,
    forging::ENTRIES,
    excess::ENTRIES,
    whole::ENTRIES,
];

fn entries() -> impl Iterator<Item = &'static Entry> {
    MODULES.iter().flat_map(|entries| entries.iter())
}

pub fn listed() -> Vec<Tool> {
    let tools = entries().map(|entry| Tool {
        name: entry.name.into(),
        input_schema: entry.input_schema.into(),
        output_schema: entry.output_schema.map(Into::into),
        ..Tool::default()
    });
    let full = crate::records::tools();
    tools.chain(full).collect()
}

pub async fn call(context: RequestContext, params: CallToolParams) -> Outcome {
    state::handled();
    state::with(|state| state.calls += 1);
    let shown = (params.name == whole::SHOW).then(|| params.shown());
    let Some(entry) = entries().find(|entry| entry.name == params.name) else {
        // Registered after the start, or never: the host knows which.
        return Err(error(
            ErrorCode::Other(-1),
            "The host let this name through",
        ));
    };
    let call = Call {
        context,
        arguments: params.arguments.unwrap_or_else(|| "{}".into()),
        extra: params.extra,
        shown: shown.unwrap_or_default(),
    };
    (entry.handler)(call).await
}
