//! Streamed resources: from the ends of a guest's stream to the session.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};
use tokio_util::sync::PollSender;
use wasi_mcp_protocol::wire::BlobEncoder;
use wasi_mcp_types::content::{ReadResourceResult, ResourceContents};
use wasi_mcp_types::types::{Error, ErrorCode};
use wasmtime::component::{
    FutureConsumer, FutureReader, Source, StreamConsumer, StreamReader, StreamResult,
};
use wasmtime::{AsContextMut, StoreContextMut};

use super::context::Request;
use super::handlers::Return;
use super::recycling::RecycleSignal;
use super::session_handle::SessionHandle;
use crate::telemetry::Limit;
use crate::visible::Visible;

/// The most bytes that are taken from the guest at once.
const CHUNK: usize = 64 << 10;
/// The most chunks, and pieces of the response, that may wait. Together with [`CHUNK`] they bound
/// the memory of a stream.
const WAITING: usize = 2;

/// Limits of streamed resources.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StreamLimits {
    /// The size of a resource, in bytes. Default 16 GiB.
    pub bytes: u64,
    /// The rate of each stream, in bytes per second. Default: no limit.
    pub bytes_per_second: Option<u64>,
    /// The time between two bytes of the guest, not counting the time that the client takes to read
    /// them. Default 60 s.
    pub idle: Duration,
    /// The time in which the client must read the next piece. Default 5 min.
    pub client_idle: Duration,
    /// The time in which a stream must end once its instance is due to be replaced. Default 60 s.
    pub recycle_grace: Duration,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self {
            bytes: 16 << 30,
            bytes_per_second: None,
            idle: Duration::from_secs(60),
            client_idle: Duration::from_mins(5),
            recycle_grace: Duration::from_secs(60),
        }
    }
}

/// A piece of a streamed response.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Part of the message.
    Text(Bytes),
    /// The end of the blob. Without it the response cannot be completed.
    End,
}

/// A response that has begun.
pub struct Begun {
    /// Receives the pieces. Dropping it before the end makes the response fail.
    pub(crate) pieces: mpsc::Sender<Piece>,
    /// Encodes the bytes.
    pub(crate) encoder: BlobEncoder,
    /// The size of the message around the blob, in bytes.
    pub(crate) around: usize,
}

impl Begun {
    /// Returns a response and the receiver of its pieces.
    pub(crate) fn new(encoder: BlobEncoder, around: usize) -> (Self, mpsc::Receiver<Piece>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let begun = Self {
            pieces: sender,
            encoder,
            around,
        };
        (begun, receiver)
    }
}

/// The host's ends of a guest's stream.
pub(super) struct Incoming {
    chunks: mpsc::Receiver<Vec<u8>>,
    outcome: oneshot::Receiver<Result<(), Error>>,
}

impl Incoming {
    /// Takes over the ends that the guest returned.
    pub(super) fn connect<S: AsContextMut>(
        mut store: S,
        stream: StreamReader<u8>,
        outcome: FutureReader<Result<(), Error>>,
    ) -> wasmtime::Result<Self>
    where
        S::Data: 'static,
    {
        let (sender, chunks) = mpsc::channel(WAITING);
        stream.pipe(&mut store, Chunks(PollSender::new(sender)))?;
        let (sender, receiver) = oneshot::channel();
        outcome.pipe(&mut store, Resolution(Some(sender)))?;
        Ok(Self {
            chunks,
            outcome: receiver,
        })
    }
}

/// Accepts bytes from the guest while the session has room for them.
struct Chunks(PollSender<Vec<u8>>);

impl<D> StreamConsumer<D> for Chunks {
    type Item = u8;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<D>,
        source: Source<'_, u8>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        match self.0.poll_reserve(context) {
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(_)) => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Ready(Ok(())) => {
                let mut source = source.as_direct(store);
                let bytes = source.remaining();
                let chunk = bytes[..bytes.len().min(CHUNK)].to_vec();
                source.mark_read(chunk.len());
                if !chunk.is_empty() && self.0.send_item(chunk).is_err() {
                    return Poll::Ready(Ok(StreamResult::Dropped));
                }
                Poll::Ready(Ok(StreamResult::Completed))
            }
        }
    }
}

/// Receives the guest's verdict on its stream.
struct Resolution(Option<oneshot::Sender<Result<(), Error>>>);

impl<D> FutureConsumer<D> for Resolution {
    type Item = Result<(), Error>;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        store: StoreContextMut<D>,
        mut source: Source<'_, Self::Item>,
        _finish: bool,
    ) -> Poll<wasmtime::Result<()>> {
        let mut outcome = None;
        source.read(store, &mut outcome)?;
        if let (Some(outcome), Some(sender)) = (outcome, self.0.take()) {
            // The call may have been abandoned.
            let _ = sender.send(outcome);
        }
        Poll::Ready(Ok(()))
    }
}

/// Passes a stream on to the client, and returns when its request is complete.
pub(super) async fn forward(
    session: &dyn SessionHandle,
    request: &Request,
    result: ReadResourceResult,
    mut incoming: Incoming,
    limits: &StreamLimits,
    recycling: &RecycleSignal,
) -> Result<Return, Error> {
    let mut cancelled = pin!(request.end.cancelled());
    let first = tokio::select! {
        biased;
        _ = &mut cancelled => return Err(gone()),
        first = incoming.chunks.recv() => first,
    };
    let Some(first) = first else {
        // An empty stream: the result is complete, or an ordinary error.
        if !matches!(result.contents.last(), Some(ResourceContents::Blob(_))) {
            return Ok(Return::Faulty(
                "the last contents of a streamed resource are not a blob".to_owned(),
            ));
        }
        let outcome = tokio::select! {
            biased;
            _ = &mut cancelled => return Err(gone()),
            outcome = timeout(limits.idle, incoming.outcome) => outcome,
        };
        return match outcome {
            Ok(outcome) => outcome
                .unwrap_or_else(|_| Err(failure(UNRESOLVED)))
                .map(|()| Return::ReadResource(result)),
            Err(_) => {
                session.observer().reached(Limit::StreamIdle);
                Err(failure("the future of the stream was not resolved in time"))
            }
        };
    };
    let Begun {
        pieces,
        encoder,
        around,
    } = match session.begin_stream(request.key, result) {
        Ok(begun) => begun,
        Err(NotBegun::Faulty(rule)) => return Ok(Return::Faulty(rule)),
        Err(NotBegun::Refused(error)) => return Err(error),
    };
    let mut transfer = Transfer {
        pieces,
        encoder,
        sent: around,
        bytes: 0,
        began: Instant::now(),
    };
    let ended = tokio::select! {
        biased;
        _ = &mut cancelled => Err(Failure::Cancelled),
        ended = transfer.run(first, incoming, limits) => ended,
        () = overstay(recycling, limits.recycle_grace) => Err(Failure::InstanceDue),
    };
    let is_complete = match ended {
        Ok(()) => true,
        Err(failure) => {
            let observer = session.observer();
            match failure {
                Failure::TooLarge => observer.reached(Limit::StreamBytes),
                Failure::Idle => observer.reached(Limit::StreamIdle),
                Failure::ClientIdle | Failure::InstanceDue => {
                    observer.reached(Limit::StreamRead);
                }
                Failure::Cancelled | Failure::ClientGone | Failure::Guest(_) => {}
            }
            tracing::warn!(
                session = observer.session,
                bytes = transfer.bytes,
                reason = %failure,
                "a streamed resource was not completed"
            );
            false
        }
    };
    Ok(Return::Streamed {
        bytes: transfer.sent,
        is_complete,
    })
}

/// A reason for which a response could not begin.
pub enum NotBegun {
    /// The result breaks this rule.
    Faulty(String),
    /// The request has ended, or the client has too much unread output.
    Refused(Error),
}

/// A reason for which a response could not be completed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the request was cancelled")]
    Cancelled,
    #[error("the client no longer reads it")]
    ClientGone,
    #[error("it is larger than allowed")]
    TooLarge,
    #[error("the component sent nothing for too long")]
    Idle,
    #[error("the client read nothing for too long")]
    ClientIdle,
    #[error("its instance is due to be replaced, and the time to finish the stream is over")]
    InstanceDue,
    #[error("the component reported a failure: {}", Visible(beginning(.0)))]
    Guest(String),
}

/// Resolves once an instance has been due to be replaced for `grace`.
async fn overstay(recycling: &RecycleSignal, grace: Duration) {
    recycling.due().await;
    sleep(grace).await;
}

/// A stream in transfer.
struct Transfer {
    pieces: mpsc::Sender<Piece>,
    encoder: BlobEncoder,
    /// Bytes of the message so far.
    sent: usize,
    /// Bytes of the resource so far.
    bytes: u64,
    began: Instant,
}

impl Transfer {
    /// Passes on all bytes, and waits for the guest's verdict.
    async fn run(
        &mut self,
        first: Vec<u8>,
        mut incoming: Incoming,
        limits: &StreamLimits,
    ) -> Result<(), Failure> {
        let mut next = Some(first);
        while let Some(mut chunk) = next {
            // Small writes of the guest become one piece.
            while chunk.len() < CHUNK
                && let Ok(more) = incoming.chunks.try_recv()
            {
                chunk.extend_from_slice(&more);
            }
            self.pass(&chunk, limits).await?;
            next = timeout(limits.idle, incoming.chunks.recv())
                .await
                .map_err(|_| Failure::Idle)?;
        }
        match timeout(limits.idle, incoming.outcome).await {
            Err(_) => Err(Failure::Idle),
            Ok(Err(_)) => Err(Failure::Guest(UNRESOLVED.to_owned())),
            Ok(Ok(Err(error))) => Err(Failure::Guest(error.message)),
            Ok(Ok(Ok(()))) => self.finish(limits).await,
        }
    }

    async fn pass(&mut self, chunk: &[u8], limits: &StreamLimits) -> Result<(), Failure> {
        self.bytes += chunk.len() as u64;
        if self.bytes > limits.bytes {
            return Err(Failure::TooLarge);
        }
        let mut text = Vec::with_capacity(chunk.len().div_ceil(3) * 4 + 4);
        self.encoder.encode(chunk, &mut text);
        self.send(text, limits).await?;
        if let Some(rate) = limits.bytes_per_second {
            let due = Duration::from_secs_f64(self.bytes as f64 / rate.max(1) as f64);
            sleep(due.saturating_sub(self.began.elapsed())).await;
        }
        Ok(())
    }

    async fn finish(&mut self, limits: &StreamLimits) -> Result<(), Failure> {
        let mut text = Vec::new();
        std::mem::take(&mut self.encoder).finish(&mut text);
        self.send(text, limits).await?;
        self.hand_over(Piece::End, limits).await
    }

    async fn send(&mut self, text: Vec<u8>, limits: &StreamLimits) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        self.sent += text.len();
        self.hand_over(Piece::Text(text.into()), limits).await
    }

    async fn hand_over(&mut self, piece: Piece, limits: &StreamLimits) -> Result<(), Failure> {
        match timeout(limits.client_idle, self.pieces.send(piece)).await {
            Ok(sent) => sent.map_err(|_| Failure::ClientGone),
            Err(_) => Err(Failure::ClientIdle),
        }
    }
}

/// The first part of a guest's text, for the log.
fn beginning(text: &str) -> &[u8] {
    const SHOWN: usize = 1000;
    &text.as_bytes()[..text.len().min(SHOWN)]
}

const UNRESOLVED: &str = "the future of the stream was dropped unresolved";

/// A defect of the component that ends an empty stream.
fn failure(message: &str) -> Error {
    Error {
        code: ErrorCode::InternalError,
        message: message.to_owned(),
        data: None,
    }
}

/// Returns an error that is never seen: the request was cancelled or has timed out.
fn gone() -> Error {
    Error {
        code: ErrorCode::Cancelled,
        message: "the request has ended".to_owned(),
        data: None,
    }
}
