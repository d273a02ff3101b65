//! Announcements of list changes.

use super::capabilities::needs;
use super::context::CheckContext;
use super::failures::not_internal;
use crate::driver::log::Entry;
use crate::driver::{ClientRole, Session};
use crate::model::{Finding, Judgement};
use crate::survey::ToolCall;
use crate::survey::listing::{self, List};

/// Checks that changes of a list are announced: by a tool that was seen to do so, or else by
/// comparing the list before and after all tools ran.
pub async fn announced(context: &CheckContext, list: List, notification: &str) -> Judgement {
    let survey = context.survey().await?;
    let session = context.fresh(ClientRole::complete()).await?;
    needs(&session, list.capability(), Some("listChanged"))?;
    let announces = |call: &ToolCall| {
        let changed = &call.behaviour.changed;
        changed.iter().any(|method| method == notification)
    };
    match survey.quickest(announces) {
        Some(call) => announced_again(&session, call, list, notification).await,
        None => never_announced(context, list, notification).await,
    }
}

/// A second call may have nothing left to change; the survey saw the first.
async fn announced_again(
    session: &Session,
    call: &ToolCall,
    list: List,
    notification: &str,
) -> Judgement {
    let before = names(session, list).await;
    let reply = session.request("tools/call", call.params()).await;
    let is_told = |entry: &Entry| entry.is(notification);
    let timing = session.timing();
    let told = |within| session.log().wait_for(reply.from, within, is_told);
    let mut heard = told(timing.call).await;
    let after = names(session, list).await;
    if heard.is_none() && before != after {
        heard = told(timing.answer).await;
    }
    if heard.is_none() && before != after && session.is_listening() {
        return Err(unannounced(
            &format!("sent {}", reply.sent),
            list,
            &before,
            &after,
            notification,
        ));
    }
    not_internal(&reply, "the answer to the call")?;
    let again = if heard.is_some() { "again" } else { "once" };
    Ok(format!("{} led to {notification} {again}", call.tool))
}

/// If no tool announced anything, none may have changed the list.
async fn never_announced(context: &CheckContext, list: List, notification: &str) -> Judgement {
    let survey = context.survey().await?;
    let relisted = survey.relisted.iter().find(|(other, _)| *other == list);
    if let (Some((_, relisted)), Some(log)) = (relisted, &survey.log) {
        let before = owned(survey.listing(list).names(list));
        let after = owned(relisted.names(list));
        // The server may have delayed it to limit the rate.
        let told = log.wait_for(0, context.timing().answer, |entry| entry.is(notification));
        if before != after && told.await.is_none() {
            let lead = "called every tool once";
            return Err(unannounced(lead, list, &before, &after, notification));
        }
    }
    Err(Finding::Skip(format!(
        "no tool was seen to change the result of {}",
        list.method()
    )))
}

fn unannounced(
    lead: &str,
    list: List,
    before: &[String],
    after: &[String],
    notification: &str,
) -> Finding {
    let differs = |one: &[String], other: &[String]| -> Vec<String> {
        let missing = one.iter().filter(|name| !other.contains(name));
        missing.cloned().collect()
    };
    Finding::Violation(format!(
        "{lead}; {} changed ({:?} came, {:?} went); expected {notification}; got none",
        list.method(),
        differs(after, before),
        differs(before, after)
    ))
}

async fn names(session: &Session, list: List) -> Vec<String> {
    owned(listing::read(session, list).await.names(list))
}

/// Sorted, since no order is promised.
fn owned(names: Vec<&str>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    names.sort_unstable();
    names
}
