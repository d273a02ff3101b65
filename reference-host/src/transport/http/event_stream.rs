//! The body of a `text/event-stream` response.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::event;
use super::message::{self, Kind};
use super::sessions::{InUse, Starting};
use super::streams::StreamReader;

/// Events that are ready at once travel in one frame up to about this size.
const FRAME_BYTES: usize = 16 << 10;

/// Reads a stream of a session as server-sent events, with a comment where the
/// stream is silent for long.
pub(super) struct EventStream {
    reader: StreamReader,
    keep_alive: Interval,
    over: bool,
    /// The session that this is the answer to `initialize` of.
    starting: Option<Starting>,
    /// While somebody reads a stream the session is not idle.
    _in_use: InUse,
}

impl EventStream {
    pub(super) fn new(reader: StreamReader, in_use: InUse, keep_alive: Duration) -> Self {
        let keep_alive = keep_alive.max(Duration::from_millis(1));
        let mut keep_alive = tokio::time::interval_at(Instant::now() + keep_alive, keep_alive);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            reader,
            keep_alive,
            over: false,
            starting: None,
            _in_use: in_use,
        }
    }

    /// The stream answers `initialize`: the session stays only if the response
    /// says so.
    pub(super) fn starting(mut self, starting: Option<Starting>) -> Self {
        self.starting = starting;
        self
    }

    fn settle(&mut self, response: &[u8]) {
        if let Some(starting) = self.starting.take()
            && message::is_success(response)
        {
            starting.keep();
        }
    }
}

impl Body for EventStream {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let mut frame = BytesMut::new();
        while !this.over && frame.len() < FRAME_BYTES {
            match this.reader.poll_next(context) {
                Poll::Ready(Some(next)) => {
                    event::encode(next.id, &next.message.text, &mut frame);
                    if next.message.kind == Kind::Response {
                        this.settle(&next.message.text);
                    }
                }
                Poll::Ready(None) => this.over = true,
                Poll::Pending => break,
            }
        }
        if !frame.is_empty() {
            this.keep_alive.reset();
            return Poll::Ready(Some(Ok(Frame::data(frame.freeze()))));
        }
        if this.over {
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
