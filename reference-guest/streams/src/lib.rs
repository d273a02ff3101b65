//! Resources of any size as streams, as a component for WASI 0.3.
//!
//! | URI | resource |
//! |---|---|
//! | `stream:BYTES` | this many bytes: the byte at position `i` is `i % 251` |
//! | `stream:BYTES?begun=N` | the first N bytes come with the result |
//! | `stream:BYTES?fail=N` | fails after N bytes |
//! | `stream:BYTES?stall=N` | sends nothing after N bytes |
//! | `stream:BYTES?ask=N` | logs and asks after N bytes, and fails unless both are as the interface says |
//! | `stream:BYTES?hang=0` | never resolves its future |
//! | `plain:TEXT` | the text, not as a stream |
//!
//! Any other URI is not found.

wit_bindgen::generate!({
    path: "../../wit",
    inline: r"
        package wasi-mcp:streams;

        world streams {
            include wasi:mcp/backend@0.3.0-draft2;
            import wasi:mcp/logging@0.3.0-draft2;
            import wasi:mcp/elicitation@0.3.0-draft2;
            export wasi:mcp/resources@0.3.0-draft2;
            export wasi:mcp/resource-streams@0.3.0-draft2;
        }
    ",
    world: "wasi-mcp:streams/streams",
    generate_all,
});

use exports::wasi::mcp::{resource_streams, resources, start};
use wasi::mcp::capabilities::{LogLevel, ResourcesCapability, Server, ServerCapabilities};
use wasi::mcp::content::{
    BlobResourceContents, ElicitParams, ReadResourceParams, ReadResourceResult, RequestedSchema,
    ResourceContents, TextResourceContents,
};
use wasi::mcp::context::RequestContext;
use wasi::mcp::types::{Error, ErrorCode, Implementation};
use wasi::mcp::{elicitation, logging, runtime};
use wit_bindgen::{FutureReader, StreamReader};

/// Bytes that are written at once.
const CHUNK: u64 = 64 << 10;
/// The byte at position `i` is `i % PERIOD`.
const PERIOD: u64 = 251;
const PATTERN: [u8; PERIOD as usize] = {
    let mut pattern = [0; PERIOD as usize];
    let mut index = 0;
    while index < pattern.len() {
        pattern[index] = index as u8;
        index += 1;
    }
    pattern
};

struct Streams;

impl start::Guest for Streams {
    async fn start() -> Result<(), Error> {
        runtime::register_server(&Server {
            info: Implementation {
                name: "streams".into(),
                title: None,
                version: "0.1.0".into(),
                extra: None,
            },
            capabilities: ServerCapabilities {
                tools: None,
                prompts: None,
                resources: Some(ResourcesCapability {
                    subscribe: None,
                    list_changed: None,
                }),
                completions: None,
                experimental: None,
                extra: None,
            },
            instructions: None,
        })?;
        runtime::serve()
    }
}

impl resources::Guest for Streams {
    async fn read_resource(
        _context: RequestContext,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        let Some(text) = params.uri.strip_prefix("plain:") else {
            return Err(not_found());
        };
        let text = text.to_owned();
        Ok(result(ResourceContents::Text(TextResourceContents {
            uri: params.uri,
            mime_type: Some("text/plain".into()),
            text,
            meta: None,
            extra: None,
        })))
    }
}

type Streamed = (
    ReadResourceResult,
    StreamReader<u8>,
    FutureReader<Result<(), Error>>,
);

impl resource_streams::Guest for Streams {
    async fn read_resource_stream(
        context: RequestContext,
        params: ReadResourceParams,
    ) -> Result<Option<Streamed>, Error> {
        if params.uri.starts_with("plain:") {
            return Ok(None);
        }
        let wanted = Wanted::parse(&params.uri).ok_or_else(not_found)?;
        let begun = match wanted.event {
            Event::Begun => wanted.at,
            _ => 0,
        };
        let head = result(ResourceContents::Blob(BlobResourceContents {
            uri: params.uri,
            mime_type: Some("application/octet-stream".into()),
            blob: bytes(0, begun),
            meta: None,
            extra: None,
        }));
        let (mut writer, stream) = wit_stream::new();
        let (resolver, outcome) = wit_future::new(|| Err(failure("the future was dropped")));
        wit_bindgen::spawn_local(async move {
            let mut outcome = Ok(());
            let mut position = begun;
            while position < wanted.bytes {
                if position == wanted.at
                    && let Err(error) = wanted.event.happen(&context).await
                {
                    outcome = Err(error);
                    break;
                }
                let mut end = wanted.bytes.min(position + CHUNK);
                if position < wanted.at {
                    end = end.min(wanted.at);
                }
                if !writer.write_all(bytes(position, end)).await.is_empty() {
                    // Nobody reads.
                    return;
                }
                position = end;
            }
            drop(writer);
            if matches!(wanted.event, Event::Hang) {
                std::future::pending::<()>().await;
            }
            // The host may be gone.
            let _ = resolver.write(outcome).await;
        });
        Ok(Some((head, stream, outcome)))
    }
}

/// A resource as its URI describes it.
struct Wanted {
    bytes: u64,
    event: Event,
    /// The position of the event, in bytes.
    at: u64,
}

/// An event in the course of a stream.
#[derive(Clone, Copy)]
enum Event {
    Nothing,
    Begun,
    Fail,
    Stall,
    Ask,
    Hang,
}

impl Wanted {
    fn parse(uri: &str) -> Option<Self> {
        let rest = uri.strip_prefix("stream:")?;
        let (bytes, event) = match rest.split_once('?') {
            Some((bytes, event)) => (bytes, Some(event.split_once('=')?)),
            None => (rest, None),
        };
        let (event, at) = match event {
            None => (Event::Nothing, u64::MAX),
            Some((name, at)) => {
                let event = match name {
                    "begun" => Event::Begun,
                    "fail" => Event::Fail,
                    "stall" => Event::Stall,
                    "ask" => Event::Ask,
                    "hang" => Event::Hang,
                    _ => return None,
                };
                (event, at.parse().ok()?)
            }
        };
        Some(Self {
            bytes: bytes.parse().ok()?,
            event,
            at,
        })
    }
}

impl Event {
    async fn happen(self, context: &RequestContext) -> Result<(), Error> {
        match self {
            Self::Nothing | Self::Begun | Self::Hang => Ok(()),
            Self::Fail => Err(failure("the resource ends here")),
            Self::Stall => std::future::pending().await,
            Self::Ask => ask(context).await,
        }
    }
}

/// Succeeds if the host drops a log message and refuses to ask the client.
async fn ask(context: &RequestContext) -> Result<(), Error> {
    logging::log(Some(context), LogLevel::Error, None, "\"in the middle\"")?;
    let params = ElicitParams {
        message: "Go on?".into(),
        requested_schema: RequestedSchema {
            properties: Vec::new(),
            required: None,
            extra: None,
        },
        meta: None,
        extra: None,
    };
    match elicitation::elicit(context, params).await {
        Err(error) if matches!(error.code, ErrorCode::InvalidState) => Ok(()),
        other => Err(failure(&format!("the client was asked: {other:?}"))),
    }
}

/// The bytes from one position to another.
fn bytes(from: u64, to: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity((to - from) as usize);
    let mut position = from;
    while position < to {
        let start = position % PERIOD;
        let end = PERIOD.min(start + to - position);
        bytes.extend_from_slice(&PATTERN[start as usize..end as usize]);
        position += end - start;
    }
    bytes
}

fn result(contents: ResourceContents) -> ReadResourceResult {
    ReadResourceResult {
        contents: vec![contents],
        meta: None,
        extra: None,
    }
}

fn not_found() -> Error {
    Error {
        code: ErrorCode::ResourceNotFound,
        message: "no such resource".into(),
        data: None,
    }
}

fn failure(message: &str) -> Error {
    Error {
        code: ErrorCode::InternalError,
        message: message.into(),
        data: None,
    }
}

export!(Streams);
