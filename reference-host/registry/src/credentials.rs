//! Credentials, as container tools keep them.

use std::env;
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::PathBuf;

use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_client::secrets::RegistryAuth;
use thiserror::Error;

use super::host::Host;

/// A user's credentials for a registry.
#[derive(Clone)]
pub struct Credentials {
    pub(crate) auth: RegistryAuth,
    /// The user, for messages; `None` for anonymous requests.
    pub(crate) user: Option<String>,
}

/// Credentials that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// A file of container tools cannot be read, or a helper that it names fails.
    #[error("cannot read the credentials for {host}: {}: {reason}", path.display())]
    Unreadable {
        /// The host.
        host: Host,
        /// The file.
        path: PathBuf,
        /// The problem found.
        reason: String,
    },
    /// An identity token, which needs another protocol.
    #[error(
        "{host}: {} has an identity token, which is not supported: run `docker login {host}` with a \
         user and an access token",
        path.display()
    )]
    IdentityToken {
        /// The host.
        host: Host,
        /// The file.
        path: PathBuf,
    },
}

impl Credentials {
    /// Returns credentials without a user.
    pub fn anonymous() -> Self {
        Self {
            auth: RegistryAuth::Anonymous,
            user: None,
        }
    }

    /// Returns the credentials of a user. `origin` says in messages where they come from.
    pub fn of_user(user: String, password: String, origin: &str) -> Self {
        Self {
            user: Some(format!("the user `{user}` of {origin}")),
            auth: RegistryAuth::Basic(user, password),
        }
    }

    /// Returns those that container tools keep for a repository, or anonymous ones. Podman's
    /// `auth.json` comes before Docker's `config.json`, as in Podman.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or has credentials of an unsupported kind.
    pub fn of_container_tools(host: &Host, repository: &str) -> Result<Self, CredentialsError> {
        for file in files() {
            if let Some(credentials) = file.find(host, repository)? {
                return Ok(credentials);
            }
        }
        Ok(Self::anonymous())
    }
}

/// A file with credentials.
struct CredentialFile {
    path: PathBuf,
    /// The tool, for messages.
    tool: &'static str,
    /// Its keys may name a namespace or a repository.
    is_by_name: bool,
}

/// Returns the files in which credentials may be, whether they exist or not.
fn files() -> Vec<CredentialFile> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from);
    let home = |below: &str| env::home_dir().map(|home| home.join(below));
    let podman = |path| CredentialFile {
        path,
        tool: "Podman's configuration",
        is_by_name: true,
    };
    let mut files = Vec::new();
    if let Some(path) = folder("REGISTRY_AUTH_FILE") {
        files.push(podman(path));
    } else {
        let runtime = folder("XDG_RUNTIME_DIR");
        let config = folder("XDG_CONFIG_HOME").or_else(|| home(".config"));
        let folders = [runtime, config].into_iter().flatten();
        files.extend(folders.map(|folder| podman(folder.join("containers/auth.json"))));
    }
    let docker = folder("DOCKER_CONFIG").or_else(|| home(".docker"));
    files.extend(docker.map(|folder| CredentialFile {
        path: folder.join("config.json"),
        tool: "Docker's configuration",
        is_by_name: false,
    }));
    files
}

impl CredentialFile {
    fn find(&self, host: &Host, repository: &str) -> Result<Option<Credentials>, CredentialsError> {
        // The host by which Docker names its registry.
        let server = match host.as_str() {
            "docker.io" => "https://index.docker.io/v1/",
            host => host,
        };
        let mut keys = Vec::new();
        if self.is_by_name {
            let mut name = format!("{host}/{repository}");
            while let Some((shorter, _)) = name.rsplit_once('/') {
                let shorter = shorter.to_owned();
                keys.push(std::mem::replace(&mut name, shorter));
            }
        }
        keys.push(server.to_owned());
        for key in keys {
            match self.get(host, &key)? {
                None => {}
                Some(DockerCredential::UsernamePassword(user, password)) => {
                    return Ok(Some(Credentials::of_user(user, password, self.tool)));
                }
                Some(DockerCredential::IdentityToken(_)) => {
                    return Err(CredentialsError::IdentityToken {
                        host: host.clone(),
                        path: self.path.clone(),
                    });
                }
            }
        }
        Ok(None)
    }

    fn get(&self, host: &Host, key: &str) -> Result<Option<DockerCredential>, CredentialsError> {
        let failed = |reason: String| CredentialsError::Unreadable {
            host: host.clone(),
            path: self.path.clone(),
            reason,
        };
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if is_absent(error.kind()) => return Ok(None),
            Err(error) => return Err(failed(error.to_string())),
        };
        match docker_credential::get_credential_from_reader(BufReader::new(file), key) {
            Ok(credential) => Ok(Some(credential)),
            Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
            // The protocol of helpers has no other sign of this.
            Err(CredentialRetrievalError::HelperFailure { stdout, .. })
                if stdout.contains("credentials not found") =>
            {
                Ok(None)
            }
            Err(error) => Err(failed(error.to_string().trim().replace('\n', " "))),
        }
    }
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, is_by_name: bool, repository: &str) -> Result<Option<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        std::fs::write(&path, text).unwrap();
        let file = CredentialFile {
            path,
            tool: "a test",
            is_by_name,
        };
        let found = file.find(&"ghcr.io".parse().unwrap(), repository);
        let found = found.map_err(|error| error.to_string())?;
        Ok(found.and_then(|found| found.user))
    }

    #[test]
    fn the_longest_name_of_podman_counts() {
        // a:1, b:1 and c:1.
        let text = r#"{"auths": {
            "ghcr.io": {"auth": "YTox"},
            "ghcr.io/some": {"auth": "Yjox"},
            "ghcr.io/some/name": {"auth": "Yzox"}
        }}"#;
        for (repository, user) in [
            ("other", "a"),
            ("some", "b"),
            ("some/more", "b"),
            ("some/name", "c"),
            ("some/name/below", "c"),
            ("something", "a"),
        ] {
            let expected = format!("the user `{user}` of a test");
            assert_eq!(
                find(text, true, repository),
                Ok(Some(expected)),
                "{repository}"
            );
        }
        let expected = "the user `a` of a test".to_owned();
        assert_eq!(find(text, false, "some/name"), Ok(Some(expected)));
    }

    #[test]
    fn other_registries_and_missing_files_have_no_credentials() {
        let text = r#"{"auths": {"quay.io": {"auth": "YTox"}}}"#;
        assert_eq!(find(text, true, "x"), Ok(None));
        let file = CredentialFile {
            path: "/nowhere/auth.json".into(),
            tool: "",
            is_by_name: false,
        };
        assert!(matches!(
            file.find(&"ghcr.io".parse().unwrap(), "x"),
            Ok(None)
        ));
    }

    #[test]
    fn unusable_credentials_are_named() {
        let token = r#"{"auths": {"ghcr.io": {"identitytoken": "x"}}}"#;
        let error = find(token, false, "x").unwrap_err();
        assert!(
            error.contains("identity token") && error.contains("docker login ghcr.io"),
            "{error}"
        );
        for text in ["{", r#"{"auths": {"ghcr.io": {"auth": "?"}}}"#] {
            let error = find(text, false, "x").unwrap_err();
            assert!(error.contains("auth.json"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_helper_that_is_missing_is_an_error() {
        let text = r#"{"credHelpers": {"ghcr.io": "of-a-test-that-does-not-exist"}}"#;
        let error = find(text, false, "x").unwrap_err();
        assert!(error.contains("helper") && !error.contains('\n'), "{error}");
    }
}
