//! Progress: what a host sends, refuses, and holds back.

use serde_json::{Value, json};

use super::{RuntimeCheck, compare, does_not_come, seen, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{invoke, invoke_with_token, told};
use crate::checks::{Judgement, Tally};
use crate::driver::Reply;
use crate::driver::log::Entry;
use crate::runtime::Base;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-progress/rules",
        "Refuses progress that does not grow, or has no JSON form, and sends none of it.",
        ["wit.report-progress.grows", "wit.report-progress.finite"],
        Base::BACKENDS,
        rules
    ),
    runtime_check!(
        "runtime-progress/held-back",
        "Sends the newest progress before the response.",
        ["wit.report-progress.flushed"],
        Base::BACKENDS,
        held_back
    ),
    runtime_check!(
        "runtime-progress/without-token",
        "Sends no progress to a client that gave no token.",
        ["wit.report-progress.no-token"],
        Base::BACKENDS,
        without_token
    ),
];

async fn rules(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let reply = invoke_with_token(&session, "progress", json!(7)).await;
    let mut tally = Tally::default();
    let expected = [
        ("first", "ok"),
        ("same", "invalid-params"),
        ("smaller", "invalid-params"),
        ("nan", "invalid-params"),
        ("infinite", "invalid-params"),
        ("total-nan", "invalid-params"),
        ("greater", "ok"),
    ];
    compare(&mut tally, "progress", told(&reply)?, &expected);
    let sent: Vec<Value> = before_answer(&session, &reply);
    let allowed = [json!(1), json!(3)];
    tally.expect(
        !sent.is_empty() && sent.iter().all(|value| allowed.contains(value)),
        || {
            format!(
                "expected progress 1, 3 or both on the wire; got {}",
                Value::from(sent.clone())
            )
        },
    );
    tally.judge("reports were sent or refused, as they should", "")
}

/// The progress that came before the answer.
fn before_answer(session: &crate::driver::Session, reply: &Reply) -> Vec<Value> {
    let end = reply.entry.as_ref().map_or(usize::MAX, |entry| entry.index);
    let entries = session.log().since(reply.from);
    let progress = |entry: &&std::sync::Arc<Entry>| {
        entry.from_server() && entry.is("notifications/progress") && entry.index < end
    };
    let values = entries.iter().filter(progress);
    values
        .filter_map(|entry| entry.params().map(|params| params["progress"].clone()))
        .collect()
}

async fn held_back(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let reply = invoke_with_token(&session, "progress-burst", json!("burst")).await;
    reply.result()?;
    let sent = before_answer(&session, &reply);
    if sent.last() != Some(&json!(200)) {
        return violation(
            "progress 200, the newest, before the response",
            format!("got {}", Value::from(sent)),
        );
    }
    Ok(format!(
        "{} of 200 reports were sent, the newest last",
        sent.len()
    ))
}

async fn without_token(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let from = session.log().len();
    let reply = invoke(&session, "progress-burst", json!({})).await;
    if told(&reply)?.get("each") != Some(&json!("ok")) {
        return Err(reply.unexpected("reports to be accepted without a token"));
    }
    does_not_come(
        &session,
        from,
        "notifications/progress",
        "a call without a token",
    )
    .await?;
    let sent = seen(&session, from, "notifications/progress").len();
    Ok(format!("{sent} reports were sent"))
}
