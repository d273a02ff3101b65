//! The host of a registry.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The name or address of a registry's host, with its port if it has one: `ghcr.io`,
/// `127.0.0.1:5000`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host(String);

impl Host {
    /// Returns the host as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the host is this machine, by its name alone.
    pub fn is_loopback(&self) -> bool {
        let (name, _) = split(&self.0);
        let ip = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        let ip = ip.unwrap_or(name).parse();
        name == "localhost" || ip.is_ok_and(|ip: IpAddr| ip.is_loopback())
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Host {
    type Err = String;

    /// Reads a host. A name without a dot or port is refused, except `localhost`: container tools
    /// read it as a folder of Docker's registry.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, port) = split(text);
        let is_name = match name.strip_prefix('[') {
            Some(address) => address
                .strip_suffix(']')
                .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok()),
            None => name.split('.').all(is_label),
        };
        let is_distinct = port.is_some() || name == "localhost" || name.contains(['.', '[']);
        let is_port = |port: &str| !port.starts_with('+') && port.parse::<u16>().is_ok();
        if is_name && is_distinct && port.is_none_or(is_port) {
            Ok(Self(text.to_owned()))
        } else {
            Err("expected HOST[:PORT], such as ghcr.io or localhost:5000".to_owned())
        }
    }
}

/// Splits off the port.
fn split(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, port)) if !text.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    }
}

/// Returns whether a text is a part of a host's name between two dots.
fn is_label(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_plain) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_hosts() {
        for text in [
            "ghcr.io",
            "localhost",
            "localhost:5000",
            "127.0.0.1:5000",
            "[::1]:5000",
            "host:1",
        ] {
            assert_eq!(text.parse::<Host>().expect(text).to_string(), text);
        }
        for text in [
            "",
            ".",
            "..",
            "guests",
            "ghcr.io:",
            "ghcr.io:x",
            "ghcr.io:+1",
            "a..b",
            "-a.b",
            "[a]:1",
            "user@ghcr.io",
            "a.b:99999",
            "https://ghcr.io",
        ] {
            assert!(text.parse::<Host>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (text, expected) in [
            ("localhost", true),
            ("localhost:5000", true),
            ("127.0.0.2:5000", true),
            ("[::1]:5000", true),
            ("ghcr.io", false),
            ("localhost.example", false),
            ("127.0.0.1.example:80", false),
            ("10.0.0.1:5000", false),
        ] {
            let host: Host = text.parse().expect(text);
            assert_eq!(host.is_loopback(), expected, "{text}");
        }
    }
}
