//! The body of a `text/event-stream` response.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use tokio::time::{Instant, Interval, MissedTickBehavior, Sleep};

use crate::session::{Incomplete, StreamedResponse};
use wasi_mcp_protocol::MessageKind;

use super::client::{Departure, Exchange};
use super::event::{self, EventId};
use super::sessions::{InUse, Starting};
use super::streams::StreamReader;

/// The approximate size up to which events that are ready at once share a frame.
const FRAME_BYTES: usize = 16 << 10;

/// The time that a client's system may take to reset a connection.
const PROBE_TIME: Duration = Duration::from_millis(100);

/// Reads a stream of a session as server-sent events, with a comment after a long silence.
pub(super) struct EventStream {
    reader: StreamReader,
    keep_alive: Interval,
    over: bool,
    /// The first bytes.
    beginning: Option<Bytes>,
    departure: Departure,
    /// Holds events back until a client that sends nothing more has proved that it still reads: if
    /// not, it resets the connection in reply to a comment.
    probe: Option<Pin<Box<Sleep>>>,
    /// The last event, whose message comes in parts.
    streamed: Option<StreamedResponse>,
    /// The session whose `initialize` this stream answers.
    starting: Option<Starting>,
    /// Keeps the session from being idle while the stream is read.
    in_use: InUse,
}

impl EventStream {
    pub(super) fn new(
        reader: StreamReader,
        in_use: InUse,
        keep_alive: Duration,
        exchange: &Arc<Exchange>,
    ) -> Self {
        let keep_alive = keep_alive.max(Duration::from_millis(1));
        let mut keep_alive = tokio::time::interval_at(Instant::now() + keep_alive, keep_alive);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            reader,
            keep_alive,
            over: false,
            beginning: None,
            departure: Departure::of(exchange),
            probe: None,
            streamed: None,
            starting: None,
            in_use,
        }
    }

    /// Marks the stream as the answer to `initialize`: the session is kept if the response is a
    /// success, or while the stream can be resumed.
    pub(super) fn starting(mut self, starting: Option<Starting>) -> Self {
        self.starting = starting;
        self
    }

    /// Begins with an event that has no message, only an id to resume from.
    pub(super) fn beginning(mut self, id: Option<EventId>) -> Self {
        self.beginning = id.map(event::beginning);
        self
    }

    /// Reads the last event. A failure aborts the body, which shows the client that the message is
    /// incomplete.
    fn poll_streamed(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Incomplete>>> {
        let Some(response) = &mut self.streamed else {
            return Poll::Ready(None);
        };
        let part = match ready!(response.poll_part(context)) {
            Some(part) => part,
            None => {
                self.streamed = None;
                self.over = true;
                Ok(Bytes::from_static(event::END))
            }
        };
        Poll::Ready(Some(part.map(Frame::data)))
    }

    /// Decides about a session that is starting when the client is sent an event with an id.
    fn settle(&mut self, kind: MessageKind) {
        match (kind, self.starting.take()) {
            (MessageKind::Response { is_error: true }, Some(starting)) => starting.fail(),
            (MessageKind::Response { is_error: false }, Some(starting)) => starting.keep(),
            (_, Some(starting)) => self.starting = Some(starting.resumable()),
            (_, None) => {}
        }
    }
}

impl Body for EventStream {
    type Data = Bytes;
    type Error = Incomplete;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        // Events that a disconnected client has not seen wait for its next connection.
        if this.departure.is_lost() {
            this.over = true;
            return Poll::Ready(None);
        }
        if this.streamed.is_some() {
            let polled = this.poll_streamed(context);
            return match polled {
                Poll::Pending => this.departure.poll_lost(context).map(|()| None),
                Poll::Ready(_) => polled,
            };
        }
        if this.departure.poll_ended(context).is_ready() {
            this.probe = Some(Box::pin(tokio::time::sleep(PROBE_TIME)));
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(event::COMMENT)))));
        }
        if let Some(probe) = &mut this.probe {
            if probe.as_mut().poll(context).is_pending() {
                return this.departure.poll_lost(context).map(|()| None);
            }
            this.probe = None;
        }
        let mut frame = BytesMut::new();
        if let Some(beginning) = this.beginning.take() {
            this.starting = this.starting.take().map(Starting::resumable);
            frame.extend_from_slice(event::COMMENT);
            frame.extend_from_slice(&beginning);
        }
        while !this.over && frame.len() < FRAME_BYTES {
            match this.reader.poll_next(context) {
                Poll::Ready(Some(next)) => {
                    let id = (!this.in_use.is_single()).then_some(next.id);
                    event::encode(id, &next.message.text, &mut frame);
                    this.settle(next.message.kind);
                }
                Poll::Ready(None) => match this.reader.take_streamed() {
                    Some(response) => {
                        this.streamed = Some(response);
                        // It has no id, since it cannot be resumed.
                        frame.extend_from_slice(event::DATA);
                        break;
                    }
                    None => this.over = true,
                },
                Poll::Pending => break,
            }
        }
        if !frame.is_empty() {
            this.keep_alive.reset();
            return Poll::Ready(Some(Ok(Frame::data(frame.freeze()))));
        }
        if this.over || this.departure.poll_lost(context).is_ready() {
            return Poll::Ready(None);
        }
        this.keep_alive
            .poll_tick(context)
            .map(|_| Some(Ok(Frame::data(Bytes::from_static(event::COMMENT)))))
    }

    fn is_end_stream(&self) -> bool {
        self.over
    }
}
