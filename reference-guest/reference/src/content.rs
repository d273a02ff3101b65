//! Content blocks for tools and prompts.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/tools#tool-result>

use crate::bindings::wasi::mcp::content::{
    Annotations, AudioContent, BlobResourceContents, CallToolResult, ContentBlock,
    EmbeddedResource, ImageContent, ResourceContents, ResourceLink, TextContent,
    TextResourceContents,
};
use crate::bindings::wasi::mcp::types::Role;
use crate::samples::{PIXEL, SILENCE};

pub fn text(text: impl Into<String>) -> ContentBlock {
    ContentBlock::Text(TextContent {
        text: text.into(),
        ..TextContent::default()
    })
}

pub fn image() -> ContentBlock {
    ContentBlock::Image(ImageContent {
        data: PIXEL.into(),
        mime_type: "image/png".into(),
        ..ImageContent::default()
    })
}

pub fn audio() -> ContentBlock {
    ContentBlock::Audio(AudioContent {
        data: SILENCE.into(),
        mime_type: "audio/wav".into(),
        ..AudioContent::default()
    })
}

pub fn text_contents(uri: &str, mime_type: &str, text: impl Into<String>) -> ResourceContents {
    ResourceContents::Text(TextResourceContents {
        uri: uri.into(),
        mime_type: Some(mime_type.into()),
        text: text.into(),
        ..TextResourceContents::default()
    })
}

pub fn blob_contents(uri: &str, mime_type: &str, blob: impl Into<Vec<u8>>) -> ResourceContents {
    ResourceContents::Blob(BlobResourceContents {
        uri: uri.into(),
        mime_type: Some(mime_type.into()),
        blob: blob.into(),
        ..BlobResourceContents::default()
    })
}

pub fn embedded(resource: ResourceContents) -> ContentBlock {
    ContentBlock::EmbeddedResource(EmbeddedResource {
        resource,
        annotations: None,
        meta: None,
        extra: None,
    })
}

/// Returns annotations with every member, so that each is seen on the wire.
pub fn annotations() -> Annotations {
    Annotations {
        audience: Some(vec![Role::User, Role::Assistant]),
        priority: Some(0.25),
        last_modified: Some("2025-06-18T12:00:00Z".into()),
    }
}

/// Returns `_meta` with a key of our own and a number that binary floating point cannot represent.
pub fn meta() -> String {
    r#"{"example.org/revision": 9007199254740993}"#.into()
}

/// Returns a member that the interface does not name.
pub fn extra() -> String {
    r#"{"x-reference": {"kept": 1.10}}"#.into()
}

/// Returns every kind of content block, with every optional member set.
pub fn every_kind() -> Vec<ContentBlock> {
    let annotations = || Some(annotations());
    let meta = || Some(meta());
    let extra = || Some(extra());
    let embedded = |resource| {
        ContentBlock::EmbeddedResource(EmbeddedResource {
            resource,
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        })
    };
    vec![
        ContentBlock::Text(TextContent {
            text: "Some text with \"quotes\", a \\, a line\nbreak, and ünïcödé 🦀.".into(),
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        }),
        ContentBlock::Image(ImageContent {
            data: PIXEL.into(),
            mime_type: "image/png".into(),
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        }),
        ContentBlock::Audio(AudioContent {
            data: SILENCE.into(),
            mime_type: "audio/wav".into(),
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        }),
        ContentBlock::ResourceLink(ResourceLink {
            uri: "test://static-text".into(),
            name: "static-text".into(),
            title: Some("Static text".into()),
            description: Some("A link to a resource of this server.".into()),
            mime_type: Some("text/plain".into()),
            size: Some(48.0),
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        }),
        embedded(ResourceContents::Text(TextResourceContents {
            uri: "test://embedded-resource".into(),
            mime_type: Some("text/plain".into()),
            text: "This is an embedded resource content.".into(),
            meta: meta(),
            extra: extra(),
        })),
        embedded(ResourceContents::Blob(BlobResourceContents {
            uri: "test://static-binary".into(),
            mime_type: Some("image/png".into()),
            blob: PIXEL.into(),
            meta: meta(),
            extra: extra(),
        })),
    ]
}

/// Returns a tool result with one text.
pub fn text_result(message: impl Into<String>) -> CallToolResult {
    CallToolResult {
        content: vec![text(message)],
        ..CallToolResult::default()
    }
}

/// Returns a failure of the tool.
pub fn failed_result(message: impl Into<String>) -> CallToolResult {
    CallToolResult {
        is_error: Some(true),
        ..text_result(message)
    }
}

/// Returns structured content, and the same JSON as text for clients that read only that.
pub fn structured_result(json: impl Into<String>) -> CallToolResult {
    let json = json.into();
    CallToolResult {
        structured_content: Some(json.clone()),
        ..text_result(json)
    }
}
