//! Tests of the session as a whole, one file per concern.

mod asks;
mod bytes;
mod calls;
mod changes;
mod lifecycle;
mod lists;
mod logging;
mod messages;
mod pings;
mod progress;
mod properties;
mod streaming;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::fuzzing::offers::{COUNT, backend_offer, catalog, offered, service_offer, tool};

/// The outcome of a message, with nothing borrowed.
#[derive(Debug, Clone, PartialEq)]
enum Reply {
    Accepted,
    Refused(String),
    Answered(String),
    Initialize(RequestKey),
    Invoke(RequestKey, Method),
}

impl Reply {
    #[track_caller]
    fn key(&self) -> RequestKey {
        match self {
            Self::Initialize(key) | Self::Invoke(key, _) => *key,
            other => panic!("no call: {other:?}"),
        }
    }

    #[track_caller]
    fn text(&self) -> &str {
        match self {
            Self::Refused(text) | Self::Answered(text) => text,
            other => panic!("no answer: {other:?}"),
        }
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(self.text()).expect("an answer is JSON")
    }

    #[track_caller]
    fn result(&self) -> Value {
        let answer = self.json();
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    #[track_caller]
    fn code(&self) -> i64 {
        self.json()["error"]["code"]
            .as_i64()
            .unwrap_or_else(|| panic!("no error: {self:?}"))
    }

    #[track_caller]
    fn message(&self) -> String {
        self.json()["error"]["message"]
            .as_str()
            .expect("an error has a message")
            .to_owned()
    }
}

/// A session with a manual clock.
struct Driver {
    session: Session,
    now: Instant,
    stream: u64,
    ids: u64,
    /// The checks of the requests that were passed on.
    checks: HashMap<RequestKey, ParamsCheck>,
}

impl Driver {
    fn with(framing: Framing, limits: Limits) -> Self {
        let session = Session::new(framing, limits, 7);
        Self {
            session,
            now: Instant::now(),
            stream: 0,
            ids: 1000,
            checks: HashMap::new(),
        }
    }

    fn fresh() -> Self {
        Self::with(Framing::Stdio, Limits::default())
    }

    /// Creates an initialized session whose client has all capabilities.
    fn operating(framing: Framing, limits: Limits, offer: Offer) -> Self {
        let mut driver = Self::with(framing, limits);
        driver.initialize(
            offer,
            r#"{"sampling":{},"elicitation":{},"roots":{"listChanged":true}}"#,
        );
        assert_eq!(driver.send(INITIALIZED), Reply::Accepted);
        for effect in driver.effects() {
            if let Effect::Notify { key, .. } = effect {
                driver.finish(key, Outcome::Empty);
            }
        }
        driver
    }

    fn backend() -> Self {
        Self::operating(Framing::Stdio, Limits::default(), backend_offer())
    }

    fn service() -> Self {
        Self::operating(Framing::Stdio, Limits::default(), service_offer())
    }

    #[track_caller]
    fn initialize(&mut self, offer: Offer, capabilities: &str) -> Value {
        let key = self.send(initialize_with(capabilities)).key();
        assert!(self.session.started(self.now, key, offer));
        let [message] = <[String; 1]>::try_from(self.sent()).expect("one answer");
        serde_json::from_str(&message).expect("an answer is JSON")
    }

    fn send(&mut self, message: impl AsRef<[u8]>) -> Reply {
        self.stream += 1;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("an answer is UTF-8");
        match self
            .session
            .receive(self.now, StreamId(self.stream), message.as_ref())
        {
            Reception::Accepted => Reply::Accepted,
            Reception::Refused(bytes) => Reply::Refused(text(bytes)),
            Reception::Answered(bytes) => Reply::Answered(text(bytes)),
            Reception::Initialize(invocation) => Reply::Initialize(invocation.key),
            Reception::Invoke(invocation) => {
                let key = invocation.key;
                if let Err(error) = invocation.check.run(&invocation.params) {
                    let answer = self.session.refuse(self.now, key, &error);
                    return Reply::Answered(text(answer.expect("the request is in flight")));
                }
                self.checks.insert(key, invocation.check);
                Reply::Invoke(key, invocation.method)
            }
        }
    }

    /// Sends a request with an id of its own.
    fn request(&mut self, method: &str, params: Value) -> Reply {
        self.ids += 1;
        self.send(
            json!({"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params})
                .to_string(),
        )
    }

    fn notify(&mut self, method: &str, params: Value) {
        let message = json!({"jsonrpc": "2.0", "method": method, "params": params});
        assert_eq!(self.send(message.to_string()), Reply::Accepted);
    }

    fn finish(&mut self, key: RequestKey, outcome: Outcome) {
        self.session.finish(self.now, key, outcome);
    }

    fn effects(&mut self) -> Vec<Effect> {
        std::iter::from_fn(|| self.session.poll_effect()).collect()
    }

    /// Returns the messages of all effects, which must all be messages.
    #[track_caller]
    fn sent(&mut self) -> Vec<String> {
        let effects = self.effects().into_iter();
        let text = |effect| match effect {
            Effect::Send { message, .. } => String::from_utf8(message.text).expect("UTF-8"),
            other => panic!("no message: {other:?}"),
        };
        effects.map(text).collect()
    }

    #[track_caller]
    fn sent_json(&mut self) -> Vec<Value> {
        let sent = self.sent();
        sent.iter()
            .map(|text| serde_json::from_str(text).expect("a message is JSON"))
            .collect()
    }

    /// Finishes a request and returns the response.
    #[track_caller]
    fn response(&mut self, key: RequestKey, outcome: Outcome) -> Value {
        self.finish(key, outcome);
        self.sent_json().pop().expect("a response")
    }

    fn pass(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
        self.session.handle_timeout(self.now);
    }
}

const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

const PING: &str = r#"{"jsonrpc":"2.0","id":"ping","method":"ping"}"#;

fn initialize_with(capabilities: &str) -> String {
    let info = r#"{"name":"tester","version":"1"}"#;
    format!(
        r#"{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{{"protocolVersion":"2025-06-18","capabilities":{capabilities},"clientInfo":{info}}}}}"#
    )
}
