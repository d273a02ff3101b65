//! Admission to the endpoint, by `Origin` and `Host`.
//!
//! Any web page can make a browser send requests to a server on the user's machine, and by DNS
//! rebinding even read the answers. Hence the specification's rule to validate `Origin`; see
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#security-warning>.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::StatusCode;
use http::header::{HOST, HeaderMap, HeaderValue, ORIGIN};
use http::uri::{Authority, Uri};

use super::options::HttpOptions;

/// The origin of a web page: scheme, host and port.
///
/// ```
/// # use wasi_mcp_host::transport::http::Origin;
/// let origin: Origin = "https://app.example".parse()?;
/// assert_eq!(origin, "HTTPS://App.Example:443".parse()?);
/// # Ok::<(), wasi_mcp_host::transport::http::NotAnOrigin>(())
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
        let scheme = http::uri::Scheme::from_str(scheme).ok()?;
        let scheme = scheme.as_str().to_ascii_lowercase();
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
    let is_plain = !authority.contains(['/', '?', '#', '@']);
    let authority = Authority::from_str(authority).ok().filter(|_| is_plain)?;
    let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
    let rest = &authority.as_str()[authority.host().len()..];
    let port = match rest.strip_prefix(':') {
        None | Some("") => None,
        Some(port) => Some(port.parse().ok()?),
    };
    (!host.is_empty()).then_some((host, port))
}

pub(super) fn is_loopback_name(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || literal
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Checks `Host` and `Origin` of requests against [DNS
/// rebinding](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#security-warning).
#[derive(Debug)]
pub struct Admission {
    bound_to_loopback: bool,
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
    pub fn status(self) -> StatusCode {
        match self {
            Self::NoHost => StatusCode::BAD_REQUEST,
            Self::Origin | Self::Host => StatusCode::FORBIDDEN,
        }
    }
}

impl Admission {
    /// Allows loopback names and origins if `bound_to` is a loopback address, and what the options
    /// allow.
    #[must_use]
    pub fn new(bound_to: IpAddr, options: &HttpOptions) -> Self {
        let bound_to_loopback = bound_to.to_canonical().is_loopback();
        // A proxy in front may pass on the name by which clients know the server.
        let resource = options.authorization.as_ref().filter(|_| bound_to_loopback);
        let resource = resource.and_then(|authorization| authorization.resource.host());
        let hosts = options.allowed_hosts.iter().chain(&resource);
        Self {
            bound_to_loopback,
            origins: options.allowed_origins.clone(),
            hosts: hosts
                .map(|host| host.trim_end_matches('.').to_ascii_lowercase())
                .collect(),
        }
    }

    /// Checks a request. Returns its origin, if it has one, to name it in the response.
    ///
    /// # Errors
    ///
    /// A [`NotAdmitted`] that names the refused header.
    pub fn admit(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Option<HeaderValue>, NotAdmitted> {
        self.check_host(uri, headers)?;
        self.check_origin(headers)
    }

    fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), NotAdmitted> {
        let mut names = headers.get_all(HOST).iter();
        let name = match (names.next(), names.next()) {
            (Some(name), None) => Some(name.to_str().map_err(|_| NotAdmitted::Host)?),
            (None, _) => None,
            (Some(_), Some(_)) => return Err(NotAdmitted::NoHost),
        };
        // HTTP/2 and the absolute form name the host in the target. If `Host` is present as well,
        // both must be allowed.
        let target = uri.authority().map(Authority::as_str);
        if name.is_none() && target.is_none() {
            return Err(NotAdmitted::NoHost);
        }
        let all_fit = name
            .into_iter()
            .chain(target)
            .all(|host| self.answers_to(host));
        if all_fit {
            Ok(())
        } else {
            Err(NotAdmitted::Host)
        }
    }

    fn answers_to(&self, authority: &str) -> bool {
        if !self.bound_to_loopback && self.hosts.is_empty() {
            return true;
        }
        host_and_port(authority)
            .is_some_and(|(host, _)| is_loopback_name(&host) || self.hosts.contains(&host))
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, NotAdmitted> {
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(None),
            (Some(origin), None) if self.allows(origin) => Ok(Some(origin.clone())),
            _ => Err(NotAdmitted::Origin),
        }
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        let Some(origin) = origin.to_str().ok().and_then(Origin::read) else {
            return false;
        };
        let is_web = matches!(origin.scheme.as_str(), "http" | "https");
        let is_local = self.bound_to_loopback && is_web && is_loopback_name(&origin.host);
        is_local || self.origins.contains(&origin)
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn admission(bound_to: &str, origins: &[&str], hosts: &[&str]) -> Admission {
        let options = HttpOptions {
            allowed_origins: origins
                .iter()
                .map(|origin| origin.parse().expect("origin"))
                .collect(),
            allowed_hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            ..HttpOptions::default()
        };
        Admission::new(bound_to.parse().expect("address"), &options)
    }

    fn admit(admission: &Admission, headers: &[(&str, &str)]) -> Result<(), NotAdmitted> {
        let mut request = Request::builder().uri("/mcp");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("request").into_parts();
        admission.admit(&parts.uri, &parts.headers).map(|_| ())
    }

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
            "http://a:99999",
            "http://a b",
            "*",
        ] {
            assert!(origin(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn bound_to_loopback_only_loopback_hosts_are_answered() {
        let admission = admission("127.0.0.1", &[], &["proxy.example"]);
        for good in [
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1:80",
            "127.1.2.3",
            "[::1]:3000",
            "localhost.",
            "proxy.example:8443",
            "[::ffff:127.0.0.1]",
        ] {
            assert_eq!(admit(&admission, &[("host", good)]), Ok(()), "{good}");
        }
        for bad in [
            "evil.example.com",
            "localhost.evil.example",
            "10.0.0.1",
            "",
            "a@localhost",
        ] {
            assert_eq!(
                admit(&admission, &[("host", bad)]),
                Err(NotAdmitted::Host),
                "{bad}"
            );
        }
        assert_eq!(admit(&admission, &[]), Err(NotAdmitted::NoHost));
        let twice = [("host", "localhost"), ("host", "localhost")];
        assert_eq!(admit(&admission, &twice), Err(NotAdmitted::NoHost));
    }

    #[test]
    fn the_target_may_not_name_a_foreign_host_either() {
        let admission = admission("::1", &[], &[]);
        let admit = |uri: &str, host: Option<&str>| {
            let mut request = Request::builder().uri(uri);
            if let Some(host) = host {
                request = request.header("host", host);
            }
            let (parts, ()) = request.body(()).expect("request").into_parts();
            admission.admit(&parts.uri, &parts.headers).map(|_| ())
        };
        assert_eq!(admit("http://localhost/mcp", None), Ok(()));
        assert_eq!(
            admit("http://evil.example/mcp", None),
            Err(NotAdmitted::Host)
        );
        assert_eq!(
            admit("http://evil.example/mcp", Some("localhost")),
            Err(NotAdmitted::Host)
        );
        assert_eq!(
            admit("http://localhost/mcp", Some("evil.example")),
            Err(NotAdmitted::Host)
        );
    }

    #[test]
    fn bound_elsewhere_any_host_is_answered_unless_names_are_given() {
        let open = admission("0.0.0.0", &[], &[]);
        assert_eq!(admit(&open, &[("host", "mcp.example")]), Ok(()));
        let named = admission("0.0.0.0", &[], &["Mcp.Example"]);
        assert_eq!(admit(&named, &[("host", "mcp.example")]), Ok(()));
        assert_eq!(
            admit(&named, &[("host", "other.example")]),
            Err(NotAdmitted::Host)
        );
    }

    #[test]
    fn an_origin_must_be_local_or_allowed() {
        let admission = admission("127.0.0.1", &["https://app.example"], &[]);
        let by = |origin: &str| admit(&admission, &[("host", "localhost"), ("origin", origin)]);
        for good in [
            "http://localhost:6274",
            "https://127.0.0.1",
            "http://[::1]:1",
            "https://app.example",
        ] {
            assert_eq!(by(good), Ok(()), "{good}");
        }
        for bad in [
            "http://evil.example.com",
            "null",
            "",
            "https://app.example.evil.example",
            "http://app.example",
            "file://localhost",
            "http://localhost.evil.example",
            "http://localhost@evil.example",
        ] {
            assert_eq!(by(bad), Err(NotAdmitted::Origin), "{bad}");
        }
    }

    #[test]
    fn bound_elsewhere_local_origins_are_not_special() {
        let admission = admission("0.0.0.0", &[], &[]);
        let headers = [("host", "127.0.0.1"), ("origin", "http://127.0.0.1:1")];
        assert_eq!(admit(&admission, &headers), Err(NotAdmitted::Origin));
    }
}
