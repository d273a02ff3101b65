//! A registry on loopback that answers as it is told.

#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use wasi_mcp_registry::{Artifact, Digest};

/// An answer to a path.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Another length in the head than that of the body; 0 for none, so that the end of the
    /// connection ends the body.
    pub length: Option<usize>,
    /// Nothing more is sent after this many bytes of the body, and the connection stays open.
    pub stalls_at: Option<usize>,
    /// Each byte of the body is sent after this time.
    pub pause: Option<Duration>,
    /// Nothing at all is sent, and the connection stays open.
    pub is_silent: bool,
}

impl Answer {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            body: body.into(),
            ..Self::default()
        }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

#[derive(Default)]
struct State {
    answers: HashMap<String, Answer>,
    requests: Vec<String>,
    authorizations: Vec<String>,
    /// Connections without an end.
    held: Vec<TcpStream>,
}

/// A registry that holds what a test puts there. It ends with its last connection after the test.
pub struct FakeRegistry {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl FakeRegistry {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::downgrade(&state);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (Ok(connection), Some(state)) = (connection, shared.upgrade()) else {
                    return;
                };
                std::thread::spawn(move || serve(connection, &state));
            }
        });
        let registry = Self { address, state };
        registry.set("/v2/", Answer::new(200, "{}"));
        registry
    }

    /// Returns the host with its port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Sets the answer to a path, or to `METHOD PATH`.
    pub fn set(&self, path: &str, answer: Answer) {
        let mut state = self.state.lock().unwrap();
        state.answers.insert(path.to_owned(), answer);
    }

    /// Returns the requests since the last call.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    /// Returns the proofs sent since the last call, each as `METHOD PATH: PROOF`.
    pub fn authorizations(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().authorizations)
    }

    /// Stores an artifact under a tag, and returns its digest.
    pub fn store(&self, name: &str, tag: &str, artifact: &Artifact) -> Digest {
        self.store_manifest(name, tag, &artifact.manifest);
        for blob in [&artifact.layer, &artifact.config] {
            self.set(
                &format!("/v2/{name}/blobs/{}", Digest::of(blob)),
                Answer::new(200, blob.clone()),
            );
        }
        artifact.digest()
    }

    /// Stores a manifest under a tag and its digest.
    pub fn store_manifest(&self, name: &str, tag: &str, manifest: &[u8]) {
        let digest = Digest::of(manifest);
        for end in [tag, digest.as_str()] {
            let answer =
                Answer::new(200, manifest).header("Docker-Content-Digest", digest.as_str());
            self.set(&format!("/v2/{name}/manifests/{end}"), answer);
        }
    }
}

impl Drop for FakeRegistry {
    fn drop(&mut self) {
        self.state.lock().unwrap().held.clear();
        // The thread that accepts connections notices at the next one that it is to end.
        let state = std::mem::take(&mut self.state);
        drop(state);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut connection: TcpStream, state: &Mutex<State>) {
    let Some((method, path, authorization)) = request(&connection) else {
        return;
    };
    let answer = {
        let mut state = state.lock().unwrap();
        state.requests.push(format!("{method} {path}"));
        let key = path.split('?').next().unwrap_or_default();
        if let Some(proof) = authorization {
            state
                .authorizations
                .push(format!("{method} {key}: {proof}"));
        }
        let missing = || {
            Answer::new(
                404,
                r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}"#,
            )
        };
        let answers = &state.answers;
        let exact = answers.get(&format!("{method} {key}"));
        exact.or(answers.get(key)).cloned().unwrap_or_else(missing)
    };
    if answer.is_silent {
        state.lock().unwrap().held.push(connection);
        return;
    }
    let mut head = format!("HTTP/1.1 {} Answer\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let length = answer.length.unwrap_or(answer.body.len());
    if length > 0 || answer.body.is_empty() {
        head += &format!("Content-Length: {length}\r\n");
    }
    head += "\r\n";
    // A client that has heard enough closes the connection.
    let _ = connection.write_all(head.as_bytes());
    if method == "HEAD" {
        return;
    }
    if let Some(pause) = answer.pause {
        for byte in answer.body {
            std::thread::sleep(pause);
            if connection.write_all(&[byte]).is_err() {
                return;
            }
        }
        return;
    }
    let sent = answer.stalls_at.unwrap_or(answer.body.len());
    let _ = connection.write_all(&answer.body[..sent]);
    if answer.stalls_at.is_some() {
        let _ = connection.flush();
        state.lock().unwrap().held.push(connection);
    }
}

/// Reads a request: its method, its path and its proof.
fn request(connection: &TcpStream) -> Option<(String, String, Option<String>)> {
    let mut reader = BufReader::new(connection);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let (mut proof, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ")?;
        match name.to_ascii_lowercase().as_str() {
            "authorization" => proof = Some(value.to_owned()),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink()).ok()?;
    let mut words = first.split(' ').map(str::to_owned);
    Some((words.next()?, words.next()?, proof))
}
