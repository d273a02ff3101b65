//! Calls of tools during a survey.
//!
//! Arguments are generated from the schemas. Tools with `destructiveHint: true` (and without
//! `readOnlyHint: true`) are called only on request; tools without hints are called.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::behaviour::Behaviour;
use super::conduct::Conduct;
use super::listing::{self, List};
use super::record::{Survey, ToolCall};
use crate::arguments;
use crate::driver::log::Log;
use crate::driver::session::{Pending, with_token};
use crate::driver::{Body, Health, Reply, Session, SessionPool};
use crate::model::Finding;
use crate::model::duration::in_words;
use crate::wire::shapes::quoted;

/// The highest number of resources subscribed to while tools are called.
const MAX_SUBSCRIPTIONS: usize = 50;

impl Survey {
    pub(super) async fn use_tools(
        &mut self,
        sessions: &SessionPool,
        mut session: Session,
        conduct: &Conduct,
    ) -> Result<(), Finding> {
        let mut subscribed = self.prepare(&session).await;
        let mut changed = false;
        for tool in self.tools.items.clone() {
            let name = tool["name"].as_str().unwrap_or_default().to_owned();
            if let Some(why) = conduct.refusal(&tool) {
                self.leave_out(format!("tool {name}"), why);
                continue;
            }
            let arguments = match arguments::valid(&tool["inputSchema"]) {
                Ok(arguments) => arguments,
                Err(why) => {
                    self.leave_out(
                        format!("tool {name}"),
                        format!("no arguments could be generated: {why}"),
                    );
                    continue;
                }
            };
            let current = sessions.live_session().await?;
            if !current.is(&session) {
                session = current;
                subscribed = self.prepare(&session).await;
            }
            let from = session.log().len();
            let mut call = call_tool(&session, name, arguments).await;
            if call.has_no_answer() {
                // A refused or reset exchange alone is no loss.
                let health = sessions.health().await;
                call.lost = !matches!(health, Health::Well | Health::Ended);
            }
            if let Some(why) = unexercised(&call) {
                self.leave_out(format!("tool {}", call.tool), why);
            }
            self.calls.push(call);
            // A server may delay a notification that follows another of its kind, to limit their
            // rate.
            let patience = if changed {
                session.timing().quiet * 4
            } else {
                Duration::ZERO
            };
            changed = session
                .log()
                .wait_for(from, patience, |entry| {
                    entry.is("notifications/tools/list_changed")
                })
                .await
                .is_some();
            if changed {
                // Clients should list again, and the server may have dropped the earlier list.
                listing::read(&session, List::Tools).await;
            }
        }
        self.relist(&session).await;
        let subscribed = subscribed.into_iter().filter(|_| session.is_open());
        for uri in subscribed {
            session
                .request("resources/unsubscribe", json!({"uri": uri}))
                .await;
        }
        Ok(())
    }

    /// Lists are not read again in a session opened later, which shows none of the earlier changes,
    /// in one that has ended, or without a listening stream, on which changes are announced.
    async fn relist(&mut self, session: &Session) {
        let same = |log: &Arc<Log>| Arc::ptr_eq(log, session.log());
        let usable = session.is_open() && session.is_listening();
        if !self.log.as_ref().is_some_and(same) || !usable {
            return;
        }
        for list in List::ALL {
            if session.offers(list.capability(), Some("listChanged")) {
                self.relisted
                    .push((list, listing::read(session, list).await));
            }
        }
    }

    /// Enables all log levels and all updates.
    async fn prepare(&self, session: &Session) -> Vec<String> {
        if session.offers("logging", None) {
            session
                .request("logging/setLevel", json!({"level": "debug"}))
                .await;
        }
        if !session.offers("resources", Some("subscribe")) {
            return Vec::new();
        }
        let uris = self
            .resources
            .names(List::Resources)
            .into_iter()
            .take(MAX_SUBSCRIPTIONS);
        let uris: Vec<String> = uris.map(str::to_owned).collect();
        for uri in &uris {
            session
                .request("resources/subscribe", json!({"uri": uri}))
                .await;
        }
        uris
    }
}

/// Returns the reason why a call with valid arguments shows nothing of the tool, if so.
pub(super) fn unexercised(call: &ToolCall) -> Option<String> {
    match &call.reply.body {
        Body::Result(_) => None,
        Body::Error(error) => {
            // The first line is enough for the report.
            let message = quoted(error.message.lines().next().unwrap_or_default(), 160);
            Some(format!("answered with error {}: {message}", error.code))
        }
        Body::Silence(_) => {
            let (given, time) = (
                quoted(&call.arguments.to_string(), 160),
                in_words(call.took),
            );
            let then = if call.hung {
                "the server did not answer a ping afterwards"
            } else {
                "it was cancelled"
            };
            Some(format!(
                "called with {given}, it did not end within {time}, and {then}"
            ))
        }
        Body::Refused(_) | Body::Closed(_) => Some(format!("its call got {}", call.reply.came())),
    }
}

/// Calls a tool with a progress token; cancels it when it does not end in time.
pub(super) async fn call_tool(session: &Session, tool: String, arguments: Value) -> ToolCall {
    let token = json!(format!("survey of {tool}"));
    let params = with_token(json!({"name": tool, "arguments": arguments}), token.clone());
    let began = session.log().now();
    let pending = session.begin("tools/call", params).await;
    let reply = patient_reply(session, &pending, &token).await;
    let took = session.log().now() - began;
    let mut hung = false;
    if reply.is_silence() {
        session.cancel(&pending.id).await;
        if let Err(why) = session.pong().await {
            // A full wait for the call may have abandoned the session already.
            hung = why.silent || session.log().read().hung;
            if hung {
                session.abandon("it answered neither a call nor a ping");
            } else if session.is_open() {
                // The session is of no further use, but the server answers.
                session.close_now().await;
            }
        }
    } else {
        // Messages outside the call's stream may still be in transit.
        let _ = session.fence().await;
        if session.is_listening() {
            // The ping did not pass through the listening stream.
            tokio::time::sleep(session.timing().quiet / 6).await;
        }
    }
    let entries = session.log().since(pending.from);
    let heard = entries
        .iter()
        .map(AsRef::as_ref)
        .filter(|entry| entry.from_server());
    let behaviour = Behaviour::of(heard, pending.via, &token);
    ToolCall {
        tool,
        arguments,
        reply,
        behaviour,
        took,
        hung,
        lost: false,
    }
}

/// Waits for the end of a call, and longer while it reports progress.
async fn patient_reply(session: &Session, pending: &Pending, token: &Value) -> Reply {
    let timing = session.timing();
    let reports = || {
        let heard = session.log().since(pending.from).into_iter();
        let told = |params: &Value| params["progressToken"] == *token;
        let reported = heard
            .filter(|entry| entry.is("notifications/progress") && entry.params().is_some_and(told));
        reported.count()
    };
    let began = session.log().now();
    let mut known = 0;
    loop {
        let left = (began + timing.progressing).saturating_sub(session.log().now());
        let reply = session.reply(pending, timing.call.min(left)).await;
        let so_far = reports();
        let over = began + timing.progressing <= session.log().now();
        if !reply.is_silence() || so_far == known || over {
            return reply;
        }
        known = so_far;
    }
}
