//! The resources and resource templates.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/resources>

/// The resource that `touch-resource` changes.
pub const WATCHED: &str = "test://watched-resource";
/// A sub-resource of it.
pub const WATCHED_PART: &str = "test://watched-resource/part";

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use std::rc::Rc;

    use serde::Serialize;
    use wasi_mcp_guest::content::{blob_contents, text_contents};
    use wasi_mcp_guest::errors::internal;
    use wasi_mcp_guest::records::{ReadResourceResult, Resource, ResourceContents};
    use wasi_mcp_guest::{ByteWriter, Error, Items, Json, Location, Origin};

    use crate::samples::{EXTRA, META, PIXEL, annotations};
    use crate::state;

    /// A text.
    #[resource(uri = "test://static-text", mime_type = "text/plain")]
    fn static_text() -> &'static str {
        "This is the content of the static text resource."
    }

    /// An image.
    #[resource(uri = "test://static-binary", mime_type = "image/png")]
    fn static_binary() -> &'static [u8] {
        PIXEL
    }

    /// Changes with `touch-resource`.
    #[resource(uri = "test://watched-resource", mime_type = "text/plain")]
    fn watched_resource() -> String {
        format!("Version {}", state::with(|state| state.watched_version))
    }

    /// The part of the watched resource, which is readable but not listed.
    #[resource(
        template = "test://watched-resource/{part}",
        mime_type = "text/plain",
        unlisted
    )]
    fn watched_part(part: &str) -> Option<String> {
        (part == "part").then(watched_resource)
    }

    const DESCRIBED_TEXT: &str = "A resource of which everything is told.";

    /// Has every member.
    #[resource(
        uri = "test://described",
        title = "A described resource",
        mime_type = "text/plain",
        size = DESCRIBED_TEXT.len() as f64,
        annotations = annotations(),
        meta = META,
        extra = EXTRA
    )]
    fn described() -> &'static str {
        DESCRIBED_TEXT
    }

    /// Reads as several contents.
    #[resource(uri = "test://folder", mime_type = "inode/directory")]
    fn folder() -> Vec<ResourceContents> {
        vec![
            text_contents("test://folder/text", "text/plain", "In the folder."),
            blob_contents("test://folder/image", "image/png", PIXEL),
        ]
    }

    /// Cannot be read.
    #[resource(uri = "test://failing", mime_type = "text/plain")]
    fn failing() -> Result<String, Error> {
        Err(internal("The resource cannot be read"))
    }

    /// Also embedded in a tool's result.
    #[resource(uri = "test://embedded-resource", mime_type = "text/plain")]
    fn embedded_resource() -> &'static str {
        "This is an embedded resource content."
    }

    #[derive(Serialize)]
    struct Mixed {
        test: &'static str,
        value: u32,
    }

    /// Also embedded in a tool's result.
    #[resource(uri = "test://mixed-content-resource", mime_type = "application/json")]
    fn mixed_content_resource() -> Json<Mixed> {
        Json(Mixed {
            test: "data",
            value: 123,
        })
    }

    /// Also embedded in a prompt.
    #[resource(uri = "test://example-resource", mime_type = "text/plain")]
    fn example_resource() -> &'static str {
        "Embedded resource content for testing."
    }

    /// Lists enough resources to fill more than one page, which no function could each have.
    #[setup(resources)]
    fn numbered(items: &mut Items) {
        for number in 1..=120 {
            let uri = format!("test://numbered/{number}");
            let contents = text_contents(&uri, "text/plain", format!("Number {number}"));
            items.add_resource(
                Origin {
                    name: "numbered",
                    file: file!(),
                    line: line!(),
                },
                Resource {
                    uri,
                    name: format!("numbered-{number}"),
                    description: Some("One of many.".into()),
                    mime_type: Some("text/plain".into()),
                    ..Resource::default()
                },
                Rc::new(move |_, ()| {
                    let result = ReadResourceResult {
                        contents: vec![contents.clone()],
                        ..ReadResourceResult::default()
                    };
                    Box::pin(async move { Ok(result) })
                }),
            );
        }
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        id: String,
        template_test: bool,
        data: String,
    }

    /// Data for an id.
    #[resource(template = "test://template/{id}/data", mime_type = "application/json")]
    fn data(#[complete(["1", "12", "123"])] id: String) -> Json<Data> {
        Json(Data {
            template_test: true,
            data: format!("Data for ID: {id}"),
            id,
        })
    }

    /// One more than the greatest number of the template `integers`.
    const INTEGERS_END: u32 = 1000;

    /// An integer from 0 to 999.
    #[resource(
        template = "test://integers/{integer}",
        title = "Integers",
        mime_type = "text/plain",
        annotations = annotations(),
        meta = META,
        extra = EXTRA
    )]
    fn integers(#[complete(all_integers)] integer: u32) -> Option<String> {
        (integer < INTEGERS_END).then(|| integer.to_string())
    }

    fn all_integers(_: &wasi_mcp_guest::Completion) -> Vec<String> {
        (0..INTEGERS_END)
            .map(|integer| integer.to_string())
            .collect()
    }

    /// The maximum size of the template `binary`.
    const BINARY_MAXIMUM: usize = 1 << 20;

    /// As many zero bytes as the URI says, at most 1048576.
    #[resource(template = "test://binary/{bytes}")]
    fn binary(bytes: usize, location: Location) -> Option<ResourceContents> {
        (bytes <= BINARY_MAXIMUM)
            .then(|| blob_contents(location.uri, "application/octet-stream", vec![0; bytes]))
    }

    /// The byte at the position `i` of a stream is `i % PERIOD`.
    const PERIOD: usize = 251;
    /// The number of bytes written at once: a multiple of the period.
    const PIECE: usize = PERIOD * 256;

    /// As many bytes as the URI says, as a stream in WASI 0.3: the byte at position `i` is `i % 251`.
    #[resource(
        template = "test://stream/{bytes}",
        mime_type = "application/octet-stream"
    )]
    async fn stream(bytes: usize, out: &mut ByteWriter) -> Result<Option<()>, Error> {
        if bytes > BINARY_MAXIMUM {
            return Ok(None);
        }
        let pattern: Vec<u8> = (0..PIECE).map(|index| (index % PERIOD) as u8).collect();
        for start in (0..bytes).step_by(PIECE) {
            out.write(&pattern[..PIECE.min(bytes - start)]).await?;
        }
        Ok(Some(()))
    }
}
