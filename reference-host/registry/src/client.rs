//! Pushes artifacts to registries and pulls components from them.

use std::error::Error;
use std::time::Duration;

use futures::StreamExt as _;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::{DigestError, OciDistributionError, OciErrorCode};
use oci_client::manifest::OciDescriptor;
use oci_client::{Reference as OciReference, RegistryOperation};
use thiserror::Error;

use super::artifact::{
    Artifact, Content, Descriptor, LAYER_TYPE, MANIFEST_TYPE, Manifest, NotAComponent,
    NotAnArtifact,
};
use super::cache::Cache;
use super::credentials::{Credentials, CredentialsError};
use super::host::Host;
use super::reference::{Digest, Reference};

/// The manifests that registries are asked for. The others are asked for to name what they are.
const ACCEPTED: [&str; 4] = [
    MANIFEST_TYPE,
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
/// The largest manifest that a registry must store.
const LARGEST_MANIFEST: u64 = 4 << 20;

/// Options of a [`Client`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// Uses HTTP instead of HTTPS for registries on this machine.
    pub plain_http: bool,
    /// The time limit for a connection, and for each pause in an answer.
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
        Some(_) => String::new(),
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
        let protocol = if self.options.plain_http && host.is_loopback() {
            ClientProtocol::Http
        } else {
            ClientProtocol::Https
        };
        let credentials = match credentials {
            Some(credentials) => credentials,
            None => Credentials::of_container_tools(host, reference.repository())?,
        };
        // An error means that the process already has a provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let connection = Connection {
            client: oci_client::Client::new(ClientConfig {
                protocol,
                read_timeout: Some(self.options.timeout),
                connect_timeout: Some(self.options.timeout),
                user_agent: concat!("wasi-mcp/", env!("CARGO_PKG_VERSION")),
                ..ClientConfig::default()
            }),
            reference: reference.clone(),
            name: oci_reference(reference),
            credentials,
            timeout: self.options.timeout,
            plain_http: self.options.plain_http,
        };
        let operation = match operation {
            Operation::Pull => RegistryOperation::Pull,
            Operation::Push => RegistryOperation::Push,
        };
        connection
            .client
            .auth(&connection.name, &connection.credentials.auth, operation)
            .await
            .map_err(|error| connection.explain(error))?;
        Ok(connection)
    }
}

/// Returns the reference in the form of the client library. Its own parser would complete names.
fn oci_reference(reference: &Reference) -> OciReference {
    let (host, name) = (
        reference.host().to_string(),
        reference.repository().to_owned(),
    );
    let name = match (reference.host().as_str(), name.contains('/')) {
        // Docker's registry keeps these in a folder that people leave out.
        ("docker.io", false) => format!("library/{name}"),
        _ => name,
    };
    match (reference.digest(), reference.tag()) {
        (Some(digest), _) => OciReference::with_digest(host, name, digest.to_string()),
        (None, tag) => OciReference::with_tag(host, name, tag.unwrap_or_default().to_owned()),
    }
}

/// A connection to a registry for one artifact.
pub struct Connection {
    client: oci_client::Client,
    reference: Reference,
    name: OciReference,
    credentials: Credentials,
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
        let found = self
            .client
            .fetch_manifest_digest(&self.name, &self.credentials.auth)
            .await;
        match found {
            Ok(digest) => match digest.parse() {
                Ok(digest) => Ok(Some(digest)),
                Err(problem) => {
                    Err(self.other(format!("the registry named `{digest}`: {problem}")))
                }
            },
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(self.explain(error)),
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
        if self.digest().await?.as_ref() == Some(&expected) {
            return Ok(Outcome::Unchanged);
        }
        self.upload(artifact)
            .await
            .map_err(|error| self.explain(error))?;
        match self.digest().await? {
            Some(found) if found == expected => Ok(Outcome::Pushed),
            found => Err(RegistryError::WrongDigest {
                reference: boxed(&self.reference),
                expected: expected.to_string(),
                found: found.map_or("nothing".to_owned(), |found| found.to_string()),
            }),
        }
    }

    async fn upload(&self, artifact: &Artifact) -> Result<(), OciDistributionError> {
        let Artifact {
            layer,
            config,
            manifest,
        } = artifact;
        for blob in [layer, config] {
            let digest = Digest::of(blob);
            self.client
                .push_blob(&self.name, blob.clone(), digest.as_str())
                .await?;
        }
        let media_type = MANIFEST_TYPE
            .parse()
            .expect("the media type is a header value");
        self.client
            .push_manifest_raw(&self.name, manifest.clone(), media_type)
            .await?;
        Ok(())
    }

    /// Downloads the manifest.
    async fn manifest(&self) -> Result<Vec<u8>, RegistryError> {
        let auth = &self.credentials.auth;
        let pulled = self.client.pull_manifest_raw(&self.name, auth, &ACCEPTED);
        let (text, _) = pulled.await.map_err(|error| self.explain(error))?;
        let found = Digest::of(&text);
        match self.reference.digest() {
            Some(expected) if *expected != found => {
                Err(self.wrong_digest(expected.to_string(), found.to_string()))
            }
            _ => Ok(text.into()),
        }
    }

    /// Downloads the layer, no more than its size.
    async fn layer(&self, layer: &Descriptor) -> Result<Vec<u8>, RegistryError> {
        let descriptor = OciDescriptor {
            media_type: LAYER_TYPE.to_owned(),
            digest: layer.digest.to_string(),
            // Further URLs of the manifest are not followed.
            urls: None,
            ..OciDescriptor::default()
        };
        let wrong_size = |found: u64| RegistryError::WrongSize {
            reference: boxed(&self.reference),
            expected: layer.size,
            found,
        };
        let auth = &self.credentials.auth;
        self.client
            .store_auth_if_needed(self.name.resolve_registry(), auth)
            .await;
        let mut stream = self
            .client
            .pull_blob_stream(&self.name, &descriptor)
            .await
            .map_err(|error| self.explain(error))?;
        if let Some(length) = stream.content_length.filter(|length| *length != layer.size) {
            return Err(wrong_size(length));
        }
        let mut bytes = Vec::new();
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|error| self.interrupted(&error))?;
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

    /// Describes a download that ends early.
    fn interrupted(&self, error: &std::io::Error) -> RegistryError {
        let inner = error.get_ref();
        if let Some(DigestError::VerificationError { expected, actual }) =
            inner.and_then(|inner| inner.downcast_ref::<DigestError>())
        {
            return self.wrong_digest(expected.clone(), actual.clone());
        }
        let cause = match inner {
            Some(inner) => cause(inner),
            None => error.to_string(),
        };
        if cause.contains("timed out") {
            return self.timeout();
        }
        RegistryError::Unreachable {
            host: self.reference.host().clone(),
            reason: format!("the download ended early: {cause}"),
        }
    }

    fn timeout(&self) -> RegistryError {
        RegistryError::Timeout {
            host: self.reference.host().clone(),
            timeout: self.timeout,
        }
    }

    /// Describes a failure.
    fn explain(&self, error: OciDistributionError) -> RegistryError {
        let reference = boxed(&self.reference);
        if is_refusal(&error) {
            let user = self.credentials.user.clone();
            return RegistryError::Refused { reference, user };
        }
        if is_absent(&error) {
            return RegistryError::Missing { reference };
        }
        match error {
            OciDistributionError::RequestError(error) if error.is_timeout() => self.timeout(),
            OciDistributionError::RequestError(error) if error.status().is_none() => {
                let mut reason = cause(&error);
                if reference.host().is_loopback() && !self.plain_http {
                    reason += ": --plain-http speaks HTTP to registries on this machine";
                }
                RegistryError::Unreachable {
                    host: reference.host().clone(),
                    reason,
                }
            }
            OciDistributionError::DigestError(DigestError::VerificationError {
                expected,
                actual,
            }) => self.wrong_digest(expected, actual),
            OciDistributionError::RegistryError { envelope, .. } => {
                let reasons = envelope
                    .errors
                    .iter()
                    .map(|error| match error.message.as_str() {
                        "" => format!("{:?}", error.code),
                        message => message.to_owned(),
                    });
                let reasons: Vec<String> = reasons.collect();
                self.other(format!("the registry says: {}", reasons.join("; ")))
            }
            OciDistributionError::ServerError { code, .. } => {
                self.other(format!("the registry answers with the HTTP status {code}"))
            }
            error => self.other(error.to_string()),
        }
    }
}

/// Returns the innermost cause of an error, which says most.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Returns whether an error means that the tag or repository does not exist.
fn is_absent(error: &OciDistributionError) -> bool {
    match error {
        OciDistributionError::ImageManifestNotFoundError(_) => true,
        OciDistributionError::ServerError { code, .. } => *code == 404,
        OciDistributionError::RegistryError { envelope, .. } => {
            envelope.errors.iter().all(|error| {
                matches!(
                    error.code,
                    OciErrorCode::ManifestUnknown
                        | OciErrorCode::NameUnknown
                        | OciErrorCode::BlobUnknown
                        | OciErrorCode::NotFound
                )
            })
        }
        _ => false,
    }
}

/// Returns whether an error means that the registry refuses the credentials.
fn is_refusal(error: &OciDistributionError) -> bool {
    match error {
        OciDistributionError::AuthenticationFailure(_)
        | OciDistributionError::UnauthorizedError { .. } => true,
        OciDistributionError::ServerError { code, .. } => matches!(code, 401 | 403),
        OciDistributionError::RegistryError { envelope, .. } => {
            envelope.errors.iter().any(|error| {
                matches!(
                    error.code,
                    OciErrorCode::Denied | OciErrorCode::Unauthorized
                )
            })
        }
        _ => false,
    }
}
