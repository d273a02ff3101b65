//! Incremental parsing of HTTP responses.

use anyhow::{Context as _, Result, bail};

const MAX_HEADERS: usize = 64;

/// A response that arrives in pieces.
#[derive(Debug, Default)]
pub struct Incoming {
    unread: Vec<u8>,
    head: Option<Head>,
    body: Vec<u8>,
}

/// The part before the body.
#[derive(Debug, Clone, Default)]
struct Head {
    status: u16,
    is_stream: bool,
    session: Option<String>,
    framing: Framing,
}

#[derive(Debug, Clone, Copy, Default)]
enum Framing {
    #[default]
    None,
    Length(usize),
    Chunks,
}

/// A complete response.
#[derive(Debug)]
pub struct Response<'a> {
    /// The status.
    pub status: u16,
    /// The id of the session, if there is one.
    pub session: Option<String>,
    /// The body, or its last message if it is a stream of events.
    pub message: &'a [u8],
}

impl Incoming {
    /// Adds a piece. Returns whether the response is complete and can be read.
    pub fn push(&mut self, piece: &[u8]) -> Result<bool> {
        self.unread.extend_from_slice(piece);
        if self.head.is_none() && !self.read_head()? {
            return Ok(false);
        }
        match self.head.as_ref().expect("it was read").framing {
            Framing::None => Ok(true),
            Framing::Length(length) => {
                self.body.append(&mut self.unread);
                if self.body.len() > length {
                    bail!("more came than was announced");
                }
                Ok(self.body.len() == length)
            }
            Framing::Chunks => self.read_chunks(),
        }
    }

    /// Returns the complete response.
    pub fn response(&self) -> Result<Response<'_>> {
        let head = self.head.as_ref().context("no response")?;
        let message = if head.is_stream {
            last_message(&self.body).context("a stream without a message")?
        } else {
            &self.body
        };
        Ok(Response {
            status: head.status,
            session: head.session.clone(),
            message,
        })
    }

    /// Prepares for the next response.
    pub fn clear(&mut self) {
        self.unread.clear();
        self.body.clear();
        self.head = None;
    }

    fn read_head(&mut self) -> Result<bool> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(end) = response.parse(&self.unread)? else {
            return Ok(false);
        };
        let mut head = Head {
            status: response.code.context("a status")?,
            ..Head::default()
        };
        for header in response.headers {
            let value = || std::str::from_utf8(header.value).map(str::trim);
            if header.name.eq_ignore_ascii_case("content-length") {
                head.framing = match value()?.parse()? {
                    0 => Framing::None,
                    length => Framing::Length(length),
                };
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                head.framing = Framing::Chunks;
            } else if header.name.eq_ignore_ascii_case("content-type") {
                head.is_stream = value()?.starts_with("text/event-stream");
            } else if header.name.eq_ignore_ascii_case("mcp-session-id") {
                head.session = Some(value()?.to_owned());
            }
        }
        self.head = Some(head);
        self.unread.drain(..end);
        Ok(true)
    }

    /// Returns whether the last chunk has arrived.
    fn read_chunks(&mut self) -> Result<bool> {
        let mut read = 0;
        let is_whole = loop {
            let rest = &self.unread[read..];
            let parsed = httparse::parse_chunk_size(rest);
            let parsed = parsed.map_err(|_| anyhow::anyhow!("no size of a chunk"))?;
            let httparse::Status::Complete((begin, size)) = parsed else {
                break false;
            };
            let end = begin + usize::try_from(size)?;
            if rest.len() < end + 2 {
                break false;
            }
            self.body.extend_from_slice(&rest[begin..end]);
            read += end + 2;
            if size == 0 {
                break true;
            }
        };
        self.unread.drain(..read);
        Ok(is_whole)
    }
}

/// Returns the data of the last event that has some. Neither server splits a message into lines.
fn last_message(events: &[u8]) -> Option<&[u8]> {
    let lines = events.split(|byte| *byte == b'\n').rev();
    lines
        .filter_map(|line| line.strip_prefix(b"data:"))
        .map(<[u8]>::trim_ascii)
        .find(|data| !data.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses the text byte by byte.
    fn read(text: &str) -> (u16, Option<String>, String) {
        let mut incoming = Incoming::default();
        let (last, others) = text.as_bytes().split_last().unwrap();
        for byte in others {
            assert!(!incoming.push(&[*byte]).unwrap());
        }
        assert!(incoming.push(&[*last]).unwrap());
        let response = incoming.response().unwrap();
        let message = String::from_utf8(response.message.to_vec()).unwrap();
        (response.status, response.session, message)
    }

    #[test]
    fn a_body_with_a_length() {
        let response = read("HTTP/1.1 200 OK\r\nMcp-Session-Id: x\r\nContent-Length: 2\r\n\r\n{}");
        assert_eq!(response, (200, Some("x".to_owned()), "{}".to_owned()));
    }

    #[test]
    fn no_body() {
        let response = read("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(response, (202, None, String::new()));
    }

    #[test]
    fn a_stream_of_events_in_chunks() {
        let response = read(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n\
             9\r\ndata: \n\n\n\r\n6\r\ndata: \r\n4\r\n{}\n\n\r\n0\r\n\r\n",
        );
        assert_eq!(response, (200, None, "{}".to_owned()));
    }
}
