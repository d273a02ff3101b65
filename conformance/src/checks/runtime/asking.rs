//! Requests to the client.

use serde_json::{Value, json};

use super::{
    RuntimeCheck, begun, comes, compare, compare_one, does_not_come, told_later, violation,
};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, call, invoke, told};
use crate::checks::{Judgement, Tally};
use crate::driver::client_role::{Answer, Asked, SAMPLED_TEXT};
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
        "Answers method-not-found without asking a client that cannot.",
        ["wit.asks.capability"],
        Base::BACKENDS,
        capability
    ),
    runtime_check!(
        "runtime-asking/errors",
        "Gives the component the client's error, mapped.",
        ["wit.asks.error"],
        Base::BACKENDS,
        errors
    ),
    runtime_check!(
        "runtime-asking/malformed",
        "Answers internal-error where the client's answer has not the form of MCP.",
        ["wit.asks.malformed"],
        Base::BACKENDS,
        malformed
    ),
    runtime_check!(
        "runtime-asking/parameters",
        "Refuses parameters that MCP does not allow, without asking.",
        ["wit.asks.parameters"],
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
        "runtime-asking/timeout",
        "Answers timeout where the client does not answer, and tells it.",
        ["wit.asks.timeout"],
        Base::BACKENDS,
        timeout
    ),
    runtime_check!(
        "runtime-asking/left-open",
        "Withdraws what is still open when the request ends.",
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
    ];
    for (number, name) in codes {
        let role = ClientRole::complete()
            .answering(Asked::Roots, Answer::Error(number, "the client's words"));
        let session = stand.session_in(DEFAULT, role).await?;
        let reply = session
            .request("tools/call", call("ask", json!({"what": "roots"})))
            .await;
        let seen = told(&reply)?;
        compare(
            &mut tally,
            "ask",
            seen,
            &[
                ("list-roots", name),
                ("list-roots-message", "the client's words"),
            ],
        );
    }
    tally.judge("errors of the client reached the component", "")
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
    const ROOTS: &str = "roots/list";
    let session = stand.connect(DEFAULT, ClientRole::complete()).await?;
    session.introduce().await?;
    let pending = session
        .begin("tools/call", call("ask", json!({"what": "roots"})))
        .await;
    begun(&session).await;
    does_not_come(
        &session,
        pending.from,
        ROOTS,
        "a call before notifications/initialized",
    )
    .await?;
    session
        .notify("notifications/initialized", Value::Null)
        .await;
    let reply = session.reply(&pending, session.timing().answer).await;
    if told(&reply)?.get("list-roots") != Some(&json!("ok")) {
        return Err(reply.unexpected("the client's roots for the call that waited for them"));
    }
    comes(&session, pending.from, ROOTS, "notifications/initialized").await?;
    Ok("a request to the client waited for notifications/initialized".to_owned())
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

async fn timeout(stand: &Stand) -> Judgement {
    let patience = stand.known(stand.limits().client_request, "client-request")?;
    let role = ClientRole::complete().answering(Asked::Roots, Answer::Silence);
    let session = stand.session_in(DEFAULT, role).await?;
    let from = session.log().len();
    let pending = session
        .begin("tools/call", call("ask", json!({"what": "roots"})))
        .await;
    let reply = session.reply(&pending, patience).await;
    let mut tally = Tally::default();
    compare(
        &mut tally,
        "ask",
        told(&reply)?,
        &[("list-roots", "timeout")],
    );
    tally.note(
        comes(
            &session,
            from,
            "notifications/cancelled",
            "a request that the client did not answer",
        )
        .await,
    );
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
