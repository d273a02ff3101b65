//! The address of a namespace in an OCI registry.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use wasi_mcp_registry::{Host, Reference, ReferenceError, is_repository};

use crate::artifact::Artifact;

/// `HOST[:PORT][/NAMESPACE]`, such as `ghcr.io/webassembly`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: Host,
    /// Empty, or ends with a slash.
    prefix: String,
}

impl Address {
    /// Returns the host, with its port if it has one.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the full name of an artifact: `ghcr.io/webassembly/wasi/mcp:0.3.0-draft2`.
    ///
    /// # Errors
    ///
    /// If the version of the package cannot be a tag.
    pub fn reference(&self, artifact: &Artifact) -> Result<Reference, ReferenceError> {
        format!("{self}{}:{}", artifact.repository, artifact.tag).parse()
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.prefix)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host, namespace) = match text.split_once('/') {
            Some((host, namespace)) => (host, Some(namespace)),
            None => (text, None),
        };
        match host.parse() {
            Ok(host) if namespace.is_none_or(is_repository) => Ok(Self {
                host,
                prefix: namespace.map(|name| format!("{name}/")).unwrap_or_default(),
            }),
            _ => Err(
                "expected HOST[:PORT][/NAMESPACE], such as ghcr.io/webassembly, with a \
                        NAMESPACE in lower case"
                    .into(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_addresses_are_read() {
        for text in [
            "ghcr.io/webassembly/",
            "localhost/",
            "127.0.0.1:5000/a/b-c/",
            "[::1]:5000/",
            "host:1/",
        ] {
            let address: Address = text.trim_end_matches('/').parse().expect(text);
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn bad_addresses_are_refused() {
        for text in [
            "",
            "webassembly",
            "https://ghcr.io",
            "ghcr.io/",
            "ghcr.io/Web",
            "ghcr.io/a//b",
            "ghcr.io/a b",
            "ghcr.io:x",
            "ghcr.io:",
            "user@ghcr.io",
            "ghcr.io/-a",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
