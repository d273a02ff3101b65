//! Subscriptions and updates.

use serde_json::{Value, json};

use super::{RuntimeCheck, comes, does_not_come, seen, violation};
use crate::checks::Judgement;
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, invoke};
use crate::runtime::Base;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-subscriptions/updates",
        "Notifies the subscribed sessions, and no others.",
        ["wit.resource-updated.subscribed", "wit.subscriptions.list"],
        Base::BACKENDS,
        updates
    ),
    runtime_check!(
        "runtime-subscriptions/repeated",
        "Passes on a repeated subscription, and keeps one.",
        ["wit.subscriptions.repeated"],
        Base::BACKENDS,
        repeated
    ),
    runtime_check!(
        "runtime-subscriptions/part",
        "Names the changed part of a resource.",
        ["wit.resource-updated.part"],
        Base::BACKENDS,
        part
    ),
    runtime_check!(
        "runtime-subscriptions/other-sessions",
        "Notifies no session that is not subscribed itself.",
        ["wit.resource-updated.subscribed"],
        Base::BACKENDS,
        other_sessions
    ),
    runtime_check!(
        "runtime-subscriptions/refused",
        "Keeps no subscription that the component refused.",
        ["wit.subscriptions.list"],
        Base::BACKENDS,
        refused
    ),
];

const UPDATED: &str = "notifications/resources/updated";
const URI: &str = "probe:///watched";

async fn updates(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let from = session.log().len();
    invoke(&session, "update", json!({"subscribed": URI}))
        .await
        .result()?;
    does_not_come(
        &session,
        from,
        UPDATED,
        "a change of a resource without subscribers",
    )
    .await?;
    session
        .request("resources/subscribe", json!({"uri": URI}))
        .await
        .result()?;
    invoke(&session, "update", json!({"subscribed": URI}))
        .await
        .result()?;
    let params = comes(
        &session,
        from,
        UPDATED,
        "a change of a resource that the client is subscribed to",
    )
    .await?;
    if params["uri"] != URI {
        return violation(&format!("an update of {URI}"), format!("got {params}"));
    }
    session
        .request("resources/unsubscribe", json!({"uri": URI}))
        .await
        .result()?;
    let told = ask(&session, "tell-instance").await?["subscriptions"].clone();
    if told != json!([]) {
        return violation(
            "the component to be told that the subscription has ended",
            format!("it still has {told}"),
        );
    }
    session.settle().await;
    let from = session.log().len();
    invoke(&session, "update", json!({"subscribed": URI}))
        .await
        .result()?;
    does_not_come(&session, from, UPDATED, "unsubscribing").await?;
    Ok("updates came while the client was subscribed, and only then".to_owned())
}

async fn repeated(stand: &Stand) -> Judgement {
    const TIMES: usize = 2;
    let session = stand.session().await?;
    for _ in 0..TIMES {
        session
            .request("resources/subscribe", json!({"uri": URI}))
            .await
            .result()?;
    }
    let told = ask(&session, "tell-instance").await?["subscriptions"].clone();
    if told != Value::from(vec![URI; TIMES]) {
        return violation(
            &format!("{TIMES} calls of subscribe for {URI}, one for each request"),
            format!("the component was asked for {told}"),
        );
    }
    let from = session.log().len();
    invoke(&session, "update", json!({"subscribed": URI}))
        .await
        .result()?;
    comes(&session, from, UPDATED, "a change of a resource").await?;
    session.settle().await;
    let came = seen(&session, from, UPDATED).len();
    if came != 1 {
        return violation(
            "one update, as the list has each URI once",
            format!("{came} came"),
        );
    }
    session
        .request("resources/unsubscribe", json!({"uri": URI}))
        .await
        .result()?;
    let from = session.log().len();
    invoke(&session, "update", json!({"subscribed": URI}))
        .await
        .result()?;
    does_not_come(&session, from, UPDATED, "unsubscribing once").await?;
    Ok("a client subscribed twice, and had one subscription".to_owned())
}

async fn part(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    session
        .request("resources/subscribe", json!({"uri": URI}))
        .await
        .result()?;
    let from = session.log().len();
    let part = "probe:///watched/part";
    invoke(&session, "update", json!({"subscribed": URI, "part": part}))
        .await
        .result()?;
    let params = comes(&session, from, UPDATED, "a change of a part").await?;
    if params != json!({"uri": part}) {
        return violation(&format!("an update of {part}"), format!("got {params}"));
    }
    // A subscription to a part is a different one.
    let from = session.log().len();
    let other = json!({"subscribed": "probe:///other", "part": URI});
    invoke(&session, "update", other).await.result()?;
    let after = "a change of a resource without subscribers, a part of which has a subscriber";
    does_not_come(&session, from, UPDATED, after).await?;
    Ok("the part was named".to_owned())
}

async fn refused(stand: &Stand) -> Judgement {
    const MISSING: &str = "probe:///missing";
    let session = stand.session().await?;
    session
        .request("resources/subscribe", json!({"uri": MISSING}))
        .await
        .error_with(&[-32002])?;
    let from = session.log().len();
    invoke(&session, "update", json!({"subscribed": MISSING}))
        .await
        .result()?;
    does_not_come(&session, from, UPDATED, "a subscription that was refused").await?;
    Ok("a refused subscription was not on the list".to_owned())
}

async fn other_sessions(stand: &Stand) -> Judgement {
    const OTHER: &str = "probe:///watched/by/another";
    let session = stand.session().await?;
    let other = stand.session().await?;
    for (session, uri) in [(&session, URI), (&other, OTHER)] {
        let params = json!({"uri": uri});
        session
            .request("resources/subscribe", params)
            .await
            .result()?;
    }
    let from = other.log().len();
    let own = session.log().len();
    for uri in [OTHER, URI] {
        invoke(&session, "update", json!({"subscribed": uri}))
            .await
            .result()?;
    }
    comes(
        &session,
        own,
        UPDATED,
        "a change of a resource that the client is subscribed to",
    )
    .await?;
    session.settle().await;
    let foreign = seen(&session, own, UPDATED);
    if foreign.iter().any(|params| params["uri"] != URI) {
        return violation(
            &format!("updates of {URI} alone, to which this session is subscribed"),
            format!("got {}", Value::from(foreign)),
        );
    }
    other.settle().await;
    let foreign = seen(&other, from, UPDATED);
    if foreign.iter().any(|params| params["uri"] == URI) {
        return violation(
            &format!("no update of {URI} for a session that is not subscribed"),
            format!("got {}", Value::from(foreign)),
        );
    }
    Ok("each session was notified of its own subscriptions".to_owned())
}
