//! Content blocks of tool results and prompts.
//!
//! Each function sets what every block of its kind needs. Further members are set on the record:
//!
//! ```
//! use wasi_mcp_guest::content::image;
//! use wasi_mcp_guest::records::{ContentBlock, ImageContent};
//!
//! let simple = image("image/png", [0x89, 0x50]);
//! let block = ContentBlock::Image(ImageContent {
//!     data: vec![0x89, 0x50],
//!     mime_type: "image/png".into(),
//!     meta: Some(r#"{"example.org/page": 1}"#.into()),
//!     ..ImageContent::default()
//! });
//! # assert_ne!(simple, block);
//! ```
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/tools#tool-result>

use wasi_mcp_types::content::{
    AudioContent, BlobResourceContents, ContentBlock, EmbeddedResource, ImageContent,
    ResourceContents, ResourceLink, TextContent, TextResourceContents,
};

/// Returns a block of text.
pub fn text(text: impl Into<String>) -> ContentBlock {
    ContentBlock::Text(TextContent {
        text: text.into(),
        ..TextContent::default()
    })
}

/// Returns an image, with its media type, such as `image/png`.
pub fn image(mime_type: impl Into<String>, data: impl Into<Vec<u8>>) -> ContentBlock {
    ContentBlock::Image(ImageContent {
        data: data.into(),
        mime_type: mime_type.into(),
        ..ImageContent::default()
    })
}

/// Returns a piece of audio, with its media type, such as `audio/wav`.
pub fn audio(mime_type: impl Into<String>, data: impl Into<Vec<u8>>) -> ContentBlock {
    ContentBlock::Audio(AudioContent {
        data: data.into(),
        mime_type: mime_type.into(),
        ..AudioContent::default()
    })
}

/// Returns a link to a resource that the client may read.
pub fn resource_link(uri: impl Into<String>, name: impl Into<String>) -> ContentBlock {
    ContentBlock::ResourceLink(ResourceLink {
        uri: uri.into(),
        name: name.into(),
        ..ResourceLink::default()
    })
}

/// Returns the contents of a resource, embedded in a message.
pub fn embedded(resource: ResourceContents) -> ContentBlock {
    ContentBlock::EmbeddedResource(EmbeddedResource {
        resource,
        annotations: None,
        meta: None,
        extra: None,
    })
}

/// Returns text contents of a resource.
pub fn text_contents(
    uri: impl Into<String>,
    mime_type: impl Into<String>,
    text: impl Into<String>,
) -> ResourceContents {
    ResourceContents::Text(TextResourceContents {
        uri: uri.into(),
        mime_type: Some(mime_type.into()),
        text: text.into(),
        ..TextResourceContents::default()
    })
}

/// Returns binary contents of a resource.
pub fn blob_contents(
    uri: impl Into<String>,
    mime_type: impl Into<String>,
    blob: impl Into<Vec<u8>>,
) -> ResourceContents {
    ResourceContents::Blob(BlobResourceContents {
        uri: uri.into(),
        mime_type: Some(mime_type.into()),
        blob: blob.into(),
        ..BlobResourceContents::default()
    })
}
