//! Cancellation:
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/cancellation>.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::check::Check;
use super::context::CheckContext;
use super::tally::Tally;
use crate::driver::client_role::{Answer, Asked};
use crate::driver::log::Entry;
use crate::driver::session::{Pending, with_token};
use crate::driver::{Body, ClientRole, Session};
use crate::model::duration::in_words;
use crate::model::{Finding, Judgement, Transport};
use crate::observe::Evidence;
use crate::observe::evidence::place;
use crate::survey::ToolCall;
use crate::wire::identifier::Identifier;
use crate::wire::shapes::Rule;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "cancellation/unknown-id",
        "Ignores the cancellation of an unknown request.",
        ["cancel.unknown-id"],
        unknown_id
    ),
    check!(
        "cancellation/completed-id",
        "Ignores the cancellation of a completed request.",
        ["cancel.completed-id"],
        completed_id
    ),
    check!(
        "cancellation/malformed",
        "Ignores malformed cancellations.",
        ["cancel.malformed"],
        malformed
    ),
    check!(
        "cancellation/race",
        "Tolerates cancellations that cross the answer.",
        ["cancel.race"],
        race
    ),
    check!(
        "cancellation/no-response",
        "Sends no response to a cancelled request.",
        ["cancel.no-response"],
        no_response
    ),
    check!(
        "cancellation/stop",
        "Stops cancelled work: nothing more is heard of it.",
        ["cancel.stop"],
        stop
    ),
    check!(
        "cancellation/kind-of-id",
        "Does not cancel request 1 when \"1\" is cancelled.",
        ["cancel.id-type-sensitive"],
        kind_of_id
    ),
    check!(
        "cancellation/late-answer",
        "Ignores late answers to requests that it has cancelled.",
        ["cancel.sender-ignores-late"],
        late_answer
    ),
    observe!(
        "cancellation/same-direction",
        "Cancels only requests of its own.",
        ["cancel.same-direction"],
        same_direction
    ),
    observe!(
        "cancellation/in-progress",
        "Cancels only unanswered requests.",
        ["cancel.in-progress"],
        in_progress
    ),
    shape!(
        "cancellation/shape",
        "Names the request that it cancels.",
        ["schema.cancelled-notification"],
        ["notifications/cancelled"],
        ["CancelledNotification.params"],
        [Rule::Type]
    ),
];

async fn unknown_id(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for id in [json!(987_654_321), json!("no such request"), json!("")] {
        session
            .notify(
                "notifications/cancelled",
                json!({"requestId": id, "reason": "conformance"}),
            )
            .await;
        tally.note(session.expect_alive("cancelling an unknown request").await);
    }
    tally.judge("unknown requests were cancelled without effect", "")
}

async fn completed_id(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let pending = session.begin("ping", Value::Null).await;
    session
        .reply(&pending, session.timing().answer)
        .await
        .result()?;
    session.cancel(&pending.id).await;
    session
        .expect_alive("cancelling a completed request")
        .await?;
    Ok("the cancellation of a completed request had no effect".to_owned())
}

async fn malformed(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    let forms = [
        Value::Null,
        json!({}),
        json!({"requestId": null}),
        json!({"requestId": {}}),
        json!({"requestId": 1.5}),
        json!({"requestId": [1]}),
    ];
    for params in forms {
        session
            .notify("notifications/cancelled", params.clone())
            .await;
        tally.note(
            session
                .expect_alive(&format!("notifications/cancelled with params {params}"))
                .await,
        );
    }
    tally.judge("malformed cancellations had no effect", "")
}

async fn race(context: &CheckContext) -> Judgement {
    const TIMES: usize = 20;
    let session = context.fresh(ClientRole::complete()).await?;
    for _ in 0..TIMES {
        let pending = session.begin("ping", Value::Null).await;
        session.cancel(&pending.id).await;
    }
    session
        .expect_alive("requests that were cancelled at once")
        .await?;
    Ok(format!(
        "{TIMES} requests were cancelled as soon as they were sent"
    ))
}

/// The number of round trips that a call must take, so that its answer does not cross the
/// cancellation on the way.
const ROUND_TRIPS: u32 = 4;

async fn no_response(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let session = context.fresh(ClientRole::complete()).await?;
    let call = survey.lasting(session.timing().call / 4)?;
    // The survey may have met a slow start or a cold cache.
    let begun = Instant::now();
    session.request("tools/call", call.params()).await;
    let lasts = begun.elapsed();
    let mut attempt = 1;
    loop {
        // An answer may have crossed the cancellation: silence or a call that is too quick in a later
        // attempt makes it one that proves nothing.
        match cancelled_call(&session, call, lasts).await? {
            Answered::Never => {
                return Ok(format!(
                    "a call of {} was cancelled and not answered",
                    call.tool
                ));
            }
            Answered::After(finding) if attempt == ATTEMPTS => return Err(finding),
            Answered::After(_) => attempt += 1,
        }
    }
}

/// When a cancelled call was answered.
enum Answered {
    Never,
    /// After the cancellation was sent. An answer on its way looks like this too, now and then.
    After(Finding),
}

/// Calls a tool that takes `lasts`, and cancels the call.
///
/// # Errors
///
/// A skip when the call ends too soon for the cancellation to reach the server in time.
async fn cancelled_call(
    session: &Session,
    call: &ToolCall,
    lasts: Duration,
) -> Result<Answered, Finding> {
    let begun = Instant::now();
    let pending = session.begin("tools/call", call.params()).await;
    session.fence().await.map_err(Finding::Violation)?;
    let round_trip = begun.elapsed();
    if lasts < round_trip * ROUND_TRIPS {
        return Err(Finding::Skip(format!(
            "a call of {} takes {} ms, and a round trip {} ms: its answer may cross the cancellation",
            call.tool,
            lasts.as_millis(),
            round_trip.as_millis()
        )));
    }
    session.cancel(&pending.id).await;
    let reply = session.reply(&pending, session.timing().call).await;
    session.expect_alive("a cancellation").await?;
    if is_answered_first(session, &pending) {
        return Err(Finding::Skip(format!(
            "{} answered before it was cancelled",
            call.tool
        )));
    }
    match reply.body {
        Body::Result(_) | Body::Error(_) => Ok(Answered::After(
            reply.unexpected("no response after it was cancelled"),
        )),
        Body::Refused(_) | Body::Closed(_) | Body::Silence(_) => Ok(Answered::Never),
    }
}

/// The number of times that a call is cancelled until what follows proves something.
const ATTEMPTS: usize = 3;

async fn stop(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let session = context.fresh(ClientRole::complete()).await?;
    let is_http = session.transport() == Transport::Http;
    if is_http && session.log().read().session_id.is_none() {
        // Clients of such a server use the same ids.
        return Err(Finding::Skip(
            "the server issues no session ids, so that no cancellation can name a request"
                .to_owned(),
        ));
    }
    let mut candidates: Vec<&ToolCall> = survey
        .calls
        .iter()
        .filter(|call| call.behaviour.progress > 1 && !call.was_fatal())
        .collect();
    candidates.sort_by_key(|call| call.took);
    // Reports must still be due when those in transit have arrived.
    let enough = session.timing().quiet * 4;
    let lasting = candidates.iter().find(|call| call.took >= enough);
    let call = lasting.or(candidates.last()).ok_or_else(|| {
        Finding::Skip("no tool was seen to report progress more than once".to_owned())
    })?;
    let usual = usual_reports(&session, call).await?;
    let mut unclear = String::new();
    for attempt in 1..=ATTEMPTS {
        match is_silent(&session, call, attempt, usual).await? {
            Silence::Proves => {
                return Ok(format!(
                    "nothing more was heard of a cancelled call of {}",
                    call.tool
                ));
            }
            Silence::ProvesNothing(why) => unclear = why,
        }
    }
    Err(Finding::Skip(unclear))
}

/// Calls a tool without cancelling it. Returns how often it reported progress, in this call or in
/// the survey's, whichever is less.
async fn usual_reports(session: &Session, call: &ToolCall) -> Result<usize, Finding> {
    let token = json!("not cancelled");
    let params = with_token(call.params(), token.clone());
    let pending = session.begin("tools/call", params).await;
    let most = call.took + session.timing().answer;
    if session.reply(&pending, most).await.is_silence() {
        session.cancel(&pending.id).await;
    }
    let reports = reports_since(session, &pending, &token);
    if reports < 2 {
        return Err(Finding::Skip(format!(
            "{} did not report progress more than once when it was called again",
            call.tool
        )));
    }
    Ok(reports.min(call.behaviour.progress))
}

/// The meaning of silence after a cancellation.
enum Silence {
    /// A server that continues would have reported progress.
    Proves,
    /// A server that continues may be silent too, for this reason.
    ProvesNothing(String),
}

/// Cancels a call after its first report, and judges the silence that follows. `usual` is the
/// number of reports of a call that is not cancelled.
///
/// # Errors
///
/// A violation when another report follows.
async fn is_silent(
    session: &Session,
    call: &ToolCall,
    attempt: usize,
    usual: usize,
) -> Result<Silence, Finding> {
    let token = json!(format!("cancelled {attempt}"));
    let params = with_token(call.params(), token.clone());
    let pending = session.begin("tools/call", params).await;
    let started = |entry: &Entry| has_token(entry, &token) || entry.answers(&pending.id);
    session
        .log()
        .wait_for(pending.from, session.timing().answer, started)
        .await;
    session.cancel(&pending.id).await;
    session.fence().await.map_err(Finding::Violation)?;
    // Over HTTP, messages in transit may arrive after the answer to the ping. On a busy machine the
    // round trip takes longer too.
    for _ in 0..5 {
        tokio::time::sleep(session.timing().quiet / 3).await;
        session.fence().await.map_err(Finding::Violation)?;
    }
    let from = session.log().len();
    let late = session
        .log()
        .wait_for(from, call.took, |entry| has_token(entry, &token))
        .await;
    if let Some(entry) = late {
        return Err(Finding::Violation(format!(
            "cancelled a call of {}; later got {}",
            call.tool,
            entry.shown()
        )));
    }
    let reply = session.reply(&pending, Duration::ZERO).await;
    let succeeded = matches!(&reply.body, Body::Result(result) if result["isError"] != true);
    if succeeded || is_answered_first(session, &pending) {
        return Ok(Silence::ProvesNothing(format!(
            "{} answered, so it may have ended before it learnt of its cancellation",
            call.tool
        )));
    }
    let reports = reports_since(session, &pending, &token);
    if reports == 0 {
        return Ok(Silence::ProvesNothing(format!(
            "{} reported no progress when it was called again",
            call.tool
        )));
    }
    // A margin, as the number of reports may vary from call to call.
    if reports > usual / 2 {
        return Ok(Silence::ProvesNothing(format!(
            "{} reported progress {reports} times before its cancellation had an effect; \
             expected at most half of the usual {usual} times",
            call.tool
        )));
    }
    Ok(Silence::Proves)
}

/// Returns the number of messages with this token since a request.
fn reports_since(session: &Session, pending: &Pending, token: &Value) -> usize {
    let entries = session.log().since(pending.from);
    let reports = entries.iter().filter(|entry| has_token(entry, token));
    reports.count()
}

/// Returns true for a message from the server with this progress token.
fn has_token(entry: &Entry, token: &Value) -> bool {
    let params = entry.params().filter(|_| entry.from_server());
    params.is_some_and(|params| params["progressToken"] == *token)
}

/// Returns true if a request was answered before its cancellation was sent.
fn is_answered_first(session: &Session, pending: &Pending) -> bool {
    let entries = session.log().since(pending.from);
    let place = |wanted: &dyn Fn(&Entry) -> bool| entries.iter().position(|entry| wanted(entry));
    let answered = place(&|entry| entry.from_server() && entry.answers(&pending.id));
    let cancelled = place(&|entry| !entry.from_server() && entry.is("notifications/cancelled"));
    answered.is_some() && answered < cancelled
}

/// Begins a call and waits for its first message, which proves that it runs, or for a round trip of
/// ping if it sends none.
async fn begin_and_hear(session: &Session, call: &ToolCall, token: Value) -> Pending {
    let params = with_token(call.params(), token);
    let pending = session
        .begin_as(Identifier::integer(4711), "tools/call", params)
        .await;
    if call.behaviour.progress > 0 || call.behaviour.logs > 0 {
        let heard = |entry: &Entry| {
            entry.is("notifications/progress")
                || entry.is("notifications/message")
                || entry.answers(&pending.id)
        };
        session
            .log()
            .wait_for(pending.from, session.timing().answer, heard)
            .await;
    } else {
        // The caller's next request reveals a dead session.
        let _ = session.fence().await;
    }
    pending
}

async fn kind_of_id(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let session = context.fresh(ClientRole::complete()).await?;
    let least = session.timing().quiet;
    // It has to end by itself, or its end would prove nothing.
    let ends = survey
        .quickest(|call| call.succeeded() && call.behaviour.progress > 1 && call.took >= least)
        .or_else(|| survey.quickest(|call| call.succeeded() && call.took >= least));
    let call = ends.ok_or_else(|| {
        Finding::Skip(format!(
            "no tool was seen to run for {} and to succeed",
            in_words(least)
        ))
    })?;
    let pending = begin_and_hear(&session, call, json!("kind of id")).await;
    session.cancel(&Identifier::text("4711")).await;
    session.fence().await.map_err(Finding::Violation)?;
    // An error tells of the cancellation. A result may have been on its way.
    let early = session.reply(&pending, Duration::ZERO).await;
    if matches!(early.body, Body::Result(_)) {
        return Err(Finding::Skip(format!(
            "{} answered before the server had read the cancellation",
            call.tool
        )));
    }
    session
        .reply(&pending, session.timing().answer)
        .await
        .result()?;
    Ok(format!(
        "a call of {} with id 4711 was answered though \"4711\" was cancelled",
        call.tool
    ))
}

async fn late_answer(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let call = survey.asking(Asked::Sampling)?;
    let role = ClientRole::complete().answering(Asked::Sampling, Answer::Silence);
    let session = context.fresh(role).await?;
    let pending = session.begin("tools/call", call.params()).await;
    let is_sampling = |entry: &Entry| entry.is("sampling/createMessage");
    let asked = session
        .log()
        .wait_for(pending.from, session.timing().answer, is_sampling)
        .await;
    let asked = asked
        .ok_or_else(|| Finding::Skip(format!("{} did not ask for sampling again", call.tool)))?;
    session.cancel(&pending.id).await;
    session.fence().await.map_err(Finding::Violation)?;
    let id = match &asked.envelope.message {
        crate::wire::envelope::Message::Request { id, .. } => id.clone(),
        _ => return Err(Finding::Broken("a request without id".to_owned())),
    };
    session.deliver(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"role":"assistant","model":"late","content":{{"type":"text","text":"late"}}}}}}"#).as_bytes()).await;
    session
        .expect_alive("a late answer to a cancelled request")
        .await?;
    Ok("a late answer did no harm".to_owned())
}

fn same_direction(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.of_method("notifications/cancelled") {
        let id = entry
            .params()
            .map(|params| Identifier::from_value(&params["requestId"]));
        let own = conversation
            .theirs
            .iter()
            .any(|asked| Some(&asked.id) == id.as_ref() && asked.sent < entry.index);
        tally.expect(own, || {
            format!(
                "it sent no request with this id ({})",
                place(conversation, entry)
            )
        });
    }
    tally.judge("cancellations seen", "the target cancelled nothing")
}

fn in_progress(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.of_method("notifications/cancelled") {
        let id = entry
            .params()
            .map(|params| Identifier::from_value(&params["requestId"]));
        let asked = conversation
            .theirs
            .iter()
            .find(|asked| Some(&asked.id) == id.as_ref());
        // The driver's answer may have crossed the cancellation.
        let settled = asked.and_then(|asked| asked.settled_at);
        let stale = settled.is_some_and(|settled| conversation.was_sent_after(entry, settled));
        tally.expect(!stale, || {
            format!("it was answered before ({})", place(conversation, entry))
        });
    }
    tally.judge("cancellations seen", "the target cancelled nothing")
}
