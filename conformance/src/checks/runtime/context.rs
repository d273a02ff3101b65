//! Contexts: what they tell, and what they do when they outlive their request.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{RuntimeCheck, compare, compare_one, violation, whole};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, call, invoke, invoke_with_token, told};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::ClientRole;
use crate::driver::client_role::Asked;
use crate::driver::log::Entry;
use crate::driver::session::with_token;
use crate::runtime::Base;
use crate::runtime::components::DEFAULT;
use crate::wire::identifier::Identifier;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-context/request",
        "Gives the component the id, _meta, token and client of its request as the client sent them.",
        [
            "wit.context.get-id",
            "wit.context.get-meta",
            "wit.context.get-progress-token",
            "wit.context.get-client"
        ],
        Base::BACKENDS,
        request
    ),
    runtime_check!(
        "runtime-context/json-kept",
        "Keeps the text of numbers and all members in arguments, _meta and further members.",
        ["wit.json.kept", "wit.extra.received", "wit.extra.no-meta"],
        Base::BACKENDS,
        json_kept
    ),
    runtime_check!(
        "runtime-context/late-use",
        "Answers invalid-state to a context whose request has ended, and sends nothing.",
        [
            "wit.context.late-use",
            "wit.context.no-trap",
            "wit.context.nothing-after-end"
        ],
        Base::BACKENDS,
        late_use
    ),
    runtime_check!(Http "runtime-context/own-stream", "Sends the messages of a request on the stream of that very request.",
        ["wit.context.own-stream"], &[Base::Concurrent], own_stream),
    runtime_check!(
        "runtime-context/clone",
        "Gives a second handle on the same request.",
        ["wit.context.clone"],
        Base::BACKENDS,
        clone
    ),
];

async fn request(stand: &Stand) -> Judgement {
    let role = ClientRole::with(json!({"roots": {}, "elicitation": {}}));
    let session = stand.session_in(DEFAULT, role).await?;
    let mut tally = Tally::default();
    let ids = [
        Identifier::integer(4711),
        Identifier::text("4711"),
        Identifier::text(""),
        Identifier::integer(9_007_199_254_740_993),
        Identifier::integer(-1),
    ];
    for id in ids {
        let mut params = call("describe", json!({}));
        params["_meta"] = json!({"progressToken": "token", "example.org/a": [1, {"b": null}]});
        let expected_id = id.as_json().to_owned();
        let pending = session.begin_as(id, "tools/call", params.clone()).await;
        let reply = session.reply(&pending, session.timing().answer).await;
        let seen = told(&reply)?;
        let expected = [
            ("id", json!(expected_id)),
            ("meta", params["_meta"].clone()),
            ("token", json!("token")),
            ("cancelled", json!(false)),
            ("client", json!("wasi-mcp-conformance")),
            ("version", json!(crate::model::requirements::REVISION)),
            ("roots", json!(true)),
            ("sampling", json!(false)),
            ("elicitation", json!(true)),
        ];
        for (name, right) in expected {
            tally.expect(seen.get(name) == Some(&right), || {
                format!("sent {params} with id {expected_id}; expected `{name}` of the context to be {right}; the probe saw {}", seen[name])
            });
        }
    }
    // What the client left out is none, and a token keeps its kind.
    for (meta, token) in [
        (None, Value::Null),
        (Some(json!({})), Value::Null),
        (Some(json!({"progressToken": 0})), json!("0")),
        (Some(json!({"progressToken": ""})), json!("\"\"")),
        (Some(json!({"progressToken": "7"})), json!("\"7\"")),
    ] {
        let mut params = call("show", json!({}));
        if let Some(meta) = &meta {
            params["_meta"] = meta.clone();
        }
        let reply = session.request("tools/call", params.clone()).await;
        let seen = told(&reply)?;
        let done = format!("sent {params}");
        compare_one(&mut tally, &done, seen, "token", &token);
        let right = json!(meta.map(|meta| meta.to_string()));
        let came = whole::tidy(&seen["meta"]);
        tally.expect(came == right, || {
            format!("{done}; expected the probe to see {right} as `meta`; it saw {came}")
        });
    }
    tally.judge("facts of requests reached the component", "")
}

async fn json_kept(stand: &Stand) -> Judgement {
    const NUMBERS: &str = r#"{"small":1.10,"large":9007199254740993,"text":"\u0041\n"}"#;
    let session = stand.session().await?;
    let id = session.fresh_id();
    let message = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"describe","arguments":{NUMBERS},"x-further":1.10,"_meta":{{"example.org/n":2.50}}}}}}"#
    );
    let from = session.log().len();
    session.send(message.as_bytes()).await;
    let entry = session
        .log()
        .wait_for(from, session.timing().answer, |entry| entry.answers(&id))
        .await;
    let entry = entry.ok_or_else(|| {
        Finding::Violation(format!("sent {message}; expected an answer; none came"))
    })?;
    // As structured content it stands in the message as it is, with or without blanks.
    let text = whole::compact(&String::from_utf8_lossy(&entry.bytes));
    let mut tally = Tally::default();
    for part in [
        r#""small":1.10"#,
        r#""large":9007199254740993"#,
        r#""x-further":1.10"#,
        r#""example.org/n":2.50"#,
    ] {
        tally.expect(text.contains(part), || {
            format!("sent {message}; expected `{part}` to come back as it is; got {text}")
        });
    }
    let further = text.contains(r#""extra":{"x-further":1.10}"#);
    tally.expect(further, || {
        format!("sent {message}; expected the further members alone in `extra`, without _meta; got {text}")
    });
    tally.judge("numbers and members kept their text", "")
}

async fn late_use(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    // The kept context is not the first: a host could give the first id to every context.
    invoke(&session, "describe", json!({})).await.result()?;
    let reply = invoke_with_token(&session, "keep-context", json!("kept")).await;
    reply.result()?;
    let reply_id = reply.entry.as_ref().and_then(|entry| entry.id().cloned());
    let from = session.log().len();
    let seen = ask(&session, "use-kept-context").await?;
    let mut tally = Tally::default();
    let expected = [
        ("getters", "ok"),
        ("report-progress", "invalid-state"),
        ("log", "invalid-state"),
        ("create-message", "invalid-state"),
        ("elicit", "invalid-state"),
        ("list-roots", "invalid-state"),
    ];
    compare(&mut tally, "use-kept-context", &seen, &expected);
    let right = reply_id.map(|id| id.as_json().to_owned());
    for step in ["id", "clone-id"] {
        let done = "a call had ended whose context the component kept";
        compare_one(&mut tally, done, &seen, step, &json!(right));
    }
    session.settle().await;
    let methods = ["notifications/progress", "notifications/message"];
    for method in methods.into_iter().chain(Asked::ALL.map(Asked::method)) {
        let sent = super::seen(&session, from, method);
        tally.expect(sent.is_empty(), || {
            format!(
                "expected nothing to be sent for a request that has ended; got {method} with {}",
                Value::from(sent)
            )
        });
    }
    tally.judge("late uses were answered, and nothing was sent", "")
}

async fn clone(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let reply = invoke_with_token(&session, "use-clone", json!("cloned")).await;
    let seen = told(&reply)?;
    if seen.get("same-id") != Some(&json!(true))
        || seen.get("report-progress") != Some(&json!("ok"))
    {
        return violation(
            "a clone to stand for the same request",
            format!("the probe saw {}", Value::from(seen.clone())),
        );
    }
    let progress = super::seen(&session, reply.from, "notifications/progress");
    if progress
        .iter()
        .all(|params| params["progressToken"] != "cloned")
    {
        return violation("the progress that was reported over a clone", "none came");
    }
    // The first handle was dropped, which ended nothing.
    invoke(&session, "echo", json!({})).await.result()?;
    Ok("a clone reported progress after the first handle was dropped".to_owned())
}

async fn own_stream(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut pending = Vec::new();
    for token in ["one", "two"] {
        let params = with_token(call("report-then-ask", json!({})), json!(token));
        pending.push((token, session.begin("tools/call", params).await));
    }
    let mut tally = Tally::default();
    for (token, pending) in &pending {
        let reply = session.reply(pending, session.timing().answer).await;
        reply.result()?;
        // Messages of this call name its token.
        let entries = session.log().since(pending.from);
        let mine = |entry: &&Arc<Entry>| {
            let params = entry.params().map(Value::to_string).unwrap_or_default();
            entry.from_server() && params.contains(&format!("\"{token}\""))
        };
        let mine: Vec<_> = entries.iter().filter(mine).collect();
        for method in [
            "notifications/progress",
            "notifications/message",
            "roots/list",
        ] {
            let message = mine.iter().find(|entry| entry.is(method));
            tally.expect(message.is_some_and(|entry| entry.via == pending.via), || {
                let came = message.map(|entry| entry.via);
                format!(
                    "expected {method} of a call on the stream of its answer, {:?}; it came on {came:?}",
                    pending.via
                )
            });
        }
    }
    tally.judge("messages were on the stream of their request", "")
}
