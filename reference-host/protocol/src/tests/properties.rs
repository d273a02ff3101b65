//! Invariants under any input.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::fuzzing;
use crate::json::RawValue;

/// The states in which a message may arrive.
fn drivers() -> [Driver; 4] {
    let mut starting = Driver::fresh();
    starting.send(initialize_with("{}")).key();
    let http = Driver::operating(Framing::Http, Limits::default(), backend_offer());
    [Driver::fresh(), starting, Driver::service(), http]
}

/// The outermost members, by another parser than the session's.
type Members = HashMap<String, Box<RawValue>>;

/// Returns the id, if a message with these members is a request by the letter of JSON-RPC.
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
                // Only messages without an id or a method go unanswered.
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
        // The session continues after any input.
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

/// An action of a client, a component or the clock, as a line of a
/// [script](crate::fuzzing::script).
fn step() -> impl Strategy<Value = String> {
    let pick = 0..6_usize;
    let of_client = |message: Value| message.to_string();
    prop_oneof![
        6 => (0..8_u8, any::<bool>()).prop_map(move |(id, token)| {
            let meta = if token { json!({"progressToken": id}) } else { json!({}) };
            of_client(json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "x", "_meta": meta}}))
        }),
        2 => (0..8_u8).prop_map(move |id| of_client(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}))),
        4 => (pick.clone(), any::<bool>()).prop_map(|(pick, lost)| if lost { format!("lost {pick} it is lost") } else { format!("finish {pick}") }),
        6 => (pick.clone(), prop_oneof![0.0..9.0, Just(f64::NAN)]).prop_map(|(pick, value)| format!("progress {pick} {value}")),
        2 => pick.clone().prop_map(|pick| format!("log {pick} error [1]")),
        5 => pick.prop_map(|pick| format!("ask {pick} roots")),
        1 => Just("withdraw".to_owned()),
        4 => (0..12_u64, any::<bool>()).prop_map(move |(id, error)| {
            let mut message = json!({"jsonrpc": "2.0", "id": id});
            if error { message["error"] = json!({"code": -1, "message": "no"}) } else { message["result"] = json!({}) }
            of_client(message)
        }),
        1 => (0..12_u64).prop_map(move |id| of_client(json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": id, "progress": 1}}))),
        3 => prop_oneof![0..2_000_u32, 0..400_000_u32].prop_map(|time| format!("pass {time}")),
        1 => Just(json!({"jsonrpc": "2.0", "method": "notifications/roots/list_changed"}).to_string()),
        1 => Just("restart service".to_owned()),
        1 => Just("changed".to_owned()),
        1 => prop::bool::weighted(0.1).prop_map(|stop| if stop { "stop" } else { "changed" }.to_owned()),
    ]
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
        let initialize = initialize_with(r#"{"roots":{}}"#);
        let text = format!("http\n{initialize}\nstarted service\n{INITIALIZED}\n{}", steps.join("\n"));
        fuzzing::script(text.as_bytes());
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
