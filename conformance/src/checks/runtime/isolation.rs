//! The lifetime of instances: one for each session, or one for each call.

use serde_json::{Value, json};

use super::asking::asked;
use super::{RuntimeCheck, compare, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, invoke};
use crate::checks::{Judgement, Tally};
use crate::driver::ClientRole;
use crate::runtime::Base;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-isolation/own-instance",
        "Gives each session an instance of its own.",
        ["wit.handlers.own-instance"],
        Base::BACKENDS,
        own_instance
    ),
    runtime_check!(
        "runtime-isolation/declared",
        "Declares neither subscriptions nor changes of lists where each instance serves one call.",
        ["wit.capabilities.lasting-instance"],
        Base::BACKENDS,
        declared
    ),
    runtime_check!(
        "runtime-isolation/events",
        "Does not call client-events where each instance serves one call.",
        ["wit.client-events.lasting-instance"],
        Base::BACKENDS,
        events
    ),
    runtime_check!(
        "runtime-isolation/registration",
        "Answers invalid-state to a registration after serve where each instance serves one call.",
        ["wit.register.lasting-instance"],
        Base::BACKENDS,
        registration
    ),
];

async fn own_instance(stand: &Stand) -> Judgement {
    let one = stand.session().await?;
    let other = stand.session().await?;
    for _ in 0..2 {
        invoke(&one, "echo", json!({})).await.result()?;
    }
    let calls = ask(&other, "tell-instance").await?["calls"].clone();
    if calls != 1 {
        return violation(
            "an instance of its own for the second session, which counts 1 call",
            format!("it counted {calls}: an operator may choose otherwise"),
        );
    }
    Ok("two sessions had an instance each".to_owned())
}

async fn declared(stand: &Stand) -> Judgement {
    let session = stand.session_per_call(ClientRole::complete()).await?;
    let mut tally = Tally::default();
    for (capability, member) in [
        ("tools", "listChanged"),
        ("resources", "listChanged"),
        ("prompts", "listChanged"),
        ("resources", "subscribe"),
    ] {
        let came = &session.capabilities()[capability][member];
        tally.expect(*came != true, || {
            format!("expected no `{member}` of {capability}, which no instance can fulfil; the host declared it")
        });
    }
    let params = json!({"uri": "probe:///watched"});
    let reply = session.request("resources/subscribe", params).await;
    tally.note(reply.error_with(&[-32601]).map(drop));
    tally.judge("promises that outlive a call were not made", "")
}

async fn events(stand: &Stand) -> Judgement {
    // For either notification the probes ask a client that declares this. What the instance itself
    // saw is no evidence: the next call has another one.
    let role = ClientRole::with(json!({
        "roots": {"listChanged": true},
        "experimental": {"probe-initialized": {}, "probe-roots-changed": {}},
    }));
    let session = stand.session_per_call(role).await?;
    session
        .notify("notifications/roots/list_changed", Value::Null)
        .await;
    ask(&session, "tell-instance").await?;
    session.settle().await;
    let asked = asked(&session, 0);
    if !asked.is_empty() {
        return violation(
            "no call of client-events, whose effect reaches no later call",
            format!("the client was asked: {}", asked.join(", ")),
        );
    }
    Ok("the component was not told of notifications".to_owned())
}

async fn registration(stand: &Stand) -> Judgement {
    const TOOLS: [&str; 4] = [
        "register-tools",
        "register-resources",
        "register-templates",
        "register-prompts",
    ];
    let session = stand.session_per_call(ClientRole::complete()).await?;
    let mut tally = Tally::default();
    for tool in TOOLS {
        let told = ask(&session, tool).await?;
        let expected = [("new", "invalid-state"), ("unregister", "invalid-state")];
        compare(&mut tally, tool, &told, &expected);
    }
    tally.judge("registrations after serve were refused", "")
}
