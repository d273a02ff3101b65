//! The service exports its lists, page by page, and itself refuses unknown names, unsuitable
//! arguments and cursors that it did not issue.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/pagination>

mod schema;

use crate::bindings::wasi::mcp::content::{
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
};
use crate::bindings::wasi::mcp::notifications;
use crate::bindings::wasi::mcp::types::Error;
use crate::error::{internal, invalid_params};
use crate::tools::Entry;
use crate::{prompts, resource_templates, resources, state, tools};

/// Entries on a page, in every list.
const PAGE_SIZE: usize = 25;
/// The beginning of a cursor; the index of the page's first entry follows.
const CURSOR_PREFIX: &str = "from-";

pub fn list_tools(cursor: Option<String>) -> Result<ListToolsResult, Error> {
    let (tools, next_cursor) = page(tools::listed(), cursor)?;
    Ok(ListToolsResult {
        tools,
        next_cursor,
        meta: None,
        extra: None,
    })
}

pub fn list_resources(cursor: Option<String>) -> Result<ListResourcesResult, Error> {
    let (resources, next_cursor) = page(resources::listed(), cursor)?;
    Ok(ListResourcesResult {
        resources,
        next_cursor,
        meta: None,
        extra: None,
    })
}

pub fn list_resource_templates(
    cursor: Option<String>,
) -> Result<ListResourceTemplatesResult, Error> {
    let (resource_templates, next_cursor) = page(resource_templates::listed(), cursor)?;
    Ok(ListResourceTemplatesResult {
        resource_templates,
        next_cursor,
        meta: None,
        extra: None,
    })
}

pub fn list_prompts(cursor: Option<String>) -> Result<ListPromptsResult, Error> {
    let (prompts, next_cursor) = page(prompts::listed(), cursor)?;
    Ok(ListPromptsResult {
        prompts,
        next_cursor,
        meta: None,
        extra: None,
    })
}

/// Returns the page of the cursor, and the cursor of the next.
fn page<T>(mut entries: Vec<T>, cursor: Option<String>) -> Result<(Vec<T>, Option<String>), Error> {
    let begin = match cursor {
        None => 0,
        Some(cursor) => cursor
            .strip_prefix(CURSOR_PREFIX)
            .and_then(|index| index.parse::<usize>().ok())
            .filter(|index| *index > 0 && index % PAGE_SIZE == 0 && *index < entries.len())
            .ok_or_else(|| invalid_params(format!("Invalid cursor: {cursor}")))?,
    };
    let end = begin + PAGE_SIZE;
    let next = (end < entries.len()).then(|| format!("{CURSOR_PREFIX}{end}"));
    entries.truncate(end);
    Ok((entries.split_off(begin), next))
}

/// Refuses arguments that the tool's input schema does not allow.
pub fn check_arguments(entry: &Entry, arguments: &str) -> Result<(), Error> {
    let schema = serde_json::from_str(&entry.tool.input_schema)
        .map_err(|cause| internal(format!("The tool's schema: {cause}")))?;
    let arguments = serde_json::from_str(arguments)
        .map_err(|cause| invalid_params(format!("Invalid arguments: {cause}")))?;
    schema::check("arguments", &arguments, &schema).map_err(invalid_params)
}

/// Lists one more entry of each kind from now on.
pub fn add_entries() -> Result<(), Error> {
    set_added(true);
    Ok(())
}

/// Reverts [`add_entries`].
pub fn remove_entries() -> Result<(), Error> {
    set_added(false);
    Ok(())
}

fn set_added(added: bool) {
    state::with(|state| state.added = added);
    notifications::tools_changed();
    notifications::resources_changed();
    notifications::prompts_changed();
}
