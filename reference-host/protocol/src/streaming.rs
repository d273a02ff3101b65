//! Responses whose body is streamed.

use std::time::Instant;

use super::effect::Effect;
use super::error::ContextError;
use super::reception::StreamId;
use super::requests::{RequestKey, Work};
use super::response;
use super::session::Session;

impl Session {
    /// Returns the stream of a request that is still to be answered.
    pub fn stream_of(&self, key: RequestKey) -> Option<StreamId> {
        let request = self.requests.get(key).filter(|it| it.end.is_none())?;
        match request.work {
            Work::Request { stream, .. } => Some(stream),
            Work::Event(_) | Work::Resubscription => None,
        }
    }

    /// Begins the response to a request with the result that `head`, pieces from the driver, and
    /// `tail` form. From now on the request has no time limit, its component cannot ask the client,
    /// and its progress and log messages are dropped. [`Session::finish`] is due with
    /// [`Outcome::Streamed`](super::Outcome::Streamed).
    ///
    /// # Errors
    ///
    /// [`ContextError::InvalidState`] after the end of the request; [`ContextError::Cancelled`] and
    /// [`ContextError::TimedOut`].
    pub fn begin_streaming(
        &mut self,
        now: Instant,
        key: RequestKey,
        head: &[u8],
        tail: &[u8],
    ) -> Result<(), ContextError> {
        self.live(key)?;
        self.close_asks(now, key);
        self.flush_progress(key);
        self.halt_clock(now, key);
        let request = self.live(key)?;
        let Work::Request { id, stream, .. } = &request.work else {
            return Err(ContextError::ended());
        };
        let (head, tail) = response::around(id, head, tail);
        let stream = *stream;
        request.is_streamed = true;
        self.effects.push(Effect::SendStreamed {
            key,
            stream,
            head,
            tail,
        });
        Ok(())
    }
}
