//! The first contact with a server.

use crate::bench::Bench;
use crate::driver::{Body, ClientRole, Reply, Session};

/// Makes sure that there is an MCP server to talk to, so that a wrong command
/// or address is not reported as a hundred failures.
pub(crate) async fn first_contact(bench: &Bench) -> anyhow::Result<()> {
    let (session, reply) = greet(bench, ClientRole::complete()).await?;
    if !is_settled(&reply) {
        let lasting = matches!(reply.body, Body::Error(_) | Body::Refused(_));
        // It may be that only what this client offers was not to its taste.
        if !(lasting && is_settled(&greet(bench, ClientRole::bare()).await?.1)) {
            session.close_now().await;
            anyhow::bail!(why_not(&session, &reply));
        }
    }
    bench.retire().await;
    Ok(())
}

async fn greet(bench: &Bench, role: ClientRole) -> anyhow::Result<(Session, Reply)> {
    let session = match bench.connect(role).await {
        Ok(session) => session,
        Err(finding) => anyhow::bail!("{finding}"),
    };
    let reply = session.initialize(crate::requirements::REVISION).await;
    Ok((session, reply))
}

/// Whether a server answered that can be judged: it gave a result, or took
/// the request and answered over HTTP in a way that the checks look at.
fn is_settled(reply: &Reply) -> bool {
    match &reply.body {
        Body::Result(_) => true,
        Body::Refused(_) => reply
            .status
            .is_some_and(|status| (200..300).contains(&status)),
        Body::Error(_) | Body::Closed(_) | Body::Silence(_) => false,
    }
}

fn why_not(session: &Session, reply: &Reply) -> String {
    let log = session.log();
    let echoes = log
        .since(0)
        .iter()
        .any(|entry| entry.from_server() && entry.is("initialize"));
    let mut reason = if echoes {
        "it sent initialize back, as no MCP server does".to_owned()
    } else {
        format!(
            "no session could be initialized: initialize got {}",
            reply.came()
        )
    };
    if reply.status == Some(401) {
        reason.push_str("\nIt wants a token: give it one with --bearer or --auth-tokens");
    }
    if reply.is_silence() {
        reason.push_str("\nWhere it needs longer to start, say how long with --start-timeout");
    }
    let stderr = String::from_utf8_lossy(&log.read().stderr).into_owned();
    if !stderr.is_empty() {
        reason.push_str(&format!("\nIt wrote to stderr:\n{}", stderr.trim_end()));
    }
    reason
}
