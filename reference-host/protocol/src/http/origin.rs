//! Admission to the endpoint, by `Origin` and `Host`.
//!
//! Any web page can make a browser send requests to a server on the user's machine, and by DNS
//! rebinding even read the answers. Hence the specification's rule to validate `Origin`; see
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#security-warning>.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::headers::text;

/// The origin of a web page: scheme, host and port.
///
/// ```
/// # use wasi_mcp_protocol::http::Origin;
/// let origin: Origin = "https://app.example".parse()?;
/// assert_eq!(origin, "HTTPS://App.Example:443".parse()?);
/// # Ok::<(), wasi_mcp_protocol::http::NotAnOrigin>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

/// The text is not an origin of the form `scheme://host` or `scheme://host:port`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an origin: expected scheme://host or scheme://host:port, without a path")]
pub struct NotAnOrigin(String);

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        Self::read(text).ok_or_else(|| NotAnOrigin(text.to_owned()))
    }
}

impl Origin {
    fn read(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it));
        if !is_scheme {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let (host, port) = host_and_port(authority)?;
        let port = port.or(match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        });
        Some(Self { scheme, host, port })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match (self.scheme.as_str(), self.port) {
            ("http", Some(80)) | ("https", Some(443)) | (_, None) => Ok(()),
            (_, Some(port)) => write!(f, ":{port}"),
        }
    }
}

/// Returns the host in lower case without a final dot, and the port.
fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, rest) = match authority.strip_prefix('[') {
        Some(literal) => {
            let (address, _) = literal.split_once(']')?;
            let is_address = |it: char| it.is_ascii_hexdigit() || ":.%".contains(it);
            if !address.chars().all(is_address) {
                return None;
            }
            authority.split_at(address.len() + 2)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            let (host, rest) = authority.split_at(end);
            let is_name = |it: char| it.is_ascii_alphanumeric() || "-._~!$&'()*+,;=%".contains(it);
            if !host.chars().all(is_name) {
                return None;
            }
            (host, rest)
        }
    };
    let port = match rest.strip_prefix(':') {
        None if rest.is_empty() => None,
        None => return None,
        Some("") => None,
        Some(port) if port.bytes().all(|it| it.is_ascii_digit()) => Some(port.parse().ok()?),
        Some(_) => return None,
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    (!host.is_empty()).then_some((host, port))
}

/// Returns whether a host, in lower case, is this machine by name or address.
#[must_use]
pub fn is_loopback_name(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || literal
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

/// The address that the server listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An address of this machine alone.
    Loopback,
    /// Another address.
    Elsewhere,
    /// Unknown, as to a component that some runtime serves. A page of this machine is admitted
    /// unless the request was sent to a name of another one. DNS rebinding fails: its pages have
    /// an origin elsewhere.
    Unknown,
}

/// Checks `Host` and `Origin` of requests against [DNS
/// rebinding](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#security-warning).
#[derive(Debug)]
pub struct Admission {
    place: Place,
    origins: Vec<Origin>,
    hosts: Vec<String>,
}

/// The reason for refusing a request. The text is for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAdmitted {
    /// The request comes from a page of an origin that is not allowed.
    #[error("this origin is not allowed")]
    Origin,
    /// The request names no host, or several.
    #[error("the request does not say once which host it is for")]
    NoHost,
    /// The request is for another host.
    #[error("this server does not answer by that host name")]
    Host,
}

impl NotAdmitted {
    /// Returns the status of the response.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::NoHost => 400,
            Self::Origin | Self::Host => 403,
        }
    }
}

impl Admission {
    /// Allows what the place allows, and these origins and host names. The port of a host name is
    /// ignored: a host may be reached by any.
    pub fn new(
        place: Place,
        origins: Vec<Origin>,
        hosts: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        let hosts = hosts.into_iter();
        Self {
            place,
            origins,
            hosts: hosts
                .map(|host| {
                    let host = host.as_ref();
                    host_and_port(host).map_or_else(|| host.to_ascii_lowercase(), |(host, _)| host)
                })
                .collect(),
        }
    }

    /// Checks a request by its fields `Host`, the host that its target names, and its fields
    /// `Origin`. Returns its origin, if it has one, to name it in the response.
    ///
    /// # Errors
    ///
    /// A [`NotAdmitted`] that names the refused header.
    pub fn admit<'a>(
        &self,
        hosts: impl IntoIterator<Item = &'a [u8]>,
        target: Option<&str>,
        origins: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Option<&'a str>, NotAdmitted> {
        let mut names = hosts.into_iter();
        let name = match (names.next(), names.next()) {
            (Some(name), None) => Some(text(name).ok_or(NotAdmitted::Host)?),
            (None, _) => None,
            (Some(_), Some(_)) => return Err(NotAdmitted::NoHost),
        };
        // HTTP/2 and the absolute form name the host in the target. If `Host` is present as well,
        // both must be allowed.
        // A runtime may hide both.
        let may_be_hidden = self.place == Place::Unknown && self.hosts.is_empty();
        if name.is_none() && target.is_none() && !may_be_hidden {
            return Err(NotAdmitted::NoHost);
        }
        let named = || name.into_iter().chain(target);
        if !named().all(|host| self.answers_to(host)) {
            return Err(NotAdmitted::Host);
        }
        let is_local = match self.place {
            Place::Loopback => true,
            Place::Elsewhere => false,
            Place::Unknown => named()
                .all(|host| host_and_port(host).is_some_and(|(host, _)| is_loopback_name(&host))),
        };
        let mut origins = origins.into_iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(None),
            (Some(origin), None) => match text(origin) {
                Some(origin) if self.allows(origin, is_local) => Ok(Some(origin)),
                _ => Err(NotAdmitted::Origin),
            },
            _ => Err(NotAdmitted::Origin),
        }
    }

    fn answers_to(&self, authority: &str) -> bool {
        if self.place != Place::Loopback && self.hosts.is_empty() {
            return true;
        }
        host_and_port(authority)
            .is_some_and(|(host, _)| is_loopback_name(&host) || self.hosts.contains(&host))
    }

    fn allows(&self, origin: &str, is_local: bool) -> bool {
        let Some(origin) = Origin::read(origin) else {
            return false;
        };
        let is_web = matches!(origin.scheme.as_str(), "http" | "https");
        (is_local && is_web && is_loopback_name(&origin.host)) || self.origins.contains(&origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_by_their_parts() {
        let origin = |text: &str| text.parse::<Origin>();
        assert_eq!(origin("http://a.example"), origin("HTTP://A.example.:80"));
        assert_ne!(origin("http://a.example"), origin("https://a.example"));
        assert_ne!(origin("http://a.example"), origin("http://a.example:81"));
        assert_eq!(
            origin("http://[::1]:8080").expect("origin").to_string(),
            "http://[::1]:8080"
        );
        for bad in [
            "",
            "null",
            "a.example",
            "http://",
            "http://a/",
            "http://a/b",
            "http://u@a",
            "http://a:x",
            "http://a:+1",
            "http://a:99999",
            "http://a:1:2",
            "http://[::1]x",
            "http://a b",
            "*",
        ] {
            assert!(origin(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn in_an_unknown_place_local_pages_reach_local_names_alone() {
        let allowed = vec!["https://app.example".parse().unwrap()];
        let open = Admission::new(Place::Unknown, allowed, [""; 0]);
        let admit = |host: &'static str, origin: &'static str| {
            open.admit([host.as_bytes()], None, [origin.as_bytes()])
        };
        assert!(admit("localhost:8080", "http://127.0.0.1:6274").is_ok());
        assert!(admit("mcp.example", "https://app.example").is_ok());
        for (host, origin) in [
            ("mcp.example", "http://localhost"),
            ("localhost", "http://evil.example"),
            ("evil.example", "http://evil.example"),
            ("localhost", "null"),
        ] {
            assert_eq!(
                admit(host, origin),
                Err(NotAdmitted::Origin),
                "{host} {origin}"
            );
        }
        let hidden = |origin: &'static str| open.admit([], None, [origin.as_bytes()]);
        assert_eq!(open.admit([], None, []), Ok(None));
        assert!(hidden("http://localhost:1").is_ok());
        assert_eq!(hidden("http://evil.example"), Err(NotAdmitted::Origin));
        let named = Admission::new(Place::Unknown, Vec::new(), ["Mcp.example."]);
        assert_eq!(named.admit([], None, []), Err(NotAdmitted::NoHost));
        assert_eq!(named.admit([&b"mcp.example:443"[..]], None, []), Ok(None));
        assert_eq!(
            named.admit([&b"other.example"[..]], None, []),
            Err(NotAdmitted::Host)
        );
    }

    #[test]
    fn the_port_of_an_allowed_host_is_ignored() {
        let named = Admission::new(
            Place::Elsewhere,
            Vec::new(),
            ["Mcp.example.:8080", "[::2]:1"],
        );
        for host in [
            "mcp.example",
            "mcp.example:8080",
            "mcp.example:443",
            "[::2]",
        ] {
            assert_eq!(named.admit([host.as_bytes()], None, []), Ok(None), "{host}");
        }
        assert_eq!(
            named.admit([&b"other.example:8080"[..]], None, []),
            Err(NotAdmitted::Host)
        );
    }
}
