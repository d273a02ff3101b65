//! Streamable HTTP:
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http>.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ::http::header::{HeaderValue, ORIGIN};
use ::http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::{Check, Finding, Judgement, Tally};
use crate::bench::Bench;
use crate::driver::http::{LAST_EVENT_ID, PROTOCOL_VERSION, SESSION_ID};
use crate::driver::log::{Entry, Exchange, Via};
use crate::driver::session::{request_text, with_token};
use crate::driver::{ClientRole, Session};
use crate::duration::in_words;
use crate::observe::evidence::place;
use crate::observe::{Conversation, Evidence};
use crate::requirements::REVISION;
use crate::wire::envelope::{Envelope, Message};
use crate::wire::identifier::Identifier;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(Http "http/get", "Answers GET at the endpoint with a stream of events or with 405.",
        ["http.single-endpoint", "http.get.sse-or-405"], get),
    check!(Http "http/accepted", "Answers notifications with 202 and no body.",
        ["http.post.202", "http.post.202-empty"], accepted),
    check!(Http "http/refused", "Refuses what is no message with an HTTP error.",
        ["http.post.reject-status"], refused),
    check!(Http "http/refusal-body", "Gives refusals a body without an id, if any.",
        ["http.post.reject-body-no-id"], refusal_body),
    check!(Http "http/origin", "Refuses foreign origins.", ["http.origin-validated"], origin),
    check!(Http "http/session-id", "Gives session ids of visible ASCII.", ["http.session.visible-ascii"], session_id),
    check!(Http "http/session-id-varies", "Gives each session an id of its own that cannot be foretold.",
        ["security.session.non-deterministic"], session_id_varies),
    check!(Http "http/session-id-long", "Gives session ids that are too long to be guessed.",
        ["http.session.secure"], session_id_long),
    check!(Http "http/session-missing", "Answers 400 where the session id is missing.",
        ["http.session.missing-400"], session_missing),
    check!(Http "http/session-terminated", "Answers 404 once a session has ended.",
        ["http.session.terminated-404"], session_terminated),
    check!(Http "http/delete", "Ends a session on DELETE, or answers 405.", ["http.session.delete-405"], delete),
    check!(Http "http/version-invalid", "Answers 400 to a version header that it does not know.",
        ["http.version-header.invalid-400"], version_invalid),
    check!(Http "http/version-absent", "Does without a version header.",
        ["http.version-header.absent"], version_absent),
    check!(Http "http/many-streams", "Serves several requests of a session at the same time.",
        ["http.multi.many-streams"], many_streams),
    check!(Http "http/without-get", "Serves clients that never open a listening stream.",
        ["http.get.client-may"], without_get),
    check!(Http "http/get-closed", "Goes on when the client closes its listening stream.",
        ["http.get.close-anytime"], get_closed),
    check!(
        Http "http/resume-replay",
        "Replays what came after the event that was named, and not that event.",
        ["http.resume.replay"],
        resume_replay
    ),
    check!(Http "http/resume", "Replays only what belongs to the stream that is resumed.",
        ["http.resume.no-cross-stream"], resume),
    observe!(Http "http/content-type", "Answers requests with JSON or a stream of events.",
        ["http.post.content-type"], content_type),
    observe!(Http "http/one-object", "Gives one JSON object in a body of JSON.",
        ["http.post.json-one-object"], one_object),
    observe!(Http "http/accepted-always", "Answers everything it accepts with 202 and no body.",
        ["http.post.202", "http.post.202-empty"], accepted_always),
    observe!(Http "http/response-comes", "Ends no stream before the response.",
        ["http.sse.response-comes", "http.sse.no-early-close"], response_comes),
    observe!(Http "http/closes-after", "Ends a stream after the response.", ["http.sse.close-after"], closes_after),
    observe!(Http "http/no-response-on-get", "Sends no response on a listening stream.",
        ["http.get.no-response"], no_response_on_get),
    observe!(Http "http/no-broadcast", "Sends each message on one stream.", ["http.multi.no-broadcast"], no_broadcast),
    observe!(Http "http/interim-related", "Sends what belongs to a request on the stream of that request.",
        ["http.sse.interim-related", "http.get.unrelated"], interim_related),
    observe!(Http "http/event-id-unique", "Gives each event of a session an id of its own.",
        ["http.resume.event-id-unique"], event_id_unique),
    observe!(Http "http/session-id-at-initialize", "Gives the session id with the answer to initialize.",
        ["http.session.optional"], session_id_at_initialize),
];

const NO_SESSIONS: &str = "the server issues no session ids";

/// The session's id, or a skip where the server has no sessions.
fn issued_id(session: &Session) -> Result<String, Finding> {
    let id = session.log().read().session_id.clone();
    id.ok_or_else(|| Finding::Skip(NO_SESSIONS.to_owned()))
}

/// Sends a POST with these headers and waits for the whole answer.
async fn post(session: &Session, headers: HeaderMap, body: &str) -> Result<Exchange, Finding> {
    let (index, head) = session.http(Method::POST, headers, body.as_bytes()).await?;
    Ok(session
        .end_of(index, session.timing().answer)
        .await
        .unwrap_or(head))
}

/// Sends a ping with these headers.
async fn ping(session: &Session, headers: HeaderMap) -> Result<Exchange, Finding> {
    post(
        session,
        headers,
        &request_text(&session.fresh_id(), "ping", &Value::Null),
    )
    .await
}

fn expected(what: &str, exchange: &Exchange) -> String {
    let sent = String::from_utf8_lossy(&exchange.sent);
    let headers = [
        "mcp-session-id",
        "mcp-protocol-version",
        "origin",
        "last-event-id",
    ]
    .map(|name| {
        let value = exchange.sent_headers.get(name)?;
        Some(format!(
            " {name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        ))
    });
    let headers: String = headers.into_iter().flatten().collect();
    format!(
        "sent {}{headers} {sent}; expected {what}; got {}",
        exchange.method,
        exchange.describe()
    )
}

async fn get(bench: &Bench) -> Judgement {
    // No other listening stream may be open: a server may allow one only.
    let session = bench.connect(ClientRole::complete()).await?;
    session.initialize(REVISION).await.result()?;
    session
        .notify("notifications/initialized", Value::Null)
        .await;
    let (_, exchange) = session
        .http(Method::GET, session.get_headers()?, b"")
        .await?;
    match exchange.status {
        Some(405) => Ok("GET was answered with 405".to_owned()),
        Some(200) if exchange.is_stream => Ok("GET opened a stream of events".to_owned()),
        _ => Err(Finding::Violation(expected(
            "a stream of events or status 405",
            &exchange,
        ))),
    }
}

async fn accepted(bench: &Bench) -> Judgement {
    let session = bench.connect(ClientRole::complete()).await?;
    session.initialize(REVISION).await.result()?;
    let mut tally = Tally::default();
    let notifications = [
        ("notifications/initialized", Value::Null),
        (
            "notifications/cancelled",
            json!({"requestId": "no such request"}),
        ),
        ("notifications/roots/list_changed", Value::Null),
    ];
    for (method, params) in notifications {
        let Via::Post(index) = session.notify(method, params).await else {
            continue;
        };
        let exchange = session.end_of(index, session.timing().answer).await;
        let holds = exchange
            .as_ref()
            .is_some_and(|exchange| exchange.status == Some(202) && exchange.body.is_empty());
        tally.expect(holds, || {
            exchange.map_or_else(String::new, |exchange| {
                expected("status 202 without a body", &exchange)
            })
        });
    }
    tally.judge("notifications were answered with 202", "")
}

const NO_MESSAGES: [&str; 4] = ["{", "nonsense", r#"{"jsonrpc":"2.0","method":1}"#, "{}"];

async fn refused(bench: &Bench) -> Judgement {
    let session = bench.session().await?;
    let mut tally = Tally::default();
    for body in NO_MESSAGES {
        let exchange = post(&session, session.post_headers()?, body).await?;
        let refused = exchange.status.is_some_and(|status| status >= 400);
        tally.expect(refused, || expected("an HTTP error", &exchange));
    }
    tally.judge("bodies that are no message were refused", "")
}

async fn refusal_body(bench: &Bench) -> Judgement {
    let session = bench.session().await?;
    let mut tally = Tally::default();
    for body in NO_MESSAGES {
        let exchange = post(&session, session.post_headers()?, body).await?;
        if exchange.media_type().as_deref() != Some("application/json") || exchange.body.is_empty()
        {
            continue;
        }
        let nameless = match Envelope::read(&exchange.body).message {
            Message::Response { id, answer: Err(_) } => id.is_none_or(|id| id.as_json() == "null"),
            _ => false,
        };
        tally.expect(nameless, || expected("an error without an id", &exchange));
    }
    tally.judge(
        "refusals were errors without an id",
        "refusals have no body of JSON",
    )
}

async fn origin(bench: &Bench) -> Judgement {
    let session = bench.session().await?;
    let mut tally = Tally::default();
    for origin in [
        "http://evil.example",
        "https://evil.example:8443",
        "http://localhost.evil.example",
    ] {
        let mut headers = session.post_headers()?;
        headers.insert(ORIGIN, HeaderValue::from_static(origin));
        let exchange = ping(&session, headers).await?;
        let refused = exchange
            .status
            .is_some_and(|status| (400..500).contains(&status));
        tally.expect(refused, || expected("status 403", &exchange));
    }
    tally.judge("foreign origins were refused", "")
}

async fn session_id(bench: &Bench) -> Judgement {
    let id = issued_id(&bench.session().await?)?;
    if !id.is_empty() && id.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
        return Ok("the session id is visible ASCII".to_owned());
    }
    Err(Finding::Violation(format!(
        "initialize gave the session id {id:?}; expected visible ASCII"
    )))
}

async fn session_ids(bench: &Bench) -> Result<Vec<String>, Finding> {
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(issued_id(&bench.fresh(ClientRole::complete()).await?)?);
    }
    Ok(ids)
}

async fn session_id_varies(bench: &Bench) -> Judgement {
    let ids = session_ids(bench).await?;
    let distinct: HashSet<&String> = ids.iter().collect();
    let numbers: Vec<i128> = ids
        .iter()
        .filter_map(|id| i128::from_str_radix(id.get(..30).unwrap_or(id), 16).ok())
        .collect();
    let counted = numbers.len() == ids.len()
        && numbers
            .windows(2)
            .all(|pair| pair[1].abs_diff(pair[0]) < 1000);
    if distinct.len() < ids.len() || counted {
        return Err(Finding::Violation(format!(
            "session ids repeat or are counted: {}",
            ids.join(", ")
        )));
    }
    Ok(format!("{} sessions have different ids", ids.len()))
}

async fn session_id_long(bench: &Bench) -> Judgement {
    const SHORT: usize = 16;
    let ids = session_ids(bench).await?;
    match ids.iter().find(|id| id.len() < SHORT) {
        Some(id) => Err(Finding::Violation(format!(
            "the session id {id:?} has fewer than {SHORT} characters"
        ))),
        None => Ok("session ids are long".to_owned()),
    }
}

async fn session_missing(bench: &Bench) -> Judgement {
    let session = bench.session().await?;
    issued_id(&session)?;
    let mut headers = session.post_headers()?;
    headers.remove(SESSION_ID);
    let exchange = ping(&session, headers).await?;
    if exchange.status == Some(400) {
        return Ok("a POST without session id was answered with 400".to_owned());
    }
    Err(Finding::Violation(expected("status 400", &exchange)))
}

/// A session that was ended by DELETE, or a skip where that is not offered.
async fn ended(bench: &Bench) -> Result<(Session, Exchange), Finding> {
    let session = bench.fresh(ClientRole::complete()).await?;
    issued_id(&session)?;
    let mut headers = session.post_headers()?;
    headers.remove(::http::header::CONTENT_TYPE);
    let (index, head) = session.http(Method::DELETE, headers, b"").await?;
    let exchange = session
        .end_of(index, session.timing().answer)
        .await
        .unwrap_or(head);
    if exchange.status == Some(405) {
        return Err(Finding::Skip(
            "the server does not let clients end sessions".to_owned(),
        ));
    }
    Ok((session, exchange))
}

async fn session_terminated(bench: &Bench) -> Judgement {
    let (session, _) = ended(bench).await?;
    let mut tally = Tally::default();
    let posted = ping(&session, session.post_headers()?).await?;
    tally.expect(posted.status == Some(404), || {
        expected("status 404", &posted)
    });
    let (index, got) = session
        .http(Method::GET, session.get_headers()?, b"")
        .await?;
    session.cut(index);
    tally.expect(matches!(got.status, Some(404 | 405)), || {
        expected("status 404", &got)
    });
    tally.judge("requests in an ended session were answered with 404", "")
}

async fn delete(bench: &Bench) -> Judgement {
    let (_, exchange) = ended(bench).await?;
    if exchange.is_success() {
        return Ok("DELETE ended the session".to_owned());
    }
    Err(Finding::Violation(expected(
        "success or status 405",
        &exchange,
    )))
}

async fn version_invalid(bench: &Bench) -> Judgement {
    let session = bench.session().await?;
    let mut tally = Tally::default();
    for version in ["bogus", "1999-01-01", "2025-06-18, bogus"] {
        let mut headers = session.post_headers()?;
        headers.insert(PROTOCOL_VERSION, HeaderValue::from_static(version));
        let exchange = ping(&session, headers).await?;
        tally.expect(exchange.status == Some(400), || {
            expected("status 400", &exchange)
        });
    }
    tally.judge("unknown versions were answered with 400", "")
}

async fn version_absent(bench: &Bench) -> Judgement {
    let session = bench.session().await?;
    let mut headers = session.post_headers()?;
    headers.remove(PROTOCOL_VERSION);
    let exchange = ping(&session, headers).await?;
    if exchange.status == Some(200) {
        return Ok("a POST without version header was answered".to_owned());
    }
    Err(Finding::Violation(expected("an answer", &exchange)))
}

async fn many_streams(bench: &Bench) -> Judgement {
    const COUNT: usize = 5;
    let session = bench.session().await?;
    let mut pending = Vec::new();
    for _ in 0..COUNT {
        pending.push(session.begin("ping", Value::Null).await);
    }
    let mut tally = Tally::default();
    for pending in &pending {
        tally.note(
            session
                .reply(pending, session.timing().answer)
                .await
                .result(),
        );
    }
    tally.judge("requests were served at the same time", "")
}

async fn without_get(bench: &Bench) -> Judgement {
    let session = bench.connect(ClientRole::complete()).await?;
    session.initialize(REVISION).await.result()?;
    session
        .notify("notifications/initialized", Value::Null)
        .await;
    session.goes_on("doing without a listening stream").await?;
    Ok("a session without a listening stream was served".to_owned())
}

async fn get_closed(bench: &Bench) -> Judgement {
    let session = bench.fresh(ClientRole::complete()).await?;
    if let Some(index) = session.listen().await {
        session.cut(index);
    }
    // The server has to notice first.
    tokio::time::sleep(session.timing().quiet).await;
    session.goes_on("closing the listening stream").await?;
    Ok("the session went on without its listening stream".to_owned())
}

/// What was seen when a stream was cut and resumed beside another one.
struct Resumption {
    /// A message of the other stream.
    foreign: Option<Arc<Entry>>,
    /// Whether the response came after all.
    answered: bool,
    /// Whether the event came again after which was resumed.
    repeated: bool,
}

async fn resumption(bench: &Bench) -> Result<Resumption, Finding> {
    let survey = bench.survey().await?;
    let session = bench.fresh(ClientRole::complete()).await?;
    let timing = session.timing();
    let call = survey.quickest(|call| call.behaviour.progress > 1 && call.took >= timing.quiet);
    let call = call
        .ok_or_else(|| Finding::Skip("no lasting tool was seen to report progress".to_owned()))?;
    let token = |name: &str| with_token(call.params(), name.into());
    let cut = session
        .begin("tools/call", token("stream that is cut"))
        .await;
    let other = session
        .begin("tools/call", token("stream that stays"))
        .await;
    let event = cut_after_event(&session, cut.via).await?;
    let (resumed, head) = session
        .http(Method::GET, session.resume_headers(&event)?, b"")
        .await?;
    if !head.is_stream {
        let what = head.describe();
        return Err(Finding::Skip(format!(
            "the server does not resume streams: {what}"
        )));
    }
    session.reply(&other, timing.answer).await.result()?;
    let is_answer = |entry: &Entry| entry.answers(&cut.id);
    let answer = session
        .log()
        .wait_for(cut.from, timing.call, is_answer)
        .await;
    // What belongs to another stream may come after the response.
    tokio::time::sleep(timing.quiet).await;
    let is_foreign = |entry: &Arc<Entry>| {
        let token = entry.params().map(|params| &params["progressToken"]);
        entry.via == Via::Get(resumed)
            && (entry.answers(&other.id) || token.is_some_and(|token| token == "stream that stays"))
    };
    let foreign = session.log().since(cut.from).into_iter().find(is_foreign);
    session.cut(resumed);
    let state = session.log().read();
    let events = state
        .exchanges
        .get(resumed)
        .map(|exchange| &exchange.events);
    let repeated = events
        .into_iter()
        .flatten()
        .any(|again| again.id.as_deref() == Some(event.as_str()));
    Ok(Resumption {
        foreign,
        answered: answer.is_some(),
        repeated,
    })
}

/// Waits for an event with an id on the stream of a request, drops the
/// connection, and gives the id of the last event that came.
async fn cut_after_event(session: &Session, via: Via) -> Result<String, Finding> {
    let Via::Post(index) = via else {
        return Err(Finding::Skip("only over HTTP".to_owned()));
    };
    let event = session.log().until(session.timing().answer, |state| {
        let exchange = state.exchanges.get(index)?;
        let named = exchange.events.iter().find_map(|event| event.id.clone());
        (named.is_some() || exchange.ended.is_some()).then_some(named)
    });
    let event = event.await.flatten();
    session.cut(index);
    event.ok_or_else(|| Finding::Skip("the server gives its events no ids".to_owned()))?;
    // What was being read when the connection was dropped still enters the log.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let state = session.log().read();
    let events = state.exchanges.get(index).map(|exchange| &exchange.events);
    let last = events
        .into_iter()
        .flatten()
        .rev()
        .find_map(|event| event.id.clone());
    last.ok_or_else(|| Finding::Broken("an event was lost from the log".to_owned()))
}

async fn resume(bench: &Bench) -> Judgement {
    match resumption(bench).await? {
        Resumption {
            foreign: Some(entry),
            ..
        } => Err(Finding::Violation(format!(
            "resumed the stream of one call; got of another {}",
            entry.text()
        ))),
        Resumption { answered: true, .. } => {
            Ok("a stream that was cut was resumed, and only that one".to_owned())
        }
        _ => Ok("nothing of another stream was replayed".to_owned()),
    }
}

async fn resume_replay(bench: &Bench) -> Judgement {
    match resumption(bench).await? {
        Resumption { repeated: true, .. } => Err(Finding::Violation(
            "resumed a stream after an event; got that event again".to_owned(),
        )),
        Resumption { answered: true, .. } => Ok("what was missed was replayed".to_owned()),
        _ => Ok("nothing was replayed, which is allowed".to_owned()),
    }
}

/// POSTs of well-formed requests with their conversations.
fn posted_requests(
    evidence: &Evidence,
) -> impl Iterator<Item = (&Conversation, &Exchange, Identifier)> {
    posts(evidence).filter_map(|(conversation, exchange)| {
        let envelope = Envelope::read(&exchange.sent);
        match envelope.message {
            Message::Request { id, .. } if envelope.defects.is_empty() => {
                Some((conversation, exchange, id))
            }
            _ => None,
        }
    })
}

fn posts(evidence: &Evidence) -> impl Iterator<Item = (&Conversation, &Exchange)> {
    evidence.conversations.iter().flat_map(|conversation| {
        let posts = conversation
            .exchanges
            .iter()
            .filter(|exchange| exchange.method == Method::POST);
        posts.map(move |exchange| (conversation, exchange))
    })
}

fn was_cancelled(conversation: &Conversation, id: &Identifier) -> bool {
    conversation
        .ours
        .iter()
        .any(|asked| asked.id == *id && asked.cancelled.is_some())
}

const NO_POST: &str = "nothing of this kind was posted";

fn content_type(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, exchange, id) in posted_requests(evidence) {
        if !exchange.is_success() || was_cancelled(conversation, &id) {
            continue;
        }
        let media = exchange.media_type();
        let legal = matches!(
            media.as_deref(),
            Some("application/json" | "text/event-stream")
        );
        tally.expect(legal, || {
            format!(
                "{}: {}",
                conversation.label,
                expected("JSON or a stream of events", exchange)
            )
        });
    }
    tally.judge(
        "requests were answered with JSON or a stream of events",
        NO_POST,
    )
}

fn one_object(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, exchange, _) in posted_requests(evidence) {
        if exchange.is_success()
            && exchange.ended.is_some()
            && exchange.media_type().as_deref() == Some("application/json")
        {
            let object = serde_json::from_slice::<Value>(&exchange.body)
                .is_ok_and(|value| value.is_object());
            tally.expect(object, || {
                format!(
                    "{}: {}",
                    conversation.label,
                    expected("one JSON object", exchange)
                )
            });
        }
    }
    tally.judge(
        "bodies were one JSON object",
        "no request was answered with JSON",
    )
}

fn accepted_always(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, exchange) in posts(evidence).filter(|(_, exchange)| exchange.is_success()) {
        let envelope = Envelope::read(&exchange.sent);
        let unanswered = matches!(
            envelope.message,
            Message::Notification { .. } | Message::Response { .. }
        );
        if unanswered && envelope.defects.is_empty() && exchange.ended.is_some() {
            let holds = exchange.status == Some(202)
                && exchange.body.is_empty()
                && exchange.events.is_empty();
            tally.expect(holds, || {
                format!(
                    "{}: {}",
                    conversation.label,
                    expected("status 202 without a body", exchange)
                )
            });
        }
    }
    tally.judge(
        "notifications and responses were accepted with 202",
        NO_POST,
    )
}

/// The response to a request on the stream that answers its POST.
fn response_on<'a>(
    conversation: &'a Conversation,
    exchange: &Exchange,
    id: &Identifier,
) -> Option<&'a Entry> {
    let carried = exchange
        .events
        .iter()
        .filter_map(|event| conversation.entries.get(event.entry?));
    carried.map(AsRef::as_ref).find(|entry| entry.answers(id))
}

fn response_comes(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, exchange, id) in
        posted_requests(evidence).filter(|(_, exchange, _)| exchange.is_stream)
    {
        if exchange.ended.is_none() || exchange.cut || was_cancelled(conversation, &id) {
            continue;
        }
        // What the end of the session cuts off is no fault.
        if conversation
            .ending
            .is_some_and(|ending| exchange.ended >= Some(ending))
        {
            continue;
        }
        let came = response_on(conversation, exchange, &id).is_some();
        tally.expect(came, || {
            format!(
                "{}: {}",
                conversation.label,
                expected("a response before the end of the stream", exchange)
            )
        });
    }
    tally.judge(
        "streams brought their response",
        "no request was answered with a stream",
    )
}

fn closes_after(evidence: &Evidence) -> Judgement {
    const LATE: Duration = Duration::from_secs(2);
    let mut tally = Tally::default();
    for (conversation, exchange, id) in
        posted_requests(evidence).filter(|(_, exchange, _)| exchange.is_stream)
    {
        let Some(response) = response_on(conversation, exchange, &id) else {
            continue;
        };
        let last = conversation
            .entries
            .last()
            .map_or(response.at, |entry| entry.at);
        let end = exchange.ended.or(conversation.ending).unwrap_or(last);
        tally.expect(end.saturating_sub(response.at) <= LATE, || {
            format!(
                "{}: the stream of request {id} was open {} after its response",
                conversation.label,
                in_words(LATE)
            )
        });
    }
    tally.judge(
        "streams ended after their response",
        "no request was answered with a stream",
    )
}

/// Whether a stream was opened to go on with an earlier one.
fn is_resumed(conversation: &Conversation, via: Via) -> bool {
    matches!(via, Via::Get(index) if conversation.exchanges.get(index).is_some_and(|exchange| exchange.sent_headers.contains_key(LAST_EVENT_ID)))
}

fn no_response_on_get(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.messages() {
        let Via::Get(index) = entry.via else {
            continue;
        };
        // The refusal of a GET is no message on a stream.
        let is_stream = conversation
            .exchanges
            .get(index)
            .is_some_and(|exchange| exchange.is_stream);
        if is_stream && !is_resumed(conversation, entry.via) {
            tally.expect(!entry.is_response(), || {
                format!(
                    "a response on a listening stream ({})",
                    place(conversation, entry)
                )
            });
        }
    }
    tally.judge(
        "messages seen on listening streams",
        "nothing came on a listening stream",
    )
}

/// What tells two messages apart that may otherwise be equal.
fn mark(entry: &Entry) -> Option<String> {
    match &entry.envelope.message {
        Message::Request { id, method, .. } => Some(format!("{method} {id}")),
        Message::Response { id: Some(id), .. } if id.as_json() != "null" => {
            Some(format!("response {id}"))
        }
        Message::Notification { method, params } if method == "notifications/progress" => {
            Some(format!(
                "progress {} {}",
                params["progressToken"], params["progress"]
            ))
        }
        _ => None,
    }
}

fn no_broadcast(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let mut seen: HashMap<String, Via> = HashMap::new();
        for entry in conversation
            .from_server()
            .filter(|entry| !is_resumed(conversation, entry.via))
        {
            let Some(mark) = mark(entry) else {
                continue;
            };
            let first = *seen.entry(mark).or_insert(entry.via);
            // The driver gives some tokens and ids twice, in different requests.
            let twice =
                first != entry.via && !matches!((first, entry.via), (Via::Post(_), Via::Post(_)));
            tally.expect(!twice, || {
                format!(
                    "the same message on two streams ({})",
                    place(conversation, entry)
                )
            });
        }
    }
    tally.judge("messages seen on one stream each", "nothing was seen")
}

fn interim_related(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.of_method("notifications/progress") {
        let token = entry
            .params()
            .map(|params| Identifier::from_value(&params["progressToken"]));
        let asked = conversation
            .ours
            .iter()
            .rev()
            .find(|asked| asked.sent < entry.index && asked.progress_token() == token);
        let Some(asked) = asked else {
            continue;
        };
        let own = entry.via == asked.via || is_resumed(conversation, entry.via);
        tally.expect(own, || {
            format!(
                "on another stream than its request ({})",
                place(conversation, entry)
            )
        });
    }
    tally.judge(
        "reports of progress came on the stream of their request",
        "no progress was reported",
    )
}

fn event_id_unique(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let mut ids = HashSet::new();
        for (index, exchange) in conversation.exchanges.iter().enumerate() {
            if is_resumed(conversation, Via::Get(index)) {
                continue;
            }
            for id in exchange
                .events
                .iter()
                .filter_map(|event| event.id.as_ref())
                .filter(|id| !id.is_empty())
            {
                tally.expect(ids.insert(id), || {
                    format!("{}: the event id {id:?} came twice", conversation.label)
                });
            }
        }
    }
    tally.judge(
        "event ids seen, none of them twice",
        "the server gives its events no ids",
    )
}

fn session_id_at_initialize(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let mut first = None;
        for exchange in &conversation.exchanges {
            let Some(id) = exchange.header("mcp-session-id") else {
                continue;
            };
            let initialize = matches!(Envelope::read(&exchange.sent).message, Message::Request { method, .. } if method == "initialize");
            let known = first.is_some_and(|first| first == id);
            tally.expect(initialize || known, || {
                format!(
                    "{}: {}",
                    conversation.label,
                    expected("a session id only with initialize", exchange)
                )
            });
            first.get_or_insert(id);
        }
    }
    tally.judge("session ids came with initialize", NO_SESSIONS)
}
