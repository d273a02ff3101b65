//! Streamable HTTP: one thread, and as little of HTTP as a correct answer to a POST needs.

use std::collections::HashMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;

use anyhow::Result;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use crate::answer::Server;

const LISTENER: Token = Token(0);
const MAX_HEADERS: usize = 64;

/// Serves `/mcp` until the process is ended.
pub fn serve(address: SocketAddr) -> Result<()> {
    let server = Server::new();
    let mut listener = TcpListener::bind(address)?;
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    eprintln!("serving MCP at http://{}/mcp", listener.local_addr()?);
    let mut connections: HashMap<Token, Connection> = HashMap::new();
    let mut last = LISTENER;
    let mut chunk = vec![0; 64 << 10];
    loop {
        if let Err(error) = poll.poll(&mut events, None) {
            if error.kind() == ErrorKind::Interrupted {
                continue;
            }
            return Err(error.into());
        }
        for event in &events {
            if event.token() != LISTENER {
                let Some(connection) = connections.get_mut(&event.token()) else {
                    continue;
                };
                if !connection.turn(&server, &mut chunk) {
                    connections.remove(&event.token());
                }
                continue;
            }
            while let Ok((mut stream, _)) = listener.accept() {
                stream.set_nodelay(true)?;
                last = Token(last.0 + 1);
                let interest = Interest::READABLE | Interest::WRITABLE;
                poll.registry().register(&mut stream, last, interest)?;
                connections.insert(last, Connection::new(stream));
            }
        }
    }
}

struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
    unwritten: Vec<u8>,
    written: usize,
    body: Vec<u8>,
}

impl Connection {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unread: Vec::new(),
            unwritten: Vec::new(),
            written: 0,
            body: Vec::new(),
        }
    }

    /// Reads, answers and writes as much as can be. False where the connection is over.
    fn turn(&mut self, server: &Server, chunk: &mut [u8]) -> bool {
        if !self.write() {
            return false;
        }
        loop {
            match self.stream.read(chunk) {
                Ok(0) => return false,
                Ok(length) => {
                    self.unread.extend_from_slice(&chunk[..length]);
                    if !self.answer(server) || !self.write() {
                        return false;
                    }
                    // What comes later is told by another event.
                    if length < chunk.len() {
                        return true;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }

    /// Answers the requests that have come whole. False where what came is no HTTP.
    fn answer(&mut self, server: &Server) -> bool {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut request = httparse::Request::new(&mut headers);
            let head = match request.parse(&self.unread) {
                Ok(httparse::Status::Complete(head)) => head,
                Ok(httparse::Status::Partial) => return true,
                Err(_) => return false,
            };
            let header = |name: &str| {
                let mut headers = request.headers.iter();
                let header = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
                std::str::from_utf8(header.value).ok()
            };
            let length = match header("content-length").map(str::parse::<usize>) {
                None => 0,
                Some(Ok(length)) => length,
                Some(Err(_)) => return false,
            };
            if self.unread.len() < head + length {
                return true;
            }
            let status = match (request.method, request.path) {
                (_, path) if path != Some("/mcp") => 404,
                (Some("POST"), _) if header("transfer-encoding").is_some() => 411,
                (Some("POST"), _) if header("content-type") != Some("application/json") => 415,
                (Some("POST"), _) => 200,
                _ => 405,
            };
            self.body.clear();
            if status == 200 {
                server.answer(&self.unread[head..head + length], &mut self.body);
            }
            self.unread.drain(..head + length);
            self.respond(status);
        }
    }

    fn respond(&mut self, status: u16) {
        let length = self.body.len();
        let line = match status {
            200 if length == 0 => "202 Accepted",
            200 => "200 OK\r\ncontent-type: application/json",
            404 => "404 Not Found",
            405 => "405 Method Not Allowed\r\nallow: POST",
            411 => "411 Length Required",
            _ => "415 Unsupported Media Type",
        };
        write!(
            self.unwritten,
            "HTTP/1.1 {line}\r\ncontent-length: {length}\r\n\r\n"
        )
        .expect("memory takes any text");
        self.unwritten.extend_from_slice(&self.body);
    }

    fn write(&mut self) -> bool {
        while self.written < self.unwritten.len() {
            match self.stream.write(&self.unwritten[self.written..]) {
                Ok(length) => self.written += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        self.unwritten.clear();
        self.written = 0;
        true
    }
}
