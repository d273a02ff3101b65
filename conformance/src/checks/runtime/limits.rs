//! Limits of what a component may use.

use serde_json::json;

use super::{RuntimeCheck, violation};
use crate::checks::Judgement;
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, call};
use crate::runtime::Base;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-limits/computing",
        "Stops a component that computes for ever, and serves the next call.",
        ["wit.trap.new-instance"],
        Base::BACKENDS,
        computing
    ),
    runtime_check!(
        "runtime-limits/memory",
        "Stops a component that takes all memory, and serves the next call.",
        ["wit.trap.new-instance"],
        Base::BACKENDS,
        memory
    ),
];

async fn ends(stand: &Stand, tool: &str, within: std::time::Duration) -> Judgement {
    let session = stand.session().await?;
    let pending = session.begin("tools/call", call(tool, json!({}))).await;
    session
        .reply(&pending, within)
        .await
        .error_with(&[-32603])?;
    let calls = ask(&session, "tell-instance").await?.get("calls").cloned();
    if calls != Some(json!(1)) {
        return violation(
            "a new instance, which counts 1 call",
            format!("it counted {calls:?}"),
        );
    }
    Ok(format!(
        "a call of {tool} was stopped, and a new instance served"
    ))
}

async fn computing(stand: &Stand) -> Judgement {
    let within = stand.known(stand.limits().computing, "computing")?;
    ends(stand, "spin", within).await
}

async fn memory(stand: &Stand) -> Judgement {
    // Four gigabytes are the most that a component of 32 bits can have.
    ends(stand, "eat-memory", std::time::Duration::from_secs(60)).await
}
