//! `wasi:sockets`

use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};

pub async fn connect(address: SocketAddr) -> Result<(), String> {
    TcpStream::connect(address).map(drop).map_err(text)
}

pub async fn listen(address: SocketAddr) -> Result<(), String> {
    TcpListener::bind(address).map(drop).map_err(text)
}

pub async fn bind_udp(address: SocketAddr) -> Result<(), String> {
    UdpSocket::bind(address).map(drop).map_err(text)
}

pub async fn resolve(name: &str) -> Result<String, String> {
    let found: Vec<_> = (name, 80).to_socket_addrs().map_err(text)?.collect();
    Ok(format!("{found:?}"))
}

fn text(error: std::io::Error) -> String {
    error.to_string()
}
