//! Resources whose bytes are streamed.

use wit_bindgen::{FutureReader, StreamReader};

use crate::bindings::wasi::mcp::content::Progress;
use crate::bindings::wasi::mcp::content::{
    BlobResourceContents, ReadResourceParams, ReadResourceResult, ResourceContents,
    TextResourceContents,
};
use crate::bindings::wasi::mcp::types::LogLevel;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};
use crate::bindings::{wit_future, wit_stream};
use crate::host::{RequestContext, logging};
use crate::report::{Report, error};
use crate::tools::asking::question;
use crate::{edge, mode, state};

pub type Streamed = (
    ReadResourceResult,
    StreamReader<u8>,
    FutureReader<Result<(), Error>>,
);

/// The URIs of so many bytes: the number follows.
const BYTES: &str = "probe:///streamed/";
/// A resource that does not exist.
const MISSING: &str = "probe:///streamed-missing";
/// A resource whose last item is not a blob.
const NO_BLOB: &str = "probe:///streamed-no-blob";
/// A resource that fails in the middle.
const BROKEN: &str = "probe:///streamed-broken";

/// A resource whose component uses its context after the first byte.
const ASKING: &str = "probe:///streamed-asking";
/// A resource that does not end until its reader drops it.
const ENDLESS: &str = "probe:///streamed-endless";

/// The bytes of `BROKEN` before it fails.
const BEFORE_THE_FAILURE: usize = 70_000;
/// The bytes that come with the result, before the stream.
const HEAD: usize = 2;
/// The sizes of the pieces that are written, in turn: base64 has to be continued over their bounds.
const PIECES: [usize; 6] = [1, 2, 3, 7, 4096, 65_537];

pub fn read(
    context: RequestContext,
    params: ReadResourceParams,
) -> Result<Option<Streamed>, Error> {
    let uri = params.uri;
    // A host that asks for resources that only look streamed.
    if mode::is("streams-by-name") && !uri.contains("streamed") {
        return Ok(None);
    }
    state::with(|state| state.streamed.push(uri.clone()));
    let count = uri.strip_prefix(BYTES).and_then(|count| count.parse().ok());
    match (uri.as_str(), count) {
        (_, Some(count)) => Ok(Some(stream(blob(uri, count), count, Ok(())))),
        (ASKING, _) => Ok(Some(asking(context, blob(uri, HEAD)))),
        (ENDLESS, _) => Ok(Some(endless(blob(uri, HEAD)))),
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

fn result(last: ResourceContents) -> ReadResourceResult {
    let first = text("probe:///streamed-head".into());
    ReadResourceResult {
        contents: vec![first, last],
        ..ReadResourceResult::default()
    }
}

/// Uses its context once the host has taken bytes.
fn asking(context: RequestContext, last: ResourceContents) -> Streamed {
    let (mut bytes, stream) = wit_stream::new();
    let (done, future) = wit_future::new(|| Ok(()));
    wit_bindgen::spawn_local(async move {
        bytes.write_all(vec![7; 3000]).await;
        let mut report = Report::default();
        report.note(
            "create-message",
            edge::create_message(&context, question()).await,
        );
        let progress = Progress {
            progress: 1.0,
            ..Progress::default()
        };
        report.note("report-progress", context.report_progress(&progress));
        let data = "\"streaming\"";
        report.note(
            "log",
            logging::log(Some(&context), LogLevel::Emergency, None, data),
        );
        state::with(|state| state.stream = Some(report));
        drop(bytes);
        // The host may have dropped its end.
        let _ = done.write(Ok(())).await;
    });
    (result(last), stream, future)
}

/// Writes until the host drops its end.
fn endless(last: ResourceContents) -> Streamed {
    let (mut bytes, stream) = wit_stream::new();
    let (done, future) = wit_future::new(|| Ok(()));
    wit_bindgen::spawn_local(async move {
        while bytes.write_all(vec![7; 3000]).await.is_empty() {
            edge::sleep(5).await;
        }
        // A host that keeps its end never lets a write return.
        if mode::is("streams-kept") {
            std::future::pending::<()>().await;
        }
        let mut report = Report::default();
        report.tell("given-up", true);
        state::with(|state| state.stream = Some(report));
        // The host may have dropped its end.
        let _ = done.write(Ok(())).await;
    });
    (result(last), stream, future)
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
        // The host may have dropped its end.
        let _ = done.write(end).await;
    });
    (result(last), stream, future)
}
