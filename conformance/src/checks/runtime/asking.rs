//! Requests to the client.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    RuntimeCheck, begun, comes, compare, compare_one, does_not_come, told_later, violation, whole,
};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, call, invoke, told};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::client_role::{Answer, Asked, SAMPLED_TEXT};
use crate::driver::log::{Entry, State};
use crate::driver::{ClientRole, Session};
use crate::runtime::Base;
use crate::runtime::components::DEFAULT;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-asking/answers",
        "Asks the client and gives the component its answer.",
        ["wit.asks.answer"],
        Base::BACKENDS,
        answers
    ),
    runtime_check!(
        "runtime-asking/capability",
        "Answers method-not-found if the client lacks the capability, without asking it.",
        ["wit.asks.capability"],
        Base::BACKENDS,
        capability
    ),
    runtime_check!(
        "runtime-asking/errors",
        "Maps the client's error for the component.",
        ["wit.asks.error", "wit.types.integers-read"],
        Base::BACKENDS,
        errors
    ),
    runtime_check!(
        "runtime-asking/malformed",
        "Answers internal-error where the client's answer is malformed.",
        ["wit.asks.malformed"],
        Base::BACKENDS,
        malformed
    ),
    runtime_check!(
        "runtime-asking/parameters",
        "Refuses parameters that MCP does not allow, without asking.",
        ["wit.asks.parameters", "wit.types.unique-names"],
        Base::BACKENDS,
        parameters
    ),
    runtime_check!(
        "runtime-asking/order",
        "Checks the state of the context before the parameters, and both before the capability.",
        ["wit.asks.order"],
        Base::BACKENDS,
        order
    ),
    runtime_check!(
        "runtime-asking/held-back",
        "Holds requests to the client back until it has sent notifications/initialized.",
        ["wit.asks.after-initialized"],
        Base::BACKENDS,
        held_back
    ),
    runtime_check!(
        "runtime-asking/refusals",
        "Ignores the content of a form that the user did not submit.",
        ["wit.elicit.refused"],
        Base::BACKENDS,
        refusals
    ),
    runtime_check!(
        "runtime-asking/unjudged",
        "Does not check whether an answer fits the form.",
        ["wit.elicit.unjudged"],
        Base::BACKENDS,
        unjudged
    ),
    runtime_check!(
        "runtime-asking/dropped",
        "Cancels a request to the client that the component cancels.",
        ["wit.asks.dropped"],
        &[Base::Concurrent],
        dropped
    ),
    runtime_check!(
        "runtime-asking/timeout",
        "Answers timeout where the client does not answer, and cancels the request.",
        ["wit.asks.timeout"],
        Base::BACKENDS,
        timeout
    ),
    runtime_check!(
        "runtime-asking/at-a-time",
        "Matches concurrent requests to the client with their answers.",
        ["wit.asks.answer"],
        &[Base::Concurrent],
        at_a_time
    ),
    runtime_check!(
        "runtime-asking/instance-lost",
        "Cancels open requests to the client when the instance is lost.",
        ["wit.asks.withdrawn"],
        &[Base::Concurrent],
        instance_lost
    ),
    runtime_check!(
        "runtime-asking/left-open",
        "Cancels open requests to the client when the request ends.",
        ["wit.asks.withdrawn"],
        &[Base::Concurrent],
        left_open
    ),
    runtime_check!(
        "runtime-asking/meta",
        "Sends the _meta of the component with a request for roots.",
        ["wit.list-roots.meta"],
        Base::BACKENDS,
        meta
    ),
];

pub(super) fn asked(session: &Session, from: usize) -> Vec<&'static str> {
    let methods = Asked::ALL.map(Asked::method).into_iter();
    methods
        .filter(|method| !super::seen(session, from, method).is_empty())
        .collect()
}

async fn answers(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let seen = ask(&session, "ask").await?;
    let mut tally = Tally::default();
    let expected = [
        ("create-message", "ok"),
        ("elicit", "ok"),
        ("list-roots", "ok"),
        ("sampled", SAMPLED_TEXT),
    ];
    compare(&mut tally, "ask", &seen, &expected);
    tally.expect(seen.get("roots") == Some(&json!(2)), || {
        format!(
            "the client has 2 roots; the component saw {:?}",
            seen.get("roots")
        )
    });
    tally.judge("answers of the client reached the component", "")
}

async fn capability(stand: &Stand) -> Judgement {
    let session = stand.session_in(DEFAULT, ClientRole::bare()).await?;
    let from = session.log().len();
    let seen = ask(&session, "ask").await?;
    let mut tally = Tally::default();
    let expected = [
        ("create-message", "method-not-found"),
        ("elicit", "method-not-found"),
        ("list-roots", "method-not-found"),
    ];
    compare(&mut tally, "ask", &seen, &expected);
    let asked = asked(&session, from);
    tally.expect(asked.is_empty(), || {
        format!(
            "the client declared nothing and was asked {}",
            asked.join(", ")
        )
    });
    tally.judge("requests were refused without asking", "")
}

async fn errors(stand: &Stand) -> Judgement {
    let mut tally = Tally::default();
    let codes = [
        (-1, "other(-1)"),
        (-32600, "invalid-request"),
        (-32601, "method-not-found"),
        (-32602, "invalid-params"),
        (-32603, "internal-error"),
        (-32002, "resource-not-found"),
        (-32700, "parse-error"),
        (0, "other(0)"),
        (-32001, "other(-32001)"),
        (i64::from(i32::MIN), "other(-2147483648)"),
        (i64::from(i32::MAX), "other(2147483647)"),
        // Beyond the range of the field.
        (i64::from(i32::MAX) + 1, "internal-error"),
        (i64::from(i32::MIN) - 1, "internal-error"),
    ];
    let session = stand.session().await?;
    for (number, name) in codes {
        for asked in Asked::ALL {
            session
                .role()
                .set(asked, Answer::Error(number, "the client's words \u{e9}"));
            let arguments = json!({"what": asked.capability(), "kind": "least"});
            let reply = invoke(&session, "ask-whole", arguments).await;
            let seen = told(&reply)?;
            // A code that the interface cannot hold makes the answer malformed: the host's words.
            let malformed = i32::try_from(number).is_err();
            let expected = [("code", name), ("message", "the client's words \u{e9}")];
            let expected = &expected[..if malformed { 1 } else { 2 }];
            compare(
                &mut tally,
                &format!("ask-whole for {}", asked.method()),
                seen,
                expected,
            );
        }
    }
    error_data(&mut tally, stand).await?;
    spelled_codes(&mut tally, stand).await?;
    tally.judge("errors of the client reached the component", "")
}

/// Lets a client answer with errors that have data, and with none.
async fn error_data(tally: &mut Tally, stand: &Stand) -> Result<(), Finding> {
    let role = ClientRole::complete().silent();
    let session = stand.session_in(DEFAULT, role).await?;
    for (data, right) in [
        (Some(r#"{"n":[1.10,null]}"#), json!(r#"{"n":[1.10,null]}"#)),
        (Some("null"), json!("null")),
        (None, Value::Null),
    ] {
        let arguments = json!({"what": "roots", "kind": "least"});
        let pending = session
            .begin("tools/call", call("ask-whole", arguments))
            .await;
        let request = requests(&session, pending.from, Asked::Roots, 1).await?;
        let data = data.map_or_else(String::new, |data| format!(r#","data":{data}"#));
        let error = format!(r#"{{"code":-1,"message":""{data}}}"#);
        respond(&session, &request[0], "error", &error).await;
        let reply = session.reply(&pending, session.timing().answer).await;
        let came = whole::tidy(&told(&reply)?["data"]);
        tally.expect(came == right, || {
            format!("the client answered roots/list with the error {error}; expected the component to see the data {right}; it saw {came}")
        });
    }
    Ok(())
}

/// Lets a client answer with codes that are whole numbers in another spelling, or are not whole.
async fn spelled_codes(tally: &mut Tally, stand: &Stand) -> Result<(), Finding> {
    let role = ClientRole::complete().silent();
    let session = stand.session_in(DEFAULT, role).await?;
    for (spelling, right) in [
        ("-1.0", "other(-1)"),
        ("-3260.2e1", "invalid-params"),
        ("-1.5", "internal-error"),
    ] {
        let arguments = json!({"what": "roots", "kind": "least"});
        let pending = session
            .begin("tools/call", call("ask-whole", arguments))
            .await;
        let request = requests(&session, pending.from, Asked::Roots, 1).await?;
        let error = format!(r#"{{"code":{spelling},"message":""}}"#);
        respond(&session, &request[0], "error", &error).await;
        let reply = session.reply(&pending, session.timing().answer).await;
        let tool = format!("ask-whole, answered with {error}");
        compare(tally, &tool, told(&reply)?, &[("code", right)]);
    }
    Ok(())
}

/// Waits for so many requests of this kind.
async fn requests(
    session: &Session,
    from: usize,
    asked: Asked,
    count: usize,
) -> Result<Vec<Arc<Entry>>, Finding> {
    let all = |state: &State| {
        let requests = state.entries.iter().skip(from);
        let requests = requests.filter(|entry| entry.from_server() && entry.is(asked.method()));
        let requests: Vec<_> = requests.cloned().collect();
        (requests.len() >= count).then_some(requests)
    };
    let requests = session.log().until(session.timing().answer, all).await;
    match requests {
        Some(requests) => Ok(requests),
        None => violation(
            &format!("{count} requests {} of components that ask", asked.method()),
            "they did not come",
        ),
    }
}

/// Answers a request of the server with this member.
async fn respond(session: &Session, request: &Entry, member: &str, json: &str) {
    let id = request.id().map_or("null", |id| id.as_json());
    let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"{member}":{json}}}"#);
    session.send(message.as_bytes()).await;
}

async fn at_a_time(stand: &Stand) -> Judgement {
    const PROMPTS: [&str; 3] = ["first", "second", "third"];
    let role = ClientRole::complete().silent();
    let session = stand.session_in(DEFAULT, role).await?;
    let from = session.log().len();
    let mut calls = Vec::new();
    for prompt in PROMPTS {
        let arguments = json!({"what": "sampling", "kind": "least", "prompt": prompt});
        calls.push(
            session
                .begin("tools/call", call("ask-whole", arguments))
                .await,
        );
    }
    let mut requests = requests(&session, from, Asked::Sampling, PROMPTS.len()).await?;
    // The last is answered first, each with its own question.
    requests.reverse();
    for request in &requests {
        let prompt = request
            .params()
            .map(|params| params["systemPrompt"].clone());
        let content = json!({"type": "text", "text": prompt});
        let result = json!({"role": "assistant", "content": content, "model": "m"});
        respond(&session, request, "result", &result.to_string()).await;
    }
    let mut tally = Tally::default();
    for (pending, prompt) in calls.iter().zip(PROMPTS) {
        let reply = session.reply(pending, session.timing().answer).await;
        let came = told(&reply)?["answer"]["content"][1]["text"].clone();
        tally.expect(came == prompt, || {
            format!("asked {prompt:?} and was answered with the same; the component saw {came}")
        });
    }
    tally.judge("questions got their own answers", "")
}

async fn instance_lost(stand: &Stand) -> Judgement {
    let role = ClientRole::complete().silent();
    let session = stand.session_in(DEFAULT, role).await?;
    let from = session.log().len();
    let pending = session
        .begin("tools/call", call("ask", json!({"what": "roots"})))
        .await;
    requests(&session, from, Asked::Roots, 1).await?;
    invoke(&session, "trap", json!({}))
        .await
        .error_with(&[-32603])?;
    let after = "an instance was lost whose request to the client was open";
    comes(&session, from, "notifications/cancelled", after).await?;
    session
        .reply(&pending, session.timing().answer)
        .await
        .error_with(&[-32603])?;
    Ok("the request was cancelled, and the call answered".to_owned())
}

async fn malformed(stand: &Stand) -> Judgement {
    let mut tally = Tally::default();
    let results = [
        json!({}),
        json!({"roots": {}}),
        json!({"roots": [{"name": "no uri"}]}),
        json!({"roots": [{"uri": 7}]}),
    ];
    for result in results {
        let role = ClientRole::complete().answering(Asked::Roots, Answer::Result(result.clone()));
        let session = stand.session_in(DEFAULT, role).await?;
        let reply = session
            .request("tools/call", call("ask", json!({"what": "roots"})))
            .await;
        let came = told(&reply)?.get("list-roots").cloned().unwrap_or_default();
        tally.expect(came == "internal-error", || {
            format!("the client answered roots/list with {result}; expected internal-error for the component; it got {came}")
        });
    }
    for content in [Value::Null, json!([7]), json!("text")] {
        let result = json!({"action": "accept", "content": content});
        let role =
            ClientRole::complete().answering(Asked::Elicitation, Answer::Result(result.clone()));
        let session = stand.session_in(DEFAULT, role).await?;
        let reply = invoke(&session, "ask", json!({"what": "elicitation"})).await;
        let came = told(&reply)?.get("elicit").cloned().unwrap_or_default();
        tally.expect(came == "internal-error", || {
            format!("the client answered elicitation/create with {result}; expected internal-error for the component; it got {came}")
        });
    }
    tally.judge("malformed answers were kept from the component", "")
}

async fn parameters(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let from = session.log().len();
    let seen = ask(&session, "ask-wrongly").await?;
    let mut tally = Tally::default();
    let steps = [
        "priority-beyond-1",
        "priority-negative",
        "temperature-nan",
        "metadata-no-json",
        "form-meta-no-object",
        "meta-no-object",
        "speed-beyond-1",
        "intelligence-negative",
        "cost-nan",
        "content-priority-beyond-1",
        "question-meta-no-object",
        "question-extra-no-json",
        "form-extra-no-object",
        "field-extra-no-json",
        "minimum-nan",
        "maximum-infinite",
        "fields-twice",
    ];
    compare(
        &mut tally,
        "ask-wrongly",
        &seen,
        &steps.map(|step| (step, "invalid-params")),
    );
    let asked = asked(&session, from);
    tally.expect(asked.is_empty(), || {
        format!(
            "the parameters were wrong, and yet the client was asked {}",
            asked.join(", ")
        )
    });
    tally.judge("parameters were refused", "")
}

async fn order(stand: &Stand) -> Judgement {
    const WRONG: [&str; 3] = [
        "create-message-wrongly",
        "elicit-wrongly",
        "list-roots-wrongly",
    ];
    const RIGHT: [&str; 3] = ["create-message", "elicit", "list-roots"];
    let mut tally = Tally::default();
    // The client lacks every capability, so that each check below has a later one to fail.
    let session = stand.session_in(DEFAULT, ClientRole::bare()).await?;
    let parameters = ["metadata-no-json", "form-meta-no-object", "meta-no-object"]
        .map(|step| (step, "invalid-params"));
    let seen = ask(&session, "ask-wrongly").await?;
    compare(&mut tally, "ask-wrongly", &seen, &parameters);

    invoke(&session, "keep-context", json!({})).await.result()?;
    let seen = ask(&session, "use-kept-context").await?;
    for steps in [RIGHT, WRONG] {
        let expected = steps.map(|step| (step, "invalid-state"));
        compare(&mut tally, "use-kept-context", &seen, &expected);
    }

    let pending = session
        .begin("tools/call", call("wait-until-cancelled", json!({})))
        .await;
    begun(&session).await;
    session.cancel(&pending.id).await;
    let seen = told_later(&session, "tell-cancelled").await?;
    for steps in [RIGHT, WRONG] {
        let expected = steps.map(|step| (step, "cancelled"));
        compare(&mut tally, "wait-until-cancelled", &seen, &expected);
    }

    // The probes ask in `initialized` only a client that declares this.
    let role = ClientRole::with(json!({"experimental": {"probe-initialized": {}}}));
    let session = stand.session_in(DEFAULT, role).await?;
    let seen = told_later(&session, "tell-initialized").await?;
    let steps = [
        "create-message",
        "elicit",
        "create-message-wrongly",
        "elicit-wrongly",
    ];
    let expected = steps.map(|step| (step, "invalid-state"));
    compare(&mut tally, "tell-initialized", &seen, &expected);
    tally.judge("requests were refused for the first reason", "")
}

async fn held_back(stand: &Stand) -> Judgement {
    for asked in Asked::ALL {
        let method = asked.method();
        let session = stand.introduced().await?;
        let arguments = json!({"what": asked.capability(), "kind": "least"});
        let pending = session
            .begin("tools/call", call("ask-whole", arguments))
            .await;
        begun(&session).await;
        let after = "a call before notifications/initialized";
        does_not_come(&session, pending.from, method, after).await?;
        session
            .notify("notifications/initialized", Value::Null)
            .await;
        let reply = session.reply(&pending, session.timing().answer).await;
        if told(&reply)?.get("code") != Some(&json!("ok")) {
            return Err(reply.unexpected("the client's answer for the call that waited for it"));
        }
        comes(&session, pending.from, method, "notifications/initialized").await?;
    }
    Ok("requests to the client waited for notifications/initialized".to_owned())
}

async fn refusals(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let contents = [
        Value::Null,
        json!({}),
        json!({"field": {"deep": []}}),
        json!([7]),
        json!("text"),
    ];
    for action in ["decline", "cancel"] {
        for content in &contents {
            let result = json!({"action": action, "content": content});
            session
                .role()
                .set(Asked::Elicitation, Answer::Result(result.clone()));
            let reply = invoke(&session, "ask", json!({"what": "elicitation"})).await;
            let seen = told(&reply)?;
            let expected = [
                ("elicit", json!("ok")),
                ("action", json!(action)),
                ("content", Value::Null),
            ];
            let done = format!("the client answered elicitation/create with {result}");
            for (step, right) in expected {
                compare_one(&mut tally, &done, seen, step, &right);
            }
        }
    }
    tally.judge("parts of refusals reached the component", "")
}

async fn unjudged(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let field = json!({"type": "array", "items": {"type": "string"}, "minItems": 1});
    let form = json!({"what": "elicitation", "json": field.to_string()});
    let mut tally = Tally::default();
    for (content, step) in [
        (json!({"field": "b"}), json!({"field": {"text": "b"}})),
        (json!({"field": 1}), json!({"field": {"number": 1.0}})),
        (json!({"other": true}), json!({"other": {"boolean": true}})),
        (json!({}), json!({})),
    ] {
        let result = json!({"action": "accept", "content": content});
        session
            .role()
            .set(Asked::Elicitation, Answer::Result(result.clone()));
        let reply = invoke(&session, "ask-openly", form.clone()).await;
        let done = format!("the client answered a form with the field {field} with {result}");
        let seen = told(&reply)?;
        compare_one(&mut tally, &done, seen, "elicit", &json!("ok"));
        compare_one(&mut tally, &done, seen, "content", &step);
    }
    tally.judge("answers reached the component that do not fit the form", "")
}

async fn dropped(stand: &Stand) -> Judgement {
    let role = ClientRole::complete().answering(Asked::Roots, Answer::Silence);
    let session = stand.session_in(DEFAULT, role).await?;
    let pending = session
        .begin("tools/call", call("ask-and-drop", json!({})))
        .await;
    let request = requests(&session, pending.from, Asked::Roots, 1).await?;
    let after = "a component cancelled its request to the client";
    let params = comes(&session, pending.from, "notifications/cancelled", after).await?;
    let id = request[0].id().map(|id| id.as_json().to_owned());
    if Some(params["requestId"].to_string()) != id {
        return violation(
            &format!("the cancellation of {id:?}"),
            format!("got {params}"),
        );
    }
    let reply = session.reply(&pending, session.timing().answer).await;
    let index = |method: &str| {
        let entries = session.log().since(pending.from);
        let mut entries = entries.iter().filter(|entry| entry.is(method));
        entries.next().map(|entry| entry.index)
    };
    let ended = reply.entry.as_ref().map(|entry| entry.index);
    reply.result()?;
    if index("notifications/cancelled") > ended {
        return violation(
            "notifications/cancelled while the call goes on",
            "it came after the call had ended",
        );
    }
    Ok("the client was told that its answer is not needed".to_owned())
}

async fn timeout(stand: &Stand) -> Judgement {
    let patience = stand.known(stand.limits().client_request, "client-request")?;
    let session = stand
        .session_in(DEFAULT, ClientRole::complete().silent())
        .await?;
    let mut tally = Tally::default();
    for asked in Asked::ALL {
        let arguments = json!({"what": asked.capability(), "kind": "least"});
        let pending = session
            .begin("tools/call", call("ask-whole", arguments))
            .await;
        let reply = session.reply(&pending, patience).await;
        let tool = format!("ask-whole for {}", asked.method());
        compare(&mut tally, &tool, told(&reply)?, &[("code", "timeout")]);
        let request = requests(&session, pending.from, asked, 1).await?;
        let after = "a request that the client did not answer";
        let told = comes(&session, pending.from, "notifications/cancelled", after).await;
        let id = request[0].id().map(|id| id.as_json().to_owned());
        if let Some(params) = tally.note(told) {
            let came = params["requestId"].to_string();
            tally.expect(Some(&came) == id.as_ref(), || {
                format!("expected the cancellation of {id:?}; got that of {came}")
            });
        }
    }
    tally.judge("sides were told that the time is over", "")
}

async fn left_open(stand: &Stand) -> Judgement {
    let role = ClientRole::complete().answering(Asked::Roots, Answer::Silence);
    let session = stand.session_in(DEFAULT, role).await?;
    let from = session.log().len();
    session
        .request("tools/call", call("ask-and-leave", json!({})))
        .await
        .result()?;
    comes(
        &session,
        from,
        "notifications/cancelled",
        "a call that ended while its request to the client was open",
    )
    .await?;
    let told = told_later(&session, "tell-cancelled").await?;
    let seen = told.get("list-roots").cloned().unwrap_or_default();
    if seen != "cancelled" {
        return violation(
            "the import to return cancelled",
            format!("it returned {seen}"),
        );
    }
    Ok("the client was told, and the import returned".to_owned())
}

async fn meta(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let from = session.log().len();
    session
        .request("tools/call", call("ask", json!({"what": "roots"})))
        .await
        .result()?;
    let params = comes(&session, from, "roots/list", "a call that asks for roots").await?;
    if params["_meta"]["example.org/probe"] != 1 {
        return violation(
            "the member example.org/probe in _meta of roots/list",
            format!("got params {params}"),
        );
    }
    Ok("_meta of the component was sent".to_owned())
}
