//! A session over standard input and output.

use std::io::{ErrorKind, Read as _};

use anyhow::{Context as _, Result, bail, ensure};
use mio::unix::pipe::{Receiver, Sender};
use mio::{Events, Interest, Poll, Token};

use super::unwritten::Unwritten;
use super::{Burst, CHUNK, Client, EVENTS, Flight, Until, wait};
use crate::messages::{self, Request, short};
use crate::process::Process;

/// One session with a process.
///
/// Answers that arrive in one read are followed by as many requests in one write.
#[derive(Debug)]
pub struct Lines {
    input: Sender,
    output: Receiver,
    poll: Poll,
    events: Events,
    chunk: Vec<u8>,
    unread: Vec<u8>,
    /// The position from which to search for the end of a line.
    searched: usize,
    unwritten: Unwritten,
    next_id: u64,
}

impl Lines {
    /// Opens a session with a process that has just been started.
    pub fn open(process: &mut Process) -> Result<Self> {
        let (input, output) = process.pipes()?;
        let (mut input, mut output) = (Sender::from(input), Receiver::from(output));
        input.set_nonblocking(true)?;
        output.set_nonblocking(true)?;
        let poll = Poll::new()?;
        poll.registry()
            .register(&mut input, Token(0), Interest::WRITABLE)?;
        poll.registry()
            .register(&mut output, Token(1), Interest::READABLE)?;
        let mut lines = Self {
            input,
            output,
            poll,
            events: Events::with_capacity(EVENTS),
            chunk: vec![0; CHUNK],
            unread: Vec::new(),
            searched: 0,
            unwritten: Unwritten::default(),
            next_id: 1,
        };
        let opened = lines.initialize();
        opened.with_context(|| format!("no session:\n{}", process.last_words()))?;
        Ok(lines)
    }

    fn initialize(&mut self) -> Result<()> {
        self.send(messages::initialize(0).as_bytes());
        let mut is_open = false;
        while !is_open {
            self.turn(|answer| {
                is_open = true;
                ensure!(
                    memchr::memmem::find(answer, b"\"serverInfo\"").is_some(),
                    "no session: {}",
                    short(answer)
                );
                Ok(())
            })?;
        }
        self.send(messages::INITIALIZED.as_bytes());
        self.unwritten.write_to(&mut self.input)
    }

    fn send(&mut self, message: &[u8]) {
        let unwritten = self.unwritten.bytes();
        unwritten.extend_from_slice(message);
        unwritten.push(b'\n');
    }

    fn ask(&mut self, request: &Request, id: u64) {
        let unwritten = self.unwritten.bytes();
        request.write(id, unwritten);
        unwritten.push(b'\n');
    }

    /// Writes without waiting, waits for answers and handles those that arrived together.
    fn turn(&mut self, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut has_read = false;
        loop {
            self.unwritten.write_to(&mut self.input)?;
            loop {
                match self.output.read(&mut self.chunk) {
                    Ok(0) => bail!("the server has ended"),
                    Ok(length) => {
                        self.unread.extend_from_slice(&self.chunk[..length]);
                        has_read = true;
                        // A short read empties a pipe: another event reports more.
                        if length < self.chunk.len() {
                            break;
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if has_read && self.take(&mut take)? {
                return Ok(());
            }
            wait(&mut self.poll, &mut self.events)?;
        }
    }

    /// Handles the complete lines. Returns whether there were any.
    fn take(&mut self, take: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<bool> {
        let mut start = 0;
        while let Some(end) = memchr::memchr(b'\n', &self.unread[self.searched..]) {
            let end = self.searched + end;
            take(&self.unread[start..end])?;
            start = end + 1;
            self.searched = start;
        }
        self.unread.drain(..start);
        self.searched = self.unread.len();
        Ok(start > 0)
    }
}

impl Client for Lines {
    fn prepare(&mut self, request: &Request, in_flight: usize) -> Result<()> {
        self.ask(request, self.next_id);
        self.next_id += 1;
        let mut is_answered = false;
        while !is_answered {
            self.turn(|answer| {
                is_answered = true;
                request.check_fully(answer)
            })?;
        }
        self.burst(request, in_flight, Until::Count(in_flight as u64))?;
        Ok(())
    }

    fn burst(&mut self, request: &Request, in_flight: usize, until: Until) -> Result<Burst> {
        let mut flight = Flight::new(in_flight, until, self.next_id)?;
        let mut free: Vec<usize> = (0..in_flight).collect();
        loop {
            flight.tick();
            for slot in free.drain(..) {
                if let Some(id) = flight.send(slot) {
                    self.ask(request, id);
                }
            }
            if flight.is_empty() {
                return Ok(flight.end(&mut self.next_id));
            }
            self.turn(|answer| {
                free.push(flight.answered(request.check(answer)?)?);
                Ok(())
            })?;
        }
    }
}
