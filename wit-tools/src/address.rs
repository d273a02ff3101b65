//! The address of a namespace in an OCI registry.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;
use std::str::FromStr;

use crate::artifact::Artifact;

/// `HOST[:PORT][/NAMESPACE]`, such as `ghcr.io/webassembly`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    /// Empty, or ends with a slash.
    prefix: String,
}

impl Address {
    /// Returns the host, with its port if it has one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns whether the host is this machine, by its name alone.
    pub fn is_loopback(&self) -> bool {
        let name = match self.host.rsplit_once(':') {
            Some((name, port)) if is_number(port) => name,
            _ => &self.host,
        };
        let ip = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        let ip = ip.unwrap_or(name).parse();
        name == "localhost" || ip.is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    /// Returns the full name of an artifact: `ghcr.io/webassembly/wasi/mcp:0.3.0-draft2`.
    pub fn reference(&self, artifact: &Artifact) -> String {
        format!("{self}{}:{}", artifact.repository, artifact.tag)
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
        if !is_host(host) || !namespace.is_none_or(|namespace| namespace.split('/').all(is_part)) {
            return Err(
                "expected HOST[:PORT][/NAMESPACE], such as ghcr.io/webassembly, with a \
                        NAMESPACE in lower case"
                    .into(),
            );
        }
        Ok(Self {
            host: host.to_owned(),
            prefix: namespace.map(|name| format!("{name}/")).unwrap_or_default(),
        })
    }
}

/// Returns whether a text is a host. A name without a dot or port is not, except `localhost`: OCI
/// clients read it as a folder of Docker's registry.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !text.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    };
    let is_name = name.starts_with('[')
        || !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let is_distinct = port.is_some() || name == "localhost" || name.contains(['.', '[']);
    is_name && is_distinct && port.is_none_or(is_number)
}

/// Returns whether a text is one part of the name of an OCI repository.
fn is_part(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.bytes()
        .all(|byte| is_inner(byte) || matches!(byte, b'.' | b'_' | b'-'))
        && text.bytes().next().is_some_and(is_inner)
        && text.bytes().last().is_some_and(is_inner)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
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

    #[test]
    fn only_this_machine_is_loopback() {
        for (text, expected) in [
            ("localhost", true),
            ("localhost:5000", true),
            ("127.0.0.2:5000/a", true),
            ("[::1]:5000", true),
            ("ghcr.io", false),
            ("localhost.example", false),
            ("127.0.0.1.example:80", false),
            ("10.0.0.1:5000", false),
        ] {
            let address: Address = text.parse().expect(text);
            assert_eq!(address.is_loopback(), expected, "{text}");
        }
    }
}
