//! Classification of addresses by the network they belong to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The network that an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The public internet.
    Public,
    /// A private network: RFC 1918, RFC 6598, RFC 4193.
    Private,
    /// This machine.
    Loopback,
    /// Addresses that no name should resolve to: link-local ones, where clouds serve their
    /// metadata, multicast groups, and reserved ranges.
    Special,
}

impl Reach {
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        match address.octets() {
            [127, ..] => Self::Loopback,
            [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Self::Private,
            [0 | 224..=255, ..]
            | [169, 254, ..]
            | [192, 0, 0 | 2, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _] => Self::Special,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let embedded = |high: u16, low: u16| {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            Self::of_v4(Ipv4Addr::new(a, b, c, d))
        };
        match address.segments() {
            [0, 0, 0, 0, 0, 0, 0, 1] => Self::Loopback,
            // IPv4 addresses embedded in IPv6: compatible, NAT64 and 6to4.
            [0, 0, 0, 0, 0, 0, high, low] if (high, low) != (0, 0) => embedded(high, low),
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
            [0x2002, high, low, ..] => embedded(high, low),
            [0xfc00..=0xfdff, ..] => Self::Private,
            // The global unicast addresses, except for documentation and Teredo.
            [0x2001, 0 | 0xdb8, ..] => Self::Special,
            [0x2000..=0x3fff, ..] => Self::Public,
            _ => Self::Special,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_show_what_they_lead_to() {
        for (reach, addresses) in [
            (
                Reach::Public,
                &[
                    "1.1.1.1",
                    "172.32.0.1",
                    "2606:4700::1111",
                    "2002:101:101::1",
                    "64:ff9b::1.1.1.1",
                ][..],
            ),
            (
                Reach::Private,
                &[
                    "10.0.0.1",
                    "172.31.255.255",
                    "192.168.1.1",
                    "100.64.0.1",
                    "fd12::1",
                    "::ffff:10.0.0.1",
                    "64:ff9b::10.0.0.1",
                    "2002:a00:1::",
                ],
            ),
            (
                Reach::Loopback,
                &[
                    "127.0.0.1",
                    "127.255.255.255",
                    "::1",
                    "::ffff:127.0.0.1",
                    "::127.0.0.1",
                    "2002:7f00:1::",
                ],
            ),
            (
                Reach::Special,
                &[
                    "0.0.0.0",
                    "169.254.169.254",
                    "224.0.0.1",
                    "255.255.255.255",
                    "198.18.0.1",
                    "192.0.2.1",
                    "::",
                    "fe80::1",
                    "ff02::1",
                    "2001:db8::1",
                    "64:ff9b::169.254.169.254",
                ],
            ),
        ] {
            for address in addresses {
                assert_eq!(Reach::of(address.parse().unwrap()), reach, "{address}");
            }
        }
    }
}
