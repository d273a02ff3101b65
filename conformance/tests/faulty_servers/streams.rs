//! The streams of server-sent events of one session: routing of messages, event ids, and replay.

use std::collections::BTreeMap;

use bytes::Bytes;
use tokio::sync::mpsc;

/// The sender for the body of a streamed response.
pub type Events = mpsc::UnboundedSender<Bytes>;

/// The streams of one session.
pub struct Streams {
    peculiarity: &'static str,
    events: u64,
    all: BTreeMap<u64, Stream>,
    unclaimed: Vec<Vec<u8>>,
}

struct Stream {
    live: Option<Events>,
    listening: bool,
    kept: Vec<(String, Vec<u8>)>,
}

impl Streams {
    /// Creates the state without streams.
    pub fn new(peculiarity: &'static str) -> Self {
        Self {
            peculiarity,
            events: 0,
            all: BTreeMap::new(),
            unclaimed: Vec::new(),
        }
    }

    fn is(&self, name: &str) -> bool {
        self.peculiarity == name
    }

    /// Opens a stream and returns its number.
    pub fn open(&mut self, live: Events, listening: bool) -> u64 {
        let number = self.all.len() as u64;
        let _ = self.is("event-framing")
            && live
                .send(": welcome\r\nretry: 60000\r\n\r\n".into())
                .is_ok();
        let stream = Stream {
            live: Some(live),
            listening,
            kept: Vec::new(),
        };
        self.all.insert(number, stream);
        if listening {
            for message in std::mem::take(&mut self.unclaimed) {
                self.announce(&message);
            }
        }
        number
    }

    /// Sends a message as an event of a stream, and keeps it for replay.
    pub fn say(&mut self, number: u64, message: &[u8]) {
        self.events += 1;
        let id = match self.peculiarity {
            "event-ids-repeat" => format!("{number}-1"),
            "event-ids-opaque" => format!("{:016x}.{number}-{}", self.events * 7919, self.events),
            _ => format!("{number}-{}", self.events),
        };
        let frame = self.frame(&id, message);
        if let Some(stream) = self.all.get_mut(&number) {
            stream.kept.push((id, message.to_vec()));
            // The client may have disconnected.
            let _ = stream.live.as_ref().map(|live| live.send(frame));
        }
    }

    /// Sends a message that relates to no request on a listening stream, or keeps it for the next
    /// one.
    pub fn announce(&mut self, message: &[u8]) {
        let listening = self.all.iter().filter(|(_, stream)| stream.listening);
        let open = listening
            .filter(|(_, stream)| stream.live.as_ref().is_some_and(|live| !live.is_closed()));
        let open: Vec<u64> = open.map(|(number, _)| *number).collect();
        match open.first() {
            Some(first) => self.say(*first, message),
            None => self.unclaimed.push(message.to_vec()),
        }
    }

    /// Sends a message on the request stream that was opened last, which is a fault.
    pub fn misdirect(&mut self, message: &[u8]) {
        let newest = self.all.iter().rfind(|(_, stream)| !stream.listening);
        if let Some(newest) = newest.map(|(number, _)| *number) {
            self.say(newest, message);
        }
    }

    /// Resumes the stream to which an event belongs.
    pub fn resume(&mut self, after: &str, live: Events) {
        let place = after.rsplit('.').next().unwrap_or(after);
        let number = place
            .split('-')
            .next()
            .and_then(|number| number.parse().ok());
        let mut number: u64 = number.unwrap_or_default();
        let newest = self.is("resumes-the-newest");
        if newest {
            let newest = self.all.iter().rfind(|(_, stream)| !stream.listening);
            number = newest.map_or(number, |(newest, _)| *newest);
        }
        let known = self
            .all
            .get(&number)
            .is_some_and(|stream| stream.kept.iter().any(|(id, _)| id == after));
        let missed = |kept: &[(String, Vec<u8>)]| {
            let after = kept.iter().position(|(id, _)| id == after);
            let first = after.map_or(0, |after| {
                after + usize::from(!self.is("replays-delivered"))
            });
            kept[first..].to_vec()
        };
        let mut replayed = Vec::new();
        for (other, stream) in &self.all {
            if *other == number || self.is("replays-everything") {
                replayed.extend(missed(&stream.kept));
            }
        }
        for (id, message) in replayed {
            let _ = live.send(self.frame(&id, &message));
        }
        if let Some(stream) = self
            .all
            .get_mut(&number)
            .filter(|stream| (known || newest) && (stream.listening || stream.live.is_some()))
        {
            stream.live = Some(live);
        }
    }

    /// Ends a stream, which can still be resumed.
    pub fn end(&mut self, number: u64) {
        if let Some(stream) = self.all.get_mut(&number) {
            stream.live = None;
        }
    }

    /// Ends all streams.
    pub fn close(&mut self) {
        self.all.values_mut().for_each(|stream| stream.live = None);
    }

    /// The bytes of an event.
    fn frame(&self, id: &str, message: &[u8]) -> Bytes {
        let mut frame = Vec::new();
        let (end, space): (&[u8], &[u8]) = if self.is("event-framing") {
            frame.extend_from_slice(b"event: message\r\n: a comment\r\n");
            (b"\r\n", b"")
        } else {
            (b"\n", b" ")
        };
        let mut field =
            |name: &[u8], value: &[u8]| frame.extend([name, b":", space, value, end].concat());
        if !self.is("no-event-ids") {
            field(b"id", id.as_bytes());
        }
        message
            .split(|byte| *byte == b'\n')
            .for_each(|line| field(b"data", line));
        frame.extend_from_slice(end);
        frame.into()
    }
}
