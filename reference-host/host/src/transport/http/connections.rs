//! Connections: accepting, serving and closing them.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::telemetry::Limit;

use super::client::{Carried, Client, Completing};
use super::client_stream::{self, ClientStream};
use super::connection_limit;
use super::endpoint::Endpoint;
use super::options::HttpOptions;
use super::workers::Workers;

/// The pause when the system has no resources for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The longest time that flushing responses may take after the last session has ended.
const FLUSH_TIME: Duration = Duration::from_secs(1);
/// The smallest sensible size of hyper's buffer for header fields.
const LEAST_HEADER_BYTES: usize = 8 << 10;
/// hyper's own limit, which needs no allocation for each request.
const HYPER_MAX_HEADERS: usize = 100;

/// Serves connections until `shutdown` resolves, then drains the requests in flight.
pub(super) async fn serve(
    endpoint: Arc<Endpoint>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let stop = CancellationToken::new();
    let workers = Workers::start(endpoint.options.threads)?;
    workers.show(&endpoint.options.liveness);
    let mut connections = JoinSet::new();
    let mut expiry = interval(expiry_interval(&endpoint.options));
    expiry.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let most = connection_limit::connections(endpoint.options.max_connections);
    let mut shutdown = pin!(shutdown);
    let mut pause = pin!(sleep(Duration::ZERO));
    let mut is_paused = false;
    loop {
        let has_room = connections.len() < most && !is_paused;
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            _ = expiry.tick() => endpoint.sessions.expire(),
            () = &mut pause, if is_paused => is_paused = false,
            accepted = listener.accept(), if has_room => match accepted {
                Ok((stream, _)) => {
                    let connection = connection(Arc::clone(&endpoint), stream, stop.clone());
                    workers.spawn(&mut connections, connection);
                    if connections.len() == most {
                        endpoint.telemetry.reached(Limit::Connections, None);
                    }
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if is_out_of_descriptors(&error) {
                        endpoint.telemetry.reached(Limit::Descriptors, None);
                    } else {
                        warn!(%error, "cannot accept a connection");
                    }
                    // It waits in the system's queue meanwhile.
                    pause.as_mut().reset(Instant::now() + ACCEPT_PAUSE);
                    is_paused = true;
                }
            },
        }
    }
    drop(listener);
    info!(connections = connections.len(), "shutting down");
    stop.cancel();
    endpoint
        .sessions
        .finish(endpoint.options.shutdown_grace)
        .await;
    let flushed = timeout(FLUSH_TIME, async {
        while connections.join_next().await.is_some() {}
    });
    if flushed.await.is_err() {
        debug!(
            connections = connections.len(),
            "connections did not end in time"
        );
    }
    connections.shutdown().await;
    Ok(())
}

pub(super) fn expiry_interval(options: &HttpOptions) -> Duration {
    (options.session_idle / 4).clamp(Duration::from_millis(10), Duration::from_mins(1))
}

/// Returns whether the error concerns the connection being accepted, not the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Returns whether the process or the system has reached its limit of open files.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        matches!(
            Errno::from_io_error(error),
            Some(Errno::MFILE | Errno::NFILE)
        )
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}

fn builder(options: &HttpOptions) -> Builder<TokioExecutor> {
    let header_bytes = options.max_header_bytes.max(LEAST_HEADER_BYTES);
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_time)
        .max_buf_size(header_bytes);
    if options.max_headers != HYPER_MAX_HEADERS {
        builder.http1().max_headers(options.max_headers);
    }
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(options.keep_alive)
        .keep_alive_timeout(options.header_time);
    builder
}

/// Returns the limit that ended a connection, if a request was still `unanswered`. A connection
/// that is idle after its last response may be closed without notice.
fn limit_of(error: &(dyn Error + 'static), unanswered: bool) -> Option<Limit> {
    let error = error.downcast_ref::<hyper::Error>()?;
    if error.is_parse_too_large() {
        Some(Limit::Header)
    } else if error.is_timeout() && unanswered {
        Some(Limit::HeaderTime)
    } else {
        None
    }
}

async fn connection(endpoint: Arc<Endpoint>, stream: TcpStream, stop: CancellationToken) {
    // Registers the stream with the runtime of the serving thread.
    let moved = stream.into_std().and_then(TcpStream::from_std);
    let stream = match moved {
        Ok(stream) => stream,
        Err(error) => return warn!(%error, "a connection cannot be served"),
    };
    // Events are small and must not be delayed by one another.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "TCP_NODELAY cannot be set");
    }
    let write_time = endpoint.options.write_time;
    client_stream::limit_unacknowledged(&stream, write_time);
    let client = Arc::<Client>::default();
    let telemetry = Arc::clone(&endpoint.telemetry);
    let stream = Arc::new(stream);
    let mut reset = pin!(client_stream::reset(Arc::clone(&stream)));
    let stream = ClientStream::new(stream, Arc::clone(&client), write_time, telemetry);
    let unanswered = stream.unanswered();
    let builder = builder(&endpoint.options);
    let header_time = endpoint.options.header_time;
    let was_used = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| {
        was_used.store(true, Ordering::Relaxed);
        let endpoint = Arc::clone(&endpoint);
        let exchange = client.exchange();
        Carried::new(Arc::clone(&exchange), async move {
            let answer = endpoint.answer(request, &exchange).await;
            Ok::<_, Infallible>(answer.map(|body| Completing::new(body, exchange)))
        })
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // hyper's own time limit starts once it knows the version of HTTP, which never happens if the
    // client sends nothing.
    let mut first_request = pin!(sleep(header_time));
    let (mut is_waiting, mut is_stopping) = (true, false);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    let unanswered = unanswered.load(Ordering::Relaxed);
                    if let Some(limit) = limit_of(&*error, unanswered) {
                        endpoint.telemetry.reached(limit, None);
                    }
                    debug!(%error, "connection ended with an error");
                }
                return;
            }
            () = &mut first_request, if is_waiting => {
                is_waiting = false;
                if !was_used.load(Ordering::Relaxed) {
                    if unanswered.load(Ordering::Relaxed) {
                        endpoint.telemetry.reached(Limit::HeaderTime, None);
                    }
                    debug!("connection without request closed");
                    return;
                }
            }
            () = &mut reset, if !client.is_gone() => client.set_gone(),
            () = stop.cancelled(), if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
