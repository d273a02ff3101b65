//! The resources.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/resources>

use crate::bindings::wasi::mcp::content::{
    ReadResourceParams, ReadResourceResult, Resource, ResourceContents,
};
use crate::bindings::wasi::mcp::types::Error;
use crate::content::{annotations, blob_contents, extra, meta, text_contents};
use crate::samples::PIXEL;
use crate::{error, resource_templates, state};

/// The resource that `touch-resource` changes.
pub const WATCHED: &str = "test://watched-resource";
/// A sub-resource of it.
pub const WATCHED_PART: &str = "test://watched-resource/part";

const STATIC_TEXT: &str = "This is the content of the static text resource.";
const DESCRIBED_TEXT: &str = "A resource of which everything is told.";
/// The number of numbered resources: enough to fill more than one page.
const NUMBERED: u32 = 120;
const NUMBERED_PREFIX: &str = "test://numbered/";

/// Returns the current `resources/list`.
pub fn listed() -> Vec<Resource> {
    let mut resources = vec![
        resource("test://static-text", "static-text", "A text.", "text/plain"),
        resource(
            "test://static-binary",
            "static-binary",
            "An image.",
            "image/png",
        ),
        resource(
            WATCHED,
            "watched-resource",
            "Changes with `touch-resource`.",
            "text/plain",
        ),
        described(),
        resource(
            "test://folder",
            "folder",
            "Reads as several contents.",
            "inode/directory",
        ),
        resource("test://failing", "failing", "Cannot be read.", "text/plain"),
        resource(
            "test://embedded-resource",
            "embedded-resource",
            "Also embedded in a tool's result.",
            "text/plain",
        ),
        resource(
            "test://mixed-content-resource",
            "mixed-content-resource",
            "Also embedded in a tool's result.",
            "application/json",
        ),
        resource(
            "test://example-resource",
            "example-resource",
            "Also embedded in a prompt.",
            "text/plain",
        ),
    ];
    resources.extend((1..=NUMBERED).map(|number| {
        resource(
            &format!("{NUMBERED_PREFIX}{number}"),
            &format!("numbered-{number}"),
            "One of many.",
            "text/plain",
        )
    }));
    if is_added() {
        resources.push(added());
    }
    resources
}

fn resource(uri: &str, name: &str, description: &str, mime_type: &str) -> Resource {
    Resource {
        uri: uri.into(),
        name: name.into(),
        description: Some(description.into()),
        mime_type: Some(mime_type.into()),
        ..Resource::default()
    }
}

/// Returns a resource with every optional member, so that each is seen on the wire.
fn described() -> Resource {
    Resource {
        title: Some("A described resource".into()),
        size: Some(DESCRIBED_TEXT.len() as f64),
        annotations: Some(annotations()),
        meta: Some(meta()),
        extra: Some(extra()),
        ..resource(
            "test://described",
            "described",
            "Has every member.",
            "text/plain",
        )
    }
}

/// Returns the resource that is listed after `add-entries`.
pub fn added() -> Resource {
    resource(
        "test://added",
        "added",
        "Is listed after `add-entries`.",
        "text/plain",
    )
}

fn is_added() -> bool {
    state::with(|state| state.added)
}

/// Returns whether the resource can be read, listed or not.
pub fn exists(uri: &str) -> bool {
    uri == "test://failing" || contents(uri).is_some()
}

pub async fn read(params: ReadResourceParams) -> Result<ReadResourceResult, Error> {
    if params.uri == "test://failing" {
        return Err(error::internal("The resource cannot be read"));
    }
    let contents = contents(&params.uri).ok_or_else(|| error::resource_not_found(&params.uri))?;
    Ok(ReadResourceResult {
        contents,
        ..ReadResourceResult::default()
    })
}

fn contents(uri: &str) -> Option<Vec<ResourceContents>> {
    let plain = |text: &str| Some(vec![text_contents(uri, "text/plain", text)]);
    match uri {
        "test://static-text" => plain(STATIC_TEXT),
        "test://static-binary" => Some(vec![blob_contents(uri, "image/png", PIXEL)]),
        WATCHED | WATCHED_PART => plain(&format!(
            "Version {}",
            state::with(|state| state.watched_version)
        )),
        "test://described" => plain(DESCRIBED_TEXT),
        "test://folder" => Some(vec![
            text_contents("test://folder/text", "text/plain", "In the folder."),
            blob_contents("test://folder/image", "image/png", PIXEL),
        ]),
        "test://embedded-resource" => plain("This is an embedded resource content."),
        "test://mixed-content-resource" => Some(vec![text_contents(
            uri,
            "application/json",
            r#"{"test":"data","value":123}"#,
        )]),
        "test://example-resource" => plain("Embedded resource content for testing."),
        "test://added" if is_added() => plain("I was added"),
        _ => numbered(uri).or_else(|| resource_templates::contents(uri)),
    }
}

fn numbered(uri: &str) -> Option<Vec<ResourceContents>> {
    let text = uri.strip_prefix(NUMBERED_PREFIX)?;
    let number: u32 = text.parse().ok()?;
    ((1..=NUMBERED).contains(&number) && number.to_string() == text)
        .then(|| vec![text_contents(uri, "text/plain", format!("Number {number}"))])
}
