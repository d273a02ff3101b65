//! Resources that are described by a URI template, which the host never expands.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#resource-templates>

use serde_json::json;

use crate::bindings::wasi::mcp::content::{ResourceContents, ResourceTemplate};
use crate::content::{annotations, blob_contents, extra, meta, text_contents};
use crate::state;

pub const DATA: &str = "test://template/{id}/data";
pub const INTEGERS: &str = "test://integers/{integer}";
const BINARY: &str = "test://binary/{bytes}";
/// One more than the greatest number of the template [`INTEGERS`].
pub const INTEGERS_END: u32 = 1000;
/// The maximum size of the template [`BINARY`].
const BINARY_MAXIMUM: usize = 1 << 20;

/// Returns the current `resources/templates/list`.
pub fn listed() -> Vec<ResourceTemplate> {
    let mut templates = vec![
        ResourceTemplate {
            mime_type: Some("application/json".into()),
            ..template(DATA, "data", "Data for an id.")
        },
        // Every optional member of a template, so that each is seen on the wire.
        ResourceTemplate {
            title: Some("Integers".into()),
            mime_type: Some("text/plain".into()),
            annotations: Some(annotations()),
            meta: Some(meta()),
            extra: Some(extra()),
            ..template(INTEGERS, "integers", "An integer from 0 to 999.")
        },
        template(
            BINARY,
            "binary",
            "As many zero bytes as the URI says, at most 1048576.",
        ),
    ];
    if state::with(|state| state.added) {
        templates.push(added());
    }
    templates
}

fn template(uri_template: &str, name: &str, description: &str) -> ResourceTemplate {
    ResourceTemplate {
        uri_template: uri_template.into(),
        name: name.into(),
        description: Some(description.into()),
        ..ResourceTemplate::default()
    }
}

/// Returns the template that is listed after `add-entries`.
pub fn added() -> ResourceTemplate {
    template(
        "test://added/{name}",
        "added",
        "Is listed after `add-entries`.",
    )
}

/// Returns the contents of a resource that matches one of the templates.
pub fn contents(uri: &str) -> Option<Vec<ResourceContents>> {
    data(uri)
        .or_else(|| integer(uri))
        .or_else(|| binary(uri))
        .or_else(|| added_contents(uri))
}

fn data(uri: &str) -> Option<Vec<ResourceContents>> {
    let id = uri
        .strip_prefix("test://template/")?
        .strip_suffix("/data")?;
    if id.is_empty() || id.contains('/') {
        return None;
    }
    let json = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
    Some(vec![text_contents(
        uri,
        "application/json",
        json.to_string(),
    )])
}

fn integer(uri: &str) -> Option<Vec<ResourceContents>> {
    let integer: u32 = uri.strip_prefix("test://integers/")?.parse().ok()?;
    (integer < INTEGERS_END).then(|| vec![text_contents(uri, "text/plain", integer.to_string())])
}

fn binary(uri: &str) -> Option<Vec<ResourceContents>> {
    let bytes: usize = uri.strip_prefix("test://binary/")?.parse().ok()?;
    (bytes <= BINARY_MAXIMUM).then(|| {
        vec![blob_contents(
            uri,
            "application/octet-stream",
            vec![0; bytes],
        )]
    })
}

fn added_contents(uri: &str) -> Option<Vec<ResourceContents>> {
    let name = uri
        .strip_prefix("test://added/")
        .filter(|name| !name.is_empty())?;
    state::with(|state| state.added)
        .then(|| vec![text_contents(uri, "text/plain", format!("Added {name}"))])
}
