//! The source of the keys.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::sync::oneshot;
use wasi_mcp_authorization::is_secure;
use wasi_mcp_authorization::jwt::{Keys, LARGEST, PATIENCE};

use super::super::VerifierUnavailable;

/// The location of a JSON Web Key Set: a file or a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// A file.
    File(PathBuf),
    /// An `https` URL, or an `http` one of this machine. Redirects are not followed.
    Url(Uri),
}

/// The address cannot be trusted to serve the issuer's keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "keys come from a file, an https URL, or an http URL of this machine, without a user's name"
)]
pub struct NotAKeySource;

impl FromStr for KeySource {
    type Err = NotAKeySource;

    fn from_str(text: &str) -> Result<Self, NotAKeySource> {
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        let url: Uri = text.parse().map_err(|_| NotAKeySource)?;
        is_secure(&url)
            .then_some(Self::Url(url))
            .ok_or(NotAKeySource)
    }
}

impl KeySource {
    /// Reads the keys that can verify tokens.
    pub(super) async fn read(&self) -> Result<Keys, VerifierUnavailable> {
        self.read_within(PATIENCE).await
    }

    async fn read_within(&self, patience: Duration) -> Result<Keys, VerifierUnavailable> {
        // A file may be on an unresponsive disk, or not be a regular file.
        let text = tokio::time::timeout(patience, self.text()).await;
        let text = text.unwrap_or_else(|_| Err("it took too long".to_owned()));
        let keys = text.and_then(|text| Keys::read(&text).map_err(|error| error.to_string()));
        keys.map_err(|reason| {
            VerifierUnavailable(format!("the keys at {self} cannot be read: {reason}"))
        })
    }
}

impl KeySource {
    async fn text(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => {
                let path = path.clone();
                let (sender, read) = oneshot::channel();
                // Not one of tokio's threads for blocking work, which guests can keep busy with
                // files: no client could then prove who it is.
                std::thread::Builder::new()
                    .name("wasi-mcp-keys".to_owned())
                    .spawn(move || sender.send(read_file(&path)))
                    .map_err(|error| error.to_string())?;
                read.await.unwrap_or_else(|error| Err(error.to_string()))
            }
            Self::Url(url) if is_secure(url) => fetch(url.clone()).await,
            Self::Url(_) => Err(NotAKeySource.to_string()),
        }
    }
}

impl std::fmt::Display for KeySource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            Self::Url(url) => url.fmt(formatter),
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut text))
        .map_err(|error| error.to_string())?;
    if text.len() > LARGEST {
        return Err(format!("it is larger than {LARGEST} bytes"));
    }
    Ok(text)
}

async fn fetch(url: Uri) -> Result<Vec<u8>, String> {
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .build();
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let response = client.get(url).await.map_err(|error| whole(&error))?;
    if !response.status().is_success() {
        return Err(format!("status {}", response.status()));
    }
    let body = Limited::new(response.into_body(), LARGEST).collect().await;
    let body = body.map_err(|error| whole(&*error))?;
    Ok(body.to_bytes().to_vec())
}

/// Returns an error with its causes.
fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    const KEY: &str =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    /// Answers one request with these bytes, and keeps the connection open.
    async fn served(answer: Vec<u8>) -> KeySource {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await.expect("a request");
            // A client that has read enough disconnects.
            let _ = stream.write_all(&answer).await;
            std::future::pending::<()>().await;
        });
        let url = format!("http://{address}/keys");
        url.parse().expect("a source")
    }

    async fn read(answer: impl Into<Vec<u8>>) -> Result<usize, String> {
        let keys = served(answer.into()).await.read().await;
        keys.map(|keys| keys.len()).map_err(|error| error.0)
    }

    fn ok(body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")
    }

    #[tokio::test]
    async fn keys_are_fetched() {
        assert_eq!(read(ok(&format!(r#"{{"keys":[{KEY}]}}"#))).await, Ok(1));
    }

    #[tokio::test]
    async fn keys_of_other_kinds_are_passed_over() {
        let others = [
            r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#,
            r#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#,
            r#"{"kty":"oct","k":"c2VjcmV0"}"#,
            r#"{"kty":"RSA","e":"AQAB","n":"c2hvcnQ"}"#,
            r#"{"kty":"RSA"}"#,
            "7",
        ];
        let others = others.join(",");
        let set = format!(r#"{{"keys":[{others},{KEY}]}}"#);
        assert_eq!(read(ok(&set)).await, Ok(1));
        let reason = read(ok(&format!(r#"{{"keys":[{others}]}}"#))).await;
        let reason = reason.expect_err("none is left");
        assert!(reason.contains("no public key"), "{reason}");
    }

    #[tokio::test]
    async fn what_is_no_set_of_keys_is_refused() {
        let reason = |answer: String| async { read(answer).await.expect_err("no keys") };
        for (answer, expected) in [
            (ok("<html>"), "not a JSON Web Key Set"),
            (ok("[]"), "not a JSON Web Key Set"),
            (
                "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
                    .to_owned(),
                "status 302",
            ),
            (
                "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n".to_owned(),
                "status 500",
            ),
            ("nonsense\r\n\r\n".to_owned(), ""),
            (ok(&" ".repeat(LARGEST + 1)), "length limit exceeded"),
        ] {
            let reason = reason(answer).await;
            assert!(reason.contains(expected), "{reason}");
        }
    }

    #[tokio::test]
    async fn an_issuer_that_is_silent_is_not_waited_for() {
        for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"] {
            let source = served(answer.into()).await;
            let error = source.read_within(Duration::from_millis(100)).await;
            let error = error.expect_err("there are no keys");
            assert!(error.0.ends_with(": it took too long"), "{error}");
        }
    }

    #[tokio::test]
    async fn over_tls_too_a_wrong_answer_is_an_error() {
        let KeySource::Url(url) = served(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()).await else {
            panic!("a URL");
        };
        let url = url.to_string().replace("http:", "https:");
        let source: KeySource = url.parse().expect("a source");
        let error = source.read().await.expect_err("no TLS there");
        assert!(error.to_string().starts_with(&format!("the keys at {url}")));
    }

    #[tokio::test]
    async fn files_are_read_up_to_a_size() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys.json");
        let source: KeySource = path.to_str().expect("text").parse().expect("a source");
        let reason = async || source.read().await.map(|keys| keys.len()).map_err(|e| e.0);
        assert!(reason().await.is_err(), "it is missing");
        std::fs::write(&path, format!(r#"{{"keys":[{KEY}]}}"#)).expect("it is written");
        assert_eq!(reason().await, Ok(1));
        std::fs::write(&path, vec![b' '; LARGEST + 1]).expect("it is written");
        let too_large = reason().await.expect_err("it is too large");
        assert!(too_large.contains("larger than"), "{too_large}");
    }

    #[test]
    fn a_file_is_read_while_guests_take_all_threads_for_blocking_work() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let (release, released) = std::sync::mpsc::channel::<()>();
        let blocked = runtime.spawn_blocking(move || released.recv());
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys.json");
        std::fs::write(&path, format!(r#"{{"keys":[{KEY}]}}"#)).expect("it is written");
        let keys = runtime.block_on(KeySource::File(path).read());
        drop(release);
        assert_eq!(keys.expect("keys").len(), 1);
        assert!(runtime.block_on(blocked).expect("no panic").is_err());
    }

    #[tokio::test]
    async fn keys_do_not_come_in_the_clear() {
        assert_eq!(
            "http://a.example/keys".parse::<KeySource>(),
            Err(NotAKeySource)
        );
        assert_eq!(
            "ftp://a.example/keys".parse::<KeySource>(),
            Err(NotAKeySource)
        );
        let source = KeySource::Url(Uri::from_static("http://a.example/keys"));
        assert!(source.read().await.is_err(), "nothing is fetched");
    }
}
