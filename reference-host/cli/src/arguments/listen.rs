//! The address to listen on.

use std::fmt;
use std::io;
use std::net::{Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs as _};
use std::str::FromStr;

use super::values::host_name;

/// An address to listen on: a host's name or IP address, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listen {
    /// The host as written in a URL: an IPv6 address has brackets.
    host: String,
    port: u16,
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            || "expected a host and a port, such as localhost:8080, or a port".to_owned();
        let (host, port) = text.rsplit_once(':').unwrap_or(("127.0.0.1", text));
        if host.is_empty() {
            let hint = "for every address of this machine, write 0.0.0.0 or [::] before the port";
            return Err(format!("{}; {hint}", expected()));
        }
        if host.parse::<Ipv6Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok() {
            return Err("an IPv6 address needs brackets, such as [::1]:8080".to_owned());
        }
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(expected());
        }
        let port = port.parse().map_err(|_| expected())?;
        let host = host_name(host).map_err(|_| expected())?;
        Ok(Self { host, port })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

impl Listen {
    /// Listens on the first address of the host, or on the next one where this machine does not have
    /// the family or the address. An address that is in use is an error: another program would go on
    /// serving the clients that try it first.
    ///
    /// # Errors
    ///
    /// When the name cannot be resolved, or the address cannot be bound.
    pub(crate) fn bind(&self) -> io::Result<TcpListener> {
        let mut missing = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in self.addresses()? {
            match TcpListener::bind(address) {
                Err(error) if is_missing(&error) => missing = error,
                bound => return bound.and_then(with_backlog),
            }
        }
        Err(missing)
    }

    /// Returns the addresses of the host, IPv4 before IPv6: clients that try both reach either, and
    /// others try IPv4.
    ///
    /// # Errors
    ///
    /// When the name cannot be resolved.
    fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        let mut addresses: Vec<_> = self.to_string().to_socket_addrs()?.collect();
        addresses.sort_by_key(SocketAddr::is_ipv6);
        Ok(addresses)
    }
}

/// Lets more clients wait to be accepted than the standard library does.
fn with_backlog(listener: TcpListener) -> io::Result<TcpListener> {
    #[cfg(unix)]
    rustix::net::listen(&listener, 1024)?;
    Ok(listener)
}

/// Returns true if this machine does not have an address, or none of its family.
fn is_missing(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error()) {
        return true;
    }
    matches!(
        error.kind(),
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported
    )
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::TcpListener;

    use super::Listen;

    #[test]
    fn an_address_in_use_is_not_passed_over() {
        let used = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = used.local_addr().expect("its address").port();
        let listen: Listen = format!("localhost:{port}").parse().expect("an address");
        let bound = listen.bind().map_err(|error| error.kind());
        assert_eq!(bound.err(), Some(ErrorKind::AddrInUse));
    }

    #[test]
    fn a_port_alone_is_of_this_machine_and_names_resolve() {
        for (text, written, address) in [
            ("8080", "127.0.0.1:8080", "127.0.0.1:8080"),
            ("0", "127.0.0.1:0", "127.0.0.1:0"),
            ("localhost:8080", "localhost:8080", "127.0.0.1:8080"),
            ("127.0.0.1:80", "127.0.0.1:80", "127.0.0.1:80"),
            ("0.0.0.0:80", "0.0.0.0:80", "0.0.0.0:80"),
            ("[::1]:80", "[::1]:80", "[::1]:80"),
            ("[::]:80", "[::]:80", "[::]:80"),
        ] {
            let listen: Listen = text.parse().expect(text);
            assert_eq!(listen.to_string(), written);
            let addresses = listen.addresses().expect(text);
            assert_eq!(addresses[0].to_string(), address, "{text}");
        }
        let unknown: Listen = "no-such-host.invalid:80".parse().expect("a name");
        assert!(unknown.addresses().is_err());
    }

    #[test]
    fn other_texts_are_refused_with_a_hint() {
        for (text, hint) in [
            ("", "expected"),
            (":8080", "0.0.0.0"),
            ("::1:8080", "brackets"),
            ("::1", "brackets"),
            ("localhost", "expected"),
            ("localhost:", "expected"),
            ("localhost:http", "expected"),
            ("localhost:+80", "expected"),
            ("65536", "expected"),
            ("-1", "expected"),
            ("http://localhost:80", "expected"),
            ("a b:80", "expected"),
            ("me@localhost:80", "expected"),
        ] {
            let error = text.parse::<Listen>().expect_err(text);
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
