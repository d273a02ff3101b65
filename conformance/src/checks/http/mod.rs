//! Streamable HTTP:
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http>.

use std::collections::HashSet;

use ::http::header::HeaderValue;
use ::http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::checks::check::Check;
use crate::checks::context::CheckContext;
use crate::checks::tally::Tally;
use crate::driver::http::{PROTOCOL_VERSION, SESSION_ID};
use crate::driver::log::{Exchange, Via};
use crate::driver::session::request_text;
use crate::driver::{ClientRole, Session};
use crate::model::duration::in_words;
use crate::model::{Finding, Judgement};
use crate::wire::envelope::{Envelope, Message};

mod access;
mod observers;
mod resumption;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(Http "http/get", "Answers GET at the endpoint with a stream of events or with 405.",
        ["http.single-endpoint", "http.get.sse-or-405"], get),
    check!(Http "http/accepted", "Answers notifications with 202 and no body.",
        ["http.post.202", "http.post.202-empty"], accepted),
    check!(Http "http/refused", "Refuses malformed notifications with an HTTP error.",
        ["http.post.reject-status"], refused),
    check!(Http "http/refusal-body", "Refuses with an error without id, if there is a body.",
        ["http.post.reject-body-no-id"], refusal_body),
    check!(Http "http/origin", "Refuses foreign origins.", ["http.origin-validated"], access::origin),
    check!(Http "http/loopback-only", "Listens only on the loopback interface if it runs locally.",
        ["http.bind-loopback"], access::loopback_only),
    check!(Http "http/authenticated", "Rejects clients without the token that it declares to require.",
        ["http.authenticated"], access::authenticated),
    check!(Http "http/restricted", "Restricts access if it runs locally.",
        ["security.guide.local-server-restrict"], access::restricted),
    check!(Http "http/old-endpoint", "Serves old clients at the old endpoint that it advertises.",
        ["http.backcompat.server-both"], access::old_endpoint),
    check!(Http "http/session-id", "Gives session ids of visible ASCII.", ["http.session.visible-ascii"], session_id),
    check!(Http "http/session-id-varies", "Gives each session a unique, unpredictable id.",
        ["security.session.non-deterministic"], session_id_varies),
    check!(Http "http/session-id-long", "Uses session ids too long to guess.",
        ["http.session.secure"], session_id_long),
    check!(Http "http/session-missing", "Answers 400 if the session id is missing.",
        ["http.session.missing-400"], session_missing),
    check!(Http "http/session-terminated", "Answers 404 once a session has ended.",
        ["http.session.terminated-404"], session_terminated),
    check!(Http "http/delete", "Ends a session on DELETE, or answers 405.", ["http.session.delete-405"], delete),
    check!(Http "http/version-invalid", "Answers 400 to an unknown version header.",
        ["http.version-header.invalid-400"], version_invalid),
    check!(Http "http/version-absent", "Accepts requests without a version header.",
        ["http.version-header.absent"], version_absent),
    check!(Http "http/many-streams", "Serves several requests of a session concurrently.",
        ["http.multi.many-streams"], many_streams),
    check!(Http "http/without-get", "Serves clients that never open a listening stream.",
        ["http.get.client-may"], without_get),
    check!(Http "http/get-closed", "Continues when the client closes its listening stream.",
        ["http.get.close-anytime"], get_closed),
    check!(
        Http "http/resume-replay",
        "Replays the messages after the named event, and not that event.",
        ["http.resume.replay"],
        resumption::resume_replay
    ),
    check!(Http "http/resume", "Replays only messages of the resumed stream.",
        ["http.resume.no-cross-stream"], resumption::resume),
    check!(Http "http/resume-cursor", "Treats an event id as a position in its own stream.",
        ["http.resume.ids-per-stream"], resumption::resume_cursor),
    check!(Http "http/disconnect", "Continues a request after a lost connection.",
        ["http.sse.disconnect-not-cancel"], resumption::disconnect),
    observe!(Http "http/content-type", "Answers requests with JSON or a stream of events.",
        ["http.post.content-type"], observers::content_type),
    observe!(Http "http/one-object", "Gives one JSON object in a body of JSON.",
        ["http.post.json-one-object"], observers::one_object),
    observe!(Http "http/accepted-always", "Answers everything that it accepts with 202 and no body.",
        ["http.post.202", "http.post.202-empty"], observers::accepted_always),
    observe!(Http "http/response-comes", "Ends no stream before the response.",
        ["http.sse.response-comes", "http.sse.no-early-close"], observers::response_comes),
    observe!(Http "http/closes-after", "Ends a stream after the response.", ["http.sse.close-after"], observers::closes_after),
    observe!(Http "http/no-response-on-get", "Sends no response on a listening stream.",
        ["http.get.no-response"], observers::no_response_on_get),
    observe!(Http "http/no-broadcast", "Sends each message on one stream.", ["http.multi.no-broadcast"], observers::no_broadcast),
    observe!(Http "http/interim-related", "Sends messages of a request on no other request's stream.",
        ["http.sse.interim-related"], observers::interim_related),
    observe!(Http "http/get-unrelated", "Sends no messages of a request on a listening stream.",
        ["http.get.unrelated"], observers::get_unrelated),
    observe!(Http "http/event-id-unique", "Gives each event of a session a unique id.",
        ["http.resume.event-id-unique"], observers::event_id_unique),
    observe!(Http "http/session-id-at-initialize", "Sends the session id with the answer to initialize.",
        ["http.session.optional"], observers::session_id_at_initialize),
];

const NO_SESSIONS: &str = "the server issues no session ids";

/// Returns the session's id. A skip if the server has no sessions.
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

async fn get(context: &CheckContext) -> Judgement {
    // No other listening stream may be open, as a server may allow only one.
    let session = context.connect(ClientRole::complete()).await?;
    session.introduce().await?;
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

async fn accepted(context: &CheckContext) -> Judgement {
    let session = context.connect(ClientRole::complete()).await?;
    session.introduce().await?;
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
        // A server may refuse meaningless notifications, such as the cancellation of an unknown
        // request, but must accept initialized.
        let may_refuse = method != "notifications/initialized";
        let within = session.timing().answer;
        let exchange = session.end_of(index, within).await;
        let holds = exchange.as_ref().is_some_and(|exchange| {
            let accepted = exchange.status == Some(202) && exchange.body.is_empty();
            let refused = exchange.status.is_some_and(|it| (400..500).contains(&it));
            accepted || may_refuse && refused
        });
        tally.expect(holds, || match exchange {
            Some(exchange) => expected("status 202 without a body", &exchange),
            None => format!(
                "sent {method}; expected status 202 without a body; got nothing within {}",
                in_words(within)
            ),
        });
    }
    tally.judge("notifications were answered with 202, or refused", "")
}

/// Notifications and responses that cannot be accepted.
const MALFORMED: [&str; 3] = [
    r#"{"jsonrpc":"2.0","method":1}"#,
    r#"{"jsonrpc":"2.0","method":["notifications/initialized"]}"#,
    r#"{"jsonrpc":"2.0","method":{},"params":{}}"#,
];

/// Bodies that are not messages.
const NO_MESSAGES: [&str; 4] = ["{", "nonsense", MALFORMED[0], "{}"];

async fn refused(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for body in MALFORMED {
        let exchange = post(&session, session.post_headers()?, body).await?;
        let refused = exchange.status.is_some_and(|status| status >= 400);
        tally.expect(refused, || expected("an HTTP error", &exchange));
    }
    tally.judge("malformed notifications were refused", "")
}

async fn refusal_body(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for body in NO_MESSAGES {
        let exchange = post(&session, session.post_headers()?, body).await?;
        let is_json = exchange.media_type().as_deref() == Some("application/json");
        if exchange.is_success() || !is_json || exchange.body.is_empty() {
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

async fn session_id(context: &CheckContext) -> Judgement {
    let id = issued_id(&context.session().await?)?;
    if !id.is_empty() && id.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
        return Ok("the session id is visible ASCII".to_owned());
    }
    Err(Finding::Violation(format!(
        "initialize gave the session id {id:?}; expected visible ASCII"
    )))
}

async fn session_ids(context: &CheckContext) -> Result<Vec<String>, Finding> {
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(issued_id(&context.fresh(ClientRole::complete()).await?)?);
    }
    Ok(ids)
}

async fn session_id_varies(context: &CheckContext) -> Judgement {
    let ids = session_ids(context).await?;
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
            "session ids repeat or count up: {}",
            ids.join(", ")
        )));
    }
    Ok(format!("{} sessions have different ids", ids.len()))
}

async fn session_id_long(context: &CheckContext) -> Judgement {
    const SHORT: usize = 16;
    let ids = session_ids(context).await?;
    match ids.iter().find(|id| id.len() < SHORT) {
        Some(id) => Err(Finding::Violation(format!(
            "the session id {id:?} has fewer than {SHORT} characters"
        ))),
        None => Ok("session ids are long".to_owned()),
    }
}

async fn session_missing(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    issued_id(&session)?;
    let mut headers = session.post_headers()?;
    headers.remove(SESSION_ID);
    let exchange = ping(&session, headers).await?;
    if exchange.status == Some(400) {
        return Ok("a POST without session id was answered with 400".to_owned());
    }
    Err(Finding::Violation(expected("status 400", &exchange)))
}

/// Opens a session and ends it by DELETE. A skip if the server does not allow that.
async fn deleted(context: &CheckContext) -> Result<(Session, Exchange), Finding> {
    let session = context.fresh(ClientRole::complete()).await?;
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

async fn session_terminated(context: &CheckContext) -> Judgement {
    let (session, exchange) = deleted(context).await?;
    if !exchange.is_success() {
        return Err(Finding::Skip(format!(
            "the session was not ended: DELETE got {}",
            exchange.describe()
        )));
    }
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

async fn delete(context: &CheckContext) -> Judgement {
    let (_, exchange) = deleted(context).await?;
    if exchange.is_success() {
        return Ok("DELETE ended the session".to_owned());
    }
    Err(Finding::Violation(expected(
        "success or status 405",
        &exchange,
    )))
}

async fn version_invalid(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
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

async fn version_absent(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut headers = session.post_headers()?;
    headers.remove(PROTOCOL_VERSION);
    let exchange = ping(&session, headers).await?;
    if exchange.status == Some(200) {
        return Ok("a POST without version header was answered".to_owned());
    }
    // Without the header, a server infers the revision from the session. It need not support the
    // revision that it should otherwise assume.
    let sessionless = session.log().read().session_id.is_none();
    if sessionless && exchange.status == Some(400) {
        return Ok(
            "a POST without version header was refused by a server without sessions".to_owned(),
        );
    }
    Err(Finding::Violation(expected("an answer", &exchange)))
}

async fn many_streams(context: &CheckContext) -> Judgement {
    const COUNT: usize = 5;
    let session = context.session().await?;
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
    tally.judge("requests were served concurrently", "")
}

async fn without_get(context: &CheckContext) -> Judgement {
    let session = context.connect(ClientRole::complete()).await?;
    session.introduce().await?;
    session
        .notify("notifications/initialized", Value::Null)
        .await;
    session
        .expect_alive("requests without a listening stream")
        .await?;
    Ok("a session without a listening stream was served".to_owned())
}

async fn get_closed(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    if let Some(index) = session.listen().await {
        session.cut(index);
    }
    // The server has to notice first.
    tokio::time::sleep(session.timing().quiet).await;
    session.expect_alive("closing the listening stream").await?;
    Ok("the session continued without its listening stream".to_owned())
}
