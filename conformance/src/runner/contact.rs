//! The first contact with a server.

use std::time::Duration;

use super::aftermath::with_status;
use crate::checks::CheckContext;
use crate::driver::log::Log;
use crate::driver::{Body, ClientRole, Reply, Session};
use crate::model::requirements::REVISION;
use crate::wire::envelope::Message;
use crate::wire::shapes::shorten;

/// The time to wait for the exit status of a process after its output has ended.
const EXIT: Duration = Duration::from_millis(500);

/// Makes sure that an MCP server answers, so that a wrong command or address is not reported as a
/// hundred failures.
pub(crate) async fn first_contact(context: &CheckContext, name: &str) -> anyhow::Result<()> {
    let (session, reply) = greet(context, ClientRole::complete()).await?;
    if !is_settled(&reply) {
        let lasting = matches!(reply.body, Body::Error(_) | Body::Refused(_));
        // The server may only reject the capabilities of this client.
        if !(lasting && is_settled(&greet(context, ClientRole::bare()).await?.1)) {
            if matches!(reply.body, Body::Closed(_)) {
                // The exit status may follow shortly after the end of the output.
                let exit = session.log().until(EXIT, |state| state.exit.clone());
                drop(exit.await);
            }
            if reply.is_silence() {
                // The server has used up its time.
                session.close_within(Duration::ZERO).await;
            } else {
                session.close_now().await;
            }
            anyhow::bail!(why_not(name, &session, &reply));
        }
    }
    context.retire().await;
    Ok(())
}

async fn greet(context: &CheckContext, role: ClientRole) -> anyhow::Result<(Session, Reply)> {
    let session = match context.connect(role).await {
        Ok(session) => session,
        Err(finding) => anyhow::bail!("{finding}"),
    };
    let reply = session.initialize(REVISION).await;
    Ok((session, reply))
}

/// Returns true for an answer that can be judged: a result, or an HTTP status of success whose body
/// the checks examine.
fn is_settled(reply: &Reply) -> bool {
    match &reply.body {
        Body::Result(_) => true,
        Body::Refused(_) => reply
            .status
            .is_some_and(|status| (200..300).contains(&status)),
        Body::Error(_) | Body::Closed(_) | Body::Silence(_) => false,
    }
}

fn why_not(name: &str, session: &Session, reply: &Reply) -> String {
    let log = session.log();
    let echoes = log
        .since(0)
        .iter()
        .any(|entry| entry.from_server() && entry.is("initialize"));
    let (exit, given_up) = {
        let state = log.read();
        (state.exit.clone(), state.given_up)
    };
    let strange = no_messages(log);
    let mut reason = if echoes {
        "it echoed initialize, so it is not an MCP server".to_owned()
    } else if let (Body::Closed(_), Some(exit), false) = (&reply.body, exit, given_up) {
        let how = with_status(&exit);
        format!("`{name}` ended {how} before it answered initialize")
    } else {
        format!(
            "no session could be initialized: initialize got {}",
            reply.came()
        )
    };
    if reply.status == Some(401) {
        reason.push_str("\nIt requires a token: pass one with --bearer or --auth-tokens");
    }
    if let Some(first) = strange.first() {
        let count = match strange.len() {
            1 => "1 line that is not a JSON-RPC message".to_owned(),
            many => format!("{many} lines that are not JSON-RPC messages"),
        };
        let first = shorten(first.trim_end(), 200);
        reason.push_str(&format!("\nIt wrote {count}; the first: `{first}`"));
    } else if reply.is_silence() {
        reason.push_str("\nIf it needs longer to start, pass --start-timeout");
    }
    let stderr = String::from_utf8_lossy(&log.read().stderr).into_owned();
    if !stderr.is_empty() {
        reason.push_str(&format!("\nIt wrote to stderr:\n{}", stderr.trim_end()));
    }
    reason
}

/// Returns output of the server that is not a JSON-RPC message.
fn no_messages(log: &Log) -> Vec<String> {
    let unreadable = log.since(0).into_iter().filter(|entry| {
        entry.from_server() && matches!(entry.envelope.message, Message::Unreadable)
    });
    unreadable.map(|entry| entry.text()).collect()
}
