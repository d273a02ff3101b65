//! Ports for servers that cannot choose one themselves.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;

use anyhow::bail;

/// The range of ports, below those that systems choose for a connection of their own (Linux from
/// 32,768, others from 49,152). Otherwise any connection could take the port before the server listens, and a client that tries whether it does
/// could connect with itself.
const RANGE: Range<u16> = 20_000..32_000;

/// A TCP port on 127.0.0.1 for one server, which no other process of the suite is given meanwhile.
#[derive(Debug)]
pub struct ReservedPort {
    number: u16,
    /// The mark for other processes: servers of HTTP listen on TCP alone.
    _mark: UdpSocket,
}

impl ReservedPort {
    /// Finds a port on which nothing listens.
    ///
    /// # Errors
    ///
    /// When none is found.
    pub fn find() -> anyhow::Result<Self> {
        const ATTEMPTS: usize = 1000;
        for _ in 0..ATTEMPTS {
            if let Some(port) = Self::reserve(rand::random_range(RANGE)) {
                return Ok(port);
            }
        }
        bail!(
            "no free port was found among {} to {} on 127.0.0.1",
            RANGE.start,
            RANGE.end - 1
        )
    }

    fn reserve(number: u16) -> Option<Self> {
        let mark = UdpSocket::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
        // A listener without connections leaves nothing behind when it is dropped.
        TcpListener::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
        Some(Self {
            number,
            _mark: mark,
        })
    }

    /// Returns the port's number.
    pub fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_once() {
        let port = ReservedPort::find().expect("a port");
        assert!(RANGE.contains(&port.number()));
        let number = port.number();
        assert!(ReservedPort::reserve(number).is_none());
        TcpListener::bind((Ipv4Addr::LOCALHOST, number)).expect("the server can listen");
        drop(port);
        assert!(ReservedPort::reserve(number).is_some());
    }

    #[test]
    fn a_port_with_a_listener_is_not_given() {
        let port = ReservedPort::find().expect("a port");
        let number = port.number();
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, number)).expect("it can listen");
        drop(port);
        assert!(ReservedPort::reserve(number).is_none());
    }
}
