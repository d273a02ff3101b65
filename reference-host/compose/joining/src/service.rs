//! The exports of a service.

use wasi_mcp_types::capabilities::{Server, ServerCapabilities};
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, CompleteParams, CompleteResult, GetPromptParams,
    GetPromptResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, ReadResourceParams, ReadResourceResult,
};
use wasi_mcp_types::types::{Error, ErrorCode, Implementation};

/// A request's context: an owned handle.
pub trait Context: Sized {
    /// Returns a second handle to the same request.
    #[must_use]
    fn duplicate(&self) -> Self;
}

/// The functions that a service may export. The defaults are the answers of a service that has
/// nothing.
#[allow(
    async_fn_in_trait,
    reason = "the futures of a component stay on its one thread"
)]
pub trait Service {
    /// The context of a request.
    type Context: Context;
    /// The beginning of a streamed resource, its stream, and its end.
    type Streamed;

    /// Describes the server: `server-catalog.get-server`.
    async fn get_server(&self) -> Result<Server, Error> {
        Ok(Server {
            info: Implementation {
                name: "nothing".to_owned(),
                title: None,
                version: "0".to_owned(),
                extra: None,
            },
            capabilities: ServerCapabilities::default(),
            instructions: None,
        })
    }

    /// Lists tools: `tool-catalog.list-tools`.
    async fn list_tools(
        &self,
        _context: Self::Context,
        _cursor: Option<String>,
    ) -> Result<ListToolsResult, Error> {
        Ok(ListToolsResult::default())
    }

    /// Lists resources: `resource-catalog.list-resources`.
    async fn list_resources(
        &self,
        _context: Self::Context,
        _cursor: Option<String>,
    ) -> Result<ListResourcesResult, Error> {
        Ok(ListResourcesResult::default())
    }

    /// Lists resource templates: `resource-catalog.list-resource-templates`.
    async fn list_resource_templates(
        &self,
        _context: Self::Context,
        _cursor: Option<String>,
    ) -> Result<ListResourceTemplatesResult, Error> {
        Ok(ListResourceTemplatesResult::default())
    }

    /// Lists prompts: `prompt-catalog.list-prompts`.
    async fn list_prompts(
        &self,
        _context: Self::Context,
        _cursor: Option<String>,
    ) -> Result<ListPromptsResult, Error> {
        Ok(ListPromptsResult::default())
    }

    /// Calls a tool: `tools.call-tool`.
    async fn call_tool(
        &self,
        _context: Self::Context,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        Err(invalid_params(format!("unknown tool: {}", params.name)))
    }

    /// Reads a resource: `resources.read-resource`.
    async fn read_resource(
        &self,
        _context: Self::Context,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        Err(not_found(&params.uri))
    }

    /// Reads a resource as a stream: `resource-streams.read-resource-stream`.
    async fn read_resource_stream(
        &self,
        _context: Self::Context,
        _params: ReadResourceParams,
    ) -> Result<Option<Self::Streamed>, Error> {
        Ok(None)
    }

    /// Subscribes to a resource: `resource-subscriptions.subscribe`.
    async fn subscribe(&self, _context: Self::Context, uri: String) -> Result<(), Error> {
        Err(not_found(&uri))
    }

    /// Ends a subscription: `resource-subscriptions.unsubscribe`.
    async fn unsubscribe(&self, _context: Self::Context, _uri: String) -> Result<(), Error> {
        Ok(())
    }

    /// Gets a prompt: `prompts.get-prompt`.
    async fn get_prompt(
        &self,
        _context: Self::Context,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        Err(invalid_params(format!("unknown prompt: {}", params.name)))
    }

    /// Completes an argument: `completion.complete`.
    async fn complete(
        &self,
        _context: Self::Context,
        _params: CompleteParams,
    ) -> Result<CompleteResult, Error> {
        Ok(CompleteResult::default())
    }

    /// Handles `notifications/initialized`: `client-events.initialized`.
    async fn initialized(&self, _context: Self::Context) {}

    /// Handles `notifications/roots/list_changed`: `client-events.roots-changed`.
    async fn roots_changed(&self, _context: Self::Context) {}
}

/// A service without anything.
#[derive(Debug)]
pub struct Nothing<C, S>(std::marker::PhantomData<(C, S)>);

impl<C, S> Nothing<C, S> {
    /// Creates the service.
    #[must_use]
    pub fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<C, S> Default for Nothing<C, S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: Context, S> Service for Nothing<C, S> {
    type Context = C;
    type Streamed = S;
}

pub(crate) fn invalid_params(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidParams, message)
}

pub(crate) fn not_found(uri: &str) -> Error {
    Error {
        code: ErrorCode::ResourceNotFound,
        message: "the resource does not exist".to_owned(),
        data: Some(format!("{{\"uri\":{}}}", json_string(uri))),
    }
}

/// Returns a text as JSON.
fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control < ' ' => {
                json.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => json.push(other),
        }
    }
    json.push('"');
    json
}
