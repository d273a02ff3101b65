//! Roots: <https://modelcontextprotocol.io/specification/2025-06-18/client/roots>.

use serde_json::{Value, json};

use super::check::Check;
use super::context::CheckContext;
use super::lifecycle::judge_gates;
use super::sampling::answered_with;
use super::tally::Tally;
use crate::driver::ClientRole;
use crate::driver::client_role::{Answer, Asked};
use crate::model::{Finding, Judgement};
use crate::observe::Evidence;
use crate::observe::evidence::place;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "roots/unavailable",
        "Handles a client without roots, with unusual ones, or with an error.",
        ["roots.server.unavailable"],
        unavailable
    ),
    check!(
        "roots/list-changed",
        "Handles changes of the client's roots.",
        ["roots.server.handle-change"],
        list_changed
    ),
    observe!(
        "roots/check-capability",
        "Asks for roots only if the client declares them.",
        ["roots.server.check-capability"],
        |evidence| judge_gates(evidence, |method| method == "roots/list")
    ),
    observe!(
        "roots/cache",
        "Does not ask for the roots repeatedly.",
        ["roots.server.cache"],
        cache
    ),
    check!(
        "roots/refetch",
        "Asks for the roots again after a change.",
        ["roots.server.refetch"],
        refetch
    ),
];

async fn unavailable(context: &CheckContext) -> Judgement {
    let answers = [
        Answer::Result(json!({"roots": []})),
        Answer::Result(json!({"roots": [{"uri": "file:///conformance/no/such/folder"}]})),
        Answer::Error(-32603, "roots are unavailable"),
        Answer::Error(-32601, "roots are not supported after all"),
    ];
    answered_with(context, Asked::Roots, &answers).await
}

async fn list_changed(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for params in [Value::Null, json!({}), json!({"_meta": {}})] {
        session
            .notify("notifications/roots/list_changed", params)
            .await;
        tally.note(
            session
                .expect_alive("notifications/roots/list_changed")
                .await,
        );
    }
    tally.judge("changes of roots were accepted", "")
}

/// Judges how often the server asks for roots. One request for each call and each notification is
/// allowed, and one more. The time of reacting to a notification is up to the server.
fn cache(evidence: &Evidence) -> Judgement {
    const MOST: usize = 2;
    const NOTIFICATIONS: [&str; 2] = [
        "notifications/initialized",
        "notifications/roots/list_changed",
    ];
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let mut since_call = 0;
        let mut for_notifications = 0;
        for entry in &conversation.entries {
            if !entry.from_server() && entry.is("tools/call") {
                since_call = 0;
            }
            if !entry.from_server() && NOTIFICATIONS.iter().any(|method| entry.is(method)) {
                for_notifications += MOST;
            }
            if !(entry.from_server() && entry.is("roots/list")) {
                continue;
            }
            let calls = conversation.ours.iter();
            let running = calls
                .filter(|asked| asked.method == "tools/call" && asked.runs_at(entry.index))
                .count();
            let most = MOST * running.max(1);
            let is_of_call = since_call < most;
            if is_of_call {
                since_call += 1;
            }
            let has_reason = is_of_call || for_notifications > 0;
            if !is_of_call {
                for_notifications = for_notifications.saturating_sub(1);
            }
            tally.expect(has_reason, || {
                format!(
                    "roots/list came once more after {most} times with {running} calls under way; \
                     expected no more, as nothing was said to have changed ({})",
                    place(conversation, entry)
                )
            });
        }
    }
    tally.judge(
        "requests for roots seen, none of them excessive",
        "the server did not ask for roots",
    )
}

async fn refetch(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    // Only a server that asks on its own initiative is expected to ask again.
    let is_asking = |entry: &crate::driver::log::Entry| entry.is("roots/list");
    session.settle().await;
    if session
        .log()
        .wait_for(0, session.timing().quiet, is_asking)
        .await
        .is_none()
    {
        return Err(Finding::Skip(
            "the server does not ask for roots on its own initiative".to_owned(),
        ));
    }
    let from = session.log().len();
    session
        .notify("notifications/roots/list_changed", Value::Null)
        .await;
    match session
        .log()
        .wait_for(from, session.timing().call, is_asking)
        .await
    {
        Some(_) => Ok("roots/list followed notifications/roots/list_changed".to_owned()),
        None => Err(Finding::Violation(
            "sent notifications/roots/list_changed; got no roots/list".to_owned(),
        )),
    }
}
