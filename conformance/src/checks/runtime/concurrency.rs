//! Calls at the same time, on instances that can and that cannot.

use std::time::Duration;

use serde_json::{Value, json};

use super::{RuntimeCheck, told_later, violation};
use crate::checks::Judgement;
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{call, invoke};
use crate::driver::ClientRole;
use crate::runtime::Base;
use crate::runtime::components::DEFAULT;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-concurrency/either-lift",
        "Serves several calls at a time, whether or not the component runs them concurrently.",
        ["wit.handlers.either-lift"],
        Base::BACKENDS,
        either_lift
    ),
    runtime_check!(
        "runtime-concurrency/ping",
        "Answers pings and lists while a call runs that blocks its instance.",
        ["wit.world.no-standstill", "wit.handlers.lists-meanwhile"],
        Base::BACKENDS,
        ping
    ),
    runtime_check!(
        "runtime-concurrency/notification",
        "Delays no request while the component handles a notification.",
        ["wit.client-events.overtaken"],
        &[Base::Concurrent],
        notification
    ),
    runtime_check!(
        "runtime-concurrency/waiting",
        "Lets a component wait longer than it may compute.",
        ["wit.handlers.waiting"],
        Base::BACKENDS,
        waiting
    ),
];

async fn either_lift(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut pending = Vec::new();
    for _ in 0..5 {
        pending.push(
            session
                .begin("tools/call", call("sleep", json!({"milliseconds": 20})))
                .await,
        );
    }
    for pending in &pending {
        session
            .reply(pending, session.timing().answer)
            .await
            .result()?;
    }
    Ok(format!("{} calls at a time were answered", pending.len()))
}

async fn ping(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let pending = session
        .begin("tools/call", call("sleep", json!({"milliseconds": 2000})))
        .await;
    tokio::time::sleep(session.timing().quiet).await;
    let mut answered = Vec::new();
    for method in ["ping", "tools/list", "resources/list"] {
        let reply = session.request(method, Value::Null).await;
        reply.result()?;
        answered.push((method, reply.entry.map(|entry| entry.index)));
    }
    let end = session.reply(&pending, session.timing().answer).await;
    let ended = end.entry.as_ref().map(|entry| entry.index);
    end.result()?;
    for (method, index) in answered {
        if index > ended {
            return violation(
                &format!("the answer to {method} before that to the call which blocks"),
                "it came after",
            );
        }
    }
    Ok("ping and lists were answered while a call ran".to_owned())
}

async fn notification(stand: &Stand) -> Judgement {
    // The probes wait in `initialized` for a call of a client that declares this.
    let role = ClientRole::with(json!({"experimental": {"probe-overtakes": {}}}));
    let session = stand.session_in(DEFAULT, role).await?;
    invoke(&session, "echo", json!({})).await.result()?;
    let seen = told_later(&session, "tell-initialized").await?;
    if seen.get("overtaken") != Some(&json!(true)) {
        return violation(
            "a call to reach the component while it handles `initialized`",
            "it came after",
        );
    }
    Ok("a call overtook a notification".to_owned())
}

async fn waiting(stand: &Stand) -> Judgement {
    let computing = stand.limits().computing.unwrap_or_default();
    let milliseconds = (computing + Duration::from_millis(300)).as_millis();
    let session = stand.session().await?;
    let pending = session
        .begin(
            "tools/call",
            call(
                "sleep",
                json!({"milliseconds": u64::try_from(milliseconds).unwrap_or(u64::MAX)}),
            ),
        )
        .await;
    session
        .reply(&pending, computing + session.timing().answer)
        .await
        .result()?;
    Ok(format!("a component waited for {milliseconds} ms"))
}
