//! Outgoing requests of a guest, through `wasi:http` of 0.2 and 0.3.
//!
//! A granted name is resolved here and nowhere else: `wasi:sockets` resolves no names. The resolved
//! address is checked, and the connection goes to exactly that address, so hostile DNS cannot
//! redirect a guest to this machine or into its network. Over HTTPS the address is resolved a
//! second time, because the certificate must match the name; there the certificate keeps a guest
//! from reaching any other host.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http::uri::{Authority, Scheme};
use http_body::{Body, Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::denials::Denials;
use super::descriptor_permits::{Permit, Permits};
use super::holdings::BODY_CHUNK;
use super::reach::Reach;
use crate::telemetry::Limit;
use crate::telemetry::SessionObserver;

/// The most requests that one instance may have in flight.
const REQUESTS: usize = 64;
/// The longest time that resolving a name may take.
const LOOKUP_TIME: Duration = Duration::from_secs(30);

/// Admits a request if its host was granted. Guests follow redirects themselves, so each hop passes
/// this check again.
pub(super) struct HttpGrant {
    hosts: Arc<[String]>,
    private: bool,
    /// Counts refused requests.
    observer: SessionObserver,
    /// Logs each host that was refused, once.
    denials: Denials,
    places: Arc<Semaphore>,
    /// Permits for the descriptors of connections.
    connections: Permits,
}

impl HttpGrant {
    /// Grants hosts, with or without a port; `private` allows names to resolve to addresses of
    /// private networks.
    pub(super) fn new(
        hosts: &[String],
        private: bool,
        connections: Permits,
        observer: SessionObserver,
        denials: Denials,
    ) -> Self {
        Self {
            hosts: hosts.into(),
            private,
            observer,
            denials,
            places: Arc::new(Semaphore::new(REQUESTS)),
            connections,
        }
    }

    fn allows(&self, uri: &Uri) -> bool {
        uri.host()
            .is_some_and(|host| grants(&self.hosts, host, port(uri)))
    }
}

fn grants(hosts: &[String], host: &str, port: Option<u16>) -> bool {
    let with_port = port.map(|port| format!("{host}:{port}"));
    hosts.iter().any(|granted| {
        granted.eq_ignore_ascii_case(host)
            || with_port
                .as_deref()
                .is_some_and(|with_port| granted.eq_ignore_ascii_case(with_port))
    })
}

/// Returns the port to connect to, also if the URI does not name one.
fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or_else(|| match uri.scheme_str() {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    })
}

/// The addresses that a name may resolve to.
struct Destinations {
    hosts: Arc<[String]>,
    private: bool,
}

impl Destinations {
    /// Finds the destination of a request: the address to connect to, for a name.
    ///
    /// # Errors
    ///
    /// When the name is unknown, or resolves to no permitted address.
    async fn find<L>(
        &self,
        uri: &Uri,
        lookup: impl FnOnce(String, u16) -> L,
    ) -> Result<Option<SocketAddr>, Error>
    where
        L: Future<Output = io::Result<Vec<SocketAddr>>>,
    {
        let (Some(host), Some(port)) = (uri.host(), port(uri)) else {
            return Err(Error::HttpRequestUriInvalid);
        };
        if literal(host).is_some() {
            // Granted literally.
            return Ok(None);
        }
        let found = tokio::time::timeout(LOOKUP_TIME, lookup(host.to_owned(), port))
            .await
            .map_err(|_| Error::DnsTimeout)?
            .map_err(|_| Error::DnsError {
                rcode: None,
                info_code: None,
            })?;
        let allowed = found
            .into_iter()
            .find(|address| self.may_reach(host, *address));
        if allowed.is_none() {
            return Err(Error::DestinationIpProhibited);
        }
        Ok(allowed)
    }

    fn may_reach(&self, name: &str, address: SocketAddr) -> bool {
        let is_granted = || {
            let host = match address.ip() {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
            grants(&self.hosts, &host, Some(address.port()))
        };
        match Reach::of(address.ip()) {
            Reach::Public => true,
            Reach::Private => self.private || is_granted(),
            Reach::Loopback => is_local_name(name) || is_granted(),
            Reach::Special => is_granted(),
        }
    }
}

/// Returns whether a name denotes this machine by definition: RFC 6761, section 6.3.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

async fn look_up(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

/// Directs the same request to an address. `Host` already holds the name.
fn directed(uri: &Uri, address: SocketAddr) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    parts.authority = Some(Authority::try_from(address.to_string()).ok()?);
    Uri::from_parts(parts).ok()
}

type Transfer = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Exchange =
    Box<dyn Future<Output = Result<(http::Response<WasiBody>, Transfer), Error>> + Send>;

fn refused(error: Error) -> Exchange {
    Box::new(std::future::ready(Err(error)))
}

/// The body of a response, which counts as a request in flight while it is kept.
struct HeldBody<B> {
    body: B,
    _place: Arc<(OwnedSemaphorePermit, Permit)>,
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Body for HeldBody<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl WasiHttpHooks for HttpGrant {
    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK
    }

    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK
    }

    fn send_request(
        &mut self,
        mut request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _transfer: Transfer,
    ) -> Exchange {
        use http_body_util::BodyExt;

        if !self.allows(request.uri()) {
            self.observer.reached(Limit::HttpHosts);
            let host = request.uri().host().unwrap_or_default();
            let grant = match request.uri().port_u16() {
                Some(port) => format!("--allow-http {host}:{port} grants it"),
                None => format!("--allow-http {host} grants it"),
            };
            self.denials.tell(&format!("a request to {host}"), &grant);
            return refused(Error::HttpRequestDenied);
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            self.observer.reached(Limit::HttpRequests);
            return refused(Error::ConnectionLimitReached);
        };
        let Some(connection) = self.connections.take() else {
            self.observer.reached(Limit::OpenFiles);
            return refused(Error::ConnectionLimitReached);
        };
        let place = (place, connection);
        let destinations = Destinations {
            hosts: Arc::clone(&self.hosts),
            private: self.private,
        };
        let observer = self.observer.clone();
        let denials = self.denials.clone();
        Box::new(async move {
            let address = destinations
                .find(request.uri(), look_up)
                .await
                .inspect_err(|error| {
                    if matches!(error, Error::DestinationIpProhibited) {
                        observer.reached(Limit::HttpDestinations);
                        let host = request.uri().host().unwrap_or_default();
                        denials.tell(
                            &format!("a request to {host}, a name of a private address"),
                            "--allow-http-private grants private networks, and --allow-http the \
                             address itself",
                        );
                    }
                })?;
            if let Some(address) = address
                && request.uri().scheme() != Some(&Scheme::HTTPS)
            {
                let uri = directed(request.uri(), address);
                *request.uri_mut() = uri.ok_or(Error::HttpRequestUriInvalid)?;
            }
            let (response, transfer) =
                wasmtime_wasi_http::default_send_request(request, options).await?;
            let place = Arc::new(place);
            let held = Arc::clone(&place);
            let transfer = async move {
                let result = transfer.await;
                drop(place);
                result
            };
            // An unread body may be kept after the transfer: it counts until it is read or dropped.
            let response = response.map(|body| HeldBody { body, _place: held }.boxed_unsync());
            Ok((response, Box::new(transfer) as Transfer))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    fn hosts(hosts: &[&str]) -> Vec<String> {
        hosts.iter().map(|host| (*host).to_owned()).collect()
    }

    fn grant(granted: &[&str]) -> HttpGrant {
        HttpGrant::new(
            &hosts(granted),
            false,
            Permits::new(REQUESTS),
            SessionObserver::default(),
            Denials::default(),
        )
    }

    #[test]
    fn only_granted_hosts_are_reached() {
        let grant = grant(&[
            "Example.com",
            "other.example:8443",
            "default.example:443",
            "[::1]:80",
        ]);
        for (text, expected) in [
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
            assert_eq!(grant.allows(&uri(text)), expected, "{text}");
        }
        assert!(!self::grant(&[]).allows(&uri("http://example.com/")));
    }

    async fn found(
        granted: &[&str],
        private: bool,
        name: &str,
        addresses: &[&str],
    ) -> Result<Option<SocketAddr>, Error> {
        let destinations = Destinations {
            hosts: hosts(granted).into(),
            private,
        };
        let addresses: Vec<IpAddr> = addresses.iter().map(|it| it.parse().unwrap()).collect();
        let uri = uri(&format!("http://{name}:81/"));
        destinations
            .find(&uri, |host, port| async move {
                assert_eq!(host, name.trim_end_matches(":81"));
                Ok(addresses
                    .iter()
                    .map(|it| SocketAddr::new(*it, port))
                    .collect())
            })
            .await
    }

    #[tokio::test]
    async fn a_name_leads_to_public_addresses_alone() {
        let name = "api.example";
        for (addresses, expected) in [
            (&["93.184.215.14"][..], Some("93.184.215.14:81")),
            (&["127.0.0.1", "2606:2800::1"], Some("[2606:2800::1]:81")),
            (&["127.0.0.1"], None),
            (&["::1", "::ffff:127.0.0.1", "0.0.0.0"], None),
            (&["169.254.169.254"], None),
            (&["10.0.0.1", "192.168.0.1", "172.16.0.1", "fd00::1"], None),
            (&[], None),
        ] {
            let found = found(&[name], false, name, addresses).await;
            match expected {
                Some(expected) => assert_eq!(found.unwrap(), Some(expected.parse().unwrap())),
                None => assert!(
                    matches!(found, Err(Error::DestinationIpProhibited)),
                    "{addresses:?}: {found:?}"
                ),
            }
        }
    }

    #[tokio::test]
    async fn an_address_may_be_granted_besides_the_name() {
        let name = "db.internal";
        let reached = async |granted: &[&str], private, address: &str| {
            found(granted, private, name, &[address]).await.is_ok()
        };
        assert!(reached(&[name], true, "10.1.2.3").await);
        assert!(!reached(&[name], true, "127.0.0.1").await);
        assert!(!reached(&[name], true, "169.254.169.254").await);
        assert!(reached(&[name, "10.1.2.3"], false, "10.1.2.3").await);
        assert!(reached(&[name, "127.0.0.1:81"], false, "127.0.0.1").await);
        assert!(!reached(&[name, "127.0.0.1:82"], false, "127.0.0.1").await);
        assert!(reached(&[name, "[fd00::1]"], false, "fd00::1").await);
    }

    #[tokio::test]
    async fn localhost_is_this_machine_and_nothing_else() {
        for name in ["localhost", "LocalHost", "app.localhost"] {
            assert!(found(&[name], false, name, &["127.0.0.1"]).await.is_ok());
            assert!(found(&[name], false, name, &["10.0.0.1"]).await.is_err());
        }
        let other = "localhost.example";
        assert!(found(&[other], false, other, &["127.0.0.1"]).await.is_err());
    }

    #[tokio::test]
    async fn an_address_is_not_looked_up() {
        for host in ["127.0.0.1", "[::1]"] {
            let destinations = Destinations {
                hosts: hosts(&[host]).into(),
                private: false,
            };
            let found = destinations
                .find(&uri(&format!("http://{host}/")), |_, _| async { panic!() })
                .await;
            assert_eq!(found.unwrap(), None);
        }
    }

    #[test]
    fn a_request_goes_to_the_address_that_was_checked() {
        for (address, expected) in [
            ("93.184.215.14:81", "http://93.184.215.14:81/a?b"),
            ("[2606:2800::1]:81", "http://[2606:2800::1]:81/a?b"),
        ] {
            let uri = uri("http://api.example:81/a?b");
            let directed = directed(&uri, address.parse().unwrap()).unwrap();
            assert_eq!(directed.to_string(), expected);
        }
    }
}
