//! Credentials, as container tools keep them.

use std::env;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use docker_credential::{CredentialRetrievalError, DockerCredential};
use serde_json::Value;
use thiserror::Error;

use super::host::Host;

/// A user's credentials for a registry.
#[derive(Clone)]
pub struct Credentials {
    /// The user's name and password.
    pub(crate) login: Option<(String, String)>,
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
    /// The files were not read in time, which only a credential helper can cause.
    #[error(
        "cannot read the credentials for {host}: a credential helper has not answered for {} s: \
         --registry-timeout changes the limit",
        timeout.as_secs_f64()
    )]
    Timeout {
        /// The host.
        host: Host,
        /// The time limit.
        timeout: Duration,
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
            login: None,
            user: None,
        }
    }

    /// Returns the credentials of a user. `origin` says in messages where they come from.
    pub fn of_user(user: String, password: String, origin: &str) -> Self {
        Self {
            user: Some(format!("the user `{user}` of {origin}")),
            login: Some((user, password)),
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

/// The name by which Docker keeps the credentials for its registry.
const DOCKER: &str = "https://index.docker.io/v1/";

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
    files_of(|name| env::var_os(name), env::home_dir())
}

/// Returns the files with these variables and this home folder. An empty variable is an unset one.
fn files_of(
    variable: impl Fn(&str) -> Option<OsString>,
    home: Option<PathBuf>,
) -> Vec<CredentialFile> {
    let path = |name: &str| {
        let text = variable(name).filter(|text| !text.is_empty());
        text.map(PathBuf::from)
    };
    // The specification of these asks for this: a relative path is ignored.
    let base = |name: &str| path(name).filter(|path| path.is_absolute());
    let home = home.filter(|home| home.is_absolute());
    let home = |below: &str| home.as_ref().map(|home| home.join(below));
    let podman = |path| CredentialFile {
        path,
        tool: "Podman's configuration",
        is_by_name: true,
    };
    let mut files = Vec::new();
    if let Some(path) = path("REGISTRY_AUTH_FILE") {
        files.push(podman(path));
    } else {
        let runtime = base("XDG_RUNTIME_DIR");
        let config = base("XDG_CONFIG_HOME").or_else(|| home(".config"));
        let folders = [runtime, config].into_iter().flatten();
        files.extend(folders.map(|folder| podman(folder.join("containers/auth.json"))));
    }
    let docker = path("DOCKER_CONFIG").or_else(|| home(".docker"));
    files.extend(docker.map(|folder| CredentialFile {
        path: folder.join("config.json"),
        tool: "Docker's configuration",
        is_by_name: false,
    }));
    files
}

impl CredentialFile {
    fn find(&self, host: &Host, repository: &str) -> Result<Option<Credentials>, CredentialsError> {
        let mut keys = Vec::new();
        if self.is_by_name {
            let mut name = format!("{host}/{repository}");
            while let Some((shorter, _)) = name.rsplit_once('/') {
                let shorter = shorter.to_owned();
                keys.push(std::mem::replace(&mut name, shorter));
            }
        }
        match (host.as_str(), self.is_by_name) {
            // Docker's name for its registry, and Podman's: either tool may write either file.
            ("docker.io", true) => keys.extend(["docker.io".to_owned(), DOCKER.to_owned()]),
            ("docker.io", false) => keys.extend([DOCKER.to_owned(), "docker.io".to_owned()]),
            (host, _) => keys.push(host.to_owned()),
        }
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
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if is_absent(error.kind()) => return Ok(None),
            Err(error) => return Err(failed(error.to_string())),
        };
        let mut value: Value =
            serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
        let helper = value["credHelpers"][key].as_str();
        let helper = helper.filter(|helper| !helper.is_empty());
        let store = value["credsStore"].as_str().unwrap_or_default();
        let (helper, entry) = match helper {
            Some(helper) => (helper.to_owned(), format!("credHelpers[{key:?}]")),
            None => (store.to_owned(), "credsStore".to_owned()),
        };
        // A helper is a program in the search path, and never one below the current folder.
        let is_path = helper.contains(['/', '\\']);
        if is_path && entry != "credsStore" {
            return Err(failed(not_a_helper(&helper, &entry)));
        }
        if let (true, Some(members)) = (is_path || store.is_empty(), value.as_object_mut()) {
            members.remove("credsStore");
        }
        let text = value.to_string();
        match docker_credential::get_credential_from_reader(text.as_bytes(), key) {
            Ok(credential) => Ok(Some(credential)),
            Err(CredentialRetrievalError::NoCredentialConfigured) if is_path => {
                Err(failed(not_a_helper(&helper, &entry)))
            }
            Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
            // The protocol of helpers has no other sign of this.
            Err(CredentialRetrievalError::HelperFailure { stdout, .. })
                if stdout.contains("credentials not found") =>
            {
                Ok(None)
            }
            Err(CredentialRetrievalError::HelperCommunicationError) => Err(failed(format!(
                "the credential helper `docker-credential-{helper}` of {entry} cannot be run: \
                 install it, or remove the entry"
            ))),
            Err(error) => Err(failed(error.to_string().trim().replace('\n', " "))),
        }
    }
}

fn not_a_helper(helper: &str, entry: &str) -> String {
    format!("`{helper}` of {entry} is not the name of a credential helper")
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, is_by_name: bool, repository: &str) -> Result<Option<String>, String> {
        find_at("ghcr.io", text, is_by_name, repository)
    }

    fn find_at(
        host: &str,
        text: &str,
        is_by_name: bool,
        repository: &str,
    ) -> Result<Option<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        std::fs::write(&path, text).unwrap();
        let file = CredentialFile {
            path,
            tool: "a test",
            is_by_name,
        };
        let found = file.find(&host.parse().unwrap(), repository);
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

    #[test]
    fn either_name_of_dockers_registry_counts() {
        let user = |user: &str| Ok(Some(format!("the user `{user}` of a test")));
        for is_by_name in [true, false] {
            // a:1 and b:1.
            for key in ["docker.io", DOCKER] {
                let text = format!(r#"{{"auths": {{"{key}": {{"auth": "YTox"}}}}}}"#);
                for repository in ["some", "some/name"] {
                    let found = find_at("docker.io", &text, is_by_name, repository);
                    assert_eq!(found, user("a"), "{key}");
                }
            }
            let own = if is_by_name { "docker.io" } else { DOCKER };
            let other = if is_by_name { DOCKER } else { "docker.io" };
            let text = format!(
                r#"{{"auths": {{"{own}": {{"auth": "YTox"}}, "{other}": {{"auth": "Yjox"}}}}}}"#
            );
            assert_eq!(find_at("docker.io", &text, is_by_name, "x"), user("a"));
        }
    }

    #[test]
    fn empty_and_relative_variables_are_unset() {
        let paths = |variables: &[(&str, &str)]| -> Vec<String> {
            let variable = |name: &str| {
                let mut variables = variables.iter();
                let found = variables.find(|(other, _)| *other == name);
                found.map(|(_, value)| OsString::from(value))
            };
            let files = files_of(variable, Some("/home/me".into()));
            let paths = files.iter().map(|it| it.path.display().to_string());
            paths.collect()
        };
        let usual = [
            "/home/me/.config/containers/auth.json",
            "/home/me/.docker/config.json",
        ];
        assert_eq!(paths(&[]), usual);
        for name in [
            "REGISTRY_AUTH_FILE",
            "DOCKER_CONFIG",
            "XDG_RUNTIME_DIR",
            "XDG_CONFIG_HOME",
        ] {
            assert_eq!(paths(&[(name, "")]), usual, "{name}");
        }
        for name in ["XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"] {
            assert_eq!(paths(&[(name, "below")]), usual, "{name}");
        }
        let given = [
            ("REGISTRY_AUTH_FILE", "auth.json"),
            ("DOCKER_CONFIG", "below"),
        ];
        assert_eq!(paths(&given), ["auth.json", "below/config.json"]);
        assert!(files_of(|_| None, Some(PathBuf::new())).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_helper_that_is_missing_is_named() {
        for (text, entry) in [
            (
                r#"{"credHelpers": {"ghcr.io": "of-a-test-that-does-not-exist"}}"#,
                "credHelpers[\"ghcr.io\"]",
            ),
            (
                r#"{"credsStore": "of-a-test-that-does-not-exist"}"#,
                "credsStore",
            ),
        ] {
            let error = find(text, false, "x").unwrap_err();
            let helper = "`docker-credential-of-a-test-that-does-not-exist`";
            assert!(error.contains(helper) && error.contains(entry), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_helper_is_not_a_path() {
        for text in [
            r#"{"credHelpers": {"ghcr.io": "x/../../run"}}"#,
            r#"{"credHelpers": {"ghcr.io": "x\\run"}}"#,
            r#"{"credsStore": "x/run"}"#,
        ] {
            let error = find(text, false, "x").unwrap_err();
            assert!(
                error.contains("is not the name of a credential helper"),
                "{error}"
            );
        }
        // It is not needed.
        let text = r#"{"auths": {"ghcr.io": {"auth": "YTox"}}, "credsStore": "x/run"}"#;
        assert!(find(text, false, "x").unwrap().is_some());
        assert_eq!(find(r#"{"credsStore": ""}"#, false, "x"), Ok(None));
    }
}
