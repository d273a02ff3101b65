//! The body of a response whose single message comes in parts.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};

use crate::session::{Incomplete, StreamedResponse};

use super::client::{Departure, Exchange};
use super::sessions::InUse;
use super::streams::Call;

/// Reads a streamed response. A failure aborts the body, which shows the client that the message is
/// incomplete.
pub(super) struct StreamedBody {
    response: StreamedResponse,
    departure: Departure,
    /// Forgets the stream when dropped: it cannot be resumed.
    _call: Call,
    /// Keeps the session from being idle while the response is read.
    _in_use: InUse,
}

impl StreamedBody {
    pub(super) fn new(
        response: StreamedResponse,
        call: Call,
        in_use: InUse,
        exchange: &Arc<Exchange>,
    ) -> Self {
        Self {
            response,
            departure: Departure::of(exchange),
            _call: call,
            _in_use: in_use,
        }
    }
}

impl Body for StreamedBody {
    type Data = Bytes;
    type Error = Incomplete;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Incomplete>>> {
        let this = self.get_mut();
        if this.departure.poll_lost(context).is_ready() {
            return Poll::Ready(None);
        }
        this.response
            .poll_part(context)
            .map(|part| part.map(|part| part.map(Frame::data)))
    }
}
