//! What a guest is granted beyond clocks and randomness: nothing by default.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use http::Uri;
use wasmtime_wasi::{FsPerms, WasiCtx};
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

use super::output::{GuestOutput, Origin};

/// A folder of the host that a guest sees under a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryGrant {
    /// The folder on the host.
    pub host: PathBuf,
    /// The path that the guest sees.
    pub guest: String,
    /// Whether the guest may only read.
    pub read_only: bool,
}

impl std::str::FromStr for DirectoryGrant {
    type Err = String;

    /// Parses `HOST::GUEST` or `HOST::GUEST::ro`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split("::");
        let (host, guest, mode, rest) = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(host), Some(guest), None) = (host, guest, rest) else {
            return Err(format!(
                "`{text}` is not of the form HOST::GUEST or HOST::GUEST::ro"
            ));
        };
        if host.is_empty() || guest.is_empty() {
            return Err(format!(
                "`{text}`: neither the host's nor the guest's path may be empty"
            ));
        }
        let read_only = match mode {
            None => false,
            Some("ro") => true,
            Some(other) => {
                return Err(format!(
                    "`{other}` is no mode: `ro` is the only one (read-write without it)"
                ));
            }
        };
        Ok(Self {
            host: PathBuf::from(host),
            guest: guest.to_owned(),
            read_only,
        })
    }
}

/// The grants of one component. The default grants nothing.
#[derive(Debug, Clone, Default)]
pub struct Sandbox {
    /// Folders that the guest may open.
    pub directories: Vec<DirectoryGrant>,
    /// Environment variables, as the guest sees them.
    pub environment: Vec<(String, String)>,
    /// Command-line arguments, as the guest sees them.
    pub arguments: Vec<String>,
    /// Hosts (`example.com`, or `example.com:8443` for one port alone) that the
    /// guest may reach through `wasi:http`. Compared without regard to case.
    pub http_hosts: Vec<String>,
    /// Where goes what the guest writes to its standard output and error.
    pub output: GuestOutput,
}

impl Sandbox {
    /// Tries the grants out, so that what is wrong with them is known before a
    /// session opens.
    ///
    /// # Errors
    ///
    /// When a granted folder cannot be opened. The text names it.
    pub fn check(&self) -> Result<()> {
        self.wasi(&Origin::default()).map(drop)
    }

    /// Builds the WASI context of one instance.
    ///
    /// # Errors
    ///
    /// When a granted folder cannot be opened.
    pub(super) fn wasi(&self, origin: &Origin) -> Result<WasiCtx> {
        let mut builder = WasiCtx::builder();
        self.output.grant(&mut builder, origin);
        builder.envs(&self.environment).args(&self.arguments);
        for grant in &self.directories {
            let permissions = if grant.read_only {
                FsPerms::ReadOnly
            } else {
                FsPerms::ReadWrite
            };
            builder
                .preopened_dir(&grant.host, &grant.guest, permissions)
                .map_err(super::engine::boxed)
                .with_context(|| {
                    format!("the folder {} cannot be granted", grant.host.display())
                })?;
        }
        Ok(builder.build())
    }

    /// The hooks that let `wasi:http` reach the granted hosts alone.
    pub(super) fn http(&self, session: u64) -> HttpGrant {
        HttpGrant {
            session,
            hosts: self.http_hosts.as_slice().into(),
        }
    }
}

/// Lets a request through when its host was granted. Redirects are followed by
/// guests, never here, so each hop passes this check again.
pub(super) struct HttpGrant {
    hosts: Arc<[String]>,
    /// What log lines call the guest's session.
    session: u64,
}

impl HttpGrant {
    fn allows(&self, uri: &Uri) -> bool {
        let Some(host) = uri.host() else {
            return false;
        };
        let with_port = port(uri).map(|port| format!("{host}:{port}"));
        self.hosts.iter().any(|granted| {
            granted.eq_ignore_ascii_case(host)
                || with_port
                    .as_deref()
                    .is_some_and(|with_port| granted.eq_ignore_ascii_case(with_port))
        })
    }
}

/// The port that will be connected to, also where the URI does not name it.
fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or_else(|| match uri.scheme_str() {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    })
}

type Transfer = Box<dyn Future<Output = Result<(), HttpError>> + Send>;
type Exchange =
    Box<dyn Future<Output = Result<(http::Response<WasiBody>, Transfer), HttpError>> + Send>;

impl WasiHttpHooks for HttpGrant {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _transfer: Transfer,
    ) -> Exchange {
        use http_body_util::BodyExt;

        if !self.allows(request.uri()) {
            tracing::warn!(
                session = self.session,
                host = request.uri().host().unwrap_or_default(),
                "the guest asked for a host that it was not granted (--allow-http)"
            );
            return Box::new(async { Err(HttpError::HttpRequestDenied) });
        }
        Box::new(async move {
            let (response, io) = wasmtime_wasi_http::default_send_request(request, options).await?;
            Ok((
                response.map(BodyExt::boxed_unsync),
                Box::new(io) as Transfer,
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directory_grants_parse_and_say_what_is_wrong() {
        let grant: DirectoryGrant = "./data::/data".parse().unwrap();
        assert_eq!((grant.guest.as_str(), grant.read_only), ("/data", false));
        let grant: DirectoryGrant = "./data::/data::ro".parse().unwrap();
        assert!(grant.read_only);
        for (text, part) in [
            ("data", "HOST::GUEST"),
            ("a::b::rw", "`rw` is no mode"),
            ("a::b::ro::x", "HOST::GUEST"),
            ("::b", "empty"),
        ] {
            let error = text.parse::<DirectoryGrant>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn only_granted_hosts_are_reached() {
        let sandbox = Sandbox {
            http_hosts: vec![
                "Example.com".into(),
                "other.example:8443".into(),
                "default.example:443".into(),
                "[::1]:80".into(),
            ],
            ..Sandbox::default()
        };
        let grant = sandbox.http(1);
        for (uri, expected) in [
            ("http://example.com/", true),
            ("http://example.com:8080/", true),
            ("http://user@example.com/", true),
            ("http://other.example:8443/", true),
            ("http://other.example/", false),
            ("https://default.example/", true),
            ("https://default.example:443/", true),
            ("http://default.example/", false),
            ("http://[::1]/", true),
            ("http://[::1]:8080/", false),
            ("http://example.com.evil.example/", false),
            ("http://example.com@evil.example/", false),
            ("http://sub.example.com/", false),
            ("/example.com", false),
        ] {
            assert_eq!(grant.allows(&uri.parse().unwrap()), expected, "{uri}");
        }
        assert!(
            !Sandbox::default()
                .http(1)
                .allows(&"http://example.com/".parse().unwrap())
        );
    }
}
