//! The interface through which a session sends to its transport.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::mpsc;
use wasi_mcp_protocol::{Outgoing, Route, StreamId};

use crate::component::streaming::Piece;

/// The sink for a session's messages, implemented by a transport.
///
/// It is called under the session's lock: an implementation must neither block nor call back into
/// the session.
pub trait Outlet: Send + Sync + 'static {
    /// Sends one message. A response ends its stream.
    fn send(&self, route: Route, message: Outgoing);

    /// Sends a response whose text comes in parts, and which ends its stream. An implementation
    /// drops it if its client can no longer read it.
    fn send_streamed(&self, stream: StreamId, response: StreamedResponse);

    /// Returns whether a streamed response can be sent on this stream now. If not, the request is
    /// answered with an error.
    fn can_stream(&self, stream: StreamId) -> bool {
        let _ = stream;
        true
    }

    /// Returns the bytes of responses, and of requests to the client, that the client has yet to
    /// take. Notifications need not count if they are dropped beyond a limit.
    fn unread_bytes(&self) -> usize;

    /// Returns whether a message that belongs to no request is on its way to the client now, and
    /// not kept until the client fetches it. If so, a ping that is not answered ends the session.
    fn listens(&self) -> bool {
        true
    }

    /// Called when the session has ended, with [`Outlet::end`] for its open streams before. What
    /// was sent may still be delivered.
    fn ended(&self) {}

    /// Ends a stream without a response: its request was cancelled, or the session has ended. A
    /// streamed response that is incomplete fails.
    fn end(&self, stream: StreamId);
}

/// The outcome of a message that a transport passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Receipt {
    /// A notification or a response: no answer is due.
    Accepted,
    /// Not a JSON-RPC message: the error to send.
    Refused(Vec<u8>),
    /// A request, answered at once.
    Answered(Vec<u8>),
    /// A request in flight: its messages come through the [`Outlet`].
    Pending,
}

/// A response whose text comes in parts, as a component streams a resource. Reading slowly slows
/// the component down; nothing is buffered. Dropping it tells the component that reading has
/// stopped.
#[derive(Debug)]
pub struct StreamedResponse {
    head: Option<Bytes>,
    pieces: mpsc::Receiver<Piece>,
    tail: Option<Bytes>,
}

/// The component failed, was cancelled or took too long: the message cannot be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the component did not complete the resource that it streamed")]
pub struct Incomplete;

impl StreamedResponse {
    pub(super) fn new(head: Vec<u8>, pieces: mpsc::Receiver<Piece>, tail: Vec<u8>) -> Self {
        Self {
            head: Some(head.into()),
            pieces,
            tail: Some(tail.into()),
        }
    }

    /// The size of the text around the pieces, in bytes.
    pub(crate) fn around(&self) -> usize {
        self.head.as_ref().map_or(0, Bytes::len) + self.tail.as_ref().map_or(0, Bytes::len)
    }

    /// Lets `count` wrap the text around the pieces.
    pub(crate) fn map_around(mut self, count: impl Fn(Vec<u8>) -> Bytes) -> Self {
        self.head = self.head.map(|text| count(text.into()));
        self.tail = self.tail.map(|text| count(text.into()));
        self
    }

    /// Takes the text before and after the pieces, if nothing was read yet. The parts are the pieces
    /// from then on, and an empty one at their end.
    pub(super) fn take_around(&mut self) -> Option<(Bytes, Bytes)> {
        let head = self.head.take()?;
        let tail = self.tail.as_mut().map(std::mem::take)?;
        Some((head, tail))
    }

    /// Returns the next part of the JSON text, `None` after the last one.
    pub fn poll_part(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Incomplete>>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(head)));
        }
        if self.tail.is_none() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(match ready!(self.pieces.poll_recv(context)) {
            Some(Piece::Text(text)) => Ok(text),
            Some(Piece::End) => Ok(self.tail.take().unwrap_or_default()),
            None => Err(Incomplete),
        }))
    }

    /// Waits for the next part; see [`StreamedResponse::poll_part`].
    pub async fn part(&mut self) -> Option<Result<Bytes, Incomplete>> {
        std::future::poll_fn(|context| self.poll_part(context)).await
    }

    /// Returns the text that completes the message as read so far, although the blob is cut short.
    /// It is for a client that has cancelled its request and ignores the response.
    pub(crate) fn cut_short(self) -> Bytes {
        self.tail.unwrap_or_default()
    }
}
