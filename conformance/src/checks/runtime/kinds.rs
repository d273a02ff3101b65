//! The case `other` of open variants: kinds that the interface does not name.

use serde_json::{Value, json};

use super::asking::asked;
use super::mapping::compact;
use super::{RuntimeCheck, compare, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{invoke, told};
use crate::checks::{Judgement, Tally};
use crate::driver::client_role::{Answer, Asked};
use crate::runtime::Base;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-kinds/unknown",
        "Passes on content of unknown kinds, in both directions.",
        ["wit.types.other-kept"],
        Base::BACKENDS,
        unknown
    ),
    runtime_check!(
        "runtime-kinds/named",
        "Refuses a named kind in the case `other`, and malformed content of a named kind.",
        [
            "wit.types.other",
            "wit.types.named-malformed",
            "wit.types.base64-read"
        ],
        Base::BACKENDS,
        named
    ),
];

/// The JSON value of a text; `null` where it is none.
fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

async fn unknown(stand: &Stand) -> Judgement {
    const BLOCK: &str =
        r#"{"type":"com.example/model","vertices":[1.10,9007199254740993],"name":"\u00e9"}"#;
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let reply = invoke(&session, "return-other", json!({"json": BLOCK})).await;
    let text = compact(&reply)?;
    tally.expect(text.contains(BLOCK), || {
        format!("the component returned the block {BLOCK}; expected it as it is; got {text}")
    });

    let sampled = json!({"type": "com.example/reply", "parts": [1.5, {"deep": null}]});
    let answer = json!({"role": "assistant", "content": sampled, "model": "m"});
    session.role().set(Asked::Sampling, Answer::Result(answer));
    let reply = invoke(
        &session,
        "ask-openly",
        json!({"what": "sampling", "json": BLOCK}),
    )
    .await;
    let sent = session.log().since(reply.from);
    let sent = sent
        .iter()
        .find(|entry| entry.from_server() && entry.is(Asked::Sampling.method()));
    let sent = sent.map_or_else(String::new, |entry| entry.text().replace(' ', ""));
    tally.expect(sent.contains(BLOCK), || {
        format!("the component sampled with the content {BLOCK}; expected it as it is; the client got {sent}")
    });
    let seen = told(&reply)?.get("sampled-other").and_then(Value::as_str);
    let seen: Value = seen.map_or(Value::Null, parsed);
    tally.expect(seen == sampled, || {
        format!("the client sampled {sampled}; expected the component to see it; it saw {seen}")
    });

    let field = json!({"type": "array", "items": {"type": "string"}});
    let values = json!({"list": ["a", 1.5], "nothing": null, "object": {"a": true}, "text": "t"});
    let answer = json!({"action": "accept", "content": values});
    session
        .role()
        .set(Asked::Elicitation, Answer::Result(answer));
    let reply = invoke(
        &session,
        "ask-openly",
        json!({"what": "elicitation", "json": field.to_string()}),
    )
    .await;
    let params = super::seen(&session, reply.from, Asked::Elicitation.method());
    let sent = params.first().map_or(&Value::Null, |params| {
        &params["requestedSchema"]["properties"]["field"]
    });
    tally.expect(*sent == field, || {
        format!("the component asked with the field {field}; expected it as it is; the client got {sent}")
    });
    let content = told(&reply)?.get("content").cloned().unwrap_or_default();
    tally.expect(content["text"] == json!({"text": "t"}), || {
        format!("the client submitted a text; the component saw {content}")
    });
    for name in ["list", "nothing", "object"] {
        let seen = content[name]["other"].as_str().map(parsed);
        tally.expect(seen.as_ref() == Some(&values[name]), || {
            format!(
                "the client submitted {}; expected the component to see it as `other`; it saw {}",
                values[name], content[name]
            )
        });
    }
    tally.judge("values of unknown kinds were passed on", "")
}

async fn named(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    for block in [
        r#"{"type":"text","text":"t"}"#,
        r#"{"type":"resource_link","uri":"a:b","name":"n"}"#,
        r#"{"type":"image"}"#,
        "[1]",
        "{",
    ] {
        let reply = invoke(&session, "return-other", json!({"json": block})).await;
        tally.note(reply.error_with(&[-32603]).map(drop));
    }
    let from = session.log().len();
    let imports = [
        (
            "sampling",
            "create-message",
            &[r#"{"type":"text","text":"t"}"#, r#"{"type":"audio"}"#, "[]"][..],
        ),
        (
            "elicitation",
            "elicit",
            &[
                r#"{"type":"string"}"#,
                r#"{"type":"integer"}"#,
                r#"{"type":"boolean"}"#,
                r#"{"type":"string","enum":["a"]}"#,
                "7",
            ][..],
        ),
    ];
    for (what, step, texts) in imports {
        for json in texts {
            let reply = invoke(&session, "ask-openly", json!({"what": what, "json": json})).await;
            compare(
                &mut tally,
                &format!("ask-openly with {json}"),
                told(&reply)?,
                &[(step, "invalid-params")],
            );
        }
    }
    let asked = asked(&session, from);
    if !asked.is_empty() {
        return violation(
            "no request to the client for a named kind in `other`",
            format!("the client was asked {}", asked.join(", ")),
        );
    }
    for content in [
        json!({"type": "text", "text": 7}),
        json!({"type": "image", "data": "AAAA"}),
        json!({"type": "audio", "data": "?", "mimeType": "audio/wav"}),
    ] {
        let answer = json!({"role": "assistant", "content": content, "model": "m"});
        session
            .role()
            .set(Asked::Sampling, Answer::Result(answer.clone()));
        let reply = invoke(&session, "ask", json!({"what": "sampling"})).await;
        compare(
            &mut tally,
            &format!("ask, answered with {answer}"),
            told(&reply)?,
            &[("create-message", "internal-error")],
        );
    }
    tally.judge("named kinds were refused", "")
}
