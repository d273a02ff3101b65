//! Resources whose bytes are streamed.

use wit_bindgen::{FutureReader, StreamReader};

use crate::bindings::wasi::mcp::content::{
    BlobResourceContents, ReadResourceParams, ReadResourceResult, ResourceContents,
    TextResourceContents,
};
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};
use crate::bindings::{wit_future, wit_stream};
use crate::report::error;
use crate::state;

pub type Streamed = (
    ReadResourceResult,
    StreamReader<u8>,
    FutureReader<Result<(), Error>>,
);

/// The URIs of so many bytes: the number follows.
const BYTES: &str = "probe:///streamed/";
/// A resource that does not exist.
const MISSING: &str = "probe:///streamed-missing";
/// A resource whose last item is no blob.
const NO_BLOB: &str = "probe:///streamed-no-blob";
/// A resource that fails in the middle.
const BROKEN: &str = "probe:///streamed-broken";

/// The bytes of `BROKEN` before it fails.
const BEFORE_THE_FAILURE: usize = 70_000;
/// The bytes that come with the result, before the stream.
const HEAD: usize = 2;
/// The sizes of the pieces that are written, in turn: base64 has to be continued over their bounds.
const PIECES: [usize; 6] = [1, 2, 3, 7, 4096, 65_537];

pub fn read(params: ReadResourceParams) -> Result<Option<Streamed>, Error> {
    let uri = params.uri;
    state::with(|state| state.streamed.push(uri.clone()));
    let count = uri.strip_prefix(BYTES).and_then(|count| count.parse().ok());
    match (uri.as_str(), count) {
        (_, Some(count)) => Ok(Some(stream(blob(uri, count), count, Ok(())))),
        (NO_BLOB, _) => Ok(Some(stream(text(uri), PIECES[3], Ok(())))),
        (BROKEN, _) => {
            let failure = error(ErrorCode::InternalError, "The disk is gone");
            let count = BEFORE_THE_FAILURE;
            Ok(Some(stream(blob(uri, count), count, Err(failure))))
        }
        (MISSING, _) => Err(error(
            ErrorCode::ResourceNotFound,
            "There is no such resource",
        )),
        _ => Ok(None),
    }
}

/// The byte at this position.
fn byte(position: usize) -> u8 {
    (position % 251) as u8
}

fn text(uri: String) -> ResourceContents {
    ResourceContents::Text(TextResourceContents {
        uri,
        ..TextResourceContents::default()
    })
}

fn blob(uri: String, count: usize) -> ResourceContents {
    ResourceContents::Blob(BlobResourceContents {
        uri,
        mime_type: Some("application/octet-stream".into()),
        blob: (0..count.min(HEAD)).map(byte).collect(),
        ..BlobResourceContents::default()
    })
}

fn stream(last: ResourceContents, count: usize, end: Result<(), Error>) -> Streamed {
    let (mut bytes, stream) = wit_stream::new();
    let (done, future) =
        wit_future::new(|| Err(error(ErrorCode::InternalError, "The stream was given up")));
    wit_bindgen::spawn_local(async move {
        let mut written = count.min(HEAD);
        let mut pieces = PIECES.iter().cycle();
        while let Some(piece) = pieces.next().filter(|_| written < count) {
            let upto = (written + piece).min(count);
            let piece = (written..upto).map(byte).collect();
            if !bytes.write_all(piece).await.is_empty() {
                break;
            }
            written = upto;
        }
        drop(bytes);
        // The host may have gone.
        let _ = done.write(end).await;
    });
    let first = text("probe:///streamed-head".into());
    let result = ReadResourceResult {
        contents: vec![first, last],
        ..ReadResourceResult::default()
    };
    (result, stream, future)
}
