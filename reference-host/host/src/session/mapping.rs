//! The mapping between the protocol's JSON and the component's records: from an invocation to a
//! call, and from the call's return value to an outcome.

use crate::component::handlers::{Call, Return};
use wasi_mcp_protocol::json::{self, Fault, LONGEST_ESCAPE, Object};
use wasi_mcp_protocol::wire::{self, Bound, Record, ToJson};
use wasi_mcp_protocol::{
    List, Method, Outcome, RpcError, Schemas, SeenTool, check_template, check_uri,
};
use wasi_mcp_types::content::Tool;
use wasi_mcp_types::types;

/// Maps the parameters of a request to the corresponding call.
///
/// # Errors
///
/// A [`Fault`] that names the missing or mistyped member.
pub(super) fn call(method: Method, params: Object<'_>) -> Result<Call, Fault> {
    Ok(match method {
        Method::ListTools => Call::ListTools(cursor(&params)?),
        Method::ListResources => Call::ListResources(cursor(&params)?),
        Method::ListResourceTemplates => Call::ListResourceTemplates(cursor(&params)?),
        Method::ListPrompts => Call::ListPrompts(cursor(&params)?),
        Method::CallTool => Call::CallTool(Record::from_object(params)?),
        Method::ReadResource => Call::ReadResource(Record::from_object(params)?),
        Method::Subscribe => Call::Subscribe(uri(&params)?),
        Method::Unsubscribe => Call::Unsubscribe(uri(&params)?),
        Method::GetPrompt => Call::GetPrompt(Record::from_object(params)?),
        Method::Complete => Call::Complete(Record::from_object(params)?),
        Method::Initialize | Method::Ping | Method::SetLevel => {
            unreachable!("the protocol layer answers {} itself", method.name())
        }
    })
}

fn cursor(params: &Object<'_>) -> Result<Option<String>, Fault> {
    let cursor = params.optional("cursor", json::string)?;
    Ok(cursor.map(Into::into))
}

fn uri(params: &Object<'_>) -> Result<String, Fault> {
    params.required("uri", json::string).map(Into::into)
}

/// Maps a handler's return value to the outcome of its request, and passes it to `finish`. (It is
/// passed on rather than returned because an outcome borrows from the result.) A result that
/// exceeds the JSON limit becomes an outcome that says so. Schemas of listed tools are shared
/// through `schemas`.
pub(super) fn outcome(
    result: Result<Return, types::Error>,
    bound: Bound<'_>,
    schemas: &Schemas,
    finish: impl FnOnce(Outcome<'_>),
) {
    let returned = match result {
        Ok(returned) => returned,
        Err(error) => return finish(error_outcome(error, bound)),
    };
    let plain = |result: &dyn ToJson| {
        wire::to_json_within(result, bound).map_or_else(faulty, Outcome::Result)
    };
    finish(match &returned {
        Return::CallTool(result) => match wire::to_json_within(result, bound) {
            Ok(json) => Outcome::ToolResult {
                json,
                structured: result.structured_content.as_deref(),
                is_error: result.is_error == Some(true),
            },
            Err(fault) => faulty(fault),
        },
        // First the schemas: their errors tell more of one that is not JSON text.
        Return::ListTools(result) => match seen(&result.tools, schemas) {
            Ok(tools) => match wire::to_json_within(result, bound) {
                Ok(json) => Outcome::ToolList { json, tools },
                Err(fault) => faulty(fault),
            },
            Err(rule) => Outcome::Faulty(rule),
        },
        Return::ListResources(result) => {
            let uris = result.resources.iter().map(|it| &it.uri);
            match checked(List::Resources, uris, check_uri) {
                Ok(()) => plain(result),
                Err(rule) => Outcome::Faulty(rule),
            }
        }
        Return::ListResourceTemplates(result) => {
            let templates = result.resource_templates.iter().map(|it| &it.uri_template);
            match checked(List::ResourceTemplates, templates, check_template) {
                Ok(()) => plain(result),
                Err(rule) => Outcome::Faulty(rule),
            }
        }
        Return::ListPrompts(result) => plain(result),
        Return::ReadResource(result) => plain(result),
        Return::GetPrompt(result) => plain(result),
        Return::Complete(result) => plain(result),
        Return::Empty => Outcome::Empty,
        Return::Streamed { bytes, is_complete } => Outcome::Streamed {
            bytes: *bytes,
            is_complete: *is_complete,
        },
        Return::Faulty(rule) => Outcome::Faulty(rule.clone()),
    });
}

/// Checks the URIs or URI templates of a component's own list. The error names the item.
fn checked<'a>(
    list: List,
    mut keys: impl Iterator<Item = &'a String>,
    check: fn(&str) -> Result<(), String>,
) -> Result<(), String> {
    keys.try_for_each(|key| check(key).map_err(|fault| format!("the {list} {key:?}: {fault}")))
}

/// Returns the tools of a component's own list, or the rule that one of them breaks.
fn seen(tools: &[Tool], schemas: &Schemas) -> Result<Vec<SeenTool>, String> {
    let seen = tools.iter().map(|tool| {
        let output = tool.output_schema.as_deref();
        SeenTool::new(&tool.name, &tool.input_schema, output, schemas)
    });
    seen.collect()
}

fn error_outcome<'a>(error: types::Error, bound: Bound<'_>) -> Outcome<'a> {
    let text = error.message.len() + error.data.as_ref().map_or(0, String::len);
    // Assumes worst-case escaping.
    if text > bound.bytes / LONGEST_ESCAPE {
        return Outcome::Faulty(bound.exceed().within("error").to_string());
    }
    match wire::error_to_wire(error) {
        Ok((code, message, data)) => Outcome::Error(RpcError {
            code,
            message,
            data,
        }),
        Err(fault) => faulty(fault),
    }
}

fn faulty<'a>(fault: Fault) -> Outcome<'a> {
    Outcome::Faulty(fault.within("result").to_string())
}
