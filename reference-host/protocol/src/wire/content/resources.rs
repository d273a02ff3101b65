//! [Resources](https://modelcontextprotocol.io/specification/2025-06-18/server/resources).

use crate::json::{self, Fault, RawValue, Writer};
use crate::wire::codec::{Base64, JsonObject, Size};
use crate::wire::record::record;
use crate::wire::{FromJson, Record as _, ToJson};
use wasi_mcp_types::content::{
    Annotations, BlobResourceContents, ListResourceTemplatesResult, ListResourcesResult,
    ReadResourceParams, ReadResourceResult, Resource, ResourceContents, ResourceTemplate,
    TextResourceContents,
};

record! {
    TextResourceContents without "blob" {
        uri: String,
        mime_type => "mimeType": Option<String>,
        text: String,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    BlobResourceContents without "text" {
        uri: String,
        mime_type => "mimeType": Option<String>,
        blob: Base64,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    Resource {
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

    ResourceTemplate {
        uri_template => "uriTemplate": String,
        name: String,
        title: Option<String>,
        description: Option<String>,
        mime_type => "mimeType": Option<String>,
        annotations: Option<Annotations>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    ReadResourceParams without "_meta" {
        uri: String,
        ..extra
    }

    ReadResourceResult {
        contents: Vec<ResourceContents>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    ListResourcesResult {
        resources: Vec<Resource>,
        next_cursor => "nextCursor": Option<String>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    ListResourceTemplatesResult {
        resource_templates => "resourceTemplates": Vec<ResourceTemplate>,
        next_cursor => "nextCursor": Option<String>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }
}

impl ToJson for ResourceContents {
    fn write(&self, writer: &mut Writer) -> Result<(), Fault> {
        match self {
            Self::Text(contents) => contents.write(writer),
            Self::Blob(contents) => contents.write(writer),
        }
    }
}

/// Refuses an object with the members of both kinds, which have no `type`. The schema allows both
/// members, the page says that contents are one or the other; two readers could see different
/// things in such an object.
impl FromJson for ResourceContents {
    const EXPECTED: &'static str = "an object";

    fn read(value: &RawValue) -> Result<Self, Fault> {
        let object = json::object(value)?;
        match (object.get("text"), object.get("blob")) {
            (Some(_), None) => TextResourceContents::from_object(object).map(Self::Text),
            (None, Some(_)) => BlobResourceContents::from_object(object).map(Self::Blob),
            _ => Err(Fault::new("one of the members `text` and `blob`")),
        }
    }
}
