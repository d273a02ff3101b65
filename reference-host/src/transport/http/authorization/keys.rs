//! The issuers' public keys: <https://www.rfc-editor.org/rfc/rfc7517>.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::JwkSet;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::info;

use super::token::{self, Refusal, Rules, User};

/// How often keys are looked for that were not there before.
const AGAIN: Duration = Duration::from_secs(30);

/// After so long, keys are read again even where all are known, so that one
/// that was withdrawn does not hold for ever.
const FRESH: Duration = Duration::from_mins(10);

/// How long an issuer may take to give its keys.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest set of keys that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// Where keys are: a JSON Web Key Set in a file or at a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file.
    File(PathBuf),
    /// An `https` URL, or an `http` one.
    Url(Uri),
}

impl FromStr for KeySource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = text.parse::<Uri>().ok();
        let url = url.filter(|url| matches!(url.scheme_str(), Some("http" | "https")));
        Ok(url.map_or_else(|| Self::File(text.into()), Self::Url))
    }
}

/// Keys could not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the keys at {place} cannot be read: {reason}")]
pub struct KeysUnavailable {
    place: String,
    reason: String,
}

/// The keys as they were read last.
#[derive(Debug)]
pub(super) struct Keys {
    source: KeySource,
    current: std::sync::Mutex<Arc<Known>>,
    /// Held while keys are read, so that this is done once for all who wait.
    reading: Mutex<()>,
}

#[derive(Debug)]
struct Known {
    keys: JwkSet,
    since: Instant,
}

impl Keys {
    pub(super) async fn open(source: KeySource) -> Result<Self, KeysUnavailable> {
        let keys = source.read().await?;
        Ok(Self {
            source,
            current: std::sync::Mutex::new(Arc::new(Known::now(keys))),
            reading: Mutex::default(),
        })
    }

    /// The user of a token. Keys are read again where none fits, and from time to time.
    pub(super) async fn verify(&self, token: &str, rules: &Rules) -> Result<User, Refusal> {
        let header = token::header(token)?;
        let mut known = self.current();
        let mut keys = token::candidates(&known.keys, &header);
        let age = known.since.elapsed();
        if age >= FRESH || (keys.is_empty() && age >= AGAIN) {
            known = self.renewed(&known).await?;
            keys = token::candidates(&known.keys, &header);
        }
        rules.verify(token, &header, &keys)
    }

    fn current(&self) -> Arc<Known> {
        let current = self.current.lock();
        Arc::clone(&current.unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    async fn renewed(&self, old: &Arc<Known>) -> Result<Arc<Known>, Refusal> {
        let _alone = self.reading.lock().await;
        let current = self.current();
        if !Arc::ptr_eq(&current, old) {
            return Ok(current);
        }
        let keys = match self.source.read().await {
            Ok(keys) => keys,
            // What is known still holds for a while; the next one tries again.
            Err(error) if old.since.elapsed() < FRESH => return Err(Refusal::Keys(error)),
            Err(error) => {
                tracing::warn!(%error, "old keys are kept");
                old.keys.clone()
            }
        };
        info!(keys = keys.keys.len(), "keys were read again");
        let known = Arc::new(Known::now(keys));
        *self
            .current
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::clone(&known);
        Ok(known)
    }
}

impl Known {
    fn now(keys: JwkSet) -> Self {
        Self {
            keys,
            since: Instant::now(),
        }
    }
}

impl KeySource {
    async fn read(&self) -> Result<JwkSet, KeysUnavailable> {
        let (place, text) = match self {
            Self::File(path) => (
                path.display().to_string(),
                std::fs::read(path).map_err(|error| error.to_string()),
            ),
            Self::Url(url) => {
                let text = tokio::time::timeout(PATIENCE, fetch(url.clone())).await;
                let text = text.unwrap_or_else(|_| Err("it took too long".to_owned()));
                (url.to_string(), text)
            }
        };
        let keys = text.and_then(|text| {
            let keys: JwkSet = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
            if keys.keys.is_empty() {
                return Err("there are none".to_owned());
            }
            Ok(keys)
        });
        keys.map_err(|reason| KeysUnavailable { place, reason })
    }
}

async fn fetch(url: Uri) -> Result<Vec<u8>, String> {
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .build();
    let client: Client<_, Empty<bytes::Bytes>> =
        Client::builder(TokioExecutor::new()).build(connector);
    let response = client.get(url).await.map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        return Err(format!("status {}", response.status()));
    }
    let body = Limited::new(response.into_body(), LARGEST).collect().await;
    let body = body.map_err(|error| error.to_string())?;
    Ok(body.to_bytes().to_vec())
}
