//! Resources and resource templates: reading them.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/resources>

use std::fmt::Display;
use std::rc::Rc;

use serde::Serialize;
use wasi_mcp_types::content::{
    BlobResourceContents, ReadResourceResult, Resource, ResourceContents, ResourceTemplate,
    TextResourceContents,
};
use wasi_mcp_types::types::Error;

use crate::context::Context;
use crate::errors::{internal, protocol_error, resource_not_found};
use crate::items::{Completers, Items, Origin, TemplateItem};
use crate::streaming::Opened;
use crate::template::Template;
use crate::tool::Json;

/// A resource that is read: what its contents are labelled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The URI that the client reads.
    pub uri: String,
    /// The media type of the description.
    pub mime_type: Option<String>,
}

/// The contents of a resource.
///
/// | type | contents |
/// |---|---|
/// | `String`, `&'static str` | one text, with the URI and the media type of the resource |
/// | `Vec<u8>`, `&'static [u8]` | one blob, likewise |
/// | [`Json`] | its text, with the media type `application/json` where the resource has none |
/// | [`ResourceContents`] or a `Vec` of them, [`ReadResourceResult`] | that |
/// | `Option<T>` | `None` is the error "resource not found" |
/// | `Result<T, E>` | an error fails the request: an [`Error`] as it is, another one with `-32603` |
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the contents of a resource",
    label = "not contents of a resource",
    note = "return `String`, `Vec<u8>`, `Json<T>`, `ResourceContents` or a `Vec` of them, `ReadResourceResult`, or an `Option` or `Result` of one of these with an error that implements `Display`"
)]
pub trait IntoContents {
    /// Returns the result, or the error that ends the request.
    fn into_contents(self, location: Location) -> Result<ReadResourceResult, Error>;
}

impl IntoContents for ReadResourceResult {
    fn into_contents(self, _: Location) -> Result<ReadResourceResult, Error> {
        Ok(self)
    }
}

impl IntoContents for Vec<ResourceContents> {
    fn into_contents(self, _: Location) -> Result<ReadResourceResult, Error> {
        Ok(ReadResourceResult {
            contents: self,
            ..ReadResourceResult::default()
        })
    }
}

impl IntoContents for ResourceContents {
    fn into_contents(self, location: Location) -> Result<ReadResourceResult, Error> {
        vec![self].into_contents(location)
    }
}

impl IntoContents for String {
    fn into_contents(self, location: Location) -> Result<ReadResourceResult, Error> {
        ResourceContents::Text(TextResourceContents {
            uri: location.uri.clone(),
            mime_type: location.mime_type.clone(),
            text: self,
            ..TextResourceContents::default()
        })
        .into_contents(location)
    }
}

impl IntoContents for &'static str {
    fn into_contents(self, location: Location) -> Result<ReadResourceResult, Error> {
        self.to_owned().into_contents(location)
    }
}

impl IntoContents for Vec<u8> {
    fn into_contents(self, location: Location) -> Result<ReadResourceResult, Error> {
        ResourceContents::Blob(BlobResourceContents {
            uri: location.uri.clone(),
            mime_type: location.mime_type.clone(),
            blob: self,
            ..BlobResourceContents::default()
        })
        .into_contents(location)
    }
}

impl IntoContents for &'static [u8] {
    fn into_contents(self, location: Location) -> Result<ReadResourceResult, Error> {
        self.to_owned().into_contents(location)
    }
}

impl<T: Serialize> IntoContents for Json<T> {
    fn into_contents(self, location: Location) -> Result<ReadResourceResult, Error> {
        let text = serde_json::to_string(&self.0).map_err(|cause| {
            internal(format!("the resource cannot be written as JSON: {cause}"))
        })?;
        let mime_type = location.mime_type;
        text.into_contents(Location {
            mime_type: Some(mime_type.unwrap_or_else(|| "application/json".into())),
            uri: location.uri,
        })
    }
}

impl<T: IntoContents> IntoContents for Option<T> {
    fn into_contents(self, location: Location) -> Result<ReadResourceResult, Error> {
        self.ok_or_else(|| resource_not_found(&location.uri))?
            .into_contents(location)
    }
}

impl<T: IntoContents, E: Display + 'static> IntoContents for Result<T, E> {
    fn into_contents(self, location: Location) -> Result<ReadResourceResult, Error> {
        self.map_err(protocol_error)?.into_contents(location)
    }
}

/// Adds the resource of a function.
pub fn add(
    items: &mut Items,
    origin: Origin,
    resource: Resource,
    open: fn(Context, Location) -> Opened,
) {
    let location = Location {
        uri: resource.uri.clone(),
        mime_type: resource.mime_type.clone(),
    };
    let open = Rc::new(move |context| open(context, location.clone()));
    items.open_resource(origin, resource, open);
}

/// Opens a resource of a template. Returns `None` where a variable has another form than the function
/// expects.
pub type OpenTemplate = fn(Context, Location, &[(String, String)]) -> Option<Opened>;

/// Adds the resource template of a function.
pub fn add_template(
    items: &mut Items,
    origin: Origin,
    listed: bool,
    template: ResourceTemplate,
    pattern: Template,
    completers: Completers,
    open: OpenTemplate,
) {
    let mime_type = template.mime_type.clone();
    items.templates.push(Rc::new(TemplateItem {
        origin,
        listed,
        template,
        pattern,
        open: Rc::new(move |context, uri, variables| {
            let location = Location {
                uri,
                mime_type: mime_type.clone(),
            };
            open(context, location, variables)
        }),
        completers,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(mime_type: Option<&str>) -> Location {
        Location {
            uri: "a:b".into(),
            mime_type: mime_type.map(Into::into),
        }
    }

    fn one(contents: impl IntoContents, mime_type: Option<&str>) -> ResourceContents {
        let mut contents = contents
            .into_contents(location(mime_type))
            .unwrap()
            .contents;
        assert_eq!(contents.len(), 1);
        contents.remove(0)
    }

    #[test]
    fn text_and_bytes_have_the_uri_and_the_media_type() {
        assert_eq!(
            one("x", Some("text/plain")),
            crate::content::text_contents("a:b", "text/plain", "x")
        );
        assert_eq!(
            one(vec![1_u8], Some("image/png")),
            crate::content::blob_contents("a:b", "image/png", [1])
        );
    }

    #[test]
    fn json_has_a_media_type_of_its_own() {
        assert_eq!(
            one(Json([1]), None),
            crate::content::text_contents("a:b", "application/json", "[1]")
        );
        assert_eq!(
            one(Json([1]), Some("application/x")),
            crate::content::text_contents("a:b", "application/x", "[1]")
        );
    }

    #[test]
    fn none_is_not_found() {
        assert_eq!(
            None::<String>.into_contents(location(None)).unwrap_err(),
            resource_not_found("a:b")
        );
    }
}
