//! The first contact with a server: is there an MCP server of this revision that serves several
//! sessions?

use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::Value;

use super::aftermath::with_status;
use crate::checks::CheckContext;
use crate::driver::http::without_secrets;
use crate::driver::log::{Exchange, Log, State, Via};
use crate::driver::session::Pending;
use crate::driver::transcript::LogRange;
use crate::driver::{Body, ClientRole, Reply, Session};
use crate::model::Transport;
use crate::model::duration::in_words;
use crate::model::requirements::REVISION;
use crate::survey::listing::List;
use crate::wire::envelope::Message;
use crate::wire::shapes::quoted;

/// The time to wait for the exit status of a process after its output has ended.
const EXIT: Duration = Duration::from_millis(500);

/// The duration of a start above which processes are started ahead of their use.
const SLOW_START: Duration = Duration::from_millis(150);

/// The duration of a start above which only few are, as they would slow each other down.
const HEAVY_START: Duration = Duration::from_secs(3);

/// Makes sure that an MCP server of this revision answers, and continues after
/// `notifications/initialized`, so that a wrong command or address is not reported as a hundred
/// failures.
pub(crate) async fn first_contact(context: &CheckContext, name: &str) -> anyhow::Result<()> {
    meet(context, name).await?;
    context.retire().await;
    Ok(())
}

/// Makes the first contact, and makes sure that the server serves several sessions. Keeps both of
/// them for the survey and the checks, and prepares for slow starts.
pub(super) async fn acquaint(
    context: &CheckContext,
    name: &str,
    workers: usize,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let (first, role) = meet(context, name).await?;
    let start = first.log().began().duration_since(began) + first_answer(first.log());
    let second = match second_session(context, &first, role).await {
        Ok(second) => second,
        Err(why) => {
            first.close_now().await;
            let alone = second_session(context, &first, role).await.is_ok();
            context.retire().await;
            if alone {
                bail!(
                    "it serves only one session at a time: while one was open, a second one failed: {why}\n\
                     Most checks need sessions of their own: let several instances run side by side"
                );
            }
            bail!("it served one session and then no other: {why}");
        }
    };
    if context.transport() == Transport::Http
        && let Err(why) = third_session(context, [&first, &second], role).await
    {
        context.retire().await;
        bail!(
            "it serves at most two sessions at a time: {why}\n\
             Checks need sessions of their own beside them: let the server hold more"
        );
    }
    if let Err(error) = live_on(&first).await {
        context.retire().await;
        return Err(error);
    }
    if matches!(role, Role::Complete) {
        context.sessions().keep_for_sharing(first);
        context.sessions().keep_for_sharing(second);
    }
    if context.transport() == Transport::Stdio && start > SLOW_START {
        let spares = if start > HEAVY_START { 1 } else { 4 * workers };
        context.sessions().keep_spares(spares);
    }
    context.retire().await;
    Ok(())
}

/// The client with which a server speaks.
#[derive(Clone, Copy)]
enum Role {
    Complete,
    Bare,
}

impl Role {
    fn client(self) -> ClientRole {
        match self {
            Self::Complete => ClientRole::complete(),
            Self::Bare => ClientRole::bare(),
        }
    }
}

/// Returns the time of the first message of a server.
fn first_answer(log: &Log) -> Duration {
    let state = log.read();
    let first = state.entries.iter().find(|entry| entry.from_server());
    first.map_or(Duration::ZERO, |entry| entry.at)
}

/// Opens the first session, up to the answer to a ping.
async fn meet(context: &CheckContext, name: &str) -> anyhow::Result<(Session, Role)> {
    let (mut session, mut reply) = greet(context, Role::Complete).await?;
    let mut role = Role::Complete;
    let refused = matches!(reply.body, Body::Error(_) | Body::Refused(_));
    if refused && offered(&reply).is_none() {
        // The server may only reject the capabilities of this client.
        let bare = greet(context, Role::Bare).await?;
        if matches!(bare.1.body, Body::Result(_)) {
            (session, reply) = bare;
            role = Role::Bare;
        }
    }
    let trouble = match (&reply.body, offered(&reply)) {
        (_, Some(versions)) => Err(versions),
        (Body::Result(result), None) if is_initialize_result(result) => {
            settle_in(context, &session).await
        }
        _ => {
            wait_for_exit(&session).await;
            Err(why_not(name, &session, &reply))
        }
    };
    if let Err(why) = trouble {
        if reply.is_silence() {
            // The server has used up its time.
            session.close_within(Duration::ZERO).await;
        } else {
            session.close_now().await;
        }
        bail!(why);
    }
    Ok((session, role))
}

async fn greet(context: &CheckContext, role: Role) -> anyhow::Result<(Session, Reply)> {
    let session = match context.connect(role.client()).await {
        Ok(session) => session,
        Err(finding) => bail!("{finding}"),
    };
    let reply = session.initialize(REVISION).await;
    Ok((session, reply))
}

/// Waits for the exit status, which may follow shortly after the end of the output.
async fn wait_for_exit(session: &Session) {
    if session.log().read().closed.is_some() {
        let exit = |state: &State| state.exit.clone();
        session.log().until(EXIT, exit).await;
    }
}

/// Returns true for a result that is meant for `initialize`, however broken.
fn is_initialize_result(result: &Value) -> bool {
    let members = ["protocolVersion", "capabilities", "serverInfo"];
    members.iter().any(|name| result.get(name).is_some())
}

/// Names the revisions that a server speaks in place of this one, if the answer to `initialize`
/// says so.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#version-negotiation>
fn offered(reply: &Reply) -> Option<String> {
    let versions = match &reply.body {
        Body::Result(result) => {
            let version = result["protocolVersion"].as_str()?;
            (version != REVISION && is_revision(version)).then(|| version.to_owned())?
        }
        Body::Error(error) => {
            let data = error.data.as_ref()?;
            let members = ["supported", "supportedVersions"].into_iter();
            let listed = members.filter_map(|name| data[name].as_array()).next()?;
            let versions: Vec<&str> = listed.iter().filter_map(Value::as_str).collect();
            if versions.is_empty() || versions.contains(&REVISION) {
                return None;
            }
            versions.join(", ")
        }
        Body::Refused(_) | Body::Closed(_) | Body::Silence(_) => return None,
    };
    Some(format!(
        "it speaks another revision of MCP: {versions}\n\
         The suite judges {REVISION}, which was offered in initialize"
    ))
}

/// Returns true for the name of a revision, known or not.
pub(super) fn is_revision(version: &str) -> bool {
    let shape = version.chars().map(|character| match character {
        '0'..='9' => '0',
        other => other,
    });
    shape.eq("0000-00-00".chars()) || version.starts_with("DRAFT")
}

/// Sends `notifications/initialized` and a ping. Returns a description of the failure unless
/// something is answered.
async fn settle_in(context: &CheckContext, session: &Session) -> Result<(), String> {
    const AFTER: &str = "after initialize and notifications/initialized";
    let timing = session.timing();
    session
        .notify("notifications/initialized", Value::Null)
        .await;
    session.listen().await;
    let ping = session.begin("ping", Value::Null).await;
    let pong = session.reply(&ping, timing.call.min(timing.answer)).await;
    let refused = matches!(pong.body, Body::Refused(_));
    let unheard = refused && pong.status.is_some_and(|status| status < 500);
    let (method, reply, asked) = if unheard || pong.is_silence() {
        // A server without ping is not one that hangs.
        let mut lists = List::ALL.into_iter();
        let offered = lists.find(|list| session.offers(list.capability(), None));
        let method = offered.map_or("conformance/none", List::method);
        let other = session.begin(method, Value::Null).await;
        let reply = session.reply(&other, timing.answer).await;
        if reply.entry.is_some() {
            session.beat_with(method);
            context.sessions().beat_with(method);
        }
        (method, reply, other)
    } else {
        ("ping", pong, ping)
    };
    match &reply.body {
        Body::Result(_) | Body::Error(_) => Ok(()),
        Body::Refused(_) if reply.status.is_some_and(|it| (400..500).contains(&it)) => Ok(()),
        // A success without an answer comes from what accepts everything.
        Body::Refused(_) if is_answered_in_array(session, &asked) => Ok(()),
        Body::Refused(what) => Err(format!("{AFTER}, {method} got {what}")),
        Body::Silence(within) if method == "ping" => Err(silent(AFTER, "ping", *within)),
        Body::Silence(within) => Err(silent(
            AFTER,
            &format!("neither ping nor {method}"),
            *within,
        )),
        Body::Closed(why) => {
            wait_for_exit(session).await;
            let exit = session.log().read().exit.clone();
            let how = exit.map_or(format!("closed the connection ({why})"), |exit| {
                format!("ended {}", with_status(&exit))
            });
            Err(format!("it {how} {AFTER}{}", session.log().last_words()))
        }
    }
}

/// Returns true if the body of an HTTP answer is an array with the response.
fn is_answered_in_array(session: &Session, asked: &Pending) -> bool {
    let Via::Post(index) = asked.via else {
        return false;
    };
    let state = session.log().read();
    let body = state.exchanges.get(index).map(|exchange| &exchange.body);
    let answers: Vec<Value> = body
        .and_then(|body| serde_json::from_slice(body).ok())
        .unwrap_or_default();
    let mut ids = answers.iter().map(|answer| answer["id"].to_string());
    ids.any(|id| id == asked.id.as_json())
}

fn silent(after: &str, what: &str, within: Duration) -> String {
    format!(
        "it hangs: {after}, {what} was answered within {}",
        in_words(within)
    )
}

/// The age of a process up to which the first contact watches it.
const WATCHED: Duration = Duration::from_millis(800);

/// Makes sure that a process does not end shortly after `notifications/initialized`.
async fn live_on(session: &Session) -> anyhow::Result<()> {
    let Some(age) = age_of(session.log()).filter(|_| session.has_process()) else {
        return Ok(());
    };
    let closed = |state: &State| state.closed.is_some().then_some(());
    let left = WATCHED.saturating_sub(age);
    if session.log().until(left, closed).await.is_some() {
        bail!(idle_end(session).await);
    }
    Ok(())
}

/// The longest time that a session is left alone to see whether the server ends it.
const LONGEST_IDLE: Duration = Duration::from_secs(10);

/// The time that such a session gets beyond the age of one that ended.
const FURTHER_IDLE: Duration = Duration::from_millis(500);

/// Finds out whether a server over stdio ends by itself some time after
/// `notifications/initialized`, though nothing else is sent: after it ended in one of these parts, a
/// new session is left alone for longer. Returns the description for the report.
pub(super) async fn ends_idle(context: &CheckContext, parts: &[LogRange]) -> Option<String> {
    if context.transport() != Transport::Stdio {
        return None;
    }
    let ages = parts.iter().filter_map(age_of_ended);
    let age = ages.min().filter(|age| *age < LONGEST_IDLE)?;
    let session = context.fresh(ClientRole::complete()).await.ok()?;
    let closed = |state: &State| state.closed.is_some().then_some(());
    let ended = session.log().until(age + FURTHER_IDLE, closed).await;
    if ended.is_none() {
        session.close_now().await;
        return None;
    }
    Some(idle_end(&session).await)
}

/// Describes the end of a session in which nothing happened.
async fn idle_end(session: &Session) -> String {
    wait_for_exit(session).await;
    let exit = session.log().read().exit.clone();
    let how = exit.map_or("ends the connection".to_owned(), |exit| {
        format!("ends {}", with_status(&exit))
    });
    format!(
        "it {how} soon after notifications/initialized, though nothing more was sent{}",
        session.log().last_words()
    )
}

/// Returns the time from `notifications/initialized` until now, if the server ended the session.
fn age_of_ended(part: &LogRange) -> Option<Duration> {
    if !part.broke_off() {
        return None;
    }
    age_of(part.log())
}

/// Returns the time since `notifications/initialized`.
fn age_of(log: &Log) -> Option<Duration> {
    let entries = log.since(0);
    let mut sent = entries.iter().filter(|entry| !entry.from_server());
    let begun = sent.find(|entry| entry.is("notifications/initialized"))?;
    Some(log.now().saturating_sub(begun.at))
}

/// Opens a second session while the first one is open.
async fn second_session(
    context: &CheckContext,
    first: &Session,
    role: Role,
) -> Result<Session, String> {
    let opened = context.fresh(role.client()).await;
    let second = opened.map_err(|finding| finding.to_string())?;
    second.fence().await?;
    if first.is_open() {
        let first = first.fence().await;
        first.map_err(|why| format!("the first one ended with it: {why}"))?;
    }
    Ok(second)
}

/// Opens a third session, and makes sure that the first two go on.
async fn third_session(
    context: &CheckContext,
    earlier: [&Session; 2],
    role: Role,
) -> Result<(), String> {
    let opened = context.fresh(role.client()).await;
    opened.map_err(|finding| format!("while two were open, a third one failed: {finding}"))?;
    for session in earlier {
        let fence = session.fence().await;
        fence.map_err(|why| format!("when a third one was opened, an earlier one ended: {why}"))?;
    }
    Ok(())
}

fn why_not(name: &str, session: &Session, reply: &Reply) -> String {
    let log = session.log();
    let from_server = log.since(0).into_iter().filter(|entry| entry.from_server());
    let from_server: Vec<_> = from_server.collect();
    let echoes = from_server.iter().any(|entry| entry.is("initialize"));
    let (exit, given_up) = {
        let state = log.read();
        (state.exit.clone(), state.given_up)
    };
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
    let strange = no_messages(log);
    let other_id = from_server.iter().find(|entry| entry.is_response());
    if let (Some(entry), None) = (other_id, &reply.entry) {
        let text = entry.shown();
        reason.push_str(&format!("\nIt answered {text}"));
    } else if let Some(first) = strange.first() {
        let count = match strange.len() {
            1 => "1 line that is not a JSON-RPC message".to_owned(),
            many => format!("{many} lines that are not JSON-RPC messages"),
        };
        let first = quoted(first.trim_end(), 200);
        if session.transport() == Transport::Stdio {
            reason.push_str(&format!("\nIt wrote {count}; the first: `{first}`"));
        }
        if first.starts_with("Content-Length:") {
            reason.push_str("\nIt frames messages like a language server: MCP has one a line");
        }
    } else if reply.is_silence() {
        reason.push_str("\nIf it needs longer to start, pass --start-timeout");
    }
    if let Some(exchange) = log.read().exchanges.first() {
        reason.push_str(&hint(exchange));
    }
    let stderr = String::from_utf8_lossy(&log.read().stderr).into_owned();
    if !stderr.is_empty() {
        reason.push_str(&format!("\nIt wrote to stderr:\n{}", stderr.trim_end()));
    }
    reason
}

/// Suggests what to do about an answer to `initialize` over HTTP.
fn hint(exchange: &Exchange) -> String {
    let text = match exchange.status {
        None => "Is the server running, and is this its address?",
        Some(400) if exchange.describe().contains("HTTPS") => {
            "It speaks TLS: try https:// in place of http://"
        }
        Some(401) => "It requires a token: pass one with --bearer or --auth-tokens",
        Some(403) => "It denies access: pass a token with --bearer, or a header with --header",
        Some(404 | 405) => {
            "Is this the endpoint of Streamable HTTP? Its path is often /mcp; a server of HTTP+SSE, \
             the transport of 2024-11-05, cannot be judged"
        }
        Some(300..=399) => {
            let location = exchange.header("location").map(without_secrets);
            let location = location.unwrap_or("another address".to_owned());
            return format!("\nIt redirects to {location}: pass the URL of the endpoint itself");
        }
        Some(500..) => "The server or a proxy in front of it fails: see its log",
        Some(200..=299) => {
            "A server of MCP answers with a JSON-RPC response, as JSON or as a stream of events: is \
             this the URL of its endpoint?"
        }
        Some(_) => return String::new(),
    };
    format!("\n{text}")
}

/// Returns output of the server that is not a JSON-RPC message.
fn no_messages(log: &Log) -> Vec<String> {
    let unreadable = log.since(0).into_iter().filter(|entry| {
        entry.from_server() && matches!(entry.envelope.message, Message::Unreadable)
    });
    unreadable.map(|entry| entry.text()).collect()
}

#[cfg(test)]
mod tests {
    use super::is_revision;

    #[test]
    fn a_revision_is_a_date_or_a_draft() {
        for version in ["2024-11-05", "2025-11-25", "2030-01-01", "DRAFT-2026-v1"] {
            assert!(is_revision(version), "{version}");
        }
        for version in ["", "1.0.0", "2025-6-18", "2025-06-18 ", "2025-06-18T00"] {
            assert!(!is_revision(version), "{version}");
        }
    }
}
