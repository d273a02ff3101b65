//! Components that trap, and the instances that take their place.

use serde_json::{Map, Value, json};

use super::{RuntimeCheck, comes, does_not_come, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, call, invoke};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::{ClientRole, Session};
use crate::runtime::Base;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-faults/trap",
        "Answers a call that traps, exits or overflows its stack with -32603, and the next with a new instance.",
        ["wit.trap.answered", "wit.trap.new-instance"],
        Base::BACKENDS,
        trap
    ),
    runtime_check!(
        "runtime-faults/in-flight",
        "Answers all calls that are lost in a trap.",
        ["wit.trap.answered"],
        &[Base::Concurrent],
        in_flight
    ),
    runtime_check!(
        "runtime-faults/other-instances",
        "Hides a trap from all other sessions.",
        ["wit.trap.others"],
        Base::BACKENDS,
        other_instances
    ),
    runtime_check!(
        "runtime-faults/lists",
        "Notifies the client if the lists of a new instance differ from those it saw.",
        ["wit.replaced.list-changed"],
        Base::BACKENDS,
        lists
    ),
    runtime_check!(
        "runtime-faults/subscriptions",
        "Repeats the live subscriptions on a new instance, and forgets those that fail.",
        [
            "wit.replaced.subscriptions",
            "wit.replaced.subscription-failed"
        ],
        Base::BACKENDS,
        subscriptions
    ),
    runtime_check!(
        "runtime-faults/subscriptions-first",
        "Repeats the live subscriptions before it passes on other requests.",
        ["wit.replaced.subscriptions-first"],
        Base::BACKENDS,
        subscriptions_first
    ),
    runtime_check!(
        "runtime-faults/negotiated",
        "Keeps what was negotiated, and does not call `initialized` again.",
        [
            "wit.replaced.negotiated",
            "wit.client-events.initialized-once"
        ],
        Base::BACKENDS,
        negotiated
    ),
    runtime_check!(
        "runtime-faults/start-again",
        "Answers -32603 where a new instance does not start, and tries again with the next request.",
        ["wit.replaced.again"],
        Base::BACKENDS,
        start_again
    ),
    runtime_check!(
        "runtime-faults/background",
        "Notices a trap when no call is under way.",
        ["wit.start.background"],
        &[Base::Concurrent],
        background
    ),
];

/// Loses the instance of a session.
async fn lose(session: &Session) -> Result<(), Finding> {
    invoke(session, "trap", json!({}))
        .await
        .error_with(&[-32603])
        .map(drop)
}

async fn calls(session: &Session) -> Result<Value, Finding> {
    Ok(ask(session, "tell-instance")
        .await?
        .get("calls")
        .cloned()
        .unwrap_or_default())
}

async fn trap(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    for tool in ["trap", "exit", "overflow"] {
        let reply = invoke(&session, tool, json!({})).await;
        tally.note(reply.error_with(&[-32603]).map(drop));
        let calls = calls(&session).await?;
        tally.expect(calls == 1, || {
            format!("after the tool {tool}, expected a new instance, which counts 1 call; it counted {calls}")
        });
    }
    tally.judge("ends of instances were answered, and new ones served", "")
}

async fn in_flight(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut pending = Vec::new();
    for _ in 0..3 {
        pending.push(
            session
                .begin("tools/call", call("sleep", json!({"milliseconds": 60_000})))
                .await,
        );
    }
    tokio::time::sleep(session.timing().quiet).await;
    lose(&session).await?;
    for pending in &pending {
        session
            .reply(pending, session.timing().answer)
            .await
            .error_with(&[-32603])?;
    }
    Ok(format!(
        "{} calls were answered that went with the trap",
        pending.len()
    ))
}

async fn other_instances(stand: &Stand) -> Judgement {
    let one = stand.session().await?;
    let other = stand.session().await?;
    invoke(&other, "echo", json!({})).await.result()?;
    lose(&one).await?;
    let calls = calls(&other).await?;
    if calls != 2 {
        return violation(
            "the other session's instance to go on, which counts 2 calls",
            format!("it counted {calls}"),
        );
    }
    Ok("another session's instance went on".to_owned())
}

async fn lists(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let from = session.log().len();
    invoke(&session, "add", json!({"name": "gone-with-the-instance"}))
        .await
        .result()?;
    comes(
        &session,
        from,
        "notifications/tools/list_changed",
        "a tool was added",
    )
    .await?;
    session.request("tools/list", Value::Null).await.result()?;
    session.settle().await;
    let from = session.log().len();
    lose(&session).await?;
    // Whoever starts instances when they are needed needs one now.
    invoke(&session, "echo", json!({})).await.result()?;
    comes(
        &session,
        from,
        "notifications/tools/list_changed",
        "an instance was replaced that had a tool more",
    )
    .await?;
    let gone = invoke(&session, "gone-with-the-instance", json!({})).await;
    gone.error_with(&[-32602])?;
    Ok("the client was told of the new instance's lists".to_owned())
}

async fn subscriptions(stand: &Stand) -> Judgement {
    const LIVE: &str = "probe:///live";
    const ONCE: &str = "probe:///once";
    let session = stand.session().await?;
    for uri in [LIVE, ONCE, "probe:///left"] {
        session
            .request("resources/subscribe", json!({"uri": uri}))
            .await
            .result()?;
    }
    session
        .request("resources/unsubscribe", json!({"uri": "probe:///left"}))
        .await
        .result()?;
    lose(&session).await?;
    let seen = once_repeated(&session).await?;
    let mut tally = Tally::default();
    tally.expect(seen.get("subscriptions") == Some(&json!([LIVE])), || {
        format!("expected the new instance to be subscribed to {LIVE} alone (it refuses {ONCE} now); it was told of {:?}", seen.get("subscriptions"))
    });
    tally.expect(seen.get("repeated") == Some(&json!(1)), || {
        "expected the context of a repeated subscription to have neither id nor _meta; it had one"
            .to_owned()
    });
    let from = session.log().len();
    invoke(&session, "update", json!({"subscribed": ONCE}))
        .await
        .result()?;
    tally.note(
        does_not_come(
            &session,
            from,
            "notifications/resources/updated",
            "a subscription that could not be repeated",
        )
        .await,
    );
    invoke(&session, "update", json!({"subscribed": LIVE}))
        .await
        .result()?;
    tally.note(
        comes(
            &session,
            from,
            "notifications/resources/updated",
            "a subscription that was repeated",
        )
        .await,
    );
    tally.judge("things were right with repeated subscriptions", "")
}

/// Returns the report of a new instance as soon as it has heard of a subscription, or after a time.
async fn once_repeated(session: &Session) -> Result<Map<String, Value>, Finding> {
    let began = tokio::time::Instant::now();
    loop {
        let told = ask(session, "tell-instance").await?;
        if told.get("subscriptions") != Some(&json!([]))
            || began.elapsed() >= session.timing().answer
        {
            return Ok(told);
        }
        // A host may pass on other requests first.
        tokio::time::sleep(session.timing().quiet).await;
    }
}

async fn subscriptions_first(stand: &Stand) -> Judgement {
    const LIVE: &str = "probe:///live";
    let session = stand.session().await?;
    session
        .request("resources/subscribe", json!({"uri": LIVE}))
        .await
        .result()?;
    lose(&session).await?;
    let told = ask(&session, "tell-instance").await?["subscriptions"].clone();
    if told != json!([LIVE]) {
        return violation(
            &format!("the new instance to be subscribed to {LIVE} before its first call"),
            format!("the first call saw the subscriptions {told}"),
        );
    }
    Ok("the subscription was repeated before the first call".to_owned())
}

async fn negotiated(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    session
        .request("logging/setLevel", json!({"level": "alert"}))
        .await
        .result()?;
    let before = ask(&session, "describe").await?;
    lose(&session).await?;
    let after = ask(&session, "describe").await?;
    for name in ["client", "version", "level", "roots", "sampling"] {
        if before.get(name) != after.get(name) {
            return violation(
                &format!("`{name}` of the client to stay {:?}", before.get(name)),
                format!("the new instance saw {:?}", after.get(name)),
            );
        }
    }
    let events = ask(&session, "tell-instance").await?.get("events").cloned();
    if events != Some(json!([])) {
        return violation("no event on a new instance", format!("it saw {events:?}"));
    }
    Ok("the new instance saw the same client, and no event".to_owned())
}

async fn start_again(stand: &Stand) -> Judgement {
    /// Instances that are lost until one of the new ones does not start: each does in one of two.
    const LOSSES: usize = 40;
    /// Failures in a row that mean that the host does not try again.
    const FAILURES: usize = 40;
    let session = stand
        .connect("start-sometimes", ClientRole::complete())
        .await?;
    let mut failures = 0;
    while let Err(failed) = session.introduce().await {
        failures += 1;
        if failures == FAILURES {
            return Err(stand.explained("start-sometimes", &session, failed).await);
        }
    }
    session
        .notify("notifications/initialized", Value::Null)
        .await;
    for _ in 0..LOSSES {
        lose(&session).await?;
        for failures in 0..FAILURES {
            let reply = invoke(&session, "tell-instance", json!({})).await;
            if reply.error().is_ok() {
                reply.error_with(&[-32603])?;
                continue;
            }
            reply.result()?;
            if failures > 0 {
                return Ok(format!(
                    "{failures} requests were answered with -32603, and the next one was served"
                ));
            }
            break;
        }
        let reply = invoke(&session, "tell-instance", json!({})).await;
        if reply.result().is_err() {
            return Err(reply.unexpected("an instance that starts, in one of two attempts"));
        }
    }
    Err(Finding::Skip(format!(
        "{LOSSES} new instances started, though every other one fails: the runtime hides failures"
    )))
}

async fn background(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    invoke(&session, "trap-later", json!({})).await.result()?;
    // It traps 30 ms after its answer, later on a busy machine; an instance that did something is
    // replaced at once.
    let patience = session.timing().answer;
    let began = tokio::time::Instant::now();
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let calls = calls(&session).await?;
        if calls == 1 {
            break;
        }
        if began.elapsed() >= patience {
            return violation(
                "a new instance, which counts 1 call",
                format!("it counted {calls}"),
            );
        }
    }
    Ok("a trap in the background was noticed".to_owned())
}
