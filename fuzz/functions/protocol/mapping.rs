//! The mapping between the records of the WIT packages and JSON.

use crate::json::{self, Fault, Object};
use crate::wire::{
    FromJson, MAX_DEPTH, ToJson, client_from_initialize, from_json, initialize_params,
    server_from_initialize, to_json,
};
use wasi_mcp_types::capabilities::{ClientCapabilities, ServerCapabilities};
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, CompleteParams, CompleteResult, ContentBlock,
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, GetPromptParams,
    GetPromptResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListRootsResult, ListToolsResult, Progress, Prompt, ReadResourceParams, ReadResourceResult,
    Resource, ResourceTemplate, Tool,
};
use wasi_mcp_types::types::{Error, Implementation};

type Rewrite = fn(&[u8]) -> Result<Vec<u8>, Fault>;

/// Reads a value and writes it.
fn rewrite<T: FromJson + ToJson>(text: &[u8]) -> Result<Vec<u8>, Fault> {
    to_json(&from_json::<T>(text)?)
}

/// Reads the parameters of `initialize` and writes them.
fn client(text: &[u8]) -> Result<Vec<u8>, Fault> {
    let malformed = || Fault::new("an object");
    let text = json::check(text, MAX_DEPTH).map_err(|_| malformed())?;
    let params = Object::parse(text).map_err(|_| malformed())?;
    initialize_params(&client_from_initialize(params)?)
}

/// Reads the result of `initialize`; it is never written as a whole.
fn server(text: &[u8]) -> Result<Vec<u8>, Fault> {
    let malformed = || Fault::new("an object");
    let text = json::check(text, MAX_DEPTH).map_err(|_| malformed())?;
    let result = Object::parse(text).map_err(|_| malformed())?;
    server_from_initialize(result).map(|_| json::strip_line_breaks(text).as_bytes().to_vec())
}

/// The types by their names in WIT that occur at the top level of a message. The others are members
/// of them.
const TYPES: &[(&str, Rewrite)] = &[
    ("call-tool-params", rewrite::<CallToolParams>),
    ("call-tool-result", rewrite::<CallToolResult>),
    ("client-capabilities", rewrite::<ClientCapabilities>),
    ("complete-params", rewrite::<CompleteParams>),
    ("complete-result", rewrite::<CompleteResult>),
    ("content-block", rewrite::<ContentBlock>),
    ("create-message-params", rewrite::<CreateMessageParams>),
    ("create-message-result", rewrite::<CreateMessageResult>),
    ("elicit-params", rewrite::<ElicitParams>),
    ("elicit-result", rewrite::<ElicitResult>),
    ("error", rewrite::<Error>),
    ("get-prompt-params", rewrite::<GetPromptParams>),
    ("get-prompt-result", rewrite::<GetPromptResult>),
    ("implementation", rewrite::<Implementation>),
    ("list-prompts-result", rewrite::<ListPromptsResult>),
    (
        "list-resource-templates-result",
        rewrite::<ListResourceTemplatesResult>,
    ),
    ("list-resources-result", rewrite::<ListResourcesResult>),
    ("list-roots-result", rewrite::<ListRootsResult>),
    ("list-tools-result", rewrite::<ListToolsResult>),
    ("progress", rewrite::<Progress>),
    ("prompt", rewrite::<Prompt>),
    ("read-resource-params", rewrite::<ReadResourceParams>),
    ("read-resource-result", rewrite::<ReadResourceResult>),
    ("resource", rewrite::<Resource>),
    ("resource-template", rewrite::<ResourceTemplate>),
    ("server-capabilities", rewrite::<ServerCapabilities>),
    ("tool", rewrite::<Tool>),
    ("client", client),
    ("server", server),
];

/// Reads JSON as the type that the first line names, and writes it: the output is valid, can be
/// read again, and is stable.
pub fn mapping(input: &[u8]) {
    let end = memchr::memchr(b'\n', input).unwrap_or(input.len());
    let (name, text) = input.split_at(end);
    let Some((_, rewrite)) = TYPES.iter().find(|(known, _)| known.as_bytes() == name) else {
        return;
    };
    let Ok(written) = rewrite(text) else {
        return;
    };
    let shown = String::from_utf8_lossy(&written);
    assert!(!shown.contains(['\n', '\r']), "{shown}");
    let checked = json::check(&written, MAX_DEPTH);
    assert!(checked.is_ok(), "{checked:?}: {shown}");
    let again = rewrite(&written).unwrap_or_else(|fault| panic!("{fault}: {shown}"));
    assert_eq!(String::from_utf8_lossy(&again), shown);
}

#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|(name, _)| *name)
}
