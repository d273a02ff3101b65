//! The client of a connection: its known state while its requests are handled.
//!
//! A client that closes its sending side may still read, and one that has disconnected may have
//! sent complete messages: "Disconnection SHOULD NOT be interpreted as the client cancelling its
//! request"
//! (<https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#sending-messages-to-the-server>).
//! So every message that arrived completely is passed to its session, and answered where the client
//! may still read.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::task::AtomicWaker;
use http_body::{Body, Frame, SizeHint};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// The client at the other end of a connection.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// Cancelled when the client sends nothing more.
    ended: CancellationToken,
    /// Cancelled when the client can no longer be reached.
    gone: CancellationToken,
    /// The total number of exchanges.
    begun: AtomicUsize,
    /// The exchanges whose response is not complete.
    open: AtomicUsize,
    /// The exchanges whose message has not been passed to its session.
    undelivered: AtomicUsize,
    /// Wakes the connection when one of the last two becomes 0.
    settled: AtomicWaker,
}

impl Client {
    /// Begins an exchange: a request and its response.
    pub(super) fn exchange(self: &Arc<Self>) -> Arc<Exchange> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
        self.undelivered.fetch_add(1, Ordering::SeqCst);
        Arc::new(Exchange {
            client: Arc::clone(self),
            is_delivered: AtomicBool::new(false),
            is_abandoned: AtomicBool::new(false),
        })
    }

    /// Records that the client sends nothing more.
    pub(super) fn set_ended(&self) {
        self.ended.cancel();
    }

    /// Records that the client can no longer be reached.
    pub(super) fn set_gone(&self) {
        self.gone.cancel();
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone.is_cancelled()
    }

    /// Returns the total number of exchanges, and whether the connection may close: all
    /// are complete or, with a client that is gone, delivered.
    pub(super) fn progress(&self) -> (usize, bool) {
        let begun = self.begun.load(Ordering::SeqCst);
        let pending = if self.is_gone() {
            &self.undelivered
        } else {
            &self.open
        };
        (begun, pending.load(Ordering::SeqCst) == 0)
    }

    /// Wakes this task when [`Client::progress`] may have changed.
    pub(super) fn wake_when_settled(&self, waker: &Waker) {
        self.settled.register(waker);
    }

    fn subtract(&self, count: &AtomicUsize) {
        if count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.settled.wake();
        }
    }
}

/// One request and its response. It is complete when its last reference is dropped.
#[derive(Debug)]
pub(super) struct Exchange {
    client: Arc<Client>,
    is_delivered: AtomicBool,
    is_abandoned: AtomicBool,
}

impl Exchange {
    /// Creates an exchange on a connection whose state is unknown.
    pub(super) fn detached() -> Arc<Self> {
        Arc::<Client>::default().exchange()
    }

    /// Records that the message was passed to its session.
    pub(super) fn set_delivered(&self) {
        if !self.is_delivered.swap(true, Ordering::SeqCst) {
            self.client.subtract(&self.client.undelivered);
        }
    }

    /// Returns whether the client can no longer read the response.
    pub(super) fn is_lost(&self) -> bool {
        self.is_abandoned.load(Ordering::SeqCst) || self.client.is_gone()
    }

    /// Waits until the client can no longer read the response.
    pub(super) async fn lost(&self) {
        if !self.is_lost() {
            self.client.gone.cancelled().await;
        }
    }

    /// Waits until the client sends nothing more. It may still read.
    pub(super) async fn ended(&self) {
        self.client.ended.cancelled().await;
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.set_delivered();
        self.client.subtract(&self.client.open);
    }
}

/// Notifies the body of a response that its client has disconnected.
pub(super) struct Departure {
    exchange: Arc<Exchange>,
    lost: BoxFuture<'static, ()>,
    /// `None` once the client has sent its last byte.
    ended: Option<BoxFuture<'static, ()>>,
}

impl Departure {
    pub(super) fn of(exchange: &Arc<Exchange>) -> Self {
        let client = &exchange.client;
        Self {
            exchange: Arc::clone(exchange),
            lost: Box::pin(client.gone.clone().cancelled_owned()),
            ended: Some(Box::pin(client.ended.clone().cancelled_owned())),
        }
    }

    /// Returns whether the client can no longer read the response.
    pub(super) fn is_lost(&self) -> bool {
        self.exchange.is_lost()
    }

    /// Resolves when the client can no longer read the response.
    pub(super) fn poll_lost(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.lost.as_mut().poll(context)
    }

    /// Resolves once when the client sends nothing more.
    pub(super) fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(ended) = &mut self.ended else {
            return Poll::Pending;
        };
        let polled = ended.as_mut().poll(context);
        if polled.is_ready() {
            self.ended = None;
        }
        polled
    }
}

/// The handling of a request. If the connection drops it early, it continues by itself until the
/// message is with its session.
pub(super) struct Carried<T: Send + 'static> {
    handling: Option<BoxFuture<'static, T>>,
    exchange: Arc<Exchange>,
}

impl<T: Send + 'static> Carried<T> {
    pub(super) fn new(
        exchange: Arc<Exchange>,
        handling: impl Future<Output = T> + Send + 'static,
    ) -> Self {
        Self {
            handling: Some(Box::pin(handling)),
            exchange,
        }
    }
}

impl<T: Send + 'static> Future for Carried<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(handling) = &mut self.handling else {
            return Poll::Pending;
        };
        let polled = handling.as_mut().poll(context);
        if polled.is_ready() {
            self.handling = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Carried<T> {
    fn drop(&mut self) {
        let Some(handling) = self.handling.take() else {
            return;
        };
        self.exchange.is_abandoned.store(true, Ordering::SeqCst);
        let is_delivered = self.exchange.is_delivered.load(Ordering::SeqCst);
        if !is_delivered && let Ok(runtime) = Handle::try_current() {
            runtime.spawn(handling);
        }
    }
}

/// The body of a response, which completes its exchange.
pub(super) struct Completing<B> {
    body: B,
    _exchange: Arc<Exchange>,
}

impl<B> Completing<B> {
    pub(super) fn new(body: B, exchange: Arc<Exchange>) -> Self {
        Self {
            body,
            _exchange: exchange,
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Completing<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn handling_continues_until_the_message_is_delivered() {
        for is_delivered in [false, true] {
            let client = Arc::<Client>::default();
            let exchange = client.exchange();
            let (go, going) = oneshot::channel::<()>();
            let (done, ended) = oneshot::channel();
            let carried = Carried::new(Arc::clone(&exchange), async move {
                let _ = going.await;
                let _ = done.send(());
            });
            if is_delivered {
                exchange.set_delivered();
            }
            drop(carried);
            assert!(exchange.is_lost(), "nobody waits for the response");
            let _ = go.send(());
            assert_eq!(ended.await.is_ok(), !is_delivered);
        }
    }

    #[test]
    fn a_connection_may_close_when_its_exchanges_are_complete() {
        let client = Arc::<Client>::default();
        assert_eq!(client.progress(), (0, true));
        let (first, second) = (client.exchange(), client.exchange());
        first.set_delivered();
        drop(first);
        assert_eq!(client.progress(), (2, false));
        second.set_delivered();
        assert_eq!(client.progress(), (2, false));
        client.set_gone();
        assert_eq!(client.progress(), (2, true), "nobody reads the response");
    }
}
