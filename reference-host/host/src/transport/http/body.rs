//! Request bodies, read within limits.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use super::client::Exchange;

/// The most bytes that are read and discarded after a refusal, before the connection closes.
const DISCARDED_BYTES: usize = 16 << 20;
const DISCARDED_TIME: Duration = Duration::from_secs(2);

/// A reason for which no complete body was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    TooSlow,
    /// All bodies that are being read together take the maximum memory.
    NoRoom,
    /// The client disconnected or broke the framing.
    Broken,
}

/// The memory of all bodies that are being read.
#[derive(Debug, Clone)]
pub(super) struct BodyMemory {
    used: Arc<AtomicUsize>,
    limit: usize,
}

impl BodyMemory {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            used: Arc::default(),
            limit,
        }
    }

    fn reserve(&self) -> Reserved {
        Reserved {
            memory: self.clone(),
            bytes: 0,
        }
    }
}

/// The part of the memory that one body takes.
#[derive(Debug)]
struct Reserved {
    memory: BodyMemory,
    bytes: usize,
}

impl Reserved {
    /// Reserves memory up to this size in total.
    fn grow_to(&mut self, bytes: usize) -> Result<(), BodyError> {
        let more = bytes.saturating_sub(self.bytes);
        let BodyMemory { used, limit } = &self.memory;
        let before = used.fetch_add(more, Ordering::Relaxed);
        self.bytes += more;
        // The excess is given back when this is dropped.
        if before.saturating_add(more) > *limit {
            return Err(BodyError::NoRoom);
        }
        Ok(())
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.memory.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A body that was read whole. Its memory is counted until this is dropped.
#[derive(Debug)]
pub(super) struct Message {
    bytes: Bytes,
    _reserved: Reserved,
}

impl Deref for Message {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The body of a request.
pub(super) struct RequestBody<B> {
    body: B,
    is_over: bool,
    exchange: Arc<Exchange>,
}

impl<B> RequestBody<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    pub(super) fn new(body: B, exchange: Arc<Exchange>) -> Self {
        Self {
            body,
            is_over: false,
            exchange,
        }
    }

    /// Returns whether the body was read to its end. (hyper does not know the end of a chunked body
    /// before it has been read.)
    pub(super) fn is_over(&self) -> bool {
        self.is_over || self.body.is_end_stream()
    }

    /// Returns the next piece, or `None` at the end.
    async fn frame(&mut self) -> Option<Result<Frame<Bytes>, BodyError>> {
        tokio::select! {
            biased;
            frame = self.body.frame() => {
                self.is_over |= frame.is_none();
                frame.map(|frame| frame.map_err(|_| BodyError::Broken))
            }
            // Received data is read first.
            () = self.exchange.ended() => Some(Err(BodyError::Broken)),
        }
    }

    /// Reads a body of at most `limit` bytes. A body with a larger declared length is not read at
    /// all.
    pub(super) async fn read(
        &mut self,
        limit: usize,
        memory: &BodyMemory,
        time: Duration,
    ) -> Result<Message, BodyError> {
        if exceeds(self.body.size_hint().lower(), limit) {
            return Err(BodyError::TooLarge);
        }
        timeout(time, self.collect(limit, memory))
            .await
            .unwrap_or(Err(BodyError::TooSlow))
    }

    async fn collect(&mut self, limit: usize, memory: &BodyMemory) -> Result<Message, BodyError> {
        let announced = self.body.size_hint().exact();
        let mut reserved = memory.reserve();
        let mut first = Bytes::new();
        let mut whole = BytesMut::new();
        while let Some(frame) = self.frame().await {
            let Ok(data) = frame?.into_data() else {
                continue;
            };
            let length = first.len() + whole.len() + data.len();
            if length > limit {
                return Err(BodyError::TooLarge);
            }
            // Most bodies arrive in one piece, which needs no copy: the connection has it already.
            if first.is_empty() && whole.is_empty() {
                first = data;
                continue;
            }
            let is_grown = whole.capacity() < length;
            if is_grown {
                reserved.grow_to(length.max(2 * whole.capacity()).min(limit))?;
                whole.reserve(reserved.bytes - whole.len());
            }
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&data);
        }
        let bytes = if whole.is_empty() {
            first
        } else {
            whole.freeze()
        };
        // A connection that is dropped ends its bodies.
        if announced.is_some_and(|announced| announced != bytes.len() as u64) {
            return Err(BodyError::Broken);
        }
        Ok(Message {
            bytes,
            _reserved: reserved,
        })
    }

    /// Keeps reading for a while and discards the data. A connection that is closed with unread
    /// data is reset, and the client would lose the answer that explains the refusal.
    pub(super) async fn discard(&mut self) {
        let read_on = async {
            let mut seen = 0;
            while seen < DISCARDED_BYTES {
                match self.frame().await {
                    Some(Ok(frame)) => seen += frame.data_ref().map_or(0, Bytes::len),
                    Some(Err(_)) | None => break,
                }
            }
        };
        // The answer is sent now, whether the body or the time ended first.
        let _ = timeout(DISCARDED_TIME, read_on).await;
    }
}

fn exceeds(announced: u64, limit: usize) -> bool {
    usize::try_from(announced).map_or(true, |announced| announced > limit)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;
    use http_body_util::{Full, StreamBody};

    use super::*;
    use crate::transport::http::client::Client;

    const SOON: Duration = Duration::from_secs(5);

    fn body<B: Body<Data = Bytes> + Unpin>(body: B) -> RequestBody<B> {
        RequestBody::new(body, Exchange::detached())
    }

    fn pieces(pieces: &'static [&'static str]) -> RequestBody<impl Body<Data = Bytes> + Unpin> {
        let frames = pieces
            .iter()
            .map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::from_static(piece.as_bytes()))));
        body(StreamBody::new(stream::iter(frames)))
    }

    async fn read<B: Body<Data = Bytes> + Unpin>(
        body: &mut RequestBody<B>,
        time: Duration,
    ) -> Result<Vec<u8>, BodyError> {
        let memory = BodyMemory::new(100);
        let read = body.read(5, &memory, time).await;
        let read = read.map(|message| message.to_vec());
        assert_eq!(memory.used.load(Ordering::Relaxed), 0);
        read
    }

    #[tokio::test]
    async fn a_body_up_to_the_limit_is_read_whole() {
        let mut in_parts = pieces(&["ab", "", "cd", "e"]);
        assert_eq!(read(&mut in_parts, SOON).await, Ok(b"abcde".to_vec()));
        assert!(in_parts.is_over());
        assert_eq!(read(&mut pieces(&[]), SOON).await, Ok(Vec::new()));
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_announced_or_not() {
        let mut unannounced = pieces(&["ab", "cd", "ef"]);
        assert_eq!(read(&mut unannounced, SOON).await, Err(BodyError::TooLarge));
        assert!(!unannounced.is_over());
        let mut announced = body(Full::new(Bytes::from_static(b"abcdef")));
        assert_eq!(read(&mut announced, SOON).await, Err(BodyError::TooLarge));
        assert!(!announced.is_over(), "it was not even read");
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let silence = || StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let late = read(&mut body(silence()), Duration::from_millis(10)).await;
        assert_eq!(late, Err(BodyError::TooSlow));
        let client = Arc::<Client>::default();
        let mut unfinished = RequestBody::new(silence(), client.exchange());
        client.set_ended();
        assert_eq!(read(&mut unfinished, SOON).await, Err(BodyError::Broken));
    }

    #[tokio::test]
    async fn bodies_share_their_memory_until_they_are_dropped() {
        let memory = BodyMemory::new(8);
        let mut first = pieces(&["ab", "cd"]);
        let first = first.read(5, &memory, SOON).await.expect("there is room");
        let mut second = pieces(&["ab", "cde"]);
        let refused = second.read(5, &memory, SOON).await;
        assert_eq!(refused.map(|_| ()), Err(BodyError::NoRoom));
        let mut at_once = pieces(&["abcde"]);
        let at_once = at_once.read(5, &memory, SOON).await;
        assert!(at_once.is_ok(), "the connection holds it in any case");
        drop(first);
        let mut third = pieces(&["ab", "cde"]);
        assert!(third.read(5, &memory, SOON).await.is_ok());
    }
}
