//! Cancellation: a signal to the component, and silence to the client.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::{RuntimeCheck, begun, comes, compare, compare_one, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, call, invoke};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::client_role::{Answer, Asked};
use crate::driver::log::Via;
use crate::driver::{Body, ClientRole, Session};
use crate::runtime::Base;
use crate::runtime::components::DEFAULT;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-cancellation/signal",
        "Tells a component that its request is cancelled, whatever it does with its context.",
        ["wit.cancel.is-cancelled", "wit.cancel.new-uses"],
        Base::BACKENDS,
        signal
    ),
    runtime_check!(
        "runtime-cancellation/wait",
        "Resolves a wait for the cancellation when the request is cancelled, with the client's reason.",
        ["wit.context.wait-cancelled", "wit.context.wait-reason"],
        &[Base::Concurrent],
        wait
    ),
    runtime_check!(
        "runtime-cancellation/wait-ended",
        "Resolves a wait for the cancellation with none when the request ends.",
        ["wit.context.wait-ended"],
        &[Base::Concurrent],
        wait_ended
    ),
    runtime_check!(
        "runtime-cancellation/wait-dropped",
        "Lets a component give up a wait for the cancellation.",
        ["wit.context.wait-dropped"],
        &[Base::Concurrent],
        wait_dropped
    ),
    runtime_check!(
        "runtime-cancellation/pending-import",
        "Wakes an import that is pending, with cancelled, and withdraws the request to the client.",
        ["wit.cancel.pending-imports", "wit.asks.withdrawn"],
        Base::BACKENDS,
        pending_import
    ),
    runtime_check!(
        "runtime-cancellation/result-discarded",
        "Discards the result of a cancelled call.",
        ["wit.cancel.discarded"],
        Base::BACKENDS,
        result_discarded
    ),
    runtime_check!(
        "runtime-cancellation/ignored",
        "Continues to serve a session in which a call ignores its cancellation for ever.",
        ["wit.cancel.no-standstill"],
        Base::BACKENDS,
        ignored
    ),
    runtime_check!(Http "runtime-cancellation/connection", "Does not treat the end of a connection as a cancellation.",
        ["wit.cancel.connection"], &[Base::Concurrent], connection),
];

/// The number of attempts at a call that has to be cancelled in time.
const ATTEMPTS: usize = 3;

/// The component's report on a cancelled call.
async fn told_later(session: &Session) -> Result<Map<String, Value>, Finding> {
    super::told_later(session, "tell-cancelled").await
}

async fn signal(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let pending = session
        .begin("tools/call", call("wait-until-cancelled", json!({})))
        .await;
    begun(&session).await;
    session.cancel(&pending.id).await;
    let seen = told_later(&session).await?;
    let mut tally = Tally::default();
    tally.expect(seen.get("is-cancelled") == Some(&json!(true)), || {
        "expected is-cancelled to be true after the cancellation; it was false".to_owned()
    });
    tally.expect(seen.get("still-cancelled") == Some(&json!(true)), || {
        "expected is-cancelled to stay true until the handler returns; it became false".to_owned()
    });
    let steps = [
        "report-progress",
        "log",
        "create-message",
        "elicit",
        "list-roots",
    ];
    compare(
        &mut tally,
        "wait-until-cancelled",
        &seen,
        &steps.map(|step| (step, "cancelled")),
    );
    tally.judge(
        "uses of a cancelled context were answered with cancelled",
        "",
    )
}

async fn wait(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    for reason in [Some("no longer needed"), Some(""), None] {
        let pending = session
            .begin("tools/call", call("wait-for-reason", json!({})))
            .await;
        begun(&session).await;
        let id: Value = serde_json::from_str(pending.id.as_json()).unwrap_or_default();
        let params = match reason {
            Some(reason) => json!({"requestId": id, "reason": reason}),
            None => json!({"requestId": id}),
        };
        session
            .notify("notifications/cancelled", params.clone())
            .await;
        let seen = told_later(&session).await?;
        let expected = [
            ("cancelled", json!(true)),
            ("reason", json!(reason)),
            ("same-again", json!(true)),
        ];
        let done = format!("cancelled a call with {params}");
        for (step, right) in expected {
            compare_one(&mut tally, &done, &seen, step, &right);
        }
    }
    tally.judge("waits resolved with the client's reason", "")
}

async fn wait_ended(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    invoke(&session, "leave-wait-behind", json!({}))
        .await
        .result()?;
    let mut tally = Tally::default();
    let seen = super::told_later(&session, "tell-left-behind").await?;
    let done = "a call ended while a wait for its cancellation was pending";
    compare_one(&mut tally, done, &seen, "cancelled", &json!(false));
    invoke(&session, "keep-context", json!({})).await.result()?;
    let seen = ask(&session, "use-kept-context").await?;
    let done = "the component waited for the cancellation of a request that had ended";
    compare_one(&mut tally, done, &seen, "cancelled", &json!(false));
    tally.judge("waits ended with their request", "")
}

async fn wait_dropped(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let seen = ask(&session, "drop-wait").await?;
    let mut tally = Tally::default();
    let done = "a component gave up a wait for the cancellation";
    compare_one(&mut tally, done, &seen, "pending", &json!(true));
    tally.expect(seen.get("id").is_some_and(Value::is_string), || {
        format!("{done}; expected its context to work on; it had no id")
    });
    let calls = ask(&session, "tell-instance").await?["calls"].clone();
    tally.expect(calls == 2, || {
        format!("{done}; expected the instance to go on, which counts 2 calls; it counted {calls}")
    });
    tally.judge("waits could be given up", "")
}

async fn pending_import(stand: &Stand) -> Judgement {
    let role = ClientRole::complete().answering(Asked::Roots, Answer::Silence);
    let session = stand.session_in(DEFAULT, role).await?;
    for _ in 0..ATTEMPTS {
        let began = Instant::now();
        let from = session.log().len();
        let pending = session
            .begin("tools/call", call("ask-until-cancelled", json!({})))
            .await;
        // The component asks in `initialized` too, before this.
        let calls = |state: &crate::driver::log::State| {
            let asked = state.entries.iter().skip(from);
            let asked = asked.filter(|entry| entry.from_server() && entry.is("roots/list"));
            (asked.count() > 0).then_some(())
        };
        session.log().until(session.timing().answer, calls).await;
        begun(&session).await;
        session.cancel(&pending.id).await;
        let took = began.elapsed();
        comes(
            &session,
            from,
            "notifications/cancelled",
            "the cancellation of a call that waits for the client",
        )
        .await?;
        let seen = told_later(&session).await?;
        let late = stand
            .limits()
            .client_request
            .is_some_and(|limit| took >= limit);
        if late && seen.get("list-roots") == Some(&json!("timeout")) {
            // The machine is so busy that the time of the request was over first.
            continue;
        }
        let mut tally = Tally::default();
        compare(
            &mut tally,
            "ask-until-cancelled",
            &seen,
            &[("list-roots", "cancelled")],
        );
        return tally.judge("import was woken", "");
    }
    Err(Finding::Broken(
        "each time the call was cancelled only after the time of its request to the client \
         (seconds.client-request of the adapter)"
            .to_owned(),
    ))
}

async fn result_discarded(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    for end in ["result", "error"] {
        let arguments = json!({ "end": end });
        let pending = session
            .begin("tools/call", call("ignore-cancellation", arguments))
            .await;
        begun(&session).await;
        session.cancel(&pending.id).await;
        // The component tells of it just before it returns: without that there is no result.
        let seen = told_later(&session).await?;
        if seen.get("is-cancelled") != Some(&json!(true)) {
            let came = format!("the probe saw {}", Value::from(seen));
            return violation("the call to be cancelled before it returns", came);
        }
        session.settle().await;
        let reply = session.reply(&pending, session.timing().quiet).await;
        if matches!(reply.body, Body::Result(_) | Body::Error(_)) {
            return Err(reply.unexpected("no response to a request that was cancelled"));
        }
    }
    invoke(&session, "echo", json!({})).await.result()?;
    Ok("the result of a cancelled call was not sent, and the session went on".to_owned())
}

async fn ignored(stand: &Stand) -> Judgement {
    let patience = match stand.base() {
        Base::Concurrent | Base::Service => stand.limits().cancelled_call.unwrap_or_default(),
        Base::Blocking | Base::Preview2 => {
            stand.known(stand.limits().cancelled_call, "cancelled-call")?
        }
    };
    let session = stand.session().await?;
    let never = session
        .begin("tools/call", call("never-return", json!({})))
        .await;
    begun(&session).await;
    session.cancel(&never.id).await;
    let pending = session.begin("tools/call", call("echo", json!({}))).await;
    let reply = session
        .reply(&pending, patience + session.timing().answer)
        .await;
    reply.result()?;
    Ok("the next call was served".to_owned())
}

async fn connection(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let pending = session
        .begin("tools/call", call("wait-until-cancelled", json!({})))
        .await;
    let Via::Post(index) = pending.via else {
        return Err(Finding::Broken("the call went over no POST".to_owned()));
    };
    begun(&session).await;
    session.cut(index);
    // A host that takes this for a cancellation does so at once.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    if ask(&session, "tell-cancelled").await.is_ok() {
        return violation(
            "the call to go on after its connection was lost",
            "it was cancelled",
        );
    }
    session.cancel(&pending.id).await;
    told_later(&session).await?;
    Ok("a call went on without its connection until it was cancelled".to_owned())
}
