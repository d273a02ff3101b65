//! The body of a response whose one message comes in parts.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};

use crate::session::{Incomplete, StreamedResponse};

use super::sessions::InUse;
use super::streams::Call;

/// Reads a streamed response. A failure aborts the body, from which the client sees that the
/// message is not complete.
pub(super) struct StreamedBody {
    response: StreamedResponse,
    /// The stream is forgotten with it: it cannot be resumed.
    _call: Call,
    /// While somebody reads the response the session is not idle.
    _in_use: InUse,
}

impl StreamedBody {
    pub(super) fn new(response: StreamedResponse, call: Call, in_use: InUse) -> Self {
        Self {
            response,
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
        let response = &mut self.get_mut().response;
        response
            .poll_part(context)
            .map(|part| part.map(|part| part.map(Frame::data)))
    }
}
