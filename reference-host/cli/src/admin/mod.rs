//! The operator's HTTP service, on an address of its own:
//!
//! - `/metrics`: metrics for Prometheus;
//! - `/healthz`: whether the threads that serve clients are responsive;
//! - `/readyz`: whether a new client would be served.
//!
//! There is no authorization: the address is for the operator alone. Requests from web pages are
//! refused, as at the endpoint for clients.

mod readiness;

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use readiness::Readiness;
use wasi_mcp_host::session::ServerHandle;
use wasi_mcp_host::telemetry;
use wasi_mcp_host::transport::http::{Admission, HttpOptions, Liveness, NotAdmitted};

/// The maximum number of concurrent connections; others wait.
const CONNECTIONS: usize = 32;
/// The maximum time that one connection is served.
const CONNECTION_TIME: Duration = Duration::from_mins(2);
/// The maximum time for the header of a request.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// The maximum time for the serving threads to prove that they are responsive.
const PULSE_TIME: Duration = Duration::from_secs(5);
/// The pause after the system had no resources for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The subject of the pages.
#[derive(Debug)]
pub struct Admin {
    /// The server for new sessions.
    pub served: ServerHandle,
    /// The runtimes that serve clients. This service should run on another one, so that it can
    /// detect when they are stuck.
    pub serving: Liveness,
    /// Cancelled when the host is to stop: it is then no longer ready.
    pub stopping: CancellationToken,
}

/// Serves the operator while this future is polled.
///
/// # Errors
///
/// If the listener cannot be used.
pub async fn serve(listener: TcpListener, admin: Arc<Admin>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let bound_to = listener.local_addr()?.ip();
    let service = Arc::new(AdminService {
        admission: Admission::new(bound_to, &HttpOptions::default()),
        admin,
        readiness: Readiness::default(),
    });
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // The semaphore is never closed.
        let permit = Arc::clone(&room).acquire_owned().await;
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "no connection of the operator can be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            let responder = service_fn(|request| {
                let service = Arc::clone(&service);
                async move { Ok::<_, Infallible>(service.answer(&request).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIME)
                // A client that has sent everything may still wait for the answer.
                .half_close(true)
                .serve_connection(TokioIo::new(stream), responder);
            // Its client sees how it ends.
            let _ = timeout(CONNECTION_TIME, connection).await;
            drop(permit);
        });
    }
}

type Answer = Response<Full<Bytes>>;

struct AdminService {
    admission: Admission,
    admin: Arc<Admin>,
    readiness: Readiness,
}

impl AdminService {
    async fn answer<B>(&self, request: &Request<B>) -> Answer {
        match self.admission.admit(request.uri(), request.headers()) {
            // Simple probes send no host; browsers do.
            Ok(_) | Err(NotAdmitted::NoHost) => {}
            Err(reason) => {
                let status = StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::FORBIDDEN);
                return plain(status, reason.to_string());
            }
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, "GET is allowed".to_owned());
            let allowed = HeaderValue::from_static("GET, HEAD");
            answer.headers_mut().insert(http::header::ALLOW, allowed);
            return answer;
        }
        match request.uri().path() {
            "/metrics" => self.metrics(),
            "/healthz" => self.health().await,
            "/readyz" => self.ready().await,
            _ => plain(
                StatusCode::NOT_FOUND,
                "there are /metrics, /healthz and /readyz".to_owned(),
            ),
        }
    }

    fn metrics(&self) -> Answer {
        let server = self.admin.served.current();
        match telemetry::encode(server.telemetry(), server.live_counts()) {
            Ok(page) => answer(StatusCode::OK, telemetry::CONTENT_TYPE, page),
            Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }

    async fn health(&self) -> Answer {
        if self.admin.serving.is_alive(PULSE_TIME).await {
            plain(StatusCode::OK, "ok".to_owned())
        } else {
            plain(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("a thread that serves clients did not turn within {PULSE_TIME:?}"),
            )
        }
    }

    async fn ready(&self) -> Answer {
        if self.admin.stopping.is_cancelled() {
            return plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "the host is stopping".to_owned(),
            );
        }
        match self.readiness.of(self.admin.served.current()).await {
            Ok(()) => plain(StatusCode::OK, "ok".to_owned()),
            Err(reason) => plain(StatusCode::SERVICE_UNAVAILABLE, reason),
        }
    }
}

fn plain(status: StatusCode, mut text: String) -> Answer {
    text.push('\n');
    answer(status, "text/plain; charset=utf-8", text)
}

fn answer(status: StatusCode, content_type: &'static str, text: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
mod tests;
