// A backend that streams its resources.

wit_bindgen::generate!({ path: "WIT", world: "archive", generate_all });

use exports::wasi::mcp::{resource_streams, resources, start};
use wasi::mcp::content::{
    BlobResourceContents, ReadResourceParams, ReadResourceResult, ResourceContents,
};
use wasi::mcp::context::RequestContext;
use wasi::mcp::types::{Error, ErrorCode};
use wit_bindgen::{FutureReader, StreamReader, StreamWriter};

type Streamed = (
    ReadResourceResult,
    StreamReader<u8>,
    FutureReader<Result<(), Error>>,
);

struct Archive;

impl start::Guest for Archive {
    async fn start() -> Result<(), Error> {
        wasi::mcp::runtime::serve()
    }
}

impl resources::Guest for Archive {
    async fn read_resource(
        _: RequestContext,
        _: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        Err(interrupted())
    }
}

impl resource_streams::Guest for Archive {
    async fn read_resource_stream(
        ctx: RequestContext,
        params: ReadResourceParams,
    ) -> Result<Option<Streamed>, Error> {
        read_resource_stream(ctx, params).await
    }
}

export!(Archive);

// @block A streamed resource: rust 1

/// A file of as many bytes as its number says.
struct File(usize);

fn large_file(uri: &str) -> Result<Option<File>, Error> {
    let name = uri.strip_prefix("zeros:").ok_or_else(interrupted)?;
    Ok(name.parse().ok().map(File))
}

async fn copy(file: File, writer: &mut StreamWriter<u8>) -> Result<(), Error> {
    let rest = writer.write_all(vec![0; file.0]).await;
    if rest.is_empty() { Ok(()) } else { Err(interrupted()) }
}

fn one_blob(uri: &str) -> ReadResourceResult {
    ReadResourceResult {
        contents: vec![ResourceContents::Blob(BlobResourceContents {
            uri: uri.into(),
            mime_type: None,
            blob: Vec::new(),
            meta: None,
            extra: None,
        })],
        meta: None,
        extra: None,
    }
}

fn interrupted() -> Error {
    Error {
        code: ErrorCode::InternalError,
        message: "interrupted".into(),
        data: None,
    }
}
