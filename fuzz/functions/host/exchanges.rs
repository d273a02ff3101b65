//! Fuzzing of the path of a request over HTTP: headers, body, message, session.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};

use super::HttpOptions;
use super::client::Exchange;
use super::conversation::{Conversation, Host};
use super::endpoint::Endpoint;
use super::response::Answer;
use crate::fuzzing::message::{answer as answer_of, message};
use crate::fuzzing::offers::backend_offer;
use wasi_mcp_types::types::Principal;

use crate::session::{Assumed, Outlet, Receipt};
use crate::telemetry::{SessionEnd, Telemetry};
use wasi_mcp_protocol::{
    Effect, Framing, Limits, Outcome, Reception, Session as Protocol, StreamId,
};

/// The body size, in bytes, that inputs can reach.
const BODY: usize = 1024;

/// Sends requests to an endpoint whose component answers everything at once with an empty result.
///
/// Requests are separated by a line `---`. The first line of each has method and path, header
/// fields follow up to an empty line, and the rest is the body, in pieces separated by the byte
/// 0x1e. A client's usual fields may be omitted; `$` as `Mcp-Session-Id` stands for the newest
/// session.
///
/// Invariants: a refusal is a client error with a reason; an answer is one JSON-RPC message with
/// the id of the request, or events that are messages.
pub fn exchanges(input: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let options = HttpOptions {
            max_body_bytes: BODY,
            max_sessions: 3,
            body_time: Duration::from_secs(600),
            ..HttpOptions::default()
        };
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let endpoint = Endpoint::new(Box::new(Component), here, options, None);
        let mut session = None;
        for text in split(input, b"\n---\n").take(20) {
            let Some(request) = read(text, session.as_ref()) else {
                continue;
            };
            let (method, length) = (request.method().clone(), body_of(text).len());
            let answer = endpoint.answer(request, &Exchange::detached()).await;
            if let Some(id) = answer.headers().get("mcp-session-id") {
                session = Some(id.clone());
            }
            judge(&method, length, answer).await;
        }
    });
}

fn split<'a>(text: &'a [u8], separator: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let at = memchr::memmem::find(text, separator);
        rest = at.map(|at| &text[at + separator.len()..]);
        Some(&text[..at.unwrap_or(text.len())])
    })
}

fn head_of(text: &[u8]) -> &[u8] {
    split(text, b"\n\n").next().unwrap_or_default()
}

fn body_of(text: &[u8]) -> &[u8] {
    text.get(head_of(text).len() + 2..).unwrap_or_default()
}

type Pieces =
    StreamBody<futures::stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>>;

/// Returns the request that the text describes, or `None` if hyper would reject it.
fn read(text: &[u8], session: Option<&HeaderValue>) -> Option<Request<Pieces>> {
    let mut head = head_of(text).split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(head.next()?).ok()?;
    let (method, path) = first.split_once(' ').unwrap_or((first, "/mcp"));
    let method: Method = method.parse().ok()?;
    let mut headers = HeaderMap::new();
    let usual = [
        ("host", "localhost"),
        ("accept", "application/json, text/event-stream"),
        ("content-type", "application/json"),
        ("mcp-protocol-version", "2025-06-18"),
    ];
    for (name, value) in usual {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let mut given = HeaderMap::new();
    for line in head {
        let colon = memchr::memchr(b':', line)?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = line[colon + 1..].trim_ascii();
        headers.remove(&name);
        let value = match (value, session) {
            (b"$", Some(session)) => session.clone(),
            _ => HeaderValue::from_bytes(value).ok()?,
        };
        given.append(name, value);
    }
    headers.extend(given);
    let pieces = body_of(text).split(|byte| *byte == 0x1e);
    let pieces: Vec<_> = pieces
        .map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece))))
        .collect();
    let mut request = Request::new(StreamBody::new(futures::stream::iter(pieces)));
    *request.uri_mut() = path.parse().ok()?;
    *request.method_mut() = method;
    *request.headers_mut() = headers;
    Some(request)
}

async fn judge(method: &Method, length: usize, answer: Answer) {
    let (parts, body) = answer.into_parts();
    let status = parts.status;
    assert!(
        status.is_success()
            || status.is_client_error()
            || status == StatusCode::NOT_IMPLEMENTED
            || status == StatusCode::SERVICE_UNAVAILABLE,
        "{status}"
    );
    // The separators in it do not count.
    let is_served = status.is_success() && *method == Method::POST;
    assert!(
        !is_served || length <= 2 * BODY,
        "{length} bytes were let in"
    );
    let media = parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    match media {
        Some(b"text/event-stream") if *method == Method::GET => {
            // It stays open until the client disconnects.
            assert_eq!(status, StatusCode::OK);
        }
        Some(b"text/event-stream") => {
            assert_eq!(status, StatusCode::OK);
            events(&whole(body).await);
        }
        Some(b"application/json") => {
            let answered = answer_of(&whole(body).await);
            let is_error = answered.get("error").is_some();
            assert!(status == StatusCode::OK || is_error, "{status}: {answered}");
            assert_eq!(status == StatusCode::OK, answered.get("id").is_some());
        }
        _ => {
            let is_bare = matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT);
            assert!(is_bare, "{status} without a reason");
            assert!(whole(body).await.is_empty());
        }
    }
}

async fn whole(body: impl http_body::Body<Data = Bytes, Error: std::fmt::Debug>) -> Bytes {
    let whole = tokio::time::timeout(Duration::from_secs(20), body.collect()).await;
    whole
        .expect("the answer ends")
        .expect("no error")
        .to_bytes()
}

fn events(text: &[u8]) {
    for line in text.split(|byte| *byte == b'\n') {
        if let Some(data) = line.strip_prefix(b"data: ") {
            message(data);
        }
    }
}

/// Answers everything at once.
struct Component;

impl Host for Component {
    fn open(&self, outlet: Arc<dyn Outlet>) -> Box<dyn Conversation> {
        let protocol = Protocol::new(Framing::Http, self.limits(), 7);
        Box::new(Talk {
            protocol: Mutex::new(protocol),
            outlet,
        })
    }

    fn open_stateless(&self, outlet: Arc<dyn Outlet>) -> Box<dyn Conversation> {
        self.open(outlet)
    }

    fn limits(&self) -> Limits {
        Limits::default()
    }

    fn telemetry(&self) -> Arc<Telemetry> {
        Arc::default()
    }
}

struct Talk {
    protocol: Mutex<Protocol>,
    outlet: Arc<dyn Outlet>,
}

impl Conversation for Talk {
    fn receive(
        &self,
        stream: StreamId,
        _principal: Option<Arc<Principal>>,
        message: &[u8],
    ) -> Receipt {
        let now = Instant::now();
        let mut protocol = self.protocol.lock().unwrap_or_else(PoisonError::into_inner);
        let receipt = match protocol.receive(now, stream, message) {
            Reception::Accepted => Receipt::Accepted,
            Reception::Refused(error) => Receipt::Refused(error),
            Reception::Answered(response) => Receipt::Answered(response),
            Reception::Initialize(invocation) => {
                let key = invocation.key;
                protocol.started(now, key, backend_offer());
                Receipt::Pending
            }
            Reception::Invoke(invocation) => {
                let key = invocation.key;
                if let Err(error) = invocation.check.run(&invocation.params) {
                    let answer = protocol.refuse(now, key, &error);
                    return answer.map_or(Receipt::Pending, Receipt::Answered);
                }
                // With a token, progress turns the answer into a stream.
                let _ = protocol.report_progress(now, key, 1.0, None, None);
                protocol.finish(now, key, Outcome::Empty);
                Receipt::Pending
            }
        };
        while let Some(effect) = protocol.poll_effect() {
            match effect {
                Effect::Send { route, message } => self.outlet.send(route, message),
                Effect::SendStreamed { .. } => unreachable!("this component streams nothing"),
                Effect::End { stream } => self.outlet.end(stream),
                Effect::Notify { key, .. } => protocol.finish(now, key, Outcome::Empty),
                Effect::Cancel { .. }
                | Effect::AskAnswered { .. }
                | Effect::PingUnanswered
                | Effect::Resubscribe { .. } => {}
            }
        }
        receipt
    }

    fn assume_initialized(&self, _assumed: Assumed) -> BoxFuture<'_, ()> {
        let mut protocol = self.protocol.lock().unwrap_or_else(PoisonError::into_inner);
        protocol.assume_initialized(Some(backend_offer()), 7);
        Box::pin(std::future::ready(()))
    }

    fn settled(&self) -> BoxFuture<'static, ()> {
        // Every request is answered at once.
        Box::pin(std::future::ready(()))
    }

    fn heard(&self) {}

    fn number(&self) -> u64 {
        1
    }

    fn close(&self, _reason: SessionEnd) {}

    fn finish(&self, _grace: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn in_flight(&self) -> usize {
        0
    }
}
