//! Clients that stop sending, or disconnect, right after complete messages.
//!
//! The transport runs on the thread of the test. It sees nothing before the test waits: by then the
//! message and the end of the connection have arrived together.

use std::io::Write as _;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use super::client::{Client, PATIENCE, Service, call, eventually, initialize, ping};
use crate::transport::http::authorization::Guard;
use crate::transport::http::{Authorization, HttpOptions, TokenError, TokenVerifier};
use wasi_mcp_types::types::Principal;

/// The number of attempts at each case.
const TRIES: u32 = 100;

/// The end of a connection.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    /// The client sends nothing more, and reads.
    Half,
    /// The client closes its socket.
    Close,
    /// The client resets the connection.
    Reset,
}

const ENDS: [End; 3] = [End::Half, End::Close, End::Reset];

/// Returns a request in wire format.
fn request(method: &str, client: &Client, body: &str) -> String {
    let session = client.session.as_deref();
    let session = session.map_or(String::new(), |id| format!("Mcp-Session-Id: {id}\r\n"));
    format!(
        "{method} /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nAuthorization: Bearer x\r\n{session}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn post(client: &Client, message: &Value) -> String {
    request("POST", client, &message.to_string())
}

fn notification(number: u32) -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/x", "params": {"number": number}})
}

/// A connection that writes without giving the transport a turn.
struct Connection(TcpStream);

impl Connection {
    fn open(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).expect("a connection"))
    }

    /// Opens a connection that the transport has accepted.
    async fn accepted(service: &Service, client: &Client) -> Self {
        let (connection, answer) = Self::open(service.address)
            .exchange(post(client, &ping(0)).as_bytes())
            .await;
        assert!(answer.starts_with("HTTP/1.1"), "{answer}");
        connection
    }

    /// Sends bytes, and reads some of the answer.
    async fn exchange(mut self, bytes: &[u8]) -> (Self, String) {
        self.send(bytes);
        self.0.set_nonblocking(true).expect("an option");
        let mut stream = tokio::net::TcpStream::from_std(self.0).expect("a stream");
        let mut answer = vec![0; 64 << 10];
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut answer));
        let length = read.await.expect("in time").expect("an answer");
        answer.truncate(length);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let socket = stream.into_std().expect("a socket");
        socket.set_nonblocking(false).expect("an option");
        (Self(socket), answer)
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("written");
    }

    /// Ends the connection. The rest of its data can be read.
    fn end(self, end: End) -> Option<TcpStream> {
        match end {
            End::Half => {
                self.0.shutdown(Shutdown::Write).expect("shut down");
                return Some(self.0);
            }
            End::Close => {}
            End::Reset => {
                let linger = Some(Duration::ZERO);
                rustix::net::sockopt::set_socket_linger(&self.0, linger).expect("an option");
            }
        }
        None
    }
}

/// Reads until the transport closes the connection.
async fn rest(socket: TcpStream) -> String {
    socket.set_nonblocking(true).expect("an option");
    let mut stream = tokio::net::TcpStream::from_std(socket).expect("a stream");
    let mut text = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut text));
    read.await.expect("the connection ends").expect("read");
    String::from_utf8(text).expect("text")
}

#[tokio::test]
async fn a_client_that_only_reads_is_answered() {
    let service = Service::start().await;
    let response = json!({"jsonrpc": "2.0", "id": 7, "result": {}});
    for number in 0..TRIES {
        let (client, session) = service.client().await;
        let ended = |text: String| {
            let mut connection = Connection::open(service.address);
            connection.send(text.as_bytes());
            rest(connection.end(End::Half).expect("a socket"))
        };
        let answer = ended(post(&client, &ping(1))).await;
        assert!(answer.contains(r#""result":{}"#), "{number}: {answer}");
        for message in [&notification(number), &response] {
            let answer = ended(post(&client, message)).await;
            assert!(answer.starts_with("HTTP/1.1 202"), "{number}: {answer}");
            assert_eq!(session.received().last(), Some(message));
        }
        let stranger = service.stranger();
        let answer = ended(post(&stranger, &initialize(json!({})))).await;
        assert!(answer.contains("mcp-session-id: "), "{number}: {answer}");
        let answer = ended(request("DELETE", &client, "")).await;
        assert!(answer.starts_with("HTTP/1.1 204"), "{number}: {answer}");
        assert!(session.is_closed());
    }
}

#[tokio::test]
async fn a_client_that_only_reads_gets_what_comes_later() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let mut connection = Connection::open(service.address);
    connection.send(post(&client, &call(1)).as_bytes());
    let answer = tokio::spawn(rest(connection.end(End::Half).expect("a socket")));
    let running = session.call().await;
    running.notify("first");
    tokio::time::sleep(Duration::from_millis(300)).await;
    running.notify("second");
    running.respond();
    let answer = answer.await.expect("no panic");
    let (first, second) = (answer.find("first"), answer.find("second"));
    assert!(first.is_some() && first < second, "{answer}");
    assert!(answer.contains(r#""result":{}"#), "{answer}");

    // A listening stream stays open.
    let streams = service.streams(&client);
    let mut connection = Connection::open(service.address);
    connection.send(request("GET", &client, "").as_bytes());
    let listener = connection.end(End::Half).expect("a socket");
    let listener = tokio::spawn(rest(listener));
    eventually("it is open", || streams.readers() == 1).await;
    session.announce("notifications/message", json!({"data": "news"}));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(client.delete().await, StatusCode::NO_CONTENT);
    let listened = listener.await.expect("no panic");
    assert!(listened.contains("news"), "{listened}");
}

#[tokio::test]
async fn what_arrived_completely_is_carried_out() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    for end in ENDS {
        for number in 0..TRIES {
            let mut connection = Connection::accepted(&service, &client).await;
            let before = session.received().len();
            let messages = [
                notification(number),
                call(number),
                notification(number + 1),
                json!({"jsonrpc": "2.0", "id": number, "result": {}}),
            ];
            // All at once, without waiting for the answer to the call.
            let text: String = messages.iter().map(|it| post(&client, it)).collect();
            connection.send(text.as_bytes());
            let socket = connection.end(end);
            let running = session.call().await;
            if end == End::Half {
                running.respond();
            }
            eventually("all are received", || {
                session.received().len() >= before + messages.len()
            })
            .await;
            assert_eq!(session.received()[before..], messages, "{end:?} {number}");
            if let Some(socket) = socket {
                let answers = rest(socket).await;
                assert_eq!(answers.matches("HTTP/1.1 202").count(), 3, "{answers}");
            }
        }
    }
}

#[tokio::test]
async fn a_session_is_deleted_by_a_client_that_is_gone() {
    let service = Service::start().await;
    for end in ENDS {
        for _ in 0..TRIES {
            let (client, session) = service.client().await;
            let mut connection = Connection::accepted(&service, &client).await;
            connection.send(request("DELETE", &client, "").as_bytes());
            let _socket = connection.end(end);
            eventually("it is closed", || session.is_closed()).await;
        }
    }
}

/// Accepts each token after a while.
#[derive(Debug)]
struct Slow;

impl TokenVerifier for Slow {
    fn verify<'a>(&'a self, _token: &'a str) -> BoxFuture<'a, Result<Principal, TokenError>> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(Principal {
                issuer: "https://login.example.com".to_owned(),
                subject: Some("alice".to_owned()),
                client_id: None,
                scopes: Vec::new(),
                claims: Vec::new(),
            })
        })
    }
}

async fn slow() -> Service {
    let guard = Guard::new(Authorization {
        resource: "http://localhost/mcp".parse().expect("a resource"),
        issuer: "https://login.example.com".parse().expect("an issuer"),
        scopes: Vec::new(),
        verifier: Arc::new(Slow),
    });
    let guard = guard.await.expect("a guard");
    Service::guarded(HttpOptions::default(), Some(guard)).await
}

#[tokio::test]
async fn what_is_still_being_checked_is_not_lost() {
    let service = slow().await;
    let bearer = [("authorization", "Bearer x")];
    let mut client = service.stranger();
    let body = initialize(json!({})).to_string();
    let answer = client.request(http::Method::POST, &bearer, body).await;
    client.session = answer.header("mcp-session-id").map(str::to_owned);
    let session = service.host.newest();
    for end in ENDS {
        for number in 0..10 {
            let mut connection = Connection::accepted(&service, &client).await;
            let before = session.received().len();
            let messages = [notification(number), notification(number + 1)];
            let text: String = messages.iter().map(|it| post(&client, it)).collect();
            connection.send(text.as_bytes());
            // The check of the first one has begun when the connection ends.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let _socket = connection.end(end);
            eventually("both are received", || {
                session.received().len() >= before + 2
            })
            .await;
            assert_eq!(session.received()[before..], messages, "{end:?} {number}");
        }
    }
}

#[tokio::test]
async fn a_message_that_did_not_arrive_completely_is_none() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let before = session.received().len();
    let whole = post(&client, &notification(1));
    let chunked = {
        let (head, body) = whole.split_once("\r\n\r\n").expect("a body");
        let head = head.replace("Content-Length:", "X:");
        let length = body.len();
        format!("{head}\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n")
    };
    for text in [&whole[..whole.len() - 1], &chunked] {
        for end in ENDS {
            let mut connection = Connection::accepted(&service, &client).await;
            connection.send(text.as_bytes());
            if let Some(socket) = connection.end(end) {
                let answer = rest(socket).await;
                assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
            }
        }
    }
    let received = session.received();
    let pings = received[before..].iter();
    assert!(pings.clone().count() >= 6);
    assert!(
        pings.into_iter().all(|it| it["method"] == "ping"),
        "{received:?}"
    );
}

#[tokio::test]
async fn requests_for_a_client_that_is_gone_go_to_where_it_listens() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let streams = service.streams(&client);
    let mut listener = client.listen().await;
    for end in [End::Close, End::Reset] {
        let mut connection = Connection::accepted(&service, &client).await;
        connection.send(post(&client, &call(1)).as_bytes());
        connection.end(end);
        let running = session.call().await;
        // Its end may or may not have been noticed.
        running.ask(7);
        let event = listener.event().await.expect("an event");
        assert_eq!(event.message["id"], 7, "{end:?}");
        eventually("it is gone", || streams.readers() == 1).await;
        running.ask(8);
        let event = listener.event().await.expect("an event");
        assert_eq!(event.message["id"], 8, "{end:?}");
        running.respond();
    }
}

mod http_2 {
    //! Frames written by hand.

    use super::*;

    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    const SETTINGS: u8 = 4;
    const END_STREAM: u8 = 1;
    const END_HEADERS: u8 = 4;

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len())
            .expect("a length")
            .to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        frame
    }

    /// Encodes fields as literals that are not indexed.
    fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
        let mut encoded = Vec::new();
        for (name, value) in fields {
            encoded.push(0);
            for text in [name, value] {
                encoded.push(u8::try_from(text.len()).expect("a short text"));
                encoded.extend(text.as_bytes());
            }
        }
        encoded
    }

    fn post(client: &Client, stream: u32, message: &Value) -> Vec<u8> {
        let session = client.session.as_deref().expect("a session");
        let head = fields(&[
            (":method", "POST"),
            (":scheme", "http"),
            (":authority", "localhost"),
            (":path", "/mcp"),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("authorization", "Bearer x"),
            ("mcp-session-id", session),
        ]);
        let body = message.to_string();
        [
            frame(HEADERS, END_HEADERS, stream, &head),
            frame(DATA, END_STREAM, stream, body.as_bytes()),
        ]
        .concat()
    }

    async fn connected(service: &Service) -> Connection {
        let connection = Connection::open(service.address);
        let hello = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
        connection.exchange(&hello).await.0
    }

    #[tokio::test]
    async fn what_arrived_completely_is_carried_out() {
        let service = Service::start().await;
        let (client, session) = service.client().await;
        for end in ENDS {
            for is_cancelled in [false, true] {
                for number in 0..TRIES {
                    let mut connection = connected(&service).await;
                    let before = session.received().len();
                    let messages = [notification(number), notification(number + 1)];
                    let mut bytes = post(&client, 1, &messages[0]);
                    bytes.extend(post(&client, 3, &messages[1]));
                    if is_cancelled {
                        bytes.extend(frame(RST_STREAM, 0, 3, &8_u32.to_be_bytes()));
                    }
                    connection.send(&bytes);
                    let socket = connection.end(end);
                    eventually("both are received", || {
                        session.received().len() >= before + 2
                    })
                    .await;
                    let received = session.received().split_off(before);
                    for message in &messages {
                        assert!(received.contains(message), "{end:?} {number}: {received:?}");
                    }
                    if let Some(socket) = socket.filter(|_| !is_cancelled) {
                        socket.set_nonblocking(true).expect("an option");
                        let mut stream = tokio::net::TcpStream::from_std(socket).expect("one");
                        let mut answer = Vec::new();
                        let read = stream.read_to_end(&mut answer);
                        let read = tokio::time::timeout(PATIENCE, read).await;
                        read.expect("the connection ends").expect("read");
                        assert!(heads(&answer) >= 2, "{answer:?}");
                    }
                }
            }
        }
    }

    /// Counts the frames with header fields.
    fn heads(mut frames: &[u8]) -> usize {
        let mut heads = 0;
        while let [a, b, c, kind, ..] = *frames {
            let length = u32::from_be_bytes([0, a, b, c]) as usize;
            heads += usize::from(kind == HEADERS);
            frames = frames.get(9 + length..).unwrap_or_default();
        }
        heads
    }

    #[tokio::test]
    async fn what_is_still_being_checked_is_not_lost_when_it_is_cancelled() {
        let service = slow().await;
        let mut client = service.stranger();
        let body = initialize(json!({})).to_string();
        let bearer = [("authorization", "Bearer x")];
        let answer = client.request(http::Method::POST, &bearer, body).await;
        client.session = answer.header("mcp-session-id").map(str::to_owned);
        let session = service.host.newest();
        for number in 0..10 {
            let mut connection = connected(&service).await;
            let before = session.received().len();
            connection.send(&post(&client, 1, &notification(number)));
            tokio::time::sleep(Duration::from_millis(20)).await;
            connection.send(&frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes()));
            eventually("it is received", || session.received().len() > before).await;
            assert_eq!(session.received()[before], notification(number));
        }
    }
}
