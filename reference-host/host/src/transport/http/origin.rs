//! Admission to the endpoint, by `Origin` and `Host`.
//!
//! Any web page can make a browser send requests to a server on the user's machine, and by DNS
//! rebinding even read the answers. Hence the specification's rule to validate `Origin`; see
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#security-warning>.

use std::net::IpAddr;

use ::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use ::http::uri::{Authority, Uri};
use wasi_mcp_protocol::http::{self, Place};

pub use wasi_mcp_protocol::http::{NotAdmitted, NotAnOrigin, Origin};

use super::options::HttpOptions;

/// Checks `Host` and `Origin` of requests against [DNS
/// rebinding](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#security-warning).
#[derive(Debug)]
pub struct Admission(http::Admission);

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
        let place = if bound_to_loopback {
            Place::Loopback
        } else {
            Place::Elsewhere
        };
        let origins = options.allowed_origins.clone();
        Self(http::Admission::new(place, origins, hosts))
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
        let values = |name: HeaderName| {
            let values = headers.get_all(name).into_iter();
            values.map(HeaderValue::as_bytes)
        };
        let target = uri.authority().map(Authority::as_str);
        let origin = self.0.admit(values(HOST), target, values(ORIGIN))?;
        Ok(origin.and_then(|_| headers.get(ORIGIN).cloned()))
    }
}

#[cfg(test)]
mod tests {
    use ::http::Request;

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
