//! Requests to the client.

use serde_json::{Value, json};

use super::{RuntimeCheck, comes, compare, violation};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::client_role::{Answer, Asked, SAMPLED_TEXT};
use crate::driver::{ClientRole, Session};
use crate::runtime::components::DEFAULT;
use crate::runtime::stand::{ask, call, told};
use crate::runtime::{Base, stand::Stand};

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

fn asked(session: &Session, from: usize) -> Vec<&'static str> {
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
    let seen = told_later(&session).await?;
    if seen != "cancelled" {
        return violation(
            "the import to return cancelled",
            format!("it returned {seen}"),
        );
    }
    Ok("the client was told, and the import returned".to_owned())
}

/// What the component tells of a request to the client that was withdrawn, once it does.
async fn told_later(session: &Session) -> Result<Value, Finding> {
    let mut last = Err(Finding::Violation("the probe was not asked".to_owned()));
    for _ in 0..20 {
        last = ask(session, "tell-cancelled").await;
        if last.is_ok() {
            break;
        }
        tokio::time::sleep(session.timing().quiet).await;
    }
    Ok(last?.get("list-roots").cloned().unwrap_or_default())
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
