//! `wasi:sockets`

use std::net::SocketAddr;

use wasip3::sockets::ip_name_lookup;
use wasip3::sockets::types::{
    IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, TcpSocket, UdpSocket,
};

pub async fn connect(address: SocketAddr) -> Result<(), String> {
    let socket = TcpSocket::create(family(address)).map_err(text)?;
    socket.connect(wasi(address)).await.map_err(text)
}

pub async fn listen(address: SocketAddr) -> Result<(), String> {
    let socket = TcpSocket::create(family(address)).map_err(text)?;
    socket.bind(wasi(address)).map_err(text)?;
    socket.listen().map(drop).map_err(text)
}

pub async fn bind_udp(address: SocketAddr) -> Result<(), String> {
    let socket = UdpSocket::create(family(address)).map_err(text)?;
    socket.bind(wasi(address)).map_err(text)
}

pub async fn resolve(name: &str) -> Result<String, String> {
    let found = ip_name_lookup::resolve_addresses(name.into()).await;
    found.map(|found| format!("{found:?}")).map_err(text)
}

fn family(address: SocketAddr) -> IpAddressFamily {
    match address {
        SocketAddr::V4(_) => IpAddressFamily::Ipv4,
        SocketAddr::V6(_) => IpAddressFamily::Ipv6,
    }
}

fn wasi(address: SocketAddr) -> IpSocketAddress {
    match address {
        SocketAddr::V4(address) => IpSocketAddress::Ipv4(Ipv4SocketAddress {
            port: address.port(),
            address: address.ip().octets().into(),
        }),
        SocketAddr::V6(address) => IpSocketAddress::Ipv6(Ipv6SocketAddress {
            port: address.port(),
            flow_info: address.flowinfo(),
            address: address.ip().segments().into(),
            scope_id: address.scope_id(),
        }),
    }
}

fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}
