//! The building blocks of results and messages ([content
//! types](https://modelcontextprotocol.io/specification/2025-06-18/server/tools#tool-result)).

use crate::wire::codec::{Base64, JsonObject, Priority, Size};
use crate::wire::record::record;
use crate::wire::tagged::tagged;
use wasi_mcp_types::content::{
    Annotations, AudioContent, ContentBlock, EmbeddedResource, ImageContent, ResourceContents,
    ResourceLink, TextContent,
};
use wasi_mcp_types::types::Role;

record! {
    Annotations {
        audience: Option<Vec<Role>>,
        priority: Option<Priority>,
        last_modified => "lastModified": Option<String>,
    }

    TextContent tagged "text" {
        text: String,
        annotations: Option<Annotations>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    ImageContent tagged "image" {
        data: Base64,
        mime_type => "mimeType": String,
        annotations: Option<Annotations>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    AudioContent tagged "audio" {
        data: Base64,
        mime_type => "mimeType": String,
        annotations: Option<Annotations>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    ResourceLink tagged "resource_link" {
        uri: String,
        name: String,
        title: Option<String>,
        description: Option<String>,
        mime_type => "mimeType": Option<String>,
        size: Option<Size>,
        annotations: Option<Annotations>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    EmbeddedResource tagged "resource" {
        resource: ResourceContents,
        annotations: Option<Annotations>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }
}

tagged! {
    ContentBlock {
        Text(TextContent),
        Image(ImageContent),
        Audio(AudioContent),
        ResourceLink(ResourceLink),
        EmbeddedResource(EmbeddedResource),
    }
}
