//! What holds whatever comes.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::json::RawValue;

/// The states in which a message may come.
fn drivers() -> [Driver; 4] {
    let mut starting = Driver::fresh();
    starting.send(initialize_with("{}")).key();
    let http = Driver::operating(Framing::Http, Limits::default(), backend_offer());
    [Driver::fresh(), starting, Driver::service(), http]
}

/// The outermost members, by another reader than the session's.
type Members = HashMap<String, Box<RawValue>>;

/// The id, if a message with these members is a request by the letter of JSON-RPC.
fn id_of_request(members: &Members) -> Option<Value> {
    let member = |name: &str| serde_json::from_str::<Value>(members.get(name)?.get()).ok();
    let id = member("id").filter(|id| id.is_string() || id.is_i64() || id.is_u64())?;
    (member("method")?.is_string() && member("jsonrpc")? == "2.0").then_some(id)
}

fn check_answer(framing: Framing, text: &str, id: Option<&Value>) -> Result<(), TestCaseError> {
    let answer: Value = serde_json::from_str(text).unwrap();
    prop_assert!(!text.contains('\n'));
    prop_assert_eq!(&answer["jsonrpc"], "2.0");
    prop_assert!(answer.get("result").is_some() != answer.get("error").is_some());
    if let Some(error) = answer.get("error") {
        prop_assert!(error["code"].is_i64() && error["message"].is_string());
    }
    match id {
        Some(id) => prop_assert_eq!(&answer["id"], id),
        None if framing == Framing::Http => prop_assert!(answer.get("result").is_none()),
        None => prop_assert!(answer.get("id").is_some()),
    }
    Ok(())
}

fn check_message(bytes: &[u8]) -> Result<(), TestCaseError> {
    let members: Option<Members> = serde_json::from_slice(bytes).ok();
    let id = members.as_ref().and_then(id_of_request);
    let id = id.as_ref();
    for mut driver in drivers() {
        let framing = driver.session.framing;
        let reply = driver.send(bytes);
        match &reply {
            Reply::Accepted => {
                // Only what has no id or no method goes without an answer.
                prop_assert!(id.is_none());
                let without_answer = members.as_ref().is_some_and(|members| {
                    let has = |name| members.contains_key(name);
                    if has("method") {
                        !has("id")
                    } else {
                        has("result") || has("error")
                    }
                });
                prop_assert!(without_answer);
            }
            Reply::Refused(text) => {
                prop_assert!(id.is_none());
                check_answer(framing, text, None)?;
            }
            Reply::Answered(text) => {
                // The id of the pending `initialize` may be hit by chance.
                let in_flight = text.contains("is in flight") && framing == Framing::Stdio;
                check_answer(framing, text, id.filter(|_| !in_flight))?;
            }
            Reply::Initialize(key) => {
                driver.session.start_failed(driver.now, *key, "no");
                check_answer(framing, &driver.sent()[0], id)?;
            }
            Reply::Invoke(key, _) => {
                driver.effects();
                driver.finish(*key, Outcome::Empty);
                let sent = driver.sent();
                prop_assert_eq!(sent.len(), 1);
                check_answer(framing, &sent[0], id)?;
            }
        }
        // Whatever came, the session goes on.
        prop_assert_eq!(
            driver
                .send(r#"{"jsonrpc":"2.0","id":"last","method":"ping"}"#)
                .result(),
            json!({})
        );
    }
    Ok(())
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-4.0..4.0_f64).prop_map(Value::from),
        "[a-z\u{e9}\"\\\\\n]{0,6}".prop_map(Value::from),
        Just(json!("any")),
        Just(json!("debug")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let name = prop_oneof![
            "[a-z]{1,3}",
            Just("_meta".to_owned()),
            Just("progressToken".to_owned())
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn method() -> impl Strategy<Value = Value> {
    let names = Method::ALL.map(Method::name).into_iter().chain([
        "notifications/initialized",
        "notifications/cancelled",
        "notifications/progress",
        "notifications/roots/list_changed",
        "unknown",
    ]);
    let names: Vec<_> = names.map(Value::from).collect();
    prop_oneof![8 => prop::sample::select(names), 1 => json_value()]
}

fn params() -> impl Strategy<Value = Value> {
    let members = [
        "name",
        "arguments",
        "uri",
        "cursor",
        "level",
        "ref",
        "argument",
        "_meta",
        "requestId",
        "progressToken",
        "protocolVersion",
        "capabilities",
        "clientInfo",
    ];
    let object =
        prop::collection::btree_map(prop::sample::select(members.to_vec()), json_value(), 0..5);
    prop_oneof![4 => object.prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<serde_json::Map<_, _>>().into()), 1 => json_value()]
}

fn message() -> impl Strategy<Value = Value> {
    let version = prop_oneof![8 => Just(json!("2.0")), 1 => json_value()];
    let id = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        json_value()
    ];
    let members = (
        prop::option::weighted(0.9, version),
        prop::option::weighted(0.8, id),
        prop::option::weighted(0.8, method()),
        prop::option::weighted(0.8, params()),
        prop::option::weighted(0.1, json_value()),
        prop::option::weighted(0.1, json_value()),
    );
    members.prop_map(|(version, id, method, params, result, error)| {
        let members = [
            ("jsonrpc", version),
            ("id", id),
            ("method", method),
            ("params", params),
            ("result", result),
            ("error", error),
        ];
        let members = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(members.collect())
    })
}

/// Something that a client, a component or the clock does.
#[derive(Debug, Clone)]
enum Step {
    Call { id: u8, token: bool },
    Cancel { id: u8 },
    Finish { pick: usize, lost: bool },
    Progress { pick: usize, value: f64 },
    Log { pick: usize },
    Ask { pick: usize },
    Answer { id: u64, error: bool },
    ClientProgress { id: u64 },
    Pass { seconds: u16 },
    RootsChanged,
    InstanceLost,
    Changed,
    Stop,
}

fn step() -> impl Strategy<Value = Step> {
    let pick = 0..6_usize;
    prop_oneof![
        6 => (0..8_u8, any::<bool>()).prop_map(|(id, token)| Step::Call { id, token }),
        2 => (0..8_u8).prop_map(|id| Step::Cancel { id }),
        4 => (pick.clone(), any::<bool>()).prop_map(|(pick, lost)| Step::Finish { pick, lost }),
        6 => (pick.clone(), prop_oneof![0.0..9.0, Just(f64::NAN)]).prop_map(|(pick, value)| Step::Progress { pick, value }),
        2 => pick.clone().prop_map(|pick| Step::Log { pick }),
        5 => pick.prop_map(|pick| Step::Ask { pick }),
        4 => (0..12_u64, any::<bool>()).prop_map(|(id, error)| Step::Answer { id, error }),
        1 => (0..12_u64).prop_map(|id| Step::ClientProgress { id }),
        3 => prop_oneof![0..2_u16, 0..400_u16].prop_map(|seconds| Step::Pass { seconds }),
        1 => Just(Step::RootsChanged),
        1 => Just(Step::InstanceLost),
        1 => Just(Step::Changed),
        1 => prop::bool::weighted(0.1).prop_map(|stop| if stop { Step::Stop } else { Step::Changed }),
    ]
}

/// Follows what goes out and knows what must not.
#[derive(Default)]
struct Observer {
    keys: Vec<RequestKey>,
    open_streams: HashMap<StreamId, u8>,
    asked: HashSet<AskKey>,
    resolved: HashSet<AskKey>,
    wire_ids: HashSet<u64>,
    withdrawn: HashSet<u64>,
    reached: HashMap<String, f64>,
}

impl Observer {
    fn observe(&mut self, effects: Vec<Effect>) -> Result<(), TestCaseError> {
        for effect in effects {
            match effect {
                Effect::Send {
                    route,
                    message,
                    last,
                } => self.message(route, &message, last)?,
                Effect::End { stream } => prop_assert!(self.open_streams.remove(&stream).is_some()),
                Effect::AskAnswered { ask, .. } => {
                    prop_assert!(self.asked.contains(&ask));
                    prop_assert!(self.resolved.insert(ask), "an ask is resolved twice");
                }
                Effect::Notify { key, .. } => self.keys.push(key),
                Effect::Cancel { key, .. } => prop_assert!(self.keys.contains(&key)),
                Effect::Resubscribe { .. } => prop_assert!(false, "nothing is subscribed"),
            }
        }
        Ok(())
    }

    fn message(&mut self, route: Route, message: &[u8], last: bool) -> Result<(), TestCaseError> {
        prop_assert!(!message.contains(&b'\n'));
        let message: Value = serde_json::from_slice(message).unwrap();
        if let Route::Stream(stream) = route {
            let id = self.open_streams.get(&stream).copied();
            prop_assert!(
                id.is_some(),
                "nothing comes after the end of a stream: {message}"
            );
            if last {
                prop_assert_eq!(message["id"].as_u64(), id.map(u64::from));
                self.open_streams.remove(&stream);
            }
        }
        prop_assert_eq!(last, message.get("method").is_none());
        let params = &message["params"];
        match message["method"].as_str() {
            Some("notifications/progress") => {
                let token = params["progressToken"].as_str().unwrap().to_owned();
                let progress = params["progress"].as_f64().unwrap();
                let before = self.reached.insert(token, progress);
                prop_assert!(
                    before.is_none_or(|before| before < progress),
                    "progress grows"
                );
            }
            Some("roots/list") => {
                prop_assert!(self.wire_ids.insert(message["id"].as_u64().unwrap()))
            }
            Some("notifications/cancelled") => {
                let id = params["requestId"].as_u64().unwrap();
                prop_assert!(self.wire_ids.contains(&id) && self.withdrawn.insert(id));
            }
            _ => {}
        }
        Ok(())
    }
}

fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut driver = Driver::with(
        Framing::Http,
        Limits {
            asks_in_flight: 4,
            ..Limits::default()
        },
    );
    driver.initialize(service_offer(), r#"{"roots":{}}"#);
    driver.send(INITIALIZED);
    let mut observer = Observer::default();
    let mut calls = 0;
    for step in steps {
        observer.observe(driver.effects())?;
        let picked = |pick: usize| observer.keys.iter().rev().nth(pick).copied();
        match step {
            Step::Call { id, token } => {
                calls += 1;
                let meta = if token {
                    json!({"progressToken": format!("call {calls}")})
                } else {
                    json!({})
                };
                let message = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "x", "_meta": meta}});
                match driver.send(message.to_string()) {
                    Reply::Invoke(key, _) => {
                        prop_assert!(!observer.open_streams.values().any(|other| *other == id));
                        prop_assert!(!observer.keys.contains(&key), "keys are never used again");
                        observer.keys.push(key);
                        observer.open_streams.insert(StreamId(driver.stream), id);
                    }
                    Reply::Answered(text) => prop_assert!(text.contains("error")),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            Step::Cancel { id } => {
                driver.notify("notifications/cancelled", json!({"requestId": id}))
            }
            Step::Finish { pick, lost } => {
                if let Some(key) = picked(pick) {
                    driver.finish(
                        key,
                        if lost {
                            Outcome::Lost("lost".to_owned())
                        } else {
                            Outcome::Empty
                        },
                    );
                }
            }
            Step::Progress { pick, value } => {
                if let Some(key) = picked(pick) {
                    let _refused_or_not = driver
                        .session
                        .report_progress(driver.now, key, value, None, None);
                }
            }
            Step::Log { pick } => {
                let _refused_or_not =
                    driver
                        .session
                        .log(driver.now, picked(pick), LogLevel::Error, None, "[1]");
            }
            Step::Ask { pick } => {
                if let Some(key) = picked(pick)
                    && let Ok(ask) = driver
                        .session
                        .ask(driver.now, key, AskMethod::ListRoots, None)
                {
                    prop_assert!(observer.asked.insert(ask));
                }
            }
            Step::Answer { id, error } => {
                let member = if error {
                    ("error", json!({"code": -1, "message": "no"}))
                } else {
                    ("result", json!({}))
                };
                let mut message = json!({"jsonrpc": "2.0", "id": id});
                message[member.0] = member.1;
                prop_assert_eq!(driver.send(message.to_string()), Reply::Accepted);
            }
            Step::ClientProgress { id } => driver.notify(
                "notifications/progress",
                json!({"progressToken": id, "progress": 1}),
            ),
            Step::Pass { seconds } => driver.pass(seconds.into()),
            Step::RootsChanged => driver.notify("notifications/roots/list_changed", json!({})),
            Step::InstanceLost => {
                for key in observer.keys.clone() {
                    driver.finish(key, Outcome::Lost("lost".to_owned()));
                }
            }
            Step::Changed => driver.session.lists_changed(driver.now, Changed::TOOLS),
            Step::Stop => driver.session.stop(driver.now, "end of input"),
        }
    }
    // The component comes to its end with all that it works on.
    for _ in 0..3 {
        observer.observe(driver.effects())?;
        for key in observer.keys.clone() {
            driver.finish(key, Outcome::Empty);
        }
    }
    observer.observe(driver.effects())?;
    prop_assert!(
        observer.open_streams.is_empty(),
        "each request is answered or cancelled"
    );
    prop_assert_eq!(&observer.asked, &observer.resolved);
    prop_assert!(driver.session.is_idle());
    driver.pass(2.0);
    prop_assert_eq!(driver.session.next_timeout(), None);
    Ok(())
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        check_message(&bytes)?;
    }

    #[test]
    fn mutilated_messages_are_survived(message in message(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = message.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        check_message(&bytes)?;
    }

    #[test]
    fn messages_obey_the_table(message in message()) {
        check_message(message.to_string().as_bytes())?;
    }

    #[test]
    fn any_sequence_keeps_the_rules(steps in prop::collection::vec(step(), 0..60)) {
        run(steps)?;
    }

    #[test]
    fn meta_and_arguments_survive_exactly(meta in json_value(), arguments in json_value(), number in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
        let meta = format!(r#"{{"x": {meta} , "n":{number}}}"#);
        let arguments = format!(r#"{{ "x":{arguments},"n" :{number}}}"#);
        let message = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"arguments":{arguments},"_meta":{meta},"name":"any"}}}}"#);
        let mut driver = Driver::backend();
        let reception = driver.session.receive(driver.now, StreamId(1), message.as_bytes());
        let Reception::Invoke(invocation) = reception else { panic!("{reception:?}") };
        prop_assert_eq!(invocation.meta.unwrap().get(), meta);
        prop_assert_eq!(invocation.params.get("arguments").unwrap().get(), arguments);
    }
}
