//! Uploads artifacts to an OCI registry.

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::{OciDistributionError, OciErrorCode};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference, RegistryOperation};

use crate::address::Address;
use crate::artifact::{Artifact, MANIFEST};

/// Names the user; takes precedence over Docker's configuration.
pub const USER: &str = "WASI_MCP_REGISTRY_USER";
/// The password or access token of the user.
pub const PASSWORD: &str = "WASI_MCP_REGISTRY_PASSWORD";

/// The result of publishing one artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The tag is new.
    Published,
    /// The tag had this content already.
    Unchanged,
}

/// Publishes artifacts in a namespace of a registry, and returns the reference and the digest of
/// each.
///
/// Checks all tags before the first upload, so that nothing is published if one is refused.
///
/// # Errors
///
/// If the registry cannot be reached, refuses the credentials or fails, or if a tag has other
/// content.
pub fn publish(
    address: &Address,
    plain_http: bool,
    artifacts: &[Artifact],
) -> Result<Vec<(String, String, Outcome)>> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start a runtime for network connections")?
        .block_on(async {
            let mut uploads = Vec::new();
            for artifact in artifacts {
                uploads.push(Upload::prepare(address, plain_http, artifact).await?);
            }
            let mut outcomes = Vec::new();
            for upload in uploads {
                let reference = upload.reference.to_string();
                let digest = upload.artifact.digest();
                outcomes.push((reference, digest, upload.run().await?));
            }
            Ok(outcomes)
        })
}

struct Upload<'a> {
    artifact: &'a Artifact,
    reference: Reference,
    credentials: Credentials,
    client: Client,
    outcome: Outcome,
}

impl<'a> Upload<'a> {
    /// Checks credentials and tag.
    async fn prepare(address: &Address, plain_http: bool, artifact: &'a Artifact) -> Result<Self> {
        let host = address.host();
        let text = address.reference(artifact);
        let reference: Reference = text
            .parse()
            .with_context(|| format!("{text}: expected the name of an OCI artifact"))?;
        ensure!(
            !plain_http || address.is_loopback(),
            "{host}: --plain-http is for registries on this machine: it would send the \
             credentials unencrypted"
        );
        let protocol = if plain_http {
            ClientProtocol::Http
        } else {
            ClientProtocol::Https
        };
        // An error means that the process already has a provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut upload = Self {
            artifact,
            credentials: Credentials::of(host)?,
            client: Client::new(ClientConfig {
                protocol,
                ..ClientConfig::default()
            }),
            reference,
            outcome: Outcome::Published,
        };
        let auth = &upload.credentials.auth;
        upload
            .client
            .auth(&upload.reference, auth, RegistryOperation::Push)
            .await
            .map_err(|error| upload.explain(error))?;
        let found = upload
            .client
            .fetch_manifest_digest(&upload.reference, auth)
            .await;
        let found = match found {
            Ok(digest) => Some(digest),
            Err(error) if is_absent(&error) => None,
            Err(error) => return Err(upload.explain(error)),
        };
        if let Some(found) = found {
            let ours = artifact.digest();
            ensure!(
                found == ours,
                "{}: the tag exists with other content: found {found}, expected {ours}; a \
                 published version never changes, so give the package a new version",
                upload.reference
            );
            upload.outcome = Outcome::Unchanged;
        }
        Ok(upload)
    }

    async fn run(self) -> Result<Outcome> {
        if self.outcome == Outcome::Published {
            self.push().await.map_err(|error| self.explain(error))?;
            let found = self
                .client
                .fetch_manifest_digest(&self.reference, &self.credentials.auth)
                .await
                .map_err(|error| self.explain(error))?;
            let ours = self.artifact.digest();
            ensure!(
                found == ours,
                "{}: the registry stored {found}, expected {ours}",
                self.reference
            );
        }
        Ok(self.outcome)
    }

    async fn push(&self) -> Result<(), OciDistributionError> {
        let Artifact {
            layer,
            config,
            manifest,
            ..
        } = self.artifact;
        for blob in [layer, config] {
            let digest = crate::artifact::digest(blob);
            self.client
                .push_blob(&self.reference, blob.clone(), &digest)
                .await?;
        }
        let media_type = MANIFEST.parse().expect("the media type is a header value");
        self.client
            .push_manifest_raw(&self.reference, manifest.clone(), media_type)
            .await?;
        Ok(())
    }

    /// Describes a failure, and the remedy if it is known.
    fn explain(&self, error: OciDistributionError) -> anyhow::Error {
        let Self {
            reference,
            credentials,
            ..
        } = self;
        let host = reference.registry();
        if is_refusal(&error) {
            return anyhow!(
                "{reference}: the registry refuses {}{}",
                credentials.name,
                match credentials.auth {
                    RegistryAuth::Anonymous =>
                        format!(": set {USER} and {PASSWORD}, or run `docker login {host}`"),
                    _ => String::new(),
                }
            );
        }
        match error {
            OciDistributionError::RequestError(error) => {
                let mut cause: &dyn Error = &error;
                while let Some(source) = cause.source() {
                    cause = source;
                }
                anyhow!("{host}: cannot reach the registry: {cause}")
            }
            error => anyhow!("{reference}: {error}"),
        }
    }
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

struct Credentials {
    auth: RegistryAuth,
    /// The uploading user, for messages.
    name: String,
}

impl Credentials {
    /// Returns those of the environment, else those that Docker keeps for the host.
    fn of(host: &str) -> Result<Self> {
        match (env::var(USER), env::var(PASSWORD)) {
            (Ok(user), Ok(password)) => {
                let name = format!("the user `{user}` of {USER}");
                let auth = RegistryAuth::Basic(user, password);
                return Ok(Self { auth, name });
            }
            (Err(_), Err(_)) => {}
            _ => bail!("expected both of {USER} and {PASSWORD}, or neither"),
        }
        match docker_credential(host) {
            Ok(Some(DockerCredential::UsernamePassword(user, password))) => Ok(Self {
                name: format!("the user `{user}` of Docker's configuration"),
                auth: RegistryAuth::Basic(user, password),
            }),
            Ok(Some(DockerCredential::IdentityToken(_))) => bail!(
                "{host}: Docker's configuration has an identity token, which is not supported: set \
                 {USER} and {PASSWORD}"
            ),
            Ok(None) => Ok(Self {
                name: "anonymous uploads".into(),
                auth: RegistryAuth::Anonymous,
            }),
            Err(error) => {
                Err(error).with_context(|| format!("cannot read Docker's credentials for {host}"))
            }
        }
    }
}

/// Reads the credential of a host from Docker's configuration, or from a helper that it names.
fn docker_credential(host: &str) -> Result<Option<DockerCredential>> {
    let folder = env::var_os("DOCKER_CONFIG").map(PathBuf::from).or_else(|| {
        let home = env::var_os("HOME")?;
        Some(Path::new(&home).join(".docker"))
    });
    let Some(path) = folder.map(|folder| folder.join("config.json")) else {
        return Ok(None);
    };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    match docker_credential::get_credential_from_reader(BufReader::new(file), host) {
        Ok(credential) => Ok(Some(credential)),
        Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
        // The protocol of helpers has no other sign of this.
        Err(CredentialRetrievalError::HelperFailure { stdout, .. })
            if stdout.contains("credentials not found") =>
        {
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}
