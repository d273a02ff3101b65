//! Uploads artifacts to an OCI registry.

use std::env;

use anyhow::{Context, Result, anyhow, bail, ensure};
use wasi_mcp_registry::{
    Client, ClientOptions, Connection, Credentials, Operation, Reference, RegistryError,
};

pub use wasi_mcp_registry::Outcome;

use crate::address::Address;
use crate::artifact::Artifact;

/// Names the user; takes precedence over the configuration of container tools.
pub const USER: &str = "WASI_MCP_REGISTRY_USER";
/// The password or access token of the user.
pub const PASSWORD: &str = "WASI_MCP_REGISTRY_PASSWORD";

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
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start a runtime for network connections")?;
    let outcomes = runtime.block_on(async {
        let mut uploads = Vec::new();
        for artifact in artifacts {
            uploads.push(Upload::prepare(address, plain_http, artifact).await?);
        }
        let mut outcomes = Vec::new();
        for Upload {
            artifact,
            reference,
            connection,
        } in uploads
        {
            let outcome = connection.push(&artifact.content).await;
            let digest = artifact.digest().to_string();
            outcomes.push((reference.to_string(), digest, outcome.map_err(explain)?));
        }
        Ok(outcomes)
    });
    // A look-up of a name or a credential helper may go on, and cannot be stopped.
    runtime.shutdown_background();
    outcomes
}

struct Upload<'a> {
    artifact: &'a Artifact,
    reference: Reference,
    connection: Connection,
}

impl<'a> Upload<'a> {
    /// Checks credentials and tag.
    async fn prepare(address: &Address, plain_http: bool, artifact: &'a Artifact) -> Result<Self> {
        let reference = address.reference(artifact)?;
        let mut options = ClientOptions::default();
        options.plain_http = plain_http;
        let client = Client::new(options);
        client.check_plain_http(&reference)?;
        let connection = client
            .connect(&reference, credentials()?, Operation::Push)
            .await
            .map_err(explain)?;
        if let Some(found) = connection.digest().await.map_err(explain)? {
            let ours = artifact.digest();
            ensure!(
                found == ours,
                "{reference}: the tag exists with other content: found {found}, expected {ours}; a \
                 published version never changes, so give the package a new version"
            );
        }
        Ok(Self {
            artifact,
            reference,
            connection,
        })
    }
}

/// Returns those of the environment, if there are any.
fn credentials() -> Result<Option<Credentials>> {
    match (env::var(USER), env::var(PASSWORD)) {
        (Ok(user), Ok(password)) => Ok(Some(Credentials::of_user(user, password, USER))),
        (Err(_), Err(_)) => Ok(None),
        _ => bail!("expected both of {USER} and {PASSWORD}, or neither"),
    }
}

/// Names the variables of this command where credentials are missing.
fn explain(error: RegistryError) -> anyhow::Error {
    match error {
        RegistryError::Refused {
            reference,
            user: None,
        } => anyhow!(
            "{reference}: the registry refuses anonymous uploads: set {USER} and {PASSWORD}, or run \
             `docker login {}`",
            reference.host()
        ),
        error => error.into(),
    }
}
