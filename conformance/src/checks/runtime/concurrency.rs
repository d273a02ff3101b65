//! Calls at the same time, on instances that can and that cannot.

use std::time::Duration;

use serde_json::{Value, json};

use super::RuntimeCheck;
use crate::checks::{Finding, Judgement};
use crate::runtime::stand::call;
use crate::runtime::{Base, stand::Stand};

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-concurrency/either-lift",
        "Serves several calls at a time, whether or not the component runs them side by side.",
        ["wit.handlers.either-lift"],
        Base::BACKENDS,
        either_lift
    ),
    runtime_check!(
        "runtime-concurrency/ping",
        "Answers ping while a call runs that blocks its instance.",
        ["wit.world.no-standstill"],
        Base::BACKENDS,
        ping
    ),
    runtime_check!(
        "runtime-concurrency/waiting",
        "Lets a component wait longer than it may compute.",
        ["wit.world.plain-functions"],
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
    let pong = session.begin("ping", Value::Null).await;
    let reply = session.reply(&pong, session.timing().answer).await;
    reply.result()?;
    let end = session.reply(&pending, session.timing().answer).await;
    let entries = (
        reply.entry.map(|entry| entry.index),
        end.entry.as_ref().map(|entry| entry.index),
    );
    end.result()?;
    if entries.0 > entries.1 {
        return Err(Finding::Violation(
            "expected the answer to ping before that to the call which blocks; it came after"
                .to_owned(),
        ));
    }
    Ok("ping was answered while a call ran".to_owned())
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
