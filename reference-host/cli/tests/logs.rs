//! The log of `wasi-mcp serve` as a program reads it.

#![cfg(unix)]

mod command;
#[path = "../../host/tests/messages/mod.rs"]
mod messages;

use std::collections::BTreeMap;
use std::fmt;

use command::http::{HttpClient, HttpHost};
use command::{GuestFile, StdioClient, wasi_mcp};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

/// JSON in which no object has two members of the same name.
#[derive(Debug)]
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(Strict(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(list.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
                let mut object = serde_json::Map::new();
                while let Some((name, Strict(value))) = members.next_entry::<String, _>()? {
                    if object.insert(name.clone(), value).is_some() {
                        return Err(de::Error::custom(format!("two members `{name}`")));
                    }
                }
                Ok(object.into())
            }
        }

        deserializer.deserialize_any(Any).map(Self)
    }
}

/// Parses a log. Each field must have the same type in every line.
fn parsed(log: &str) -> Vec<Value> {
    let mut types = BTreeMap::new();
    let lines = log.lines().map(|line| {
        let Strict(line) =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let fields = line["fields"].as_object().expect("fields");
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            let is = std::mem::discriminant(value);
            let was = types.entry(name.clone()).or_insert(is);
            assert_eq!(*was, is, "{name} in {line}");
        }
        line
    });
    lines.collect()
}

/// Returns the lines with this message.
fn of<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    let is_it = |line: &&Value| line["fields"]["message"] == message;
    lines
        .iter()
        .filter(is_it)
        .map(|line| &line["fields"])
        .collect()
}

/// Texts that are refused, each with a part of the reason.
const REFUSED: [(&str, &str); 6] = [
    ("no json", "JSON"),
    (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, "batch"),
    (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, "`id`"),
    (r#"{"jsonrpc":"1.0","id":5,"method":"ping"}"#, "`jsonrpc`"),
    (
        r#"{"jsonrpc":"1.0","method":"notifications/x"}"#,
        "`jsonrpc`",
    ),
    (r#"{"id":5,"result":{}}"#, "`jsonrpc`"),
];

/// A request of an unknown method.
const UNKNOWN: &str =
    "{\"jsonrpc\":\"2.0\",\"id\":\"a\u{202e}b\u{200b}c\",\"method\":\"no/such/method\"}";

/// A call with arguments that do not fit.
const UNFIT: &str = r#"{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"echo","arguments":{"text":7}}}"#;

/// Checks that the log shows refusals with their reasons, and at `-vv` every message.
fn check(lines: &[Value], verbosity: &str, has_all_answers: bool) {
    let refused = of(lines, "message refused");
    assert_eq!(refused.len(), REFUSED.len(), "{lines:#?}");
    for (line, (text, reason)) in refused.iter().zip(REFUSED) {
        let logged = line["reason"].as_str().expect("a reason");
        assert!(logged.contains(reason), "{text}: {line}");
        assert!(line["code"].is_i64(), "{line}");
    }
    // A request that is refused for what it asks, by an id with characters that are not seen.
    let unknown = of(lines, "request answered");
    let unknown = unknown.iter().find(|line| line["method"] == "other");
    let unknown = unknown.expect("the unknown method is logged");
    assert_eq!(unknown["id"], r#""a\u{202e}b\u{200b}c""#, "{unknown}");
    assert_eq!(unknown["code"], -32601);
    let reason = unknown["reason"].as_str().expect("a reason");
    assert!(reason.contains("no/such/method"), "{unknown}");
    // One that is refused for its arguments.
    let refused = of(lines, "request ended");
    let refused = refused.iter().find(|line| line["code"] == -32602);
    let reason = refused.expect("the bad arguments are logged")["reason"].as_str();
    assert!(
        reason.is_some_and(|reason| reason.contains("text")),
        "{refused:?}"
    );
    let received = of(lines, "received");
    let answered = of(lines, "answered");
    if verbosity == "-v" {
        assert!(received.is_empty() && answered.is_empty(), "{lines:#?}");
        return;
    }
    for (text, _) in REFUSED {
        assert!(received.iter().any(|line| line["text"] == text), "{text}");
    }
    let errors = answered.iter().filter(|line| {
        let text = line["text"].as_str().expect("text");
        text.contains(r#""error""#)
    });
    // Over stdio a notification and a response are not answered. The unknown method and the bad arguments are two
    // more.
    let expected = REFUSED.len() + 2 - if has_all_answers { 0 } else { 2 };
    assert_eq!(errors.count(), expected, "{answered:#?}");
}

#[tokio::test]
async fn the_log_shows_refusals_over_stdio() {
    let guest = GuestFile::write("reference-backend-0.3");
    for verbosity in ["-v", "-vv"] {
        let mut command = wasi_mcp();
        command
            .arg("serve")
            .arg(guest.path())
            .args([verbosity, "--log-format", "json"]);
        let mut client = StdioClient::connect(&mut command).await;
        for (text, _) in REFUSED {
            client.send_line(text).await;
        }
        client.send_line(UNKNOWN).await;
        client.send_line(UNFIT).await;
        for _ in 0..6 {
            let answer = client.next().await;
            assert!(answer["error"].is_object(), "{answer}");
        }
        let params = json!({ "name": "echo", "arguments": { "text": "x" } });
        client.request_amid("tools/call", params).await;
        client
            .request_amid("tools/call", json!({ "name": "trap" }))
            .await;
        let outcome = client.finish().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        check(&parsed(&outcome.stderr), verbosity, false);
    }
}

#[tokio::test]
async fn the_log_shows_refusals_over_http() {
    let guest = GuestFile::write("reference-backend-0.3");
    for verbosity in ["-v", "-vv"] {
        let mut command = wasi_mcp();
        command
            .arg("serve")
            .arg(guest.path())
            .args([verbosity, "--log-format", "json"]);
        let host = HttpHost::start(&mut command).await;
        let client = HttpClient::connect(&host.address).await;
        for (text, _) in REFUSED {
            let response = client.post(text).await;
            let is_request = text.contains(r#""id":5,"method""#);
            assert_eq!(
                response.status,
                if is_request { 200 } else { 400 },
                "{text}"
            );
            assert!(response.body.contains("error"), "{}", response.body);
        }
        assert_eq!(client.post(UNKNOWN).await.status, 200);
        assert_eq!(client.post(UNFIT).await.status, 200);
        client.call("echo", json!({ "text": "x" })).await;
        client.call("trap", json!({})).await;
        let (status, _) = command::http::get(&host.address, "/elsewhere\u{202e}").await;
        assert_eq!(status, 404);
        let stranger = command::http::post(&host.address, "", "no json either").await;
        assert_eq!(stranger.status, 400);
        client.delete().await;
        host.signal("TERM").await;
        let outcome = host.end().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let mut lines = parsed(&outcome.stderr);
        let refused = of(&lines, "HTTP request refused");
        let (path, reason) = (&refused[0]["path"], &refused[0]["reason"]);
        assert_eq!(
            (path, &refused[0]["status"]),
            (&json!(r"/elsewhere\u{202e}"), &json!(404))
        );
        assert!(
            reason.as_str().is_some_and(|reason| !reason.is_empty()),
            "{refused:?}"
        );
        let newcomers = of(&lines, "message refused");
        assert_eq!(newcomers.len(), REFUSED.len() + 1, "{newcomers:?}");
        // Messages without a session, and requests without a message.
        let of_session = |line: &Value| line["fields"]["session"].is_u64();
        lines.retain(of_session);
        check(&lines, verbosity, true);
    }
}
