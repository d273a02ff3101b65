//! Calls of a component's handlers, and what they return.

use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, CompleteParams, CompleteResult, GetPromptParams,
    GetPromptResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, ReadResourceParams, ReadResourceResult,
};
use wasi_mcp_types::types::Cursor;

/// A call of one exported handler.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// `tool-catalog.list-tools`
    ListTools(Option<Cursor>),
    /// `resource-catalog.list-resources`
    ListResources(Option<Cursor>),
    /// `resource-catalog.list-resource-templates`
    ListResourceTemplates(Option<Cursor>),
    /// `prompt-catalog.list-prompts`
    ListPrompts(Option<Cursor>),
    /// `tools.call-tool`
    CallTool(CallToolParams),
    /// `resources.read-resource`
    ReadResource(ReadResourceParams),
    /// `resource-subscriptions.subscribe`
    Subscribe(String),
    /// `resource-subscriptions.unsubscribe`
    Unsubscribe(String),
    /// `prompts.get-prompt`
    GetPrompt(GetPromptParams),
    /// `completion.complete`
    Complete(CompleteParams),
    /// `client-events.initialized`
    Initialized,
    /// `client-events.roots-changed`
    RootsChanged,
}

/// The longest name of a tool, prompt or resource that is shown in full, in characters.
const LONGEST_NAME: usize = 100;

/// The subject of a call, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    kind: &'static str,
    name: Option<Box<str>>,
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(formatter, "{} {name:?}", self.kind),
            None => formatter.write_str(self.kind),
        }
    }
}

impl Call {
    /// Returns the subject of the call for error texts. It outlives the call.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let (kind, name) = match self {
            Self::ListTools(_) => ("the list of tools", None),
            Self::ListResources(_) => ("the list of resources", None),
            Self::ListResourceTemplates(_) => ("the list of resource templates", None),
            Self::ListPrompts(_) => ("the list of prompts", None),
            Self::CallTool(params) => ("the tool", Some(&params.name)),
            Self::ReadResource(params) => ("the resource", Some(&params.uri)),
            Self::Subscribe(uri) => ("the subscription to", Some(uri)),
            Self::Unsubscribe(uri) => ("the end of the subscription to", Some(uri)),
            Self::GetPrompt(params) => ("the prompt", Some(&params.name)),
            Self::Complete(_) => ("the completion", None),
            Self::Initialized | Self::RootsChanged => ("a notification of the client", None),
        };
        Subject {
            kind,
            name: name.map(|name| shortened(name).into()),
        }
    }
}

fn shortened(name: &str) -> &str {
    let end = name.char_indices().nth(LONGEST_NAME);
    end.map_or(name, |(end, _)| &name[..end])
}

/// A handler's return value, by kind of [`Call`].
#[derive(Debug, Clone, PartialEq)]
pub enum Return {
    /// A page of tools.
    ListTools(ListToolsResult),
    /// A page of resources.
    ListResources(ListResourcesResult),
    /// A page of resource templates.
    ListResourceTemplates(ListResourceTemplatesResult),
    /// A page of prompts.
    ListPrompts(ListPromptsResult),
    /// A tool's result.
    CallTool(CallToolResult),
    /// A resource's contents.
    ReadResource(ReadResourceResult),
    /// A prompt's messages.
    GetPrompt(GetPromptResult),
    /// Completion values.
    Complete(CompleteResult),
    /// Nothing: subscribing and the client's events.
    Empty,
    /// The response was streamed.
    Streamed {
        /// The size of the message so far, in bytes.
        bytes: usize,
        /// True if the response was completed.
        is_complete: bool,
    },
    /// The return value breaks this rule.
    Faulty(String),
}
