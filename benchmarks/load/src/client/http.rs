//! Sessions over Streamable HTTP.

use std::fmt;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::response::{Incoming, Response};
use super::unwritten::Unwritten;
use super::{Burst, CHUNK, Client, EVENTS, Flight, Until, wait};
use crate::messages::{self, REVISION, Request, short};

/// Requests on a connection before the measurement.
const WARM_UP: u64 = 20;

/// Any number of sessions over any number of connections, with one request at a time on each.
///
/// If there are as many sessions as connections, each connection has its own; otherwise requests
/// use the sessions in turn.
#[derive(Debug)]
pub struct Http {
    address: SocketAddr,
    /// The header of each session, with its line end; empty if the server has none.
    sessions: Vec<String>,
    connections: Vec<Connection>,
    poll: Poll,
    events: Events,
    chunk: Vec<u8>,
    body: Vec<u8>,
    turn: usize,
    next_id: u64,
}

/// A server's reply to a message.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    session: Option<String>,
    /// The beginning of the body.
    pub message: String,
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}: {}", self.status, self.message)
    }
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    unwritten: Unwritten,
    incoming: Incoming,
}

impl Http {
    /// Creates a client without sessions.
    pub fn new(address: SocketAddr) -> Result<Self> {
        Ok(Self {
            address,
            sessions: Vec::new(),
            connections: Vec::new(),
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS),
            chunk: vec![0; CHUNK],
            body: Vec::new(),
            turn: 0,
            next_id: 1,
        })
    }

    /// Opens `sessions` sessions, one after the other.
    pub fn open(mut self, sessions: usize) -> Result<Self> {
        match self.open_more(sessions)? {
            None => Ok(self),
            Some(reply) => bail!("session {}: {reply}", self.sessions.len() + 1),
        }
    }

    /// Skips the session: requests are sent without one.
    pub fn without_session(mut self) -> Self {
        self.sessions.push(String::new());
        self
    }

    /// Opens `sessions` further sessions, or as many as the server accepts.
    pub fn open_more(&mut self, sessions: usize) -> Result<Option<Reply>> {
        self.connect(1)?;
        for _ in 0..sessions {
            if let Some(reply) = self.initialize()? {
                return Ok(Some(reply));
            }
            let turn = self.sessions.len() - 1;
            self.post(turn, messages::INITIALIZED.as_bytes());
            let response = self.receive()?;
            ensure!(response.status == 202, "a notification: {response}");
        }
        Ok(None)
    }

    /// Returns the number of sessions.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Requests a session.
    fn initialize(&mut self) -> Result<Option<Reply>> {
        self.sessions.push(String::new());
        let turn = self.sessions.len() - 1;
        self.post(turn, messages::initialize(0).as_bytes());
        let response = self.receive()?;
        if response.status != 200 || !response.message.contains("serverInfo") {
            self.sessions.pop();
            return Ok(Some(response));
        }
        if let Some(session) = &response.session {
            self.sessions[turn] = format!("mcp-session-id: {session}\r\n");
        }
        Ok(None)
    }

    fn connect(&mut self, number: usize) -> Result<()> {
        self.connections.clear();
        for index in 0..number {
            // On the same machine it connects at once.
            let stream = std::net::TcpStream::connect(self.address).context("cannot connect")?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            let interest = Interest::READABLE | Interest::WRITABLE;
            self.poll
                .registry()
                .register(&mut stream, Token(index), interest)?;
            self.connections.push(Connection {
                stream,
                unwritten: Unwritten::default(),
                incoming: Incoming::default(),
            });
        }
        Ok(())
    }

    /// Sends a message on the first connection.
    fn post(&mut self, session: usize, message: &[u8]) {
        let connection = &mut self.connections[0];
        connection.post(self.address, &self.sessions[session], message);
    }

    /// Waits for the response on the first connection.
    fn receive(&mut self) -> Result<Reply> {
        while !self.connections[0].turn(&mut self.chunk)? {
            wait(&mut self.poll, &mut self.events)?;
        }
        let incoming = &mut self.connections[0].incoming;
        let response = incoming.response()?;
        let response = Reply {
            status: response.status,
            session: response.session,
            message: short(response.message),
        };
        incoming.clear();
        Ok(response)
    }

    /// Sends the next request of a slot, which is a connection.
    fn send(&mut self, request: &Request, flight: &mut Flight, slot: usize) -> Result<()> {
        let Some(id) = flight.send(slot) else {
            return Ok(());
        };
        self.body.clear();
        request.write(id, &mut self.body);
        let session = if self.sessions.len() == self.connections.len() {
            slot
        } else {
            self.turn = (self.turn + 1) % self.sessions.len();
            self.turn
        };
        let connection = &mut self.connections[slot];
        connection.post(self.address, &self.sessions[session], &self.body);
        connection.unwritten.write_to(&mut connection.stream)
    }
}

impl Client for Http {
    fn prepare(&mut self, request: &Request, in_flight: usize) -> Result<()> {
        // New ones: servers close idle connections.
        self.connect(in_flight)?;
        self.body.clear();
        request.write(self.next_id, &mut self.body);
        self.next_id += 1;
        let body = std::mem::take(&mut self.body);
        self.post(0, &body);
        self.body = body;
        while !self.connections[0].turn(&mut self.chunk)? {
            wait(&mut self.poll, &mut self.events)?;
        }
        let connection = &mut self.connections[0];
        request.check_fully(successful(&connection.incoming.response()?)?)?;
        connection.incoming.clear();
        let count = WARM_UP.min(200_u64.div_ceil(in_flight as u64)) * in_flight as u64;
        self.burst(request, in_flight, Until::Count(count))?;
        Ok(())
    }

    fn burst(&mut self, request: &Request, in_flight: usize, until: Until) -> Result<Burst> {
        let mut flight = Flight::new(in_flight, until, self.next_id)?;
        for slot in 0..in_flight {
            self.send(request, &mut flight, slot)?;
        }
        while !flight.is_empty() {
            wait(&mut self.poll, &mut self.events)?;
            flight.tick();
            let ready: Vec<usize> = self.events.iter().map(|event| event.token().0).collect();
            for slot in ready {
                // An event may belong to a connection that was closed before the burst.
                let Some(connection) = self.connections.get_mut(slot) else {
                    continue;
                };
                if connection.turn(&mut self.chunk)? {
                    let response = connection.incoming.response()?;
                    let id = request.check(successful(&response)?)?;
                    connection.incoming.clear();
                    flight.answered(id)?;
                    self.send(request, &mut flight, slot)?;
                }
            }
        }
        Ok(flight.end(&mut self.next_id))
    }
}

fn successful<'a>(response: &Response<'a>) -> Result<&'a [u8]> {
    let status = response.status;
    ensure!(
        status == 200,
        "status {status}: {}",
        short(response.message)
    );
    Ok(response.message)
}

impl Connection {
    fn post(&mut self, address: SocketAddr, session: &str, message: &[u8]) {
        write!(
            self.unwritten.bytes(),
            "POST /mcp HTTP/1.1\r\n\
             host: {address}\r\n\
             content-type: application/json\r\n\
             accept: application/json, text/event-stream\r\n\
             mcp-protocol-version: {REVISION}\r\n\
             {session}\
             content-length: {}\r\n\r\n",
            message.len()
        )
        .expect("memory takes any text");
        self.unwritten.bytes().extend_from_slice(message);
    }

    /// Writes and reads without waiting. Returns whether a response is complete.
    fn turn(&mut self, chunk: &mut [u8]) -> Result<bool> {
        self.unwritten.write_to(&mut self.stream)?;
        loop {
            match self.stream.read(chunk) {
                Ok(0) => bail!("the server has closed a connection"),
                Ok(length) => {
                    if self.incoming.push(&chunk[..length])? {
                        return Ok(true);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
