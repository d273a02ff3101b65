//! Recorded conversations: transcripts of this suite, and logs with one message a line.
//!
//! `docs/judging.md` lists the forms that are read.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::driver::http::SESSION_ID;
use crate::driver::log::{Direction, Entry, Exchange, Log, Via};
use crate::driver::text;
use crate::driver::transcript::NAMES_SESSION;
use crate::model::{Identity, Transport};
use crate::wire::envelope::{Defect, Envelope, Message, Rule};
use crate::wire::shapes::shorten;

/// A recorded conversation.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The description for reports.
    pub identity: Identity,
    /// The sessions.
    pub logs: Vec<Arc<Log>>,
    /// True if each message has a time.
    pub timed: bool,
    /// The number of lines without a message, such as other lines of a client's log.
    pub remarks: usize,
}

/// The names of members that hold the direction of a message.
const DIRECTIONS: [&str; 4] = ["direction", "dir", "from", "sender"];
/// The names of members that hold a message.
const MESSAGES: [&str; 6] = ["message", "payload", "data", "msg", "json", "raw"];
/// The names of members that hold the name of a session.
const SESSIONS: [&str; 3] = ["session", "sessionId", "session_id"];

/// Words for the direction to the server.
const TO_SERVER: &[&str] = &[
    "to-server",
    "client-to-server",
    "client->server",
    "c2s",
    "c->s",
    "client",
    "send",
    "sent",
    "sending",
    "out",
    "outgoing",
    "outbound",
    "stdin",
];
/// Words for the direction to the client.
const TO_CLIENT: &[&str] = &[
    "to-client",
    "server-to-client",
    "server->client",
    "s2c",
    "s->c",
    "server",
    "receive",
    "received",
    "recv",
    "in",
    "incoming",
    "inbound",
    "stdout",
    "receiving",
];

/// Phrases of clients' logs before a message, which may have anything before them.
const PHRASES: [(&str, Direction); 10] = [
    ("[editor -> server]", Direction::ToServer),
    ("[server -> editor]", Direction::ToClient),
    ("[client says]", Direction::ToServer),
    ("[server says]", Direction::ToClient),
    ("message from client:", Direction::ToServer),
    ("message from server:", Direction::ToClient),
    ("client -> server:", Direction::ToServer),
    ("server -> client:", Direction::ToClient),
    ("client → server:", Direction::ToServer),
    ("server → client:", Direction::ToClient),
];

/// Arrows at the beginning of a line, after a time. Longer ones come first.
const ARROWS: [(&str, Direction); 10] = [
    ("-->", Direction::ToServer),
    ("<--", Direction::ToClient),
    (">>>", Direction::ToServer),
    ("<<<", Direction::ToClient),
    ("->", Direction::ToServer),
    ("<-", Direction::ToClient),
    ("→", Direction::ToServer),
    ("←", Direction::ToClient),
    (">", Direction::ToServer),
    ("<", Direction::ToClient),
];

/// One message of a recording.
struct Recorded {
    session: Option<String>,
    at: Option<Duration>,
    direction: Direction,
    exchange: Option<HttpPart>,
    text: String,
}

/// The part of an HTTP exchange that carried a message: `POST 3` or `POST 3, status 200`, the latter
/// perhaps with [`NAMES_SESSION`].
struct HttpPart {
    method: Method,
    number: usize,
    status: Option<u16>,
    names_session: bool,
}

impl Recording {
    /// Reads a recording from a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or a line is not part of a recording. The message names
    /// the line.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = std::fs::read(path);
        let bytes = bytes.with_context(|| format!("{} cannot be read", path.display()))?;
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self::parse(&name.to_string_lossy(), &bytes)
            .with_context(|| format!("{} is not a recording", path.display()))
    }

    /// Reads a recording from the contents of a file.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn parse(name: &str, bytes: &[u8]) -> anyhow::Result<Self> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = &bytes[..error.valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            anyhow::anyhow!("line {line}: not UTF-8")
        })?;
        let mut recorded = Vec::new();
        let mut remarks = 0;
        let last = text.trim_end().lines().count();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end();
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let found = read_line(line, index + 1 == last);
            match found.with_context(|| format!("line {}", index + 1))? {
                Some(message) => recorded.push((index + 1, message)),
                None => remarks += 1,
            }
        }
        ensure!(
            !recorded.is_empty(),
            "line 1: no line holds a message with a direction, such as `--> {{…}}`, \
             `server: {{…}}` or JSON with the member `direction`"
        );
        let transport = transport(&recorded)?;
        let timed = recorded.iter().all(|(_, message)| message.at.is_some());
        Ok(Self {
            identity: Identity {
                kind: "recording".to_owned(),
                name: name.to_owned(),
                variant: None,
                world: None,
                transport,
            },
            logs: sessions(recorded.into_iter().map(|(_, message)| message)),
            timed,
            remarks,
        })
    }
}

/// Returns the message of a line; `None` for other text. The last line may be truncated.
fn read_line(line: &str, is_last: bool) -> anyhow::Result<Option<Recorded>> {
    if line.trim_start().starts_with('{') {
        return read_json(line).map(Some);
    }
    let Some((direction, text)) = marked(line) else {
        ensure!(
            !line.contains("\"jsonrpc\""),
            "a message without a direction: expected `-->`, `<--`, `client:`, `server:` or the like \
             before it"
        );
        return Ok(None);
    };
    if text.is_empty() && direction == Direction::ToServer {
        return Ok(None);
    }
    if is_last {
        whole(text)?;
    }
    Ok(Some(Recorded {
        session: None,
        at: None,
        direction,
        exchange: None,
        text: text.to_owned(),
    }))
}

/// Rejects a truncated message. Before the last line, a party really sent it so.
fn whole(text: &str) -> anyhow::Result<()> {
    if text.starts_with(['{', '['])
        && let Err(error) = serde_json::from_str::<Value>(text)
        && error.is_eof()
    {
        let text = shorten(text, 80);
        bail!("the message `{text}` is cut off ({error})");
    }
    Ok(())
}

fn read_json(line: &str) -> anyhow::Result<Recorded> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(line)
        .map_err(|error| anyhow::anyhow!("not JSON, or cut off ({error})"))?;
    let text = |name: &str| {
        let raw = members.get(name)?;
        serde_json::from_str::<String>(raw.get()).ok()
    };
    let Some(said) = DIRECTIONS.iter().find_map(|name| text(name)) else {
        if members.contains_key("jsonrpc") {
            bail!("a message without a direction: expected a member `direction` beside it");
        }
        bail!("expected a member `direction`");
    };
    let direction = named(&said).with_context(|| {
        format!("unknown direction `{said}`: expected `to-server` or `to-client`")
    })?;
    let message = MESSAGES.iter().find_map(|name| members.get(*name));
    let message = message.context("expected a member `message`")?;
    let message = match message.get().starts_with('"') {
        true => text_of(message.get())?,
        false => message.get().to_owned(),
    };
    let exchange = text("exchange").map(|text| part(&text)).transpose()?;
    let at = members.get("at").and_then(|at| at.get().parse().ok());
    Ok(Recorded {
        session: SESSIONS.iter().find_map(|name| {
            let session = members.get(*name)?.get();
            (session != "null").then(|| session.trim_matches('"').to_owned())
        }),
        at: at.map(Duration::from_millis),
        direction,
        exchange,
        text: message,
    })
}

/// Returns the content of a string. A half of a surrogate pair, which only a flawed logger leaves
/// unescaped, stays an escape.
fn text_of(string: &str) -> anyhow::Result<String> {
    if let Ok(text) = serde_json::from_str(string) {
        return Ok(text);
    }
    let escaped = text::escape_surrogates(string);
    Ok(serde_json::from_str(&escaped)?)
}

fn named(word: &str) -> Option<Direction> {
    let word: String = word.split_whitespace().collect();
    let word = word.to_ascii_lowercase().replace('_', "-");
    if TO_SERVER.contains(&word.as_str()) {
        Some(Direction::ToServer)
    } else if TO_CLIENT.contains(&word.as_str()) {
        Some(Direction::ToClient)
    } else {
        None
    }
}

fn part(text: &str) -> anyhow::Result<HttpPart> {
    let malformed = || format!("malformed exchange `{text}`: expected `POST 1` or the like");
    let (known, names_session) = match text.strip_suffix(NAMES_SESSION) {
        Some(known) => (known, true),
        None => (text, false),
    };
    let (head, status) = match known.split_once(", status ") {
        Some((head, status)) => (head, Some(status.parse().with_context(malformed)?)),
        None => (known, None),
    };
    let (method, number) = head.split_once(' ').with_context(malformed)?;
    let number: usize = number.parse().with_context(malformed)?;
    let number = number.checked_sub(1).with_context(malformed)?;
    ensure!(
        number < MOST_EXCHANGES,
        "the exchange number {number} is too high"
    );
    Ok(HttpPart {
        method: method.parse().with_context(malformed)?,
        number,
        status,
        names_session,
    })
}

/// The highest number of HTTP exchanges in a session.
const MOST_EXCHANGES: usize = 1_000_000;

/// Returns the direction that a line names before its message, and the message.
fn marked(line: &str) -> Option<(Direction, &str)> {
    let lower = line.to_ascii_lowercase();
    let brace = line.find('{').unwrap_or(line.len());
    let phrase = PHRASES.iter().find_map(|(phrase, direction)| {
        let start = lower.find(phrase).filter(|start| *start < brace)?;
        Some((*direction, line[start + phrase.len()..].trim_start()))
    });
    phrase.or_else(|| marked_at_start(without_time(line.trim_start())))
}

fn marked_at_start(line: &str) -> Option<(Direction, &str)> {
    let arrow = ARROWS.iter().find_map(|(arrow, direction)| {
        let rest = line.strip_prefix(arrow)?;
        // `<html>` is not an arrow.
        let apart = rest.is_empty() || rest.starts_with([' ', '\t', '{', '[']);
        apart.then(|| (*direction, rest.trim_start()))
    });
    arrow.or_else(|| {
        let (word, rest) = line.split_once(':')?;
        Some((
            named(word.trim_matches(['[', ']', ' ']))?,
            rest.trim_start(),
        ))
    })
}

/// Returns a line without the date, the time and the level at its beginning.
fn without_time(line: &str) -> &str {
    let mut rest = line;
    while let Some((word, tail)) = rest.split_once(' ') {
        let plain = word.trim_matches(['[', ']']);
        let time = plain.starts_with(|one: char| one.is_ascii_digit())
            && plain
                .chars()
                .all(|one| one.is_ascii_digit() || "-:.,+TZ".contains(one));
        let level = word.starts_with('[')
            && ["trace", "debug", "info"].contains(&plain.to_ascii_lowercase().as_str());
        if !time && !level {
            break;
        }
        rest = tail.trim_start();
    }
    rest
}

fn transport(recorded: &[(usize, Recorded)]) -> anyhow::Result<Transport> {
    let http = |message: &Recorded| message.exchange.is_some();
    let mut all = recorded.iter();
    let Some((_, first)) = all.next() else {
        return Ok(Transport::Stdio);
    };
    if let Some((line, _)) = all.find(|(_, other)| http(other) != http(first)) {
        bail!(
            "line {line}: messages with and without an HTTP exchange are mixed: \
             expected a recording of one transport"
        );
    }
    Ok(match http(first) {
        true => Transport::Http,
        false => Transport::Stdio,
    })
}

/// Divides a recording into sessions: by their names, else by `initialize` of the client.
fn sessions(recorded: impl Iterator<Item = Recorded>) -> Vec<Arc<Log>> {
    let mut logs: Vec<Arc<Log>> = Vec::new();
    let mut begun: HashSet<String> = HashSet::new();
    let mut unnamed = 1;
    for message in recorded {
        let is_initialize = message.direction == Direction::ToServer
            && matches!(
                Envelope::read(message.text.as_bytes()).message,
                Message::Request { method, .. } if method == "initialize"
            );
        let label = match &message.session {
            Some(name) => name.clone(),
            None => {
                if is_initialize && !begun.insert(format!("session {unnamed}")) {
                    unnamed += 1;
                    begun.insert(format!("session {unnamed}"));
                }
                format!("session {unnamed}")
            }
        };
        let known = logs.iter().find(|log| log.label == label).cloned();
        let log = known.unwrap_or_else(|| {
            let log = Arc::new(Log::new(&label));
            logs.push(log.clone());
            log
        });
        add(&log, message);
    }
    logs
}

fn add(log: &Log, message: Recorded) {
    let at = message.at.unwrap_or_default();
    let bytes = message.text.into_bytes();
    log.write(|state| {
        let via = match &message.exchange {
            None => Via::Line,
            Some(part) => {
                while state.exchanges.len() <= part.number {
                    let method = part.method.clone();
                    let exchange = Exchange::new(method, HeaderMap::new(), Vec::new(), at);
                    state.exchanges.push(exchange);
                }
                let exchange = &mut state.exchanges[part.number];
                exchange.method = part.method.clone();
                exchange.status = part.status.or(exchange.status);
                if part.names_session {
                    let id = HeaderValue::from_static("recorded");
                    exchange.headers.insert(SESSION_ID, id);
                }
                match part.method {
                    Method::GET => Via::Get(part.number),
                    _ => Via::Post(part.number),
                }
            }
        };
        let to_client = message.direction == Direction::ToClient;
        let mut envelope = match to_client {
            true => text::read(&bytes),
            false => Envelope::read(&bytes),
        };
        if to_client && via == Via::Line && bytes.contains(&b'\n') {
            let found = "a newline inside the message".to_owned();
            envelope.defects.push(Defect {
                rule: Rule::OneLine,
                found,
            });
        }
        let stray = to_client && via == Via::Line && text::is_stray(&bytes, &envelope);
        // The transcript shows HTTP requests and bodies that carry no message as well.
        let readable = envelope.message != Message::Unreadable;
        let carries = match &message.exchange {
            None => true,
            Some(part) if message.direction == Direction::ToServer => part.method == Method::POST,
            Some(part) => {
                let success = part
                    .status
                    .is_some_and(|status| (200..300).contains(&status));
                readable || success && !envelope.breaks(Rule::Json)
            }
        };
        if !carries {
            return;
        }
        // A resumed stream repeats what an earlier one may have carried.
        let is_same = |entry: &Arc<Entry>| {
            entry.from_server() && matches!(entry.via, Via::Post(_)) && entry.bytes == bytes
        };
        let replayed = to_client && matches!(via, Via::Get(_)) && state.entries.iter().any(is_same);
        let index = state.entries.len();
        state.entries.push(Arc::new(Entry {
            index,
            at,
            direction: message.direction,
            via,
            bytes,
            envelope,
            complete: true,
            replayed,
            stray,
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    const PONG: &str = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;

    fn parsed(text: &str) -> Recording {
        Recording::parse("a file", text.as_bytes()).unwrap_or_else(|error| panic!("{error:#}"))
    }

    fn error(text: &str) -> String {
        match Recording::parse("a file", text.as_bytes()) {
            Ok(_) => panic!("{text} was read"),
            Err(error) => format!("{error:#}"),
        }
    }

    fn directions(recording: &Recording) -> Vec<Direction> {
        let state = recording.logs[0].read();
        state.entries.iter().map(|entry| entry.direction).collect()
    }

    #[test]
    fn every_form_is_read() {
        for (to_server, to_client) in [
            ("--> ", "<-- "),
            (">>> ", "<<< "),
            ("-> ", "<- "),
            ("> ", "< "),
            ("→ ", "← "),
            ("client: ", "server: "),
            ("Client: ", "Server: "),
            ("C->S: ", "S->C: "),
            ("[sent]: ", "[received]: "),
            (
                "2025-06-18T10:00:00.123Z --> ",
                "2025-06-18T10:00:00.124Z <-- ",
            ),
            (
                "2026-07-24 02:03:14.089 [debug] [editor -> server] ",
                "2026-07-24 02:03:14.151 [debug] [server -> editor] ",
            ),
            (
                "2025-03-23 16:38:00.970 [info] [Client Says] ",
                "2025-03-23 16:38:00.989 [info] [Server Says] ",
            ),
            (
                "2025-03-10T17:03:18.764Z [demo] [info] Message from client: ",
                "2025-03-10T17:03:18.829Z [demo] [info] Message from server: ",
            ),
        ] {
            let recording = parsed(&format!("{to_server}{PING}\n{to_client}{PONG}\r\n"));
            assert_eq!(
                directions(&recording),
                [Direction::ToServer, Direction::ToClient],
                "{to_server}"
            );
            assert_eq!(recording.logs[0].read().entries[1].text(), PONG);
        }
        for (to_server, to_client) in [
            ("to-server", "to-client"),
            ("client", "server"),
            ("client -> server", "server -> client"),
            ("SEND", "RECV"),
            ("outgoing", "incoming"),
        ] {
            let line = |direction: &str, message: &str| {
                serde_json::json!({"direction": direction, "message": message}).to_string()
            };
            let text = format!("{}\n{}", line(to_server, PING), line(to_client, PONG));
            let recording = parsed(&text);
            assert_eq!(
                directions(&recording),
                [Direction::ToServer, Direction::ToClient]
            );
        }
        let nested = format!(r#"{{"dir":"in","payload":{PONG}}}"#);
        assert_eq!(directions(&parsed(&nested)), [Direction::ToClient]);
    }

    #[test]
    fn sessions_are_told_apart() {
        let initialize = r#"--> {"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#;
        let recording = parsed(&format!(
            "{initialize}\n<-- {PONG}\n{initialize}\n--> {PING}"
        ));
        let labels: Vec<&str> = recording
            .logs
            .iter()
            .map(|log| log.label.as_str())
            .collect();
        assert_eq!(labels, ["session 1", "session 2"]);
        let named = r#"{"at":7,"session":"a","direction":"to-client","message":"x"}
            {"at":9,"session":"b","direction":"to-client","message":"y"}"#;
        let recording = parsed(named);
        assert!(recording.timed && recording.logs.len() == 2);
        assert_eq!(
            recording.logs[0].read().entries[0].at,
            Duration::from_millis(7)
        );
    }

    #[test]
    fn an_exchange_is_of_http() {
        let line = |direction: &str, exchange: &str, message: &str| {
            let line = serde_json::json!({"at": 0, "session": "s", "direction": direction,
                "exchange": exchange, "message": message});
            format!("{line}\n")
        };
        let text = [
            line("to-server", "POST 1", PING),
            line("to-client", "POST 1, status 200, names the session", PONG),
            line("to-server", "GET 2", ""),
            line("to-client", "GET 2, status 405", "no"),
        ];
        let recording = parsed(&text.concat());
        assert_eq!(recording.identity.transport, Transport::Http);
        let state = recording.logs[0].read();
        assert_eq!(state.entries.len(), 2, "bodies without a message are none");
        assert_eq!(state.exchanges[0].status, Some(200));
        assert_eq!(state.entries[1].via, Via::Post(0));
        let named = |number: usize| {
            state.exchanges[number]
                .header(SESSION_ID.as_str())
                .is_some()
        };
        assert!(named(0) && !named(1));
    }

    #[test]
    fn remarks_are_counted_and_garbage_is_evidence() {
        let recording = parsed(&format!(
            "# a comment\n\n2025-03-10T17:03:18.749Z [demo] [info] Initializing server...\n\
             <-- Server is running\n<-- {PONG}"
        ));
        assert_eq!(recording.remarks, 1);
        assert_eq!(recording.logs[0].read().entries.len(), 2);
    }

    #[test]
    fn errors_name_the_line() {
        for (text, told) in [
            ("", "line 1: no line holds a message"),
            ("hello\nworld", "line 1: no line holds a message"),
            (PING, "line 1: a message without a direction"),
            ("--> {\"a\n--> {\"a", "line 2: the message `{"),
            (
                "--> {}\nthen {\"jsonrpc\":\"2.0\"}",
                "line 2: a message without a direction",
            ),
            (
                "--> {}\n<-- {\"jsonrpc\":\"2.0\",\"id",
                "line 2: the message `{",
            ),
            (
                "{\"direction\":\"to-client\",\"mess",
                "line 1: not JSON, or cut off",
            ),
            (
                "{\"direction\":\"up\",\"message\":\"\"}",
                "line 1: unknown direction `up`",
            ),
            (
                "{\"direction\":\"in\"}",
                "line 1: expected a member `message`",
            ),
            (
                "{\"level\":\"info\"}",
                "line 1: expected a member `direction`",
            ),
            (
                "{\"direction\":\"in\",\"message\":\"\",\"exchange\":\"POST\"}",
                "line 1: malformed exchange `POST`",
            ),
            (
                "<-- {}\n{\"direction\":\"in\",\"message\":\"\",\"exchange\":\"POST 1\"}",
                "line 2: messages with and without an HTTP exchange",
            ),
        ] {
            let error = error(text);
            assert!(error.starts_with(told), "{text}: {error}");
        }
        let error = Recording::parse("", b"--> {}\n<-- \xff").expect_err("not UTF-8");
        assert_eq!(error.to_string(), "line 2: not UTF-8");
    }
}
