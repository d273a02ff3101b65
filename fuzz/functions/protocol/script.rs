//! Fuzzes the protocol layer with a script of client, component and clock.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::message::{answer, kind_of, message};
use super::offers::{backend_offer, service_offer};
use crate::json::{self, Object};
use crate::{
    AskKey, AskMethod, Changed, Effect, Framing, Limits, LogLevel, Outcome, Outgoing, ParamsCheck,
    Reception, RequestKey, Route, RpcError, Schemas, SeenTool, Session, StreamId, ToolResult,
};

/// Returns limits that a script can reach.
fn limits() -> Limits {
    Limits {
        requests_in_flight: 6,
        message_bytes: 2048,
        depth: 16,
        page_size: 1,
        asks_in_flight: 4,
        logs_per_second: 5,
        notifications_per_second: 2,
        subscriptions: 4,
        remembered_tools: 4,
        remembered_schema_bytes: 8192,
        ..Limits::default()
    }
}

/// Plays a script, one step per line, on an HTTP session if its first line is `http`, else on
/// stdio. Invariants: each request is answered or cancelled exactly once; output is JSON on one
/// line; ids and keys are never reused; progress grows; and nothing is left when the component has
/// ended.
///
/// | step | does |
/// |---|---|
/// | `started`, `started service`, `failed` | ends the start of the component, with and without a catalog |
/// | `finish N`, `lost N TEXT`, `faulty N TEXT`, `error N CODE TEXT` | ends the Nth newest work |
/// | `result N JSON`, `tool N JSON`, `list N JSON` | ends it with a result, of a tool, of `tools/list` |
/// | `progress N NUMBER`, `log N LEVEL JSON`, `ask N METHOD JSON` | uses its context |
/// | `withdraw` | gives up the newest request to the client |
/// | `pass MILLISECONDS` | advances the clock |
/// | `restart`, `restart service` | loses the instance, and starts another one |
/// | `changed`, `updated URI`, `stop` | announces a list change, announces an update, stops the session |
/// | anything else | is a message of the client |
pub fn script(input: &[u8]) {
    let (framing, input) = match input.strip_prefix(b"http\n") {
        Some(rest) => (Framing::Http, rest),
        None => (Framing::Stdio, input),
    };
    let mut player = Player {
        session: Session::new(framing, limits(), 7),
        now: Instant::now(),
        stream: 0,
        starting: None,
        checks: HashMap::new(),
        seen: Seen::default(),
    };
    for line in input.split(|byte| *byte == b'\n').take(400) {
        player.step(line);
        player.observe();
    }
    player.end();
}

struct Player {
    session: Session,
    now: Instant,
    stream: u64,
    starting: Option<RequestKey>,
    /// The checks of the requests that were passed on.
    checks: HashMap<RequestKey, ParamsCheck>,
    seen: Seen,
}

/// Observations from which the invariants are checked.
#[derive(Default)]
struct Seen {
    keys: Vec<RequestKey>,
    all_keys: HashSet<RequestKey>,
    /// The ids of requests that are yet to be answered.
    open: HashMap<StreamId, String>,
    asked: Vec<AskKey>,
    resolved: HashSet<AskKey>,
    withdrawn_by_us: HashSet<AskKey>,
    ids: HashSet<u64>,
    cancelled: HashSet<u64>,
    reached: HashMap<StreamId, f64>,
}

impl Seen {
    fn key(&mut self, key: RequestKey) {
        assert!(self.all_keys.insert(key), "a key is used again");
        self.keys.push(key);
    }

    fn sent(&mut self, route: Route, outgoing: &Outgoing) {
        let message = message(&outgoing.text);
        assert_eq!(outgoing.kind, kind_of(&message), "{message}");
        let last = outgoing.kind.is_response();
        if let Route::Stream(stream) = route {
            let id = self.open.get(&stream);
            let id = id.unwrap_or_else(|| panic!("the stream has ended: {message}"));
            if last {
                assert_eq!(&message["id"].to_string(), id);
                self.open.remove(&stream);
            }
        }
        let params = &message["params"];
        match (message["method"].as_str(), message["id"].as_u64(), route) {
            (Some("notifications/progress"), None, Route::Stream(stream)) => {
                let progress = params["progress"].as_f64().expect("a number");
                let before = self.reached.insert(stream, progress);
                assert!(before.is_none_or(|before| before < progress), "{message}");
            }
            (Some("notifications/cancelled"), None, _) => {
                let id = params["requestId"].as_u64().expect("an id");
                assert!(self.ids.contains(&id) && self.cancelled.insert(id), "{id}");
            }
            (Some(_), Some(id), _) => assert!(self.ids.insert(id), "{message}"),
            _ => {}
        }
    }
}

impl Player {
    fn step(&mut self, line: &[u8]) {
        let known = std::str::from_utf8(line).is_ok_and(|text| self.act(text).is_some());
        if !known {
            self.receive(line);
        }
    }

    /// Performs a step that is not a message.
    fn act(&mut self, text: &str) -> Option<()> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let offer = || match rest {
            "service" => service_offer(),
            _ => backend_offer(),
        };
        match word {
            "started" => {
                if let Some(key) = self.starting.take() {
                    self.session.started(self.now, key, offer());
                }
            }
            "failed" => {
                if let Some(key) = self.starting.take() {
                    self.session.start_failed(self.now, key, "it is broken");
                }
            }
            "finish" | "lost" | "faulty" | "error" | "result" | "tool" | "list" => {
                let (number, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                let key = self.picked(number)?;
                self.finish(word, key, rest)?;
            }
            "progress" | "log" | "ask" => {
                let (number, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                let key = self.picked(number)?;
                self.use_context(word, key, rest)?;
            }
            "withdraw" => {
                let ask = self.seen.asked.last().copied()?;
                if !self.seen.resolved.contains(&ask) {
                    self.seen.withdrawn_by_us.insert(ask);
                }
                self.session.give_up_ask(self.now, ask);
            }
            "pass" => {
                let milliseconds: u32 = rest.parse().ok()?;
                self.now += Duration::from_millis(milliseconds.into());
                self.session.handle_timeout(self.now);
            }
            "restart" => {
                for key in std::mem::take(&mut self.seen.keys) {
                    if Some(key) != self.starting {
                        let lost = Outcome::Lost("a trap".to_owned());
                        self.session.finish(self.now, key, lost);
                    }
                }
                self.seen.keys.extend(self.starting);
                if self.session.is_initialized() {
                    self.session.restarted(self.now, offer());
                }
            }
            "changed" => self.session.lists_changed(self.now, Changed::ALL),
            "updated" => self.session.resource_updated(self.now, rest, Some(rest)),
            "stop" => self.session.stop(self.now, "the end"),
            _ => return None,
        }
        Some(())
    }

    /// Returns the Nth newest work, modulo their number.
    fn picked(&self, number: &str) -> Option<RequestKey> {
        let number: usize = number.parse().ok()?;
        let count = self.seen.keys.len();
        self.seen
            .keys
            .iter()
            .rev()
            .nth(number % count.max(1))
            .copied()
    }

    fn finish(&mut self, word: &str, key: RequestKey, rest: &str) -> Option<()> {
        let result = || object(rest).map(|_| rest.as_bytes().to_vec());
        let outcome = match word {
            "finish" => Outcome::Empty,
            "lost" => Outcome::Lost(rest.to_owned()),
            "faulty" => Outcome::Faulty(rest.to_owned()),
            "error" => {
                let (code, text) = rest.split_once(' ')?;
                Outcome::Error(RpcError::new(code.parse().ok()?, text))
            }
            "result" => Outcome::Result(result()?),
            "tool" => {
                let object = object(rest)?;
                let structured = object.get("structuredContent").map(|value| value.get());
                let structured = structured.filter(|text| text.starts_with('{'));
                let is_error = object.get("isError").is_some_and(|it| it.get() == "true");
                match self.checks.get(&key) {
                    Some(check) => ToolResult::checked(check, result()?, structured, is_error),
                    None => Outcome::Result(result()?),
                }
            }
            _ => Outcome::ToolList {
                json: result()?,
                tools: tools(&object(rest)?)?,
            },
        };
        // The end of each request is reported to the session once.
        self.seen.keys.retain(|other| *other != key);
        if self.starting == Some(key) {
            self.starting = None;
        }
        self.session.finish(self.now, key, outcome);
        Some(())
    }

    /// Uses the context of a request. A valid operation may be refused; an invalid one has no
    /// effect.
    fn use_context(&mut self, word: &str, key: RequestKey, rest: &str) -> Option<()> {
        match word {
            "progress" => {
                let value = rest.parse().ok()?;
                let text = Some("on the way\n");
                let _ = self
                    .session
                    .report_progress(self.now, key, value, Some(9.0), text);
            }
            "log" => {
                let (level, data) = rest.split_once(' ')?;
                let level = LogLevel::from_name(level)?;
                checked(data)?;
                let _ = self
                    .session
                    .log(self.now, Some(key), level, Some("log\n"), data);
            }
            _ => {
                let (method, params) = rest.split_once(' ').unwrap_or((rest, "{}"));
                let method = match method {
                    "roots" => AskMethod::ListRoots,
                    "sampling" => AskMethod::CreateMessage,
                    _ => AskMethod::Elicit,
                };
                object(params)?;
                if let Ok(ask) = self.session.ask(self.now, key, method, Some(params)) {
                    assert!(!self.seen.asked.contains(&ask), "a key is used again");
                    self.seen.asked.push(ask);
                }
            }
        }
        Some(())
    }

    fn receive(&mut self, text: &[u8]) {
        self.stream += 1;
        let stream = StreamId(self.stream);
        match self.session.receive(self.now, stream, text) {
            Reception::Accepted => {}
            Reception::Refused(text) => {
                assert!(answer(&text).get("result").is_none(), "nothing was asked");
            }
            Reception::Answered(text) => {
                answer(&text);
            }
            Reception::Initialize(invocation) => {
                assert_eq!(self.starting, None, "one start at a time");
                let (key, id) = (invocation.key, invocation.id.as_json().to_owned());
                self.starting = Some(key);
                self.begun(stream, key, &id);
            }
            Reception::Invoke(invocation) => {
                if let Err(error) = invocation.check.run(&invocation.params) {
                    let answered = self.session.refuse(self.now, invocation.key, &error);
                    let answered = answer(&answered.expect("the request is in flight"));
                    assert!(answered.get("error").is_some(), "{answered}");
                    return;
                }
                self.checks.insert(invocation.key, invocation.check);
                let (key, id) = (invocation.key, invocation.id.as_json().to_owned());
                self.begun(stream, key, &id);
            }
        }
    }

    fn begun(&mut self, stream: StreamId, key: RequestKey, id: &str) {
        self.seen.key(key);
        let id: Value = serde_json::from_str(id).expect("an id is JSON");
        let id = id.to_string();
        let is_open = self.seen.open.values().any(|other| *other == id);
        assert!(!is_open, "two requests of the id {id} are in flight");
        self.seen.open.insert(stream, id);
    }

    fn observe(&mut self) {
        while let Some(effect) = self.session.poll_effect() {
            let seen = &mut self.seen;
            match effect {
                Effect::Send { route, message } => seen.sent(route, &message),
                Effect::SendStreamed { .. } => unreachable!("no script streams"),
                Effect::End { stream } => assert!(seen.open.remove(&stream).is_some()),
                Effect::PingUnanswered => {}
                Effect::AskAnswered { ask, .. } => {
                    assert!(seen.asked.contains(&ask));
                    assert!(seen.resolved.insert(ask), "an ask is resolved twice");
                }
                Effect::Notify { key, .. } | Effect::Resubscribe { key, .. } => seen.key(key),
                Effect::Cancel { key, .. } => assert!(seen.all_keys.contains(&key)),
            }
            if let Some(key) = self.starting.filter(|key| self.session.is_cancelled(*key)) {
                // A start that timed out: the component may still start.
                self.starting = None;
                self.seen.keys.retain(|other| *other != key);
            }
        }
        let open: HashSet<StreamId> = self.session.open_streams().collect();
        let seen: HashSet<StreamId> = self.seen.open.keys().copied().collect();
        assert_eq!(open, seen, "what the session has to answer is known");
        assert_eq!(self.session.requests_in_flight(), seen.len());
    }

    /// Ends the component and all its work, and lets time pass.
    fn end(mut self) {
        for _ in 0..50 {
            self.observe();
            for key in std::mem::take(&mut self.seen.keys) {
                self.session.finish(self.now, key, Outcome::Empty);
            }
            self.observe();
            if let Some(next) = self.session.next_timeout() {
                self.now = self.now.max(next);
                self.session.handle_timeout(self.now);
            }
        }
        self.observe();
        assert_eq!(self.seen.open, HashMap::new(), "requests without an answer");
        let asked: HashSet<AskKey> = self.seen.asked.iter().copied().collect();
        let resolved = self.seen.resolved.union(&self.seen.withdrawn_by_us);
        assert_eq!(asked, resolved.copied().collect());
        assert_eq!(self.session.next_timeout(), None, "nothing is to come");
    }
}

/// Returns text as the mapping passes it on: JSON on one line.
fn checked(text: &str) -> Option<&str> {
    let text = json::check(text.as_bytes(), 16).ok()?;
    (!text.contains('\r')).then_some(text)
}

fn object(text: &str) -> Option<Object<'_>> {
    Object::parse(checked(text)?).ok()
}

/// Returns the tools in a result of `tools/list`, if they follow the rules.
fn tools(result: &Object<'_>) -> Option<Vec<SeenTool>> {
    let tools = json::array(result.get("tools")?).ok()?;
    let tool = |value| {
        let tool = json::object(value).ok()?;
        let name = json::string(tool.get("name")?).ok()?;
        let schema = |name| tool.get(name).map(json::RawValue::get);
        let (input, output) = (schema("inputSchema")?, schema("outputSchema"));
        SeenTool::new(&name, input, output, &Schemas::default()).ok()
    };
    tools.into_iter().map(tool).collect()
}
