//! The mapping between the protocol's JSON and the component's records: from an invocation to a
//! call, and from the call's return value to an outcome.

use wasi_mcp_types::content::Tool;
use wasi_mcp_types::types;

use super::calls::{Call, Return};
use super::catalog::{List, Schemas, check_template, check_uri};
use super::error::RpcError;
use super::method::Method;
use super::params_check::ParamsCheck;
use super::requests::Outcome;
use super::tools::{SeenTool, ToolResult};
use crate::json::{self, Fault, LONGEST_ESCAPE, Object};
use crate::wire::{self, Bound, Record};

/// The most schema applications of a validation that is performed at once; see
/// [`ParamsCheck::work`]. They take some milliseconds.
pub const QUICK_WORK: usize = 100_000;

/// Maps the parameters of a request to the corresponding call.
///
/// # Errors
///
/// A [`Fault`] that names the missing or mistyped member.
///
/// # Panics
///
/// On a method that a [`Session`](super::Session) answers without the component.
pub fn call(method: Method, params: Object<'_>) -> Result<Call, Fault> {
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

/// The most bytes of a result that is written at once.
const QUICK_BYTES: usize = 64 << 10;

/// The most bytes of listed schemas that are compiled at once.
const QUICK_SCHEMAS: usize = 16 << 10;

/// Maps a handler's return value to the outcome of its request, if that takes little work; otherwise
/// returns it, for [`outcome`].
///
/// # Errors
///
/// The return value, if it takes more.
pub fn quick_outcome(
    check: &ParamsCheck,
    result: Result<Return, types::Error>,
    schemas: &Schemas,
    most: usize,
) -> Result<Outcome, Result<Return, types::Error>> {
    let most = most.min(QUICK_BYTES);
    let written = match &result {
        Ok(Return::CallTool(returned)) => {
            let structured = returned.structured_content.as_deref().unwrap_or_default();
            if check.work_of_result(structured) > QUICK_WORK {
                None
            } else {
                wire::to_short_json(returned, most)
            }
        }
        Ok(Return::ListTools(returned)) => {
            if schema_bytes(&returned.tools) > QUICK_SCHEMAS {
                None
            } else {
                wire::to_short_json(returned, most)
            }
        }
        Ok(Return::ListResources(returned)) => wire::to_short_json(returned, most),
        Ok(Return::ListResourceTemplates(returned)) => wire::to_short_json(returned, most),
        Ok(Return::ListPrompts(returned)) => wire::to_short_json(returned, most),
        Ok(Return::ReadResource(returned)) => wire::to_short_json(returned, most),
        Ok(Return::GetPrompt(returned)) => wire::to_short_json(returned, most),
        Ok(Return::Complete(returned)) => wire::to_short_json(returned, most),
        // The others have no text.
        Ok(Return::Empty | Return::Streamed { .. } | Return::Faulty(_)) => Some(Ok(Vec::new())),
        Err(error) => (text_of(error) <= most / LONGEST_ESCAPE).then(|| Ok(Vec::new())),
    };
    match written {
        None => Err(result),
        Some(written) => Ok(concluded(check, result, written, schemas)),
    }
}

/// Maps a handler's return value to the outcome of its request. A result that exceeds the bound
/// becomes an outcome that says so. Schemas of listed tools are shared through `schemas`.
pub fn outcome(
    check: &ParamsCheck,
    result: Result<Return, types::Error>,
    bound: Bound<'_>,
    schemas: &Schemas,
) -> Outcome {
    let written = match &result {
        Ok(Return::CallTool(returned)) => wire::to_json_within(returned, bound),
        Ok(Return::ListTools(returned)) => wire::to_json_within(returned, bound),
        Ok(Return::ListResources(returned)) => wire::to_json_within(returned, bound),
        Ok(Return::ListResourceTemplates(returned)) => wire::to_json_within(returned, bound),
        Ok(Return::ListPrompts(returned)) => wire::to_json_within(returned, bound),
        Ok(Return::ReadResource(returned)) => wire::to_json_within(returned, bound),
        Ok(Return::GetPrompt(returned)) => wire::to_json_within(returned, bound),
        Ok(Return::Complete(returned)) => wire::to_json_within(returned, bound),
        Ok(Return::Empty | Return::Streamed { .. } | Return::Faulty(_)) => Ok(Vec::new()),
        // Assumes worst-case escaping.
        Err(error) if text_of(error) > bound.bytes / LONGEST_ESCAPE => {
            return Outcome::Faulty(bound.exceed().within("error").to_string());
        }
        Err(_) => Ok(Vec::new()),
    };
    concluded(check, result, written, schemas)
}

/// Returns about the size of a result in JSON.
#[must_use]
pub fn size(result: &Result<Return, types::Error>) -> usize {
    match result {
        Ok(Return::CallTool(returned)) => wire::size(returned),
        Ok(Return::ListTools(returned)) => wire::size(returned),
        Ok(Return::ListResources(returned)) => wire::size(returned),
        Ok(Return::ListResourceTemplates(returned)) => wire::size(returned),
        Ok(Return::ListPrompts(returned)) => wire::size(returned),
        Ok(Return::ReadResource(returned)) => wire::size(returned),
        Ok(Return::GetPrompt(returned)) => wire::size(returned),
        Ok(Return::Complete(returned)) => wire::size(returned),
        Ok(Return::Empty | Return::Streamed { .. } | Return::Faulty(_)) => 0,
        Err(error) => text_of(error),
    }
}

/// Returns the outcome of a request whose result has been written.
fn concluded(
    check: &ParamsCheck,
    result: Result<Return, types::Error>,
    written: Result<Vec<u8>, Fault>,
    schemas: &Schemas,
) -> Outcome {
    // First the schemas: their errors tell more of one that is not JSON text.
    let tools = match &result {
        Ok(Return::ListTools(returned)) => match seen(&returned.tools, schemas) {
            Ok(tools) => tools,
            Err(rule) => return Outcome::Faulty(rule),
        },
        Ok(Return::ListResources(returned)) => {
            let uris = returned.resources.iter().map(|it| &it.uri);
            if let Err(rule) = checked(List::Resources, uris, check_uri) {
                return Outcome::Faulty(rule);
            }
            Vec::new()
        }
        Ok(Return::ListResourceTemplates(returned)) => {
            let templates = returned.resource_templates.iter();
            let templates = templates.map(|it| &it.uri_template);
            if let Err(rule) = checked(List::ResourceTemplates, templates, check_template) {
                return Outcome::Faulty(rule);
            }
            Vec::new()
        }
        _ => Vec::new(),
    };
    let json = match written {
        Ok(json) => json,
        Err(fault) => return faulty(fault),
    };
    match result {
        Ok(Return::CallTool(returned)) => {
            let structured = returned.structured_content.as_deref();
            let is_error = returned.is_error == Some(true);
            ToolResult::checked(check, json, structured, is_error)
        }
        Ok(Return::ListTools(_)) => Outcome::ToolList { json, tools },
        Ok(
            Return::ListResources(_)
            | Return::ListResourceTemplates(_)
            | Return::ListPrompts(_)
            | Return::ReadResource(_)
            | Return::GetPrompt(_)
            | Return::Complete(_),
        ) => Outcome::Result(json),
        Ok(Return::Empty) => Outcome::Empty,
        Ok(Return::Streamed { bytes, is_complete }) => Outcome::Streamed { bytes, is_complete },
        Ok(Return::Faulty(rule)) => Outcome::Faulty(rule),
        Err(error) => match wire::error_to_wire(error) {
            Ok((code, message, data)) => Outcome::Error(RpcError {
                code,
                message,
                data,
            }),
            Err(fault) => faulty(fault),
        },
    }
}

/// Returns the size of the text in a component's error.
fn text_of(error: &types::Error) -> usize {
    error.message.len() + error.data.as_ref().map_or(0, String::len)
}

/// Returns the size of all schemas of listed tools.
fn schema_bytes(tools: &[Tool]) -> usize {
    let output = |tool: &Tool| tool.output_schema.as_ref().map_or(0, String::len);
    tools
        .iter()
        .map(|tool| tool.input_schema.len() + output(tool))
        .sum()
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

fn faulty(fault: Fault) -> Outcome {
    Outcome::Faulty(fault.within("result").to_string())
}
