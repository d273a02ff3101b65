//! Request bodies, read within limits.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;
use tokio::time::timeout;

/// The most bytes that are read and discarded after a refusal, before the connection closes.
const DISCARDED_BYTES: usize = 16 << 20;
const DISCARDED_TIME: Duration = Duration::from_secs(2);

/// A reason for which no complete body was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    TooSlow,
    /// The client disconnected or broke the framing.
    Broken,
}

/// Reads a body of at most `limit` bytes. A body with a larger declared length is not read at all.
pub(super) async fn read<B>(body: &mut B, limit: usize, time: Duration) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
{
    if exceeds(body.size_hint().lower(), limit) {
        return Err(BodyError::TooLarge);
    }
    timeout(time, collect(body, limit))
        .await
        .unwrap_or(Err(BodyError::TooSlow))
}

fn exceeds(announced: u64, limit: usize) -> bool {
    usize::try_from(announced).map_or(true, |announced| announced > limit)
}

async fn collect<B>(body: &mut B, limit: usize) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyError::Broken)?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if first.len() + whole.len() + data.len() > limit {
            return Err(BodyError::TooLarge);
        }
        // Most bodies arrive in one piece, which needs no copy.
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        whole.extend_from_slice(&std::mem::take(&mut first));
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() {
        first
    } else {
        whole.freeze()
    })
}

/// Keeps reading for a while and discards the data. A connection that is closed with unread data is
/// reset, and the client would lose the answer that explains the refusal.
pub(super) async fn discard<B>(body: &mut B)
where
    B: Body<Data = Bytes> + Unpin,
{
    let read_on = async {
        let mut seen = 0;
        while seen < DISCARDED_BYTES {
            match body.frame().await {
                Some(Ok(frame)) => seen += frame.data_ref().map_or(0, Bytes::len),
                Some(Err(_)) | None => break,
            }
        }
    };
    // The answer is sent now, whether the body or the time ended first.
    let _ = timeout(DISCARDED_TIME, read_on).await;
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};

    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    fn pieces(pieces: &'static [&'static str]) -> impl Body<Data = Bytes> + Unpin {
        let frames = pieces
            .iter()
            .map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::from_static(piece.as_bytes()))));
        StreamBody::new(stream::iter(frames))
    }

    #[tokio::test]
    async fn a_body_up_to_the_limit_is_read_whole() {
        let body = read(&mut pieces(&["ab", "", "cd", "e"]), 5, SOON).await;
        assert_eq!(body, Ok(Bytes::from_static(b"abcde")));
        let body = read(&mut pieces(&[]), 5, SOON).await;
        assert_eq!(body, Ok(Bytes::new()));
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_announced_or_not() {
        let body = read(&mut pieces(&["ab", "cd", "ef"]), 5, SOON).await;
        assert_eq!(body, Err(BodyError::TooLarge));
        let mut announced = Full::new(Bytes::from_static(b"abcdef"));
        assert_eq!(
            read(&mut announced, 5, SOON).await,
            Err(BodyError::TooLarge)
        );
        assert!(!announced.is_end_stream(), "it was not even read");
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let mut silent = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let body = read(&mut silent, 5, Duration::from_millis(10)).await;
        assert_eq!(body, Err(BodyError::TooSlow));
    }
}
