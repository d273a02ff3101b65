//! HTTP requests to registries: encrypted, with limits for time and for the size of answers.

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, Url};
use thiserror::Error;

use super::host::Host;

/// The number of redirects that are followed. Registries use one, to their storage.
const MOST_REDIRECTS: usize = 5;
/// The bytes that may be sent or received in one time limit. A larger body has more time.
const BYTES_A_LIMIT: u64 = 512 << 10;

/// Sends requests to a registry, and to the servers that it names.
pub(crate) struct Http {
    client: Client,
    plain_http: bool,
    timeout: Duration,
}

/// A request without a complete answer.
#[derive(Debug)]
pub(crate) enum HttpError {
    /// No answer, or a part of one.
    Unreachable(String),
    /// The time limit is over.
    Timeout,
    /// The registry names a URL that would be requested without encryption.
    Unencrypted(Unencrypted),
    /// The answer is larger than this.
    TooLarge(u64),
}

/// A URL that would be requested without encryption.
#[derive(Clone, Debug, Error)]
#[error("{0} is not encrypted")]
pub(crate) struct Unencrypted(pub(crate) String);

impl Http {
    /// Prepares requests to a registry. `plain_http` permits HTTP on this machine.
    ///
    /// # Errors
    ///
    /// If HTTPS is needed and this machine has no certificates of authorities.
    pub(crate) fn new(host: &Host, plain_http: bool, timeout: Duration) -> Result<Self, String> {
        // An error means that the process already has a provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || builder(host, plain_http, timeout);
        let built = builder().build().or_else(|error| {
            if plain_http {
                // No authority is trusted, and HTTP needs none.
                builder().tls_certs_only([]).build()
            } else {
                Err(error)
            }
        });
        let client = built.map_err(|error| format!("HTTPS cannot be used: {}", cause(&error)))?;
        Ok(Self {
            client,
            plain_http,
            timeout,
        })
    }

    /// Returns the client that makes requests.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Refuses a URL that would be requested without encryption.
    pub(crate) fn check(&self, url: &Url) -> Result<(), HttpError> {
        check(url, self.plain_http).map_err(HttpError::Unencrypted)
    }

    /// Returns the time limit for a request or an answer with so many bytes. It is longer than that for
    /// a pause, so that silence is told as such.
    pub(crate) fn limit(&self, bytes: u64) -> Duration {
        let more = u32::try_from(bytes / BYTES_A_LIMIT).unwrap_or(u32::MAX);
        self.timeout.saturating_mul(more.saturating_add(2))
    }

    /// Sends a request. The limit is for the whole answer.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<Response, HttpError> {
        let sent = request.timeout(limit).send().await;
        sent.map_err(|error| failed(&error))
    }

    /// Returns the next bytes of an answer, for which the time limit counts anew.
    pub(crate) async fn next(&self, response: &mut Response) -> Result<Option<Vec<u8>>, HttpError> {
        match tokio::time::timeout(self.timeout, response.chunk()).await {
            Ok(Ok(piece)) => Ok(piece.map(Vec::from)),
            Ok(Err(error)) => Err(failed(&error)),
            Err(_) => Err(HttpError::Timeout),
        }
    }

    /// Returns the body of an answer that has no more than `most` bytes.
    pub(crate) async fn body(&self, response: Response, most: u64) -> Result<Vec<u8>, HttpError> {
        let mut response = response;
        if response
            .content_length()
            .is_some_and(|length| length > most)
        {
            return Err(HttpError::TooLarge(most));
        }
        let mut bytes = Vec::new();
        while let Some(piece) = self.next(&mut response).await? {
            if (bytes.len() + piece.len()) as u64 > most {
                return Err(HttpError::TooLarge(most));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

fn builder(host: &Host, plain_http: bool, timeout: Duration) -> ClientBuilder {
    let policy = Policy::custom(move |attempt| {
        if attempt.previous().len() > MOST_REDIRECTS {
            return attempt.error("too many redirects");
        }
        match check(attempt.url(), plain_http) {
            Ok(()) => attempt.follow(),
            Err(error) => attempt.error(error),
        }
    });
    let builder = Client::builder()
        .redirect(policy)
        .referer(false)
        .https_only(!plain_http)
        .connect_timeout(timeout)
        .user_agent(concat!("wasi-mcp/", env!("CARGO_PKG_VERSION")));
    if host.is_loopback() {
        // A proxy elsewhere has another loopback.
        builder.no_proxy()
    } else {
        builder
    }
}

fn check(url: &Url, plain_http: bool) -> Result<(), Unencrypted> {
    let host = url.host_str().unwrap_or_default();
    let is_near = || host.parse().is_ok_and(|host: Host| host.is_loopback());
    match url.scheme() {
        "https" => Ok(()),
        "http" if plain_http && is_near() => Ok(()),
        // Its path and its query may be secret.
        scheme => Err(Unencrypted(format!("{scheme}://{host}"))),
    }
}

fn failed(error: &reqwest::Error) -> HttpError {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<Unencrypted>() {
            return HttpError::Unencrypted(error.clone());
        }
        source = error.source();
    }
    if error.is_timeout() {
        return HttpError::Timeout;
    }
    HttpError::Unreachable(cause(error))
}

/// Returns the innermost cause of an error, which says most.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_requested_without_encryption() {
        for (url, plain_http, expected) in [
            ("https://registry.example/token", false, true),
            ("https://registry.example/token", true, true),
            ("http://registry.example/token", false, false),
            ("http://registry.example/token", true, false),
            ("http://127.0.0.1:5000/v2/", true, true),
            ("http://localhost/v2/", true, true),
            ("http://[::1]:5000/v2/", true, true),
            ("http://127.0.0.1:5000/v2/", false, false),
            ("http://localhost.example/", true, false),
            ("ftp://127.0.0.1/", true, false),
        ] {
            let checked = check(&url.parse().unwrap(), plain_http);
            assert_eq!(checked.is_ok(), expected, "{url}");
        }
        let secret = "http://user:secret@registry.example/secret?secret";
        let error = check(&secret.parse().unwrap(), false).unwrap_err();
        assert_eq!(error.0, "http://registry.example");
    }

    #[test]
    fn larger_bodies_have_more_time() {
        let host = "localhost:5000".parse().unwrap();
        let http = Http::new(&host, true, Duration::from_secs(30)).unwrap();
        assert_eq!(http.limit(1000), Duration::from_secs(60));
        assert_eq!(http.limit(20 * BYTES_A_LIMIT), Duration::from_secs(660));
        assert!(http.limit(u64::MAX) > Duration::from_secs(1 << 30));
    }
}
