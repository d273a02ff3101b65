//! Pushes artifacts to registries and pulls components from them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http_auth::parse_challenges;
use reqwest::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION, WWW_AUTHENTICATE,
};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use thiserror::Error;

use super::artifact::{Artifact, Content, Descriptor, MANIFEST_TYPE, Manifest};
use super::artifact::{NotAComponent, NotAnArtifact};
use super::cache::Cache;
use super::credentials::{Credentials, CredentialsError};
use super::host::Host;
use super::http::{Http, HttpError};
use super::reference::{Digest, Reference};

/// The manifests that registries are asked for. The others are asked for to name what they are.
const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";
/// The header with the digest of a manifest.
const DIGEST_HEADER: &str = "docker-content-digest";
/// The largest manifest that a registry must store.
const LARGEST_MANIFEST: u64 = 4 << 20;
/// The largest answer to a login.
const LARGEST_TOKEN: u64 = 1 << 20;
/// The bytes of an error that are read. A longer one is told by its status.
const LARGEST_REASON: u64 = 64 << 10;

/// Options of a [`Client`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// Uses HTTP instead of HTTPS for registries on this machine.
    pub plain_http: bool,
    /// The time limit for a connection, a login, a manifest, and each pause in a download. A whole
    /// component has twice as long, and as long again for each 512 KiB.
    pub timeout: Duration,
    /// The largest component that is pulled, in bytes.
    pub max_bytes: u64,
    /// Keeps what was pulled, if set.
    pub cache: Option<Cache>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            plain_http: false,
            timeout: Duration::from_secs(30),
            max_bytes: 256 << 20,
            cache: None,
        }
    }
}

/// Pushes and pulls. Must be used within a tokio runtime.
#[derive(Clone, Debug, Default)]
pub struct Client {
    options: ClientOptions,
}

/// The purpose of a connection, for which registries give different permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// To read.
    Pull,
    /// To write.
    Push,
}

/// The result of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The tag is new, or was moved to this content.
    Pushed,
    /// The tag had this content already.
    Unchanged,
}

/// A component that was pulled.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pulled {
    /// The reference to this content.
    pub pinned: Reference,
    /// The component.
    pub component: Vec<u8>,
    /// The digest of the component.
    pub layer: Digest,
    /// The component came from the cache.
    pub is_from_cache: bool,
    /// The reason for which the component could not be kept in the cache.
    pub not_kept: Option<String>,
}

/// A push or a pull that failed, with the remedy if it is known.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// No answer.
    #[error("{host}: cannot reach the registry: {reason}")]
    Unreachable {
        /// The registry.
        host: Host,
        /// The problem found.
        reason: String,
    },
    /// The answer took too long.
    #[error(
        "{host}: the registry has not answered for {} s: --registry-timeout changes the limit",
        timeout.as_secs_f64()
    )]
    Timeout {
        /// The registry.
        host: Host,
        /// The time limit.
        timeout: Duration,
    },
    /// A component took too long.
    #[error(
        "{host}: the transfer of {bytes} bytes took longer than {} s: --registry-timeout changes the \
         limit",
        limit.as_secs_f64()
    )]
    TooSlow {
        /// The registry.
        host: Host,
        /// The size of the component.
        bytes: u64,
        /// The time limit for this size.
        limit: Duration,
    },
    /// The registry leads elsewhere without encryption.
    #[error(
        "{host}: the registry leads to {url}, which is not encrypted: expected https://, so tell the \
         registry's operator"
    )]
    Unencrypted {
        /// The registry.
        host: Host,
        /// The scheme and the host that it names.
        url: String,
    },
    /// The registry refuses the credentials, or asks for some.
    #[error("{reference}: the registry refuses {}{}", requester(.user.as_ref()), remedy(.user.as_ref(), reference.host()))]
    Refused {
        /// The artifact.
        reference: Box<Reference>,
        /// The user; `None` if the request was anonymous.
        user: Option<String>,
    },
    /// There is no such artifact.
    #[error("{reference}: the registry has no such {}", absent(reference))]
    Missing {
        /// The artifact.
        reference: Box<Reference>,
    },
    /// The credentials cannot be read.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// HTTP was asked for a registry elsewhere.
    #[error(
        "{host}: --plain-http is for registries on this machine: it would send the credentials \
         unencrypted"
    )]
    PlainHttp {
        /// The registry.
        host: Host,
    },
    /// The artifact is not a component.
    #[error("{reference} is {what}")]
    NotAnArtifact {
        /// The artifact.
        reference: Box<Reference>,
        /// The kind of artifact.
        what: NotAnArtifact,
    },
    /// The layer is not a component.
    #[error("{reference} is {what}")]
    NotAComponent {
        /// The artifact.
        reference: Box<Reference>,
        /// The kind of content.
        what: NotAComponent,
    },
    /// The component is too large.
    #[error(
        "{reference}: the component has {bytes} bytes, more than the limit of {limit}: \
         --max-component changes the limit"
    )]
    TooLarge {
        /// The artifact.
        reference: Box<Reference>,
        /// The size that the manifest or the registry names.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The registry sent other bytes than it should.
    #[error(
        "{reference}: the registry sent other bytes than the digest says: expected {expected}, found \
         {found}: try again, and tell the registry's operator if it stays so"
    )]
    WrongDigest {
        /// The artifact.
        reference: Box<Reference>,
        /// The digest named by the reference, the manifest or the header.
        expected: String,
        /// The digest of what was sent.
        found: String,
    },
    /// The registry sent more or less bytes than it should.
    #[error("{reference}: the registry sent {found} bytes of the component: expected {expected}")]
    WrongSize {
        /// The artifact.
        reference: Box<Reference>,
        /// The size in the manifest.
        expected: u64,
        /// The number of bytes sent, up to the first too many.
        found: u64,
    },
    /// A push without a tag.
    #[error("{reference}: a push needs a tag and no digest, such as {}/{}:1.0", reference.host(), reference.repository())]
    NotATag {
        /// The reference.
        reference: Box<Reference>,
    },
    /// Anything else.
    #[error("{reference}: {reason}")]
    Other {
        /// The artifact.
        reference: Box<Reference>,
        /// The problem found.
        reason: String,
    },
}

/// Keeps errors small.
fn boxed(reference: &Reference) -> Box<Reference> {
    Box::new(reference.clone())
}

fn requester(user: Option<&String>) -> &str {
    user.map_or("anonymous requests", String::as_str)
}

fn remedy(user: Option<&String>, host: &Host) -> String {
    match user {
        Some(_) => format!(
            ": log in again, for example with `docker login {host}`, or ask the owner of the \
             repository for access"
        ),
        None => format!(
            " (or has no such artifact): run `docker login {host}` or `podman login {host}`"
        ),
    }
}

fn absent(reference: &Reference) -> String {
    match (reference.digest(), reference.tag()) {
        (Some(_), _) => "content".to_owned(),
        (None, tag) => format!("tag: is `{}` right?", tag.unwrap_or_default()),
    }
}

impl Client {
    /// Creates a client. It connects to registries when they are needed.
    pub fn new(options: ClientOptions) -> Self {
        Self { options }
    }

    /// Refuses HTTP for a registry elsewhere, where it would be ignored.
    ///
    /// # Errors
    ///
    /// If HTTP was asked for, and the registry is not on this machine.
    pub fn check_plain_http(&self, reference: &Reference) -> Result<(), RegistryError> {
        let host = reference.host();
        if self.options.plain_http && !host.is_loopback() {
            return Err(RegistryError::PlainHttp { host: host.clone() });
        }
        Ok(())
    }

    /// Pulls a component. `begun` is called with the number of bytes before they are downloaded.
    ///
    /// A reference with a digest that is in the cache needs no connection.
    ///
    /// # Errors
    ///
    /// If the registry cannot be reached or refuses, or if it sends anything but a component of at
    /// most the allowed size with the right digest.
    pub async fn pull(
        &self,
        reference: &Reference,
        begun: impl FnOnce(u64),
    ) -> Result<Pulled, RegistryError> {
        let cached = |digest: &Digest, most| self.options.cache.as_ref()?.get(digest, most);
        let mut connection = None;
        let kept = reference.digest();
        let kept = kept.and_then(|digest| cached(digest, LARGEST_MANIFEST));
        let (text, is_new) = match kept {
            Some(text) => (text, false),
            None => {
                let opened = self.connect(reference, None, Operation::Pull).await?;
                let text = opened.manifest().await?;
                connection = Some(opened);
                (text, true)
            }
        };
        let pinned = reference.pinned(Digest::of(&text));
        let manifest = Manifest::read(&text).map_err(|what| RegistryError::NotAnArtifact {
            reference: boxed(reference),
            what,
        })?;
        let layer = &manifest.layer;
        if layer.size > self.options.max_bytes {
            return Err(RegistryError::TooLarge {
                reference: boxed(reference),
                bytes: layer.size,
                limit: self.options.max_bytes,
            });
        }
        let kept = cached(&layer.digest, layer.size);
        let is_from_cache = kept.is_some();
        let component = match kept {
            Some(component) => component,
            None => {
                begun(layer.size);
                let connection = match connection {
                    Some(connection) => connection,
                    None => self.connect(reference, None, Operation::Pull).await?,
                };
                connection.layer(layer).await?
            }
        };
        Content::of_component(&component).map_err(|what| RegistryError::NotAComponent {
            reference: boxed(reference),
            what,
        })?;
        let not_kept = self.options.cache.as_ref().and_then(|cache| {
            // The component first: a manifest in the cache promises it.
            let component = (!is_from_cache).then_some(&component);
            let blobs = component.into_iter().chain(is_new.then_some(&text));
            let mut failures = blobs.filter_map(|blob| cache.put(blob).err());
            let error = failures.next()?;
            Some(format!("{}: {error}", cache.folder().display()))
        });
        Ok(Pulled {
            pinned,
            layer: layer.digest.clone(),
            component,
            is_from_cache,
            not_kept,
        })
    }

    /// Connects to a registry, with credentials or with those that container tools keep.
    ///
    /// # Errors
    ///
    /// If the registry cannot be reached, or refuses the credentials at once.
    pub async fn connect(
        &self,
        reference: &Reference,
        credentials: Option<Credentials>,
        operation: Operation,
    ) -> Result<Connection, RegistryError> {
        let host = reference.host();
        let plain_http = self.options.plain_http && host.is_loopback();
        let timeout = self.options.timeout;
        let credentials = match credentials {
            Some(credentials) => credentials,
            None => of_container_tools(reference, timeout).await?,
        };
        let failed = |reason: String| RegistryError::Unreachable {
            host: host.clone(),
            reason,
        };
        let connection = Connection {
            http: Http::new(host, plain_http, timeout).map_err(failed)?,
            base: base(host, plain_http).map_err(failed)?,
            reference: reference.clone(),
            repository: repository(reference),
            operation,
            credentials,
            authorization: Mutex::new(Authorization::None),
            timeout,
            plain_http,
        };
        connection.begin().await?;
        Ok(connection)
    }
}

/// Reads the credentials that container tools keep. A helper of theirs may wait for a person.
async fn of_container_tools(
    reference: &Reference,
    timeout: Duration,
) -> Result<Credentials, RegistryError> {
    let named = reference.clone();
    let read = tokio::task::spawn_blocking(move || {
        Credentials::of_container_tools(named.host(), named.repository())
    });
    match tokio::time::timeout(timeout, read).await {
        Ok(Ok(credentials)) => Ok(credentials?),
        Ok(Err(error)) => Err(RegistryError::Other {
            reference: boxed(reference),
            reason: format!("the credentials cannot be read: {error}"),
        }),
        Err(_) => Err(RegistryError::Credentials(CredentialsError::Timeout {
            host: reference.host().clone(),
            timeout,
        })),
    }
}

/// Returns the URL of a registry.
fn base(host: &Host, plain_http: bool) -> Result<Url, String> {
    let scheme = if plain_http { "http" } else { "https" };
    let host = match host.as_str() {
        // Docker's registry has another name on the network.
        "docker.io" => "index.docker.io",
        host => host,
    };
    let url = Url::parse(&format!("{scheme}://{host}/"));
    url.map_err(|error| error.to_string())
}

/// Returns the name of a repository in the URLs of its registry.
fn repository(reference: &Reference) -> String {
    let name = reference.repository();
    match (reference.host().as_str(), name.contains('/')) {
        // Docker's registry keeps these in a folder that people leave out.
        ("docker.io", false) => format!("library/{name}"),
        _ => name.to_owned(),
    }
}

/// The proof that a registry asks for.
#[derive(Clone)]
enum Authorization {
    None,
    Basic(String, String),
    Bearer(String),
}

/// The answer of a server of tokens, which has one of two names for the token.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// The errors in an answer.
#[derive(Deserialize)]
struct Reasons {
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// A connection to a registry for one artifact.
pub struct Connection {
    http: Http,
    base: Url,
    reference: Reference,
    repository: String,
    operation: Operation,
    credentials: Credentials,
    authorization: Mutex<Authorization>,
    timeout: Duration,
    plain_http: bool,
}

impl Connection {
    /// Returns the digest that the tag has, if the registry has it.
    ///
    /// # Errors
    ///
    /// If the registry fails.
    pub async fn digest(&self) -> Result<Option<Digest>, RegistryError> {
        let url = self.manifest_url()?;
        let request = self.http.client().head(url.clone());
        let request = request.header(ACCEPT, ACCEPTED);
        let response = self.send(&url, request, self.timeout).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response, true).await);
        }
        if let Some(digest) = self.named_digest(response.headers())? {
            return Ok(Some(digest));
        }
        match self.manifest().await {
            Ok(text) => Ok(Some(Digest::of(&text))),
            Err(RegistryError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Uploads an artifact under the tag, unless the tag has this content already.
    ///
    /// # Errors
    ///
    /// If the reference has no tag, or if the registry refuses or stores something else.
    pub async fn push(&self, artifact: &Artifact) -> Result<Outcome, RegistryError> {
        if self.reference.digest().is_some() || self.reference.tag().is_none() {
            return Err(RegistryError::NotATag {
                reference: boxed(&self.reference),
            });
        }
        let expected = artifact.digest();
        match self.digest().await {
            Ok(Some(found)) if found == expected => return Ok(Outcome::Unchanged),
            // Some users may write and not read.
            Ok(_) | Err(RegistryError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        for blob in [&artifact.layer, &artifact.config] {
            self.upload(blob).await?;
        }
        let stored = self.upload_manifest(&artifact.manifest).await?;
        let found = match self.digest().await {
            Err(RegistryError::Refused { .. }) => stored.or_else(|| Some(expected.clone())),
            found => found?,
        };
        match found {
            Some(found) if found == expected => Ok(Outcome::Pushed),
            found => Err(RegistryError::WrongDigest {
                reference: boxed(&self.reference),
                expected: expected.to_string(),
                found: found.map_or("nothing".to_owned(), |found| found.to_string()),
            }),
        }
    }

    /// Uploads a blob as a whole.
    async fn upload(&self, blob: &[u8]) -> Result<(), RegistryError> {
        let url = self.url("blobs/uploads/")?;
        let request = self.http.client().post(url.clone());
        let request = request.header(CONTENT_LENGTH, 0);
        let response = self.send(&url, request, self.timeout).await?;
        if response.status() != StatusCode::ACCEPTED {
            return Err(self.refusal(response, false).await);
        }
        let location = response.headers().get(LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        let location = location.and_then(|location| response.url().join(location).ok());
        let Some(mut url) = location else {
            return Err(self.other("the registry does not say where to upload to".to_owned()));
        };
        url.query_pairs_mut()
            .append_pair("digest", Digest::of(blob).as_str());
        let bytes = blob.len() as u64;
        let request = self.http.client().put(url.clone());
        let request = request.header(CONTENT_TYPE, "application/octet-stream");
        let request = request.body(blob.to_vec());
        let limit = self.http.limit(bytes);
        let sent = self.send(&url, request, limit).await;
        let response = sent.map_err(|error| self.in_transfer(error, bytes, limit))?;
        if response.status().is_success() {
            Ok(())
        } else {
            Err(self.refusal(response, false).await)
        }
    }

    /// Uploads the manifest, and returns the digest that the registry names.
    async fn upload_manifest(&self, manifest: &[u8]) -> Result<Option<Digest>, RegistryError> {
        let url = self.manifest_url()?;
        let request = self.http.client().put(url.clone());
        let request = request.header(CONTENT_TYPE, MANIFEST_TYPE);
        let request = request.body(manifest.to_vec());
        let response = self.send(&url, request, self.timeout).await?;
        if response.status().is_success() {
            self.named_digest(response.headers())
        } else {
            Err(self.refusal(response, false).await)
        }
    }

    /// Downloads the manifest.
    async fn manifest(&self) -> Result<Vec<u8>, RegistryError> {
        let url = self.manifest_url()?;
        let request = self.http.client().get(url.clone());
        let request = request.header(ACCEPT, ACCEPTED);
        let response = self.send(&url, request, self.timeout).await?;
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response, true).await);
        }
        let named = self.named_digest(response.headers())?;
        let text = self.http.body(response, LARGEST_MANIFEST).await;
        let text = text.map_err(|error| self.failed(error, "the manifest"))?;
        let found = Digest::of(&text);
        let expected = self.reference.digest().cloned().or(named);
        match expected {
            Some(expected) if expected != found => {
                Err(self.wrong_digest(expected.to_string(), found.to_string()))
            }
            _ => Ok(text),
        }
    }

    /// Downloads the layer, no more than its size.
    async fn layer(&self, layer: &Descriptor) -> Result<Vec<u8>, RegistryError> {
        let wrong_size = |found: u64| RegistryError::WrongSize {
            reference: boxed(&self.reference),
            expected: layer.size,
            found,
        };
        let url = self.url(&format!("blobs/{}", layer.digest))?;
        let request = self.http.client().get(url.clone());
        let limit = self.http.limit(layer.size);
        // Before the limit begins to count: a download that reaches it has taken that long.
        let began = std::time::Instant::now();
        let sent = tokio::time::timeout(self.timeout, self.send(&url, request, limit));
        let mut response = match sent.await {
            Ok(response) => response?,
            Err(_) => return Err(self.failed(HttpError::Timeout, "")),
        };
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response, false).await);
        }
        if let Some(length) = response.content_length()
            && length != layer.size
        {
            return Err(wrong_size(length));
        }
        let mut bytes = Vec::new();
        loop {
            let piece = match self.http.next(&mut response).await {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                Err(HttpError::Unreachable(cause)) => {
                    let cause = format!("the download ended early: {cause}");
                    return Err(self.failed(HttpError::Unreachable(cause), ""));
                }
                Err(HttpError::Timeout) if began.elapsed() >= limit => {
                    let error = self.failed(HttpError::Timeout, "");
                    return Err(self.in_transfer(error, layer.size, limit));
                }
                Err(error) => return Err(self.failed(error, "")),
            };
            let found = (bytes.len() + piece.len()) as u64;
            if found > layer.size {
                return Err(wrong_size(found));
            }
            bytes.extend_from_slice(&piece);
        }
        let found = Digest::of(&bytes);
        if found != layer.digest {
            return Err(self.wrong_digest(layer.digest.to_string(), found.to_string()));
        }
        Ok(bytes)
    }

    /// Asks the registry which proof it wants, and gets that.
    async fn begin(&self) -> Result<(), RegistryError> {
        let url = self.at("v2/")?;
        let request = self.http.client().get(url);
        let sent = self.http.send(request, self.timeout).await;
        let response = sent.map_err(|error| self.failed(error, ""))?;
        if response.status() == StatusCode::UNAUTHORIZED {
            self.log_in(response.headers()).await?;
        }
        Ok(())
    }

    /// Sends a request with the proof that the registry wants, and once more with a new one if the
    /// registry asks for it: a token does not last long.
    async fn send(
        &self,
        url: &Url,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<Response, RegistryError> {
        self.check(url)?;
        // Credentials and tokens are for the registry alone.
        let is_ours = url.origin() == self.base.origin();
        let again = request.try_clone().filter(|_| is_ours);
        let request = if is_ours {
            self.authorized(request)
        } else {
            request
        };
        let sent = self.http.send(request, limit).await;
        let response = sent.map_err(|error| self.failed(error, ""))?;
        match again {
            Some(again) if response.status() == StatusCode::UNAUTHORIZED => {
                if !self.log_in(response.headers()).await? {
                    return Ok(response);
                }
                let sent = self.http.send(self.authorized(again), limit).await;
                sent.map_err(|error| self.failed(error, ""))
            }
            _ => Ok(response),
        }
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        let authorization = self.authorization.lock();
        let authorization = authorization.unwrap_or_else(PoisonError::into_inner);
        match &*authorization {
            Authorization::None => request,
            Authorization::Basic(user, password) => request.basic_auth(user, Some(password)),
            Authorization::Bearer(token) => request.bearer_auth(token),
        }
    }

    /// Answers a challenge of the registry, and returns whether there is anything new to send.
    async fn log_in(&self, headers: &HeaderMap) -> Result<bool, RegistryError> {
        let texts = headers.get_all(WWW_AUTHENTICATE).iter();
        let texts: Vec<&str> = texts.filter_map(|text| text.to_str().ok()).collect();
        let challenges = texts.iter().filter_map(|text| parse_challenges(text).ok());
        let challenges: Vec<_> = challenges.flatten().collect();
        let of_scheme = |scheme: &str| {
            let mut challenges = challenges.iter();
            challenges.find(|it| it.scheme.eq_ignore_ascii_case(scheme))
        };
        let new = if let Some(bearer) = of_scheme("Bearer") {
            let parameter = |name: &str| {
                let mut parameters = bearer.params.iter();
                let found = parameters.find(|(other, _)| other.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.to_unescaped())
            };
            let realm = parameter("realm").unwrap_or_default();
            let service = parameter("service");
            Authorization::Bearer(self.token(&realm, service.as_deref()).await?)
        } else if let (Some(_), Some((user, password))) =
            (of_scheme("Basic"), &self.credentials.login)
        {
            Authorization::Basic(user.clone(), password.clone())
        } else {
            return Ok(false);
        };
        let before = self.authorization.lock();
        let mut before = before.unwrap_or_else(PoisonError::into_inner);
        let is_new = !matches!(
            (&*before, &new),
            (Authorization::Basic(..), Authorization::Basic(..))
        );
        *before = new;
        Ok(is_new)
    }

    /// Gets a token from the server that the registry names, which may be another one.
    async fn token(&self, realm: &str, service: Option<&str>) -> Result<String, RegistryError> {
        let Ok(mut url) = Url::parse(realm) else {
            return Err(self.other(format!(
                "the registry asks for a token of `{realm}`: expected a URL"
            )));
        };
        self.check(&url)?;
        let actions = match self.operation {
            Operation::Pull => "pull",
            Operation::Push => "pull,push",
        };
        let scope = format!("repository:{}:{actions}", self.repository);
        url.query_pairs_mut().append_pair("scope", &scope);
        if let Some(service) = service {
            url.query_pairs_mut().append_pair("service", service);
        }
        let server = url.host_str().unwrap_or_default().to_owned();
        let request = self.http.client().get(url);
        let request = match &self.credentials.login {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None => request,
        };
        let failed = |error| self.failed(error, "the answer of the token server");
        let sent = self.http.send(request, self.timeout).await;
        let response = sent.map_err(failed)?;
        if response.status() != StatusCode::OK {
            let who = format!("the token server {server}");
            return Err(self.refusal_of(&who, response, false).await);
        }
        let text = self.http.body(response, LARGEST_TOKEN).await;
        let text = text.map_err(failed)?;
        let token: Option<Token> = serde_json::from_slice(&text).ok();
        let token = token.and_then(|it| it.token.or(it.access_token));
        // It becomes a header.
        let is_token =
            |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        token
            .filter(is_token)
            .ok_or_else(|| self.other(format!("the token server {server} sent no usable token")))
    }

    fn check(&self, url: &Url) -> Result<(), RegistryError> {
        self.http.check(url).map_err(|error| self.failed(error, ""))
    }

    /// Returns a URL of the registry.
    fn at(&self, path: &str) -> Result<Url, RegistryError> {
        let url = self.base.join(path);
        url.map_err(|error| self.other(format!("the reference is no part of a URL: {error}")))
    }

    /// Returns a URL of the repository.
    fn url(&self, path: &str) -> Result<Url, RegistryError> {
        self.at(&format!("v2/{}/{path}", self.repository))
    }

    fn manifest_url(&self) -> Result<Url, RegistryError> {
        let name = match (self.reference.digest(), self.reference.tag()) {
            (Some(digest), _) => digest.as_str(),
            (None, tag) => tag.unwrap_or_default(),
        };
        self.url(&format!("manifests/{name}"))
    }

    /// Returns the digest of a manifest that a header names.
    fn named_digest(&self, headers: &HeaderMap) -> Result<Option<Digest>, RegistryError> {
        let Some(digest) = headers.get(DIGEST_HEADER) else {
            return Ok(None);
        };
        let digest = String::from_utf8_lossy(digest.as_bytes());
        match digest.parse() {
            Ok(digest) => Ok(Some(digest)),
            Err(problem) => Err(self.other(format!("the registry named `{digest}`: {problem}"))),
        }
    }

    fn wrong_digest(&self, expected: String, found: String) -> RegistryError {
        RegistryError::WrongDigest {
            reference: boxed(&self.reference),
            expected,
            found,
        }
    }

    fn other(&self, reason: String) -> RegistryError {
        RegistryError::Other {
            reference: boxed(&self.reference),
            reason,
        }
    }

    /// Describes a request without a complete answer. `what` would be the answer.
    fn failed(&self, error: HttpError, what: &str) -> RegistryError {
        let host = self.reference.host().clone();
        match error {
            HttpError::Timeout => RegistryError::Timeout {
                host,
                timeout: self.timeout,
            },
            HttpError::Unencrypted(unencrypted) => RegistryError::Unencrypted {
                host,
                url: unencrypted.0,
            },
            HttpError::TooLarge(most) => self.other(format!("{what} has more than {most} bytes")),
            HttpError::Unreachable(mut reason) => {
                if host.is_loopback() && !self.plain_http {
                    reason += ": --plain-http speaks HTTP to registries on this machine";
                }
                RegistryError::Unreachable { host, reason }
            }
        }
    }

    /// Describes the failure of a request whose time depends on its size.
    fn in_transfer(&self, error: RegistryError, bytes: u64, limit: Duration) -> RegistryError {
        match error {
            RegistryError::Timeout { host, .. } => RegistryError::TooSlow { host, bytes, limit },
            error => error,
        }
    }

    /// Describes an answer of the registry that is not a success. With `names_artifact`, it may mean
    /// that there is no such artifact.
    async fn refusal(&self, response: Response, names_artifact: bool) -> RegistryError {
        self.refusal_of("the registry", response, names_artifact)
            .await
    }

    async fn refusal_of(
        &self,
        who: &str,
        response: Response,
        names_artifact: bool,
    ) -> RegistryError {
        let status = response.status();
        let text = self.http.body(response, LARGEST_REASON).await;
        let reasons: Option<Reasons> = text.ok().and_then(|it| serde_json::from_slice(&it).ok());
        let reasons = reasons.map(|it| it.errors).unwrap_or_default();
        let reference = boxed(&self.reference);
        let is_refusal = |it: &Reason| matches!(it.code.as_str(), "DENIED" | "UNAUTHORIZED");
        let is_absence = |it: &Reason| {
            let codes = [
                "MANIFEST_UNKNOWN",
                "NAME_UNKNOWN",
                "BLOB_UNKNOWN",
                "NOT_FOUND",
            ];
            codes.contains(&it.code.as_str())
        };
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
            || (status.is_client_error() && reasons.iter().any(is_refusal))
        {
            let user = self.credentials.user.clone();
            return RegistryError::Refused { reference, user };
        }
        let is_absent = !reasons.is_empty() && reasons.iter().all(is_absence);
        if names_artifact && (status == StatusCode::NOT_FOUND || is_absent) {
            return RegistryError::Missing { reference };
        }
        let reasons = reasons.iter().map(|it| match it.message.as_str() {
            "" => it.code.as_str(),
            message => message,
        });
        let reasons: Vec<&str> = reasons.filter(|reason| !reason.is_empty()).collect();
        self.other(if reasons.is_empty() {
            format!("{who} answers with the HTTP status {}", status.as_u16())
        } else {
            format!("{who} says: {}", reasons.join("; "))
        })
    }
}
