//! From records to JSON: results, errors, and what must not reach the client.

use std::time::Instant;

use serde_json::{Value, json};

use super::RuntimeCheck;
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, invoke};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::{Reply, Session};
use crate::runtime::Base;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-mapping/refused-results",
        "Answers -32603 in place of a result that breaks a rule.",
        [
            "wit.json.checked-result",
            "wit.call-tool.output-schema",
            "wit.content.broken-result",
            "wit.types.numbers"
        ],
        Base::BACKENDS,
        refused_results
    ),
    runtime_check!(
        "runtime-mapping/failed-results",
        "Does not check the result of a failed tool against its output schema.",
        ["wit.call-tool.is-error-unchecked"],
        Base::BACKENDS,
        failed_results
    ),
    runtime_check!(
        "runtime-mapping/text",
        "Removes line breaks from structured content, and keeps the text of numbers.",
        ["wit.json.line-breaks"],
        Base::BACKENDS,
        text
    ),
    runtime_check!(
        "runtime-mapping/extra",
        "Writes further members, and lets named members win.",
        ["wit.extra.written", "wit.extra.named-wins"],
        Base::BACKENDS,
        extra
    ),
    runtime_check!(
        "runtime-mapping/error-codes",
        "Maps each code of an error to its number, with message and data.",
        ["wit.error.codes"],
        Base::BACKENDS,
        error_codes
    ),
    runtime_check!(
        "runtime-mapping/base64",
        "Writes bytes as base64, with padding.",
        ["wit.types.base64"],
        Base::BACKENDS,
        base64
    ),
    runtime_check!(
        "runtime-mapping/every-uri",
        "Passes on every URI, registered or not.",
        ["wit.read-resource.every-uri"],
        Base::BACKENDS,
        every_uri
    ),
    runtime_check!(
        "runtime-mapping/missing-uri",
        "Adds the URI to the data of an error that has none.",
        ["wit.read-resource.error-data"],
        Base::BACKENDS,
        missing_uri
    ),
    runtime_check!(
        "runtime-mapping/malformed",
        "Answers malformed messages and parameters itself, before the component sees them.",
        [
            "wit.malformed.no-json",
            "wit.malformed.no-request",
            "wit.malformed.parameters",
            "wit.types.null"
        ],
        Base::BACKENDS,
        malformed
    ),
    runtime_check!(
        "runtime-mapping/malformed-notification",
        "Does not call the component for a malformed notification.",
        ["wit.malformed.notification"],
        Base::BACKENDS,
        malformed_notification
    ),
    runtime_check!(
        "runtime-mapping/completion-limit",
        "Answers -32603 to more than 100 values.",
        ["wit.complete.at-most-100"],
        Base::BACKENDS,
        completion_limit
    ),
    runtime_check!(
        "runtime-mapping/completion-unknown",
        "Refuses completions for prompts and templates that are not registered.",
        ["wit.complete.unknown"],
        Base::BACKENDS,
        completion_unknown
    ),
    runtime_check!(
        "runtime-mapping/undeclared-arguments",
        "Passes on arguments that a prompt or a template does not declare.",
        [
            "wit.prompts.undeclared-arguments",
            "wit.complete.any-argument"
        ],
        Base::BACKENDS,
        undeclared_arguments
    ),
];

async fn result(session: &Session, kind: &str) -> Reply {
    invoke(session, "result", json!({ "kind": kind })).await
}

async fn refused_results(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let kinds = [
        "mismatch",
        "missing",
        "no-json",
        "no-object",
        "half-surrogate",
        "meta-no-json",
        "meta-no-object",
        "extra-no-json",
        "extra-no-object",
        "priority-beyond-1",
        "priority-negative",
        "priority-nan",
        "image-priority",
        "audio-priority",
        "link-priority",
        "embedded-priority",
        "size-nan",
        "size-negative",
        "size-fraction",
        "size-beyond-2-53",
        "block-meta-no-object",
        "block-extra-no-json",
        "contents-meta-no-json",
    ];
    for kind in kinds {
        tally.note(result(&session, kind).await.error_with(&[-32603]).map(drop));
    }
    for kind in ["good", "size-2-53"] {
        tally.note(result(&session, kind).await.result().map(drop));
    }
    let reply = invoke(&session, "error", json!({"code": "data-no-json"})).await;
    tally.note(reply.error_with(&[-32603]).map(drop));
    tally.judge("results were refused or passed, as they should", "")
}

async fn failed_results(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    for kind in ["error-mismatch", "error-without"] {
        let reply = result(&session, kind).await;
        let failed = reply.result().map(|result| result["isError"] == true);
        tally.note(match failed {
            Ok(false) => Err(reply.unexpected("a result with isError")),
            other => other,
        });
    }
    tally.judge("failures reached the client as they were", "")
}

/// The message that answered, as text without blanks.
pub(super) fn compact(reply: &Reply) -> Result<String, Finding> {
    reply.result()?;
    let bytes = reply
        .entry
        .as_ref()
        .map(|entry| entry.bytes.clone())
        .unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).replace([' ', '\r'], ""))
}

async fn text(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let cases = [
        ("line-breaks", r#""structuredContent":{"number":1}"#),
        (
            "number-text",
            r#""structuredContent":{"number":1.10,"large":9007199254740993}"#,
        ),
    ];
    for (kind, part) in cases {
        let reply = result(&session, kind).await;
        let text = compact(&reply)?;
        tally.expect(text.contains(part), || {
            format!("called the tool result with kind {kind}; expected {part}; got {text}")
        });
    }
    tally.judge("texts were kept", "")
}

async fn extra(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let reply = result(&session, "extra").await;
    let text = compact(&reply)?;
    let content = reply.result()?.get("content").is_some_and(Value::is_array);
    let is_error = reply.result()?.get("isError");
    if !text.contains(r#""x-kept":1.10"#)
        || !content
        || is_error == Some(&json!(true))
        || text.matches("\"content\"").count() != 1
    {
        return Err(reply.unexpected("the further member x-kept as it is, one content that is the record's, and no isError, which the record leaves out"));
    }
    Ok("a further member was written, and named members won".to_owned())
}

async fn error_codes(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let codes = [
        ("parse-error", -32700),
        ("invalid-request", -32600),
        ("method-not-found", -32601),
        ("invalid-params", -32602),
        ("internal-error", -32603),
        ("resource-not-found", -32002),
        ("cancelled", -32603),
        ("timeout", -32603),
        ("invalid-state", -32603),
        ("other", -7),
    ];
    for (name, number) in codes {
        let reply = invoke(&session, "error", json!({ "code": name })).await;
        if let Some(error) = tally.note(reply.error_with(&[number])) {
            tally.expect(error.message == "A probe", || {
                format!(
                    "the code {name}: expected the message `A probe`; got `{}`",
                    error.message
                )
            });
        }
        let why = reply
            .entry
            .as_ref()
            .map(|entry| entry.text().replace(' ', ""))
            .unwrap_or_default();
        tally.expect(why.contains(r#""data":{"why":1.10}"#), || {
            format!("the code {name}: expected the data {{\"why\":1.10}}; got {why}")
        });
    }
    tally.judge("errors were mapped", "")
}

async fn base64(stand: &Stand) -> Judgement {
    use base64::Engine as _;
    let session = stand.session().await?;
    let reply = session
        .request("resources/read", json!({"uri": "probe:///bytes"}))
        .await;
    let blob = reply.result()?["contents"][0]["blob"]
        .as_str()
        .unwrap_or_default();
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    if blob != base64::engine::general_purpose::STANDARD.encode(&bytes) {
        return Err(
            reply.unexpected("the bytes 0 to 255 in base64, standard alphabet, with padding")
        );
    }
    Ok("256 bytes were encoded".to_owned())
}

async fn every_uri(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    for uri in [
        "probe:///anything/at/all",
        "urn:isbn:0451450523",
        "custom+scheme.1:x",
        // Nothing is normalised.
        "HTTP://EXAMPLE.com:80/a/../b/%7e?q#f",
        "probe:///e\u{301}/%2F//.",
        "",
    ] {
        let reply = session.request("resources/read", json!({"uri": uri})).await;
        if reply.result()?["contents"][0]["uri"] != uri {
            return Err(reply.unexpected("the contents that the component gives for this URI"));
        }
    }
    Ok("URIs were handed on that no list names".to_owned())
}

async fn missing_uri(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let reply = session
        .request("resources/read", json!({"uri": "probe:///missing"}))
        .await;
    reply.error_with(&[-32002])?;
    let text = reply
        .entry
        .as_ref()
        .map(|entry| entry.text().replace(' ', ""))
        .unwrap_or_default();
    if !text.contains(r#""data":{"uri":"probe:///missing"}"#) {
        return Err(reply.unexpected("the URI in the error's data"));
    }
    Ok("the URI was added".to_owned())
}

async fn complete(session: &Session, reference: Value, value: &str) -> Reply {
    let params = json!({"ref": reference, "argument": {"name": "name", "value": value}});
    session.request("completion/complete", params).await
}

async fn completion_limit(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let template = json!({"type": "ref/resource", "uri": "probe:///{name}"});
    complete(&session, template.clone(), "100").await.result()?;
    complete(&session, template, "101")
        .await
        .error_with(&[-32603])?;
    Ok("100 values passed, and 101 did not".to_owned())
}

async fn completion_unknown(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let unknown = [
        json!({"type": "ref/prompt", "name": "unknown"}),
        json!({"type": "ref/resource", "uri": "unknown:///{name}"}),
        json!({"type": "com.example/unknown", "name": "probe:///{name}"}),
    ];
    for reference in unknown {
        complete(&session, reference, "1")
            .await
            .error_with(&[-32602])?;
    }
    Ok("unknown references were refused".to_owned())
}

async fn undeclared_arguments(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let arguments = json!({"needed": "", "undeclared": "1"});
    let params = json!({"name": "strict", "arguments": arguments});
    let reply = session.request("prompts/get", params).await;
    tally.note(reply.result().map(drop));
    let params = json!({
        "ref": {"type": "ref/resource", "uri": "probe:///{name}"},
        "argument": {"name": "undeclared", "value": "1"},
    });
    let reply = session.request("completion/complete", params).await;
    tally.note(reply.result().map(drop));
    let calls = ask(&session, "tell-instance").await?["calls"].clone();
    tally.expect(calls == 3, || {
        format!("expected the component to see both requests, and this; it saw {calls}")
    });
    tally.judge("arguments that are not declared were passed on", "")
}

async fn malformed_notification(stand: &Stand) -> Judgement {
    const METHOD: &str = "notifications/roots/list_changed";
    let session = stand.session().await?;
    for params in [json!([1]), json!("text"), json!({"_meta": 1})] {
        session.notify(METHOD, params).await;
    }
    session.notify(METHOD, Value::Null).await;
    let right = json!(["initialized", "roots-changed"]);
    let began = Instant::now();
    loop {
        let events = ask(&session, "tell-instance").await?["events"].clone();
        if events == right {
            break;
        }
        let is_beyond = events.as_array().is_some_and(|events| events.len() > 2);
        if is_beyond || began.elapsed() >= session.timing().answer {
            return super::violation(
                &format!("the component to see the events {right}: the well-formed notifications"),
                format!("it saw {events}"),
            );
        }
        tokio::time::sleep(session.timing().quiet).await;
    }
    Ok("the component was called for the well-formed notification alone".to_owned())
}

async fn malformed(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let messages: [(&[u8], i64); 6] = [
        (b"{", -32700),
        (b"nonsense", -32700),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"\xff\"}}", -32700),
        (
            br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\ud800"}}"#,
            -32700,
        ),
        (br#"{"jsonrpc":"2.0","id":7001}"#, -32600),
        (br#"{"jsonrpc":"1.0","id":7002,"method":"ping"}"#, -32600),
    ];
    for (message, code) in messages {
        let reply = session.probe_raw(message, None).await;
        let codes: Vec<Value> = reply
            .responses
            .iter()
            .map(|entry| {
                let answer: Value = serde_json::from_slice(&entry.bytes).unwrap_or_default();
                answer["error"]["code"].clone()
            })
            .collect();
        tally.expect(codes == [json!(code)], || {
            format!(
                "sent {}; expected error {code}; got {}",
                reply.sent,
                Value::from(codes)
            )
        });
    }
    let parameters = [
        ("tools/call", json!({})),
        ("tools/call", json!({"name": 7})),
        ("tools/call", json!({"name": "echo", "arguments": []})),
        ("tools/call", json!({"name": "echo", "arguments": null})),
        ("tools/call", json!({"name": "echo", "_meta": []})),
        (
            "tools/call",
            json!({"name": "echo", "_meta": {"progressToken": true}}),
        ),
        (
            "tools/call",
            json!({"name": "echo", "_meta": {"progressToken": 1.5}}),
        ),
        (
            "tools/call",
            json!({"name": "echo", "_meta": {"progressToken": null}}),
        ),
        ("resources/read", json!({"uri": 7})),
        ("resources/read", json!({})),
        ("resources/subscribe", json!({"uri": null})),
        (
            "prompts/get",
            json!({"name": "strict", "arguments": {"needed": 1}}),
        ),
        ("prompts/get", json!({"name": "strict", "arguments": []})),
        (
            "completion/complete",
            json!({"argument": {"name": "a", "value": ""}}),
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt"}, "argument": {"name": "a", "value": ""}}),
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "strict"}, "argument": {"name": "a"}}),
        ),
        (
            "completion/complete",
            json!({
                "ref": {"type": "ref/prompt", "name": "strict"},
                "argument": {"name": "a", "value": ""},
                "context": {"arguments": {"b": 1}},
            }),
        ),
        ("tools/list", json!({"cursor": 7})),
        ("logging/setLevel", json!({"level": "loud"})),
        ("logging/setLevel", json!({})),
    ];
    for (method, params) in parameters {
        let reply = session.request(method, params).await;
        tally.note(reply.error_with(&[-32602]).map(drop));
    }
    let seen = ask(&session, "tell-instance").await?;
    let calls = &seen["calls"];
    tally.expect(*calls == 1, || {
        format!("expected the component to see this call alone; it saw {calls}")
    });
    tally.judge("malformed messages were answered by the host", "")
}
